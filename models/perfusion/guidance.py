"""The personal network at sampling time: hooks around the U-Net that any stock pipeline calls.

With e0, e_c, e_cu the predictions without words, with words, and with words and person, one step
predicts `e0 + w_t (e_c - e0) + w_u (e_cu - e_c)`; with w_u = w_t that is plain guidance whose words
branch is personal. The pipeline does its ordinary classifier-free guidance; the hooks add rows to the
batch, run the network for the rows whose person is known, and fold the predictions so that the
pipeline's own formula gives the one above. Nothing of the pipeline is changed or copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from vitrine.core.ports import PersonalRun
from vitrine.models.interest.branches import Branches, installed
from vitrine.models.perfusion.network import AdaptiveNetwork, Residuals

KEY_SHARE = 0.18
"""Share of the steps that are key steps: 9 of 50."""


@dataclass(frozen=True)
class People:
    """Who is known in a batch of pictures: u (k, d_u), and the picture of each, rows (k,)."""

    u: Tensor
    rows: Tensor


@dataclass(frozen=True)
class PersonalDials:
    """How the network runs in one batch.

    guidance: w_t, what the pipeline is given; up to 1 there is no branch without words, and w_t is 1.
    personal_guidance: w_u; None: w_t. steps: calls of the U-Net, for the choice of key steps.
    """

    run: PersonalRun
    guidance: float
    personal_guidance: float | None
    steps: int

    @property
    def guided(self) -> bool:
        """Whether the batch of the U-Net has a half without words."""
        return self.guidance > 1

    @property
    def share(self) -> float:
        """w_u / w_t: how much of the difference that a person makes is taken."""
        if self.personal_guidance is None:
            return 1.0
        return self.personal_guidance / (self.guidance if self.guided else 1.0)


def key_steps(steps: int) -> frozenset[int]:
    """Steps on which the network runs where its features are kept in between; the first always."""
    count = max(1, round(KEY_SHARE * steps))
    return frozenset(place * steps // count for place in range(count))


@contextmanager
def personal_branches(
    unet: UNet2DConditionModel, network: AdaptiveNetwork, people: People, dials: PersonalDials
) -> Iterator[None]:
    """While this lasts, calls of `unet` by a pipeline are personal.

    `off`, nobody known and w_u = 0 leave the U-Net alone. `exact`: both branches are personal, and
    w_u / w_t takes that share of the whole difference. Rows of the batch stay apart.
    """
    if dials.run == "off" or not len(people.rows) or dials.share == 0:
        yield
        return
    branches = _Calls(network, people, dials, installed(unet))
    handles = [
        unet.register_forward_pre_hook(branches.before, with_kwargs=True),
        unet.register_forward_hook(branches.after, with_kwargs=True),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Calls:
    """The two hooks, and what they hand to each other within one call."""

    def __init__(
        self,
        network: AdaptiveNetwork,
        people: People,
        dials: PersonalDials,
        interest: Branches | None,
    ) -> None:
        self.network = network
        self.interest = interest
        self.people = people
        self.dials = dials
        self.both = dials.run == "exact" and dials.guided
        self.keys = key_steps(dials.steps) if dials.run == "key_steps" else None
        self.kept: Residuals | None = None
        self.step = 0
        self.back: Callable[[], None] = _nothing

    def _rows(self, count: int) -> tuple[Tensor, Tensor]:
        """Rows of the known people in a batch of `count`: without words (k or 0), and with (k,)."""
        rows = self.people.rows
        if not self.dials.guided:
            return rows[:0], rows
        return rows, rows + count // 2

    def before(
        self, unet: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Run the network, add the plain twins of personal rows, and hand the residuals over."""
        names = ("sample", "timestep", "encoder_hidden_states", "class_labels", "timestep_cond")
        given: dict[str, Any] = dict(kwargs) | dict(zip(names, args, strict=False))
        sample = cast("Tensor", given["sample"])
        count = sample.shape[0]
        nulls, conds = self._rows(count)
        personal = torch.cat([nulls, conds]) if self.both else conds
        if self.kept is None or self.keys is None or self.step in self.keys:
            self.kept = self._residuals(_take(given, personal, count))
        self.step += 1
        twins = personal if self.dials.share != 1 else personal[:0]
        if len(twins):
            rows = torch.cat([torch.arange(count), twins])
            given = _take(given, rows, count)
            if self.interest is not None:
                self.back = self.interest.take(rows)
        whole = self.kept.spread(personal, count + len(twins))
        if given.get("down_block_additional_residuals") is not None:  # those of another network
            whole = whole + Residuals(
                tuple(given["down_block_additional_residuals"]),
                given["mid_block_additional_residual"],
            )
        given["down_block_additional_residuals"] = whole.down
        given["mid_block_additional_residual"] = whole.mid
        return (
            given.pop("sample"),
            given.pop("timestep"),
            given.pop("encoder_hidden_states"),
        ), given

    def _residuals(self, given: Mapping[str, Any]) -> Residuals:
        weight = self.network.to_map.weight
        sample = cast("Tensor", given["sample"])
        repeats = 2 if self.both else 1
        found = self.network(
            sample.to(weight.dtype),
            given["timestep"],
            given["encoder_hidden_states"].to(weight.dtype),
            self.people.u.to(weight).repeat(repeats, 1),
            **{name: given.get(name) for name in _SHARED},
        )

        def as_given(value: Tensor) -> Tensor:
            return value.to(sample.dtype)

        return found.map(as_given)

    def after(
        self, unet: object, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
    ) -> Any:
        """Fold the predictions into the two halves of the pipeline's guidance."""
        self.back()
        self.back = _nothing
        whole: Tensor = output[0]
        share = self.dials.share
        if share == 1:
            return output
        count = len(whole) - len(self.people.rows) * (2 if self.both else 1)
        nulls, conds = self._rows(count)
        personal = torch.cat([nulls, conds]) if self.both else conds
        own, plain = whole[personal], whole[count:]
        wanted = plain + share * (own - plain)
        folded = whole[:count].clone()
        if not self.dials.guided:
            folded[conds] = wanted
            return (folded,)
        k, w = len(conds), self.dials.guidance
        null = wanted[:k] if self.both else folded[nulls]
        # The pipeline rescales towards the deviation of its second half: that must be a prediction,
        # not an extrapolation. What lies beyond goes into the first half, where it adds up the same.
        seen = plain[-k:] + min(share, 1.0) * (own[-k:] - plain[-k:])
        folded[conds] = seen
        folded[nulls] = null - w / (w - 1) * (wanted[-k:] - seen)
        return (folded,)


def _nothing() -> None:
    """Nobody else's rows were repeated."""


_SHARED = (
    "class_labels", "timestep_cond", "attention_mask", "encoder_attention_mask", "added_cond_kwargs",
)  # fmt: skip


def _take(value: Any, rows: Tensor, count: int) -> Any:
    """Rows of every tensor in `value` that has one for each of the batch."""
    if isinstance(value, Tensor):
        return value[rows.to(value.device)] if value.ndim and value.shape[0] == count else value
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value)
        return {name: _take(entry, rows, count) for name, entry in entries.items()}
    if isinstance(value, list | tuple):
        entries = cast("list[Any] | tuple[Any, ...]", value)
        return type(entries)(_take(entry, rows, count) for entry in entries)
    return value

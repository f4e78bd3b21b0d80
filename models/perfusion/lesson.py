"""One step of training the personal network: groups, one noise and one time for each, two errors.

The reference is the backbone with the network off: one copy of the weights. Its parameters are frozen,
so that gradients run through its decoder to the residuals and no further.

A picture shows much beside what it was picked for: what its error says of a taste is lost in noise. Of
pictures that were drawn from known words the frozen backbone tells what each would be like on average:
its prediction for those words stands for the picture (`by_prompts`). One picture of a group under noise
then serves for all of them, and the network runs once a group.

Letters: G groups, N pictures a group, R pictures of the batch in all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from vitrine.core.errors import SetupError
from vitrine.models.clip.model import token_ids
from vitrine.models.diffusion.export import read_text_encoder
from vitrine.models.experience import Experience
from vitrine.models.perfusion.network import Residuals
from vitrine.models.perfusion.objective import (
    ErrorKind,
    Objective,
    denoising_error,
    preference_loss,
    tells,
)
from vitrine.models.perfusion.person import PersonalNetwork
from vitrine.models.perfusion.pictures import Latents
from vitrine.models.perfusion.warm import Shelf
from vitrine.models.reward.features import Features
from vitrine.models.reward.groups import GroupBatch, GroupSampler
from vitrine.models.reward.probe import keep_facets

LATE = 1.5
"""Times are drawn as 1 - r^LATE: what a picture's colours and layout are is decided under much noise."""
WARM_ROWS = 4
"""Pictures of a step that warms up, for each group of one that does not."""
TRIES = 8
"""Other judges of a set of pictures among whom one is looked for who chose otherwise."""
NO_TEXT = 0.1
"""Share of groups whose words are left out, for the branch without words."""


@dataclass(frozen=True)
class Backbone:
    """The frozen renderer: U-Net, signal abar (steps,), what it predicts, its text encoder.

    states: text states (T, d) of texts that come often. encode: those of any texts, (n, T, d).
    """

    unet: UNet2DConditionModel
    signal: Tensor
    predicts: str
    states: dict[str, Tensor]
    encode: Callable[[Sequence[str]], Tensor]

    def read_texts(self, texts: Sequence[str]) -> None:
        """Remember the states of texts."""
        fresh = sorted(set(texts) - self.states.keys())
        for start in range(0, len(fresh), 64):
            part = fresh[start : start + 64]
            self.states.update(zip(part, self.encode(part), strict=True))

    def texts(self, texts: Sequence[str]) -> Tensor:
        """States of texts, (n, T, d); what is not remembered is encoded, and forgotten again."""
        fresh = sorted(set(texts) - self.states.keys())
        found = dict(zip(fresh, self.encode(fresh), strict=True)) if fresh else {}
        return torch.stack([found[t] if t in found else self.states[t] for t in texts])


def read_backbone(folder: Path, device: torch.device) -> Backbone:
    """The U-Net of a pipeline folder, frozen, fp32.

    Raises:
        SetupError: the folder does not load, or predicts neither noise nor v.
    """
    try:
        unet: Any = UNet2DConditionModel.from_pretrained(
            folder, subfolder="unet", local_files_only=True
        )
        sampling: Any = DPMSolverMultistepScheduler.load_config(folder, subfolder="scheduler")
        noise: Any = DDPMScheduler.from_config(sampling, clip_sample=False)
        encoder, tokenizer = read_text_encoder(folder)
    except (OSError, ValueError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise SetupError(f"the picture model in {str(folder)!r} does not load: {first}") from error
    predicts = str(noise.config["prediction_type"])
    if predicts not in ("epsilon", "v_prediction"):
        raise SetupError(f"a backbone that predicts {predicts!r}: expected epsilon or v_prediction")
    unet = unet.float().to(device).eval().requires_grad_(False)

    @torch.no_grad()
    def encode(texts: Sequence[str]) -> Tensor:
        return encoder(input_ids=token_ids(tokenizer, texts)).last_hidden_state.to(device)

    return Backbone(unet, noise.alphas_cumprod.to(device), predicts, {}, encode)


@dataclass
class Noised:
    """Pictures of a batch under noise: one time and one noise a group.

    noisy, target: (R, c, h, w). time, kept (abar), group: (R,). text: (R, T, d).
    """

    noisy: Tensor
    target: Tensor
    time: Tensor
    kept: Tensor
    text: Tensor
    group: Tensor

    def rows(self, where: Tensor) -> Noised:
        """Some of the rows: by a mask (R,), or by their places, any number of times."""
        return Noised(*(getattr(self, part.name)[where] for part in fields(self)))


@dataclass
class PersonalLesson:
    """One training task; calling it gives the loss of a step."""

    model: PersonalNetwork
    backbone: Backbone
    data: Experience
    latents: Latents
    sampler: GroupSampler
    facets: tuple[Tensor, Tensor, Tensor, Tensor]
    objective: Objective
    batch: int
    error: ErrorKind = "prediction"
    nobody: bool = False
    warm: int = 0
    shelf: Shelf | None = None
    aside: bool = False
    """Whether the rows of warming up are of held-out pictures, for measuring."""
    prompts: Mapping[int, str] | None = None
    """What each picture was drawn from, by item: the errors are to what the backbone predicts for that."""
    _judges: dict[tuple[int, ...], list[int]] = field(default_factory=lambda: {}, init=False)

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """The objective's mean over the groups of one batch that tell something.

        The first `warm` steps learn what favourites would draw instead (`warming`).
        """
        rng = np.random.default_rng(generator.initial_seed())
        if step < self.warm:
            return self.warming(rng, generator)
        batch = self.sampler.draw(self.batch, rng, rated=False, places=self.twins(rng))
        silent = np.repeat(rng.random(self.batch // 2 + 1) < NO_TEXT, 2)[: self.batch]
        texts = ["" if off else self.sampler.texts[row]
                 for off, row in zip(silent, batch.text.tolist(), strict=True)]  # fmt: skip
        part = torch.rand(self.batch // 2 + 1, generator=generator)
        part = part.repeat_interleave(2)[: self.batch]
        time = ((1 - part**LATE) * (len(self.backbone.signal) - 1)).long()
        errors, reference = self.compare(batch, texts, time, self.people(batch, rng), generator)
        device = errors.device
        chosen, shown, _ = self.pictures(batch)
        chosen, shown = chosen.to(device), shown.to(device)
        losses = preference_loss(errors, reference, chosen, shown, self.objective)
        told = tells(chosen, shown)
        count = told.sum().clamp(min=1)
        gain = (reference - errors).detach()
        figures = {
            "loss": float((losses * told).sum().detach() / count),
            "chosen": _mean(gain, chosen & shown) * 1000,
            "passed": _mean(gain, ~chosen & shown) * 1000,
        }
        return (losses * told).sum() / count, figures

    def compare(
        self, batch: GroupBatch, texts: Sequence[str], time: Tensor, u: Tensor,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Errors of the network and of the backbone (G, N), zeros for padding.

        Args:
            batch: groups as `twins` has them: neighbours were shown the same, and share words and time.
            texts, time (G,), u (G, d_u): of each group.
        """
        way = self.by_pictures if self.prompts is None else self.by_prompts
        return way(batch, texts, time, u, generator)

    def by_pictures(
        self, batch: GroupBatch, texts: Sequence[str], time: Tensor, u: Tensor,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """`compare`: every picture under noise, and the error to that noise, as Eq. 13 has it."""
        _, shown, rows = self.pictures(batch)
        clean = self.latents.latents[rows]
        noised = self.noised(clean, shown, texts, time, generator, twins=True)
        with sdpa_kernel(SDPBackend.MATH):  # its backward is the faster one on the CPU
            errors, reference = self.errors(noised, u, twins=True)
        shown = shown.to(errors.device)
        whole = [errors.new_zeros(shown.shape).masked_scatter(shown, part)
                 for part in (errors, reference)]  # fmt: skip
        return whole[0], whole[1]

    def by_prompts(
        self, batch: GroupBatch, texts: Sequence[str], time: Tensor, u: Tensor,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """`compare` by what each picture was drawn from: one of a group under noise for all of them.

        Differs from the paper: the goal of the error is not the noise but what the backbone predicts for
        the prompt, which is its mean over the pictures that the prompt draws; `s_p - s_n` is then twice
        the product of the network's move and the difference of two predictions, without the noise of
        either picture.
        """
        assert self.prompts is not None
        _, shown, _ = self.pictures(batch)
        twin = torch.arange(len(shown)) // 2  # of two neighbours all but the person is the same
        once, items = shown[::2], torch.from_numpy(batch.items[::2])
        number = once.long().flatten().cumsum(0).reshape(once.shape) - 1  # of a picture, (G/2, N)
        one = items.gather(1, torch.multinomial(once.float(), 1, generator=generator)).squeeze(1)
        clean = self.latents.latents[torch.from_numpy(self.latents.row_of[one.numpy()])]
        alone = torch.ones(len(shown), 1, dtype=torch.bool)
        noised = self.noised(clean[twin], alone, texts, time, generator, twins=True)
        single = noised.rows(torch.arange(0, len(shown), 2))
        group, place = torch.nonzero(shown, as_tuple=True)
        with torch.no_grad():
            drawn = self.backbone.texts([self.prompts[item] for item in items[once].tolist()])
            wide = single.rows(torch.nonzero(once)[:, 0])
            goals = self._predict(replace(wide, text=drawn), None)[number[twin[group], place]]
            plain = self._predict(single, None)[twin[group]]
        with sdpa_kernel(SDPBackend.MATH):
            moved = self._predict(noised, self._residuals(noised, u))[group]
        kept, where = noised.kept[group], shown.to(moved.device)
        whole = [
            moved.new_zeros(shown.shape, dtype=torch.float32).masked_scatter(
                where, denoising_error(part, goals, kept, self.error)
            )
            for part in (moved, plain)
        ]
        return whole[0], whole[1]

    def warming(
        self, rng: np.random.Generator, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Move the prediction as somebody's favourites in the words would from another's, see `warm`.

        The loss is the square of what is missing, as a share of the square of the move.
        """
        noised, u, goal = self.wishes(rng, generator)
        with sdpa_kernel(SDPBackend.MATH):
            missing = self.missing(noised, u, goal)
        return missing, {"warm": float(missing.detach())}

    def wishes(
        self, rng: np.random.Generator, generator: torch.Generator
    ) -> tuple[Noised, Tensor, Tensor]:
        """Pictures under noise, the u of people (R, d_u), and how the prediction is to move.

        That is from the next row's person's favourites in the words to one's own: what pleases everybody
        cancels out. Without words nothing is to move.
        """
        shelf, count = self.shelf, WARM_ROWS * self.batch
        assert shelf is not None
        batch = self.sampler.draw(count, rng, rated=True)
        items = rng.choice(shelf.rows(self.data, aside=self.aside), size=count).tolist()
        silent = rng.random(count) < NO_TEXT
        said = ["" if off else shelf.words(item) for off, item in zip(silent, items, strict=True)]
        own, others = (
            ["" if off else shelf.wish(user, item)
             for off, user, item in zip(silent, people.tolist(), items, strict=True)]
            for people in (batch.user, np.roll(batch.user, 1))
        )  # fmt: skip
        part = torch.rand(count, generator=generator)
        time = ((1 - part**LATE) * (len(self.backbone.signal) - 1)).long()
        clean = shelf.latents[torch.from_numpy(shelf.place[items])]
        alone = torch.ones(count, 1, dtype=torch.bool)
        noised = self.noised(clean, alone, said, time, generator)
        with torch.no_grad():
            wish, other = (
                self._predict(replace(noised, text=self.backbone.texts(said)), None).float()
                for said in (own, others)
            )
            goal = wish - other
        return noised, self.people(batch, rng), goal

    def missing(self, noised: Noised, u: Tensor, goal: Tensor) -> Tensor:
        """What the network's move of the prediction lacks of `goal` (R, c, h, w), a share of its square."""
        with torch.no_grad():
            plain = self._predict(noised, None).float()
        moved = self._predict(noised, self._residuals(noised, u)).float() - plain
        return (moved - goal).square().sum() / goal.square().sum().clamp(min=1e-12)

    def twins(self, rng: np.random.Generator) -> list[int]:
        """Places of groups in the sampler, two by two: one set of pictures, judged by two people.

        Where they chose otherwise, what pleases everybody cancels out, and what is left is personal.
        """
        groups = self.sampler.groups
        if not self._judges:
            for place, (_, group) in enumerate(groups):
                self._judges.setdefault(group.items, []).append(place)
        found: list[int] = []
        while len(found) < self.batch:
            one = int(rng.integers(len(groups)))
            judges = self._judges[groups[one][1].items]
            some = [judges[int(rng.integers(len(judges)))] for _ in range(TRIES)]
            other = [p for p in some if groups[p][1].chosen != groups[one][1].chosen]
            found += [one, other[0] if other else some[0]]
        return found[: self.batch]

    def pictures(self, batch: GroupBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Chosen and shown (G, N) bool, and rows of the latents of what is shown (R,)."""
        rows = np.where(batch.items >= 0, self.latents.row_of[batch.items.clip(min=0)], -1)
        shown = torch.from_numpy(rows >= 0)
        return torch.from_numpy(batch.chosen), shown, torch.from_numpy(rows)[shown]

    def noised(
        self,
        clean: Tensor,
        shown: Tensor,
        texts: Sequence[str],
        time: Tensor,
        generator: torch.Generator,
        *,
        twins: bool = False,
    ) -> Noised:
        """Latents (R, c, h, w) of what is shown of all groups, at their group's time (G,) and noise.

        `twins`: two neighbours have one noise.
        """
        device = self.backbone.signal.device
        group = torch.arange(len(shown))[:, None].expand_as(shown)[shown]  # (R,)
        clean = clean.float().to(device)
        noise = torch.randn(len(shown), *clean.shape[1:], generator=generator)
        if twins:
            noise = noise[torch.arange(len(shown)) // 2]
        noise = noise[group].to(device)
        time = time[group].to(device)
        kept = self.backbone.signal[time]
        a, b = kept.sqrt()[:, None, None, None], (1 - kept).sqrt()[:, None, None, None]
        target = a * noise - b * clean if self.backbone.predicts == "v_prediction" else noise
        text = self.backbone.texts(texts)[group.to(device)]
        return Noised(a * clean + b * noise, target, time, kept, text, group.to(device))

    def people(self, batch: GroupBatch, rng: np.random.Generator) -> Tensor:
        """The u of each group's person (G, d_u); some of what is known is left out at random."""
        signs = torch.from_numpy(batch.signs)
        images = torch.from_numpy(self.data.images[batch.history.clip(min=0)])
        users = torch.from_numpy(batch.user)
        values, weights, facet_rows, value_rows = (known[users] for known in self.facets)
        weights = keep_facets(weights, rng)
        if self.nobody:
            signs, weights = torch.zeros_like(signs), torch.zeros_like(weights)
        device = self.backbone.signal.device
        items = self.model.user.fields.images(images.to(device)) * (signs != 0).unsqueeze(2).to(
            device
        )
        parts = (signs, values, weights, facet_rows, value_rows)
        ids = torch.zeros(len(users), dtype=torch.long)
        return self.model.user(Features(items, *(p.to(device) for p in parts), ids=ids.to(device)))

    def errors(self, noised: Noised, u: Tensor, *, twins: bool = False) -> tuple[Tensor, Tensor]:
        """Denoising errors with the network and without it, (R,) each.

        `twins`: neighbouring groups are the same under the same noise, and so is their reference.
        """
        first = noised.group % 2 == 0
        alike = twins and 2 * int(first.sum()) == len(first)
        with torch.no_grad():
            plain = self._error(noised.rows(first) if alike else noised, None)
        if alike:
            whole = plain.new_empty(len(first))
            whole[first] = whole[~first] = plain
            plain = whole
        return self._error(noised, self._residuals(noised, u)), plain

    def _residuals(self, noised: Noised, u: Tensor) -> Residuals:
        return self.model.network(noised.noisy, noised.time, noised.text, u[noised.group])

    def _error(self, noised: Noised, residuals: Residuals | None) -> Tensor:
        predicted = self._predict(noised, residuals)
        return denoising_error(predicted, noised.target, noised.kept, self.error)

    def _predict(self, noised: Noised, residuals: Residuals | None) -> Tensor:
        return self.backbone.unet(
            noised.noisy,
            noised.time,
            noised.text,
            down_block_additional_residuals=None if residuals is None else residuals.down,
            mid_block_additional_residual=None if residuals is None else residuals.mid,
            return_dict=False,
        )[0]


def _mean(values: Tensor, where: Tensor) -> float:
    return float((values * where).sum() / where.sum().clamp(min=1))

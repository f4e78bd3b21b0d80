"""One step of training the personal network: groups, one noise and one time for each, two errors.

The reference is the backbone with the network off: one copy of the weights. Its parameters are frozen,
so that gradients run through its decoder to the residuals and no further.

Letters: G groups, N pictures a group, R pictures of the batch in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel
from numpy.typing import NDArray
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
from vitrine.models.perfusion.warm import MADE_UP, Shelf, liked_of, made_up_history
from vitrine.models.reward.features import Features
from vitrine.models.reward.groups import GroupBatch, GroupSampler, NobodyChose
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
    """The frozen renderer: U-Net, signal abar (steps,), what it predicts, text states of texts."""

    unet: UNet2DConditionModel
    signal: Tensor
    predicts: str
    states: dict[str, Tensor]

    def read_texts(self, folder: Path, texts: Sequence[str]) -> None:
        """Remember the text states (T, d) of texts, by the text encoder of a pipeline folder."""
        fresh = sorted(set(texts) - self.states.keys())
        encoder, tokenizer = read_text_encoder(folder)
        for start in range(0, len(fresh), 64):
            part = fresh[start : start + 64]
            with torch.no_grad():
                found = encoder(input_ids=token_ids(tokenizer, part)).last_hidden_state
            self.states.update(zip(part, found.to(self.signal.device), strict=True))


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
    except (OSError, ValueError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise SetupError(f"the picture model in {str(folder)!r} does not load: {first}") from error
    predicts = str(noise.config["prediction_type"])
    if predicts not in ("epsilon", "v_prediction"):
        raise SetupError(f"a backbone that predicts {predicts!r}: expected epsilon or v_prediction")
    unet = unet.float().to(device).eval().requires_grad_(False)
    return Backbone(unet, noise.alphas_cumprod.to(device), predicts, {})


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
        """Some of the rows, by a mask (R,)."""
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
    """Whether the warm rows are of held-out pictures, for measuring."""
    _judges: dict[tuple[int, ...], list[int]] = field(default_factory=lambda: {}, init=False)

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """The objective's mean over the groups of one batch that tell something.

        The first `warm` steps learn from single pictures instead (`warming`).
        """
        rng = np.random.default_rng(generator.initial_seed())
        if step < self.warm:
            return self.warming(rng, generator)
        batch = self.sampler.draw(self.batch, rng, rated=False, places=self.twins(rng))
        silent = np.repeat(rng.random(self.batch // 2 + 1) < NO_TEXT, 2)[: self.batch]
        texts = ["" if off else self.sampler.texts[row]
                 for off, row in zip(silent, batch.text.tolist(), strict=True)]  # fmt: skip
        chosen, shown, rows = self.pictures(batch)
        part = torch.rand(self.batch // 2 + 1, generator=generator)
        part = part.repeat_interleave(2)[: self.batch]
        time = ((1 - part**LATE) * (len(self.backbone.signal) - 1)).long()
        clean = self.latents.latents[rows]
        noised = self.noised(clean, shown, texts, time, generator, twins=True)
        u = self.people(batch, rng)
        with sdpa_kernel(SDPBackend.MATH):  # its backward is the faster one on the CPU
            errors, reference = self.errors(noised, u, twins=True)
        device = errors.device
        whole = [torch.zeros(shown.shape, device=device).masked_scatter(shown.to(device), part)
                 for part in (errors, reference)]  # fmt: skip
        chosen, shown = chosen.to(device), shown.to(device)
        losses = preference_loss(whole[0], whole[1], chosen, shown, self.objective)
        told = tells(chosen, shown)
        count = told.sum().clamp(min=1)
        gain = (whole[1] - whole[0]).detach()
        figures = {
            "loss": float((losses * told).sum().detach() / count),
            "chosen": _mean(gain, chosen & shown) * 1000,
            "passed": _mean(gain, ~chosen & shown) * 1000,
        }
        return (losses * told).sum() / count, figures

    def warming(
        self, rng: np.random.Generator, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Denoise single pictures for people who like them, see `warm`.

        The reference has no gradient and is read where the gain is measured only.
        """
        noised, u = self.liked_pictures(rng, generator)
        with sdpa_kernel(SDPBackend.MATH):
            if torch.is_grad_enabled():
                error = self._error(noised, self._residuals(noised, u)).mean()
                return self.objective.beta * error, {"warm": float(error.detach())}
            errors, reference = self.errors(noised, u)
        gain = (reference - errors).mean()
        return -self.objective.beta * gain, {"warm": float(gain)}

    def liked_pictures(
        self, rng: np.random.Generator, generator: torch.Generator, *, real: float = 0.5
    ) -> tuple[Noised, Tensor]:
        """Pictures under noise, and the u of somebody who likes each (R, d_u).

        Args:
            real: share of rows that are likes of people of the data.

        Raises:
            NobodyChose: there is no row.
        """
        shelf, count = self.shelf, WARM_ROWS * self.batch
        assert shelf is not None
        batch = self.sampler.draw(round(real * count), rng, rated=True)
        liked = liked_of(batch, self.data, shelf, rng, aside=self.aside)
        known = self.people(batch, rng)[torch.from_numpy(liked >= 0)]
        made_up = rng.choice(shelf.rows(self.data, aside=self.aside), size=count - len(batch.user))
        targets = np.concatenate([liked[liked >= 0], made_up])
        if not len(targets):
            raise NobodyChose("nobody likes a picture that is kept for measuring")
        u = torch.cat([known, self._made_up_people(made_up, shelf, rng)])
        part = torch.rand(len(targets), generator=generator)
        time = ((1 - part**LATE) * (len(self.backbone.signal) - 1)).long()
        words = ["" if rng.random() < NO_TEXT else shelf.words[item] for item in targets.tolist()]
        alone = torch.ones(len(targets), 1, dtype=torch.bool)
        clean = shelf.latents[torch.from_numpy(shelf.place[targets])]
        return self.noised(clean, alone, words, time, generator), u

    def _made_up_people(
        self, targets: NDArray[np.int64], shelf: Shelf, rng: np.random.Generator
    ) -> Tensor:
        device = self.backbone.signal.device
        things = shelf.rows(self.data, aside=False)
        looks = self.data.images / (self.data.images[things].std(axis=0) + 1e-6)
        history = made_up_history(looks, things, targets, rng)
        signs = torch.tensor([1] * MADE_UP + [-1] * MADE_UP).repeat(len(targets), 1)
        signs = torch.zeros_like(signs) if self.nobody else signs
        images = torch.from_numpy(self.data.images[history]).to(device)
        nothing = [
            part[:1, :0].expand(len(targets), *part[:1, :0].shape[1:]) for part in self.facets
        ]
        ids = torch.zeros(len(targets), dtype=torch.long)
        known = (signs != 0).unsqueeze(2).to(device)
        return self.model.user(Features(
            self.model.user.fields.images(images) * known,
            *(part.to(device) for part in (signs, *nothing)), ids=ids.to(device),
        ))  # fmt: skip

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
        text = torch.stack([self.backbone.states[text] for text in texts])[group.to(device)]
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
        predicted = self.backbone.unet(
            noised.noisy,
            noised.time,
            noised.text,
            down_block_additional_residuals=None if residuals is None else residuals.down,
            mid_block_additional_residual=None if residuals is None else residuals.mid,
            return_dict=False,
        )[0]
        return denoising_error(predicted, noised.target, noised.kept, self.error)


def _mean(values: Tensor, where: Tensor) -> float:
    return float((values * where).sum() / where.sum().clamp(min=1))

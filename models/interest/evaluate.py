"""Does the interest say anything? The denoising loss of held-out likes, with and without it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitrine.core.errors import RequestError
from vitrine.models.interest.attention import InterestAttention
from vitrine.models.interest.lesson import Case, CaseMaker, Likes, stacked
from vitrine.models.interest.painter import Painter

TIMES = (0.35, 0.6, 0.8, 0.95)
"""Where on the way to noise the loss is measured, as shares of it."""
SCALE = 0.3
"""lambda2 of the figures."""
BATCH = 32


def heldout_cases(maker: CaseMaker, people: Sequence[Likes], count: int, seed: int) -> list[Case]:
    """`count` cases of held-out people and things, evenly over the people; H = 5, k = 12."""
    rng = random.Random(seed)
    made: list[Case] = []
    while len(made) < count:
        likes = people[len(made) % len(people)]
        target = int(rng.choice(likes.targets.tolist()))
        made.append(maker.make(likes, target, rng, top=5, length=12))
    return maker.retrieve(made)


@torch.no_grad()
def interest_figures(
    attention: InterestAttention,
    painter: Painter,
    maker: CaseMaker,
    people: Sequence[Likes],
    latents: Tensor,
    place: NDArray[np.int64],
    *,
    count: int,
    seed: int = 0,
) -> dict[str, float | int]:
    """Change of the loss by the interest, in per cent of the loss without one; negative is better.

    `mean`: the plain mean of the retrieved; `of_another`: the attention over the history of the next
    person (what is not personal about it); `own_picture`: the picture itself, a bound from below.
    `words_alone`: T instead of T*. There is no picture embedding; latents, noise and times are equal
    for all. The standard error is over cases.

    Raises:
        RequestError: nobody is held out.
    """
    if not people:
        raise RequestError("nobody is held out: there is nothing to measure on")
    cases = heldout_cases(maker, people, count, seed)
    gate = attention.gate.item()
    losses: dict[str, list[Tensor]] = {}
    painter.pipeline.set_ip_adapter_scale(0.6)
    for start in range(0, len(cases), BATCH):
        part = cases[start : start + BATCH]
        others = [cases[(start + place + 1) % len(cases)] for place in range(len(part))]
        given = stacked(maker, part).to(painter.device)
        strange = stacked(maker, others).to(painter.device)
        attention.gate.fill_(0.0)
        mean = attention(given.query, given.texts, given.images, given.mask)
        attention.gate.fill_(gate)
        arms: dict[str, Tensor | None] = {
            "none": None,
            "mean": mean,
            "attention": attention(given.query, given.texts, given.images, given.mask),
            "of_another": attention(given.query, strange.texts, strange.images, strange.mask),
            "own_picture": torch.from_numpy(maker.data.images[[case.target for case in part]]).to(
                painter.device
            ),
        }
        shown = latents[place[[case.target for case in part]]]
        rewritten, plain = [case.text for case in part], [case.plain for case in part]
        for arm, interest in arms.items():
            errors = _losses(painter, shown, rewritten, interest, seed + start)
            losses.setdefault(arm, []).append(errors)
        errors = _losses(painter, shown, plain, None, seed + start)
        losses.setdefault("words_alone", []).append(errors)
    whole = {arm: torch.cat(parts) for arm, parts in losses.items()}
    base = whole.pop("none")
    figures: dict[str, float | int] = {"heldout_cases": len(cases), "gate": round(gate, 4)}
    for arm, errors in whole.items():
        change = 100 * (errors - base) / base.mean()
        figures[f"loss_{arm}"] = round(float(change.mean()), 3)
        figures[f"loss_{arm}_error"] = round(float(change.std() / len(change) ** 0.5), 3)
    return figures


def _losses(
    painter: Painter, latents: Tensor, texts: Sequence[str], interest: Tensor | None, seed: int
) -> Tensor:
    """Weighted error of each row, averaged over `TIMES`, (B,)."""
    latents = latents.float().to(painter.device)
    states = painter.states(texts)
    width = painter.branches.dim
    total = torch.zeros(len(latents))
    for number, share in enumerate(TIMES):
        generator = torch.Generator().manual_seed(seed * 100 + number)
        noise = torch.randn(latents.shape, generator=generator).to(painter.device)
        time = torch.full((len(latents),), int(share * (len(painter.signal) - 1)))
        error, weight = painter.errors(
            latents, noise, time.to(painter.device), states,
            torch.zeros(len(latents), width, device=painter.device), interest, SCALE,
        )  # fmt: skip
        total += (error * weight).cpu()
    return total / len(TIMES)

"""Samplers in few calls beside the 1000 steps of DDPM, in one process: worth, likeness, speed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitrine.evals.personal.arms import PRODUCT
from vitrine.evals.personal.batches import Asked, Batches
from vitrine.evals.personal.report import (
    DRAWS,
    CallsRow,
    CallsSection,
    Figure,
    figure,
    interval,
    over_seeds,
)
from vitrine.evals.personal.stages import Stage
from vitrine.models.metrics import bootstrap_means
from vitrine.models.prior.prior import RebecaPrior
from vitrine.models.prior.sampler import SamplerName

REFERENCE: tuple[SamplerName, int] = ("ddpm", 1000)
SAMPLERS: tuple[tuple[SamplerName, int], ...] = (
    ("dpm++", 8), ("dpm++", 16), ("unipc", 8), ("ddim", 16), ("ddpm", 16),
    ("sde-dpm++", 8), ("sde-dpm++", 12), ("sde-dpm++", 16),
)  # fmt: skip
PEOPLE, SAMPLES, SEEDS = 16, 16, 5


def along_calls(
    stage: Stage,
    prior: RebecaPrior,
    *,
    samplers: Sequence[tuple[SamplerName, int]] = (REFERENCE, *SAMPLERS),
    seeds: int = SEEDS,
) -> CallsSection:
    """Every sampler on the same people, several times; the first one is the reference.

    They take turns within each seed, so that a machine that is busy for a while is so for all.
    """
    batches = Batches(stage, stage.unseen[:PEOPLE], SAMPLES)
    batches.ask(prior, seed=stage.seed)  # whatever is set up once is set up now
    found: dict[tuple[SamplerName, int], list[Asked]] = {which: [] for which in samplers}
    for number in range(seeds):
        for name, calls in samplers:
            asked = batches.ask(prior.varied(sampler=name, steps=calls), seed=stage.seed + number)
            found[name, calls].append(asked)
            stage.progress.step()
    reference = found[samplers[0]]
    return CallsSection(
        people=len(batches.people),
        samples=batches.samples,
        seeds=seeds,
        guidance_user=PRODUCT,
        rows=tuple(_row(name, calls, found[name, calls], reference) for name, calls in samplers),
    )


def calls_steps() -> int:
    """How often the prior is asked."""
    return SEEDS * (1 + len(SAMPLERS))


def _row(name: str, calls: int, asked: Sequence[Asked], reference: Sequence[Asked]) -> CallsRow:
    seconds = float(np.median([each.seconds for each in asked]))
    gaps = np.array([each.discrepancy for each in asked])
    lift = np.mean([each.lift for each in asked], axis=0)
    return CallsRow(
        sampler=name,
        calls=calls,
        seconds=round(seconds, 3),
        speed=round(float(np.median([each.seconds for each in reference])) / seconds, 1),
        lift=figure(lift),
        kept=_kept(lift, np.mean([each.lift for each in reference], axis=0)),
        precision=figure(np.mean([each.precision for each in asked], axis=0)),
        diversity=figure(np.mean([each.diversity for each in asked], axis=0)),
        discrepancy=over_seeds(gaps),
        gap=over_seeds(gaps - np.array([each.discrepancy for each in reference])),
    )


def _kept(lift: np.ndarray, reference: np.ndarray) -> Figure:
    """Ratio of two mean lifts of the same people, paired."""
    above = bootstrap_means(lift, seed=0, draws=DRAWS)
    below = bootstrap_means(reference, seed=0, draws=DRAWS)
    return interval(float(lift.mean() / reference.mean()), above / below)

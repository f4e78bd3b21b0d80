"""What `vitrine eval generation` found, as JSON: every figure with its interval and its seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vitrine.core.frozen import Frozen
from vitrine.evals.personal.report import STUDENT
from vitrine.models.metrics import bootstrap_means

DRAWS = 4000
"""Of the bootstrap over trainings and people."""


class Figure(Frozen):
    """A mean, its 95 % interval, and the value of each seed (empty: seeds were put together)."""

    mean: float
    low: float
    high: float
    by_seed: tuple[float, ...] = ()


class Lift(Frozen):
    """Pictures with those they were drawn for, against pictures dealt out among people."""

    deviations: float
    p: float
    permutations: int
    significant: float


class Row(Frozen):
    """One condition. `against`: differences to other conditions, by their name."""

    name: str
    about: str
    pictures: int
    dial: float | None = None
    figures: Mapping[str, Figure]
    against: Mapping[str, Mapping[str, Figure]] = {}
    lift: Lift | None = None


class Grid(Frozen):
    """Pictures to look at: a file beside the report, rows from above, columns from the left."""

    file: str
    title: str
    about: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]


class Section(Frozen):
    """Conditions side by side, or along a dial (`dial`: its name and unit)."""

    title: str
    about: str
    measures: tuple[str, ...]
    plots: tuple[str, ...]
    rows: tuple[Row, ...]
    grids: tuple[Grid, ...] = ()
    dial: str | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class Setup(Frozen):
    """What was measured with what: enough to measure it again."""

    command: str
    seeds: int
    steps: int
    guidance: float
    adapter_scale: float
    models: Mapping[str, str]
    drawings_sha256: str
    shoppers_sha256: str | None


class Report(Frozen):
    """All sections by key. `left_out`: what could not be measured here, and why."""

    setup: Setup
    sections: Mapping[str, Section] = {}
    left_out: tuple[str, ...] = ()
    stopped: bool = False


def over_seeds(values: Sequence[float]) -> Figure:
    """Mean of independent repetitions with Student's interval; a single one has none."""
    found = np.asarray(values, np.float64)
    mean = float(found.mean())
    half = 0.0
    if len(found) > 1:
        student = STUDENT[min(len(found) - 2, len(STUDENT) - 1)]
        half = student * float(found.std(ddof=1)) / math.sqrt(len(found))
    return Figure(
        mean=round(mean, 5),
        low=round(mean - half, 5),
        high=round(mean + half, 5),
        by_seed=tuple(round(float(value), 5) for value in found),
    )


def over_people(values: NDArray[np.floating], *, seed: int = 0) -> Figure:
    """Mean of values (seeds, people); the interval is a bootstrap over people, seeds stay theirs."""
    each = np.asarray(values, np.float64).mean(axis=0)
    draws = bootstrap_means(each, seed=seed)
    low, high = np.quantile(draws, (0.025, 0.975))
    return Figure(
        mean=round(float(each.mean()), 5),
        low=round(float(low), 5),
        high=round(float(high), 5),
        by_seed=tuple(round(float(row.mean()), 5) for row in np.asarray(values)),
    )


def over_trainings(values: NDArray[np.floating], *, seed: int = 0) -> Figure:
    """Mean of values (trainings, people); both are drawn anew by the bootstrap, crossed.

    `by_seed` has the mean of each training. One training alone: the interval is over people.
    """
    each = np.asarray(values, np.float64)
    rng = np.random.default_rng(seed)
    trainings, people = (rng.integers(size, size=(DRAWS, size)) for size in each.shape)
    draws = [each[np.ix_(some, whom)].mean() for some, whom in zip(trainings, people, strict=True)]
    low, high = np.quantile(draws, (0.025, 0.975))
    return Figure(
        mean=round(float(each.mean()), 5),
        low=round(float(low), 5),
        high=round(float(high), 5),
        by_seed=tuple(round(float(row.mean()), 5) for row in each),
    )


def alone(value: float) -> Figure:
    """A figure of everything put together: no interval."""
    return Figure(mean=round(value, 5), low=round(value, 5), high=round(value, 5))

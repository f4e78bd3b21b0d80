"""Families of arms with a dial, compared where they have the same precision.

Letters: U people, B bootstrap draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.evals.personal.bench import Measured
from vitrine.evals.personal.report import DRAWS, Equal, Figure, Tuned, interval
from vitrine.models.metrics import bootstrap_means


def at_equal_precision(
    reference: tuple[str, Measured],
    family: tuple[str, Sequence[Measured]],
    measures: Sequence[str],
    *,
    precision: str = "precision",
    seed: int = 0,
) -> Equal:
    """Compare an arm with a family at the arm's precision, person by person (paired bootstrap).

    Raises:
        ValueError: the arms were measured on different people.
    """
    name, arm = reference
    title, members = family
    if any(list(member.people) != list(arm.people) for member in members):
        raise ValueError(f"{name!r} and {title!r} were measured on different people")
    wanted = bootstrap_means(arm.values[precision], seed=seed, draws=DRAWS)  # (draws,)
    along = _draws(members, precision, seed)  # (draws, dials)
    inside = (wanted >= along.min(axis=1)) & (wanted <= along.max(axis=1))
    mean_along = np.array([float(member.values[precision].mean()) for member in members])
    goal = float(arm.values[precision].mean())
    difference: dict[str, Figure] = {}
    for measure in measures:
        curves = _draws(members, measure, seed)
        own = bootstrap_means(arm.values[measure], seed=seed, draws=DRAWS)
        gaps = np.array([
            mine - interpolate(want, x, y)
            for mine, want, x, y in zip(own, wanted, along, curves, strict=True)
        ])  # fmt: skip
        mean_curve = np.array([float(member.values[measure].mean()) for member in members])
        mean = float(arm.values[measure].mean()) - interpolate(goal, mean_along, mean_curve)
        difference[measure] = interval(mean, gaps)
    return Equal(
        reference=name,
        family=title,
        precision=round(goal, 4),
        inside=round(float(inside.mean()), 4),
        difference=difference,
    )


def interpolate(at: float, x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """The best y that a mix of neighbouring points of a curve reaches at x = `at`.

    Points are joined in order of x; beyond the ends the end counts.
    """
    order = np.argsort(x, kind="stable")
    return float(np.interp(at, x[order], y[order]))


def _draws(members: Sequence[Measured], measure: str, seed: int) -> NDArray[np.float64]:
    values = np.stack([member.values[measure] for member in members], axis=1)  # (people, dials)
    return bootstrap_means(values, seed=seed, draws=DRAWS)


@dataclass(frozen=True)
class Tuning:
    """A family at a precision: means, and the same in each bootstrap draw (B,), by measure.

    reached (B,): draws in which the dial reaches the precision.
    """

    family: str
    precision: float
    means: Mapping[str, float]
    draws: Mapping[str, NDArray[np.float64]]
    reached: NDArray[np.bool_]

    @property
    def figures(self) -> Tuned:
        """With intervals."""
        return Tuned(
            family=self.family,
            precision=self.precision,
            inside=round(float(self.reached.mean()), 4),
            figures={name: interval(mean, self.draws[name]) for name, mean in self.means.items()},
        )

    def less(self, other: Tuning) -> Equal:
        """This less another one, draw by draw; both of the same people and bootstrap."""
        return Equal(
            reference=self.family,
            family=other.family,
            precision=self.precision,
            inside=round(float((self.reached & other.reached).mean()), 4),
            difference={
                name: interval(mean - other.means[name], self.draws[name] - other.draws[name])
                for name, mean in self.means.items()
            },
        )


def tune(
    family: str,
    members: Sequence[Measured],
    precision: float,
    measures: Sequence[str],
    *,
    seed: int = 0,
) -> Tuning:
    """Where a family's dial gives a precision, in the mean and anew in every bootstrap draw.

    Args:
        family: its name.
        members: the family along its dial, measured on the same people.
        precision: what is asked for.
        measures: what is read off there, interpolated.
        seed: of the bootstrap; the same one pairs families.
    """
    along = _draws(members, "precision", seed)  # (B, dials)
    mean_along = np.array([float(member.values["precision"].mean()) for member in members])
    means: dict[str, float] = {}
    draws: dict[str, NDArray[np.float64]] = {}
    for measure in measures:
        curve = np.array([float(member.values[measure].mean()) for member in members])
        means[measure] = interpolate(precision, mean_along, curve)
        curves = _draws(members, measure, seed)
        draws[measure] = np.array(
            [interpolate(precision, x, y) for x, y in zip(along, curves, strict=True)]
        )
    reached = (along.min(axis=1) <= precision) & (precision <= along.max(axis=1))
    return Tuning(family, precision, means, draws, reached)

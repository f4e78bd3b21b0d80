"""What `vitrine eval personalization` found, as JSON: every figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.evals.personal.bench import Measured
from vitrine.evals.personal.proof import Proof, permutation_test
from vitrine.models.metrics import bootstrap_means

ALPHA = 0.05
DRAWS = 2000


class Figure(Frozen):
    """A mean over people and its 95 % interval (cluster bootstrap over people)."""

    mean: float
    low: float
    high: float


class Lift(Frozen):
    """Algorithm 1: images with those they were made for, against images dealt out at random.

    deviations: the lift in standard deviations of the null (grows with people and images).
    significant: share of people whose own test holds at `ALPHA` after control of the false
    discovery rate (Benjamini-Hochberg).
    """

    score: float
    null_mean: float
    null_deviation: float
    lift: Figure
    deviations: float
    p: float
    permutations: int
    significant: float


class ArmFigures(Frozen):
    """One way to find something, on all people. Names of figures: `bench.MEASURES`."""

    name: str
    about: str = ""
    people: int
    samples: int
    dial: float | None = None
    figures: dict[str, Figure]
    lift: Lift | None = None


class Equal(Frozen):
    """A reference arm against a family of arms with a dial, at the reference's precision.

    difference: reference minus family, of each measure, where the family has the same precision
    (interpolated along its dial, anew in every bootstrap draw). inside: share of draws in which the
    family's dial reaches that precision; beyond its ends the nearest end counts.
    """

    reference: str
    family: str
    precision: float
    inside: float
    difference: dict[str, Figure]


class Histogram(Frozen):
    """Counts of the null between `low` and `high` in equal steps, and the score."""

    low: float
    high: float
    counts: tuple[int, ...]
    score: float


class ArmsSection(Frozen):
    """The arms side by side."""

    arms: tuple[ArmFigures, ...]
    null: Histogram
    p_values: dict[str, tuple[float, ...]] = Field(description="p of each person, unadjusted")


class DialsSection(Frozen):
    """Families of arms along a dial, and comparisons at equal precision."""

    families: dict[str, tuple[ArmFigures, ...]]
    equal: tuple[Equal, ...]


class RatingsSection(Frozen):
    """What the number of known ratings does, the people known or not, and the rating token."""

    curves: dict[str, tuple[ArmFigures, ...]]
    kept: dict[str, Figure] = Field(description="lift of unseen people as a share of known ones'")
    tokens: tuple[ArmFigures, ...]


class ModesSection(Frozen):
    """People with two tastes. Figures: `both` (share who get both), `lesser`, `greater`.

    equal: the prior beside the centroid where that has the same precision.
    """

    arms: tuple[ArmFigures, ...]
    equal: tuple[Equal, ...] = ()


class RequestsSection(Frozen):
    """People who ask for something. `kept F`: share of samples nearest to the text of what was asked.

    gains: percentile with the user minus without, by guidance, under the same request. ceiling: how
    often that reading is right on real items.
    """

    arms: tuple[ArmFigures, ...]
    gains: dict[str, Figure]
    ceiling: dict[str, float]
    guidance_query: float = Field(description="guidance of the request")


class Power(Frozen):
    """The test with fewer pictures a person: what it can show at all.

    groups: disjoint groups of so many pictures that each person's were parted into; figures are means
    over them.
    """

    pictures: int
    groups: int
    significant: float
    deviations: float


class DrawnSection(Frozen):
    """The same people, with pictures that were really drawn (or real pictures of items)."""

    arms: tuple[ArmFigures, ...]
    power: dict[str, tuple[Power, ...]] = Field(
        default_factory=dict, description="by arm, from few pictures a person to all of them"
    )
    discrepancy: dict[str, float] = Field(
        description="1000 MMD^2 of all pictures of an arm to what the people like, unit embeddings"
    )
    against: dict[str, dict[str, Figure]] = Field(
        default_factory=dict, description="designs of the prior minus other arms, person by person"
    )


class Setup(Frozen):
    """Where the figures come from. `models`: digests of the weights that were measured.

    guidance_user: as designs are made; what a dial does not say otherwise.
    """

    command: str
    seed: int
    people: int
    drawn_people: int
    pictures: int
    samples: int
    history: int
    permutations: int
    guidance_user: float
    shelf: int
    items: int
    shoppers_sha256: str
    models: dict[str, str]
    world: dict[str, float]


class Report(Frozen):
    """The report. A section that was not measured is None; `stopped`: not all was."""

    simulated: bool = True
    setup: Setup
    referees: dict[str, dict[str, float]]
    arms: ArmsSection | None = None
    dials: DialsSection | None = None
    ratings: RatingsSection | None = None
    modes: ModesSection | None = None
    requests: RequestsSection | None = None
    drawn: DrawnSection | None = None
    seconds: dict[str, float] = Field(default_factory=dict)
    stopped: bool = False


def figure(values: NDArray[np.floating], seed: int = 0) -> Figure:
    """Mean and interval of one value a person (people,)."""
    return interval(float(np.mean(values)), bootstrap_means(values, seed=seed, draws=DRAWS))


def interval(mean: float, draws: NDArray[np.floating]) -> Figure:
    """Mean with the 2.5 and 97.5 % quantiles of bootstrap draws."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return Figure(mean=round(mean, 5), low=round(float(low), 5), high=round(float(high), 5))


def lift_of(proof: Proof) -> Lift:
    """The figures of a test."""
    return Lift(
        score=round(proof.score, 5),
        null_mean=round(float(proof.null.mean()), 5),
        null_deviation=round(float(proof.null.std()), 6),
        lift=figure(proof.own - proof.others),
        deviations=round(proof.deviations, 2),
        p=proof.p,
        permutations=len(proof.null),
        significant=round(float((proof.adjusted <= ALPHA).mean()), 4),
    )


def power_of(
    values: NDArray[np.floating], *, permutations: int, seed: int = 0
) -> tuple[Power, ...]:
    """The test with 1, 2, 4 ... pictures a person and with all.

    Args:
        values: V[user, picture], (U, U n), as for `permutation_test`.
        permutations: B of each test.
        seed: of the permutations.
    """
    users = len(values)
    each = values.shape[1] // users
    by_person = values.reshape(users, users, each)  # (user, made for, picture)
    found: list[Power] = []
    for size in sorted({each, *(2**k for k in range(each.bit_length()) if 2**k <= each)}):
        proofs = [
            permutation_test(
                by_person[:, :, start : start + size].reshape(users, -1),
                permutations=permutations, seed=seed,
            )
            for start in range(0, each - size + 1, size)
        ]  # fmt: skip
        shares = [float((proof.adjusted <= ALPHA).mean()) for proof in proofs]
        found.append(
            Power(
                pictures=size,
                groups=len(proofs),
                significant=round(float(np.mean(shares)), 4),
                deviations=round(float(np.mean([proof.deviations for proof in proofs])), 2),
            )
        )
    return tuple(found)


def arm_figures(
    name: str,
    measured: Measured,
    *,
    about: str = "",
    dial: float | None = None,
    proof: Proof | None = None,
) -> ArmFigures:
    """The figures of an arm."""
    return ArmFigures(
        name=name,
        about=about,
        people=len(measured.people),
        samples=measured.places.shape[1],
        dial=dial,
        figures={key: figure(values) for key, values in measured.values.items()},
        lift=None if proof is None else lift_of(proof),
    )


def histogram(proof: Proof, bins: int = 40) -> Histogram:
    """The null of a test, ready to be drawn."""
    counts, edges = np.histogram(proof.null, bins=bins)
    return Histogram(
        low=float(edges[0]),
        high=float(edges[-1]),
        counts=tuple(int(count) for count in counts),
        score=proof.score,
    )


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


def ratio(upper: NDArray[np.floating], lower: NDArray[np.floating], *, seed: int = 0) -> Figure:
    """Ratio of two means over different people, with an interval."""
    above = bootstrap_means(upper, seed=seed, draws=DRAWS)
    below = bootstrap_means(lower, seed=seed + 1, draws=DRAWS)
    return interval(float(np.mean(upper) / np.mean(lower)), above / below)


def mean_of(figures: Mapping[str, Figure], name: str) -> float:
    """The mean of a figure, NaN where it was not measured."""
    return figures[name].mean if name in figures else float("nan")

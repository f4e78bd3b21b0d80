"""What `vitrine eval personalization` found, as JSON: every figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.evals.personal.bench import Measured
from vitrine.evals.personal.proof import Proof, permutation_test
from vitrine.models.metrics import bootstrap_means

ALPHA = 0.05
DRAWS = 2000
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""97.5 % quantiles of Student's t with 1, 2 ... degrees of freedom; the last is kept beyond."""


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


class Tuned(Frozen):
    """A family of arms where its dial gives a precision that is asked for.

    inside: share of bootstrap draws in which the dial reaches it; beyond its ends the nearest counts.
    """

    family: str
    precision: float
    inside: float
    figures: dict[str, Figure]


class ModesGroup(Frozen):
    """People with two tastes, or those of them whose tastes are furthest apart.

    agreement: mean correlation of what the two tastes make of the shelf. equal: the prior less the
    others, each at the precision that is asked for.
    """

    name: str
    people: int
    agreement: float
    tuned: tuple[Tuned, ...]
    equal: tuple[Equal, ...]


class ModesSection(Frozen):
    """People with two tastes. Figures: `both` (share who get both), `lesser`, `greater`.

    repeats: how often everybody was asked, with other seeds; figures of a person are means over that.
    """

    arms: tuple[ArmFigures, ...]
    repeats: int = 1
    groups: tuple[ModesGroup, ...] = ()


class CallsRow(Frozen):
    """One sampler. Intervals of lift, precision and diversity are over people (means over seeds).

    kept: lift as a share of the reference's. seconds: of the processor, for everybody together. speed:
    how many times as fast as the reference, in the same process. discrepancy, gap: to what people like,
    and that less the reference's; intervals over seeds.
    """

    sampler: str
    calls: int
    seconds: float
    speed: float
    lift: Figure
    kept: Figure
    precision: Figure
    diversity: Figure
    discrepancy: Figure
    gap: Figure


class CallsSection(Frozen):
    """Samplers in few calls beside the reference, which is the first row."""

    people: int
    samples: int
    seeds: int
    guidance_user: float
    rows: tuple[CallsRow, ...]


class SeedFigures(Frozen):
    """One setting of one kind of training; figures over trainings with other seeds (t-intervals)."""

    kind: str
    guidance: float
    rating: int
    trainings: int
    figures: dict[str, Figure]


class RetrainedSection(Frozen):
    """Trainings that were repeated with other seeds.

    kinds: by name, what each was trained with. sweeps: guidance from nothing to much, by how x0 was
    brought back to scale. ratings: what is asked for, by kind. less: differences of kinds, paired by
    seed.
    """

    people: int
    samples: int
    kinds: dict[str, str]
    minutes: dict[str, float] = Field(description="mean time of a training, by kind")
    measured: SeedFigures = Field(description="the weights that the rest of the report is about")
    sweeps: dict[str, tuple[SeedFigures, ...]]
    ratings: tuple[SeedFigures, ...]
    less: dict[str, dict[str, Figure]]


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
    calls: CallsSection | None = None
    retrained: RetrainedSection | None = None
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


def over_seeds(values: NDArray[np.floating]) -> Figure:
    """Mean over trainings or seeds (S,) and its 95 % t-interval; with one seed there is none."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return Figure(mean=round(mean, 5), low=round(mean, 5), high=round(mean, 5))
    quantile = STUDENT[min(len(values) - 2, len(STUDENT) - 1)]
    half = quantile * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return Figure(mean=round(mean, 5), low=round(mean - half, 5), high=round(mean + half, 5))


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


def ratio(upper: NDArray[np.floating], lower: NDArray[np.floating], *, seed: int = 0) -> Figure:
    """Ratio of two means over different people, with an interval."""
    above = bootstrap_means(upper, seed=seed, draws=DRAWS)
    below = bootstrap_means(lower, seed=seed + 1, draws=DRAWS)
    return interval(float(np.mean(upper) / np.mean(lower)), above / below)


def mean_of(figures: Mapping[str, Figure], name: str) -> float:
    """The mean of a figure, NaN where it was not measured."""
    return figures[name].mean if name in figures else float("nan")

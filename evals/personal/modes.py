"""People with two tastes: do they get both, at a precision that is the same for every method?

Letters: U people, n samples a person, S items of the shelf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from vitrine.core.ports import Floats
from vitrine.evals.personal.arms import PRODUCT, Arms
from vitrine.evals.personal.bench import Arm, Measured
from vitrine.evals.personal.equal import tune
from vitrine.evals.personal.report import ArmFigures, Equal, ModesGroup, ModesSection, arm_figures
from vitrine.evals.personal.stages import Stage
from vitrine.evals.personal.world import TasteWorld

MODE_TOP = 0.85
"""Percentile from which an item serves one of two tastes; it serves the one that it suits better."""
MODE_SHARE = 0.1
"""Share of the samples that must serve a taste for it to be covered."""
GUIDANCES = (3.5, 5.0, PRODUCT, 12.0, 2 * PRODUCT)
NOISES = (0.25, 0.5, 0.75, 1.0)
DEPTHS = (30, 60, 120, 240)
GOALS = (0.8, 0.85, 0.9)
"""Precisions to which every family's dial is turned."""
REPEATS = 2
"""How often everybody is asked, with other seeds."""
MEASURES = ("both", "lesser", "diversity")
PRIORS = ("prior", "prior, chosen")


def two_tastes(stage: Stage, people: Sequence[int]) -> ModesSection:
    """Do people with two tastes get both? A sample serves the taste that it suits better, or none."""
    if not people:
        return ModesSection(arms=())
    standing = {user: stage.bench.world.modes(user) for user in people}
    rows: list[ArmFigures] = []
    found: dict[str, list[Measured]] = {}
    repeats = [stage.arms.reseeded(stage.seed + number) for number in range(REPEATS)]
    tables = [_table(arms) for arms in repeats]
    for alike in zip(*tables, strict=True):
        name, dial, _ = alike[0]
        measured = _mean([_measured(stage, arm, people, standing) for _, _, arm in alike])
        found.setdefault(name, []).append(measured)
        rows.append(arm_figures(name, measured, dial=dial))
    families = {name: members for name, members in found.items() if len(members) > 1}
    agreement = np.array([_agreement(standing[user]) for user in people])
    groups = [
        _group("all of them", families, agreement, np.ones(len(people), np.bool_), stage.seed)
    ]
    apart = agreement <= np.median(agreement)
    if 2 <= apart.sum() < len(people):
        name = "the half whose tastes agree least"
        groups.append(_group(name, families, agreement, apart, stage.seed))
    return ModesSection(arms=tuple(rows), repeats=REPEATS, groups=tuple(groups))


def _table(arms: Arms) -> list[tuple[str, float | None, Arm]]:
    return [
        ("random", None, arms.random()),
        *(("centroid, items", float(depth), arms.near_centroid(depth)) for depth in DEPTHS),
        *(("verifier, items", float(depth), arms.by_verifier(depth)) for depth in DEPTHS),
        *(("centroid + noise", noise, arms.centroid_noise(noise)) for noise in NOISES),
        *(("centroid + noise, chosen", noise, arms.centroid_noise(noise, choose=True))
          for noise in NOISES),
        *(("prior", w, arms.personal(w)) for w in GUIDANCES),
        *(("prior, chosen", w, arms.selected(w)) for w in GUIDANCES),
    ]  # fmt: skip


def modes_steps() -> int:
    """How many arms are measured."""
    return REPEATS * (1 + 2 * len(DEPTHS) + 2 * len(NOISES) + 2 * len(GUIDANCES))


def _measured(
    stage: Stage, arm: Arm, people: Sequence[int], standing: Mapping[int, Floats]
) -> Measured:
    """An arm, with the shares of the samples that serve each taste among its values."""
    measured = stage.measure(arm, people)
    shares = np.stack([
        served(standing[user][:, places])
        for user, places in zip(people, measured.places, strict=True)
    ])  # (people, 2)  # fmt: skip
    both = (shares >= MODE_SHARE).all(axis=1)
    values = {
        **measured.values,
        "both": np.asarray(both, np.float64),
        "lesser": np.asarray(shares.min(axis=1), np.float64),
        "greater": np.asarray(shares.max(axis=1), np.float64),
    }
    return replace(measured, values=values)


def _mean(repeats: Sequence[Measured]) -> Measured:
    """The same arm asked several times: figures of each person are means."""
    first = repeats[0]
    values = {
        name: np.mean([measured.values[name] for measured in repeats], axis=0)
        for name in first.values
    }
    return replace(first, values=values)


def _group(
    name: str,
    families: Mapping[str, Sequence[Measured]],
    agreement: np.ndarray,
    inside: np.ndarray,
    seed: int,
) -> ModesGroup:
    """Every family at each precision, and the prior less the others, for some of the people."""
    tuned = [
        tune(family, [_only(measured, inside) for measured in members], goal, MEASURES, seed=seed)
        for goal in GOALS
        for family, members in families.items()
    ]
    equal: list[Equal] = [
        mine.less(other)
        for mine in tuned if mine.family in PRIORS
        for other in tuned if other.family not in PRIORS and other.precision == mine.precision
    ]  # fmt: skip
    return ModesGroup(
        name=name,
        people=int(inside.sum()),
        agreement=round(float(agreement[inside].mean()), 3),
        tuned=tuple(each.figures for each in tuned),
        equal=tuple(equal),
    )


def _only(measured: Measured, inside: np.ndarray) -> Measured:
    people = [user for user, keep in zip(measured.people, inside.tolist(), strict=True) if keep]
    values = {name: found[inside] for name, found in measured.values.items()}
    return Measured(people, values, measured.places[inside])


def _agreement(standing: Floats) -> float:
    """Correlation of what the first two tastes (modes, S) make of the shelf."""
    return float(np.corrcoef(standing[0], standing[1])[0, 1])


def served(standing: Floats) -> Floats:
    """Share of the samples that serve each taste, (tastes,), from their standing (tastes, n)."""
    best = standing.argmax(axis=0)
    good = standing.max(axis=0) >= MODE_TOP
    shares = [((best == taste) & good).mean() for taste in range(len(standing))]
    return np.asarray(shares, np.float32)


def two_taste_people(world: TasteWorld) -> list[int]:
    """Unseen people with two tastes."""
    data = world.data
    return [user for user in data.of_split("heldout") if data.users[user].modes > 1]

"""The measurements that need no pictures: arms side by side, dials, numbers of ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vitrine.core.ports import Floats, TasteEvidence
from vitrine.evals.personal.arms import PRODUCT, Arms, generic_prompts
from vitrine.evals.personal.bench import Arm, Measured, Sampled, TasteBench, unit
from vitrine.evals.personal.equal import at_equal_precision
from vitrine.evals.personal.progress import Progress
from vitrine.evals.personal.proof import Proof
from vitrine.evals.personal.report import (
    ArmFigures,
    ArmsSection,
    DialsSection,
    Figure,
    RatingsSection,
    arm_figures,
    histogram,
    ratio,
)
from vitrine.models.experience import LIKED
from vitrine.models.metrics import mean_discrepancy

REFERENCES = (PRODUCT, 2 * PRODUCT)
"""Guidances at which the prior is compared with what is simpler."""
GUIDANCES = tuple(sorted({0.0, 1.0, 2.0, 3.5, 5.0, 7.5, 10.0, 15.0, *REFERENCES}))
SELECTED_GUIDANCES = tuple(sorted({1.0, 2.0, 5.0, 10.0, *REFERENCES}))
NOISES = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5)
DEPTHS = (30, 60, 120, 240, 480, 960)
SIZES = (0, 1, 2, 4, 8, 16, 32)
ALL = 10_000
"""More ratings than anybody has."""
COMPARED = ("diversity", "novelty", "own", "topic_precision")
PAPER_SIGMA = 10.0


@dataclass(frozen=True)
class Stage:
    """What every measurement needs."""

    bench: TasteBench
    arms: Arms
    unseen: Sequence[int]
    known: Sequence[int]
    permutations: int
    seed: int
    progress: Progress

    def measure(
        self, arm: Arm, people: Sequence[int], tastes: Sequence[TasteEvidence] | None = None
    ) -> Measured:
        """One arm, with its place in the progress."""
        measured = self.bench.measure(arm, people, tastes)
        self.progress.step()
        return measured

    def proof(self, measured: Measured) -> Proof:
        """The permutation test with this run's seed."""
        return self.bench.proof(measured, permutations=self.permutations, seed=self.seed)


def side_by_side(stage: Stage) -> ArmsSection:
    """Every arm on the unseen people, with its permutation test."""
    arms = stage.arms
    prompts = {name: text for name, text, _ in generic_prompts(arms)}
    table: list[tuple[str, str, Arm]] = [
        ("random", "items by chance", arms.random()),
        ("popular", "items that others like most", arms.popular()),
        ("centroid, items", "items nearest to the mean of the likes", arms.near_centroid()),
        ("verifier, items", "items that the product's verifier likes best", arms.by_verifier()),
        ("centroid + noise", "the mean of the likes plus noise", arms.centroid_noise()),
        ("centroid + noise, chosen", "the same, a quarter chosen as the product chooses",
         arms.centroid_noise(choose=True)),
        ("prior, no user", "the prior without the user (NoUE, T0: no words either)", arms.nobody()),
        ("prior, no user, T1", f"asked for {prompts['T1']!r}", arms.nobody(prompts["T1"])),
        ("prior, no user, T2", f"asked for {prompts['T2']!r}", arms.nobody(prompts["T2"])),
        ("prior, no user, tags", "asked for what the likes have in common", arms.tags()),
        ("prior", "the prior with the user", arms.personal()),
        ("prior, chosen", "the same, a quarter chosen as the product chooses", arms.selected()),
    ]  # fmt: skip
    rows: list[ArmFigures] = []
    proofs: dict[str, Proof] = {}
    for name, about, arm in table:
        measured = stage.measure(arm, stage.unseen)
        proofs[name] = stage.proof(measured)
        rows.append(arm_figures(name, measured, about=about, proof=proofs[name]))
    return ArmsSection(
        arms=tuple(rows),
        null=histogram(proofs["prior"]),
        p_values={
            name: tuple(round(float(p), 5) for p in proofs[name].p_user)
            for name in ("random", "centroid + noise", "prior", "prior, chosen")
        },
    )


def along_dials(stage: Stage) -> DialsSection:
    """Families of arms along their dials: what does precision cost?"""
    arms = stage.arms
    families: dict[str, list[tuple[float, Arm]]] = {
        "prior": [(w, arms.personal(w)) for w in GUIDANCES],
        "prior, chosen": [(w, arms.selected(w)) for w in SELECTED_GUIDANCES],
        "centroid + noise": [(s, arms.centroid_noise(s)) for s in NOISES],
        "centroid + noise, chosen": [(s, arms.centroid_noise(s, choose=True)) for s in NOISES],
        "centroid, items": [(d, arms.near_centroid(d)) for d in DEPTHS],
        "verifier, items": [(d, arms.by_verifier(d)) for d in DEPTHS],
    }
    liked = liked_images(stage, stage.unseen)
    found: dict[str, list[Measured]] = {}
    rows: dict[str, tuple[ArmFigures, ...]] = {}
    for family, members in families.items():
        made: list[ArmFigures] = []
        for dial, arm in members:
            kept: list[Floats] = []
            measured = stage.measure(_keeping(arm, kept), stage.unseen)
            found.setdefault(family, []).append(measured)
            row = arm_figures(family, measured, dial=dial, proof=stage.proof(measured))
            gap = 1000 * mean_discrepancy(unit(np.concatenate(kept)), liked, sigma=PAPER_SIGMA)
            gap = round(gap, 4)
            # One figure for all people: there is nobody to resample.
            made.append(row.model_copy(update={"figures": {
                **row.figures, "discrepancy": Figure(mean=gap, low=gap, high=gap)}}))  # fmt: skip
        rows[family] = tuple(made)
    references = {"prior": GUIDANCES, "prior, chosen": SELECTED_GUIDANCES}
    equal = tuple(
        at_equal_precision((f"{name}, w = {dial:g}", found[name][place]),
                           (family, found[family]), COMPARED, seed=stage.seed)
        for name, dials in references.items()
        for place, dial in enumerate(dials)
        if dial in REFERENCES
        for family in found
        if not family.startswith("prior")
    )  # fmt: skip
    return DialsSection(families=rows, equal=equal)


def along_ratings(stage: Stage) -> RatingsSection:
    """Numbers of known ratings, for people whom the prior was trained on and for others; the token."""
    bench, data = stage.bench, stage.bench.world.data
    arm, noise = stage.arms.personal(), stage.arms.centroid_noise()
    curves: dict[str, list[ArmFigures]] = {}
    lifts: dict[tuple[str, int], np.ndarray] = {}
    for size in (*SIZES, ALL):
        unseen = [data.history(user, size) for user in stage.unseen]
        named = [replace(data.history(user, size), user_id=data.users[user].user)
                 for user in stage.known]  # fmt: skip
        groups: list[tuple[str, Arm, Sequence[int], list[TasteEvidence]]] = [
            ("unseen", arm, stage.unseen, unseen),
            ("known", arm, stage.known, named),
            ("unseen, centroid + noise", noise, stage.unseen, unseen),
        ]
        for name, way, people, tastes in groups:
            measured = stage.measure(way, people, tastes)
            proof = stage.proof(measured)
            lifts[name, size] = proof.own - proof.others
            shown = size if size != ALL else float(_mean_ratings(stage, people))
            curves.setdefault(name, []).append(arm_figures(name, measured, dial=shown, proof=proof))
    kept = {
        "unseen 8 / known 8": ratio(lifts["unseen", 8], lifts["known", 8]),
        "unseen 8 / known 32": ratio(lifts["unseen", 8], lifts["known", 32]),
        "unseen 8 / known all": ratio(lifts["unseen", 8], lifts["known", ALL]),
        "unseen 32 / known 32": ratio(lifts["unseen", 32], lifts["known", 32]),
    }
    tokens: list[ArmFigures] = []
    for rating in range(1, 6):
        measured = stage.measure(stage.arms.personal(rating=rating), stage.unseen)
        tokens.append(
            arm_figures("prior", measured, dial=rating, proof=bench.proof(
                measured, permutations=stage.permutations, seed=stage.seed))
        )  # fmt: skip
    return RatingsSection(
        curves={name: tuple(rows) for name, rows in curves.items()},
        kept=kept,
        tokens=tuple(tokens),
    )


def steps_of(name: str) -> int:
    """How many arms a stage measures."""
    dials = len(GUIDANCES) + len(SELECTED_GUIDANCES) + 2 * len(NOISES) + 2 * len(DEPTHS)
    return {
        "arms": 12,
        "dials": dials,
        "ratings": 3 * (len(SIZES) + 1) + 5,
        "requests": 3 + len(REFERENCES),
    }[name]


def _keeping(arm: Arm, kept: list[Floats]) -> Arm:
    """The arm, which also leaves its embeddings in `kept`."""

    def keeping(user: int, taste: TasteEvidence) -> Sampled:
        sampled = arm(user, taste)
        kept.append(sampled.embeddings)
        return sampled

    return keeping


def liked_images(stage: Stage, people: Sequence[int]) -> Floats:
    """Unit embeddings of the held-out items that people have liked."""
    data = stage.bench.world.data
    rows: list[int] = []
    for user in people:
        rated = data.heldout_ratings(user)
        rows += rated.items[rated.values >= LIKED].tolist()
    return unit(data.images[rows])


def _mean_ratings(stage: Stage, people: Sequence[int]) -> float:
    data = stage.bench.world.data
    return float(np.mean([len(data.training_ratings(user).items) for user in people]))

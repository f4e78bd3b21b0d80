"""The proof on pictures: what is really drawn, looked at by the judge.

Letters: U people, k pictures a person, d embedding dimension.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack
from vitrine.core.ports import Encoder, Floats, Pixels, RenderDials, Renderer, RenderJob
from vitrine.core.ports import UserFeatures as Features
from vitrine.core.prompts import design_facets, write_prompt
from vitrine.evals.personal.arms import Arms, generic_prompts
from vitrine.evals.personal.bench import Arm, Measured, Seen, dissimilarity, unit
from vitrine.evals.personal.proof import permutation_test
from vitrine.evals.personal.report import (
    ArmFigures,
    DrawnSection,
    Power,
    arm_figures,
    figure,
    power_of,
)
from vitrine.evals.personal.stages import PAPER_SIGMA, Stage
from vitrine.evals.personal.world import LIKED_SHARE
from vitrine.evals.shoppers import Facets
from vitrine.models.dataset import Drawings
from vitrine.models.experience import LIKED
from vitrine.models.judge.model import Judge
from vitrine.models.metrics import mean_discrepancy

DESIGNS = "prior, chosen, words"
"""The arm that makes designs as the product does."""
NOBODY = "prior, no user"
COMPARED = ("precision", "judged", "diversity", "novelty", "own", "topic_precision")
NEIGHBOURS = 7
BATCH = 8
SHARED = 16
"""Pictures of an arm that knows nobody; everybody is shown some of them."""


@dataclass(frozen=True)
class Studio:
    """What draws and what looks."""

    renderer: Renderer
    encoder: Encoder
    judge: Judge
    drawings: Drawings
    dials: RenderDials


@dataclass(frozen=True)
class Shown:
    """Pictures of one arm, k a person in order; `asked` are the embeddings drawn from (or None)."""

    pictures: Sequence[Pixels]
    asked: Floats | None = None


@dataclass(frozen=True)
class Plan:
    """One arm: jobs to draw (k a person, or fewer that are shared), or items that exist."""

    name: str
    about: str
    jobs: Sequence[RenderJob] = ()
    items: NDArray[np.int64] | None = None


def plans(stage: Stage, arms: Arms, people: Sequence[int]) -> list[Plan]:
    """The arms to draw. `arms` gives k samples a person."""
    found: list[Plan] = []
    shelf = stage.bench.world.shelf
    for name, about, arm in (
        ("random, items", "real items by chance", arms.random()),
        ("centroid, items", "real items nearest to the mean of the likes", arms.near_centroid()),
        ("verifier, items", "real items that the product's verifier likes best",
         arms.by_verifier()),
    ):  # fmt: skip
        rows = [_places(arm, arms, user) for user in people]
        found.append(Plan(name, about, items=shelf[np.concatenate(rows)]))
    for name, positive, negative in generic_prompts(arms):
        about = f"words alone: {positive!r}" if positive else "no words, no embedding"
        jobs = [
            RenderJob(positive, None, stage.seed + number, negative) for number in range(SHARED)
        ]
        found.append(Plan(name, about, jobs))
    spoken = [
        RenderJob(arms.words_of(user), None, arms.seed_of(user) + number)
        for user in people for number in range(arms.n)
    ]  # fmt: skip
    found.append(Plan("tags", "words alone: what the likes have in common", spoken))
    for name, about, arm, worded in (
        (NOBODY, "embedding alone (NoUE)", arms.nobody(), False),
        ("prior, chosen", "embedding alone", arms.selected(), False),
        ("centroid + noise, chosen, words", "embedding, words of its neighbours",
         arms.centroid_noise(choose=True), True),
        (DESIGNS, "embedding, words of its neighbours: as designs are made",
         arms.selected(), True),
    ):  # fmt: skip
        asking = people[:SHARED] if name == NOBODY else people
        jobs = [
            RenderJob(words_near(stage, row) if worded else "", row, arms.seed_of(user) + number)
            for user in asking
            for number, row in enumerate(arm(user, stage.bench.taste(user)).embeddings)
        ]
        found.append(Plan(name, about, jobs))
    return found


def _places(arm: Arm, arms: Arms, user: int) -> NDArray[np.int64]:
    places = arm(user, arms.bench.taste(user)).places
    assert places is not None, "arms of items name the items"
    return places


def words_near(stage: Stage, embedding: Floats) -> str:
    """A prompt of what most of the nearest training items show."""
    world = stage.bench.world
    training = np.flatnonzero(~world.data.heldout)
    cosines = stage.bench.items[training] @ unit(embedding - stage.bench.centre)
    near = training[np.argsort(-cosines)[:NEIGHBOURS]]
    pack = world.wares.pack
    chosen: dict[str, str] = {}
    for name in design_facets(pack):
        votes = Counter(
            value for row in near for value in world.wares.facets[int(row)].get(name, ())[:1]
        )
        if votes and votes.most_common(1)[0][1] * 2 > NEIGHBOURS:
            chosen[name] = votes.most_common(1)[0][0]
    return write_prompt(pack, chosen)


def drawn(
    stage: Stage, arms: Arms, studio: Studio, people: Sequence[int]
) -> tuple[DrawnSection, Mapping[str, Shown]]:
    """Draw every arm and measure what came out.

    Returns:
        The figures, and the pictures by arm (k a person).
    """
    rows: list[ArmFigures] = []
    found: dict[str, Measured] = {}
    shown: dict[str, Shown] = {}
    gaps: dict[str, float] = {}
    power: dict[str, tuple[Power, ...]] = {}
    liked = unit(np.concatenate([stage.bench.taste(user).liked for user in people]))
    for plan in plans(stage, arms, people):
        made = _pictures(stage, studio, plan, len(people) * arms.n)
        shown[plan.name] = made
        seen = Seen(*studio.judge.inspect(np.stack(made.pictures)))
        again = studio.encoder.encode_images(made.pictures)
        row, found[plan.name] = _figures(stage, plan, people, made, seen, again, studio.judge)
        judged = stage.bench.judge.pictures(people, seen.chances)
        power[plan.name] = power_of(judged, permutations=stage.permutations, seed=stage.seed)
        rows.append(row)
        gaps[plan.name] = round(1000 * mean_discrepancy(unit(again), liked, sigma=PAPER_SIGMA), 4)
    against = {
        f"{DESIGNS} - {name}": {
            measure: figure(found[DESIGNS].values[measure] - found[name].values[measure])
            for measure in COMPARED
        }
        for name in found
        if name != DESIGNS
    }
    section = DrawnSection(arms=tuple(rows), power=power, discrepancy=gaps, against=against)
    return section, shown


def drawing_steps(arms: Arms, people: int) -> int:
    """Pictures that `drawn` draws."""
    return people * arms.n * 4 + 3 * SHARED + min(SHARED, people) * arms.n


def _pictures(stage: Stage, studio: Studio, plan: Plan, count: int) -> Shown:
    if plan.items is not None:
        return Shown([np.asarray(studio.drawings.pictures[row]) for row in plan.items])
    made: list[Pixels] = []
    for start in range(0, len(plan.jobs), BATCH):
        jobs = plan.jobs[start : start + BATCH]
        made += studio.renderer.render(jobs, studio.dials, _quiet, _never)
        stage.progress.step(len(jobs))
    asked = [job.embedding for job in plan.jobs if job.embedding is not None]
    return Shown(
        [made[place % len(made)] for place in range(count)],
        np.stack([asked[place % len(asked)] for place in range(count)]) if asked else None,
    )


def _quiet(done: int, total: int) -> None:
    """Progress is told by pictures, not by steps."""


def _never() -> bool:
    return False


def _figures(
    stage: Stage,
    plan: Plan,
    people: Sequence[int],
    made: Shown,
    seen: Seen,
    again: Floats,
    judge: Judge,
) -> tuple[ArmFigures, Measured]:
    bench = stage.bench
    each = len(made.pictures) // len(people)
    facets = read_facets(stage.bench.world.wares.pack, seen, judge)
    if plan.items is not None:
        standing = bench.world.percentiles[list(people)][:, _shelf_places(stage, plan.items)]
    else:
        standing = bench.world.worth(people, facets, again)
    judged = bench.judge.pictures(people, seen.chances)
    looks = bench.look(seen.pooled)
    topics = bench.topic(looks)
    values: dict[str, list[float]] = {}
    for place, user in enumerate(people):
        own = slice(place * each, (place + 1) * each)
        liked = bench.liked_topics(user)
        score = bench.scorer.score(Features(bench.taste(user)), "", again[own])
        figures = {
            "percentile": float(standing[place, own].mean()),
            "precision": float((standing[place, own] >= LIKED_SHARE).mean()),
            "judged": float(judged[place, own].mean()),
            "judged_precision": float((judged[place, own] >= bench.cut(user)).mean()),
            "topic_precision": float(np.mean([t in liked for t in topics[own].tolist()])),
            "diversity": dissimilarity(looks[own]),
            "spread": dissimilarity(unit(again[own] - bench.centre)),
            "novelty": 0.0 if plan.items is not None else bench.look_novelty(looks[own]),
            "own": float(score.mean()),
        }
        if made.asked is not None:
            pairs = unit(again[own]) * unit(made.asked[own])
            figures["faithful"] = float(pairs.sum(axis=1).mean())
        for name, value in figures.items():
            values.setdefault(name, []).append(value)
    proof = permutation_test(judged, permutations=stage.permutations, seed=stage.seed)
    truth = permutation_test(standing, permutations=stage.permutations, seed=stage.seed)
    measured = Measured(
        people,
        {name: np.array(found) for name, found in values.items()},
        np.zeros((len(people), each), np.int64),
    )
    row = arm_figures(plan.name, measured, about=plan.about, proof=proof)
    extra = {"true_lift": figure(truth.own - truth.others)}
    return row.model_copy(update={"figures": {**row.figures, **extra}}), measured


def _shelf_places(stage: Stage, items: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(stage.bench.world.shelf, items)


def read_facets(pack: DomainPack, seen: Seen, judge: Judge) -> list[Facets]:
    """What the judge reads off pictures: the likeliest value of each facet that such a thing has."""
    head = pack.head.name
    read: list[dict[str, str]] = [{} for _ in seen.chances]
    start = 0
    for name, names in judge.vocabulary.items():
        best = seen.chances[:, start : start + len(names)].argmax(axis=1)
        start += len(names)
        for row, place in zip(read, best.tolist(), strict=True):
            row[name] = names[place]
    facets: list[Facets] = []
    for row in read:
        kept: dict[str, tuple[str, ...]] = {}
        for name, value in row.items():
            known = pack.facet(name)
            if known is not None and known.applies_to and row.get(head) not in known.applies_to:
                continue
            kept[name] = (value,)
        facets.append(kept)
    return facets


def liked_pictures(stage: Stage, studio: Studio, user: int, count: int) -> list[Pixels]:
    """Pictures of the newest things that a person has liked."""
    rated = stage.bench.world.data.training_ratings(user)
    items = rated.items[-stage.bench.history :][rated.values[-stage.bench.history :] >= LIKED]
    return [np.asarray(studio.drawings.pictures[row]) for row in items[-count:][::-1]]

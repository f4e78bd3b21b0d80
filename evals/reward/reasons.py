"""Do a score's reasons name the taste that was planted?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vitrine.core.domain import load_pack
from vitrine.core.places import domain_folder
from vitrine.core.ports import Attribution, Contribution, UserFeatures
from vitrine.evals.shoppers import Facets, ShopperWorld, make_shopper, read_wares
from vitrine.models.experience import LIKED, Experience, read_experience
from vitrine.models.reward.evaluate import features_of, groups_of
from vitrine.models.reward.scorer import PerFusionScorer

HISTORY, PEOPLE = 32, 150


def attribution_figures(
    scorer: PerFusionScorer, folder: Path, drawings: Path, domain: str, limit: int = PEOPLE
) -> dict[str, float]:
    """Shares over held-out people who have put two likes in words at least, one chosen thing each.

    facet: the preference that raises the score most is for a value that the thing carries and the
    person likes; facet_chance: a stated like drawn at random is. sign: of preferences for carried
    values, the contribution has the preference's sign. liked: the liked thing that raises the score
    most shares a planted like with the chosen one; liked_chance: one drawn at random does. gap: the
    largest distance of a sum of parts from its score, log-odds.
    """
    data = read_experience(folder)
    wares = read_wares(
        drawings, folder / "embeddings.safetensors", load_pack(domain_folder(domain))
    )
    told = json.loads((folder / "shoppers.json").read_text(encoding="utf-8"))
    world = ShopperWorld.model_validate(told["world"])
    counts: dict[str, list[float]] = {n: [] for n in ("facet", "facet_chance", "sign", "liked",
                                                      "liked_chance", "gap")}  # fmt: skip
    seen: set[int] = set()
    for user, group in groups_of(data, "heldout"):
        stated = data.stated(user)
        likes = [key for key, weight in stated.items() if weight > 0]
        chosen = [i for i, c in zip(group.items, group.chosen, strict=True) if c]
        if user in seen or len(likes) < 2 or not chosen or len(seen) >= limit:
            continue
        seen.add(user)
        carried = {(n, v) for n, values in wares.facets[chosen[0]].items() for v in values}
        known = features_of(data, user, history=HISTORY, facets=True)
        images = data.images[chosen[:1]]
        (why,) = scorer.attribute(known, group.text, images)
        counts["gap"].append(_gap(scorer, known, group.text, chosen[0], data, why))
        facets = [c for c in why.contributions if c.source == "facet"]
        _facet_counts(counts, facets, likes, stated, carried)
        shopper = make_shopper(wares, world, user)
        planted = {key for mode in shopper.modes for key, weight in mode.items() if weight > 0}
        _liked_counts(counts, why, data, user, planted & carried, wares.facets)
    figures = {n: float(np.mean(v)) if v else float("nan") for n, v in counts.items() if n != "gap"}
    return {**figures, "gap": max(counts["gap"], default=0.0)}


def _facet_counts(
    counts: dict[str, list[float]],
    facets: list[Contribution],
    likes: list[tuple[str, str]],
    stated: Mapping[tuple[str, str], float],
    carried: set[tuple[str, str]],
) -> None:
    if set(likes) & carried:
        best = max(facets, key=lambda c: c.amount)
        counts["facet"].append(float((best.facet, best.value) in carried and best.amount > 0))
        counts["facet_chance"].append(len(set(likes) & carried) / len(likes))
    for contribution in facets:
        key = (contribution.facet, contribution.value)
        if key in carried:
            counts["sign"].append(float(contribution.amount * stated[key] > 0))


def _liked_counts(
    counts: dict[str, list[float]],
    why: Attribution,
    data: Experience,
    user: int,
    shared: set[tuple[str, str]],
    facets: Sequence[Facets],
) -> None:
    rated = data.training_ratings(user)
    items, values = rated.items[-HISTORY:], rated.values[-HISTORY:]
    liked = items[values >= LIKED]
    if not shared or not len(liked):
        return
    hits = [any(v in facets[int(i)].get(n, ()) for n, v in shared) for i in liked]
    best = max((c for c in why.contributions if c.source == "liked"), key=lambda c: c.amount)
    assert best.place is not None
    counts["liked"].append(float(hits[best.place]))
    counts["liked_chance"].append(float(np.mean(hits)))


def _gap(
    scorer: PerFusionScorer,
    known: UserFeatures,
    text: str,
    item: int,
    data: Experience,
    why: Attribution,
) -> float:
    score = float(scorer.score(known, text, data.images[[item]])[0])
    told = why.base + sum(c.amount for c in why.contributions)
    return abs(told - float(np.log(score / (1 - score))))

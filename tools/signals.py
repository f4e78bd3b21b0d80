"""Soft signals over candidate rows: each a value in 0..1 a row, with what is met and missed.

Letters: n candidate rows, d embedding dimension.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack, Facet
from vitrine.core.ports import Catalogue, Floats
from vitrine.tools.conditions import Avoid, Bound, Condition, InStock, Want
from vitrine.tools.references import Vectors, unit
from vitrine.tools.relaxing import carried_values

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

NEAR_CREDIT = 0.4  # a value that the pack calls near earns this share of a met want
WORD_CREDIT = 0.8  # share of word evidence in a free-text wish; the rest is picture evidence

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Judgement:
    """One soft belief judged on every candidate row.

    `scores` (n,) in 0..1; `met` and `missed` (n,) bool: both may be false where the data does not
    tell. `values` names, where it matters, which wanted value each row carries.
    """

    scores: Scores
    met: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    values: tuple[str | None, ...] | None = None


def value_words(pack: DomainPack, facet_name: str, value: str) -> str:
    """How the value is said in a picture prompt."""
    facet = pack.facet(facet_name)
    source = pack.facet(facet.values_from) if facet is not None and facet.values_from else facet
    found = source.value(value) if source is not None else None
    return (found.prompt if found is not None else None) or value


def judge_condition(
    catalogue: Catalogue,
    vectors: Vectors,
    condition: Condition,
    rows: Rows,
    units: Floats,
    trust: float = 1.0,
) -> Judgement:
    """A facet condition as a preference: degrees for near values and for numbers just outside.

    `trust`: how far words find pictures in this shop, 0..1.
    """
    match condition:
        case Want():
            return _judge_want(catalogue, vectors, condition, rows, units, trust)
        case Avoid():
            carries = np.zeros(len(rows), dtype=np.bool_)
            for value in condition.values:
                carries |= catalogue.carries(condition.facet, value)[rows]
            return Judgement(scores=(~carries).astype(np.float64), met=~carries, missed=carries)
        case Bound():
            return _judge_bound(catalogue, condition, rows)
        case InStock():
            stocked = np.zeros(len(rows), dtype=np.bool_)
            size = catalogue.pack.role("size")
            if size is not None:
                for value in condition.sizes:
                    stocked |= catalogue.carries(size.name, value)[rows]
            return Judgement(scores=stocked.astype(np.float64), met=stocked, missed=~stocked)


def _judge_want(
    catalogue: Catalogue, vectors: Vectors, want: Want, rows: Rows, units: Floats, trust: float
) -> Judgement:
    carried = carried_values(catalogue, want.facet, want.values)
    scores = np.zeros(len(rows))
    met = np.zeros(len(rows), dtype=np.bool_)
    names: list[str | None] = [None] * len(rows)
    for value in carried:
        here = catalogue.carries(want.facet, value)[rows]
        for index in np.flatnonzero(here & ~met):
            names[index] = value
        met |= here
    facet = catalogue.pack.facet(want.facet)
    for value in want.values:
        for neighbour in _near(catalogue.pack, facet, value):
            here = catalogue.carries(want.facet, neighbour)[rows]
            scores = np.maximum(scores, NEAR_CREDIT * here)
    lacking = [value for value in want.values if value not in carried]
    if lacking:
        # The shop has no such value: what the listing calls so, or what looks most like its name,
        # comes first.
        phrases = [value_words(catalogue.pack, want.facet, value) for value in lacking]
        called = np.maximum.reduce([_hits(catalogue, phrase, rows) for phrase in phrases])
        scores = np.maximum(scores, 0.8 * called)
        if trust > 0:
            looks = _likeness(vectors.texts(phrases), units)
            scores = np.maximum(scores, 0.8 * trust * looks)
    scores = np.where(met, 1.0, scores)
    return Judgement(scores=scores, met=met, missed=~met, values=tuple(names))


def _near(pack: DomainPack, facet: Facet | None, value: str) -> tuple[str, ...]:
    source = pack.facet(facet.values_from) if facet is not None and facet.values_from else facet
    found = source.value(value) if source is not None else None
    return found.near if found is not None else ()


def _judge_bound(catalogue: Catalogue, bound: Bound, rows: Rows) -> Judgement:
    """1 inside the bounds, falling with the relative distance outside; unknown numbers score 0."""
    numbers = catalogue.numbers(bound.facet)[rows].astype(np.float64)
    known = ~np.isnan(numbers)
    scale = _scale(catalogue, bound)
    slack = 1e-6 * scale
    gap = np.zeros(len(rows))
    if bound.min is not None:
        gap = np.maximum(gap, bound.min - numbers)
    if bound.max is not None:
        gap = np.maximum(gap, numbers - bound.max)
    inside = known & (gap <= max(slack, 1e-6 * np.abs(numbers).max(initial=0.0, where=known)))
    scores = np.where(inside, 1.0, 0.8 * np.exp(-np.maximum(gap, 0.0) / scale))
    return Judgement(scores=np.where(known, scores, 0.0), met=inside, missed=known & ~inside)


def judge_about(catalogue: Catalogue, bound: Bound, rows: Rows) -> Judgement:
    """Closeness to the soft centre `about`; within a tenth of it counts as met."""
    assert bound.about is not None, "the caller checks it"
    numbers = catalogue.numbers(bound.facet)[rows].astype(np.float64)
    known = ~np.isnan(numbers)
    scale = 0.2 * abs(bound.about) if bound.about else _scale(catalogue, bound)
    distance = np.where(known, np.abs(numbers - bound.about), np.inf)
    met = distance <= 0.5 * scale
    return Judgement(
        scores=np.exp(-distance / scale), met=met, missed=known & (distance > 2 * scale)
    )


def _scale(catalogue: Catalogue, bound: Bound) -> float:
    """A distance that matters: a quarter of the bound, at least a tenth of the facet's spread."""
    numbers = catalogue.numbers(bound.facet)
    known = numbers[~np.isnan(numbers)]
    spread = float(np.subtract(*np.percentile(known, [90, 10]))) if len(known) else 0.0
    edges = [abs(edge) for edge in (bound.min, bound.max, bound.about) if edge is not None]
    return max(0.25 * max(edges, default=0.0), 0.1 * spread, 1e-6)


def judge_wish(
    catalogue: Catalogue,
    vectors: Vectors,
    text: str,
    rows: Rows,
    units: Floats,
    trust: float = 1.0,
) -> Judgement:
    """A free-text wish, by the words of listings and reviews and a little by the pictures.

    `trust`: how far words find pictures in this shop, 0..1.

    Words that the pack lists for a concept count like the wish's own ("comfortable": soft, easy).
    `met`: the listing has such a word. `missed` is never claimed: silence is no proof.
    """
    hits = _hits(catalogue, wish_words(catalogue.pack, text), rows)
    seen = (1 - WORD_CREDIT) * trust
    scores = (1 - seen) * hits
    if seen > 0:
        scores = scores + seen * _likeness(vectors.texts([text]), units)
    none = np.zeros(len(rows), dtype=np.bool_)
    return Judgement(scores=scores, met=hits > 0, missed=none)


def _hits(catalogue: Catalogue, words: str, rows: Rows) -> Scores:
    """How well listings and reviews match the words: 0 not at all, 1 among the best tenth, (n,)."""
    found = np.zeros(len(catalogue))
    mask = np.zeros(len(catalogue), dtype=np.bool_)
    mask[rows] = True
    for row, score in catalogue.words(words, mask, len(rows)):
        found[row] = score
    hits = found[rows]
    positive = hits[hits > 0]
    return np.minimum(hits / np.percentile(positive, 90), 1.0) if len(positive) else hits


def wish_words(pack: DomainPack, text: str) -> str:
    """The wish's words with those of the concepts it names."""
    words = _WORDS.findall(text.casefold())
    spoken = f" {' '.join(words)} "
    more = [
        word
        for concept, others in pack.concepts.items()
        if f" {' '.join(_WORDS.findall(concept.casefold()))} " in spoken
        for word in others
    ]
    return " ".join([*words, *more])


def likeness(targets: Floats, units: Floats) -> Scores:
    """Mean cosine of unit rows (n, d) with raw targets (m, d), shifted into 0..1, (n,)."""
    if not len(targets):
        return np.zeros(len(units))
    centre = unit(unit(targets).mean(axis=0))
    return np.clip((units @ centre + 1.0) / 2.0, 0.0, 1.0).astype(np.float64)


def _likeness(targets: Floats, units: Floats) -> Scores:
    """Best cosine with any target, spread over 0..1 within the candidates, (n,)."""
    if not len(units):
        return np.zeros(0)
    best = (units @ unit(targets).T).max(axis=1).astype(np.float64)
    low, high = float(best.min()), float(best.max())
    return (best - low) / (high - low) if high - low > 1e-9 else np.full(len(units), 0.5)


def rank_share(scores: Scores, k: float = 20.0) -> Scores:
    """Reciprocal-rank share of each row: 1 for the best, k / (k + rank) below; equal scores share.

    The summand of reciprocal rank fusion, scaled so that a fused value stays in 0..1.
    """
    if not len(scores):
        return np.zeros(0)
    order = np.sort(scores)[::-1]
    rank = np.searchsorted(-order, -scores, side="left").astype(np.float64)  # 0 for the best
    return np.asarray(k / (k + rank), dtype=np.float64)


def mean_of(parts: Sequence[Scores], weights: Sequence[float], size: int) -> Scores:
    """Weighted mean of parts (n,); zeros without parts."""
    if not parts:
        return np.zeros(size)
    stacked = np.stack(parts).astype(np.float64)
    return (np.asarray(weights, dtype=np.float64) @ stacked) / float(sum(weights))

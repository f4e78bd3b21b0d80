"""Score items, embeddings and pictures for a person on one calibrated scale."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.errors import SetupError, ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import (
    Artifacts,
    Catalogue,
    Contribution,
    Encoder,
    Explainer,
    Floats,
    Scorer,
    UserFeatures,
)
from vitrine.core.refs import EmbeddingRef, ImageRef, ItemId
from vitrine.tools.references import FacetPreference, Taste, Vectors, unit

Probabilities = NDArray[np.float64]
Candidate = ItemId | EmbeddingRef | ImageRef


class ScoreRequest(Frozen):
    """Whose taste, the words of the request, and what to score (kinds may be mixed)."""

    taste: Taste = Taste()
    facets: tuple[FacetPreference, ...] = ()
    text: str = Field(default="", max_length=2000)
    candidates: tuple[Candidate, ...]
    attribute: bool = Field(default=False, description="also tell what raised each score most")


class Cause(Frozen):
    """What raised a score most: a stated preference, or (no facet) the likeness to a liked thing.

    The kind of thing does not count: everything that is compared has it.

    `amount` is its share in the log-odds; `wanted` is false for a preference against the value.
    """

    facet: str | None = None
    value: str | None = None
    wanted: bool = True
    amount: float


class Scored(Frozen):
    """One candidate's score, 0..1: the calibrated probability of liking.

    `parts` holds each scorer's own probability by name; `fit` is the cosine of text and picture
    (-1..1, absent without text). `embedding` is where the candidate's embedding is stored now.
    An item without a picture has the score `NO_PICTURE`, no parts and no fit. `cause` is told on request,
    if a scorer can attribute its scores and anything known of the person raised this one.
    """

    score: float = Field(ge=0, le=1)
    parts: dict[str, float] = Field(default_factory=dict)
    fit: float | None = None
    embedding: EmbeddingRef | None = None
    cause: Cause | None = None


class ScoreResult(Frozen):
    """One entry a candidate, in order."""

    scores: tuple[Scored, ...]


NO_PICTURE = 0.5
"""Score of an item without a picture: it shows the scorers nothing, for or against."""

LEAST_CAUSE = 0.1
"""Log-odds below which nothing is said to have raised a score."""

_EDGE = 1e-4  # probabilities are kept this far from 0 and 1 before their odds are taken


class ScoreCandidates:
    """Scores by one or several calibrated scorers; several are pooled by their mean log-odds.

    Args:
        scorers: by name; each returns calibrated probabilities, so their odds may be averaged.
        encoder: encodes pictures and the words of the request.
        catalogue: where items are looked up.
        artifacts: where embeddings and pictures lie.
        weights: share of each scorer (default: equal).

    Raises:
        SetupError: no scorer, or one of another space than the encoder's.
    """

    def __init__(
        self,
        scorers: Mapping[str, Scorer],
        encoder: Encoder,
        catalogue: Catalogue,
        artifacts: Artifacts,
        *,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        if not scorers:
            raise SetupError("no scorer is configured: expected at least one")
        for name, scorer in scorers.items():
            if scorer.space != encoder.space:
                raise SetupError(
                    f"scorer {name!r} works in space {scorer.space!r}, the encoder in"
                    f" {encoder.space!r}: expected weights trained together"
                )
        self._scorers = dict(scorers)
        self._weights = {name: (weights or {}).get(name, 1.0) for name in scorers}
        self._encoder = encoder
        self._catalogue = catalogue
        self._artifacts = artifacts
        self._vectors = Vectors(catalogue, encoder, artifacts)

    def __call__(self, request: ScoreRequest) -> ScoreResult:
        """One score a candidate, in order. Scores do not depend on what else is in the request.

        Raises:
            ToolError: a candidate is gone or of another space.
        """
        if not request.candidates:
            return ScoreResult(scores=())
        rows, refs = self._embeddings(request.candidates)
        seen = np.any(rows != 0, axis=1)
        if not seen.any():
            return ScoreResult(scores=(Scored(score=NO_PICTURE),) * len(rows))
        user = UserFeatures(
            taste=self._vectors.evidence(request.taste),
            facets={(p.facet, p.value): p.weight for p in request.facets},
        )
        parts = {
            name: np.clip(scorer.score(user, request.text, rows).astype(np.float64), 0.0, 1.0)
            for name, scorer in self._scorers.items()
        }
        if not all(np.isfinite(part).all() for part in parts.values()):
            raise ToolError("a scorer returned values that are no numbers")
        pooled = self._pooled(parts)
        fits: list[float | None] = [None] * len(rows)
        if request.text.strip():
            target = unit(self._vectors.texts([request.text]))[0]
            fits = [round(float(fit), 4) for fit in np.clip(unit(rows) @ target, -1.0, 1.0)]
        causes = self._causes(user, request, rows)
        return ScoreResult(
            scores=tuple(
                Scored(
                    score=round(float(pooled[i]), 6),
                    parts={name: round(float(part[i]), 6) for name, part in parts.items()},
                    fit=fits[i],
                    embedding=refs[i],
                    cause=causes[i],
                )
                if seen[i]
                else Scored(score=NO_PICTURE)
                for i in range(len(rows))
            )
        )

    def _causes(
        self, user: UserFeatures, request: ScoreRequest, rows: Floats
    ) -> list[Cause | None]:
        """What raised each score most, by the first scorer that can tell."""
        explainer = next((s for s in self._scorers.values() if isinstance(s, Explainer)), None)
        if not request.attribute or explainer is None:
            return [None] * len(rows)
        head = self._catalogue.pack.head.name
        return [
            _strongest([c for c in attribution.contributions if c.facet != head], user)
            for attribution in explainer.attribute(user, request.text, rows)
        ]

    def _pooled(self, parts: Mapping[str, Probabilities]) -> Probabilities:
        """Probability of the weighted mean log-odds, (n,); one scorer: its own probability."""
        if len(parts) == 1:
            return next(iter(parts.values()))
        names = list(parts)
        clipped = np.clip(np.stack([parts[name] for name in names]), _EDGE, 1 - _EDGE)
        odds = np.average(
            np.log(clipped / (1 - clipped)), axis=0, weights=[self._weights[name] for name in names]
        )
        return 1.0 / (1.0 + np.exp(-odds))

    def _embeddings(
        self, candidates: tuple[Candidate, ...]
    ) -> tuple[Floats, list[EmbeddingRef | None]]:
        """Raw embeddings (n, d) of all candidates, and where pictures' new ones were stored.

        An item without a picture has a row of zeros.
        """
        rows = np.zeros((len(candidates), self._vectors.dim), dtype=np.float32)
        refs: list[EmbeddingRef | None] = [None] * len(candidates)
        pictures: list[tuple[int, ImageRef]] = []
        for index, candidate in enumerate(candidates):
            if isinstance(candidate, ImageRef):
                pictures.append((index, candidate))
                continue
            found = self._vectors.of([candidate])
            if len(found):
                rows[index] = found[0]
            refs[index] = candidate if isinstance(candidate, EmbeddingRef) else None
        if pictures:
            encoded = self._vectors.pictures([ref for _, ref in pictures])
            stored = self._artifacts.put_embeddings(encoded, self._encoder.space)
            for (index, _), row, ref in zip(pictures, encoded, stored, strict=True):
                rows[index], refs[index] = row, ref
        return rows, refs


def _strongest(contributions: Sequence[Contribution], user: UserFeatures) -> Cause | None:
    """The known thing about the person that raised a score most, if any did."""
    known = [c for c in contributions if c.source in ("facet", "liked")]
    top = max(known, key=lambda c: c.amount, default=None)
    if top is None or top.amount < LEAST_CAUSE:
        return None
    if top.source == "liked":
        return Cause(amount=round(top.amount, 4))
    return Cause(
        facet=top.facet,
        value=top.value,
        wanted=user.facets[top.facet, top.value] > 0,
        amount=round(top.amount, 4),
    )

"""Score items, embeddings and pictures for a person on one calibrated scale."""

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import EmbeddingRef, ImageRef, ItemId
from vitrine.tools.references import FacetPreference, Taste

Candidate = ItemId | EmbeddingRef | ImageRef


class ScoreRequest(Frozen):
    """Whose taste, the words of the request, and what to score (kinds may be mixed)."""

    taste: Taste = Taste()
    facets: tuple[FacetPreference, ...] = ()
    text: str = Field(default="", max_length=2000)
    candidates: tuple[Candidate, ...]


class Scored(Frozen):
    """One candidate's score, 0..1: the calibrated probability of liking.

    `parts` holds each scorer's own probability by name; `fit` is the cosine of text and picture
    (-1..1, absent without text). `embedding` is where the candidate's embedding is stored now.
    """

    score: float = Field(ge=0, le=1)
    parts: dict[str, float] = Field(default_factory=dict)
    fit: float | None = None
    embedding: EmbeddingRef | None = None


class ScoreResult(Frozen):
    """One entry a candidate, in order."""

    scores: tuple[Scored, ...]

"""The real items closest to embeddings (designs, sent pictures)."""

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import EmbeddingRef, ItemId
from vitrine.tools.conditions import Conditions


class NearestRequest(Frozen):
    """For each embedding the `count` closest items that pass the hard conditions."""

    embeddings: tuple[EmbeddingRef, ...]
    conditions: Conditions = Conditions()
    exclude: tuple[ItemId, ...] = ()
    count: int = Field(default=1, ge=1, le=50)


class Near(Frozen):
    """One item and the cosine of image embeddings, -1..1."""

    id: ItemId
    similarity: float


class NearestResult(Frozen):
    """One tuple an embedding, best first; empty where no item passes."""

    nearest: tuple[tuple[Near, ...], ...]

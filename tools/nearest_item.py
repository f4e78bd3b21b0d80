"""The real items closest to embeddings (designs, sent pictures)."""

import numpy as np
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Artifacts, Catalogue, Encoder, Filters
from vitrine.core.refs import EmbeddingRef, ItemId
from vitrine.tools.conditions import Conditions
from vitrine.tools.references import Vectors
from vitrine.tools.relaxing import hard_filters


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


class NearestItem:
    """Exact nearest neighbours by cosine of image embeddings.

    Args:
        catalogue: what is searched.
        encoder: defines the space.
        artifacts: where the embeddings lie.
    """

    def __init__(self, catalogue: Catalogue, encoder: Encoder, artifacts: Artifacts) -> None:
        self._catalogue = catalogue
        self._vectors = Vectors(catalogue, encoder, artifacts)

    def __call__(self, request: NearestRequest) -> NearestResult:
        """The closest items of each embedding. Conditions are never set aside here.

        Raises:
            ToolError: an embedding is gone or of another space.
        """
        if not request.embeddings:
            return NearestResult(nearest=())
        catalogue = self._catalogue
        mask = hard_filters(catalogue, request.conditions)
        mask &= catalogue.mask(Filters(exclude=frozenset(request.exclude)))
        found = catalogue.nearest(self._vectors.of(request.embeddings), mask, request.count)
        return NearestResult(
            nearest=tuple(
                tuple(
                    Near(id=catalogue.at(row).id, similarity=float(np.clip(cosine, -1.0, 1.0)))
                    for row, cosine in near
                )
                for near in found
            )
        )

"""Things that tools may be pointed at, and their embeddings.

A reference is an item id (its catalogue vector) or an `EmbeddingRef` (a design, a sent picture).
"""

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import EmbeddingRef, ItemId

Reference = ItemId | EmbeddingRef


class Taste(Frozen):
    """What a person liked and disliked, newest last; either may be empty.

    `user_id` names a user the models were trained with, if any.
    """

    liked: tuple[Reference, ...] = ()
    disliked: tuple[Reference, ...] = ()
    user_id: str | None = None


class FacetPreference(Frozen):
    """A signed preference for one facet value: wants and likes positive, avoids negative."""

    facet: str
    value: str
    weight: float = Field(ge=-1, le=1)

"""Find the catalogue's items for what is believed, exactly filtered and ranked by all signals."""

from typing import Literal

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import ImageRef, ItemId
from vitrine.tools.conditions import Conditions, NotCarried, SetAside
from vitrine.tools.references import Reference

Signal = Literal[
    "text", "image", "words", "wants", "avoids", "about", "wishes", "profile", "likeness"
]


class WishText(Frozen):
    """A free-text wish that no facet covers."""

    text: str = Field(min_length=1, max_length=300)
    polarity: Literal["want", "avoid"] = "want"


class RetrieveRequest(Frozen):
    """What to look for.

    `query`: words for text-to-image and word search (a prompt made from beliefs, or the user's).
    `image`: a picture the user sent; `like` / `unlike`: things to be near to / far from.
    `conditions`: hard ones filter exactly, soft ones rank; a wanted value that the catalogue lacks
    only ranks (by its words) and comes back in `not_carried`.
    `wishes`: free text of this conversation. `profile_likes` / `profile_avoids`: sentences.
    `exclude`: never returned. `diversity` 0 ranks by score alone, 1 spreads as far as it can.
    """

    query: str = Field(default="", max_length=2000)
    image: ImageRef | None = None
    like: tuple[Reference, ...] = ()
    unlike: tuple[Reference, ...] = ()
    conditions: Conditions = Conditions()
    wishes: tuple[WishText, ...] = ()
    profile_likes: tuple[str, ...] = ()
    profile_avoids: tuple[str, ...] = ()
    exclude: tuple[ItemId, ...] = ()
    count: int = Field(default=4, ge=1, le=50)
    diversity: float = Field(default=0.3, ge=0, le=1)


class Cited(Frozen):
    """One soft belief that an item meets or misses.

    kind: `want`, `avoid`, `bound`, `about`, `stock` (facet conditions), `wish` (free text),
    `like` / `dislike` (profile sentence in `text`). For `want`, `value` is the one that was met.
    """

    kind: Literal["want", "avoid", "bound", "about", "stock", "wish", "like", "dislike"]
    facet: str | None = None
    value: str | None = None
    text: str | None = None


class RankedItem(Frozen):
    """One item. `score` is the blended rank score in 0..1 (comparable within one result)."""

    id: ItemId
    score: float = Field(ge=0, le=1)
    signals: dict[Signal, float] = Field(description="each in 0..1 (avoids: 1 is free of them)")
    meets: tuple[Cited, ...] = ()
    misses: tuple[Cited, ...] = ()


class RetrieveResult(Frozen):
    """Best first.

    `matching` counts the items that pass the conditions in force (all hard ones less `relaxed`),
    `exclude` not subtracted. `relaxed` is empty unless nothing passed all hard conditions.
    """

    items: tuple[RankedItem, ...]
    matching: int = Field(ge=0)
    relaxed: tuple[SetAside, ...] = ()
    not_carried: tuple[NotCarried, ...] = ()

"""Interest rewrite (I-AM-G sec. 4.1): tags of the history, top interests, rewritten text T*."""

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import ItemId


class HistoryThing(Frozen):
    """One thing of the history: a catalogue item, or a design by the facets that were asked of it."""

    item: ItemId | None = None
    facets: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class RewriteRequest(Frozen):
    """History (newest last) and the target text T.

    `target_tags` are the target's own tags (eq. 4), facet -> values. `settled` names facets that the
    request decides: their history tags are no interests (asking for teal, red is none).
    `top` is H, `last` is k of eq. 5. `max_words` is the budget of T*: the text of T is cut, tags never.
    """

    history: tuple[HistoryThing, ...]
    target: str = Field(max_length=4000)
    target_tags: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    settled: tuple[str, ...] = ()
    top: int = Field(default=6, ge=0, le=20)
    last: int = Field(default=12, ge=1, le=200)
    max_words: int = Field(default=48, ge=16, le=400)


class Interest(Frozen):
    """One tag of the history: how many things carry it, and which items."""

    facet: str
    value: str
    count: int = Field(ge=1)
    items: tuple[ItemId, ...] = ()


class RewriteResult(Frozen):
    """`tags` all tags by frequency, `interests` the top H of them, `text` T*.

    `words_cut` is how many words of T did not fit.
    """

    tags: tuple[Interest, ...]
    interests: tuple[Interest, ...]
    text: str
    words_cut: int = 0

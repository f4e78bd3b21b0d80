"""Interest rewrite (I-AM-G sec. 4.1): tags of the history, top interests, rewritten text T*."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.tools.signals import value_words


class HistoryThing(Frozen):
    """One thing of the history: a catalogue item, or a design by the facets asked of it."""

    item: ItemId | None = None
    facets: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class RewriteRequest(Frozen):
    """History (newest last) and the target text T.

    `target_tags` are the target's own tags (eq. 4), facet -> values. `settled` names facets that
    the request decides: their history tags are no interests (asking for teal, red is none).
    `top` is H, `last` is k of eq. 5. `max_words` is the budget of T*: the text of T is cut first,
    then the least interests; the tags that are reported stand in the text.
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


class RewriteInterests:
    """Interest rewrite, I-AM-G (eq. 4, 5 and the template of T*).

    Differs from the paper: tags are catalogue facets, not words of a language model; the text of T
    is cut to a budget instead of the tags, which stand at the end and would fall to CLIP's 77
    tokens; facets that the request settles give no interests, since they would pull against it.

    Args:
        catalogue: where tags of items come from; its pack names the facets and the thing.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, request: RewriteRequest) -> RewriteResult:
        """Tags by frequency; ties: newest first, then the pack's order of facets and values."""
        pack = self._catalogue.pack
        skipped = {*request.settled, *request.target_tags}
        order = {
            facet.name: number
            for number, facet in enumerate(pack.facets)
            if facet.kind == "categorical"
        }
        counts: dict[tuple[str, str], int] = {}
        newest: dict[tuple[str, str], int] = {}
        carriers: dict[tuple[str, str], list[ItemId]] = {}
        for age, thing in enumerate(reversed(request.history[-request.last :])):
            for tag in self._tags(thing):
                if tag[0] not in order or tag[0] in skipped:
                    continue
                counts[tag] = counts.get(tag, 0) + 1
                newest.setdefault(tag, age)
                if thing.item is not None:
                    carriers.setdefault(tag, []).append(thing.item)
        ranked = sorted(counts, key=lambda t: (-counts[t], newest[t], order[t[0]], t[1]))
        tags = tuple(
            Interest(
                facet=tag[0], value=tag[1], count=counts[tag], items=tuple(carriers.get(tag, ()))
            )
            for tag in ranked
        )
        return self._written(request, tags)

    def _tags(self, thing: HistoryThing) -> tuple[tuple[str, str], ...]:
        """Each facet value of the thing, once; an item that left the catalogue has none."""
        facets: Mapping[str, Sequence[str]] = thing.facets
        if thing.item is not None and self._catalogue.has(thing.item):
            facets = {**self._catalogue.item(thing.item).facets, **thing.facets}
        pairs = [(facet, value) for facet, values in facets.items() for value in values]
        return tuple(dict.fromkeys(pairs))

    def _written(self, request: RewriteRequest, tags: tuple[Interest, ...]) -> RewriteResult:
        """T* within the budget: interests give way from the least, then words of T; tags stay."""
        pack = self._catalogue.pack
        own = [
            value_words(pack, facet, value)
            for facet, values in request.target_tags.items()
            for value in values
        ]
        interests = tags[: request.top]
        tail = _tail(pack.noun, own, self._spoken(interests))
        while interests and len(tail.split()) > request.max_words:
            interests = interests[:-1]
            tail = _tail(pack.noun, own, self._spoken(interests))
        words = request.target.split()
        room = max(0, request.max_words - len(tail.split()))
        kept = " ".join(words[:room])
        if kept and tail and not kept.endswith((".", "!", "?")):
            kept = kept.rstrip(",;:") + "."
        return RewriteResult(
            tags=tags,
            interests=interests,
            text=" ".join(part for part in (kept, tail) if part),
            words_cut=max(0, len(words) - room),
        )

    def _spoken(self, interests: tuple[Interest, ...]) -> list[str]:
        pack = self._catalogue.pack
        return [value_words(pack, tag.facet, tag.value) for tag in interests]


def _tail(noun: str, own: list[str], interests: list[str]) -> str:
    """The template of I-AM-G sec. 4.1; a part without tags is left out."""
    about = f"about {', '.join(own)}" if own else ""
    related = f"maybe related to {', '.join(interests)}" if interests else ""
    parts = ", ".join(part for part in (about, related) if part)
    return f"This {noun} is {parts}." if parts else ""

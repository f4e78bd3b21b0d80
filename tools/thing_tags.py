"""Tags of the things of a history: checked facets first, then what was extracted from the rest."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Catalogue
from vitrine.core.refs import EmbeddingRef, ItemId
from vitrine.tools.merge_tags import TagMerger

Tag = tuple[str, str]
"""(facet, value); a tag that is no facet value has no facet."""


class HistoryThing(Frozen):
    """One thing of the history: a catalogue item, or a design by the facets asked of it.

    `tags`: what else was extracted from it; an item's own are in the catalogue. `embedding`: how a
    design was drawn.
    """

    item: ItemId | None = None
    facets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    embedding: EmbeddingRef | None = None


class ThingTags:
    """Reads tags of things: near-synonyms as one, words that say a facet value as that value.

    A word that tells a facet which the thing has anyway is left out: the shop's data is checked, a
    reading of picture or prose is not.

    Args:
        catalogue: where facets and tags of items lie.
        merger: knows which tags are one.
    """

    def __init__(self, catalogue: Catalogue, merger: TagMerger) -> None:
        self._catalogue, self._merger = catalogue, merger

    def __call__(self, things: Sequence[HistoryThing]) -> list[tuple[Tag, ...]]:
        """Tags of each thing, each once; an item that left the catalogue has only its own words."""
        words = [self._words(thing) for thing in things]
        standing = self._merger(tuple(dict.fromkeys(word for own in words for word in own)))
        found: list[tuple[Tag, ...]] = []
        for thing, own in zip(things, words, strict=True):
            facets = self._facets(thing)
            tags: list[Tag] = [(f, value) for f, values in facets.items() for value in values]
            for word in own:
                tag = self._merger.value(standing[word]) or ("", standing[word])
                if not facets.get(tag[0]):
                    tags.append(tag)
            found.append(tuple(dict.fromkeys(tags)))
        return found

    def _facets(self, thing: HistoryThing) -> Mapping[str, Sequence[str]]:
        if thing.item is not None and self._catalogue.has(thing.item):
            return {**self._catalogue.item(thing.item).facets, **thing.facets}
        return thing.facets

    def _words(self, thing: HistoryThing) -> tuple[str, ...]:
        if thing.item is not None and self._catalogue.has(thing.item):
            return (*thing.tags, *self._catalogue.tags(thing.item))
        return thing.tags

"""Shown things that words may point at, and what a reference to them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrine.agent.understanding import pointing
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.refs import ThingRef

RefKind = Literal["ordinal", "attribute", "compared", "pronoun", "rest"]
ThingKind = Literal["item", "design"]
Wanted = dict[str, set[str]]
"""Values by facet that a thing must have to be meant."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference. `things` empty: it points at nothing, or at several (`several`)."""

    span: Span
    kind: RefKind
    things: tuple[ThingRef, ...]
    several: bool = False
    plural: bool = False

    @property
    def unresolved(self) -> bool:
        return not self.things


_LEADS = frozenset("the that your those".split())
_SETS = {
    "first": 1, "initial": 1, "original": 1, "second": 2, "third": 3, "previous": -2, "earlier": -2,
    "prior": -2, "old": -2, "last": -1, "latest": -1, "newest": -1, "current": -1,
}  # fmt: skip
_SET_NOUNS = frozenset("set batch lot page round bunch selection list results group row".split())


class Pool:
    """The shown things of a conversation, as one message may speak of them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.text = scene.text

    def of(self, span: Span, sentence: Span, kind: ThingKind | None) -> tuple[Span, list[ThingRef]]:
        """The things that may be meant: the last set, or all earlier ones, of one kind if named.

        The span comes back with the words that say "from before".
        """
        earlier = pointing.EARLIER.match(self.text, span.end, sentence.end)
        if earlier is None and (found := self._set_named(span.end, sentence, kind)) is not None:
            span, things = Span(span.start, found[0]), list(found[1])
            return span, [t for t in things if kind is None or t.kind == kind]
        if earlier is not None:
            span = Span(span.start, span.end + earlier[0])
            sets = self.scene.shown[:-1] or self.scene.shown
            if "first" in earlier[1]:
                sets = self.scene.shown[:1]
            pool = list(dict.fromkeys(t for s in sets for t in s.things))
        else:
            pool = list(self.scene.last_shown)
            if kind is not None and not any(t.kind == kind for t in pool):
                for shown in reversed(self.scene.shown):
                    if any(t.kind == kind for t in shown.things):
                        pool = list(shown.things)
                        break
        if kind is not None:
            pool = [t for t in pool if t.kind == kind]
        return span, pool

    def _set_named(
        self, at: int, sentence: Span, kind: ThingKind | None
    ) -> tuple[int, tuple[ThingRef, ...]] | None:
        """Such as "of the first four drawings", "in the previous batch", "from your second lot"."""
        word = self.text.word
        if word(at) not in ("of", "from", "in", "on") or word(at + 1) not in _LEADS:
            return None
        place = _SETS.get(word(at + 2))
        end = at + 3
        counted = word(end) in pointing.COUNTS
        end += counted
        noun = word(end)
        several = noun in pointing.ONES or noun in pointing.DESIGNS
        head = self.scene.mention_at(end)
        several = several or (head is not None and self.scene.is_head(head))
        if place is None or not (noun in _SET_NOUNS or (several and counted)):
            return None
        if noun in pointing.DESIGNS:
            kind = "design"
        sets = [
            s for s in self.scene.shown if kind is None or any(t.kind == kind for t in s.things)
        ]
        index = place - 1 if place > 0 else len(sets) + place
        if not 0 <= index < len(sets):
            return None
        return min(end + 1, sentence.end), sets[index].things

    def earlier(self, wanted: Wanted, count: int = 1) -> list[ThingRef]:
        """The fitting things of the latest set that has enough of them."""
        for shown in reversed(self.scene.shown):
            fitting = self.fitting(shown.things, wanted)
            if len(fitting) >= count:
                return fitting
        return []

    def fitting(
        self, things: list[ThingRef] | tuple[ThingRef, ...], wanted: Wanted
    ) -> list[ThingRef]:
        return [t for t in things if self.fits(t, wanted)]

    def fits(self, thing: ThingRef, wanted: Wanted) -> bool:
        facets = self.scene.facets_of(thing)
        return all(set(facets.get(name, ())) & values for name, values in wanted.items())

    def has(self, thing: ThingRef, wanted: Wanted) -> bool:
        """The thing has one of the values."""
        facets = self.scene.facets_of(thing)
        return any(set(facets.get(name, ())) & values for name, values in wanted.items())

    def values(self, span: Span, sentence: Span) -> Wanted:
        """The values that the words of the span name."""
        wanted: Wanted = {}
        for mention in self.scene.within(span):
            for meaning in self.scene.values(mention, sentence):
                wanted.setdefault(meaning.facet, set()).add(meaning.value)
        return wanted

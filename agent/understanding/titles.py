"""Things called by their names: "the Greta", "I like the blue Ferrowick Calla one".

A run of a message's words that stands in the title of exactly one shown thing points at it, if the
run holds a word that says more than the shop's facets do.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

from vitrine.agent.understanding import english, pointing
from vitrine.agent.understanding.ordinary import ORDINARY
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, read
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.core.refs import ThingRef

_LEADS = frozenset("the that this".split())
_SHORTEST_NAME = 4
_LONGEST_RUN = 24


@lru_cache(maxsize=8192)
def _cut(title: str, vocabulary: Vocabulary) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of a title, and those of them that are names: capital, no words of other things."""
    text = read(title)
    names = frozenset(
        t.word
        for t in text.tokens
        if t.is_word
        and len(t.word) >= _SHORTEST_NAME
        and text.raw[t.start].isupper()
        and t.word not in ORDINARY
        and not vocabulary.knows(t.word)
    )
    return tuple(t.word for t in text.tokens), names


class TitleReader:
    """Finds references by title among the things that were shown."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.text = scene.text

    @cached_property
    def _titles(self) -> list[tuple[ThingRef, tuple[str, ...], frozenset[str]]]:
        """(thing, words of its title, words that are names in it), latest shown first."""
        found: dict[ThingRef, tuple[tuple[str, ...], frozenset[str]]] = {}
        catalogue = self.scene.heard.catalogue
        for shown in reversed(self.scene.shown):
            for thing in shown.things:
                if thing.kind == "item" and catalogue.has(thing.id) and thing not in found:
                    found[thing] = _cut(catalogue.item(thing.id).title, self.scene.vocabulary)
        return [(thing, words, names) for thing, (words, names) in found.items()]

    def read(self, at: int, sentence: Span) -> Reference | None:
        """The reference that starts at the token, or None."""
        start = at
        led = self.text.word(at) in _LEADS
        if led:
            at += 1
        if not self.text.word(at)[:1].isalnum() or not self._titles:
            return None
        longest, things = 0, list[ThingRef]()
        first = self.text.word(at)
        for thing, words, names in self._titles:
            if first not in words:
                continue
            length = self._run(at, sentence, words)
            if length < max(longest, 1) or not self._tells(Span(at, at + length), names, led=led):
                continue
            if length > longest:
                longest, things = length, []
            things.append(thing)
        if len(things) > 1:
            things = [t for t in things if t in self.scene.last_shown]
        if len(things) != 1:
            return None
        end = at + longest
        if self.text.word(end) in pointing.ONE:
            end += 1
        return Reference(Span(start, end), "attribute", (things[0],))

    def _run(self, at: int, sentence: Span, words: tuple[str, ...]) -> int:
        """How many words from the token on stand together in the title."""
        best = 0
        limit = min(sentence.end - at, _LONGEST_RUN)
        for place in range(len(words)):
            length = 0
            while (
                length < limit
                and place + length < len(words)
                and words[place + length] == self.text.word(at + length)
            ):
                length += 1
            best = max(best, length)
        return best

    def _tells(self, run: Span, names: frozenset[str], *, led: bool) -> bool:
        """The run names the thing: a name alone, or after "the" several words with a free one."""
        words = self.text.words(run)
        if not words or self.scene.spent(run):
            return False
        if names & set(words):
            return True
        if len(words) < (2 if led else 4):
            return False
        return any(
            word[:1].isalpha()
            and self.scene.mention_over(run.start + i) is None
            and word not in english.NOUN_STOPPERS
            and word not in english.EMPTY_ADJECTIVES
            and word not in english.GENERIC_NOUNS
            for i, word in enumerate(words)
        )

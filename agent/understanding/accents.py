"""Colours of the marks on a thing, told from its own: "teal with white dots", "red on black"."""

from __future__ import annotations

from dataclasses import replace

from vitrine.agent.understanding import english
from vitrine.agent.understanding.operations import Said
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span

_COLOURING = frozenset("make turn paint colour color change have with want".split())
_BEING_SO = frozenset("should could can be to in is are being must".split())


class AccentReader:
    """Finds the colours of a message that belong to marks on the thing."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.text = scene.text
        self.pack = scene.vocabulary.pack

    def assigned(self, said: list[Said], sentence: Span) -> list[Said]:
        """Colours of a pattern: in "teal with white dots" white belongs to the dots."""
        result = list(said)
        for index, one in enumerate(said):
            accent = self.scene.vocabulary.accents.get(one.unit.facet)
            facet = self.pack.facet(accent) if accent is not None else None
            if facet is None or index == 0 or facet.values_from is None:
                continue
            follows = next(
                (s for s in said[index + 1 :] if s.unit.span.start == one.unit.span.end), None
            )
            if follows is not None and follows.unit.head:
                continue
            before = said[index - 1]
            if before.unit.wish and index >= 2:
                before = said[index - 2]
            touching = before.unit.facet == facet.values_from and self._next_to(
                before.unit.span.end, one.unit.span.start
            )
            if not touching or not self._is_noun(one):
                continue
            joined = (
                index >= 2
                and said[index - 2].unit.facet == facet.values_from
                and self._joined(said[index - 2], before)
            )
            if joined and any(
                s.unit.facet == facet.values_from
                for s in said
                if s not in (before, said[index - 2])
            ):
                result[index - 2] = self._as_accent(said[index - 2], facet.name)
            result[said.index(before)] = self._as_accent(before, facet.name)
        result = self._upon(self._coloured_marks(result, sentence))
        return self._named_accents(result, sentence)

    def _upon(self, said: list[Said]) -> list[Said]:
        """Marks on a ground: "with flowers, red on black", where a pattern is named beside."""
        result = list(said)
        accents = self.scene.vocabulary.accents
        marks = next((accents[s.unit.facet] for s in said if s.unit.facet in accents), None)
        facet = self.pack.facet(marks) if marks is not None else None
        if facet is None:
            return result
        for index in range(len(said) - 1):
            one, ground = said[index], said[index + 1]
            between = self.text.words(Span(one.unit.span.end, ground.unit.span.start))
            colours = one.unit.facet == ground.unit.facet == facet.values_from
            if colours and between[:1] == ("on",) and set(between) <= {"on", "a", "an"}:
                result[index] = self._as_accent(one, facet.name)
        return result

    def _coloured_marks(self, said: list[Said], sentence: Span) -> list[Said]:
        """Colours said of the marks themselves: "make the dots white", "with dots in white"."""
        result = list(said)
        for index in range(len(said) - 1):
            one, after = said[index], said[index + 1]
            accent = self.scene.vocabulary.accents.get(one.unit.facet)
            facet = self.pack.facet(accent) if accent is not None else None
            if facet is None or after.unit.facet != facet.values_from or not self._is_noun(one):
                continue
            between = self.text.words(Span(one.unit.span.end, after.unit.span.start))
            at = one.unit.span.start
            named = self.text.word(at - 1) in ("the", "its", "those", "these", "my")
            making = (
                named and self.text.word(at - 2) in _COLOURING and between in ((), ("in",), ("to",))
            )
            being = named and bool(between) and set(between) <= _BEING_SO
            own = any(
                s.unit.facet == facet.values_from and s is not after and not s.unit.wish
                for s in said
            )  # "beige, stripes in navy"
            led = self.text.word(at - 1) in ("with", "has", "have", "of") or own
            having = led and between == ("in",)
            if making or being or having:
                result[index + 1] = self._as_accent(after, facet.name)
        return result

    def _named_accents(self, said: list[Said], sentence: Span) -> list[Said]:
        """Colours beside the accent's own word: "pink and green accents", "blue as an accent"."""
        result = list(said)
        for mention in self.scene.within(sentence):
            named = mention.of("facet")
            facet = self.pack.facet(named[0].facet) if named else None
            if facet is None or facet.of is None or facet.values_from is None:
                continue
            end = mention.span.start
            while self.text.word(end - 1) in ("as", "an", "a", "for"):
                end -= 1
            for index in range(len(result) - 1, -1, -1):
                one = result[index]
                if one.unit.facet != facet.values_from or not self._next_to(one.unit.span.end, end):
                    continue
                result[index] = self._as_accent(one, facet.name)
                end = one.unit.span.start
                if self.text.word(end - 1) not in ("and", "&", "/", "or", ","):
                    break
                end -= 1
        return result

    def _next_to(self, end: int, start: int) -> bool:
        """Nothing, or one adjective that the shop has no value for, stands between."""
        if start - end > 1:
            return False
        word = self.text.word(end)
        return start == end or (
            word.isalpha()
            and word not in english.NOUN_STOPPERS
            and self.scene.mention_over(end) is None
        )

    def _is_noun(self, one: Said) -> bool:
        """The word names marks on the thing ("dots"), not a property of it ("dotted")."""
        last = self.text.word(one.unit.span.end - 1)
        return not last.endswith("ed")

    def _joined(self, first: Said, second: Said) -> bool:
        between = self.text.words(Span(first.unit.span.end, second.unit.span.start))
        return len(between) == 1 and between[0] in ("and", "&", "/", "or")

    def _as_accent(self, one: Said, facet: str) -> Said:
        meanings = tuple(replace(m, facet=facet) for m in one.meanings)
        return Said(replace(one.unit, facet=facet), meanings)

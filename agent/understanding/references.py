"""What "the second one", "the red dress", "those" and "it" point at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrine.agent.understanding import english, phrases, pointing
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.wordforms import plural, singular
from vitrine.core.refs import ThingRef

RefKind = Literal["ordinal", "attribute", "compared", "pronoun", "rest"]


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


class ReferenceReader:
    """Finds the references of one message. Reads nothing where nothing was shown yet."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.text = scene.text
        self.state = scene.heard.state
        self.spoken: ThingRef | None = None
        self.spoken_of: tuple[ThingRef, ...] = ()

    def read(self) -> list[Reference]:
        """References left to right, never overlapping."""
        found: list[Reference] = []
        if not self.scene.shown:
            return found
        for sentence in self.text.sentences:
            at = sentence.start
            while at < sentence.end:
                reference = (
                    self._ordinal(at, sentence)
                    or self._compared(at, sentence)
                    or self._described(at, sentence)
                    or self._pronoun(at, sentence)
                )
                if reference is None:
                    at += 1
                else:
                    found.append(reference)
                    if reference.things:
                        self.spoken_of = reference.things
                    if len(reference.things) == 1:
                        self.spoken = reference.things[0]
                    at = reference.span.end
        return found

    # --- "the second one", "the first two", "number 3", "design 2" -------------------------------

    def _ordinal(self, at: int, sentence: Span) -> Reference | None:
        start = at
        marked = self.text.word(at) in ("the", "that", "this", "your", "#")
        if marked:
            at += 1
        word = self.text.word(at)
        kind: Literal["item", "design"] | None = None
        if word in ("number", "no", "option", "item", "nr", "choice") or word in pointing.DESIGN:
            step = 2 if self.text.word(at + 1) in (".", "#", "number") else 1
            count = self._small(at + step)
            if count is None:
                return None
            kind = "design" if word in pointing.DESIGN else "item" if word == "item" else None
            return self._place(Span(start, at + step + 1), (count,), kind, sentence)
        if self.text.word(start) == "#":
            count = self._small(at)
            return (
                None
                if count is None
                else self._place(Span(start, at + 1), (count,), None, sentence)
            )
        places, at = self._places(at)
        if not places:
            return None
        if (
            self.text.word(at) in ("thought", "thoughts", "time", "hand", "of", "date")
            and not marked
        ):
            return None
        end, kind, plain = self._noun(at, sentence)
        if end == at and not marked:
            return None
        if plain is False and (len(places) == 1 or self.text.word(at) in pointing.TIMES):
            return None
        values = self._values_between(at, end, sentence)
        return self._place(Span(start, end), places, kind, sentence, values)

    def _places(self, at: int) -> tuple[tuple[int, ...], int]:
        """Positions named at the token: negative ones count from the end."""
        word = self.text.word(at)
        following = self.text.word(at + 1)
        if word in ("last", "final"):
            if following in pointing.COUNTS:
                return tuple(range(-pointing.COUNTS[following], 0)), at + 2
            return (-1,), at + 1
        if word not in english.ORDINALS:
            joined = (
                word + following
                if word.isdecimal() and following in ("st", "nd", "rd", "th")
                else ""
            )
            if joined in english.ORDINALS:
                return (english.ORDINALS[joined],), at + 2
            return (), at
        place = english.ORDINALS[word]
        if place == 1 and following in pointing.COUNTS:
            return tuple(range(1, pointing.COUNTS[following] + 1)), at + 2
        places = [place]
        at += 1
        while self.text.word(at) in ("and", ",", "or", "&"):
            skip = 2 if self.text.word(at + 1) == "the" else 1
            other = english.ORDINALS.get(self.text.word(at + skip))
            if other is None:
                break
            places.append(other)
            at += skip + 1
        if self.text.word(at) == "to" and self.text.word(at + 1) == "last":
            return (-place,), at + 2
        return tuple(places), at

    def _small(self, at: int) -> int | None:
        word = self.text.word(at)
        if word.isascii() and word.isdecimal() and 0 < int(word) <= 50:
            return int(word)
        return english.UNITS.get(word) or None

    def _noun(
        self, at: int, sentence: Span
    ) -> tuple[int, Literal["item", "design"] | None, bool | None]:
        """(end, kind of thing, fits) of the noun after an ordinal, adjectives skipped."""
        index = at
        while index < sentence.end and index - at < 5:
            word = self.text.word(index)
            if word in pointing.ONE or word in pointing.ONES:
                return index + 1, None, True
            if word in pointing.DESIGN or word in pointing.DESIGNS:
                return index + 1, "design", True
            mention = self.scene.mention_at(index)
            if mention is None or not mention.of("value"):
                break
            index = mention.span.end
            if self.scene.is_head(mention):
                return index, None, True
        word = self.text.word(at)
        ends = not word or not word[0].isalpha() or word in english.NOUN_STOPPERS
        return at, None, None if ends or word in ("looks", "look", "seems", "comes") else False

    def _values_between(self, start: int, end: int, sentence: Span) -> dict[str, set[str]]:
        wanted: dict[str, set[str]] = {}
        for mention in self.scene.within(Span(start, end)):
            for meaning in self.scene.values(mention, sentence):
                wanted.setdefault(meaning.facet, set()).add(meaning.value)
        return wanted

    def _place(
        self,
        span: Span,
        places: tuple[int, ...],
        kind: Literal["item", "design"] | None,
        sentence: Span,
        values: dict[str, set[str]] | None = None,
    ) -> Reference:
        span, pool = self._pool(span, sentence, kind)
        if values and len(fitting := [t for t in pool if self._fits(t, values)]) >= max(
            abs(p) for p in places
        ):
            pool = fitting
        elif values:
            pool = self._earlier_fitting(values, max(abs(p) for p in places)) or pool
        things: list[ThingRef] = []
        for place in places:
            index = place - 1 if place > 0 else len(pool) + place
            if not 0 <= index < len(pool):
                return Reference(span, "ordinal", ())
            things.append(pool[index])
        return Reference(span, "ordinal", tuple(dict.fromkeys(things)), plural=len(places) > 1)

    def _earlier_fitting(self, values: dict[str, set[str]], count: int) -> list[ThingRef]:
        """The fitting things of the latest set that has enough of them."""
        for shown in reversed(self.scene.shown):
            fitting = [t for t in shown.things if self._fits(t, values)]
            if len(fitting) >= count:
                return fitting
        return []

    def _pool(
        self, span: Span, sentence: Span, kind: Literal["item", "design"] | None
    ) -> tuple[Span, list[ThingRef]]:
        """The things that may be meant: the last set, or all earlier ones, of one kind if named."""
        earlier = pointing.EARLIER.match(self.text, span.end, sentence.end)
        if earlier is not None:
            span = Span(span.start, span.end + earlier[0])
            sets = self.scene.shown[:-1] or self.scene.shown
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

    # --- "the cheaper one", "the best rated of those" -------------------------------------------

    def _compared(self, at: int, sentence: Span) -> Reference | None:
        if self.text.word(at) not in ("the", "that"):
            return None
        for tables, low in (
            ((english.COMPARE_LOW, english.EXTREME_LOW), True),
            ((english.COMPARE_HIGH, english.EXTREME_HIGH), False),
        ):
            for cues in tables:
                match = cues.match(self.text, at + 1)
                if match is None:
                    continue
                facet = self.scene.vocabulary.pack.role(match[1][0])
                end = at + 1 + match[0]
                closing, of_shown = self._of_shown(end)
                if facet is None or closing is None:
                    return None
                if cues in (english.EXTREME_LOW, english.EXTREME_HIGH) and not of_shown:
                    return None  # "the cheapest" means the whole shop
                pool = list(self._spoken_of())
                numbers = {
                    t: n for t in pool if (n := self.scene.number_of(t, facet.name)) is not None
                }
                if not numbers:
                    return None
                best = (min if low else max)(numbers.values())
                things = tuple(t for t, n in numbers.items() if n == best)
                return Reference(Span(at, closing), "compared", things[:1])
        return None

    def _of_shown(self, end: int) -> tuple[int | None, bool]:
        """Where "(one) of those / of the two" ends; None where no such thing is meant."""
        one = self.text.word(end) in pointing.ONE
        index = end + 1 if one else end
        if self.text.word(index) == "of" and self.text.word(index + 1) in (
            "these", "those", "them", "the", "all",
        ):  # fmt: skip
            index += 2
            while self.text.word(index) in pointing.COUNTS or self.text.word(index) in (
                "these",
                "those",
                "them",
            ):
                index += 1
            return index, True
        return (index, False) if one else (None, False)

    def _spoken_of(self) -> tuple[ThingRef, ...]:
        return self.scene.last_shown

    # --- "the red one", "that dress" ------------------------------------------------------------

    def _described(self, at: int, sentence: Span) -> Reference | None:
        lead = self.text.word(at)
        if lead not in ("the", "that", "this", "those", "these", "your", "my"):
            return None
        index = at + 1
        wanted: dict[str, set[str]] = {}
        heads = 0
        while index < sentence.end and index - at < 7:
            mention = self.scene.mention_at(index)
            if mention is None or not mention.of("value"):
                break
            for meaning in self.scene.values(mention, sentence):
                wanted.setdefault(meaning.facet, set()).add(meaning.value)
            index = mention.span.end
            heads += self.scene.is_head(mention)
        last = self.text.word(index - 1) if index > at + 1 else ""
        noun = self.text.word(index)
        several = lead in ("those", "these")
        kind: Literal["item", "design"] | None = None
        if (
            noun in pointing.ONE
            or noun in pointing.ONES
            or noun in pointing.DESIGN
            or noun in pointing.DESIGNS
        ):
            several = several or noun in pointing.ONES or noun in pointing.DESIGNS
            kind = "design" if noun in pointing.DESIGN | pointing.DESIGNS else None
            index += 1
        elif heads:
            several = several or (
                plural(singular(last)) == last
                and lead != "that"
                and lead != "this"
                and self._has_singular(last)
            )
        else:
            return None
        if not wanted and lead == "the" and kind is None:
            return None
        if noun in pointing.ONE and self.text.word(index) in ("with", "in"):
            wanted, index = self._tail(wanted, index, sentence)
        request = self.scene.has(phrases.REQUESTS, sentence)
        about = request is not None and self.text.word(request.end - 1) == "about"
        pointed = self.text.word(at - 1) in ("with", "like", "to", "than", "as")
        if several and lead == "the" and request is not None and not about and not pointed:
            return None
        span, pool = self._pool(Span(at, index), sentence, kind)
        if not wanted:
            return self._that_one(span, several, pool, kind)
        fitting = [t for t in pool if self._fits(t, wanted)]
        if not fitting and not several:
            for shown in reversed(self.scene.shown[:-1]):
                fitting = [t for t in shown.things if self._fits(t, wanted)]
                if fitting:
                    break
        if not fitting:
            if heads and lead in ("this", "that") and self.state.focus is not None:
                return Reference(span, "attribute", (self.state.focus,))
            return None
        if several or len(fitting) == 1:
            return Reference(span, "attribute", tuple(fitting), plural=several)
        focus = self.state.focus
        if focus is not None and focus in fitting:
            return Reference(span, "attribute", (focus,))
        return Reference(span, "attribute", (), several=True)

    def _has_singular(self, word: str) -> bool:
        """The plural form is not the head value's only form (as in "trousers")."""
        return self.scene.vocabulary.knows(singular(word)) and singular(word) != word

    def _tail(
        self, wanted: dict[str, set[str]], index: int, sentence: Span
    ) -> tuple[dict[str, set[str]], int]:
        """Values after the noun: "the one with stripes"."""
        at = index + 1
        while self.text.word(at) in ("the", "a", "an"):
            at += 1
        grown = dict(wanted)
        while (mention := self.scene.mention_at(at)) is not None and mention.of("value"):
            for meaning in self.scene.values(mention, sentence):
                grown.setdefault(meaning.facet, set()).add(meaning.value)
            at = index = mention.span.end
        return grown, index

    def _that_one(
        self,
        span: Span,
        several: bool,
        pool: list[ThingRef],
        kind: Literal["item", "design"] | None,
    ) -> Reference:
        if several:
            return Reference(span, "pronoun", tuple(pool), plural=True)
        focus = self.spoken or self.state.focus
        if focus is not None and (kind is None or focus.kind == kind):
            return Reference(span, "pronoun", (focus,))
        if len(pool) == 1:
            return Reference(span, "pronoun", (pool[0],))
        return Reference(span, "pronoun", (), several=True)

    def _fits(self, thing: ThingRef, wanted: dict[str, set[str]]) -> bool:
        facets = self.scene.facets_of(thing)
        return all(set(facets.get(name, ())) & values for name, values in wanted.items())

    # --- "it", "those", "both", "the others" ----------------------------------------------------

    def _pronoun(self, at: int, sentence: Span) -> Reference | None:
        word = self.text.word(at)
        before, after = (
            self.text.word(at - 1) if at > sentence.start else "",
            self.text.word(at + 1),
        )
        pool = list(self.scene.last_shown)
        if word == "it":
            if after in pointing.DUMMY_IT:
                return None
            return self._that_one(Span(at, at + 1), False, pool, None)
        if word in ("this", "that") and after not in pointing.NO_THING:
            stands = not after or after in pointing.THAT_AFTER
            leads = not before or not before[0].isalpha() or before in pointing.THAT_BEFORE
            if stands and leads:
                return self._that_one(Span(at, at + 1), False, pool, None)
            return None
        if word in ("these", "those") and after not in pointing.NO_THING:
            count = pointing.COUNTS.get(after)
            if count is not None:
                chosen = pool[:count] if len(pool) >= count else pool
                noun = 3 if self.text.word(at + 2) in pointing.ONES else 2
                return Reference(Span(at, at + noun), "pronoun", tuple(chosen), plural=True)
            if (
                not after
                or not after[0].isalpha()
                or after in pointing.THAT_AFTER
                or after in english.NOUN_STOPPERS
            ):
                return Reference(Span(at, at + 1), "pronoun", tuple(pool), plural=True)
            return None
        if word in ("them", "they") or (word == "both" and pool):
            chosen = pool[:2] if word == "both" else list(self.spoken_of) or pool
            end = at + 3 if word == "both" and after == "of" else at + 1
            return Reference(
                Span(at, min(end, sentence.end)), "pronoun", tuple(chosen), plural=True
            )
        if word == "all" and after == "of" and self.text.word(at + 2) in ("them", "these", "those"):
            return Reference(Span(at, at + 3), "pronoun", tuple(pool), plural=True)
        if word == "the" and after in ("other", "others", "rest"):
            rest = tuple(t for t in pool if t != self.state.focus)
            one = after == "other" and self.text.word(at + 2) in pointing.ONE
            noun = self.text.word(at + 2)
            several = after != "other" or noun in pointing.ONES or noun in pointing.COUNTS
            if not one and not several and noun[:1].isalpha():
                return None
            end = at + 3 if one or (several and after == "other") else at + 2
            if one and len(rest) != 1:
                return Reference(Span(at, end), "rest", (), several=len(rest) > 1)
            return Reference(Span(at, end), "rest", rest, plural=several)
        return None

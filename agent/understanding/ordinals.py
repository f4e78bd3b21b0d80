"""References by place: "the second one", "the first two", "number 3", "between 1 and 2"."""

from __future__ import annotations

from typing import Literal

from vitrine.agent.understanding import english, pointing
from vitrine.agent.understanding.idioms import ADJECTIVES, VERBISH
from vitrine.agent.understanding.pool import Pool, Reference, ThingKind, Wanted
from vitrine.agent.understanding.text import Span
from vitrine.core.refs import ThingRef

_NUMBERED = frozenset(
    "number numbers no nos nr nrs option options item items choice num numero".split()
)
_FOREIGN = {"uno": 1, "dos": 2, "tres": 3}
_COURTESY = english.TALK | frozenset(
    "ok okay alright right great good fine yes yeah please then thanks so well it is the just cool".split()
)
_NOT_MARKED = frozenset("thought thoughts time hand of date of choice".split())
_SIDES = {"top": 1, "left": 1, "leftmost": 1, "right": -1, "rightmost": -1}
_NOWHERE = 999
_COUNTED = frozenset(
    "time thing day half part person look offer week order round chance try".split()
)
_CHOOSING = frozenset(
    "take taking want choose pick like love buy have get prefer hate dislike about is order".split()
)
_AFTER_CHOICE = frozenset("please then and but too more better best thanks in".split())
_BARE_LEADS = frozenset("between compare and or vs versus with to than &".split())

_TELLING = frozenset("is 's looks seems feels are 're look seem".split())
_BARE_VERDICTS = frozenset("yes yeah yep yup no nope nah never maybe love hate meh".split())


class OrdinalReader:
    """Finds references by place in one message."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.scene = pool.scene
        self.text = pool.text

    def read(self, at: int, sentence: Span) -> Reference | None:
        """The reference by place that starts at the token, or None."""
        start = at
        marked = self.text.word(at) in ("the", "that", "this", "your", "#", "my")
        if marked:
            at += 1
        word = self.text.word(at)
        kind: ThingKind | None = None
        before = self.text.word(at - 1)
        said_no = word == "no" and (
            before[:1].isdecimal() or before in (":", "-", "–", "is")
        )  # "1 no. 2 yes."
        if (word in _NUMBERED and not said_no) or word in pointing.DESIGN:
            step = 2 if self.text.word(at + 1) in (".", "#", "number") else 1
            count = self._small(at + step)
            if count is None:
                return None
            kind = (
                "design"
                if word in pointing.DESIGN
                else "item"
                if word in ("item", "items")
                else None
            )
            counts, end = [count], at + step + 1
            while self.text.word(end) in ("and", "&", ",", "or", "plus"):
                step = 2 if self.text.word(end + 1) in ("and", *_NUMBERED) else 1
                more = self._small(end + step)
                if more is None or self._counts_something(end + step + 1):
                    break
                counts.append(more)
                end += step + 1
            return self._place(Span(start, end), tuple(counts), kind, sentence)
        if self.text.word(start) == "#":
            count = self._small(at)
            if count is None:
                return None
            return self._place(Span(start, at + 1), (count,), None, sentence)
        if bare := self._bare(start, sentence) or self._judged(start, sentence):
            return bare
        places, at = self._places(at)
        if not places:
            return None
        if self.text.word(at) in _NOT_MARKED and not marked:
            return None
        if self._ranks(at, sentence):
            return None  # "the second best"
        if self.text.word(at) == "choice" or self.text.words(Span(at, at + 2)) == ("of", "all"):
            return None
        end, kind, plain = self._noun(at, sentence)
        opens = start == sentence.start or not self.text.word(start - 1)[:1].isalpha()
        said = self.text.word(at) in ("'s", "is", "looks", "seems", "was", ":", "-", "–", "—", "=")
        known = (
            marked or (opens and said) or self._taken(start, at) or self._alone(start, at, sentence)
        )
        if end == at and not known:
            return None
        if plain is False and (len(places) == 1 or self.text.word(at) in pointing.TIMES):
            return None
        values = self.pool.values(Span(at, end), sentence)
        return self._place(Span(start, end), places, kind, sentence, values)

    def _bare(self, at: int, sentence: Span) -> Reference | None:
        """The numbers of "compare 1 and 3" or "what sets 1 and 2 apart"."""
        count = self._small(at, digits=True)
        if count is None or count > len(self.scene.last_shown):
            return None
        against = self.text.word(at + 1) in ("vs", "versus") and at == sentence.start
        led = self.text.word(at - 1) in _BARE_LEADS and not self._counts_something(at + 1)
        if not (against or led):
            return None
        if self.scene.has(english.COMPARE, sentence) is None:
            return None
        return self._place(Span(at, at + 1), (count,), None, sentence)

    def _alone(self, start: int, end: int, sentence: Span) -> bool:
        """The place is all that is said, courtesies aside: "ok second.", "first please"."""
        rest = (*range(sentence.start, start), *range(end, sentence.end))
        asked = self.scene.heard.state.open_question
        return (asked is None or asked.facet is None) and all(
            not self.text.word(i)[:1].isalnum() or self.text.word(i) in _COURTESY for i in rest
        )

    def _ranks(self, at: int, sentence: Span) -> bool:
        """A superlative follows: the place is one in an order of merit or price."""
        if self.text.word(at) == "best":
            return True
        return any(
            cues.match(self.text, at, sentence.end) is not None
            for cues in (english.EXTREME_LOW, english.EXTREME_HIGH)
        )

    def _taken(self, start: int, end: int) -> bool:
        """Without its article behind a verb of choosing: "I will take first", "like second more"."""
        after = self.text.word(end)
        ends = not after[:1].isalpha() or after in _AFTER_CHOICE
        return ends and self.text.word(start - 1) in _CHOOSING

    def _judged(self, at: int, sentence: Span) -> Reference | None:
        """The numbers of "1 no, 2 yes", "1 and 3: no": they stand beside a bare verdict."""
        count = self._small(at, digits=True)
        if count is None or count > len(self.scene.last_shown):
            return None
        counts, end = [count], at + 1
        while self.text.word(end) in ("and", "&", ",") and (
            (more := self._small(end + 1, digits=True)) is not None
        ):
            counts.append(more)
            end += 2
        last = end
        prior = self.text.word(at - 1)
        opens = at == sentence.start or prior in ("and", "but") or not prior[:1].isalnum()
        opens = opens and self.text.word(end) not in english.CURRENCY_SIGNS
        if (
            opens
            and self.text.word(end) in _TELLING
            and self.text.word(end + 1) not in _BARE_VERDICTS
        ):
            asked = self.scene.heard.state.open_question
            if asked is None or asked.facet is None:
                return self._place(Span(at, end), tuple(counts), None, sentence)  # "3 is sick"
        while self.text.word(end) in (":", "-", "–", "—", "is", "'s", "are", "="):
            end += 1
        follows = self.text.word(end) in _BARE_VERDICTS and opens
        if not follows and self.text.word(at - 1) in ("and", "&", ",", "or"):
            follows = self._small(at - 2, digits=True) is not None and (
                self.text.words(Span(max(sentence.start, at - 4), at - 2))[-1:]
                in (("to",), ("love",))
            )
        few = sentence if sentence.end - sentence.start <= 12 else Span(at, at)
        said = [w for w in self.text.words(few) if w[:1].isalnum() and w not in _COURTESY]
        asked = self.scene.heard.state.open_question
        words = self.text.words(few)
        alone = len(said) == 1 and len(words) > 1 and "?" not in words
        if alone and (asked is None or asked.facet is None):
            follows = True  # "3 please", "alright, 2."
        if self.text.word(at - 1) in ("choose", "pick") and not self._counts_something(at + 1):
            follows = True
        leads = self.text.words(Span(max(sentence.start, at - 2), at))
        answered = leads[-1:] == ("to",) and leads[:1] and leads[0] in _BARE_VERDICTS
        if not (follows or answered):
            return None
        if self.text.word(end) not in _BARE_VERDICTS:
            return self._place(Span(at, at + 1), (count,), None, sentence)
        return self._place(Span(at, last), tuple(counts), None, sentence)

    def _counts_something(self, at: int) -> bool:
        word = self.text.word(at)
        return (word[:1].isalpha() and word not in english.NOUN_STOPPERS) or word in ("$", "€", "£")

    def _places(self, at: int) -> tuple[tuple[int, ...], int]:
        """Positions named at the token: negative ones count from the end."""
        word = self.text.word(at)
        following = self.text.word(at + 1)
        if word in ("last", "final", "bottom"):
            if following in pointing.COUNTS:
                return tuple(range(-pointing.COUNTS[following], 0)), at + 2
            return (-1,), at + 1
        if word == "top" and following in pointing.COUNTS:
            return tuple(range(1, pointing.COUNTS[following] + 1)), at + 2
        if word in _SIDES and following in pointing.ONE:
            return (_SIDES[word],), at + 1
        if word == "middle" and self.text.word(at - 2) == "in":
            if self.text.word(at - 3) in ("something", "anything", "somewhere", "price"):
                return (), at  # "something in the middle, 60 to 100"
        if word == "middle":
            count = len(self.scene.last_shown)
            return ((count + 1) // 2 if count % 2 else _NOWHERE,), at + 1
        if word not in english.ORDINALS:
            joined = (
                word + following
                if word.isdecimal() and following in ("st", "nd", "rd", "th")
                else ""
            )
            if joined in english.ORDINALS:
                return self._more([english.ORDINALS[joined]], at + 2)
            return (), at
        place = english.ORDINALS[word]
        if place == 1 and following in pointing.COUNTS:
            return tuple(range(1, pointing.COUNTS[following] + 1)), at + 2
        if self.text.word(at + 1) == "to" and self.text.word(at + 2) == "last":
            return (-place,), at + 3
        return self._more([place], at + 1)

    def _more(self, places: list[int], at: int) -> tuple[tuple[int, ...], int]:
        """The rest of "the first, the second and the last"."""
        while self.text.word(at) in ("and", ",", "or", "&"):
            step = 2 if self.text.word(at) == "," and self.text.word(at + 1) == "and" else 1
            skip = step + 1 if self.text.word(at + step) == "the" else step
            word = self.text.word(at + skip)
            other = -1 if word == "last" and skip > step else english.ORDINALS.get(word)
            if other is None or self.text.word(at + skip + 1) in pointing.ONE:
                break
            places.append(other)
            at += skip + 1
        return tuple(places), at

    def _small(self, at: int, *, digits: bool = False) -> int | None:
        word = self.text.word(at)
        if word.isascii() and word.isdecimal() and len(word) <= 2 and 0 < int(word) <= 50:
            return int(word)
        return None if digits else english.UNITS.get(word) or _FOREIGN.get(word)

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
        ends = ends or self._tells(at)
        ends = ends or word in pointing.AFTER_PLACE or self._asked_of(at, sentence)
        ends = ends or pointing.EARLIER.match(self.text, at, sentence.end) is not None
        return at, None, None if ends else False

    def _asked_of(self, at: int, sentence: Span) -> bool:
        """The last word of a yes-or-no question tells how it is: "is the price of the second fair?"."""
        closes = at + 1 >= sentence.end or self.text.word(at + 1) in ("?", "enough", "then", "or")
        word = self.text.word(at)
        asks = self.scene.opening(sentence) in ("is", "are", "was", "were", "does", "will", "would")
        closes = closes or self.text.word(at + 1) in english.PREPOSITIONS
        return asks and closes and not word.endswith("s") and word[:1].isalpha()

    def _tells(self, at: int) -> bool:
        """The word after "the second" is a participle, adjective or verb: "made of", "cheaper"."""
        word = self.text.word(at)
        following = self.text.word(at + 1)
        if word in _NOT_MARKED or word in pointing.TIMES or word in _COUNTED:
            return False
        ends = not following or not following[:1].isalpha() or following in english.NOUN_STOPPERS
        if word in ADJECTIVES or word in english.EMPTY_ADJECTIVES or word in VERBISH:
            return ends
        formed = word.endswith(("ed", "er", "ing", "able", "ible")) and len(word) > 4
        mention = self.scene.mention_over(at)
        if mention is not None:
            told = mention.of("low", "high", "concept") or mention.of("facet")
            return bool(told) and ends
        return formed and ends

    def _place(
        self,
        span: Span,
        places: tuple[int, ...],
        kind: ThingKind | None,
        sentence: Span,
        values: Wanted | None = None,
    ) -> Reference:
        span, pool = self.pool.of(span, sentence, kind)
        most = max(abs(p) for p in places)
        if values and len(fitting := self.pool.fitting(pool, values)) >= most:
            pool = fitting
        elif values:
            pool = self.pool.earlier(values, most) or pool
        things: list[ThingRef] = []
        for place in places:
            index = place - 1 if place > 0 else len(pool) + place
            if not 0 <= index < len(pool):
                return Reference(span, "ordinal", ())
            things.append(pool[index])
        return Reference(span, "ordinal", tuple(dict.fromkeys(things)), plural=len(places) > 1)

"""Numbers in figures and words with what bounds them: "under 50", "30 to 40", "120 tops"."""

from __future__ import annotations

from dataclasses import dataclass

from vitrine.agent.understanding import bounding, english
from vitrine.agent.understanding.numbers import decade_at, number_at
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import Strength
from vitrine.core.domain import Facet

NEGATIONS = frozenset({"not", "n't", "no", "never", "nothing", "without", "avoid"})
_TAKEN = frozenset("leave leaving rule ruling filter filtering sort".split())
_JOINTS = frozenset({"-", "–", "—", "to"})
_FIRM = frozenset(
    "under below less than at most least up to over above more max maximum min minimum between "
    "around about "
    "low got capped limited from starting start begin beginning get buy highest lowest floor roughly "
    "approximately approx < > ≤ ≥ ~ cheaper limit ceiling spend budget south "
    "north aside saved till until sub closer".split()
)
_SHIFTS = frozenset(
    "raise lower increase reduce extend stretch change move set bring push drop go do up make it's".split()
)
_SHORT = 14
_BESIDE_BARE = english.TALK | frozenset(
    "is 's be would it it's that works too ok then fine so well please and max let's say how about "
    "what".split()
)
_GRANTED = frozenset(
    {("is", "ok"), ("is", "fine"), ("is", "okay"), ("'s", "ok"), ("'s", "fine"),
     ("is", "alright"), ("can", "be"),
     ("could", "be"), ("go", "to"), ("limit", "to"), ("push", "to"), ("up", "to")}
)  # fmt: skip
_LINKING = frozenset(
    "is 's are : per a an the for each of at to be should would stays remains now = end".split()
)
_SKIPPED = frozenset("a an the is : . like only just maybe say".split())
_SOMEWHERE = frozenset("in around about somewhere".split())


@dataclass(frozen=True, slots=True)
class Amount:
    """Bounds of one numeric facet, said in `span`. `bare`: the figure stands without any bound."""

    span: Span
    facet: str
    min: float | None = None
    max: float | None = None
    about: float | None = None
    strength: Strength = "hard"
    relative: bool = False
    bare: bool = False


class FigureReader:
    """Reads the amount at one number of a message."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.text = scene.text
        self.numeric = [f for f in scene.vocabulary.pack.facets if f.kind == "numeric"]
        self.price = scene.vocabulary.pack.role("price")

    def at(self, at: int, sentence: Span) -> Amount | None:
        """The amount whose number starts at the token, with its bound."""
        if (decade := self._decade(at, sentence)) is not None:
            return decade
        number = number_at(self.text, at)
        if number is None:
            return None
        value, length = number
        if value <= 0:
            return None
        start = at - 1 if self.text.word(at - 1) in english.CURRENCY_SIGNS else at
        end = at + length
        facet, start, end = self._facet_of_unit(start, end, start < at)
        if facet is None and set(english.NOTES) & set(self.text.words(Span(at, end))):
            facet = self.price  # "a tenner"
        second: float | None = None
        joint = self.text.word(end)
        kinds, cue_start = self._cue_before(start, sentence)
        if (limit := self._limit_before(start, sentence)) is not None and not set(kinds) & {
            "min",
            "between",
        }:
            kinds, cue_start = limit
            inside = [m for m in self.scene.within(Span(cue_start, start)) if m.of("value")]
            cue_start = start if inside else cue_start
        other_one = number_at(self.text, end + 1) if joint == "or" else None
        either = other_one is not None and other_one[0] > value
        if joint in _JOINTS or either or (joint == "and" and "between" in kinds):
            other = end + 1
            if self.text.word(other) in english.CURRENCY_SIGNS:
                other += 1
                facet = facet or self.price
            if (following := number_at(self.text, other)) is not None:
                second = following[0]
                end = other + following[1]
                unit, _, end = self._facet_of_unit(other, end, False)
                facet = facet or unit
        if second is None and self._rises_to(end, kinds):
            other = end + 2
            other += self.text.word(other) in english.CURRENCY_SIGNS
            if (following := number_at(self.text, other)) is not None:
                second = following[0]
                end = other + following[1]
                unit, _, end = self._facet_of_unit(other, end, False)
                facet = facet or unit
        after, after_end = self._cue_after(end)
        if after and facet is None:
            facet, _, after_end = self._facet_of_unit(after_end, after_end, False)
        facet = facet or self._facet_of_words(Span(cue_start, after_end), sentence, value)
        firm = (
            bool(after)
            or limit is not None
            or any(w in _FIRM for w in self.text.words(Span(cue_start, start)))
        )
        if facet is None and not kinds and not after and second is None:
            again = self._again(value, span := Span(start, end), sentence)
            if again is not None:
                return again
        rated = self._rating_held(value)
        if facet is None and rated is not None and (firm or not value.is_integer()):
            facet = rated  # "4.5 and up", where stars were asked for
        if facet is None:
            if self.price is None or not (firm or second is not None) or value < 5:
                return None
            if self._noun_follows(after_end):
                return None
            facet = self.price
        span = Span(cue_start, after_end)
        if second is not None:
            return Amount(span, facet.name, min=min(value, second), max=max(value, second))
        return self._bounds(facet, value, span, after or kinds, bool(after), sentence)

    def _decade(self, at: int, sentence: Span) -> Amount | None:
        """Such as "in the 50s": from 50 up to 59, unless a style of that time is meant."""
        decade = decade_at(self.text, at)
        if decade is None or self.price is None or self.text.word(at - 1) not in _SOMEWHERE:
            return None
        if self.text.word(at - 2) in ("like", "as", "looks"):
            return None
        span = Span(at - 1, at + decade[1])
        _, _, end = self._facet_of_unit(span.end, span.end, False)
        if self._noun_follows(end):
            return None
        low = decade[0]
        return Amount(Span(at - 1, end), self.price.name, min=low, max=low + 9)

    def _rating_held(self, value: float) -> Facet | None:
        """The rating, where it is bounded already and the number could be one."""
        rating = self.scene.vocabulary.pack.role("rating")
        held = {r.facet for r in self.scene.heard.state.beliefs.ranges}
        small = value <= 5 or (value < 10 and not value.is_integer())
        return rating if rating is not None and rating.name in held and small else None

    def _rises_to(self, at: int, kinds: list[str]) -> bool:
        """Such as "from 80 up to 180"."""
        return self.text.words(Span(at, at + 2)) == ("up", "to") and bool(
            {"min", "between"} & set(kinds)
        )

    def _again(self, value: float, span: Span, sentence: Span) -> Amount | None:
        """A bare number that changes a bound that stands: "let's say 120 instead", "make it 90"."""
        state = self.scene.heard.state
        alone = state.open_question is None and self._stands_alone(span)
        beside = {
            self.text.words(Span(span.end, span.end + 2)),
            self.text.words(Span(span.start - 2, span.start)),
        }
        shifted = (
            alone
            or bool(beside & _GRANTED)
            or bool(
                _SHIFTS
                & set(self.text.words(Span(max(sentence.start, span.start - 5), span.start)))
            )
        )
        if self.price is None or not (shifted or self.scene.has(english.REPLACE, sentence)):
            return None
        if any(b.value == f"{value:g}" for b in state.beliefs.facets):
            return None  # "still red, still 37": the size
        size = self.scene.vocabulary.pack.role("size")
        sized = size is not None and any(b.facet == size.name for b in state.beliefs.facets)
        if (
            sized
            and size is not None
            and f"{value:g}" in self.scene.vocabulary.values.get(size.name, {})
        ):
            return None  # "let's go with the 42"
        if self.text.word(span.start - 1) == "by":
            return None  # "raise it by 30"
        old = next((r for r in state.beliefs.ranges if r.facet == self.price.name), None)
        if old is None or value < 5 or self._noun_follows(span.end):
            return None
        if old.max is not None:
            return Amount(span, self.price.name, max=value, strength=old.strength)
        if old.min is not None:
            return Amount(span, self.price.name, min=value, strength=old.strength)
        return Amount(span, self.price.name, about=value, strength="soft")

    def _stands_alone(self, span: Span) -> bool:
        """Nothing but courtesy stands beside the number: "ok 130 then"."""
        if len(self.text) > _SHORT:
            return False
        rest = {
            w for i, w in enumerate(self.text.words(Span(0, len(self.text)))) if not span.covers(i)
        }
        return {w for w in rest if w[:1].isalpha()} <= _BESIDE_BARE

    def _bounds(
        self, facet: Facet, value: float, span: Span, kinds: list[str], after: bool, sentence: Span
    ) -> Amount | None:
        kind = next((k for k in kinds if k in ("max", "min", "about")), None)
        if kind in ("max", "min") and not after and negated(self.scene, span, sentence, reach=6):
            # "I don't want to pay more than 50": the negation turns the bound round.
            kind = "min" if kind == "max" else "max"
        if kind is None:
            near = self.text.words(
                Span(max(sentence.start, span.start - 4), min(span.end + 3, sentence.end))
            )
            question = self.scene.heard.state.open_question
            asked = question is not None and question.facet == facet.name
            if facet.role == "rating":
                kind = "min"
            elif "budget" in near or "spend" in near or asked:
                kind = "max"
            else:
                return Amount(span, facet.name, about=value, strength="soft", bare=True)
        if kind == "max":
            return Amount(span, facet.name, max=value)
        if kind == "min":
            return Amount(span, facet.name, min=value)
        return Amount(span, facet.name, about=value, strength="soft")

    def _facet_of_unit(self, start: int, end: int, signed: bool) -> tuple[Facet | None, int, int]:
        facet = self.price if signed else None
        mention = self.scene.mention_at(end)
        if mention is not None and (units := mention.of("unit")):
            facet = next((f for f in self.numeric if f.name == units[0].facet), facet)
            end = mention.span.end
        elif self.text.word(end) in english.CURRENCY_SIGNS:
            facet, end = self.price, end + 1
        return facet, start, end

    def _facet_of_words(self, span: Span, sentence: Span, value: float) -> Facet | None:
        """A numeric facet whose own words stand near the number and that has such numbers."""
        near = Span(max(sentence.start, span.start - 4), min(sentence.end, span.end + 3))
        for mention in self.scene.within(near):
            for meaning in mention.of("facet", "high"):
                facet = next((f for f in self.numeric if f.name == meaning.facet), None)
                most = self.scene.quantile(meaning.facet, 1.0, ()) if facet is not None else None
                rating = facet is not None and facet.role == "rating"
                if facet is not None and not (rating and most is not None and value > 2 * most):
                    return facet  # "the best rated jacket under 100" gives no rating
        question = self.scene.heard.state.open_question
        if question is not None and len(self.text) <= 5:
            return next((f for f in self.numeric if f.name == question.facet), None)
        return None

    def _cue_before(self, at: int, sentence: Span) -> tuple[list[str], int]:
        """(labels, start) of the longest cue that ends at the number, small words skipped."""
        end = at
        while True:
            for start in range(max(sentence.start, end - 7), end):
                match = bounding.AMOUNT_CUES.match(self.text, start, end)
                if match is not None and start + match[0] == end:
                    return match[1], start
            if end <= sentence.start or self.text.word(end - 1) not in _SKIPPED:
                return [], at
            end -= 1

    def _limit_before(self, at: int, sentence: Span) -> tuple[list[str], int] | None:
        """A noun of a bound before the number: "my limit per shirt is USD 55", "revised limit: 85"."""
        for index in range(at - 1, max(sentence.start, at - 8) - 1, -1):
            word = self.text.word(index)
            if (kind := bounding.LIMITS.get(word)) is not None:
                lower = self.text.word(index - 1) in ("lower", "bottom", "minimum")
                return ["min" if lower else kind], index
            known = self.scene.mention_over(index) is not None
            if not known and word not in _LINKING:
                return None
        return None

    def _cue_after(self, at: int) -> tuple[list[str], int]:
        while at in self.text.fillers:
            at += 1
        if self.text.word(at) in ("per", "a", "each") and self.text.word(at + 1)[:1].isalpha():
            rest = at + 3 if self.text.word(at + 2) in (",", ".", "-") else at + 2
            told = bounding.AMOUNT_AFTER.match(self.text, rest)
            if told is not None and told[0] > 1:
                return told[1], at  # "120 per piece is the budget"
        match = bounding.AMOUNT_AFTER.match(self.text, at)
        if match is not None and match[0] == 1 and number_at(self.text, at + 1) is not None:
            return [], at  # "min 30 max 55"
        if match is None and self.text.word(at) in (".", ",", ";", "-", "and", "but"):
            match = bounding.AMOUNT_AFTER.match(self.text, at + 1)
            closes = match is not None and not self.text.word(at + 1 + match[0])[:1].isalpha()
            if match is not None and number_at(self.text, at + 1 + match[0]) is not None:
                return [], at  # "at least 4 stars and at most 100 dollars"
            first = self.text.word(at + 1)
            if (
                match is None
                or not closes
                or first not in ("not", "no", "that", "and", "but", "max", "tops", "maximum", "at")
            ):
                return [], at
            return match[1], at + 1 + match[0]
        return ([], at) if match is None else (match[1], at + match[0])

    def _noun_follows(self, at: int) -> bool:
        mention = self.scene.mention_at(at)
        if mention is not None:
            return not mention.of("value", "unit")
        word = self.text.word(at)
        idle = (
            english.NOUN_STOPPERS
            | english.TALK
            | {
                "per",
                "each",
                "range",
                "bracket",
                "region",
                "mark",
                "area",
                "max",
                "min",
                "maximum",
                "minimum",
                "tops",
                "next",
                "again",
                "altogether",
                "total",
                "overall",
            }
        )
        return word[:1].isalpha() and word not in idle and at not in self.text.fillers


def negated(scene: Scene, span: Span, sentence: Span, reach: int = 5) -> bool:
    """A negation within the few words before, with no clause border between."""
    for index in range(span.start - 1, max(sentence.start, span.start - reach) - 1, -1):
        word = scene.text.word(index)
        if word in NEGATIONS or (word == "out" and scene.text.word(index - 1) in _TAKEN):
            return True
        mention = scene.mention_over(index)
        if word in (",", "but", "and", "with") or (mention is not None and mention.of("value")):
            return False
    return False

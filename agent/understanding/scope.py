"""How each thing said is meant: wanted, avoided, allowed or let go, firmly or softly.

One walk over the words of a sentence keeps the polarity in force. A negation reaches over what
follows until a border: "but", a new clause, a preposition after it has met its object, or a comma
that does not continue a list ("no stripes, dots or checks" goes on, "not red, blue" does not).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vitrine.agent.understanding import english
from vitrine.agent.understanding.relative import COMPARATIVES
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, Text
from vitrine.core.acts import Strength

Polarity = Literal["want", "avoid", "allow", "relax", "release"]

_SUBJECTS = frozenset("i we you it they he she that this let 'd 'll".split())
_BORDERS = frozenset(". ! ? ; : ( ) \n".split()) | {"\n", "–", "—"}
_DASHES = frozenset({"-", "–", "—"})
_RESTARTS = frozenset("more is are has have be with".split())
"""What begins a statement of its own after "and"."""
_NEAR = 4
_TALK = frozenset(
    "wait sorry actually just please that this let show make give keep go what how i'd the".split()
)
_ADVERBS = frozenset("really just quite exactly so at all either even always particularly".split())
_FINE = frozenset(
    "fine ok okay alright good great welcome nice cool lovely ideal perfect acceptable possible "
    "tolerable also too".split()
)
_MEASURING = frozenset("so very overly super that extremely terribly".split())
_ENDS = frozenset(". ! ? , ; but and though so \n".split()) | {""}


@dataclass(frozen=True, slots=True)
class Unit:
    """Something said that a polarity applies to: values of one facet, a wish, or an amount."""

    span: Span
    facet: str
    head: bool = False
    wish: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """How a unit is meant. `start`: first token of the words that say so."""

    polarity: Polarity = "want"
    strength: Strength = "hard"
    added: bool = False
    start: int = 0
    degree: bool = False


class _Walk:
    """The polarity in force while walking."""

    def __init__(self) -> None:
        self.polarity: Polarity = "want"
        self.start = 0
        self.cue_end = 0
        self.excluding = False
        self.met: list[Unit] = []

    def begin(self, polarity: Polarity, start: int, end: int, *, excluding: bool = False) -> None:
        self.polarity, self.start, self.cue_end = polarity, start, end
        self.excluding = excluding
        self.met = []

    def reset(self) -> None:
        self.begin("want", 0, 0)


def marks(scene: Scene, sentence: Span, units: Sequence[Unit]) -> list[Mark]:
    """How each unit of the sentence is meant, in the order of `units` (left to right)."""
    text = scene.text
    found: dict[int, Mark] = {}
    starts = {unit.span.start: i for i, unit in enumerate(units)}
    walk = _Walk()
    at = sentence.start
    while at < sentence.end:
        index = starts.get(at)
        if index is not None:
            unit = units[index]
            start = walk.start if walk.polarity != "want" else unit.span.start
            start, degree = _degree(text, min(start, unit.span.start), unit)
            degree = degree or (
                walk.polarity == "avoid" and text.word(unit.span.start - 1) in _MEASURING
            )
            found[index] = Mark(walk.polarity, "hard", start=start, degree=degree)
            walk.met.append(unit)
            at = unit.span.end
            continue
        if scene.used[at]:
            at += 1
            continue
        at = _step(text, at, sentence, walk, units)
    result = [found.get(i, Mark(start=unit.span.start)) for i, unit in enumerate(units)]
    if text.word(sentence.start) == "or":  # "or green": beside what was said before
        result = [_with(mark, added=True) for mark in result]
    result = _outdone(text, units, result)
    result = _afterwards(text, sentence, units, result)
    return _strengths(scene, sentence, units, result)


def _step(text: Text, at: int, sentence: Span, walk: _Walk, units: Sequence[Unit]) -> int:
    """Read one cue or word; gives the next position."""
    word = text.word(at)
    match = english.CUES.match(text, at, sentence.end)
    if match is not None:
        length, kinds = match
        end = at + length
        kind = kinds[0]
        following = text.word(end)
        if "skip" in kinds:
            return end
        if kind == "neg":
            if length == 1 and _replies(text, at, sentence):
                return end
            if (
                walk.polarity == "avoid"
                and not walk.met
                and at - walk.cue_end <= 2
                and not _negator_then_verb(text, walk, at)
            ):
                walk.begin("allow", walk.start, end)  # two negations: "not without", "don't hate"
            else:
                walk.begin("avoid", at, end)
            return end
        if kind == "exclude":
            walk.begin("avoid", at, end, excluding=True)
            return end
        if kind == "indiff":
            walk.begin("allow", at, end)
            return end
        if kind == "notonly":
            walk.begin("relax", at, end)
            return end
        if kind == "nomatter" and word not in ("any", "whatever"):
            walk.begin("release", at, end)
            return end
        if kind == "turn" or "turn" in kinds:
            # "any colour but red": what follows is left out.
            lead = text.words(Span(max(sentence.start, at - 3), at))
            if word == "but" and {"any", "every", "all", "whatever"} & set(
                lead[:2] if len(lead) == 3 else lead
            ):
                walk.begin("avoid", at - len(lead), end, excluding=True)
            else:
                walk.reset()
            return end
        if kind == "want" or "want" in kinds:
            fresh = walk.met or text.word(at - 1) in _SUBJECTS
            if walk.polarity != "want" and fresh and (walk.met or at - walk.cue_end > 2):
                walk.reset()
            return end
        if walk.polarity == "want":
            return end
    if walk.polarity == "want":
        return at + 1
    if word in _BORDERS or word in _DASHES:
        walk.reset()
    elif word == ",":
        if walk.met and not _list_goes_on(text, at, sentence, walk.met[-1], units):
            walk.reset()
    elif word == "and" or word == "&":
        following = text.word(at + 1)
        if walk.met and (
            following in english.PRONOUNS
            or following in english.PREPOSITIONS
            or following
            in ("a", "an", "please", "maybe", "show", "give", "find", "want", "preferably", "make")
            or following in _RESTARTS | COMPARATIVES
            or (
                _next_facet(at + 1, units) not in (None, walk.met[-1].facet)
                and not walk.met[-1].wish
                and walk.polarity != "avoid"
            )
        ):
            walk.reset()
    elif word in english.PREPOSITIONS and word not in ("of", "like", "as"):
        solid = [unit for unit in walk.met if not unit.head]
        if solid or (walk.met and walk.excluding):
            walk.reset()
    elif word in ("please", "so", "because", "since") and walk.met:
        reason = word in ("because", "since") and text.word(at + 1) in ("it", "they", "that")
        if not reason:  # "... because it's hard to wash" tells what is avoided
            walk.reset()
    return at + 1


def _replies(text: Text, at: int, sentence: Span) -> bool:
    """Such as "no" as a reply of its own: "no, blue", "no I meant green"."""
    word, following = text.word(at), text.word(at + 1)
    if word not in ("no", "not", "never"):
        return False
    if following in (",", "", ".", "!", "thanks"):
        return True
    opens = at == sentence.start or text.word(at - 1) in (",", "oh", "well", "actually")
    return word == "no" and opens and (following in english.PRONOUNS or following in _TALK)


def _negator_then_verb(text: Text, walk: _Walk, at: int) -> bool:
    """Such as "do n't want" style cues are one negation, not two; so is "no ... no"."""
    return text.word(at) in ("no", "any") or text.word(walk.cue_end - 1) == text.word(at)


def _degree(text: Text, start: int, unit: Unit) -> tuple[int, bool]:
    """Take "too", "very" and the like before the unit into its words."""
    at = unit.span.start
    while (
        at > 0 and text.word(at - 1) in english.DEGREES and text.word(at - 1) not in ("all", "that")
    ):
        at -= 1
    words = set(text.words(Span(at, unit.span.start)))
    return min(start, at), "too" in words


def _next_facet(at: int, units: Sequence[Unit]) -> str | None:
    return next((u.facet for u in units if at <= u.span.start <= at + 2), None)


def _list_goes_on(
    text: Text, comma: int, sentence: Span, last: Unit, units: Sequence[Unit]
) -> bool:
    """The comma stands inside of a list of one facet that "or", "nor" or "and" closes."""
    at = comma + 1
    if text.word(at) in ("or", "nor", "and"):
        return text.word(at) != "and" or _next_facet(at, units) == last.facet
    run = 0
    while at < sentence.end:
        unit = next((u for u in units if u.span.start == at), None)
        if unit is not None:
            if unit.facet != last.facet and not (unit.wish or last.wish):
                return False
            run += 1
            at = unit.span.end
            continue
        word = text.word(at)
        if word in ("or", "nor") or (word == "and" and run):
            return run > 0
        if word == ",":
            at += 1
            continue
        return False
    return run >= 2


def _afterwards(text: Text, sentence: Span, units: Sequence[Unit], given: list[Mark]) -> list[Mark]:
    """What is said of a thing after its name: "stripes are a no", "green would be fine too"."""
    result = list(given)
    for index, unit in enumerate(units):
        mark = result[index]
        if mark.polarity != "want" or unit.number:
            continue
        at = unit.span.end
        if text.word(at) == "free" and text.word(at + 1) not in ("shipping", "delivery"):
            result[index] = Mark("avoid", "hard", start=mark.start)
            continue
        if text.word(at) == "?" and text.word(at + 1) in ("no", "nope", "never", "nah", "not"):
            result[index] = Mark("avoid", "hard", start=mark.start)
            continue
        meant = _predicate(text, at, sentence)
        if meant is not None and meant.strength == "soft" and unit.head:
            before = [
                i for i in range(index)
                if not units[i].head and unit.span.start - units[i].span.end <= _NEAR
            ]  # fmt: skip
            for other in before:
                result[other] = _with(result[other], strength="soft", added=meant.added)
            if before:
                continue
        if meant is not None:
            result[index] = Mark(
                meant.polarity, meant.strength, added=meant.added, start=mark.start
            )
    return _alike(text, units, given, result)


def _outdone(text: Text, units: Sequence[Unit], given: list[Mark]) -> list[Mark]:
    """The lesser of two: in "cotton better than polyester" polyester is to be left out softly."""
    result = list(given)
    for index in range(1, len(units)):
        one, other = units[index - 1], units[index]
        between = text.words(Span(one.span.end, other.span.start))
        lead = text.words(Span(max(0, one.span.start - 3), one.span.start))
        liked = bool({"prefer", "like", "love", "rather", "'d"} & set(lead))
        if one.facet != other.facet or given[index].polarity != "want" or not liked:
            continue
        if between in (("better", "than"), ("more", "than"), ("over",)) or (
            between == ("to",) and "prefer" in lead
        ):
            result[index] = Mark("avoid", "soft", start=given[index].start)
    return result


def _alike(text: Text, units: Sequence[Unit], given: list[Mark], marks: list[Mark]) -> list[Mark]:
    """A predicate holds for all of its subjects: "stripes and dots are a no"."""
    result = list(marks)
    for index in range(len(units) - 2, -1, -1):
        after = units[index + 1]
        between = text.words(Span(units[index].span.end, after.span.start))
        joined = between in (("and",), ("or",), (",",), ("&",), ("or", "even"))
        changed = result[index + 1] != given[index + 1] and after.facet == units[index].facet
        if joined and changed and given[index].polarity == "want" == given[index + 1].polarity:
            mark = result[index + 1]
            result[index] = Mark(mark.polarity, mark.strength, mark.added, given[index].start)
    return result


def _predicate(text: Text, at: int, sentence: Span) -> Mark | None:
    """How the verb after a thing's name judges the thing, or None."""
    verb = text.word(at)
    if verb in ("works", "work", "goes", "go") or (
        verb in ("could", "might", "can", "also") and text.word(at + 1) in ("work", "works", "do")
    ):
        also = {"too", "also", "well"} & set(text.words(Span(at, min(at + 4, sentence.end))))
        works = verb in ("works", "work") or verb in ("could", "might", "can", "also")
        return Mark("want", "soft", added=True) if works and (also or verb != "go") else None
    if verb in ("have", "has", "can") and english.POST_NEGATIVE.match(text, at, sentence.end):
        return Mark("avoid")
    if verb not in ("is", "are", "'s", "'re", "was", "does", "do", "would", "'d"):
        return None
    negated = text.word(at + 1) in ("not", "n't")
    rest = at + 2 if negated else at + 1
    while text.word(rest) in _ADVERBS:
        rest += 1
    found = english.POST_NEGATIVE.match(text, rest, sentence.end)
    word, following = text.word(rest), text.word(rest + 1)
    if negated:
        if word in ("matter", "necessary", "needed", "important", "required"):
            return Mark("release")
        if word in ("essential", "mandatory") or (word == "a" and following == "must"):
            welcome = _FINE & set(text.words(Span(rest + 1, sentence.end)))
            return Mark("want", "soft") if welcome else Mark("relax")
        if found is not None or word in ("my", "suit", "work") or (verb != "do" and word in _ENDS):
            return Mark("avoid")
        return None
    # "X is out": the table holds the verb too; "X is for me" is no complaint.
    whole = english.POST_NEGATIVE.match(text, at, sentence.end)
    if (whole is not None and whole[0] > 1) or (found is not None and word in ("a", "out", "not")):
        return Mark("avoid")
    if verb in ("would", "'d") and word in ("be", "do", "work"):
        also = {"too", "also", "well"} & set(text.words(Span(rest, min(rest + 4, sentence.end))))
        if following in _FINE or also:
            allowed = following in ("ok", "okay", "fine", "acceptable", "alright", "possible")
            return Mark("want", "soft", added=bool(also) or allowed)
        return None
    if word in _FINE and verb in ("is", "are", "'s"):
        return Mark("want", "soft", added=True)
    return None


def _strengths(
    scene: Scene, sentence: Span, units: Sequence[Unit], given: list[Mark]
) -> list[Mark]:
    """Soft and adding cues hold within their segment: after them, or, at its end, before them."""
    result = list(given)
    for segment in _segments(scene.text, sentence, units):
        inside = [i for i, unit in enumerate(units) if segment.covers(unit.span.start)]
        if not inside:
            continue
        at = segment.start
        while at < segment.end:
            match = english.CUES.match(scene.text, at, segment.end)
            covered = any(units[i].span.covers(at) for i in inside)
            if match is None or covered or not {"soft", "add"} & set(match[1]):
                at += 1 if match is None or covered else match[0]
                continue
            length, kinds = match
            after = [i for i in inside if units[i].span.start >= at + length]
            before = [i for i in inside if units[i].span.end <= at]
            word = scene.text.word(at)
            closing = scene.text.word(at + length)
            if word == "too" and closing[:1].isalpha():
                at += length
                continue
            chosen = after or _nearest(units, before)
            for i in chosen:
                if "soft" in kinds:
                    result[i] = _with(result[i], strength="soft")
                if "add" in kinds:
                    result[i] = _with(result[i], added=True)
            at += length
    # An avoidance by degree ("not too bold") is a leaning, not a ban.
    return [
        _with(mark, strength="soft") if mark.degree and mark.polarity == "avoid" else mark
        for mark in result
    ]


def _with(mark: Mark, *, strength: Strength | None = None, added: bool | None = None) -> Mark:
    return Mark(
        mark.polarity,
        strength or mark.strength,
        mark.added if added is None else added,
        mark.start,
        mark.degree,
    )


def _nearest(units: Sequence[Unit], before: list[int]) -> list[int]:
    """The last unit before a closing cue; where that is a head, its modifiers instead of it."""
    if not before:
        return []
    last = before[-1]
    if not units[last].head:
        return [last]
    chosen = [i for i in before[:-1] if units[last].span.start - units[i].span.end <= _NEAR]
    return chosen or [last]


def _segments(text: Text, sentence: Span, units: Sequence[Unit]) -> list[Span]:
    """Pieces between commas, "but" and dashes. A comma before a bare closing cue does not cut."""
    cuts = [sentence.start]
    for at in range(sentence.start, sentence.end):
        if text.word(at) in (",", "but", "though", "although", "however", "–", "—", ";"):
            left = any(cuts[-1] <= u.span.start < at for u in units)
            right = any(u.span.start > at for u in units)
            if left and right:
                cuts.append(at)
    cuts.append(sentence.end)
    return [Span(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]

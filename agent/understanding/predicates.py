# ruff: noqa: E501
"""What is said of a thing after its name: "stripes are a no", "green would be fine too"."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding import english
from vitrine.agent.understanding.evaluating import UGLY
from vitrine.agent.understanding.marks import Mark, Polarity, Unit, marked
from vitrine.agent.understanding.text import Span, Text, split_list, table

_NEAR = 4
UPSETTING = table(
    {
        "neg": split_list(
            "gives me a rash | give me a rash | gives me hives | give me hives | gives me the creeps | give me the creeps | gives me the ick | give me the ick | makes me itch | make me itch | makes me sweat | make me sweat | "
            "irritates my skin | irritates me | irritate my skin | itches | scratches | makes me look fat | make me look fat | "
            "makes me look like | make me look like | makes me look old | make me look old | makes me look wide | make me look wide | makes me look pale | washes me out | "
            "wash me out | doesn't suit me | don't suit me | never suits me | never looks good on me | looks terrible on me | "
            "look terrible on me | looks awful on me | look awful on me | no | nope | never | no way | hell no | absolutely not | certainly not | "
            "is no good | are no good | is useless | are useless | is a nightmare | are a nightmare | is a pain | are a pain | "
            "is rubbish | are rubbish | is hopeless | are hopeless | definitely not | please no | no thanks | no thank you | is banned | are banned | ruins | needs to go | need to go | must go | "
            "gotta go | won't do | won't work for me | isn't happening | is not happening | aren't happening | leaves me cold | leave me cold | "
            "puts me off | put me off | does nothing for me | do nothing for me | makes my skin crawl"
        )
    }
)
"""Verbs after a thing's name that speak against it."""
ALLOWED = table(
    {
        "allow": split_list(
            "can stay | may stay | could stay | is allowed | are allowed | is growing on me | are growing on me | grows on me | grow on me | has grown on me | "
            "have grown on me | is back in | are back in | is back on | are back on | isn't so bad | aren't so bad | isn't that bad | aren't that bad | is not so bad | "
            "is acceptable after all | are acceptable after all | doesn't bother me | don't bother me | isn't a problem | aren't a problem | is not a problem | "
            "is no problem | are no problem | is permitted | are permitted | can be in | is in again | are in again | isn't out | aren't out | i can live with | "
            "i could live with | i can do | i can take | i can handle | i suppose i could do"
        )
    }
)
"""What is said after a thing's name that lifts a ban on it."""
EASING = table(
    {
        "soft": split_list(
            "is just an idea | is only an idea | is just a thought | is only a thought | is a maybe | is optional | is a nice to have | are optional | "
            "are just an idea | is just a suggestion | is only a suggestion | is an option"
        )
    }
)
"""What is said after a thing's name that makes it no must."""
_PLURAL = frozenset("ones stuff things".split())
_ADVERBS = frozenset(
    "that very too super really just quite exactly so at all either even always particularly still actually certainly".split()
)
_STRESS = frozenset(
    "really definitely absolutely totally actually obviously honestly just probably".split()
)
_FINE = frozenset(
    "fine ok okay alright good great welcome nice cool lovely ideal perfect acceptable possible "
    "tolerable also too better best preferable".split()
)
_ENDS = frozenset(". ! ? , ; but and though so \n".split()) | {""}


def afterwards(text: Text, sentence: Span, units: Sequence[Unit], given: list[Mark]) -> list[Mark]:
    """What is said of a thing after its name: "stripes are a no", "green would be fine too"."""
    result = list(given)
    for index, unit in enumerate(units):
        mark = result[index]
        at = unit.span.end
        ahead = next((u for u in units[index + 1 :] if u.wish and u.span.start == at), None)
        if unit.facet and _struck(text, unit.span, sentence):
            result[index] = Mark("drop", start=unit.span.start)  # "take the dots off the list"
            continue
        at = ahead.span.end if ahead is not None and text.word(at) != "free" else at
        if not unit.number and (polarity := _fronted(text, at, sentence)) is not None:
            result[index] = Mark(polarity, start=unit.span.start)
            continue
        if mark.polarity != "want" or unit.number:
            continue
        if text.word(at) == "free" and text.word(at + 1) not in ("shipping", "delivery"):
            result[index] = Mark("avoid", "hard", start=mark.start)
            continue
        if text.word(at) == "?" and text.word(at + 1) in ("no", "nope", "never", "nah", "not"):
            for other in range(index + 1):
                if result[other].polarity == "want" and not units[other].number:
                    result[other] = Mark("avoid", "hard", start=mark.start)
            continue
        meant = _predicate(text, at, sentence)
        if meant is not None and meant.strength == "soft" and unit.head:
            before = [
                i for i in range(index)
                if not units[i].head and unit.span.start - units[i].span.end <= _NEAR
            ]  # fmt: skip
            for other in before:
                result[other] = marked(result[other], strength="soft", added=meant.added)
            if before:
                continue
        if meant is not None:
            result[index] = Mark(
                meant.polarity, meant.strength, meant.added, mark.start, meant.degree
            )
    return _alike(text, units, given, result)


_TAKING = frozenset("take taking took strike cross knock leave keep".split())
_LISTS = frozenset("list table menu again".split())


def _struck(text: Text, span: Span, sentence: Span) -> bool:
    """What is wished for no more: "take the dots off the list", "take black off again"."""
    lead = text.words(Span(max(sentence.start, span.start - 3), span.start))
    if not lead or text.word(span.end) != "off" or not _TAKING & set(lead):
        return False
    return bool(_LISTS & set(text.words(Span(span.end, min(span.end + 4, sentence.end)))))


_FRONTED: dict[str, Polarity] = {"neg": "avoid", "indiff": "allow", "nomatter": "release"}


def _fronted(text: Text, at: int, sentence: Span) -> Polarity | None:
    """The object stands before its verb: "checks I don't mind, but flowers I can't stand"."""
    apart = text.word(at) == ","
    at += apart
    if text.word(at) not in ("i", "we", "she", "he") or at + 1 >= sentence.end:
        return None
    for start in range(at + 1, min(at + 5, sentence.end)):
        match = english.CUES.match(text, start, sentence.end)
        if match is None or match[1][0] not in _FRONTED:
            continue
        end = start + match[0]
        while end < sentence.end and text.word(end) in _CLOSERS:
            end += 1
        ends = end >= sentence.end or text.word(end) in _ENDS
        meant = _FRONTED[match[1][0]]
        return meant if ends and (meant == "avoid" or not apart) else None
    return None


_CLOSERS = frozenset("at all really either much anymore any more of so that too".split())


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


def outdone(text: Text, units: Sequence[Unit], given: list[Mark]) -> list[Mark]:
    """The lesser of two: in "cotton better than polyester" polyester is to be left out softly."""
    result = list(given)
    for index in range(1, len(units)):
        one, other = units[index - 1], units[index]
        between = text.words(Span(one.span.end, other.span.start))
        lead = text.words(Span(max(0, one.span.start - 4), one.span.start))
        liked = bool(
            {"prefer", "prefers", "like", "likes", "love", "loves", "rather", "'d"} & set(lead)
        )
        liked = liked or ("more", "into") in zip(lead, lead[1:], strict=False)
        if one.facet == other.facet and given[index].polarity == "want" and _beats(between):
            result[index] = Mark(
                "drop", start=given[index].start
            )  # "leather is better than canvas"
        if one.facet != other.facet or given[index].polarity != "want" or not liked:
            continue
        if between in (("better", "than"), ("more", "than"), ("over",)) or (
            between == ("to",) and "prefer" in lead
        ):
            result[index] = Mark("avoid", "soft", start=given[index].start)
        elif between == ("than",) and "into" in lead:
            result[index] = Mark("drop", start=given[index].start)
        elif between == ("than",) and "rather" in lead:
            result[index] = Mark("avoid", "hard", start=given[index].start)
    return result


def _beats(between: tuple[str, ...]) -> bool:
    """Such as "might be better than": what comes first is preferred."""
    return between[-2:] in (("better", "than"), ("nicer", "than"), ("best", "than")) and bool(
        {"is", "are", "'s", "be", "looks", "would", "might"} & set(between)
    )


def _predicate(text: Text, at: int, sentence: Span) -> Mark | None:
    """How the verb after a thing's name judges the thing, or None."""
    if text.word(at) in _PLURAL:
        at += 1  # "the skinny ones can go"
    while text.word(at) in _STRESS:
        at += 1
    verb = text.word(at)
    if verb == "back" and text.word(at + 1) in ("in", "on"):
        return Mark("want", added=True)  # "orange back in, please"
    if verb in ("also", "too") and text.word(at + 1) in _FINE - {"also", "too"}:
        return Mark("want", "soft", added=True)  # "light blue also acceptable"
    if ALLOWED.match(text, at, sentence.end) is not None:
        return Mark("allow")
    if EASING.match(text, at, sentence.end) is not None:
        return Mark("want", "soft")
    if UPSETTING.match(text, at, sentence.end) is not None:
        return Mark("avoid")
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
    if _surprises(text, at + 1, sentence):
        return Mark("allow")
    if (failing := _fails(text, at + 1, sentence)) is not None:
        return failing
    negated = text.word(at + 1) in ("not", "n't")
    rest = at + 2 if negated else at + 1
    while text.word(rest) in _ADVERBS:
        rest += 1
    found = english.POST_NEGATIVE.match(text, rest, sentence.end)
    word, following = text.word(rest), text.word(rest + 1)
    if negated and (word, following) == ("have", "to"):
        return Mark("relax")
    if negated:
        if word in ("matter", "necessary", "needed", "important", "required"):
            tail = text.words(Span(rest + 1, sentence.end))
            return Mark("want", "soft") if _pleases(tail) else Mark("release")
        if word in ("essential", "mandatory", "crucial", "vital") or (
            word == "a" and following == "must"
        ):
            tail = text.words(Span(rest + 1, sentence.end))
            return Mark("want", "soft") if _pleases(tail) else Mark("relax")
        if found is not None or word in ("my", "suit", "work") or (verb != "do" and word in _ENDS):
            return Mark("avoid")
        return None
    # "X is out": the table holds the verb too; "X is for me" is no complaint.
    whole = english.POST_NEGATIVE.match(text, at, sentence.end)
    if (whole is not None and whole[0] > 1) or (found is not None and word in ("a", "out", "not")):
        return Mark("avoid")
    also = text.word(rest) == "also"
    if also:
        rest += 1
        word, following = text.word(rest), text.word(rest + 1)
    if verb in ("would", "'d", "might", "may") and word in ("suit", "fit") and following == "me":
        return Mark("want", "hard" if text.word(rest + 2) in ("better", "more") else "soft")
    if verb in ("is", "are", "'s", "'re", "was", "were") and word in (
        "better",
        "nicer",
        "preferable",
        "best",
    ):
        return Mark("want") if following in _ENDS else None
    if verb in ("would", "'d") and word in ("be", "do", "work"):
        tail = set(text.words(Span(rest, min(rest + 4, sentence.end))))
        also = also or bool({"too", "also", "well"} & tail)
        if following in _FINE or also:
            allowed = following in ("ok", "okay", "fine", "acceptable", "alright", "possible")
            return Mark("want", "soft", added=bool(also) or allowed)
        return None
    if word in _FINE and verb in ("is", "are", "'s"):
        return Mark("want", "soft", added=True)
    return None


def _surprises(text: Text, at: int, sentence: Span) -> bool:
    """A thing is found better than thought: "brown is less boring than I thought"."""
    words = text.words(Span(at, min(at + 6, sentence.end)))
    return any(
        pair[0] == "than" and pair[1] in ("i", "we", "you", "expected")
        for pair in zip(words, words[1:], strict=False)
    )


def _pleases(tail: tuple[str, ...]) -> bool:
    """What is no must is welcome: "... but would be nice", "... but I'd love it"."""
    told = _FINE | {"please", "love", "like", "prefer", "happy", "bonus", "plus"}
    return bool({"but", "though", "although", "just", "still"} & set(tail)) and bool(
        told & set(tail)
    )


_PERHAPS = frozenset(
    "maybe perhaps probably possibly a bit rather just kind of a little still also".split()
)


_DEAR = frozenset("pricey expensive dear steep costly".split())


def _fails(text: Text, at: int, sentence: Span) -> Mark | None:
    """What was wanted is found wanting: "fitted is a mistake", "red is too loud on me"."""
    while text.word(at) in _PERHAPS:
        at += 1
    word, following = text.word(at), text.word(at + 1)
    if word == "too" and following[:1].isalpha() and following not in ("and", "but", "please"):
        return Mark("drop", "soft", degree=True)
    if word in _DEAR and following in _ENDS | {"for", "at"} and text.word(at - 1) in _PERHAPS:
        return Mark("drop")  # "leather's a bit pricey"
    if word in ("mistake", "wrong", "silly") or (word in UGLY and following in _ENDS | {"on"}):
        return Mark("drop")
    many = following.endswith(("s", "men")) or following in ("children", "people")
    if word == "for" and many and text.word(at + 2) in _ENDS:
        return Mark("drop")  # "yellow is for fishermen"
    return None


def banned(text: Text, at: int, sentence: Span) -> bool:
    """What follows a plural name bans all that has it: "can go too", "are out"."""
    mark = _predicate(text, at, sentence)
    return mark is not None and mark.polarity == "avoid"

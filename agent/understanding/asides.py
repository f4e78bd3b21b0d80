"""What is said of shown or owned things and asks for nothing: "the first is cute", "all my coats are black"."""

from __future__ import annotations

from collections.abc import Mapping

from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.text import Span, Text

_CLAUSES = frozenset(", ; . but so because".split())
_SOMEWHAT = frozenset(
    "kinda kind of sorta sort pretty quite very really so rather a bit actually super just also".split()
)


def owned(text: Text, span: Span, sentence: Span) -> bool:
    """The clause tells what one has: "every coat I own is black", "all my shirts are white"."""
    start = sentence.start
    for at in range(span.start - 1, sentence.start - 1, -1):
        if text.word(at) in _CLAUSES:
            start = at + 1
            break
    end = next(
        (i for i in range(span.end, sentence.end) if text.word(i) in _CLAUSES),
        sentence.end,
    )
    words = text.words(Span(start, end))
    pairs = set(zip(words, words[1:], strict=False))
    has = {("i", "own"), ("i", "have"), ("i", "'ve")} & pairs and bool(
        {"every", "all", "everything"} & set(words[:2])
    )
    mine = {
        ("all", "my"),
        ("most", "of"),
        ("my", "old"),
        ("my", "other"),
        ("my", "last"),
    } & pairs
    mine = bool(mine) and "my" in words
    if {("usually", "wear"), ("normally", "wear"), ("always", "wear")} & pairs and text.word(
        end
    ) == ",":
        return text.word(end + 1) == "but"
    if {("usually", "wear"), ("normally", "wear"), ("mostly", "wear")} & pairs:
        return "but" in text.words(Span(span.end, span.end + 3))
    got = {"got", "have", "has", "owns", "own", "'ve"} & set(words[:5])
    if (
        got
        and words[-1:] == ("already",)
        and words[:1]
        and words[0] in ("he", "she", "i", "we", "they")
    ):
        return True  # "he's got a green one already"
    return bool(has or mine) and bool({"is", "are", "'s", "was", "were"} & set(words))


_WILLING = frozenset("'ll will be am is are 'm 're 's going to gonna".split())
_WEARING = frozenset("wear wearing".split())


def worn_beside(text: Text, sentence: Span) -> Span | None:
    """What will be worn with the thing: "she'll wear a cardigan over it", "I'm wearing flat shoes"."""
    for at in range(sentence.start + 1, sentence.end):
        if text.word(at) not in _WEARING or text.word(at - 1) not in _WILLING - {"to", "going"}:
            if text.words(Span(at - 2, at + 1)) not in _GOING_TO_WEAR:
                continue
        start = at
        while start > sentence.start and text.word(start - 1) in _WILLING:
            start -= 1
        if text.word(start - 1) not in ("i", "she", "he", "we", "they") and (
            start == sentence.start or text.word(start - 1) not in _PEOPLE
        ):
            continue
        end = next((i for i in range(at, sentence.end) if text.word(i) in _CLAUSES), sentence.end)
        if {"instead", "rather"} & set(text.words(Span(at, end))):
            continue  # "I'll wear trousers instead"
        return Span(start - 1, end)
    return None


_GOING_TO_WEAR = {("going", "to", "wear"), ("gonna", "wear")}
_PEOPLE = frozenset("bride groom mother mum mom sister daughter friend wife husband son".split())


def praised(text: Text, span: Span, ending: Mapping[int, Reference]) -> bool:
    """The word tells how a shown thing is: "the first one's kinda cute", "the red is elegant"."""
    at = span.start - 1
    while text.word(at) in _SOMEWHAT:
        at -= 1
    if text.word(span.start - 1) == "so":
        return False
    if text.word(at) not in ("is", "'s", "are", "'re", "looks", "look", "seems"):
        return False
    subject = ending.get(at)
    after = text.word(span.end)
    ends = not after[:1].isalpha() or after in ("but", "and", "though", "enough", "too")
    return subject is not None and ends

"""Short verdicts on a thing: "1 no, 2 yes", "the first: nope", "then we take the second"."""

from __future__ import annotations

from typing import Literal

from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span

Verdict = Literal["accept", "reject", "been_to"]

_TAKING = frozenset("take takes taking buy buying order get grab have keep want".split())
_TAKERS = frozenset("i we she he they 'll will 'd 'm 're are am gonna me us".split())


_ORDERING = frozenset("order reserve buy purchase".split())
_ORDERED_BY = frozenset("i please then and just to ok okay yes so ll 'll , me".split())


def takes(scene: Scene, before: Span) -> int | None:
    """Where "then we take", "she'll have", "let me take" begins, if it stands before the thing."""
    text = scene.text
    verb = before.end - 1
    if text.word(verb) in _ORDERING and (
        verb == before.start or text.word(verb - 1) in _ORDERED_BY
    ):
        return verb  # "order number 4", "can I buy the second one?"
    opens = verb == before.start or not text.word(verb - 1)[:1].isalpha()
    if text.word(verb) in ("take", "taking") and opens:
        return verb  # "great, take that"
    if text.word(verb) not in _TAKING or text.word(verb - 1) not in _TAKERS:
        return None
    if text.word(verb) in ("have", "get", "want", "keep") and text.word(verb - 1) not in (
        "'ll", "will", "'d", "gonna",
    ):  # fmt: skip
        return None
    if text.word(verb) in ("have", "want", "get") and text.word(verb - 1) == "'d":
        return None  # "I'd get the second if ...": no more than a thought
    start = verb - 1
    while start > before.start and text.word(start - 1)[:1].isalpha():
        start -= 1
    asked = {"can", "could", "should", "shall", "may", "if", "n't", "not", "do", "would", "when"}
    return None if asked & set(text.words(Span(start, verb))) else start


def replied(
    scene: Scene, reference: Reference, room: Span
) -> tuple[Verdict, Span, str | None] | None:
    """A yes or a no right after the thing: "1 no, 2 yes", "the first: nope", "third one yes!"."""
    text = scene.text
    at = reference.span.end
    if text.words(Span(at, at + 2)) == ("i", "do"):  # "the other three I don't"
        denied = text.word(at + 2) in ("n't", "not")
        tail = text.word(at + 3 if denied else at + 2)
        if not tail[:1].isalpha() or tail in ("like", "and", "but"):
            return "reject" if denied else "accept", Span(reference.span.start, at + 2), None
    if text.word(at) in ("is", "'s", "are") and text.word(at + 1) in ("not", "n't"):
        if at + 2 >= room.end or not text.word(at + 2)[:1].isalpha():
            return "reject", Span(reference.span.start, at + 2), None  # "the second is not"
    while text.word(at) in (
        ":",
        "-",
        "–",
        "—",
        ",",
        "is",
        "'s",
        "a",
        "=",
        "->",
        "gets",
        "definitely",
    ):
        at += 1
    word, after = text.word(at), text.word(at + 1)
    if at >= room.end or (after[:1].isalpha() and after not in _REPLY_TAILS):
        return None
    if word in _NO_TO:
        return "reject", Span(reference.span.start, at + 1), None
    if word in _YES_TO:
        return "accept", Span(reference.span.start, at + 1), None
    return None


_YES_TO = frozenset("yes yeah yep yup yay love perfect".split())
_NO_TO = frozenset("no nope nah nay never meh boring ugly".split())
_REPLY_TAILS = frozenset("please thanks and but the for definitely way from too not so".split())

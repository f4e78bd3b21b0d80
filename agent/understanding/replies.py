# ruff: noqa: E501
"""Short verdicts on a thing: "1 no, 2 yes", "the first: nope", "then we take the second"."""

from __future__ import annotations

from typing import Literal

from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table

Verdict = Literal["accept", "reject", "been_to"]

_TAKING = frozenset("take takes taking buy buying order get grab have keep want".split())
_TAKERS = frozenset("i we she he they 'll will 'd 'm 're are am gonna me us".split())


_ORDERING = frozenset("order reserve buy purchase".split())
_ORDERED_BY = frozenset("i please then and just to ok okay yes so ll 'll , me".split())


_PICKS = table(
    {
        "before": split_list(
            "go with | going with | let's go with | let's do | let's take | let's get | let's have | put me down for | settle on | settle for | "
            "sold on | opt for | opting for | go for | going for | my vote goes to | plump for | decided on | decide on | make it | give me | get me | gimme | i'll cop | let me cop | cop | wrap up | "
            "bag me | ring up | my choice is | my pick is | the winner is | i'll be having | i'd be happy with | stick with | sticking with"
        ),
        "after": split_list(
            "won me over | wins | win | is a winner | is the winner | is a keeper | has my vote | gets my vote | gets the vote | it shall be | "
            "is my choice | is my pick | is my winner | is calling my name | has my name on it | is exactly what i | is just what i | "
            "is what i was looking for | is what i'm looking for | is what i want | is what i need | ticks all the boxes | takes the cake | is spot on"
        ),
    }
)
_PICKERS = frozenset(
    "i we i'll 'll 'm am will gonna let 's ok okay yes yeah so then just and right fine great perfect think guess well "
    "alright definitely 've have hmm happy to 'd like would cool good super".split()
)


def picked(scene: Scene, reference: Reference, room: Span) -> Span | None:
    """Where "let's go with", "has won me over" pick the one thing that is pointed at."""
    text = scene.text
    several = len(reference.things) != 1 and reference.kind != "ordinal"
    if several or not reference.things or reference.kind in ("rest", "pronoun"):
        return None
    at, end = reference.span.start, reference.span.end
    after = text.word(end)
    closed = not after[:1].isalpha() or after in ("please", "then", "thanks", "and")
    for back in range(max(room.start, at - 4), at):
        match = _PICKS.match(text, back, at)
        lead = [w for w in text.words(Span(room.start, back)) if w[:1].isalpha()]
        if match is None or "before" not in match[1] or back + match[0] != at or not closed:
            continue
        if set(lead) <= _PICKERS and not text.is_question(room):
            return Span(back, end)
    for start in range(end, min(end + 3, room.end)):
        match = _PICKS.match(text, start, room.end)
        if match is not None and "after" in match[1] and not text.is_question(room):
            return Span(at, start + match[0])
    return None


def takes(scene: Scene, before: Span) -> int | None:
    """Where "then we take", "she'll have", "let me take" begins, if it stands before the thing."""
    text = scene.text
    verb = before.end - 1
    if text.word(verb) in _ORDERING and (
        verb == before.start or text.word(verb - 1) in _ORDERED_BY
    ):
        return verb  # "order number 4", "can I buy the second one?"
    opens = verb == before.start or not text.word(verb - 1)[:1].isalpha()
    gerund = opens or text.word(verb - 1) in ("ok", "okay", "then", "yes", "so", "just")
    if text.word(verb) in ("taking", "buying", "getting", "ordering") and gerund:
        return verb  # "ok buying the second"
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

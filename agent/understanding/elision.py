"""Sentences without a subject: "is darker", "has no sleeves" speak of the thing that is wanted."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.text import Span, Text

BEING = frozenset("is are be 's".split())
HAVING = frozenset("has have having".split())
_LEADS = frozenset("and but or , so maybe ok okay yes yeah well hmm".split())
_MODAL = frozenset("can could would should might must may will".split())
_STOCKED = frozenset("available availability stock".split())
_SUBJECTS = (english.PRONOUNS - {"it"}) | frozenset(
    "it there this that these those the my your any anyone anything to we've".split()
)


def predicate(text: Text, sentence: Span) -> int | None:
    """Where the verb of a predicate without subject stands, or None.

    "is red" and "has longer sleeves" state what is wanted; "is it red" and "are the boots warm" ask.
    """
    if text.is_question(sentence) or _STOCKED & set(text.words(sentence)):
        return None
    at = sentence.start
    while at < sentence.end and text.word(at) in _LEADS:
        at += 1
    if text.word(at) in ("do", "does") and text.word(at + 1) in ("not", "n't"):
        return at + 2 if text.word(at + 2) in HAVING else None
    if at + 1 >= sentence.end or text.word(at) not in BEING | HAVING or text.word(at) == "'s":
        return None
    if text.word(at + 1) == "the" and text.word(at + 2) in ("same", "exact"):
        return at
    return None if text.word(at + 1) in _SUBJECTS else at


def wills(text: Text, sentence: Span) -> bool:
    """The sentence lacks only its "I": "could stretch to 200", "would prefer red"."""
    at = sentence.start
    while at < sentence.end and text.word(at) in _LEADS:
        at += 1
    if text.is_question(sentence) or text.word(at) not in _MODAL:
        return False
    following = text.word(at + 1)
    return following[:1].isalpha() and following not in _NO_VERB


def goes_on_denying(text: Text, sentence: Span) -> bool:
    """An elliptic sentence after a denial: "I don't do stripes. Or checks."."""
    at = sentence.start
    while text.word(at) in (".", "…", "..."):
        at += 1
    if text.word(at) not in ("or", "nor") or sentence.end - at > 8:
        return False
    if any(text.word(i) in english.AUXILIARIES for i in range(at, sentence.end)):
        return False
    before = [
        s
        for s in text.sentences
        if s.end <= sentence.start and any(w[:1].isalnum() for w in text.words(s))
    ]
    if before:
        cues = [
            m for i in range(before[-1].start, before[-1].end) if (m := english.CUES.match(text, i))
        ]
        return any("neg" in kinds and "skip" not in kinds for _, kinds in cues)
    return text.word(at + 1) in ("anything", "any", "anyone")


_NO_VERB = _SUBJECTS | english.DETERMINERS | {"n't", "not"}

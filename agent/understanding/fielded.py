"""Values that the word of their facet explains from afar: "sleeves: long", "a v then, neck I mean"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vitrine.agent.understanding import english
from vitrine.agent.understanding.meaning import Meaning, Mention
from vitrine.agent.understanding.text import Span, Text, phrase
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.core.domain import Facet

_SEPARATORS = frozenset(": ? = , please pls".split())
_BETWEEN = _SEPARATORS | frozenset("is are should be a an the rather".split())
_NONE = frozenset("none no without zero nope".split())
_BACK = 7
_SHORT = 7


def fielded(
    vocabulary: Vocabulary, text: Text, mentions: Sequence[Mention], spoken: Iterable[str]
) -> list[Mention]:
    """The mentions, with values that only the word of a facet nearby makes clear.

    `spoken`: facets that were asked about or spoken of right before; a bare word may name a value
    of theirs ("round is fine too" where necklines were spoken of).
    """
    found = list(mentions)
    for mention in mentions:
        facet = _named(vocabulary, mention)
        if facet is None:
            continue
        made = _after(vocabulary, text, found, mention, facet) or _before(
            vocabulary, text, mention, facet
        )
        if made is not None:
            found = [m for m in found if m is not mention and not m.span.overlaps(made.span)]
            found.append(made)
    if len(text) <= _SHORT:
        covered = {i for m in found for i in range(m.span.start, m.span.end)}
        for name in spoken:
            facet = vocabulary.pack.facet(name)
            for at in range(len(text)) if _worded(facet) else ():
                if at in covered or text.word(at) in _NONE:
                    continue
                meanings = _composed(vocabulary, facet, text.word(at))
                if meanings and facet is not None:
                    found.append(Mention(Span(at, at + 1), meanings))
                    covered.add(at)
    return sorted(found, key=lambda m: m.span.start)


def _worded(facet: Facet | None) -> bool:
    return facet is not None and facet.kind == "categorical" and facet.role != "head"


def _named(vocabulary: Vocabulary, mention: Mention) -> Facet | None:
    """The facet, if the mention is nothing but its word."""
    named = mention.of("facet")
    if not named or mention.of("value"):
        return None
    facet = vocabulary.pack.facet(named[0].facet)
    return facet if _worded(facet) else None


def _composed(vocabulary: Vocabulary, facet: Facet | None, word: str) -> tuple[Meaning, ...]:
    """The values that the word names beside the facet's own: "round" beside "neck"."""
    if facet is None or not word[:1].isalpha() or word in english.NOUN_STOPPERS - {"no", "without"}:
        return ()
    for marker in dict.fromkeys((facet.name, facet.label, *facet.words)):
        key = phrase(marker) if marker else ()
        if len(key) != 1:
            continue
        leads = ("no", "without") if word in _NONE else (word,)
        for lead in leads:
            for both in ((lead, *key), (*key, lead)):
                values = [
                    m
                    for m in vocabulary.table.get(both)
                    if m.kind == "value" and m.facet == facet.name
                ]
                if values:
                    return tuple(values)
    return ()


def _after(
    vocabulary: Vocabulary,
    text: Text,
    mentions: Sequence[Mention],
    mention: Mention,
    facet: Facet,
) -> Mention | None:
    """Such as "neckline: round", "sleeves? long", "with sleeves please, long"."""
    at = mention.span.end
    while text.word(at) in _BETWEEN:
        at += 1
    between = set(text.words(Span(mention.span.end, at)))
    if not between & _SEPARATORS or at - mention.span.end > 3:
        return None
    lead = text.words(Span(max(0, mention.span.start - 3), mention.span.start))
    if set(lead) & english.WH:
        return None  # "what's the length, short?"
    closes = not text.word(at + 1)[:1].isalnum() or text.word(at + 1) in ("please", "pls", "or")
    beside = next((m for m in mentions if m.span.start <= at < m.span.end), None)
    known = {m.facet for m in beside.of("value")} if beside is not None else set[str]()
    if not closes or known == {facet.name} or (beside is not None and len(known) == 0):
        return None
    if beside is not None and beside.span != Span(at, at + 1):
        return None
    meanings = _composed(vocabulary, facet, text.word(at))
    if not meanings:
        return None
    apart = "?" in between
    return Mention(Span(at if apart else mention.span.start, at + 1), meanings)


def _before(vocabulary: Vocabulary, text: Text, mention: Mention, facet: Facet) -> Mention | None:
    """Such as "short ones then. Sleeves, I mean"."""
    end = mention.span.end + (text.word(mention.span.end) == ",")
    if text.words(Span(end, end + 2)) not in (("i", "mean"), ("i", "meant")):
        return None
    for at in range(mention.span.start - 1, max(-1, mention.span.start - _BACK), -1):
        if meanings := _composed(vocabulary, facet, text.word(at)):
            return Mention(Span(at, at + 1), meanings)
    return None

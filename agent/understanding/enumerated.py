"""Properties in an enumeration: the "quick drying" of "shorts, loose, quick drying"."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.idioms import ADJECTIVES, VERBISH
from vitrine.agent.understanding.nouns import free, plain_noun
from vitrine.agent.understanding.parts import WishSpan, wish_at
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span

_LONGEST = 3
_PROPERTY = ("ing", "able", "ible", "proof", "less", "ed", "resistant", "ful", "friendly")
_CUTS = frozenset(", . ; ! – —".split())


def enumerated(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Free words that are a whole piece between commas, beside pieces that name values."""
    pieces = _pieces(scene, sentence)
    if len(pieces) < 2 or scene.text.is_question(sentence):
        return []
    told = [any(m.of("value") for m in scene.within(piece)) for piece in pieces]
    if not any(told):
        return []
    found: list[WishSpan] = []
    for piece, known in zip(pieces, told, strict=True):
        span = None if known else _property(scene, piece)
        if span is not None:
            found.append(wish_at(scene, span))
    return found


def _pieces(scene: Scene, sentence: Span) -> list[Span]:
    cuts = [sentence.start - 1]
    cuts += [i for i in range(sentence.start, sentence.end) if scene.text.word(i) in _CUTS]
    cuts.append(sentence.end)
    return [Span(a + 1, b) for a, b in zip(cuts, cuts[1:], strict=False) if b > a + 1]


def _property(scene: Scene, piece: Span) -> Span | None:
    """The piece without the words around what it names, if it names one thing."""
    text = scene.text
    start, end = piece.start, piece.end
    while start < end and text.word(start) in english.DETERMINERS | {
        "and",
        "maybe",
        "also",
        "very",
    }:
        start += 1
    determined = start > piece.start and text.word(start - 1) in ("a", "an", "two", "some")
    close = next((i for i in range(start + 1, end) if _firmness(scene, i, end)), None)
    closed = close is not None
    end = close if close is not None else end
    while end > start and text.word(end - 1) in ("please", "too", "pls"):
        end -= 1
    if not 1 <= end - start <= _LONGEST or scene.spent(Span(start, end)) or scene.within(piece):
        return None
    words = text.words(Span(start, end))
    if not all(free(scene, i) or words[i - start] in ADJECTIVES for i in range(start, end)):
        return None
    if any(text.raw[text.tokens[i].start].isupper() for i in range(start, end)) and not closed:
        return None  # a name
    for table in (phrases.ACKNOWLEDGE, phrases.GREETINGS, phrases.NEUTRAL, phrases.REACTIONS):
        if table.first(text, Span(start, end)) is not None:
            return None
    last = words[-1]
    if last in VERBISH or words[0] in VERBISH or words[0].endswith("ly"):
        return None
    tells = last in ADJECTIVES or (last.endswith(_PROPERTY) and len(last) > 5)
    named = (determined or closed or len(words) > 1) and (plain_noun(scene, end - 1) or determined)
    return (
        Span(start, end) if tells or named or (len(words) == 2 and words[0] in ADJECTIVES) else None
    )


def _firmness(scene: Scene, at: int, end: int) -> bool:
    """Such as "would be nice", "is a must": how much the piece is wanted begins here."""
    match = english.CUES.match(scene.text, at, end)
    if match is not None and match[0] > 1 and {"soft", "hard"} & set(match[1]):
        return True
    following = english.CUES.match(scene.text, at + 1, end)
    return scene.text.word(at) in ("is", "are", "would") and (
        following is not None and bool({"soft", "hard"} & set(following[1]))
    )

"""Why a thing is turned down, in the words of the message: "too bright", "a bit wide"."""

from __future__ import annotations

from vitrine.agent.understanding.idioms import ADJECTIVES
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span

_SLIGHTLY = {("a", "bit"), ("a", "little"), ("a", "tad"), ("kind", "of"), ("sort", "of")}
_SEEMS = frozenset("is are 's 're look looks seem seems feel feels was were".split())


def reason_in(scene: Scene, span: Span) -> str | None:
    """The complaint in the words: "too bright", "not warm enough"."""
    text = scene.text
    for at in range(span.start, span.end - 1):
        if text.word(at) == "too" and text.word(at + 1)[:1].isalpha():
            end = at + 2
            return text.said(Span(at, end), 200)
        if text.word(at) in ("not", "n't") and "enough" in text.words(
            Span(at, min(at + 4, span.end))
        ):
            return text.said(Span(at, min(at + 4, span.end)), 200)
        lead = text.words(Span(at, at + 2))
        value = scene.mention_at(at + 2)
        tells = text.word(at + 2) in ADJECTIVES or (
            value is not None and bool(value.of("value", "concept")) and not scene.is_head(value)
        )
        if lead in _SLIGHTLY and text.word(at - 1) in _SEEMS and tells:
            if not text.word(at + 2).endswith("er") and not text.is_question(span):
                return text.said(Span(at, at + 3), 200)  # "these look a bit wide"
        if text.word(at) in ("because", "since") and at + 1 < span.end:
            return text.said(Span(at + 1, span.end), 200)
    return None

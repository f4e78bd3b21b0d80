"""Kinds of thing that a question brings up: "would trainers be cheaper? Show me those"."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.opening import at_opening
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import SetFacet, StateOp

_POINTERS = frozenset("those them these some".split())
_ASKING = frozenset("would are do is what how could can should might".split())
_NEAR = 3
_WANTING = (phrases.REQUESTS, phrases.ACCEPT, english.WANTING)


def brought_up(scene: Scene, sentence: Span) -> str | None:
    """The kind of thing that is the subject of a question, if another one is wanted so far."""
    if scene.opening(sentence) not in _ASKING or not scene.believed_heads:
        return None
    start = at_opening(scene, sentence) + 1
    for at in range(start, min(start + _NEAR, sentence.end)):
        mention = scene.mention_at(at)
        if mention is None or not scene.is_head(mention):
            continue
        lead = scene.text.word(at - 1)
        value = mention.of("value")[0].value
        named = lead not in ("the", "these", "those", "that", "this")
        return value if named and value not in scene.believed_heads else None
    return None


def pointer(scene: Scene, sentence: Span, at: int) -> tuple[tuple[str, str], ...]:
    """What "those" means, brought up by the sentence before or in the last message."""
    if scene.text.word(at) not in _POINTERS or scene.text.word(at + 1) in ("two", "three", "four"):
        return ()
    if not any(scene.has(cues, sentence) for cues in _WANTING):
        return ()  # "those are nice"
    head = scene.vocabulary.pack.head.name
    before = [s for s in scene.text.sentences if s.end <= sentence.start]
    if before:
        kind = brought_up(scene, before[-1])
        return ((head, kind),) if kind is not None else ()
    asked = scene.heard.state.questions[-1:]
    if not asked or scene.asks(sentence) or asked[0].things:
        return ()
    named = (*_pair(asked[0].facet, asked[0].value), *asked[0].also)
    kinds = {value for facet, value in named if facet == head}
    return named if kinds and not kinds <= set(scene.believed_heads) else ()


def _pair(facet: str | None, value: str | None) -> tuple[tuple[str, str], ...]:
    return ((facet, value),) if facet is not None and value is not None else ()


def adopted(scene: Scene, part: Span) -> list[StateOp]:
    """The kind that was brought up and is asked for now: "show me those", "I'd take those"."""
    if any(scene.is_head(m) for m in scene.within(part)):
        return []
    for at in range(part.start, part.end):
        if named := pointer(scene, part, at):
            evidence = scene.evidence(part)
            scene.spend(Span(at, at + 1))
            return [SetFacet(facet=f, value=v, evidence=evidence) for f, v in named]
    return []

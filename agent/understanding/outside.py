"""What a shop assistant does not take up: unsafe requests, other subjects, and nonsense."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import PhraseTable, Span

_TASKS = frozenset("write tell solve translate calculate compose sing".split())


def declined(scene: Scene) -> str | None:
    """Why the whole message is declined, or None. A declined message changes nothing."""
    return unsafe(scene) or _off_topic(scene)


def unsafe(scene: Scene) -> str | None:
    """Why a message is declined that no understanding, however clever, should take up."""
    whole = Span(0, len(scene.text))
    if _stands(scene, phrases.CARE, whole):
        return (
            "I am only a shop assistant and cannot help with this, but please talk to someone "
            "you trust "
            "or to your local emergency or crisis line."
        )
    found = _stands(scene, phrases.UNSAFE, whole)
    if found is not None and not any(scene.is_head(m) for m in scene.mentions):
        return f"I cannot help with {scene.text.said(found)!r}."
    return None


def _off_topic(scene: Scene) -> str | None:
    whole = Span(0, len(scene.text))
    off = _stands(scene, phrases.OFF_TOPIC, whole)
    if off is not None:
        task = scene.opening(whole) in _TASKS
        shopping = any(m.of("value") for m in scene.mentions) or scene.has(
            phrases.DESIGN_REQUEST, whole
        )
        if task or not shopping:
            return f"{scene.text.said(off)!r} is outside of what this shop can help with."
    return None


def _stands(scene: Scene, cues: PhraseTable[str], whole: Span) -> Span | None:
    """Where a phrase stands that is no word of the shop."""
    found = scene.has(cues, whole)
    return None if found is None or scene.mention_over(found.start) is not None else found


def nonsense(scene: Scene) -> str | None:
    """Why nothing was understood, where a message holds no words that anybody knows."""
    words = [t.word for t in scene.text.tokens if t.is_word and not t.word.startswith("'")]
    if not words:
        if not scene.text.tokens:
            return None
        return "There were no words in that."
    if scene.has(phrases.GREETINGS, Span(0, len(scene.text))) is not None:
        return None
    known = [
        w
        for w in words
        if w in scene.vocabulary.ordinary or scene.vocabulary.knows(w) or w in english.NOUN_STOPPERS
    ]
    return "I could not make sense of that." if len(known) * 2 < len(words) else None

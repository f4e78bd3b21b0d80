"""What a shop assistant does not take up: unsafe requests and other subjects."""

from __future__ import annotations

import re

from vitrine.agent.understanding import phrases
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import PhraseTable, Span

_TASKS = frozenset("write tell solve translate calculate compose sing".split())


def declined(scene: Scene) -> str | None:
    """Why the whole message is declined, or None. A declined message changes nothing."""
    return unsafe(scene) or _prying(scene) or _off_topic(scene)


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
    harmless = any(scene.is_head(m) for m in scene.mentions)  # "a killer dress"
    asks_how = scene.has(phrases.HOW_TO, whole) is not None
    grave = _stands(scene, phrases.GRAVE, whole)
    if grave is not None or (found is not None and (asks_how or not harmless)):
        found = found or grave
    else:
        found = None
    if found is not None:
        return f"I cannot help with {scene.text.said(found)!r}."
    return None


_PRIVATE = frozenset(
    "profile profiles order orders address addresses account accounts password passwords purchases "
    "basket baskets wishlist history data details conversation conversations".split()
)
_THEIRS = frozenset(
    "her his their other others someone somebody everyone everybody another".split()
)
_PEOPLE = frozenset(
    "customers customer users user people shoppers shopper clients client buyers".split()
)
_PRYING = frozenset(
    "show give tell list what who which read open see display print look export can".split()
)


def _prying(scene: Scene) -> str | None:
    """Such as "show me Mara's profile", "what did other customers tell you": not for telling."""
    text = scene.text
    if scene.opening(Span(0, len(text))) not in _PRYING | {"could", "i", "let"}:
        return None
    if any(scene.is_head(m) for m in scene.mentions):
        return None
    for at in range(1, len(text)):
        if text.word(at) not in _PRIVATE:
            continue
        owner = at - 1
        while text.word(owner) in ("order", "purchase", "personal", "private", "shopping", "saved"):
            owner -= 1
        back = text.word(owner)
        if back in ("'s", "'"):
            back = text.word(owner - 1)
            if back in _PRIVATE or text.word(owner - 2) in ("my", "your", "the"):
                continue
            return "I cannot tell anything about other people."
        if back in _THEIRS or (back in _PEOPLE and text.word(owner - 1) in _THEIRS):
            return "I cannot tell anything about other people."
    return None


def _off_topic(scene: Scene) -> str | None:
    whole = Span(0, len(scene.text))
    if (sum_ := _ARITHMETIC.search(scene.text.raw)) is not None and not scene.mentions:
        return f"{sum_.group()!r} is outside of what this shop can help with."
    off = _stands(scene, phrases.OFF_TOPIC, whole)
    if off is not None:
        task = scene.opening(whole) in _TASKS or _books(scene, off)
        shopping = any(m.of("value") for m in scene.mentions) or scene.has(
            phrases.DESIGN_REQUEST, whole
        )
        if task or not shopping:
            return f"{scene.text.said(off)!r} is outside of what this shop can help with."
    return None


_ARITHMETIC = re.compile(
    r"\b\d+(?:\.\d+)?\s*(?:times|plus|minus|divided by|multiplied by|squared|[*+/^×÷])\s*\d*"
)


def _books(scene: Scene, off: Span) -> bool:
    """A service of others is ordered, no thing of the shop: "book me a flight to Rome"."""
    ordered = {"book", "order"} & set(scene.text.words(off))
    return bool(ordered) and not any(scene.is_head(m) for m in scene.mentions)


def _stands(scene: Scene, cues: PhraseTable[str], whole: Span) -> Span | None:
    """Where a phrase stands that is no word of the shop."""
    found = scene.has(cues, whole)
    if found is None or scene.mention_over(found.start) is not None or scene.spent(found):
        return None
    return found

"""Questions about what was said, done and noted so far: "what have I rejected?", "what do you know?"."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.opening import at_opening
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span


def about_me(scene: Scene, sentence: Span) -> bool:
    """Such as "what have you stored about me", "tell me everything you know about me"."""
    words = scene.text.words(sentence)
    about = any(
        pair in (("about", "me"), ("on", "me")) for pair in zip(words, words[1:], strict=False)
    )
    knowing = {
        "know", "remember", "stored", "store", "saved", "learned", "learnt", "noted", "kept",
        "keep", "write", "wrote", "note", "assuming", "assume", "believe", "inferred", "guess",
        "think", "guessed", "got",
    }  # fmt: skip
    opens = scene.opening(sentence) in {"what", "tell", "show", "do", "list", "summarise", "give"}
    return (about and opens and bool(knowing & set(words))) or _kept(scene, sentence)


_KEPT = frozenset("stored saved noted remembered kept recorded memorised memorized".split())
_KEPT_OF = frozenset(
    "that this any it of them all now anything something already is are was have has did you been i "
    "said".split()
)


def _kept(scene: Scene, sentence: Span) -> bool:
    """Such as "is any of that stored now?", "have you noted that?"."""
    words = [w for w in scene.text.words(sentence) if w[:1].isalpha()]
    asked = scene.opening(sentence) in ("is", "are", "was", "have", "has", "did", "was")
    return asked and bool(_KEPT & set(words)) and set(words) <= _KEPT | _KEPT_OF | english.TALK


_DID = frozenset("did have 've had has".split())
_DONE = frozenset(
    "say said tell told ask asked want wanted reject rejected turn turned refuse refused like liked pick "
    "picked choose chosen chose accept accepted save saved dismiss dismissed undo undone change changed "
    "drop dropped remove removed take taken note noted forget forgotten specify specified decide "
    "decided".split()
)


def told_of_the_past(scene: Scene, sentence: Span) -> bool:
    """What was said and done in this talk is asked: "what have I rejected?", "what did you undo?"."""
    text = scene.text
    if scene.opening(sentence) not in ("what", "which"):
        return False
    at = at_opening(scene, sentence) + 1
    while at < sentence.end and text.word(at) in (
        "ones",
        "one",
        "things",
        "else",
        "all",
        "of",
        "them",
    ):
        at += 1
    if text.word(at) not in _DID | {"i", "you"} or text.word(at + 1) not in (
        "i",
        "you",
        "we",
        "'ve",
        "have",
    ):
        return False
    at += 2
    while text.word(at) in ("just", "actually", "already", "ever", "so", "far"):
        at += 1
    if text.word(at) not in _DONE:
        return False
    return not any(m.of("value", "facet") for m in scene.within(Span(at, sentence.end)))

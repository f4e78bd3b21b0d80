"""Where a question begins, greetings and leads aside."""

from __future__ import annotations

from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span


def at_opening(scene: Scene, sentence: Span) -> int:
    word = scene.opening(sentence)
    return next(
        (i for i in range(sentence.start, sentence.end) if scene.text.word(i) == word),
        sentence.start,
    )

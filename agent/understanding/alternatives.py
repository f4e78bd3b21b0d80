"""Questions that ask two things at once: "does it have pockets or buttons?" is two questions.

So is "what is the shipping cost and delivery time?". Only questions that text answers are taken
apart. Where a facet answers ("is it short or long?"), one look at the facet answers both.
"""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding import english
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import Question

_LONGEST = 3
_YES_NO = frozenset("is are does do did has have was were will would can could".split())


def apart(scene: Scene, part: Span, questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions, with a yes-or-no question about two features as two questions."""
    found: list[Question] = []
    for question in questions:
        pieces = _pieces(scene, part) if question.kind == "open" else ()
        found += [question.model_copy(update={"text": text[:400]}) for text in pieces] or [question]
    return tuple(found)


def _pieces(scene: Scene, part: Span) -> tuple[str, ...]:
    text = scene.text
    opening = scene.opening(part)
    joiner = "or" if opening in _YES_NO else "and" if opening in ("what", "what's") else ""
    places = [i for i in range(part.start, part.end) if text.word(i) == joiner]
    if len(places) != 1 or not text.is_question(part):
        return ()
    at = places[0]
    left, right = _run(scene, at - 1, part.start - 1, -1), _run(scene, at + 1, part.end, 1)
    if left.end <= left.start or right.end <= right.start or left.start == part.start:
        return ()
    before = text.said(Span(part.start, left.start)).strip()
    tail = text.said(Span(right.end, part.end)).strip(" ?.!")
    one, other = text.said(left), text.said(right)
    if left.end - left.start == 1 and right.end - right.start > 1 and not one.endswith("s"):
        one = f"{one} {text.said(Span(right.start + 1, right.end))}"  # "a back or front zip"
    return tuple(" ".join(w for w in (before, piece, tail) if w) + "?" for piece in (one, other))


def _run(scene: Scene, at: int, border: int, step: int) -> Span:
    """The content words from the token on, in one direction, at most three."""
    text = scene.text
    start = at
    while at != border and abs(at - start) < _LONGEST:
        word = text.word(at)
        if not word[:1].isalpha() or word in english.NOUN_STOPPERS:
            break
        at += step
    return Span(start, at) if step > 0 else Span(at + 1, start + 1)

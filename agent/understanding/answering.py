"""What a message answers to the question that was asked last."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import (
    AddContext,
    AddWish,
    Forget,
    Question,
    Remember,
    Reset,
    SetFacet,
    StateOp,
    Undo,
)


def bare_answer(scene: Scene) -> StateOp | None:
    """A bare answer to what was asked last: a size, or "yes" to the only suggestion."""
    question = scene.heard.state.open_question
    if question is None or question.facet is None:
        return None
    said = scene.text.raw.strip(" .!\n").casefold()
    values = scene.vocabulary.values.get(question.facet, {})
    value = next((v for v in values if v.casefold() == said), None)
    if value is None and question.suggestions and not scene.last_shown:
        place = _suggestion(scene, len(question.suggestions))
        if place is not None:
            said = question.suggestions[place].casefold()
            value = next((v for v in values if v.casefold() == said), None)
    if value is None and said in phrases.YES and len(question.suggestions) == 1:
        value = next(
            (v for v in values if v.casefold() == question.suggestions[0].casefold()), None
        )
    lacking = value is None and _names_something(scene, question.facet)
    colour = scene.vocabulary.colour_facet
    if lacking and question.facet == colour and not scene.vocabulary.colour_like(said):
        return AddWish(text=said[:200], evidence=scene.evidence(Span(0, len(scene.text))))
    if lacking:
        value = said
    if value is None:
        return None
    evidence = scene.evidence(Span(0, len(scene.text)))
    return SetFacet(facet=question.facet, value=value, known=not lacking, evidence=evidence)


def _suggestion(scene: Scene, count: int) -> int | None:
    """Which of the suggested answers "the first" names, counted from 0."""
    words = tuple(w for w in scene.text.words(Span(0, len(scene.text))) if w[0].isalnum())
    words = tuple(w for w in words if w not in ("the", "one", "please", "option", "number", "i"))
    if len(words) != 1:
        return None
    place = english.ORDINALS.get(words[0]) or english.UNITS.get(words[0])
    if words[0].isascii() and words[0].isdecimal() and len(words[0]) < 3:
        place = int(words[0])
    if words[0] in ("last", "latter"):
        place = count
    return place - 1 if place is not None and 0 < place <= count else None


def _names_something(scene: Scene, name: str) -> bool:
    """A single word that everyday English does not explain answers with a value the shop lacks."""
    facet = scene.vocabulary.pack.facet(name)
    words = [t.word for t in scene.text.tokens if t.is_word]
    return (
        facet is not None
        and facet.kind == "categorical"
        and len(words) == 1
        and len(words[0]) >= 4
        and not scene.vocabulary.is_ordinary(words[0])
        and words[0] not in phrases.YES | phrases.NO
    )


_INDIFFERENT = frozenset(
    "either any anything whichever whatever skip pass both depends not really no preference i do n't "
    "care mind you have is 's fine ok goes it all of them that this one please up to honestly choose "
    "decide opinion idea".split()
)
"""Words of an answer that leaves the choice open."""


def answers(
    scene: Scene, ops: Sequence[StateOp], questions: Sequence[Question], *, helps: bool
) -> bool:
    """The message answers the open question."""
    question = scene.heard.state.open_question
    if question is None or not scene.text.tokens:
        return False
    if any(isinstance(op, (Undo, Reset, Remember, Forget)) for op in ops) or helps:
        return False
    if question.facet is not None and any(
        getattr(op, "facet", None) == question.facet for op in ops
    ):
        return True
    whole = Span(0, len(scene.text))
    said = scene.text.raw.strip(" .!\n").casefold()
    if said in {s.casefold() for s in question.suggestions}:
        return True
    first = scene.text.word(0)
    said_words = {t.word for t in scene.text.tokens if t.is_word}
    if question.facet is not None and said_words and said_words <= _INDIFFERENT:
        return not ops
    short = len(scene.text) <= 5
    if question.facet is not None and len(scene.text) <= 4 and not questions:
        if any(isinstance(op, (AddWish, AddContext)) for op in ops):
            return True
    if "thanks" in said_words and not ops:
        return False  # "ok then, thanks anyway"
    if first in phrases.YES | phrases.NO and short:
        return True
    if scene.has(phrases.NEUTRAL, whole) is not None or (
        scene.has(english.CUES, whole) and "matter" in said
    ):
        return short or question.facet is not None
    return question.facet is None and bool(ops) and not questions

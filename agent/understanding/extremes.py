"""Questions for the cheapest or the best rated, in the whole shop or among shown things."""

from __future__ import annotations

from typing import Literal

from vitrine.agent.understanding import english
from vitrine.agent.understanding.opening import at_opening
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import Question
from vitrine.core.domain import Facet
from vitrine.core.refs import ThingRef


def extreme(scene: Scene, sentence: Span, inside: list[Reference], said: str) -> Question | None:
    """Such as "the cheapest": of the whole shop, unless shown things are named."""
    for direction in ("min", "max"):
        found = _superlative(scene, sentence, direction)
        if found is None:
            continue
        span, facet = found
        lead = scene.text.words(Span(max(sentence.start, span.start - 2), span.start))
        if {"not", "n't"} & set(lead) and not scene.text.is_question(sentence):
            continue  # "not the cheapest rubbish"
        asking = scene.asks(sentence)
        words = scene.text.words(sentence)
        if not asking and facet.role == "rating" and {"only", "just"} & set(words):
            return None  # "top rated only" is a wish
        named = [r for r in inside if r.span.overlaps(span)]
        if named and not asking:
            return None  # "I'll take the cheapest of those" names a thing
        things: tuple[ThingRef, ...] = ()
        of_these = [r for r in inside if r.plural]
        if (
            named
            or of_these
            or (
                scene.opening(sentence) in ("which", "what", "what's")
                and scene.shown
                and _of_shown(scene, sentence)
            )
            or (scene.shown and _one_of_them(scene, span, sentence))
        ):
            things = of_these[0].things if of_these else scene.last_shown
        rank = _rank(scene, span)
        scene.spend(span)
        return Question(
            kind="extreme",
            text=said,
            facet=facet.name,
            direction=direction,
            things=things,
            rank=rank,
        )
    return None


def _rank(scene: Scene, span: Span) -> int:
    """The place in the order that is meant: 2 for "the second cheapest"."""
    word = scene.text.word(span.start - 1)
    place = 2 if word == "next" else english.ORDINALS.get(word, 1)
    if place > 1:
        scene.spend(Span(span.start - 1, span.end))
    return min(place, 20)


_GREATEST = frozenset("best highest top greatest most biggest strongest".split())
_LEAST = frozenset("lowest worst least smallest fewest weakest".split())


def _superlative(
    scene: Scene, sentence: Span, direction: Literal["min", "max"]
) -> tuple[Span, Facet] | None:
    """A set phrase ("the cheapest") or a superlative before a number's own word ("best rating")."""
    pack = scene.vocabulary.pack
    found = (english.EXTREME_LOW if direction == "min" else english.EXTREME_HIGH).first(
        scene.text, sentence
    )
    if found is not None and (facet := pack.role(found[1][0])) is not None:
        return found[0], facet
    for at in range(sentence.start + 1, sentence.end):
        ranked = scene.text.word(at - 1) in english.ORDINALS or scene.text.word(at - 1) == "next"
        if direction == "max" and ranked and scene.text.word(at) == "best" and not scene.used[at]:
            facet = pack.role("rating")
            thing = scene.text.word(at + 1)
            if facet is not None and thing not in ("thing", "choice", "option"):
                return Span(at, at + 1), facet
    for mention in scene.within(sentence):
        word = scene.text.word(mention.span.start - 1)
        if not mention.of("facet", "unit") or word not in _GREATEST | _LEAST:
            continue
        named = pack.facet(mention.of("facet", "unit")[0].facet)
        if named is None or named.kind != "numeric":
            continue
        low = word in _LEAST or (word == "best" and named.role == "price")
        if (direction == "min") == low:
            return Span(mention.span.start - 1, mention.span.end), named
    return None


_SHOWN_BY = frozenset("of here".split())
_TELLING = frozenset("one ones is 's are has have had got costs cost would".split())


def _of_shown(scene: Scene, sentence: Span) -> bool:
    """What is in sight is asked about: "and which is the cheapest?", "the dearest one here"."""
    words = scene.text.words(Span(at_opening(scene, sentence), sentence.end))
    return bool(_SHOWN_BY & set(words)) or (
        words[:1] == ("which",) and words[1:2] != () and words[1] in _TELLING
    )


_AROUND_ONE = frozenset("and ok okay so then the what is 's one please ? , .".split())


def _one_of_them(scene: Scene, span: Span, sentence: Span) -> bool:
    """Such as "cheapest one?": nothing else is named, so it is one of those in sight."""
    around = range(sentence.start, sentence.end)
    rest = {scene.text.word(i) for i in around if not span.covers(i)}
    if not rest <= _AROUND_ONE:
        return False
    asked = scene.heard.state.questions
    of_all = bool(asked) and asked[-1].kind == "extreme" and not asked[-1].things
    return scene.text.word(span.end) == "one" or (scene.text.is_question(sentence) and not of_all)


def which_number(
    scene: Scene, sentence: Span, said: str, things: tuple[ThingRef, ...]
) -> Question | None:
    """Such as "which is cheaper": an extreme among the things that are talked about."""
    if scene.opening(sentence) != "which":
        return None
    if len(things) < 2 and len(scene.heard.state.spoken) > 1 and _the_two(scene, sentence):
        things = scene.heard.state.spoken
    for cues, direction in ((english.COMPARE_LOW, "min"), (english.COMPARE_HIGH, "max")):
        found = cues.first(scene.text, sentence)
        if found is not None and (facet := scene.vocabulary.pack.role(found[1][0])) is not None:
            return Question(
                kind="extreme",
                text=said,
                facet=facet.name,
                direction="min" if direction == "min" else "max",
                things=things if len(things) >= 2 else scene.last_shown,
            )
    return None


def _the_two(scene: Scene, sentence: Span) -> bool:
    return bool({"two", "three", "both", "them", "those"} & set(scene.text.words(sentence)))

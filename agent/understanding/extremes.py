"""Questions for the cheapest or the best rated, in the whole shop or among shown things."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import Question
from vitrine.core.refs import ThingRef


def extreme(scene: Scene, sentence: Span, inside: list[Reference], said: str) -> Question | None:
    """Such as "the cheapest": of the whole shop, unless shown things are named."""
    for cues, direction in ((english.EXTREME_LOW, "min"), (english.EXTREME_HIGH, "max")):
        found = cues.first(scene.text, sentence)
        if found is None:
            continue
        span, roles = found
        facet = scene.vocabulary.pack.role(roles[0])
        if facet is None:
            continue
        asking = scene.asks(sentence)
        named = [r for r in inside if r.span.overlaps(span)]
        if named and not asking:
            return None  # "I'll take the cheapest of those" names a thing
        things: tuple[ThingRef, ...] = ()
        of_these = [r for r in inside if r.plural]
        if (
            named
            or of_these
            or (scene.opening(sentence) == "which" and scene.shown and _of_shown(scene, sentence))
        ):
            things = of_these[0].things if of_these else scene.last_shown
        scene.spend(span)
        return Question(
            kind="extreme",
            text=said,
            facet=facet.name,
            direction="min" if direction == "min" else "max",
            things=things,
        )
    return None


def _of_shown(scene: Scene, sentence: Span) -> bool:
    words = scene.text.words(sentence)
    return words[:2] == ("which", "one") or "of" in words or words[:2] == ("which", "is")


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

"""Things told apart by a clause: "the one that isn't teal", "the one I liked before"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vitrine.agent.understanding import pointing
from vitrine.agent.understanding.pool import Reference, Wanted
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.refs import ThingRef

_RELATIVE = frozenset("that which who".split())
_BEING = frozenset("is 's are 're was has have comes come does do".split())
_LINKS = frozenset("in of with made from out come comes have be a an the any having".split())
_DENIALS = frozenset("not n't no without".split())


@dataclass(frozen=True, slots=True)
class Restriction:
    """Values that the things meant have and lack; `end`: where the clause ends."""

    end: int
    having: Wanted = field(default_factory=lambda: {})
    lacking: Wanted = field(default_factory=lambda: {})


def restricted(scene: Scene, at: int, sentence: Span) -> Restriction | None:
    """The clause after a noun that tells the thing apart, or None.

    Only clauses that a verb or a negation begins: a bare "in green" after a thing asks for a change.
    """
    text = scene.text
    index = at
    listed = scene.mention_at(index)
    if text.word(index) == "without" and listed is not None and listed.of("value"):
        having: Wanted = {}
        for meaning in scene.values(listed, sentence):
            having.setdefault(meaning.facet, set()).add(meaning.value)
        return Restriction(listed.span.end, having)  # "without a pattern" is a value's own word
    if text.word(index) in _RELATIVE:
        index += 1
        if text.word(index) not in _BEING:
            return None
        index += 1
    elif text.word(index) == "with" and text.word(index + 1) == "no":
        index += 1
    elif text.word(index) not in ("without", "not"):
        return None
    denied = False
    while index < sentence.end and text.word(index) in _DENIALS | _LINKS:
        if scene.mention_at(index) is not None:
            break
        denied = denied or text.word(index) in _DENIALS
        index += 1
    values: Wanted = {}
    while (mention := scene.mention_at(index)) is not None and mention.of("value"):
        for meaning in scene.values(mention, sentence):
            values.setdefault(meaning.facet, set()).add(meaning.value)
        index = mention.span.end
    if not values:
        return None
    if (told := scene.mention_at(index)) is not None and told.of("facet"):
        index = told.span.end
    return Restriction(index, {} if denied else values, values if denied else {})


_FOR: Literal["accept"] = "accept"
_AGAINST: Literal["reject"] = "reject"
_JUDGED: dict[str, Literal["accept", "reject"]] = {
    **dict.fromkeys(
        (
            "liked loved took picked chose saved kept accepted wanted fancied preferred bought "
            "selected favoured"
        ).split(),
        _FOR,
    ),
    **dict.fromkeys("rejected disliked hated refused dropped dismissed".split(), _AGAINST),
}
_JUDGED_BY = frozenset("i we 've have had just already really so said".split())
_CLOSING = frozenset("before earlier best most so much first a moment ago just now then".split())


def verdict_of(scene: Scene, at: int, sentence: Span) -> Reference | None:
    """Such as "the one I liked before", "the dress that I turned down": what the verdict was on."""
    text = scene.text
    if text.word(at) not in ("the", "that", "those"):
        return None
    index = at + 1
    wanted: Wanted = {}
    while (mention := scene.mention_at(index)) is not None and mention.of("value"):
        for meaning in scene.values(mention, sentence):
            wanted.setdefault(meaning.facet, set()).add(meaning.value)
        index = mention.span.end
    noun = text.word(index) in pointing.NOUNS
    if not noun and not wanted:
        return None
    several = text.word(at) == "those" or text.word(index) in pointing.ONES
    index += noun
    if text.word(index) in _RELATIVE:
        index += 1
    if text.word(index) not in ("i", "we"):
        return None
    index += 1
    while text.word(index) in _JUDGED_BY:
        index += 1
    side, end = _side(scene, index)
    if side is None:
        return None
    while end < sentence.end and text.word(end) in _CLOSING:
        end += 1
    return _latest(scene, Span(at, end), side, wanted, several=several)


def _side(scene: Scene, at: int) -> tuple[Literal["accept", "reject"] | None, int]:
    """Which verdict the verb at the token tells of, and where its words end."""
    text = scene.text
    words = text.words(Span(at, at + 3))
    if words[:2] in (("turned", "down"), ("threw", "out"), ("ruled", "out")):
        return _AGAINST, at + 2
    if words[:3] in (("no", "to"), ("did", "n't", "like"), ("did", "n't", "want")):
        return _AGAINST, at + len(words[:3])
    if words[:2] == ("no", "to"):
        return _AGAINST, at + 2
    if words[:2] == ("yes", "to"):
        return _FOR, at + 2
    if words[:1] in (("asked",), ("mentioned",)):
        return None, at
    word = words[0] if words else ""
    return _JUDGED.get(word), at + 1


def _latest(
    scene: Scene, span: Span, side: str, wanted: Wanted, *, several: bool
) -> Reference | None:
    things: list[ThingRef] = []
    for verdict in scene.heard.state.verdicts:
        facets = scene.facets_of(verdict.thing)
        fits = all(set(facets.get(name, ())) & values for name, values in wanted.items())
        if verdict.verdict == side and fits and verdict.thing not in things:
            things.append(verdict.thing)
    if not things:
        return None
    chosen = tuple(things) if several else (things[-1],)
    return Reference(span, "attribute", chosen, plural=several)

"""More or less than what is shown: one step along an ordered facet, the next lighter or darker colour.

Steps start from the things that the sentence names, else the thing under discussion, else what was
shown last, else what is believed. Where several things differ, "longer" means longer than all.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from functools import lru_cache

from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.wordforms import singular
from vitrine.core.refs import ThingRef

LIGHTER = frozenset("lighter paler brighter".split())
DARKER = frozenset("darker deeper".split())
COMPARATIVES = (
    LIGHTER
    | DARKER
    | frozenset(
        "fewer thinner thicker bigger smaller larger higher lower taller wider narrower softer firmer "
        "rounder flatter simpler fancier plainer looser tighter longer shorter warmer cooler heavier "
        "shinier duller busier bolder".split()
    )
)
_OTHER = frozenset("another different other".split())
_NEAR = 3
_LEAST_STEP = 8.0
"""CIELAB lightness that tells two colours apart as lighter and darker."""
_HUE_REACH = 35.0
"""Degrees of hue within which two colours are shades of one. CIELAB's own hue bends at blue."""
_GREY_CHROMA = 12.0


def compared(scene: Scene, span: Span, graded: bool) -> bool:
    """The value's words compare: "longer", "more fitted"; not "the longest", "reddish"."""
    word = scene.text.word(span.start)
    if graded:
        return word.endswith("er")
    return scene.text.word(span.start - 1) == "more"


def lessened(scene: Scene, start: int, end: int) -> bool:
    """The words before the value take some of it away: "less long", "not as long"."""
    words = scene.text.words(Span(start, end))
    return "less" in words or (
        bool({"not", "n't"} & set(words)) and bool({"as", "so"} & set(words))
    )


def measure(references: Sequence[Reference], span: Span) -> tuple[ThingRef, ...]:
    """The things that the words after a comparative measure it by: "longer than the first one"."""
    after = [r for r in references if r.things and 0 <= r.span.start - span.end <= _NEAR]
    return after[0].things if after else ()


def step(
    scene: Scene, facet_name: str, value: str, things: Sequence[ThingRef], *, away: bool = False
) -> str | None:
    """The value one step from the things' own towards `value` (or away from it).

    None where the facet is not ordered, nothing has it, or there is no further step.
    """
    facet = scene.vocabulary.pack.facet(facet_name)
    if facet is None or not facet.ordered:
        return None
    names = [v.name for v in facet.values]
    own = [names.index(v) for v in _own(scene, facet_name, things) if v in names]
    if value not in names or not own:
        return None
    target = names.index(value)
    if target == len(names) - 1:
        up = True
    elif target == 0:
        up = False
    else:
        up = target > own[0]
    up = up != away
    place = max(own) + 1 if up else min(own) - 1
    return names[place] if 0 <= place < len(names) else None


def lightness(scene: Scene, span: Span) -> bool | None:
    """True for "paler", "a lighter shade", False for "darker", None for what is neither.

    "lighter" alone may speak of weight: it counts with the colour facet's own word only.
    """
    first = scene.text.word(span.start)
    if first not in LIGHTER | DARKER:
        return None
    mention = scene.mention_at(span.start + 1)
    colour = mention is not None and any(
        m.facet == scene.vocabulary.colour_facet for m in mention.of("facet")
    )
    if span.end - span.start > 1 and not colour:
        return None  # "darker trim" speaks of a part
    if first == "lighter" and not colour:
        return None
    return first in LIGHTER


def next_shade(scene: Scene, *, lighter: bool, things: Sequence[ThingRef]) -> str | None:
    """The colour of the shop that is nearest to this one mixed with white or black."""
    facet = scene.vocabulary.pack.facet(scene.vocabulary.colour_facet or "")
    if facet is None:
        return None
    colours = {v.name: v.rgb for v in facet.values if v.rgb is not None}
    own = [v for v in _own(scene, facet.name, things, first=True) if v in colours]
    if len(set(own)) != 1:
        return None
    here = colours[own[0]]
    best: tuple[float, str] | None = None
    for name, there in colours.items():
        rise = (_lab(there)[0] - _lab(here)[0]) * (1 if lighter else -1)
        if name == own[0] or rise < _LEAST_STEP or not _same_hue(here, there):
            continue
        distance = min(math.dist(_lab(mix), _lab(there)) for mix in _mixes(here, lighter=lighter))
        if best is None or distance < best[0]:
            best = (distance, name)
    return best[1] if best is not None else None


def others(scene: Scene, sentence: Span) -> list[tuple[Span, str, str]]:
    """What "in another colour" turns down: (words, facet, the value that is shown now).

    Nothing where the shown things differ in it: then any of them may be meant.
    """
    found: list[tuple[Span, str, str]] = []
    for mention in scene.within(sentence):
        named = mention.of("facet")
        at = mention.span.start - 1
        if not named or mention.of("value") or scene.text.word(at) not in _OTHER:
            continue
        noun = scene.text.word(mention.span.end - 1)
        if scene.text.word(at) == "different" and singular(noun) != noun:
            continue  # "with different colours" has several at once
        facet = scene.vocabulary.pack.facet(named[0].facet)
        if facet is None or facet.role != "attribute" or facet.kind != "categorical":
            continue
        values = dict.fromkeys(_own(scene, facet.name, (), first=True))
        if len(values) == 1 and at >= sentence.start and not scene.used[at]:
            found.append((Span(at, mention.span.end), facet.name, next(iter(values))))
    return found


def _own(scene: Scene, facet: str, things: Sequence[ThingRef], *, first: bool = False) -> list[str]:
    """Values of the facet that the compared things have; believed ones where no thing has any."""
    state = scene.heard.state
    chosen = tuple(things) or ((state.focus,) if state.focus is not None else scene.last_shown)
    found = [
        value
        for thing in chosen
        for value in scene.facets_of(thing).get(facet, ())[: 1 if first else None]
    ]
    if found:
        return found
    return [b.value for b in state.beliefs.facets if b.facet == facet and b.polarity == "want"]


def _mixes(rgb: tuple[int, int, int], *, lighter: bool) -> list[tuple[int, int, int]]:
    """The colour mixed with more and more white or black: its tints or its shades."""
    end = 255 if lighter else 0
    red, green, blue = rgb
    return [
        (
            red + (end - red) * k // 10,
            green + (end - green) * k // 10,
            blue + (end - blue) * k // 10,
        )
        for k in range(1, 10)
    ]


def _same_hue(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    greys = [math.hypot(*_lab(rgb)[1:]) < _GREY_CHROMA for rgb in (one, other)]
    if any(greys):
        return all(greys)
    first, second = (colorsys.rgb_to_hls(*(v / 255 for v in rgb))[0] for rgb in (one, other))
    return 360 * min(abs(first - second), 1 - abs(first - second)) <= _HUE_REACH


@lru_cache(maxsize=256)
def _lab(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    """CIELAB (D65) of an sRGB colour."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)
    ]
    red, green, blue = linear
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)

"""How the look and use of item i of the demo shop are drawn up from the stock book.

A `Plan` is one item before it has a name or a price: its `Look` and the facets that a picture
cannot show (occasion, season, style, brand). Everything about item i depends on (seed, count, i)
alone.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vitrine.studio.colour import COLOURS, contrasting
from vitrine.studio.look import Look
from vitrine.studio.shop_accessories import ACCESSORIES
from vitrine.studio.shop_lines import BRANDS, GARMENTS, SHARES, Line
from vitrine.studio.shop_tilts import (
    ACCENT_LIKING,
    FAVOURITES,
    OCCASION_TILT,
    PATTERN_KINDS,
    SEASON_TILT,
    SEASONS_OF_CLOTH,
    STYLE_TILT,
    Favourite,
)

Weights = Mapping[str, float]
LINES = GARMENTS + ACCESSORIES


@dataclass(frozen=True)
class Plan:
    """One item to be: what it looks like and what it is for.

    Attributes:
        index: 0-based place in the shop.
        line: the silhouette it belongs to (price level, habits).
        occasions, seasons, styles: facet values, the main one first.
        brand: key of `BRANDS`.
    """

    index: int
    look: Look
    line: Line
    occasions: tuple[str, ...]
    seasons: tuple[str, ...]
    styles: tuple[str, ...]
    brand: str


def item_rng(seed: int, index: int, purpose: str) -> random.Random:
    """The source of randomness of one purpose ("look", "text", ...) of one item."""
    return random.Random(f"shop:{seed}:{index}:{purpose}")


def look_seed(seed: int, index: int) -> int:
    """Seed of the item's pose, light and folds: 48 bits of a hash in the shop's own namespace."""
    digest = hashlib.blake2b(f"shop:{seed}:{index}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")


def pick(rng: random.Random, weights: Weights) -> str:
    """One key by weight; "" when there is nothing to pick from."""
    return rng.choices(list(weights), list(weights.values()))[0] if weights else ""


def tilted(base: Weights, *tilts: Weights) -> dict[str, float]:
    """Weights multiplied key by key; keys absent from a tilt are kept as they are."""
    result = dict(base)
    for tilt in tilts:
        for name, factor in tilt.items():
            if name in result:
                result[name] *= factor
    return result


def several(rng: random.Random, weights: Weights, count: int) -> tuple[str, ...]:
    """Up to `count` different keys by weight, in the order drawn; keys of weight 0 never."""
    left = {name: weight for name, weight in weights.items() if weight > 0}
    chosen: list[str] = []
    while left and len(chosen) < count:
        chosen.append(pick(rng, left))
        del left[chosen[-1]]
    return tuple(chosen)


def plan_shop(seed: int, count: int) -> list[Plan]:
    """The plans of a shop of `count` items, in shop order.

    Categories keep the proportions of `SHARES`; within a category colours come up equally
    often, and patterns by their weights, so that every value is stocked.

    Raises:
        ValueError: `count` is not positive.
    """
    if count < 1:
        raise ValueError(f"count {count!r} must be at least 1")
    briefs: list[Favourite] = []
    for category, number in _shares(count).items():
        briefs += _briefs(category, number, random.Random(f"shop:{seed}:plan:{category}"), count)
    random.Random(f"shop:{seed}:order").shuffle(briefs)
    return [_plan(seed, index, brief) for index, brief in enumerate(briefs)]


def _shares(count: int) -> dict[str, int]:
    """Items per category, adding up to `count`, by largest remainder."""
    total = sum(SHARES.values())
    exact = {name: count * share / total for name, share in SHARES.items()}
    given = {name: int(value) for name, value in exact.items()}
    by_rest = sorted(exact, key=lambda name: given[name] - exact[name])
    for name in by_rest[: count - sum(given.values())]:
        given[name] += 1
    return given


def _briefs(category: str, number: int, rng: random.Random, count: int) -> list[Favourite]:
    """What is fixed beforehand of each item of a category: favourites, then a spread."""
    scale = min(1.0, count / sum(SHARES.values()))
    fixed = [
        favourite
        for favourite in FAVOURITES
        if favourite.category == category
        for _ in range(round(favourite.copies * scale))
    ][:number]
    colours: list[str] = []
    while len(colours) < number:
        colours += rng.sample(list(COLOURS), len(COLOURS))
    patterns: list[str] = []
    weights = PATTERN_KINDS[category]
    total = sum(weights.values())
    for name, weight in weights.items():
        patterns += [name] * max(1, round(number * weight / total))
    rng.shuffle(patterns)
    rest = number - len(fixed)
    spread = [
        Favourite(category=category, color=color, pattern=patterns[place % len(patterns)])
        for place, color in enumerate(colours[:rest])
    ]
    return fixed + spread


def _plan(seed: int, index: int, brief: Favourite) -> Plan:
    rng = item_rng(seed, index, "look")
    line = _line(rng, brief)
    color = brief.color or rng.choice(list(COLOURS))
    pattern = brief.pattern or "plain"
    accent = ""
    if pattern != "plain":
        allowed = contrasting(color)
        liking = {name: ACCENT_LIKING.get(name, 1.0) for name in allowed}
        accent = brief.accent or pick(rng, liking)
    materials = {brief.material: 1.0} if brief.material else dict(line.materials)
    material = pick(rng, materials)
    sleeves, lengths = dict(line.sleeves), dict(line.lengths)
    if material == "wool":
        sleeves = tilted(sleeves, {"sleeveless": 0.15, "short": 0.35})
    if material == "linen":
        sleeves = tilted(sleeves, {"long": 0.7})
    look = Look(
        category=line.category,
        color=color,
        pattern=pattern,
        accent=accent,
        sleeve=pick(rng, sleeves),
        length=pick(rng, {brief.length: 1.0} if brief.length else lengths),
        neckline=pick(rng, line.necklines),
        fit=pick(rng, line.fits),
        material=material,
        variant=line.variant,
        detail=_detail(rng, pattern),
        seed=look_seed(seed, index),
    )
    brand = pick(rng, _brand_weights(line, look))
    styles = several(rng, _style_weights(line, look, brand), 1 + (rng.random() < 0.55))
    occasions = several(rng, _occasion_weights(line, look, styles), rng.choice((1, 2, 2, 3)))
    return Plan(index, look, line, occasions, _seasons(line, look), styles, brand)


def _line(rng: random.Random, brief: Favourite) -> Line:
    lines = [line for line in LINES if line.category == brief.category]
    if brief.variant:
        lines = [line for line in lines if line.variant == brief.variant]
    elif brief.material:
        lines = [line for line in lines if brief.material in line.materials]
    if brief.length:
        lines = [line for line in lines if brief.length in line.lengths]
    return rng.choices(lines, [line.weight for line in lines])[0]


def _detail(rng: random.Random, pattern: str) -> tuple[str, ...]:
    kinds: dict[str, Sequence[str]] = {
        "striped": ("horizontal", "horizontal", "vertical"),
        "checked": ("gingham", "gingham", "tartan", "windowpane"),
        "floral": ("blossom", "daisy"),
    }
    words = [rng.choice(kinds[pattern])] if pattern in kinds else []
    if pattern != "plain":
        words.append(rng.choice(("small", "medium", "large")))
    if rng.random() < 0.5:
        words.append("pocket")
    return tuple(words)


def _brand_weights(line: Line, look: Look) -> dict[str, float]:
    liking = tilted(line.styles, STYLE_TILT.get(look.pattern, {}), STYLE_TILT.get(look.color, {}))
    total = sum(liking.values())
    return {
        name: 0.5 + 4 * sum(liking.get(style, 0.0) for style in house.styles) / total
        for name, house in BRANDS.items()
    }


def _style_weights(line: Line, look: Look, brand: str) -> dict[str, float]:
    return tilted(
        line.styles,
        STYLE_TILT.get(look.pattern, {}),
        STYLE_TILT.get(look.color, {}),
        STYLE_TILT.get(look.material, {}),
        dict.fromkeys(BRANDS[brand].styles, 1.7),
    )


def _occasion_weights(line: Line, look: Look, styles: Sequence[str]) -> dict[str, float]:
    tilts = [
        OCCASION_TILT.get(word, {}) for word in (look.material, look.pattern, look.color, *styles)
    ]
    if look.category in ("dress", "skirt", "shorts") and look.length == "mini":
        tilts.append({"work": 0.25, "party": 1.4})
    return tilted(line.occasions, *tilts)


def _seasons(line: Line, look: Look) -> tuple[str, ...]:
    """Seasons that carry nearly a quarter of the weight, the best one first, three at most."""
    words = (look.category, line.variant, look.sleeve, look.length, look.pattern)
    weights = tilted(
        SEASONS_OF_CLOTH[look.material], *(SEASON_TILT.get(word, {}) for word in words if word)
    )
    total = sum(weights.values())
    best = sorted(weights, key=lambda name: -weights[name])
    return tuple(name for name in best if weights[name] >= 0.24 * total)[:3]

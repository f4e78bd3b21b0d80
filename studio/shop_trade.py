"""The trade side of an item: its price, the pieces left in each size, what buyers wrote."""

from __future__ import annotations

import random
from dataclasses import dataclass
from statistics import mean

from vitrine.core.items import Review
from vitrine.studio import words_reviews
from vitrine.studio.shop_lines import BRANDS, CLOTH_COST
from vitrine.studio.shop_plan import Plan
from vitrine.studio.shop_text import Copy
from vitrine.studio.words import expand
from vitrine.studio.words_cut import PAIRS

MIN_PRICE, MAX_PRICE = 9.0, 400.0  # USD
SIZES = ("XS", "S", "M", "L", "XL")
SHOE_SIZES = tuple(str(size) for size in range(36, 46))
ONE_SIZE = "one size"

_SPREAD = 0.33  # standard deviation of log price within a line, cloth and brand


@dataclass(frozen=True)
class Nature:
    """What an item is really like, which buyers find out.

    quality: 1..5, the mean of the stars it deserves. runs: how the size comes up.
    flaws: aspects that buyers tend to complain about.
    """

    quality: float
    runs: str
    flaws: frozenset[str]


def price_of(plan: Plan, rng: random.Random) -> float:
    """Price in USD: log-normal about the line's level for cloth and brand, ending as prices do."""
    cloth = CLOTH_COST[plan.look.material]
    if plan.look.category in ("sneakers", "boots"):
        cloth = cloth**0.4
    raw = plan.line.price * cloth * BRANDS[plan.brand].level * rng.lognormvariate(0.0, _SPREAD)
    if plan.look.length == "maxi":
        raw *= 1.12
    value = min(MAX_PRICE, max(MIN_PRICE, raw))
    if value < 60:
        value = int(value) + rng.choice((0.0, 0.5, 0.9, 0.95))
    else:
        value = float(round(value)) - (1.0 if rng.random() < 0.4 else 0.0)
    return round(min(MAX_PRICE, max(MIN_PRICE, value)), 2)


def stock_of(plan: Plan, rng: random.Random) -> dict[str, int]:
    """Pieces left by size; popular middle sizes are deeper, some sizes are sold out."""
    category = plan.look.category
    if category in ("bag", "hat"):
        return {ONE_SIZE: rng.choice((0, *range(1, 26)))}
    sizes = SHOE_SIZES if category in ("sneakers", "boots") else SIZES
    middle = (len(sizes) - 1) / 2
    scarce = rng.choices((0.08, 0.2, 0.6), (6, 3, 1))[0]
    stock = {
        size: 0
        if rng.random() < scarce
        else rng.randint(1, max(3, 14 - 2 * round(abs(place - middle))))
        for place, size in enumerate(sizes)
    }
    if not any(stock.values()):
        stock[sizes[round(middle)]] = rng.randint(1, 3)
    return stock


def nature_of(plan: Plan, rng: random.Random) -> Nature:
    """How good the item is; dearer brands are a little better made."""
    level = BRANDS[plan.brand].level
    quality = min(4.9, max(1.8, rng.gauss(4.0 + 0.25 * (level - 1), 0.55)))
    runs = rng.choices(("true", "small", "large"), (7, 2, 1.2))[0]
    aspects = [
        "colour",
        "comfort",
        "quality",
        "wash",
        "warm",
        "cool",
        "rain",
        "room",
        "value",
        "pattern",
        "fit",
    ]
    flaws = frozenset(aspect for aspect in aspects if rng.random() < 0.06 + 0.12 * (5 - quality))
    return Nature(quality, runs, flaws)


def reviews_of(
    item_id: str, plan: Plan, text: Copy, nature: Nature, rng: random.Random
) -> tuple[Review, ...]:
    """0 to 8 reviews; their words follow from the item's nature, their stars from their words."""
    count = rng.choices(range(9), (2, 2.4, 3, 3, 3, 2.4, 2, 1.4, 1))[0]
    reviews: list[Review] = []
    said: set[str] = set()
    while len(reviews) < count:
        stars, words = _review(plan, text, nature, rng)
        if words and words not in said:
            said.add(words)
            reviews.append(Review(id=f"{item_id}-r{len(reviews) + 1}", stars=stars, text=words))
    return tuple(reviews)


def rating_of(reviews: tuple[Review, ...]) -> float | None:
    """Mean stars to one decimal; None without reviews."""
    return round(mean(review.stars for review in reviews), 1) if reviews else None


def _review(plan: Plan, text: Copy, nature: Nature, rng: random.Random) -> tuple[int, str]:
    aspects = rng.sample(_aspects(plan, text, nature), rng.choice((1, 2, 2, 3)))
    verdicts = {aspect: _good(aspect, nature, rng) for aspect in aspects}
    if "quality" in verdicts and "value" in verdicts:
        verdicts["value"] = verdicts["quality"]
    balance = sum(1 if good else -1.6 for good in verdicts.values()) / len(verdicts)
    stars = min(5, max(1, round(0.55 * nature.quality + 1.5 + 0.95 * balance + rng.gauss(0, 0.35))))
    plural = plan.look.category in PAIRS
    sizes = list(stock_sizes(plan))
    words = {
        "noun": text.noun,
        "brand": plan.brand,
        "color": plan.look.color,
        "size": rng.choice(sizes) if sizes else "size",
        "it": "they" if plural else "it",
        "it_them": "them" if plural else "it",
        "is": "are" if plural else "is",
        "really": "really",
        "pattern_noun": words_reviews.PATTERN_NOUNS.get(plan.look.pattern, ""),
    }
    parts = [rng.choice(words_reviews.OPENERS[stars])]
    parts += [
        rng.choice(words_reviews.ASPECTS[aspect][0 if good else 1])
        for aspect, good in verdicts.items()
    ]
    if stars >= 4 and rng.random() < 0.35:
        parts.append(rng.choice(words_reviews.STORIES[rng.choice(plan.occasions)]))
    parts.append(rng.choice(words_reviews.CLOSERS[stars]))
    sentences = [expand(part, words, rng) for part in parts if part]
    return stars, " ".join(line[:1].upper() + line[1:] for line in sentences)


def stock_sizes(plan: Plan) -> tuple[str, ...]:
    """The sizes a piece is made in; empty where it has only one."""
    match plan.look.category:
        case "bag" | "hat":
            return ()
        case "sneakers" | "boots":
            return SHOE_SIZES
        case _:
            return SIZES


def _good(aspect: str, nature: Nature, rng: random.Random) -> bool:
    if aspect in ("small", "large", "foot_small"):
        return rng.random() < 0.35
    name = {"foot_comfort": "comfort", "foot": "fit", "head": "fit", "grip": "quality"}.get(
        aspect, aspect
    )
    if name in nature.flaws:
        return rng.random() < 0.2
    return rng.random() < 0.45 + 0.11 * nature.quality


def _aspects(plan: Plan, text: Copy, nature: Nature) -> list[str]:
    """What a buyer of this piece may speak of."""
    look = plan.look
    aspects = ["colour", "quality", "value"]
    promises = set(text.promises)
    if look.pattern != "plain":
        aspects.append("pattern")
    match look.category:
        case "sneakers" | "boots":
            aspects += ["foot_comfort", "foot_small" if nature.runs == "small" else "foot"]
            if promises & {"grip", "waxed"} or look.variant in ("combat", "runner"):
                aspects.append("grip")
        case "bag":
            aspects.append("room")
        case "hat":
            aspects.append("head")
        case _:
            aspects += ["comfort", {"true": "fit"}.get(nature.runs, nature.runs)]
            if look.material in ("cotton", "wool", "linen", "denim"):
                aspects.append("wash")
    if promises & {"warm", "insulating", "lined", "cosy"}:
        aspects.append("warm")
    if promises & {"airy", "breathable"}:
        aspects.append("cool")
    if promises & {"water-repellent", "waxed"}:
        aspects.append("rain")
    return aspects

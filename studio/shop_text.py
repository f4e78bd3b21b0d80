"""Writes up an item of the demo shop: title, description, and the promises it makes."""

from __future__ import annotations

import random
from dataclasses import dataclass

from vitrine.studio import words_cloth, words_cut, words_wear
from vitrine.studio.shop_plan import Plan
from vitrine.studio.words import expand, listed, sentence


@dataclass(frozen=True)
class Copy:
    """The text of an item.

    `promises` are the qualities that the description claims ("soft", "warm", ...); buyers
    judge them.
    """

    title: str
    noun: str
    description: str
    promises: tuple[str, ...]


class Namer:
    """Gives models their names: a brand never uses one twice within a category."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str, str]] = set()

    def model(self, plan: Plan, rng: random.Random) -> str:
        """A name that the brand has not yet given in this category.

        Raises:
            ValueError: the brand has used up all names in the category.
        """
        names = rng.sample(words_cut.MODELS, len(words_cut.MODELS))
        for name in names:
            key = (plan.brand, plan.look.category, name)
            if key not in self._taken:
                self._taken.add(key)
                return name
        raise ValueError(
            f"brand {plan.brand!r} has no name left for another {plan.look.category!r}"
        )


def write(plan: Plan, namer: Namer, rng: random.Random) -> Copy:
    """The text of one item; unique titles follow from unique model names."""
    model = namer.model(plan, rng)
    noun = _noun(plan, rng)
    words = _words(plan, model, noun, rng)
    promises, cloth = _cloth(plan, rng)
    parts = [_opening(plan, words, rng)]
    parts.append(sentence(words_cut.LOOKS[plan.look.pattern], words, rng))
    parts += [sentence((text,), words, rng) for text in cloth]
    parts += _wear(plan, words, rng)
    if rng.random() < 0.7:
        parts.append(sentence(_care(plan), words, rng))
    elif rng.random() < 0.6:
        parts.append(sentence(words_wear.MADE, words, rng))
    description = " ".join(part for part in parts if part)
    return Copy(_title(plan, model, noun, rng), noun, description, promises)


def _noun(plan: Plan, rng: random.Random) -> str:
    look = plan.look
    if look.variant == "jeans" and look.material == "denim":
        return rng.choice(words_cut.DENIM_JEANS)
    names = words_cut.NOUNS[f"{look.category}/{look.variant}"]
    return names[0] if rng.random() < 0.6 else rng.choice(names)


def _title(plan: Plan, model: str, noun: str, rng: random.Random) -> str:
    """Brand, model, what it is, colour: "Velmora Alder dotted midi dress in teal and white"."""
    look = plan.look
    front: list[str] = []
    pattern = rng.choice(words_cut.PATTERN_WORDS[look.pattern] or ("",))
    if look.pattern == "checked" and look.detail:
        pattern = words_cut.CHECK_WORDS.get(look.detail[0], pattern)
    if pattern:
        front.append(pattern)
    if (
        look.material not in ("cotton", "synthetic")
        and look.material not in noun
        and rng.random() < 0.75
    ):
        front.append(look.material)
    elif look.material == "cotton" and rng.random() < 0.3:
        front.append("cotton")
    if look.length:
        front.append(rng.choice(words_cut.HEM_WORDS[look.length]))
    if look.sleeve and rng.random() < (0.5 if look.category != "jacket" else 0.1):
        front.append(words_cut.SLEEVE_WORDS[look.sleeve][0])
    elif look.neckline in ("crew", "v-neck") and rng.random() < 0.3:
        front.append(rng.choice(words_cut.NECK_WORDS[look.neckline]))
    color = f"{look.color} and {look.accent}" if look.accent and rng.random() < 0.75 else look.color
    return " ".join([plan.brand, model, *front, noun, "in", color])


def _words(plan: Plan, model: str, noun: str, rng: random.Random) -> dict[str, str]:
    look = plan.look
    key = f"{look.category}/{look.variant}"
    features = [rng.choice(words_cut.NECKS[look.neckline])] if look.neckline else []
    if look.sleeve:
        features.append(rng.choice(words_cut.SLEEVES[look.sleeve]))
    if look.length:
        features.append(rng.choice(words_cut.HEMS[look.length]))
    own = list(words_cut.FEATURES[key])
    rng.shuffle(own)
    while len(features) < 2 or (own and len(features) < 3 and rng.random() < 0.5):
        features.append(own.pop())
    adverb = expand(rng.choice(words_cut.FITS[look.fit]), {}, rng) if look.fit else ""
    scale = next((word for word in look.detail if word in words_cut.SCALES), "medium")
    check = next(
        (words_cut.CHECK_WORDS[word] for word in look.detail if word in words_cut.CHECK_WORDS),
        "check",
    )
    return {
        "brand": plan.brand,
        "model": model,
        "noun": noun,
        "features": listed([expand(feature, {}, rng) for feature in features]),
        "fit": adverb,
        "in_fit": rng.choice(words_cut.IS_FITS[look.fit]) if look.fit else "",
        "color": look.color,
        "accent": look.accent,
        "scale": rng.choice(words_cut.SCALES[scale]) or "even",
        "direction": "vertical" if "vertical" in look.detail else "horizontal",
        "check": check if check.endswith("check") else f"{check} check",
    }


def _opening(plan: Plan, words: dict[str, str], rng: random.Random) -> str:
    plural = plan.look.category in words_cut.PAIRS
    if plan.look.fit:
        templates = words_cut.OPENINGS_PLURAL if plural else words_cut.OPENINGS
    else:
        templates = words_cut.OPENINGS_NO_FIT_PLURAL if plural else words_cut.OPENINGS_NO_FIT
    return sentence(templates, words, rng)


def _cloth(plan: Plan, rng: random.Random) -> tuple[tuple[str, ...], list[str]]:
    """One or two promises of the cloth: their names and their sentence templates."""
    look = plan.look
    group = words_cloth.GROUPS.get(look.category, "body")
    offers = list(words_cloth.CLOTH[group][look.material])
    if look.category == "boots":
        offers = [offer for offer in offers if offer[0] not in ("lightweight", "airy")]
    if "winter" not in plan.seasons:
        offers = [offer for offer in offers if offer[0] not in ("warm", "lined")] or offers
    if look.sleeve == "long" and "winter" in plan.seasons:
        offers = [offer for offer in offers if offer[0] not in ("airy",)] or offers
    rng.shuffle(offers)
    chosen = offers[:1]
    if len(offers) > 1 and rng.random() < 0.4:
        second = offers[1]
        if frozenset((chosen[0][0], second[0])) not in words_cloth.CLASHES:
            chosen.append(second)
    if look.variant in ("parka", "bomber") and look.material in ("synthetic", "cotton"):
        extra = rng.choice(words_cloth.WEATHERPROOF)
        if extra[0] != "insulating" or "winter" in plan.seasons:
            chosen = [*chosen[:1], extra]
    promises = dict(reversed(chosen))
    return tuple(promises), [promises[name] for name in promises]


def _wear(plan: Plan, words: dict[str, str], rng: random.Random) -> list[str]:
    """One or two of: what it is for, when, and its character."""
    tables = [words_wear.WEAR[plan.occasions[0]]]
    other = (words_wear.SEASONS[plan.seasons[0]], words_wear.STYLES[plan.styles[0]])
    if len(plan.seasons) == 3 or plan.look.category == "bag":
        other = other[1:]
    if rng.random() < 0.6:
        tables.append(rng.choice(other))
    rng.shuffle(tables)
    return [sentence(table, words, rng) for table in tables]


def _care(plan: Plan) -> tuple[str, ...]:
    match words_cloth.GROUPS.get(plan.look.category, "body"):
        case "foot":
            return words_cloth.CARE_OF_SOLES
        case "bag":
            return words_cloth.CARE_OF_BAGS
        case _:
            return words_cloth.CARE[plan.look.material]

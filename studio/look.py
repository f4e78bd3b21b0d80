"""What one garment of the studio looks like: words, rules between them, sampling.

A `Look` names everything a picture depends on. Two equal looks give the same picture; every word of
a look that a person could read off the picture is returned by `facets`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import cast

from vitrine.studio.colour import COLOURS, contrasting

PATTERNS = ("plain", "striped", "dotted", "checked", "floral")
SLEEVES = ("sleeveless", "short", "long")
LENGTHS = ("mini", "knee", "maxi")
NECKLINES = ("crew", "v-neck", "collar", "hooded")
FITS = ("slim", "regular", "loose")
MATERIALS = ("cotton", "denim", "wool", "leather", "linen", "silk", "synthetic")


@dataclass(frozen=True)
class Look:
    """One garment in one pose.

    Attributes:
        category: one of `APPLIES`.
        color: main colour word, one of `COLOURS`.
        pattern: one of `PATTERNS`.
        accent: second colour word of the pattern; "" when plain.
        sleeve, length, neckline, fit: facet value, "" where it does not apply to the category.
        material: one of `MATERIALS`.
        variant: name of the silhouette within the category, e.g. "beanie".
        detail: small things that captions may leave out (pattern kind and scale, pockets, soles).
        seed: fixes pose, jitter, folds and light.
    """

    category: str
    color: str
    pattern: str = "plain"
    accent: str = ""
    sleeve: str = ""
    length: str = ""
    neckline: str = ""
    fit: str = ""
    material: str = "cotton"
    variant: str = ""
    detail: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Silhouette:
    """What one variant of a category may be combined with; weights are relative frequencies."""

    weight: float
    materials: Mapping[str, float]
    sleeves: Mapping[str, float]
    necklines: Mapping[str, float]
    lengths: Mapping[str, float]
    fits: Mapping[str, float]


def _words(text: str) -> dict[str, float]:
    """Reads "cotton:3 wool" as {"cotton": 3.0, "wool": 1.0}."""
    pairs = (word.partition(":") for word in text.split())
    return {name: float(weight or 1) for name, _, weight in pairs}


def _kind(
    weight: float,
    materials: str,
    *,
    sleeves: str = "",
    necklines: str = "",
    lengths: str = "",
    fits: str = "",
) -> Silhouette:
    return Silhouette(
        weight, _words(materials), _words(sleeves), _words(necklines), _words(lengths), _words(fits)
    )


_LENGTHS = "mini knee maxi"
_FITS = "slim regular:1.4 loose"
_DRESSY = "cotton linen silk wool synthetic denim:.7"
_LEGS = "cotton denim wool linen leather:.6 silk:.5 synthetic"

SILHOUETTES: dict[str, dict[str, Silhouette]] = {
    "dress": {
        "a-line": _kind(
            3,
            _DRESSY,
            sleeves="sleeveless short long",
            necklines="crew v-neck collar",
            lengths=_LENGTHS,
            fits=_FITS,
        ),
        "sheath": _kind(
            1.6,
            _DRESSY + " leather:.5",
            sleeves="sleeveless short long",
            necklines="crew v-neck collar",
            lengths=_LENGTHS,
            fits="slim:2 regular",
        ),
        "tiered": _kind(
            1,
            "cotton linen silk synthetic",
            sleeves="sleeveless short long",
            necklines="crew v-neck",
            lengths="mini knee maxi",
            fits="regular loose",
        ),
    },
    "t-shirt": {
        "tee": _kind(
            4,
            "cotton:2 linen synthetic wool silk:.6",
            sleeves="sleeveless:.8 short:1.5 long",
            necklines="crew v-neck",
            fits=_FITS,
        ),
        "polo": _kind(
            0.9,
            "cotton:2 linen synthetic wool:.5 silk:.4",
            sleeves="short long:.7",
            necklines="collar",
            fits=_FITS,
        ),
    },
    "shirt": {
        "button-down": _kind(
            1,
            "cotton:1.5 linen silk denim synthetic:.7 wool:.6",
            sleeves="sleeveless:.3 short long",
            necklines="collar",
            fits=_FITS,
        ),
    },
    "hoodie": {
        "pullover": _kind(
            1.2,
            "cotton:1.5 wool synthetic denim:.3",
            sleeves="long short:.25",
            necklines="hooded",
            fits=_FITS,
        ),
        "zip": _kind(
            1,
            "cotton:1.5 wool synthetic denim:.3",
            sleeves="long short:.25",
            necklines="hooded",
            fits=_FITS,
        ),
    },
    "skirt": {
        "a-line": _kind(1.6, _LEGS, lengths=_LENGTHS, fits=_FITS),
        "pencil": _kind(1, _LEGS, lengths=_LENGTHS, fits="slim"),
        "pleated": _kind(
            1, "cotton wool silk linen synthetic leather:.3", lengths=_LENGTHS, fits="regular loose"
        ),
        "buttoned": _kind(1, _LEGS, lengths=_LENGTHS, fits="slim regular loose"),
    },
    "trousers": {
        "jeans": _kind(1, "denim:2 cotton leather:.5", fits=_FITS),
        "chinos": _kind(1, _LEGS, fits=_FITS),
        "joggers": _kind(0.8, "cotton wool synthetic silk:.5", fits=_FITS),
    },
    "shorts": {
        "chino": _kind(
            1, "cotton linen wool:.6 synthetic leather:.6 silk:.5", lengths="mini knee", fits=_FITS
        ),
        "denim": _kind(0.7, "denim", lengths="mini knee", fits=_FITS),
        "sport": _kind(0.8, "synthetic:1.5 cotton silk:.5", lengths="mini knee", fits=_FITS),
    },
    "jacket": {
        "bomber": _kind(
            1,
            "synthetic:1.3 leather wool silk:.6 cotton",
            sleeves="long",
            necklines="crew",
            fits=_FITS,
        ),
        "blazer": _kind(
            1,
            "wool:1.3 linen cotton silk:.6 leather:.4 synthetic:.5",
            sleeves="long",
            necklines="collar",
            fits=_FITS,
        ),
        "biker": _kind(
            1,
            "leather:2 denim synthetic wool:.5 cotton:.5",
            sleeves="long",
            necklines="collar",
            fits=_FITS,
        ),
        "trucker": _kind(
            1,
            "denim:2 cotton leather wool:.6 linen:.6",
            sleeves="long sleeveless:.25",
            necklines="collar",
            fits=_FITS,
        ),
        "parka": _kind(
            1,
            "synthetic:1.5 cotton wool leather:.4",
            sleeves="long sleeveless:.2",
            necklines="hooded",
            fits=_FITS,
        ),
        "cardigan": _kind(
            0.8,
            "wool:2 cotton linen:.6 silk:.4",
            sleeves="long short:.3",
            necklines="v-neck",
            fits=_FITS,
        ),
    },
    "sneakers": {
        "low": _kind(1, "leather cotton synthetic denim:.7"),
        "high": _kind(1, "leather cotton synthetic denim:.7"),
        "runner": _kind(1, "synthetic:1.5 wool:.6 leather:.6"),
        "slip-on": _kind(0.7, "cotton leather denim:.7 linen:.7 synthetic"),
    },
    "boots": {
        "ankle": _kind(1, "leather:2 synthetic silk:.3 denim:.5"),
        "chelsea": _kind(1, "leather:2 synthetic wool:.4"),
        "knee": _kind(1, "leather:2 synthetic denim:.4 silk:.2"),
        "combat": _kind(1, "leather:2 synthetic cotton:.6 denim:.5"),
    },
    "bag": {
        "tote": _kind(1, "cotton:1.3 linen leather denim synthetic wool:.5 silk:.3"),
        "backpack": _kind(1, "synthetic:1.3 cotton leather denim wool:.4 linen:.4"),
        "handbag": _kind(1, "leather:1.5 synthetic linen:.5 cotton:.5 silk:.6 denim:.4"),
        "satchel": _kind(1, "leather:1.5 cotton denim synthetic wool:.5 linen:.5"),
    },
    "hat": {
        "beanie": _kind(1.2, "wool:2 cotton synthetic"),
        "cap": _kind(1, "cotton:1.3 denim synthetic wool leather:.7 linen:.5"),
        "fedora": _kind(1, "wool:1.5 linen leather:.6 cotton silk:.3"),
        "bucket": _kind(1, "cotton denim linen synthetic leather:.5 wool:.6 silk:.3"),
    },
}

CATEGORIES = tuple(SILHOUETTES)

APPLIES: dict[str, tuple[str, ...]] = {
    "dress": ("sleeve", "length", "neckline", "fit"),
    "t-shirt": ("sleeve", "neckline", "fit"),
    "shirt": ("sleeve", "neckline", "fit"),
    "hoodie": ("sleeve", "neckline", "fit"),
    "skirt": ("length", "fit"),
    "trousers": ("fit",),
    "shorts": ("length", "fit"),
    "jacket": ("sleeve", "neckline", "fit"),
    "sneakers": (),
    "boots": (),
    "bag": (),
    "hat": (),
}
"""Facets that apply to a category beside category, color, pattern and material."""

_PATTERN_WEIGHTS = {"plain": 1.25, "striped": 1.0, "dotted": 1.0, "checked": 1.0, "floral": 1.0}
_PATTERN_DETAIL = {
    "plain": ("",),
    "striped": ("horizontal", "horizontal", "vertical"),
    "dotted": ("",),
    "checked": ("gingham", "gingham", "tartan", "windowpane"),
    "floral": ("blossom", "daisy"),
}


def _pick(rng: random.Random, weights: Mapping[str, float]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0] if weights else ""


def sample_look(rng: random.Random, *, category: str = "") -> Look:
    """Draws one look from the training distribution.

    Categories and colours are uniform, patterns nearly so, the rest as `SILHOUETTES` weighs it.

    Args:
        rng: source of randomness; the same state gives the same look.
        category: fixes the category when given.
    """
    kind = category or rng.choice(CATEGORIES)
    shapes = SILHOUETTES[kind]
    variant = _pick(rng, {name: shape.weight for name, shape in shapes.items()})
    shape = shapes[variant]
    color = rng.choice(tuple(COLOURS))
    pattern = _pick(rng, _PATTERN_WEIGHTS)
    accent = "" if pattern == "plain" else rng.choice(contrasting(color))
    detail = [rng.choice(_PATTERN_DETAIL[pattern])]
    if pattern != "plain":
        detail.append(rng.choice(("small", "medium", "large")))
    detail.append(rng.choice(("pocket", "")))
    return Look(
        category=kind,
        color=color,
        pattern=pattern,
        accent=accent,
        sleeve=_pick(rng, shape.sleeves),
        length=_pick(rng, shape.lengths),
        neckline=_pick(rng, shape.necklines),
        fit=_pick(rng, shape.fits),
        material=_pick(rng, shape.materials),
        variant=variant,
        detail=tuple(word for word in detail if word),
        seed=rng.getrandbits(48),
    )


def facets(look: Look) -> dict[str, tuple[str, ...]]:
    """The facet values that can be seen in the picture; absent facets are left out.

    The main colour comes under "color", the second colour of a pattern under "accent".
    """
    named = {
        "category": look.category,
        "color": look.color,
        "accent": look.accent,
        "pattern": look.pattern,
        "sleeve": look.sleeve,
        "length": look.length,
        "neckline": look.neckline,
        "fit": look.fit,
        "material": look.material,
    }
    return {name: (value,) for name, value in named.items() if value}


def visible_key(look: Look) -> tuple[str, ...]:
    """The attribute combination by which looks are held out of training."""
    return (
        look.category,
        look.color,
        look.pattern,
        look.accent,
        look.sleeve,
        look.length,
        look.neckline,
    )


def check(look: Look) -> None:
    """Refuses a look that cannot be drawn.

    Raises:
        ValueError: a word is unknown, or does not go with the category and variant.
    """
    shapes = SILHOUETTES.get(look.category)
    if shapes is None:
        raise ValueError(f"category {look.category!r} is not one of {', '.join(SILHOUETTES)}")
    if look.variant not in shapes:
        raise ValueError(f"variant {look.variant!r} is not one of {', '.join(shapes)}")
    for word in (look.color, *([look.accent] if look.accent else [])):
        if word not in COLOURS:
            raise ValueError(f"colour {word!r} is not one of {', '.join(COLOURS)}")
    if look.pattern not in PATTERNS:
        raise ValueError(f"pattern {look.pattern!r} is not one of {', '.join(PATTERNS)}")
    if (look.pattern == "plain") != (look.accent == ""):
        raise ValueError(f"accent {look.accent!r} does not go with pattern {look.pattern!r}")
    if look.material not in MATERIALS:
        raise ValueError(f"material {look.material!r} is not one of {', '.join(MATERIALS)}")
    shape = shapes[look.variant]
    for name, allowed in (
        ("sleeve", shape.sleeves),
        ("length", shape.lengths),
        ("neckline", shape.necklines),
        ("fit", shape.fits),
    ):
        value = cast(str, getattr(look, name))
        if value not in (allowed or {"": 1.0}):
            raise ValueError(
                f"{name} {value!r} does not go with {look.category} {look.variant!r}; "
                f"expected one of {', '.join(allowed) or 'none'}"
            )


def to_json(look: Look) -> dict[str, object]:
    """The look as plain JSON values."""
    return {**asdict(look), "detail": list(look.detail)}


def from_json(data: Mapping[str, object]) -> Look:
    """The inverse of `to_json`."""
    words = {name: str(value) for name, value in data.items() if name not in ("detail", "seed")}
    detail = tuple(str(word) for word in cast("list[object]", data.get("detail", [])))
    seed = data.get("seed", 0)
    if not isinstance(seed, int):
        raise TypeError(f"seed {seed!r} is not a whole number")
    return replace(Look(**words), detail=detail, seed=seed)  # pyright: ignore[reportArgumentType]

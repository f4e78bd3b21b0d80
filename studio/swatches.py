"""Builds `swatches`, the oracle world: cards of one colour, where taste is a hue.

    python -m vitrine.studio.swatches --out FOLDER

The right answer is always known: tests ask this module for it (`hue_of`, `ideal_ranking`,
`cheapest`); the engine never does.
"""

from __future__ import annotations

import argparse
import colorsys
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vitrine.core import places
from vitrine.core.items import Item, Review
from vitrine.studio.shop_files import write_items

SEED = 7
HUES = (
    "red",
    "orange",
    "yellow",
    "lime",
    "green",
    "mint",
    "cyan",
    "azure",
    "blue",
    "violet",
    "magenta",
    "rose",
)
"""Hue words, 30 degrees apart, beginning at 0."""
KINDS = ("tile", "band", "ring")
TONES = {"light": 0.76, "medium": 0.5, "dark": 0.26}
"""Tone word -> HLS lightness."""

_COPIES = 2
_JITTER = 9.0  # degrees to either side of the hue word's angle
_SATURATION = 0.7
_PAPER = (238, 238, 236)
_SIZES = ("A6", "A5")
_PRAISE = ("true", "just as shown", "even better by day")

_MOODS = {
    "light": ("A calm, quiet card.", "Pale and still, like paper held to the window."),
    "medium": ("A lively card, wide awake.", "Neither pale nor deep: the pure word for its hue."),
    "dark": ("A deep, grave card.", "Dark, for corners that want shade."),
}
_TEMPERATURES = ("A warm hue, all fire and sun.", "A cool hue, all water and shade.")


@dataclass(frozen=True)
class Swatch:
    """The truth about one card.

    Attributes:
        angle: hue in degrees, 0..360.
        hue: nearest hue word.
        tone: key of `TONES`.
        price: EUR; no two cards cost the same.
        rating: 1..5.
    """

    id: str
    kind: str
    hue: str
    angle: float
    tone: str
    price: float
    rating: float


@cache
def swatches(seed: int = SEED) -> tuple[Swatch, ...]:
    """All cards: every kind in every hue and tone, twice, in the order of the pack."""
    rng = random.Random(f"swatches:{seed}")
    wanted = [
        (kind, place, tone) for kind in KINDS for place in range(len(HUES)) for tone in TONES
    ] * _COPIES
    rng.shuffle(wanted)
    prices = [5 + 0.25 * step for step in range(len(wanted))]
    rng.shuffle(prices)
    cards: list[Swatch] = []
    for number, ((kind, place, tone), price) in enumerate(
        zip(wanted, prices, strict=True), start=1
    ):
        angle = round((30 * place + rng.uniform(-_JITTER, _JITTER)) % 360, 1)
        rating = rng.randint(20, 50) / 10
        cards.append(Swatch(f"sw-{number:03d}", kind, HUES[place], angle, tone, price, rating))
    return tuple(cards)


@cache
def _by_id(seed: int) -> dict[str, Swatch]:
    return {card.id: card for card in swatches(seed)}


def hue_of(item_id: str, *, seed: int = SEED) -> float:
    """The true hue of a card in degrees, 0..360.

    Raises:
        KeyError: there is no such card.
    """
    return _by_id(seed)[item_id].angle


def apart(first: float, second: float) -> float:
    """Distance of two hues around the circle in degrees, 0..180."""
    gap = abs(first - second) % 360
    return min(gap, 360 - gap)


def ideal_ranking(angle: float, *, seed: int = SEED) -> tuple[str, ...]:
    """All card ids, nearest hue first (ties by id): what a taste for `angle` wants to see."""
    return tuple(
        card.id for card in sorted(swatches(seed), key=lambda c: (apart(c.angle, angle), c.id))
    )


def cheapest(*, hue: str = "", kind: str = "", tone: str = "", seed: int = SEED) -> str:
    """Id of the cheapest card with the given values ("" is any).

    Raises:
        ValueError: there is no such card.
    """
    wanted = {"hue": hue, "kind": kind, "tone": tone}
    fitting = [
        card
        for card in swatches(seed)
        if all(value in ("", getattr(card, name)) for name, value in wanted.items())
    ]
    if not fitting:
        raise ValueError(f"no card is {' '.join(value for value in wanted.values() if value)!r}")
    return min(fitting, key=lambda card: card.price).id


def hue_seen(pixels: NDArray[np.uint8]) -> float:
    """The hue that a picture shows: mean angle of its pixels, weighted by how coloured they are.

    Args:
        pixels: (height, width, 3), sRGB.

    Returns:
        Degrees, 0..360; 0 for a picture without colour.
    """
    red, green, blue = np.moveaxis(pixels.astype(np.float64) / 255, -1, 0)
    across = red - (green + blue) / 2
    along = (green - blue) * np.sqrt(3) / 2
    return float(np.degrees(np.arctan2(along.sum(), across.sum())) % 360)


def picture(card: Swatch, *, size: int = 48) -> NDArray[np.uint8]:
    """The card's picture, (size, size, 3)."""
    channels = colorsys.hls_to_rgb(card.angle / 360, TONES[card.tone], _SATURATION)
    colour = [round(255 * channel) for channel in channels]
    row, column = np.mgrid[0:size, 0:size] / (size - 1) - 0.5
    match card.kind:
        case "tile":
            covered = np.maximum(abs(row), abs(column)) < 0.42
        case "band":
            covered = abs(row) < 0.2
        case _:
            radius = np.hypot(row, column)
            covered = (radius < 0.44) & (radius > 0.2)
    pixels = np.empty((size, size, 3), np.uint8)
    pixels[:] = _PAPER
    pixels[covered] = colour
    return pixels


def item_of(card: Swatch) -> Item:
    """The card as the shop lists it."""
    rng = random.Random(f"swatches:{card.id}")
    warm = apart(card.angle, 30) < 90
    reviews = tuple(
        Review(
            id=f"{card.id}-r{number}",
            stars=round(card.rating),
            text=f"The {card.hue} is {rng.choice(_PRAISE)}.",
        )
        for number in range(1, 1 + rng.randrange(3))
    )
    return Item(
        id=card.id,
        title=f"{card.tone.capitalize()} {card.hue} {card.kind} no. {int(card.id[3:])}",
        description=f"{rng.choice(_MOODS[card.tone])} {_TEMPERATURES[0 if warm else 1]}",
        facets={"kind": (card.kind,), "hue": (card.hue,), "tone": (card.tone,)},
        numbers={"price": card.price, "rating": card.rating},
        stock={size: rng.choice((0, 1, 2, 5, 9)) for size in _SIZES},
        reviews=reviews,
        picture=f"pictures/{card.id}.png",
    )


def build_swatches(
    folder: Path,
    *,
    seed: int = SEED,
    size: int = 48,
    on_progress: Callable[[int, int], object] | None = None,
) -> None:
    """Writes the oracle world as a domain pack.

    Args:
        folder: the pack's folder; made if absent. Files of an earlier build are replaced.
        seed: which world.
        size: side of the square pictures in pixels.
        on_progress: called with (pictures done, pictures in all).
    """
    cards = swatches(seed)
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    vocabulary = folder / "domain.yaml"
    if not vocabulary.exists():
        shutil.copyfile(places.domain_folder("swatches") / "domain.yaml", vocabulary)
    write_items(folder, [item_of(card) for card in cards])
    for done, card in enumerate(cards, start=1):
        Image.fromarray(picture(card, size=size)).save(pictures / f"{card.id}.png", optimize=True)
        if on_progress is not None:
            on_progress(done, len(cards))


def main(arguments: list[str] | None = None) -> int:
    """Command line: builds the oracle world."""
    parser = argparse.ArgumentParser(description="Build the oracle world of the tests.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args(arguments)
    build_swatches(args.out, seed=args.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The oracle world of the reward model: cards whose looks words name in part, and people who like some.

A card is a tile, a band or a ring of a hue in a tone, as in the domain `swatches`; its size, its place,
the angle of a band and the shade behind it are in no word. People and choices are `evals.shoppers`'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.places import domain_folder
from vitrine.core.prompts import write_prompt
from vitrine.evals.shoppers import ShopperWorld, Wares, simulate
from vitrine.models.clip.tiny import TinyClip
from vitrine.models.experience import Experience, read_experience

SIDE = 24
TONES = {"light": 0.55, "medium": 0.0, "dark": -0.5}
SPACE = "cards"


@dataclass(frozen=True)
class Cards:
    """Pictures (N, s, s, 3), what they show, and which combinations are held out (N,)."""

    pack: DomainPack
    pictures: NDArray[np.uint8]
    facets: Sequence[Mapping[str, tuple[str, ...]]]
    texts: Sequence[tuple[str, ...]]
    heldout: NDArray[np.bool_]


def deal(count: int, seed: int = 0) -> Cards:
    """`count` cards; one combination of kind, hue and tone in seven is held out."""
    pack = load_pack(domain_folder("swatches"))
    rng = np.random.default_rng(seed)
    named = {
        facet.name: [value.name for value in facet.values]
        for facet in pack.facets
        if facet.name in ("kind", "hue", "tone")
    }
    rgb = {v.name: v.rgb for facet in pack.facets for v in facet.values if v.rgb is not None}
    pictures = np.zeros((count, SIDE, SIDE, 3), np.uint8)
    facets: list[Mapping[str, tuple[str, ...]]] = []
    texts: list[tuple[str, ...]] = []
    heldout = np.zeros(count, np.bool_)
    for row in range(count):
        code = {name: int(rng.integers(len(values))) for name, values in named.items()}
        values = {name: named[name][place] for name, place in code.items()}
        pictures[row] = draw(values["kind"], rgb[values["hue"]], TONES[values["tone"]], rng)
        facets.append({name: (value,) for name, value in values.items()})
        some = [dict([pair]) for pair in values.items()]
        texts.append(tuple(write_prompt(pack, part) for part in [values, *some]))
        heldout[row] = (code["kind"] + 2 * code["hue"] + 3 * code["tone"]) % 7 == 0
    return Cards(pack, pictures, facets, texts, heldout)


def draw(
    kind: str, rgb: tuple[int, int, int], tone: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """One card, (s, s, 3)."""
    size, angle = rng.uniform(0.45, 0.95), rng.uniform(0, math.pi)
    centre = 0.25 * rng.uniform(-1, 1, 2)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j] - centre[:, None, None]
    if kind == "tile":
        inside = np.maximum(np.abs(x), np.abs(y)) < 0.8 * size
    elif kind == "ring":
        radius = np.hypot(x, y)
        inside = (radius < size) & (radius > 0.5 * size)
    else:
        inside = np.abs(x * math.cos(angle) + y * math.sin(angle)) < 0.4 * size
    colour = np.asarray(rgb, np.float64)
    colour = colour + tone * (255 - colour) if tone > 0 else colour * (1 + tone)
    picture = np.where(inside[:, :, None], colour, 255 * rng.uniform(0.75, 1.0))
    return np.clip(picture + 4 * rng.standard_normal(picture.shape), 0, 255).astype(np.uint8)


def people(cards: Cards, clip: TinyClip, folder: Path, world: ShopperWorld) -> Experience:
    """Simulate people over the cards; the folder then holds what a shop would have logged."""
    images = clip.embed_pictures(cards.pictures)
    captions = np.stack(
        [clip.embed_texts(list(column)) for column in zip(*cards.texts, strict=True)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            "images": images,
            "captions": np.ascontiguousarray(captions.transpose(1, 0, 2)),
            "heldout": cards.heldout.astype(np.uint8),
        },
        folder / "embeddings.safetensors",
        metadata={"space": SPACE},
    )
    simulate(Wares(cards.pack, cards.facets, cards.texts, images, cards.heldout), world, folder)
    return read_experience(folder)

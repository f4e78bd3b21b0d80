"""Printed and woven patterns, evaluated anywhere on the cloth with anti-aliased edges.

Cloth coordinates u (across) and v (down) are in frame units: 1 is the width of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, tau
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitrine.studio.colour import Rgb, mix, scaled
from vitrine.studio.look import Look

Field = NDArray[np.floating[Any]]
"""(h, w)."""
Image = NDArray[np.floating[Any]]
"""(h, w, 3), 0..1."""

_SCALE = {"small": 0.8, "medium": 1.0, "large": 1.28}


@dataclass(frozen=True)
class Print:
    """What is printed on one garment.

    Attributes:
        pattern: pattern word.
        kind: sub-kind, e.g. "gingham".
        period: repeat in frame units.
        ground, accent, leaf, heart: colours.
        scatter: (32, 32, 4) uniform numbers that jitter the motifs.
        shift: (u, v) offset of the repeat.
    """

    pattern: str
    kind: str
    period: float
    ground: Rgb
    accent: Rgb
    leaf: Rgb
    heart: Rgb
    scatter: NDArray[np.float32]
    shift: tuple[float, float]


def plan(look: Look, ground: Rgb, accent: Rgb, rng: np.random.Generator) -> Print:
    """Chooses period, offsets and secondary colours for a look."""
    scale = next((_SCALE[word] for word in look.detail if word in _SCALE), 1.0)
    kinds = ("horizontal", "vertical", "gingham", "tartan", "windowpane", "blossom", "daisy")
    kind = next((word for word in look.detail if word in kinds), "")
    base = {"striped": 0.088, "dotted": 0.088, "checked": 0.1, "floral": 0.15}.get(
        look.pattern, 0.1
    )
    bright = sum(ground) / 3
    leaf = mix((0.33, 0.45, 0.24) if bright > 0.3 else (0.5, 0.62, 0.4), ground, 0.3)
    warm = accent[0] > 0.85 and accent[1] > 0.7 and accent[2] < 0.4
    heart = (0.45, 0.25, 0.12) if warm else (0.98, 0.8, 0.25)
    return Print(
        look.pattern,
        kind,
        base * scale * float(rng.uniform(0.94, 1.06)),
        ground,
        accent,
        leaf,
        heart,
        rng.random((32, 32, 4), dtype=np.float32),
        (float(rng.random()), float(rng.random())),
    )


def _edge(distance: Field, px: float) -> Field:
    """Coverage of a shape at a signed distance (positive inside), both in frame units."""
    return np.clip(distance / px + 0.5, 0, 1)


def _band(at: Field, period: float, share: float, px: float) -> Field:
    """Coverage of bands that fill `share` of every period."""
    phase = at / period
    off = np.abs(phase - np.floor(phase) - 0.5) * period
    return _edge(share * period / 2 - off, px)


def _over(image: Image, colour: Rgb, cover: Field) -> Image:
    return image + (np.array(colour, np.float32) - image) * cover[..., None]


def _stripes(p: Print, image: Image, u: Field, v: Field, px: float) -> Image:
    at = u if p.kind == "vertical" else v
    return _over(image, p.accent, _band(at, p.period, 0.42, px))


def _dots(p: Print, image: Image, u: Field, v: Field, px: float) -> Image:
    high = p.period * 0.86
    row = np.floor(v / high)
    du = u / p.period + 0.5 * (row % 2)
    du = (du - np.floor(du) - 0.5) * p.period
    dv = v - (row + 0.5) * high
    return _over(image, p.accent, _edge(p.period * 0.29 - np.sqrt(du * du + dv * dv), px))


def _checks(p: Print, image: Image, u: Field, v: Field, px: float) -> Image:
    period = p.period
    if p.kind == "windowpane":
        lines = np.maximum(_band(u, period, 0.15, px), _band(v, period, 0.15, px))
        return _over(image, p.accent, lines)
    if p.kind == "tartan":
        period *= 1.5
        dark = scaled(p.ground, 0.62) if sum(p.ground) > 0.45 else mix(p.ground, (1, 1, 1), 0.12)
        across, down = _band(u, period, 0.34, px), _band(v, period, 0.34, px)
        image = _over(image, dark, (across + down) * 0.4)
        for axis in (u, v):
            image = _over(image, p.accent, _band(axis + period * 0.5, period, 0.2, px) * 0.72)
        both = _band(u + period * 0.5, period, 0.2, px) * _band(v + period * 0.5, period, 0.2, px)
        image = _over(image, p.accent, both)
        return _over(
            image,
            p.accent,
            np.maximum(_band(u, period, 0.05, px), _band(v, period, 0.05, px)) * 0.6,
        )
    across, down = _band(u, period, 0.46, px), _band(v, period, 0.46, px)
    return _over(image, p.accent, across * down + 0.52 * (across + down - 2 * across * down))


def _cells(p: Print, u: Field, v: Field, period: float, seat: int) -> tuple[Field, Field, Image]:
    """Offsets to the motif of each cell of a brick grid, and that cell's random numbers."""
    row = np.floor(v / period)
    shifted = u / period + 0.5 * (row % 2)
    column = np.floor(shifted)
    luck = p.scatter[(row.astype(np.int32) + seat) % 32, (column.astype(np.int32) + 3 * seat) % 32]
    du = (shifted - column - 0.5) * period
    dv = (v / period - row - 0.5) * period
    return du, dv, luck


def _flowers(
    p: Print,
    image: Image,
    u: Field,
    v: Field,
    px: float,
    period: float,
    seat: int,
    tone: Rgb,
    low: float,
    high: float,
) -> Image:
    du, dv, luck = _cells(p, u, v, period, seat)
    size = period * (low + (high - low) * luck[..., 2])
    play = np.minimum(period * 0.5 - size, period * 0.2)
    du = du - (luck[..., 0] * 2 - 1) * play
    dv = dv - (luck[..., 1] * 2 - 1) * play
    radius = np.sqrt(du * du + dv * dv)
    petals, round_ = (8, 0.66) if p.kind == "daisy" else (5, 0.72)
    angle = np.arctan2(dv, du) + luck[..., 3] * tau
    lobe = np.abs(np.cos(angle * (petals / 2)))
    reach = size * (round_ + (1 - round_) * np.sqrt(lobe))
    image = _over(image, tone, _edge(reach - radius, px))
    vein = (
        _edge(reach - radius, px)
        * np.clip(1 - lobe * 3.2, 0, 1)
        * np.clip(radius / size * 1.5, 0, 1)
    )
    image = _over(image, scaled(tone, 0.7), vein * 0.55)
    image = _over(image, scaled(p.heart, 0.75), _edge(size * 0.32 - radius, px) * 0.7)
    return _over(image, p.heart, _edge(size * 0.26 - radius, px))


def _floral(p: Print, image: Image, u: Field, v: Field, px: float) -> Image:
    period = p.period
    u, v = 0.9 * u + 0.436 * v, 0.9 * v - 0.436 * u  # turned, or the rows read as stripes
    du, dv, luck = _cells(p, u + period * 0.25, v + period * 0.5, period * 0.5, 5)
    turn = luck[..., 3] * pi
    across = du * np.cos(turn) + dv * np.sin(turn)
    along = dv * np.cos(turn) - du * np.sin(turn)
    leaf = 1 - np.sqrt((across / (period * 0.22)) ** 2 + (along / (period * 0.085)) ** 2)
    image = _over(image, p.leaf, _edge(leaf * period * 0.1, px) * (luck[..., 0] < 0.62))
    tint = mix(p.accent, p.ground, 0.15)
    image = _flowers(p, image, u + period * 0.5, v, px, period, 11, tint, 0.13, 0.19)
    return _flowers(p, image, u, v, px, period, 0, p.accent, 0.28, 0.36)


def paint(p: Print, u: Field, v: Field, px: float) -> Image:
    """The colour of the cloth at each point.

    Args:
        p: the print.
        u: cloth coordinates across, (h, w), frame units.
        v: cloth coordinates down, (h, w), frame units.
        px: size of one pixel in frame units.

    Returns:
        (h, w, 3), 0..1.
    """
    image = np.empty((*u.shape, 3), np.float32)
    image[:] = p.ground
    u, v = u + p.shift[0], v + p.shift[1]
    match p.pattern:
        case "striped":
            return _stripes(p, image, u, v, px)
        case "dotted":
            return _dots(p, image, u, v, px)
        case "checked":
            return _checks(p, image, u, v, px)
        case "floral":
            return _floral(p, image, u, v, px)
        case _:
            return image

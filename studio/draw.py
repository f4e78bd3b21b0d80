"""Draws a look as a studio photograph: garment, pose, lamp, backdrop, shadows."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from vitrine.studio import (
    shapes_bags,
    shapes_boots,
    shapes_dresses,
    shapes_feet,
    shapes_hats,
    shapes_jackets,
    shapes_legs,
    shapes_tops,
)
from vitrine.studio.canvas import Canvas, Frame, Light, blurred
from vitrine.studio.cloth import Field
from vitrine.studio.colour import Rgb, jittered, mix, scaled
from vitrine.studio.look import Look, check
from vitrine.studio.parts import Garment
from vitrine.studio.patterns import plan

_BUILDERS: dict[str, Callable[[Look, random.Random], Garment]] = {
    "dress": shapes_dresses.dress,
    "t-shirt": shapes_tops.t_shirt,
    "shirt": shapes_tops.shirt,
    "hoodie": shapes_tops.hoodie,
    "skirt": shapes_dresses.skirt,
    "trousers": shapes_legs.trousers,
    "shorts": shapes_legs.shorts,
    "jacket": shapes_jackets.jacket,
    "sneakers": shapes_feet.sneakers,
    "boots": shapes_boots.boots,
    "bag": shapes_bags.bag,
    "hat": shapes_hats.hat,
}


def draw(look: Look, *, size: int = 256) -> NDArray[np.uint8]:
    """The picture of a look.

    The same look gives the same bytes in one environment, and the same garment at every size.

    Args:
        look: what to draw.
        size: width and height in pixels, 32 or more.

    Returns:
        (size, size, 3), sRGB.

    Raises:
        ValueError: the look cannot be drawn, or the size is too small.
    """
    check(look)
    if size < 32:
        raise ValueError(f"size {size!r} is too small; expected 32 or more")
    garment = _BUILDERS[look.category](look, random.Random(f"{look.seed}:shape"))
    rng = np.random.default_rng([look.seed & 0xFFFFFFFF, look.seed >> 32, 71])
    frame = _framed(garment, size, rng)
    light = _lamp(rng)
    palette = _palette(look, rng)
    print_ = plan(look, palette["plain"], palette["accent"], rng)
    canvas = Canvas(frame, light, palette, print_, look.material, rng)
    for part in garment.parts:
        canvas.add(part)
    picture = _backdrop(canvas, garment, rng)
    picture = picture * (1 - canvas.cover[..., None]) + canvas.colour
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _framed(garment: Garment, size: int, rng: np.random.Generator) -> Frame:
    """Fills 72-87 % of the picture with the garment's larger side."""
    degrees = rng.uniform(-1, 1) * (1.0 if garment.stands else 3.5)
    angle = float(np.deg2rad(degrees))
    points = np.concatenate([part.outline for part in garment.parts])
    straight = Frame(size, 1.0, angle, (0.0, 0.0), (0.0, 0.0)).place(points)
    low, high = straight.min(0), straight.max(0)
    fill = rng.uniform(0.74, 0.86)
    scale = float(fill * size / (high - low).max())
    slack = np.maximum(0, (1 - (high - low) * scale / size) / 2 - 0.035)
    shift = rng.uniform(-1, 1, 2) * np.minimum(slack, 0.035)
    if garment.stands:
        shift[1] = min(shift[1] + 0.02, float(slack[1]))
    middle = (low + high) / 2 * scale
    offset = np.array([size / 2, size / 2]) + shift * size - middle
    return Frame(size, scale, angle, (0.0, 0.0), (float(offset[0]), float(offset[1])))


def _lamp(rng: np.random.Generator) -> Light:
    lamp = np.array([rng.uniform(-0.62, -0.2), rng.uniform(-0.72, -0.42), 1.0])
    lamp /= np.sqrt((lamp**2).sum())
    return Light(float(lamp[0]), float(lamp[1]), float(lamp[2]), float(rng.uniform(0.97, 1.04)))


def _palette(look: Look, rng: np.random.Generator) -> dict[str, Rgb]:
    """Paint names of `parts` to colours."""
    main = jittered(look.color, rng)
    accent = jittered(look.accent, rng) if look.accent else main
    bright = max(main) > 0.62 and sum(main) / 3 > 0.45
    denim = look.material == "denim"
    stitch = (
        (0.85, 0.58, 0.26)
        if denim
        else (scaled(main, 0.62) if bright else mix(main, (1, 1, 1), 0.3))
    )
    if denim and look.color in ("orange", "yellow", "beige", "brown"):
        stitch = (0.97, 0.95, 0.9)
    metal = (0.78, 0.66, 0.36) if rng.random() < 0.45 else (0.76, 0.77, 0.79)
    return {
        "plain": main,
        "accent": accent,
        "trim": scaled(main, 0.93) if sum(main) > 0.4 else mix(main, (1, 1, 1), 0.05),
        "dark": (0.13, 0.12, 0.12),
        "inner": scaled(main, 0.6),
        "lining": mix(scaled(main, 0.5), (0.35, 0.33, 0.32), 0.5),
        "second": scaled(main, 0.55) if bright else mix(main, (1, 1, 1), 0.22),
        "stitch": stitch,
        "button": (0.93, 0.91, 0.86) if sum(main) < 1.9 else (0.42, 0.36, 0.3),
        "metal": metal,
        "tape": scaled(main, 0.72),
        "lace": (0.95, 0.95, 0.93) if look.color != "white" else (0.62, 0.63, 0.66),
        "sole": (0.94, 0.935, 0.92) if rng.random() < 0.7 else (0.2, 0.19, 0.19),
        "sole-dark": (0.16, 0.13, 0.12),
        "tread": (0.3, 0.28, 0.27),
        "label": (0.96, 0.95, 0.92) if look.color != "white" else (0.35, 0.4, 0.5),
        "strap": (0.36, 0.22, 0.13),
    }


def _backdrop(
    canvas: Canvas, garment: Garment, rng: np.random.Generator
) -> NDArray[np.floating[Any]]:
    """Light grey paper with a soft gradient, cast and contact shadow, (size, size, 3)."""
    size, light = canvas.frame.size, canvas.light
    tone = rng.uniform(0.865, 0.905)
    warm = rng.uniform(-0.010, 0.012)
    spot_x, spot_y = rng.uniform(0.3, 0.55), rng.uniform(0.25, 0.5)
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    far = (axis[None, :] - spot_x) ** 2 + (axis[:, None] - spot_y) ** 2
    level = tone + 0.045 - 0.13 * far
    cover = canvas.cover
    if garment.stands:
        rows = np.flatnonzero(cover.max(1) > 0.5)
        ground = float(rows[-1] + 1) / size if len(rows) else 0.9
        level = level + 0.02 * np.clip((axis[:, None] - ground + 0.12) / 0.12, -1, 1)
        level = level * (1 - _floor_shadow(cover, ground, size))
        level = level * (1 - 0.12 * np.roll(blurred(cover, 0.03 * size), round(0.012 * size), 0))
    else:
        dx, dy = round(-light.x * 0.03 * size), round(0.026 * size)
        cast = np.roll(blurred(cover, 0.02 * size), (dy, dx), (0, 1))
        touch = np.roll(
            blurred(cover, 0.006 * size), (round(0.006 * size), round(0.003 * size)), (0, 1)
        )
        level = level * (1 - 0.30 * cast - 0.16 * touch)
    tint = np.array([1 + warm, 1.0, 1 - warm], np.float32)
    return (level[..., None] * tint).astype(np.float32)


def _floor_shadow(cover: Field, ground: float, size: int) -> Field:
    """Shadow on the floor below a standing thing: its width, squeezed flat, softer away from it."""
    base = cover[max(0, int((ground - 0.045) * size)) : int(ground * size)].max(0)
    shadow = np.zeros((size, size), np.float32)
    y = round(ground * size)
    tall = max(2, round(0.022 * size))
    shadow[max(0, y - tall) : y + tall // 2] = base
    soft = blurred(shadow, 0.028 * size)
    shadow[:] = 0
    shadow[max(0, y - 2) : y + max(1, round(0.006 * size))] = base
    return np.clip(0.68 * soft + 0.3 * blurred(shadow, 0.009 * size), 0, 0.8)


def contact_sheet(looks: list[Look], *, columns: int, size: int) -> Pil.Image:
    """Pictures side by side, row by row."""
    rows = (len(looks) + columns - 1) // columns
    sheet = Pil.new("RGB", (columns * size, rows * size), (235, 235, 235))
    for place, look in enumerate(looks):
        at = ((place % columns) * size, (place // columns) * size)
        sheet.paste(Pil.fromarray(draw(look, size=size)), at)
    return sheet

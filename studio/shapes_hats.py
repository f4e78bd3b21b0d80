"""Hats."""

from __future__ import annotations

import random

import numpy as np

from vitrine.studio.look import Look
from vitrine.studio.parts import (
    Fan,
    Garment,
    Line,
    Part,
    Path,
    box,
    ellipse,
    mirrored,
)


def hat(look: Look, rng: random.Random) -> Garment:
    """Beanie, cap, fedora and bucket hat."""
    match look.variant:
        case "beanie":
            parts = _beanie(look, rng)
        case "cap":
            parts = _cap(look, rng)
        case "fedora":
            parts = _fedora(look, rng)
        case _:
            parts = _bucket(rng)
    return Garment(tuple(parts), stands=True)


def _beanie(look: Look, rng: random.Random) -> list[Part]:
    half, low, deep = 96.0, rng.uniform(138, 156), rng.uniform(44, 54)
    dome = Path(0, 0).curve(half * 0.66, 0, half * 0.98, low * 0.42, half, low).line(0, low + 8)
    gathers = tuple(
        Line(
            Path(s * 4, 3).quad(s * half * 0.36, 18, s * half * 0.6, rng.uniform(44, 62)).points,
            "crease",
            5,
            strength=0.6,
        )
        for s in (-1, -0.4, 0.4, 1)
    )
    cuff = (
        Path(0, low - 4)
        .quad(half * 0.7, low - 6, half + 5, low - 12)
        .quad(half + 10, low + deep * 0.4, half + 3, low + deep - 6)
    )
    cuff.quad(half * 0.6, low + deep + 4, 0, low + deep + 5)
    fan = Fan(0, 0, half * 0.7, low, half, bend=-14)
    parts = [
        Part(
            mirrored(dome.points),
            puff=1.3,
            folds=0.7,
            lines=gathers,
            rib=0 if look.material == "wool" else 9,
            fan=fan,
        ),
        Part(
            mirrored(cuff.points),
            "trim" if look.pattern != "plain" else "plain",
            puff=1.0,
            folds=0.4,
            drop=0.8,
            rib=8,
        ),
    ]
    if rng.random() < 0.5:
        paint = "accent" if look.accent else "second"
        angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        radius = 25 + 2.4 * np.sin(angle * 15) + 1.6 * np.sin(angle * 23 + 1)
        ball = np.stack([radius * np.cos(angle), -10 + radius * np.sin(angle)], 1).astype(
            np.float32
        )
        parts.append(Part(ball, paint, "wool", puff=1.4, folds=1.2, drop=0.7))
    return parts


def _cap(look: Look, rng: random.Random) -> list[Part]:
    low = rng.uniform(112, 124)
    dome = (
        Path(-98, low)
        .curve(-102, 40, -60, 0, 0, 0)
        .curve(62, 0, 96, 44, 94, low + 4)
        .quad(0, low + 20, -98, low + 6)
    )
    seams = (
        Line(Path(-8, 0).curve(14, 24, 26, 70, 24, low + 4).points, "seam", 1.8),
        Line(Path(-10, 0).curve(-48, 22, -62, 66, -58, low + 4).points, "seam", 1.8),
        Line(Path(4, 0).curve(52, 18, 74, 60, 76, low - 2).points, "seam", 1.8),
    )
    rows = tuple(Line(e.points + 4, "stitch", 1.2, "stitch", 0.7) for e in seams)
    brim = (
        Path(10, low + 3)
        .curve(40, low - 10, 80, low - 22, 96, low - 16)
        .curve(140, low - 10, 172, low - 4, 178, low + 8)
    )
    brim.curve(176, low + 20, 140, low + 20, 104, low + 19).curve(
        70, low + 18, 30, low + 19, 10, low + 3
    )
    curve = tuple(
        Line(
            Path(30 + d, low + 10)
            .curve(70 + d, low - 2, 120 + d * 0.6, low - 6, 166, low + 6 + d * 0.3)
            .points,
            "stitch",
            1.2,
            "stitch",
            0.6,
        )
        for d in (0, 8)
    )
    under = (
        Path(14, low + 8)
        .curve(60, low + 18, 120, low + 16, 178, low + 10)
        .curve(160, low + 26, 60, low + 26, 14, low + 8)
    )
    trim = "accent" if look.accent and rng.random() < 0.6 else "plain"
    return [
        Part(under.points, "lining", puff=0.2, folds=0, dim=0.7),
        Part(dome.points, puff=1.4, folds=0.55, lines=(*seams, *rows)),
        Part(brim.points, trim, puff=0.6, folds=0.2, drop=0.9, lines=curve),
        Part(box(-9, -6, 7, 5, 5), trim, puff=0.5, folds=0, drop=0.5),
        *(
            Part(ellipse(x, y, 3, 3, 14), "dark", "matt", puff=0, folds=0, drop=0)
            for x, y in ((-34, 40), (48, 38))
        ),
    ]


def _fedora(look: Look, rng: random.Random) -> list[Part]:
    low = rng.uniform(104, 118)
    pinch = rng.uniform(8, 14)
    crown = (
        Path(0, pinch)
        .curve(16, pinch - 4, 30, -6, 44, -2)
        .curve(70, 6, 78, 60, 86, low)
        .quad(0, low + 18, 0, low + 16)
    )
    dents = tuple(
        Line(Path(s * 30, 8).quad(s * 22, 34, s * 30, 62).points, "crease", 8, strength=0.9)
        for s in (-1, 1)
    )
    middle = Line(Path(0, pinch).quad(3, 26, 0, 40).points, "crease", 7, strength=0.8)
    flat = rng.uniform(24, 32)
    brim = (
        Path(-164, low + 4)
        .curve(-150, low - 18, -100, low - 14, -70, low - 10)
        .line(70, low - 10)
        .curve(100, low - 14, 150, low - 18, 164, low + 4)
    )
    brim.curve(150, low + 22, 96, low + flat + 12, 0, low + flat + 13).curve(
        -96, low + flat + 12, -150, low + 22, -164, low + 4
    )
    stitch = (
        Path(-150, low + 9)
        .curve(-130, low + 22, -84, low + flat + 5, 0, low + flat + 6)
        .curve(84, low + flat + 5, 130, low + 22, 150, low + 9)
    )
    ring = (
        Path(-87, low - 22)
        .quad(0, low - 4, 87, low - 22)
        .line(89, low + 1)
        .quad(0, low + 20, -89, low + 1)
    )
    band = "dark" if look.color not in ("black", "navy") else "strap"
    if look.accent:
        band = "accent"
    return [
        Part(
            brim.points,
            puff=0.8,
            folds=0.35,
            lines=(Line(stitch.points, "stitch", 1.3, "stitch", 0.6),),
        ),
        Part(mirrored(crown.points), puff=1.3, folds=0.5, drop=0.9, lines=(*dents, middle)),
        Part(ring.points, band, "silk", puff=0.4, folds=0.2, drop=0.5),
        Part(
            Path(64, low - 20).line(80, low - 22).line(82, low).line(66, low + 3).points,
            band,
            "silk",
            puff=0.5,
            folds=0,
            drop=0.9,
        ),
    ]


def _bucket(rng: random.Random) -> list[Part]:
    low = rng.uniform(86, 98)
    crown = Path(0, 0).line(52, 1).quad(66, 2, 70, 16).line(84, low).quad(0, low + 16, 0, low + 14)
    top = Line(Path(-66, 12).quad(0, 24, 66, 12).points, "seam", 1.8)
    brim = (
        Path(0, low + 2)
        .quad(60, low, 84, low - 10)
        .curve(106, low + 14, 126, low + 36, 134, low + 50)
        .curve(100, low + 74, 50, low + 82, 0, low + 82)
    )
    rows = tuple(
        Line(
            Path(-90 - 13 * i, low + 2 + 14 * i)
            .curve(-50, low + 22 + 17 * i, 50, low + 22 + 17 * i, 90 + 13 * i, low + 2 + 14 * i)
            .points,
            "stitch",
            1.2,
            "stitch",
            0.7,
        )
        for i in range(4)
    )
    dent = tuple(
        Line(Path(s * 60, 26).quad(s * 50, 50, s * 62, 84).points, "crease", 6, strength=0.5)
        for s in (-1, 1)
    )
    eyelets = tuple(
        Part(ellipse(x, 56, 3.2, 3.2, 14), "metal", "metal", puff=0.3, folds=0, drop=0.4)
        for x in (-40, -26)
    )
    return [
        Part(mirrored(crown.points), puff=1.3, folds=0.7, lines=(top, *dent)),
        *eyelets,
        Part(
            mirrored(brim.points),
            puff=0.8,
            folds=0.6,
            drop=0.7,
            lines=rows,
            fan=Fan(0, low, 84, low + 80, 134, bend=10),
        ),
    ]

"""Bags."""

from __future__ import annotations

import random

import numpy as np

from vitrine.studio.look import Look
from vitrine.studio.parts import (
    Garment,
    Line,
    Part,
    Path,
    both,
    box,
    ellipse,
    mirrored,
    polygon,
    ribbon,
)


def bag(look: Look, rng: random.Random) -> Garment:
    """Tote, backpack, handbag and satchel."""
    match look.variant:
        case "tote":
            parts = _tote(look, rng)
        case "backpack":
            parts = _backpack(rng)
        case "handbag":
            parts = _handbag(look, rng)
        case _:
            parts = _satchel(look, rng)
    return Garment(tuple(parts), stands=True)


def _trim(look: Look, rng: random.Random) -> str:
    """Handles: brown leather on cloth bags now and then, else the bag's own colour."""
    fits = look.material not in ("leather", "synthetic") and look.color not in (
        "brown",
        "beige",
        "orange",
        "red",
    )
    return "strap" if fits and rng.random() < 0.4 else "plain"


def _tote(look: Look, rng: random.Random) -> list[Part]:
    half, low = rng.uniform(92, 104), rng.uniform(176, 196)
    lean = rng.uniform(-6, 8)
    trim = _trim(look, rng)
    rise = rng.uniform(74, 104)
    back = Path(-36, 6).curve(-34, -rise * 0.9, 34, -rise * 0.9, 36, 6).points
    handle = Path(-44, 26).line(-42, 0).curve(-40, -rise, 40, -rise, 42, 0).line(44, 26).points
    outline = (
        Path(0, 2)
        .quad(half * 0.6, -1, half, 0)
        .curve(half + lean * 0.4, low * 0.4, half + lean, low * 0.8, half + lean - 4, low - 5)
    )
    outline.quad(half + lean - 5, low, half + lean - 12, low).quad(half * 0.5, low + 3, 0, low + 3)
    inner = Path(0, -8).quad(half * 0.7, -7, half - 1, 1).quad(half * 0.6, 6, 0, 7)
    creases = tuple(
        Line(
            Path(s * 42, 28).quad(s * 52, 70, s * rng.uniform(56, 76), rng.uniform(90, 140)).points,
            "crease",
            7,
            strength=0.5,
        )
        for s in (-1, 1)
    )
    hem = Line(polygon((-half, 15), (half, 15)), "stitch", 1.4, "stitch", 0.8)
    corner = tuple(
        Line(
            Path(s * (half - 22), low + 2)
            .quad(s * (half - 6), low - 26, s * (half + 2), low - 34)
            .points,
            "crease",
            5,
            strength=0.5,
        )
        for s in (-1, 1)
    )
    patches = both(
        Part(
            box(37, 8, 51, 40, 2),
            trim,
            puff=0.35,
            folds=0.1,
            drop=0.8,
            lines=(
                Line(polygon((39.5, 12), (48.5, 36)), "stitch", 1.2, "stitch"),
                Line(polygon((48.5, 12), (39.5, 36)), "stitch", 1.2, "stitch"),
            ),
        )
    )
    return [
        Part(ribbon(back, 9), trim, puff=0.5, folds=0, drop=0.4, dim=0.7),
        Part(mirrored(inner.points), "lining", puff=0.1, folds=0.2, dim=0.8),
        Part(mirrored(outline.points), puff=0.9, folds=0.85, lines=(*creases, *corner, hem)),
        *patches,
        Part(ribbon(handle, 10), trim, puff=0.6, folds=0, drop=0.9),
    ]


def _backpack(rng: random.Random) -> list[Part]:
    half, low = rng.uniform(80, 90), rng.uniform(214, 232)
    body = (
        Path(0, 0)
        .curve(half * 0.7, 0, half * 0.96, 34, half, 84)
        .curve(half + 6, low * 0.6, half + 4, low - 24, half - 4, low - 8)
    )
    body.quad(half - 8, low, half - 22, low).line(0, low + 2)
    strap = Path(half - 20, 36).curve(half + 16, 60, half + 20, 130, half + 8, low - 26).points
    loop = Path(-22, 8).curve(-24, -34, 24, -34, 22, 8).points
    zip_arc = (
        Path(-half * 0.9, 108).curve(-half * 0.86, 16, half * 0.86, 16, half * 0.9, 108).points
    )
    pocket = (
        Path(0, low * 0.55)
        .line(half * 0.72, low * 0.55)
        .quad(half * 0.8, low * 0.55, half * 0.8, low * 0.6)
        .line(half * 0.8, low - 20)
    )
    pocket.quad(half * 0.8, low - 11, half * 0.7, low - 11).line(0, low - 9)
    flap_zip = polygon((-half * 0.66, low * 0.62), (half * 0.66, low * 0.62))
    tab = Part(
        box(-16, low * 0.3, 16, low * 0.3 + 22, 3), "strap", "leather", puff=0.3, folds=0, drop=0.7
    )
    side = (
        Path(half - 3, low * 0.62)
        .curve(half + 9, low * 0.62, half + 13, low * 0.7, half + 10, low - 22)
        .line(half - 4, low - 12)
    )
    return [
        *both(Part(ribbon(strap, 15, 11), "plain", puff=0.6, folds=0.1, dim=0.85)),
        *both(Part(side.points, "plain", puff=0.5, folds=0.3)),
        Part(ribbon(loop, 10), "plain", puff=0.6, folds=0, drop=0.5),
        Part(mirrored(body.points), puff=1.2, folds=0.8),
        Part(
            ribbon(zip_arc, 7),
            "tape",
            "matt",
            puff=0.2,
            folds=0,
            drop=0.6,
            lines=(Line(zip_arc, "stitch", 3.6, "metal"),),
        ),
        Part(
            mirrored(pocket.points),
            puff=0.9,
            folds=0.6,
            drop=1.0,
            lines=(Line(flap_zip, "seam", 2.6),),
        ),
        Part(
            ribbon(flap_zip, 7),
            "tape",
            "matt",
            puff=0.2,
            folds=0,
            drop=0.5,
            lines=(Line(flap_zip, "stitch", 3.6, "metal"),),
        ),
        Part(
            box(half * 0.5, low * 0.62 - 3, half * 0.5 + 5, low * 0.62 + 16, 2),
            "metal",
            "metal",
            puff=0.3,
            folds=0,
            drop=0.8,
        ),
        tab,
    ]


def _handbag(look: Look, rng: random.Random) -> list[Part]:
    top, half, low = rng.uniform(70, 82), rng.uniform(108, 118), rng.uniform(138, 152)
    rise = rng.uniform(66, 84)
    trim = _trim(look, rng)
    handle = Path(-46, 10).curve(-50, -rise * 1.25, 50, -rise * 1.25, 46, 10).points
    body = (
        Path(0, 0)
        .line(top - 8, 0)
        .quad(top, 0, top + 3, 8)
        .line(half, low - 14)
        .quad(half + 2, low, half - 14, low)
        .line(0, low + 2)
    )
    flap = (
        Path(0, -4)
        .line(top - 6, -4)
        .quad(top + 2, -4, top + 5, 6)
        .line(top + 16, low * 0.36)
        .curve(top, low * 0.52, 40, low * 0.56, 0, low * 0.58)
    )
    edge = Path(-top - 12, low * 0.34).curve(-top + 2, low * 0.49, -40, low * 0.53, 0, low * 0.54)
    edge.curve(40, low * 0.53, top - 2, low * 0.49, top + 12, low * 0.34)
    clasp = box(-12, low * 0.48, 12, low * 0.66, 3)
    rings = tuple(
        Part(ellipse(s * 46, 6, 7, 7), "metal", "metal", puff=0.4, folds=0, drop=0.8)
        for s in (-1, 1)
    )
    parts = [
        Part(ribbon(handle, 10), trim, puff=0.8, folds=0, drop=0.5),
        Part(
            mirrored(body.points),
            puff=1.0,
            folds=0.6,
            lines=(Line(polygon((-half, low - 8), (half, low - 8)), "stitch", 1.3, "stitch", 0.8),),
        ),
    ]
    if rng.random() < 0.75:
        parts.append(
            Part(
                mirrored(flap.points),
                puff=0.8,
                folds=0.4,
                drop=1.0,
                lines=(Line(edge.points, "stitch", 1.4, "stitch"),),
            )
        )
        parts.append(Part(clasp, "metal", "metal", puff=0.5, folds=0, drop=0.9))
    else:
        parts.append(Part(box(-top - 3, -3, top + 3, 12, 5), trim, puff=0.5, folds=0.1, drop=0.8))
        parts.extend(
            Part(ellipse(s * 8, -5, 7, 7), "metal", "metal", puff=0.6, folds=0, drop=0.6)
            for s in (-1, 1)
        )
    return [*parts, *rings]


def _satchel(look: Look, rng: random.Random) -> list[Part]:
    half, low = rng.uniform(106, 116), rng.uniform(142, 156)
    trim = _trim(look, rng)
    long = Path(-half + 4, 20).curve(-half * 0.9, -118, half * 0.9, -118, half - 4, 20).points
    body = box(-half, 4, half, low, 16)
    flap = (
        Path(0, -3)
        .line(half - 8, -3)
        .quad(half + 4, -3, half + 4, 10)
        .line(half + 3, low * 0.56)
        .quad(half, low * 0.66, half - 18, low * 0.67)
        .line(0, low * 0.68)
    )
    edge = (
        Path(half - 3, 4)
        .line(half - 4, low * 0.55)
        .quad(half - 6, low * 0.62, half - 20, low * 0.63)
        .line(0, low * 0.64)
    )
    stitch = Line(
        np.concatenate([edge.points, (edge.points * np.array([-1, 1], np.float32))[::-1]]),
        "stitch",
        1.4,
        "stitch",
    )
    parts = [
        Part(ribbon(long, 9), trim, puff=0.6, folds=0, drop=0.4),
        Part(
            body,
            puff=1.0,
            folds=0.5,
            lines=(Line(polygon((-half, low - 9), (half, low - 9)), "stitch", 1.3, "stitch", 0.8),),
        ),
        Part(mirrored(flap.points), puff=0.8, folds=0.5, drop=1.0, lines=(stitch,)),
    ]
    for s in (-1, 1):
        x = s * half * 0.5
        parts.append(
            Part(box(x - 9, low * 0.4, x + 9, low * 0.84, 4), trim, puff=0.4, folds=0.1, drop=0.9)
        )
        parts.append(
            Part(
                box(x - 13, low * 0.64, x + 13, low * 0.78, 3),
                "metal",
                "metal",
                puff=0.4,
                folds=0,
                drop=0.9,
            )
        )
        parts.append(
            Part(box(x - 8, low * 0.67, x + 8, low * 0.75, 2), trim, puff=0.2, folds=0, drop=0)
        )
    return parts

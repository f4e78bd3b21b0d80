"""Trousers and shorts."""

from __future__ import annotations

import random

from vitrine.studio.look import Look
from vitrine.studio.parts import (
    Garment,
    Line,
    Part,
    Path,
    Points,
    box,
    button,
    other_side,
    polygon,
    ribbon,
)
from vitrine.studio.shapes_dresses import inside_waist, waistband


def _creases(
    x0: float, x1: float, y: float, rng: random.Random, *, count: int, span: float
) -> tuple[Line, ...]:
    """Soft horizontal valleys between two edges, around a height."""
    lines: list[Line] = []
    for i in range(count):
        at = y + (i - count / 2) * span * rng.uniform(0.8, 1.2)
        start, end = (x0, x1) if rng.random() < 0.5 else (x1, x0)
        stop = start + (end - start) * rng.uniform(0.45, 0.8)
        lines.append(
            Line(
                Path(start, at)
                .quad((start + stop) / 2, at + rng.uniform(2, 8), stop, at - rng.uniform(2, 10))
                .points,
                "crease",
                rng.uniform(3.5, 6),
                strength=rng.uniform(0.35, 0.75),
            )
        )
    return tuple(lines)


def _leg(
    waist: float,
    hip: float,
    crotch: float,
    hem_in: float,
    hem_out: float,
    bottom: float,
    knee_pull: float,
) -> Points:
    """Closed outline of the right leg."""
    path = Path(-1, 14).line(waist, 14)
    path.curve(waist + 7, 40, hip, crotch - 50, hip, crotch - 14)
    middle = (crotch + bottom) / 2
    path.curve(
        hip - knee_pull * 0.2,
        crotch + 40,
        hem_out - (hem_out - hip) * 0.3 - knee_pull,
        middle,
        hem_out,
        bottom,
    )
    path.quad((hem_in + hem_out) / 2, bottom + 6, hem_in, bottom)
    path.curve(hem_in - (hem_in - 4) * 0.25, middle, 12, crotch + 60, 2, crotch)
    return path.line(-1, crotch - 4).points


def _waist_parts(look: Look, waist: float, rng: random.Random, *, cords: bool) -> tuple[Part, ...]:
    """Waistband with loops and a button, or a gathered one with cords."""
    if cords:
        gathers = tuple(
            Line(polygon((x, 1), (x + rng.uniform(-2, 2), 21)), "seam", 1.8, strength=0.5)
            for x in [waist * (i / 9) for i in range(-8, 9)]
        )
        band = waistband(waist, 0, 22, paint="trim", lines=gathers)
        strings: list[Part] = []
        for side in (-1, 1):
            spine = (
                Path(side * 5, 14)
                .curve(side * 10, 30, side * 4, 44, side * rng.uniform(8, 14), rng.uniform(60, 74))
                .points
            )
            strings.append(Part(ribbon(spine, 4.2), "lace", "matt", puff=0.3, folds=0, drop=0.9))
        return band, *strings
    stitch = tuple(
        Line(Path(-waist, y).quad(0, y + 5, waist, y).points, "stitch", 1.3, "stitch", 0.8)
        for y in (3, 18)
    )
    band = waistband(waist, 0, 21, lines=stitch)
    loops = tuple(
        Part(box(x - 3, -2, x + 3, 25, 1), puff=0.4, folds=0, drop=0.9)
        for x in (-waist * 0.86, -waist * 0.45, waist * 0.45, waist * 0.86)
    )
    kind = "metal" if look.material in ("denim", "leather") else "button"
    return band, *loops, button(0, 13, 5, kind)


def _front_details(look: Look, waist: float, hip: float) -> tuple[Line, ...]:
    """Fly, slanted or scooped pocket of the right leg (the mirror image gives the other pocket)."""
    if look.variant in ("jeans", "denim"):
        pocket = Path(waist * 0.4, 22).curve(waist * 0.45, 44, waist * 0.8, 56, hip, 58).points
        coin = polygon((waist * 0.6, 40), (waist * 0.62, 47), (waist * 0.9, 50))
        return (
            Line(pocket, "seam", 2.2),
            Line(pocket + 4, "stitch", 1.5, "stitch"),
            Line(coin, "stitch", 1.3, "stitch"),
        )
    pocket = Path(waist * 0.62, 22).quad(waist * 0.9, 50, hip * 0.99, 82).points
    return Line(pocket, "seam", 2.2), Line(pocket - 4, "stitch", 1.4, "stitch", 0.8)


def trousers(look: Look, rng: random.Random) -> Garment:
    """Jeans, chinos and joggers."""
    waist = {"slim": 66.0, "regular": 70.0, "loose": 76.0}[look.fit or "regular"]
    hip = {"slim": 80.0, "regular": 90.0, "loose": 106.0}[look.fit or "regular"] * rng.uniform(
        0.97, 1.03
    )
    foot = {"slim": 19.0, "regular": 31.0, "loose": 52.0}[look.fit or "regular"] * rng.uniform(
        0.95, 1.06
    )
    gathered = look.variant == "joggers"
    if gathered:
        foot *= 0.86
    crotch, bottom = rng.uniform(128, 138), rng.uniform(418, 436)
    axis = {"slim": 50.0, "regular": 58.0, "loose": 74.0}[look.fit or "regular"]
    hem_in, hem_out = axis - foot, axis + foot
    pull = {"slim": 5.0, "regular": 4.0, "loose": -4.0}[look.fit or "regular"]
    outline = _leg(waist, hip, crotch, hem_in, hem_out, bottom, pull)
    tilt = -0.06
    knee = (crotch + bottom) / 2
    parts: list[Part] = [inside_waist(waist, 0)]
    for side in (1, -1):
        lines = [
            *_front_details(look, waist, hip),
            *_creases(axis - 28, axis + 36, knee, rng, count=4, span=16),
            *_creases(hem_in, hem_out, bottom - 34, rng, count=3, span=14),
            Line(
                Path(4, crotch - 6).quad(30, crotch - 20, hip * 0.8, crotch - 34).points,
                "crease",
                5,
                strength=0.7,
            ),
            Line(
                Path(4, crotch + 4).quad(26, crotch + 4, hip * 0.7, crotch - 4).points,
                "crease",
                5,
                strength=0.6,
            ),
        ]
        if look.variant == "chinos":
            lines.append(
                Line(
                    Path(waist * 0.5, 26).quad(axis + 4, crotch, axis + 1, bottom - 4).points,
                    "crease",
                    3,
                    strength=0.55,
                )
            )
        if not gathered:
            lines.append(
                Line(
                    polygon((hem_in, bottom - 11), (hem_out, bottom - 11)),
                    "stitch",
                    1.4,
                    "stitch",
                    0.9,
                )
            )
        if look.variant == "jeans":
            lines.append(
                Line(
                    Path(hip - 5, 70)
                    .curve(hip - 6, crotch, hem_out - 6, knee, hem_out - 5, bottom)
                    .points,
                    "stitch",
                    1.3,
                    "stitch",
                    0.9,
                )
            )
        leg = Part(outline, angle=tilt, puff=0.95, folds=1.0, lines=tuple(lines), drop=0.3)
        pieces = [leg]
        if gathered:
            pieces.append(
                Part(
                    box(hem_in - 1, bottom - 8, hem_out + 1, bottom + 17, 4),
                    "trim",
                    puff=0.6,
                    folds=0.3,
                    drop=0.5,
                    rib=6,
                )
            )
        parts.extend(pieces if side == 1 else [other_side(piece) for piece in pieces])
    parts.append(_fly(crotch, gathered=gathered))
    parts.extend(_waist_parts(look, waist, rng, cords=gathered))
    return Garment(tuple(parts))


def _fly(crotch: float, *, gathered: bool) -> Part:
    """Front seam and the curved stitching of the fly, on a sliver of cloth."""
    seam = Line(polygon((0, 20), (0, crotch)), "seam", 2.2)
    lines: tuple[Line, ...] = (seam,)
    if not gathered:
        lines = (
            seam,
            Line(Path(15, 22).line(15, 64).quad(14, 82, 2, 90).points, "stitch", 1.4, "stitch"),
        )
    return Part(box(-1, 18, 18, crotch - 12, 2), puff=0.1, folds=0.8, drop=0.12, lines=lines)


def shorts(look: Look, rng: random.Random) -> Garment:
    """Chino, denim and sport shorts."""
    waist = {"slim": 68.0, "regular": 72.0, "loose": 78.0}[look.fit or "regular"]
    hip = {"slim": 82.0, "regular": 94.0, "loose": 114.0}[look.fit or "regular"] * rng.uniform(
        0.97, 1.03
    )
    sport = look.variant == "sport"
    crotch = rng.uniform(116, 124)
    bottom = {"mini": 158.0, "knee": 232.0}[look.length] + rng.uniform(-6, 6)
    flare = {"slim": -2.0, "regular": 6.0, "loose": 20.0}[look.fit or "regular"] + (
        8 if sport else 0
    )
    hem_out = hip + flare
    hem_in = {"slim": 14.0, "regular": 9.0, "loose": 5.0}[look.fit or "regular"]
    if look.length == "knee":
        hem_out, hem_in = hem_out - 4, hem_in + 3
    outline = _leg(waist, hip, crotch, hem_in, hem_out, bottom, 0)
    parts: list[Part] = [inside_waist(waist, 0)]
    for side in (1, -1):
        lines = [
            *_front_details(look, waist, hip),
            *_creases(hem_in, hem_out, (crotch + bottom) / 2 + 12, rng, count=2, span=18),
            Line(
                Path(4, crotch - 6).quad(30, crotch - 20, hip * 0.8, crotch - 34).points,
                "crease",
                5,
                strength=0.7,
            ),
            Line(
                Path(4, crotch + 4).quad(26, crotch + 4, hip * 0.7, crotch - 4).points,
                "crease",
                5,
                strength=0.6,
            ),
            Line(
                polygon((hem_in, bottom - 10), (hem_out, bottom - 10)), "stitch", 1.4, "stitch", 0.9
            ),
        ]
        leg = Part(outline, angle=-0.05, puff=0.9, lines=tuple(lines), drop=0.3)
        pieces = [leg]
        if sport:
            stripe = (
                Path(waist - 3, 24).curve(hip - 6, 60, hip - 5, crotch, hem_out - 5, bottom).points
            )
            pieces.append(Part(ribbon(stripe, 8), "lace", puff=0.2, folds=0.8, drop=0.2))
        elif look.variant == "chino":
            fold = polygon(
                (hem_in, bottom - 16),
                (hem_out + 1, bottom - 16),
                (hem_out + 2, bottom + 2),
                (hem_in - 1, bottom + 2),
            )
            pieces.append(Part(fold, angle=-0.05, puff=0.45, folds=0.7, drop=0.6))
        parts.extend(pieces if side == 1 else [other_side(piece) for piece in pieces])
    parts.append(_fly(crotch, gathered=sport))
    parts.extend(_waist_parts(look, waist, rng, cords=sport))
    return Garment(tuple(parts))

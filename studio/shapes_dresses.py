"""Dresses and skirts."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from vitrine.studio.look import Look
from vitrine.studio.parts import (
    Fan,
    Garment,
    Line,
    Part,
    Path,
    Points,
    both,
    box,
    button,
    mirrored,
    polygon,
    ribbon,
)
from vitrine.studio.tailoring import (
    FIT_WIDTH,
    armhole_seams,
    back_of_neck,
    body_creases,
    collar,
    neck_band,
    scoop,
    sleeves,
    torso,
    vee,
)


def _hem(half: float, y: float, waves: float, depth: float, sag: float) -> Points:
    """A hem from right to left: a gentle bow with the waves of the hanging folds."""
    x = np.linspace(1, -1, 72, dtype=np.float32)
    bow = sag * (1 - x * x)
    wave = depth * np.sin(x * 0.5 * waves * 2 * np.pi)
    return np.stack([x * half, y + bow + wave], 1).astype(np.float32)


def hanging(
    waist: float,
    top: float,
    hip: float,
    half: float,
    bottom: float,
    *,
    flutes: float,
    depth: float = 1.0,
    crisp: bool = False,
    sag: float = 10.0,
    lines: tuple[Line, ...] = (),
) -> Part:
    """A skirt from waist to hem, cloth widening downwards."""
    drop = bottom - top
    path = Path(waist, top).curve(
        waist + (hip - waist) * 0.75,
        top + min(drop * 0.2, 40),
        half - (half - hip) * 0.42,
        top + drop * 0.6,
        half,
        bottom,
    )
    path.join(_hem(half, bottom, flutes, 2.0 * depth * (not crisp), sag))
    left = Path(-half, bottom).curve(
        -half + (half - hip) * 0.42,
        top + drop * 0.6,
        -waist - (hip - waist) * 0.75,
        top + min(drop * 0.2, 40),
        -waist,
        top,
    )
    path.join(left.points)
    return Part(
        path.points,
        puff=0.7,
        folds=0.8,
        flutes=flutes,
        depth=depth,
        crisp=crisp,
        fan=Fan(0, top, waist, bottom, half, bend=sag * 0.9),
        lines=lines,
        drop=0.4,
    )


def waistband(
    waist: float, y: float, height: float, *, paint: str = "main", lines: tuple[Line, ...] = ()
) -> Part:
    """A band around the waist."""
    outline = Path(-waist, y).quad(0, y + 5, waist, y).line(waist * 1.03, y + height)
    outline.quad(0, y + height + 5, -waist * 1.03, y + height)
    return Part(outline.points, paint, puff=0.5, folds=0.3, drop=0.6, lines=lines)


def inside_waist(waist: float, y: float) -> Part:
    """The inner back of the waist, seen from slightly above."""
    outline = Path(-waist, y + 1).quad(0, y - 7, waist, y + 1).quad(0, y + 8, -waist, y + 1)
    return Part(outline.points, "inner", puff=0.1, folds=0.2, drop=0.0, dim=0.9)


def dress(look: Look, rng: random.Random) -> Garment:
    """A-line, sheath and tiered dresses."""
    bodice_look = replace(look, fit="slim" if look.fit == "slim" else "regular")
    t = torso(bodice_look, rng, length=150)
    roomy = {"slim": 0.9, "regular": 1.0, "loose": 1.16}[look.fit or "regular"]
    nip = {"slim": 0.66, "regular": 0.74, "loose": 0.92}[look.fit or "regular"]
    waist_y = rng.uniform(162, 176) if look.variant != "tiered" else rng.uniform(150, 162)
    t = replace(
        t,
        chest=78 * roomy,
        shoulder=(66 if look.sleeve == "sleeveless" else 80) * (0.6 + 0.4 * roomy),
    )
    waist = t.chest * nip
    bottom = {"mini": 306, "knee": 400, "maxi": 545}[look.length] + rng.uniform(-10, 10)
    arms_look = replace(t, length=262)
    arms = sleeves(
        look,
        arms_look,
        rng,
        wide=0.9,
        cuff="band" if look.neckline == "collar" and look.sleeve == "long" else "",
    )
    depth = {"crew": rng.uniform(36, 46), "v-neck": rng.uniform(84, 102), "collar": 30.0}[
        look.neckline
    ]
    neckline = vee(t, depth) if look.neckline == "v-neck" else scoop(t, depth)
    band_points = neckline.points
    body = neckline.quad((t.neck + t.shoulder) / 2, t.slope * 0.35, t.shoulder, t.slope)
    body.curve(t.shoulder - 5, t.slope + 30, t.chest - 14, t.armpit - 22, t.chest, t.armpit)
    body.curve(t.chest - 2, t.armpit + 26, waist + 2, waist_y - 22, waist, waist_y).quad(
        waist * 0.5, waist_y + 6, 0, waist_y + 6
    )
    darts = tuple(
        Line(
            Path(s * waist * 0.55, waist_y)
            .quad(s * waist * 0.58, waist_y - 30, s * t.chest * 0.5, t.armpit + 12)
            .points,
            "seam",
            1.4,
            strength=0.7,
        )
        for s in (-1, 1)
    )
    seams = armhole_seams(t) if look.sleeve != "sleeveless" else ()
    bodice = Part(
        mirrored(body.points),
        puff=0.8,
        folds=0.7,
        lines=(
            *darts,
            *seams,
            *body_creases(replace(t, waist=waist, waist_y=waist_y - 8), rng)[::2],
        ),
    )
    parts: list[Part] = [*arms] if look.neckline == "collar" else [*back_of_neck(t, depth), *arms]
    parts.extend(_skirt_of_dress(look, rng, waist, waist_y, bottom))
    parts.append(bodice)
    if look.sleeve == "sleeveless":
        hole = Path(t.shoulder, t.slope).curve(
            t.shoulder - 5, t.slope + 30, t.chest - 14, t.armpit - 22, t.chest, t.armpit
        )
        parts.extend(both(Part(ribbon(hole.points, 6), "trim", puff=0.4, folds=0.1, drop=0.3)))
    if look.variant != "sheath" or rng.random() < 0.4:
        tie = "second" if look.pattern == "plain" and rng.random() < 0.35 else "trim"
        parts.append(waistband(waist * 1.01, waist_y - 7, 13, paint=tie))
    if look.neckline == "collar":
        stop = bottom - 14 if rng.random() < 0.5 else waist_y - 8
        edges = tuple(
            Line(polygon((x, 36), (x, stop)), "stitch", 1.3, "stitch", 0.7) for x in (-6, 6)
        )
        parts.append(Part(box(-9, 30, 9, stop, 1), puff=0.25, folds=0.6, drop=0.5, lines=edges))
        count = max(4, int((stop - 60) / 32))
        parts.extend(button(0, 56 + (stop - 72) / count * i, 4.4) for i in range(count))
        parts.extend(collar(t, depth=28, spread=26))
    else:
        parts.append(neck_band(band_points, 8, rib=0))
    return Garment(tuple(parts))


def _skirt_of_dress(
    look: Look, rng: random.Random, waist: float, top: float, bottom: float
) -> list[Part]:
    drop = bottom - top
    room = {"slim": 0.82, "regular": 1.0, "loose": 1.22}[look.fit or "regular"]
    match look.variant:
        case "sheath":
            hip = waist + 19 * room
            half = hip * rng.uniform(0.88, 0.98)
            creases = tuple(
                Line(
                    Path(s * hip, top + 40)
                    .quad(s * hip * 0.6, top + 52, s * hip * 0.2, top + 44)
                    .points,
                    "crease",
                    6,
                    strength=0.4,
                )
                for s in (-1, 1)
            )
            return [
                hanging(
                    waist,
                    top,
                    hip * 1.04,
                    half,
                    bottom,
                    flutes=2,
                    depth=0.25,
                    sag=5,
                    lines=creases,
                )
            ]
        case "tiered":
            parts: list[Part] = []
            steps = 2 if look.length == "mini" else 3
            wide = waist
            for tier in range(steps):
                y0, y1 = top + drop * tier / steps, top + drop * (tier + 1) / steps + 5
                out = wide + (26 + 10 * tier) * room * (1.2 if steps == 2 else 1)
                gathers = tuple(
                    Line(
                        Path(x, y0)
                        .quad(x * 1.02, y0 + 12, x * 1.05, y0 + rng.uniform(16, 32))
                        .points,
                        "crease",
                        4,
                        strength=0.75,
                    )
                    for x in np.linspace(-wide * 0.92, wide * 0.92, 15).tolist()
                )
                piece = hanging(
                    wide + 4,
                    y0,
                    wide + 14,
                    out,
                    y1,
                    flutes=9 + 2 * tier,
                    depth=0.9,
                    sag=7,
                    lines=gathers,
                )
                parts.insert(0, replace(piece, drop=0.8))
                wide = out - 6
            return parts
        case _:
            half = waist + (38 + 0.3 * drop) * room
            flutes = rng.uniform(5.5, 8.5) * (0.8 if look.fit == "slim" else 1)
            return [
                hanging(
                    waist,
                    top,
                    waist + 20 * room,
                    half,
                    bottom,
                    flutes=flutes,
                    depth=1.3 * room,
                    sag=13,
                )
            ]


def skirt(look: Look, rng: random.Random) -> Garment:
    """A-line, pencil, pleated and buttoned skirts."""
    width = FIT_WIDTH[look.fit or "regular"]
    waist = 66 * (0.6 + 0.4 * width)
    bottom = {"mini": 158, "knee": 262, "maxi": 420}[look.length] + rng.uniform(-8, 8)
    drop = bottom - 18
    band_lines = (Line(polygon((-waist, 19), (waist, 19)), "stitch", 1.3, "stitch", 0.7),)
    band = waistband(
        waist, 0, 20, paint="main" if look.variant != "pleated" else "trim", lines=band_lines
    )
    hip = waist + 22 * width
    match look.variant:
        case "pencil":
            seams = tuple(
                Line(polygon((s * waist * 0.5, 22), (s * waist * 0.55, 62)), "seam", 1.4)
                for s in (-1, 1)
            )
            creases = tuple(
                Line(
                    Path(s * hip, 70).quad(s * hip * 0.6, 84, s * hip * 0.15, 78).points,
                    "crease",
                    6,
                    strength=0.5,
                )
                for s in (-1, 1)
            )
            slit = Line(
                polygon((waist * 0.5, bottom - drop * 0.2), (waist * 0.52, bottom + 6)), "seam", 2.4
            )
            main = hanging(
                waist,
                18,
                hip * 1.1,
                hip * 0.94,
                bottom,
                flutes=2,
                depth=0.2,
                sag=5,
                lines=(*seams, *creases, slit),
            )
        case "pleated":
            half = waist + (26 + 0.3 * drop) * width
            count = rng.randint(11, 15)
            steps = [(-1 + 2 * i / count) for i in range(1, count)]
            lines = tuple(
                Line(
                    polygon((s * waist, 20), (s * half, bottom + 12 * (1 - s * s))),
                    "seam",
                    1.5,
                    strength=0.75,
                )
                for s in steps
            )
            main = hanging(
                waist,
                18,
                hip,
                half,
                bottom,
                flutes=count,
                depth=0.9,
                crisp=True,
                sag=11,
                lines=lines,
            )
        case _:
            half = waist + (30 + 0.3 * drop) * width * (0.7 if look.fit == "slim" else 1)
            flutes = rng.uniform(5, 8)
            stitch = Line(
                _hem(half * 0.985, bottom - 9, flutes, 2, 12), "stitch", 1.3, "stitch", 0.7
            )
            lines: tuple[Line, ...] = (stitch,)
            if look.material in ("denim", "leather", "cotton"):
                for s in (-1, 1):
                    pocket = (
                        Path(s * waist * 0.45, 22)
                        .quad(s * waist * 0.55, 48, s * (waist + 10), 54)
                        .points
                    )
                    lines = (
                        *lines,
                        Line(pocket, "seam", 1.8),
                        Line(pocket + 3, "stitch", 1.3, "stitch"),
                    )
            main = hanging(
                waist,
                18,
                hip,
                half,
                bottom,
                flutes=flutes,
                depth=1.15 * width,
                sag=13,
                lines=lines,
            )
    parts: list[Part] = [inside_waist(waist, 0), main, band]
    if look.variant == "buttoned":
        foot = bottom + 9
        edges = tuple(
            Line(polygon((x, 22), (x, foot)), "stitch", 1.3, "stitch", 0.7) for x in (-8, 8)
        )
        parts.append(Part(box(-11, 2, 11, foot, 1), puff=0.25, folds=0.6, drop=0.5, lines=edges))
        count = max(4, int(drop / 30))
        kind = "metal" if look.material in ("denim", "leather") else "button"
        parts.extend(button(0, 13 + (foot - 26) / count * i, 5.0, kind) for i in range(count))
    elif look.variant != "pleated" and look.material == "denim":
        parts.append(button(0, 13, 5, "metal"))
    return Garment(tuple(parts))

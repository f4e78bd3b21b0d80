"""Garments of the upper body: t-shirts, shirts, hoodies."""

from __future__ import annotations

import random
from dataclasses import replace

from vitrine.studio.look import Look
from vitrine.studio.parts import (
    Garment,
    Line,
    Part,
    Path,
    both,
    box,
    button,
    flip,
    mirrored,
    other_side,
    polygon,
    ribbon,
    zipper,
)
from vitrine.studio.tailoring import (
    armhole_seams,
    back_of_neck,
    body_creases,
    chest_pocket,
    collar,
    cords,
    front,
    hem_stitch,
    hood,
    neck_band,
    scoop,
    sleeves,
    torso,
    vee,
)


def t_shirt(look: Look, rng: random.Random) -> Garment:
    """Tees, tank tops, long-sleeved tops and polo shirts."""
    t = torso(look, rng, length=rng.uniform(262, 280))
    rib = look.material in ("wool",)
    cuff = "rib" if look.sleeve == "long" and (rib or rng.random() < 0.35) else ""
    arms = sleeves(look, t, rng, cuff=cuff)
    creases = body_creases(t, rng)
    seams = armhole_seams(t) if look.sleeve != "sleeveless" else ()
    if look.neckline == "collar":
        body = Part(front(t, scoop(t, 26)), lines=(*creases, *seams, hem_stitch(t)))
        placket = Part(
            box(-9, 24, 9, 104, 2),
            puff=0.25,
            folds=0.4,
            drop=0.6,
            lines=(Line(polygon((-9, 96), (9, 96)), "stitch", 1.4, "stitch"),),
        )
        buttons = tuple(button(0, y, 4.2) for y in (48, 70, 90))
        return Garment((*arms, body, placket, *buttons, *collar(t, depth=30, spread=28)))
    depth = rng.uniform(34, 42) if look.neckline == "crew" else rng.uniform(74, 92)
    neckline = scoop(t, depth) if look.neckline == "crew" else vee(t, depth)
    band = neck_band(neckline.points, 12)
    parts: list[Part] = [*back_of_neck(t, depth), *arms]
    parts.append(Part(front(t, neckline), lines=(*creases, *seams, hem_stitch(t))))
    if look.sleeve == "sleeveless":
        hole = Path(t.shoulder, t.slope).curve(
            t.shoulder - 5, t.slope + 30, t.chest - 14, t.armpit - 22, t.chest, t.armpit
        )
        parts.extend(both(Part(ribbon(hole.points, 8), "trim", puff=0.4, folds=0.1, drop=0.3)))
    parts.append(band)
    if "pocket" in look.detail and look.sleeve == "short":
        parts.append(chest_pocket(24, 92, 40, 44))
    return Garment(tuple(parts))


def shirt(look: Look, rng: random.Random) -> Garment:
    """Button-down shirts."""
    t = torso(look, rng, length=rng.uniform(270, 288))
    arms = sleeves(look, t, rng, cuff="band" if look.sleeve == "long" else "")
    seams = armhole_seams(t) if look.sleeve != "sleeveless" else ()
    t = replace(t, hem=t.hem * 1.02)
    tail = rng.random() < 0.6
    yoke = Path(-t.shoulder, t.slope + 26).quad(0, t.slope + 36, t.shoulder, t.slope + 26).points
    lines = (
        *body_creases(t, rng),
        *seams,
        hem_stitch(t),
        *((Line(yoke),) if look.material == "denim" else ()),
    )
    body = Part(front(t, scoop(t, 30), hem_drop=20 if tail else 5), lines=lines)
    bottom = t.length + (14 if tail else 4)
    edges = tuple(
        Line(polygon((x, 40), (x, bottom - 2)), "stitch", 1.3, "stitch", 0.7) for x in (-7, 7)
    )
    placket = Part(box(-10, 32, 10, bottom, 1), puff=0.25, folds=0.7, drop=0.55, lines=edges)
    count = rng.choice((6, 7))
    gap = (bottom - 80) / count
    buttons = tuple(button(0, 62 + gap * i, 4.6) for i in range(count))
    parts: list[Part] = [*arms, body, placket, *buttons]
    if look.material == "denim" or ("pocket" in look.detail):
        pocket = chest_pocket(27, 96)
        parts.append(pocket)
        if look.material == "denim":
            parts.append(other_side(pocket))
            flap = Part(
                Path(25, 92).line(73, 92).line(73, 106).line(49, 114).line(25, 106).points,
                puff=0.4,
                folds=0.2,
                drop=0.8,
            )
            parts.extend(
                (*both(flap), button(49, 106, 3.4, "metal"), button(-49, 106, 3.4, "metal"))
            )
    parts.extend(collar(t))
    return Garment(tuple(parts))


def hoodie(look: Look, rng: random.Random) -> Garment:
    """Pullover and zip hoodies."""
    t = torso(look, rng, length=rng.uniform(258, 272))
    t = replace(t, hem=t.hem * 0.97, slope=t.slope + 4)
    arms = sleeves(look, t, rng, cuff="rib" if look.sleeve == "long" else "", wide=1.14)
    body = Part(
        front(t, scoop(t, 40)),
        puff=0.8,
        folds=1.1,
        lines=(*body_creases(t, rng), *armhole_seams(t)),
    )
    hem = Part(
        Path(-t.hem * 0.97, t.length - 12)
        .quad(0, t.length - 4, t.hem * 0.97, t.length - 12)
        .line(t.hem * 0.94, t.length + 10)
        .quad(0, t.length + 18, -t.hem * 0.94, t.length + 10)
        .points,
        "trim",
        puff=0.5,
        folds=0.3,
        drop=0.5,
        rib=6,
    )
    top, low = t.length * 0.62, t.length - 16
    wide, narrow = t.hem * 0.68, t.hem * 0.46
    parts: list[Part] = [*arms, body, hem]
    if look.variant == "zip":
        half = (
            Path(3, top)
            .line(narrow, top)
            .quad(wide - 4, top + 18, wide, low - 20)
            .line(wide, low)
            .line(3, low)
            .points
        )
        slit = Path(narrow, top).quad(wide - 4, top + 18, wide, low - 20).points
        parts.extend(
            both(
                Part(
                    half,
                    puff=0.35,
                    folds=0.8,
                    drop=0.7,
                    lines=(Line(slit, "stitch", 1.6, "stitch"),),
                )
            )
        )
        parts.extend(zipper(0, 44, t.length + 12))
    else:
        half_pocket = (
            Path(0, top)
            .line(narrow, top)
            .quad(wide - 6, top + 16, wide, low - 22)
            .line(wide, low)
            .line(0, low)
        )
        slit = Path(narrow - 4, top + 2).quad(wide - 10, top + 18, wide - 4, low - 22).points
        parts.append(
            Part(
                mirrored(half_pocket.points),
                puff=0.4,
                folds=0.8,
                drop=0.8,
                lines=tuple(Line(p, "stitch", 1.6, "stitch") for p in (slit, flip(slit))),
            )
        )
    parts.extend(hood(t))
    parts.extend(cords(13, 44, rng))
    return Garment(tuple(parts))

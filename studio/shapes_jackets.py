"""Jackets: bomber, blazer, biker, trucker, parka, cardigan."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from vitrine.studio.look import Look
from vitrine.studio.parts import (
    Garment,
    Line,
    Part,
    Path,
    Points,
    both,
    box,
    button,
    mirrored,
    other_side,
    polygon,
    ribbon,
    turned,
    zipper,
)
from vitrine.studio.tailoring import (
    Torso,
    armhole_seams,
    back_of_neck,
    body_creases,
    chest_pocket,
    collar,
    cords,
    front,
    hood,
    neck_band,
    replace_ends,
    scoop,
    sleeves,
    torso,
    vee,
)


def jacket(look: Look, rng: random.Random) -> Garment:
    """A jacket of any variant."""
    build: dict[str, Callable[[Look, random.Random], tuple[Part, ...]]] = {
        "bomber": _bomber,
        "blazer": _blazer,
        "biker": _biker,
        "trucker": _trucker,
        "parka": _parka,
        "cardigan": _cardigan,
    }
    return Garment(build[look.variant](look, rng))


def _seams(look: Look, t: Torso) -> tuple[Line, ...]:
    return armhole_seams(t) if look.sleeve != "sleeveless" else ()


def _rib_hem(t: Torso) -> Part:
    low = t.length
    outline = (
        Path(-t.hem * 0.97, low - 14)
        .quad(0, low - 6, t.hem * 0.97, low - 14)
        .line(t.hem * 0.93, low + 12)
    )
    outline.quad(0, low + 20, -t.hem * 0.93, low + 12)
    return Part(outline.points, "trim", puff=0.5, folds=0.3, drop=0.5, rib=6)


def _welt(x: float, y: float, lean: float, *, paint: str = "plain") -> Part:
    """A slanted pocket opening."""
    strip = turned(box(x - 5, y - 27, x + 5, y + 27, 2), lean, x, y)
    middle = turned(polygon((x, y - 24), (x, y + 24)), lean, x, y)
    return Part(strip, paint, puff=0.3, folds=0.1, drop=0.8, lines=(Line(middle, "seam", 2.4),))


def _flap_pocket(x: float, y: float, width: float) -> tuple[Part, ...]:
    flap = (
        Path(x, y)
        .line(x + width, y + 2)
        .line(x + width, y + 20)
        .quad(x + width, y + 23, x + width - 4, y + 23)
    )
    flap.line(x + 4, y + 21).quad(x, y + 21, x, y + 17)
    return (Part(flap.points, puff=0.4, folds=0.2, drop=0.95),)


def _bomber(look: Look, rng: random.Random) -> tuple[Part, ...]:
    t = torso(look, rng, length=rng.uniform(238, 252))
    arms = sleeves(look, t, rng, cuff="rib", wide=1.2)
    neckline = scoop(t, 30)
    edge = neckline.points
    body = Part(
        front(t, neckline), puff=0.9, folds=1.1, lines=(*body_creases(t, rng), *_seams(look, t))
    )
    pockets = both(_welt(t.hem * 0.58, t.length * 0.7, -0.45))
    stand = replace(neck_band(edge, 19), drop=0.7)
    return (
        *back_of_neck(t, 30, paint="lining"),
        *arms,
        body,
        _rib_hem(t),
        *pockets,
        *zipper(0, 38, t.length + 16),
        stand,
    )


def _lapel(t: Torso, low: float, spread: float) -> tuple[Part, ...]:
    """Notched lapels and collar down to a closing point."""
    n = t.neck
    leaf = Path(1, low).curve(n * 0.4, low * 0.62, n * 0.8, low * 0.24, n - 7, 8).line(n + 2, 20)
    leaf.line(n * 0.86 + spread, 44).line(n * 0.8 + spread + 5, 56).curve(
        n * 0.75 + spread, low * 0.66, n * 0.4, low * 0.9, 1, low
    )
    stitch = Path(n * 0.8 + spread - 1, 58).curve(
        n * 0.7 + spread - 5, low * 0.66, n * 0.36, low * 0.86, 5, low - 5
    )
    top = Path(n - 9, -13).curve(n, -14, n + 8, -6, n + 12, 6).line(n * 0.84 + spread + 7, 34)
    top.line(n * 0.86 + spread - 2, 44).line(n - 8, 12)
    return (
        *both(
            Part(
                leaf.points,
                angle=-0.35,
                puff=0.55,
                folds=0.2,
                drop=1.0,
                lines=(Line(stitch.points, "stitch", 1.3, "stitch", 0.6),),
            )
        ),
        *both(Part(top.points, angle=-0.7, puff=0.5, folds=0.1, drop=1.0)),
    )


def _lapel_opening(t: Torso, low: float) -> tuple[Part, ...]:
    half = (
        Path(0, -11)
        .curve(t.neck * 0.5, -12, t.neck * 0.8, -12, t.neck, -8)
        .line(t.neck, 20)
        .curve(t.neck * 0.8, low * 0.5, t.neck * 0.4, low * 0.8, 0, low + 4)
    )
    stand = Path(-t.neck, -4).curve(-t.neck * 0.4, 9, t.neck * 0.4, 9, t.neck, -4).points
    back = Part(
        mirrored(half.points), "lining", "silk", puff=0.1, folds=0.4, dim=0.95, lines=(Line(stand),)
    )
    return (back, Part(box(-9, 14, 9, 24, 1), "label", "matt", puff=0.1, folds=0, drop=0.4))


def _blazer(look: Look, rng: random.Random) -> tuple[Part, ...]:
    t = torso(look, rng, length=rng.uniform(286, 304))
    t = replace(t, hem=t.hem * 1.04, waist=t.waist * 0.95, slope=t.slope - 3)
    arms = sleeves(look, t, rng, wide=1.02)
    low = rng.uniform(136, 158)
    path = Path(0, low).curve(t.neck * 0.4, low * 0.7, t.neck * 0.9, 40, t.neck, 0)
    path.quad((t.neck + t.shoulder) / 2, t.slope * 0.3, t.shoulder, t.slope)
    path.curve(t.shoulder - 4, t.slope + 30, t.chest - 14, t.armpit - 22, t.chest, t.armpit)
    path.curve(t.chest - 2, t.armpit + 40, t.waist, t.waist_y - 50, t.waist, t.waist_y - 16)
    path.curve(t.waist, t.waist_y + 30, t.hem, t.length - 40, t.hem, t.length - 2).quad(
        t.hem * 0.6, t.length + 6, 36, t.length + 6
    )
    path.curve(12, t.length + 4, 2, t.length - 30, 0, t.length - 76)
    darts = tuple(
        Line(
            Path(s * t.waist * 0.52, t.armpit + 34)
            .quad(s * t.waist * 0.5, t.waist_y, s * t.waist * 0.54, t.length * 0.68)
            .points,
            "seam",
            1.4,
            strength=0.7,
        )
        for s in (-1, 1)
    )
    body = Part(
        mirrored(path.points),
        puff=0.8,
        folds=0.7,
        lines=(*darts, *body_creases(t, rng), *_seams(look, t)),
    )
    inner = Part(
        mirrored(
            Path(0, t.length - 90)
            .line(34, t.length - 40)
            .line(34, t.length)
            .line(0, t.length)
            .points
        ),
        "lining",
        puff=0,
        folds=0.4,
        dim=0.75,
    )
    closing = Line(Path(2, low).line(2, t.length - 70).points, "seam", 2.6)
    over = Part(
        box(-6, low, 3, t.length - 72, 1), puff=0.15, folds=0.7, drop=0.25, lines=(closing,)
    )
    flaps = _flap_pocket(t.hem * 0.36, t.length * 0.7, t.hem * 0.46)
    welt = Part(
        turned(box(t.chest * 0.36, 104, t.chest * 0.36 + 34, 113, 1), 0.08, 50, 108),
        puff=0.4,
        folds=0.1,
        drop=0.8,
    )
    gap = rng.uniform(34, 42)
    rows = (low + 12, low + 12 + gap)
    horn = "sole-dark" if rng.random() < 0.6 else "button"
    return (
        *_lapel_opening(t, low),
        inner,
        *arms,
        body,
        over,
        *flaps,
        *(other_side(p) for p in flaps),
        welt,
        *_lapel(t, low, rng.uniform(24, 34)),
        *(button(-3, y, 5.4, horn) for y in rows),
    )


def _zip_line(points: Points, width: float = 7) -> Part:
    return Part(
        ribbon(points, width),
        "tape",
        "matt",
        puff=0.2,
        folds=0,
        drop=0.6,
        lines=(Line(points, "stitch", 4.2, "metal"),),
    )


def _biker(look: Look, rng: random.Random) -> tuple[Part, ...]:
    t = torso(look, rng, length=rng.uniform(232, 246))
    arms = sleeves(look, t, rng, wide=1.02)
    low = 116.0
    neckline = vee(t, low)
    body = Part(
        front(t, neckline, hem_drop=4),
        puff=0.9,
        folds=1.0,
        lines=(*body_creases(t, rng), *_seams(look, t)),
    )
    slanted = Path(0, low).curve(-10, low + 30, -26, t.length - 60, -28, t.length + 3).points
    slits = tuple(
        _zip_line(polygon((x - dx, y - 18), (x + dx, y + 18)))
        for x, y, dx in (
            (t.hem * 0.6, t.length * 0.72, -13),
            (-t.hem * 0.68, t.length * 0.72, 13),
            (t.chest * 0.62, t.length * 0.47, -16),
        )
    )
    belt_y = t.length - 12
    belt = Part(
        Path(-t.hem * 1.0, belt_y - 9)
        .quad(0, belt_y - 4, t.hem, belt_y - 9)
        .line(t.hem, belt_y + 10)
        .quad(0, belt_y + 16, -t.hem, belt_y + 10)
        .points,
        puff=0.5,
        folds=0.2,
        drop=0.7,
    )
    buckle = Part(
        box(-20, belt_y - 9, 4, belt_y + 15, 3), "metal", "metal", puff=0.4, folds=0, drop=0.9
    )
    hole = Part(box(-15, belt_y - 4, -1, belt_y + 10, 2), "plain", puff=0.2, folds=0, drop=0)
    return (
        *_lapel_opening(t, low),
        *arms,
        body,
        _zip_line(slanted),
        *slits,
        belt,
        buckle,
        hole,
        *_lapel(t, low, rng.uniform(34, 42)),
        button(t.neck * 0.8 + 28, 58, 3.6, "metal"),
        button(-t.neck * 0.8 - 28, 58, 3.6, "metal"),
    )


def _trucker(look: Look, rng: random.Random) -> tuple[Part, ...]:
    t = torso(look, rng, length=rng.uniform(236, 250))
    arms = sleeves(look, t, rng, cuff="band", wide=1.05)
    yoke_y = 84.0
    yoke = polygon((-t.chest, yoke_y), (-8, yoke_y + 4), (8, yoke_y + 4), (t.chest, yoke_y))
    lines = [Line(yoke, "seam", 2.2), Line(yoke + 4, "stitch", 1.4, "stitch")]
    for s in (-1, 1):
        for x0, x1 in ((0.36, 0.2), (0.72, 0.5)):
            seam = polygon((s * t.chest * x0, yoke_y + 26), (s * t.hem * x1, t.length - 16))
            lines += [Line(seam, "seam", 1.8), Line(seam + 3, "stitch", 1.3, "stitch")]
    body = Part(
        front(t, scoop(t, 30)), puff=0.85, lines=(*lines, *body_creases(t, rng), *_seams(look, t))
    )
    edges = tuple(
        Line(polygon((x, 36), (x, t.length + 2)), "stitch", 1.4, "stitch") for x in (-8, 8)
    )
    placket = Part(box(-12, 32, 12, t.length + 4, 1), puff=0.3, folds=0.6, drop=0.6, lines=edges)
    band_edge = Path(-t.hem, t.length - 14).quad(0, t.length - 6, t.hem, t.length - 14)
    band = Part(
        Path(-t.hem * 1.0, t.length - 16)
        .quad(0, t.length - 8, t.hem, t.length - 16)
        .line(t.hem * 0.99, t.length + 8)
        .quad(0, t.length + 16, -t.hem * 0.99, t.length + 8)
        .points,
        puff=0.5,
        folds=0.3,
        drop=0.6,
        lines=(Line(band_edge.points + 3, "stitch", 1.4, "stitch"),),
    )
    x = t.chest * 0.33
    flap = (
        Path(x, yoke_y)
        .line(x + 44, yoke_y)
        .line(x + 44, yoke_y + 15)
        .line(x + 22, yoke_y + 24)
        .line(x, yoke_y + 15)
    )
    flap_edge = polygon((x + 3, yoke_y + 13), (x + 22, yoke_y + 21), (x + 41, yoke_y + 13))
    flaps = both(
        Part(
            flap.points,
            puff=0.4,
            folds=0.2,
            drop=0.95,
            lines=(Line(flap_edge, "stitch", 1.4, "stitch"),),
        )
    )
    count = 6
    rows = [46 + (t.length - 50) / (count - 1) * i for i in range(count)]
    return (
        *arms,
        body,
        band,
        placket,
        *flaps,
        button(x + 22, yoke_y + 14, 4, "metal"),
        button(-x - 22, yoke_y + 14, 4, "metal"),
        *(button(0, y, 5, "metal") for y in rows),
        *collar(t, depth=34, spread=36),
    )


def _parka(look: Look, rng: random.Random) -> tuple[Part, ...]:
    t = torso(look, rng, length=rng.uniform(306, 326))
    t = replace(t, hem=t.hem * 1.08, waist=t.waist * 0.98)
    arms = sleeves(look, replace(t, length=280), rng, cuff="band", wide=1.18)
    waist_y = t.length * 0.6
    tie = Path(-t.waist, waist_y).quad(0, waist_y + 8, t.waist, waist_y).points
    lines: list[Line] = [Line(tie, "seam", 2.6), Line(tie + 5, "stitch", 1.4, "stitch", 0.8)]
    if look.material == "synthetic":  # quilted
        for step in range(1, 9):
            y = 40 + step * (t.length - 44) / 9
            lines.append(Line(Path(-t.hem, y).quad(0, y + 9, t.hem, y).points, "seam", 2.0))
            lines.append(
                Line(Path(-t.hem, y).quad(0, y + 9, t.hem, y).points, "crease", 7, strength=0.8)
            )
    body = Part(
        front(t, scoop(t, 40)),
        puff=1.0,
        folds=1.0,
        lines=(*lines, *body_creases(t, rng), *_seams(look, t)),
    )
    storm = Part(box(-13, 40, 13, t.length + 5, 2), puff=0.35, folds=0.6, drop=0.7)
    snaps = tuple(
        button(0, y, 4.4, "metal")
        for y in (66, 66 + (t.length - 110) / 3, 66 + (t.length - 110) / 1.5, t.length - 44)
    )
    x, y, w = t.hem * 0.28, t.length * 0.68, t.hem * 0.56
    pouch = both(Part(box(x, y, x + w, y + t.length * 0.2, 5), puff=0.55, folds=0.5, drop=0.9))
    flap = both(Part(box(x - 3, y - 7, x + w + 3, y + 17, 4), puff=0.5, folds=0.2, drop=0.95))
    return (
        *arms,
        body,
        storm,
        *snaps,
        *pouch,
        *flap,
        *hood(t, rise=80, lining="lining"),
        *cords(14, 46, rng),
    )


def _cardigan(look: Look, rng: random.Random) -> tuple[Part, ...]:
    t = torso(look, rng, length=rng.uniform(262, 280))
    arms = sleeves(look, t, rng, cuff="rib", wide=1.06)
    low = rng.uniform(118, 136)
    neckline = vee(t, low)
    edge = neckline.points
    body = Part(front(t, neckline), puff=0.85, lines=(*body_creases(t, rng), *_seams(look, t)))
    band = Part(ribbon(replace_ends(edge), 17), "trim", puff=0.5, folds=0.2, drop=0.6, rib=5)
    strip = Part(
        box(-9, low - 2, 9, t.length + 14, 2), "trim", puff=0.45, folds=0.4, drop=0.6, rib=5
    )
    count = rng.choice((4, 5))
    rows = [low + 10 + (t.length - low - 8) / (count - 1) * i for i in range(count)]
    parts: list[Part] = [*back_of_neck(t, low), *arms, body, _rib_hem(t), band, strip]
    parts.extend(button(0, y, 6) for y in rows)
    if "pocket" in look.detail:
        low_pocket = chest_pocket(t.hem * 0.28, t.length * 0.64, t.hem * 0.46, 56)
        parts[4:4] = [low_pocket, other_side(low_pocket)]
    return tuple(parts)

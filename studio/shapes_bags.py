"""Bags and hats."""

from __future__ import annotations

import random

import numpy as np

from vitrine.studio.look import Look
from vitrine.studio.parts import Fan, Garment, Line, Part, Path, both, box, ellipse, mirrored, polygon, ribbon


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
    fits = look.material not in ("leather", "synthetic") and look.color not in ("brown", "beige", "orange", "red")
    return "strap" if fits and rng.random() < 0.4 else "plain"


def _tote(look: Look, rng: random.Random) -> list[Part]:
    half, low = rng.uniform(92, 104), rng.uniform(176, 196)
    lean = rng.uniform(-6, 8)
    trim = _trim(look, rng)
    rise = rng.uniform(74, 104)
    back = Path(-36, 6).curve(-34, -rise * 0.9, 34, -rise * 0.9, 36, 6).points
    handle = Path(-44, 26).line(-42, 0).curve(-40, -rise, 40, -rise, 42, 0).line(44, 26).points
    outline = Path(0, 2).quad(half * 0.6, -1, half, 0).curve(half + lean * 0.4, low * 0.4, half + lean, low * 0.8, half + lean - 4, low - 5)
    outline.quad(half + lean - 5, low, half + lean - 12, low).quad(half * 0.5, low + 3, 0, low + 3)
    inner = Path(0, -8).quad(half * 0.7, -7, half - 1, 1).quad(half * 0.6, 6, 0, 7)
    creases = tuple(
        Line(Path(s * 42, 28).quad(s * 52, 70, s * rng.uniform(56, 76), rng.uniform(90, 140)).points, "crease", 7, strength=0.5) for s in (-1, 1)
    )
    hem = Line(polygon((-half, 15), (half, 15)), "stitch", 1.4, "stitch", 0.8)
    corner = tuple(Line(Path(s * (half - 22), low + 2).quad(s * (half - 6), low - 26, s * (half + 2), low - 34).points, "crease", 5, strength=0.5) for s in (-1, 1))
    patches = both(Part(box(37, 8, 51, 40, 2), trim, puff=0.35, folds=0.1, drop=0.8,
                        lines=(Line(polygon((39.5, 12), (48.5, 36)), "stitch", 1.2, "stitch"), Line(polygon((48.5, 12), (39.5, 36)), "stitch", 1.2, "stitch"))))  # fmt: skip
    return [
        Part(ribbon(back, 9), trim, puff=0.5, folds=0, drop=0.4, dim=0.7),
        Part(mirrored(inner.points), "lining", puff=0.1, folds=0.2, dim=0.8),
        Part(mirrored(outline.points), puff=0.9, folds=0.85, lines=(*creases, *corner, hem)),
        *patches,
        Part(ribbon(handle, 10), trim, puff=0.6, folds=0, drop=0.9),
    ]


def _backpack(rng: random.Random) -> list[Part]:
    half, low = rng.uniform(80, 90), rng.uniform(214, 232)
    body = Path(0, 0).curve(half * 0.7, 0, half * 0.96, 34, half, 84).curve(half + 6, low * 0.6, half + 4, low - 24, half - 4, low - 8)
    body.quad(half - 8, low, half - 22, low).line(0, low + 2)
    strap = Path(half - 20, 36).curve(half + 16, 60, half + 20, 130, half + 8, low - 26).points
    loop = Path(-22, 8).curve(-24, -34, 24, -34, 22, 8).points
    zip_arc = Path(-half * 0.9, 108).curve(-half * 0.86, 16, half * 0.86, 16, half * 0.9, 108).points
    pocket = Path(0, low * 0.55).line(half * 0.72, low * 0.55).quad(half * 0.8, low * 0.55, half * 0.8, low * 0.6).line(half * 0.8, low - 20)
    pocket.quad(half * 0.8, low - 11, half * 0.7, low - 11).line(0, low - 9)
    flap_zip = polygon((-half * 0.66, low * 0.62), (half * 0.66, low * 0.62))
    tab = Part(box(-16, low * 0.3, 16, low * 0.3 + 22, 3), "strap", "leather", puff=0.3, folds=0, drop=0.7)
    side = Path(half - 3, low * 0.62).curve(half + 9, low * 0.62, half + 13, low * 0.7, half + 10, low - 22).line(half - 4, low - 12)
    return [
        *both(Part(ribbon(strap, 15, 11), "plain", puff=0.6, folds=0.1, dim=0.85)),
        *both(Part(side.points, "plain", puff=0.5, folds=0.3)),
        Part(ribbon(loop, 10), "plain", puff=0.6, folds=0, drop=0.5),
        Part(mirrored(body.points), puff=1.2, folds=0.8),
        Part(ribbon(zip_arc, 7), "tape", "matt", puff=0.2, folds=0, drop=0.6, lines=(Line(zip_arc, "stitch", 3.6, "metal"),)),
        Part(mirrored(pocket.points), puff=0.9, folds=0.6, drop=1.0, lines=(Line(flap_zip, "seam", 2.6),)),
        Part(ribbon(flap_zip, 7), "tape", "matt", puff=0.2, folds=0, drop=0.5, lines=(Line(flap_zip, "stitch", 3.6, "metal"),)),
        Part(box(half * 0.5, low * 0.62 - 3, half * 0.5 + 5, low * 0.62 + 16, 2), "metal", "metal", puff=0.3, folds=0, drop=0.8),
        tab,
    ]  # fmt: skip


def _handbag(look: Look, rng: random.Random) -> list[Part]:
    top, half, low = rng.uniform(70, 82), rng.uniform(108, 118), rng.uniform(138, 152)
    rise = rng.uniform(66, 84)
    trim = _trim(look, rng)
    handle = Path(-46, 10).curve(-50, -rise * 1.25, 50, -rise * 1.25, 46, 10).points
    body = Path(0, 0).line(top - 8, 0).quad(top, 0, top + 3, 8).line(half, low - 14).quad(half + 2, low, half - 14, low).line(0, low + 2)
    flap = Path(0, -4).line(top - 6, -4).quad(top + 2, -4, top + 5, 6).line(top + 16, low * 0.36).curve(top, low * 0.52, 40, low * 0.56, 0, low * 0.58)
    edge = Path(-top - 12, low * 0.34).curve(-top + 2, low * 0.49, -40, low * 0.53, 0, low * 0.54)
    edge.curve(40, low * 0.53, top - 2, low * 0.49, top + 12, low * 0.34)
    clasp = box(-12, low * 0.48, 12, low * 0.66, 3)
    rings = tuple(Part(ellipse(s * 46, 6, 7, 7), "metal", "metal", puff=0.4, folds=0, drop=0.8) for s in (-1, 1))
    parts = [
        Part(ribbon(handle, 10), trim, puff=0.8, folds=0, drop=0.5),
        Part(mirrored(body.points), puff=1.0, folds=0.6, lines=(Line(polygon((-half, low - 8), (half, low - 8)), "stitch", 1.3, "stitch", 0.8),)),
    ]
    if rng.random() < 0.75:
        parts.append(Part(mirrored(flap.points), puff=0.8, folds=0.4, drop=1.0, lines=(Line(edge.points, "stitch", 1.4, "stitch"),)))
        parts.append(Part(clasp, "metal", "metal", puff=0.5, folds=0, drop=0.9))
    else:
        parts.append(Part(box(-top - 3, -3, top + 3, 12, 5), trim, puff=0.5, folds=0.1, drop=0.8))
        parts.extend(Part(ellipse(s * 8, -5, 7, 7), "metal", "metal", puff=0.6, folds=0, drop=0.6) for s in (-1, 1))
    return [*parts, *rings]


def _satchel(look: Look, rng: random.Random) -> list[Part]:
    half, low = rng.uniform(106, 116), rng.uniform(142, 156)
    trim = _trim(look, rng)
    long = Path(-half + 4, 20).curve(-half * 0.9, -118, half * 0.9, -118, half - 4, 20).points
    body = box(-half, 4, half, low, 16)
    flap = Path(0, -3).line(half - 8, -3).quad(half + 4, -3, half + 4, 10).line(half + 3, low * 0.56).quad(half, low * 0.66, half - 18, low * 0.67).line(0, low * 0.68)
    edge = Path(half - 3, 4).line(half - 4, low * 0.55).quad(half - 6, low * 0.62, half - 20, low * 0.63).line(0, low * 0.64)
    stitch = Line(np.concatenate([edge.points, (edge.points * np.array([-1, 1], np.float32))[::-1]]), "stitch", 1.4, "stitch")
    parts = [
        Part(ribbon(long, 9), trim, puff=0.6, folds=0, drop=0.4),
        Part(body, puff=1.0, folds=0.5, lines=(Line(polygon((-half, low - 9), (half, low - 9)), "stitch", 1.3, "stitch", 0.8),)),
        Part(mirrored(flap.points), puff=0.8, folds=0.5, drop=1.0, lines=(stitch,)),
    ]
    for s in (-1, 1):
        x = s * half * 0.5
        parts.append(Part(box(x - 9, low * 0.4, x + 9, low * 0.84, 4), trim, puff=0.4, folds=0.1, drop=0.9))
        parts.append(Part(box(x - 13, low * 0.64, x + 13, low * 0.78, 3), "metal", "metal", puff=0.4, folds=0, drop=0.9))
        parts.append(Part(box(x - 8, low * 0.67, x + 8, low * 0.75, 2), trim, puff=0.2, folds=0, drop=0))
    return parts


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
        Line(Path(s * 4, 3).quad(s * half * 0.36, 18, s * half * 0.6, rng.uniform(44, 62)).points, "crease", 5, strength=0.6) for s in (-1, -0.4, 0.4, 1)
    )
    cuff = Path(0, low - 4).quad(half * 0.7, low - 6, half + 5, low - 12).quad(half + 10, low + deep * 0.4, half + 3, low + deep - 6)
    cuff.quad(half * 0.6, low + deep + 4, 0, low + deep + 5)
    fan = Fan(0, 0, half * 0.7, low, half, bend=-14)
    parts = [
        Part(mirrored(dome.points), puff=1.3, folds=0.7, lines=gathers, rib=0 if look.material == "wool" else 9, fan=fan),
        Part(mirrored(cuff.points), "trim" if look.pattern != "plain" else "plain", puff=1.0, folds=0.4, drop=0.8, rib=8),
    ]
    if rng.random() < 0.5:
        paint = "accent" if look.accent else "second"
        angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        radius = 25 + 2.4 * np.sin(angle * 15) + 1.6 * np.sin(angle * 23 + 1)
        ball = np.stack([radius * np.cos(angle), -10 + radius * np.sin(angle)], 1).astype(np.float32)
        parts.append(Part(ball, paint, "wool", puff=1.4, folds=1.2, drop=0.7))
    return parts


def _cap(look: Look, rng: random.Random) -> list[Part]:
    low = rng.uniform(112, 124)
    dome = Path(-98, low).curve(-102, 40, -60, 0, 0, 0).curve(62, 0, 96, 44, 94, low + 4).quad(0, low + 20, -98, low + 6)
    seams = (
        Line(Path(-8, 0).curve(14, 24, 26, 70, 24, low + 4).points, "seam", 1.8),
        Line(Path(-10, 0).curve(-48, 22, -62, 66, -58, low + 4).points, "seam", 1.8),
        Line(Path(4, 0).curve(52, 18, 74, 60, 76, low - 2).points, "seam", 1.8),
    )
    rows = tuple(Line(e.points + 4, "stitch", 1.2, "stitch", 0.7) for e in seams)
    brim = Path(10, low + 3).curve(40, low - 10, 80, low - 22, 96, low - 16).curve(140, low - 10, 172, low - 4, 178, low + 8)
    brim.curve(176, low + 20, 140, low + 20, 104, low + 19).curve(70, low + 18, 30, low + 19, 10, low + 3)
    curve = tuple(Line(Path(30 + d, low + 10).curve(70 + d, low - 2, 120 + d * 0.6, low - 6, 166, low + 6 + d * 0.3).points, "stitch", 1.2, "stitch", 0.6) for d in (0, 8))
    under = Path(14, low + 8).curve(60, low + 18, 120, low + 16, 178, low + 10).curve(160, low + 26, 60, low + 26, 14, low + 8)
    trim = "accent" if look.accent and rng.random() < 0.6 else "plain"
    return [
        Part(under.points, "lining", puff=0.2, folds=0, dim=0.7),
        Part(dome.points, puff=1.4, folds=0.55, lines=(*seams, *rows)),
        Part(brim.points, trim, puff=0.6, folds=0.2, drop=0.9, lines=curve),
        Part(box(-9, -6, 7, 5, 5), trim, puff=0.5, folds=0, drop=0.5),
        *(Part(ellipse(x, y, 3, 3, 14), "dark", "matt", puff=0, folds=0, drop=0) for x, y in ((-34, 40), (48, 38))),
    ]


def _fedora(look: Look, rng: random.Random) -> list[Part]:
    low = rng.uniform(104, 118)
    pinch = rng.uniform(8, 14)
    crown = Path(0, pinch).curve(16, pinch - 4, 30, -6, 44, -2).curve(70, 6, 78, 60, 86, low).quad(0, low + 18, 0, low + 16)
    dents = tuple(Line(Path(s * 30, 8).quad(s * 22, 34, s * 30, 62).points, "crease", 8, strength=0.9) for s in (-1, 1))
    middle = Line(Path(0, pinch).quad(3, 26, 0, 40).points, "crease", 7, strength=0.8)
    flat = rng.uniform(24, 32)
    brim = Path(-164, low + 4).curve(-150, low - 18, -100, low - 14, -70, low - 10).line(70, low - 10).curve(100, low - 14, 150, low - 18, 164, low + 4)
    brim.curve(150, low + 22, 96, low + flat + 12, 0, low + flat + 13).curve(-96, low + flat + 12, -150, low + 22, -164, low + 4)
    stitch = Path(-150, low + 9).curve(-130, low + 22, -84, low + flat + 5, 0, low + flat + 6).curve(84, low + flat + 5, 130, low + 22, 150, low + 9)
    ring = Path(-87, low - 22).quad(0, low - 4, 87, low - 22).line(89, low + 1).quad(0, low + 20, -89, low + 1)
    band = "dark" if look.color not in ("black", "navy") else "strap"
    if look.accent:
        band = "accent"
    return [
        Part(brim.points, puff=0.8, folds=0.35, lines=(Line(stitch.points, "stitch", 1.3, "stitch", 0.6),)),
        Part(mirrored(crown.points), puff=1.3, folds=0.5, drop=0.9, lines=(*dents, middle)),
        Part(ring.points, band, "silk", puff=0.4, folds=0.2, drop=0.5),
        Part(Path(64, low - 20).line(80, low - 22).line(82, low).line(66, low + 3).points, band, "silk", puff=0.5, folds=0, drop=0.9),
    ]


def _bucket(rng: random.Random) -> list[Part]:
    low = rng.uniform(86, 98)
    crown = Path(0, 0).line(52, 1).quad(66, 2, 70, 16).line(84, low).quad(0, low + 16, 0, low + 14)
    top = Line(Path(-66, 12).quad(0, 24, 66, 12).points, "seam", 1.8)
    brim = Path(0, low + 2).quad(60, low, 84, low - 10).curve(106, low + 14, 126, low + 36, 134, low + 50).curve(100, low + 74, 50, low + 82, 0, low + 82)
    rows = tuple(
        Line(Path(-90 - 13 * i, low + 2 + 14 * i).curve(-50, low + 22 + 17 * i, 50, low + 22 + 17 * i, 90 + 13 * i, low + 2 + 14 * i).points, "stitch", 1.2, "stitch", 0.7)
        for i in range(4)
    )
    dent = tuple(Line(Path(s * 60, 26).quad(s * 50, 50, s * 62, 84).points, "crease", 6, strength=0.5) for s in (-1, 1))
    eyelets = tuple(Part(ellipse(x, 56, 3.2, 3.2, 14), "metal", "metal", puff=0.3, folds=0, drop=0.4) for x in (-40, -26))
    return [
        Part(mirrored(crown.points), puff=1.3, folds=0.7, lines=(top, *dent)),
        *eyelets,
        Part(mirrored(brim.points), puff=0.8, folds=0.6, drop=0.7, lines=rows, fan=Fan(0, low, 84, low + 80, 134, bend=10)),
    ]

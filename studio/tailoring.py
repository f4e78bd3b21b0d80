"""The pieces that tops, dresses and jackets share: fronts, sleeves, necklines, collars, hoods."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from math import cos, radians, sin

from vitrine.studio.look import Look
from vitrine.studio.parts import (
    Line,
    Part,
    Path,
    Points,
    both,
    box,
    flip,
    mirrored,
    other_side,
    polygon,
    ribbon,
)

FIT_WIDTH = {"slim": 0.84, "regular": 1.0, "loose": 1.2}


@dataclass(frozen=True)
class Torso:
    """Half widths and heights of an upper body, garment units."""

    neck: float
    shoulder: float
    slope: float
    armpit: float
    chest: float
    waist: float
    waist_y: float
    hem: float
    length: float


def torso(look: Look, rng: random.Random, *, length: float) -> Torso:
    """The measures of a top for a fit."""
    width = FIT_WIDTH[look.fit or "regular"] * rng.uniform(0.97, 1.03)
    bare = look.sleeve == "sleeveless"
    nip = {"slim": 0.86, "regular": 0.96, "loose": 1.0}[look.fit or "regular"]
    chest = 94 * width
    drop = 8 if look.fit == "loose" else 0
    return Torso(
        neck=rng.uniform(36, 41),
        shoulder=(74 if bare else 92 + drop) * (0.9 + 0.1 * width),
        slope=rng.uniform(17, 22) + drop * 0.6,
        armpit=(96 if bare else 102) + drop,
        chest=chest,
        waist=chest * nip,
        waist_y=length * 0.62,
        hem=chest * (nip + 1.03) / 2,
        length=length * {"slim": 0.98, "regular": 1, "loose": 1.04}[look.fit or "regular"],
    )


def front(t: Torso, neckline: Path, *, hem_drop: float = 6) -> Points:
    """Closed outline of a front; `neckline` runs from the middle of the neck to (t.neck, 0)."""
    path = neckline.quad((t.neck + t.shoulder) / 2, t.slope * 0.35, t.shoulder, t.slope)
    path.curve(t.shoulder - 5, t.slope + 30, t.chest - 14, t.armpit - 22, t.chest, t.armpit)
    middle = (t.armpit + t.waist_y) / 2
    path.curve(t.chest - 1, middle, t.waist, t.waist_y - 30, t.waist, t.waist_y)
    path.curve(t.waist, t.waist_y + 20, t.hem, t.length - 30, t.hem, t.length)
    path.curve(
        t.hem * 0.6, t.length + hem_drop, t.hem * 0.3, t.length + hem_drop, 0, t.length + hem_drop
    )
    return mirrored(path.points)


def scoop(t: Torso, depth: float) -> Path:
    """A round neckline."""
    return Path(0, depth).curve(t.neck * 0.62, depth, t.neck * 0.96, depth * 0.5, t.neck, 0)


def vee(t: Torso, depth: float) -> Path:
    """A pointed neckline."""
    return Path(0, depth).quad(t.neck * 0.72, depth * 0.36, t.neck, 0)


def back_of_neck(
    t: Torso, depth: float, *, paint: str = "inner", label: bool = True
) -> tuple[Part, ...]:
    """The inside of the back, seen through the neck opening."""
    half = Path(0, 9).curve(t.neck * 0.5, 9, t.neck * 0.9, 5, t.neck + 1, -1).line(t.neck + 5, 5)
    half.curve(t.neck, depth * 0.7, t.neck * 0.6, depth + 5, 0, depth + 6)
    seam = Path(-t.neck, 5).curve(-t.neck * 0.5, 17, t.neck * 0.5, 17, t.neck, 5).points
    parts = [Part(mirrored(half.points), paint, puff=0.1, folds=0.3, dim=0.9, lines=(Line(seam),))]
    if label and depth > 22:
        parts.append(Part(box(-8, 12, 8, 21, 1), "label", "matt", puff=0.1, folds=0, drop=0.4))
    return tuple(parts)


def sleeve(
    look: Look,
    t: Torso,
    rng: random.Random,
    *,
    paint: str = "main",
    cuff: str = "",
    wide: float = 1.0,
) -> tuple[Part, ...]:
    """Right sleeve with its cuff; lies under the front."""
    if look.sleeve == "sleeveless":
        return ()
    short = look.sleeve == "short"
    roomy = {"slim": 0.86, "regular": 1.0, "loose": 1.22}[look.fit or "regular"] * wide
    tilt = radians(rng.uniform(33, 40) if short else rng.uniform(13, 19))
    reach = rng.uniform(78, 90) if short else t.length * rng.uniform(0.84, 0.9)
    half = (33 if short else 22) * roomy
    sx, sy = t.shoulder - 4, t.slope + 1
    ux, uy = t.chest - 6, t.armpit + 3
    dx, dy = sin(tilt), cos(tilt)
    cx, cy = t.shoulder - 8 + 26 * cos(tilt) * 0.6 + dx * reach, t.slope + 30 + dy * reach * 0.94
    ox, oy = cx + dy * half, cy - dx * half
    ix, iy = cx - dy * half, cy + dx * half
    ix = max(ix, t.chest + (10 if short else 6))
    bulge = 20 if short else 30
    path = Path(sx - 24, sy + 6).line(sx, sy)
    path.curve(sx + bulge, sy + 8, ox - dx * reach * 0.45 + 6, oy - dy * reach * 0.45, ox, oy)
    path.quad((ox + ix) / 2 + dx * 5, (oy + iy) / 2 + dy * 5, ix, iy)
    path.curve(ix - dx * reach * 0.3, iy - dy * reach * 0.3, ux + 8, uy + 26, ux, uy).line(
        ux - 26, uy - 6
    )
    lines: list[Line] = []
    if not short:
        ex, ey = (ux + ix) / 2, (uy + iy) / 2  # inner elbow
        for step, span in ((-20, 30), (2, 42), (24, 32)):
            at = ey + step * rng.uniform(0.8, 1.2)
            lines.append(
                Line(
                    Path(ex - 6, at)
                    .quad(ex + span * 0.5, at - 4, ex + span, at - rng.uniform(6, 24))
                    .points,
                    "crease",
                    rng.uniform(3, 6),
                    strength=rng.uniform(0.4, 0.8),
                )
            )
    lines.append(
        Line(
            Path(ux - 6, uy + 4).quad(ux + 14, uy - 12, ux + 30, uy - 42).points,
            "crease",
            5,
            strength=0.6,
        )
    )
    body = Part(path.points, paint, angle=-tilt, puff=0.75, lines=tuple(lines), drop=0.3)
    if cuff:
        deep = 17 if cuff == "rib" else 20
        lip = 0.92 if cuff == "rib" else 1.06
        outer = polygon(
            (cx + dy * half * lip - dx * deep, cy - dx * half * lip - dy * deep),
            (cx + dy * half * lip, cy - dx * half * lip),
            (cx - dy * half * lip, cy + dx * half * lip),
            (cx - dy * half * lip - dx * deep, cy + dx * half * lip - dy * deep),
        )
        end = Part(
            outer,
            "trim" if cuff == "rib" else paint,
            angle=-tilt,
            puff=0.5,
            folds=0.3,
            drop=0.55,
            rib=6 if cuff == "rib" else 0,
        )
        return body, end
    line = polygon((ox - dx * 9, oy - dy * 9), (ix - dx * 9, iy - dy * 9))
    return (replace(body, lines=(*lines, Line(line, "stitch", 1.5, "stitch", 0.7))),)


def sleeves(
    look: Look, t: Torso, rng: random.Random, *, cuff: str = "", wide: float = 1.0
) -> tuple[Part, ...]:
    """Both sleeves, each hanging a little differently."""
    right = sleeve(look, t, rng, cuff=cuff, wide=wide)
    left = sleeve(look, t, rng, cuff=cuff, wide=wide)
    return (*right, *(other_side(part) for part in left))


def body_creases(t: Torso, rng: random.Random) -> tuple[Line, ...]:
    """Soft valleys that run from the armpits and gather at the waist."""
    lines: list[Line] = []
    for side in (-1, 1):
        for _ in range(2):
            x, y = side * t.chest * 0.98, t.armpit + rng.uniform(-6, 10)
            ex, ey = side * t.chest * rng.uniform(0.35, 0.65), y + rng.uniform(24, 70)
            lines.append(
                Line(Path(x, y).quad((x + ex) / 2, y + 8, ex, ey).points, "crease", 6, strength=0.5)
            )
        x, y = side * t.waist, t.waist_y + rng.uniform(-18, 22)
        ex, ey = side * t.waist * rng.uniform(0.4, 0.7), y + rng.uniform(-12, 26)
        lines.append(
            Line(Path(x, y).quad((x + ex) / 2, y - 6, ex, ey).points, "crease", 6, strength=0.55)
        )
    return tuple(lines)


def armhole_seams(t: Torso) -> tuple[Line, ...]:
    """The seams where sleeves meet the front."""
    edge = Path(t.shoulder, t.slope).curve(
        t.shoulder - 5, t.slope + 30, t.chest - 14, t.armpit - 22, t.chest, t.armpit
    )
    return Line(edge.points, "seam", 2.2), Line(flip(edge.points), "seam", 2.2)


def neck_band(neckline: Points, width: float, *, paint: str = "trim", rib: float = 5) -> Part:
    """A binding along the neckline, both halves; the points run from the middle outwards."""
    whole = replace_ends(neckline)
    return Part(ribbon(whole, width), paint, puff=0.45, folds=0.1, drop=0.45, rib=rib)


def replace_ends(half: Points) -> Points:
    """A symmetric polyline from its right half, left end first, the middle point once."""
    left = flip(half)[:0:-1]
    return Path(float(left[0, 0]), float(left[0, 1])).join(left[1:]).join(half).points


def collar(
    t: Torso, *, paint: str = "main", depth: float = 34, spread: float = 30
) -> tuple[Part, ...]:
    """A shirt collar: the inside of the stand and two leaves."""
    n = t.neck
    inner = (
        Path(0, -13)
        .curve(n * 0.5, -14, n * 0.8, -12, n - 2, -6)
        .curve(n - 6, 10, n * 0.4, depth - 6, 0, depth)
    )
    leaf = Path(1, depth).curve(n * 0.36, depth - 6, n * 0.8, 8, n - 6, -14)
    leaf.curve(n + 1, -15, n + 8, -8, n + 12, 8).line(spread + 10, depth + 30).quad(
        spread - 12, depth + 16, 1, depth
    )
    edge = Path(n + 7, 8).line(spread + 8, depth + 23).quad(spread - 12, depth + 10, 5, depth + 1)
    seam = Path(-n + 4, -4).curve(-n * 0.4, 8, n * 0.4, 8, n - 4, -4).points
    return (
        Part(mirrored(inner.points), "inner", puff=0.1, folds=0.2, dim=0.95, lines=(Line(seam),)),
        *both(
            Part(
                leaf.points,
                paint,
                angle=-0.5,
                puff=0.5,
                folds=0.15,
                drop=1.0,
                lines=(Line(edge.points, "stitch", 1.4, "stitch", 0.8),),
            )
        ),
    )


def hem_stitch(t: Torso, *, up: float = 10) -> Line:
    """Stitching above the hem."""
    y = t.length - up
    path = Path(-t.hem, y).curve(-t.hem * 0.4, y + 7, t.hem * 0.4, y + 7, t.hem, y)
    return Line(path.points, "stitch", 1.4, "stitch", 0.7)


def chest_pocket(x: float, y: float, width: float = 44, deep: float = 50) -> Part:
    """A patch pocket with a pointed foot."""
    outline = (
        Path(x, y).line(x + width, y).line(x + width, y + deep - 8).line(x + width / 2, y + deep)
    )
    outline.line(x, y + deep - 8)
    inside = polygon((x + 3, y + 9), (x + width - 3, y + 9))
    rim = polygon(
        (x + 3, y + 2),
        (x + 3, y + deep - 10),
        (x + width / 2, y + deep - 3),
        (x + width - 3, y + deep - 10),
        (x + width - 3, y + 2),
    )
    return Part(
        outline.points,
        "main",
        puff=0.3,
        folds=0.6,
        drop=0.8,
        lines=(Line(inside, "seam", 1.4), Line(rim, "stitch", 1.4, "stitch", 0.8)),
    )


def hood(
    t: Torso, *, rise: float = 74, deep: float = 52, lining: str = "inner"
) -> tuple[Part, ...]:
    """A hood that stands behind the neck, open in front."""
    n = t.neck
    outer = (
        Path(0, -rise)
        .curve(n * 1.25, -rise - 2, n * 1.75, -24, n * 1.55, 16)
        .quad(n * 1.1, 40, 0, deep + 14)
    )
    opening = (
        Path(0, -rise + 16)
        .curve(n * 0.8, -rise + 14, n * 1.12, -34, n * 0.98, 2)
        .curve(n * 0.86, 22, n * 0.3, 40, 0, deep)
    )
    mouth = opening.points
    rim = Line(ribbon_edge(mouth, 1.12), "stitch", 1.4, "stitch", 0.7)
    seam = Path(0, -rise).curve(4, -rise + 6, 2, -rise + 12, 0, -rise + 16).points
    folds = tuple(
        Line(
            Path(s * n * 1.45, -6).quad(s * n * 1.2, -22, s * n * 0.98, -30).points,
            "crease",
            5,
            strength=0.6,
        )
        for s in (-1, 1)
    )
    inside = (
        Path(-n * 0.7, -rise + 34)
        .curve(-n * 0.3, -rise + 18, n * 0.3, -rise + 18, n * 0.7, -rise + 34)
        .points
    )
    return (
        Part(
            mirrored(outer.points), puff=1.0, folds=0.8, drop=0.7, lines=(rim, Line(seam), *folds)
        ),
        Part(
            mirrored(mouth), lining, puff=0.0, folds=0.4, drop=0.0, dim=0.8, lines=(Line(inside),)
        ),
        Part(ribbon(replace_ends(mouth[::-1]), 9), "plain", puff=0.6, folds=0.1, drop=0.7),
    )


def ribbon_edge(half: Points, grow: float) -> Points:
    """The whole outline of a symmetric opening, grown a little."""
    return mirrored(half) * grow


def cords(x: float, y: float, rng: random.Random) -> tuple[Part, ...]:
    """Two drawstrings of a hood."""
    parts: list[Part] = []
    for side in (-1, 1):
        end = y + rng.uniform(56, 74)
        spine = (
            Path(side * x, y)
            .curve(
                side * (x + 4),
                y + 20,
                side * (x - 2),
                end - 26,
                side * (x + rng.uniform(-3, 5)),
                end,
            )
            .points
        )
        parts.append(Part(ribbon(spine, 4.4), "lace", "matt", puff=0.3, folds=0, drop=0.9))
        tip = spine[-1]
        parts.append(
            Part(
                box(float(tip[0]) - 2.6, end - 2, float(tip[0]) + 2.6, end + 8, 1),
                "metal",
                "metal",
                puff=0.3,
                folds=0,
                drop=0.6,
            )
        )
    return tuple(parts)

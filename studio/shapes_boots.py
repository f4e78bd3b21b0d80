"""Boots in profile, toe to the right; the ground is y = 0, heights are negative."""

from __future__ import annotations

import random

import numpy as np

from vitrine.studio.look import Look
from vitrine.studio.parts import Garment, Line, Part, Path, along, box, polygon, ribbon
from vitrine.studio.shapes_feet import eyelets, lace


def _boot_sole(heel: float, *, chunky: bool = False) -> list[Part]:
    """Sole and heel block; the upper stands on y = -heel at the back."""
    front = 20 if chunky else 11
    if chunky:
        outline = (
            Path(-4, -34)
            .line(150, -32)
            .line(236, -27)
            .quad(252, -27, 252, -16)
            .line(247, 0)
            .line(112, 0)
            .line(106, -8)
            .line(84, -8)
            .line(80, 0)
            .line(0, 0)
        )
        tread = tuple(
            Line(polygon((x, -9), (x, 0)), "mark", 5, "tread", 1.0)
            for x in range(8, 246, 14)
            if not 76 < x < 114
        )
        welt = Line(polygon((0, -25), (150, -24), (247, -18)), "stitch", 1.8, "button", 0.9)
        return [
            Part(
                outline.points,
                "sole-dark",
                "rubber",
                puff=0.6,
                folds=0,
                drop=0.6,
                lines=(*tread, welt),
            )
        ]
    shank = (
        Path(-2, -heel)
        .line(70, -heel + 1)
        .curve(110, -heel + 4, 120, -front, 156, -front)
        .line(238, -front)
        .quad(247, -front, 245, -2)
    )
    shank.line(241, 0).line(150, 0).curve(116, 0, 96, -heel + 12, 66, -heel + 10).line(
        -2, -heel + 8
    )
    taper = 6 if heel > 40 else 1
    block = (
        Path(0, -heel + 2)
        .line(68, -heel + 3)
        .quad(60 - taper, -heel * 0.5, 58 - taper, 0)
        .line(4 + taper * 0.6, 0)
        .quad(2, -heel * 0.5, 0, -heel + 2)
    )
    return [
        Part(shank.points, "sole-dark", "rubber", puff=0.4, folds=0, drop=0.4),
        Part(
            block.points,
            "sole-dark",
            "gloss",
            puff=0.5,
            folds=0,
            drop=0.4,
            lines=(Line(polygon((2, -7), (60, -7)), "seam", 1.4),),
        ),
    ]


def boots(look: Look, rng: random.Random) -> Garment:
    """Ankle, Chelsea, knee and combat boots."""
    combat = look.variant == "combat"
    heel = {
        "ankle": rng.uniform(48, 62),
        "chelsea": 26.0,
        "knee": rng.uniform(30, 64),
        "combat": 30.0,
    }[look.variant]
    top = (
        -heel
        - {"ankle": 132.0, "chelsea": 136.0, "knee": 330.0, "combat": 186.0}[look.variant]
        + rng.uniform(-8, 8)
    )
    shaft = {"ankle": 104.0, "chelsea": 104.0, "knee": 118.0, "combat": 104.0}[look.variant]
    sole = 9.0 if not combat else 28.0
    back = -2.0 if look.variant != "knee" else -6.0
    instep_y = -heel - 78
    path = Path(0, -heel + 2).curve(-8, -heel - 40, 6, instep_y, back + 4, instep_y - 30)
    path.curve(back - 4, instep_y - 60, back - 2, top + 40, back, top)
    path.curve(
        back + shaft * 0.3,
        top + (7 if look.variant != "knee" else -3),
        back + shaft * 0.7,
        top + 7,
        back + shaft,
        top + 1,
    )
    path.curve(back + shaft, top + 40, back + shaft - 8, instep_y - 50, 104, instep_y - 10)
    path.curve(116, instep_y + 24, 146, -74, 182, -66).curve(224, -60, 246, -42, 243, -sole)
    path.line(150, -sole).curve(118, -sole, 108, -heel + 6, 70, -heel + 2)
    creases = [
        Line(
            Path(102, instep_y - 10 + 13 * i)
            .quad(76, instep_y + 2 + 12 * i, 50 - 8 * i, instep_y - 4 + 16 * i)
            .points,
            "crease",
            5,
            strength=rng.uniform(0.55, 0.9),
        )
        for i in range(3)
    ]
    if look.variant == "knee":
        creases += [
            Line(
                Path(back + 6 + 90 * (i % 2), top + 110 + 46 * i)
                .quad(50, top + 124 + 46 * i, 70 - 40 * (i % 2), top + 118 + 46 * i)
                .points,
                "crease",
                6,
                strength=0.5,
            )
            for i in range(4)
        ]
    seams = [
        Line(
            Path(30, -heel).curve(34, -heel - 30, 40, instep_y, 36, instep_y - 20).points,
            "seam",
            1.6,
        )
    ]
    inner = (
        Path(back + 2, top + 2)
        .curve(
            back + shaft * 0.3, top - 11, back + shaft * 0.7, top - 11, back + shaft - 2, top + 2
        )
        .curve(back + shaft * 0.7, top + 10, back + shaft * 0.3, top + 10, back + 2, top + 2)
    )
    parts: list[Part] = [Part(inner.points, "lining", "matt", puff=0.1, folds=0, dim=0.75)]
    if look.variant in ("chelsea", "combat"):
        x = back + 8 if look.variant == "chelsea" else back
        loop = (
            Path(x - 4, top + 22).curve(x - 12, top - 14, x + 10, top - 14, x + 6, top + 20).points
        )
        parts.append(Part(ribbon(loop, 6), "plain", puff=0.3, folds=0, drop=0.5))
    parts.append(Part(path.points, puff=1.2, folds=0.75, lines=(*creases, *seams), drop=0.6))
    match look.variant:
        case "chelsea":
            gore = (
                Path(34, top + 4)
                .line(82, top + 5)
                .curve(84, top + 40, 76, instep_y + 14, 62, instep_y + 22)
                .curve(46, instep_y + 12, 36, top + 40, 34, top + 4)
            )
            parts.append(Part(gore.points, "second", "matt", puff=0.3, folds=0.1, drop=0.5, rib=5))
        case "combat":
            tongue = (
                Path(back + shaft - 22, top + 30)
                .line(back + shaft - 12, top - 12)
                .quad(back + shaft, top - 18, back + shaft + 9, top - 8)
                .line(back + shaft + 4, top + 60)
            )
            parts.insert(1, Part(tongue.points, "plain", puff=0.4, folds=0.2))
            edge = (
                Path(back + shaft - 12, top + 8)
                .curve(back + shaft - 12, top + 60, 94, instep_y - 30, 108, instep_y + 10)
                .quad(124, instep_y + 36, 146, -72)
                .points
            )
            parts.append(Part(ribbon(edge - 5, 14), "plain", puff=0.4, folds=0.1, drop=0.5))
            rows = along(edge, 7)
            parts.extend(eyelets(edge + np.array([-16, 6], np.float32), 7))
            parts.extend(lace(x - 21, y + 8, -10, 24) for x, y in rows.tolist())
            cap = (
                Path(198, -sole)
                .curve(194, -44, 188, -58, 182, -66)
                .curve(224, -60, 246, -42, 243, -sole)
            )
            parts.append(
                Part(
                    cap.points,
                    "plain",
                    puff=0.8,
                    folds=0.2,
                    drop=0.5,
                    lines=(
                        Line(
                            Path(202, -sole).curve(198, -44, 193, -56, 187, -64).points,
                            "stitch",
                            1.4,
                            "stitch",
                        ),
                    ),
                )
            )
        case "knee":
            cuff = (
                Path(back, top)
                .curve(
                    back + shaft * 0.3, top - 3, back + shaft * 0.7, top + 7, back + shaft, top + 1
                )
                .line(back + shaft, top + 20)
            )
            cuff.curve(back + shaft * 0.7, top + 26, back + shaft * 0.3, top + 18, back, top + 18)
            parts.append(Part(cuff.points, "plain", puff=0.4, folds=0.2, drop=0.5))
            if rng.random() < 0.6:
                parts.extend(_ankle_strap(back, instep_y))
        case _:
            zip_points = Path(56, top + 4).curve(56, top + 50, 54, instep_y, 44, -heel - 8).points
            if rng.random() < 0.5:
                parts.append(
                    Part(
                        ribbon(zip_points, 6),
                        "tape",
                        "matt",
                        puff=0.2,
                        folds=0,
                        drop=0.5,
                        lines=(Line(zip_points, "stitch", 3.6, "metal"),),
                    )
                )
            else:
                parts.extend(_ankle_strap(back, instep_y - 8))
    parts.extend(_boot_sole(heel, chunky=combat))
    return Garment(tuple(parts), stands=True)


def _ankle_strap(back: float, y: float) -> tuple[Part, ...]:
    spine = Path(back + 3, y - 6).quad(52, y + 12, 108, y - 2).points
    strap = Part(ribbon(spine, 13), "plain", puff=0.4, folds=0.1, drop=0.9)
    buckle = Part(box(52, y - 6, 72, y + 14, 3), "metal", "metal", puff=0.4, folds=0, drop=0.9)
    hole = Part(box(57, y - 1, 67, y + 9, 2), "plain", puff=0.1, folds=0, drop=0)
    return strap, buckle, hole

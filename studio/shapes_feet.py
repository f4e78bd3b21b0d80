"""Sneakers in profile, toe to the right; the ground is y = 0, heights are negative."""

from __future__ import annotations

import random

import numpy as np

from vitrine.studio.look import Look
from vitrine.studio.parts import Garment, Line, Part, Path, Points, along, box, polygon, ribbon


def lace(x: float, y: float, lean: float, length: float) -> Part:
    """One bar of lacing."""
    spine = Path(x, y).quad(x + length * 0.4, y + lean * 0.75, x + length, y + lean).points
    return Part(ribbon(spine, 6.2), "lace", "matt", puff=0.45, folds=0, drop=1.0)


def eyelets(edge: Points, count: int) -> list[Part]:
    """Metal rings at equal steps along an edge."""
    return [
        Part(
            box(float(x) - 2.6, float(y) - 2.6, float(x) + 2.6, float(y) + 2.6, 2.6),
            "metal",
            "metal",
            puff=0.2,
            folds=0,
            drop=0.4,
        )
        for x, y in along(edge, count)
    ]


def _sole(look: Look, rng: random.Random) -> list[Part]:
    """A sneaker sole: rubber with a line, or a chunky runner sole."""
    if look.variant == "runner":
        outline = (
            Path(-8, -34)
            .curve(-16, -20, -12, -2, 4, 0)
            .line(236, 0)
            .curve(280, -1, 308, -14, 312, -30)
        )
        outline.curve(286, -24, 240, -26, 200, -27).curve(150, -30, 120, -36, 70, -36).quad(
            20, -40, -8, -34
        )
        groove = Path(-6, -20).curve(60, -26, 90, -10, 150, -14).quad(220, -14, 296, -18).points
        tread = Path(-4, -7).line(240, -7).quad(280, -8, 300, -14).points
        foam = Part(
            outline.points,
            "sole",
            "rubber",
            puff=0.8,
            folds=0,
            drop=0.7,
            lines=(Line(groove, "seam", 3.2), Line(tread, "mark", 8, "tread", 0.9)),
        )
        return [foam]
    thick = rng.uniform(24, 31)
    outline = (
        Path(-4, -thick)
        .line(294, -thick)
        .curve(306, -thick, 306, -4, 290, 0)
        .line(6, 0)
        .curve(-8, -2, -10, -thick + 4, -4, -thick)
    )
    stripe = Path(-4, -thick + 8).line(300, -thick + 8).points
    lines: tuple[Line, ...] = (Line(polygon((-4, -4), (296, -4)), "mark", 3.2, "tread", 0.8),)
    if rng.random() < 0.65:
        lines = (*lines, Line(stripe, "mark", 2.6, "trim", 0.9))
    toe = (
        Path(246, -thick - 6)
        .curve(280, -thick - 6, 300, -thick - 2, 302, -thick + 8)
        .line(246, -thick + 8)
    )
    parts = [Part(outline.points, "sole", "rubber", puff=0.8, folds=0, drop=0.7, lines=lines)]
    if look.variant == "high" or rng.random() < 0.3:
        parts.append(Part(toe.points, "sole", "rubber", puff=0.5, folds=0, drop=0.5))
    return parts


def sneakers(look: Look, rng: random.Random) -> Garment:
    """Low, high, running and slip-on sneakers."""
    high = look.variant == "high"
    slip = look.variant == "slip-on"
    top = {"low": -118.0, "high": -196.0, "runner": -126.0, "slip-on": -104.0}[
        look.variant
    ] + rng.uniform(-5, 5)
    tongue = top - (16 if high else 26 if not slip else 2)
    base = -22.0
    throat_x, throat_y = (208.0, -92.0) if not slip else (176.0, -98.0)
    toe_y = rng.uniform(-84, -74)
    mouth_x = 112.0 if not slip else 128.0
    heel = Path(4, base).curve(-8, base - 40, 10, top * 0.6, 6 if not high else 22, top)
    heel.curve(
        16 if not high else 34,
        top - 6,
        22 if not high else 46,
        top - 4,
        30 if not high else 56,
        top + 3,
    )
    dip = top + (14 if not high else 4)
    heel.curve(50, dip + 10, 84, dip + 8, mouth_x, top + 2)
    upper = heel.curve(
        mouth_x + 30,
        top + 14 if not high else top + 40,
        throat_x - 40,
        throat_y - 14,
        throat_x,
        throat_y,
    )
    upper.curve(
        throat_x + (48 if slip else 30), throat_y + (10 if slip else 4), 298, toe_y + 2, 297, base
    ).line(4, base)
    crease = tuple(
        Line(
            Path(throat_x + 4 + 12 * i, throat_y + 10 + 3 * i)
            .quad(throat_x + 10 * i, throat_y + 26, throat_x - 8 + 12 * i, base - 14)
            .points,
            "crease",
            4.5,
            strength=0.6,
        )
        for i in range(2)
    )
    side = Path(120, base - 6).curve(150, base - 20, 176, -70, mouth_x + 40, -96).points
    seam = (
        ()
        if slip
        else (Line(side, "seam", 1.8, strength=0.8), Line(side + 4, "stitch", 1.3, "stitch", 0.8))
    )
    parts: list[Part] = []
    inner = (
        Path(8 if not high else 26, top + 2)
        .curve(30, top - 12, mouth_x - 30, top - 16, mouth_x + 4, top - 6)
        .line(mouth_x + 10, top + 30)
        .line(20, top + 30)
    )
    if not slip:
        leaf = (
            Path(mouth_x - 24, top + 34)
            .line(mouth_x - 10, tongue + 4)
            .quad(mouth_x - 4, tongue - 6, mouth_x + 12, tongue)
        )
        leaf.quad(mouth_x + 20, tongue + 4, mouth_x + 26, tongue + 16).curve(
            mouth_x + 50, top + 30, throat_x - 30, throat_y - 18, throat_x + 4, throat_y - 1
        )
        leaf.line(throat_x - 20, throat_y + 30)
        parts.append(Part(inner.points, "lining", "matt", puff=0.2, folds=0, dim=0.8))
        parts.append(
            Part(
                leaf.points,
                "plain",
                puff=0.6,
                folds=0.3,
                drop=0.6,
                lines=(
                    Line(
                        polygon((mouth_x - 8, tongue + 10), (mouth_x + 22, tongue + 16)),
                        "stitch",
                        1.4,
                        "stitch",
                    ),
                ),
            )
        )
    else:
        parts.append(Part(inner.points, "lining", "matt", puff=0.2, folds=0, dim=0.8))
    parts.append(Part(upper.points, puff=1.1, folds=0.45, drop=0.6, lines=(*crease, *seam)))
    counter = (
        Path(4, base)
        .curve(-8, base - 40, 8, top * 0.62, 7 if not high else 14, top * 0.72)
        .curve(26, top * 0.7, 44, top * 0.45, 52, base)
    )
    if not slip or rng.random() < 0.5:
        parts.append(
            Part(
                counter.points,
                "second" if look.pattern == "plain" else "accent",
                puff=0.7,
                folds=0.2,
                drop=0.5,
                lines=(
                    Line(
                        Path(9, top * 0.66).curve(22, top * 0.64, 38, top * 0.42, 46, base).points,
                        "stitch",
                        1.3,
                        "stitch",
                    ),
                ),
            )
        )
    rim = Path(8 if not high else 24, top + 3).curve(
        16 if not high else 34,
        top - 2,
        22 if not high else 46,
        top,
        30 if not high else 56,
        top + 6,
    )
    rim.curve(50, dip + 13, 84, dip + 11, mouth_x, top + 6)
    parts.append(Part(ribbon(rim.points, 10), "plain", puff=0.6, folds=0.1, drop=0.4))
    if slip:
        gore = (
            Path(116, -93)
            .curve(132, -80, 142, -68, 146, -50)
            .line(176, -54)
            .curve(172, -70, 164, -84, 152, -95)
            .points
        )
        parts.append(Part(gore, "dark", "matt", puff=0.2, folds=0, drop=0.3, rib=5))
    else:
        front_edge = (
            Path(mouth_x + 2, top + 6)
            .curve(
                mouth_x + 30,
                top + 20 if not high else top + 46,
                throat_x - 40,
                throat_y - 8,
                throat_x - 4,
                throat_y + 3,
            )
            .points
        )
        parts.append(
            Part(
                ribbon(front_edge + np.array([-7, 9], np.float32), 24),
                "plain",
                puff=0.5,
                folds=0.1,
                drop=0.6,
            )
        )
        count = 7 if high else 5
        parts.extend(eyelets(front_edge + np.array([-12, 16], np.float32), count))
        rows = along(front_edge, count)
        for x, y in rows.tolist():
            parts.append(lace(x - 19, y + 20, -21, 29))
    if look.variant in ("low", "runner") and not slip:
        mark = (
            Path(92, base - 8)
            .curve(104, -62, 130, -74, 150, -80)
            .line(162, -72)
            .curve(140, -60, 122, -50, 116, base - 8)
        )
        kind = "lace" if look.color != "white" or look.pattern != "plain" else "second"
        if look.pattern == "plain" or look.variant == "runner":
            parts.append(Part(mark.points, kind, puff=0.25, folds=0.1, drop=0.4))
    if look.variant != "slip-on" and rng.random() < 0.5:
        cap = (
            Path(252, base)
            .curve(246, -44, 240, -56, 236, throat_y + 9)
            .curve(268, throat_y + 12, 290, toe_y + 14, 297, base)
        )
        parts.append(
            Part(
                cap.points,
                "plain" if look.pattern == "plain" else "accent",
                puff=0.7,
                folds=0.2,
                drop=0.5,
                lines=(
                    Line(
                        Path(256, base).curve(250, -44, 244, -56, 240, throat_y + 12).points,
                        "stitch",
                        1.3,
                        "stitch",
                    ),
                ),
            )
        )
    parts.extend(_sole(look, rng))
    return Garment(tuple(parts), stands=True)

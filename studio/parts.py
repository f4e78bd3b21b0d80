"""Pieces of a garment: outlines made of Bezier curves, and what each piece is painted with.

Garments are built in their own units (about 1 unit = 2 mm), x to the right, y down, the middle
of the body at x = 0. A garment is a list of parts, back to front.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, sin, tau
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating[Any]]
"""(n, 2) x, y."""

_STEPS = 14
_T = np.linspace(0, 1, _STEPS + 1, dtype=np.float32)[1:, None]
_BERNSTEIN = np.concatenate(
    [(1 - _T) ** 3, 3 * _T * (1 - _T) ** 2, 3 * _T**2 * (1 - _T), _T**3], axis=1
)  # (steps, 4)


class Path:
    """An outline drawn with a pen: straight lines and cubic Bezier curves, flattened as it goes."""

    def __init__(self, x: float, y: float) -> None:
        self._at = (x, y)
        self._runs: list[Points] = [np.array([[x, y]], np.float32)]

    def line(self, x: float, y: float) -> Self:
        """A straight line to (x, y)."""
        self._runs.append(np.array([[x, y]], np.float32))
        self._at = (x, y)
        return self

    def curve(self, ax: float, ay: float, bx: float, by: float, x: float, y: float) -> Self:
        """A cubic Bezier curve to (x, y) with control points a and b."""
        control = np.array([self._at, (ax, ay), (bx, by), (x, y)], np.float32)
        self._runs.append((_BERNSTEIN @ control).astype(np.float32))
        self._at = (x, y)
        return self

    def quad(self, cx: float, cy: float, x: float, y: float) -> Self:
        """A quadratic Bezier curve to (x, y) with control point c."""
        px, py = self._at
        return self.curve(
            px + (cx - px) * 2 / 3,
            py + (cy - py) * 2 / 3,
            x + (cx - x) * 2 / 3,
            y + (cy - y) * 2 / 3,
            x,
            y,
        )

    def join(self, points: Points) -> Self:
        """Appends ready points."""
        self._runs.append(points)
        self._at = (float(points[-1, 0]), float(points[-1, 1]))
        return self

    @property
    def points(self) -> Points:
        """The flattened outline, (n, 2)."""
        return np.concatenate(self._runs)


def polygon(*corners: tuple[float, float]) -> Points:
    """Points of a polyline or polygon."""
    return np.array(corners, np.float32)


def flip(points: Points) -> Points:
    """Mirror image about x = 0."""
    return points * np.array([-1, 1], np.float32)


def mirrored(half: Points) -> Points:
    """A closed symmetric outline from its right half, given from the upper to the lower middle."""
    return np.concatenate([half, flip(half)[::-1]])


def ellipse(cx: float, cy: float, rx: float, ry: float, count: int = 36) -> Points:
    """A closed ellipse."""
    angle = np.linspace(0, tau, count, endpoint=False, dtype=np.float32)
    return np.stack([cx + rx * np.cos(angle), cy + ry * np.sin(angle)], 1).astype(np.float32)


def box(x0: float, y0: float, x1: float, y1: float, corner: float = 0) -> Points:
    """A rectangle with rounded corners."""
    r = min(corner, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    if r <= 0:
        return polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    path = Path(x0 + r, y0).line(x1 - r, y0).quad(x1, y0, x1, y0 + r).line(x1, y1 - r)
    return (
        path.quad(x1, y1, x1 - r, y1)
        .line(x0 + r, y1)
        .quad(x0, y1, x0, y1 - r)
        .line(x0, y0 + r)
        .quad(x0, y0, x0 + r, y0)
        .points
    )


def ribbon(spine: Points, width: float, end_width: float | None = None) -> Points:
    """A closed strip of the given width along a polyline (straps, bindings, laces)."""
    step = np.gradient(spine, axis=0)
    normal = np.stack([-step[:, 1], step[:, 0]], 1)
    normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-6)[:, None]
    last = width if end_width is None else end_width
    half = np.linspace(width / 2, last / 2, len(spine), dtype=np.float32)[:, None]
    return np.concatenate([spine + normal * half, (spine - normal * half)[::-1]]).astype(np.float32)


def along(spine: Points, count: int) -> Points:
    """`count` points at equal steps of length along a polyline, ends included."""
    gaps = np.hypot(*np.diff(spine, axis=0).T)
    run = np.concatenate([[0], np.cumsum(gaps)])
    at = np.linspace(0, float(run[-1]), count)
    return np.stack([np.interp(at, run, spine[:, 0]), np.interp(at, run, spine[:, 1])], 1).astype(
        np.float32
    )


def turned(points: Points, angle: float, x: float = 0, y: float = 0) -> Points:
    """Points turned about (x, y) by an angle in radians, clockwise on screen."""
    matrix = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]], np.float32)
    origin = np.array([x, y], np.float32)
    return (points - origin) @ matrix + origin


@dataclass(frozen=True)
class Line:
    """Something drawn on a part: a seam, a row of stitches, a thread.

    Attributes:
        points: (n, 2).
        kind: "seam" (dark groove), "stitch" (dashed thread), "crease" (soft valley in the cloth)
            or "mark" (solid).
        width: in garment units.
        tint: paint name, for stitches and marks.
        strength: 0..1.
    """

    points: Points
    kind: str = "seam"
    width: float = 1.6
    tint: str = ""
    strength: float = 1.0


@dataclass(frozen=True)
class Fan:
    """Cloth that widens from one height to another; patterns and flutes follow it."""

    x: float
    y0: float
    half0: float
    y1: float
    half1: float
    bend: float = 0.0


@dataclass(frozen=True)
class Part:
    """One piece of a garment.

    Attributes:
        outline: closed outline, (n, 2).
        paint: "main" carries the pattern; any other name is a flat paint of the palette.
        finish: "" for the material of the garment, else a material or surface name.
        angle: how far the cloth is turned against the upright, radians, clockwise.
        puff: how round the piece is (0 flat, 1 a stuffed sleeve).
        folds: how strongly the cloth folds (1 as the material says).
        drop: how dark a shadow the piece throws on what lies under it.
        rib: period of knitted ribs in garment units, 0 for none.
        flutes: number of hanging folds across the piece (skirts).
        depth: strength of the flutes.
        crisp: flutes are pressed pleats.
        fan: widening of the cloth.
        dim: light that reaches the piece (insides are dark).
        lines: seams, stitches and creases on the piece.
    """

    outline: Points
    paint: str = "main"
    finish: str = ""
    angle: float = 0.0
    puff: float = 0.6
    folds: float = 1.0
    drop: float = 0.5
    rib: float = 0.0
    flutes: float = 0.0
    depth: float = 1.0
    crisp: bool = False
    fan: Fan | None = None
    dim: float = 1.0
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Garment:
    """Parts back to front, and whether the thing stands on a floor or lies against the backdrop."""

    parts: tuple[Part, ...]
    stands: bool = False


def both(part: Part) -> tuple[Part, Part]:
    """The part and its mirror image."""
    return part, other_side(part)


def other_side(part: Part) -> Part:
    """Mirror image of a part about x = 0."""
    fan = part.fan
    return replace(
        part,
        outline=flip(part.outline),
        angle=-part.angle,
        fan=None if fan is None else replace(fan, x=-fan.x),
        lines=tuple(replace(line, points=flip(line.points)) for line in part.lines),
    )


def button(x: float, y: float, radius: float = 4.6, paint: str = "button") -> Part:
    """A sewn button."""
    hole = radius * 0.32
    dots = tuple(
        Line(polygon((x + dx - 0.1, y + dy), (x + dx + 0.1, y + dy)), "mark", 1.3, "dark", 0.8)
        for dx, dy in ((-hole, -hole), (hole, hole))
    )
    return Part(
        ellipse(x, y, radius, radius, 20), paint, "gloss", puff=0.25, folds=0, drop=0.8, lines=dots
    )


def zipper(x: float, top: float, bottom: float) -> tuple[Part, ...]:
    """A closed metal zip with its pull."""
    teeth = Line(polygon((x, top), (x, bottom)), "stitch", 4.2, "metal", 1.0)
    tape = Part(
        box(x - 4.6, top, x + 4.6, bottom),
        "tape",
        "matt",
        puff=0.15,
        folds=0,
        drop=0.35,
        lines=(teeth,),
    )
    pull = Part(
        box(x - 2.6, top + 2, x + 2.6, top + 20, 2.5), "metal", "metal", puff=0.3, folds=0, drop=0.8
    )
    return tape, pull

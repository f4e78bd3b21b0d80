"""Paints parts onto a picture: silhouettes, relief shading, seams, shadows between layers."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin, tau
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw

from vitrine.studio.cloth import FINISHES, Field, Folds, hair, weave
from vitrine.studio.colour import Rgb
from vitrine.studio.parts import Line, Part, Points
from vitrine.studio.patterns import Print, paint


@dataclass(frozen=True)
class Frame:
    """Where a garment lies in the picture: pixel = turn(unit - centre) * scale + offset."""

    size: int
    scale: float
    angle: float
    centre: tuple[float, float]
    offset: tuple[float, float]

    def place(self, points: Points) -> Points:
        """Garment units to pixels, (n, 2)."""
        matrix = np.array(
            [[cos(self.angle), sin(self.angle)], [-sin(self.angle), cos(self.angle)]], np.float32
        )
        moved = (points - np.array(self.centre, np.float32)) @ matrix * np.float32(self.scale)
        return moved + np.array(self.offset, np.float32)


@dataclass(frozen=True)
class Light:
    """Direction towards the lamp (unit vector) and its strength."""

    x: float
    y: float
    z: float
    key: float


def blurred(field: Field, radius: float) -> Field:
    """Two box blurs in each direction; (h, w) in, (h, w) out, edges repeated."""
    r = max(1, round(radius))
    padded = np.pad(field, 2 * r, mode="edge")
    for axis in (0, 1):
        for _ in range(2):
            total = np.cumsum(padded, axis=axis, dtype=np.float32)
            if axis == 0:
                padded = (total[2 * r :] - np.concatenate([total[:1] * 0, total[: -2 * r - 1]])) / (
                    2 * r + 1
                )
            else:
                first = np.concatenate([total[:, :1] * 0, total[:, : -2 * r - 1]], 1)
                padded = (total[:, 2 * r :] - first) / (2 * r + 1)
    return padded


class Canvas:
    """One picture in the making: premultiplied colour and coverage of the garment."""

    def __init__(
        self,
        frame: Frame,
        light: Light,
        palette: dict[str, Rgb],
        print_: Print,
        material: str,
        rng: np.random.Generator,
    ) -> None:
        size = frame.size
        self.frame = frame
        self.light = light
        self.palette = palette
        self.print = print_
        self.material = material
        self.colour = np.zeros((size, size, 3), np.float32)
        self.cover = np.zeros((size, size), np.float32)
        self.folds = Folds(FINISHES[material], size, rng)
        self._over = 4 if size <= 160 else 3

    def add(self, part: Part) -> None:
        """Paints one part over what is there."""
        size = self.frame.size
        outline = self.frame.place(part.outline)
        margin = 0.035 * size
        low = np.floor(outline.min(0) - margin).astype(int)
        high = np.ceil(outline.max(0) + margin).astype(int)
        x0, y0 = (int(max(0, n)) for n in low)
        x1, y1 = (int(min(size, n)) for n in high)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        window = (slice(y0, y1), slice(x0, x1))
        corner = np.array([x0, y0], np.float32)
        alpha = self._filled(outline - corner, x1 - x0, y1 - y0)
        finish_name = part.finish or self.material
        finish = FINISHES[finish_name]
        if finish.fuzz and part.folds:
            soft = blurred(alpha, 0.004 * size)
            alpha = np.clip((soft - 0.5) * 2.6 + 0.5 + 0.42 * hair(size, window), 0, 1) * (
                soft > 0.06
            )
        self._shadow(alpha, window, part.drop)
        colour = self._shaded(part, alpha, window, corner)
        keep = (1 - alpha)[..., None]
        self.colour[window] = self.colour[window] * keep + colour * alpha[..., None]
        self.cover[window] = self.cover[window] * (1 - alpha) + alpha

    def _filled(self, outline: Points, width: int, height: int) -> Field:
        over = self._over
        mask = Pil.new("L", (width * over, height * over))
        ImageDraw.Draw(mask).polygon([tuple(p) for p in (outline * over).tolist()], fill=255)
        return np.asarray(mask.reduce(over), np.float32) / 255

    def _strokes(self, lines: list[Line], corner: Points, width: int, height: int) -> Field:
        """Coverage of lines, (height, width)."""
        over = self._over
        mask = Pil.new("L", (width * over, height * over))
        pen = ImageDraw.Draw(mask)
        for line in lines:
            points = (self.frame.place(line.points) - corner) * over
            thick = max(1, round(line.width * self.frame.scale * over))
            level = round(255 * line.strength)
            if line.kind == "stitch":
                for start, end in _dashes(points, 0.0125 * self.frame.size * over):
                    pen.line([*start, *end], fill=level, width=thick)
            else:
                pen.line(
                    [tuple(p) for p in points.tolist()], fill=level, width=thick, joint="curve"
                )
        return np.asarray(mask.reduce(over), np.float32) / 255

    def _shadow(self, alpha: Field, window: tuple[slice, slice], drop: float) -> None:
        if not drop or not self.cover[window].any():
            return
        size = self.frame.size
        soft = blurred(alpha, 0.011 * size)
        dx = round(-self.light.x * 0.012 * size)
        dy = round(max(0.3, -self.light.y) * 0.014 * size)
        soft = np.roll(soft, (dy, dx), (0, 1))
        self.colour[window] *= (1 - 0.62 * drop * soft)[..., None]

    def _cloth_axes(self, part: Part, window: tuple[slice, slice]) -> tuple[Field, Field]:
        """Cloth coordinates u, v of a part's pixels, frame units."""
        frame, size = self.frame, self.frame.size
        ys, xs = window
        x = (np.arange(xs.start, xs.stop, dtype=np.float32)[None, :] + 0.5 - frame.offset[0]) / size
        y = (np.arange(ys.start, ys.stop, dtype=np.float32)[:, None] + 0.5 - frame.offset[1]) / size
        angle = frame.angle + part.angle
        u = x * np.float32(cos(angle)) + y * np.float32(sin(angle))
        v = y * np.float32(cos(angle)) - x * np.float32(sin(angle))
        return u, v

    def _shaded(
        self, part: Part, alpha: Field, window: tuple[slice, slice], corner: Points
    ) -> NDArray[np.floating[Any]]:
        size, light = self.frame.size, self.light
        height_px, width_px = alpha.shape
        finish = FINISHES[part.finish or self.material]
        px = 1 / size
        u, v = self._cloth_axes(part, window)
        fan, across = part.fan, None
        if fan is not None:
            k = self.frame.scale / size
            cx, cy = self.frame.centre
            rise = np.clip((v / k + cy - fan.y0) / (fan.y1 - fan.y0), 0, 1)
            across = (u / k + cx - fan.x) / (fan.half0 + (fan.half1 - fan.half0) * rise)
            v = v - fan.bend * k * across * across * (0.3 + 0.7 * rise)
        # 1. relief: rounded edges, slow folds, flutes, creases
        rounded = np.clip(blurred(alpha, 0.017 * size) * 2 - 1, 0, 1)
        wide = np.clip(blurred(alpha, 0.05 * size) * 2 - 1, 0, 1)
        relief = part.puff * (0.012 * rounded * (2 - rounded) + 0.022 * wide * (2 - wide))
        folds = self.folds.height[window] * part.folds
        relief = relief + folds
        if part.flutes and across is not None and fan is not None:
            grow = np.clip(
                (v * size / self.frame.scale + self.frame.centre[1] - fan.y0) / (fan.y1 - fan.y0),
                0,
                1,
            )
            phase = (across * 0.5 + self.folds.drift[window] * 14 * (not part.crisp)) * part.flutes
            wave = (phase - np.floor(phase)) ** 1.5 if part.crisp else np.sin(phase * tau)
            relief = relief + part.depth * 0.0075 * wave * (
                0.55 + 0.45 * grow if part.crisp else grow
            )
        creases = [line for line in part.lines if line.kind == "crease"]
        if creases:
            valley = blurred(self._strokes(creases, corner, width_px, height_px), 0.008 * size)
            relief = relief - 0.019 * valley * (0.45 + finish.relief * 75)
        # 2. colour of the cloth
        drift = self.folds.drift[window] * min(part.folds, 1)
        if part.paint == "main":
            colour = paint(self.print, u + drift, v + drift * 0.8 + folds * 0.35, px)
        else:
            colour = np.empty((height_px, width_px, 3), np.float32)
            colour[:] = self.palette[part.paint]
        # 3. light
        gx = np.empty_like(relief)
        gy = np.empty_like(relief)
        gx[:, 1:-1] = (relief[:, 2:] - relief[:, :-2]) * (size / 2)
        gy[1:-1] = (relief[2:] - relief[:-2]) * (size / 2)
        gx[:, 0], gx[:, -1], gy[0], gy[-1] = 0, 0, 0, 0
        norm = 1 / np.sqrt(gx * gx + gy * gy + 1)
        facing = (light.z - gx * light.x - gy * light.y) * norm
        shade = 1 + finish.diffuse * (facing / light.z - 1) * 0.9
        shade = np.clip(shade, 0.36, 1.32) * light.key
        edge = np.clip(blurred(alpha, 0.006 * size) * 2 - 1, 0, 1)
        shade *= (0.76 + 0.24 * edge) * part.dim
        texture = weave(finish.weave, u, v, window, size) if not part.rib else None
        if part.rib:
            period = max(part.rib * self.frame.scale / size, 2.6 / size)
            shade *= 0.9 + 0.2 * np.abs(np.sin(u * (tau / 2 / period)))
        if texture is not None:
            shade *= texture
        if finish.weave == "twill":
            worn = np.clip(0.5 + folds * 90, 0, 1) * 0.13
            colour = colour + (0.86 - colour) * worn[..., None]
        seams = [line for line in part.lines if line.kind == "seam"]
        if seams:
            groove = self._strokes(seams, corner, width_px, height_px)
            shade *= 1 - 0.5 * groove
            shade[1:] += 0.1 * groove[:-1]
        lit = colour * shade[..., None]
        if finish.gloss or finish.sheen:
            hx, hy, hz = light.x / 2, light.y / 2, (light.z + 1) / 2
            long = (hx * hx + hy * hy + hz * hz) ** 0.5
            half = np.clip((hz - gx * hx - gy * hy) * norm / long, 0, 1)
            tilt = np.clip(
                (half - hz / long) / (1 - hz / long) * 1.02, 0, 1
            )  # 0 flat, 1 mirror direction
            shine = finish.gloss * tilt ** (finish.sharp / 6) * 0.62
            if finish.sheen:
                shine = shine + finish.sheen * (np.clip(facing / light.z, 0, 1.3) - 0.72)
            shine = shine * part.dim
            lit = lit + shine[..., None] * (0.35 * colour + 0.52)
        for tint in sorted({line.tint for line in part.lines if line.kind in ("stitch", "mark")}):
            drawn = [e for e in part.lines if e.tint == tint and e.kind in ("stitch", "mark")]
            cover = self._strokes(drawn, corner, width_px, height_px)[..., None]
            lit = lit + (np.array(self.palette[tint], np.float32) * shade[..., None] - lit) * cover
        return np.clip(lit, 0, 1)


def _dashes(points: Points, period: float) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Cuts a polyline into dashes, each with its two ends, in pixels."""
    gaps = np.hypot(*np.diff(points, axis=0).T)
    run = np.concatenate([[0], np.cumsum(gaps)])
    count = max(1, round(float(run[-1]) / period))
    starts = np.arange(count) * (run[-1] / count)
    ends = starts + 0.6 * run[-1] / count
    at = np.stack([starts, ends], 1)
    x = np.interp(at, run, points[:, 0]).tolist()
    y = np.interp(at, run, points[:, 1]).tolist()
    return [((xs[0], ys[0]), (xs[1], ys[1])) for xs, ys in zip(x, y, strict=True)]

"""How each material folds, shines and is woven.

A finish describes a surface; `weave` gives its fine texture, `Folds` the slow relief of
the lying cloth. Heights and lengths are in frame units: 1 is the width of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import tau
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

Field = NDArray[np.floating[Any]]
"""(h, w)."""


@dataclass(frozen=True)
class Finish:
    """A surface.

    Attributes:
        relief: height of the folds.
        ridge: 0 smooth folds .. 1 sharp creases.
        grid: fold cells down and across the picture.
        diffuse: how strongly slopes darken and lighten.
        gloss: strength of the highlights.
        sharp: exponent of the highlights.
        sheen: strength of the broad satin band.
        weave: name of the fine texture, "" for none.
        fuzz: raggedness of the outline.
    """

    relief: float = 0.004
    ridge: float = 0.2
    grid: tuple[int, int] = (4, 7)
    diffuse: float = 1.0
    gloss: float = 0.0
    sharp: float = 20.0
    sheen: float = 0.0
    weave: str = ""
    fuzz: float = 0.0


FINISHES: dict[str, Finish] = {
    "cotton": Finish(0.0062, 0.25, (4, 6), 0.95, weave="plain"),
    "denim": Finish(0.0058, 0.5, (5, 7), 1.0, weave="twill"),
    "wool": Finish(0.0045, 0.0, (3, 5), 0.9, weave="knit", fuzz=1.0),
    "leather": Finish(0.0085, 0.85, (5, 6), 1.05, gloss=0.75, sharp=26, sheen=0.16, weave="grain"),
    "linen": Finish(0.0068, 0.9, (8, 10), 1.0, weave="slub"),
    "silk": Finish(0.0135, 0.0, (3, 7), 0.9, gloss=0.34, sharp=7, sheen=0.3),
    "synthetic": Finish(0.0068, 0.95, (9, 7), 0.85, gloss=0.5, sharp=44, sheen=0.06),
    "matt": Finish(0.0, 0.0, (3, 3), 0.9),
    "gloss": Finish(0.0, 0.0, (3, 3), 1.0, gloss=0.55, sharp=18),
    "metal": Finish(0.0, 0.0, (3, 3), 1.2, gloss=0.9, sharp=14),
    "rubber": Finish(0.0, 0.0, (3, 3), 0.8, gloss=0.12, sharp=12),
}


def _upsampled(grid: Field, height: int, width: int) -> Field:
    picture = Pil.fromarray(grid, mode=None)
    return np.asarray(picture.resize((width, height), Pil.Resampling.BICUBIC), np.float32)


@lru_cache(maxsize=64)
def _fine(kind: str, size: int) -> Field:
    """Fixed fine noise over a whole picture, (size, size), about -1..1."""
    rows, columns, salt = {
        "grain": (110, 110, 1),
        "warp": (44, 230, 2),
        "weft": (230, 44, 3),
        "fleck": (150, 150, 4),
        "cloud": (14, 14, 5),
        "hair": (128, 128, 6),
    }[kind]
    grid = np.random.default_rng(salt).standard_normal((rows, columns)).astype(np.float32)
    return np.clip(_upsampled(grid, size, size), -2, 2) * 0.6


class Folds:
    """Slow relief of one garment: low-frequency noise, the same at every picture size."""

    def __init__(self, finish: Finish, size: int, rng: np.random.Generator) -> None:
        rows, columns = finish.grid
        coarse = rng.standard_normal((rows + 2, columns + 2)).astype(np.float32)
        detail = rng.standard_normal((rows * 2 + 3, columns * 2 + 3)).astype(np.float32)
        slow, quick = _upsampled(coarse, size, size), _upsampled(detail, size, size)
        smooth = slow * 0.75 + quick * 0.3
        sharp = (0.55 - np.abs(slow + 0.35 * quick)) * 1.1 + 0.28 * (0.5 - np.abs(quick))
        self.height: Field = finish.relief * (smooth * (1 - finish.ridge) + sharp * finish.ridge)
        self.drift: Field = slow * 0.0028
        """Sideways drift of the pattern, (size, size)."""


def weave(kind: str, u: Field, v: Field, window: tuple[slice, slice], size: int) -> Field | None:
    """Brightness of the fine texture around 1.

    Args:
        kind: texture name of a `Finish`.
        u: cloth coordinates across, (h, w).
        v: cloth coordinates down, (h, w).
        window: where the piece lies in the picture, for fixed noise.
        size: width of the picture in pixels.
    """
    match kind:
        case "twill":
            lines = np.sin((u + v * 0.8) * (tau / 0.0205))
            return (
                1
                + 0.085 * lines
                + 0.14 * np.maximum(_fine("fleck", size)[window], -0.4)
                + 0.08 * _fine("cloud", size)[window]
            )
        case "knit":
            column = u / 0.036
            lean = np.abs(column - np.floor(column) - 0.5)  # 0 in the middle of a rib, .5 between
            loops = np.sin((v / 0.024 - lean * 1.5) * tau)
            return 1.03 + 0.1 * loops - 0.30 * (lean * 2) ** 3 + 0.07 * _fine("hair", size)[window]
        case "slub":
            return 1 + 0.10 * _fine("warp", size)[window] + 0.10 * _fine("weft", size)[window]
        case "grain":
            return 1 + 0.085 * _fine("grain", size)[window]
        case "plain":
            return 1 + 0.035 * _fine("grain", size)[window]
        case _:
            return None


def hair(size: int, window: tuple[slice, slice]) -> Field:
    """Noise for woollen outlines, (h, w)."""
    return _fine("hair", size)[window]

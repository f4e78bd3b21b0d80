"""The colour words of the studio: base values, jitter that keeps the word true, contrast."""

from __future__ import annotations

import colorsys
from functools import cache

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[float, float, float]
"""Red, green, blue in 0..1 (sRGB)."""

COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (34, 34, 37),
    "white": (243, 242, 239),
    "grey": (138, 140, 143),
    "red": (208, 28, 38),
    "pink": (245, 140, 182),
    "orange": (245, 122, 20),
    "yellow": (250, 212, 36),
    "green": (40, 140, 54),
    "teal": (14, 162, 154),
    "blue": (46, 112, 226),
    "navy": (24, 38, 94),
    "purple": (122, 58, 166),
    "brown": (112, 70, 42),
    "beige": (218, 194, 154),
}
"""Colour word -> base value, 0..255 sRGB."""

_CONTRAST = 46.0  # least distance in CIE Lab between a ground and the colour printed on it


def rgb(word: str) -> Rgb:
    """Base value of a colour word, 0..1.

    Raises:
        KeyError: the word is not one of `COLOURS`.
    """
    red, green, blue = COLOURS[word]
    return red / 255, green / 255, blue / 255


def jittered(word: str, rng: np.random.Generator) -> Rgb:
    """The colour of one dye lot: near the base value, never near another word."""
    hue, saturation, value = colorsys.rgb_to_hsv(*rgb(word))
    near = rng.uniform(-1, 1, 3)
    neutral = word in ("black", "white", "grey")
    hue = (hue + 0.012 * near[0]) % 1.0
    saturation = min(1.0, saturation * (1 + (0.3 if neutral else 0.06) * near[1]))
    value = min(0.975, value * (1 + 0.05 * near[2]))
    return colorsys.hsv_to_rgb(hue, saturation, value)


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """Linear blend: share 0 gives the first colour, 1 the second."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def scaled(colour: Rgb, factor: float) -> Rgb:
    """The colour made darker (factor < 1) or lighter, kept within 0..1."""
    red, green, blue = (min(1.0, channel * factor) for channel in colour)
    return red, green, blue


def lab(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """CIE Lab (D65) of sRGB values.

    Args:
        colours: (..., 3), 0..1.

    Returns:
        (..., 3): L in 0..100, a and b about -128..127.
    """
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32
    )
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089], np.float32)
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)


def nearest_word(colour: Rgb) -> str:
    """The colour word nearest in CIE Lab."""
    words = list(COLOURS)
    table = lab(np.array([rgb(word) for word in words], np.float32))
    gap = ((table - lab(np.array(colour, np.float32))) ** 2).sum(-1)
    return words[int(gap.argmin())]


@cache
def contrasting(word: str) -> tuple[str, ...]:
    """Colour words that can be told from this one when printed on it."""
    words = list(COLOURS)
    table = lab(np.array([rgb(name) for name in words], np.float32))
    gap = np.sqrt(((table - table[words.index(word)]) ** 2).sum(-1))
    return tuple(name for name, far in zip(words, gap, strict=True) if far >= _CONTRAST)

"""What pictures show, read by the judge and by pixels, against what was asked for.

The judge shares nothing with the generator; the dominant colour is measured on pixels against the
pack's rgb values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack
from vitrine.core.ports import Encoder, Floats, Pixels
from vitrine.core.prompts import write_prompt
from vitrine.models.judge.model import Judge
from vitrine.models.quality.distances import unit


def read_figures(
    pictures: Sequence[Pixels],
    values: Sequence[Mapping[str, str]],
    judge: Judge,
    pack: DomainPack,
) -> dict[str, float]:
    """Share of pictures on which the judge reads the wanted value, by facet.

    `pixels_<facet>`: colours measured on pixels.
    """
    guesses = judge.read(np.stack(pictures))
    figures: dict[str, float] = {"n": float(len(pictures))}
    for facet in judge.vocabulary:
        pairs = [
            (guess[facet], value[facet])
            for guess, value in zip(guesses, values, strict=True)
            if facet in value
        ]
        if pairs:
            figures[facet] = round(sum(a == b for a, b in pairs) / len(pairs), 4)
    tint = colour_facet(pack)
    if tint is not None:
        hits = [
            value[tint] in dominant_colours(picture, pack, tint, _second(pack, tint, value))
            for picture, value in zip(pictures, values, strict=True)
            if tint in value
        ]
        figures[f"pixels_{tint}"] = round(sum(hits) / max(len(hits), 1), 4)
    return figures


def colour_facet(pack: DomainPack) -> str | None:
    """The facet whose values have rgb."""
    return next((f.name for f in pack.facets if any(v.rgb for v in f.values)), None)


def _second(pack: DomainPack, tint: str, values: Mapping[str, str]) -> int:
    """How many colours the thing has: 2 where a facet with colours of its own is present."""
    return 1 + any(f.values_from == tint and f.name in values for f in pack.facets)


def dominant_colours(picture: Pixels, pack: DomainPack, facet: str, count: int) -> list[str]:
    """The `count` colour names that most pixels of the thing are nearest to.

    The thing is what differs from the border of the picture. Nearness is in CIELAB, lightness
    counted half, since folds and light change it.
    """
    named = [(v.name, v.rgb) for f in pack.facets if f.name == facet for v in f.values if v.rgb]
    lab = _lab(picture.reshape(-1, 3))
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    background = np.median(_lab(edge), axis=0)
    away = np.linalg.norm(lab - background, axis=1)
    inner = lab[away > 8.0] if (away > 8.0).sum() > 100 else _middle(picture)
    goals = _lab(np.array([rgb for _, rgb in named], np.uint8))
    weights = np.array([0.5, 1.0, 1.0])
    gaps = np.linalg.norm((inner[:, None] - goals[None]) * weights, axis=2)
    votes = np.bincount(gaps.argmin(1), minlength=len(named))
    return [named[i][0] for i in np.argsort(-votes)[:count]]


def _middle(picture: Pixels) -> NDArray[np.float64]:
    side = picture.shape[0]
    return _lab(picture[side // 3 : -side // 3, side // 3 : -side // 3].reshape(-1, 3))


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIELAB (D65) of sRGB rows (n, 3)."""
    linear = rgb / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


def nearest_value(rows: Floats, encoder: Encoder, pack: DomainPack, facet: str) -> list[str]:
    """The value of a facet whose text is nearest to each embedding (n, d)."""
    known = pack.facet(facet)
    assert known is not None
    texts = encoder.encode_text([write_prompt(pack, {facet: v.name}) for v in known.values])
    cosines = unit(rows) @ unit(texts).T
    return [known.values[i].name for i in cosines.argmax(1)]

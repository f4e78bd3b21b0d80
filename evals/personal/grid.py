"""Pictures to look at: what people like beside what was made for them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from vitrine.core.ports import Pixels
from vitrine.evals.personal.drawn import DESIGNS, Shown, Studio, liked_pictures
from vitrine.evals.personal.stages import Stage

GRID = "designs.webp"
ROWS = 8
ABREAST = 4
"""Pictures of one kind beside each other, at most."""
SIDE = 96
MOST_BYTES = 150_000
COLUMNS = (DESIGNS, "centroid + noise, chosen, words")


def keep_pictures(
    folder: Path,
    stage: Stage,
    studio: Studio,
    people: Sequence[int],
    shown: Mapping[str, Shown],
    each: int,
) -> None:
    """Write the grid: a row a person; liked things, designs of the prior, of the centroid."""
    rows: list[list[Sequence[Pixels]]] = []
    few = min(each, ABREAST)
    for place, user in enumerate(people[:ROWS]):
        own = slice(place * each, place * each + few)
        rows.append(
            [liked_pictures(stage, studio, user, few)]
            + [shown[name].pictures[own] for name in COLUMNS]
        )
    (folder / GRID).write_bytes(webp(grid(rows, few), MOST_BYTES))


def grid(
    rows: Sequence[Sequence[Sequence[Pixels]]], each: int, *, side: int = SIDE, gap: int = 10
) -> Pixels:
    """Groups of at most `each` pictures beside each other, (height, width, 3); missing ones white."""
    groups = max(len(row) for row in rows)
    width = groups * each * side + (groups - 1) * gap
    canvas = np.full((len(rows) * side, width, 3), 255, np.uint8)
    for line, row in enumerate(rows):
        for number, group in enumerate(row):
            for column, picture in enumerate(group[:each]):
                left = number * (each * side + gap) + column * side
                small = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
                canvas[line * side : (line + 1) * side, left : left + side] = np.asarray(small)
    return canvas


def webp(picture: Pixels, most_bytes: int) -> bytes:
    """The picture as WebP, at the best quality that fits."""
    data = b""
    for quality in (85, 75, 65, 55, 45, 30, 15):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "WEBP", quality=quality, method=5)
        data = buffer.getvalue()
        if len(data) <= most_bytes:
            break
    return data

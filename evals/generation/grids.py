"""Pictures to look at: squares in rows and columns, one WebP a grid, with words kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from vitrine.core.ports import Pixels
from vitrine.evals.generation.report import Grid
from vitrine.evals.personal.grid import webp

SIDE, MARGIN = 104, 3
MOST_BYTES = 80_000
MOST_COLUMNS = 12


def keep_grid(
    folder: Path,
    name: str,
    title: str,
    about: str,
    rows: Sequence[tuple[str, Sequence[Pixels | None]]],
    columns: Sequence[str],
) -> Grid:
    """Write the grid beside the report.

    Args:
        folder: of the report.
        name: of the file, without its ending.
        title: what is shown.
        about: how to read it.
        rows: label and pictures of each row, as many as there are columns; None is left empty.
        columns: labels from the left.
    """
    tile = SIDE + 2 * MARGIN
    canvas = np.full((len(rows) * tile, len(columns) * tile, 3), 255, np.uint8)
    for line, (_, pictures) in enumerate(rows):
        for column, picture in zip(range(len(columns)), pictures, strict=True):
            if picture is None:
                continue
            small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            top, left = line * tile + MARGIN, column * tile + MARGIN
            canvas[top : top + SIDE, left : left + SIDE] = np.asarray(small)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.webp").write_bytes(webp(canvas, MOST_BYTES))
    return Grid(
        file=f"{name}.webp",
        title=title,
        about=about,
        rows=tuple(label for label, _ in rows),
        columns=tuple(columns),
    )

"""A tiny drawn world for the tests: squares and discs in three tones, captions, split."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

TONES = {"rust": (200, 60, 30), "moss": (60, 130, 60), "ink": (40, 50, 120)}
FORMS = ("square", "disc")


def draw(form: str, tone: str, size: int, shift: int) -> np.ndarray:
    """A form of a tone on a light ground, (size, size, 3) uint8."""
    picture = np.full((size, size, 3), 235, np.uint8)
    y, x = np.mgrid[:size, :size] - size // 2
    x = x - shift
    radius = size // 4
    inside = (abs(x) < radius) & (abs(y) < radius)
    if form == "disc":
        inside = x * x + y * y < radius * radius
    picture[inside] = TONES[tone]
    return picture


def write_world(folder: Path, *, count: int = 48, size: int = 32) -> Path:
    """A folder of drawings in the layout that `read_drawings` opens."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, pictures = [], []
    for i in range(count):
        form, tone = FORMS[i % 2], list(TONES)[(i // 2) % 3]
        pictures.append(draw(form, tone, size, i % 5 - 2))
        facets = {"form": [form], "tone": [tone]}
        if i % 3 == 0:
            facets["edge"] = ["soft"] if i % 2 else ["hard"]
        rows.append(
            {
                "index": i,
                "split": "heldout" if i % 8 == 7 else "train",
                "facets": facets,
                "captions": [f"a {tone} {form}", f"{form} in {tone}"],
            }
        )
    np.stack(pictures).tofile(folder / "pictures.bin")
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "manifest.jsonl").write_text(text)
    about = {
        "count": count,
        "size": size,
        "seed": 0,
        "manifest_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    (folder / "dataset.json").write_text(json.dumps(about))
    return folder


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The folder of a small drawn world."""
    return write_world(tmp_path / "world")

"""Image vectors of a catalogue: shipped in the pack, cached at home, or computed with progress."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vitrine.core.errors import RequestError
from vitrine.core.items import Item
from vitrine.core.places import home
from vitrine.core.ports import Encoder, Floats, OnStep, Pixels
from vitrine.memory.files import write_atomically

log = logging.getLogger(__name__)

FILE = "vectors.safetensors"
BATCH = 64


def pictures_key(folder: Path, items: Sequence[Item]) -> str:
    """Identity of the pictures of all items in order: ids, paths and file sizes, 64 hex digits."""
    digest = hashlib.sha256()
    for item in items:
        size = -1
        if item.picture is not None:
            try:
                size = (folder / item.picture).stat().st_size
            except FileNotFoundError:
                size = -1
        digest.update(json.dumps([item.id, item.picture, size]).encode())
    return digest.hexdigest()


def read_vectors(path: Path, space: str, key: str, rows: int) -> Floats | None:
    """The (rows, d) matrix of a file made by this encoder from these pictures, else None."""
    try:
        with cast(Any, safe_open)(path, framework="numpy") as opened:
            file: Any = opened
            meta: dict[str, str] = file.metadata() or {}
            if meta.get("space") != space or meta.get("pictures") != key:
                return None
            matrix = np.asarray(file.get_tensor("image"), dtype=np.float32)
    except FileNotFoundError:
        return None
    except (SafetensorError, OSError) as error:
        log.warning("vectors in %s cannot be read and are computed anew: %s", path, error)
        return None
    return matrix if matrix.ndim == 2 and len(matrix) == rows else None


def write_vectors(path: Path, matrix: Floats, space: str, key: str) -> None:
    """Store an (n, d) matrix as float16 with its identity, atomically."""
    meta = {"space": space, "pictures": key}
    write_atomically(path, save({"image": matrix.astype(np.float16)}, metadata=meta))


def read_item_picture(path: Path) -> Pixels:
    """Pixels of a catalogue picture, (h, w, 3).

    Raises:
        RequestError: the file is no readable picture.
    """
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"), dtype=np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RequestError(f"catalogue picture {path} cannot be read: {error}") from error


def compute_vectors(
    folder: Path, items: Sequence[Item], encoder: Encoder, on_step: OnStep | None = None
) -> Floats:
    """Raw image embeddings of all items, (n, d); a zero row for an item without a picture file."""
    matrix = np.zeros((len(items), encoder.dim), dtype=np.float32)
    present = [
        row for row, item in enumerate(items) if item.picture and (folder / item.picture).is_file()
    ]
    missing = sum(item.picture is not None for item in items) - len(present)
    if missing:
        log.warning("%d of %d items lack their picture file", missing, len(items))
    for start in range(0, len(present), BATCH):
        rows = present[start : start + BATCH]
        pictures = [read_item_picture(folder / str(items[row].picture)) for row in rows]
        matrix[rows] = encoder.encode_images(pictures)
        if on_step is not None:
            on_step(start + len(rows), len(present))
    return matrix


def catalogue_vectors(
    folder: Path, items: Sequence[Item], encoder: Encoder, on_step: OnStep | None = None
) -> Floats:
    """The items' vectors (n, d): from the pack, else from the cache, else computed and cached."""
    key = pictures_key(folder, items)
    cached = (
        home()
        / "cache"
        / "vectors"
        / f"{folder.name}-{key[:16]}-{_short(encoder.space)}.safetensors"
    )
    for path in (folder / FILE, cached):
        matrix = read_vectors(path, encoder.space, key, len(items))
        if matrix is not None and matrix.shape[1] == encoder.dim:
            return matrix
    matrix = compute_vectors(folder, items, encoder, on_step)
    write_vectors(cached, matrix, encoder.space, key)
    # What was just computed is rounded like what will be read back: the same order either way.
    return matrix.astype(np.float16).astype(np.float32)


def ship_vectors(
    folder: Path, items: Sequence[Item], encoder: Encoder, on_step: OnStep | None = None
) -> Path:
    """Compute the items' vectors and put them into the pack itself; the path of the file.

    Whoever opens the pack with the same encoder then computes nothing.

    Raises:
        RequestError: a picture is missing or cannot be read: a pack ships whole or not at all.
    """
    missing = [item.id for item in items if item.picture and not (folder / item.picture).is_file()]
    if missing:
        raise RequestError(
            f"{len(missing)} pictures of {str(folder)!r} are missing, the first that of item"
            f" {missing[0]!r}: build the pack first"
        )
    path = folder / FILE
    matrix = compute_vectors(folder, items, encoder, on_step)
    write_vectors(path, matrix, encoder.space, pictures_key(folder, items))
    return path


def _short(space: str) -> str:
    return hashlib.sha256(space.encode()).hexdigest()[:12]

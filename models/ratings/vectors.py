"""Embeddings of the items: out of a file, of their pictures, or of the words of their titles."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from safetensors import SafetensorError, safe_open

from vitrine.core.errors import RequestError
from vitrine.core.ports import Encoder, Floats
from vitrine.models.ratings.door import SHOWN, Tally, lines

log = logging.getLogger(__name__)

MAX_VALUES = 4_000_000_000
"""Numbers in the largest table of embeddings that is read."""
MAX_DIM = 8192
MAX_PICTURE_BYTES = 20 * 2**20
MAX_PICTURE_PIXELS = 40_000_000
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
BATCH = 64
WORDS_DIM = 64
"""Dimensions of embeddings made of titles."""


@dataclass(frozen=True)
class Vectors:
    """Embeddings (n, d) in a named space, by row; captions (n, C, d) in the same space, C may be 0.

    The words of an item can only be embedded by the encoder that saw its picture.
    """

    space: str
    names: tuple[str, ...]
    images: Floats
    captions: Floats


def from_file(path: Path, wanted: Sequence[str], ids: Path | None, space: str | None) -> Vectors:
    """Rows of an .npy or .safetensors file (tensor `images`, or the only one) for the wanted items.

    Args:
        ids: a text file with the item of each row, line by line; without it the file `X.ids.txt`
            beside `X.npy`, else the metadata entry `ids` (JSON) of a safetensors file.
        space: name of the encoder; otherwise by the metadata, else by the file's own hash.

    Raises:
        RequestError: the file is damaged, too large, of another shape, or has no ids.
    """
    if path.suffix == ".npy":
        table, meta = _npy(path), {}
    elif path.suffix == ".safetensors":
        table, meta = _safetensors(path)
    else:
        raise RequestError(f"{path.name}: expected an .npy or .safetensors file")
    if ids is None and path.with_suffix(".ids.txt").is_file():
        ids = path.with_suffix(".ids.txt")
    if ids is not None:
        tally = Tally(ids, 0.0)
        names = [text.strip() for _, text in lines(ids, tally)]
        tally.close()
    elif "ids" in meta:
        names = [str(name) for name in json.loads(meta["ids"])]
    else:
        raise RequestError(
            f"{path.name}: which item is which row? give --ids FILE, one item a line"
        )
    if len(names) != len(table):
        raise RequestError(f"{path.name} has {len(table)} rows, but there are {len(names)} ids")
    row = {name: place for place, name in enumerate(names)}
    if len(row) != len(names):
        raise RequestError(f"{path.name}: some ids stand twice")
    kept = tuple(name for name in wanted if name in row)
    images = np.asarray(table[[row[name] for name in kept]], np.float32)
    bad = np.flatnonzero(~np.isfinite(images).all(axis=1))
    if len(bad):
        raise RequestError(f"{path.name}: the row of {kept[int(bad[0])]!r} is not finite")
    called = space or meta.get("space") or f"file:{_digest(path)}"
    return Vectors(called, kept, images, np.zeros((len(kept), 0, images.shape[1]), np.float32))


def _npy(path: Path) -> NDArray[np.generic]:
    try:
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise RequestError(f"{path.name} is no readable .npy file: {error}") from error
    _check(path, table.shape, table.dtype.kind)
    return table


def _safetensors(path: Path) -> tuple[NDArray[np.generic], Mapping[str, str]]:
    try:
        with safe_open(path, framework="numpy") as file:
            names: list[str] = list(file.keys())
            name = "images" if "images" in names else names[0]
            if name != "images" and len(names) > 1:
                raise RequestError(f"{path.name}: no tensor 'images' among {', '.join(names)}")
            shape = tuple(file.get_slice(name).get_shape())
            kind = "f" if "F" in file.get_slice(name).get_dtype() else "?"
            _check(path, shape, kind)
            return file.get_tensor(name), file.metadata() or {}
    except (OSError, SafetensorError, IndexError) as error:
        raise RequestError(f"{path.name} is no readable safetensors file: {error}") from error


def _check(path: Path, shape: tuple[int, ...], kind: str) -> None:
    if len(shape) != 2 or kind != "f" or not shape[0] or not 0 < shape[1] <= MAX_DIM:
        raise RequestError(f"{path.name}: expected floats of shape (items, d), got {shape!r}")
    if shape[0] * shape[1] > MAX_VALUES:
        raise RequestError(f"{path.name}: {shape!r} is too large")


def from_pictures(
    folder: Path, wanted: Sequence[str], titles: Mapping[str, str], encoder: Encoder
) -> Vectors:
    """Embeddings of `<item>.jpg` (.png, .webp) anywhere in a folder, and of the titles if all have one.

    An item may also be named like its file. Pictures that cannot be read are counted and left out.

    Raises:
        RequestError: the folder is missing, or no picture of it can be used.
    """
    if not folder.is_dir():
        raise RequestError(f"{str(folder)!r} is no folder of pictures")
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in ENDINGS and path.is_file():
            files.setdefault(path.stem, path)
            files[path.name] = path
    found = [(files[name].name, name, files[name]) for name in wanted if name in files]
    return see_pictures(folder, found, titles, encoder)


def see_pictures(
    source: Path,
    found: Iterable[tuple[str, str, Path | bytes]],
    titles: Mapping[str, str],
    encoder: Encoder,
) -> Vectors:
    """Embeddings of pictures as they come: (place, item, file or its bytes).

    Pictures that cannot be read are counted with their place and left out.

    Args:
        source: where they come from, for messages.
        titles: words of items; embedded where every item that is left has some.

    Raises:
        RequestError: no picture can be used.
    """
    tally = Tally(source, 1.0)
    kept: list[str] = []
    rows: list[Floats] = []
    part: list[tuple[str, NDArray[np.uint8]]] = []

    def see() -> None:
        if part:
            rows.append(encoder.encode_images([picture for _, picture in part]))
            kept.extend(name for name, _ in part)
            part.clear()

    for place, name, picture in found:
        tally.rows += 1
        try:
            part.append((name, read_picture(picture)))
        except RequestError as error:
            tally.refuse(place, str(error))
        if len(part) == BATCH:
            see()
        if tally.rows % (20 * BATCH) == 0:
            log.info("pictures: %d", tally.rows)
    see()
    if not kept:
        raise RequestError(f"{str(source)!r} has no readable picture of any rated item")
    tally.close()
    images = np.concatenate(rows).astype(np.float32)
    captions = np.zeros((len(kept), 0, images.shape[1]), np.float32)
    if all(titles.get(name) for name in kept):
        texts = [encoder.encode_text(list(part)) for part in _parts([titles[n] for n in kept])]
        captions = np.concatenate(texts).astype(np.float32)[:, None]
    return Vectors(encoder.space, tuple(kept), images, captions)


def read_picture(source: Path | bytes) -> NDArray[np.uint8]:
    """Pixels (h, w, 3) of a picture file or of its bytes, turned upright; transparent parts stand on white.

    Raises:
        RequestError: it is too large, damaged, or no picture.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > MAX_PICTURE_BYTES:
        raise RequestError(f"more than {MAX_PICTURE_BYTES // 2**20} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            file = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(file, formats=("PNG", "JPEG", "WEBP")) as picture:
                if picture.width * picture.height > MAX_PICTURE_PIXELS:
                    raise RequestError(f"more than {MAX_PICTURE_PIXELS // 10**6} megapixels")
                seen = ImageOps.exif_transpose(picture).convert("RGBA")
                ground = Image.new("RGBA", seen.size, "white")
                return np.asarray(Image.alpha_composite(ground, seen).convert("RGB"), np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RequestError(f"no readable picture ({type(error).__name__})") from error


def from_titles(wanted: Sequence[str], titles: Mapping[str, str], dim: int = WORDS_DIM) -> Vectors:
    """Embeddings of titles: weighted counts of their words, reduced by singular values to `dim`.

    They know nothing but which words stand together; there is no picture behind them. All titles
    that are known take part, whoever rated them.

    Raises:
        RequestError: too few titles.
    """
    kept = tuple(name for name in wanted if titles.get(name))
    if len(kept) < 2:
        raise RequestError("--titles: the items have no titles")
    words = [sorted(set(re.findall(r"\w+", titles[name].lower()))) for name in kept]
    counts: dict[str, int] = {}
    for each in words:
        for word in each:
            counts[word] = counts.get(word, 0) + 1
    common = sorted(word for word, count in counts.items() if count > 1)
    column = {word: place for place, word in enumerate(common)}
    if not column:
        raise RequestError("--titles: no word stands in two titles")
    weight = np.log(len(kept) / np.array([counts[word] for word in common]))
    # Random projections find the subspace; the counts themselves are never written out in full.
    rng = np.random.default_rng(0)
    size = min(dim, len(column), len(kept))
    basis = rng.standard_normal((len(column), min(size + 16, len(column))))
    rows = [np.array([column[w] for w in each if w in column], np.int64) for each in words]
    norm = np.array([max(float(np.linalg.norm(weight[r])), 1e-9) for r in rows])

    def times(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack(
            [(weight[r, None] * matrix[r]).sum(0) / n for r, n in zip(rows, norm, strict=True)]
        )

    def back(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.zeros((len(column), matrix.shape[1]))
        for r, n, line in zip(rows, norm, matrix, strict=True):
            out[r] += weight[r, None] * line / n
        return out

    for _ in range(4):
        basis, _ = np.linalg.qr(back(times(basis)))
    left, values, _ = np.linalg.svd(times(basis), full_matrices=False)
    images = (left * values)[:, :size].astype(np.float32)
    space = f"titles:{hashlib.sha256(json.dumps([kept, words]).encode()).hexdigest()[:16]}"
    return Vectors(space, kept, images, np.zeros((len(kept), 0, size), np.float32))


def report_missing(wanted: Sequence[str], vectors: Vectors) -> int:
    """Tell how many rated items have no embedding; the number of them."""
    known = set(vectors.names)
    missing = [name for name in wanted if name not in known]
    if missing:
        shown = ", ".join(missing[:SHOWN])
        log.info("%d of %d items have no embedding: %s%s", len(missing), len(wanted), shown,
                 " ..." if len(missing) > SHOWN else "")  # fmt: skip
    return len(missing)


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()[:16]

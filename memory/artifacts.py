"""Pictures and embeddings that were made or received, by content address.

`<root>/images/ab/<hex>.png` and `<root>/embeddings/ab/<hex>.safetensors`; the key is the SHA-256 of
the file, so equal things are stored once and damage is noticed. Writes are atomic.
"""

import hashlib
import io
import json
import logging
import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from vitrine.core.errors import RequestError, ToolError
from vitrine.core.ports import Floats, Pixels
from vitrine.core.refs import EmbeddingRef, ImageRef
from vitrine.memory.files import write_atomically

log = logging.getLogger(__name__)

MAX_PICTURE_BYTES = 20 * 1024 * 1024
MAX_PICTURE_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
KEPT_MATRICES = 64  # embedding matrices held in memory


def read_picture(data: bytes) -> Pixels:
    """Pixels (height, width, 3) of a picture from outside, turned upright, without metadata.

    The name and the declared type are ignored: what counts is what decodes.

    Raises:
        RequestError: empty, over 20 MB, over 40 megapixels, not a PNG, JPEG or WebP, or damaged.
    """
    if not data:
        raise RequestError("the picture is empty: expected a PNG, JPEG or WebP file")
    if len(data) > MAX_PICTURE_BYTES:
        raise RequestError(
            f"the picture has {len(data) / 1e6:.1f} MB: expected at most"
            f" {MAX_PICTURE_BYTES // 2**20} MB"
        )
    try:
        with warnings.catch_warnings():
            # Our own bound comes right below; Pillow's warning would only repeat it.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            with picture:
                width, height = picture.size
                if width * height > MAX_PICTURE_PIXELS:
                    raise RequestError(
                        f"the picture is {width} x {height}: expected at most"
                        f" {MAX_PICTURE_PIXELS // 1_000_000} megapixels"
                    )
                return _flat(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError:
        raise RequestError("the file is not a picture: expected a PNG, JPEG or WebP file") from None
    except Image.DecompressionBombError:
        raise RequestError(
            "the picture is too large: expected at most"
            f" {MAX_PICTURE_PIXELS // 1_000_000} megapixels"
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, OverflowError) as error:
        log.debug("picture refused: %r", error)
        raise RequestError(
            "the picture is damaged: expected a whole PNG, JPEG or WebP file"
        ) from error


def _flat(picture: Image.Image) -> Pixels:
    """RGB pixels; transparent parts stand on white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(ground, rgba)
    return np.array(picture.convert("RGB"), dtype=np.uint8)


class ArtifactStore:
    """Implements `core.ports.Artifacts` on a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._matrices: OrderedDict[str, tuple[Floats, str]] = OrderedDict()
        self._lock = threading.Lock()

    def put_image(self, pixels: Pixels) -> ImageRef:
        """Store a picture as PNG.

        Raises:
            SetupError: the disk refuses.
        """
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format="PNG", compress_level=4)
        data = buffer.getvalue()
        key = _key(data)
        path = self._path(key, "images", "png")
        if not path.is_file():
            write_atomically(path, data)
        return ImageRef(key=key, width=pixels.shape[1], height=pixels.shape[0])

    def get_image(self, ref: ImageRef) -> Pixels:
        """The picture, (height, width, 3).

        Raises:
            ToolError: it is gone or damaged.
        """
        data = self._read(ref.key, "images", "png")
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            return np.array(picture.convert("RGB"), dtype=np.uint8)

    def image_path(self, ref: ImageRef) -> str:
        """Absolute path of the PNG."""
        return str(self._path(ref.key, "images", "png").resolve())

    def put_embeddings(self, rows: Floats, space: str) -> tuple[EmbeddingRef, ...]:
        """Store an (n, d) matrix; one reference a row.

        Raises:
            SetupError: the disk refuses.
        """
        if rows.ndim != 2:
            raise ValueError(f"expected a matrix (n, d), got shape {rows.shape!r}")
        if not len(rows):
            return ()
        matrix = np.ascontiguousarray(rows, dtype=np.float32)
        data = save({"rows": matrix}, metadata={"space": space})
        key = _key(data)
        path = self._path(key, "embeddings", "safetensors")
        if not path.is_file():
            write_atomically(path, data)
        self._remember(key, matrix, space)
        dim = matrix.shape[1]
        return tuple(EmbeddingRef(key=key, row=i, dim=dim, space=space) for i in range(len(matrix)))

    def get_embedding(self, ref: EmbeddingRef) -> Floats:
        """The embedding, (d,).

        Raises:
            ToolError: it is gone or damaged, or the reference does not fit what is stored.
        """
        with self._lock:
            known = self._matrices.get(ref.key)
            if known is not None:
                self._matrices.move_to_end(ref.key)
        if known is None:
            known = self._load(ref.key)
            self._remember(ref.key, *known)
        matrix, space = known
        if space != ref.space or ref.row >= len(matrix) or ref.dim != matrix.shape[1]:
            raise ToolError(f"embedding {ref.key[:19]} row {ref.row} does not fit what is stored")
        return matrix[ref.row].copy()

    def keys(self) -> Iterator[str]:
        """Keys of everything stored."""
        for path in self._root.glob("*/*/*"):
            if path.suffix in (".png", ".safetensors"):
                yield f"sha256:{path.stem}"

    def untouched(self, seconds: float) -> Iterator[str]:
        """Keys of what was stored at least so long ago."""
        limit = time.time() - seconds
        for path in self._root.glob("*/*/*"):
            if path.suffix in (".png", ".safetensors") and path.stat().st_mtime <= limit:
                yield f"sha256:{path.stem}"

    def remove(self, keys: Iterable[str]) -> int:
        """Delete what is stored under the keys; how many files went."""
        count = 0
        for key in keys:
            with self._lock:
                self._matrices.pop(key, None)
            for kind, suffix in (("images", "png"), ("embeddings", "safetensors")):
                path = self._path(key, kind, suffix)
                if path.is_file():
                    path.unlink()
                    count += 1
        return count

    def _path(self, key: str, kind: str, suffix: str) -> Path:
        digest = key.removeprefix("sha256:")
        return self._root / kind / digest[:2] / f"{digest}.{suffix}"

    def _read(self, key: str, kind: str, suffix: str) -> bytes:
        path = self._path(key, kind, suffix)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ToolError(f"{kind[:-1]} {key[:19]} is no longer stored") from None
        if _key(data) != key:
            raise ToolError(f"{kind[:-1]} {key[:19]} is damaged: {path} does not fit its name")
        return data

    def _load(self, key: str) -> tuple[Floats, str]:
        data = self._read(key, "embeddings", "safetensors")
        try:
            matrix = load(data)["rows"]
            header = int.from_bytes(data[:8], "little")
            meta = _metadata(data[8 : 8 + header])
        except (SafetensorError, KeyError, ValueError) as error:
            raise ToolError(f"embedding {key[:19]} is damaged") from error
        return np.asarray(matrix, dtype=np.float32), meta

    def _remember(self, key: str, matrix: Floats, space: str) -> None:
        with self._lock:
            self._matrices[key] = (matrix, space)
            self._matrices.move_to_end(key)
            while len(self._matrices) > KEPT_MATRICES:
                self._matrices.popitem(last=False)


def _metadata(header: bytes) -> str:
    """The `space` of a safetensors header (length-prefixed JSON, by its published format)."""
    return str(json.loads(header)["__metadata__"]["space"])


def _key(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"

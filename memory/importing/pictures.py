"""Pictures of an imported shop: found in one folder, checked, made small, or left out and counted."""

import warnings
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from PIL import Image, ImageOps

MAX_FILE_BYTES = 40 * 1024**2
MAX_PIXELS = 60_000_000
SIDE = 512
QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")


class PictureDesk:
    """Copies the pictures that rows name from one folder into a pack.

    Nothing is fetched: of an address only the file's name is looked for. Nothing outside the folder
    is read. Every picture is decoded within bounds and written anew, so that nothing but pixels
    gets into the pack.

    Args:
        folder: where pictures lie; None: the shop has none.
        out: the pack's folder.
    """

    def __init__(self, folder: Path | None, out: Path) -> None:
        self._folder = folder.resolve() if folder is not None else None
        self._out = out
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []

    def take(self, cell: Any, name: str) -> str | None:
        """The path inside the pack of the picture that a cell names, None without a usable one."""
        if self._folder is None:
            return None
        wanted = _wanted(cell)
        if not wanted:
            return None
        source = next((p for text in wanted if (p := self._find(text)) is not None), None)
        if source is None:
            self.counts["missing"] += 1
            return None
        target = f"pictures/{name}.webp"
        fault = self._copy(source, self._out / target)
        if fault is not None:
            self.counts["broken"] += 1
            if len(self.broken) < 20:
                self.broken.append(f"{source.name}: {fault}")
            return None
        self.counts["kept"] += 1
        return target

    def _find(self, text: str) -> Path | None:
        assert self._folder is not None, "the caller checks it"
        path = PurePosixPath(unquote(urlsplit(text).path) if "//" in text else text)
        if len(str(path)) > 500 or "\0" in str(path):
            return None
        names = [path] if not path.is_absolute() else []
        names.append(PurePosixPath(path.name))
        for name in names:
            for ending in ("", *_ENDINGS) if not name.suffix else ("",):
                try:
                    found = (self._folder / f"{name}{ending}").resolve()
                    if found.is_relative_to(self._folder) and found.is_file():
                        return found
                except OSError:
                    return None
        return None

    def _copy(self, source: Path, target: Path) -> str | None:
        """Decode, turn upright, shrink and write; what is wrong with the picture, or None."""
        try:
            if source.stat().st_size > MAX_FILE_BYTES:
                return f"more than {MAX_FILE_BYTES} bytes"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                with Image.open(source, formats=_FORMATS) as opened:
                    if opened.width * opened.height > MAX_PIXELS:
                        return f"{opened.width} x {opened.height} pixels"
                    opened.draft("RGB", (SIDE, SIDE))
                    picture = ImageOps.exif_transpose(opened)
                    picture = _on_white(picture)
                    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    picture.save(target, "WEBP", quality=QUALITY, method=4)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            target.unlink(missing_ok=True)
            return " ".join(str(error).split())[:120] or type(error).__name__
        return None


def _on_white(picture: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return picture.convert("RGB")


def _wanted(cell: Any) -> list[str]:
    if isinstance(cell, list):
        return [e for e in cast(list[Any], cell)[:4] if isinstance(e, str) and e.strip()]
    text = str(cell).strip() if cell is not None and not isinstance(cell, bool | dict) else ""
    return [text] if text else []

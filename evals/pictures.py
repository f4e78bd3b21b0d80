"""Pictures as small WebP data URIs, each once, as classes of a style sheet."""

import base64
import io
import logging
from pathlib import Path

from PIL import Image

logger = logging.getLogger(__name__)

SIDE = 144
QUALITY = 72


class PictureSheet:
    """Collects pictures; `css` holds all of them."""

    def __init__(self, side: int = SIDE) -> None:
        self._side = side
        self._classes: dict[str, str] = {}
        self._rules: list[str] = []

    def add(self, path: str | None) -> str:
        """The class name that shows the picture; empty if there is none or it cannot be read."""
        if path is None:
            return ""
        if path not in self._classes:
            uri = small_webp(Path(path), self._side)
            self._classes[path] = f"p{len(self._rules)}" if uri else ""
            if uri:
                self._rules.append(f".p{len(self._rules)}{{background-image:url({uri})}}")
        return self._classes[path]

    @property
    def css(self) -> str:
        """One rule a picture."""
        return "\n".join(self._rules)


def small_webp(path: Path, side: int = SIDE) -> str:
    """A data URI of the picture scaled to fit `side` pixels; empty if it cannot be read."""
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
            small.thumbnail((side, side))
            buffer = io.BytesIO()
            small.save(buffer, "WEBP", quality=QUALITY, method=4)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        logger.warning("picture %s is left out of the report: %s", path, error)
        return ""
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")

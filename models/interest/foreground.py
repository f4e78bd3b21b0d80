"""The thing without what is behind it (I-AM-G sec. 4.3): a mask, applied to a picture before it is encoded.

Any mask will do. `GrabCutMask` is the one that comes with a kept library (OpenCV, the extra
`foreground`); a segmentation network or a shop's own cut-outs go in its place.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vitrine.core.errors import SetupError
from vitrine.core.interests import TextBudget
from vitrine.core.ports import Encoder, Floats, Pixels

Mask = NDArray[np.bool_]  # (height, width), True is foreground


class Masker(Protocol):
    """Says which pixels of a picture are the thing."""

    def __call__(self, picture: Pixels) -> Mask:
        """The foreground of a picture (h, w, 3), (h, w)."""
        ...


class GrabCutMask:
    """Foreground by graph cuts over colour models (Rother et al. 2004), begun from a frame.

    What touches the frame of the picture is taken for background at first, as a shop's pictures have
    it. The same picture gives the same mask.

    Args:
        margin: share of each side that is frame. rounds: of cut and colour models.
    """

    def __init__(self, *, margin: float = 0.04, rounds: int = 4) -> None:
        self._margin, self._rounds = margin, rounds
        self._cv2 = _opencv()

    def __call__(self, picture: Pixels) -> Mask:
        height, width = picture.shape[:2]
        edge = max(1, round(self._margin * min(height, width)))
        if min(height, width) <= 2 * edge + 1:
            return np.ones((height, width), np.bool_)
        marks = np.zeros((height, width), np.uint8)
        models = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
        inner = (edge, edge, width - 2 * edge, height - 2 * edge)
        with _ONE:  # OpenCV's seed is of the whole process
            self._cv2.setRNGSeed(0)
            self._cv2.grabCut(
                np.ascontiguousarray(picture[..., ::-1]), marks, inner, *models, self._rounds,
                self._cv2.GC_INIT_WITH_RECT,
            )  # fmt: skip
        return (marks == self._cv2.GC_FGD) | (marks == self._cv2.GC_PR_FGD)


_ONE = threading.Lock()


def _opencv() -> Any:
    try:
        return importlib.import_module("cv2")
    except ImportError as error:
        raise SetupError(
            "cutting out the foreground needs OpenCV: pip install 'vitrine[foreground]', or give a"
            " mask of your own"
        ) from error


def cut_out(picture: Pixels, mask: Mask, *, least: float = 0.01, most: float = 0.98) -> Pixels:
    """The picture with everything outside the mask in one even tone, that of its background.

    A mask that takes (nearly) nothing or everything has failed; the picture is left as it is.

    Args:
        least, most: shares of the picture between which a mask is believed.

    Raises:
        ValueError: mask and picture differ in size.
    """
    if mask.shape != picture.shape[:2]:
        raise ValueError(f"a mask of {mask.shape} for a picture of {picture.shape[:2]}")
    share = float(mask.mean())
    if not least <= share <= most:
        return picture
    ground = np.median(picture[~mask], axis=0).astype(np.uint8)  # (3,)
    return np.where(mask[..., None], picture, ground).astype(np.uint8)


class ForegroundEncoder:
    """An encoder that sees the foreground of pictures alone; texts pass through.

    Its embeddings lie in the space of the encoder inside.
    """

    def __init__(self, encoder: Encoder, mask: Masker) -> None:
        self._encoder, self._mask = encoder, mask

    @property
    def space(self) -> str:
        """Identity of the embedding space."""
        return self._encoder.space

    @property
    def dim(self) -> int:
        """Embedding dimension d."""
        return self._encoder.dim

    @property
    def budget(self) -> TextBudget:
        """How long a text may be."""
        return self._encoder.budget

    def encode_text(self, texts: Sequence[str]) -> Floats:
        """Raw text embeddings, (n, d)."""
        return self._encoder.encode_text(texts)

    def encode_images(self, images: Sequence[Pixels]) -> Floats:
        """Raw embeddings of the foregrounds, (n, d)."""
        return self._encoder.encode_images([cut_out(image, self._mask(image)) for image in images])

"""The embedded encoder: the small CLIP behind `core.ports.Encoder`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from open_clip.model import CLIP
from PIL import Image
from transformers import CLIPTokenizer

from vitrine.core.ports import Floats, Pixels
from vitrine.models.clip.evaluate import embed_pictures, embed_texts
from vitrine.models.clip.model import embedding_dim, load_clip, picture_tower_digest
from vitrine.models.integrity import Seals


class TokenBudget:
    """`core.interests.TextBudget` in tokens of a CLIP tokenizer, without its two marks."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        self._tokenizer = tokenizer

    @property
    def limit(self) -> int:
        """Tokens that fit between the marks."""
        return int(self._tokenizer.model_max_length) - 2

    def count(self, text: str) -> int:
        """Tokens of the text."""
        ids = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return len(ids)


class ClipEncoder:
    """A small CLIP from a local folder, loaded at first use. Safe to call from several threads."""

    def __init__(self, folder: Path, seals: Seals | None = None) -> None:
        """Remember where the weights lie.

        Args:
            folder: an open_clip folder (`weights/clip`).
            seals: what the files should hash to; None: read from the folder above.
        """
        self._folder = folder
        self._seals = seals if seals is not None else Seals(folder.parent)
        self._lock = threading.RLock()

    @cached_property
    def _loaded(self) -> tuple[CLIP, CLIPTokenizer]:
        self._seals.check(self._folder)
        return load_clip(self._folder)

    def _parts(self) -> tuple[CLIP, CLIPTokenizer]:
        with self._lock:
            return self._loaded

    @cached_property
    def _space(self) -> str:
        return f"clip-embedded-{picture_tower_digest(self._folder)[:12]}"

    @property
    def space(self) -> str:
        """Identity of the embedding space: name and hash of the picture tower.

        Stored embeddings stay valid when only the text tower is tuned.
        """
        return self._space

    @property
    def dim(self) -> int:
        """Embedding dimension d."""
        return embedding_dim(self._parts()[0])

    @property
    def budget(self) -> TokenBudget:
        """How long a text may be before its end is cut off."""
        return TokenBudget(self._parts()[1])

    def encode_text(self, texts: Sequence[str]) -> Floats:
        """Raw text embeddings, (n, d)."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        model, tokenizer = self._parts()
        with self._lock:
            return embed_texts(model, tokenizer, texts).astype(np.float32)

    def encode_images(self, images: Sequence[Pixels]) -> Floats:
        """Raw image embeddings, (n, d). Pictures may have any size."""
        if not images:
            return np.zeros((0, self.dim), np.float32)
        model, _ = self._parts()
        side = model.visual.image_size
        side = int(side[0] if isinstance(side, (tuple, list)) else side)
        rows = np.stack([fit_square(image, side) for image in images])
        with self._lock, torch.inference_mode():
            return embed_pictures(model, rows).astype(np.float32)


def fit_square(image: Pixels, side: int) -> Pixels:
    """The picture (h, w, 3) as (side, side, 3): the middle square, resampled with antialiasing."""
    height, width = image.shape[:2]
    if (height, width) == (side, side):
        return image
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    square = np.ascontiguousarray(image[top : top + edge, left : left + edge])
    return np.asarray(Image.fromarray(square).resize((side, side), Image.Resampling.BICUBIC))

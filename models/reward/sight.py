"""How the reward model sees pictures: a frozen picture tower and what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from vitrine.core.ports import Pixels
from vitrine.models.clip.model import load_clip
from vitrine.models.dataset import to_tensor
from vitrine.models.reward.tower import VisionTower


@dataclass(frozen=True)
class Sight:
    """The frozen picture tower, and the side s of the pictures that it is given, px."""

    tower: VisionTower
    side: int

    def read(self, images: Sequence[Pixels]) -> Tensor:
        """Pictures of any size as (n, 3, s, s)."""
        rows = [np.asarray(self._resized(image)) for image in images]
        return to_tensor(np.stack(rows)) if rows else torch.zeros(0, 3, self.side, self.side)

    def _resized(self, image: Pixels) -> NDArray[np.uint8]:
        if image.shape[:2] == (self.side, self.side):
            return image
        picture = Image.fromarray(image).resize((self.side, self.side), Image.Resampling.BOX)
        return np.asarray(picture.convert("RGB"))


def load_sight(folder: Path) -> Sight:
    """The picture tower of an open_clip folder, frozen.

    Raises:
        SetupError: it is no transformer.
    """
    clip, _ = load_clip(folder)
    clip.requires_grad_(False)
    size = clip.visual.image_size
    return Sight(VisionTower(clip), int(size[0] if isinstance(size, tuple) else size))

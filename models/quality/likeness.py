"""How alike two pictures are, pair by pair: SSIM, LPIPS and the same distance in other layers.

Likeness to an item says how much of it was kept, not whether anybody likes the result.
Letters: n pairs, s pixels a side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vitrine.core.errors import SetupError
from vitrine.core.ports import Floats, Pixels
from vitrine.models.dataset import to_tensor
from vitrine.models.judge.model import Judge
from vitrine.models.quality.published import read_weights

BATCH = 32
ALEXNET = "alexnet.safetensors"
"""Torchvision's AlexNet by its own key names (`features.0.weight` ...), as safetensors."""

Layers = Callable[[Tensor], Sequence[Tensor]]
"""Pictures (n, 3, s, s) in -1..1 to feature maps (n, c, h, w), one a layer."""


def structural_similarity(left: Sequence[Pixels], right: Sequence[Pixels]) -> Floats:
    """SSIM of each pair (Wang et al. 2004), (n,): 1 is the same picture.

    Gaussian window of deviation 1.5, K1 .01, K2 .03, 8-bit range, mirrored borders, mean over
    the colour channels.

    Raises:
        SetupError: torchmetrics is not installed.
    """
    try:
        from torchmetrics.functional.image import structural_similarity_index_measure as ssim
    except ImportError as error:
        raise _not_installed() from error

    def part(a: Tensor, b: Tensor) -> Tensor:
        found = ssim((a + 1) / 2, (b + 1) / 2, reduction="none", data_range=1.0)
        assert isinstance(found, Tensor)
        return found

    return _by_parts(left, right, part)


def perceptual_distance(
    left: Sequence[Pixels],
    right: Sequence[Pixels],
    layers: Layers,
    heads: Sequence[Tensor] | None = None,
) -> Floats:
    """LPIPS of each pair (Zhang et al. 2018, eq. 1), (n,): 0 is the same picture.

    `sum_l mean_hw |w_l (y_l - y'_l)|^2` with features at unit length in every place.

    Args:
        left: pictures.
        right: pictures of the same size, row by row.
        layers: the network that looks.
        heads: squared weights w_l^2 (c,) of each layer; None: 1 / layers each, which gives twice
            the mean cosine distance of the features (the paper's baseline without trained heads).
    """

    def part(a: Tensor, b: Tensor) -> Tensor:
        total = torch.zeros(len(a))
        first, second = layers(a), layers(b)
        for place, (x, y) in enumerate(zip(first, second, strict=True)):
            gap = (F.normalize(x, dim=1, eps=1e-10) - F.normalize(y, dim=1, eps=1e-10)) ** 2
            if heads is None:
                total = total + gap.sum(dim=1).mean(dim=(1, 2)) / len(first)
            else:
                total = total + (gap * heads[place][:, None, None]).sum(dim=1).mean(dim=(1, 2))
        return total

    return _by_parts(left, right, part)


def judge_layers(judge: Judge) -> Layers:
    """The judge's trunk, layer by layer: another network than any that draws or chooses."""

    def layers(pictures: Tensor) -> Sequence[Tensor]:
        if pictures.shape[-1] != judge.size:
            size = (judge.size, judge.size)
            pictures = F.interpolate(pictures, size, mode="bilinear", antialias=True)
        found: list[Tensor] = []
        for layer in judge.trunk:
            pictures = layer(pictures)
            found.append(pictures)
        return found

    return layers


class Lpips:
    """LPIPS 0.1 with AlexNet: heads as torchmetrics ships them, AlexNet from a local folder."""

    def __init__(self, folder: Path) -> None:
        """Load the network.

        Args:
            folder: holds `alexnet.safetensors`.

        Raises:
            SetupError: the file is missing or another network, or torchmetrics is not installed.
        """
        try:
            from torchmetrics.functional.image.lpips import _LPIPS  # pyright: ignore[reportPrivateUsage]
        except ImportError as error:
            raise _not_installed() from error
        self._net = _LPIPS(pretrained=True, net="alex", pnet_rand=True)
        published = read_weights(folder / ALEXNET)
        # Layers keep their numbers inside of the five slices: features.3 is slice2.3
        ours = {name: name.split(".")[-2:] for name in self._net.net.state_dict()}
        missing = [k for k, (n, kind) in ours.items() if f"features.{n}.{kind}" not in published]
        if missing:
            raise SetupError(
                f"{str(folder / ALEXNET)!r} is no AlexNet of torchvision: no weights for {missing[0]!r}"
            )
        self._net.net.load_state_dict(
            {name: published[f"features.{n}.{kind}"] for name, (n, kind) in ours.items()}
        )

    def __call__(self, left: Sequence[Pixels], right: Sequence[Pixels]) -> Floats:
        """LPIPS of each pair, (n,)."""
        return _by_parts(left, right, lambda a, b: self._net(a, b).reshape(-1))


def _by_parts(
    left: Sequence[Pixels], right: Sequence[Pixels], part: Callable[[Tensor, Tensor], Tensor]
) -> Floats:
    """Values of all pairs (n,), some at a time.

    Raises:
        ValueError: the sides have different numbers or sizes of pictures.
    """
    shapes = [(a.shape, b.shape) for a, b in zip(left, right, strict=True)]
    odd = next((pair for pair in shapes if pair[0] != pair[1]), None)
    if odd is not None:
        raise ValueError(f"pictures of {odd[0]!r} and {odd[1]!r}: expected pairs of one size")
    found: list[NDArray[np.float32]] = [np.zeros(0, np.float32)]
    with torch.inference_mode():
        for start in range(0, len(left), BATCH):
            a = to_tensor(np.stack(left[start : start + BATCH]))
            b = to_tensor(np.stack(right[start : start + BATCH]))
            found.append(part(a, b).float().numpy())
    return np.concatenate(found)


def _not_installed() -> SetupError:
    return SetupError("torchmetrics is not installed: pip install 'vitrine[metrics]'")

"""What a frozen autoencoder makes of training pictures, computed once and kept beside the run."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from vitrine.models.dataset import Drawings, to_tensor
from vitrine.models.integrity import sha256_of

log = logging.getLogger(__name__)


@torch.no_grad()
def encode_pictures(autoencoder: Any, pictures: Tensor) -> Tensor:
    """Scaled latents of pictures (n, 3, s, s) in -1..1, by `AutoencoderKL` or `AutoencoderTiny`."""
    out = autoencoder.encode(pictures)
    latents: Tensor = out.latents if hasattr(out, "latents") else out.latent_dist.mode()
    shift = autoencoder.config.get("shift_factor") or 0.0
    return (latents - shift) * autoencoder.config.scaling_factor


def read_latents(
    data: Drawings,
    rows: NDArray[np.int64],
    autoencoder: Any,
    folder: Path,
    path: Path,
    *,
    side: int | None = None,
) -> Tensor:
    """Latents of the drawings at `rows`, (n, c, h, w) float16; kept in `path` for later runs.

    Args:
        folder: where the autoencoder's weights lie; with other weights they are made anew.
        side: pixels that the denoiser draws; None: the pictures' own size.
    """
    resized = [str(side)] if side not in (None, data.size) else []
    files = sorted(folder.glob("*.safetensors"))
    made_of = " ".join([data.sha256, _digest(rows), *resized, *(sha256_of(file) for file in files)])
    if path.exists():
        with safe_open(path, framework="pt") as file:
            if file.metadata()["made_of"] == made_of:
                return file.get_tensor("latents")
    log.info("encoding %d pictures", len(rows))
    device = next(autoencoder.parameters()).device
    parts: list[Tensor] = []
    for start in range(0, len(rows), 64):
        pictures = to_tensor(np.asarray(data.pictures[rows[start : start + 64]])).to(device)
        if side is not None and pictures.shape[-1] != side:
            pictures = F.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            parts.append(encode_pictures(autoencoder, pictures).half().cpu())
    latents = torch.cat(parts).contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    save_file({"latents": latents}, draft, metadata={"made_of": made_of})
    os.replace(draft, path)
    return latents


def _digest(rows: NDArray[np.int64]) -> str:
    return hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()

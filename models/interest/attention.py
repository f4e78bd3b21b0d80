"""Interest retrieve attention (I-AM-G eq. 8 to 11): from a person's nearest things to one embedding.

Letters: B rows, K retrieved things, d image embedding dimension, t text embedding dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import Floats, Interest
from vitrine.models.storage import load_weights, read_config, save_model


class InterestConfig(Frozen):
    """Shape of the attention. `retrieved` is K, `space` the embedding space it was trained in."""

    image_dim: int = Field(gt=0)
    text_dim: int = Field(gt=0)
    space: str = Field(min_length=1)
    heads: int = Field(default=4, ge=1)
    retrieved: int = Field(default=5, ge=1)


class InterestAttention(nn.Module):
    """Eq. 10, text attends to texts; eq. 11, its result to the pictures; projections are shared.

    Differs from the paper: "the same latent space" holds for neither real nor own encoders. Texts of
    another dimension are lifted into the space of the pictures; what is compared are directions from
    the mean of each kind, so that the gap between texts and pictures does not decide. Values are
    what sets a picture apart from the mean picture, so that to say less is to say "as anything", and
    the result is raw, as the adapter expects it; the adapter's own projection, which the paper
    applies to the retrieved pictures, is applied to the result instead (to the same end: eq. 13
    wants its tokens). Everything starts as the identity behind a gate of zero,

        z = mean(Psi) + gate (attention(Psi) - mean(Psi)),

    so that an untrained module gives the plain mean of the retrieved pictures. Scores are scaled by
    sqrt(d / heads).
    """

    def __init__(self, config: InterestConfig) -> None:
        super().__init__()
        if config.image_dim % config.heads:
            raise ValueError(f"{config.heads} heads do not divide {config.image_dim} dimensions")
        self.config = config
        d, t = config.image_dim, config.text_dim
        self.lift = nn.Identity() if t == d else nn.Linear(t, d, bias=False)
        self.to_q, self.to_k, self.to_v, self.to_out = (_identity(d) for _ in range(4))
        self.gate = nn.Parameter(torch.zeros(()))
        self.text_mean: Tensor
        self.image_mean: Tensor
        self.register_buffer("text_mean", torch.zeros(t))
        self.register_buffer("image_mean", torch.zeros(d))

    def forward(
        self, query: Tensor, texts: Tensor, images: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Interest embeddings z, raw, (B, d). The order of the retrieved does not matter.

        Args:
            query: raw text embeddings of T*, (B, t).
            texts: raw text embeddings Phi, (B, K, t).
            images: raw image embeddings Psi, (B, K, d).
            mask: (B, K) bool, False is padding; None: all are real. A row needs at least one.
        """
        if mask is None:
            mask = torch.ones(texts.shape[:2], dtype=torch.bool, device=texts.device)
        asked = _direction(self.lift(query - self.text_mean))[:, None]  # (B, 1, d)
        said = _direction(self.lift(texts - self.text_mean))  # (B, K, d)
        seen = _direction(images - self.image_mean)
        found = self._attend(asked, said, said, mask)  # eq. 10
        apart = images - self.image_mean
        drawn = self.to_out(self._attend(_direction(found), seen, apart, mask))[:, 0]  # eq. 11
        share = mask.to(images.dtype) / mask.sum(1, keepdim=True)
        mean = (share[..., None] * apart).sum(1)
        return self.image_mean + mean + self.gate * (drawn - mean)

    def _attend(self, asking: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """Multi-head attention of (B, 1, d) to (B, K, d), without the output projection."""
        parts = [
            part.unflatten(-1, (self.config.heads, -1)).transpose(1, 2)
            for part in (self.to_q(asking), self.to_k(keys), self.to_v(values))
        ]
        # The fused kernel divides by sqrt(d / heads).
        out = F.scaled_dot_product_attention(
            parts[0], parts[1], parts[2], attn_mask=mask[:, None, None]
        )
        return out.transpose(1, 2).flatten(2)

    @torch.no_grad()
    def rows(self, interests: Sequence[Interest | None]) -> tuple[Tensor, Tensor]:
        """What `Branches.attending` takes: rows (n, d) and which of them are present, (n,) bool.

        Nobody's interest, and one of an empty history, are absent rows of zeros.

        Raises:
            ToolError: an embedding has another dimension than this attention was made for.
        """
        d, t = self.config.image_dim, self.config.text_dim
        out = torch.zeros(len(interests), d)
        there = [i for i, one in enumerate(interests) if one is not None and len(one.images)]
        present = torch.zeros(len(interests), dtype=torch.bool)
        if not there:
            return out, present
        kept = [cast("Interest", interests[i]) for i in there]
        for one in kept:
            shapes = (one.query.shape, one.texts.shape, one.images.shape)
            if shapes != ((t,), (len(one.images), t), (len(one.images), d)):
                raise ToolError(
                    f"interest of shapes {shapes!r}: expected ({t},), (K, {t}) and (K, {d})"
                )
        most = max(len(one.images) for one in kept)
        mask = torch.tensor([[k < len(one.images) for k in range(most)] for one in kept])
        out[there] = self(
            torch.from_numpy(np.stack([one.query for one in kept])).float(),
            _padded([one.texts for one in kept], most),
            _padded([one.images for one in kept], most),
            mask,
        )
        present[there] = True
        return out, present


def plain_mean(example: Interest) -> InterestAttention:
    """An untrained attention for interests of this shape: the mean of what was retrieved."""
    return InterestAttention(
        InterestConfig(
            image_dim=example.images.shape[1], text_dim=example.texts.shape[1], space="any", heads=1
        )
    ).eval()


def _identity(d: int) -> nn.Linear:
    """A projection that starts as the identity."""
    layer = nn.Linear(d, d, bias=False)
    nn.init.eye_(layer.weight)
    return layer


def _direction(rows: Tensor) -> Tensor:
    """Rows of unit deviation a dimension: of equal length, whatever the encoder's scale is."""
    return F.normalize(rows, dim=-1) * rows.shape[-1] ** 0.5


def _padded(parts: Sequence[Floats], most: int) -> Tensor:
    """Parts (K_i, d) as (n, most, d), zeros after the end of each."""
    out = torch.zeros(len(parts), most, parts[0].shape[1])
    for row, part in enumerate(parts):
        out[row, : len(part)] = torch.from_numpy(np.asarray(part, np.float32))
    return out


def save_interest(folder: Path, attention: InterestAttention) -> None:
    """Write `config.json` and `model.safetensors` (float16)."""
    save_model(folder, attention.config, attention.state_dict())


def load_interest(folder: Path) -> InterestAttention:
    """The attention of a folder of weights, in eval mode, fp32.

    Raises:
        SetupError: a file is missing or damaged.
    """
    attention = InterestAttention(read_config(folder, InterestConfig))
    load_weights(attention, folder)
    return attention.eval()

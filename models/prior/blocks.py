"""Transformer blocks of the prior: causal, with a memory, and with leaves that do not see each other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

Memory = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer, (B, heads, tokens, w / heads)."""


class Block(nn.Module):
    """Pre-norm causal attention and GELU network."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_network = nn.LayerNorm(width)
        self.network = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )

    def forward(
        self, x: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read tokens (B, T, w) after `past`; returns them and the memory that includes them."""
        q, k, v = self._qkv(x)
        if past is not None:
            k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        queries, keys = q.shape[2], k.shape[2]
        mask = torch.ones(queries, keys, dtype=torch.bool, device=x.device).tril(keys - queries)
        # Written out: for so few tokens the fused kernel costs three times as much on a CPU.
        logits = (q @ k.transpose(2, 3)) * q.shape[-1] ** -0.5
        mixed = logits.masked_fill(~mask, float("-inf")).softmax(dim=-1).to(v.dtype) @ v
        return self._rest(x, mixed), (k, v)

    def leaves(self, x: Tensor, past: tuple[Tensor, Tensor]) -> Tensor:
        """Read n tokens (B, n, w) that each follow `past` alone and do not see each other."""
        q, k, v = self._qkv(x)  # (B, heads, n, w / heads)
        scale = q.shape[-1] ** -0.5
        before = (q @ past[0].transpose(2, 3)) * scale  # (B, heads, n, L)
        own = (q * k).sum(dim=-1, keepdim=True) * scale  # (B, heads, n, 1)
        share = torch.cat([before, own], dim=-1).softmax(dim=-1)
        mixed = share[..., :-1] @ past[1] + share[..., -1:] * v
        return self._rest(x, mixed)

    def _qkv(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = self.qkv(self.norm_attention(x)).chunk(3, dim=-1)
        return self._split(q), self._split(k), self._split(v)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def _rest(self, x: Tensor, mixed: Tensor) -> Tensor:
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.network(self.norm_network(x))

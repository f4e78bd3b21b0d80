"""A person as tokens: a set encoder over what they liked and disliked.

Letters: B rows, H history length, d embedding dimension, w width, Q queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.ports import Floats, TasteEvidence

SHRINK = 4.0
"""Judgements that a mean needs before it counts for more than half."""
MAX_HISTORY = 200
"""Judgements that count, newest first; older ones are left out."""


@dataclass(frozen=True)
class TasteReading:
    """What the set encoder says of B people.

    tokens: (B, tokens, w). leanings: directions in embedding space, (B, 3, d): the taste direction,
    the shrunk mean of likes, the shrunk mean of dislikes; zero where nothing is known.
    """

    tokens: Tensor
    leanings: Tensor


class TasteRegression(nn.Module):
    """Directions that a history points to, with nothing but a metric to be learned.

    The taste direction is the posterior mean of a linear taste with a learned population prior: with
    standardised rows Z (H, d), signs y and a learned metric M = L L^T,
    `a = (Z M Z^T / d + lambda I)^-1 y` and `w = M Z^T a / sqrt(d)`, so that `x . w / sqrt(d)` is the
    regression's guess of the sign of x. It tells likes from dislikes before anything is learned: a
    network that has to find this by itself needs many times the data.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.metric = nn.Parameter(torch.eye(dim))
        self.log_ridge = nn.Parameter(torch.zeros(()))

    def forward(self, items: Tensor, signs: Tensor) -> tuple[Tensor, Tensor]:
        """Leanings (B, 3, d) as in `TasteReading`, and the numbers of likes and dislikes (B, 2)."""
        sides = torch.stack([signs > 0, signs < 0], dim=1).to(items.dtype)  # (B, 2, H)
        counts = sides.sum(dim=2)
        means = (sides @ items) / (counts + SHRINK).unsqueeze(2)  # (B, 2, d)
        return torch.cat([self.direction(items, signs).unsqueeze(1), means], dim=1), counts

    def direction(self, items: Tensor, signs: Tensor) -> Tensor:
        """The taste direction w, (B, d); zero without history."""
        dim = items.shape[2]
        with torch.autocast(items.device.type, enabled=False):
            mapped = items.float() @ self.metric.float()  # (B, H, d)
            gram = mapped @ mapped.transpose(1, 2) / dim
            ridge = self.log_ridge.exp() * torch.eye(gram.shape[1], device=items.device)
            weights = torch.linalg.solve(gram + ridge, signs.float().unsqueeze(2))  # (B, H, 1)
            mixed = (mapped.transpose(1, 2) @ weights).squeeze(2)  # (B, d)
            return mixed @ self.metric.float().T * dim**-0.5


class TasteEncoder(nn.Module):
    """Liked and disliked embeddings to Q + 3 user tokens, whatever their order and number.

    One token carries the taste direction of `TasteRegression`, two the means of likes and dislikes, and Q are
    learned queries that attend to the single judgements, so that a taste with two modes is not blurred
    into their middle. A learned "nobody" entry always takes part in the attention, so that no history
    at all is an ordinary case.
    """

    def __init__(self, *, dim: int, width: int, queries: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.tokens = queries + 3
        self.regression = TasteRegression(dim)
        self.embed = nn.Linear(dim, width)
        self.sign = nn.Embedding(2, width)
        self.inner = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.norm = nn.LayerNorm(width)
        self.nobody = nn.Parameter(torch.randn(width) * 0.02)
        self.queries = nn.Parameter(torch.randn(queries, width) * width**-0.5)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.lean = nn.ModuleList([nn.Linear(dim, width) for _ in range(3)])
        self.missing = nn.Parameter(torch.randn(3, width) * 0.02)
        self.count = nn.Linear(2, width)

    def forward(self, items: Tensor, signs: Tensor) -> TasteReading:
        """Read histories.

        Args:
            items: standardised embeddings, (B, H, d); rows with sign 0 are padding and zero.
            signs: +1 liked, -1 disliked, 0 padding, (B, H).
        """
        rows = items.shape[0]
        leanings, counts = self.regression(items, signs)
        present = F.pad(counts, (1, 0), value=0.0)
        present[:, 0] = counts.sum(dim=1)
        lean_tokens = torch.stack([lean(leanings[:, i]) for i, lean in enumerate(self.lean)], dim=1)
        lean_tokens = torch.where((present > 0).unsqueeze(2), lean_tokens, self.missing)
        lean_tokens = lean_tokens + self.count(torch.log1p(counts)).unsqueeze(1)

        entries = self.embed(items) + self.sign((signs < 0).long())  # (B, H, w)
        entries = self.norm(entries + self.inner(entries))
        nobody = self.nobody.expand(rows, 1, -1)
        entries = torch.cat([nobody.to(entries.dtype), entries], dim=1)  # (B, 1 + H, w)
        seen = F.pad(signs != 0, (1, 0), value=True)  # (B, 1 + H)
        queries = self._split(self.queries.expand(rows, -1, -1))
        logits = queries.to(entries.dtype) @ self._split(self.key(entries)).transpose(2, 3)
        logits = logits.float() * queries.shape[-1] ** -0.5
        share = logits.masked_fill(~seen[:, None, None, :], float("-inf")).softmax(dim=-1)
        value = self._split(self.value(entries))
        pooled = (share.to(value.dtype) @ value).transpose(1, 2).flatten(2)  # (B, Q, w)
        return TasteReading(torch.cat([lean_tokens, pooled], dim=1), leanings)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


class MeanTaste(nn.Module):
    """The mean of what was liked and the mean of what was disliked, and nothing finer.

    The plain alternative to `TasteEncoder`, with the same contract: two modes are blurred into one.
    """

    tokens = 2

    def __init__(self, *, dim: int, width: int) -> None:
        super().__init__()
        self.lean = nn.ModuleList([nn.Linear(dim, width) for _ in range(2)])
        self.missing = nn.Parameter(torch.randn(2, width) * 0.02)

    def forward(self, items: Tensor, signs: Tensor) -> TasteReading:
        """Read histories; arguments as `TasteEncoder` has them."""
        sides = torch.stack([signs > 0, signs < 0], dim=1).to(items.dtype)  # (B, 2, H)
        counts = sides.sum(dim=2, keepdim=True)
        means = (sides @ items) / (counts + SHRINK)  # (B, 2, d)
        tokens = torch.stack([lean(means[:, i]) for i, lean in enumerate(self.lean)], dim=1)
        tokens = torch.where(counts > 0, tokens, self.missing)
        return TasteReading(tokens, torch.cat([torch.zeros_like(means[:, :1]), means], dim=1))


class NoTaste(nn.Module):
    """Reads no history: people are known by their ids alone, as in the paper."""

    tokens = 0

    def __init__(self, *, dim: int, width: int) -> None:
        super().__init__()
        self._shape = (dim, width)

    def forward(self, items: Tensor, signs: Tensor) -> TasteReading:
        """No tokens (B, 0, w) and no leanings."""
        dim, width = self._shape
        return TasteReading(
            items.new_zeros(len(items), 0, width), items.new_zeros(len(items), 3, dim)
        )


class Standardiser(nn.Module):
    """Per-dimension standardisation with the statistics of the training images.

    See EQ REBECA: diffusion needs unit scale, the IP-Adapter needs raw embeddings back.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("std", torch.ones(dim))

    def fit(self, rows: Floats) -> None:
        """Take mean and deviation of raw embeddings (n, d); a constant dimension keeps deviation 1."""
        mean, std = rows.mean(axis=0), rows.std(axis=0)
        self.mean.copy_(torch.from_numpy(mean.astype(np.float32)))
        self.std.copy_(torch.from_numpy(np.where(std > 1e-6, std, 1.0).astype(np.float32)))

    def forward(self, raw: Tensor) -> Tensor:
        """Raw (..., d) to standardised."""
        return (raw - self.mean) / self.std

    def undo(self, standard: Tensor) -> Tensor:
        """Standardised (..., d) to raw."""
        return standard * self.std + self.mean


def pack_taste(tastes: Sequence[TasteEvidence], dim: int) -> tuple[Floats, NDArray[np.int64]]:
    """Histories of several people as one padded batch.

    Returns:
        Raw embeddings (B, H, d) with zeros as padding and signs (B, H) of +1, -1 and 0.

    Raises:
        ValueError: an embedding has another dimension than `dim`.
    """
    rows: list[tuple[Floats, NDArray[np.int64]]] = []
    for taste in tastes:
        liked, disliked = newest(taste)
        for side in (liked, disliked):
            if len(side) and side.shape[1:] != (dim,):
                raise ValueError(f"history has shape {side.shape!r}: expected (n, {dim})")
        items = np.concatenate([liked.reshape(-1, dim), disliked.reshape(-1, dim)])
        signs = np.concatenate([np.ones(len(liked), np.int64), -np.ones(len(disliked), np.int64)])
        rows.append((items.astype(np.float32), signs))
    longest = max((len(signs) for _, signs in rows), default=0)
    packed = np.zeros((len(rows), longest, dim), np.float32)
    marks = np.zeros((len(rows), longest), np.int64)
    for row, (items, signs) in enumerate(rows):
        packed[row, : len(signs)] = items
        marks[row, : len(signs)] = signs
    return packed, marks


def newest(taste: TasteEvidence) -> tuple[Floats, Floats]:
    """The newest likes and dislikes within `MAX_HISTORY`; a short side leaves its room."""
    liked, disliked, half = taste.liked, taste.disliked, MAX_HISTORY // 2
    keep_liked = min(len(liked), max(half, MAX_HISTORY - len(disliked)))
    keep_disliked = min(len(disliked), MAX_HISTORY - keep_liked)
    return liked[len(liked) - keep_liked :], disliked[len(disliked) - keep_disliked :]

"""What PerFusionRM knows of people, as fields of u0 (PerFusion Eq. 2).

Letters: B people, H history, M facet preferences, d embedding dimension.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from vitrine.core.frozen import Frozen
from vitrine.models.prior.taste import Standardiser, TasteRegression

Variant = Literal["both", "shared", "vision", "text"]
"""Which towers are personal: both with plug-ins of their own, both with one, or one of them."""


class RewardConfig(Frozen):
    """Shape of the model."""

    dim: int = Field(gt=0, description="d of the image embedding")
    space: str = Field(min_length=1)
    towers: Variant = "text"
    tower_width: int = Field(gt=0, description="of the text tower")
    tower_layers: int = Field(gt=0)
    vision_width: int = Field(default=0, ge=0, description="of the picture tower; 0: it has none")
    vision_layers: int = Field(default=0, ge=0)
    crossings: int = Field(default=2, ge=0)
    crossing: Literal["vector", "matrix"] = "vector"
    hidden: int = Field(default=160, ge=4)
    facet_rows: int = Field(default=256, ge=1, description="rows of the hash tables of facets")
    joint: bool = Field(default=False, description="stated facets take part in the regression")
    users: tuple[str, ...] = Field(default=(), description="ids with a row of their own")
    id_width: int = Field(default=64, ge=1)
    slope: float = Field(default=1.0, description="Platt a: probability = sigmoid(a * score + b)")
    offset: float = Field(default=0.0, description="Platt b")


@dataclass(frozen=True)
class Features:
    """What is known of B people.

    items, signs: rated history, standardised (B, H, d) and (B, H) (+1, -1, 0 padding).
    values: text embeddings of facet values at unit length, (B, M, d); rows with weight 0 are padding.
    weights: signed preferences (B, M). facet_rows, value_rows: hash rows (B, M).
    ids: rows of the table of people (B,); 0 is anybody that it does not hold.
    """

    items: Tensor
    signs: Tensor
    values: Tensor
    weights: Tensor
    facet_rows: Tensor
    value_rows: Tensor
    ids: Tensor


def hash_row(text: str, rows: int) -> int:
    """A stable row of a table for any text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "little") % rows


class FacetFields(nn.Module):
    """Signed facet preferences to a direction in text space, for any facets of any domain.

    A preference is embedded by what its value means (CLIP's text embedding), seen through a gate of
    its facet, and by a learned row of its own; a value that training never saw keeps its meaning.
    """

    def __init__(self, dim: int, rows: int) -> None:
        super().__init__()
        self.meaning = nn.Linear(dim, dim)
        self.gate = nn.Embedding(rows, dim)
        self.own = nn.Embedding(rows, dim)
        with torch.no_grad():
            self.meaning.weight.copy_(torch.eye(dim) * dim**0.5)
            self.meaning.bias.zero_()
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.own.weight)

    def meanings(self, features: Features) -> Tensor:
        """Each preference as a direction, (B, M, d)."""
        meaning = self.meaning(features.values) * (1 + self.gate(features.facet_rows))
        return meaning + self.own(features.value_rows)

    def forward(self, features: Features) -> Tensor:
        """Wanted and unwanted sums, (B, 2, d)."""
        meaning = self.meanings(features)
        sides = torch.stack([features.weights.clamp(min=0), features.weights.clamp(max=0)], dim=1)
        counts = (sides != 0).sum(dim=2, keepdim=True).clamp(min=1)
        return (sides.to(meaning.dtype) @ meaning) / counts.sqrt()


class UserFields(nn.Module):
    """u0: the fields side by side, brought to about the same size.

    Taste direction, mean likes less mean dislikes, wanted and unwanted facets (d each); how much is
    known (logarithms of the numbers of likes and dislikes); a row of the table of people where there is
    one. What is not known is zero, somebody unknown has the table's row 0: both are ordinary cases.
    """

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        self.images = Standardiser(config.dim)
        self.taste = TasteRegression(config.dim)
        self.facets = FacetFields(config.dim, config.facet_rows)
        self.size = 4 * config.dim + 2 + (config.id_width if config.users else 0)
        scale = torch.ones(self.size)
        scale[: 2 * config.dim] = 3.0
        self.scale = nn.Parameter(scale)
        self.ids = nn.Embedding(len(config.users) + 1, config.id_width) if config.users else None
        if self.ids is not None:
            nn.init.normal_(self.ids.weight, std=0.3)

    def forward(self, features: Features) -> Tensor:
        """(B, size)."""
        leaning, counts = self.taste(features.items, features.signs)  # (B, 3, d), (B, 2)
        contrast = leaning[:, 1:2] - leaning[:, 2:3]
        wide = torch.cat([leaning[:, :1], contrast, self.facets(features)], dim=1).flatten(1)
        parts = [wide, torch.log1p(counts)]
        if self.ids is not None:
            parts.append(self.ids(features.ids))
        return torch.cat(parts, dim=1) * self.scale

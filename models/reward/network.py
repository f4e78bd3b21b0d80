"""PerFusionRM's personal plug-in: features, feature crossing, adaptive networks (PerFusion Eq. 2, 4).

Letters: B rows, M facet preferences, w width of the tower, N candidates, d embedding dimension.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.frozen import Frozen
from vitrine.models.prior.taste import Standardiser, TasteRegression
from vitrine.models.reward.tower import TextTower


class RewardConfig(Frozen):
    """Shape of the plug-in."""

    dim: int = Field(gt=0, description="d of the image embedding")
    space: str = Field(min_length=1)
    tower_width: int = Field(gt=0)
    tower_layers: int = Field(gt=0)
    crossings: int = Field(default=2, ge=0)
    crossing: Literal["vector", "matrix"] = "vector"
    hidden: int = Field(default=160, ge=4)
    facet_rows: int = Field(default=256, ge=1, description="rows of the hash tables of facets")
    slope: float = Field(default=1.0, description="Platt a: probability = sigmoid(a * score + b)")
    offset: float = Field(default=0.0, description="Platt b")


@dataclass(frozen=True)
class Features:
    """What is known of B people.

    items, signs: rated history, standardised (B, H, d) and (B, H) (+1, -1, 0 padding).
    values: text embeddings of facet values at unit length, (B, M, d); rows with weight 0 are padding.
    weights: signed preferences (B, M). facet_rows, value_rows: hash rows (B, M).
    """

    items: Tensor
    signs: Tensor
    values: Tensor
    weights: Tensor
    facet_rows: Tensor
    value_rows: Tensor


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

    def forward(self, features: Features) -> Tensor:
        """Wanted and unwanted sums, (B, 2, d)."""
        meaning = self.meaning(features.values) * (1 + self.gate(features.facet_rows))
        meaning = meaning + self.own(features.value_rows)  # (B, M, d)
        sides = torch.stack([features.weights.clamp(min=0), features.weights.clamp(max=0)], dim=1)
        counts = (sides != 0).sum(dim=2, keepdim=True).clamp(min=1)
        return (sides.to(meaning.dtype) @ meaning) / counts.sqrt()


class Crossing(nn.Module):
    """One feature-crossing layer, Eq. 2, which is DCN v1: `u0 * (u . w) + b + u`.

    With `matrix`, DCN v2: `u0 * (W u + b) + u`. The vector form with b = 0 stays collinear with u0,
    which is why `PersonalPlugin` normalises its output.
    """

    def __init__(self, size: int, kind: Literal["vector", "matrix"]) -> None:
        """Start near the identity.

        With weights of unit gain u . w is as often below -1 as above, which turns the whole of u
        round for every other person, and nothing personal is learned.
        """
        super().__init__()
        self.kind = kind
        shape = (size, size) if kind == "matrix" else (size,)
        self.weight = nn.Parameter(torch.randn(*shape) * 0.1 * size**-0.5)
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, first: Tensor, u: Tensor) -> Tensor:
        """(B, size) of u0 and u to the next u."""
        if self.kind == "matrix":
            return first * (u @ self.weight.T + self.bias) + u
        return first * (u @ self.weight).unsqueeze(1) + self.bias + u


class AdaptiveNetworks(nn.Module):
    """Two-layer GELU networks, one for each layer of a tower, whose last layer starts at zero (Eq. 4)."""

    def __init__(self, size: int, hidden: int, width: int, layers: int) -> None:
        super().__init__()
        self.first = nn.ModuleList([nn.Linear(size, hidden) for _ in range(layers)])
        self.last = nn.ModuleList([nn.Linear(hidden, width) for _ in range(layers)])
        for last in self.last:
            nn.init.zeros_(last.weight)  # pyright: ignore[reportArgumentType]
            nn.init.zeros_(last.bias)  # pyright: ignore[reportArgumentType]

    def forward(self, u: Tensor) -> Tensor:
        """(B, size) to (B, layers, w)."""
        pairs = zip(self.first, self.last, strict=True)
        return torch.stack([last(F.gelu(first(u))) for first, last in pairs], dim=1)


@dataclass(frozen=True)
class Knowledge:
    """What the plug-in adds.

    To attention and FFN of each layer, (B, layers, w) each, and the factor of the logit scale, ().
    """

    attention: Tensor
    network: Tensor
    factor: Tensor


class PersonalPlugin(nn.Module):
    """User features to adaptive knowledge for the attention and the FFN of every layer of the text tower.

    Missing features are ordinary: no history and no facets give a constant, learned u.
    """

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        self.config = config
        self.images = Standardiser(config.dim)
        self.taste = TasteRegression(config.dim)
        self.facets = FacetFields(config.dim, config.facet_rows)
        size = 4 * config.dim + 2
        scale = torch.ones(size)
        scale[: 2 * config.dim] = 3.0  # brings all fields to about the same size
        self.scale = nn.Parameter(scale)
        self.crossings = nn.ModuleList(
            [Crossing(size, config.crossing) for _ in range(config.crossings)]
        )
        self.norm = nn.LayerNorm(size)
        shape = (size, config.hidden, config.tower_width, config.tower_layers)
        self.certainty = nn.Parameter(torch.zeros(()))
        self.attention = AdaptiveNetworks(*shape)
        self.network = AdaptiveNetworks(*shape)

    def user(self, features: Features) -> Tensor:
        """The crossed user representation u, (B, size).

        Fields of Eq. 2: taste direction, mean likes less mean dislikes, wanted and unwanted facets (d
        each), and how much is known (the logarithms of the numbers of likes and dislikes).
        """
        leaning, counts = self.taste(features.items, features.signs)  # (B, 3, d), (B, 2)
        contrast = leaning[:, 1:2] - leaning[:, 2:3]
        wide = torch.cat([leaning[:, :1], contrast, self.facets(features)], dim=1).flatten(1)
        u = first = torch.cat([wide, torch.log1p(counts)], dim=1) * self.scale
        for crossing in self.crossings:
            u = crossing(first, u)
        return self.norm(u)

    def knowledge(self, u: Tensor) -> Knowledge:
        """Adaptive knowledge of u (B, size)."""
        return Knowledge(self.attention(u), self.network(u), self.certainty.exp())

    def forward(self, features: Features) -> Knowledge:
        """Adaptive knowledge of people with these features."""
        return self.knowledge(self.user(features))


def text_scores(tower: TextTower, knowledge: Knowledge, tokens: Tensor, images: Tensor) -> Tensor:
    """Scaled cosines of the personal text embedding with images (Eq. 6), in fp32.

    Differs from the paper: Eq. 8 has no temperature; here it is the backbone's frozen logit scale times
    a learned factor that starts at 1. With the frozen scale alone a unit vector cannot be cautious:
    choices are noisy, and every wrong component of the text embedding costs full certainty.

    Args:
        tokens: (B, T). images: raw embeddings (B, N, d).

    Returns:
        (B, N).
    """
    text = tower.encode(tokens, knowledge.attention, knowledge.network)
    with torch.autocast(images.device.type, enabled=False):
        unit_text = F.normalize(text.float(), dim=1)
        cosines = torch.einsum("bd,bnd->bn", unit_text, F.normalize(images.float(), dim=2))
        return tower.logit_scale * knowledge.factor * cosines


def personal_scores(
    tower: TextTower, plugin: PersonalPlugin, features: Features, tokens: Tensor, images: Tensor
) -> Tensor:
    """`text_scores` for people with these features."""
    return text_scores(tower, plugin(features), tokens, images)

"""PerFusionRM's personal plug-ins: feature crossing and adaptive networks (PerFusion Eq. 2, 4, 6).

Letters: B people, T tokens, w width of a tower, N candidates, d embedding dimension.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import SetupError
from vitrine.models.reward.features import Features, RewardConfig, UserFields
from vitrine.models.reward.tower import Added, TextTower, VisionTower


class Crossing(nn.Module):
    """One feature-crossing layer, Eq. 2, which is DCN v1: `u0 * (u . w) + b + u`.

    With `matrix`, DCN v2: `u0 * (W u + b) + u`. The vector form with b = 0 stays collinear with u0,
    which is why `TowerPlugin` normalises its output.
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


class TowerPlugin(nn.Module):
    """One plug-in: crossed features to knowledge for the attention and the FFN of every layer.

    A norm that adds almost nothing to the variance (`soft` near 0) blows the first hint of a taste up to
    the size of a taste that is well known; with a variance like u's own, little knowledge stays little.
    """

    def __init__(self, size: int, config: RewardConfig, width: int, layers: int) -> None:
        super().__init__()
        self.crossings = nn.ModuleList(
            [Crossing(size, config.crossing) for _ in range(config.crossings)]
        )
        self.norm = nn.LayerNorm(size, eps=config.soft)
        self.attention = AdaptiveNetworks(size, config.hidden, width, layers)
        self.network = AdaptiveNetworks(size, config.hidden, width, layers)

    def cross(self, first: Tensor) -> Tensor:
        """The crossed representation u (B, size) of u0 (B, size)."""
        u = first
        for crossing in self.crossings:
            u = crossing(first, u)
        return self.norm(u)

    def forward(self, u: Tensor) -> Added:
        """Knowledge of u (B, size)."""
        return Added(self.attention(u), self.network(u))


@dataclass(frozen=True)
class Knowledge:
    """What the plug-ins add to the towers (None: that tower is the same for everybody).

    `factor`: of the logit scale, ().
    """

    text: Added | None
    vision: Added | None
    factor: Tensor


class PersonalPlugin(nn.Module):
    """User features to adaptive knowledge for the towers that are personal (sec. 4.2, 5.4).

    Differs from the paper: the fields, its embedding layer, are common to both towers; crossing and
    adaptive networks are a tower's own, or one set for both ("shared", of which the tower with fewer
    layers uses the first ones).
    """

    def __init__(self, config: RewardConfig) -> None:
        """Start with zero knowledge.

        Raises:
            SetupError: the variant needs a picture tower and there is none, or one set of networks is
                wanted for towers of different widths.
        """
        super().__init__()
        if config.towers != "text" and not config.vision_layers:
            raise SetupError(f"towers {config.towers!r}: the model has no picture tower")
        if config.towers == "shared" and config.tower_width != config.vision_width:
            raise SetupError(
                f"towers 'shared': expected one width, found {config.tower_width} (text) and"
                f" {config.vision_width} (vision)"
            )
        self.config = config
        self.fields = UserFields(config)
        size = self.fields.size
        text = (config.tower_width, config.tower_layers)
        vision = (config.vision_width, config.vision_layers)
        shared = (config.tower_width, max(config.tower_layers, config.vision_layers))
        self.certainty = nn.Parameter(torch.zeros(()))
        self.text = (
            TowerPlugin(size, config, *(shared if config.towers == "shared" else text))
            if config.towers != "vision"
            else None
        )
        self.vision = (
            TowerPlugin(size, config, *vision) if config.towers in ("both", "vision") else None
        )

    def crossed(self, first: Tensor) -> Tensor:
        """The representation u (B, size) of u0, by the plug-in of one tower."""
        plugin = self.vision if self.text is None else self.text
        assert plugin is not None
        return plugin.cross(first)

    def knowledge(self, first: Tensor) -> Knowledge:
        """Adaptive knowledge of u0 (B, size)."""
        text = None if self.text is None else self.text(self.text.cross(first))
        vision = None if self.vision is None else self.vision(self.vision.cross(first))
        if self.config.towers == "shared" and text is not None:
            vision = _first(text, self.config.vision_layers)
            text = _first(text, self.config.tower_layers)
        return Knowledge(text, vision, self.certainty.exp())

    def forward(self, features: Features) -> Knowledge:
        """Adaptive knowledge of people with these features."""
        return self.knowledge(self.fields(features).first)


def _first(added: Added, layers: int) -> Added:
    return replace(added, attention=added.attention[:, :layers], network=added.network[:, :layers])


def cosine_scores(scale: float, factor: Tensor, texts: Tensor, images: Tensor) -> Tensor:
    """Scaled cosines (B, N) of texts (B, d) with images (B, N, d) (Eq. 6), in fp32.

    Differs from the paper: Eq. 8 has no temperature; here it is the backbone's frozen logit scale times
    a learned factor that starts at 1. With the frozen scale alone a unit vector cannot be cautious:
    choices are noisy, and every wrong component of the text embedding costs full certainty.
    """
    with torch.autocast(images.device.type, enabled=False):
        unit_text = F.normalize(texts.float(), dim=1)
        cosines = torch.einsum("bd,bnd->bn", unit_text, F.normalize(images.float(), dim=2))
        return scale * factor * cosines


def text_scores(tower: TextTower, knowledge: Knowledge, tokens: Tensor, images: Tensor) -> Tensor:
    """Scores (B, N) of tokens (B, T) with raw image embeddings (B, N, d), the same for everybody."""
    texts = tower.encode(tokens, knowledge.text)
    return cosine_scores(tower.logit_scale, knowledge.factor, texts, images)


def picture_scores(
    text: TextTower, vision: VisionTower, knowledge: Knowledge, tokens: Tensor, pixels: Tensor
) -> Tensor:
    """Scores (B, N) of tokens (B, T) with pictures (B, N, 3, s, s), read by both towers."""
    images = vision.encode_groups(pixels, knowledge.vision)
    return text_scores(text, knowledge, tokens, images)

"""What PerFusionRM knows of people, as fields of u0 (PerFusion Eq. 2).

Letters: B people, H history, M facet preferences, d embedding dimension.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Floats
from vitrine.models.prior.taste import SHRINK, Standardiser, TasteRegression

FIELD_SCALES = (6.0, 1.0, 0.3, 0.3)
"""Of taste direction, contrast, wanted and unwanted facets in a fresh u0. The first holds what the
others say, put together: where it stands out, the towers learn to follow it in a third of the steps."""
RIDGE = 0.05
"""Share of the mean variance of texts that their regression is damped by."""

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
    soft: float = Field(
        default=1e-5, gt=0, description="variance that the norm of u adds to u's own"
    )
    facet_rows: int = Field(default=256, ge=1, description="rows of the hash tables of facets")
    joint: bool = Field(default=False, description="stated facets take part in the regression")
    users: tuple[str, ...] = Field(default=(), description="ids with a row of their own")
    id_width: int = Field(default=64, ge=1)
    slope: float = Field(default=1.0, description="Platt a: probability = sigmoid(a * score + b)")
    offset: float = Field(default=0.0, description="Platt b")
    picture_slope: float = Field(
        default=1.0, description="the same for pictures read by the towers"
    )
    picture_offset: float = Field(default=0.0)
    drift: float = Field(
        default=0.0,
        description="of a score, for each log(1 + ratings known): taken off before a, b",
    )
    picture_drift: float = Field(default=0.0)


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

    def rows(self, person: Tensor) -> Features:
        """The features of n rows, given whose they are, (n,)."""
        return Features(*(getattr(self, part.name)[person] for part in fields(self)))


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


class StatedEvidence(nn.Module):
    """Stated preferences as judged things: what things of that value look like, and how sure that is.

    A linear map leads from the value's text embedding to standardised image embeddings. Rows of tables
    say what is known of a value beyond its meaning; a value that training never saw has zeros there.
    """

    def __init__(self, dim: int, rows: int) -> None:
        super().__init__()
        self.looks = nn.Linear(dim, dim)
        self.gate = nn.Embedding(rows, dim)
        self.own = nn.Embedding(rows, dim)
        self.sure = nn.Embedding(rows, 2)
        """What a value adds to the logarithms of noise and gain."""
        self.log_noise = nn.Parameter(torch.zeros(()))
        self.log_gain = nn.Parameter(torch.zeros(()))
        with torch.no_grad():
            self.looks.weight.copy_(torch.eye(dim) * dim**0.5)
            self.looks.bias.zero_()
        for table in (self.gate, self.own, self.sure):
            nn.init.zeros_(table.weight)

    @torch.no_grad()
    def fit(self, texts: Floats, images: Tensor) -> None:
        """Start from the ridge regression of standardised images (n, d) on their texts (n, d)."""
        said = F.normalize(torch.from_numpy(texts).float(), dim=1)
        middle = said.mean(dim=0)
        centred = said - middle
        spread = centred.T @ centred / len(centred)
        ridge = RIDGE * spread.diagonal().mean() * torch.eye(len(spread))
        solved = torch.linalg.solve(spread + ridge, centred.T @ images / len(centred))
        self.looks.weight.copy_(solved.T)
        self.looks.bias.copy_(-(middle @ solved))

    def forward(self, features: Features) -> tuple[Tensor, Tensor, Tensor]:
        """Rows (B, M, d), targets and logarithms of noise (B, M) of the regression."""
        looks = self.looks(features.values) * (1 + self.gate(features.facet_rows))
        looks = looks + self.own(features.value_rows)
        stated = (features.weights != 0).unsqueeze(2)
        noise, gain = self.sure(features.value_rows).unbind(dim=2)
        targets = (self.log_gain + gain).exp() * features.weights
        return looks * stated, targets, self.log_noise + noise


class TasteFields(nn.Module):
    """What judged things say of a taste and, with `joint`, stated preferences beside them.

    A stated preference takes part in the regression of `TasteRegression` as if it were one more judged
    thing with a noise of its own: the taste direction is the posterior mean given both.
    """

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        self.regression = TasteRegression(config.dim)
        self.stated = StatedEvidence(config.dim, config.facet_rows) if config.joint else None

    def direction(self, features: Features) -> Tensor:
        """The taste direction, (B, d): `x . direction / sqrt(d)` guesses what x is judged."""
        mapped, gram, targets = self._system(features)
        with torch.autocast(mapped.device.type, enabled=False):
            weights = torch.linalg.solve(gram, targets.unsqueeze(2))
            mixed = (mapped.transpose(1, 2) @ weights).squeeze(2)
            return mixed @ self.regression.metric.float().T * mapped.shape[2] ** -0.5

    def terms(self, features: Features) -> Tensor:
        """What each piece of evidence adds to the direction, which is linear in what was judged.

        (B, H, d) of judged things; with `joint` (B, H + M, d), stated preferences behind them.
        """
        mapped, gram, targets = self._system(features)
        with torch.autocast(mapped.device.type, enabled=False):
            back = torch.linalg.solve(gram, mapped) @ self.regression.metric.float().T
            return back * targets.unsqueeze(2) * mapped.shape[2] ** -0.5

    def _system(self, features: Features) -> tuple[Tensor, Tensor, Tensor]:
        """Rows in the metric (B, R, d), their Gram matrix with the noise (B, R, R), targets (B, R)."""
        rows, targets = features.items, features.signs.to(features.items.dtype)
        noise = self.regression.log_ridge.expand(targets.shape)
        if self.stated is not None:
            looks, weights, unsure = self.stated(features)
            rows = torch.cat([rows, looks], dim=1)
            targets = torch.cat([targets, weights], dim=1)
            noise = torch.cat([noise, unsure], dim=1)
        with torch.autocast(rows.device.type, enabled=False):
            mapped = rows.float() @ self.regression.metric.float()
            gram = mapped @ mapped.transpose(1, 2) / rows.shape[2]
            return mapped, gram + torch.diag_embed(noise.float().exp()), targets.float()

    def contrast(self, features: Features) -> Tensor:
        """Shrunk mean of the likes less that of the dislikes, (B, d)."""
        items, signs = features.items, features.signs
        sides = torch.stack([signs > 0, signs < 0], dim=1).to(items.dtype)
        means = (sides @ items) / (sides.sum(dim=2) + SHRINK).unsqueeze(2)  # (B, 2, d)
        return means[:, 0] - means[:, 1]


@dataclass(frozen=True)
class Known:
    """What the fields say: u0 (B, size), and the taste direction (B, d) that stands in it."""

    first: Tensor
    direction: Tensor


class UserFields(nn.Module):
    """u0: the fields side by side.

    Taste direction, mean likes less mean dislikes, wanted and unwanted facets (d each); how much is
    known (logarithms of the numbers of likes and dislikes, and of wants and aversions); a row of the
    table of people where there is one. What is not known is zero, somebody unknown has the table's
    row 0: both are ordinary cases.
    """

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        self.images = Standardiser(config.dim)
        self.taste = TasteFields(config)
        self.facets = FacetFields(config.dim, config.facet_rows)
        self.counted = 4 if config.joint else 2
        self.size = 4 * config.dim + self.counted + (config.id_width if config.users else 0)
        scale = torch.ones(self.size)
        for field, size in enumerate(FIELD_SCALES):
            scale[field * config.dim : (field + 1) * config.dim] = size
        self.scale = nn.Parameter(scale)
        self.ids = nn.Embedding(len(config.users) + 1, config.id_width) if config.users else None
        if self.ids is not None:
            nn.init.normal_(self.ids.weight, std=0.3)

    def forward(self, features: Features) -> Known:
        """u0 and taste direction of B people."""
        direction = self.taste.direction(features)
        contrast = self.taste.contrast(features)
        wanted = self.facets(features).flatten(1)
        known = [features.signs > 0, features.signs < 0]
        known += [features.weights > 0, features.weights < 0] if self.counted == 4 else []
        counts = torch.stack([side.sum(dim=1) for side in known], dim=1)
        parts = [direction, contrast, wanted, torch.log1p(counts.to(direction.dtype))]
        if self.ids is not None:
            parts.append(self.ids(features.ids))
        return Known(torch.cat(parts, dim=1) * self.scale, direction)

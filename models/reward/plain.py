"""A plain tower on the same features: what the reward model is compared with.

Two networks, one over a person's features and one over an item's embedding, meet in a product; words
count through the backbone's cosine. No feature crossing, and nothing is put into the backbone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.ports import Floats
from vitrine.models.experience import Experience, GroupRow
from vitrine.models.reward.evaluate import features_of
from vitrine.models.reward.features import Features, UserFields
from vitrine.models.reward.losses import mean_group_loss
from vitrine.models.reward.network import PersonalPlugin
from vitrine.models.reward.probe import CHOICE_WEIGHT, Facts, within
from vitrine.models.reward.scorer import FeatureReader, Tokenize
from vitrine.models.reward.tower import TextTower
from vitrine.models.reward.train import Material, people_of, words_of
from vitrine.models.training import Fitted, TrainingRun

HIDDEN = 256


class PlainTower(nn.Module):
    """Person's and item's networks, over the fields of a reward model, as they are."""

    def __init__(self, fields: UserFields, dim: int) -> None:
        super().__init__()
        self.person, self.item = (
            nn.Sequential(nn.Linear(size, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, dim))
            for size in (fields.size, dim)
        )
        self.words = nn.Parameter(torch.tensor(-1.5))
        self.rating = nn.Parameter(torch.zeros(()))

    def forward(self, first: Tensor, words: Tensor, images: Tensor) -> Tensor:
        """Scores (B, N) of standardised images (B, N, d); `words`: the backbone's scores (B, N)."""
        product = torch.einsum("bd,bnd->bn", self.person(first), self.item(images))
        return self.words.exp() * words + product * images.shape[2] ** -0.5


class PlainScorer:
    """A trained plain tower."""

    def __init__(
        self, plugin: PersonalPlugin, data: Experience, text: TextTower, tokenize: Tokenize
    ) -> None:
        """`plugin`: a reward model, whose fitted fields are read; they do not change."""
        self._plugin, self._data = plugin, data
        self._text, self._tokenize = text, tokenize
        self._reader = FeatureReader(text, tokenize, plugin)
        self.net = PlainTower(plugin.fields, plugin.config.dim)

    def learn(self, job: TrainingRun, batch: int, material: Material) -> Fitted:
        """Train on the same people, ratings and groups as the reward model."""
        records, words = material.records, material.words
        facts = Facts(self._plugin, self._data, people_of(self._data, self._reader), records, words)

        def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            rng = np.random.default_rng(generator.initial_seed())
            rows = rng.integers(len(records.users), size=batch)
            told = facts.tell(rows, rng)
            first = self._first(told.features)
            guesses = self.net(first, torch.zeros(()), facts.standard[told.items])
            value = within(self.net.rating.exp() * guesses, told.ratings)
            shown = torch.from_numpy(records.shown[rows])
            groups = shown.shape[1]
            shown, chosen = (
                shown.flatten(0, 1),
                torch.from_numpy(records.chosen[rows] & told.free[..., None]).flatten(0, 1),
            )
            asked = words[torch.from_numpy(records.text[rows])].flatten(0, 1)
            there, shown = shown >= 0, shown.clamp(min=0)
            backbone = torch.einsum("bd,bnd->bn", asked, facts.unit[shown])
            every = first.repeat_interleave(groups, dim=0)
            scores = self.net(every, backbone, facts.standard[shown])
            return value + CHOICE_WEIGHT * mean_group_loss(scores, chosen, there), {}

        fitted = job.fit(self.net, loss, data=self._data.sha256)
        self.net.load_state_dict(dict(fitted.ema))
        self.net.eval()
        return fitted

    @torch.no_grad()
    def group_scores(
        self, groups: Sequence[tuple[int, GroupRow]], *, history: int, facets: bool
    ) -> list[Floats]:
        """Scores of every group's items."""
        raw = torch.from_numpy(self._data.images)
        texts = sorted({group.text for _, group in groups})
        row = {text: place for place, text in enumerate(texts)}
        words = words_of(self._text, self._tokenize(texts))
        firsts: dict[int, Tensor] = {}
        result: list[Floats] = []
        for user, group in groups:
            if user not in firsts:
                known = features_of(self._data, user, history=history, facets=facets)
                firsts[user] = self._first(self._reader.read([known.taste], [known.facets]))
            images = raw[list(group.items)].unsqueeze(0)
            backbone = F.normalize(images, dim=2) @ words[row[group.text]]
            standard = self._plugin.fields.images(images)
            result.append(self.net(firsts[user], backbone, standard)[0].numpy())
        return result

    @torch.no_grad()
    def _first(self, features: Features) -> Tensor:
        return self._plugin.fields(features).first

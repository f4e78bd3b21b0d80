"""A plain tower on the same features: what the reward model is compared with.

Two networks, one over a person's features and one over an item's embedding, meet in a product; words
count through the backbone's cosine. No feature crossing, and nothing is put into the backbone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from vitrine.core.ports import Floats
from vitrine.models.experience import Experience, GroupRow
from vitrine.models.reward.evaluate import features_of
from vitrine.models.reward.features import Features, RewardConfig
from vitrine.models.reward.groups import GroupSampler
from vitrine.models.reward.lesson import RATED_ROWS, RewardLesson, RewardTraining
from vitrine.models.reward.losses import mean_group_loss
from vitrine.models.reward.network import cosine_scores
from vitrine.models.reward.scorer import FeatureReader, Tokenize
from vitrine.models.reward.tower import TextTower
from vitrine.models.reward.train import fresh_plugin, people_of
from vitrine.models.training import Fitted, TrainingRun

HIDDEN = 256


class PlainTower(nn.Module):
    """Person's and item's networks, over the fields of `RewardTraining`'s plug-in."""

    def __init__(self, training: RewardTraining) -> None:
        super().__init__()
        config = training.plugin.config
        self.fields = training.plugin.fields
        sizes = (self.fields.size, config.dim)
        self.person, self.item = (
            nn.Sequential(nn.Linear(size, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, config.dim))
            for size in sizes
        )
        self.words = nn.Parameter(torch.zeros(()))

    def forward(self, first: Tensor, words: Tensor, images: Tensor) -> Tensor:
        """Scores (B, N) of standardised images (B, N, d); `words`: the backbone's scores (B, N)."""
        product = torch.einsum("bd,bnd->bn", self.person(first), self.item(images))
        return self.words.exp() * words + product * images.shape[2] ** -0.5


class PlainScorer:
    """A trained plain tower."""

    def __init__(
        self, config: RewardConfig, data: Experience, text: TextTower, tokenize: Tokenize
    ) -> None:
        plugin = fresh_plugin(config, data)
        self._training = RewardTraining(plugin)
        self._text, self._tokenize, self._data = text, tokenize, data
        self._reader = FeatureReader(text, tokenize, plugin)
        self.net = PlainTower(self._training)

    def learn(self, job: TrainingRun, batch: int) -> Fitted:
        """Train on the same groups, drawn in the same way, as the reward model."""
        people = people_of(self._data, self._reader)
        lesson = RewardLesson(self._training, self._text, self._data, people)
        groups = GroupSampler(self._data)
        tokens = self._tokenize(groups.texts)

        def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            rng = np.random.default_rng(generator.initial_seed())
            value = torch.zeros(())
            for rated in (False, True):
                drawn = groups.draw(RATED_ROWS * batch if rated else batch, rng, rated=rated)
                rows = torch.from_numpy(drawn.items.clip(min=0))
                words = self._words(tokens[torch.from_numpy(drawn.text)], lesson.raw[rows])
                features = lesson.features(drawn, rng)
                scores = self.net(self.net.fields(features).first, words, lesson.standard[rows])
                there = torch.from_numpy(drawn.items >= 0)
                value = value + mean_group_loss(scores, torch.from_numpy(drawn.chosen), there)
            return value, {}

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
        result: list[Floats] = []
        for user, group in groups:
            known = features_of(self._data, user, history=history, facets=facets)
            first = self._first(self._reader.read([known.taste], [known.facets]))
            images = raw[list(group.items)].unsqueeze(0)
            words = self._words(self._tokenize([group.text]), images)
            standard = self.net.fields.images(images)
            result.append(self.net(first, words, standard)[0].numpy())
        return result

    def _first(self, features: Features) -> Tensor:
        return self.net.fields(features).first

    @torch.no_grad()
    def _words(self, tokens: Tensor, images: Tensor) -> Tensor:
        with sdpa_kernel(SDPBackend.MATH):
            said = self._text.encode(self._text.trim(tokens))
        return cosine_scores(self._text.logit_scale, torch.ones(()), said, images)

"""PerFusionRM behind the Scorer port."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import SetupError
from vitrine.core.ports import (
    Attribution,
    Contribution,
    Floats,
    Pixels,
    TasteEvidence,
    UserFeatures,
)
from vitrine.models.prior.taste import newest, pack_taste
from vitrine.models.reward.attribution import integrated, parts_of
from vitrine.models.reward.features import Features, RewardConfig, UserFields, hash_row
from vitrine.models.reward.network import PersonalPlugin, picture_scores, text_scores
from vitrine.models.reward.sight import Sight
from vitrine.models.reward.tower import TextTower
from vitrine.models.storage import load_weights, read_config

Tokenize = Callable[[Sequence[str]], Tensor]
"""Texts to token ids (n, context length)."""

FacetWeights = Mapping[tuple[str, str], float]


class ReadsFields(Protocol):
    """What reads features of people: a plug-in of the reward model, or another network's."""

    @property
    def config(self) -> RewardConfig: ...
    @property
    def fields(self) -> UserFields: ...


class FeatureReader:
    """Turns what is known of people into `Features`; remembers the meanings of facet values."""

    def __init__(self, tower: TextTower, tokenize: Tokenize, plugin: ReadsFields) -> None:
        self._tower = tower
        self._tokenize = tokenize
        self._plugin = plugin
        self._meanings: dict[str, Tensor] = {}
        self._ids = {name: row for row, name in enumerate(plugin.config.users, start=1)}

    def read(self, tastes: Sequence[TasteEvidence], facets: Sequence[FacetWeights]) -> Features:
        """Features of people, one row each."""
        config = self._plugin.config
        raw, signs = pack_taste(tastes, config.dim)
        marks = torch.from_numpy(signs)
        items = self._plugin.fields.images(torch.from_numpy(raw)) * (marks != 0).unsqueeze(2)
        ids = torch.tensor([self._ids.get(taste.user_id or "", 0) for taste in tastes])
        return Features(items, marks, *self.read_facets(facets), ids=ids)

    def read_facets(self, facets: Sequence[FacetWeights]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Padded (values (B, M, d), weights (B, M), facet rows (B, M), value rows (B, M))."""
        config = self._plugin.config
        self._learn({value for row in facets for _, value in row})
        longest = max((len(row) for row in facets), default=0)
        values = torch.zeros(len(facets), longest, config.dim)
        weights = torch.zeros(len(facets), longest)
        facet_rows = torch.zeros(len(facets), longest, dtype=torch.long)
        value_rows = torch.zeros(len(facets), longest, dtype=torch.long)
        for row, preferences in enumerate(facets):
            for place, ((facet, value), weight) in enumerate(sorted(preferences.items())):
                values[row, place] = self._meanings[value]
                weights[row, place] = float(np.clip(weight, -1, 1))
                facet_rows[row, place] = hash_row(facet, config.facet_rows)
                value_rows[row, place] = hash_row(f"{facet}={value}", config.facet_rows)
        return values, weights, facet_rows, value_rows

    @torch.no_grad()
    def _learn(self, words: set[str]) -> None:
        fresh = sorted(words - self._meanings.keys())
        if not fresh:
            return
        rows = self._tower.encode(self._tower.trim(self._tokenize(fresh)))
        self._meanings.update(zip(fresh, F.normalize(rows.float(), dim=1), strict=True))


class PerFusionScorer:
    """Calibrated probability that a person likes images for a text.

    Embeddings (samples that are not drawn yet, items of the index) are read with the text tower's
    plug-in alone; pictures with both towers, where the model has them. The two ways give cosines of
    different spread, so each has a Platt scale of its own, fitted on the same groups of the validation
    people: a probability means the same whichever way it was read.
    """

    def __init__(
        self,
        clip: nn.Module,
        tokenize: Tokenize,
        plugin: PersonalPlugin,
        sight: Sight | None = None,
    ) -> None:
        """`clip`: the open_clip model that the plug-ins were trained with; it stays frozen.

        Args:
            sight: its picture tower, for `score_pictures`.

        Raises:
            SetupError: the plug-ins were made for towers of another shape.
        """
        self._tower = TextTower(clip)
        config = plugin.config
        if (self._tower.width, self._tower.layers) != (config.tower_width, config.tower_layers):
            raise SetupError(
                f"the reward model expects a text tower of {config.tower_layers} x {config.tower_width},"
                f" found {self._tower.layers} x {self._tower.width}: train it for this encoder"
            )
        seen = None if sight is None else (sight.tower.width, sight.tower.layers)
        if seen is not None and seen != (config.vision_width, config.vision_layers):
            raise SetupError(
                f"the reward model expects a picture tower of {config.vision_layers} x"
                f" {config.vision_width}, found {seen[1]} x {seen[0]}: train it for this encoder"
            )
        self._tokenize = tokenize
        self._plugin = plugin.eval()
        self._sight = sight
        self._reader = FeatureReader(self._tower, tokenize, plugin)

    @property
    def space(self) -> str:
        """Embedding space of the images it scores."""
        return self._plugin.config.space

    @property
    def plugin(self) -> PersonalPlugin:
        """What has learned, without its backbone."""
        return self._plugin

    @property
    def config(self) -> RewardConfig:
        """Its shape and scales."""
        return self._plugin.config

    def score(self, user: UserFeatures, text: str, images: Floats) -> Floats:
        """Probability of liking, (n,) in 0..1, for raw image embeddings (n, d)."""
        return self.calibrated(self.logits(user, text, images))

    def score_pictures(self, user: UserFeatures, text: str, images: Sequence[Pixels]) -> Floats:
        """Probability of liking, (n,) in 0..1, for pictures, read by both towers.

        Raises:
            SetupError: this model has no picture tower.
        """
        if not len(images):
            return np.zeros(0, np.float32)
        shown = self._eye.read(images).unsqueeze(0)
        return self.calibrated(self.picture_logits_many([user], [text], shown)[0], pictures=True)

    def calibrated(self, logits: Floats, *, pictures: bool = False) -> Floats:
        """Scores to probabilities, any shape; `pictures`: of pictures, not of embeddings."""
        config = self._plugin.config
        slope, offset = config.slope, config.offset
        if pictures:
            slope, offset = config.picture_slope, config.picture_offset
        moved = np.clip(slope * logits + offset, -60, 60)
        return (1 / (1 + np.exp(-moved))).astype(np.float32)

    @property
    def _eye(self) -> Sight:
        if self._sight is None:
            raise SetupError("the reward model has no picture tower: score embeddings")
        return self._sight

    def logits(self, user: UserFeatures, text: str, images: Floats) -> Floats:
        """Scores before calibration, (n,): cosines times the backbone's logit scale."""
        if not len(images):
            return np.zeros(0, np.float32)
        return self.logits_many([user], [text], images[None])[0]

    @torch.no_grad()
    def logits_many(
        self, users: Sequence[UserFeatures], texts: Sequence[str], images: Floats
    ) -> Floats:
        """Scores before calibration of B (person, text) rows with N raw embeddings each.

        What they drift by as more is known of a person is taken off: one Platt scale serves everybody.

        Args:
            images: (B, N, d).

        Returns:
            (B, N).
        """
        features = self._reader.read([u.taste for u in users], [u.facets for u in users])
        tokens = self._tower.trim(self._tokenize(texts))
        shown = torch.from_numpy(np.ascontiguousarray(images, np.float32))
        scores = text_scores(self._tower, self._plugin(features), tokens, shown)
        return (scores - self.config.drift * _known(features)).numpy()

    @torch.no_grad()
    def picture_logits_many(
        self, users: Sequence[UserFeatures], texts: Sequence[str], pixels: Tensor
    ) -> Floats:
        """Scores before calibration (B, N) of B rows with N pictures each, (B, N, 3, s, s).

        Raises:
            SetupError: this model has no picture tower.
        """
        features = self._reader.read([u.taste for u in users], [u.facets for u in users])
        tokens = self._tower.trim(self._tokenize(texts))
        knowledge = self._plugin(features)
        scores = picture_scores(self._tower, self._eye.tower, knowledge, tokens, pixels)
        return (scores - self.config.picture_drift * _known(features)).numpy()

    @torch.no_grad()
    def attribute(self, user: UserFeatures, text: str, images: Floats) -> list[Attribution]:
        """What raised and lowered the scores of raw image embeddings (n, d), in log-odds."""
        if not len(images):
            return []
        features = self._reader.read([user.taste], [user.facets])
        parts = parts_of(self._plugin.fields, features)
        shown = torch.from_numpy(np.ascontiguousarray(images, np.float32))
        slope, offset = self._plugin.config.slope, self._plugin.config.offset

        def scores(first: Tensor, said: str) -> Tensor:
            tokens = self._tower.trim(self._tokenize([said])).expand(len(first), -1)
            knowledge = self._plugin.knowledge(first)
            every = shown.expand(len(first), -1, -1)
            return slope * text_scores(self._tower, knowledge, tokens, every) + offset

        start = parts.start.unsqueeze(0)
        silent, spoken = scores(start, "")[0], scores(start, text)[0]  # (n,)
        amounts = integrated(parts, lambda first: scores(first, text), len(shown))  # (P, n)
        amounts[-1] -= slope * self._plugin.config.drift * float(_known(features))
        names = _names(user)
        result: list[Attribution] = []
        for place in range(len(shown)):
            words = float(spoken[place] - silent[place])
            own = [
                replace(n, amount=float(a)) for n, a in zip(names, amounts[:, place], strict=True)
            ]
            told = (Contribution("words", words), *own) if text else tuple(own)
            kept = tuple(c for c in told if c.source in ("words", "facet") or c.amount != 0.0)
            result.append(Attribution(float(silent[place]), kept))
        return result


def _known(features: Features) -> Tensor:
    """log(1 + ratings) of each person, (B, 1)."""
    return (features.signs != 0).sum(dim=1, keepdim=True).float().log1p()


def _names(user: UserFeatures) -> list[Contribution]:
    """What the rows of `Parts` are, in order, without amounts."""
    names: list[Contribution] = []
    for source, kept, all_of in zip(
        ("liked", "disliked"),
        newest(user.taste),
        (user.taste.liked, user.taste.disliked),
        strict=True,
    ):
        first = len(all_of) - len(kept)
        names += [Contribution(source, 0.0, place=first + row) for row in range(len(kept))]
    names += [Contribution("facet", 0.0, facet, value) for facet, value in sorted(user.facets)]
    return [*names, Contribution("id", 0.0), Contribution("known", 0.0)]


def load_reward(
    folder: Path, clip: nn.Module, tokenize: Tokenize, sight: Sight | None = None
) -> PerFusionScorer:
    """The trained reward model of a folder, over its frozen backbone.

    Raises:
        SetupError: files are missing or damaged, or do not fit the backbone.
    """
    return PerFusionScorer(clip, tokenize, load_plugin(folder), sight)


def load_plugin(folder: Path) -> PersonalPlugin:
    """What a reward model has learned, without its backbone.

    Raises:
        SetupError: files are missing or damaged.
    """
    plugin = PersonalPlugin(read_config(folder, RewardConfig))
    load_weights(plugin, folder, rename=_present_name)
    return plugin


def _present_name(name: str) -> str:
    """What a weight is called now; models of one tower once had one level less."""
    first = name.split(".", 1)[0]
    if first == "taste":
        return name.replace("taste.", "fields.taste.regression.", 1)
    if first in ("images", "facets", "scale"):
        return f"fields.{name}"
    return f"text.{name}" if first in ("crossings", "norm", "attention", "network") else name

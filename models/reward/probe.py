"""A score without towers, and how it is fitted: what the towers are taught afterwards.

Letters: B people, H history, L ratings, G groups, N items of a group, d embedding dimension.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.models.experience import Experience
from vitrine.models.reward.features import Features, UserFields
from vitrine.models.reward.groups import Records
from vitrine.models.reward.losses import mean_group_loss
from vitrine.models.reward.network import PersonalPlugin

TOLD = (0, 2, 4, 8, 16, 24, 32, 32, 48, 64, 80, 100)
"""Numbers of ratings that are told of people, all equally often; what is hardly known teaches little."""
NO_FACETS, LOSE_FACET, NO_ID = 0.2, 0.1, 0.3
"""Shares of people without facets and without id, and of single facets that are left out."""
CHOICE_WEIGHT = 0.5
"""Of the loss of the groups beside that of the ratings."""
ID_PRIOR = 0.02
"""Of the mean square of ids' rows: who left few choices behind is not known for sure."""


class Probe(nn.Module):
    """Words and taste read without any tower: one direction for each person and text.

    The score of an image at unit length is its product with `wanted`. Learning is linear algebra here,
    while through a frozen tower with zero-initialised last layers the gradient reaches the features
    late and with noise. The towers learn to read as this does; it is not saved.
    """

    spread: Tensor

    def __init__(self, plugin: PersonalPlugin, data: Experience) -> None:
        super().__init__()
        config = plugin.config
        self.words = nn.Parameter(torch.tensor(-1.5))
        self.choice = nn.Parameter(torch.tensor(1.0))
        self.rating = nn.Parameter(torch.zeros(()))
        self.base = nn.Parameter(torch.zeros(config.dim))
        self.identity = nn.Linear(config.id_width, config.dim, bias=False) if config.users else None
        lengths = np.linalg.norm(data.images[~data.heldout], axis=1)
        typical = plugin.fields.images.std.clone() * config.dim**0.5 / float(lengths.mean())
        self.register_buffer("spread", typical)

    def taste(self, fields: UserFields, features: Features, direction: Tensor) -> Tensor:
        """From the fields' taste direction to one in the space of unit images, (B, d), on no scale yet."""
        direction = direction + self.base
        if self.identity is not None and fields.ids is not None:
            direction = direction + self.identity(fields.ids(features.ids))
        return direction / self.spread

    def wanted(self, taste: Tensor, words: Tensor) -> Tensor:
        """What the score multiplies unit images with, (B, d); `words`: the backbone's (B, d), scaled."""
        return self.choice.exp() * taste + self.words.exp() * words


@dataclass(frozen=True)
class Told:
    """What is told of B people, and what is asked then.

    items, ratings: of the other ratings (B, R), standardised, NaN where there is none. free: groups
    (B, G) of whose items none was told; a choice that made a rating would answer itself.
    """

    features: Features
    items: Tensor
    ratings: Tensor
    free: NDArray[np.bool_]


class Facts:
    """Items, words and people as tensors, and what is told of people in one step.

    raw, standard, unit: items (N, d), as they are, standardised, at unit length. words: unit text
    embeddings of the sampler's texts times the backbone's logit scale.
    """

    def __init__(
        self,
        plugin: PersonalPlugin,
        data: Experience,
        people: Features,
        records: Records,
        words: Tensor,
        *,
        id_only: bool = False,
    ) -> None:
        """`people`: features of all users, without histories. `id_only`: nothing but ids is told."""
        self.raw = torch.from_numpy(data.images)
        self.unit = F.normalize(self.raw, dim=1)
        with torch.no_grad():
            self.standard = plugin.fields.images(self.raw)
        self.people, self.records, self.words, self.id_only = people, records, words, id_only
        there = records.values > 0
        rated = records.values[there]
        self._level = float(rated.mean()) if rated.size else 3.0
        self._spread = max(float(rated.std()), 0.1) if rated.size else 1.0

    def tell(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Told:
        """A random part of what is known of B people of the records, and what is left of it."""
        records = self.records
        size = int(rng.choice(TOLD))
        order, signs = records.told(rows, size, rng)
        items = np.take_along_axis(records.items[rows], order, axis=1)
        values = np.take_along_axis(records.values[rows], order, axis=1).astype(np.float32)
        values[values == 0] = np.nan
        people = self.people.rows(torch.from_numpy(records.users[rows]))
        told = np.where(signs[:, :size] == 0, -2, items[:, :size])  # -2 stands in no group
        met = (records.shown[rows][..., None] == told[:, None, None]).any(axis=(2, 3))
        if self.id_only:
            met[:] = False
        return Told(
            self._features(people, items[:, :size], signs[:, :size], rng),
            torch.from_numpy(items[:, size:]),
            torch.from_numpy((values[:, size:] - self._level) / self._spread),
            ~met,
        )

    def _features(
        self,
        people: Features,
        items: NDArray[np.int64],
        signs: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Features:
        marks = torch.from_numpy(signs)
        history = self.standard[torch.from_numpy(items)] * (marks != 0).unsqueeze(2)
        if self.id_only:
            return replace(
                people, items=history * 0, signs=marks * 0, weights=torch.zeros_like(people.weights)
            )
        return replace(
            people,
            items=history,
            signs=marks,
            weights=keep_facets(people.weights, rng),
            ids=people.ids * torch.from_numpy(rng.random(len(signs)) >= NO_ID),
        )


class ProbeTraining(nn.Module):
    """The probe, and the fields of the plug-in that it reads; nothing else learns."""

    def __init__(self, plugin: PersonalPlugin, probe: Probe) -> None:
        super().__init__()
        self.probe = probe
        self.taste = plugin.fields.taste
        self.ids = plugin.fields.ids


class ProbeLesson:
    """The loss of one step of the fields: ratings and groups that were not told. Gives its parts, too."""

    def __init__(self, plugin: PersonalPlugin, probe: Probe, facts: Facts) -> None:
        self.plugin, self.probe, self.facts = plugin, probe, facts

    def __call__(self, batch: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Loss of `batch` people (all, if there are fewer)."""
        rng = np.random.default_rng(generator.initial_seed())
        facts, records = self.facts, self.facts.records
        count = len(records.users)
        rows = rng.choice(count, min(batch, count), replace=False)
        told = facts.tell(rows, rng)
        features = told.features
        fields = self.plugin.fields
        taste = self.probe.taste(fields, features, fields.taste.direction(features))
        value = taste.new_zeros(())
        figures: dict[str, float] = {}
        if not facts.id_only:
            guesses = self.probe.rating.exp() * _scores(taste, facts.unit[told.items])
            rated = within(guesses, told.ratings)
            value, figures["ratings"] = rated, float(rated.detach())
        shown = torch.from_numpy(records.shown[rows])
        chosen = torch.from_numpy(records.chosen[rows] & told.free[..., None])
        words = facts.words[torch.from_numpy(records.text[rows])]  # (B, G, d)
        wanted = self.probe.wanted(taste.unsqueeze(1), words).flatten(0, 1)
        scores = _scores(wanted, facts.unit[shown.clamp(min=0).flatten(0, 1)])
        choices = mean_group_loss(scores, chosen.flatten(0, 1), shown.flatten(0, 1) >= 0)
        value, figures["choices"] = value + CHOICE_WEIGHT * choices, float(choices.detach())
        if fields.ids is not None:
            value = value + ID_PRIOR * fields.ids(features.ids).square().mean()
        return value, figures


def _scores(wanted: Tensor, images: Tensor) -> Tensor:
    with torch.autocast(images.device.type, enabled=False):
        return torch.einsum("bd,bnd->bn", wanted.float(), images)


def within(guesses: Tensor, ratings: Tensor) -> Tensor:
    """Mean square of what ratings (B, R) differ from guesses, each less its mean over the row."""
    there = (~ratings.isnan()).to(guesses.dtype)
    gap = (ratings.nan_to_num() - guesses) * there
    gap = gap - there * gap.sum(dim=1, keepdim=True) / there.sum(dim=1, keepdim=True).clamp(min=1)
    return gap.square().sum() / there.sum().clamp(min=1)


def keep_facets(weights: Tensor, rng: np.random.Generator) -> Tensor:
    """Signed preferences (B, M) with whole rows and single entries left out."""
    rows = torch.from_numpy(rng.random((len(weights), 1)) >= NO_FACETS)
    single = torch.from_numpy(rng.random(tuple(weights.shape)) >= LOSE_FACET)
    return weights * rows * single

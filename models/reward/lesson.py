"""What the reward model learns from in one step: groups shown together, and groups of single ratings.

Letters: B rows, N items of a group, F groups that are followed, d embedding dimension.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from vitrine.models.experience import Experience
from vitrine.models.reward.features import Features, Known
from vitrine.models.reward.groups import GroupBatch, GroupSampler
from vitrine.models.reward.losses import mean_group_loss
from vitrine.models.reward.network import Knowledge, PersonalPlugin, cosine_scores
from vitrine.models.reward.sight import Sight
from vitrine.models.reward.tower import TextTower

NO_FACETS, LOSE_FACET, NO_ID = 0.25, 0.3, 0.3
"""Shares of rows without facets and without id, and of single facets that are left out."""
PROBE_WEIGHT, FOLLOW_WEIGHT = 0.5, 0.5
FOLLOWED = 24
"""Groups, whosever they are, in which the towers follow the probe; drawn anew for each step."""
RATED_ROWS = 1
"""Groups of single ratings for each group that was shown. They have no words: the towers learn to follow
them long before they follow under a request."""


class Probe(nn.Module):
    """Words and features read without any tower: a plain sum of two linear scores.

    Through a frozen tower with zero-initialised last layers the gradient reaches the features late; the
    probe shows them at once what is asked of them, and the towers follow its order of other groups,
    which tells a row's direction in far more places than its few choices do. What was shown together is
    alike, and in what it differs is hardly seen among items drawn at random. It is not saved.
    """

    def __init__(self, plugin: PersonalPlugin) -> None:
        super().__init__()
        self.words = nn.Parameter(torch.zeros(()))
        self.taste = nn.Parameter(torch.ones(()))
        self.more = nn.Linear(plugin.fields.size, plugin.config.dim)
        nn.init.zeros_(self.more.weight)
        nn.init.zeros_(self.more.bias)

    def forward(self, known: Known, crossed: Tensor, words: Tensor, images: Tensor) -> Tensor:
        """Scores of standardised images (B, N, d); `words`: the backbone's scores (B, N)."""
        wanted = self.taste.exp() * known.direction + self.more(crossed)
        linear = torch.einsum("bd,bnd->bn", wanted, images) * images.shape[2] ** -0.5
        return self.words.exp() * words + linear


class RewardTraining(nn.Module):
    """The plug-ins, and the probe that trains with them."""

    def __init__(self, plugin: PersonalPlugin) -> None:
        super().__init__()
        self.plugin = plugin
        self.probe = Probe(plugin)


def keep_facets(weights: Tensor, rng: np.random.Generator) -> Tensor:
    """Signed preferences (B, M) with whole rows and single entries left out."""
    rows = torch.from_numpy(rng.random((len(weights), 1)) >= NO_FACETS)
    single = torch.from_numpy(rng.random(tuple(weights.shape)) >= LOSE_FACET)
    return weights * rows * single


def order_gap(scores: Tensor, goal: Tensor, there: Tensor) -> Tensor:
    """Divergence of how F groups are ordered, (B, F, N) each, summed over groups and averaged over rows.

    Args:
        there: (F, N), false for padding.
    """
    edge = torch.finfo(scores.dtype).min / 2
    mine = scores.masked_fill(~there, edge).log_softmax(dim=2)
    wanted = goal.masked_fill(~there, edge).log_softmax(dim=2)
    return (wanted.exp() * (wanted - mine)).masked_fill(~there, 0.0).sum(dim=(1, 2)).mean()


class RewardLesson:
    """The loss of one step. Calling it gives the value and its parts."""

    def __init__(
        self,
        training: RewardTraining,
        text: TextTower,
        data: Experience,
        people: Features,
        *,
        sight: Sight | None = None,
        pictures: NDArray[np.uint8] | None = None,
        id_only: bool = False,
    ) -> None:
        """`people`: features of all users of `data`, without their histories; `id_only`: nothing but ids.

        `sight` sees `pictures` (N, s, s, 3) of the items: groups that were shown are then read in both
        ways, as embeddings and as pictures.
        """
        self.training = training
        self.text = text
        self.sight, self.pictures = sight, pictures
        self.people = people
        self.id_only = id_only
        self.raw = torch.from_numpy(data.images)
        with torch.no_grad():
            self.standard = training.plugin.fields.images(self.raw)

    def __call__(
        self, groups: GroupSampler, tokens: Tensor, batch: int, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss on `batch` shown groups and twice as many of ratings; `tokens`: of the sampler's texts."""
        rng = np.random.default_rng(generator.initial_seed())
        followed = groups.shown(FOLLOWED, rng)  # (F, N)
        figures: dict[str, float] = {}
        value = torch.zeros(())
        with sdpa_kernel(SDPBackend.MATH):  # twice as fast for such short texts
            for name, rated in (("shown", False), ("rated", True)):
                if rated and self.id_only:
                    continue
                drawn = groups.draw(RATED_ROWS * batch if rated else batch, rng, rated=rated)
                losses = self._part(drawn, tokens, followed, rng, seen=not rated)
                for part, loss in losses.items():
                    figures[f"{name}_{part}"] = float(loss.detach())
                value = value + losses["towers"] + losses.get("pictures", torch.zeros(()))
                value = value + PROBE_WEIGHT * losses["probe"] + FOLLOW_WEIGHT * losses["follow"]
        return value, figures

    def _part(
        self,
        drawn: GroupBatch,
        tokens: Tensor,
        followed: NDArray[np.int64],
        rng: np.random.Generator,
        *,
        seen: bool,
    ) -> dict[str, Tensor]:
        plugin, text = self.training.plugin, self.text
        known = plugin.fields(self.features(drawn, rng))
        knowledge = plugin.knowledge(known.first)
        asked = text.trim(tokens[torch.from_numpy(drawn.text)])
        said = text.encode(asked, knowledge.text)
        with torch.no_grad():
            plain = text.encode(asked)
        rows = torch.from_numpy(drawn.items.clip(min=0))
        chosen, there = torch.from_numpy(drawn.chosen), torch.from_numpy(drawn.items >= 0)
        others = torch.from_numpy(followed)
        flat = others.clamp(min=0).flatten().expand(len(rows), -1)
        every = torch.cat([rows, flat], dim=1)  # (B, N + F N)
        one, count = torch.ones(()), rows.shape[1]
        backbone = cosine_scores(text.logit_scale, one, plain, self.raw[every])
        crossed = plugin.crossed(known.first)
        probed = self.training.probe(known, crossed, backbone, self.standard[every])
        scores = cosine_scores(text.logit_scale, knowledge.factor, said, self.raw[every])
        follow = order_gap(
            scores[:, count:].unflatten(1, others.shape),
            probed[:, count:].detach().unflatten(1, others.shape),
            others >= 0,
        )
        losses = {
            "towers": mean_group_loss(scores[:, :count], chosen, there),
            "probe": mean_group_loss(probed[:, :count], chosen, there),
            "follow": follow,
        }
        if seen and self.sight is not None and self.pictures is not None:
            shown = self.pictures[rows[there].numpy()]
            pictured = self._pictured(self.sight, shown, there, said, knowledge)
            losses["pictures"] = mean_group_loss(pictured, chosen, there)
        return losses

    def _pictured(
        self,
        sight: Sight,
        shown: NDArray[np.uint8],
        there: Tensor,
        said: Tensor,
        knowledge: Knowledge,
    ) -> Tensor:
        """Scores (B, N) of pictures, each read for its own person; `shown`: those that are `there`."""
        person = torch.arange(len(there)).unsqueeze(1).expand_as(there)[there]  # (shown,)
        added = None if knowledge.vision is None else knowledge.vision.rows(person)
        seen = sight.tower.encode(sight.read(list(shown)), added)
        images = said.new_zeros(*there.shape, said.shape[1])
        images[there] = seen.to(said.dtype)
        return cosine_scores(self.text.logit_scale, knowledge.factor, said, images)

    def features(self, drawn: GroupBatch, rng: np.random.Generator) -> Features:
        """What is told of the people of a batch: a random part of what is known of them."""
        signs = torch.from_numpy(drawn.signs)
        items = self.standard[torch.from_numpy(drawn.history.clip(min=0))]
        people = self.people.rows(torch.from_numpy(drawn.user))
        if self.id_only:
            return replace(
                people, items=items * 0, signs=signs * 0, weights=torch.zeros_like(people.weights)
            )
        ids = people.ids * torch.from_numpy(rng.random(len(signs)) >= NO_ID)
        return replace(
            people,
            items=items * (signs != 0).unsqueeze(2),
            signs=signs,
            weights=keep_facets(people.weights, rng),
            ids=ids,
        )

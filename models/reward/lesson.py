"""What the towers learn in one step: to read as the probe does, and what was chosen of groups.

Letters: B people, N items of a group, d embedding dimension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from vitrine.models.reward.features import Features
from vitrine.models.reward.losses import mean_group_loss
from vitrine.models.reward.network import Knowledge, PersonalPlugin, cosine_scores
from vitrine.models.reward.probe import Facts, Probe
from vitrine.models.reward.sight import Sight
from vitrine.models.reward.tower import TextTower

GROUPED = 4
"""People of a step for each one of whom a group is read."""
PICTURED = 8
"""The same, of whom the pictures of a group are read."""
BETWEEN, LEVEL = 0.3, 0.3
"""Weights, beside the order within groups, of how groups' means differ and of how far people and texts
have levels of their own: no order depends on them, but a probability does."""
LEAST = 1e-6
"""Added to the covariance of unit images, whose mean entry on the diagonal is about 1 / (2 d)."""


def spread_shown(units: Tensor, shown: NDArray[np.int64], between: float) -> Tensor:
    """Cholesky factor (d, d) of how unit images (N, d) differ within groups (..., N) of rows.

    Args:
        between: weight of how groups' means differ, beside that.
    """
    rows = shown.reshape(-1, shown.shape[-1])
    total = torch.zeros(units.shape[1], units.shape[1])
    count = 0
    means: list[Tensor] = []
    for start in range(0, len(rows), 4096):
        part = torch.from_numpy(rows[start : start + 4096])
        there = (part >= 0).unsqueeze(2)
        images = units[part.clamp(min=0)] * there
        middle = images.sum(dim=1, keepdim=True) / there.sum(dim=1, keepdim=True).clamp(min=1)
        gaps = ((images - middle) * there).flatten(0, 1)
        total += gaps.T @ gaps
        count += int((there.sum(dim=1) - 1).clamp(min=0).sum())
        means.append(middle[part[:, 0] >= 0, 0])
    apart = torch.cat(means)
    apart = apart - apart.mean(dim=0)
    whole = total / max(count, 1) + between * apart.T @ apart / max(len(apart), 1)
    return torch.linalg.cholesky(whole + LEAST * torch.eye(len(whole)))


@dataclass(frozen=True)
class Sights:
    """How pictures (N, s, s, 3) of the items are seen."""

    sight: Sight
    pictures: NDArray[np.uint8]


class RewardLesson:
    """The loss of one step of the towers. Calling it gives the value and its parts.

    The towers are taught by regression: for a person and a text, the scaled text embedding v is to
    order all groups as the probe's direction w does, and for groups of many items, whatever they are,
    that is `(v - w)^T S (v - w)` with S the covariance of images within groups (and a little of that
    between them). It takes no candidates and has no noise of choices. Pictures, which have no fixed
    embedding, follow the probe's scores.
    """

    def __init__(
        self,
        plugin: PersonalPlugin,
        probe: Probe,
        text: TextTower,
        facts: Facts,
        tokens: Tensor,
        *,
        sights: Sights | None = None,
    ) -> None:
        """`tokens`: of the texts of the facts' records (T, context)."""
        self.plugin, self.probe, self.text = plugin, probe, text
        self.facts, self.tokens, self.sights = facts, tokens, sights
        self.spread = spread_shown(facts.unit, facts.records.shown, BETWEEN)
        self.middle = facts.unit.mean(dim=0)
        filled = (tokens != tokens[:, -1:]).sum(dim=1)
        self._by_length = filled.argsort().numpy()

    def __call__(
        self, batch: int, generator: torch.Generator, *, choosing: bool
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss of `batch` people, each with a text; `choosing`: learn from choices, too."""
        rng = np.random.default_rng(generator.initial_seed())
        rows = rng.integers(len(self.facts.records.users), size=batch)
        told = self.facts.tell(rows, rng)
        taste, knowledge = self._known(told.features)
        losses: dict[str, Tensor] = {}
        with sdpa_kernel(SDPBackend.MATH):  # twice as fast for such short texts
            if knowledge.text is not None:
                losses["teach"] = self._taught(taste, knowledge, self._texts(batch, rng))
            if choosing and knowledge.text is not None:
                few = slice(0, max(1, batch // GROUPED))
                losses |= self._grouped(
                    rows, few, told.free, taste, knowledge, rng, seen=False, choosing=True
                )
            if self.sights is not None:
                few = slice(0, max(1, batch // PICTURED))
                losses |= self._grouped(
                    rows, few, told.free, taste, knowledge, rng, seen=True, choosing=choosing
                )
        value = torch.stack(list(losses.values())).sum()
        return value, {name: float(loss.detach()) for name, loss in losses.items()}

    @torch.no_grad()
    def held_out(self, batch: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Loss of the choices alone: of people and groups that are not learned from."""
        rng = np.random.default_rng(generator.initial_seed())
        rows = rng.integers(len(self.facts.records.users), size=batch)
        told = self.facts.tell(rows, rng)
        taste, knowledge = self._known(told.features)
        seen = knowledge.text is None
        part = self._grouped(
            rows, slice(0, batch), told.free, taste, knowledge, rng, seen=seen, choosing=True
        )
        return part["picture_choices" if seen else "choices"], {}

    def _known(self, features: Features) -> tuple[Tensor, Knowledge]:
        known = self.plugin.fields(features)
        with torch.no_grad():
            taste = self.probe.taste(self.plugin.fields, features, known.direction)
        return taste, self.plugin.knowledge(known.first)

    def _texts(self, batch: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Rows of texts of about one length, in random order: short ones are read in no time."""
        count = len(self._by_length)
        first = int(rng.integers(max(1, count - batch + 1)))
        return rng.permutation(self._by_length[(first + np.arange(batch)) % count])

    def _taught(self, taste: Tensor, knowledge: Knowledge, texts: NDArray[np.int64]) -> Tensor:
        rows = torch.from_numpy(texts)
        said = self.text.encode(self.text.trim(self.tokens[rows]), knowledge.text)
        with torch.autocast(said.device.type, enabled=False):
            wanted = self.probe.wanted(taste, self.facts.words[rows]).detach()
            scaled = self.text.logit_scale * knowledge.factor * F.normalize(said.float(), dim=1)
            taught = ((scaled - wanted) @ self.spread).square().sum(dim=1).mean()
            return taught + LEVEL * (scaled @ self.middle).var(correction=0)

    def _grouped(
        self,
        rows: NDArray[np.int64],
        few: slice,
        free: NDArray[np.bool_],
        taste: Tensor,
        knowledge: Knowledge,
        rng: np.random.Generator,
        *,
        seen: bool,
        choosing: bool,
    ) -> dict[str, Tensor]:
        """Losses of one group of each of a `few` people: as embeddings, or `seen` as pictures."""
        own = rows[few]
        shown, choice, words = self.facts.records.group_of_each(own, free[few], rng)
        items, chosen, text = map(torch.from_numpy, (shown, choice, words))
        there = items >= 0
        mine = Knowledge(
            None if knowledge.text is None else knowledge.text.rows(torch.arange(len(own))),
            None if knowledge.vision is None else knowledge.vision.rows(torch.arange(len(own))),
            knowledge.factor,
        )
        said = self.text.encode(self.text.trim(self.tokens[text]), mine.text)
        if not seen:
            images = self.facts.raw[items.clamp(min=0)]
            scores = cosine_scores(self.text.logit_scale, mine.factor, said, images)
            return {"choices": mean_group_loss(scores, chosen, there)}
        scores = self._pictured(items, said, mine)
        wanted = self.probe.wanted(taste[few], self.facts.words[text])
        goal = torch.einsum("bd,bnd->bn", wanted, self.facts.unit[items.clamp(min=0)]).detach()
        gap = (scores - goal) * there
        gap = gap - there * gap.sum(dim=1, keepdim=True) / there.sum(dim=1, keepdim=True)
        losses = {"pictures": gap.square().sum() / there.sum()}
        if choosing:
            losses["picture_choices"] = mean_group_loss(scores, chosen, there)
        return losses

    def _pictured(self, items: Tensor, said: Tensor, knowledge: Knowledge) -> Tensor:
        """Scores (B, N) of the pictures of `items` (B, N), each read for its own person."""
        assert self.sights is not None
        there = items >= 0
        person = torch.arange(len(there)).unsqueeze(1).expand_as(there)[there]  # (shown,)
        added = None if knowledge.vision is None else knowledge.vision.rows(person)
        shown = self.sights.sight.read(list(self.sights.pictures[items[there].numpy()]))
        seen = self.sights.sight.tower.encode(shown, added)
        images = said.new_zeros(*there.shape, said.shape[1])
        images[there] = seen.to(said.dtype)
        return cosine_scores(self.text.logit_scale, knowledge.factor, said, images)

"""Training of the reward model: `vitrine train reward --data F --clip F --out F`.

The CLIP backbone is frozen; the plug-in learns from groups shown together (Eq. 8, 9). History and
stated facets are left out at random, so that little knowledge of a person is an ordinary case.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from vitrine.core.errors import RequestError
from vitrine.models.experience import (
    DISLIKED,
    LIKED,
    Experience,
    GroupRow,
    Rated,
    UserSplit,
    read_experience,
)
from vitrine.models.prior.picks import HISTORY_SIZES
from vitrine.models.prior.verifier import Verifier, load_verifier
from vitrine.models.reward.evaluate import fit_platt, groups_of, reward_figures
from vitrine.models.reward.features import Features, RewardConfig
from vitrine.models.reward.losses import mean_group_loss
from vitrine.models.reward.network import PersonalPlugin, text_scores
from vitrine.models.reward.scorer import FeatureReader, PerFusionScorer, Tokenize
from vitrine.models.reward.tower import TextTower
from vitrine.models.storage import save_model
from vitrine.models.training import Loss, TrainingRun, add_run_arguments

NO_HISTORY, NO_FACETS, LOSE_FACET = 0.15, 0.25, 0.3
"""Shares of rows without history, without facets, and of single facets that are left out."""


RATED_ITEMS = 16
"""Items in a group that is made of single ratings."""
PROBE_WEIGHT = 0.5
CEILING = "the ceiling is the group AUC of the shoppers' true utilities, without their noise"


@dataclass(frozen=True)
class GroupBatch:
    """Rows of one batch: user, text row, shown items (-1 padding), chosen, and the judged history."""

    user: NDArray[np.int64]  # (B,)
    text: NDArray[np.int64]  # (B,)
    items: NDArray[np.int64]  # (B, N)
    chosen: NDArray[np.bool_]  # (B, N)
    history: NDArray[np.int64]  # (B, H)
    signs: NDArray[np.int64]  # (B, H)


class GroupSampler:
    """Draws groups of training users with a random part of what is known of them.

    Half of the groups were shown together for a text; the others are made of single ratings (liked
    against disliked) without a text, which tell much more of a person for each pass of the tower.
    """

    def __init__(self, data: Experience, split: UserSplit = "train") -> None:
        """Keeps the groups in which something was chosen and something was not.

        Args:
            split: whose groups; those of people that are not trained on count whatever the item.

        Raises:
            RequestError: there is none.
        """
        row_of = {user.user: row for row, user in enumerate(data.users)}
        self.groups: list[tuple[int, GroupRow]] = []
        for group in data.groups:
            user = row_of[group.user]
            if data.users[user].split != split or (split == "train" and group.split != "train"):
                continue
            if 0 < sum(group.chosen) < len(group.chosen):
                self.groups.append((user, group))
        if not self.groups:
            raise RequestError(
                f"no group of the {split} users has both chosen and other items: a reward model"
                " learns from what was shown together"
            )
        self.texts = sorted({"", *(group.text for _, group in self.groups)})
        self._text_row = {text: row for row, text in enumerate(self.texts)}
        self._users = sorted({user for user, _ in self.groups})
        self._judged: dict[int, Rated] = {}
        for user in self._users:
            rated = data.training_ratings(user)
            keep = (rated.values >= LIKED) | (rated.values <= DISLIKED)
            self._judged[user] = Rated(rated.items[keep], rated.values[keep])

    def draw(self, batch: int, rng: np.random.Generator, *, rated: bool) -> GroupBatch:
        """`batch` groups; a group's own items never stand in the history beside it."""
        longest, widest = max(HISTORY_SIZES), RATED_ITEMS
        user, text = np.zeros(batch, np.int64), np.zeros(batch, np.int64)
        items = np.full((batch, widest), -1, np.int64)
        chosen = np.zeros((batch, widest), np.bool_)
        history = np.full((batch, longest), -1, np.int64)
        signs = np.zeros((batch, longest), np.int64)
        for row in range(batch):
            user[row], text[row], shown, liked = self._group(rng, rated=rated)
            items[row, : len(shown)], chosen[row, : len(shown)] = shown, liked
            judged = self._judged[int(user[row])]
            free = np.flatnonzero(~np.isin(judged.items, shown))
            size = 0 if rng.random() < NO_HISTORY else int(rng.choice(HISTORY_SIZES))
            picked = rng.permutation(free)[:size]
            history[row, : len(picked)] = judged.items[picked]
            signs[row, : len(picked)] = np.where(judged.values[picked] >= LIKED, 1, -1)
        width = max(1, int((signs != 0).sum(axis=1).max()))
        used = int((items >= 0).sum(axis=1).max())
        return GroupBatch(
            user, text, items[:, :used], chosen[:, :used], history[:, :width], signs[:, :width]
        )

    def _group(
        self, rng: np.random.Generator, *, rated: bool
    ) -> tuple[int, int, NDArray[np.int64], NDArray[np.bool_]]:
        """(user, text row, items, chosen)."""
        if not rated:
            user, group = self.groups[int(rng.integers(len(self.groups)))]
            picked = slice(0, RATED_ITEMS)
            items = np.asarray(group.items[picked], np.int64)
            return user, self._text_row[group.text], items, np.asarray(group.chosen[picked], bool)
        user = int(rng.choice(self._users))
        judged = self._judged[user]
        places = rng.permutation(len(judged.items))[:RATED_ITEMS]
        return user, self._text_row[""], judged.items[places], judged.values[places] >= LIKED


class RewardTraining(nn.Module):
    """The plug-in, and a probe that trains with it: u alone must tell chosen from other items.

    Through a frozen tower with zero-initialised last layers the gradient reaches the features late;
    the probe shows them at once what is asked of them. It is not saved.
    """

    def __init__(self, plugin: PersonalPlugin) -> None:
        super().__init__()
        self.plugin = plugin
        self.probe = nn.Linear(plugin.fields.size, plugin.config.dim)

    def forward(self, first: Tensor, images: Tensor) -> Tensor:
        """Scores (B, N) of standardised images (B, N, d) for u0 (B, size)."""
        crossed = self.plugin.crossed(first)
        return torch.einsum("bd,bnd->bn", self.probe(crossed), images) * images.shape[2] ** -0.5


def keep_facets(weights: Tensor, rng: np.random.Generator) -> Tensor:
    """Signed preferences (B, M) with whole rows and single entries left out."""
    rows = torch.from_numpy(rng.random((len(weights), 1)) >= NO_FACETS)
    single = torch.from_numpy(rng.random(tuple(weights.shape)) >= LOSE_FACET)
    return weights * rows * single


def start_from(plugin: PersonalPlugin, verifier: Verifier) -> None:
    """Take over the population's metric and ridge from a verifier, which learns them in a minute.

    Raises:
        RequestError: the verifier is of another embedding space.
    """
    if verifier.space != plugin.config.space:
        raise RequestError(f"the verifier is of {verifier.space!r}, not {plugin.config.space!r}")
    with torch.no_grad():
        plugin.fields.taste.load_state_dict(verifier.taste.regression.state_dict())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train reward`."""
    add_run_arguments(parser, steps=2000, batch=48, lr=4e-3, data="ratings")
    parser.add_argument("--clip", type=Path, default=None, help="folder of the frozen CLIP")
    parser.add_argument(
        "--taste",
        type=Path,
        default=None,
        help="trained verifier whose metric of tastes to start from",
    )
    parser.add_argument("--crossing", choices=["vector", "matrix"], default="vector")


def run(args: argparse.Namespace) -> None:
    """Train over the frozen CLIP of `--clip`, calibrate on validation users, measure on held-out ones."""
    from vitrine.models.embed import open_clip_of

    scales = (("plugin.certainty", 3.0),)
    job = TrainingRun(
        "reward", args, devices=("cpu",), ema=0.998, weight_decay=0.02, lr_scales=scales
    )
    data = read_experience(args.data)
    clip, tokenize, space = open_clip_of(args.clip)
    if space != data.space:
        raise RequestError(
            f"{str(args.data)!r} was embedded by {data.space!r}, not {space!r}: embed again"
        )
    train_reward(clip, tokenize, data, args, job)


def train_reward(
    clip: torch.nn.Module,
    tokenize: Tokenize,
    data: Experience,
    args: argparse.Namespace,
    job: TrainingRun,
) -> PerFusionScorer:
    """Train, calibrate, save with its card; returns the scorer.

    Raises:
        RequestError: there are no groups to learn from, to calibrate on or to measure on.
    """
    clip.requires_grad_(False).eval()
    tower = TextTower(clip)
    config = RewardConfig(
        dim=data.images.shape[1],
        space=data.space,
        tower_width=tower.width,
        tower_layers=tower.layers,
        crossing=args.crossing,
    )
    torch.manual_seed(args.seed)
    plugin = PersonalPlugin(config)
    plugin.fields.images.fit(data.images[~data.heldout])
    if args.taste is not None:
        start_from(plugin, load_verifier(args.taste))
    sampler = GroupSampler(data)
    for split in ("validation", "heldout"):
        if not groups_of(data, split):
            raise RequestError(
                f"no group of the {split} users is held out: nothing to calibrate or measure on"
            )
    training = RewardTraining(plugin)
    facets = FeatureReader(tower, tokenize, plugin).read_facets(
        [data.stated(user) for user in range(len(data.users))]
    )
    raw = torch.from_numpy(data.images)
    with torch.no_grad():
        standard = plugin.fields.images(raw)

    def part(
        groups: GroupSampler, tokens: Tensor, rng: np.random.Generator, count: int, *, rated: bool
    ) -> tuple[Tensor, Tensor]:
        batch = groups.draw(count, rng, rated=rated)
        signs = torch.from_numpy(batch.signs)
        items = standard[torch.from_numpy(batch.history.clip(min=0))] * (signs != 0).unsqueeze(2)
        users = torch.from_numpy(batch.user)
        values, weights, facet_rows, value_rows = (known[users] for known in facets)
        weights = keep_facets(weights, rng)
        ids = torch.zeros(count, dtype=torch.long)
        features = Features(items, signs, values, weights, facet_rows, value_rows, ids)
        asked = tower.trim(tokens[torch.from_numpy(batch.text)])
        shown = torch.from_numpy(batch.items.clip(min=0))
        first = plugin.fields(features)
        scores = text_scores(tower, plugin.knowledge(first), asked, raw[shown])
        chosen, there = torch.from_numpy(batch.chosen), torch.from_numpy(batch.items >= 0)
        probed = mean_group_loss(training(first, standard[shown]), chosen, there)
        return mean_group_loss(scores, chosen, there), probed

    def lesson(groups: GroupSampler) -> Loss:
        tokens = tokenize(groups.texts)

        def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            rng = np.random.default_rng(generator.initial_seed())
            with sdpa_kernel(SDPBackend.MATH):  # twice as fast for such short texts
                shown, probe_shown = part(groups, tokens, rng, args.batch, rated=False)
                rated, probe_rated = part(groups, tokens, rng, 2 * args.batch, rated=True)
            figures = {"shown": shown, "rated": rated, "probe": probe_rated}
            value = shown + rated + PROBE_WEIGHT * (probe_shown + probe_rated)
            return value, {name: float(f.detach()) for name, f in figures.items()}

        return loss

    watched = lesson(GroupSampler(data, "validation")) if job.watches else None
    result = job.fit(training, lesson(sampler), held_out=watched, data=data.sha256)
    averaged = {
        n.removeprefix("plugin."): v for n, v in result.ema.items() if n.startswith("plugin.")
    }
    plugin.load_state_dict(averaged)
    slope, offset = fit_platt(PerFusionScorer(clip, tokenize, plugin), data)
    plugin.config = config.model_copy(update={"slope": slope, "offset": offset})
    save_model(args.out, plugin.config, averaged)
    scorer = PerFusionScorer(clip, tokenize, plugin)
    job.finish(
        result,
        data=data.sha256,
        figures=reward_figures(scorer, tower, tokenize, data, args.data),
        notes=[*data.notes, *(() if data.origin else (CEILING,))],
        origin=data.origin,
    )
    return scorer

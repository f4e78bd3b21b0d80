"""Training of the reward model: `vitrine train reward --data F --clip F --out F`.

The CLIP backbone is frozen; the plug-ins learn from groups shown together (Eq. 8, 9). History, stated
facets and ids are left out at random, so that little knowledge of a person is an ordinary case.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats, TasteEvidence
from vitrine.models.experience import Experience, read_experience
from vitrine.models.prior.verifier import Verifier, load_verifier
from vitrine.models.reward.evaluate import fit_platt, groups_of, reward_figures
from vitrine.models.reward.features import Features, RewardConfig
from vitrine.models.reward.groups import GroupSampler
from vitrine.models.reward.lesson import RewardLesson, RewardTraining
from vitrine.models.reward.network import PersonalPlugin
from vitrine.models.reward.scorer import FeatureReader, PerFusionScorer, Tokenize
from vitrine.models.reward.tower import TextTower
from vitrine.models.storage import save_model
from vitrine.models.training import Loss, TrainingRun, add_run_arguments

CEILING = "the ceiling is the group AUC of the shoppers' true utilities, without their noise"


def start_from(plugin: PersonalPlugin, verifier: Verifier) -> None:
    """Take over the population's metric and ridge from a verifier, which learns them in a minute.

    Raises:
        RequestError: the verifier is of another embedding space.
    """
    if verifier.space != plugin.config.space:
        raise RequestError(f"the verifier is of {verifier.space!r}, not {plugin.config.space!r}")
    with torch.no_grad():
        state = verifier.taste.regression.state_dict()
        plugin.fields.taste.regression.load_state_dict(state)


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
    parser.add_argument("--hidden", type=int, default=384, help="width of the adaptive networks")
    parser.add_argument(
        "--joint",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="stated facets take part in the regression of the taste direction",
    )


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


def fresh_plugin(config: RewardConfig, data: Experience) -> PersonalPlugin:
    """Plug-ins that have learned nothing but the statistics of the training items."""
    plugin = PersonalPlugin(config)
    fields, trained = plugin.fields, ~data.heldout
    fields.images.fit(data.images[trained])
    texts: Floats = data.captions[trained]
    if fields.taste.stated is not None and texts.size:
        with torch.no_grad():
            images = fields.images(torch.from_numpy(data.images[trained]))
        repeated = images.repeat_interleave(texts.shape[1], dim=0)
        fields.taste.stated.fit(texts.reshape(-1, texts.shape[2]), repeated)
    return plugin


def people_of(data: Experience, reader: FeatureReader) -> Features:
    """What is known of all users but their histories, one row each."""
    nothing = np.zeros((0, data.images.shape[1]), np.float32)
    tastes = [TasteEvidence(nothing, nothing, user.user) for user in data.users]
    return reader.read(tastes, [data.stated(row) for row in range(len(data.users))])


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
        hidden=args.hidden,
        joint=args.joint,
    )
    sampler = GroupSampler(data)
    for split in ("validation", "heldout"):
        if not groups_of(data, split):
            raise RequestError(
                f"no group of the {split} users is held out: nothing to calibrate or measure on"
            )
    torch.manual_seed(args.seed)
    plugin = fresh_plugin(config, data)
    if args.taste is not None:
        start_from(plugin, load_verifier(args.taste))
    training = RewardTraining(plugin)
    people = people_of(data, FeatureReader(tower, tokenize, plugin))
    lesson = RewardLesson(training, tower, data, people)

    def loss_of(groups: GroupSampler) -> Loss:
        tokens = tokenize(groups.texts)

        def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            return lesson(groups, tokens, args.batch, generator)

        return loss

    watched = loss_of(GroupSampler(data, "validation")) if job.watches else None
    result = job.fit(training, loss_of(sampler), held_out=watched, data=data.sha256)
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

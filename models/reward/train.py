"""Training of the reward model: `vitrine train reward --data F --clip F --out F`.

The CLIP backbone is frozen. First the fields of the plug-ins are fitted without any tower (`probe`), then
the towers learn to read as the fitted fields say, and at last from groups shown together (Eq. 8, 9).
History, stated facets and ids are left out at random: little knowledge of a person is an ordinary case.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats, TasteEvidence
from vitrine.models.clip.distil import shrunk
from vitrine.models.dataset import read_drawings
from vitrine.models.experience import Experience, read_experience
from vitrine.models.prior.verifier import Verifier, load_verifier
from vitrine.models.reward.evaluate import (
    Pictures,
    fit_scale,
    groups_of,
    id_figures,
    picture_figures,
    record_groups,
    reward_figures,
)
from vitrine.models.reward.features import Features, RewardConfig
from vitrine.models.reward.groups import GroupSampler, Records, record_split
from vitrine.models.reward.lesson import RewardLesson, Sights
from vitrine.models.reward.network import PersonalPlugin
from vitrine.models.reward.probe import Facts, Probe, ProbeLesson, ProbeTraining
from vitrine.models.reward.scorer import FeatureReader, PerFusionScorer, Tokenize, load_plugin
from vitrine.models.reward.sight import Sight, load_sight
from vitrine.models.reward.tower import TextTower
from vitrine.models.storage import save_model
from vitrine.models.training import (
    Loss,
    TrainingRun,
    add_run_arguments,
    add_start_argument,
    command_of,
    fit,
)

CEILING = "the ceiling is the group AUC of the shoppers' true utilities, without their noise"
CALIBRATED = 1500
"""Groups of validation that the calibration is fitted on."""
FIELDS_BATCH, FIELDS_LR, ID_SPEED = 128, 2e-3, 10.0
"""People a step while the fields are fitted; ids have rows of their own, which are met less often."""
READ_AT_ONCE = 256


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
    add_run_arguments(parser, steps=2000, batch=128, lr=3e-3, data="ratings")
    add_start_argument(parser)
    parser.add_argument("--clip", type=Path, default=None, help="folder of the frozen CLIP")
    parser.add_argument(
        "--taste",
        type=Path,
        default=None,
        help="trained verifier whose metric of tastes to start from",
    )
    parser.add_argument("--crossing", choices=["vector", "matrix"], default="vector")
    parser.add_argument(
        "--towers",
        choices=["text", "vision", "both", "shared"],
        default="text",
        help="which towers are personal; all but 'text' need --vision and --pictures",
    )
    parser.add_argument(
        "--vision",
        type=Path,
        default=None,
        help="open_clip folder whose picture tower is a transformer",
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        default=None,
        help="folder of drawings that the items of --data are",
    )
    parser.add_argument(
        "--ids",
        action="store_true",
        help="give training users a row of their own; a tenth of their groups is measured on",
    )
    parser.add_argument(
        "--id-only", action="store_true", help="with --ids: learn from nothing but who it was"
    )
    parser.add_argument(
        "--fields",
        type=int,
        default=1600,
        help="steps of the fields, before the towers learn (%(default)s)",
    )
    parser.add_argument(
        "--choices",
        type=float,
        default=0.25,
        help="share of the steps, at the end, that learn from choices, too (%(default)s)",
    )
    parser.add_argument("--hidden", type=int, default=384, help="width of the adaptive networks")
    parser.add_argument(
        "--soft", type=float, default=1.0, help="variance added by the norm of u (%(default)s)"
    )
    parser.add_argument(
        "--joint",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="stated facets take part in the regression of the taste direction",
    )


def run(args: argparse.Namespace) -> None:
    """Train over the frozen CLIP of `--clip`, calibrate on validation users, measure on held-out ones."""
    from vitrine.models.embed import open_clip_of

    job = reward_run(args)
    data = read_experience(args.data)
    clip, tokenize, space = open_clip_of(args.clip)
    if space != data.space:
        raise RequestError(
            f"{str(args.data)!r} was embedded by {data.space!r}, not {space!r}: embed again"
        )
    sight, pictures = None, None
    if args.vision is not None and args.pictures is not None:
        sight = load_sight(args.vision)
        drawings = shrunk(read_drawings(args.pictures), sight.side)
        if len(drawings.pictures) < len(data.images):
            raise RequestError(
                f"--pictures {str(args.pictures)!r} has {len(drawings.pictures)} drawings, --data"
                f" {len(data.images)} items: expected those that were embedded"
            )
        pictures = drawings.pictures
    elif args.towers != "text":
        raise RequestError(f"--towers {args.towers!r}: give --vision and --pictures, too")
    train_reward(clip, tokenize, data, args, job, sight=sight, pictures=pictures)


def reward_run(args: argparse.Namespace) -> TrainingRun:
    """The run of a reward model with these options."""
    scales = (("certainty", 3.0),)
    return TrainingRun(
        "reward", args, devices=("cpu",), ema=0.998, weight_decay=0.02, lr_scales=scales
    )


SCALES = {"slope", "offset", "drift", "picture_slope", "picture_offset", "picture_drift"}


def go_on_from(plugin: PersonalPlugin, folder: Path) -> None:
    """Take over what a finished reward model of the same shape has learned.

    Raises:
        RequestError: it is of another shape, or of other people.
    """
    before = load_plugin(folder)
    now, then = (c.model_dump(exclude=SCALES) for c in (plugin.config, before.config))
    if other := [name for name in now if now[name] != then[name]]:
        raise RequestError(f"--start-from {str(folder)!r} differs in {', '.join(other)}")
    plugin.load_state_dict(before.state_dict())


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


@dataclass(frozen=True)
class Material:
    """What is learned from, as arrays: the same for every seed. `words` as `Facts` has them."""

    records: Records
    tokens: Tensor
    words: Tensor


def material_of(
    sampler: GroupSampler, data: Experience, tower: TextTower, tokenize: Tokenize
) -> Material:
    """Records and texts of a sampler's people."""
    tokens = tokenize(sampler.texts)
    return Material(sampler.records(data), tokens, words_of(tower, tokens))


def sampler_of(data: Experience, args: argparse.Namespace) -> GroupSampler:
    """The groups that these options learn from."""
    return GroupSampler(data, aside=lambda g: args.ids and record_split(g) != "train")


def train_reward(
    clip: torch.nn.Module,
    tokenize: Tokenize,
    data: Experience,
    args: argparse.Namespace,
    job: TrainingRun,
    *,
    sight: Sight | None = None,
    pictures: NDArray[np.uint8] | None = None,
    material: Material | None = None,
    measured: bool = True,
) -> PerFusionScorer:
    """Train, calibrate, save with its card; returns the scorer.

    Args:
        sight: what sees `pictures` (N, s, s, 3) of the items, if pictures are to be read.
        material: that of `sampler_of(data, args)`, where it is at hand.
        measured: whether the card gets figures.

    Raises:
        RequestError: there are no groups to learn from, to calibrate on or to measure on.
    """
    clip.requires_grad_(False).eval()
    tower = TextTower(clip)
    config = config_from(args, tower, data, sight)
    groups_by = record_groups if args.id_only else groups_of
    for split in ("validation", "heldout"):
        if not groups_by(data, split):
            raise RequestError(
                f"no group of the {split} users is held out: nothing to calibrate or measure on"
            )
    torch.manual_seed(args.seed)
    plugin = fresh_plugin(config, data)
    if args.taste is not None:
        start_from(plugin, load_verifier(args.taste))
    if args.start_from is not None:
        go_on_from(plugin, args.start_from)
    people = people_of(data, FeatureReader(tower, tokenize, plugin))

    def facts_of(of: Material) -> Facts:
        return Facts(plugin, data, people, of.records, of.words, id_only=args.id_only)

    material = material or material_of(sampler_of(data, args), data, tower, tokenize)
    facts = facts_of(material)
    probe, spent = fit_fields(plugin, data, facts, args, job)
    for part in (plugin.fields.taste, plugin.fields.ids):
        if part is not None:
            part.requires_grad_(False)
    sights = None if sight is None or pictures is None else Sights(sight, pictures)
    lesson = RewardLesson(plugin, probe, tower, facts, material.tokens, sights=sights)

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        return lesson(args.batch, generator, choosing=step >= (1 - args.choices) * args.steps)

    watched: Loss | None = None
    if job.watches:
        aside = material_of(GroupSampler(data, "validation"), data, tower, tokenize)
        other = RewardLesson(plugin, probe, tower, facts_of(aside), aside.tokens, sights=sights)

        def choices(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            return other.held_out(args.batch, generator)

        watched = choices

    result = job.fit(plugin, loss, held_out=watched, data=data.sha256)
    result = replace(result, seconds=result.seconds + spent)
    averaged = dict(result.ema)
    plugin.load_state_dict(averaged)
    scorer = PerFusionScorer(clip, tokenize, plugin, sight)
    groups = groups_by(data, "validation")[:CALIBRATED]
    slope, offset, drift = fit_scale(scorer, data, groups, ids=args.id_only)
    scales = {"slope": slope, "offset": offset, "drift": drift}
    look = None
    if sight is not None and pictures is not None:
        look = looking_at(sight, pictures)
        slope, offset, drift = fit_scale(scorer, data, groups, pictures=look, ids=args.id_only)
        scales |= {"picture_slope": slope, "picture_offset": offset, "picture_drift": drift}
    plugin.config = config.model_copy(update=scales)
    save_model(args.out, plugin.config, averaged)
    figures: dict[str, float] = {}
    if measured and not args.id_only:
        figures |= reward_figures(scorer, tower, tokenize, data, args.data)
    if measured and look is not None and not args.id_only:
        figures |= picture_figures(scorer, data, look)
    if measured and args.ids:
        figures |= id_figures(scorer, tower, tokenize, data)
    job.finish(
        result,
        data=data.sha256,
        figures=figures,
        notes=[*data.notes, *(() if data.origin else (CEILING,))],
        origin=data.origin,
    )
    return scorer


def fit_fields(
    plugin: PersonalPlugin,
    data: Experience,
    facts: Facts,
    args: argparse.Namespace,
    job: TrainingRun,
) -> tuple[Probe, float]:
    """Fit the fields of `plugin` in place, without any tower; returns the probe and the seconds it took."""
    probe = Probe(plugin, data)
    training = ProbeTraining(plugin, probe)
    lesson = ProbeLesson(plugin, probe, facts)
    recipe = replace(
        job.recipe,
        steps=args.fields,
        lr=FIELDS_LR,
        minutes=None,
        accumulate=1,
        patience=None,
        evaluate_every=None,
        curves_every=None,
        precision="no",
        ema=0.99,
        weight_decay=0.0,
        lr_scales=(("ids", ID_SPEED),),
    )

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        return lesson(FIELDS_BATCH, generator)

    fitted = fit(
        training,
        loss,
        recipe,
        folder=job.state / "fields",
        device=job.device,
        resume=args.resume,
        label=f"{job.what}, fields",
        given={"data_sha256": data.sha256},
        go_on=command_of(job.what, args, full=True) + " --resume",
    )
    training.load_state_dict(dict(fitted.ema))
    return probe.requires_grad_(False), fitted.seconds


@torch.no_grad()
def words_of(tower: TextTower, tokens: Tensor) -> Tensor:
    """Unit embeddings of texts (T, context) times the backbone's logit scale, (T, d)."""
    order = (tokens != tokens[:, -1:]).sum(dim=1).argsort()
    parts = [tower.encode(tower.trim(tokens[part])) for part in order.split(READ_AT_ONCE)]
    rows = F.normalize(torch.cat(parts).float(), dim=1) * tower.logit_scale
    return rows[order.argsort()]


def config_from(
    args: argparse.Namespace, tower: TextTower, data: Experience, sight: Sight | None
) -> RewardConfig:
    """The shape that the options of `train reward` describe."""
    return RewardConfig(
        dim=data.images.shape[1],
        space=data.space,
        towers=args.towers,
        tower_width=tower.width,
        tower_layers=tower.layers,
        vision_width=0 if sight is None else sight.tower.width,
        vision_layers=0 if sight is None else sight.tower.layers,
        crossing=args.crossing,
        hidden=args.hidden,
        joint=args.joint,
        soft=args.soft,
        users=tuple(data.users[row].user for row in data.of_split("train")) if args.ids else (),
    )


def looking_at(sight: Sight, pictures: NDArray[np.uint8]) -> Pictures:
    """What gives items' pictures by their rows; `pictures` (N, s, s, 3)."""

    def look(rows: NDArray[np.int64]) -> Tensor:
        return sight.read(list(pictures[rows.reshape(-1)])).unflatten(0, rows.shape)

    return look

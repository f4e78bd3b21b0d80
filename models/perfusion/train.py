"""`vitrine train perfusion --data F --out F`: the personal network, from what people picked of groups.

The U-Net of the renderer that ships stays as it is; the network and its encoder of people learn.
"""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import Floats
from vitrine.core.settings import Settings
from vitrine.models.dataset import read_drawings
from vitrine.models.embed import open_clip_of
from vitrine.models.experience import Experience, UserSplit, read_experience
from vitrine.models.metrics import mean_auc
from vitrine.models.perfusion.lesson import Backbone, PersonalLesson, read_backbone
from vitrine.models.perfusion.objective import Objective
from vitrine.models.perfusion.person import PersonalNetwork, UserEncoder
from vitrine.models.perfusion.pictures import (
    PICTURES_FILE,
    PROMPTS_FILE,
    Latents,
    read_latents,
    read_prompts,
)
from vitrine.models.perfusion.warm import read_shelf
from vitrine.models.reward.groups import GroupSampler, NobodyChose
from vitrine.models.reward.scorer import FeatureReader, Tokenize, load_plugin
from vitrine.models.reward.tower import TextTower
from vitrine.models.training import TrainingRun, add_run_arguments, add_start_argument

log = logging.getLogger(__name__)

TOGETHER = 24
"""Groups of a batch in which picks of held-out people are guessed."""
PEOPLE = 256
"""People over whom the size of a map is measured."""
PIXELS = 8
"""Pixels of a picture along one of its latent."""
WISHES = 4
"""Batches in which the moves of favourites are measured."""
WISH_NOTE = (
    "wish: share of how one held-out person's favourites in the words move the prediction from"
    " another's, on held-out pictures, that the network finds (1: all); wish_other: told of a third"
)
TIMES = (550, 750, 900)
"""Times of a thousand at which they are guessed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train perfusion`."""
    add_run_arguments(parser, steps=400, batch=8, lr=2e-4, data="ratings")
    add_start_argument(parser)
    parser.add_argument("--weights", type=Path, default=None, help="of all models (the shipped)")
    parser.add_argument("--reward", type=Path, default=None, help="reward model to start from")
    parser.add_argument(
        "--objective", choices=["group", "pairs", "supervised"], default="group",
        help="PerFusion's, Diffusion-DPO's, or the error of the chosen (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--beta", type=float, default=100.0,
        help="of the comparison, half of Diffusion-DPO's (%(default)s); larger stays nearer to the backbone",
    )  # fmt: skip
    parser.add_argument(
        "--anchor",
        type=float,
        default=0.5,
        help="weight of the chosen ones' own error (%(default)s)",
    )
    parser.add_argument("--over", choices=["sum", "mean"], default="mean", help="of the chosen")
    parser.add_argument(
        "--towards",
        choices=["prompts", "pictures"],
        default=None,
        help="what errors are measured to: what the backbone predicts for the words that a picture was"
        " drawn from, or the picture itself, as Eq. 13 has it (prompts where DATA has them)",
    )
    parser.add_argument("--error", choices=["prediction", "epsilon"], default="prediction")
    parser.add_argument(
        "--warm",
        type=int,
        default=320,
        help="steps on what sets people's favourites in the words apart, before the picks (%(default)s)",
    )
    parser.add_argument(
        "--drawings",
        type=Path,
        default=None,
        help="what noise is added to then: drawings of the first items (DATA/drawings, as --from-log writes"
        " them); also the groups' pictures where DATA has none of its own for them",
    )
    parser.add_argument(
        "--measured", type=int, default=96, help="held-out groups of the figures (%(default)s)"
    )
    parser.add_argument("--domain", default=Settings().domain, help="pack that words the requests")
    parser.add_argument("--grid", type=int, default=8, help="side of a person's map")
    parser.add_argument(
        "--nobody", action="store_true", help="the same for everybody: what knowing people adds"
    )


def run(args: argparse.Namespace) -> None:
    """Train, write the folder of the network, and measure on held-out people and requests.

    Raises:
        RequestError: pictures and people are of another encoder, or too few groups tell something.
    """
    if args.measured < 1:
        raise RequestError(f"--measured {args.measured!r}: expected at least 1")
    job = TrainingRun("perfusion", args, ema=0.99, weight_decay=0.01, warmup=20)
    root = weights() if args.weights is None else args.weights
    data = read_experience(args.data)
    clip, tokenize, space = open_clip_of(root / "clip")
    if space != data.space:
        raise RequestError(
            f"{str(args.data)!r} was embedded by {data.space!r}, not {space!r}: embed again"
        )
    backbone = read_backbone(root / "sd", job.device)
    gauc_note = (
        "gauc: picks of held-out people for held-out requests, guessed from which picture, or which"
        " picture's prompt, the network predicts better than the backbone does; each set is judged by"
        " two, who chose otherwise where such are found"
    )
    autoencoder = AutoencoderTiny.from_pretrained(root / "sd", subfolder="vae").float().eval()
    shelf = None
    if (place := drawings_of(args)) is not None:
        shelf = read_shelf(
            read_drawings(place), data, load_pack(domain_folder(args.domain)), autoencoder,
            root / "sd" / "vae", job.state / "drawings.safetensors",
            side=PIXELS * int(backbone.unet.config["sample_size"]), seed=args.seed,
        )  # fmt: skip
    if shelf is not None and not (args.data / PICTURES_FILE).exists():
        latents = shelf.as_latents()
    else:
        cache = job.state / "latents.safetensors"
        latents = read_latents(args.data, len(data.images), autoencoder, cache)
        latents = latents if shelf is None else latents.and_of(shelf.as_latents())
    data = with_pictures(data, latents)
    texts = {"", *(group.text for group in data.groups)}
    texts |= set() if shelf is None else {shelf.words(item) for item in shelf.asked}
    backbone.read_texts(sorted(texts))
    torch.manual_seed(args.seed)
    prompts = prompts_of(args, data, latents)
    backbone.read_texts(sorted(set(prompts.values())) if prompts else ())
    model = build_model(args, backbone, root).to(job.device)
    check_space(model.user, space)
    objective = Objective(kind=args.objective, beta=args.beta, over=args.over, anchor=args.anchor)
    facets = stated_facets(model.user, clip, tokenize, data)

    def lesson(split: UserSplit) -> PersonalLesson:
        return PersonalLesson(
            model, backbone, data, latents, GroupSampler(data, split), facets, objective,
            args.batch, args.error, args.nobody, args.warm, shelf, aside=split != "train",
            prompts=prompts,
        )  # fmt: skip

    rng = np.random.default_rng(args.seed)
    if args.start_from is None:
        start_map(lesson("train"), rng)
    if args.nobody:
        forget_people(lesson("train"), rng)
    made_of = " ".join(
        {data.sha256: None, latents.sha256: None, **({shelf.sha256: None} if shelf else {})}
    )
    # What is watched is the last part of the run.
    watched = lesson("validation") if job.watches else None
    if watched is not None and args.warm < args.steps:
        watched.warm = 0
    fitted = job.fit(model, lesson("train"), held_out=watched, data=made_of)
    model.load_state_dict(dict(fitted.ema))
    model.cpu().save(args.out)
    model.to(job.device).eval()
    towards = f"errors of picks are towards {'pictures' if prompts is None else 'prompts'}"
    notes = [*data.notes, towards, gauc_note, *([WISH_NOTE] if shelf else [])]
    try:
        found = figures(lesson("heldout"), seed=args.seed, groups=args.measured)
    except NobodyChose as error:  # a small log
        found, notes = {}, [*data.notes, f"nothing was measured: {error}"]
        log.warning("perfusion: %s", notes[-1])
    job.finish(
        fitted,
        data=made_of,
        figures=found,
        notes=notes,
        origin=data.origin,
    )


def drawings_of(args: argparse.Namespace) -> Path | None:
    """The folder of drawings that a run needs or was given; None: it needs none.

    Raises:
        RequestError: it needs one, and there is none.
    """
    place = args.drawings or args.data / "drawings"
    if place.is_dir():
        return place
    if args.warm or args.drawings is not None:
        raise RequestError(
            f"{str(place)!r} does not exist: give --drawings, the pictures to warm up on, or"
            " --start-from and --warm 0"
        )
    return None


def prompts_of(
    args: argparse.Namespace, data: Experience, latents: Latents
) -> Mapping[int, str] | None:
    """What each picture was drawn from, where that is what is learned from; None: the pictures are.

    Raises:
        RequestError: prompts are asked for, and a picture has none.
    """
    if args.towards == "pictures":
        return None
    prompts = read_prompts(args.data)
    shown = {item for group in data.groups for item in group.items if latents.row_of[item] >= 0}
    known = prompts is not None and shown <= prompts.keys()
    if args.towards == "prompts" and not known:
        raise RequestError(
            f"{str(args.data / PROMPTS_FILE)!r} does not say what each picture was drawn from:"
            " give --towards pictures"
        )
    return prompts if known else None


def build_model(args: argparse.Namespace, backbone: Backbone, root: Path) -> PersonalNetwork:
    """The network to train: as finished weights left it, or one that changes nothing yet.

    Raises:
        SetupError: the finished one was made for another backbone.
    """
    if args.start_from is not None:
        model = PersonalNetwork.load(args.start_from)
        model.network.check_fits(backbone.unet)
        return model
    plugin = load_plugin(root / "reward" if args.reward is None else args.reward)
    return PersonalNetwork.for_unet(backbone.unet, UserEncoder.of_reward(plugin), grid=args.grid)


@torch.no_grad()
def forget_people(lesson: PersonalLesson, rng: np.random.Generator) -> None:
    """Let the map be that of the mean person, whoever it is, for good."""
    to_map = lesson.model.network.to_map
    u = lesson.people(lesson.sampler.draw(PEOPLE, rng, rated=False), rng)
    to_map.bias.add_(to_map.weight @ u.mean(dim=0))
    to_map.weight.zero_().requires_grad_(False)


@torch.no_grad()
def start_map(lesson: PersonalLesson, rng: np.random.Generator) -> None:
    """Let the map of a person begin as what the pictures that they lean to have in common.

    A taste w tilts a group's pictures by exp(w . e); to first order that moves their mean latent by
    Cov(latent, e) w, with deviations taken within groups. The taste direction stands first in u.

    Differs from the paper: the convolution behind the map begins as the identity. The zeros at the
    outputs keep the backbone as it is, bit for bit; with zeros on both sides the person is a saddle,
    and what pleases everybody is learned long before.
    """
    model, data, latents = lesson.model, lesson.data, lesson.latents
    network, dim = model.network, model.user.config.dim
    sets = {g.items for g in data.groups if g.split == "train"}
    codes: list[Tensor] = []
    looks: list[Tensor] = []
    for items in sets:
        there = [item for item in items if latents.row_of[item] >= 0]
        if len(there) < 2:
            continue
        rows = torch.from_numpy(latents.row_of[there])
        small = F.adaptive_avg_pool2d(latents.latents[rows].float(), network.config.grid)
        standard = model.user.fields.images(
            torch.from_numpy(data.images[there]).to(network.map_in.weight)
        )
        codes.append((small - small.mean(dim=0)).flatten(1))
        looks.append((standard - standard.mean(dim=0)).cpu())
    code, look = torch.cat(codes), torch.cat(looks)
    tilt = code.T @ look / len(look)  # (c g^2, d)
    if tilt.shape[0] != network.to_map.out_features:
        return  # maps of other channels than the latent's begin at chance
    u = lesson.people(lesson.sampler.draw(PEOPLE, rng, rated=False), rng)[:, :dim].cpu()
    tilt = tilt / ((u @ tilt.T).std() + 1e-6)  # as large as the noise it is added to
    network.to_map.weight.mul_(0.1)
    network.to_map.weight[:, :dim] = tilt.to(network.to_map.weight)
    network.to_map.bias.zero_()
    channels = torch.eye(network.map_channels, device=network.map_in.weight.device)
    network.map_in.weight.copy_(channels[:, :, None, None])


def check_space(user: UserEncoder, space: str) -> None:
    """What the person's encoder starts from reads the same embeddings.

    Raises:
        RequestError: it does not.
    """
    if user.config.space != space:
        raise RequestError(f"the reader of people is of {user.config.space!r}, not {space!r}")


def with_pictures(data: Experience, latents: Latents) -> Experience:
    """The groups of `data` that still tell something with only those things that have a picture.

    Raises:
        RequestError: there is none.
    """
    kept = [
        group
        for group in data.groups
        if {0, 1}
        <= {
            int(bool(chosen))
            for item, chosen in zip(group.items, group.chosen, strict=True)
            if latents.row_of[item] >= 0
        }
    ]
    if not kept:
        raise RequestError("no group has pictures of both chosen and other things")
    return replace(data, groups=kept)


def stated_facets(
    user: UserEncoder, clip: torch.nn.Module, tokenize: Tokenize, data: Experience
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What everybody has put in words, padded, one row each."""
    everybody = [data.stated(row) for row in range(len(data.users))]
    return FeatureReader(TextTower(clip), tokenize, user).read_facets(everybody)


@torch.no_grad()
def figures(lesson: PersonalLesson, *, seed: int, groups: int = 96) -> dict[str, float]:
    """GAUC of the implied preference -s on held-out groups: of the person, and of nobody.

    With a shelf also how much it finds of what favourites would draw (`wish`), and how much when it is
    told of another person (`wish_other`).
    """
    found: dict[str, float] = {}
    for name, nobody in (("gauc", False), ("gauc_nobody", True)):
        known = replace(lesson, batch=TOGETHER, nobody=nobody or lesson.nobody)
        rng = np.random.default_rng(seed)
        pairs = [pair for _ in range(math.ceil(groups / TOGETHER)) for pair in implied(known, rng)]
        found[name] = round(mean_auc(pairs), 4)
    if lesson.shelf is not None and len(lesson.shelf.rows(lesson.data, aside=lesson.aside)):
        own, other = granted(replace(lesson, batch=TOGETHER), seed)
        found |= {"wish": round(own, 4), "wish_other": round(other, 4)}
    return {**found, "heldout_groups": float(math.ceil(groups / TOGETHER) * TOGETHER)}


@torch.no_grad()
def granted(lesson: PersonalLesson, seed: int) -> tuple[float, float]:
    """Share of the moves of favourites that the network finds: told of their person, of a third one."""
    found: list[tuple[float, float]] = []
    for number in range(WISHES):
        generator = torch.Generator().manual_seed(1000 * seed + number)
        rng = np.random.default_rng([seed, number])
        noised, u, goal = lesson.wishes(rng, generator)
        other = u.roll(2, dims=0)  # the next row's person is whom the goal leads away from
        told = lesson.missing(noised, u, goal), lesson.missing(noised, other, goal)
        found.append((1 - float(told[0]), 1 - float(told[1])))
    own, other = np.mean(found, axis=0).tolist()
    return own, other


def implied(
    lesson: PersonalLesson, rng: np.random.Generator
) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Implied preferences and choices of one batch of groups, over several times."""
    batch = lesson.sampler.draw(lesson.batch, rng, rated=False, places=lesson.twins(rng))
    chosen, shown, _ = lesson.pictures(batch)
    texts = [lesson.sampler.texts[row] for row in batch.text.tolist()]
    u = lesson.people(batch, rng)
    gains = torch.zeros(shown.shape)
    for time in TIMES:
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        when = torch.full((lesson.batch,), time * len(lesson.backbone.signal) // 1000)
        errors, reference = lesson.compare(batch, texts, when, u, generator)
        gains += (reference - errors).cpu()
    for score, picks, there in zip(gains.numpy(), chosen.numpy(), shown.numpy(), strict=True):
        yield score[there], picks[there]

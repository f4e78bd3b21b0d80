"""`vitrine train interest-attention`: the attention learns on the denoising loss (I-AM-G sec. 4.3).

Differs from the paper, which trains the adapter along: that is an option (`--adapter`), and without
it U-Net *and* adapter stay as they are. The interest branch shares the adapter's W'k and W'v (eq. 13),
so that a trained adapter changes what is drawn without any interest; with the adapter kept, lambda2 = 0
is the shipped IP-Adapter, the attention is all that is new, and all that learns.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder, weights
from vitrine.core.settings import Settings
from vitrine.models.dataset import Drawings, read_drawings
from vitrine.models.encoder import ClipEncoder
from vitrine.models.experience import Experience, read_experience
from vitrine.models.interest.adapter import AdapterWeights
from vitrine.models.interest.attention import InterestAttention, InterestConfig, save_interest
from vitrine.models.interest.evaluate import interest_figures
from vitrine.models.interest.latents import read_latents
from vitrine.models.interest.lesson import (
    Case,
    CaseMaker,
    Likes,
    Retrieved,
    heldout_likes,
    likes_of,
    stacked,
)
from vitrine.models.interest.painter import Painter
from vitrine.models.training import TrainingRun, add_run_arguments

DROPOUT = 0.05
"""Probability p with which each condition of a row is its null (eq. 15; the paper's value)."""
SHOWN = 0.5
"""Share of rows that show their own picture's embedding; the others leave the picture open."""
SHARPNESS, PULL = 8.0, 0.1
"""Of the choice between a liked thing and disliked ones, and of the pull towards the plain mean."""
ADAPTER_RATE = 0.1
"""Of the learning rate, for an adapter that learns along: it has learned before."""
NOISE = 1.0
"""Largest noise on that embedding, in standard deviations: a prior's sample is never exact."""


@dataclass
class InterestLesson:
    """One training task; calling it gives the loss of a step."""

    attention: InterestAttention
    painter: Painter
    maker: CaseMaker
    people: list[Likes]
    latents: Tensor
    place: NDArray[np.int64]
    deviation: Tensor
    batch: int
    warm: int = 0
    """First steps that learn what is chosen, without the denoiser."""

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Eq. 14 on one batch."""
        rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
        cases = self._cases(rng)
        device = self.painter.device
        given = stacked(self.maker, cases).to(device)
        interest = self.attention(given.query, given.texts, given.images, given.mask)
        own = torch.from_numpy(self.maker.data.images[[case.target for case in cases]])
        if step < self.warm:
            return self._choice(cases, given, interest), {
                "gate": float(self.attention.gate.detach())
            }
        interest = interest * self._kept(generator, 1 - DROPOUT).to(device)
        size = NOISE * torch.rand(self.batch, 1, generator=generator)
        noise = torch.randn(self.batch, interest.shape[1], generator=generator)
        image = (own + size * self.deviation * noise) * self._kept(generator, SHOWN)
        texts = [
            "" if rng.random() < DROPOUT else rng.choice((case.text, case.plain)) for case in cases
        ]
        latents = self.latents[self.place[[case.target for case in cases]]].float()
        self.painter.pipeline.set_ip_adapter_scale(rng.uniform(0.3, 1.0))
        error, weight = self.painter.errors(
            latents.to(device),
            torch.randn(latents.shape, generator=generator).to(device),
            torch.randint(len(self.painter.signal), (self.batch,), generator=generator).to(device),
            self.painter.states(texts),
            image.to(device),
            interest,
            rng.uniform(0.1, 0.8),
        )
        value = (weight * error).sum() / weight.sum()
        return value, {"gate": float(self.attention.gate.detach())}

    def _choice(self, cases: list[Case], given: Retrieved, interest: Tensor) -> Tensor:
        """Is the liked thing nearer to the interest than what the person disliked?

        Directions from the mean picture, standardised; cross-entropy over one liked and `PASSED`
        disliked things, beside a pull towards the plain mean of the retrieved, so that the interest
        stays a picture that the adapter knows.
        """
        mean = self.attention.image_mean
        deviation = self.deviation.to(interest.device)
        apart = (interest - mean) / deviation  # (B, d)
        share = given.mask.float() / given.mask.sum(1, keepdim=True)
        plain = ((share[..., None] * given.images).sum(1) - mean) / deviation
        pull = PULL * (apart - plain).square().mean()
        kept = [row for row, case in enumerate(cases) if case.passed]
        if not kept:
            return pull
        rows = [[cases[row].target, *cases[row].passed] for row in kept]
        shown = torch.from_numpy(self.maker.data.images[np.asarray(rows)]).to(interest.device)
        shown = F.normalize((shown - mean) / deviation, dim=-1)  # (B, 1 + PASSED, d)
        fits = (F.normalize(apart[kept], dim=-1)[:, None] * shown).sum(-1)
        goal = torch.zeros(len(kept), dtype=torch.long, device=interest.device)
        return F.cross_entropy(SHARPNESS * fits, goal) + pull

    def _cases(self, rng: random.Random) -> list[Case]:
        cases: list[Case] = []
        for _ in range(self.batch):
            likes = rng.choice(self.people)
            target = int(rng.choice(likes.targets.tolist()))
            cases.append(self.maker.make(likes, target, rng))
        return self.maker.retrieve(cases)

    def _kept(self, generator: torch.Generator, share: float) -> Tensor:
        """1 for rows whose condition is kept, 0 for those that see the null, (B, 1)."""
        return (torch.rand(self.batch, 1, generator=generator) < share).float()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train interest-attention`."""
    add_run_arguments(parser, steps=2000, batch=24, lr=1e-3, data="ratings")
    parser.add_argument(
        "--drawings",
        type=Path,
        default=None,
        help="pictures of the items, one a row (default: DATA/drawings, as --from-log writes them)",
    )
    parser.add_argument("--sd", type=Path, default=None, help="pipeline folder (the shipped one)")
    parser.add_argument(
        "--clip", type=Path, default=None, help="folder of the CLIP (the shipped one)"
    )
    parser.add_argument("--domain", default=Settings().domain, help="pack that words the requests")
    parser.add_argument("--heads", type=int, default=4, help="heads of the attention (%(default)s)")
    parser.add_argument("--retrieved", type=int, default=5, help="K (%(default)s)")
    parser.add_argument(
        "--choice-steps",
        type=int,
        default=0,
        help="first so many steps learn what is chosen, without the denoiser (%(default)s)",
    )
    parser.add_argument(
        "--adapter", action="store_true",
        help="the IP-Adapter learns along, as in the paper; it is written to OUT, too",
    )  # fmt: skip
    parser.add_argument("--cases", type=int, default=400, help="held-out cases of the figures")


def run(args: argparse.Namespace) -> None:
    """Train, write `config.json`, `model.safetensors` (`ip-adapter.safetensors`) and the card.

    Raises:
        RequestError: pictures and ratings do not fit each other, or nobody liked enough.
    """
    job = TrainingRun(
        "interest-attention", args, ema=0.995, weight_decay=0.01, warmup=100,
        lr_scales=(("gate", 10.0), ("attention.gate", 10.0), ("adapter", ADAPTER_RATE)),
    )  # fmt: skip
    data = read_experience(args.data)
    drawings = read_drawings(args.drawings or args.data / "drawings")
    encoder = ClipEncoder(args.clip or weights() / "clip")
    check_fit(data, drawings, encoder)
    sd = args.sd or weights() / "sd"
    painter = Painter.load(sd, job.device)
    torch.manual_seed(args.seed)
    config = InterestConfig(
        image_dim=data.images.shape[1],
        text_dim=data.captions.shape[2],
        space=data.space,
        heads=args.heads,
        retrieved=args.retrieved,
    )
    attention = InterestAttention(config)
    known = ~data.heldout
    attention.text_mean.copy_(torch.from_numpy(data.captions[known, 0].mean(0)))
    attention.image_mean.copy_(torch.from_numpy(data.images[known].mean(0)))
    maker = CaseMaker(
        drawings, data, load_pack(domain_folder(args.domain)), encoder, encoder.budget,
        args.retrieved,
    )  # fmt: skip
    people, aside = likes_of(data, "train"), heldout_likes(data)
    if not people:
        raise RequestError(f"{str(args.data)!r}: nobody liked three things that may be trained on")
    people = [drawn for likes in people if len((drawn := likes.without(drawings.missing)).targets)]
    aside = [drawn for likes in aside if len((drawn := likes.without(drawings.missing)).targets)]
    used = np.unique(np.concatenate([likes.targets for likes in [*people, *aside]]))
    place = np.full(len(data.images), -1, np.int64)
    place[used] = np.arange(len(used))
    latents = read_latents(
        drawings,
        used,
        painter.pipeline.vae,
        sd / "vae",
        job.state / "latents.safetensors",
        side=painter.side,
    )
    lesson = InterestLesson(
        attention, painter, maker, people, latents, place,
        torch.from_numpy(data.images[known].std(0)), args.batch, args.choice_steps,
    )  # fmt: skip
    watching = None
    if job.watches:
        watching = replace(lesson, people=likes_of(data, "validation"))
        if not watching.people:
            raise RequestError("no validation people: leave out --patience and --evaluate-every")
    adapter = AdapterWeights(painter.pipeline.unet) if args.adapter else None
    learning = attention
    if adapter is not None:
        learning = nn.ModuleDict({"attention": attention, "adapter": adapter})
    fitted = job.fit(learning, lesson, held_out=watching, data=data.sha256)
    learning.load_state_dict(dict(fitted.ema))
    save_interest(args.out, attention)
    if adapter is not None:
        adapter.save(args.out)
    figures = interest_figures(
        attention.to(job.device).eval(), painter, maker, aside, latents, place, count=args.cases
    )
    job.finish(
        fitted,
        data=data.sha256,
        figures=figures,
        notes=[
            *data.notes,
            "loss_*: change of the denoising loss of held-out likes at lambda2 = .3, in per cent",
        ],
        origin=data.origin,
    )


def check_fit(data: Experience, drawings: Drawings, encoder: ClipEncoder) -> None:
    """Ratings, pictures and encoder are of one kind.

    Raises:
        RequestError: they are not.
    """
    if len(drawings.captions) < len(data.images):
        raise RequestError(
            f"{len(data.images)} rated items but {len(drawings.captions)} drawings: expected one a row"
        )
    if data.space != encoder.space:
        raise RequestError(
            f"ratings are embedded in {data.space!r}, the encoder in {encoder.space!r}: embed again"
        )
    if not data.captions.shape[1]:
        raise RequestError("the ratings hold no texts of the items: interests are found by text")

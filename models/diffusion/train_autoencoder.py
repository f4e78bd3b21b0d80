"""`vitrine train autoencoder`: learns to put pictures on the latent grid and back.

Trained on crops (the network is convolutional), with a little noise on the latents so that the
decoder forgives what a denoiser gets slightly wrong.
"""

from __future__ import annotations

import argparse
import copy
import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn

from vitrine.models.dataset import SET_ASIDE, Drawings, read_drawings, to_tensor
from vitrine.models.diffusion.autoencoder import (
    build_autoencoder,
    decode,
    encode,
    latent_loss,
    picture_loss,
    psnr,
    start_linear,
)
from vitrine.models.training import TrainingRun, add_run_arguments, add_start_argument

log = logging.getLogger(__name__)

CROP = 64
LATENT_NOISE = 0.15
START_PICTURES = 96


@dataclass
class AutoencoderLesson:
    """One training task; calling it gives the loss of a step."""

    model: AutoencoderTiny
    data: Drawings
    batch: int
    device: torch.device

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Round trip of a batch of crops, most of them from the middle of the picture."""
        picks = torch.randint(len(self.data.train), (self.batch,), generator=generator)
        pictures = self.data.pictures[self.data.train[picks.numpy()]]
        reach = (self.data.size - CROP) // 8
        # The mean of two uniform draws prefers the middle, where the thing is.
        corners = torch.randint(reach + 1, (2, self.batch, 2), generator=generator).float()
        goal = torch.stack(
            [
                to_tensor(picture[None, y : y + CROP, x : x + CROP])[0]
                for picture, (y, x) in zip(
                    pictures, (corners.mean(0).int() * 8).tolist(), strict=True
                )
            ]
        ).to(self.device)
        latents = encode(self.model, goal)
        noise = LATENT_NOISE * torch.randn(latents.shape, generator=generator).to(self.device)
        made = decode(self.model, latents + noise)
        shape = picture_loss(made.float(), goal)
        return shape + 0.05 * latent_loss(latents.float()), {"picture": float(shape.detach())}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train autoencoder`."""
    add_run_arguments(parser, steps=2400, batch=24, lr=1.5e-3)
    add_start_argument(parser)
    parser.add_argument(
        "--decoder-only",
        action="store_true",
        help="leave the latents as they are: a denoiser trained on them stays valid",
    )


def run(args: argparse.Namespace) -> None:
    """Train, write the diffusers folder and its card."""
    job = TrainingRun("autoencoder", args, ema=0.995, weight_decay=0.0, warmup=100)
    data = read_drawings(args.data)
    learned, aside = data.set_aside(SET_ASIDE if job.watches else 0.0)
    torch.manual_seed(args.seed)
    if args.start_from is None:
        model = build_autoencoder()
        start_linear(model, to_tensor(data.pictures[data.train[:START_PICTURES]]))
    else:
        model = AutoencoderTiny.from_pretrained(args.start_from).float()
    model.to(job.device)  # pyright: ignore
    model.encoder.requires_grad_(not args.decoder_only)
    fitted = job.fit(
        model,
        AutoencoderLesson(model, learned, args.batch, job.device),
        held_out=AutoencoderLesson(model, aside, args.batch, job.device),
        data=data.sha256,
    )
    model.load_state_dict(dict(fitted.ema))
    save_autoencoder(model, args.out)
    held = to_tensor(data.pictures[data.heldout[:128]])
    figures = {"psnr_db_heldout": round(psnr(model.cpu(), held), 2), "n": len(held)}
    log.info("autoencoder: %s", figures)
    job.finish(fitted, data=data.sha256, figures=figures)


def save_autoencoder(model: nn.Module, folder: Path) -> None:
    """Write the diffusers folder, weights as float16; the model itself stays float32."""
    assert isinstance(model, AutoencoderTiny)
    copy.deepcopy(model).half().save_pretrained(folder, safe_serialization=True)

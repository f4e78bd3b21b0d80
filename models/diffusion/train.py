"""`vitrine train unet`: trains denoiser and image adapter together on the latents of drawings.

Two kinds of step alternate. Text steps have no adapter. Adapter steps mix rows of the picture
alone, picture and text, *edits* (the embedding of one picture, the text and latents of another that
differs in what the text says: the words win), text alone and nothing, at random adapter scales, so
that at sampling time words and embeddings can be weighed against each other.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from vitrine.core.domain import DomainPack, load_pack
from vitrine.models.clip.evaluate import embed_pictures
from vitrine.models.clip.model import embedding_dim, load_clip, read_config, text_model, token_ids
from vitrine.models.dataset import (
    ABSENT,
    SET_ASIDE,
    Drawings,
    compose,
    read_drawings,
    to_tensor,
)
from vitrine.models.diffusion.autoencoder import DOWNSCALE, encode
from vitrine.models.diffusion.export import read_denoiser, read_text_encoder, save_pipeline
from vitrine.models.diffusion.unet import Denoiser, build_unet, training_noise
from vitrine.models.integrity import sha256_of
from vitrine.models.training import (
    TrainingRun,
    add_run_arguments,
    add_start_argument,
    read_average,
)

log = logging.getLogger(__name__)

MIN_SNR = 5.0
TEXT_STEPS = 0.4
"""Share of steps without the adapter."""
EMPTY_TEXT = 0.12
"""Share of text rows without words (for guidance)."""
ROW_KINDS = {"image": 0.42, "both": 0.22, "edit": 0.22, "text": 0.06, "none": 0.08}
EMBEDDING_NOISE = 0.4
"""Largest noise on an embedding, in standard deviations of each dimension."""


@dataclass(frozen=True)
class Cache:
    """What the frozen networks make of the training pictures, computed once.

    latents (n, 16, h, w) float16; embeddings (n, d) raw; deviation (d,). Rows follow `data.train`.
    """

    latents: Tensor
    embeddings: Tensor
    deviation: Tensor


@torch.no_grad()
def build_cache(
    data: Drawings, rows: NDArray[np.int64], autoencoder_folder: Path, clip_folder: Path, path: Path
) -> Cache:
    """Encode pictures once with the frozen autoencoder and CLIP; kept in `path` for later runs."""
    clip, _ = load_clip(clip_folder)
    seen = hashlib.sha256()
    for value in clip.visual.state_dict().values():  # the text tower may change meanwhile
        seen.update(value.numpy().tobytes())
    files = sorted(autoencoder_folder.glob("*.safetensors"))
    made_of = " ".join(
        [data.sha256, str(len(rows)), seen.hexdigest(), *(sha256_of(file) for file in files)]
    )
    if path.exists():
        with safe_open(path, framework="pt") as file:
            if file.metadata()["made_of"] == made_of:
                table = file.get_tensor("embeddings")
                return Cache(file.get_tensor("latents"), table, table.std(0))
    log.info("unet: encoding %d pictures", len(rows))
    autoencoder = AutoencoderTiny.from_pretrained(autoencoder_folder).float().eval()
    latents, embeddings = list[Tensor](), list[Tensor]()
    for start in range(0, len(rows), 64):
        pictures = np.asarray(data.pictures[rows[start : start + 64]])
        embeddings.append(torch.from_numpy(embed_pictures(clip, pictures)))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            latents.append(encode(autoencoder, to_tensor(pictures)).half())
    table = torch.cat(embeddings)
    cache = Cache(torch.cat(latents).contiguous(), table, table.std(0))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    save_file({"latents": cache.latents, "embeddings": table}, draft, metadata={"made_of": made_of})
    os.replace(draft, path)
    return cache


@dataclass
class DenoiserLesson:
    """One training task; calling it gives the loss of a step."""

    denoiser: Denoiser
    text: CLIPTextModel
    tokenizer: CLIPTokenizer
    data: Drawings
    cache: Cache
    pack: DomainPack | None
    batch: int
    device: torch.device

    def __post_init__(self) -> None:
        signal = training_noise().alphas_cumprod  # (1000,)
        self.signal = signal.to(self.device)
        codes = self.data.codes[self.data.train]
        self.codes = codes
        names = list(self.data.vocabulary)
        head = names.index(self.pack.head.name) if self.pack is not None else 0
        self.alike = [
            np.flatnonzero(codes[:, head] == code) for code in range(codes[:, head].max() + 1)
        ]
        self.head = head

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """v-prediction loss with min-SNR weights on one batch."""
        rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
        picks = torch.randint(len(self.codes), (self.batch,), generator=generator)
        with_adapter = rng.random() >= TEXT_STEPS
        texts, sources, scale = self._conditions(picks.tolist(), rng, with_adapter)
        latents = self.cache.latents[picks].float().to(self.device)
        noise = torch.randn(latents.shape, generator=generator).to(self.device)
        time = torch.randint(len(self.signal), (self.batch,), generator=generator).to(self.device)
        kept = self.signal[time][:, None, None, None]
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        goal = kept.sqrt() * noise - (1 - kept).sqrt() * latents
        with torch.no_grad():
            ids = token_ids(self.tokenizer, texts).to(self.device)
            states = self.text(input_ids=ids).last_hidden_state
        image = self._embeddings(sources, generator).to(self.device)
        guess = self.denoiser(
            noisy, time, states, image, None if scale is None else scale.to(self.device)
        )
        ratio = kept.flatten() / (1 - kept.flatten()).clamp(min=1e-6)
        weight = ratio.clamp(max=MIN_SNR) / (ratio + 1)
        # At zero signal the weight would vanish, and with it the first step of sampling.
        weight = weight.clamp(min=0.1)
        error = F.mse_loss(guess.float(), goal, reduction="none").mean((1, 2, 3))
        value = (weight * error).sum() / weight.sum()
        return value, {"adapter" if with_adapter else "text": float(value.detach())}

    def _conditions(
        self, rows: Sequence[int], rng: random.Random, with_adapter: bool
    ) -> tuple[list[str], list[int | None], Tensor | None]:
        """Texts, rows whose embeddings are shown (None: zeros), adapter scales or None."""
        texts, sources = list[str](), list[int | None]()
        if not with_adapter:
            texts = ["" if rng.random() < EMPTY_TEXT else self._text(row, rng) for row in rows]
            return texts, [None] * len(rows), None
        for row in rows:
            kind = rng.choices(list(ROW_KINDS), list(ROW_KINDS.values()))[0]
            source: int | None = row
            text = ""
            if kind == "both":
                text = self._text(row, rng)
            elif kind == "edit":
                source, text = self._edit(row, rng)
            elif kind in ("text", "none"):
                source = None
                text = self._text(row, rng) if kind == "text" else ""
            texts.append(text)
            sources.append(source)
        scales = [1.0 if rng.random() < 0.4 else rng.uniform(0.3, 1.0) for _ in rows]
        return texts, sources, torch.tensor(scales)

    def _text(self, row: int, rng: random.Random) -> str:
        """A caption, or a text composed of facet values."""
        number = int(self.data.train[row])
        if self.data.captions[number] and rng.random() < 0.5:
            return rng.choice(self.data.captions[number])
        keep = rng.choice((0.5, 0.8, 1.0, 1.0))
        return compose(self.data.values(number), self.pack, rng, keep=keep).text

    def _edit(self, row: int, rng: random.Random) -> tuple[int, str]:
        """Another picture of the same kind, and a text that says how `row` differs from it."""
        group = self.alike[self.codes[row, self.head]]
        some = group[[rng.randrange(len(group)) for _ in range(24)]]
        equal = (self.codes[some] == self.codes[row]).sum(1) + np.random.default_rng(
            rng.getrandbits(32)
        ).uniform(0, 1.5, len(some))
        other = int(some[int(equal.argmax())])
        names = list(self.data.vocabulary)
        values = self.data.values(int(self.data.train[row]))
        differs = {
            names[f]
            for f in np.flatnonzero(self.codes[other] != self.codes[row])
            if self.codes[row, f] != ABSENT
        }
        said = {
            facet: value
            for facet, value in values.items()
            if facet in differs or facet == names[self.head] or rng.random() < 0.4
        }
        return other, compose(said, self.pack, rng, keep=1.0).text

    def _embeddings(self, sources: Sequence[int | None], generator: torch.Generator) -> Tensor:
        """Embeddings with noise of random size; zeros for None: (B, d)."""
        rows = torch.tensor([0 if source is None else source for source in sources])
        shown = torch.tensor([source is not None for source in sources])[:, None].float()
        size = EMBEDDING_NOISE * torch.rand(len(sources), 1, generator=generator)
        noise = torch.randn(len(sources), self.cache.deviation.numel(), generator=generator)
        return shown * (self.cache.embeddings[rows] + size * self.cache.deviation * noise)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train unet`."""
    add_run_arguments(parser, steps=6000, batch=32, lr=8e-4)
    add_start_argument(parser)
    parser.add_argument(
        "--export-only", action="store_true", help="write what the last checkpoint holds, and stop"
    )
    parser.add_argument(
        "--clip",
        type=Path,
        required=True,
        help="folder of the trained CLIP; a pipeline of --start-from keeps its own text tower",
    )
    parser.add_argument("--autoencoder", type=Path, required=True, help="its folder")
    parser.add_argument("--pack", type=Path, default=None, help="domain pack: its prompt template")


def run(args: argparse.Namespace) -> None:
    """Train, write the pipeline folder with the adapter, and its card."""
    job = TrainingRun("unet", args, ema=0.9985, weight_decay=0.01, warmup=150, save_every_s=120.0)
    device = job.device
    data = read_drawings(args.data)
    learned, aside = data.set_aside(SET_ASIDE if job.watches else 0.0)
    pack = None if args.pack is None else load_pack(args.pack)
    autoencoder = AutoencoderTiny.from_pretrained(args.autoencoder).float().eval()
    clip, tokenizer = load_clip(args.clip)
    if args.start_from is None:
        text = text_model(read_config(args.clip), clip.state_dict()).to(device)  # pyright: ignore
    else:  # the U-Net has learned to read this text tower; pictures are seen by the CLIP of now
        text, tokenizer = read_text_encoder(args.start_from)
        text.to(device)  # pyright: ignore
    for parameter in text.parameters():
        parameter.requires_grad_(False)
    torch.manual_seed(args.seed)
    dim = embedding_dim(clip)
    unet = build_unet(text_dim=text.config.hidden_size, grid=data.size // DOWNSCALE)
    denoiser = Denoiser(unet, dim).to(device)
    if args.start_from is not None:
        denoiser.load_state_dict(read_denoiser(args.start_from, unet))
    if args.export_only:
        fitted = read_average(job.state)
    else:

        def lesson(part: Drawings, name: str) -> DenoiserLesson:
            cache = build_cache(
                part, part.train, args.autoencoder, args.clip, job.state / f"{name}.safetensors"
            )
            return DenoiserLesson(denoiser, text, tokenizer, part, cache, pack, args.batch, device)

        fitted = job.fit(
            denoiser,
            lesson(learned, "cache"),
            held_out=lesson(aside, "aside") if job.watches else None,
            data=data.sha256,
        )
    save_pipeline(args.out, fitted.ema, unet, autoencoder, text, tokenizer)
    job.finish(
        fitted,
        data=data.sha256,
        figures={},
        notes=[
            "figures of pictures: held-out attribute combinations, read by the judge and by pixels",
            "`drawings` is the judge on real drawings: the ceiling",
        ],
    )

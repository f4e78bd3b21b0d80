"""`vitrine train clip`: contrastive training of the small CLIP on drawings and their texts.

A text is a positive of every picture in the batch that it is true of. While training, one linear
head a facet reads the picture's unit embedding; the heads are thrown away afterwards.
"""

from __future__ import annotations

import argparse
import logging
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTokenizer

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.prompts import write_prompt
from vitrine.models.clip.evaluate import embed_pictures, evaluate_clip
from vitrine.models.clip.model import (
    build_clip,
    clip_config,
    embedding_dim,
    learn_tokenizer,
    load_clip,
    read_config,
    save_clip,
    token_ids,
)
from vitrine.models.dataset import (
    ABSENT,
    SET_ASIDE,
    Drawings,
    compose,
    matches,
    read_drawings,
    sample_phrases,
    to_tensor,
)
from vitrine.models.training import TrainingRun, add_run_arguments, add_start_argument

log = logging.getLogger(__name__)


@dataclass
class ClipLesson:
    """One training task: model, heads and data; calling it gives the loss of a step."""

    model: nn.Module
    heads: nn.ModuleDict
    data: Drawings
    tokenizer: CLIPTokenizer
    pack: DomainPack | None
    batch: int
    device: torch.device
    head_weight: float = 1.0
    fixed: Tensor | None = None
    """Raw embeddings of the training pictures (n, d) when only the text tower learns."""

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Contrastive loss plus the heads' cross-entropy on one batch."""
        data = self.data
        picks = torch.randint(len(data.train), (self.batch,), generator=generator)
        rows = data.train[picks.numpy()]
        rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
        phrases = sample_phrases(data, [int(row) for row in rows], self.pack, rng)
        true = torch.from_numpy(matches(phrases, data.codes[rows], list(data.vocabulary)))
        true = true.float().to(self.device)  # (texts, pictures)
        ids = token_ids(self.tokenizer, [phrase.text for phrase in phrases]).to(self.device)
        images = self._see(picks, rows, generator)
        texts = F.normalize(self.model.encode_text(ids).float(), dim=-1)  # pyright: ignore
        scale = self.model.logit_scale.exp().clamp(max=50.0)  # pyright: ignore
        logits = scale * texts @ images.T  # (texts, pictures)
        to_pictures = -(true / true.sum(1, keepdim=True) * logits.log_softmax(1)).sum(1).mean()
        to_texts = -(true / true.sum(0, keepdim=True) * logits.log_softmax(0)).sum(0).mean()
        contrastive = (to_pictures + to_texts) / 2
        read = self._heads_loss(images, data.codes[rows])
        named = self._named_loss(images, data.codes[rows], scale, rng)
        return contrastive + self.head_weight * read + named, {
            "contrastive": float(contrastive.detach()),
            "heads": float(read.detach()),
            "named": float(named.detach()),
        }

    def _see(self, picks: Tensor, rows: NDArray[np.int64], generator: torch.Generator) -> Tensor:
        """Unit embeddings of the pictures, (B, d)."""
        if self.fixed is not None:
            return F.normalize(self.fixed[picks].to(self.device), dim=-1)
        pictures = augment(to_tensor(self.data.pictures[rows]), generator).to(self.device)
        pictures = pictures.to(memory_format=torch.channels_last)
        return F.normalize(self.model.encode_image(pictures).float(), dim=-1)  # pyright: ignore

    def _named_loss(
        self, images: Tensor, codes: NDArray[np.int64], scale: Tensor, rng: random.Random
    ) -> Tensor:
        """Cross-entropy of the pictures against one text for each value of a few facets."""
        facets = rng.sample(sorted(self.data.vocabulary), min(4, len(self.data.vocabulary)))
        texts = [
            name_value(self.pack, facet, value, rng)
            for facet in facets
            for value in self.data.vocabulary[facet]
        ]
        ids = token_ids(self.tokenizer, texts).to(images.device)
        embedded = F.normalize(self.model.encode_text(ids).float(), dim=-1)  # pyright: ignore
        names, losses, start = list(self.data.vocabulary), list[Tensor](), 0
        for facet in facets:
            stop = start + len(self.data.vocabulary[facet])
            goal = torch.from_numpy(codes[:, names.index(facet)]).to(images.device)
            if bool((goal != ABSENT).any()):
                logits = scale * images @ embedded[start:stop].T
                losses.append(F.cross_entropy(logits, goal, ignore_index=ABSENT))
            start = stop
        return torch.stack(losses).mean()

    def _heads_loss(self, images: Tensor, codes: NDArray[np.int64]) -> Tensor:
        """Mean cross-entropy over the facets; absent facets do not count."""
        losses: list[Tensor] = []
        for f, head in enumerate(self.heads.values()):
            goal = torch.from_numpy(codes[:, f]).to(images.device)
            if bool((goal != ABSENT).any()):
                losses.append(F.cross_entropy(head(images) * 10.0, goal, ignore_index=ABSENT))
        return torch.stack(losses).mean()


def name_value(pack: DomainPack | None, facet: str, value: str, rng: random.Random) -> str:
    """One value as a text of its own: by the prompt template, or by a word that means it alone."""
    if pack is None:
        return value
    known = pack.facet(facet)
    if known is not None and known.values_from is not None:
        return f"and {value}"  # described beside another facet; alone it would name that one
    found = known.value(value) if known is not None else None
    if known is None or found is None or rng.random() < 0.7:
        return write_prompt(pack, {facet: value})
    everywhere = [word for other in known.values for word in other.words]
    own = [word for word in found.words if everywhere.count(word) == 1]
    return rng.choice([found.name, *own])


def augment(pictures: Tensor, generator: torch.Generator, *, reach: int = 5) -> Tensor:
    """Shifts of up to `reach` px, sometimes a softer picture and noise: (n, 3, s, s) -> same.

    Photographs arrive at other sizes and generated pictures are softer than drawings.
    """
    side = pictures.shape[-1]
    padded = F.pad(pictures, (reach,) * 4, mode="replicate")
    out = torch.empty_like(pictures)
    offsets = torch.randint(2 * reach + 1, (len(pictures), 2), generator=generator).tolist()
    for i, (y, x) in enumerate(offsets):
        out[i] = padded[i, :, y : y + side, x : x + side]
    soft = torch.rand(len(pictures), generator=generator) < 0.3
    if bool(soft.any()):
        small = F.interpolate(out[soft], scale_factor=0.6, mode="bilinear", antialias=True)
        out[soft] = F.interpolate(small, size=(side, side), mode="bilinear")
    noise = torch.rand(len(pictures), 1, 1, 1, generator=generator) * 0.04
    return out + noise * torch.randn(out.shape, generator=generator)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train clip`."""
    add_run_arguments(parser, steps=1400, batch=128, lr=2e-3)
    add_start_argument(parser)
    parser.add_argument(
        "--texts-only",
        action="store_true",
        help="with --start-from: the picture tower, and so every stored embedding, stays as it is",
    )
    parser.add_argument("--pack", type=Path, default=None, help="domain pack: its prompt template")


class _Together(nn.Module):
    """Model and heads under one roof for the training loop."""

    def __init__(self, clip: nn.Module, heads: nn.ModuleDict) -> None:
        super().__init__()
        self.clip = clip
        self.heads = heads


def tokenizer_texts(data: Drawings, pack: DomainPack | None) -> list[str]:
    """The texts that the vocabulary is learned from: training captions and composed ones."""
    rng = random.Random(0)
    texts = [caption for row in data.train for caption in data.captions[row]]
    texts += [compose(data.values(int(row)), pack, rng, keep=1.0).text for row in data.train]
    return texts


def run(args: argparse.Namespace) -> None:
    """Train, write the open_clip folder and its card."""
    job = TrainingRun("clip", args, ema=0.995, weight_decay=0.05, warmup=60)
    data = read_drawings(args.data)
    learned, aside = data.set_aside(SET_ASIDE if job.watches else 0.0)
    pack = None if args.pack is None else load_pack(args.pack)
    torch.manual_seed(args.seed)
    if args.start_from is None:
        tokenizer = learn_tokenizer(tokenizer_texts(learned, pack))
        config = clip_config(vocabulary=len(tokenizer), image_size=data.size)
        clip = build_clip(config)
    else:
        config = read_config(args.start_from)
        clip, tokenizer = load_clip(args.start_from)
    dim = embedding_dim(clip)
    heads = nn.ModuleDict(
        {facet: nn.Linear(dim, len(names)) for facet, names in data.vocabulary.items()}
    )
    if args.texts_only:
        clip.visual.requires_grad_(False)
        clip.visual.eval()

    def lesson(part: Drawings) -> ClipLesson:
        fixed: Tensor | None = None
        if args.texts_only and len(part.train):
            fixed = torch.from_numpy(embed_pictures(clip, np.asarray(part.pictures[part.train])))
        return ClipLesson(clip, heads, part, tokenizer, pack, args.batch, job.device, fixed=fixed)

    taught, watched = lesson(learned), lesson(aside)
    together = _Together(clip, heads).to(job.device).to(memory_format=torch.channels_last)
    fitted = job.fit(together, taught, held_out=watched, data=data.sha256)
    state = {k.removeprefix("clip."): v for k, v in fitted.ema.items() if k.startswith("clip.")}
    save_clip(args.out, config, state, tokenizer)
    model, tokenizer = load_clip(args.out)
    figures = evaluate_clip(model, tokenizer, data, pack)
    log.info("clip: %s", figures)
    job.finish(
        fitted,
        data=data.sha256,
        figures=figures,
        notes=["figures: pictures of attribute combinations that were not trained on"],
    )

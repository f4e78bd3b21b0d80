"""`vitrine train clip-vit`: a vision transformer that sees what the small CLIP sees.

The picture tower of the small CLIP is a convolutional network, without layers that a person's knowledge
could be given to. A transformer of open_clip's make is trained to give its embeddings: it stands in the
same space, beside the same text tower, in a folder that open_clip loads.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from open_clip.model import CLIP
from open_clip.transformer import VisionTransformer
from safetensors import safe_open
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTokenizer

from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats
from vitrine.models.clip.evaluate import embed_pictures, embed_texts, evaluate_clip, unit
from vitrine.models.clip.model import (
    build_clip,
    load_clip,
    picture_tower_digest,
    read_config,
    save_clip,
)
from vitrine.models.clip.train import augment
from vitrine.models.dataset import SET_ASIDE, Drawings, read_drawings, to_tensor
from vitrine.models.training import TrainingRun, add_run_arguments

log = logging.getLogger(__name__)

HEAD_WIDTH = 32
PATCHES = 20_000
"""Patches that the first layer is solved from."""


def vit_config(
    teacher: Mapping[str, object], *, side: int, width: int, layers: int, patch: int
) -> dict[str, object]:
    """The teacher's configuration with another picture tower, which may see smaller pictures."""
    model = cast("dict[str, object]", teacher["model_cfg"])
    return {
        **teacher,
        "model_cfg": {
            **model,
            "vision_cfg": {
                "image_size": side,
                "patch_size": patch,
                "width": width,
                "layers": layers,
                "head_width": HEAD_WIDTH,
                "pool_type": "avg",
            },
        },
    }


@torch.no_grad()
def start_with_components(visual: VisionTransformer, pictures: Tensor) -> None:
    """Let the first layer see the principal components of patches, at unit deviation, and know where.

    A projection that keeps most of a picture need not be found by gradient descent.

    Args:
        pictures: (n, 3, s, s).
    """
    patch, width = visual.conv1.kernel_size[0], visual.conv1.out_channels
    rows = F.unfold(pictures, patch, stride=patch).transpose(1, 2).flatten(0, 1)  # (n * T, 3 p p)
    rows = rows[torch.linspace(0, len(rows) - 1, min(PATCHES, len(rows))).long()]
    centred = rows - rows.mean(dim=0)
    strength, axes = torch.linalg.eigh(centred.T @ centred / len(centred))
    kept = min(width, len(axes))
    leading = axes[:, -kept:].flip(1).T  # (kept, 3 p p)
    deviation = strength[-kept:].flip(0).clamp(min=1e-8).sqrt()
    # Weak components are noise: they are not blown up to the size of strong ones.
    scale = 1.0 / (deviation + 0.1 * deviation[0])
    visual.conv1.weight.zero_()
    visual.conv1.weight[:kept] = (leading * scale[:, None]).reshape(kept, 3, patch, patch)
    side = visual.grid_size[0]
    place = torch.arange(side) * (2 * torch.pi / side)
    waves = [f(place * k) for k in range(1, side // 2 + 1) for f in (torch.sin, torch.cos)]
    table = torch.zeros(side, side, width)
    for channel, wave in enumerate(waves[: width // 2]):
        table[:, :, 2 * channel] = 0.3 * wave[:, None]
        table[:, :, 2 * channel + 1] = 0.3 * wave[None, :]
    turn = torch.linalg.qr(torch.randn(width, width))[0]  # places stand across all components
    visual.positional_embedding[1:] = (table.flatten(0, 1) @ turn).to(torch.float32)


class Distillation(nn.Module):
    """Loss of a student's embeddings against the teacher's.

    Two parts: the squared error of unit embeddings, each dimension standardised over the training
    pictures (plain cosines of embeddings that all lie in one cone are near 1 from the start); and the
    divergence of how the batch's captions are told apart, which is what the embeddings are for.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, teacher: Floats, scale: float) -> None:
        """`teacher`: raw embeddings of training pictures (n, d); `scale`: CLIP's factor of cosines."""
        super().__init__()
        rows = torch.from_numpy(unit(teacher))
        self.register_buffer("mean", rows.mean(dim=0))
        self.register_buffer("std", rows.std(dim=0).clamp(min=1e-4))
        self.scale = scale

    def forward(self, student: Tensor, teacher: Tensor, texts: Tensor) -> tuple[Tensor, Tensor]:
        """(squared error, divergence) of raw embeddings (B, d) given raw texts (B, d)."""
        seen, wanted = F.normalize(student.float(), dim=1), F.normalize(teacher, dim=1)
        error = ((seen - wanted) / self.std).square().mean()
        said = F.normalize(texts, dim=1)
        logits, goal = self.scale * seen @ said.T, self.scale * wanted @ said.T
        divergence = F.kl_div(
            logits.log_softmax(1), goal.log_softmax(1), reduction="batchmean", log_target=True
        )
        return error, divergence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train clip-vit`."""
    add_run_arguments(parser, steps=6000, batch=64, lr=1.5e-3)
    parser.add_argument("--teacher", type=Path, required=True, help="folder of the CLIP to follow")
    parser.add_argument("--side", type=int, default=64, help="of its pictures, px (%(default)s)")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--patch", type=int, default=16, help="side of a patch, px (%(default)s)")
    parser.add_argument("--pack", type=Path, default=None, help="domain pack: its prompt template")


def teacher_embeddings(
    folder: Path, cache: Path, teacher: CLIP, tokenizer: CLIPTokenizer, data: Drawings
) -> tuple[Floats, Floats]:
    """The teacher's raw embeddings of all pictures (n, d) and of their first captions (n, d).

    They are made once for a teacher and a set of drawings, and lie in `cache`.
    """
    stamp = {"teacher": picture_tower_digest(folder), "drawings": data.sha256}
    if cache.is_file():
        with safe_open(cache, framework="numpy") as file:
            if file.metadata() == stamp:
                return file.get_tensor("images"), file.get_tensor("texts")
    log.info("clip-vit: the teacher looks at %d pictures", len(data.captions))
    images = embed_pictures(teacher, data.pictures)
    texts = embed_texts(teacher, tokenizer, [own[0] if own else "" for own in data.captions])
    cache.parent.mkdir(parents=True, exist_ok=True)
    save_file({"images": images, "texts": texts}, cache, metadata=stamp)
    return images, texts


def run(args: argparse.Namespace) -> None:
    """Train, write the open_clip folder and its card.

    Raises:
        RequestError: the pictures do not have the teacher's size, or no patches fit into them.
    """
    job = TrainingRun("clip-vit", args, ema=0.998, weight_decay=0.05, warmup=100)
    data = read_drawings(args.data)
    pack = None if args.pack is None else load_pack(args.pack)
    teacher, tokenizer = load_clip(args.teacher)
    shape = {name: getattr(args, name) for name in ("side", "width", "layers", "patch")}
    config = vit_config(read_config(args.teacher), **shape)
    if data.size % args.side or args.side % args.patch or args.width % HEAD_WIDTH:
        raise RequestError(
            f"--side {args.side} --patch {args.patch} --width {args.width}: expected a divisor of"
            f" {data.size} px, a divisor of that, and a multiple of {HEAD_WIDTH}"
        )
    images, texts = (
        torch.from_numpy(rows)
        for rows in teacher_embeddings(
            args.teacher, job.state / "teacher.safetensors", teacher, tokenizer, data
        )
    )
    small = shrunk(data, args.side)
    learned, aside = small.set_aside(SET_ASIDE if job.watches else 0.0)
    torch.manual_seed(args.seed)
    student = build_clip(config)
    visual = cast("VisionTransformer", student.visual)
    start_with_components(visual, to_tensor(learned.pictures[learned.train[:400]]))
    measure = Distillation(images[learned.train].numpy(), float(teacher.logit_scale.exp()))

    def lesson(part: Drawings):
        def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            picks = torch.randint(len(part.train), (args.batch,), generator=generator)
            rows = part.train[picks.numpy()]
            pictures = augment(to_tensor(part.pictures[rows]), generator, reach=args.side // 25)
            wanted, said = images[rows].to(job.device), texts[rows].to(job.device)
            error, divergence = measure(visual(pictures.to(job.device)), wanted, said)
            return error + divergence, {
                "error": float(error.detach()),
                "divergence": float(divergence.detach()),
            }

        return loss

    measure.to(job.device)
    watched = lesson(aside) if job.watches else None
    fitted = job.fit(visual, lesson(learned), held_out=watched, data=data.sha256)
    kept = {n: v for n, v in teacher.state_dict().items() if not n.startswith("visual.")}
    state = {**kept, **{f"visual.{n}": v for n, v in fitted.ema.items()}}
    save_clip(args.out, config, state, tokenizer)
    model, tokenizer = load_clip(args.out)
    figures = beside_teacher(model, images.numpy(), small)
    figures |= evaluate_clip(model, tokenizer, small, pack)
    before = evaluate_clip(teacher, tokenizer, data, pack)
    figures |= {f"teacher_{name}": value for name, value in before.items() if name != "n"}
    log.info("clip-vit: %s", figures)
    job.finish(
        fitted,
        data=data.sha256,
        figures=figures,
        notes=["figures: pictures of attribute combinations that were not trained on"],
    )


def shrunk(data: Drawings, side: int, chunk: int = 500) -> Drawings:
    """The same drawings at `side` px, a divisor of theirs, by the mean of each little square."""
    if side == data.size:
        return data
    count, whole = len(data.pictures), data.size // side
    small = np.empty((count, side, side, 3), np.uint8)
    for start in range(0, count, chunk):
        part = np.asarray(data.pictures[start : start + chunk])
        total = np.full((len(part), side, side, 3), whole * whole // 2, np.uint32)
        for y in range(whole):
            for x in range(whole):
                total += part[:, y::whole, x::whole]
        small[start : start + chunk] = total // (whole * whole)
    return replace(data, pictures=small)


def beside_teacher(model: CLIP, teacher: Floats, data: Drawings) -> dict[str, float]:
    """Cosines of held-out pictures' embeddings with the teacher's, as they are and from the mean.

    `teacher`: raw embeddings of all pictures (n, d).
    """
    rows = data.heldout
    seen = unit(embed_pictures(model, np.asarray(data.pictures[rows])))
    wanted, centre = unit(teacher[rows]), unit(teacher[data.train]).mean(axis=0)
    centred = (unit(seen - centre) * unit(wanted - centre)).sum(axis=1)
    return {
        "cosine": round(float((seen * wanted).sum(axis=1).mean()), 4),
        "cosine_centred": round(float(centred.mean()), 4),
        "parameters": sum(p.numel() for p in model.visual.parameters()),
    }

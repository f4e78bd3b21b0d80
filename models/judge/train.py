"""`vitrine train judge`: supervised training of the judge on drawings.

Use drawings of another seed than those that CLIP and the generator learn from.
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vitrine.models.dataset import ABSENT, SET_ASIDE, Drawings, read_drawings, to_tensor
from vitrine.models.judge.model import Judge, load_judge, save_judge
from vitrine.models.training import TrainingRun, add_run_arguments

log = logging.getLogger(__name__)


@dataclass
class JudgeLesson:
    """One training task; calling it gives the loss of a step."""

    judge: Judge
    data: Drawings
    batch: int
    device: torch.device

    def __call__(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Cross-entropy over the facets that each picture has."""
        picks = torch.randint(len(self.data.train), (self.batch,), generator=generator)
        rows = self.data.train[picks.numpy()]
        pictures = soften(to_tensor(self.data.pictures[rows]), generator).to(self.device)
        logits = self.judge(pictures.to(memory_format=torch.channels_last))
        codes = torch.from_numpy(self.data.codes[rows]).to(self.device)
        losses = [
            F.cross_entropy(logits[facet].float(), codes[:, f], ignore_index=ABSENT)
            for f, facet in enumerate(self.data.vocabulary)
            if bool((codes[:, f] != ABSENT).any())
        ]
        return torch.stack(losses).mean(), {}


def soften(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Whole-batch shift, and for a third of the batches a softer picture: (n, 3, s, s) -> same."""
    side = pictures.shape[-1]
    y, x = (torch.randint(-4, 5, (2,), generator=generator)).tolist()
    pictures = torch.roll(pictures, (y, x), dims=(2, 3))
    if float(torch.rand((), generator=generator)) < 0.33:
        small = F.interpolate(pictures, scale_factor=0.7, mode="bilinear", antialias=True)
        pictures = F.interpolate(small, size=(side, side), mode="bilinear")
    return pictures


def judge_figures(judge: Judge, data: Drawings, limit: int = 2000) -> dict[str, float]:
    """Accuracy on held-out drawings, by facet, over pictures that have it."""
    rows = data.heldout[:limit]
    guesses = judge.read(np.asarray(data.pictures[rows]))
    figures: dict[str, float] = {"n": float(len(rows))}
    for facet in data.vocabulary:
        pairs = [
            (guess[facet], values[facet])
            for guess, values in zip(guesses, (data.values(int(r)) for r in rows), strict=True)
            if facet in values
        ]
        if pairs:
            figures[facet] = round(sum(a == b for a, b in pairs) / len(pairs), 4)
    return figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train judge`."""
    add_run_arguments(parser, steps=1200, batch=96, lr=3e-3)


def run(args: argparse.Namespace) -> None:
    """Train, write the judge and its card."""
    job = TrainingRun("judge", args, ema=0.99, weight_decay=0.02)
    data = read_drawings(args.data)
    learned, aside = data.set_aside(SET_ASIDE if job.watches else 0.0)
    torch.manual_seed(args.seed)
    judge = Judge(data.vocabulary, size=data.size)
    judge = judge.to(job.device).to(memory_format=torch.channels_last)
    fitted = job.fit(
        judge,
        JudgeLesson(judge, learned, args.batch, job.device),
        held_out=JudgeLesson(judge, aside, args.batch, job.device),
        data=data.sha256,
    )
    judge.load_state_dict(dict(fitted.ema))
    save_judge(judge.cpu(), args.out)
    figures = judge_figures(load_judge(args.out), data)
    log.info("judge: %s", figures)
    job.finish(
        fitted,
        data=data.sha256,
        figures=figures,
        notes=["figures: accuracy on held-out drawings, the ceiling for generated pictures"],
    )

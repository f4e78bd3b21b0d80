"""A small convolutional classifier with one head a facet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import SetupError
from vitrine.models.dataset import to_tensor
from vitrine.models.training import save_weights, write_atomically

WEIGHTS, CONFIG = "model.safetensors", "config.json"


class _Block(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Judge(nn.Module):
    """Pictures (n, 3, s, s) in -1..1 -> logits of each facet."""

    def __init__(
        self,
        vocabulary: Mapping[str, Sequence[str]],
        *,
        size: int = 128,
        widths: Sequence[int] = (16, 32, 64, 96, 128),
    ) -> None:
        super().__init__()
        self.vocabulary = {facet: tuple(values) for facet, values in vocabulary.items()}
        self.size = size
        self.widths = tuple(widths)
        layers: list[nn.Module] = []
        inputs = 3
        for number, width in enumerate(widths):
            layers.append(_Block(inputs, width, 2))
            if number in (1, 2, 3):
                layers.append(_Block(width, width, 1))
            inputs = width
        self.trunk = nn.Sequential(*layers)
        self.heads = nn.ModuleDict(
            {facet: nn.Linear(2 * inputs, len(values)) for facet, values in vocabulary.items()}
        )

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits (n, values) by facet."""
        grid = self.trunk(pictures)  # (n, c, h, w)
        pooled = torch.cat([grid.mean((2, 3)), grid.amax((2, 3))], dim=1)
        return {facet: head(pooled) for facet, head in self.heads.items()}

    @torch.no_grad()
    def read(self, pictures: NDArray[np.uint8], batch: int = 64) -> list[dict[str, str]]:
        """Facet -> most likely value for each picture (n, s, s, 3); every facet is answered."""
        out: list[dict[str, str]] = []
        for start in range(0, len(pictures), batch):
            rows = to_tensor(pictures[start : start + batch])
            if rows.shape[-1] != self.size:
                rows = F.interpolate(rows, (self.size, self.size), mode="bilinear", antialias=True)
            best = {facet: logits.argmax(1).tolist() for facet, logits in self(rows).items()}
            out += [
                {facet: self.vocabulary[facet][choices[i]] for facet, choices in best.items()}
                for i in range(len(rows))
            ]
        return out

    @torch.no_grad()
    def inspect(
        self, pictures: NDArray[np.uint8], batch: int = 64
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the judge sees in each picture (n, s, s, 3), for who wants more than its answers.

        Returns:
            Probabilities of all values of all facets in the order of the vocabulary, (n, values),
            and the pooled features of the trunk, (n, 2c).
        """
        values = sum(len(names) for names in self.vocabulary.values())
        chances = [np.zeros((0, values), np.float32)]
        features = [np.zeros((0, 2 * self.widths[-1]), np.float32)]
        for start in range(0, len(pictures), batch):
            rows = to_tensor(pictures[start : start + batch])
            if rows.shape[-1] != self.size:
                rows = F.interpolate(rows, (self.size, self.size), mode="bilinear", antialias=True)
            grid = self.trunk(rows)
            pooled = torch.cat([grid.mean((2, 3)), grid.amax((2, 3))], dim=1)
            heads = [head(pooled).softmax(dim=1) for head in self.heads.values()]
            chances.append(torch.cat(heads, dim=1).numpy())
            features.append(pooled.numpy())
        return np.concatenate(chances), np.concatenate(features)


def save_judge(judge: Judge, folder: Path) -> None:
    """Write configuration and float16 weights."""
    config = {"size": judge.size, "widths": judge.widths, "vocabulary": judge.vocabulary}
    write_atomically(folder / CONFIG, json.dumps(config, indent=1) + "\n")
    save_weights(folder / WEIGHTS, judge.state_dict(), torch.float16)


def load_judge(folder: Path) -> Judge:
    """The judge in float32, evaluation mode.

    Raises:
        SetupError: the folder lacks a file.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        state = load_file(folder / WEIGHTS)
    except FileNotFoundError as error:
        raise SetupError(
            f"no judge in {str(folder)!r}: train it with `vitrine train judge --out {folder}`"
        ) from error
    judge = Judge(config["vocabulary"], size=config["size"], widths=config["widths"])
    judge.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    return judge.eval()

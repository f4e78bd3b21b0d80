"""What a run needs to go on, in one safetensors file; and weights and texts written whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vitrine.core.errors import RequestError, SetupError

STATE_FILE = "training.safetensors"
LOCK_FILE = "lock"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else trains in this folder; the lock goes with the process, however it ends.

    Raises:
        RequestError: another run does.
    """
    with (folder / LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RequestError(
                f"another training writes to {str(folder)!r}: wait for it, or give another --out"
            ) from error
        yield


@dataclass
class Watch:
    """The held-out loss so far: its best value, the step of it, and how long ago that was."""

    best: float = float("inf")
    best_step: int = 0
    misses: int = 0
    """Measurements since the best one."""
    average: dict[str, Tensor] = field(default_factory=lambda: {})
    """The moving average at the best step."""


@dataclass
class State:
    """A run between two steps."""

    model: nn.Module
    optimiser: torch.optim.Optimizer
    ema: dict[str, Tensor]
    watch: Watch
    scaler: torch.amp.GradScaler | None
    settings: Mapping[str, object]
    """Recipe and data of the run, as JSON values."""
    step: int = 0
    seconds: float = 0.0
    """Time spent in all, over every resumption."""

    def save(self, path: Path) -> None:
        """Write everything in one file, atomically."""
        state: dict[str, Tensor] = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        state |= {f"ema.{k}": v for k, v in self.ema.items()}
        state |= {f"best.{k}": v for k, v in self.watch.average.items()}
        for number, slots in self.optimiser.state_dict()["state"].items():
            state |= {f"optimiser.{number}.{slot}": value for slot, value in slots.items()}
        meta = {
            "step": str(self.step),
            "seconds": repr(self.seconds),
            "settings": json.dumps(self.settings),
            "watch": json.dumps([self.watch.best, self.watch.best_step, self.watch.misses]),
            "scaler": json.dumps(None if self.scaler is None else self.scaler.state_dict()),
        }
        _write(path, state, meta)

    def load(self, path: Path) -> dict[str, object]:
        """Take over what the file holds; returns the settings that it was made with.

        Raises:
            SetupError: the file is damaged, or of another version or architecture.
        """
        try:
            with safe_open(path, framework="pt") as file:
                meta: dict[str, str] = file.metadata() or {}
                state: dict[str, Tensor] = {
                    name: file.get_tensor(name)
                    for name in file.keys()  # noqa: SIM118
                }
        except SafetensorError as error:
            raise SetupError(
                f"checkpoint {str(path)!r} is damaged: start without --resume"
            ) from error
        if not meta.keys() >= {"step", "seconds", "settings", "watch", "scaler"}:
            raise SetupError(
                f"checkpoint {str(path)!r} is of another version: start without --resume"
            )
        slots: dict[int, dict[str, Tensor]] = {}
        parts: dict[str, dict[str, Tensor]] = {"model": {}, "ema": {}, "best": {}}
        for name, value in state.items():
            part, rest = name.split(".", 1)
            if part == "optimiser":
                number, slot = rest.split(".", 1)
                slots.setdefault(int(number), {})[slot] = value
            else:
                parts[part][rest] = value
        try:
            self.model.load_state_dict(parts["model"])
        except RuntimeError as error:
            raise SetupError(
                f"checkpoint {str(path)!r} is of another architecture: start without --resume"
            ) from error
        for name, value in parts["ema"].items():
            self.ema[name].copy_(value)
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": slots})
        best, best_step, misses = json.loads(meta["watch"])
        average = {n: v.to(self.ema[n].device) for n, v in parts["best"].items()}
        self.watch = Watch(float(best), int(best_step), int(misses), average)
        if self.scaler is not None and (scale := json.loads(meta["scaler"])):
            self.scaler.load_state_dict(scale)
        self.step, self.seconds = int(meta["step"]), float(meta["seconds"])
        return json.loads(meta["settings"])


@dataclass(frozen=True)
class Average:
    """The moving average in a checkpoint, and what it took: steps and seconds."""

    ema: Mapping[str, Tensor]
    steps: int
    seconds: float


def read_average(folder: Path) -> Average:
    """The moving average in a checkpoint, without touching the run that writes it.

    Raises:
        SetupError: there is no checkpoint in `folder`.
    """
    path = folder / STATE_FILE
    if not path.exists():
        raise SetupError(f"no checkpoint {str(path)!r}: train first")
    with safe_open(path, framework="pt") as file:
        meta: dict[str, str] = file.metadata() or {}
        names: list[str] = list(file.keys())
        part = "best." if any(name.startswith("best.") for name in names) else "ema."
        ema = {
            name.removeprefix(part): file.get_tensor(name)
            for name in names
            if name.startswith(part)
        }
    return Average(ema=ema, steps=int(meta["step"]), seconds=float(meta["seconds"]))


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".new")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def save_weights(path: Path, state: Mapping[str, Tensor], dtype: torch.dtype | None) -> None:
    """Write tensors as safetensors, floating ones as `dtype` (None: as they are), atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: value.to(dtype) if dtype is not None and value.is_floating_point() else value
        for name, value in state.items()
    }
    _write(path, tensors, {"format": "pt"})


def _write(path: Path, state: Mapping[str, Tensor], meta: dict[str, str]) -> None:
    """Write tensors beside the file and put it in its place; a disk that is full keeps the old one."""
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
    draft = path.with_suffix(".new")
    try:
        save_file(tensors, draft, metadata=meta)
    except (OSError, SafetensorError) as error:
        draft.unlink(missing_ok=True)
        raise SetupError(f"cannot write {str(path)!r}: {error}; is the disk full?") from error
    os.replace(draft, path)

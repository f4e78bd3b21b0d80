"""One small training loop for every model: seeded, resumable after SIGKILL, with a time budget.

A model brings a function that turns (step, generator) into a loss; everything else is here: AdamW,
warm-up and cosine, bf16 autocast, gradient clipping, exponential moving average, atomic checkpoints
(safetensors), progress lines on stderr. The generator of step t depends on (seed, t) alone, so a
resumed run draws the batches that an unbroken run would have drawn.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vitrine.core.errors import RequestError, SetupError

log = logging.getLogger(__name__)

Loss = Callable[[int, torch.Generator], tuple[Tensor, dict[str, float]]]
"""(step, CPU generator) -> (scalar loss, figures for the progress line)."""

STATE_FILE = "training.safetensors"


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to train.

    steps: optimiser steps. minutes: time budget in all, resumed time counted in; the cosine follows
    whichever of the two runs out first. ema: decay of the moving average at the end of its warm-up.
    lr_scales: (prefix of parameter names, factor) pairs; the first that matches counts.
    """

    steps: int
    lr: float = 1e-3
    minutes: float | None = None
    warmup: int = 50
    final_lr: float = 0.02
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.99)
    grad_clip: float = 1.0
    ema: float = 0.999
    seed: int = 0
    save_every_s: float = 60.0
    report_every_s: float = 10.0
    autocast: bool = True
    lr_scales: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Fitted:
    """The outcome of a run: averaged weights by parameter and buffer name, and what it took."""

    ema: Mapping[str, Tensor]
    steps: int
    seconds: float
    figures: Mapping[str, float] = field(default_factory=lambda: {})


def add_run_arguments(
    parser: argparse.ArgumentParser, *, steps: int, batch: int, lr: float, data: bool = True
) -> None:
    """The options that every training command has; the arguments are its defaults."""
    if data:
        parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--out", type=Path, required=True, help="folder of the finished weights")
    parser.add_argument("--steps", type=int, default=steps, help="optimiser steps (%(default)s)")
    parser.add_argument("--batch", type=int, default=batch, help="rows a step (%(default)s)")
    parser.add_argument("--lr", type=float, default=lr, help="peak learning rate (%(default)s)")
    parser.add_argument("--minutes", type=float, default=None, help="stop after so many minutes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--threads", type=int, default=None, help="torch threads on the CPU")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")


def add_start_argument(parser: argparse.ArgumentParser) -> None:
    """`--start-from`: begin with finished weights instead of chance (no optimiser state needed)."""
    parser.add_argument(
        "--start-from", type=Path, default=None, help="folder of finished weights to begin with"
    )


def command_of(what: str, args: argparse.Namespace) -> str:
    """The command line of a run for its card; folders are given by their names alone."""
    words = [f"vitrine train {what}"]
    for name, value in sorted(vars(args).items()):
        if value is None or value is False or name in {"device", "threads", "resume", "what"}:
            continue
        option = "--" + name.replace("_", "-")
        shown = value.name if isinstance(value, Path) else value
        words.append(option if value is True else f"{option} {shown}")
    return " ".join(words)


def recipe_from(args: argparse.Namespace, **changes: object) -> Recipe:
    """The recipe that the options of `add_run_arguments` describe, with `changes` on top.

    Raises:
        RequestError: an option is out of range.
    """
    for name in ("steps", "batch"):
        if getattr(args, name) < 1:
            raise RequestError(f"--{name} {getattr(args, name)!r}: expected at least 1")
    if args.minutes is not None and args.minutes <= 0:
        raise RequestError(f"--minutes {args.minutes!r}: expected more than 0")
    recipe = Recipe(steps=args.steps, lr=args.lr, minutes=args.minutes, seed=args.seed)
    return replace(recipe, **changes)


def choose_device(name: str, threads: int | None = None) -> torch.device:
    """The device for `auto`, `cpu` or `cuda`; bounds the CPU threads when `threads` is given.

    Raises:
        RequestError: cuda was asked for and there is none.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise RequestError("--device 'cuda': no CUDA device here; expected 'cpu' or 'auto'")
    return torch.device(name)


def step_generator(seed: int, step: int) -> torch.Generator:
    """The CPU generator of one step; independent of every other step."""
    digest = hashlib.sha256(f"{seed}:{step}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))


def learning_rate(recipe: Recipe, step: int, progress: float) -> float:
    """Linear warm-up, then half a cosine down to `final_lr` of the peak; progress in 0..1."""
    warm = min(1.0, (step + 1) / max(recipe.warmup, 1))
    cosine = 0.5 * (1 + float(torch.cos(torch.tensor(torch.pi * min(progress, 1.0)))))
    return recipe.lr * warm * (recipe.final_lr + (1 - recipe.final_lr) * cosine)


def fit(
    model: nn.Module,
    loss: Loss,
    recipe: Recipe,
    *,
    folder: Path,
    device: torch.device,
    resume: bool = False,
    label: str = "training",
    after_step: Callable[[int], None] | None = None,
) -> Fitted:
    """Train `model` in place and return its moving average.

    Args:
        folder: where the checkpoint lies; created. A finished run leaves it there.
        resume: continue from the checkpoint if there is one; otherwise an old one is overwritten.

    Raises:
        SetupError: the checkpoint does not fit the model, or the loss is no longer finite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / STATE_FILE
    optimiser = _optimiser(model, recipe)
    ema = {name: value.detach().clone() for name, value in model.state_dict().items()}
    step, spent, figures = 0, 0.0, dict[str, float]()
    if resume and path.exists():
        step, spent = _restore(path, model, ema, optimiser)
        log.info("%s: resumed at step %d", label, step)
    names = {name for name, p in model.named_parameters() if p.requires_grad}
    started = saved = reported = time.monotonic()
    first, total = step, recipe.steps
    model.train()
    while step < recipe.steps:
        now = time.monotonic()
        seconds = spent + now - started
        budget = None if recipe.minutes is None else recipe.minutes * 60
        if budget is not None and seconds >= budget:
            break
        progress = max(step / recipe.steps, 0.0 if budget is None else seconds / budget)
        rate = learning_rate(recipe, step, progress)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["scale"]
        generator = step_generator(recipe.seed, step)
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        with _autocast(device, recipe.autocast):
            value, latest = loss(step, generator)
        value.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), recipe.grad_clip)
        if not torch.isfinite(norm):
            raise SetupError(f"{label}: the gradient is {float(norm)!r} at step {step}: lower --lr")
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        _average(ema, model, min(recipe.ema, (1 + step) / (10 + step)), names)
        step += 1
        figures = {"loss": float(value.detach()), **latest}
        if after_step is not None:
            after_step(step)
        now = time.monotonic()
        if now - reported >= recipe.report_every_s:
            reported = now
            rate_s = (now - started) / (step - first)
            left = (total - step) * rate_s
            if budget is not None:
                left = min(left, budget - (spent + now - started))
            shown = " ".join(f"{key} {number:.4g}" for key, number in figures.items())
            log.info("%s: step %d/%d %s, %.2f s/step, %.0f s left", label, step, total, shown,
                     rate_s, max(left, 0.0))  # fmt: skip
        if now - saved >= recipe.save_every_s:
            saved = now
            _save(path, model, ema, optimiser, step, spent + now - started)
    seconds = spent + time.monotonic() - started
    _save(path, model, ema, optimiser, step, seconds)
    model.eval()
    return Fitted(ema=ema, steps=step, seconds=seconds, figures=figures)


def read_average(folder: Path) -> Fitted:
    """The moving average in a checkpoint, without touching the run that writes it.

    Raises:
        SetupError: there is no checkpoint in `folder`.
    """
    path = folder / STATE_FILE
    if not path.exists():
        raise SetupError(f"no checkpoint {str(path)!r}: train first")
    with safe_open(path, framework="pt") as file:
        meta: dict[str, str] = file.metadata()
        ema = {
            name.removeprefix("ema."): file.get_tensor(name)
            for name in file.keys()  # noqa: SIM118
            if name.startswith("ema.")
        }
    return Fitted(ema=ema, steps=int(meta["step"]), seconds=float(meta["seconds"]))


def write_card(
    folder: Path,
    *,
    command: str,
    seed: int,
    data: str,
    steps: int,
    seconds: float,
    device: str,
    figures: Mapping[str, float | int | str],
    notes: Sequence[str] = (),
) -> None:
    """Write `card.json`: how these weights came about and what they reach.

    Args:
        command: the command line that repeats the run.
        data: hash of the training data's manifest.
        figures: measured on data that was not trained on; names say which.
    """
    card = {
        "command": command,
        "seed": seed,
        "data_sha256": data,
        "steps": steps,
        "wall_time_s": round(seconds, 1),
        "device": device,
        "figures": dict(figures),
        "notes": list(notes),
    }
    write_atomically(folder / "card.json", json.dumps(card, indent=2) + "\n")


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
        name: (value.to(dtype) if dtype is not None and value.is_floating_point() else value)
        .detach().cpu().contiguous().clone()
        for name, value in state.items()
    }  # fmt: skip
    draft = path.with_suffix(".new")
    save_file(tensors, draft, metadata={"format": "pt"})
    os.replace(draft, path)


def _optimiser(model: nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW; vectors and scalars are not decayed. One group for each (decay, factor)."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        scale = next((s for prefix, s in recipe.lr_scales if name.startswith(prefix)), 1.0)
        groups.setdefault((decay, scale), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": params, "weight_decay": decay, "scale": scale}
            for (decay, scale), params in groups.items()
        ],
        lr=recipe.lr,
        betas=recipe.betas,
    )


@torch.no_grad()
def _average(ema: dict[str, Tensor], model: nn.Module, decay: float, trainable: set[str]) -> None:
    """Ema <- decay * ema + (1 - decay) * model for trained parameters; the rest is copied."""
    averages, values = list[Tensor](), list[Tensor]()
    for name, value in model.state_dict().items():
        if name in trainable:
            averages.append(ema[name])
            values.append(value)
        else:
            ema[name].copy_(value)
    if averages:
        torch._foreach_lerp_(averages, values, 1 - decay)  # pyright: ignore[reportPrivateUsage]


@contextlib.contextmanager
def _autocast(device: torch.device, enabled: bool) -> Iterator[None]:
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled):
        yield


def _save(
    path: Path,
    model: nn.Module,
    ema: Mapping[str, Tensor],
    optimiser: torch.optim.Optimizer,
    step: int,
    seconds: float,
) -> None:
    """Write model, average and optimiser in one file, atomically."""
    state: dict[str, Tensor] = {f"model.{k}": v for k, v in model.state_dict().items()}
    state |= {f"ema.{k}": v for k, v in ema.items()}
    for number, slots in optimiser.state_dict()["state"].items():
        state |= {f"optimiser.{number}.{slot}": value for slot, value in slots.items()}
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
    draft = path.with_suffix(".new")
    save_file(tensors, draft, metadata={"step": str(step), "seconds": repr(seconds)})
    os.replace(draft, path)


def _restore(
    path: Path, model: nn.Module, ema: dict[str, Tensor], optimiser: torch.optim.Optimizer
) -> tuple[int, float]:
    """Load a checkpoint in place; returns (step, seconds spent)."""
    with safe_open(path, framework="pt") as file:
        meta: dict[str, str] = file.metadata()
        state: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    slots: dict[int, dict[str, Tensor]] = {}
    weights: dict[str, Tensor] = {}
    for name, value in state.items():
        part, rest = name.split(".", 1)
        if part == "optimiser":
            number, slot = rest.split(".", 1)
            slots.setdefault(int(number), {})[slot] = value
        elif part == "model":
            weights[rest] = value
        elif rest in ema and ema[rest].shape == value.shape:
            ema[rest].copy_(value)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise SetupError(
            f"checkpoint {str(path)!r} is of another architecture: start without --resume"
        ) from error
    optimiser.load_state_dict({**optimiser.state_dict(), "state": slots})
    return int(meta["step"]), float(meta["seconds"])

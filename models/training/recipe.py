"""How long and how fast to train, and the options of the command line that say so."""

from __future__ import annotations

import argparse
import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import torch

from vitrine.core.errors import RequestError

Precision = Literal["no", "bf16", "fp16"]

HOW = frozenset({"device", "threads", "resume", "tensorboard", "save_every", "what"})
"""Options that say how a run is carried out, not what comes out of it."""


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to train.

    steps: optimiser steps. accumulate: batches a step. minutes: time budget in all, resumed time
    counted in; the cosine follows whichever of the two runs out first. ema: decay of the moving
    average at the end of its warm-up. lr_scales: (prefix of parameter names, factor) pairs; the
    first that matches counts. patience: measurements of the held-out loss in a row that may pass
    without a better one (None: never stop early). evaluate_every: steps between them.
    curves_every: steps between points of the curves (None: no curves).
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
    precision: Precision = "bf16"
    accumulate: int = 1
    lr_scales: tuple[tuple[str, float], ...] = ()
    patience: int | None = None
    evaluate_every: int | None = None
    evaluate_batches: int = 8
    curves_every: int | None = None

    @property
    def watches(self) -> bool:
        """Whether the held-out loss is measured on the way."""
        return self.patience is not None or self.evaluate_every is not None

    @property
    def evaluation_steps(self) -> int:
        """Steps between two measurements of the held-out loss: a twentieth of the run by default."""
        return self.evaluate_every or max(1, self.steps // 20)


def add_run_arguments(
    parser: argparse.ArgumentParser,
    *,
    steps: int,
    batch: int,
    lr: float,
    data: Literal["drawings", "ratings"] | None = "drawings",
) -> None:
    """The options that every training command has; the numbers are its defaults.

    Args:
        data: what the model learns from; ratings may also come out of the interaction log.
    """
    if data == "drawings":
        parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    elif data == "ratings":
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument(
            "--data", type=Path, help="folder that `read`, `log` or `shoppers` has made"
        )
        source.add_argument(
            "--from-log", action="store_true", help="learn from this shop's interaction log"
        )
    parser.add_argument("--out", type=Path, required=True, help="folder of the finished weights")
    parser.add_argument("--steps", type=int, default=steps, help="optimiser steps (%(default)s)")
    parser.add_argument("--batch", type=int, default=batch, help="rows a batch (%(default)s)")
    parser.add_argument(
        "--accumulate", type=int, default=1, help="batches a step, one after another (%(default)s)"
    )
    parser.add_argument("--lr", type=float, default=lr, help="peak learning rate (%(default)s)")
    parser.add_argument("--minutes", type=float, default=None, help="stop after so many minutes")
    parser.add_argument(
        "--patience",
        type=int,
        default=None,
        help="stop when the held-out loss was not better for so many measurements; keep the best",
    )
    parser.add_argument(
        "--evaluate-every",
        type=int,
        default=None,
        help="steps between measurements of the held-out loss (a twentieth of --steps)",
    )
    parser.add_argument(
        "--precision",
        choices=["no", "bf16", "fp16"],
        default="bf16",
        help="of products of matrices; fp16 needs a CUDA device (%(default)s)",
    )
    parser.add_argument(
        "--save-every",
        type=float,
        default=None,
        help="seconds between checkpoints (a minute or two)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of weights and batches (%(default)s)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--threads", type=int, default=None, help="torch threads on the CPU")
    parser.add_argument(
        "--tensorboard",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="write curves into OUT.training/tensorboard",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from the checkpoint in OUT.training, to the same result as an unbroken run",
    )


def add_start_argument(parser: argparse.ArgumentParser) -> None:
    """`--start-from`: begin with finished weights instead of chance (no optimiser state needed)."""
    parser.add_argument(
        "--start-from", type=Path, default=None, help="folder of finished weights to begin with"
    )


def options_of(args: argparse.Namespace) -> dict[str, object]:
    """The options of a run as JSON values; folders and files are given by their names alone."""
    return {name: _named(value) for name, value in sorted(vars(args).items()) if name not in HOW}


def _named(value: object) -> object:
    if isinstance(value, Path):
        return value.name
    if isinstance(value, list | tuple):
        return [_named(entry) for entry in cast("list[object]", value)]
    return value


def command_of(what: str, args: argparse.Namespace, *, full: bool = False) -> str:
    """The command line of a run; for its card, folders are given by their names alone.

    Args:
        full: whole paths, and the options that say how the run is carried out.
    """
    words = ["vitrine", "train", what]
    for name, value in sorted(vars(args).items()):
        if name in {"resume", "what"} or (name in HOW and not full):
            continue
        option = "--" + name.replace("_", "-")
        if name == "tensorboard":
            words += [] if value else ["--no-tensorboard"]
        elif value is True:
            words.append(option)
        elif value is not None and value is not False:
            values = cast("list[object]", value) if isinstance(value, list | tuple) else [value]
            words += [option, *(str(v if full else _named(v)) for v in values)]
    return shlex.join(words)


def recipe_from(args: argparse.Namespace, **changes: object) -> Recipe:
    """The recipe that the options of `add_run_arguments` describe, with `changes` on top.

    Raises:
        RequestError: an option is out of range.
    """
    for name in ("steps", "batch", "accumulate", "patience", "evaluate_every"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise RequestError(f"--{name.replace('_', '-')} {value!r}: expected at least 1")
    for name in ("minutes", "lr", "save_every"):
        value = getattr(args, name)
        if value is not None and not 0 < value < float("inf"):
            raise RequestError(f"--{name.replace('_', '-')} {value!r}: expected more than 0")
    recipe = Recipe(
        steps=args.steps,
        lr=args.lr,
        minutes=args.minutes,
        seed=args.seed,
        precision=args.precision,
        accumulate=args.accumulate,
        patience=args.patience,
        evaluate_every=args.evaluate_every,
        curves_every=max(1, args.steps // 1000) if args.tensorboard else None,
    )
    recipe = replace(recipe, **changes)
    return recipe if args.save_every is None else replace(recipe, save_every_s=args.save_every)


def choose_device(name: str, threads: int | None = None) -> torch.device:
    """The device for `auto`, `cpu` or `cuda`; bounds the CPU threads when `threads` is given.

    Raises:
        RequestError: cuda was asked for and there is none, or there are no threads.
    """
    if threads is not None:
        if threads < 1:
            raise RequestError(f"--threads {threads!r}: expected at least 1")
        torch.set_num_threads(threads)
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise RequestError("--device 'cuda': no CUDA device here; expected 'cpu' or 'auto'")
    return torch.device(name)


def step_generator(seed: int, step: int, part: str = "") -> torch.Generator:
    """The CPU generator of one step, or of one part of it; independent of every other one."""
    key = f"{seed}:{step}:{part}" if part else f"{seed}:{step}"
    digest = hashlib.sha256(key.encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))


def learning_rate(recipe: Recipe, step: int, progress: float) -> float:
    """Linear warm-up, then half a cosine down to `final_lr` of the peak; progress in 0..1."""
    warm = min(1.0, (step + 1) / max(recipe.warmup, 1))
    cosine = 0.5 * (1 + float(torch.cos(torch.tensor(torch.pi * min(progress, 1.0)))))
    return recipe.lr * warm * (recipe.final_lr + (1 - recipe.final_lr) * cosine)


MAY_CHANGE = frozenset(
    {
        "steps", "minutes", "patience", "evaluate_every", "save_every_s", "report_every_s",
        "curves_every", "out", "export_only",
    }
)  # fmt: skip
"""Fields of a recipe that a resumed run may bring anew; any other would break its promise."""


def changed_options(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """What differs between the settings of a checkpoint and those of a resumed run."""
    return [
        f"{name} was {before[name]!r}, now {now[name]!r}"
        for name in sorted(before.keys() & now.keys())
        if name not in MAY_CHANGE and before[name] != now[name]
    ]

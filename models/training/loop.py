"""One training loop for every model: seeded, resumable after SIGKILL, with a time budget.

A model brings a function that turns (step, generator) into a loss; everything else is here: device
and precision (accelerate), AdamW, warm-up and cosine, accumulation, gradient clipping, exponential
moving average, early stopping on a held-out loss, atomic checkpoints, progress and curves. The
generators of step t depend on (seed, t) alone, so a resumed run draws the batches that an unbroken
run would have drawn.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from vitrine.core.errors import Cancelled, RequestError, SetupError
from vitrine.models.training.checkpoint import STATE_FILE, State, Watch, alone_in
from vitrine.models.training.curves import CURVES_FOLDER, Curves, duration
from vitrine.models.training.recipe import (
    Recipe,
    changed_options,
    learning_rate,
    step_generator,
)

if TYPE_CHECKING:
    from accelerate import Accelerator

log = logging.getLogger(__name__)

Loss = Callable[[int, torch.Generator], tuple[Tensor, dict[str, float]]]
"""(step, CPU generator) -> (scalar loss, figures for the progress line)."""

OVERFLOWS = 50
"""Steps in a row whose fp16 gradients may overflow before a run gives up."""


class Paused(Cancelled):
    """A run was stopped by its user; the checkpoint holds everything that was done."""


@dataclass(frozen=True)
class Fitted:
    """The outcome of a run: averaged weights by parameter and buffer name, and what it took.

    With a held-out loss the weights are those of its best measurement.
    """

    ema: Mapping[str, Tensor]
    steps: int
    seconds: float
    figures: Mapping[str, float] = field(default_factory=lambda: {})


def fit(
    model: nn.Module,
    loss: Loss,
    recipe: Recipe,
    *,
    folder: Path,
    device: torch.device,
    resume: bool = False,
    label: str = "training",
    held_out: Loss | None = None,
    given: Mapping[str, object] | None = None,
    go_on: str = "--resume",
) -> Fitted:
    """Train `model` in place and return its moving average.

    Args:
        folder: where checkpoint and curves lie; created. A finished run leaves them there.
        resume: continue from the checkpoint if there is one; otherwise an old one is overwritten.
        held_out: the loss on what is not trained on; measured if the recipe watches it.
        given: options and hash of the data as JSON values; a resumed run must bring the same.
        go_on: the command that resumes the run, for the message of a run that is stopped.

    Raises:
        Paused: the process was asked to stop (Ctrl-C, SIGTERM); a checkpoint was written.
        RequestError: fp16 without a CUDA device, other options than the run that is resumed, or
            another run in the same folder.
        SetupError: the checkpoint does not fit the model, or the loss is no longer finite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / STATE_FILE
    with ExitStack() as stack:
        stack.enter_context(alone_in(folder))
        engine = _accelerator(recipe, device)
        model.to(engine.device)
        optimiser = engine.prepare_optimizer(_optimiser(model, recipe))
        settings = json.loads(
            json.dumps({**asdict(recipe), "watches": recipe.watches, **(given or {})})
        )
        ema = {name: value.detach().clone() for name, value in model.state_dict().items()}
        state = State(model, optimiser, ema, Watch(), engine.scaler, settings)
        if resume and path.exists():
            before = state.load(path)
            if changed := changed_options(before, settings):
                raise RequestError(
                    f"--resume: {'; '.join(changed)}: give the options of the run that is resumed,"
                    " or start without --resume"
                )
            log.info("%s: resumed at step %d", label, state.step)
        elif resume:
            log.info("%s: no checkpoint in %s yet, starting anew", label, folder)
        curves = stack.enter_context(
            Curves(folder / CURVES_FOLDER if recipe.curves_every else None, state.step)
        )
        asked = stack.enter_context(_asked_to_stop())
        trainer = _Trainer(engine, state, recipe, loss, held_out if recipe.watches else None, label)
        trainer.train(path, curves, asked)
    if asked():
        raise Paused(
            f"{label}: stopped at step {state.step} of {recipe.steps}, nothing is lost;"
            f" go on with: {go_on}"
        )
    model.eval()
    figures = trainer.figures
    if state.watch.average:
        figures |= {"held_out_loss": state.watch.best, "held_out_step": state.watch.best_step}
    return Fitted(state.watch.average or state.ema, state.step, state.seconds, figures)


class _Trainer:
    """The loop itself: `state` moves from step to step."""

    def __init__(
        self,
        engine: Accelerator,
        state: State,
        recipe: Recipe,
        loss: Loss,
        held_out: Loss | None,
        label: str,
    ) -> None:
        self.engine = engine
        self.state = state
        self.recipe = recipe
        self.loss = loss
        self.held_out = held_out
        self.label = label
        self.figures: dict[str, float] = {}
        self.trained = {name for name, p in state.model.named_parameters() if p.requires_grad}
        self.overflows = 0

    def train(self, path: Path, curves: Curves, asked: Callable[[], bool]) -> None:
        """Run to the end, to the end of the time or of the patience, or until asked to stop."""
        state, recipe = self.state, self.recipe
        spent, first = state.seconds, state.step
        budget = float("inf") if recipe.minutes is None else recipe.minutes * 60
        started = saved = reported = time.monotonic()
        state.model.train()
        while state.step < recipe.steps and not self._out_of_patience() and not asked():
            seconds = spent + time.monotonic() - started
            if seconds >= budget:
                break
            rate = learning_rate(
                recipe, state.step, max(state.step / recipe.steps, seconds / budget)
            )
            norm = self._step(rate)
            if recipe.curves_every and state.step % recipe.curves_every == 0:
                points = {**self.figures, "rate": rate, "gradient": norm}
                curves.add({f"train/{name}": value for name, value in points.items()}, state.step)
            due = state.step % recipe.evaluation_steps == 0 or state.step == recipe.steps
            if self.held_out is not None and due:
                value = self._measure(self.held_out)
                curves.add({"held_out/loss": value}, state.step)
            now = time.monotonic()
            state.seconds = spent + now - started
            if now - reported >= recipe.report_every_s:
                reported = now
                pace = (now - started) / (state.step - first)
                left = min((recipe.steps - state.step) * pace, budget - state.seconds)
                log.info("%s: %s", self.label, self._line(pace, left))
            if now - saved >= recipe.save_every_s:
                saved = now
                state.save(path)
                curves.flush()
        state.seconds = spent + time.monotonic() - started
        state.save(path)
        curves.flush()

    def _step(self, rate: float) -> float:
        """One step of the optimiser, over `accumulate` batches; returns the gradient's norm."""
        state, engine = self.state, self.engine
        for group in state.optimiser.param_groups:
            group["lr"] = rate * group["scale"]
        seen: dict[str, list[float]] = {}
        norm = 0.0
        for part in range(self.recipe.accumulate):
            generator = step_generator(self.recipe.seed, state.step, str(part) if part else "")
            with engine.accumulate(state.model):
                with _seeded(generator), engine.autocast():
                    value, latest = self.loss(state.step, generator)
                engine.backward(value)
                for name, number in {"loss": float(value.detach()), **latest}.items():
                    seen.setdefault(name, []).append(number)
                if engine.sync_gradients:
                    parameters = list(state.model.parameters())
                    norm = float(engine.clip_grad_norm_(parameters, self.recipe.grad_clip) or 0.0)
                    self._check(norm)
                state.optimiser.step()
                state.optimiser.zero_grad()
        self.figures = {name: sum(numbers) / len(numbers) for name, numbers in seen.items()}
        decay = min(self.recipe.ema, (1 + state.step) / (10 + state.step))
        _average(state.ema, state.model, decay, self.trained)
        state.step += 1
        return norm

    def _check(self, norm: float) -> None:
        """A gradient that is not finite ends a run; under fp16 the scaler first tries less."""
        finite = norm - norm == 0.0
        self.overflows = 0 if finite else self.overflows + 1
        if self.overflows > (0 if self.state.scaler is None else OVERFLOWS):
            raise SetupError(
                f"{self.label}: the gradient is {norm!r} at step {self.state.step}: lower --lr"
            )

    @torch.no_grad()
    def _measure(self, held_out: Loss) -> float:
        """The held-out loss of the moving average; it is kept if it is the best so far."""
        state, recipe = self.state, self.recipe
        now = state.model.state_dict()
        kept = {name: value.clone() for name, value in now.items()}
        state.model.eval()
        for name, value in now.items():
            value.copy_(state.ema[name])
        total = 0.0
        for batch in range(recipe.evaluate_batches):
            generator = step_generator(recipe.seed, batch, "held out")
            with _seeded(generator), self.engine.autocast():
                total += float(held_out(batch, generator)[0])
        for name, value in now.items():
            value.copy_(kept[name])
        state.model.train()
        loss, watch = total / recipe.evaluate_batches, state.watch
        better = loss < watch.best
        watch.misses = 0 if better else watch.misses + 1
        if better:
            watch.best, watch.best_step = loss, state.step
            watch.average = {name: value.clone() for name, value in state.ema.items()}
        log.info(
            "%s: held-out loss %.5g at step %d%s", self.label, loss, state.step,
            ", the best" if better else f" (best {watch.best:.5g} at {watch.best_step})",
        )  # fmt: skip
        return loss

    def _out_of_patience(self) -> bool:
        patience = self.recipe.patience
        return patience is not None and self.state.watch.misses >= patience

    def _line(self, pace: float, left: float) -> str:
        shown = " ".join(f"{name} {number:.4g}" for name, number in self.figures.items())
        return (
            f"step {self.state.step}/{self.recipe.steps} {shown}, {pace:.2f} s/step,"
            f" {duration(max(left, 0.0))} left"
        )


def _accelerator(recipe: Recipe, device: torch.device) -> Accelerator:
    """Device, precision and accumulation of one run; the state of an earlier run is forgotten.

    Raises:
        RequestError: fp16 without a CUDA device.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    if recipe.precision == "fp16" and device.type != "cuda":
        raise RequestError("--precision 'fp16': needs a CUDA device; expected 'bf16' or 'no'")
    AcceleratorState._reset_state(reset_partial_state=True)  # pyright: ignore
    return Accelerator(
        cpu=device.type == "cpu",
        mixed_precision=recipe.precision,
        gradient_accumulation_steps=recipe.accumulate,
    )


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


@contextmanager
def _seeded(generator: torch.Generator) -> Iterator[None]:
    """What draws from torch's own generator (dropout) depends on `generator` alone."""
    torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
    yield


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C or SIGTERM came; a second one stops at once. Only the main thread is asked."""
    signals = (signal.SIGINT, signal.SIGTERM)
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.getsignal(number) for number in signals}

    def note(number: int, _: FrameType | None) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)
        log.info("stopping after this step (once more: at once)")

    for number in signals:
        signal.signal(number, note)
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

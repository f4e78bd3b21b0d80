"""The training loop: resumable to the bit, bounded, honest about what it did."""

import argparse
import json
import re
import shlex
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from vitrine.core.errors import RequestError, SetupError
from vitrine.models.training import (
    Fitted,
    Paused,
    Recipe,
    add_run_arguments,
    choose_device,
    command_of,
    fit,
    learning_rate,
    read_average,
    recipe_from,
    step_generator,
    write_card,
)
from vitrine.models.training.card import came_from
from vitrine.models.training.curves import duration

CPU = torch.device("cpu")


class Killed(Exception):
    """Stands for a process that dies."""


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.1), nn.Linear(8, 1))


def train(folder: Path, *, steps: int = 40, resume: bool = False, dies_at: int = -1) -> Fitted:
    model = network()

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        if step == dies_at:
            raise Killed
        rows = torch.randn(16, 4, generator=generator)
        return (model(rows) - rows.sum(1, keepdim=True)).square().mean(), {}

    recipe = Recipe(steps=steps, lr=1e-2, warmup=5, save_every_s=0.0)
    return fit(model, loss, recipe, folder=folder, device=CPU, resume=resume)


def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path) -> None:
    whole = train(tmp_path / "whole")
    with pytest.raises(Killed):
        train(tmp_path / "broken", dies_at=23)
    resumed = train(tmp_path / "broken", resume=True)
    assert resumed.steps == whole.steps == 40
    assert all(torch.equal(whole.ema[name], resumed.ema[name]) for name in whole.ema)


def test_training_learns_and_the_average_follows(tmp_path: Path) -> None:
    fitted = train(tmp_path, steps=200)
    model = network()
    model.load_state_dict(dict(fitted.ema))
    model.eval()
    rows = torch.randn(64, 4, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        error = (model(rows) - rows.sum(1, keepdim=True)).square().mean()
    assert float(error) < 0.5 * float(rows.sum(1).square().mean())


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    train(tmp_path, steps=2)
    other = nn.Linear(3, 1)
    with pytest.raises(SetupError, match="another architecture"):
        fit(
            other,
            lambda step, generator: (other.weight.sum(), {}),
            Recipe(steps=2),
            folder=tmp_path,
            device=CPU,
            resume=True,
        )


def test_the_time_budget_ends_a_run(tmp_path: Path) -> None:
    model = network()
    fitted = fit(
        model,
        lambda step, generator: (model(torch.randn(8, 4, generator=generator)).mean(), {}),
        Recipe(steps=10**6, minutes=0.01),
        folder=tmp_path,
        device=CPU,
    )
    assert 0 < fitted.steps < 10**6
    assert fitted.seconds < 20


def test_steps_have_independent_generators() -> None:
    first = torch.rand(3, generator=step_generator(0, 1))
    assert torch.equal(first, torch.rand(3, generator=step_generator(0, 1)))
    assert not torch.equal(first, torch.rand(3, generator=step_generator(0, 2)))
    assert not torch.equal(first, torch.rand(3, generator=step_generator(1, 1)))


def test_the_rate_warms_up_and_falls() -> None:
    recipe = Recipe(steps=100, lr=1.0, warmup=10, final_lr=0.0)
    assert learning_rate(recipe, 0, 0.0) == pytest.approx(0.1)
    assert learning_rate(recipe, 50, 0.5) == pytest.approx(0.5)
    assert learning_rate(recipe, 99, 1.0) == pytest.approx(0.0)


def test_options_out_of_range_are_refused() -> None:
    parser = argparse.ArgumentParser()
    add_run_arguments(parser, steps=10, batch=2, lr=1e-3, data=None)
    with pytest.raises(RequestError, match="--steps 0"):
        recipe_from(parser.parse_args(["--out", "x", "--steps", "0"]))
    with pytest.raises(RequestError, match="--minutes"):
        recipe_from(parser.parse_args(["--out", "x", "--minutes", "-1"]))
    if not torch.cuda.is_available():
        with pytest.raises(RequestError, match="no CUDA"):
            choose_device("cuda")


def test_a_card_says_how_to_repeat_it(tmp_path: Path) -> None:
    write_card(tmp_path, command="vitrine train x", seed=3, data="ab", steps=7, seconds=1.25,
               device="cpu", figures={"recall": 0.5})  # fmt: skip
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["command"] == "vitrine train x"
    assert card["seed"] == 3
    assert card["data_sha256"] == "ab"
    assert card["figures"] == {"recall": 0.5}


def test_accumulated_batches_are_one_larger_batch(tmp_path: Path) -> None:
    """Two batches a step give the gradient of their mean: the same network as by hand."""
    recipe = Recipe(steps=5, lr=1e-2, warmup=1, precision="no", accumulate=2)

    def batches(step: int) -> list[Tensor]:
        return [torch.randn(8, 4, generator=step_generator(0, step, part)) for part in ("", "1")]

    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    calls: list[Tensor] = []

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        generator = step_generator(0, step, str(len(calls) % 2 or ""))
        calls.append(rows := torch.randn(8, 4, generator=generator))
        return (model(rows) - rows.sum(1, keepdim=True)).square().mean(), {}

    fit(model, loss, recipe, folder=tmp_path, device=CPU)
    assert len(calls) == 10
    torch.manual_seed(0)
    other = nn.Linear(4, 1)
    whole = replace(recipe, accumulate=1)

    def large(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        rows = torch.cat(batches(step))
        return (other(rows) - rows.sum(1, keepdim=True)).square().mean(), {}

    fit(other, large, whole, folder=tmp_path / "whole", device=CPU)
    assert torch.allclose(model.weight, other.weight, atol=1e-6)


def test_a_resumed_run_brings_the_same_options(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    run = partial(fit, model, lambda step, generator: (model.weight.square().sum(), {}),
                  folder=tmp_path, device=CPU)  # fmt: skip
    run(Recipe(steps=3), given={"data_sha256": "a"})
    with pytest.raises(RequestError, match="seed was 0, now 1"):
        run(Recipe(steps=3, seed=1), resume=True)
    with pytest.raises(RequestError, match="data_sha256 was 'a', now 'b'"):
        run(Recipe(steps=3), resume=True, given={"data_sha256": "b"})
    assert run(Recipe(steps=6), resume=True, given={"data_sha256": "a"}).steps == 6


def test_half_a_checkpoint_is_refused(tmp_path: Path) -> None:
    train(tmp_path, steps=2)
    path = tmp_path / "training.safetensors"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SetupError, match="damaged"):
        train(tmp_path, resume=True)


def test_fp16_needs_a_gpu(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    with pytest.raises(RequestError, match="fp16"):
        fit(model, lambda step, generator: (model.weight.sum(), {}),
            Recipe(steps=1, precision="fp16"), folder=tmp_path, device=CPU)  # fmt: skip


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    with pytest.raises(SetupError, match="lower --lr"):
        fit(model, lambda step, generator: ((model.weight * float("nan")).sum(), {}),
            Recipe(steps=3), folder=tmp_path, device=CPU)  # fmt: skip


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    model = network()

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        if step == 7:
            signal.raise_signal(signal.SIGINT)
        return model(torch.randn(16, 4, generator=generator)).square().mean(), {}

    recipe = Recipe(steps=20, lr=1e-2, warmup=5)
    with pytest.raises(Paused, match=r"stopped at step 8 of 20.*vitrine train x --resume") as stop:
        fit(model, loss, recipe, folder=tmp_path, device=CPU, go_on="vitrine train x --resume")
    assert stop.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) is before
    assert read_average(tmp_path).steps == 8


def test_durations_are_said_as_people_do() -> None:
    assert [duration(s) for s in (3, 89, 600, 3 * 3600 + 300)] == [
        "3 s", "89 s", "10 min", "3 h 05 min",
    ]  # fmt: skip


def test_the_command_of_a_run_can_be_given_again() -> None:
    parser = argparse.ArgumentParser()
    add_run_arguments(parser, steps=10, batch=2, lr=1e-3)
    words = ["--data", "some folder/x", "--out", "far/away", "--patience", "4", "--no-tensorboard"]
    args = parser.parse_args([*words, "--resume"])
    line = shlex.split(command_of("judge", args, full=True))
    assert line[:3] == ["vitrine", "train", "judge"]
    again = parser.parse_args([*line[3:], "--resume"])
    assert again == args
    assert "far" not in command_of("judge", args)


@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_the_loop_is_plain_gradient_descent_to_the_bit(tmp_path: Path, precision: str) -> None:
    """AdamW with warm-up, cosine, clipping and an average, written out by hand: the same numbers."""

    def error(model: nn.Module, rows: Tensor) -> Tensor:
        return (model(rows) - rows.sum(1, keepdim=True)).square().mean()

    recipe = Recipe(steps=12, lr=1e-2, warmup=3, seed=3, precision=precision)  # type: ignore[arg-type]
    model = network()

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        return error(model, torch.randn(16, 4, generator=generator)), {}

    fitted = fit(model, loss, recipe, folder=tmp_path, device=CPU)

    plain = network()
    matrices = [p for p in plain.parameters() if p.ndim > 1]
    vectors = [p for p in plain.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.99))
    average = {name: value.clone() for name, value in plain.state_dict().items()}
    trained = dict(plain.named_parameters())
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(recipe, step, step / recipe.steps)
        generator = step_generator(3, step)
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        rows = torch.randn(16, 4, generator=generator)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            value = error(plain, rows)
        value.backward()
        nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        decay = min(0.999, (1 + step) / (10 + step))
        for name, now in plain.state_dict().items():
            if name in trained:
                average[name].lerp_(now, 1 - decay)
            else:
                average[name].copy_(now)
    assert all(torch.equal(fitted.ema[name], average[name]) for name in average)
    assert all(
        torch.equal(value, plain.state_dict()[name]) for name, value in model.state_dict().items()
    )


def test_a_full_disk_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(tmp_path, steps=3)
    before = (tmp_path / "training.safetensors").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vitrine.models.training.checkpoint.save_file", full)
    with pytest.raises(SetupError, match="No space left on device"):
        train(tmp_path, steps=6, resume=True)
    assert (tmp_path / "training.safetensors").read_bytes() == before


def test_figures_of_batches_that_differ_in_kind_are_means_of_their_own(tmp_path: Path) -> None:
    model, calls = nn.Linear(1, 1), iter(range(4))

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        return model.weight.square().sum(), {("even", "odd")[(n := next(calls)) % 2]: float(n)}

    recipe = Recipe(steps=1, accumulate=4)
    fitted = fit(model, loss, recipe, folder=tmp_path, device=CPU)
    assert fitted.figures["even"] == 1
    assert fitted.figures["odd"] == 2


def test_progress_says_how_long_it_still_takes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = nn.Linear(2, 1)
    caplog.set_level("INFO", logger="vitrine")
    fit(model, lambda step, generator: (model.weight.square().sum(), {"extra": 0.5}),
        Recipe(steps=3, report_every_s=0.0), folder=tmp_path, device=CPU, label="x")  # fmt: skip
    line = next(record.message for record in caplog.records if "step 1/3" in record.message)
    assert re.fullmatch(r"x: step 1/3 loss \S+ extra 0\.5, \S+ s/step, \d+ s left", line)


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        with pytest.raises(RequestError, match="another training writes to"):
            train(tmp_path, steps=1)
        return model.weight.square().sum(), {}

    model = nn.Linear(2, 1)
    fit(model, loss, Recipe(steps=1), folder=tmp_path, device=CPU)
    assert train(tmp_path, steps=1).steps == 1


def test_a_card_tells_the_runs_that_it_goes_on_from(tmp_path: Path) -> None:
    """Every stage can be repeated from the last card alone."""
    notes: list[str] = []
    for name in ("first", "second", "third"):
        folder = tmp_path / name
        folder.mkdir()
        write_card(folder, command=f"vitrine train x --out {name}", seed=0, data="d", steps=1,
                   seconds=1, device="cpu", figures={}, notes=["other", *notes])  # fmt: skip
        notes = came_from(folder)
    assert notes == [
        f"goes on from: vitrine train x --out {n}" for n in ("third", "second", "first")
    ]
    assert came_from(None) == came_from(tmp_path) == []

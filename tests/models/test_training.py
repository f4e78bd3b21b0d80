"""The training loop: resumable to the bit, bounded, honest about what it did."""

import argparse
import json
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from vitrine.core.errors import RequestError, SetupError
from vitrine.models.training import (
    Fitted,
    Recipe,
    add_run_arguments,
    choose_device,
    fit,
    learning_rate,
    recipe_from,
    step_generator,
    write_card,
)

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
    add_run_arguments(parser, steps=10, batch=2, lr=1e-3, data=False)
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

"""What a run watches on the way: the held-out loss, and its curves."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from vitrine.models.training import Fitted, Recipe, fit, read_average

CPU = torch.device("cpu")


class Killed(Exception):
    """Stands for a process that dies."""


def overfitting(
    folder: Path, *, patience: int | None = 3, steps: int = 400, resume: bool = False
) -> tuple[Fitted, list[float]]:
    """Two rows are learned by heart; the held-out loss gets worse after a while."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Linear(64, 1))
    seen: list[float] = []

    def task(generator: torch.Generator, count: int) -> Tensor:
        rows = torch.randn(count, 8, generator=generator)
        goal = rows[:, :1] + torch.randn(count, 1, generator=generator)
        return (model(rows) - goal).square().mean()

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        return task(torch.Generator().manual_seed(1), 6), {}

    def held_out(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        assert not model.training
        value = task(torch.Generator().manual_seed(100 + step), 64)
        seen.append(float(value))
        return value, {}

    recipe = Recipe(steps=steps, lr=1e-2, warmup=5, ema=0.5, precision="no", patience=patience,
                    evaluate_every=10, evaluate_batches=1)  # fmt: skip
    found = fit(model, loss, recipe, folder=folder, device=CPU, held_out=held_out, resume=resume)
    return found, seen


def test_patience_ends_a_run_and_the_best_average_is_kept(tmp_path: Path) -> None:
    fitted, seen = overfitting(tmp_path)
    best = seen.index(min(seen))
    assert fitted.steps == 10 * (best + 4) < 400
    assert fitted.figures["held_out_step"] == 10 * (best + 1)
    assert fitted.figures["held_out_loss"] == pytest.approx(min(seen))
    again, more = overfitting(tmp_path, resume=True)
    assert (again.steps, more) == (fitted.steps, [])  # it is over, and stays so
    assert all(torch.equal(again.ema[name], fitted.ema[name]) for name in fitted.ema)
    kept = read_average(tmp_path)
    assert all(torch.equal(kept.ema[name], fitted.ema[name]) for name in fitted.ema)


def test_measuring_on_the_way_changes_no_weight(tmp_path: Path) -> None:
    watched, _ = overfitting(tmp_path / "a", patience=None, steps=60)
    assert watched.figures["held_out_loss"] > 0
    torch.manual_seed(0)
    state = load_file(tmp_path / "a" / "training.safetensors")
    plain = Recipe(steps=60, lr=1e-2, warmup=5, ema=0.5, precision="no")
    model = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Linear(64, 1))

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        generator = torch.Generator().manual_seed(1)
        rows = torch.randn(6, 8, generator=generator)
        goal = rows[:, :1] + torch.randn(6, 1, generator=generator)
        return (model(rows) - goal).square().mean(), {}

    fit(model, loss, plain, folder=tmp_path / "b", device=CPU)
    assert all(torch.equal(value, state[f"model.{n}"]) for n, value in model.state_dict().items())


def points(folder: Path, tag: str) -> list[int]:
    """Steps of a curve, from every event file, as they stand in the files."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    found: list[int] = []
    for file in sorted(folder.glob("events.out.tfevents.*")):
        for event in EventFileLoader(str(file)).Load():
            found += [event.step for value in event.summary.value if value.tag == tag]
    return found


def test_curves_go_on_after_a_kill_without_a_step_twice(tmp_path: Path) -> None:
    def run(steps: int, *, resume: bool = False, dies_at: int = -1) -> None:
        model = nn.Linear(4, 1)

        def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            if step == dies_at:
                raise Killed
            return model(torch.randn(16, 4, generator=generator)).square().mean(), {}

        recipe = Recipe(steps=steps, save_every_s=0.05, curves_every=2)
        fit(model, loss, recipe, folder=tmp_path, device=CPU, resume=resume)

    with pytest.raises(Killed):
        run(400, dies_at=301)
    run(400, resume=True)
    assert points(tmp_path / "tensorboard", "train/loss") == list(range(2, 401, 2))
    run(10)
    assert points(tmp_path / "tensorboard", "train/loss") == list(range(2, 11, 2))

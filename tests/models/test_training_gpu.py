"""The training ground on a CUDA device: precisions, resumption, and the models that train there."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vitrine.models.ratings.folder import Terms, write_folder
from vitrine.models.ratings.interactions import Interactions
from vitrine.models.ratings.vectors import Vectors
from vitrine.models.train import main
from vitrine.models.training import Fitted, Recipe, fit
from vitrine.models.training.recipe import Precision

pytestmark = pytest.mark.gpu


class Killed(Exception):
    """Stands for a process that dies."""


def train(
    folder: Path, precision: Precision, *, resume: bool = False, dies_at: int = -1
) -> tuple[Fitted, list[float]]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 1))
    device, seen = torch.device("cuda"), list[float]()

    def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        if step == dies_at:
            raise Killed
        rows = torch.randn(64, 8, generator=generator).to(device)
        value = (model(rows).float() - rows.sum(1, keepdim=True)).square().mean()
        seen.append(float(value.detach()))
        return value, {}

    recipe = Recipe(steps=120, lr=1e-2, precision=precision, accumulate=2, save_every_s=0.0)
    return fit(model, loss, recipe, folder=folder, device=device, resume=resume), seen


@pytest.mark.parametrize("precision", ["no", "bf16", "fp16"])
def test_a_killed_run_goes_on(tmp_path: Path, precision: Precision) -> None:
    whole, seen = train(tmp_path / "whole", precision)
    assert seen[-1] < 0.3 * seen[0]
    with pytest.raises(Killed):
        train(tmp_path / "broken", precision, dies_at=70)
    resumed, _ = train(tmp_path / "broken", precision, resume=True)
    assert all(torch.allclose(whole.ema[n], resumed.ema[n], atol=1e-3) for n in whole.ema)


@pytest.mark.parametrize("what", ["prior", "verifier"])
def test_taste_models_train_on_the_device(tmp_path: Path, what: str) -> None:
    rng, told = np.random.default_rng(0), Interactions()
    for user in range(40):
        for item in rng.permutation(60)[:40]:
            told.rate(f"u{user}", f"i{item}", 5 if (item + user) % 2 else 1)
    rows = rng.standard_normal((len(told.items), 16)).astype(np.float32)
    none = np.zeros((len(rows), 0, 16), np.float32)
    seen = Vectors("space", tuple(told.items), rows, none)
    write_folder(tmp_path / "data", told, seen, Terms(), source="test")
    words = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out"), "--steps", "4"]
    words += ["--batch", "32", "--device", "cuda", "--patience", "2", "--evaluate-every", "2"]
    assert main([what, *words]) == 0
    assert (tmp_path / "out" / "model.safetensors").is_file()

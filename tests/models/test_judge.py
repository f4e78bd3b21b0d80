"""The judge learns a small world, survives saving, and reads pictures of any size."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vitrine.core.errors import SetupError
from vitrine.models.dataset import read_drawings
from vitrine.models.judge.model import Judge, load_judge, save_judge
from vitrine.models.judge.train import JudgeLesson, judge_figures
from vitrine.models.training import Recipe, fit


def test_it_learns_and_loads(world: Path, tmp_path: Path) -> None:
    data = read_drawings(world)
    torch.manual_seed(0)
    judge = Judge(data.vocabulary, size=data.size, widths=(8, 16, 16, 16))
    lesson = JudgeLesson(judge, data, 16, torch.device("cpu"))
    fitted = fit(
        judge,
        lesson,
        Recipe(steps=90, lr=1e-2, ema=0.9, warmup=5, precision="no"),
        folder=tmp_path / "run",
        device=torch.device("cpu"),
    )
    judge.load_state_dict(dict(fitted.ema))
    judge.eval()
    figures = judge_figures(judge, data)
    assert figures["tone"] >= 0.8
    assert figures["n"] == 6
    save_judge(judge, tmp_path / "judge")
    again = load_judge(tmp_path / "judge")
    pictures = np.asarray(data.pictures[:8])
    assert again.read(pictures) == judge.read(pictures)
    larger = pictures.repeat(2, axis=1).repeat(2, axis=2)
    assert [row["tone"] for row in again.read(larger)] == [
        row["tone"] for row in again.read(pictures)
    ]


def test_a_missing_judge_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="vitrine train judge"):
        load_judge(tmp_path)

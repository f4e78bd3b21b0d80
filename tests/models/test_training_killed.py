"""A training whose process is killed goes on to the result of an unbroken one, bit for bit."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.torch import load_file

from vitrine.models.training.checkpoint import STATE_FILE

STEPS = 60


def start(world: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """`judge` on a small world, with two batches a step and a held-out loss on the way.

    What it says goes to `<out>.log`.
    """
    words = ["--data", str(world), "--out", str(out), "--batch", "4", "--accumulate", "2"]
    words += ["--steps", str(STEPS), "--patience", "40", "--evaluate-every", "4", "--seed", "5"]
    words += ["--save-every", "0.01", "--device", "cpu", "--threads", "1", *options]
    with said(out).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "vitrine.models.train", "judge", *words],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stderr=log,
        )


def said(out: Path) -> Path:
    return out.with_name(out.name + ".log")


def steps_saved(out: Path) -> int:
    """Steps in the checkpoint; 0: there is none."""
    path = out.with_name(out.name + ".training") / STATE_FILE
    if not path.exists():
        return 0
    with safe_open(path, framework="pt") as file:
        return int(file.metadata()["step"])


def state_of(out: Path) -> Path:
    return out.with_name(out.name + ".training") / STATE_FILE


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_that_is_killed_again_and_again_ends_like_an_unbroken_one(
    world: Path, tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    first = start(world, whole)
    assert first.wait() == 0, said(whole).read_text()
    for aim in (5, 30):
        process = start(world, broken, "--resume")
        while steps_saved(broken) < aim:
            assert process.poll() is None, said(broken).read_text()
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert aim <= steps_saved(broken) < STEPS
        assert not (broken / "card.json").exists()
    last = start(world, broken, "--resume")
    assert last.wait() == 0, said(broken).read_text()
    assert "resumed at step" in said(broken).read_text()

    expected, found = load_file(state_of(whole)), load_file(state_of(broken))
    assert expected.keys() == found.keys()
    assert any(name.startswith("best.") for name in expected)
    assert [n for n in expected if not expected[n].equal(found[n])] == []
    for name in sorted(path.name for path in whole.glob("*.safetensors")):
        assert (whole / name).read_bytes() == (broken / name).read_bytes()
    cards = [json.loads((out / "card.json").read_text()) for out in (whole, broken)]
    assert cards[0]["figures"] == cards[1]["figures"]
    assert cards[0]["steps"] == cards[1]["steps"] == STEPS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ctrl_c_ends_with_a_line_that_resumes(world: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(world, out, "--no-tensorboard")
    while steps_saved(out) < 3:
        assert process.poll() is None, said(out).read_text()
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    last = said(out).read_text().strip().splitlines()[-1]
    assert "go on with: vitrine train judge" in last
    assert last.endswith("--resume")
    assert "Traceback" not in said(out).read_text()
    words = last.split("vitrine train judge ")[1].split()
    done = subprocess.run(
        [sys.executable, "-m", "vitrine.models.train", "judge", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (out / "card.json").exists()

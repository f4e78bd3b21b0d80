"""doctor, catalog and profile: the commands that keep house."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vitrine.core import places
from vitrine.models.integrity import write_manifest
from vitrine.ui import cli, doctor

PROFILE = "## I like\n- I like linen.\n\n## I avoid\n- I avoid stripes.\n"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small shipped folders with one domain and one weight file, and a fresh home."""
    weights, domains = tmp_path / "weights", tmp_path / "domains"
    (weights / "clip").mkdir(parents=True)
    (weights / "clip" / "a.safetensors").write_bytes(b"a")
    write_manifest(weights)
    shutil.copytree(places.domains() / "swatches", domains / "swatches")
    monkeypatch.setattr(places, "weights", lambda: weights)
    monkeypatch.setattr(places, "domains", lambda: domains)
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path / "home"))
    return tmp_path


def examined() -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.examine()}


def test_doctor_finds_a_sound_installation_sound(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert {c["name"] for c in report["checks"]} >= {
        "python", "packages", "home", "disk", "memory", "cores", "weights", "torch", "device",
    }  # fmt: skip
    failed = [c for c in report["checks"] if not c["ok"]]
    assert not failed
    assert report["ok"]
    assert code == 0


def test_doctor_names_damaged_weights(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shipped / "weights" / "clip" / "a.safetensors"
    file.write_bytes(b"b")
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "FAIL  weights" in out
    assert "clip/a.safetensors" in out
    file.unlink()
    assert not examined()["weights"].ok
    (shipped / "weights" / "manifest.json").unlink()
    assert "no manifest.json" in examined()["weights"].found


def test_doctor_names_a_broken_domain(shipped: Path) -> None:
    (shipped / "domains" / "swatches" / "domain.yaml").write_text("name: [")
    assert not examined()["domain swatches"].ok


def test_doctor_names_a_home_that_cannot_be_written(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shipped / "file").write_text("")
    monkeypatch.setenv("VITRINE_HOME", str(shipped / "file" / "home"))
    check = examined()["home"]
    assert not check.ok
    assert "NotADirectoryError" in check.found


def test_doctor_names_packages_that_are_absent_or_old(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ["pydantic>=99", "no-such-package-here>=1", "numpy>=2", 'x; extra == "test"']
    monkeypatch.setattr(doctor, "requirements", lambda: wanted)
    check = examined()["packages"]
    assert not check.ok
    assert "pydantic is" in check.found
    assert "no-such-package-here is missing" in check.found


def test_catalog_info_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["catalog", "info", "--domain", "swatches", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["domain"] == "swatches"
    lines = (places.domains() / "swatches" / "items.jsonl").read_text().splitlines()
    assert facts["items"] == len(lines)
    assert cli.main(["catalog", "info", "--domain", "swatches"]) == 0
    assert str(facts["items"]) in capsys.readouterr().out


def test_catalog_info_of_an_unknown_domain(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["catalog", "info", "--domain", "nope"]) == 2
    assert "'nope'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--count", "0"], ["--size", "x"], []])
def test_catalog_build_refuses(words: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["catalog", "build", *(["--out", str(tmp_path)] if words else []), *words])
    assert stop.value.code == 2


def test_catalog_build_refuses_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["catalog", "build", "--out", str(tmp_path / "file")]) == 2


def test_catalog_build_draws_a_shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "shop"
    size = ["--count", "12", "--size", "32", "--workers", "1"]
    assert cli.main(["catalog", "build", "--out", str(out), *size]) == 0
    capsys.readouterr()
    assert cli.main(["catalog", "info", "--domain", str(out), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["items"] == facts["pictures"] == 12


def test_profile_lives_and_is_forgotten(
    vitrine_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.md").write_text(PROFILE)
    assert cli.main(["profile", "edit", "--user", "mara", "--file", str(tmp_path / "p.md")]) == 0
    capsys.readouterr()
    assert cli.main(["profile", "show", "--user", "mara"]) == 0
    assert capsys.readouterr().out == PROFILE
    assert cli.main(["profile", "show", "--user", "noel"]) == 0
    assert capsys.readouterr().out == ""
    out = tmp_path / "all.json"
    assert cli.main(["profile", "export", "--user", "mara", "--out", str(out)]) == 0
    assert json.loads(out.read_text())["markdown"] == PROFILE
    assert out.stat().st_mode & 0o077 == 0
    assert cli.main(["profile", "forget", "--user", "mara", "--yes"]) == 0
    assert cli.main(["profile", "forget", "--user", "mara", "--yes"]) == 1
    capsys.readouterr()
    assert cli.main(["profile", "show", "--user", "mara"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe", b"I like\nloose words", b"## Favourites\n- x", b"x" * 1_000_001]
)
def test_a_profile_that_cannot_be_read_changes_nothing(
    raw: bytes,
    vitrine_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PROFILE.encode())))
    assert cli.main(["profile", "edit", "--user", "mara", "--file", "-"]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert cli.main(["profile", "edit", "--user", "mara", "--file", "-"]) == 2
    capsys.readouterr()
    assert cli.main(["profile", "show", "--user", "mara"]) == 0
    assert capsys.readouterr().out == PROFILE


def test_nobody_to_ask_is_refused(vitrine_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vitrine.ui.cli", "profile", "forget", "--user", "mara"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert len(done.stderr.splitlines()) == 1

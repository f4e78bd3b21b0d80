"""What no file of the project may contain."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("agent", "core", "evals", "memory", "models", "studio", "tools", "ui")
MAX_LINES = 450
PICKLES = {".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npz", ".bin"}
FOREIGN_PATHS = re.compile(r"(?<![\w./-])(/home/|/root/|/Users/|/work/|/tmp/|[A-Z]:\\Users)")
MACHINE_NAMES = re.compile(r"extra-index-url|find-links =|\.internal\b|artifactory|nexus\b", re.I)


def tracked() -> list[Path]:
    listed = subprocess.run(
        [
            "git", "-c", "safe.directory=*",
            "ls-files", "-z", "--cached", "--others", "--exclude-standard",
        ],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        if path.name == "requirements.lock" or path == Path(__file__):
            continue
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture or weights, or a file that was removed just now


def test_no_machine_paths() -> None:
    found = [
        f"{path}: {match.group()}"
        for path, text in texts()
        if path.parts[0] != "domains" and path.name not in {".gitignore", "run"}
        for match in FOREIGN_PATHS.finditer(text)
    ]
    assert not found


def test_no_registry_names() -> None:
    found = [f"{path}: {m.group()}" for path, text in texts() for m in MACHINE_NAMES.finditer(text)]
    assert not found


def test_weights_are_never_pickles() -> None:
    assert not [path for path in tracked() if path.suffix.lower() in PICKLES]
    loads = re.compile(r"\btorch\.load\(|\bimport pickle\b|allow_pickle=True|weights_only=False")
    assert not [f"{path}: {m.group()}" for path, text in texts() for m in loads.finditer(text)]


def test_files_can_be_held_in_the_head() -> None:
    long = {
        str(path): text.count("\n")
        for path, text in texts()
        if path.suffix == ".py" and text.count("\n") > MAX_LINES
    }
    assert not long, f"split these files (at most {MAX_LINES} lines)"


def test_no_catch_all_modules() -> None:
    names = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not [path for path, _ in texts() if path.stem in names or set(path.parts) & names]


def test_no_print_outside_ui() -> None:
    calls = re.compile(r"^\s*print\(", re.M)
    found = [
        str(path)
        for path, text in texts()
        if path.suffix == ".py" and path.parts[0] in CODE and path.parts[0] != "ui"
        if calls.search(text)
    ]
    assert not found


def test_no_file_is_too_large() -> None:
    large = [p for p in tracked() if p.stat().st_size > 16 * 2**20]
    assert not large, "shard these files: at most 16 MiB each"

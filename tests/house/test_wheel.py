"""What a wheel of the project holds, and that it works outside a checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("agent", "core", "evals", "memory", "models", "studio", "tools", "ui", "domains", "weights")
BUILD = "import setuptools.build_meta as b, sys; b.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, unpacked as pip would."""
    source = tmp_path_factory.mktemp("source")
    for name in CODE:
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "pictures")
        )
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BUILD, str(out)],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = out.glob("*.whl")
    target = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


@pytest.mark.slow
def test_wheel_keeps_to_its_namespace(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"vitrine"}
    assert not (installed / "vitrine" / "__init__.py").exists()
    assert not list(installed.rglob("tests"))


@pytest.mark.slow
def test_wheel_holds_every_file_of_the_packages(installed: Path) -> None:
    for name in CODE:
        for path in (ROOT / name).rglob("*"):
            wanted = path.suffix in {".py", ".md", ".yaml", ".jsonl", ".safetensors"}
            if wanted and not any(part.startswith((".", "__p")) for part in path.parts[-3:]):
                there = installed / "vitrine" / path.relative_to(ROOT)
                assert there.is_file(), f"{path.relative_to(ROOT)} is not in the wheel"


@pytest.mark.slow
def test_installed_command_finds_its_data(installed: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "name = lambda finder: getattr(finder, '__name__', '')\n"
        "sys.meta_path = [f for f in sys.meta_path if 'ditable' not in name(f)]\n"
        f"sys.path.insert(0, {str(installed)!r})\n"
        "from vitrine.core import places\n"
        f"assert str(places.domains()).startswith({str(installed)!r}), places.domains()\n"
        "from vitrine.ui.cli import main\n"
        "sys.exit(main(['catalog', 'info', '--domain', 'atelier']))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2000" in done.stdout

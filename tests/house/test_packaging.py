"""The package list of pyproject.toml equals the tree, and the data folders are found."""

import tomllib
from itertools import chain
from pathlib import Path

import pytest

from vitrine.core import places

ROOT = Path(__file__).resolve().parents[2]
CODE = ("agent", "core", "evals", "memory", "models", "studio", "tools", "ui")
DATA = ("domains", "weights")
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def packages_in_tree() -> set[str]:
    found = {f"vitrine.{name}" for name in DATA}
    for top in CODE:
        for source in (ROOT / top).rglob("*.py"):
            found.add("vitrine." + ".".join(source.parent.relative_to(ROOT).parts))
    return found


def test_package_list_is_the_tree() -> None:
    listed = SETUPTOOLS["packages"]
    assert sorted(listed) == sorted(packages_in_tree()), "mend packages in pyproject.toml"


def test_every_package_has_an_init() -> None:
    for package in packages_in_tree():
        folder = ROOT / package.removeprefix("vitrine.").replace(".", "/")
        assert package.split(".")[1] in DATA or (folder / "__init__.py").is_file(), package


def test_every_top_package_is_mapped_and_linked() -> None:
    mapped = SETUPTOOLS["package-dir"]
    assert mapped == {f"vitrine.{name}": name for name in (*CODE, *DATA)}
    links = {link.name: link.readlink() for link in (ROOT / ".typings" / "vitrine").iterdir()}
    assert links == {name: Path("../..") / name for name in CODE}


def test_vitrine_is_a_namespace() -> None:
    import vitrine

    assert vitrine.__file__ is None


@pytest.mark.parametrize("folder", [places.domains(), places.weights()])
def test_data_folders_are_found(folder: Path) -> None:
    assert folder.is_dir()


def test_lock_names_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert text.count("--hash=sha256:") > 100


def test_lock_covers_the_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *chain.from_iterable(project["optional-dependencies"].values()),
    ]
    locked = {
        line.split("==")[0]
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    }
    for requirement in wanted:
        name = requirement.split(">=")[0].split("[")[0].lower().replace("_", "-")
        assert name in locked, f"{name} is not in requirements.lock: run `make lock`"

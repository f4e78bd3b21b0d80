"""The manifest notices every way in which shipped files can be wrong."""

from pathlib import Path

import pytest

from vitrine.core.errors import SetupError
from vitrine.core.manifest import faults, main, read_manifest, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "card.json").write_text("{}")
    write_manifest(tmp_path)
    return tmp_path


def test_undamaged_files_have_no_faults(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert set(manifest.files) == {"clip/model.safetensors", "card.json"}
    assert manifest.total_bytes == 9
    assert faults(folder, manifest) == ()


@pytest.mark.parametrize(
    ("bytes_", "said"),
    [(b"wEights", "sha256"), (b"weight", "6 bytes, expected 7"), (None, "missing")],
)
def test_each_damage_is_named(folder: Path, bytes_: bytes | None, said: str) -> None:
    path = folder / "clip" / "model.safetensors"
    if bytes_ is None:
        path.unlink()
    else:
        path.write_bytes(bytes_)
    (fault,) = faults(folder, read_manifest(folder))
    assert "clip/model.safetensors" in fault
    assert said in fault


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2, "files": {}}', "\x00"])
def test_a_damaged_manifest_is_a_setup_error(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(SetupError, match="damaged"):
        read_manifest(folder)


def test_a_missing_manifest_is_a_setup_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="missing"):
        read_manifest(tmp_path)


def test_command_writes_it(folder: Path, tmp_path: Path) -> None:
    (folder / "new.txt").write_text("x")
    assert main([str(folder)]) == 0
    assert "new.txt" in read_manifest(folder).files
    assert main([str(tmp_path / "nowhere")]) == 2

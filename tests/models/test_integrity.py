"""Damaged or missing weights give one clear line."""

from pathlib import Path

import pytest

from vitrine.core.errors import SetupError
from vitrine.models.encoder import ClipEncoder
from vitrine.models.integrity import Seals, write_manifest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("clip/a.safetensors", "sd/unet/b.safetensors", "sd.training/state.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert set(write_manifest(tmp_path)) == {"clip/a.safetensors", "sd/unet/b.safetensors"}
    return tmp_path


def test_whole_weights_pass(root: Path) -> None:
    seals = Seals(root)
    seals.check(root / "clip")
    seals.check(root / "sd")
    assert len(seals.digest(root / "clip" / "a.safetensors")) == 64


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "folder", "manifest"])
def test_harm_is_one_clear_line(root: Path, harm: str) -> None:
    path = root / "clip" / "a.safetensors"
    match harm:
        case "flip":
            path.write_bytes(b"clip/b.safetensors")
        case "cut":
            path.write_bytes(b"clip")
        case "remove":
            path.unlink()
        case "folder":
            path.unlink()
            path.parent.rmdir()
        case _:
            (root / "manifest.json").write_text("{")
    with pytest.raises(SetupError) as caught:
        Seals(root).check(root / "clip")
    assert "\n" not in str(caught.value)
    assert str(root) in str(caught.value)
    if harm != "manifest":
        Seals(root).check(root / "sd")  # other models are not held up


def test_the_encoder_checks_before_it_loads(root: Path) -> None:
    (root / "clip" / "a.safetensors").write_bytes(b"harm")
    with pytest.raises(SetupError, match="checksum"):
        ClipEncoder(root / "clip").encode_text(["x"])

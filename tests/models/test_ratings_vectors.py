"""Embeddings of rated items: out of files, of pictures, of titles; what is no such thing is refused."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from vitrine.core.errors import RequestError
from vitrine.models.fakes import FakeEncoder
from vitrine.models.ratings import vectors
from vitrine.models.ratings.vectors import from_file, from_pictures, from_titles


def write(path: Path, *rows: str) -> Path:
    path.write_text("".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def table(count: int = 4, dim: int = 3) -> np.ndarray:
    return np.arange(count * dim, dtype=np.float32).reshape(count, dim)


def test_embeddings_of_a_file_follow_the_ids(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", table())
    write(tmp_path / "e.ids.txt", "a", "b", "c", "d")
    found = from_file(tmp_path / "e.npy", ["d", "x", "a"], None, None)
    assert found.names == ("d", "a")
    assert np.array_equal(found.images, table()[[3, 0]])
    assert found.captions.shape == (2, 0, 3)
    assert found.space.startswith("file:")
    save_file({"images": table()}, tmp_path / "e.safetensors",
              metadata={"ids": '["a", "b", "c", "d"]', "space": "mine"})  # fmt: skip
    same = from_file(tmp_path / "e.safetensors", ["d", "x", "a"], None, None)
    assert np.array_equal(same.images, found.images)
    assert same.space == "mine"


def pickled(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object))


def lying(path: Path) -> None:
    """A header that promises more than there is."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 512), }"
    header += b" " * (118 - len(header)) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 64)


@pytest.mark.parametrize(
    "make",
    [
        pickled,
        lying,
        lambda path: np.save(path, np.zeros((3, 2, 2), np.float32)),
        lambda path: np.save(path, np.zeros((3, 2), np.int64)),
        lambda path: np.save(path, np.zeros((0, 2), np.float32)),
        lambda path: path.write_bytes(b"nothing"),
    ],
)
def test_files_that_are_no_embeddings_are_refused(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "e.npy")
    write(tmp_path / "e.ids.txt", "a", "b", "c")
    with pytest.raises(RequestError, match=r"e\.npy"):
        from_file(tmp_path / "e.npy", ["a"], None, None)


def test_embeddings_need_their_ids_and_finite_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", table())
    with pytest.raises(RequestError, match="--ids"):
        from_file(tmp_path / "e.npy", ["a"], None, None)
    with pytest.raises(RequestError, match="4 rows, but there are 3 ids"):
        from_file(tmp_path / "e.npy", ["a"], write(tmp_path / "i", "a", "b", "c"), None)
    with pytest.raises(RequestError, match="twice"):
        from_file(tmp_path / "e.npy", ["a"], write(tmp_path / "i", "a", "b", "c", "a"), None)
    bad = table()
    bad[2] = np.nan
    np.save(tmp_path / "n.npy", bad)
    with pytest.raises(RequestError, match="'c' is not finite"):
        from_file(tmp_path / "n.npy", ["a", "c"], write(tmp_path / "i", *"abcd"), None)


def test_pictures_are_seen_and_broken_ones_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "40K"
    folder.mkdir()
    Image.new("RGB", (40, 20), "teal").save(folder / "one.jpg")
    Image.new("RGBA", (20, 20)).save(folder / "two.png")
    (folder / "three.jpg").write_bytes(b"not a picture")
    Image.new("RGB", (300, 300)).save(folder / "bomb.png")
    monkeypatch.setattr(vectors, "MAX_PICTURE_PIXELS", 200 * 200)
    encoder = FakeEncoder()
    caplog.set_level("INFO", logger="vitrine")
    wanted = ["one.jpg", "two", "three.jpg", "bomb", "absent"]
    found = from_pictures(tmp_path, wanted, {"one.jpg": "teal", "two": "white"}, encoder)
    assert found.names == ("one.jpg", "two")
    assert found.space == encoder.space
    assert found.captions.shape == (2, 1, encoder.dim)
    assert "megapixels" in caplog.text
    assert "three.jpg: no readable picture" in caplog.text
    assert from_pictures(tmp_path, wanted, {}, encoder).captions.shape[1] == 0
    with pytest.raises(RequestError, match="no readable picture of any rated item"):
        from_pictures(tmp_path, ["absent"], {}, encoder)


def test_titles_that_share_words_are_near_each_other() -> None:
    titles = {f"w{n}": f"war drama first{n}" for n in range(8)}
    titles |= {f"c{n}": f"light comedy other{n}" for n in range(8)}
    found = from_titles(list(titles), titles, dim=6)
    unit = found.images / np.linalg.norm(found.images, axis=1, keepdims=True)
    near = unit @ unit.T
    assert near[0, 1] > 0.6 > near[0, 9] + 0.3
    same = from_titles(list(titles), titles, dim=6)
    assert np.array_equal(found.images, same.images)
    assert found.space == same.space

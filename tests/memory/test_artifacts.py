"""The artifact store: safe at the door, content-addressed, whole or absent."""

import io
import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vitrine.core.errors import RequestError, SetupError, ToolError
from vitrine.memory.artifacts import ArtifactStore, read_picture

PICTURE = np.random.default_rng(0).integers(0, 255, (12, 20, 3), dtype=np.uint8)


def encoded(form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, form, **options)
    return buffer.getvalue()


def bomb(side: int) -> bytes:
    """A tiny PNG that claims side x side pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_usual_pictures_are_read(form: str) -> None:
    pixels = read_picture(encoded(form))
    assert pixels.shape == (12, 20, 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n then nothing", "not a picture|damaged"),
        (b"just some text that calls itself a.png", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (encoded("BMP"), "not a picture"),
        (encoded("GIF"), "not a picture"),
        (encoded("TIFF"), "not a picture"),
        (encoded("PNG")[:-40], "damaged"),
        (encoded("JPEG")[:200], "damaged|not a picture"),
        (bomb(7_000), "expected at most 40 megapixels"),
        (bomb(60_000), "expected at most 40 megapixels"),
        (b"\x89PNG" + b"x" * (20 * 2**20), "expected at most 20 MB"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        read_picture(data)
    assert "\n" not in str(caught.value)


@given(
    data=st.binary(max_size=400),
    head=st.sampled_from([b"", encoded("PNG")[:60], encoded("WEBP")[:40]]),
)
@settings(max_examples=120, deadline=None)
def test_rubbish_never_raises_anything_else(data: bytes, head: bytes) -> None:
    try:
        pixels = read_picture(head + data)
    except RequestError:
        return
    assert pixels.ndim == 3


def test_metadata_is_applied_and_dropped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate
    exif[0x010E] = "secret place"
    pixels = read_picture(encoded("JPEG", exif=exif))
    assert pixels.shape == (20, 12, 3), "turned upright"
    store = ArtifactStore(tmp_path)
    ref = store.put_image(pixels)
    assert b"secret" not in Path(store.image_path(ref)).read_bytes()


def test_transparency_stands_on_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (3, 3), (200, 0, 0, 0)).save(buffer, "PNG")
    assert (read_picture(buffer.getvalue()) == 255).all()


def test_pictures_round_trip_and_are_stored_once(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    first, second = store.put_image(PICTURE), store.put_image(PICTURE.copy())
    assert first == second
    assert (first.width, first.height) == (20, 12)
    np.testing.assert_array_equal(store.get_image(first), PICTURE)
    assert len(list(tmp_path.rglob("*.png"))) == 1
    assert Path(store.image_path(first)).is_absolute()


def test_embeddings_round_trip_by_row(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).standard_normal((5, 8)).astype(np.float32)
    refs = ArtifactStore(tmp_path).put_embeddings(rows, "space-a")
    fresh = ArtifactStore(tmp_path)
    for ref, row in zip(refs, rows, strict=True):
        assert ref.space == "space-a"
        np.testing.assert_array_equal(fresh.get_embedding(ref), row)
    held = fresh.get_embedding(refs[0])
    held[:] = 0
    np.testing.assert_array_equal(fresh.get_embedding(refs[0]), rows[0])
    assert fresh.put_embeddings(rows[:0], "space-a") == ()
    other = ArtifactStore(tmp_path).put_embeddings(rows, "space-b")
    assert other[0].key != refs[0].key, "equal numbers of other spaces never mix"


def test_references_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    ref = store.put_embeddings(np.ones((2, 4), dtype=np.float32), "space-a")[0]
    for change in ({"row": 2}, {"dim": 5}, {"space": "space-b"}):
        with pytest.raises(ToolError, match="does not fit"):
            store.get_embedding(ref.model_copy(update=change))


def test_damage_and_absence_are_noticed(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    image = store.put_image(PICTURE)
    row = store.put_embeddings(np.ones((2, 4), dtype=np.float32), "space-a")[0]
    path = Path(store.image_path(image))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ToolError, match="damaged"):
        store.get_image(image)
    assert store.remove([image.key, row.key]) == 2
    with pytest.raises(ToolError, match="no longer stored"):
        store.get_image(image)
    with pytest.raises(ToolError, match="no longer stored"):
        store.get_embedding(row)
    assert list(store.keys()) == []


def test_a_disk_that_refuses_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file where a folder must be")
    with pytest.raises(SetupError, match=r"cannot write .* VITRINE_HOME"):
        ArtifactStore(tmp_path).put_image(PICTURE)


def test_a_killed_writer_leaves_whole_files(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys, numpy as np
        from pathlib import Path
        from vitrine.memory.artifacts import ArtifactStore
        store = ArtifactStore(Path(sys.argv[1]))
        print("ready", flush=True)
        for seed in range(100_000):
            rng = np.random.default_rng(seed)
            store.put_image(rng.integers(0, 255, (96, 96, 3), dtype=np.uint8))
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"ready"
    time.sleep(0.25)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    files = list(tmp_path.rglob("*.png"))
    assert files
    for path in files:
        with Image.open(path) as picture:
            picture.load()

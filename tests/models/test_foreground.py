"""Foregrounds: masks that are believed and masks that are not, and the one that OpenCV makes."""

import numpy as np
import pytest
from tests.models.conftest import draw

from vitrine.models.fakes import FakeEncoder
from vitrine.models.interest.foreground import ForegroundEncoder, GrabCutMask, cut_out


def scene(clutter: int) -> tuple[np.ndarray, np.ndarray]:
    """A disc before a ground of stripes, and its true mask."""
    picture = draw("disc", "rust", 48, 0)
    y, x = np.mgrid[:48, :48] - 24
    mask = x * x + y * y < 12 * 12
    stripes = (np.arange(48) // 6) % 2 == 0
    picture[~mask] = 235
    picture[~mask & stripes[None, :].repeat(48, 0)] = 235 - clutter
    return picture, mask


def test_what_is_behind_the_thing_becomes_one_tone() -> None:
    picture, mask = scene(60)
    cut = cut_out(picture, mask)
    assert np.array_equal(cut[mask], picture[mask])
    assert len(np.unique(cut[~mask], axis=0)) == 1
    assert cut.dtype == np.uint8


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_mask_that_failed_leaves_the_picture(share: float) -> None:
    picture, mask = scene(60)
    assert np.array_equal(cut_out(picture, np.full_like(mask, share == 1.0)), picture)
    with pytest.raises(ValueError, match="a mask of"):
        cut_out(picture, mask[:5])


def test_the_encoder_sees_the_thing_whatever_is_behind_it() -> None:
    quiet, mask = scene(0)
    encoder = FakeEncoder()
    seeing = ForegroundEncoder(encoder, lambda _: mask)
    rows = seeing.encode_images([quiet, scene(0)[0]])
    assert np.allclose(rows[0], rows[1])
    assert np.allclose(rows[0], encoder.encode_images([cut_out(quiet, mask)])[0])
    assert (seeing.space, seeing.dim) == (encoder.space, encoder.dim)
    assert np.array_equal(seeing.encode_text(["a"]), encoder.encode_text(["a"]))


def test_grab_cut_finds_the_thing() -> None:
    pytest.importorskip("cv2")
    picture, mask = scene(60)
    found = GrabCutMask()(picture)
    assert (found & mask).sum() / (found | mask).sum() > 0.9
    assert np.array_equal(found, GrabCutMask()(picture)), "the same mask again"
    assert GrabCutMask()(picture[:2, :2]).all(), "too small to have a frame"

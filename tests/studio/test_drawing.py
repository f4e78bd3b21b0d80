"""Drawings: the same bytes each time, the asked colour, a filled frame, every kind of garment."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from vitrine.studio.colour import COLOURS, nearest_word
from vitrine.studio.draw import draw
from vitrine.studio.look import (
    APPLIES,
    CATEGORIES,
    PATTERNS,
    SILHOUETTES,
    Look,
    facets,
    from_json,
    sample_look,
    to_json,
    visible_key,
)


def _plain(category: str, color: str, seed: int = 5) -> Look:
    look = sample_look(random.Random(seed), category=category)
    return replace(look, color=color, pattern="plain", accent="", detail=(), material="cotton")


def _garment_mask(picture: np.ndarray) -> np.ndarray:
    """Pixels that differ from the backdrop, told by a picture's own border."""
    wide = picture.astype(np.float32)
    border = np.concatenate([wide[:3].reshape(-1, 3), wide[-3:].reshape(-1, 3)])
    return np.abs(wide - np.median(border, 0)).max(-1) > 55


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_variant_and_pattern_draws(category: str) -> None:
    rng = random.Random(category)
    for variant in SILHOUETTES[category]:
        look = sample_look(rng, category=category)
        while look.variant != variant:
            look = sample_look(rng, category=category)
        for pattern in PATTERNS:
            accent = "" if pattern == "plain" else ("white" if look.color != "white" else "navy")
            picture = draw(replace(look, pattern=pattern, accent=accent, detail=()), size=48)
            assert picture.shape == (48, 48, 3)
            assert picture.dtype == np.uint8
            assert picture.std() > 8


def test_the_same_look_gives_the_same_bytes_and_another_seed_does_not() -> None:
    look = sample_look(random.Random(8))
    assert np.array_equal(draw(look, size=96), draw(look, size=96))
    assert not np.array_equal(draw(look, size=96), draw(replace(look, seed=look.seed + 1), size=96))


@pytest.mark.parametrize("category", CATEGORIES)
def test_two_sizes_show_the_same_item(category: str) -> None:
    look = sample_look(random.Random(3), category=category)
    large = Image.fromarray(draw(look, size=144)).resize((48, 48), Image.Resampling.BOX)
    small = Image.fromarray(draw(look, size=72)).resize((48, 48), Image.Resampling.BOX)
    pair = np.stack([np.asarray(large, np.float32).ravel(), np.asarray(small, np.float32).ravel()])
    assert np.corrcoef(pair)[0, 1] > 0.97


@pytest.mark.parametrize("color", [word for word in COLOURS if word != "white"])
def test_a_plain_garment_has_the_named_colour(color: str) -> None:
    named = []
    for category in ("t-shirt", "skirt", "bag"):
        picture = draw(_plain(category, color), size=96)
        mask = _garment_mask(picture) if color != "grey" else _middle(picture)
        red, green, blue = (np.median(picture[mask], 0) / 255).tolist()
        named.append(nearest_word((red, green, blue)))
    assert named == [color] * 3


def test_white_is_lighter_than_the_backdrop_and_without_hue() -> None:
    picture = draw(_plain("bag", "white"), size=128)
    red, green, blue = (np.median(picture[_middle(picture)], 0) / 255).tolist()
    assert nearest_word((red, green, blue)) == "white"


def _middle(picture: np.ndarray) -> np.ndarray:
    mask = np.zeros(picture.shape[:2], bool)
    size = len(mask)
    mask[int(size * 0.45) : int(size * 0.7), int(size * 0.4) : int(size * 0.6)] = True
    return mask


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_garment_fills_the_frame(category: str) -> None:
    for seed in range(3):
        look = _plain(category, "navy", seed)
        mask = _garment_mask(draw(look, size=96))
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        side = max(rows[-1] - rows[0], columns[-1] - columns[0]) / 96
        assert 0.66 < side < 0.93
        assert rows[0] > 0
        assert columns[0] > 0


def test_facets_follow_the_table() -> None:
    rng = random.Random(1)
    for _ in range(300):
        look = sample_look(rng)
        shown = facets(look)
        applies = {"category", "color", "pattern", "material", *APPLIES[look.category]}
        assert set(shown) - {"accent"} == applies
        assert ("accent" in shown) == (look.pattern != "plain")
        assert visible_key(look)[0] == look.category
        assert from_json(to_json(look)) == look


@pytest.mark.parametrize(
    ("change", "word"),
    [({"category": "sock"}, "sock"), ({"pattern": "plain", "accent": "red"}, "accent")],
)
def test_a_look_that_cannot_be_drawn_is_refused(change: dict[str, str], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        draw(replace(_plain("dress", "red"), **change), size=64)

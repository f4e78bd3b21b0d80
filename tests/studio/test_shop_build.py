"""Building the packs: same seed, same bytes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image

from vitrine.core.domain import load_pack
from vitrine.studio.shop import build_shop
from vitrine.studio.shop_items import shop_items
from vitrine.studio.words import article, expand, listed


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    build_shop(
        tmp_path / "one",
        seed=3,
        count=14,
        size=64,
        workers=1,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    build_shop(tmp_path / "two", seed=3, count=14, size=64, workers=1)
    first = contents(tmp_path / "one")
    assert first == contents(tmp_path / "two")
    assert len(first) == 16  # pictures, items.jsonl, domain.yaml
    assert seen[-1] == (14, 14)
    assert load_pack(tmp_path / "one").name == "atelier"
    with Image.open(next((tmp_path / "one" / "pictures").iterdir())) as picture:
        assert picture.size == (64, 64)


def test_another_seed_is_another_shop() -> None:
    assert shop_items(seed=1, count=30) != shop_items(seed=2, count=30)


def test_small_shops_keep_the_proportions() -> None:
    found = [item.values("category")[0] for item, _ in shop_items(count=100)]
    assert len(set(found)) == 12
    assert found.count("dress") in (12, 13)


def test_a_shop_needs_items() -> None:
    with pytest.raises(ValueError, match="count 0"):
        shop_items(count=0)


def test_grammar_reads_out_slots_and_alternatives() -> None:
    words = {"noun": "umbrella", "color": "orange"}
    rng = random.Random(0)
    assert expand("{A noun} in {color}.", words, rng) == "An umbrella in orange."
    assert expand("[same|same] {Noun}", words, rng) == "same Umbrella"
    with pytest.raises(KeyError, match="missing"):
        expand("{missing}", words, rng)


def test_articles_and_lists() -> None:
    assert article("A-line dress") == "an A-line dress"
    assert article("one-size hat") == "a one-size hat"
    assert listed(["a", "b", "c"]) == "a, b and c"

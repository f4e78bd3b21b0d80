"""Data sets: resumable, same bytes, held-out combinations apart; captions tell what is seen."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from vitrine.studio import dataset
from vitrine.studio.captions import captions
from vitrine.studio.draw import draw
from vitrine.studio.look import sample_look, visible_key


def _write(folder: Path, count: int = 24) -> None:
    dataset.write_dataset(folder, count=count, size=32, seed=4, workers=1)


def test_an_interrupted_run_ends_in_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "_CHUNK", 8)
    _write(tmp_path / "whole")

    def stop(done: int, total: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dataset.write_dataset(
            tmp_path / "cut", count=24, size=32, seed=4, workers=1, on_progress=stop
        )
    assert not (tmp_path / "cut" / "dataset.json").exists()
    seen: list[int] = []
    dataset.write_dataset(
        tmp_path / "cut", count=24, size=32, seed=4, workers=1,
        on_progress=lambda done, total: seen.append(done),
    )  # fmt: skip
    assert seen == [16, 24]
    for name in ("pictures.bin", "manifest.jsonl", "dataset.json"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_pictures_and_manifest_go_together(tmp_path: Path) -> None:
    _write(tmp_path, count=6)
    pictures = np.memmap(tmp_path / "pictures.bin", np.uint8, "r", shape=(6, 32, 32, 3))
    rows = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert [row["index"] for row in rows] == list(range(6))
    assert np.array_equal(pictures[4], draw(dataset.look_at(4, 4), size=32))
    with pytest.raises(ValueError, match="another data set"):
        dataset.write_dataset(tmp_path, count=7, size=32, seed=4, workers=1)


def test_held_out_combinations_stay_apart() -> None:
    rng = random.Random(2)
    looks = [sample_look(rng) for _ in range(3000)]
    splits = {}
    for look in looks:
        split = dataset.split_of(look, 0.1)
        assert splits.setdefault(visible_key(look), split) == split
    share = sum(split == "heldout" for split in splits.values()) / len(splits)
    assert 0.08 < share < 0.12


def test_captions_name_colour_and_pattern_and_vary() -> None:
    rng = random.Random(6)
    colours = {"grey": ("grey", "gray"), "beige": ("beige", "sand")}
    hints = {
        "striped": ("stripe", "stripy"),
        "dotted": ("dot", "spot"),
        "checked": ("check", "plaid", "tartan"),
        "floral": ("floral", "flower", "blossom"),
    }
    for _ in range(200):
        look = sample_look(rng)
        texts = captions(look, rng, count=4)
        assert len(set(texts)) == 4
        for text in texts:
            assert any(word in text for word in colours.get(look.color, (look.color,)))
            if look.pattern != "plain":
                assert any(word in text for word in hints[look.pattern])
            assert "turquoise" not in text

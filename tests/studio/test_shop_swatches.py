"""The oracle world: what is said of a card is what its picture shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vitrine.core import places
from vitrine.core.domain import load_pack
from vitrine.core.items import Item
from vitrine.studio import swatches

PACK_BUDGET = 300_000  # bytes


def test_pictures_show_the_true_hue() -> None:
    for card in swatches.swatches():
        assert swatches.apart(swatches.hue_seen(swatches.picture(card)), card.angle) < 5


def test_tones_are_told_apart_by_brightness() -> None:
    for hue in swatches.HUES:
        cards = [card for card in swatches.swatches() if card.hue == hue and card.kind == "tile"]
        bright = {
            tone: np.mean([swatches.picture(c).mean() for c in cards if c.tone == tone])
            for tone in swatches.TONES
        }
        assert bright["light"] > bright["medium"] > bright["dark"]


def test_ideal_ranking_begins_with_the_hue_and_ends_opposite() -> None:
    ranking = swatches.ideal_ranking(0.0)
    truth = {card.id: card for card in swatches.swatches()}
    assert len(ranking) == len(truth) == 216
    assert {truth[card].hue for card in ranking[:18]} == {"red"}
    assert {truth[card].hue for card in ranking[-18:]} == {"cyan"}
    assert [swatches.apart(swatches.hue_of(card), 0) for card in ranking] == sorted(
        swatches.apart(card.angle, 0) for card in truth.values()
    )


def test_cheapest_has_one_answer() -> None:
    prices = [card.price for card in swatches.swatches()]
    assert len(set(prices)) == len(prices)
    best = swatches.cheapest(hue="violet", kind="ring")
    truth = {card.id: card for card in swatches.swatches()}
    assert (truth[best].hue, truth[best].kind) == ("violet", "ring")
    with pytest.raises(ValueError, match="no card is 'brown'"):
        swatches.cheapest(hue="brown")


def test_build_is_small_and_repeatable(tmp_path: Path) -> None:
    for name in ("one", "two"):
        swatches.build_swatches(tmp_path / name)
    files = {
        name: {
            str(p.relative_to(tmp_path / name)): p.read_bytes()
            for p in (tmp_path / name).rglob("*.*")
        }
        for name in ("one", "two")
    }
    assert files["one"] == files["two"]
    assert sum(map(len, files["one"].values())) <= PACK_BUDGET
    assert load_pack(tmp_path / "one").name == "swatches"
    shipped = places.domain_folder("swatches") / "items.jsonl"
    assert shipped.read_bytes() == files["one"]["items.jsonl"]
    items = [Item.model_validate_json(line) for line in shipped.read_text("utf-8").splitlines()]
    for item in items[:5]:
        with Image.open(tmp_path / "one" / str(item.picture)) as picture:
            assert picture.size == (48, 48)

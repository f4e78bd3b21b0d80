"""The scripts of the packs: they parse, and what they expect to be shown is there to be shown."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from vitrine.core import places
from vitrine.core.domain import load_pack
from vitrine.core.turn import RangeView
from vitrine.evals.scripts import Script, load_scripts

SCRIPTS = [
    script
    for name in ("atelier", "swatches")
    for part in ("dialogues", "dialogues/test")
    for script in load_scripts([places.domain_folder(name) / part])
]


@cache
def items_of(name: str) -> list[dict[str, Any]]:
    lines = (places.domain_folder(name) / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def fits(item: dict[str, Any], facet: str, condition: tuple[str, ...] | RangeView) -> bool:
    if isinstance(condition, RangeView):
        number = item["numbers"].get(facet)
        low, high = condition.min or 0, condition.max or float("inf")
        return number is not None and low <= number <= high
    return bool(set(condition) & set(item["facets"].get(facet, ())))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.dialogue)
def test_expected_products_exist(script: Script) -> None:
    items = items_of(str(script.domain))
    for number, turn in enumerate(script.turns, start=1):
        expected = turn.expect.products if turn.expect else None
        if expected is None or not expected.min:
            continue
        there = [
            item
            for item in items
            if all(fits(item, facet, what) for facet, what in expected.every.items())
            and not any(fits(item, facet, what) for facet, what in expected.none.items())
        ]
        assert len(there) >= expected.min, (script.dialogue, number)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.dialogue)
def test_expected_values_are_named_by_the_pack(script: Script) -> None:
    pack = load_pack(places.domain_folder(str(script.domain)))
    for turn in script.turns:
        if turn.expect is None:
            continue
        for beliefs in (turn.expect.wants or {}, turn.expect.avoids or {}):
            for name, values in beliefs.items():
                facet = pack.facet(name)
                assert facet is not None, name
                source = pack.facet(facet.values_from) if facet.values_from else facet
                assert source is not None
                assert set(values) <= {value.name for value in source.values}


def test_rated_items_exist() -> None:
    known = {str(item["id"]) for name in ("atelier", "swatches") for item in items_of(name)}
    assert {rated.item for script in SCRIPTS for rated in script.history} <= known

"""The scripts of the packs: they parse, and what they expect to be shown is there to be shown."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from vitrine.core import places
from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.turn import RangeView
from vitrine.evals.scripts import Script, load_scripts

SCRIPTS = [
    script
    for name in ("atelier", "swatches")
    for part in ("dialogues", "dialogues/test")
    if any((places.domain_folder(name) / part).glob("*.yaml"))
    for script in load_scripts([places.domain_folder(name) / part])
]


@cache
def items_of(name: str) -> list[dict[str, Any]]:
    lines = (places.domain_folder(name) / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@cache
def pack_of(name: str) -> DomainPack:
    return load_pack(places.domain_folder(name))


@cache
def having(name: str, facet: str, value: str) -> frozenset[str]:
    """Ids of the items that carry the value."""
    return frozenset(i["id"] for i in items_of(name) if value in i["facets"].get(facet, ()))


def within(name: str, facet: str, bounds: RangeView) -> frozenset[str]:
    low, high = bounds.min or 0, bounds.max or float("inf")
    return frozenset(i["id"] for i in items_of(name) if low <= i["numbers"].get(facet, -1) <= high)


def fitting(name: str, facet: str, condition: tuple[str, ...] | RangeView) -> frozenset[str]:
    if isinstance(condition, RangeView):
        return within(name, facet, condition)
    return frozenset[str]().union(*(having(name, facet, value) for value in condition))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.dialogue)
def test_expected_products_exist(script: Script) -> None:
    name = str(script.domain)
    for number, turn in enumerate(script.turns, start=1):
        expected = turn.expect.products if turn.expect else None
        if expected is None or not expected.min:
            continue
        there = {str(item["id"]) for item in items_of(name)}
        for facet, what in expected.every.items():
            there &= fitting(name, facet, what)
        for facet, what in expected.none.items():
            there -= fitting(name, facet, what)
        assert len(there) >= expected.min, (script.dialogue, number)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.dialogue)
def test_expected_values_are_named_by_the_pack(script: Script) -> None:
    pack = pack_of(str(script.domain))
    lacking: set[str] = set()  # facets of which the shop was said to lack a value
    for turn in script.turns:
        if turn.expect is None:
            continue
        lacking |= set(turn.expect.disclosed or ())
        for beliefs in (turn.expect.wants or {}, turn.expect.avoids or {}):
            for name, values in beliefs.items():
                facet = pack.facet(name)
                assert facet is not None, name
                source = pack.facet(facet.values_from) if facet.values_from else facet
                assert source is not None
                assert name in lacking or set(values) <= {v.name for v in source.values}


def test_rated_items_exist() -> None:
    known = {str(item["id"]) for name in ("atelier", "swatches") for item in items_of(name)}
    assert {rated.item for script in SCRIPTS for rated in script.history} <= known

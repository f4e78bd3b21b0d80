"""The packs as data: vocabularies, and the items that were built from the stock book."""

from __future__ import annotations

import collections
import json
from pathlib import Path

import pytest

from vitrine.core import places
from vitrine.core.domain import DomainPack, FacetValue, load_pack
from vitrine.core.items import Item
from vitrine.studio.colour import COLOURS
from vitrine.studio.look import APPLIES, check
from vitrine.studio.shop_files import write_items
from vitrine.studio.shop_items import shop_items
from vitrine.studio.shop_lines import BRANDS
from vitrine.studio.shop_trade import MAX_PRICE, MIN_PRICE

Values = dict[str, set[str]]
PICTURES_BUDGET = 20_000_000  # bytes


def items_of(name: str) -> list[Item]:
    lines = (places.domain_folder(name) / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return [Item.model_validate_json(line) for line in lines]


def values_of(pack: DomainPack, facet: str) -> tuple[FacetValue, ...]:
    found = pack.facet(facet)
    assert found is not None
    if found.values_from is None:
        return found.values
    source = pack.facet(found.values_from)
    assert source is not None
    return source.values


@pytest.fixture(scope="module", params=["atelier", "swatches"])
def shop(request: pytest.FixtureRequest) -> tuple[DomainPack, list[Item]]:
    return load_pack(places.domain_folder(request.param)), items_of(request.param)


@pytest.fixture(scope="module")
def atelier() -> tuple[DomainPack, list[Item]]:
    return load_pack(places.domain_folder("atelier")), items_of("atelier")


def test_items_use_only_what_the_pack_names(shop: tuple[DomainPack, list[Item]]) -> None:
    pack, items = shop
    known = {
        facet.name: {value.name for value in values_of(pack, facet.name)} for facet in pack.facets
    }
    numeric = {facet.name for facet in pack.facets if facet.kind == "numeric"}
    size = pack.role("size")
    assert size is not None
    for item in items:
        for facet, values in item.facets.items():
            assert set(values) <= known[facet], (item.id, facet)
            assert len(set(values)) == len(values)
        assert set(item.numbers) <= numeric
        assert set(item.stock) <= known[size.name]


def test_facets_stand_where_they_apply(shop: tuple[DomainPack, list[Item]]) -> None:
    pack, items = shop
    head = pack.head.name
    for facet in pack.facets:
        for item in items:
            if facet.name in item.facets and facet.applies_to:
                assert item.values(head)[0] in facet.applies_to, (item.id, facet.name)


def test_near_values_and_applies_to_exist(shop: tuple[DomainPack, list[Item]]) -> None:
    pack, _ = shop
    heads = {value.name for value in pack.head.values}
    for facet in pack.facets:
        names = {value.name for value in facet.values}
        assert set(facet.applies_to) <= heads
        for value in facet.values:
            assert set(value.near) <= names - {value.name}, (facet.name, value.name)
            assert len({value.name.casefold(), *value.words}) == len(value.words) + 1, value.name
            assert all(word == word.casefold() for word in value.words)


def test_ids_titles_and_reviews_are_unique(shop: tuple[DomainPack, list[Item]]) -> None:
    _, items = shop
    for found in (
        [item.id for item in items],
        [item.title for item in items],
        [review.id for item in items for review in item.reviews],
    ):
        assert len(set(found)) == len(found)


def test_pictures_fit_the_budget(shop: tuple[DomainPack, list[Item]]) -> None:
    pack, items = shop
    folder = places.domain_folder(pack.name)
    there = [folder / str(item.picture) for item in items]
    if not all(path.exists() for path in there):
        pytest.skip("the pictures of this pack are not built")
    assert sum(path.stat().st_size for path in there) <= PICTURES_BUDGET


def test_every_value_of_the_demo_shop_is_populated(
    atelier: tuple[DomainPack, list[Item]],
) -> None:
    pack, items = atelier
    assert len(items) == 2000
    for facet in pack.facets:
        if facet.kind != "categorical":
            continue
        found = collections.Counter(value for item in items for value in item.values(facet.name))
        low = 120 if facet.role == "head" else 25
        for value in values_of(pack, facet.name):
            assert found[value.name] >= low, (facet.name, value.name, found[value.name])


def test_sizes_of_the_demo_shop_are_populated(atelier: tuple[DomainPack, list[Item]]) -> None:
    pack, items = atelier
    left = collections.Counter(size for item in items for size, n in item.stock.items() if n)
    sold_out = collections.Counter(
        size for item in items for size, n in item.stock.items() if not n
    )
    for value in values_of(pack, "size"):
        assert left[value.name] >= 100
    assert sum(sold_out.values()) >= 500
    for item in items:
        assert item.stock


def test_prices_are_spread_within_bounds(atelier: tuple[DomainPack, list[Item]]) -> None:
    _, items = atelier
    prices = sorted(item.numbers["price"] for item in items)
    assert (MIN_PRICE, MAX_PRICE) == (9, 400)
    assert MIN_PRICE <= prices[0] <= 12
    assert 350 <= prices[-1] <= MAX_PRICE
    assert sum(price in (MIN_PRICE, MAX_PRICE) for price in prices) < 20
    quarter, half, most = prices[500], prices[1000], prices[1500]
    assert 30 < quarter < half < most < 130
    assert most / half == pytest.approx(half / quarter, rel=0.25)  # log-normal: even in ratios


def test_ratings_are_the_mean_of_the_reviews(atelier: tuple[DomainPack, list[Item]]) -> None:
    _, items = atelier
    stars = collections.Counter(review.stars for item in items for review in item.reviews)
    assert all(stars[star] >= 50 for star in range(1, 6))
    for item in items:
        assert len(item.reviews) <= 8
        if item.reviews:
            mean = sum(review.stars for review in item.reviews) / len(item.reviews)
            assert item.numbers["rating"] == pytest.approx(mean, abs=0.051)
        else:
            assert "rating" not in item.numbers


def test_descriptions_are_written_for_their_item(atelier: tuple[DomainPack, list[Item]]) -> None:
    _, items = atelier
    assert len({item.description for item in items}) > 1990
    for item in items:
        sentences = item.description.count(".")
        assert 2 <= sentences <= 9, item.description
        assert not set("{}[]|") & set(item.description + item.title), item.id
        assert item.values("color")[0] in item.title
        for review in item.reviews:
            assert not set("{}[]|") & set(review.text)


def test_concepts_are_met_by_descriptions(atelier: tuple[DomainPack, list[Item]]) -> None:
    pack, items = atelier
    texts = [item.description.casefold() for item in items]
    assert len(pack.concepts) >= 25
    for concept in (
        "comfortable",
        "breathable",
        "waterproof",
        "warm",
        "formal",
        "flashy",
        "durable",
    ):
        met = sum(any(word in text for word in pack.concepts[concept]) for text in texts)
        assert 20 <= met <= 1500, (concept, met)


def test_vocabulary_agrees_with_the_studio(atelier: tuple[DomainPack, list[Item]]) -> None:
    pack, _ = atelier
    assert {v.name: v.rgb for v in values_of(pack, "color")} == COLOURS
    assert {value.name for value in values_of(pack, "brand")} == set(BRANDS)
    for facet in ("sleeve", "length", "neckline", "fit"):
        found = pack.facet(facet)
        assert found is not None
        expected = {category for category, names in APPLIES.items() if facet in names}
        assert set(found.applies_to) == expected


def test_every_look_can_be_drawn() -> None:
    looks = [look for _, look in shop_items()]
    for look in looks:
        check(look)
    assert len({look.seed for look in looks}) == len(looks)


def test_shipped_items_are_the_built_ones(tmp_path: Path) -> None:
    write_items(tmp_path, [item for item, _ in shop_items()])
    shipped = places.domain_folder("atelier") / "items.jsonl"
    assert (tmp_path / "items.jsonl").read_bytes() == shipped.read_bytes()


def test_lines_have_sorted_keys() -> None:
    with (places.domain_folder("atelier") / "items.jsonl").open(encoding="utf-8") as lines:
        record = json.loads(next(lines))
    assert list(record) == sorted(record)

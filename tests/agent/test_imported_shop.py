"""A shop that nobody wrote: imported from a table without pictures, then talked with."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.agent.conftest import OpenTiny

from vitrine.agent.session import Shop
from vitrine.memory.importing.shop import ImportRequest, import_shop

KINDS = ("kettle", "toaster", "blender", "bread knife")
MAKERS = ("Aurek", "Brontz")
METALS = ("steel", "copper", "enamel")


def rows() -> list[dict[str, object]]:
    return [
        {
            "id": f"k{n}",
            "name": f"{MAKERS[n // 4 % 2]} {metal} {kind}",
            "kind": kind,
            "metal": metal,
            "brand": MAKERS[n // 4 % 2],
            "price": 10.5 + 3 * n,
            "power": f"{300 + 100 * (n % 9)} W",
            "description": f"A {metal} {kind}{' with a chalkboard lid' if n == 5 else ''}.",
        }
        for n, (kind, metal) in enumerate((k, m) for m in METALS for k in KINDS * 2)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kitchen")
    (place / "kitchen.json").write_text(json.dumps(rows()))
    import_shop(ImportRequest(source=place / "kitchen.json", name="kitchen", out=place / "pack"))
    return place / "pack"


@pytest.fixture
async def kitchen(open_tiny: OpenTiny, folder: Path) -> AsyncIterator[Shop]:
    async with open_tiny(folder=folder) as shop:
        yield shop


async def test_it_is_asked_in_its_own_words(kitchen: Shop) -> None:
    session = kitchen.session(user="u", thread="t")
    turn = await session.turn(text="a copper kettle under 60 dollars")
    assert turn.state.wants == {"kind": ("kettle",), "metal": ("copper",)}
    assert turn.state.ranges["price"].max == 60
    assert turn.products
    for product in turn.products:
        assert product.facets["kind"] == ("kettle",)
        assert product.facets["metal"] == ("copper",)
        assert product.price is not None
        assert product.price <= 60


async def test_units_are_heard(kitchen: Shop) -> None:
    turn = await kitchen.session(user="u", thread="t").turn(text="toasters with at least 900 watts")
    assert turn.state.ranges["power"].min == 900
    assert turn.products
    assert all(product.numbers["power"] >= 900 for product in turn.products)


async def test_makers_can_be_refused(kitchen: Shop) -> None:
    session = kitchen.session(user="u", thread="t")
    await session.turn(text="blenders please")
    turn = await session.turn(text="not from Aurek")
    assert turn.state.avoids == {"brand": ("Aurek",)}
    assert turn.products
    assert all(product.facets["brand"] == ("Brontz",) for product in turn.products)


async def test_words_of_a_listing_find_it(kitchen: Shop) -> None:
    turn = await kitchen.session(user="u", thread="t").turn(text="chalkboard lid")
    assert [product.id for product in turn.products] == ["k5"]


async def test_what_was_never_learned_is_not_drawn(kitchen: Shop) -> None:
    turn = await kitchen.session(user="u", thread="t").turn(text="design me a copper kettle")
    assert "decline" in turn.acts
    assert "cannot draw" in turn.reply
    assert not turn.images
    assert turn.products

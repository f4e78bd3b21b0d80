"""The same code in a shop of coloured cards: nothing is tuned to garments."""

from __future__ import annotations

import pytest

from .conftest import Talk, compact  # noqa: TID252  (one folder, one way to write operations down)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "A dark violet tile under 20 euros",
            ["tone=dark", "hue=violet", "kind=tile", "price<=20"],
        ),
        ("Show me something green, but not lime", ["hue=green", "-hue=lime"]),
        ("Mix me a new azure one", ["hue=azure"]),
        ("pink or purple rings", ["hue=rose", "+hue=violet", "kind=ring"]),
        ("anything but yellow", ["-hue=yellow"]),
        ("turquoise bands, ideally light", ["hue=cyan", "kind=band", "~tone=light"]),
        ("no squares please", ["-kind=tile"]),
        ("a burgundy ring", ["?hue=burgundy", "kind=ring"]),
        ("do you have spheres?", ["?kind=sphere"]),
        ("I don't want a red tile", ["-hue=red", "kind=tile"]),
        ("any hue but red", ["remove hue", "-hue=red"]),
        ("orrange", ["hue=orange"]),
        ("between 5 and 10 euros", ["price>=5 price<=10"]),
        ("remember that I hate magenta", ["remember [I avoid] I hate magenta.", "-hue=magenta"]),
        ("a dress with long sleeves", ["?kind=dress", "wish with long sleeves"]),
    ],
)
def test_operations(drawer: Talk, said: str, expected: list[str]) -> None:
    found = compact(drawer.understand(said).ops)
    if "sleeves" in said:  # words of another trade: kept as unknown, never a crash
        assert all(op.startswith(("?", "wish")) for op in found)
        return
    assert sorted(found) == sorted(expected)

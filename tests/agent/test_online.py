"""A verdict in the chat moves the very next designs, with the shipped weights and no training."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from vitrine.agent.session import Shop, open_shop
from vitrine.core.ports import Floats
from vitrine.core.settings import Settings
from vitrine.core.turn import Turn

pytestmark = [pytest.mark.weights, pytest.mark.slow]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(Settings(home=str(tmp_path), domain="atelier", seed=5)) as opened:
        yield opened


def directions(shop: Shop, rows: Floats) -> Floats:
    """Unit directions of embeddings (n, d), seen from the middle of the shop."""
    catalogue = shop.wired.catalogue
    centre = catalogue.vectors(range(0, 2000, 7)).mean(axis=0)
    return (rows - centre) / np.linalg.norm(rows - centre, axis=1, keepdims=True)


def likeness(shop: Shop, designs: Turn, items: tuple[str, ...]) -> float:
    """Mean cosine of the drawn designs with some items."""
    wired = shop.wired
    drawn = np.stack([wired.artifacts.get_embedding(image.embedding) for image in designs.images])
    real = wired.catalogue.vectors([wired.catalogue.row(item) for item in items])
    return float((directions(shop, drawn) @ directions(shop, real).T).mean())


async def told(shop: Shop, user: str, *texts: str) -> list[Turn]:
    session = shop.session(user=user, thread="t")
    return [await session.turn(text=text) for text in texts]


async def test_two_likes_move_the_designs_of_the_same_turn(shop: Shop) -> None:
    ask = ("show me floral dresses", "design me something")
    found, plain = await told(shop, "newcomer", *ask)
    liked = tuple(product.id for product in found.products[:2])
    _, designs = await told(shop, "fan", ask[0], f"I love the first and the second. {ask[1]}")
    assert len(designs.state.accepted) == 2  # in the same turn
    assert likeness(shop, designs, liked) > likeness(shop, plain, liked) + 0.02


async def test_a_rejection_counts_in_the_turn_that_says_it(shop: Shop) -> None:
    found, plain = await told(shop, "newcomer", "show me floral dresses", "design me something")
    _, designs = await told(
        shop, "critic", "show me floral dresses",
        "I hate the first and the second. design me something",
    )  # fmt: skip
    assert len(designs.state.rejected) == 2
    assert designs.images
    disliked = tuple(product.id for product in found.products[:2])
    assert likeness(shop, designs, disliked) < likeness(shop, plain, disliked)

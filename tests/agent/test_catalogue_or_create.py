"""Catalogue or create: the best real item and the best sample are compared on one scale."""

import re

import pytest

from vitrine.agent.nodes.imagine import _rival  # pyright: ignore[reportPrivateUsage]
from vitrine.agent.outcome import Rival
from vitrine.agent.session import Session, Shop
from vitrine.core.turn import Turn


@pytest.fixture
def session(shop: Shop) -> Session:
    return shop.session(user="mara", thread="monday")


def told(turn: Turn) -> tuple[str, float, float] | None:
    """Title, score and rival score of the sentence about the shop's own, if it is said."""
    pattern = r"The shop's own (.+?) suits you as well as the best of them \((\d\.\d+) against (\d\.\d+)\)"
    found = re.search(pattern, turn.reply)
    return None if found is None else (found[1], float(found[2]), float(found[3]))


def test_the_first_of_the_best_rivals() -> None:
    rival = _rival(("a", "b", "c"), [0.2, 0.7, 0.7], 0.6)
    assert rival is not None and (rival.item, rival.wins) == ("b", True)
    assert not Rival(item="a", score=0.59, sampled=0.6).wins
    assert _rival((), [], 0.6) is None


async def test_items_are_scored_beside_the_samples(session: Session, shop: Shop) -> None:
    turn = await session.turn(text="design me a teal mug")
    step = next(step for step in turn.trace if step.name == "score_candidates")
    assert "items beside them" in step.note
    spoken = told(turn)
    if spoken is not None:  # what is said is true of a real thing of the asked kind
        title, real, sampled = spoken
        items = [shop.wired.catalogue.at(row) for row in range(len(shop.wired.catalogue))]
        assert any(i.title == title and i.facets["glaze"] == ("teal",) for i in items)
        assert real >= sampled


async def test_what_cannot_be_had_is_no_rival(session: Session, shop: Shop) -> None:
    turn = await session.turn(text="design me a teal mug under 1 dollar")
    assert turn.images
    assert told(turn) is None

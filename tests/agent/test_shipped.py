"""Whole turns in the demo shop with the shipped weights: nothing faked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vitrine.agent.seeking import preferences
from vitrine.agent.session import Shop, open_shop
from vitrine.agent.taste import taste_of
from vitrine.core.settings import Settings
from vitrine.core.turn import DesignView
from vitrine.memory.state import DialogueState
from vitrine.tools.score_candidates import ScoreRequest

pytestmark = [pytest.mark.weights, pytest.mark.slow]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(Settings(home=str(tmp_path), domain="atelier", seed=5)) as opened:
        yield opened


async def test_found_then_drawn(shop: Shop) -> None:
    session = shop.session(user="mara", thread="monday")
    found = await session.turn(text="a teal dress with white dots, not too expensive")
    assert found.products
    for product in found.products:
        assert product.facets["color"] == ("teal",)
        assert product.facets["pattern"] == ("dotted",)
    drawn = await session.turn(text="design me one like that")
    assert len({image.image.key for image in drawn.images}) == 4
    for image in drawn.images:
        assert "teal" in image.prompt
        assert image.reasons
        assert image.nearest is not None
        assert 0 <= image.score <= 1


async def test_opposite_tastes_are_each_served_better_by_their_own_designs(shop: Shop) -> None:
    tastes = {"navy": "I love navy and floral\n", "yellow": "I love yellow and stripes\n"}
    designs: dict[str, tuple[DesignView, ...]] = {}
    for user, likes in tastes.items():
        avoids = next(v for k, v in tastes.items() if k != user).replace("love", "avoid")
        session = shop.session(user=user, thread="t")
        await session.edit_profile(f"## I like\n- {likes}## I avoid\n- {avoids}")
        designs[user] = (await session.turn(text="design me a dress")).images
    assert not {i.image.key for i in designs["navy"]} & {i.image.key for i in designs["yellow"]}
    for user in tastes:
        scores = {owner: await _score(shop, user, images) for owner, images in designs.items()}
        assert max(scores, key=scores.__getitem__) == user, scores


async def _score(shop: Shop, user: str, images: tuple[DesignView, ...]) -> float:
    state = DialogueState(thread="t", user=user, domain=shop.pack.name)
    profile = shop.wired.profiles.get(user)
    leaning = await shop.wired.profile_reader.read(profile, profile.sentences)
    request = ScoreRequest(
        taste=taste_of(state, leaning, shop.wired.log, shop.wired.catalogue).references,
        facets=preferences(state, leaning),
        text="a dress",
        candidates=tuple(image.embedding for image in images),
    )
    scores = shop.wired.tools.score(request).scores
    return sum(scored.score for scored in scores) / len(scores)

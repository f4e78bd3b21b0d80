"""Simulated shoppers: goals that can be met, talks that end, intervals that make sense."""

import random
from pathlib import Path
from typing import Any

import pytest

from vitrine.core.settings import Settings
from vitrine.evals.replay import ModelsOf
from vitrine.evals.simulation import estimate, markdown, simulate
from vitrine.evals.simulator import MAX_TURNS, draw_goal, satisfied


def test_goals_can_be_met_and_name_no_title(tiny_catalogue: Any) -> None:
    items = [tiny_catalogue.at(row) for row in range(len(tiny_catalogue))]
    titles = {item.title for item in items}
    for seed in range(40):
        goal = draw_goal(tiny_catalogue, random.Random(seed))
        assert any(satisfied(goal, item, tiny_catalogue) for item in items)
        assert not titles & {goal.kind, *goal.attributes.values(), goal.wish}


def test_estimates() -> None:
    exact = estimate([2.0] * 9, 0)
    assert (exact.mean, exact.low, exact.high) == (2.0, 2.0, 2.0)
    wide = estimate([0.0, 1.0] * 50, 0)
    assert 0.38 < wide.low < wide.mean == 0.5 < wide.high < 0.62
    assert estimate([0.0, 1.0, 5.0], 3) == estimate([0.0, 1.0, 5.0], 3)


async def test_shoppers_talk(settings: Settings, fakes: ModelsOf, tmp_path: Path) -> None:
    result = await simulate(settings, shoppers=6, seed=2, without=("clarify", "soft"), models=fakes)
    assert [arm.name for arm in result.arms] == ["whole", "without clarify", "without soft"]
    assert [d.name for d in result.differences] == ["without clarify", "without soft"]
    for arm in result.arms:
        assert len(arm.talks) == 6
        assert all(len(talk.said) <= MAX_TURNS + 1 for talk in arm.talks)
    whole = result.arms[0]
    assert whole.success.mean >= 0.5
    first = [talk.said[0] for talk in whole.talks]
    assert first == [talk.said[0] for talk in result.arms[1].talks]  # the same people
    assert "| whole |" in markdown(result)
    again = await simulate(
        settings.model_copy(update={"home": str(tmp_path / "again")}),
        shoppers=6, seed=2, models=fakes,
    )  # fmt: skip
    assert again.arms[0].talks == whole.talks


@pytest.mark.parametrize("part", ["soft", "clarify"])
async def test_parts_are_really_out(settings: Settings, fakes: ModelsOf, part: Any) -> None:
    from vitrine.agent.session import open_shop
    from vitrine.evals.simulation import without_part

    async with open_shop(settings, models=fakes("")) as whole:
        shop = without_part(whole, part)
        session = shop.session(user="u", thread=part)
        turn = await session.turn(text="a mug, something calm and not too flashy")
        assert turn.products
        if part == "soft":
            assert turn.state.soft_text == ()
        else:
            assert "request_information" not in turn.acts

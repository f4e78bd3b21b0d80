"""Every invariant: whole turns hold them, and a turn that breaks one is caught."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from vitrine.agent.session import Shop, open_shop
from vitrine.core.acts import Evidence
from vitrine.core.refs import ThingRef
from vitrine.core.settings import Settings
from vitrine.core.turn import Reason
from vitrine.evals.fuzzing import fuzz
from vitrine.evals.invariants import RULES, Moment, violations
from vitrine.evals.replay import ModelsOf
from vitrine.evals.watching import Watched, watch
from vitrine.memory.state import Belief, RangeBelief, Verdict


@pytest.fixture
async def watched(settings: Settings, fakes: ModelsOf) -> AsyncIterator[Watched]:
    async with open_shop(settings, models=fakes("")) as shop:
        yield watch(shop)


@pytest.fixture
async def moment(watched: Watched) -> Moment:
    session = watched.session(user="u", thread="t")
    before = await session.session.state()
    text = "a mug under $30, not red"
    turn, broken = await session.turn(text=text)
    assert broken == ()
    assert turn.products
    after = await session.session.state()
    catalogue = watched.shop.wired.catalogue
    return Moment(turn, before, after, watched.recorder.meanings["t"], (text,), catalogue)


def rules(moment: Moment) -> set[str]:
    return {violation.rule for violation in violations(moment)}


def belief(facet: str, value: str, polarity: Any = "want", text: str = "mug") -> Belief:
    evidence = Evidence(turn=1, text=text)
    return Belief(facet=facet, value=value, polarity=polarity, strength="hard", evidence=evidence)


def believing(moment: Moment, *more: Belief, **changes: Any) -> Moment:
    beliefs = moment.after.beliefs
    facets = (*beliefs.facets, *more)
    update = {"beliefs": beliefs.model_copy(update={"facets": facets}), **changes}
    return replace(moment, after=moment.after.model_copy(update=update))


def test_a_whole_turn_holds(moment: Moment) -> None:
    assert rules(moment) == set()


BREAKS = {
    "valid": lambda m: replace(m, after=m.after.model_copy(update={"turn": 7})),
    "evidence": lambda m: believing(m, belief("glaze", "blue", text="never said")),
    "hard": lambda m: believing(m, belief("kind", "mug", "avoid")),
    "rejected": lambda m: believing(
        m,
        verdicts=(
            Verdict(
                thing=ThingRef(kind="item", id=m.turn.products[0].id),
                verdict="reject",
                evidence=Evidence(turn=1, text="mug"),
            ),
        ),
    ),
    "page": lambda m: replace(
        m, turn=m.turn.model_copy(update={"products": m.turn.products[:1] * 2})
    ),
    "questions": lambda m: believing(m, asked=("Which?", "Which?")),
    "reasons": lambda m: replace(
        m,
        turn=m.turn.model_copy(
            update={"reasons": (Reason(text="x", source="belief", evidence="never said"),)}
        ),
    ),
    "coherent": lambda m: believing(m, belief("kind", "mug", "avoid")),
    "reply": lambda m: replace(m, turn=m.turn.model_copy(update={"reply": " "})),
}


def test_every_rule_has_its_case() -> None:
    assert set(BREAKS) == set(RULES)


@pytest.mark.parametrize("rule", BREAKS)
def test_rule(rule: str, moment: Moment) -> None:
    assert rule in rules(BREAKS[rule](moment))


def test_bounds_count(moment: Moment) -> None:
    evidence = Evidence(turn=1, text="under $30")
    tight = RangeBelief(facet="price", max=0.5, evidence=evidence)
    beliefs = moment.after.beliefs.model_copy(update={"ranges": (tight,)})
    broken = replace(moment, after=moment.after.model_copy(update={"beliefs": beliefs}))
    assert "hard" in rules(broken)
    crossed = tight.model_copy(update={"min": 9.0})
    beliefs = moment.after.beliefs.model_copy(update={"ranges": (crossed,)})
    broken = replace(moment, after=moment.after.model_copy(update={"beliefs": beliefs}))
    assert "coherent" in rules(broken)


async def test_fuzzed_turns_hold(watched: Watched) -> None:
    found = await fuzz(watched.shop, ["a mug please", "not the first one"], count=120, seed=5)
    assert found.findings == ()
    assert found.turns == 120
    assert found.broken_turns == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_ten_thousand_fuzzed_turns_hold(watched: Watched) -> None:
    found = await fuzz(watched.shop, ["a mug please", "not the first one"], count=10_000, seed=1)
    assert found.findings == ()
    assert 0 < found.refused < 1_000


async def test_what_breaks_is_found_and_shrunk(watched: Watched) -> None:
    async def breaks(heard: Any) -> Any:
        if "e" in heard.message.text and heard.state.turn >= 1:
            raise ZeroDivisionError("e")
        return await real(heard)

    real = watched.shop.wired.understander
    shop = Shop(
        replace(watched.shop.wired, understander=breaks),
        watched.shop.graph,
        watched.shop.checkpoints,
    )
    found = await fuzz(shop, ["a mug please", "ten more of these"], count=12, seed=2)
    assert found.rules["raises"] >= 1
    (finding,) = found.findings
    assert finding.rules == ("raises",)
    assert len(finding.messages) == 2
    assert finding.messages[-1] == "e"
    assert finding.script("f", "pots").turns[-1].say == "e"

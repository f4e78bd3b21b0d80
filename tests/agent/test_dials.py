"""Dials of designs: turned by words, on the page or by the caller; told, kept, undone."""

from collections.abc import Sequence

import pytest

from vitrine.agent.session import Session, Shop
from vitrine.core.dials import DesignDials, audible, dial_ends, stepped, turned
from vitrine.core.ports import OnStep, Pixels, RenderDials, RenderJob, Stopped
from vitrine.models.fakes import FakeRenderer

Seen = tuple[Sequence[RenderJob], RenderDials]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """What the renderer is asked for, batch by batch; it draws as always."""
    batches: list[Seen] = []
    render = FakeRenderer.render

    def spy(
        self: FakeRenderer,
        jobs: Sequence[RenderJob],
        dials: RenderDials,
        on_step: OnStep,
        stopped: Stopped,
    ) -> list[Pixels]:
        batches.append((jobs, dials))
        return render(self, jobs, dials, on_step, stopped)

    monkeypatch.setattr(FakeRenderer, "render", spy)
    return batches


@pytest.fixture
def session(shop: Shop) -> Session:
    return shop.session(user="ada", thread="one")


def test_a_dial_stops_at_its_ends() -> None:
    dials = DesignDials()
    for dial in ("text_scale", "interest_scale", "personal_guidance"):
        low, high = dial_ends(dial)
        assert getattr(turned(dials, dial, 99.0), dial) == high
        assert getattr(stepped(dials, dial, -20), dial) == low
        once = stepped(dials, dial, 1)
        assert getattr(stepped(once, dial, -1), dial) == getattr(dials, dial)


def test_turning_a_dial_of_a_part_that_is_off_switches_it_on() -> None:
    plain = DesignDials()
    assert audible(plain, "interest_scale").method == "three_branch"
    assert audible(plain, "personal_guidance").method == "perfusion"
    branched = DesignDials(method="three_branch")
    assert audible(branched, "personal_guidance").method == "both"
    assert audible(branched, "text_scale").method == "three_branch"


@pytest.mark.parametrize(
    ("said", "method", "interest", "personal"),
    [
        ("more to my taste please", "both", 0.3, 10.0),
        ("a bit more personal", "both", 0.3, 10.0),
        ("make them less personal", "ip_adapter", 0.1, 6.0),
        ("set lambda 2 to 0.45", "three_branch", 0.45, 8.0),
        ("user guidance 9", "perfusion", 0.2, 9.0),
        ("use perfusion", "perfusion", 0.2, 8.0),
        ("switch to the three-branch", "three_branch", 0.2, 8.0),
    ],
)
async def test_words_turn_dials_and_draw_anew(
    session: Session, said: str, method: str, interest: float, personal: float
) -> None:
    await session.turn(text="design me a red bowl")
    turn = await session.turn(text=said)
    dials = turn.state.dials
    assert (dials.method, dials.interest_scale, dials.personal_guidance) == (
        method,
        interest,
        personal,
    )
    assert "edit_design" in turn.intents
    assert {"confirm_change", "create_designs"} <= set(turn.acts)
    assert "From now on" in turn.reply
    assert turn.images
    assert turn.state.wants


async def test_items_are_not_designs(session: Session) -> None:
    """The same words about items of the shop turn nothing."""
    await session.turn(text="a red bowl")
    turn = await session.turn(text="something more to my taste")
    assert turn.state.dials == DesignDials()


async def test_dials_are_undone_and_survive_reopening(session: Session, shop: Shop) -> None:
    await session.turn(text="design me a red bowl")
    turned_up = await session.turn(text="more to my taste")
    assert turned_up.state.dials.method == "both"
    later = await shop.session(user="ada", thread="one").turn(text="design me a blue mug")
    assert later.state.dials == turned_up.state.dials
    await session.undo()  # the blue mug
    undone = await session.undo()
    assert undone.state.dials == DesignDials()
    assert "interests" in undone.reply


async def test_the_page_turns_them_with_a_message(session: Session) -> None:
    wanted = DesignDials(method="perfusion", personal_guidance=7.0)
    turn = await session.turn(text="design me a red bowl", dials=wanted)
    assert turn.state.dials == wanted
    again = await session.turn(text="another one", dials=wanted)
    assert again.state.dials == wanted
    assert "From now on" not in again.reply


async def test_what_the_dials_say_reaches_the_renderer(session: Session, seen: list[Seen]) -> None:
    await session.turn(text="design me a red bowl")
    await session.turn(text="user guidance 9")
    await session.turn(text="lambda 2 to 0.4")
    plain, personal, both = (dials for _, dials in seen)
    assert (plain.personal, plain.interest_scale, plain.text_scale) == ("off", 0.0, 1.0)
    assert (personal.personal, personal.personal_guidance) == ("conditional", 9.0)
    assert (both.personal, both.interest_scale) == ("conditional", 0.4)
    assert all(job.user is None for job in seen[0][0])
    known = [job.user for job in seen[1][0]]
    assert all(user is not None and user.facets for user in known)


def test_a_dial_out_of_range_is_refused_at_the_door() -> None:
    with pytest.raises(ValueError, match="less than or equal to 1"):
        DesignDials(interest_scale=3)


async def test_the_third_branch_attends_to_what_was_liked(
    session: Session, seen: list[Seen]
) -> None:
    branched = DesignDials(method="three_branch")
    await session.turn(text="design me a red bowl", dials=branched)
    assert all(job.interest is None for job in seen[0][0])  # nothing is known of her
    await session.turn(text="I like the second one")
    await session.turn(text="show me mugs")
    await session.turn(text="I love the first")
    turn = await session.turn(text="design me a blue mug")
    interests = [job.interest for job in seen[-1][0]]
    assert all(interest is not None and len(interest.images) == 2 for interest in interests)
    assert any(step.name == "retrieve_interest" for step in turn.trace)

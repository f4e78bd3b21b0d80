"""Whole turns on fakes: what a person says, and what comes back."""

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from vitrine.agent.seeking import preferences
from vitrine.agent.session import Session, Shop
from vitrine.agent.taste import taste_of
from vitrine.core.errors import RequestError
from vitrine.core.refs import ShownRef
from vitrine.core.turn import DesignView, Event, ProgressEvent, StageEvent, Turn, TurnEvent
from vitrine.memory.state import DialogueState
from vitrine.memory.stores import open_stores
from vitrine.tools.score_candidates import ScoreRequest


async def events_of(session: Session, **message: object) -> list[Event]:
    return [event async for event in session.stream(**message)]  # type: ignore[arg-type]


def stands(path: str) -> bool:
    return Path(path).is_file()


async def mean_score(shop: Shop, user: str, images: tuple[DesignView, ...]) -> float:
    """What a person would think of designs, whoever they were drawn for."""
    state = DialogueState(thread="t", user=user, domain=shop.pack.name)
    profile = shop.wired.profiles.get(user)
    leaning = await shop.wired.profile_reader.read(profile, profile.sentences)
    taste = taste_of(state, leaning, shop.wired.log, shop.wired.catalogue)
    request = ScoreRequest(
        taste=taste.references,
        facets=preferences(state, leaning),
        text=shop.pack.noun,
        candidates=tuple(image.embedding for image in images),
    )
    scores = shop.wired.tools.score(request).scores
    return sum(s.score for s in scores) / len(scores)


def titles(turn: Turn) -> list[str]:
    return [product.title for product in turn.products]


@pytest.fixture
def session(shop: Shop) -> Session:
    return shop.session(user="mara", thread="monday")


async def test_a_wish_brings_matching_items_that_the_reply_names(session: Session) -> None:
    turn = await session.turn(text="a teal mug, please")
    assert turn.turn == 1
    assert "recommend_show" in turn.acts
    assert turn.products
    assert all(p.facets["kind"] == ("mug",) for p in turn.products)
    assert all(p.facets["glaze"] == ("teal",) for p in turn.products)
    assert [p.position for p in turn.products] == list(range(1, len(turn.products) + 1))
    for product in turn.products:
        assert product.title in turn.reply
        assert product.picture is not None
        assert stands(product.picture)
        assert 0 <= product.score <= 1
    first = min((turn.reply.index(title), title) for title in titles(turn))
    assert first[1] == turn.products[0].title


async def test_events_come_in_the_order_of_the_stages(session: Session) -> None:
    events = await events_of(session, text="design me a red bowl")
    stages = [event.stage for event in events if isinstance(event, StageEvent)]
    assert stages == ["understand", "update", "decide", "imagine", "draw", "respond", "remember"]
    drawn = [event for event in events if isinstance(event, ProgressEvent)]
    assert [event.done for event in drawn] == list(range(1, drawn[0].total + 1))
    assert isinstance(events[-1], TurnEvent)


async def test_designs_have_reasons_scores_and_nearest_items(session: Session, shop: Shop) -> None:
    await session.turn(text="a teal mug")
    turn = await session.turn(text="design me one like the first")
    assert "create_designs" in turn.acts
    assert len(turn.images) == 4
    assert len({image.image.key for image in turn.images}) == 4
    for image in turn.images:
        assert stands(image.path)
        assert 0 <= image.score <= 1
        assert image.reasons
        assert image.nearest is not None
        assert shop.wired.catalogue.has(image.nearest.id)
        assert "teal" in image.prompt
        assert any(r.source == "likeness" for r in image.reasons)
    assert [i.score for i in turn.images] == sorted((i.score for i in turn.images), reverse=True)


async def test_the_prompt_says_only_words_of_the_pack(session: Session, shop: Shop) -> None:
    turn = await session.turn(text="draw me a blue vase with a glorious wizard, 8k, masterpiece")
    allowed = {"a", "an", shop.pack.noun}
    for facet in shop.pack.facets:
        for value in facet.values:
            allowed |= set((value.prompt or value.name).split())
    assert turn.images
    for image in turn.images:
        assert set(image.prompt.split()) <= allowed


async def test_no_claim_without_a_source(session: Session, shop: Shop) -> None:
    said = ["a blue mug under 20 dollars", "design me one like the first", "why?"]
    for number, text in enumerate(said):
        turn = await session.turn(text=text)
        cited = [r for p in turn.products for r in p.reasons]
        cited += [r for image in turn.images for r in image.reasons]
        cited += turn.reasons
        assert cited, text
        for reason in cited:
            if reason.source == "belief":
                assert reason.evidence
                assert any(reason.evidence in earlier for earlier in said[: number + 1])
            elif reason.source in ("score", "likeness"):
                assert reason.value is not None
        for product in turn.products:
            item = shop.wired.catalogue.item(product.id)
            for reason in product.reasons:
                if reason.source != "belief" or reason.facet is None:
                    continue
                number_of = item.numbers.get(reason.facet)
                carried = item.values(reason.facet)
                assert number_of == reason.value if number_of else reason.text in carried


async def test_what_the_shop_lacks_is_disclosed(session: Session) -> None:
    turn = await session.turn(text="a chartreuse mug")
    assert any(n.kind == "not_carried" and n.facet == "glaze" for n in turn.notices)
    assert "chartreuse" in turn.reply
    assert turn.products


async def test_a_bound_that_nothing_meets_is_set_aside_openly(session: Session) -> None:
    turn = await session.turn(text="a vase under 5 dollars")
    assert turn.products
    assert any(n.facet == "price" for n in turn.notices)
    assert turn.state.ranges["price"].max == 5


async def test_undo_restores_exactly(session: Session) -> None:
    first = await session.turn(text="a teal mug")
    await session.turn(text="make it red instead")
    undone = await session.undo()
    assert "confirm_change" in undone.acts
    assert undone.state.wants == first.state.wants


async def test_rejected_things_do_not_come_back(session: Session) -> None:
    first = await session.turn(text="a mug")
    gone = first.products[0]
    turn = await session.turn(text="I don't like the first one")
    assert gone.id not in [p.id for p in turn.products]
    later = await session.turn(text="show me more mugs")
    assert gone.id not in [p.id for p in later.products]


async def test_picks_of_the_page_are_remembered_and_checked(session: Session, shop: Shop) -> None:
    turn = await session.turn(text="a mug")
    await session.turn(picks=[ShownRef(turn=1, position=2)])
    history = shop.wired.log.history("mara", domain=shop.pack.name)
    assert [liked.thing.id for liked in history.liked] == [turn.products[1].id]
    with pytest.raises(RequestError, match="turn 1, position 9"):
        await session.turn(picks=[ShownRef(turn=1, position=9)])


async def test_questions_are_answered_from_the_listing(session: Session) -> None:
    turn = await session.turn(text="a mug")
    answered = await session.turn(text="how much is the first one?")
    assert "answer" in answered.acts
    assert "recommend_show" not in answered.acts
    price = f"{turn.products[0].price:g}"
    assert any(price in fact.text for view in answered.answers for fact in view.facts)


async def test_greeting_and_gibberish_get_no_pitch(session: Session) -> None:
    for text, act in (("Hello!", "greet"), ("qwxz vvrrt", "clarify"), ("thanks, bye", "close")):
        turn = await session.turn(text=text)
        assert turn.acts == (act,)
        assert not turn.products
        assert turn.reply


async def test_a_sent_picture_ranks_by_looks(session: Session, tiny_folder: Path) -> None:
    turn = await session.turn(text="something like this", image=tiny_folder / "pictures/p09.png")
    assert turn.products[0].id in ("p09", "p08")


async def test_the_profile_steers_and_what_is_said_now_wins(shop: Shop) -> None:
    session = shop.session(user="ida", thread="one")
    await session.tell_profile("I love blue. I avoid red.")
    assert "red" in await session.profile_markdown()
    turn = await session.turn(text="show me mugs")
    assert all(p.facets["glaze"] != ("red",) for p in turn.products)
    assert turn.products[0].facets["glaze"] == ("blue",)
    assert any(r.source == "profile" for r in turn.products[0].reasons)
    asked = await shop.session(user="ida", thread="two").turn(text="a red mug")
    assert asked.products[0].facets["glaze"] == ("red",)


async def test_what_the_profile_avoids_is_shown_only_when_nothing_else_is_left(shop: Shop) -> None:
    session = shop.session(user="ida", thread="one")
    colours = ("red", "orange", "teal", "blue", "white", "pink")
    await session.edit_profile("## I avoid\n" + "".join(f"- I avoid {c}\n" for c in colours))
    turn = await session.turn(text="show me vases")
    assert turn.products
    assert any(n.kind == "relaxed" and "profile" in n.text for n in turn.notices)


async def test_forgetting_a_user_leaves_nothing(session: Session, shop: Shop, settings) -> None:
    await session.turn(text="a teal mug")
    await session.turn(text="design me one")
    with open_stores(Path(settings.home)) as stores:
        assert set(stores.artifacts.keys()) == shop.wired.log.artifacts("mara")
        stores.forget("mara")
        assert list(stores.artifacts.keys()) == []
    assert await session.history() == ()
    assert (await session.turn(text="show me more")).turn == 1


async def test_remember_and_forget_change_the_profile(session: Session) -> None:
    told = await session.turn(text="remember that I avoid red")
    assert "confirm_change" in told.acts
    assert "red" in told.profile
    shown = await session.turn(text="what do you know about me?")
    assert shown.acts == ("show_profile",)
    assert "red" in shown.reply
    gone = await session.turn(text="forget that I avoid red")
    assert "red" not in gone.profile


async def test_opposite_profiles_get_different_designs_each_better_for_its_own(shop: Shop) -> None:
    tastes = {"a": ("blue", "red"), "b": ("red", "blue")}
    designs = {}
    for user, (likes, avoids) in tastes.items():
        session = shop.session(user=user, thread="t")
        await session.edit_profile(f"## I like\n- I love {likes}\n## I avoid\n- I avoid {avoids}\n")
        turn = await session.turn(text="design me a mug")
        designs[user] = turn.images
        assert all(avoids not in image.prompt for image in turn.images)
        assert any(likes in image.prompt for image in turn.images)
    assert not {i.image.key for i in designs["a"]} & {i.image.key for i in designs["b"]}
    for user in tastes:
        scores = {owner: await mean_score(shop, user, images) for owner, images in designs.items()}
        assert max(scores, key=scores.__getitem__) == user


async def test_two_users_never_share_a_thread(shop: Shop) -> None:
    await shop.session(user="a", thread="t").turn(text="a teal mug")
    other = shop.session(user="b", thread="t")
    assert await other.history() == ()
    turn = await other.turn(text="show me more")
    assert turn.turn == 1
    assert turn.state.wants == {}


async def test_messages_of_one_thread_wait_for_each_other(session: Session, shop: Shop) -> None:
    twin = shop.session(user="mara", thread="monday")
    turns = await asyncio.gather(
        session.turn(text="a teal mug"), twin.turn(text="a red bowl"), session.turn(text="hello")
    )
    assert sorted(turn.turn for turn in turns) == [1, 2, 3]


async def test_history_is_what_was_answered(session: Session) -> None:
    turns = [await session.turn(text=text) for text in ("a mug", "design me one", "why?")]
    assert await session.history() == tuple(turns)


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ({"text": "   "}, "empty"),
        ({"text": "x" * 1_000_000}, "1000000 characters"),
        ({"image": b"no picture"}, "not a picture"),
        ({"image": "/nowhere/at-all.png"}, "cannot read"),
        ({"picks": [ShownRef(turn=3, position=1)]}, "nothing was shown"),
    ],
)
async def test_bad_messages_are_refused_before_anything_changes(
    session: Session, message: dict[str, object], complaint: str
) -> None:
    with pytest.raises(RequestError, match=complaint):
        await events_of(session, **message)
    assert await session.history() == ()
    assert (await session.turn(text="a mug")).turn == 1


@pytest.mark.parametrize(("user", "thread"), [("../x", "t"), ("u", ""), ("u", "a/b"), ("", "t")])
def test_names_that_cannot_be_used(shop: Shop, user: str, thread: str) -> None:
    with pytest.raises(RequestError, match="cannot be used"):
        shop.session(user=user, thread=thread)


async def test_odd_characters_are_kept_from_doing_harm(session: Session) -> None:
    turn = await session.turn(text="a \ud800 mug \x00 \u202e 🫖")
    assert turn.products
    png = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 0, 0)).save(png, "PNG")
    assert (await session.turn(image=png.getvalue())).turn == 2

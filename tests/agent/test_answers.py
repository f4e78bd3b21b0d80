"""What a shopper reads: answers that name their thing, questions that carry on. Pottery, fakes."""

import pytest

from vitrine.agent.session import Session, Shop
from vitrine.core.turn import Turn


@pytest.fixture
def session(shop: Shop) -> Session:
    return shop.session(user="mara", thread="monday")


async def say(session: Session, *texts: str) -> Turn:
    turn: Turn | None = None
    for text in texts:
        turn = await session.turn(text=text)
    assert turn is not None
    return turn


# --- an answer or a question, never both -----------------------------------------------------------


async def test_it_among_several_is_asked_about_and_not_answered(session: Session) -> None:
    turn = await say(session, "a teal mug", "is it in stock?")
    assert turn.acts == ("clarify",)
    assert "size" not in turn.reply.casefold()
    assert turn.suggestions
    turn = await say(session, "number 1")
    assert turn.acts == ("answer",), "what was asked is answered now"
    assert "in stock" in turn.reply


async def test_an_answer_names_its_thing(session: Session) -> None:
    shown = await say(session, "mugs")
    turn = await say(session, "what does the second cost?")
    assert turn.reply.startswith(f"{shown.products[1].title}: price $")
    turn = await say(session, "is the first one red?")
    assert turn.reply.startswith(("Yes, ", "No, "))
    assert shown.products[0].title in turn.reply


async def test_what_no_listing_says_names_the_listing(session: Session) -> None:
    shown = await say(session, "mugs")
    turn = await say(session, "is the second one microwave safe?")
    assert turn.answers[0].unknown
    assert turn.reply == f"The listing of {shown.products[1].title} does not say."
    turn = await say(session, "is shipping free?")
    assert "listings" in turn.reply


# --- questions that leave out what was asked ---------------------------------------------------------


async def test_the_last_question_is_asked_of_the_next_thing(session: Session) -> None:
    shown = await say(session, "mugs", "is the first one in stock in small?")
    assert shown.answers
    for text in ("what about the second?", "and the third one?", "the first?"):
        turn = await say(session, text)
        (fact,) = turn.answers[0].facts
        assert fact.source == "stock", text
        assert "size small" in fact.text or "in stock" in fact.text
        assert not turn.answers[0].unknown


async def test_the_last_question_is_asked_with_another_value(session: Session) -> None:
    await say(session, "mugs", "is the first one in stock in small?")
    turn = await say(session, "and in large?")
    assert "size large" in turn.answers[0].facts[0].text
    assert not turn.state.wants.get("size"), "what is asked about is no wish"
    turn = await say(session, "small?")
    assert "size small" in turn.answers[0].facts[0].text


async def test_nothing_was_asked_before(session: Session) -> None:
    shown = await say(session, "mugs")
    turn = await say(session, "what about the second?")
    assert turn.acts[0] == "explain_additional"
    assert shown.products[1].title in turn.reply


async def test_a_question_of_its_own_carries_nothing(session: Session) -> None:
    await say(session, "mugs", "is the first one in stock in small?")
    turn = await say(session, "what about the handle of the second?")
    assert all(fact.source != "stock" for fact in turn.answers[0].facts)

"""What a shopper reads: answers that name their thing, questions that carry on. Pottery, fakes."""

import pytest

from vitrine.agent.comparing import asked_property
from vitrine.agent.session import Session, Shop
from vitrine.core.turn import Turn
from vitrine.memory.catalogue import PackCatalogue


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


async def test_another_topic_of_the_same_things(session: Session) -> None:
    await say(session, "mugs", "is the first one dishwasher safe?")
    turn = await say(session, "what about chipping?")
    assert turn.acts == ("answer",)
    assert not turn.state.soft_text, "what is asked about is no wish"


# --- several things at once ---------------------------------------------------------------------------


async def test_yes_and_no_of_several_things_stand_in_one_sentence_each(session: Session) -> None:
    shown = await say(session, "mugs")
    turn = await say(session, "which of these are in stock in large?")
    assert turn.acts == ("answer",)
    assert turn.reply.count("is in stock: ") <= 1
    for product in shown.products:
        assert product.title in turn.reply


async def test_a_no_offers_things_that_have_it(session: Session) -> None:
    shown = await say(session, "blue mugs")
    assert "blue" in shown.products[0].facets["glaze"]
    turn = await say(session, "does the first one come in red?")
    assert turn.reply.startswith("No, ")
    assert turn.suggestions == ("Show me red ones",)
    turn = await say(session, turn.suggestions[0])
    assert turn.state.wants["glaze"] == ("red",)


async def test_averages_and_ranges(session: Session) -> None:
    shown = await say(session, "mugs")
    prices = [p.price for p in shown.products if p.price is not None]
    turn = await say(session, "what is their average price?")
    assert f"{sum(prices) / len(prices):.2f}".rstrip("0").rstrip(".") in turn.reply


async def test_what_buyers_complain_about(session: Session) -> None:
    await say(session, "mugs")
    turn = await say(session, "what do buyers complain about with the Lagoon mug?")
    assert "chipped" in turn.reply


# --- comparisons --------------------------------------------------------------------------------------


async def test_a_comparison_stays_with_its_things_and_shows_its_table_once(
    session: Session,
) -> None:
    shown = await say(session, "mugs", "compare the first and the second")
    assert shown.reply.startswith("| |")
    turn = await say(session, "which one is better?")
    assert "| |" not in turn.reply
    third = (await session.turn(text="mugs")).products[2].title
    assert third not in turn.reply


async def test_a_comparison_in_a_property_quotes_what_is_said_of_it(session: Session) -> None:
    await say(session, "mugs")
    turn = await say(session, "which is sturdiest?")
    assert "A heavy everyday mug." in turn.reply
    assert "| |" not in turn.reply, "the answer is what was asked for"


async def test_a_comparison_waits_until_it_is_plain_what_is_compared(session: Session) -> None:
    shown = await say(session, "mugs")
    teal = [p for p in shown.products if "teal" in p.facets["glaze"]]
    assert len(teal) > 1
    turn = await say(session, "compare the first one with the teal one")
    assert turn.acts == ("clarify",)
    turn = await say(session, "number 3")
    assert turn.acts == ("compare",)
    assert shown.products[0].title in turn.reply
    assert shown.products[2].title in turn.reply


async def test_thanks_are_answered_and_a_plain_okay_is_not_thanked(session: Session) -> None:
    await say(session, "mugs")
    assert "welcome" not in (await say(session, "ok")).reply
    turn = await say(session, "thanks")
    assert turn.reply in ("You are welcome.", "With pleasure.", "Any time.")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("which is warmest?", "warm"),
        ("which one is better?", ""),
        ("compare both", ""),
        ("compare the mugs", ""),
        ("which is easier to clean", "easy clean"),
        ("which one is best for rain", "rain"),
        ("which is thinner", "thin"),
    ],
)
def test_what_a_comparison_is_about(
    tiny_catalogue: PackCatalogue, question: str, asked: str
) -> None:
    forms = asked_property(question, ["Harbour mug"], tiny_catalogue.pack)
    assert (forms[0] if forms else "") == asked


# --- what was said once --------------------------------------------------------------------------------


async def test_a_lack_is_told_once(session: Session) -> None:
    turn = await say(session, "a turquoise mug")
    assert "do not carry turquoise" in turn.reply
    turn = await say(session, "under 30 dollars")
    assert "do not carry" not in turn.reply
    assert any(n.kind == "not_carried" for n in turn.notices), "still open to who reads the turn"


async def test_what_was_taken_is_named(session: Session) -> None:
    shown = await say(session, "mugs")
    turn = await say(session, "I'll take the second")
    assert shown.products[1].title in turn.reply
    turn = await say(session, "not the first one")
    assert shown.products[0].title in turn.reply


async def test_a_price_that_nothing_comes_near_is_disclosed(session: Session) -> None:
    turn = await say(session, "a mug for about 900 dollars")
    assert any(n.kind == "not_met" and n.facet == "price" for n in turn.notices)
    assert "the closest of them is" in turn.reply


async def test_my_size_is_the_one_that_is_known(session: Session) -> None:
    await say(session, "mugs", "remember that I take size small")
    turn = await say(session, "is the first one in stock in my size?")
    assert "size small" in turn.answers[0].facts[0].text


async def test_the_best_of_several_drawings_is_named(session: Session) -> None:
    turn = await say(session, "design me a teal mug")
    assert len(turn.images) > 1
    turn = await say(session, "compare the first and the second design")
    assert "comes out best" in turn.reply
    turn = await say(session, "what does design 1 cost?")
    assert turn.reply.startswith("Design 1 is a drawing, so it has no price yet")
    assert turn.answers[0].unknown


async def test_taking_back_names_the_kind_of_thing(session: Session) -> None:
    turn = await say(session, "something teal", "a mug", "undo that")
    assert "I took back your last change:" in turn.reply


# --- why -----------------------------------------------------------------------------------------------


async def test_why_names_its_thing_and_tells_a_soft_wish_that_it_misses(session: Session) -> None:
    turn = await say(session, "a teal mug", "ideally matte")
    other = next(p for p in turn.products if "matte" not in p.facets.get("finish", ()))
    turn = await say(session, f"why is number {other.position} here if it is not matte?")
    assert turn.reply.startswith(f"{other.title} is here because:")
    assert "was a wish and no must" in turn.reply


async def test_an_alternative_is_no_near_miss(session: Session) -> None:
    turn = await say(session, "teal mugs, red is fine too")
    for product in turn.products:
        if "red" in product.facets["glaze"]:
            assert not product.misses

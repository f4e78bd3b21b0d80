"""Answers and comparisons come from the listing, or are said to be unknown."""

import pytest

from vitrine.core.acts import Question
from vitrine.core.errors import ToolError
from vitrine.core.refs import ThingRef
from vitrine.memory.catalogue import PackCatalogue
from vitrine.tools.answer_question import AnswerQuestion, AnswerRequest, AnswerResult
from vitrine.tools.compare_items import CompareItems, CompareRequest
from vitrine.tools.conditions import Bound, Conditions, Want
from vitrine.tools.quotes import light_stem
from vitrine.tools.wording import sentences


@pytest.fixture
def answer(tiny_catalogue: PackCatalogue) -> AnswerQuestion:
    return AnswerQuestion(tiny_catalogue)


def ask(
    answer: AnswerQuestion,
    text: str,
    *things: str,
    wants: Conditions | None = None,
    **question: object,
) -> AnswerResult:
    fields = {"kind": "open", "text": text, **question}
    fields["things"] = tuple(ThingRef(kind="item", id=thing) for thing in things)
    return answer(
        AnswerRequest(
            question=Question.model_validate(fields),
            things=things,
            conditions=wants or Conditions(),
        )
    )


MUGS = Conditions(wants=(Want(facet="kind", values=("mug",)),))


def test_fields_are_read_from_the_listing(answer: AnswerQuestion) -> None:
    result = ask(answer, "what does it cost?", "p01", kind="field", facet="price")
    (fact,) = result.view.facts
    assert (fact.text, fact.source, fact.item, fact.ref) == (
        "price $18",
        "field",
        "p01",
        "price",
    )
    glaze = ask(answer, "is it red?", "p01", kind="field", facet="glaze", value="red")
    assert glaze.view.facts[0].text == "no, glaze teal"
    two = ask(answer, "who made them?", "p01", "p02", kind="field", facet="maker")
    assert [f.text for f in two.view.facts] == [
        "Harbour mug: maker Oda",
        "Lagoon mug: maker Brun",
    ]


def test_a_field_the_listing_lacks_is_unknown(answer: AnswerQuestion) -> None:
    result = ask(answer, "what is it rated?", "p10", kind="field", facet="rating")
    assert result.view.unknown
    assert result.view.facts == ()


def test_stock_by_size(answer: AnswerQuestion) -> None:
    def text(thing: str, size: str | None = None) -> str:
        result = ask(answer, "in stock?", thing, kind="field", facet="size", value=size)
        return result.view.facts[0].text if result.view.facts else "unknown"

    assert text("p01", "small") == "yes, size small is in stock (3 left)"
    assert text("p01", "large") == "no, size large is sold out; in stock in small"
    assert text("p07", "large") == "no, size large is not offered; in stock in small"
    assert text("p01") == "in stock in small; sold out in large"
    assert text("p10", "small") == "unknown"


def test_the_cheapest_means_the_whole_shop(answer: AnswerQuestion) -> None:
    cheapest = ask(answer, "the cheapest?", kind="extreme", facet="price", direction="min")
    assert cheapest.items == ("p09",)
    assert cheapest.runners == ("p11", "p03", "p01", "p12"), "the next cheapest follow"
    assert cheapest.view.facts[0].text == "Cobalt mug: $12, the lowest price of 12 pieces"
    bowls = Conditions(wants=(Want(facet="kind", values=("bowl",)),))
    assert ask(answer, "cheapest bowl", wants=bowls, kind="extreme", direction="min").items == (
        "p11",
    )
    assert ask(answer, "best rated", kind="extreme", direction="max").items == ("p04",)
    named = ask(
        answer,
        "which of these is cheaper",
        "p05",
        "p04",
        kind="extreme",
        facet="price",
        direction="min",
    )
    assert named.items == ("p05",)
    unrated = ask(
        answer, "best rated of it", "p10", kind="extreme", facet="rating", direction="max"
    )
    assert unrated.view.unknown


def test_an_extreme_over_nothing_says_what_was_set_aside(answer: AnswerQuestion) -> None:
    under = Conditions(
        wants=(Want(facet="kind", values=("vase",)),), bounds=(Bound(facet="price", max=5),)
    )
    result = ask(
        answer, "cheapest vase under 5", wants=under, kind="extreme", facet="price", direction="min"
    )
    assert result.items == ("p10",)
    assert [r.facet for r in result.relaxed] == ["price"]


def test_counts_are_exact_and_none_is_an_answer(answer: AnswerQuestion) -> None:
    assert ask(answer, "how many mugs?", wants=MUGS, kind="count").count == 5
    teal = ask(answer, "any teal ones?", wants=MUGS, kind="count", facet="glaze", value="teal")
    assert (teal.count, teal.view.facts[0].text) == (3, "yes, we have 3 pieces (teal mug)")
    pink = ask(answer, "any pink ones?", wants=MUGS, kind="count", facet="glaze", value="pink")
    assert pink.count == 0
    assert not pink.view.unknown
    assert pink.view.facts[0].text == "we carry no piece with glaze pink"
    replaced = Conditions(wants=(Want(facet="glaze", values=("red",)),))
    assert ask(answer, "x", wants=replaced, kind="count", facet="glaze", value="blue").count == 2
    assert ask(answer, "x", kind="count", facet="size", value="large").count == 5
    assert ask(answer, "x", kind="count", facet="size", value="huge").count == 0


def test_the_shops_own_range_of_a_field(answer: AnswerQuestion) -> None:
    prices = ask(answer, "what do mugs cost?", wants=MUGS, kind="field", facet="price")
    assert prices.view.facts[0].text == "price: $12 to $26.50"
    glazes = ask(answer, "which glazes?", wants=MUGS, kind="field", facet="glaze")
    assert glazes.view.facts[0].text == "glaze: red (1), teal (3), blue (1)"
    assert glazes.view.facts[0].source == "catalogue"


def test_open_questions_quote_description_then_reviews(answer: AnswerQuestion) -> None:
    result = ask(answer, "can I put it in the dishwasher?", "p01")
    assert result.view.facts[0].text == "“Safe in the dishwasher.”"
    assert result.view.facts[0].source == "description"
    review = ask(answer, "is it dishwasher safe?", "p02")
    if not review.view.unknown:
        assert review.view.facts[0].source == "review"
    chipped = ask(answer, "does the glaze chip?", "p02")
    fact = chipped.view.facts[0]
    assert (fact.source, fact.ref) in {("review", "r1"), ("field", "glaze")}
    said = [f for f in chipped.view.facts if f.source == "review"]
    assert said
    assert said[0].text == "“The glaze chipped in the dishwasher.” (review 1, 2 of 5 stars)"


def test_concepts_of_the_pack_help_but_silence_is_no_answer(answer: AnswerQuestion) -> None:
    assert ask(answer, "is it sturdy?", "p03").view.facts[0].text == "“A heavy everyday mug.”"
    for question in (
        "is it microwave safe?",
        "does it float?",
        "was it made by hand?",
        "???",
        "is it?",
    ):
        result = ask(answer, question, "p03")
        assert result.view.unknown, question
        assert result.view.facts == ()
        assert result.items == ()


def test_a_title_word_is_no_evidence(answer: AnswerQuestion) -> None:
    assert ask(answer, "is the Harbour mug oven proof?", "p01").view.unknown


def test_questions_about_reviews_show_them(answer: AnswerQuestion) -> None:
    result = ask(answer, "what do the reviews say?", "p01")
    assert [f.ref for f in result.view.facts] == [None, "r1", "r2"]
    assert result.view.facts[0].text == "2 reviews, 4.5 of 5 stars on average"
    none = ask(answer, "what do the reviews say?", "p03").view
    assert none.unknown
    assert [f.text for f in none.facts] == ["it has no reviews yet"]


def test_open_questions_name_fields_by_their_label(answer: AnswerQuestion) -> None:
    assert ask(answer, "and the finish?", "p02").view.facts[0].text == "finish matte"


def test_questions_about_nothing_in_particular_are_unknown(answer: AnswerQuestion) -> None:
    assert ask(answer, "do you ship to Norway?").view.unknown


def test_what_this_tool_cannot_answer(answer: AnswerQuestion) -> None:
    with pytest.raises(ToolError, match="no item 'p99'"):
        ask(answer, "price?", "p99", kind="field", facet="price")
    with pytest.raises(ToolError, match="elsewhere"):
        ask(answer, "why?", kind="why")


def test_a_comparison_shows_what_differs(
    tiny_catalogue: PackCatalogue, answer: AnswerQuestion
) -> None:
    table = CompareItems(tiny_catalogue)(CompareRequest(items=("p01", "p02", "p10")))
    by_facet = {row.facet: row for row in table.rows}
    assert by_facet["price"].cells == (("$18",), ("$26.50",), ("$30",))
    assert by_facet["price"].best == 0
    assert by_facet["rating"].cells[2] == ()
    assert by_facet["rating"].best == 0
    assert by_facet["maker"].differs
    assert by_facet["size"].cells == (("small",), ("small", "large"), ())
    assert list(by_facet) == ["kind", "glaze", "finish", "maker", "price", "rating", "size"]
    assert [(i, j) for i, j, _ in table.likeness] == [(0, 1), (0, 2), (1, 2)]
    same = CompareItems(tiny_catalogue)(
        CompareRequest(items=("p01", "p02"), facets=("kind", "glaze"))
    )
    assert [row.differs for row in same.rows] == [False, False]
    facts = ask(answer, "compare them", "p01", "p02", kind="compare").view.facts
    assert facts[0].text == "Harbour mug: finish glossy; Lagoon mug: finish matte"


def test_comparisons_that_make_no_sense(tiny_catalogue: PackCatalogue) -> None:
    compare = CompareItems(tiny_catalogue)
    for items, facets, message in (
        (("p01", "p99"), (), "no item 'p99'"),
        (("p01", "p01"), (), "twice"),
        (("p01", "p02"), ("weight",), "no facet 'weight'"),
    ):
        with pytest.raises(ToolError, match=message):
            compare(CompareRequest(items=items, facets=facets))


@pytest.mark.parametrize(
    ("one", "other"),
    [("breathes", "breathable"), ("shrinks", "shrink"), ("fitting", "fits"), ("dries", "dry"),
     ("stretchy", "stretch"), ("washed", "washable"), ("pockets", "pocket"), ("lined", "lining")],
)  # fmt: skip
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert light_stem(one) == light_stem(other)


def test_words_of_other_meaning_stay_apart() -> None:
    assert light_stem("lined") != light_stem("linen")
    assert light_stem("boots") != light_stem("booth")


def test_sentences_keep_numbers_whole() -> None:
    assert sentences("It is 3.5 cm wide. Nice!  Very.") == ("It is 3.5 cm wide.", "Nice!", "Very.")
    assert sentences("") == ()


def test_complaints_and_praise_come_from_the_worst_and_best_reviews(answer: AnswerQuestion) -> None:
    worst = ask(answer, "what do people complain about?", "p02").view.facts
    assert [f.text for f in worst] == [
        "“The glaze chipped in the dishwasher.” (review 1, 2 of 5 stars)"
    ]
    none = ask(answer, "any complaints?", "p01").view.facts
    assert [f.text for f in none] == ["no complaint in its 2 reviews"]
    assert "“" in ask(answer, "what do people like about it?", "p01").view.facts[0].text


def test_buyers_who_are_silent_are_said_to_be(answer: AnswerQuestion) -> None:
    facts = ask(answer, "do the reviews say it is dishwasher safe?", "p01").view.facts
    if all(fact.source != "review" for fact in facts[:-1]):
        assert "of that" in facts[-1].text or "silent" in facts[-1].text


def test_the_most_reviewed_is_another_superlative(answer: AnswerQuestion) -> None:
    result = ask(answer, "which has the most reviews?", kind="extreme", direction="max")
    assert "the most of" in result.view.facts[0].text
    assert "p01" in result.items


def test_averages_and_spans_of_several_things(answer: AnswerQuestion) -> None:
    mean = ask(answer, "the average price?", "p01", "p02", kind="field", facet="price")
    assert mean.view.facts[0].text == "price $22.25 on average of these 2"
    span = ask(answer, "what is their price range?", "p01", "p02", kind="field", facet="price")
    assert span.view.facts[0].text == "price $18 to $26.50 for these 2"


def test_what_the_shop_sells_is_told_by_kind(answer: AnswerQuestion) -> None:
    facts = ask(answer, "what do you sell?", kind="count").view.facts
    assert len(facts) == 2
    assert "mug (" in facts[1].text


def test_other_values_of_a_wanted_facet_are_listed(answer: AnswerQuestion) -> None:
    wants = Conditions(wants=(Want(facet="glaze", values=("red",)),))
    facts = ask(answer, "which glazes?", wants=wants, kind="field", facet="glaze").view.facts
    assert "teal (" in facts[0].text


def test_a_number_that_is_to_be_judged_stands_among_its_kind(answer: AnswerQuestion) -> None:
    told = ask(answer, "is that a good price?", "p01", kind="field", facet="price").view.facts
    assert told[0].text == "price $18"
    plain = ask(answer, "what is the price?", "p01", kind="field", facet="price").view.facts
    assert [f.text for f in plain] == ["price $18"]


def test_none_of_that_is_an_answer(answer: AnswerQuestion) -> None:
    wants = Conditions(
        wants=(Want(facet="kind", values=("mug",)), Want(facet="glaze", values=("red",))),
        bounds=(Bound(facet="price", max=1),),
    )
    result = ask(answer, "any under one dollar?", wants=wants, kind="count")
    assert result.count == 0
    assert result.view.facts[0].text == "nothing we have is all of that (red mug, up to $1)"


def test_a_superlative_passes_over_what_was_turned_down(tiny_catalogue: PackCatalogue) -> None:
    ask = AnswerQuestion(tiny_catalogue)
    question = Question(kind="extreme", direction="min", text="what is the cheapest?")
    first = ask(AnswerRequest(question=question))
    cheapest = first.items[0]
    again = ask(AnswerRequest(question=question, exclude=first.items))
    assert cheapest not in (*again.items, *again.runners)
    assert again.items
    assert "what you ruled out aside" in again.view.facts[0].text
    assert "aside" not in first.view.facts[0].text

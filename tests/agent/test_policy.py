"""The policy is a pure function: a state, a meaning and counts, and the acts that follow."""

from pathlib import Path

import pytest

from vitrine.agent.asking import Option, expected_remaining
from vitrine.agent.outcome import Updated
from vitrine.agent.policy import decide
from vitrine.agent.statistics import CatalogueStats, Split
from vitrine.core.acts import (
    Ask,
    Create,
    DesignWish,
    Evidence,
    Focus,
    Forget,
    Judge,
    Question,
    Remember,
    Reset,
    Say,
    SetFacet,
    Show,
    Understanding,
    Undo,
)
from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.refs import ShownRef, ThingRef
from vitrine.memory.state import Belief, Beliefs, DialogueState, OpenQuestion, ShownSet

EVIDENCE = Evidence(turn=1, text="a red mug")
MUG = ThingRef(kind="item", id="mug-1")


@pytest.fixture(scope="module")
def pack() -> DomainPack:
    return load_pack(Path(__file__).parent.parent / "packs" / "tiny")


def state(**update: object) -> DialogueState:
    return DialogueState(thread="t", user="u", domain="tiny").model_copy(update=update)


def wanting(*pairs: tuple[str, str]) -> DialogueState:
    beliefs = tuple(
        Belief(facet=f, value=v, polarity="want", strength="hard", evidence=EVIDENCE)
        for f, v in pairs
    )
    return state(beliefs=Beliefs(facets=beliefs))


def stats(matching: int = 5, *splits: Split) -> CatalogueStats:
    return CatalogueStats(matching=matching, total=200, splits=splits)


EVEN = Split(
    facet="glaze",
    asks="Which glaze do you like?",
    counts=tuple((v, 25) for v in ("blue", "red", "teal", "white")),
    silent=0,
)
LOPSIDED = Split(facet="finish", asks="Glossy?", counts=(("glossy", 95), ("matte", 5)), silent=0)
RED = SetFacet(facet="glaze", value="red", evidence=EVIDENCE)


def kinds(acts: tuple[object, ...]) -> list[str]:
    return [act.kind for act in acts]


def test_a_wish_is_answered_with_items_at_once(pack: DomainPack) -> None:
    meaning = Understanding(intents=("initial_query", "provide_preference"), ops=(RED,))
    acts = decide(wanting(("kind", "mug"), ("glaze", "red")), meaning, stats(), pack)
    assert kinds(acts) == ["recommend_show"]


def test_nothing_stated_explores_and_asks_the_question_that_splits_best(pack: DomainPack) -> None:
    meaning = Understanding(intents=("initial_query",))
    acts = decide(state(), meaning, stats(100, LOPSIDED, EVEN), pack)
    assert kinds(acts) == ["recommend_explore", "request_information"]
    assert isinstance(acts[1], Ask)
    assert acts[1].facet == "glaze"
    assert acts[1].suggestions == ("blue", "red", "teal", "white")


@pytest.mark.parametrize(
    ("held", "counts"),
    [
        (state(), stats(20, EVEN)),  # too few to be worth a question
        (state(), stats(100, LOPSIDED)),  # the answer is known in advance
        (state(asked=(EVEN.asks,)), stats(100, EVEN)),  # asked before
        (state(asked=("a", "b", "c")), stats(100, EVEN)),  # asked enough
        (state(open_question=OpenQuestion(turn=1, text="?")), stats(100, EVEN)),  # still open
    ],
)
def test_no_question_that_does_not_pay(
    pack: DomainPack, held: DialogueState, counts: CatalogueStats
) -> None:
    acts = decide(held, Understanding(intents=("initial_query",)), counts, pack)
    assert "request_information" not in kinds(acts)


def test_expected_remaining() -> None:
    assert expected_remaining(EVEN) == pytest.approx(0.25)
    assert expected_remaining(LOPSIDED) == pytest.approx(0.905)
    silent = Split(facet="f", asks="?", counts=(("a", 10),), silent=30)
    assert expected_remaining(silent) == pytest.approx(1.0)
    assert expected_remaining(Split(facet="f", asks="?", counts=(), silent=4)) == 1.0


def test_a_question_is_answered_and_not_sold_around(pack: DomainPack) -> None:
    question = Question(kind="field", text="is it glossy?", facet="finish", things=(MUG,))
    acts = decide(
        state(), Understanding(intents=("inquire",), questions=(question,)), stats(), pack
    )
    assert kinds(acts) == ["answer"]


def test_answer_and_new_wish_in_one_turn(pack: DomainPack) -> None:
    question = Question(kind="count", text="do you have red ones?", facet="glaze", value="red")
    meaning = Understanding(
        intents=("inquire", "provide_preference"), questions=(question,), ops=(RED,)
    )
    assert kinds(decide(wanting(("glaze", "red")), meaning, stats(), pack)) == [
        "answer",
        "recommend_show",
    ]


def test_two_things_are_compared(pack: DomainPack) -> None:
    other = ThingRef(kind="item", id="mug-2")
    question = Question(kind="compare", text="which is better?", things=(MUG, other))
    meaning = Understanding(intents=("critique_compare",), questions=(question,))
    acts = decide(state(), meaning, stats(), pack)
    assert kinds(acts) == ["compare"]


def test_create_takes_the_place_of_showing(pack: DomainPack) -> None:
    meaning = Understanding(intents=("create",), ops=(RED,), design=DesignWish(base=MUG, count=2))
    acts = decide(wanting(("glaze", "red")), meaning, stats(), pack)
    assert acts == (Say(kind="inform_progress"), Create(count=2, base=MUG))
    plain = decide(state(), Understanding(intents=("create",), design=DesignWish()), stats(), pack)
    assert plain[1:] == (Create(count=4),)


def test_out_of_scope_is_declined_and_nothing_else(pack: DomainPack) -> None:
    meaning = Understanding(intents=("others",), out_of_scope="I only know this shop.")
    assert kinds(decide(state(), meaning, stats(), pack)) == ["decline"]


def test_profile_edits_are_confirmed_with_what_really_happened(pack: DomainPack) -> None:
    remember = Remember(section="I avoid", sentence="I avoid red", evidence=EVIDENCE)
    acts = decide(state(), Understanding(intents=("profile_edit",), ops=(remember,)), stats(), pack)
    assert kinds(acts) == ["confirm_change"]
    forget = Understanding(intents=("profile_edit",), ops=(Forget(text="red", evidence=EVIDENCE),))
    (nothing,) = decide(state(), forget, stats(), pack, Updated())
    (dropped,) = decide(state(), forget, stats(), pack, Updated(forgotten=("I avoid red",)))
    assert "nothing" in nothing.text
    assert "I avoid red" in dropped.text


def test_undo_shows_what_the_restored_wishes_find(pack: DomainPack) -> None:
    shown = (ShownSet(turn=1, things=(MUG,)),)
    held = wanting(("kind", "mug")).model_copy(update={"shown": shown})
    undo = Understanding(intents=("undo",), ops=(Undo(evidence=EVIDENCE),))
    assert kinds(decide(held, undo, stats(), pack)) == ["confirm_change", "recommend_show"]
    assert kinds(decide(state(), undo, stats(), pack, Updated(nothing_to_undo=True))) == [
        "confirm_change"
    ]


def test_reset_alone_is_only_confirmed(pack: DomainPack) -> None:
    meaning = Understanding(intents=("reset",), ops=(Reset(evidence=EVIDENCE),))
    assert kinds(decide(state(), meaning, stats(), pack)) == ["confirm_change"]
    more = meaning.model_copy(update={"ops": (*meaning.ops, RED)})
    assert kinds(decide(wanting(("glaze", "red")), more, stats(), pack)) == [
        "confirm_change",
        "recommend_show",
    ]


def test_accepting_is_acknowledged_without_a_pitch(pack: DomainPack) -> None:
    judge = Judge(verdict="accept", things=(MUG,), evidence=EVIDENCE)
    assert kinds(
        decide(state(), Understanding(intents=("accept",), ops=(judge,)), stats(), pack)
    ) == ["acknowledge", "ensure_fulfillment"]


def test_rejecting_brings_others(pack: DomainPack) -> None:
    judge = Judge(verdict="reject", things=(MUG,), evidence=EVIDENCE)
    acts = decide(
        wanting(("kind", "mug")), Understanding(intents=("reject",), ops=(judge,)), stats(), pack
    )
    assert kinds(acts) == ["acknowledge", "recommend_show"]
    assert isinstance(acts[1], Show)
    assert acts[1].fresh


def test_more_of_the_same_leaves_out_what_was_shown(pack: DomainPack) -> None:
    acts = decide(wanting(("kind", "mug")), Understanding(intents=("continue",)), stats(), pack)
    assert isinstance(acts[0], Show)
    assert acts[0].fresh


def test_more_like_that_one(pack: DomainPack) -> None:
    meaning = Understanding(
        intents=("continue",),
        ops=(Focus(ref=ShownRef(turn=1, position=1), evidence=EVIDENCE),),
        references=(MUG,),
    )
    acts = decide(state(), meaning, stats(), pack)
    assert isinstance(acts[0], Show)
    assert acts[0].like == MUG
    assert acts[0].kind == "recommend_show"


def test_an_unclear_reference_is_asked_about(pack: DomainPack) -> None:
    options = (
        Option(position=1, title="Ember mug", values={"kind": ("mug",), "glaze": ("red",)}),
        Option(position=2, title="Lagoon mug", values={"kind": ("mug",), "glaze": ("teal",)}),
        Option(position=3, title="Signal bowl", values={"kind": ("bowl",), "glaze": ("red",)}),
    )

    def ask(words: str) -> Ask:
        meaning = Understanding(intents=("inquire",), unresolved=(words,))
        (act,) = decide(state(), meaning, stats(), pack, options=options)
        assert isinstance(act, Ask)
        assert act.kind == "clarify"
        return act

    assert ask("the red one").suggestions == ("number 1", "number 3"), "only what it may mean"
    assert "Ember mug" in ask("the red one").text
    assert ask("that thing").suggestions == ("number 1", "number 2", "number 3")
    blue = ask("the blue one")
    assert "None of those on the page is blue" in blue.text


def test_gibberish_gets_a_polite_question_and_no_pitch(pack: DomainPack) -> None:
    acts = decide(state(), Understanding(intents=("others",)), stats(100, EVEN), pack)
    assert kinds(acts) == ["clarify"]


def test_why_and_profile(pack: DomainPack) -> None:
    why = Question(kind="why", text="why?", facet="glaze")
    acts = decide(state(), Understanding(intents=("why",), questions=(why,)), stats(), pack)
    assert kinds(acts) == ["explain_preference"]
    shown = decide(state(), Understanding(intents=("profile_show",)), stats(), pack)
    assert kinds(shown) == ["show_profile"]


def test_a_thing_that_is_only_pointed_at_is_told_of(pack: DomainPack) -> None:
    meaning = Understanding(intents=("answer",), references=(MUG,))
    acts = decide(wanting(("kind", "mug")), meaning, stats(), pack)
    assert kinds(acts) == ["explain_additional", "ask_opinion"]
    doubting = Understanding(intents=("answer", "neutral_response"), references=(MUG,))
    assert kinds(decide(wanting(("kind", "mug")), doubting, stats(), pack)) == [
        "persuade",
        "ask_opinion",
    ]


def test_what_is_counted_is_shown_only_when_it_is_wanted(pack: DomainPack) -> None:
    question = Question(kind="count", text="how many mugs?", facet="kind", value="mug")
    meaning = Understanding(intents=("inquire",), questions=(question,))
    assert kinds(decide(state(), meaning, stats(), pack)) == ["answer"]
    assert "recommend_show" in kinds(decide(wanting(("kind", "mug")), meaning, stats(), pack))

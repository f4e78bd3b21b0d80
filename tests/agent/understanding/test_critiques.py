"""Beside shown things: comparatives, descriptions, parts, names, and two questions in one."""

from __future__ import annotations

import pytest

from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.relative import next_shade
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import read
from vitrine.core.domain import DomainPack, Facet, FacetValue
from vitrine.core.turn import Message
from vitrine.memory.profile import Profile

from .conftest import Talk, compact  # noqa: TID252  (one folder, one way to write operations down)


@pytest.fixture
def shown(talk: Talk) -> Talk:
    """A dress under discussion: blue, plain, short sleeves, to the knee, regular."""
    dress = talk.items(
        1, category="dress", color="blue", pattern="plain", sleeve="short", length="knee",
        fit="regular",
    )  # fmt: skip
    talk.say("dresses", show=dress)
    return talk


# --- one step along an ordered facet ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("longer", "~length=maxi"),
        ("a bit shorter", "~length=mini"),
        ("with longer sleeves", "~sleeve=long"),
        ("shorter sleeves please", "~sleeve=sleeveless"),
        ("something looser", "~fit=loose"),
        ("more fitted", "~fit=slim"),
        ("not as long", "~length=mini"),
        ("less long", "~length=mini"),
        ("is longer", "~length=maxi"),
    ],
)
def test_a_comparative_is_one_step(shown: Talk, said: str, expected: str) -> None:
    assert compact(shown.understand(said).ops) == [expected]


def test_a_step_starts_from_what_is_named(talk: Talk) -> None:
    mini = talk.items(1, category="dress", length="mini")
    maxi = talk.items(1, category="dress", length="maxi")
    talk.say("dresses", show=[*mini, *maxi])
    assert compact(talk.understand("longer than the first one").ops) == ["~length=knee"]
    assert compact(talk.understand("shorter than the second one").ops) == ["~length=knee"]


def test_more_than_all_shown(talk: Talk) -> None:
    talk.say("dresses", show=[*talk.items(1, category="dress", length="mini"),
                              *talk.items(1, category="dress", length="knee")])  # fmt: skip
    assert compact(talk.understand("longer ones").ops) == ["~length=maxi"]


def test_no_further_step_keeps_the_end(talk: Talk) -> None:
    talk.say("dresses", show=talk.items(1, category="dress", length="maxi"))
    assert compact(talk.understand("longer").ops) == ["~length=maxi"]


def test_without_shown_things_a_comparative_is_its_value(talk: Talk) -> None:
    assert "~sleeve=long" in compact(talk.understand("a dress with longer sleeves").ops)


def test_another_domain_declares_its_order(drawer: Talk) -> None:
    drawer.say("tiles", show=drawer.items(1, kind="tile", tone="light"))
    assert compact(drawer.understand("darker").ops) == ["~tone=medium"]
    drawer.say("tiles", show=drawer.items(1, kind="tile", tone="medium"))
    assert compact(drawer.understand("darker").ops) == ["~tone=dark"]


# --- other than shown -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("in a different colour", "-color=blue"),
        ("with another pattern", "-pattern=plain"),
        ("show me other colours", "-color=blue"),
    ],
)
def test_another_value_than_the_shown_one(shown: Talk, said: str, expected: str) -> None:
    assert compact(shown.understand(said).ops) == [expected]


def test_another_value_of_things_that_differ_stays_open(talk: Talk) -> None:
    talk.say("dresses", show=[*talk.items(1, category="dress", color="red"),
                              *talk.items(1, category="dress", color="green")])  # fmt: skip
    ops = compact(talk.understand("in another colour").ops)
    assert not [op for op in ops if op.startswith("-")]


# --- lightness of a colour --------------------------------------------------------------------------


def test_darker_leans_to_the_next_colour_of_the_hue(shown: Talk) -> None:
    assert sorted(compact(shown.understand("darker").ops)) == ["wish darker", "~color=navy"]
    assert compact(shown.understand("darker red").ops) == ["color=red", "wish darker red"]


def test_lighter_alone_may_mean_weight(shown: Talk) -> None:
    assert compact(shown.understand("something lighter").ops) == ["wish lighter"]


def _scene(talk: Talk) -> Scene:
    text = read("darker")
    heard = Heard(Message(text="darker"), talk.state, Profile(user="u"), talk.catalogue)
    return Scene(text, heard, talk.reader.vocabulary, talk.reader.vocabulary.mentions(text))


@pytest.mark.parametrize(
    ("colour", "lighter", "expected"),
    [
        ("blue", False, "navy"), ("navy", True, "blue"), ("grey", False, "black"),
        ("grey", True, "white"), ("red", True, "pink"), ("black", False, None),
        ("beige", False, "brown"), ("brown", True, "beige"), ("orange", False, "brown"),
        ("green", False, None),
    ],
)  # fmt: skip
def test_next_shade(talk: Talk, colour: str, lighter: bool, expected: str | None) -> None:
    things = talk.items(1, category="dress", color=colour)
    things = [t for t in things if talk.catalogue.item(t.id).facets["color"][0] == colour]
    assert things
    assert next_shade(_scene(talk), lighter=lighter, things=things) == expected


# --- descriptions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("is red and has no sleeves", ["color=red", "sleeve=sleeveless"]),
        ("has thinner straps and a red bow", ["wish red bow", "wish thinner straps"]),
        ("is less shiny, and has a belt", ["-wish shiny", "wish belt"]),
        ("is less fancy and lighter", ["-wish fancy", "wish lighter"]),
        ("has lace trim instead of fringe", ["wish lace trim"]),
        ("is more of a tunic", ["category=shirt"]),
        ("has a striped pattern", ["pattern=striped"]),
        ("has black sleeves", ["wish black sleeves"]),
        ("is green with pink and white accents", ["+accent=white", "accent=pink", "color=green"]),
        ("has a picture of a boat", ["wish picture of a boat"]),
        ("has a longer skirt", ["wish skirt", "~length=maxi"]),
        ("slate blue", ["color=blue"]),
        ("has less colour", ["-wish colour"]),
        ("is the same", []),
        ("I'd like one that is shinier and has a bow", ["wish bow", "wish shinier"]),
        ("fewer buttons", ["-wish buttons"]),
        ("does not have a zip", ["-wish zip"]),
        ("lacks a collar", ["-neckline=collar"]),
        (
            "is white with pink diagonal stripes",
            ["accent=pink", "color=white", "pattern=striped", "wish diagonal"],
        ),
        ("has sleeves and dots", ["pattern=dotted", "wish sleeves"]),
    ],
)
def test_descriptions(shown: Talk, said: str, expected: list[str]) -> None:
    assert sorted(compact(shown.understand(said).ops)) == sorted(expected)


@pytest.mark.parametrize(
    "said", ["is it red?", "is this cotton", "are they warm", "is red available"]
)
def test_questions_stay_questions(shown: Talk, said: str) -> None:
    understanding = shown.understand(said)
    assert understanding.questions
    assert not compact(understanding.ops)


@pytest.mark.parametrize(
    "said", ["the blue one", "great dress", "ok, blue", "thanks, that black one is perfect"]
)
def test_talk_makes_no_wishes(shown: Talk, said: str) -> None:
    assert not [op for op in compact(shown.understand(said).ops) if "wish" in op]


def test_somebody_elses_dislike_stays_one(shown: Talk) -> None:
    assert "-pattern=striped" in compact(shown.understand("my sister hates stripes").ops)


# --- names ------------------------------------------------------------------------------------------


def test_things_are_called_by_their_names(talk: Talk) -> None:
    things = talk.items(3, category="dress")
    talk.say("dresses", show=things)
    titles = [talk.catalogue.item(t.id).title for t in things]
    names = [title.split()[1] for title in titles]
    assert len(set(names)) == 3
    understanding = talk.understand(f"I like the {names[1]}")
    assert understanding.references == (things[1],)
    assert compact(understanding.ops) == ["accept 1"]
    understanding = talk.understand(f"I don't like {titles[0]} but I like the rest")
    judged = {op.verdict: op.things for op in understanding.ops if op.op == "judge"}
    assert judged == {"reject": (things[0],), "accept": tuple(things[1:])}


def test_a_word_of_two_titles_names_neither(talk: Talk) -> None:
    things = talk.items(2, category="dress")
    talk.say("dresses", show=things)
    assert talk.understand("I want a dress").references == ()


def test_a_verdict_with_an_object_of_its_own_judges_nothing_shown(shown: Talk) -> None:
    ops = compact(shown.understand("I don't like fluorescent colours").ops)
    assert not [op for op in ops if op.startswith("reject")]


# --- amounts and questions --------------------------------------------------------------------------


def test_mid_range_has_two_bounds(talk: Talk) -> None:
    talk.say("dresses")
    (op,) = [op for op in talk.understand("something moderately priced").ops if op.op == "range"]
    assert op.strength == "soft"
    assert op.min is not None
    assert op.max is not None
    assert op.min < op.max


@pytest.mark.parametrize(
    ("said", "texts"),
    [
        ("Does it have pockets or buttons?", ["Does it have pockets?", "Does it have buttons?"]),
        ("Is there a back or front zip on it?", ["Is there a back zip on it?",
                                                 "Is there a front zip on it?"]),
        ("What is the shipping cost and delivery time for it?",
         ["What is the shipping cost for it?", "What is the delivery time for it?"]),
        ("Is it itchy?", ["Is it itchy?"]),
        ("Is it short or long?", ["Is it short or long?"]),  # one look at the facet answers both
    ],
)  # fmt: skip
def test_two_questions_in_one(shown: Talk, said: str, texts: list[str]) -> None:
    assert [q.text for q in shown.understand(said).questions] == texts


@pytest.mark.parametrize("said", ["what is the heel height?", "what is the delivery cost?"])
def test_what_no_facet_covers_is_an_open_question(shown: Talk, said: str) -> None:
    (question,) = shown.understand(said).questions
    assert (question.kind, question.facet) == ("open", None)
    assert bool(question.things) == ("delivery" not in said)  # a service is the shop's


def test_tell_me_which_is_a_question(talk: Talk) -> None:
    talk.say("dresses", show=talk.items(2, category="dress"))
    (question,) = talk.understand("tell me which is cheaper").questions
    assert (question.kind, question.facet) == ("extreme", "price")


# --- the declaration --------------------------------------------------------------------------------


def test_only_listed_categories_can_be_ordered() -> None:
    head = Facet(name="kind", kind="categorical", role="head", values=(FacetValue(name="a"),))
    for facet in (
        Facet(name="size", kind="numeric", ordered=True),
        Facet(name="size", kind="categorical", ordered=True, values=(FacetValue(name="s"),)),
    ):
        with pytest.raises(ValueError, match="ordered"):
            DomainPack(name="p", title="P", facets=(head, facet))

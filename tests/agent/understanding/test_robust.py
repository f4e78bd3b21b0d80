# ruff: noqa: E501
"""Whatever is typed: no exception, evidence from the message, a valid state."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.text import Span, read
from vitrine.agent.understanding.wordforms import edits, plural, singular
from vitrine.core.refs import ThingRef
from vitrine.memory.state import DialogueState

from .conftest import Talk  # noqa: TID252  (one folder, one way to write operations down)

_WORDS = (
    "red blue dress boots striped dots not no but and or without like the second one first it those $50 under over "
    "between 60 sixty about cheaper than is how much ? , . ! ' - remember that I hate love from now on design me "
    "make it start over undo why compare size M in for my sister with long sleeves doesn't any colour only ideally "
    "if possible also instead of rather than the last two what about none of these too expensive 1.2.3 ٣ ½ ² “ ” 👗 \n"
).split(" ")
_SOUP = st.lists(st.sampled_from(_WORDS), max_size=40).map(" ".join)
_LOOSE = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _check(talk: Talk, said: str) -> None:
    understanding = talk.say(said)
    for op in understanding.ops:
        assert op.evidence.text in said
        assert len(op.evidence.text) <= 400
    again = DialogueState.model_validate_json(talk.state.model_dump_json())
    assert again == talk.state
    wanted = {(b.facet, b.value) for b in talk.state.beliefs.facets if b.polarity == "want"}
    avoided = {(b.facet, b.value) for b in talk.state.beliefs.facets if b.polarity == "avoid"}
    assert not wanted & avoided


@_LOOSE
@given(said=st.text(max_size=300))
def test_any_unicode(talk: Talk, said: str) -> None:
    _check(talk, said)


@_LOOSE
@given(turns=st.lists(_SOUP, min_size=1, max_size=3))
def test_word_soup_over_turns(talk: Talk, turns: list[str]) -> None:
    show = talk.items(4, category="dress")
    for said in turns:
        _check_shown(talk, said, show)


def _check_shown(talk: Talk, said: str, show: list[ThingRef]) -> None:
    _check(talk, said)
    talk.say("dresses", show=show)


@_LOOSE
@given(raw=st.text(max_size=200))
def test_tokens_stand_where_they_say(raw: str) -> None:
    text = read(raw)
    last = 0
    for token in text.tokens:
        assert last <= token.start < token.end <= len(raw)
        last = token.end
    assert text.said(Span(0, len(text)), 10_000) in raw


def test_eight_thousand_characters(talk: Talk) -> None:
    for piece in ("red dress not blue, ", "x", "the second one ", "!? ", "👗", "no ", "1 ", "\n"):
        said = (piece * 8000)[:8000]
        start = time.process_time()
        _check(talk, said)
        assert time.process_time() - start < 5


def test_speed_of_a_turn(talk: Talk) -> None:
    talk.say("dresses", show=talk.items(4, category="dress"))
    said = (
        "I like the second one but in green, not too expensive, without stripes, and is it cotton?"
    )
    talk.understand(said)
    spent: list[float] = []
    for _ in range(25):
        start = time.process_time()
        talk.understand(said)
        spent.append((time.process_time() - start) * 1000)
    assert sorted(spent)[12] <= 10, f"median {sorted(spent)[12]:.1f} ms"


def test_numbers() -> None:
    cases = {
        "sixty": 60,
        "sixty five": 65,
        "a hundred": 100,
        "one hundred and twenty": 120,
        "two thousand": 2000,
        "1,200": 1200,
        "1,200.50": 1200.5,
        "59.99": 59.99,
        "59,99": 59.99,
        "2k": 2000,
    }
    for said, value in cases.items():
        found = number_at(read(said), 0)
        assert found is not None, said
        assert found[0] == value, said
    assert number_at(read("1.2.3"), 0) is None
    assert number_at(read("one"), 0) is None


def test_word_forms() -> None:
    assert [plural(w) for w in ("dress", "hat", "party", "box")] == [
        "dresses",
        "hats",
        "parties",
        "boxes",
    ]
    assert [singular(w) for w in ("dresses", "hats", "parties", "boxes")] == [
        "dress",
        "hat",
        "party",
        "box",
    ]
    assert (edits("balck", "black"), edits("skrit", "skirt"), edits("red", "rde")) == (1, 1, 1)

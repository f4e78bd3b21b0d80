"""The step from state to state: what it keeps, replaces, drops, tells and takes back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vitrine.core.acts import (
    AddContext,
    AddFacet,
    AddWish,
    AvoidFacet,
    Evidence,
    Focus,
    Forget,
    Intent,
    Judge,
    RelaxFacet,
    Remember,
    RemoveFacet,
    Reset,
    SetFacet,
    SetRange,
    StateOp,
    Understanding,
    Undo,
)
from vitrine.core.domain import DomainPack, Facet, FacetValue
from vitrine.core.refs import ShownRef, ThingRef
from vitrine.memory.reducer import UNDO_DEPTH, Change, apply
from vitrine.memory.state import DialogueState, OpenQuestion, ShownSet
from vitrine.memory.views import view

PACK = DomainPack(
    name="toys",
    title="Toys",
    facets=(
        Facet(
            name="kind",
            kind="categorical",
            role="head",
            values=tuple(FacetValue(name=n) for n in ("ball", "kite", "drum")),
        ),
        Facet(
            name="hue", kind="categorical", values=(FacetValue(name="red"), FacetValue(name="blue"))
        ),
        Facet(
            name="tail",
            kind="categorical",
            label="tail",
            applies_to=("kite",),
            values=(FacetValue(name="long"), FacetValue(name="short")),
        ),
        Facet(name="price", kind="numeric", role="price"),
    ),
)
THINGS = tuple(ThingRef(kind="item", id=f"toy-{i}") for i in range(3))
SAID = Evidence(turn=1, text="said")


def start() -> DialogueState:
    return DialogueState(
        thread="t", user="u", domain="toys", turn=1, shown=(ShownSet(turn=1, things=THINGS),)
    )


def step(state: DialogueState, *ops: StateOp, intents: tuple[Intent, ...] = ()) -> Change:
    return apply(state, Understanding(intents=intents, ops=ops), PACK)


def want(facet: str, value: str, **more: object) -> SetFacet:
    return SetFacet.model_validate({"facet": facet, "value": value, "evidence": SAID, **more})


def more(facet: str, value: str) -> AddFacet:
    return AddFacet(facet=facet, value=value, evidence=SAID)


def avoid(facet: str, value: str) -> AvoidFacet:
    return AvoidFacet(facet=facet, value=value, evidence=SAID)


def bounds(**numbers: float) -> SetRange:
    return SetRange.model_validate({"facet": "price", "evidence": SAID, **numbers})


def test_set_replaces_and_add_joins() -> None:
    state = step(start(), want("hue", "red"), more("hue", "blue")).state
    assert view(state).wants == {"hue": ("red", "blue")}
    assert view(step(state, want("hue", "blue")).state).wants == {"hue": ("blue",)}


def test_what_was_said_first_stays_the_evidence() -> None:
    state = step(start(), want("hue", "red")).state
    again = SetFacet(facet="hue", value="red", evidence=Evidence(turn=2, text="red again"))
    change = step(state, again)
    assert not change.changed
    assert change.state.beliefs.facets[0].evidence == SAID


def test_want_and_avoid_never_both_stand_and_the_clash_is_told_once() -> None:
    first = step(start(), avoid("hue", "red"))
    second = step(first.state, want("hue", "red"))
    assert [n.kind for n in second.notices] == ["clash"]
    assert view(second.state).avoids == {}
    third = step(second.state, avoid("hue", "red"))
    assert third.notices == ()
    assert view(third.state).wants == {}


def test_bounds_merge_unless_they_contradict() -> None:
    state = step(start(), bounds(max=80)).state
    state = step(state, bounds(min=20)).state
    assert view(state).ranges["price"].model_dump() == {"min": 20, "max": 80, "about": None}
    state = step(state, bounds(min=100)).state
    assert view(state).ranges["price"].model_dump() == {"min": 100, "max": None, "about": None}
    state = step(state, bounds(about=60)).state
    assert view(state).ranges["price"].model_dump() == {"min": None, "max": None, "about": 60}


def test_relax_and_remove() -> None:
    state = step(start(), want("hue", "red"), avoid("hue", "blue"), bounds(max=9)).state
    soft = step(state, RelaxFacet(facet="hue", value="red", evidence=SAID)).state
    assert [b.strength for b in soft.beliefs.facets] == ["soft", "hard"]
    assert view(step(soft, RelaxFacet(facet="price", evidence=SAID)).state).soft == ("price",)
    bare = step(state, RemoveFacet(facet="hue", evidence=SAID)).state
    assert view(bare).wants == {}
    assert view(bare).avoids == {}
    assert view(step(bare, RemoveFacet(facet="price", evidence=SAID)).state).ranges == {}


def test_a_new_head_drops_what_it_does_not_have_and_says_so() -> None:
    state = step(start(), want("kind", "kite"), want("tail", "long"), want("hue", "red")).state
    change = step(state, want("kind", "ball"))
    assert change.dropped == ("tail",)
    assert [(n.kind, n.facet) for n in change.notices] == [("relaxed", "tail")]
    assert view(change.state).wants == {"hue": ("red",), "kind": ("ball",)}
    # Neither an unknown head nor a facet that is said in the same breath drops anything.
    assert step(state, want("kind", "sofa", known=False)).dropped == ()
    assert step(state, want("kind", "ball"), want("tail", "short")).dropped == ()


def test_what_was_set_aside_counts_again_with_a_kind_that_has_it() -> None:
    state = step(start(), want("kind", "kite"), want("tail", "long"), want("hue", "red")).state
    ball = step(state, want("kind", "ball")).state
    assert [b.value for b in ball.set_aside.facets] == ["long"]
    back = step(ball, want("kind", "kite"))
    assert back.restored == ("tail",)
    assert view(back.state).wants == {"kind": ("kite",), "hue": ("red",), "tail": ("long",)}
    assert back.state.set_aside.facets == ()
    # What is said meanwhile wins, and undo takes the change back whole.
    short = step(ball, want("tail", "short")).state
    assert short.set_aside.facets == ()
    undone = step(back.state, Undo(evidence=SAID)).state
    assert [b.value for b in undone.set_aside.facets] == ["long"]
    assert view(undone).wants == view(ball).wants
    assert step(ball, Reset(evidence=SAID)).state.set_aside.facets == ()


def test_values_are_counted_a_message_once() -> None:
    state = step(start(), want("hue", "red"), want("hue", "red")).state
    state = step(state, avoid("hue", "red")).state
    state = step(state, want("hue", "red")).state
    assert state.named == {"want hue=red": 2, "avoid hue=red": 1}


def test_verdicts_focus_and_reasons() -> None:
    ref = ShownRef(turn=1, position=2)
    state = step(start(), Focus(ref=ref, evidence=SAID)).state
    assert view(state).focus == ref
    rejected = step(
        state, Judge(verdict="reject", things=(THINGS[1],), reason="too red", evidence=SAID)
    ).state
    assert view(rejected).rejected == (ref,)
    assert rejected.focus is None
    assert rejected.beliefs == state.beliefs  # a reason is no filter
    accepted = step(rejected, Judge(verdict="accept", things=(THINGS[1],), evidence=SAID)).state
    assert view(accepted).accepted == (ref,)
    assert view(accepted).rejected == ()


def test_wishes_and_context() -> None:
    state = step(start(), AddWish(text="Loud", evidence=SAID)).state
    state = step(
        state,
        AddWish(text="loud", polarity="avoid", evidence=Evidence(turn=2, text="not too loud")),
    ).state
    assert view(state).soft_text == ("not too loud",)
    state = step(state, AddContext(key="recipient", value="my son", evidence=SAID)).state
    state = step(state, AddContext(key="recipient", value="my niece", evidence=SAID)).state
    assert view(state).context == {"recipient": "my niece"}


def test_profile_edits_are_passed_on() -> None:
    remember = Remember(section="I like", sentence="I like red.", evidence=SAID)
    change = step(start(), remember, Forget(text="blue", evidence=SAID))
    assert change.remember == (remember,)
    assert change.forget[0].text == "blue"
    assert not change.changed


def test_undo_restores_exactly_and_says_which_turn() -> None:
    before = start()
    after = step(
        before, want("hue", "red"), Judge(verdict="reject", things=THINGS, evidence=SAID)
    ).state
    back = step(after, Undo(evidence=SAID))
    assert (back.undone, back.changed) == (2, True)
    assert (back.state.beliefs, back.state.verdicts) == (before.beliefs, before.verdicts)
    assert step(before, Undo(evidence=SAID)).nothing_to_undo


def test_undo_with_something_new() -> None:
    after = step(start(), want("hue", "red")).state
    back = step(after, Undo(evidence=SAID), want("hue", "blue"))
    assert view(back.state).wants == {"hue": ("blue",)}
    assert back.undone == 2


def test_undo_points_are_limited() -> None:
    state = start()
    for number in range(UNDO_DEPTH + 5):
        state = step(state, bounds(max=float(number + 1))).state
    assert len(state.undo) == UNDO_DEPTH


def test_reset_can_be_undone() -> None:
    state = step(start(), want("hue", "red"), bounds(max=3)).state
    change = step(state, Reset(evidence=SAID), want("kind", "drum"))
    assert change.restarted
    assert view(change.state).wants == {"kind": ("drum",)}
    assert step(change.state, Undo(evidence=SAID)).state.beliefs == state.beliefs


def test_open_question() -> None:
    asked = start().model_copy(
        update={"open_question": OpenQuestion(turn=1, text="Which hue?", facet="hue")}
    )
    assert step(asked, want("hue", "red")).state.open_question is None
    assert step(asked, intents=("answer",)).state.open_question is None
    assert step(asked, intents=("inquire",)).state.open_question is not None


FACETS = {
    "kind": ("ball", "kite", "drum", "sofa"),
    "hue": ("red", "blue"),
    "tail": ("long", "short"),
}
_PAIRS = st.sampled_from([(f, v) for f, values in FACETS.items() for v in values])
_NUMBERS = st.none() | st.floats(0, 500, allow_nan=False)
_SAYINGS = st.builds(Evidence, turn=st.just(2), text=st.sampled_from(["red", "no red", ""]))


@st.composite
def _ops(draw: st.DrawFn) -> StateOp:
    facet, value = draw(_PAIRS)
    evidence = draw(_SAYINGS)
    strength = draw(st.sampled_from(("hard", "soft")))
    polarity = draw(st.sampled_from(("want", "avoid")))
    return draw(
        st.sampled_from(
            [
                SetFacet(facet=facet, value=value, strength=strength, evidence=evidence),
                AddFacet(facet=facet, value=value, strength=strength, evidence=evidence),
                AvoidFacet(facet=facet, value=value, strength=strength, evidence=evidence),
                RelaxFacet(facet=facet, evidence=evidence),
                RemoveFacet(facet=facet, value=value, evidence=evidence),
                RemoveFacet(facet=facet, evidence=evidence),
                SetRange(facet="price", min=draw(_NUMBERS), max=draw(_NUMBERS), evidence=evidence),
                SetRange(facet="price", about=draw(_NUMBERS), evidence=evidence),
                AddWish(text=value, polarity=polarity, evidence=evidence),
                AddContext(key="place", value=value, evidence=evidence),
                Judge(verdict="reject", things=THINGS[:2], evidence=evidence),
                Judge(verdict="accept", things=THINGS[1:], evidence=evidence),
                Focus(ref=ShownRef(turn=1, position=3), evidence=evidence),
                Focus(ref=ShownRef(turn=9, position=9), evidence=evidence),
                Reset(evidence=evidence),
            ]
        )
    )


@settings(max_examples=150, deadline=None)
@given(turns=st.lists(st.lists(_ops(), max_size=4), max_size=5))
def test_invariants(turns: list[list[StateOp]]) -> None:
    state = start()
    for ops in turns:
        change = step(state, *ops)
        after = change.state
        assert step(state, *ops) == change  # deterministic
        assert DialogueState.model_validate_json(after.model_dump_json()) == after
        sides = {
            p: {(b.facet, b.value) for b in after.beliefs.facets if b.polarity == p}
            for p in ("want", "avoid")
        }
        assert not sides["want"] & sides["avoid"]
        assert len(sides["want"]) + len(sides["avoid"]) == len(after.beliefs.facets)
        assert all(r.min is None or r.max is None or r.min <= r.max for r in after.beliefs.ranges)
        assert len({v.thing for v in after.verdicts}) == len(after.verdicts)
        assert (after.turn, after.shown, after.designs) == (state.turn, state.shown, state.designs)
        if change.changed:
            undone = step(after, Undo(evidence=SAID)).state
            assert (undone.beliefs, undone.verdicts) == (state.beliefs, state.verdicts)
            assert undone.undo == state.undo[-(UNDO_DEPTH - 1) :]
        else:
            assert (after.beliefs, after.verdicts) == (state.beliefs, state.verdicts)
        state = after

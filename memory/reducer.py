"""The pure step from one dialogue state to the next.

`apply` gives the state after a message, without touching `turn`, `shown` or `designs`: those belong
to the stages that finish a turn and show things. What changes beliefs or verdicts leaves an undo
point, so that "undo that" restores them exactly. Same arguments, same result.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import assert_never

from vitrine.core.acts import (
    AddContext,
    AddFacet,
    AddWish,
    AvoidFacet,
    Focus,
    Forget,
    Judge,
    RelaxFacet,
    Remember,
    RemoveFacet,
    Reset,
    SetFacet,
    SetRange,
    StateOp,
    TurnDial,
    Understanding,
    Undo,
)
from vitrine.core.dials import DesignDials, audible, stepped, turned
from vitrine.core.domain import DomainPack
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Notice
from vitrine.memory.shelving import reshelve
from vitrine.memory.state import (
    Belief,
    BeliefPoint,
    Beliefs,
    ContextFact,
    DialogueState,
    OpenQuestion,
    RangeBelief,
    UndoPoint,
    Verdict,
    Wish,
    value_key,
)

UNDO_DEPTH = 20
"""Undo points kept; the oldest fall off."""

_NEUTRAL_INTENTS = frozenset({"inquire", "why", "help", "profile_show", "others"})


@dataclass(frozen=True)
class Change:
    """What a message did.

    `remember` and `forget` are edits of the profile for the caller to make. `undone` is the turn
    that was taken back; `nothing_to_undo` says that undo was asked for in vain. `dropped` names
    facets whose beliefs were set aside because the new head value has no such facet, `restored`
    those that count again.
    """

    state: DialogueState
    notices: tuple[Notice, ...] = ()
    remember: tuple[Remember, ...] = ()
    forget: tuple[Forget, ...] = ()
    changed: bool = False
    undone: int | None = None
    nothing_to_undo: bool = False
    restarted: bool = False
    dropped: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()


@dataclass
class _Draft:
    """The parts of a state that operations work on."""

    facets: list[Belief]
    ranges: list[RangeBelief]
    wishes: list[Wish]
    context: list[ContextFact]
    verdicts: list[Verdict]
    focus: ThingRef | None
    told: list[str]
    dials: DesignDials
    notices: list[Notice] = field(default_factory=lambda: [])
    touched: set[str] = field(default_factory=lambda: set())

    def beliefs(self) -> Beliefs:
        return Beliefs(
            facets=tuple(self.facets),
            ranges=tuple(self.ranges),
            wishes=tuple(self.wishes),
            context=tuple(self.context),
        )


def apply(state: DialogueState, understanding: Understanding, pack: DomainPack) -> Change:
    """The state after a message that means `understanding`."""
    ops = understanding.ops
    if any(isinstance(op, Undo) for op in ops):
        taken_back = _undo(state)
        if taken_back.undone is None:
            return taken_back
        # What else was said in the same breath counts on top of the restored beliefs.
        rest = tuple(op for op in ops if not isinstance(op, Undo))
        after = _apply_ops(taken_back.state, rest, understanding, pack)
        return replace(after, undone=taken_back.undone, changed=True)
    return _apply_ops(state, ops, understanding, pack)


def _undo(state: DialogueState) -> Change:
    if not state.undo:
        return Change(state=state, nothing_to_undo=True)
    last = state.undo[-1]
    point = last.point()
    restored = state.model_copy(
        update={
            "beliefs": point.beliefs,
            "set_aside": point.set_aside,
            "verdicts": point.verdicts,
            "dials": point.dials,
            "undo": state.undo[:-1],
            "open_question": None,
        }
    )
    return Change(state=restored, changed=True, undone=last.turn)


def _apply_ops(
    state: DialogueState, ops: tuple[StateOp, ...], understanding: Understanding, pack: DomainPack
) -> Change:
    restarted = any(isinstance(op, Reset) for op in ops)
    before = state.beliefs
    start = Beliefs() if restarted else before
    draft = _Draft(
        facets=list(start.facets),
        ranges=list(start.ranges),
        wishes=list(start.wishes),
        context=list(start.context),
        verdicts=[] if restarted else list(state.verdicts),
        focus=None if restarted else state.focus,
        told=list(state.clashes_told),
        dials=state.dials,
    )
    remember: list[Remember] = []
    forget: list[Forget] = []
    for op in ops:
        match op:
            case SetFacet() | AddFacet():
                _want(draft, op)
            case AvoidFacet():
                _avoid(draft, op)
            case RelaxFacet():
                _relax(draft, op)
            case RemoveFacet():
                _remove(draft, op)
            case SetRange():
                _range(draft, op)
            case AddWish():
                _wish(draft, op)
            case AddContext():
                _context(draft, op)
            case Judge():
                _judge(draft, op)
            case Focus():
                draft.focus = state.thing(op.ref) or draft.focus
            case Remember():
                remember.append(op)
            case Forget():
                forget.append(op)
            case TurnDial():
                _dial(draft, op)
            case Undo() | Reset():
                pass
            case _:
                assert_never(op)
    shelved = reshelve(
        draft.facets,
        draft.ranges,
        Beliefs() if restarted else state.set_aside,
        before,
        draft.touched,
        pack,
    )
    draft.facets, draft.ranges = shelved.facets, shelved.ranges
    draft.notices += shelved.notices
    beliefs = draft.beliefs()
    verdicts = tuple(draft.verdicts)
    changed = (beliefs, verdicts, draft.dials) != (before, state.verdicts, state.dials)
    undo = state.undo
    if changed:
        point = BeliefPoint(
            beliefs=before,
            verdicts=state.verdicts,
            set_aside=state.set_aside,
            dials=state.dials,
        )
        undo = (*undo, UndoPoint.of(state.turn + 1, point))[-UNDO_DEPTH:]
    after = state.model_copy(
        update={
            "beliefs": beliefs,
            "set_aside": shelved.shelf,
            "verdicts": verdicts,
            "dials": draft.dials,
            "named": _counted(state, ops),
            "focus": draft.focus,
            **_spoken(state, understanding),
            "clashes_told": tuple(draft.told),
            "query_image": None if restarted else state.query_image,
            "open_question": None if restarted else _open_question(state, understanding, draft),
            "undo": undo,
        }
    )
    return Change(
        state=after,
        notices=tuple(draft.notices),
        remember=tuple(remember),
        forget=tuple(forget),
        changed=changed,
        restarted=restarted,
        dropped=shelved.dropped,
        restored=shelved.restored,
    )


def _spoken(state: DialogueState, understanding: Understanding) -> dict[str, object]:
    """What the message pointed at, where it pointed at anything."""
    asked = tuple(thing for question in understanding.questions for thing in question.things)
    things = tuple(dict.fromkeys((*understanding.references, *asked)))
    return {"spoken": things[:12], "spoken_turn": state.turn + 1} if things else {}


def _counted(state: DialogueState, ops: tuple[StateOp, ...]) -> dict[str, int]:
    """How many messages of this conversation named each value, for or against."""
    named = {
        value_key(op.facet, op.value, "avoid" if isinstance(op, AvoidFacet) else "want")
        for op in ops
        if isinstance(op, SetFacet | AddFacet | AvoidFacet) and op.known
    }
    return state.named | {key: state.named.get(key, 0) + 1 for key in named}


def _clash(draft: _Draft, facet: str, value: str, text: str) -> None:
    """Mention a contradiction once in a conversation."""
    key = f"{facet}={value}"
    if key not in draft.told:
        draft.told.append(key)
        draft.notices.append(Notice(kind="clash", text=text[:300], facet=facet, value=value))


def _want(draft: _Draft, op: SetFacet | AddFacet) -> None:
    draft.touched.add(op.facet)
    for old in draft.facets:
        if (old.facet, old.value, old.polarity) == (op.facet, op.value, "avoid"):
            _clash(
                draft,
                op.facet,
                op.value,
                f"Earlier you said {old.evidence.text!r}; now {op.value} counts again.",
            )
    belief = Belief(
        facet=op.facet,
        value=op.value,
        polarity="want",
        strength=op.strength,
        known=op.known,
        evidence=op.evidence,
    )
    replaces = isinstance(op, SetFacet)
    kept: list[Belief] = []
    standing = False
    for old in draft.facets:
        if old.facet == op.facet:
            if old.value == op.value:
                # Said again in the same way: the first evidence stays.
                if old.polarity == "want" and old.strength == op.strength:
                    kept.append(old)
                    standing = True
                continue
            if old.polarity == "want" and replaces:
                continue
        kept.append(old)
    if not standing:
        kept.append(belief)
    draft.facets = kept


def _avoid(draft: _Draft, op: AvoidFacet) -> None:
    draft.touched.add(op.facet)
    kept: list[Belief] = []
    standing = False
    for old in draft.facets:
        if (old.facet, old.value) == (op.facet, op.value):
            if old.polarity == "want":
                _clash(
                    draft,
                    op.facet,
                    op.value,
                    f"Earlier you asked for {old.value} ({old.evidence.text!r}); now it is out.",
                )
            elif old.strength == op.strength:
                kept.append(old)
                standing = True
            continue
        kept.append(old)
    if not standing:
        kept.append(
            Belief(
                facet=op.facet,
                value=op.value,
                polarity="avoid",
                strength=op.strength,
                known=op.known,
                evidence=op.evidence,
            )
        )
    draft.facets = kept


def _relax(draft: _Draft, op: RelaxFacet) -> None:
    draft.touched.add(op.facet)
    draft.facets = [
        old.model_copy(update={"strength": "soft"})
        if old.facet == op.facet and op.value in (None, old.value)
        else old
        for old in draft.facets
    ]
    if op.value is None:
        draft.ranges = [
            old.model_copy(update={"strength": "soft"}) if old.facet == op.facet else old
            for old in draft.ranges
        ]


def _remove(draft: _Draft, op: RemoveFacet) -> None:
    draft.touched.add(op.facet)
    draft.facets = [
        old for old in draft.facets if not (old.facet == op.facet and op.value in (None, old.value))
    ]
    if op.value is None:
        draft.ranges = [old for old in draft.ranges if old.facet != op.facet]


def _range(draft: _Draft, op: SetRange) -> None:
    draft.touched.add(op.facet)
    old = next((r for r in draft.ranges if r.facet == op.facet), None)
    low, high, about = op.min, op.max, op.about
    if old is not None:
        if low is None and about is None:
            low = old.min if old.min is None or high is None or old.min <= high else None
        if high is None and about is None:
            high = old.max if old.max is None or low is None or old.max >= low else None
        if about is None and old.about is not None:
            inside = (low is None or old.about > low) and (high is None or old.about < high)
            about = old.about if inside else None
    if low is not None and high is not None and low > high:
        low, high = high, low
    belief = RangeBelief(
        facet=op.facet, min=low, max=high, about=about, strength=op.strength, evidence=op.evidence
    )
    same = old is not None and (old.min, old.max, old.about, old.strength) == (
        low,
        high,
        about,
        op.strength,
    )
    if not same:
        draft.ranges = [r for r in draft.ranges if r.facet != op.facet] + [belief]


def _wish(draft: _Draft, op: AddWish) -> None:
    text = op.text.casefold()
    if any(w.text.casefold() == text and w.polarity == op.polarity for w in draft.wishes):
        return
    draft.wishes = [w for w in draft.wishes if w.text.casefold() != text]
    draft.wishes.append(Wish(text=op.text, polarity=op.polarity, evidence=op.evidence))


def _context(draft: _Draft, op: AddContext) -> None:
    fact = ContextFact(key=op.key, value=op.value, evidence=op.evidence)
    if any(c.key == op.key and c.value == op.value for c in draft.context):
        return
    draft.context = [c for c in draft.context if c.key != op.key] + [fact]


def _judge(draft: _Draft, op: Judge) -> None:
    """A verdict on things. Its reason is kept as said; only operations make filters of it."""
    things = set(op.things)
    draft.verdicts = [v for v in draft.verdicts if v.thing not in things] + [
        Verdict(thing=thing, verdict=op.verdict, reason=op.reason, evidence=op.evidence)
        for thing in dict.fromkeys(op.things)
    ]
    if op.verdict == "accept" and len(op.things) == 1:
        draft.focus = op.things[0]
    elif op.verdict != "accept" and draft.focus in things:
        draft.focus = None


def _dial(draft: _Draft, op: TurnDial) -> None:
    if op.value is not None:
        draft.dials = turned(draft.dials, op.dial, op.value)
    elif op.dial != "method":
        draft.dials = stepped(draft.dials, op.dial, op.steps)
    if op.evidence.source == "said" and op.steps >= 0 and op.value != 0:
        draft.dials = audible(draft.dials, op.dial)


def _open_question(
    state: DialogueState, understanding: Understanding, draft: _Draft
) -> OpenQuestion | None:
    """The question that still waits: it outlives side questions, not an answer or a new subject."""
    question = state.open_question
    if question is None or "answer" in understanding.intents:
        return None
    if question.facet is not None and question.facet in draft.touched:
        return None
    aside = bool(understanding.intents) and set(understanding.intents) <= _NEUTRAL_INTENTS
    return question if aside else None

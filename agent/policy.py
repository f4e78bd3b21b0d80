"""What to do about a message: a pure function from state, meaning and catalogue statistics to acts.

Several acts a turn are normal. The order of the acts is the order in which the reply speaks:
declined things, confirmations, answers, verdicts, the shown set, and last the one question.
"""

from collections.abc import Iterable

from vitrine.agent.outcome import Updated
from vitrine.agent.statistics import CatalogueStats, Split
from vitrine.core.acts import (
    Act,
    Answer,
    Ask,
    Compare,
    Confirm,
    Create,
    Decline,
    Explain,
    Forget,
    Intent,
    Judge,
    Question,
    Remember,
    Reset,
    Say,
    Show,
    ShowProfile,
    StateOp,
    Understanding,
    Undo,
)
from vitrine.core.domain import DomainPack
from vitrine.core.refs import ThingRef
from vitrine.memory.state import DialogueState

ASK_ABOVE = 40
"""A question pays only when more items than this match."""
ASK_REMAINING = 0.6
"""... and when its answer is expected to leave at most this share of them."""
ASK_TIMES = 3
"""Questions of our own in one conversation, at most."""

_NOTHING = Updated()
_BELIEF_OPS = frozenset({"set", "add", "avoid", "relax", "remove", "range", "wish", "context"})
_SEEKING: frozenset[Intent] = frozenset(
    {
        "initial_query",
        "continue",
        "provide_context",
        "provide_preference",
        "refine_preference",
        "answer",
        "been_to",
        "reject",
        "critique_feature",
        "critique_add",
        "critique_compare",
    }
)


def decide(
    state: DialogueState,
    understanding: Understanding,
    stats: CatalogueStats,
    pack: DomainPack,
    updated: Updated = _NOTHING,
    *,
    pictured: bool = False,
    products: int = 4,
    designs: int = 4,
) -> tuple[Act, ...]:
    """The acts of this turn.

    Args:
        state: after this message's operations were applied (`turn` is the last finished turn).
        understanding: what the message means.
        stats: counts over the items that match now.
        pack: names the things and holds the starters.
        updated: what the update stage did to the profile and whether there was something to undo.
        pictured: the message brings a picture.
        products: items to show, if any are shown.
        designs: designs to make unless the user named a number.
    """
    acts: list[Act] = []
    changed = any(op.op in _BELIEF_OPS for op in understanding.ops) or pictured
    if understanding.out_of_scope is not None:
        acts.append(Decline(text=understanding.out_of_scope))
        if not changed and understanding.design is None and not understanding.questions:
            return tuple(acts)
    acts += _confirmations(understanding.ops, updated)
    acts += [_answer(question, understanding) for question in understanding.questions]
    if "why" in understanding.intents and not any(isinstance(act, Explain) for act in acts):
        acts.append(Explain(things=understanding.references))
    if "profile_show" in understanding.intents and not any(
        isinstance(a, ShowProfile) for a in acts
    ):
        acts.append(ShowProfile())
    acts += _verdicts(understanding.ops)
    if understanding.unresolved and understanding.design is None:
        acts.append(_which(understanding.unresolved, state))
        return tuple(acts)
    if understanding.design is not None:
        wish = understanding.design
        acts.append(Create(count=wish.count or designs, base=wish.base))
        return tuple(_once(acts))
    if _seeks(state, understanding, acts, changed=changed):
        acts.append(_show(state, understanding, products, changed=changed))
        question = _worthwhile(state, stats)
        if question is not None and not understanding.questions:
            acts.append(question)
    if not acts:
        acts.append(_social(state, understanding, stats, pack))
    return tuple(_once(acts))


def _confirmations(ops: Iterable[StateOp], updated: Updated) -> list[Act]:
    """What was changed outside the wishes themselves, so that nothing changes silently."""
    acts: list[Act] = []
    for op in ops:
        match op:
            case Reset():
                acts.append(Confirm(text="We start afresh: I dropped what you asked for so far."))
            case Undo() if updated.nothing_to_undo:
                acts.append(Confirm(text="There is nothing to take back yet."))
            case Undo():
                acts.append(Confirm(text="I took back your last change."))
            case Remember():
                acts.append(
                    Confirm(text=f"Noted in your profile under {op.section!r}: {op.sentence}")
                )
            case Forget() if updated.forgotten:
                dropped = "; ".join(updated.forgotten)
                acts.append(Confirm(text=f"Dropped from your profile: {dropped}"[:400]))
            case Forget():
                acts.append(Confirm(text=f"Your profile says nothing about {op.text!r}."))
            case _:
                pass
    return acts


def _answer(question: Question, understanding: Understanding) -> Act:
    match question.kind:
        case "compare":
            things = question.things or understanding.references
            return Compare(things=things) if len(things) > 1 else Answer(question=question)
        case "why":
            kind = (
                "explain_context"
                if question.facet is None and not question.things
                else "explain_preference"
            )
            return Explain(
                kind=kind, things=question.things or understanding.references, facet=question.facet
            )
        case "profile":
            return ShowProfile()
        case "field" | "extreme" | "count" | "open":
            if (
                not question.things
                and understanding.references
                and question.kind in ("field", "open")
            ):
                question = question.model_copy(update={"things": understanding.references})
            return Answer(question=question)


def _verdicts(ops: Iterable[StateOp]) -> list[Act]:
    verdicts = [op.verdict for op in ops if isinstance(op, Judge)]
    return [Say(kind="acknowledge", text=verdict) for verdict in verdicts[:1]]


def _which(unresolved: tuple[str, ...], state: DialogueState) -> Ask:
    """Ask which thing a reference means, offering the last shown positions."""
    last = state.shown[-1].things if state.shown else ()
    suggestions = tuple(f"number {i + 1}" for i in range(min(4, len(last))))
    words = unresolved[0][:80]
    text = (
        f"Which one do you mean by {words!r}?"
        if last
        else f"I have shown nothing yet that {words!r} could mean. What are you looking for?"
    )
    return Ask(kind="clarify", text=text, suggestions=suggestions)


def _seeks(
    state: DialogueState, understanding: Understanding, acts: list[Act], *, changed: bool
) -> bool:
    """True when items should be shown."""
    ops = understanding.ops
    edits = any(isinstance(op, Remember | Forget) for op in ops)
    if changed:
        return bool(state.shown) or not edits
    if any(isinstance(op, Undo) for op in ops):
        return bool(state.shown) and state.beliefs != type(state.beliefs)()
    if edits or any(isinstance(op, Reset) for op in ops):
        return False
    if any(q.kind in ("extreme", "count") for q in understanding.questions):
        return True
    if understanding.questions or any(isinstance(act, Explain | ShowProfile) for act in acts):
        return False
    if any(isinstance(op, Judge) and op.verdict == "accept" for op in ops):
        return False
    return bool(_SEEKING & set(understanding.intents))


def _show(
    state: DialogueState, understanding: Understanding, products: int, *, changed: bool
) -> Show:
    stated = (
        any(b.polarity == "want" for b in state.beliefs.facets)
        or bool(state.beliefs.ranges)
        or bool(state.beliefs.wishes)
        or state.query_image is not None
    )
    intents = set(understanding.intents)
    judged = {t for op in understanding.ops if isinstance(op, Judge) for t in op.things}
    like = next((ref for ref in understanding.references if ref not in judged), None)
    if understanding.questions:
        like = None
    fresh = not changed and bool(intents & {"continue", "reject", "been_to"})
    return Show(
        kind="recommend_show" if stated or like is not None else "recommend_explore",
        count=products,
        like=like,
        fresh=fresh,
    )


def _worthwhile(state: DialogueState, stats: CatalogueStats) -> Ask | None:
    """The question that is expected to shrink the candidates most, if it pays to ask it now.

    Never about a known facet (those have no split), never one that was asked before, not while an
    earlier question is unanswered, and at most `ASK_TIMES` in a conversation.
    """
    if stats.matching <= ASK_ABOVE or len(state.asked) >= ASK_TIMES:
        return None
    if state.open_question is not None:
        return None
    open_splits = [s for s in stats.splits if s.asks not in state.asked and len(s.counts) > 1]
    best = min(open_splits, key=lambda s: (expected_remaining(s), s.facet), default=None)
    if best is None or expected_remaining(best) > ASK_REMAINING:
        return None
    suggestions = tuple(value for value, _ in best.counts[:4])
    return Ask(
        kind="request_information", text=best.asks, facet=best.facet, suggestions=suggestions
    )


def expected_remaining(split: Split) -> float:
    """Expected share of the candidates that an answer leaves, 0..1 (1 if nobody has the facet).

    The user names value v with the share of items that carry it; items without the facet stay.
    """
    total = split.silent + sum(n for _, n in split.counts)
    carried = sum(n for _, n in split.counts)
    if not carried:
        return 1.0
    return sum((n / carried) * (n + split.silent) / total for _, n in split.counts)


def _social(
    state: DialogueState, understanding: Understanding, stats: CatalogueStats, pack: DomainPack
) -> Act:
    intents = set(understanding.intents)
    if "help" in intents:
        return Say(kind="greet", text="help")
    if understanding.social == "greeting":
        return Say(kind="greet")
    if understanding.social == "farewell":
        return Say(kind="close")
    if understanding.references:
        return Ask(
            kind="ask_opinion",
            text="I have that one in view. Shall I find more like it, or draw new ones after it?",
            suggestions=("Show me more like it", "Design me one like it", "Tell me more about it"),
        )
    if "accept" in intents or "acknowledgement" in intents:
        done = any(v.verdict == "accept" for v in state.verdicts)
        return Say(kind="close" if done else "acknowledge", text="thanks")
    if "neutral_response" in intents and state.shown:
        suggestions = tuple(v for s in stats.splits[:2] for v, _ in s.counts[:2])
        return Ask(
            kind="ask_opinion", text="What would make them better for you?", suggestions=suggestions
        )
    return Ask(
        kind="clarify",
        text=f"I am not sure what you mean. Which {pack.noun} can I find or draw for you?",
        suggestions=pack.starters[:3],
    )


def _once(acts: list[Act]) -> list[Act]:
    """Each act once, in order."""
    kept: list[Act] = []
    for act in acts:
        if act not in kept:
            kept.append(act)
    return kept


def shown_things(plan: Iterable[Act]) -> tuple[ThingRef, ...]:
    """Things that the acts speak about."""
    things: list[ThingRef] = []
    for act in plan:
        match act:
            case Answer():
                things += act.question.things
            case Compare() | Explain():
                things += act.things
            case Create():
                things += [act.base] if act.base is not None else []
            case _:
                pass
    return tuple(dict.fromkeys(things))

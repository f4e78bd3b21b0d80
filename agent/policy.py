"""What to do about a message: a pure function from state, meaning and catalogue statistics to acts.

Several acts a turn are normal. The order of the acts is the order in which the reply speaks:
declined things, confirmations, answers and explanations, verdicts, the shown set, and last the one
question.
"""

import re
from collections.abc import Iterable, Sequence

from vitrine.agent import asking, proposals, unsought
from vitrine.agent.asking import Option
from vitrine.agent.dialling import drawn_last
from vitrine.agent.explaining import situations
from vitrine.agent.outcome import Updated
from vitrine.agent.statistics import CatalogueStats
from vitrine.agent.wording import NO_HURRY, listed
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
    TurnDial,
    Understanding,
    Undo,
)
from vitrine.core.domain import DomainPack
from vitrine.core.refs import ThingRef
from vitrine.memory.state import DialogueState

NO_DRAWING = "I cannot draw for this shop, so here are {nouns} that come closest."
"""Said where the pack has no words for designs."""
_NOTHING = Updated()
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

_ASIDE = frozenset({"why", "more", "worth"})
"""Kinds of questions beside which others may be asked for: "why the first? and got any others?"."""

_WHICH = re.compile(r"^\W*((and|so|ok|okay)\W+)*(which|what|do any|are any|is any|any of)\b", re.I)
_OPENED: dict[str, object] = {"kind": "open", "facet": None, "value": None, "things": ()}
_POINTING: frozenset[Intent] = frozenset({"answer", "others", "neutral_response"})


def decide(
    state: DialogueState,
    understanding: Understanding,
    stats: CatalogueStats,
    pack: DomainPack,
    updated: Updated = _NOTHING,
    *,
    options: Sequence[Option] = (),
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
        options: what was shown last, for questions which of them is meant.
        pictured: the message brings a picture.
        products: items to show, if any are shown.
        designs: designs to make unless the user named a number.
    """
    acts: list[Act] = []
    changed = any(op.op in unsought.BELIEF_OPS for op in understanding.ops) or pictured
    ops = understanding.ops
    if (
        changed
        and not pictured
        and (unsought.takes_in_size(ops, pack) or unsought.complains_and_takes(ops))
    ):
        changed = False
    if understanding.out_of_scope is not None:
        acts.append(Decline(text=understanding.out_of_scope))
        if not changed and understanding.design is None and not understanding.questions:
            return tuple(acts)
    acts += _confirmations(understanding.ops, updated)
    for question in understanding.questions:
        if understanding.unresolved and asking.waits(question):
            continue  # it is asked which thing is meant; the answer follows then
        acts += _answers(question, understanding, state, pack)
    if "why" in understanding.intents and not any(isinstance(act, Explain) for act in acts):
        acts += _why(None, understanding.references, state, pack)
    if "profile_show" in understanding.intents and not any(
        isinstance(a, ShowProfile) for a in acts
    ):
        acts.append(ShowProfile())
    acts += _dialled(understanding, updated)
    acts += _verdicts(understanding.ops)
    if understanding.unresolved and understanding.design is None:
        acts.append(asking.which(understanding.unresolved, options, pack))
        return tuple(acts)
    if understanding.design is not None and pack.design is None:
        acts.append(Decline(text=NO_DRAWING.format(nouns=pack.nouns)))
        acts.append(_show(state, understanding, products, changed=changed))
        return tuple(_once(acts))
    if understanding.design is not None:
        wish = understanding.design
        acts += [Say(kind="inform_progress"), Create(count=wish.count or designs, base=wish.base)]
        return tuple(_once(acts))
    if updated.dialled and not changed and drawn_last(state):
        acts += [Say(kind="inform_progress"), Create(count=len(state.shown[-1].things))]
        return tuple(_once(acts))
    if _seeks(state, understanding, acts, updated, changed=changed):
        acts += _acknowledged(understanding.ops, updated)
        acts.append(_show(state, understanding, products, changed=changed))
    elif not acts:
        acts += _talk(state, understanding, stats, pack, updated)
    question = _question(state, understanding, acts, stats, updated)
    if question is not None:
        acts.append(question)
    return tuple(_once(acts))


# --- what was changed ----------------------------------------------------------------------------


def _confirmations(ops: Iterable[StateOp], updated: Updated) -> list[Act]:
    """What was changed outside the wishes themselves, so that nothing changes silently."""
    acts: list[Act] = []
    if updated.replied == "no":
        text = "All right, I keep that out of your profile and do not ask again."
        acts.append(Confirm(text=text))
    for op in ops:
        match op:
            case Reset():
                acts.append(Confirm(text="We start afresh: I dropped what you asked for so far."))
            case Undo() if updated.nothing_to_undo:
                acts.append(Confirm(text="There is nothing to take back yet."))
            case Undo():
                what = f": {'; '.join(updated.changes)}" if updated.changes else ""
                acts.append(Confirm(text=f"I took back your last change{what}."[:400]))
            case Remember():
                until = f", {updated.until}" if updated.until and op.section == "For now" else ""
                text = f"Noted in your profile under {op.section!r}{until}: {op.sentence}"
                if updated.replaced:
                    text += f" (instead of {'; '.join(updated.replaced)})"
                acts.append(Confirm(text=text[:400]))
            case Forget() if updated.forgotten:
                dropped = "; ".join(updated.forgotten)
                acts.append(Confirm(text=f"Dropped from your profile: {dropped}"[:400]))
            case Forget() if proposals.points_back(op):
                acts.append(Confirm(text="I have noted nothing in this conversation to drop."))
            case Forget():
                acts.append(Confirm(text=f"Your profile says nothing about {op.text!r}."))
            case _:
                pass
    return acts


def _dialled(understanding: Understanding, updated: Updated) -> list[Act]:
    """How designs are drawn from now on."""
    if updated.dialled:
        return [Confirm(text=f"From now on: {'; '.join(updated.dialled)}."[:400])]
    if any(isinstance(op, TurnDial) for op in understanding.ops):
        return [Confirm(text="Designs are drawn like that already; the dial does not go further.")]
    return []


def _acknowledged(ops: Sequence[StateOp], updated: Updated) -> list[Act]:
    """What was replaced, dropped or taken up again, in one short sentence before the new set."""
    told: list[str] = []
    if not any(isinstance(op, Undo | Reset) for op in ops):
        told += updated.changes
    if updated.restored:
        told.append(f"your wishes about {listed(updated.restored)} count again")
    if not told:
        return []
    text = "; ".join(told)
    return [Say(kind="acknowledge", text=f"{text[:1].upper()}{text[1:]}."[:400])]


def _verdicts(ops: Iterable[StateOp]) -> list[Act]:
    """One acknowledgement a kind of verdict, with all things and reasons of that kind."""
    judged: dict[str, list[Judge]] = {}
    for op in ops:
        if isinstance(op, Judge):
            judged.setdefault(op.verdict, []).append(op)
    return [
        Say(
            kind="acknowledge",
            text=verdict,
            count=max(1, sum(len(op.things) for op in same)),
            reason=listed(list(dict.fromkeys(op.reason for op in same if op.reason)))[:200] or None,
        )
        for verdict, same in judged.items()
    ]


# --- what was asked ------------------------------------------------------------------------------


def _answers(
    question: Question, understanding: Understanding, state: DialogueState, pack: DomainPack
) -> list[Act]:
    things = tuple(dict.fromkeys(question.things or understanding.references))
    match question.kind:
        case "compare":
            if question.value is not None and not understanding.references:
                if _WHICH.match(question.text) is None:  # "is blue better than red?" is of no thing
                    return [Answer(question=question.model_copy(update=_OPENED))]
            if question.value is not None:  # "which of these come in blue?" has a yes or a no
                field = question.model_copy(update={"kind": "field", "things": things})
                return [Answer(question=field)]
            return [Compare(things=things) if len(things) > 1 else Answer(question=question)]
        case "why":
            return _why(question.facet, things, state, pack)
        case "profile":
            return [ShowProfile()]
        case "more" | "worth":
            single = things or ((state.focus,) if state.focus is not None else ())
            if not single:
                return [Answer(question=question.model_copy(update={"kind": "open"}))]
            kind = "explain_additional" if question.kind == "more" else "persuade"
            return [Explain(kind=kind, things=single[:3])]
        case "field" | "open":
            return [Answer(question=question.model_copy(update={"things": things}))]
        case "extreme" | "count" | "without":
            return [Answer(question=question)]


def _why(
    facet: str | None,
    things: tuple[ThingRef, ...],
    state: DialogueState,
    pack: DomainPack,
) -> list[Act]:
    """Reasons; where the situation is among them it is named too."""
    acts: list[Act] = [Explain(kind="explain_preference", things=things, facet=facet)]
    about = situations(state, pack)
    if facet is not None:
        about = tuple(belief for belief in about if belief.facet == facet)
    if about or (facet is None and state.beliefs.context):
        acts.append(Explain(kind="explain_context", things=things, facet=facet))
    return acts


# --- what to show --------------------------------------------------------------------------------


def _seeks(
    state: DialogueState,
    understanding: Understanding,
    acts: list[Act],
    updated: Updated,
    *,
    changed: bool,
) -> bool:
    """True when items should be shown."""
    ops = understanding.ops
    edits = any(isinstance(op, Remember | Forget) for op in ops) or updated.replied is not None
    if unsought.asks_the_range(understanding) or (changed and unsought.counts(understanding)):
        return False
    if changed:
        # "From now on no X" alone edits; with a wish of its own it is also a request.
        wishes = any(
            op.op in unsought.BELIEF_OPS and op.op not in ("avoid", "remove") for op in ops
        )
        lifted = edits and not wishes and all(op.op != "avoid" for op in ops)
        return not lifted and (bool(state.shown) or not edits or wishes)
    if any(isinstance(op, Undo) for op in ops):
        return bool(state.shown) and state.beliefs != type(state.beliefs)()
    if edits or any(isinstance(op, Reset) for op in ops):
        return False
    if any(q.kind == "extreme" and not q.things for q in understanding.questions):
        return True
    counting = [q for q in understanding.questions if q.kind == "count" and _believed(q, state)]
    if counting:  # "how many are there?" of the page that is in sight needs no second page
        in_sight = bool(state.shown) and state.shown[-1].turn == state.turn
        return not in_sight or not all("how many" in q.text.casefold() for q in counting)
    if "continue" in understanding.intents and understanding.questions:
        return all(q.kind in _ASIDE for q in understanding.questions)
    if understanding.questions or any(isinstance(act, Explain | ShowProfile) for act in acts):
        return False
    taken = any(isinstance(op, Judge) and op.verdict == "accept" for op in ops)
    if taken and "continue" not in understanding.intents:
        return False
    if understanding.social == "farewell":
        return False
    intents = set(understanding.intents)
    if understanding.references and intents <= _POINTING:
        return False  # a thing is pointed at, nothing is sought
    if "neutral_response" in intents and not intents & _SEEKING - {"answer"} and state.shown:
        return state.beliefs == type(state.beliefs)()
    return bool(_SEEKING & intents)


def _believed(question: Question, state: DialogueState) -> bool:
    """Whether what was counted is what is wanted, so that it can be shown."""
    return (question.value is None and question.bounded is None) or any(
        (b.facet, b.value, b.polarity) == (question.facet, question.value, "want")
        for b in state.beliefs.facets
    )


def _show(
    state: DialogueState, understanding: Understanding, products: int, *, changed: bool
) -> Show:
    stated = (
        bool(state.beliefs.facets)
        or bool(state.beliefs.ranges)
        or bool(state.beliefs.wishes)
        or state.query_image is not None
        or any(q.kind in ("extreme", "count") for q in understanding.questions)
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


# --- what to ask ---------------------------------------------------------------------------------


def _question(
    state: DialogueState,
    understanding: Understanding,
    acts: Sequence[Act],
    stats: CatalogueStats,
    updated: Updated,
) -> Ask | None:
    """The one question of the turn, if one pays: what splits best, a proposal, or "is that all?"."""
    if any(isinstance(act, Ask) for act in acts):
        return None
    shows = any(isinstance(act, Show) for act in acts)
    if updated.proposal is not None and (shows or not understanding.questions):
        return proposals.question(updated.proposal)
    if shows and not understanding.questions:
        ignored = updated.asked_before == "request_information" and (
            "answer" not in understanding.intents
        )
        return None if ignored else asking.worthwhile(state, stats)
    taken = any(isinstance(op, Judge) and op.verdict == "accept" for op in understanding.ops)
    if taken and all(isinstance(act, Say) for act in acts):
        return asking.anything_else()
    if any(isinstance(act, Explain) and act.kind == "persuade" for act in acts):
        return asking.the_one()
    return None


def _talk(
    state: DialogueState,
    understanding: Understanding,
    stats: CatalogueStats,
    pack: DomainPack,
    updated: Updated,
) -> list[Act]:
    """Small talk, hesitation, a thing that is just pointed at, and what was not understood."""
    intents = set(understanding.intents)
    if "help" in intents:
        return [Say(kind="greet", text="help")]
    if understanding.social == "greeting":
        return [Say(kind="greet")]
    if understanding.social == "farewell":
        return [Say(kind="close")]
    hesitates = "neutral_response" in intents
    pointed = understanding.references or (
        (state.focus,) if hesitates and state.focus is not None else ()
    )
    if pointed:
        if hesitates and len(pointed) == 1:
            return [Explain(kind="persuade", things=pointed)]
        if hesitates and state.shown:
            return [asking.what_would_help(stats)]
        rejected = {v.thing for v in state.verdicts if v.verdict == "reject"}
        if len(pointed) == 1 and pointed[0] in rejected:
            return [Show(things=pointed)]  # asked for: it may come back
        if len(pointed) > 2:
            in_sight = state.shown[-1].things if state.shown else ()
            return [Show() if set(pointed) & set(in_sight) else Show(things=pointed)]
        return [Explain(kind="explain_additional", things=pointed), asking.more_of()]
    if "acknowledgement" in intents or "accept" in intents:
        done = any(v.verdict == "accept" for v in state.verdicts)
        if hesitates and state.shown:
            return [Say(kind="acknowledge", text=NO_HURRY), asking.what_would_help(stats)]
        return [Say(kind="close" if done else "acknowledge", text="thanks")]
    if updated.asked_before == "ensure_fulfillment" and intents & {"answer", "reject", "others"}:
        return [Say(kind="close")]
    if hesitates and state.shown:
        return [asking.what_would_help(stats)]
    if hesitates:
        return [Show(kind="recommend_explore")]
    return [
        Ask(
            kind="clarify",
            text=f"I am not sure what you mean. Which {pack.noun} can I find or draw for you?",
            suggestions=pack.starters[:3],
        )
    ]


def _once(acts: list[Act]) -> list[Act]:
    """Each act once, in order."""
    kept: list[Act] = []
    for act in acts:
        if act not in kept:
            kept.append(act)
    return kept

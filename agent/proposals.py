"""What might be worth remembering: proposed, shown, and kept only after a yes.

A preference is proposed when it was said with emphasis or named again and again, never when the
shopping is for somebody else, and never again after a no. Only values of the shop's own facets are
proposed; nothing is concluded about the person.
"""

import re
from collections.abc import Sequence
from typing import Literal

from vitrine.agent.outcome import Leaning, Proposal
from vitrine.agent.saying import say_value
from vitrine.core.acts import (
    AddFacet,
    Ask,
    AvoidFacet,
    Forget,
    Remember,
    SetFacet,
    StateOp,
)
from vitrine.core.domain import DomainPack
from vitrine.memory.profile import Profile
from vitrine.memory.state import DialogueState, value_key

NAMED_OFTEN = 3
"""Messages that must have named a value before it counts as a habit."""
MOST_OFFERED = 2
"""Proposals in one conversation."""

_EMPHATIC = {
    "avoid": re.compile(
        r"\b(hate|loathe|detest|despise|never|allergic|can['’]?t (stand|bear|wear|do)|"
        r"cannot (stand|bear|wear)|couldn['’]?t stand)\b",
        re.I,
    ),
    "want": re.compile(
        r"\b(i (really |absolutely |just |simply |do )*(love|adore)|my favou?rite|always (wear|buy|"
        r"use|go for|choose)|live in|obsessed|swear by|only ever)\b",
        re.I,
    ),
}
_CLAUSE = re.compile(r"[.;!?\n]|,\s+|\bbut\b", re.I)
_YES = re.compile(
    r"^\W*(yes|yeah|yep|yup|sure|ok|okay|please|please do|go ahead|do that|of course|remember"
    r" (that|it))\b",
    re.I,
)
_NO = re.compile(
    r"^\W*(no|nope|nah|no need|not necessary|don['’]?t|do not|never mind|rather not|please don['’]?t)\b",
    re.I,
)
_POINTING = frozenset(
    {
        "that",
        "it",
        "this",
        "that one",
        "about that",
        "this one",
        "it please",
        "anything",
        "any of this",
        "any of that",
        "anything about me",
        "that please",
        "this please",
        "anything please",
        "anything i say",
        "what i say",
        "what i said",
        "any of it",
        "about me",
        "me",
        "things about me",
    }
)


def propose(
    state: DialogueState,
    ops: Sequence[StateOp],
    said: str,
    profile: Profile,
    leaning: Leaning,
    pack: DomainPack,
) -> Proposal | None:
    """The one preference of this message that is worth a proposal, or None."""
    if len(state.offered) >= MOST_OFFERED or any(isinstance(op, Remember | Forget) for op in ops):
        return None
    if any(fact.key == "recipient" for fact in state.beliefs.context):
        return None  # somebody else's taste
    known = {(lean.preference.facet, lean.preference.value) for lean in leaning.facets}
    for op in ops:
        if not isinstance(op, SetFacet | AddFacet | AvoidFacet) or not op.known:
            continue
        polarity: Literal["want", "avoid"] = "avoid" if isinstance(op, AvoidFacet) else "want"
        key = value_key(op.facet, op.value, polarity)
        facet = pack.facet(op.facet)
        if facet is None or facet.role in ("head", "price", "rating"):
            continue
        if (op.facet, op.value) in known or key in profile.declined or key in state.offered:
            continue
        often = state.named.get(key, 0) >= NAMED_OFTEN
        if often or _emphatic(op.evidence.text, said, polarity):
            return Proposal(key=key, remember=_sentence(op, polarity, pack, facet.kind == "stock"))
    return None


def _emphatic(words: str, said: str, polarity: Literal["want", "avoid"]) -> bool:
    """Whether the clause in which the value was said speaks with emphasis."""
    clause = next((c for c in _CLAUSE.split(said) if words in c), words)
    return _EMPHATIC[polarity].search(clause) is not None


def _sentence(
    op: SetFacet | AddFacet | AvoidFacet,
    polarity: Literal["want", "avoid"],
    pack: DomainPack,
    practical: bool,
) -> Remember:
    value = say_value(pack, op.facet, op.value)
    if practical:
        return Remember(section="Practicalities", sentence=f"I take {value}", evidence=op.evidence)
    facet = pack.facet(op.facet)
    what = f"{value} {pack.nouns}" if facet is not None and facet.visible else value
    if polarity == "avoid":
        return Remember(section="I avoid", sentence=f"I avoid {what}", evidence=op.evidence)
    return Remember(section="I like", sentence=f"I like {what}", evidence=op.evidence)


def question(proposal: Proposal) -> Ask:
    """The proposal as a question with both answers."""
    what = proposal.remember.sentence.removeprefix("I ")
    return Ask(
        kind="ask_opinion",
        text=f"You said {proposal.remember.evidence.text!r}: shall I remember for next time that you {what}?",
        suggestions=("Yes, remember that", "No, don't remember that"),
    )


Reply = Literal["yes", "no"]


def reply_to(state: DialogueState, said: str) -> Reply | None:
    """What the message answers to the proposal that waits, or None where it speaks of else."""
    open_question = state.open_question
    if open_question is None or open_question.proposal is None:
        return None
    if _NO.search(said):
        return "no"
    return "yes" if _YES.search(said) else None


def points_back(op: Forget) -> bool:
    """Whether "don't remember that" points at what was noted last."""
    return op.text.casefold().strip(" .!") in _POINTING

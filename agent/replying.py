"""What a message answers to the question that was asked last, beyond what its words say alone."""

import re

from vitrine.agent import proposals
from vitrine.core.acts import (
    Evidence,
    Focus,
    Forget,
    Intent,
    Judge,
    StateOp,
    Understanding,
)
from vitrine.memory.state import DialogueState, OpenQuestion

_BARE_NO = re.compile(
    r"^\W*(no|nope|nah|nothing|that['’]?s (all|it)|i['’]?m (done|fine|good))\b[\w\s,'’]*\W*$", re.I
)
_FEW_WORDS = 5


def with_reply(
    understanding: Understanding, state: DialogueState, said: str, reply: proposals.Reply | None
) -> Understanding:
    """The meaning with what it answers: a proposal, "is that all?", "which one do you mean?".

    Args:
        understanding: what the words mean alone.
        state: the dialogue before the message.
        said: the message.
        reply: yes or no to a proposal, if one waits.
    """
    question = state.open_question
    if question is None:
        return understanding
    if reply is not None and question.proposal is not None:
        return _of_proposal(understanding, question, state.turn + 1, said, reply)
    if question.kind == "ensure_fulfillment":
        return _of_closing(understanding, said)
    if question.kind == "clarify" and (question.verdict or question.pending):
        return _of_clarifying(understanding, question, state.turn + 1, said)
    return understanding


def _of_proposal(
    meaning: Understanding, question: OpenQuestion, turn: int, said: str, reply: proposals.Reply
) -> Understanding:
    """A yes remembers, a no edits nothing."""
    ops: tuple[StateOp, ...] = tuple(
        op for op in meaning.ops if not (isinstance(op, Forget) and proposals.points_back(op))
    )
    if reply == "yes" and question.proposal is not None:
        words = Evidence(turn=turn, text=said.strip()[:400])
        ops = (*ops, question.proposal.model_copy(update={"evidence": words}))
    return meaning.model_copy(update={"ops": ops})


def _of_closing(meaning: Understanding, said: str) -> Understanding:
    """A bare no to "is that all?" turns nothing down: it ends the talk."""
    if len(said.split()) > _FEW_WORDS or _BARE_NO.match(said) is None:
        return meaning
    if any(not isinstance(op, Judge | Focus) for op in meaning.ops):
        return meaning
    return meaning.model_copy(
        update={"ops": (), "references": (), "intents": ("answer",), "social": "farewell"}
    )


def _of_clarifying(
    meaning: Understanding, question: OpenQuestion, turn: int, said: str
) -> Understanding:
    """Now it is plain which one is meant: what was said and asked of it counts."""
    if len(meaning.references) != 1 or meaning.questions or meaning.unresolved:
        return meaning
    if meaning.design is not None or turn > question.turn + 1:
        return meaning  # it went on to something else
    if any(not isinstance(op, Focus) for op in meaning.ops):
        return meaning
    ops = meaning.ops
    intents: list[Intent] = [i for i in meaning.intents if i != "others"]
    if question.verdict is not None:
        words = Evidence(turn=turn, text=said.strip()[:400])
        judged = Judge(verdict=question.verdict, things=meaning.references, evidence=words)
        ops = (*ops, judged)
        intents.append(question.verdict)
    asked = tuple(
        q.model_copy(update={"things": tuple(dict.fromkeys((*q.things, *meaning.references)))})
        for q in question.pending
    )
    if asked:
        intents.append("inquire")
    return meaning.model_copy(
        update={"ops": ops, "questions": asked, "intents": tuple(dict.fromkeys(intents))}
    )

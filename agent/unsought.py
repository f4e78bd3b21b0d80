"""What changes or asks something without seeking a page: sizes of what is taken, counts, values."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.core.acts import (
    AddWish,
    AvoidFacet,
    Judge,
    SetFacet,
    SetRange,
    StateOp,
    Understanding,
)
from vitrine.core.domain import DomainPack

BELIEF_OPS = frozenset({"set", "add", "avoid", "relax", "remove", "range", "wish", "context"})


def asks_the_range(understanding: Understanding) -> bool:
    """Which values there are ("what colours do your hats come in?"): a question, no wish to see."""
    asked = " ".join(q.text for q in understanding.questions)
    wished = any(
        op.op in BELIEF_OPS and op.evidence.text not in asked for op in understanding.ops
    )  # "bags for work, and what do they cost?" is a wish too
    return (
        bool(understanding.questions)
        and not wished
        and all(
            q.kind == "field" and not q.things and q.facet is not None
            for q in understanding.questions
        )
    )


def counts(understanding: Understanding) -> bool:
    """Such as "how many hats do you have?": a number is the answer, no page."""
    return bool(understanding.questions) and all(
        q.kind == "count" and "how many" in q.text.casefold() for q in understanding.questions
    )


def complains_and_takes(ops: Sequence[StateOp]) -> bool:
    """Such as "too dear for me, I'll take the beige ones": something is taken, nothing sought."""
    taken = next((i for i, op in enumerate(ops) if isinstance(op, Judge)), None)
    if taken is None or any(isinstance(op, Judge) and op.verdict != "accept" for op in ops):
        return False
    changes = [(i, op) for i, op in enumerate(ops) if op.op in BELIEF_OPS]
    return all(
        i < taken and "too" in op.evidence.text.casefold().split()
        for i, op in changes
        if isinstance(op, SetRange | SetFacet | AvoidFacet | AddWish)
    )


def takes_in_size(ops: Sequence[StateOp], pack: DomainPack) -> bool:
    """Such as "I'll have it in M": the size belongs to what is taken, nothing is sought."""
    size = pack.role("size")
    if size is None or not any(isinstance(op, Judge) and op.verdict == "accept" for op in ops):
        return False
    if any(isinstance(op, Judge) and op.verdict != "accept" for op in ops):
        return False
    return all(getattr(op, "facet", None) == size.name for op in ops if op.op in BELIEF_OPS)

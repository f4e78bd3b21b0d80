"""Numbers that are asked about, not wished for: "any of them below 100?", "how many under 60?"."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding.figures import Amount
from vitrine.core.acts import Question

_KINDS = frozenset({"open", "field", "count", "compare"})


def limited(questions: Sequence[Question], found: Sequence[Amount]) -> tuple[Question, ...]:
    """The questions, the last with the bound that its sentence names, if it is open for one."""
    bounds = [a for a in found if not a.relative and (a.min, a.max) != (None, None)]
    if not questions or len(bounds) != 1 or questions[-1].kind not in _KINDS:
        return tuple(questions)
    last, bound = questions[-1], bounds[0]
    if last.kind != "count" and last.facet not in (None, bound.facet):
        return tuple(questions)
    update: dict[str, object] = {"bounded": bound.facet, "min": bound.min, "max": bound.max}
    if last.kind != "count":
        update |= {"kind": "field", "facet": bound.facet, "value": None}
    return (*questions[:-1], last.model_copy(update=update))

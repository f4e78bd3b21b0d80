"""Contradictions between what is said now and the profile. What is said now wins; told once."""

from collections.abc import Sequence

from vitrine.agent.outcome import Leaning
from vitrine.agent.saying import say_value
from vitrine.core.acts import AddFacet, AvoidFacet, SetFacet, SetRange, StateOp
from vitrine.core.domain import DomainPack
from vitrine.core.turn import Notice

_WINS = "I go by what you say now"


def profile_clashes(
    ops: Sequence[StateOp], leaning: Leaning, told: Sequence[str], pack: DomainPack
) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """Notices of new clashes, and the keys under which they count as told.

    Args:
        ops: what the message means.
        leaning: what the profile meant before the message.
        told: keys of clashes that this conversation has mentioned.
        pack: words for values.
    """
    notices: list[Notice] = []
    keys: list[str] = []

    def tell(key: str, text: str, facet: str, value: str | None) -> None:
        if key not in told and key not in keys:
            keys.append(key)
            notices.append(Notice(kind="clash", text=text[:300], facet=facet, value=value))

    for op in ops:
        match op:
            case SetFacet() | AddFacet() | AvoidFacet():
                wanted = not isinstance(op, AvoidFacet)
                for lean in leaning.facets:
                    held = lean.preference
                    if (held.facet, held.value) != (op.facet, op.value):
                        continue
                    if (held.weight > 0) == wanted:
                        continue
                    value = say_value(pack, op.facet, op.value)
                    now = f"{value} is fine today" if wanted else f"no {value} today"
                    tell(
                        f"profile {op.facet}={op.value}",
                        f"Your profile says {lean.sentence!r}; {_WINS}: {now}.",
                        op.facet,
                        op.value,
                    )
            case SetRange():
                for bound in leaning.bounds:
                    if bound.facet != op.facet:
                        continue
                    above = bound.max is not None and any(
                        edge is not None and edge > bound.max for edge in (op.min, op.max, op.about)
                    )
                    below = bound.min is not None and any(
                        edge is not None and edge < bound.min for edge in (op.min, op.max, op.about)
                    )
                    if above or below:
                        tell(
                            f"profile {op.facet}",
                            f"Your profile says {bound.sentence!r}; {_WINS}.",
                            op.facet,
                            None,
                        )
            case _:
                pass
    return tuple(notices), tuple(keys)

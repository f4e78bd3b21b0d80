"""The dials of designs in a conversation: turned by words or on the page, and told."""

from vitrine.core.acts import Evidence, TurnDial, Understanding
from vitrine.core.dials import DesignDials, DialName, Method
from vitrine.memory.state import DialogueState

LABELS: dict[DialName, str] = {
    "method": "drawn with",
    "text_scale": "your words",
    "interest_scale": "your interests",
    "personal_guidance": "the personal touch",
}
METHODS: dict[Method, str] = {
    "ip_adapter": "words and likeness alone",
    "three_branch": "your interests as a third branch",
    "perfusion": "the personal network",
    "both": "your interests and the personal network",
}


def with_dials(
    understanding: Understanding, state: DialogueState, wanted: DesignDials | None
) -> Understanding:
    """The meaning with the dials of the page or the caller as operations: they can be undone too.

    Args:
        understanding: what the words mean.
        state: the dialogue before the message.
        wanted: the dials that came with the message; None: none came.
    """
    if wanted is None:
        return understanding
    source = Evidence(turn=state.turn + 1, text="", source="ui")
    ops = tuple(
        TurnDial(dial=dial, value=getattr(wanted, dial), evidence=source)
        for dial in LABELS
        if getattr(wanted, dial) != getattr(state.dials, dial)
    )
    return understanding.model_copy(update={"ops": (*ops, *understanding.ops)})


def drawn_last(state: DialogueState) -> bool:
    """The last thing that was shown is a set of designs."""
    shown = state.shown[-1].things if state.shown else ()
    return bool(shown) and all(thing.kind == "design" for thing in shown)


def told_dials(before: DesignDials, after: DesignDials) -> tuple[str, ...]:
    """What was turned, in words: from where to where."""
    told: list[str] = []
    if before.method != after.method:
        told.append(f"designs are drawn with {METHODS[after.method]}")
    for dial in ("text_scale", "interest_scale", "personal_guidance"):
        old, new = getattr(before, dial), getattr(after, dial)
        if old != new:
            told.append(f"{LABELS[dial]} at {new:g} instead of {old:g}")
    return tuple(told)

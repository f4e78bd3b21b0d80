"""The state of the graph: one frozen dialogue state, and the frozen values of the running turn.

A turn fills it in this order:

1. `message`, `seed` (the door);  2. `understanding`;  3. `dialogue` with the new beliefs,
`profile`,
`updated`;  4. `plan`;  5. `found`, `answers`, `imagined`, `drawn`, each by its own branch;
6. `turn` (the reply, complete but for its timings);  7. `dialogue` with what was shown, `turn`
final.

`steps` alone has a reducer: branches that run side by side all add to it.
"""

from collections.abc import Mapping
from operator import add
from typing import Annotated, TypedDict, cast

from langgraph.types import Overwrite

from vitrine.agent.outcome import Answers, Drawn, Found, Imagined, Plan, Updated
from vitrine.core.acts import Understanding
from vitrine.core.turn import Message, TraceStep, Turn
from vitrine.memory.profile import Profile
from vitrine.memory.state import DialogueState


class TurnState(TypedDict, total=False):
    """See the module's docstring."""

    dialogue: DialogueState
    message: Message
    seed: int
    profile: Profile
    understanding: Understanding
    updated: Updated
    plan: Plan
    found: Found | None
    answers: Answers | None
    imagined: Imagined | None
    drawn: Drawn | None
    turn: Turn | None
    steps: Annotated[list[TraceStep], add]


def fresh_turn(
    left: Mapping[str, object], dialogue: DialogueState, message: Message, seed: int
) -> dict[str, object]:
    """The input of a turn: nothing stays of what a turn that broke has `left` in the state."""
    update: dict[str, object] = {
        name: None for name in finished_turn() if left.get(name) is not None
    }
    if left.get("dialogue") is not dialogue:
        update["dialogue"] = dialogue
    return {**update, "message": message, "seed": seed, "steps": Overwrite([])}


def finished_turn() -> TurnState:
    """The running turn's values, emptied: only the dialogue state outlives a turn."""
    names = TurnState.__annotations__.keys() - {"dialogue", "seed", "steps"}
    return cast("TurnState", dict.fromkeys(names))

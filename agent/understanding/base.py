"""The protocol of understanding: message and state in, meaning out. One call a turn."""

from dataclasses import dataclass
from typing import Protocol

from vitrine.core.acts import Understanding
from vitrine.core.ports import Catalogue
from vitrine.core.turn import Message
from vitrine.memory.profile import Profile
from vitrine.memory.state import DialogueState


@dataclass(frozen=True)
class Heard:
    """What understanding may look at. `state.turn` is the last finished turn; this one is + 1."""

    message: Message
    state: DialogueState
    profile: Profile
    catalogue: Catalogue


class Understander(Protocol):
    """Turns a message into intents, state operations, references and questions."""

    async def __call__(self, heard: Heard) -> Understanding:
        """Never raises for what a user may type; evidence is always a substring of the message."""
        ...

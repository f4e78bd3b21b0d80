"""The user's profile: natural-language sentences that the user can read, edit and delete.

Markdown with one heading a section and one bullet a sentence. Every sentence knows where it comes
from. The store is `memory/profiles.py`.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from vitrine.core.frozen import Frozen

Section = Literal["I like", "I avoid", "Practicalities", "Aspirations", "For now"]
SECTIONS: tuple[Section, ...] = ("I like", "I avoid", "Practicalities", "Aspirations", "For now")


class ProfileSentence(Frozen):
    """One sentence. `expires` is the last day on which it counts (section "For now").

    `bound`: it counts only in the conversation `thread` in which it was said.
    """

    section: Section
    text: str = Field(min_length=1, max_length=300)
    origin: Literal["said", "edited", "picked", "imported"] = "edited"
    thread: str | None = None
    turn: int | None = None
    added: date
    expires: date | None = None
    bound: bool = False

    def counts(self, today: date, thread: str) -> bool:
        """Whether the sentence is in force today in this conversation."""
        if self.bound and self.thread != thread:
            return False
        return self.expires is None or self.expires >= today


class Profile(Frozen):
    """All sentences of one user, in order.

    `declined` names what the user did not want remembered (`memory.state.value_key`): it is never
    proposed again.
    """

    user: str
    sentences: tuple[ProfileSentence, ...] = ()
    declined: tuple[str, ...] = ()

    def section(self, name: Section, today: date) -> tuple[ProfileSentence, ...]:
        """The sentences of a section that are still in force."""
        return tuple(
            s
            for s in self.sentences
            if s.section == name and (s.expires is None or s.expires >= today)
        )

    def markdown(self, today: date) -> str:
        """The profile as the user reads and edits it; empty string for an empty profile."""
        blocks = [
            f"## {name}\n" + "".join(f"- {s.text}\n" for s in kept)
            for name in SECTIONS
            if (kept := self.section(name, today))
        ]
        return "\n".join(blocks)

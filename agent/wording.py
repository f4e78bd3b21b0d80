"""Phrases of the built-in realiser: plain, short, no domain words; variety without chance."""

import hashlib
from collections.abc import Sequence

OPENERS: tuple[str, ...] = (
    "I would start with {top}.",
    "{top} comes closest.",
    "My first pick is {top}.",
    "Have a look at {top} first.",
)
ALSO: tuple[str, ...] = (
    "Also worth a look: {rest}.",
    "Beside it: {rest}.",
    "There is also {rest}.",
)
NEXT: tuple[str, ...] = ("Next in line: {rest}.", "After that: {rest}.")
BROAD: tuple[str, ...] = (
    "Here is a first look around.",
    "To get started, a few different {nouns}.",
    "A few {nouns} to begin with.",
)
DRAWN: tuple[str, ...] = (
    "I drew {count} for you; {top} fits you best.",
    "Here are {count} new designs; {top} is closest to what you like.",
    "{count} designs are ready; {top} comes out first.",
)
DRAWN_ONE: tuple[str, ...] = ("I drew one for you: {top}.", "Here is a new design: {top}.")
ACCEPTED: tuple[str, ...] = (
    "Lovely, I have noted {what}.",
    "Good choice: {what} is noted.",
    "Noted, {what} it is.",
)
ALL_ACCEPTED: tuple[str, ...] = ("Lovely, I have noted {what}.", "Good choices, noted: {what}.")
REJECTED: tuple[str, ...] = (
    "Understood, I leave out {what}.",
    "Fair enough, {what} is gone.",
    "Noted, not {what}.",
)
ALL_REJECTED: tuple[str, ...] = (
    "Understood, I leave those out.",
    "Fair enough, those are gone.",
    "Noted, none of those.",
)
KNOWN: tuple[str, ...] = (
    "Good to know, I leave out what you have.",
    "Noted, you know that one already.",
)
THANKS: tuple[str, ...] = ("You are welcome.", "With pleasure.", "Any time.")
NOTED: tuple[str, ...] = ("All right.", "Very well.", "Good.")
CLOSING: tuple[str, ...] = (
    "Come back any time.",
    "I keep this conversation if you want to go on later.",
)
CLOSING_TAKEN: tuple[str, ...] = (
    "Enjoy it, and come back any time.",
    "Enjoy it. I keep this conversation if you want to go on later.",
)
NO_HURRY = "Take your time."
NOT_SAID_BY_ANY = "Their listings do not say."
NOT_SAID_AT_ALL = (
    "I only know what the listings say, and they are silent about that; the shop itself can tell."
)
HELP = (
    "Tell me in your own words what you want, avoid or can spend;"
    ' point at things ("the second one");'
    ' ask about them, compare them, or say "design me one like that" and I draw new ones.'
    ' "Why?" gives the reasons, "undo that" takes a change back,'
    ' "what do you know about me?" shows your profile.'
)


class Voice:
    """Chooses among equal phrasings by thread, turn and slot: the same on every replay.

    Consecutive turns walk through the options, so that no phrase comes twice in a row.
    """

    def __init__(self, thread: str, turn: int) -> None:
        self._thread, self._turn = thread, turn

    def choose(self, slot: str, options: Sequence[str]) -> str:
        """One of the options."""
        start = hashlib.sha256(f"{self._thread}\x00{slot}".encode()).digest()[0]
        return options[(start + self._turn) % len(options)]


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"

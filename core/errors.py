"""Errors, sorted by who can act on them.

Every message says what is wrong (with the value in `!r`), what was expected, and what to do.
The front ends print the message on one line and exit with `exit_code`.
"""

from typing import Literal


class VitrineError(Exception):
    """Root of the errors that Vitrine raises on purpose."""

    exit_code = 3


class RequestError(VitrineError):
    """The person or program that asked can mend this (wrong argument, file, message)."""

    exit_code = 2


class ToolError(VitrineError):
    """A tool could not do its work this time; the turn goes on without it and says so.

    The only error that nodes of the graph catch.
    """

    exit_code = 3


ChatFailure = Literal["timeout", "unreachable", "rejected", "refused", "garbled", "cut", "resting"]
"""Why a language model gave nothing usable.

`rejected`: the service turned the request down (key, quota, unknown model); `refused`: the model
declined to answer; `garbled`: what came is not what was asked for; `cut`: it hit its length limit;
`resting`: it failed several times just now and was not asked.
"""


class ChatError(ToolError):
    """A language model gave no usable answer; the built-in path takes over."""

    def __init__(self, kind: ChatFailure, message: str) -> None:
        super().__init__(message)
        self.kind: ChatFailure = kind


class SetupError(VitrineError):
    """The installation is at fault: weights missing or damaged, a package too old, no disk."""

    exit_code = 3


class Cancelled(VitrineError):
    """The work was stopped on request; what had been finished is kept."""

    exit_code = 130

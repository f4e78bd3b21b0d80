"""Names of users and threads, checked at the door."""

import unicodedata

from vitrine.core.errors import RequestError

MAX_ID_CHARS = 64
_EXTRA = frozenset("._-+@= ")


def check_id(value: str, what: str) -> str:
    """The name itself if it may be used.

    Letters and digits of any script, and `. _ - + @ =` and spaces inside; 1 to 64 characters; it
    starts with a letter or a digit, so that it is no path and no option.

    Raises:
        RequestError: it may not be used; says what was expected.
    """
    good = (
        0 < len(value) <= MAX_ID_CHARS
        and value[0].isalnum()
        and not value.endswith((" ", "."))
        and unicodedata.is_normalized("NFC", value)
        and all(char.isalnum() or char in _EXTRA for char in value)
    )
    if not good:
        raise RequestError(
            f"{what} {value[:80]!r} cannot be used: expected 1 to {MAX_ID_CHARS} letters, digits or"
            " . _ - + @ =, beginning with a letter or a digit"
        )
    return value


def check_user(user: str) -> str:
    """A checked user id.

    Raises:
        RequestError: see `check_id`.
    """
    return check_id(user, "user id")


def check_thread(thread: str) -> str:
    """A checked thread id.

    Raises:
        RequestError: see `check_id`.
    """
    return check_id(thread, "thread id")


def checkpoint_id(user: str, thread: str) -> str:
    """The checkpointer's id of one user's thread: equal names of two users never meet."""
    return f"{check_user(user)}/{check_thread(thread)}"

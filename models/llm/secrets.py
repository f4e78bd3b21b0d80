"""Keys never reach a message or a log."""

import os
import re
from collections.abc import Iterable

MASK = "***"

_KEY_NAMES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_KEY_LIKE = re.compile(r"\b(?:sk|pk|gsk|xai|hf|AIza)[-_][\w*-]{6,}|(?<=Bearer )\S+")
_SHORTEST = 6


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text on one line without these secrets, keys of the environment and what looks like one."""
    kept = [value for name, value in os.environ.items() if _KEY_NAMES.search(name)]
    for secret in (*secrets, *kept):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, MASK)
    return " ".join(_KEY_LIKE.sub(MASK, text).split())

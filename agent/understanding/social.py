"""Small talk that means nothing to the state: greetings and farewells."""

import re
from itertools import pairwise
from typing import Literal

Social = Literal["greeting", "farewell"]

_WORD = re.compile(r"[a-z']+")
_GREETING = frozenset({"hi", "hello", "hey", "hiya", "howdy", "greetings", "yo"})
_FAREWELL = frozenset({"bye", "goodbye", "cheerio", "farewell"})
_GREETING_PAIRS = frozenset({"good morning", "good afternoon", "good evening", "what's up"})
_FAREWELL_PAIRS = frozenset({"see you", "good night", "that's all", "nothing else", "i'm done"})


def social(text: str) -> Social | None:
    """Whether a message that asks for nothing says hello or goodbye."""
    words = _WORD.findall(text.casefold().replace("’", "'"))[:40]
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    if pairs & _FAREWELL_PAIRS or set(words) & _FAREWELL:
        return "farewell"
    if pairs & _GREETING_PAIRS or set(words[:2]) & _GREETING:
        return "greeting"
    return None

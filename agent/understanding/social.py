"""Small talk that means nothing to the state: greetings and farewells."""

import re
from itertools import pairwise
from typing import Literal

Social = Literal["greeting", "farewell"]

_WORD = re.compile(r"[a-z']+")
_GREETING = frozenset({"hi", "hello", "hey", "hiya", "howdy", "greetings", "yo"})
_FAREWELL = frozenset({"bye", "goodbye", "cheerio", "farewell"})
_GREETING_PAIRS = frozenset(
    {
        "evenin' all",
        "evening all",
        "morning all",
        "mornin' all",
        "afternoon all",
        "evening everyone",
        "good morning",
        "good afternoon",
        "good evening",
        "what's up",
    }
)
_FAREWELL_PAIRS = frozenset(
    (
        "see you|good night|that's all|nothing else|i'm done|was all|be all|is all|that's it|all set|"
        "that's everything|is everything|be everything|nothing more|see ya|take care|all done|"
        "i'm off|gotta go|we're done|be it|later then|all thanks"
    ).split("|")
)
_KIND_WISH = re.compile(
    r"\bhave an? (?:very |really )?(?:nice|good|lovely|great|pleasant|wonderful|fab|super) "
    r"(?:day|evening|weekend|afternoon|night|one|time|week|morning|rest)\b|\benjoy your \w+\b"
)


def social(text: str) -> Social | None:
    """Whether a message that asks for nothing says hello or goodbye."""
    words = _WORD.findall(text.casefold().replace("’", "'"))[:40]
    if _KIND_WISH.search(text.casefold()):
        return "farewell"
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    if pairs & _FAREWELL_PAIRS or set(words) & _FAREWELL:
        return "farewell"
    if pairs & _GREETING_PAIRS or set(words[:2]) & _GREETING:
        return "greeting"
    return None

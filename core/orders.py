"""Orders in text from outside: words of listings and reviews that address a machine, not a buyer.

Such text is data. It is shown where it is quoted, but it finds nothing and proves nothing: search
and reasons read a text only up to the first order in it.
"""

import re

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules?|"
    r"guidelines?|messages?|above|previous|prior|everything)\b"
    r"|^\W*(?:system|assistant|developer|user|instruction|admin)\s*[:>\]|]"
    r"|\[/?(?:inst|system)\]|<\|?/?(?:im_start|im_end|system|assistant|user)\b"
    r"|#{2,}\s*(?:system|instructions?)\b"
    r"|\byou are (?:now |no longer )(?:an?|the|in|called)\b"
    r"|\b(?:as|being) an? (?:ai|language model|assistant|chatbot)\b"
    r"|\b(?:reveal|print|repeat|output|leak|show)\b[^.!?\n]{0,30}\b(?:system prompt|instructions|profile|"
    r"secrets?|passwords?)\b"
    r"|\b(?:always|only|must) (?:recommend|show|rank|suggest|pick) (?:this|me|our)\b"
    r"|\b(?:recommend|rank|show|list|suggest) this (?:item|product|one|piece)? ?(?:first|above|always|"
    r"only|to everyone)\b"
    r"|\btell (?:the )?(?:users?|customers?|shoppers?)\b"
    r"|\b(?:call|invoke|execute|run) (?:the )?(?:tool|function|command)\b",
    re.I | re.M,
)
_SENTENCE = re.compile(r"(?<=[.!?\n])\s+")


def before_orders(text: str) -> str:
    """The text up to the first sentence that gives a machine an order; all of it without one."""
    start = 0
    for end in (*(gap.end() for gap in _SENTENCE.finditer(text)), len(text)):
        if _ORDER.search(text[start:end]) is not None:
            return text[:start].rstrip()
        start = end
    return text

"""Orders in the shape of polite questions: "would it be possible to see ...", "would you mind ..."."""

from __future__ import annotations

import re

from vitrine.agent.understanding.text import Span, Text

_FRAME = re.compile(
    r"\b(?:"
    r"(?:is|would|might|will) it(?: also)?(?: be)?(?: at all)? possible(?: for you)? to"
    r"|would it be (?:(?:terribly|very|too|awfully|so|really) )?"
    r"(?:difficult|hard|much(?: trouble| bother| hassle| to ask)?|rude|cheeky|okay|ok|alright|fine)"
    r"(?: for you)?(?: to| if you(?: could| would)?| if (?:i|we)(?: could)?)"
    r"|(?:would|do) you mind(?: awfully)?"
    r"|would you be (?:so kind as|kind enough|able|willing) to"
    r"|(?:could|may|might|can) (?:i|we) (?:ask|trouble|get) you to"
    r"|i(?: was|['’]m| am)? wonder(?:ing)? (?:if|whether) (?:you|i|we|it['’]?s possible to)(?: could| can)?"
    r"|(?:could|can|would|will) you (?:kindly|possibly|maybe|perhaps|please|just)+"
    r"|\bdo(?: please)?(?= (?:forgive|excuse|pardon|show|feel))"
    r")(?=\s)",
    re.IGNORECASE,
)
_VERBS = frozenset(
    "see show find get give make change turn redo try add remove drop leave skip hide exclude filter limit "
    "keep narrow restrict stick include bring swap switch look have search suggest recommend pick choose "
    "showing finding getting giving making changing turning trying adding removing dropping leaving skipping "
    "hiding excluding filtering limiting keeping narrowing including bringing swapping switching searching "
    "looking forgive excuse pardon feel take rule".split()
)


def frames(text: Text) -> list[Span]:
    """The words that make orders polite, each right before its verb."""
    found: list[Span] = []
    for match in _FRAME.finditer(text.raw) if len(text) > 3 else ():
        inside = [
            i
            for i, token in enumerate(text.tokens)
            if match.start() <= token.start and token.end <= match.end()
        ]
        if inside and text.word(inside[-1] + 1) in _VERBS:
            found.append(Span(inside[0], inside[-1] + 1))
    return found

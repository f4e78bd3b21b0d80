"""Words that turn the dials of designs: "more to my taste", "stick to my words", "lambda 2 to 0.3"."""

from __future__ import annotations

import re

from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import StateOp, TurnDial
from vitrine.core.dials import DialName, Method

_NUMBER = r"(?P<number>\d{1,2}(?:\.\d{1,3})?|\.\d{1,3})"
_TO = r"\s*(?:to|at|=|:|is|of)?\s*"
_DIALS: dict[DialName, str] = {
    "text_scale": r"lambda[ _-]?(?:1|one)|text[ _-]scale",
    "interest_scale": r"lambda[ _-]?(?:2|two)|interests?[ _-]scale",
    "personal_guidance": r"(?:user|personal)[ _-]guidance",
}
_NAMED: dict[DialName, re.Pattern[str]] = {
    dial: re.compile(rf"\b(?:{names}){_TO}{_NUMBER}(?![\d%$€£])", re.I)
    for dial, names in _DIALS.items()
}
_BRANCHES = r"three[ -]branch(?:es)?"
_USED: dict[Method, str] = {
    "both": rf"{_BRANCHES} and perfusion|perfusion and {_BRANCHES}",
    "perfusion": r"perfusion|personal network",
    "three_branch": rf"{_BRANCHES}|third branch|interest branch",
    "ip_adapter": r"ip[ -]?adapter",
}
_BY = r"(?:use|with|by|switch(?: back)? to|through|via|try)\s+(?:the\s+)?"
_METHODS: dict[Method, re.Pattern[str]] = {
    method: re.compile(rf"\b{_BY}(?:{names})\b", re.I) for method, names in _USED.items()
}

_TASTE = r"my (?:own )?(?:taste|style|interests|history|likes|preferences)"
_ME = rf"(?:{_TASTE}|me\b|mine\b)"
_BIT = r"(?:a (?:bit|little) |much |even |a lot )?"
_THEM = r"(?:them|it|these|those|the designs)"
_SAID = r"(?:my words|what i (?:said|asked for|described|wrote))"
_FOR_DESIGNS = (
    r"(?:for|in|when|while) (?:the |these |those |this |that )?(?:design|drawing|picture)\w*"
)


def _cue(*ways: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(ways)})", re.I)


_MORE = _cue(
    rf"{_BIT}more (?:personal(?:i[sz]ed)?|(?:like|to|of|in|towards?) {_ME})",
    rf"(?:lean|rely|draw|build) {_BIT}(?:more )?on {_TASTE}",
    rf"(?:make|keep) {_THEM} more mine",
    rf"closer to {_TASTE}",
    rf"use {_TASTE} more",
)
_LESS = _cue(
    rf"{_BIT}less (?:personal(?:i[sz]ed)?|(?:like|to|of|in) {_ME})",
    rf"(?:lean|rely|draw) less on {_TASTE}",
    rf"use {_TASTE} less",
)
_NONE = _cue(
    rf"(?:ignor\w+|leave out|regardless of|(?:don'?t|do not) use|without(?: using)?) {_TASTE}"
    rf" {_FOR_DESIGNS}"
)
_WORDS = _cue(
    rf"(?:stick|keep|stay)(?:ing)? (?:more |closer |strictly |closely )*to {_SAID}",
    rf"(?:follow|mind|heed) {_SAID} (?:more|better|closely|strictly)",
    rf"closer to {_SAID}",
)
_AIMS: tuple[tuple[re.Pattern[str], dict[DialName, int | float]], ...] = (
    (_NONE, {"interest_scale": 0.0, "personal_guidance": 0.0}),
    (_MORE, {"interest_scale": 1, "personal_guidance": 1}),
    (_LESS, {"interest_scale": -1, "personal_guidance": -1}),
    (_WORDS, {"text_scale": 1, "interest_scale": -1}),
)
"""Cues and where they turn the dials: whole numbers are steps, others positions."""


def turned_dials(scene: Scene, part: Span) -> list[StateOp]:
    """The operations on dials that a sentence asks for; its words are spent.

    Numbers and methods that are named count always; cues about taste and words only where designs are
    talked of: they were shown last, or the message asks for one.
    """
    said = scene.text.said(part, 4000)
    found: list[StateOp] = []
    for dial, pattern in _NAMED.items():
        match = pattern.search(said)
        if match is not None:
            span = _span(scene, part, match)
            found.append(
                TurnDial(dial=dial, value=float(match["number"]), evidence=scene.evidence(span))
            )
            scene.spend(span)
    for method, pattern in _METHODS.items():
        match = pattern.search(said)
        if match is not None and scene.heard.catalogue.pack.design is not None:
            span = _span(scene, part, match)
            found.append(TurnDial(dial="method", value=method, evidence=scene.evidence(span)))
            scene.spend(span)
            break
    return found if found else _cues(scene, part, said)


def _cues(scene: Scene, part: Span, said: str) -> list[StateOp]:
    if not _of_designs(scene, said):
        return []
    for pattern, aims in _AIMS:
        match = pattern.search(said)
        if match is None:
            continue
        span = _span(scene, part, match)
        evidence = scene.evidence(span)
        scene.spend(span)
        return [
            TurnDial(dial=dial, steps=aim, evidence=evidence)
            if isinstance(aim, int)
            else TurnDial(dial=dial, value=aim, evidence=evidence)
            for dial, aim in aims.items()
        ]
    return []


_DRAWN = re.compile(r"\b(?:design|draw|sketch|drawing|picture)(?:s|ed|ing|n)?\b", re.I)


def _of_designs(scene: Scene, said: str) -> bool:
    """Designs were shown last, or the sentence names them."""
    shown = scene.last_shown
    return (bool(shown) and all(thing.kind == "design" for thing in shown)) or bool(
        _DRAWN.search(said)
    )


def _span(scene: Scene, part: Span, match: re.Match[str]) -> Span:
    """The tokens of a match in what a part says."""
    start = scene.text.tokens[part.start].start
    low, high = start + match.start(), start + match.end()
    inside = [
        at
        for at in range(part.start, part.end)
        if scene.text.tokens[at].start < high and scene.text.tokens[at].end > low
    ]
    return Span(inside[0], inside[-1] + 1)

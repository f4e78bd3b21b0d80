"""What a described thing stands among: a page before, one noun for two, a cue of letting go."""

from __future__ import annotations

from vitrine.agent.understanding import english, pointing
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, Text

_CHOOSING = frozenset(
    "for take prefer like love choose pick have buy want with order get about not".split()
)


def let_go(text: Text, at: int, sentence: Span) -> bool:
    """A cue of letting go ends here: "forget about", "I take back"."""
    for back in range(max(sentence.start, at - 5), at):
        for end in (at, at + 1):
            match = english.CUES.match(text, back, end)
            if match is not None and back + match[0] == end and "nomatter" in match[1]:
                return True
    return False


def previous(scene: Scene, at: int) -> Reference | None:
    """Such as "the previous ones", "the earlier page": the set before the one in sight."""
    if scene.text.word(at) != "the" or scene.text.word(at + 1) not in (
        "previous",
        "earlier",
        "old",
    ):
        return None
    if scene.text.word(at + 2) not in pointing.ONES | {"set", "page", "batch", "lot", "results"}:
        return None
    things = scene.shown[-2:][0].things
    return Reference(Span(at, at + 3), "pronoun", things, plural=True)


def shared_noun(scene: Scene, index: int) -> bool:
    """Such as "the red and the green one": one noun for both."""
    if scene.text.word(index) not in ("and", "or", ",") or scene.text.word(index + 1) != "the":
        return False
    at = index + 2
    while (mention := scene.mention_at(at)) is not None and mention.of("value"):
        at = mention.span.end
    return at > index + 2 and scene.text.word(at) in pointing.ONE | pointing.ONES


def chosen(text: Text, at: int, index: int) -> bool:
    """Such as "I'd go for the black", with nothing after it."""
    ends = not text.word(index) or text.word(index) in (".", "!", ",", "please", "?")
    return ends and text.word(at - 1) in _CHOOSING

"""Noun phrases of words that the shop does not know."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.idioms import VERBISH
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.wordforms import singular

_LONGEST = 5
_SIZED = frozenset("big small little great good nice pretty".split())
_AMOUNTS = frozenset("bit lot lots plenty some enough few couple touch hint of little more".split())


def free(scene: Scene, at: int) -> bool:
    """A content word that neither the shop nor grammar explains."""
    word = scene.text.word(at)
    return (
        len(word) >= 3
        and word.isalpha()
        and not scene.used[at]
        and scene.mention_over(at) is None
        and word not in english.NOUN_STOPPERS
        and word not in english.EMPTY_ADJECTIVES
        and word not in english.GENERIC_NOUNS
        and word not in english.DEGREES
        and word not in english.TALK
        and (word not in english.KIN or scene.text.word(at + 1) == "of")
        and word not in scene.vocabulary.generic
    )


def noun_phrase(scene: Scene, start: int, sentence: Span, *, parts: bool = False) -> Span | None:
    """The run of free words from the token on, determiners and amounts before it left out.

    "of", "and" and "or" hold it together ("mother of pearl buttons"). `parts`: values of the shop
    may stand in it before a free noun ("gold buttons").
    """
    text = scene.text
    first = start
    while start < min(sentence.end, first + _LONGEST) and (
        text.word(start) in english.DETERMINERS or text.word(start) in _AMOUNTS
    ):
        start += 1
    end = start
    while text.word(end) in _SIZED and (free(scene, end + 1) or text.word(end + 1) in _SIZED):
        end += 1
    sized = end
    while end < sentence.end and end - start < _LONGEST:
        if free(scene, end):
            end += 1
        elif end > sized and text.word(end) == "of" and free(scene, end + 1):
            end += 2
        elif parts and (mention := scene.mention_at(end)) is not None and mention.of("value"):
            if scene.is_head(mention) or not _leads_to_noun(scene, mention.span.end):
                break
            end = mention.span.end
        else:
            break
    if end > sized and text.word(end) in english.GENERIC_NOUNS and text.word(end).endswith("s"):
        end += 1
    end = min(end, sentence.end)
    if end <= sized or end > sentence.end:
        return None
    return Span(start, end)


def _leads_to_noun(scene: Scene, at: int) -> bool:
    """A free noun follows at once: in "gold buttons" gold belongs to the buttons."""
    return free(scene, at) and plain_noun(scene, at)


def plain_noun(scene: Scene, at: int) -> bool:
    """The word may be a noun: it is no everyday word, or a plural, and no verb."""
    word = scene.text.word(at)
    if word in VERBISH or word in english.KIN:
        return False
    if not scene.vocabulary.is_ordinary(word):
        return True
    return singular(word) != word and singular(word) not in VERBISH


def impression(scene: Scene, at: int) -> bool:
    """The word at the place says how a thing looks or feels."""
    at -= 1
    while scene.text.word(at) in english.DEGREES | {"more", "bit", "a", "little", "less"}:
        at -= 1
    return scene.text.word(at) in ("look", "looks", "looking", "feel", "feels", "feeling", "seem")

"""Slips of the keys that no spelling tells: words run together, real words a letter off."""

from __future__ import annotations

from collections.abc import Callable

from vitrine.agent.understanding import english
from vitrine.agent.understanding.meaning import Meaning
from vitrine.agent.understanding.text import PhraseTable, Span, Text, split_at

_SHORTEST_PAIR = 6
_NEVER = english.NOUN_STOPPERS | english.EMPTY_ADJECTIVES | english.DEGREES


def apart(table: PhraseTable[Meaning], text: Text, real: Callable[[str], bool]) -> Text:
    """The text with two words of the shop that were run together taken apart: "reddress".

    Args:
        table: the phrases of the shop.
        text: the message.
        real: whether a word is right, or a typing error for one word, as it stands.
    """
    for at, token in enumerate(text.tokens):
        word = token.word
        if len(word) < _SHORTEST_PAIR or not word.isalpha() or (word,) in table:
            continue
        cut = next((i for i in range(3, len(word) - 2) if _two(table, word[:i], word[i:])), None)
        if cut is None or token.end - token.start != len(word) or real(word):
            continue
        return apart(table, split_at(text, at, cut), real)
    return text


def _two(table: PhraseTable[Meaning], one: str, other: str) -> bool:
    """Both are words for values, of two facets."""
    first = {m.facet for m in table.get((one,)) if m.kind == "value" and not m.weak}
    if not first:
        return False
    second = {m.facet for m in table.get((other,)) if m.kind == "value" and not m.weak}
    return bool(second) and first.isdisjoint(second)


def beside_its_word(
    table: PhraseTable[Meaning], text: Text, at: int
) -> tuple[Span, tuple[Meaning, ...]] | None:
    """A real word that is a letter short or long beside its facet's word: "lose fit"."""
    word, marker = text.word(at), text.word(at + 1)
    if not 4 <= len(word) <= 9 or not word.isalpha() or not marker or word in _NEVER:
        return None
    named = {m.facet for m in table.get((marker,)) if m.kind == "facet"}
    if not named:
        return None
    shorter = [word[:i] + word[i + 1 :] for i in range(1, len(word))]
    for form in (*_longer(word), *shorter):
        for meaning in table.get((form,)):
            if meaning.kind == "value" and meaning.facet in named and not meaning.weak:
                return Span(at, at + 2), (meaning,)
    return None


def _longer(word: str) -> list[str]:
    """The word with one of its letters written twice, or one letter put in."""
    doubled = [word[:i] + word[i] + word[i:] for i in range(len(word))]
    return doubled + [word[:i] + c + word[i:] for i in range(1, len(word)) for c in "aeiouhrlnt"]

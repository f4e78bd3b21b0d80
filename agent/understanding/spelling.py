"""Typing errors: the one word of the vocabulary that a misspelt word stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from vitrine.agent.understanding.wordforms import deletions, edits, stems
from vitrine.models.words import english_words

_SHORTEST = 4
_TWO_ERRORS = 9
"""From this length on two errors may be in one word."""


class Speller:
    """Finds what a misspelt word means.

    Args:
        words: the single words that may be meant, each with its readings; a reading is any key that
            tells two meanings apart. Words with several readings are mended like the others where
            all candidates agree.
        real: words that are right as they stand.
    """

    def __init__(self, words: dict[str, frozenset[tuple[str, str]]], real: Collection[str]) -> None:
        self._words = words
        self._real = real
        self._deletes: dict[str, set[str]] = {}
        for word in words:
            if len(word) >= _SHORTEST and word.isalpha():
                for form in deletions(word):
                    self._deletes.setdefault(form, set()).add(word)
        self.mend = lru_cache(maxsize=4096)(self._mend)

    def _mend(self, word: str) -> str | None:
        """The word of the vocabulary that is meant, or None where that is not clear."""
        if len(word) == 3 and word.isascii() and word.isalpha() and not _VOWELS & set(word):
            return None if word in self._real else self._abbreviated(word)
        if len(word) < _SHORTEST or not word.isalpha() or not word.isascii() or word in self._real:
            return None
        if any(stem in self._real for stem in stems(word)):
            # A letter too many is likelier than an odd form of another word ("stripped").
            single = _undoubled(word)
            same = [c for c in self._deletes.get(single, ()) if _undoubled(c) == single]
            return min(same) if single != word and same else None
        if word in english_words():
            return None
        return self._nearest(word) or self._abbreviated(word)

    def _nearest(self, word: str) -> str | None:
        close: dict[str, int] = {}
        for form in deletions(word):
            for candidate in self._deletes.get(form, ()):
                if candidate not in close and (distance := _error(word, candidate)) is not None:
                    close[candidate] = distance
        if not close:
            return None
        least = min(close.values())
        nearest = sorted(c for c, distance in close.items() if distance == least)
        if not self._agree(nearest):
            # Swapped or doubled letters are likelier than a wrong letter.
            nearest = [c for c in nearest if set(c) == set(word)]
            if not nearest or not self._agree(nearest):
                return None
        return nearest[0]

    def _abbreviated(self, word: str) -> str | None:
        """The one word of which only consonants were typed: "blk", "grn", "lng"."""
        if _VOWELS & set(word) or len(word) > 5:
            return None
        close = [
            w for w in self._words
            if w[0] == word[0] and w.isalpha() and len(word) < len(w) <= len(word) + 3
            and _skeleton(w)[-1:] == word[-1] and _inside(word, _skeleton(w))
        ]  # fmt: skip
        return min(close) if close and self._agree(close) else None

    def _agree(self, words: Iterable[str]) -> bool:
        return len({self._words[word] for word in words}) == 1


def near_miss(word: str, candidate: str) -> bool:
    """Whether the word is the candidate with a slip in it."""
    return len(candidate) >= _SHORTEST and _error(word, candidate) is not None


def _error(word: str, candidate: str) -> int | None:
    """How many errors turn the candidate into the word, None where too many for its length."""
    distance = edits(word, candidate)
    if distance > (2 if min(len(word), len(candidate)) >= _TWO_ERRORS else 1):
        return None
    if len(word) == _SHORTEST and len(candidate) == _SHORTEST:
        return distance if sorted(word) == sorted(candidate) and word[0] == candidate[0] else None
    same_start = word[0] == candidate[0] or sorted(word[:2]) == sorted(candidate[:2])
    return distance if same_start else None


_VOWELS = frozenset("aeiouy")


def _skeleton(word: str) -> str:
    return "".join(c for c in word if c not in _VOWELS)


def _inside(short: str, long: str) -> bool:
    """The letters of the short one stand in the long one in that order."""
    rest = iter(long)
    return all(letter in rest for letter in short)


def _undoubled(word: str) -> str:
    """The word with each run of one letter written once."""
    return "".join(a for a, b in zip(word, " " + word, strict=False) if a != b)

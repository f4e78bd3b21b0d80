"""Whether a rephrased sentence says only what it was given: names, numbers, properties, negations.

Both texts are read the same way, by the shop's vocabulary. A sentence stands when each thing it
names was named, each number and property in it was said of the same thing, with the same negation,
and no other word in it could claim anything. The check is strict on purpose: what it drops is said
by the built-in wording instead, so nothing is lost but style.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar
from unicodedata import category

from vitrine.agent.glue import FUNCTION_WORDS, NEGATIONS, TALK_WORDS
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.text import PhraseTable, Span, Text, phrase, read
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.agent.understanding.wordforms import stems
from vitrine.core.ports import Catalogue
from vitrine.tools.wording import sentences

_TURNS = frozenset({"but", "though", "although", "however", "while", "whereas", ";"})
_NUMBERED = frozenset({"design", "number"})
_ONE = frozenset({"it", "its", "this", "that"})
_ALL = frozenset({"all", "they", "them", "these", "both", "each"})
DESIGNS = "designs"
"""What is said of all designs together is said of each."""
_ODD = frozenset({"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that no plain sentence needs: pictures, controls, private characters."""
_LONGEST = 400

Property = tuple[str, str, bool]
"""Facet, value, negated."""


@dataclass(frozen=True)
class Statement:
    """What one sentence claims; what it claims is said of a thing, or of nothing named (None)."""

    names: frozenset[str]
    numbers: frozenset[tuple[str | None, float]]
    properties: frozenset[tuple[str | None, Property]]
    words: frozenset[tuple[str, bool]]
    negated: bool
    asks: bool


@dataclass(frozen=True)
class Checked:
    """The sentences that stand, those that were dropped, and whether all that was given is said."""

    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    complete: bool


class WordingChecker:
    """Checks rephrased paragraphs of one shop."""

    def __init__(self, vocabulary: Vocabulary, catalogue: Catalogue) -> None:
        self._vocabulary = vocabulary
        self._titles: PhraseTable[str] = PhraseTable()
        for row in range(len(catalogue)):
            title = catalogue.at(row).title
            self._titles.add(phrase(title), title)

    def check(self, given: str, written: Iterable[str]) -> Checked:
        """Compare a paragraph with the sentences that are to say the same.

        `written` may hold several sentences in one string; each is checked on its own.
        """
        facts = self.statements(sentences(given))
        kept: list[str] = []
        dropped: list[str] = []
        stands: list[Statement] = []
        about: str | None = None
        for sentence in (part for text in written for part in sentences(text)):
            statement, last = self._read(sentence, about)
            plain = len(sentence) <= _LONGEST and not any(category(c) in _ODD for c in sentence)
            if plain and _supported(statement, facts):
                kept.append(sentence)
                stands.append(statement)
                about = last
            else:
                dropped.append(sentence)
        return Checked(tuple(kept), tuple(dropped), _complete(facts, stands))

    def statements(self, texts: Iterable[str]) -> list[Statement]:
        """What sentences claim, each read after the one before: "it" is what was named last."""
        found: list[Statement] = []
        about: str | None = None
        for text in texts:
            statement, about = self._read(text, about)
            found.append(statement)
        return found

    def _read(self, sentence: str, about: str | None) -> tuple[Statement, str | None]:
        """(claims, the thing that "it" means afterwards)."""
        text = read(sentence)
        names = self._names(text)
        opening = about if _points_back(text, _ONE) else None
        if about is not None and about.startswith("design ") and _points_back(text, _ALL):
            opening = DESIGNS
        negative = _negative(text)
        mentions = self._vocabulary.mentions(text)
        free = [True] * len(text)
        properties: set[tuple[str | None, Property]] = set()
        for span, name in names:
            _cover(free, span)
            for one in mentions:
                if span.start <= one.span.start and one.span.end <= span.end:
                    properties |= {(name, (m.facet, m.value, False)) for m in one.of("value")}
        for one in mentions:
            if one.of("value") and all(free[one.span.start : one.span.end]):
                owner = _owner(names, one.span.start, opening)
                flag = negative[one.span.start]
                properties |= {(owner, (m.facet, m.value, flag)) for m in one.of("value")}
                _cover(free, one.span)
        numbers: set[tuple[str | None, float]] = set()
        for at in range(len(text)):
            number = number_at(text, at) if free[at] else None
            if number is not None:
                numbers.add((_owner(names, at, opening), round(number[0], 2)))
                _cover(free, Span(at, at + number[1]))
        for one in mentions:
            if numbers and one.of("unit"):
                _cover(free, one.span)
        words = frozenset(
            (token.word, negative[at])
            for at, token in enumerate(text.tokens)
            if free[at] and token.word[0].isalnum()
            if token.word not in FUNCTION_WORDS and token.word not in NEGATIONS
        )
        statement = Statement(
            names=frozenset(name for _, name in names),
            numbers=frozenset(numbers),
            properties=frozenset(properties),
            words=words,
            negated=any(negative),
            asks=any(token.word == "?" for token in text.tokens),
        )
        return statement, names[0][1] if names else opening

    def _names(self, text: Text) -> list[tuple[Span, str]]:
        """Titles of the catalogue and "design 2", left to right."""
        found: list[tuple[Span, str]] = []
        at = 0
        while at < len(text):
            match = self._titles.match(text, at)
            if match is not None:
                found.append((Span(at, at + match[0]), match[1][0]))
                at += match[0]
            elif text.word(at) in _NUMBERED and (number := number_at(text, at + 1)) is not None:
                length = 1 + number[1]
                found.append((Span(at, at + length), f"{text.word(at)} {number[0]:g}"))
                at += length
            else:
                at += 1
        return found


def _cover(free: list[bool], span: Span) -> None:
    for at in range(span.start, min(span.end, len(free))):
        free[at] = False


def _points_back(text: Text, pointers: frozenset[str]) -> bool:
    """The sentence begins with "it", "this" or the like, perhaps after a word or two."""
    return any(text.word(at) in pointers for at in range(3))


def _negative(text: Text) -> list[bool]:
    """For each token, whether it is denied.

    A negation stands between the same commas, or before it in the clause ("neither this, that nor those").
    """
    flags = [False] * len(text)
    before = False
    start = 0
    for at in range(len(text) + 1):
        word = text.word(at)
        turns = word in _TURNS or (word == "and" and text.word(at + 1) in NEGATIONS)
        if at < len(text) and not turns and word != ",":
            continue
        inside = any(text.word(i) in NEGATIONS for i in range(start, at))
        flags[start:at] = [before or inside] * (at - start)
        before = (before or inside) and word == ","
        start = at
    return flags


def _owner(names: list[tuple[Span, str]], at: int, opening: str | None) -> str | None:
    """The thing that a word speaks of.

    The last one named before it, else what "it" is, else the first one named after it.
    """
    before = [name for span, name in names if span.end <= at]
    if before:
        return before[-1]
    if opening is not None or not names:
        return opening
    return names[0][1]


def _supported(written: Statement, facts: list[Statement]) -> bool:
    """Whether everything that a sentence claims is claimed by the facts."""
    names = {name for fact in facts for name in fact.names}
    numbers = {claim for fact in facts for claim in fact.numbers}
    properties = {claim for fact in facts for claim in fact.properties}
    if not written.names <= names:
        return False
    if not all(_said_of(about, n, numbers) for about, n in written.numbers):
        return False
    if not all(_said_of(about, p, properties) for about, p in written.properties):
        return False
    if written.negated and not any(fact.negated for fact in facts):
        return False
    if written.asks and not any(fact.asks for fact in facts):
        return False
    said = {(stem, flag) for fact in facts for w, flag in fact.words for stem in stems(w)}
    for word, flag in written.words:
        if word not in TALK_WORDS and not any((stem, flag) in said for stem in stems(word)):
            return False
    return True


Claim = TypeVar("Claim")


def _said_of(about: str | None, claim: Claim, claims: set[tuple[str | None, Claim]]) -> bool:
    """The claim was made of this thing or of everything; a claim about nothing named, of anything."""
    if about is None:
        return any(claim == other for _, other in claims)
    owners = (about, None, DESIGNS) if about.startswith("design ") else (about, None)
    return any((owner, claim) in claims for owner in owners)


def _complete(facts: list[Statement], stands: list[Statement]) -> bool:
    """Whether names, numbers, properties, and whatever was denied, are all still said."""
    names = {name for one in stands for name in one.names}
    numbers = {number for one in stands for _, number in one.numbers}
    properties = {p for one in stands for _, p in one.properties}
    denied = {stem for one in stands for w, flag in one.words if flag for stem in stems(w)}
    for fact in facts:
        if not fact.names <= names or not {n for _, n in fact.numbers} <= numbers:
            return False
        if not {p for _, p in fact.properties} <= properties:
            return False
        for word, flag in fact.words:
            if flag and word not in TALK_WORDS and not stems(word) & denied:
                return False
        if fact.asks and not any(one.asks for one in stands):
            return False
    return True

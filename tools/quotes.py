"""Sentences of listings and reviews that speak of what was asked, by BM25 over the sentences.

A sentence counts as evidence only if it holds enough of what the question is about; without one the
listing does not say. Silence and near misses are never turned into a claim.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.core.orders import before_orders
from vitrine.tools.wording import sentences

_WORD = re.compile(r"[^\W_]+")
_HYPHENED = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_CONCEPT_CREDIT = 0.5  # a concept's expression beside the very word
_ENOUGH = 0.6  # share of the question's content that a sentence must hold
_K1, _B = 1.2, 0.5

# Words of asking, not of what is asked about.
_ASKING = frozenset(
    """
    a about actually all also am an and another any anyone anything are as at be been being but
    buyer buyers by can could customer customers did do does doing else enough ever every feel
    feels find first for from get gets give go good great had has have having he her his how i
    if in into is it its itself just kind know last like likely listing look looks made make
    many may me mean might more most much must my need nice no not of ok okay on one ones only
    or other our out over own part people please product question quite rather really review
    reviewer reviewers reviews right same say says second see seem seems she should so some
    something sort still such suitable sure take tell than thank thanks that the their them then
    there these they thing things think third this those to too under up us use used using very
    want was way we well were what when where which while who why will with work works would
    wondering yes you your bring buy come comes go goes going keep put show wear wearing worn
    """.split()
)


@dataclass(frozen=True)
class Passage:
    """One sentence of an item's description (`review` None) or of a review."""

    item: Item
    text: str
    review: str | None
    stars: int | None
    score: float


@lru_cache(maxsize=8192)
def content_stems(text: str, *, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Stems of the words a text is about, each once, in order."""
    words = _WORD.findall(text.casefold())
    return tuple(
        dict.fromkeys(
            stem
            for word in words
            if word not in _ASKING and len(word) > 1 and (stem := light_stem(word)) not in without
        )
    )


@lru_cache(maxsize=65536)
def light_stem(word: str) -> str:
    """The word without its commonest endings, so that "breathes" meets "breathable"."""
    for ending in (
        "ability",
        "able",
        "ibly",
        "ible",
        "ings",
        "ing",
        "edly",
        "ed",
        "ness",
        "ly",
        "ies",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _settled(word[: -len(ending)])
    if word.endswith("es") and len(word) > 4:
        return _settled(word[:-2])
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word[:-1]
    return _settled(word)


def _settled(stem: str) -> str:
    """Doubled consonants and final vowels even out: fitting, fits; shiny, shine."""
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeiouls":
        stem = stem[:-1]
    if len(stem) > 3 and stem[-1] in "eiy":
        return stem[:-1]
    return stem[:-1] + "i" if stem.endswith("y") else stem


def find_passages(pack: DomainPack, items: Sequence[Item], question: str) -> list[Passage]:
    """The sentences that answer, best first: descriptions before reviews of the same merit.

    A word of the question is also met by the expressions the pack lists for it as a concept, though
    they count for less. Words of the items' own titles say which thing is meant, not what is asked.
    """
    titles = frozenset(
        light_stem(w) for item in items for w in _WORD.findall(item.title.casefold())
    )
    asked = content_stems(question, without=titles)
    if not asked:
        return []
    meanings = {stem: _expressions(pack, stem, asked) for stem in asked}
    if not any(_may_answer(item, meanings) for item in items):
        return []
    pool = [
        (item, line, review, stars)
        for item in items
        for lines, review, stars in (
            (_lines(item.description), None, None),
            *((_lines(r.text), r.id, r.stars) for r in item.reviews),
        )
        for line in lines
    ]
    if not pool:
        return []
    counts = [
        {
            stem: line.bag[stem]
            + _CONCEPT_CREDIT * sum(line.spoken.count(e) for e in meanings[stem])
            for stem in asked
        }
        for _, line, _, _ in pool
    ]
    mean = sum(line.length for _, line, _, _ in pool) / len(pool)
    holders = {stem: sum(count[stem] > 0 for count in counts) for stem in asked}
    weight = {s: math.log(1 + (len(pool) - n + 0.5) / (n + 0.5)) for s, n in holders.items()}
    found: list[Passage] = []
    for (item, line, review, stars), count in zip(pool, counts, strict=True):
        if sum(1 for c in count.values() if c) < _ENOUGH * len(asked):
            continue
        norm = _K1 * (1 - _B + _B * line.length / mean)
        score = sum(weight[s] * c * (_K1 + 1) / (c + norm) for s, c in count.items())
        found.append(Passage(item=item, text=line.text, review=review, stars=stars, score=score))
    order = sorted(
        range(len(found)), key=lambda i: (-round(found[i].score, 6), found[i].review is not None, i)
    )
    return [found[i] for i in order]


def _may_answer(item: Item, meanings: Mapping[str, Sequence[str]]) -> bool:
    """Whether enough of the asked stems may stand in the item's texts at all; a cheap look.

    A stem without its last letter is the beginning of every word that has the stem.
    """
    text = "\n".join([item.description, *(r.text for r in item.reviews)]).casefold()
    held = sum(
        stem[:-1] in text or any(e.split()[0] in text for e in expressions)
        for stem, expressions in meanings.items()
    )
    return held >= _ENOUGH * len(meanings)


@dataclass(frozen=True)
class _Line:
    """A sentence: how often each stem stands in it, how many in all, and `_spoken` of it."""

    text: str
    bag: Counter[str]
    length: int
    spoken: str


@lru_cache(maxsize=16384)
def _lines(text: str) -> tuple[_Line, ...]:
    """The sentences of a listing or a review, up to the first order in it."""
    lines: list[_Line] = []
    for sentence in sentences(before_orders(text)):
        bag = Counter(light_stem(word) for word in _WORD.findall(sentence.casefold()))
        lines.append(_Line(sentence, bag, bag.total(), _spoken(sentence)))
    return tuple(lines)


def _expressions(pack: DomainPack, stem: str, asked: Sequence[str]) -> tuple[str, ...]:
    """What the pack's concepts of that stem are also called, as `_spoken` writes it.

    A concept of several words is meant only if the question has all that it is about.
    """
    found: list[str] = []
    for concept, words in pack.concepts.items():
        about = content_stems(concept)
        if stem in about and set(about) <= set(asked):
            found += [_spoken(word) for word in words]
    return tuple(dict.fromkeys(found))


def _spoken(text: str) -> str:
    """Words of a text between single spaces; hyphenated words stay one word ("easy-care")."""
    return f" {' '.join(_HYPHENED.findall(text.casefold()))} "

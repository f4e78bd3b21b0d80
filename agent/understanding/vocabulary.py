"""What words mean in one shop: built once per catalogue from its domain pack and its values.

A phrase may stand for several values of one facet ("shoes") or for values of several facets
("short"); `resolve` decides by the words around it and by the head that is talked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import ImageColor

from vitrine.agent.understanding import english, slips
from vitrine.agent.understanding.idioms import ADJECTIVES
from vitrine.agent.understanding.meaning import Kind, Meaning, Mention
from vitrine.agent.understanding.numbers import spelt_out
from vitrine.agent.understanding.ordinary import ORDINARY
from vitrine.agent.understanding.spelling import Speller, near_miss
from vitrine.agent.understanding.text import PhraseTable, Span, Text, phrase
from vitrine.agent.understanding.wordforms import (
    comparatives,
    inflections,
)
from vitrine.core.domain import DomainPack, Facet
from vitrine.core.ports import Catalogue

_SAMPLE_ITEMS = 400
_COLOUR_NAMES = frozenset(name for name in ImageColor.colormap if name.isalpha())


class Vocabulary:
    """The phrases of one shop."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.pack: DomainPack = catalogue.pack
        self.table: PhraseTable[Meaning] = PhraseTable()
        self.colour_facet = next(
            (f.name for f in self.pack.facets if any(v.rgb is not None for v in f.values)), None
        )
        self.accents: dict[str, str] = {
            f.of: f.name for f in self.pack.facets if f.of is not None and f.values_from is not None
        }
        self.values: dict[str, dict[str, None]] = {}
        self._bare_sizes: list[tuple[tuple[str, ...], str]] = []
        for facet in self.pack.facets:
            if facet.values_from is None and facet.kind != "numeric":
                self._add_values(facet, catalogue)
            self._add_facet_words(facet)
            for name in facet.elsewhere:
                key = phrase(name)
                turned = (*key[1:], key[0]) if len(key) == 2 and key[1].isdecimal() else key
                for form in dict.fromkeys((key, turned)):  # "waist 34", "34 waist"
                    if not self.table.get(form):
                        self.table.add(
                            form, Meaning("value", facet.name, name, known=False, listed=True)
                        )
        for concept in self.pack.concepts:
            self.table.add(phrase(concept), Meaning("concept", "", concept))
        self.table.prune(lambda meaning: meaning.weak)
        self.generic = english.GENERIC_NOUNS | {
            form
            for noun in (self.pack.noun, self.pack.nouns, *self.pack.head.words)
            for form in (*phrase(noun), *(" ".join(f) for f in inflections(phrase(noun))))
        }
        self.described = self._catalogue_words(catalogue)
        self.ordinary = ORDINARY | self.described
        cues = {word for key in english.CUES.phrases() for word in key if len(word) > 3}
        self.speller = Speller(self._spelt(), self.ordinary | self.generic | cues)
        np.quantile(np.zeros(2), 0.5)  # its first call loads half of numpy; not in a turn

    # --- building -----------------------------------------------------------------------------

    def _add_values(self, facet: Facet, catalogue: Catalogue) -> None:
        names = dict.fromkeys(value.name for value in facet.values)
        names.update(dict.fromkeys(str(value) for value in catalogue.values(facet.name)))
        self.values[facet.name] = names
        markers = [phrase(word) for word in (facet.label, *facet.words) if word]
        for name in names:
            value = facet.value(name)
            words = value.words if value is not None else ()
            if facet.kind == "stock":
                self._add_size(facet, name, words)
                continue
            for text in (name, *words):
                key = phrase(text)
                self.table.add(
                    key,
                    Meaning(
                        "value",
                        facet.name,
                        name,
                        listed=True,
                        name=text == name,
                        graded=_comparative(key, names, words),
                    ),
                )
                for form in inflections(key):
                    ordinary = len(form) == 1 and form[0] in ORDINARY
                    number = form[0] in english.NUMBER_WORDS and len(form) == 1
                    if number or (ordinary and facet.role != "head"):
                        continue
                    known = self.table.get(form)
                    if not known or (ordinary and all(m.weak for m in known)):
                        self.table.add(
                            form, Meaning("value", facet.name, name, listed=False, weak=ordinary)
                        )
                if facet.role != "head" and len(key) == 1:
                    for graded in comparatives(key[0]):
                        told = key[0] in ADJECTIVES or graded.endswith(("ier", "iest"))
                        if not facet.visible and not told:
                            continue  # "a worker" is no more for work
                        if all(m.graded for m in self.table.get((graded,))):
                            self.table.add(
                                (graded,),
                                Meaning(
                                    "value",
                                    facet.name,
                                    name,
                                    listed=text != name,
                                    name=text == name,
                                    graded=True,
                                ),
                            )
                if facet.role != "head":
                    for marker in markers:
                        if len(marker) == 1 and marker != key:
                            self.table.add((*key, *marker), Meaning("value", facet.name, name))
                            self.table.add((*marker, *key), Meaning("value", facet.name, name))

    def _add_size(self, facet: Facet, name: str, words: Sequence[str]) -> None:
        """Sizes are too short to stand alone: they need the facet's word, or a wearer, before."""
        meaning = Meaning("value", facet.name, name, name=True)
        forms: list[tuple[str, ...]] = [phrase(name), *(phrase(word) for word in words)]
        leads = {phrase(word) for word in (*facet.words, facet.name)}
        if (spelt := spelt_out(name)) is not None:
            typed = [spelt] + ([("fourty", *spelt[1:])] if spelt[0] == "forty" else [])
            for words in typed:
                for lead in (*facet.words, facet.name):
                    self.table.add((*phrase(lead), *words), meaning)
                    self.table.add((*words, *phrase(lead)), meaning)
                for lead in ("wear", "wear a", "wears", "take", "take a", "takes", "in a"):
                    self.table.add((*phrase(lead), *words), meaning)
        bare = [form[1:] for form in forms if len(form) > 1 and form[:1] in leads]
        self._bare_sizes += [(form, name) for form in (phrase(name), *bare)]
        for form in bare:
            for lead in (*facet.words, facet.name):
                self.table.add((*form, *phrase(lead)), meaning)
        for form in forms:
            alone = "".join(form)
            if len(form) > 1 or (len(alone) > 3 and alone.isalpha()):
                self.table.add(form, meaning)
            for lead in (*facet.words, facet.name):
                self.table.add((*phrase(lead), *form), meaning)
                self.table.add((*form, *phrase(lead)), meaning)
                self.table.add((*phrase(lead), "is", *form), meaning)
                self.table.add((*phrase(lead), ":", *form), meaning)
                self.table.add((*form, "is", "my", *phrase(lead)), meaning)
                self.table.add((*form, "is", "her", *phrase(lead)), meaning)
                self.table.add((*form, "is", "his", *phrase(lead)), meaning)
        if not name[0].isdecimal():
            for lead in english.SIZE_LEADS:
                for form in (phrase(name), *bare):
                    self.table.add((*phrase(lead), *form), meaning)
        elif len(name) >= 2:
            for lead in ("in", "in a", "wear", "wear a", "i'm a", "i am a", "take", "take a", "a"):
                self.table.add((*phrase(lead), *phrase(name)), meaning)

    def _add_facet_words(self, facet: Facet) -> None:
        made = ("made out of", "made from") if "made of" in facet.words else ()
        for text in dict.fromkeys((facet.name, facet.label, *facet.words, *made)):
            if text:
                for form in (phrase(text), *inflections(phrase(text))):
                    self.table.add(form, Meaning("facet", facet.name))
        if facet.kind == "numeric":
            for text in facet.low_words:
                for form in (phrase(text), *inflections(phrase(text))):
                    self.table.add(form, Meaning("low", facet.name))
            for text in facet.high_words:
                self.table.add(phrase(text), Meaning("high", facet.name))
            for text in facet.unit_words:
                self.table.add(phrase(text), Meaning("unit", facet.name))
            extra: dict[Kind, tuple[str, ...]] = {
                "low": english.ROLE_LOW.get(facet.role, ()),
                "high": english.ROLE_HIGH.get(facet.role, ()),
                "unit": english.ROLE_UNITS.get(facet.role, ()),
                "facet": english.ROLE_WORDS.get(facet.role, ()),
            }
            for kind, texts in extra.items():
                for text in texts:
                    self.table.add(phrase(text), Meaning(kind, facet.name))

    def _catalogue_words(self, catalogue: Catalogue) -> frozenset[str]:
        """Words that titles and descriptions use: real words, so never taken for typing errors."""
        counts: dict[str, int] = {}
        step = max(1, len(catalogue) // _SAMPLE_ITEMS)
        for row in range(0, len(catalogue), step):
            item = catalogue.at(row)
            for word in set(re.findall(r"[a-z]+", f"{item.title} {item.description}".lower())):
                counts[word] = counts.get(word, 0) + 1
        enough = 2 if len(catalogue) > 20 else 1
        return frozenset(word for word, count in counts.items() if count >= enough)

    # --- reading ------------------------------------------------------------------------------

    def mentions(self, text: Text) -> list[Mention]:
        """Every phrase of the vocabulary, left to right, longest first, never overlapping."""
        found: list[Mention] = []
        at = 0
        while at < len(text):
            match = self.table.match(text, at)
            if (
                match is not None
                and match[1][0].weak
                and not _stands_as_noun(self, text, at, found)
            ):
                match = None
            if match is not None:
                length, meanings = match
                found.append(Mention(Span(at, at + length), tuple(meanings)))
                at += length
                more = self._more_sizes(text, at, meanings)
                if more is not None:
                    found.append(more)
                    at = more.span.end
                continue
            token = text.tokens[at]
            if token.is_word and (slip := slips.beside_its_word(self.table, text, at)) is not None:
                found.append(Mention(*slip, typo=True))
                at = slip[0].end
                continue
            if token.is_word and (mended := self._mended(token.word)):
                found.append(Mention(Span(at, at + 1), mended, typo=True))
            elif (
                self.colour_like(token.word)
                and (token.word not in ORDINARY or token.word in english.BASIC_COLOURS)
                and (token.word in english.BASIC_COLOURS or self._names_colour(text, at))
            ):
                lacking = Meaning("value", self.colour_facet or "", token.word, known=False)
                found.append(Mention(Span(at, at + 1), (lacking,)))
            at += 1
        return found

    def apart(self, text: Text) -> Text:
        """The text with words of the shop that were run together taken apart: "reddress"."""
        return slips.apart(self.table, text, lambda w: w in self.ordinary or bool(self._mended(w)))

    def _names_colour(self, text: Text, at: int) -> bool:
        """The word stands where a colour may: not in "he spilled wine over it"."""
        after = text.word(at + 1)
        if not after or not after[0].isalpha() or after in _AFTER_COLOUR:
            return True
        return (
            self.table.match(text, at + 1) is not None
            or after in self.generic
            or after not in ORDINARY
        )

    def _spelt(self) -> dict[str, frozenset[tuple[str, str]]]:
        """Single words that may be misspelt, with (facet, value or kind) of their meanings."""
        found: dict[str, frozenset[tuple[str, str]]] = {}
        for key in self.table.phrases():
            meanings = [m for m in self.table.get(key) if not m.weak]
            soft = all(m.kind != "value" for m in meanings)
            if len(key) == 1 and meanings and not (soft and len(key[0]) < 6):
                found[key[0]] = frozenset((m.facet, m.value or m.kind) for m in meanings)
        return found

    def _mended(self, word: str) -> tuple[Meaning, ...]:
        """The meanings of the one word that a typing error explains, else nothing."""
        meant = None if self.colour_like(word) else self.speller.mend(word)
        if meant is None:
            return ()
        meanings = [m for m in self.table.get((meant,)) if not m.weak]
        values = [m for m in meanings if m.kind == "value"]
        return tuple(values or meanings)

    def bare_size(self, words: tuple[str, ...]) -> str | None:
        """The size that the words alone name, or None."""
        return next((name for key, name in self._bare_sizes if key == words), None)

    def misspelt_size(self, word: str) -> str | None:
        """The one size in whose written-out name the word has a slip ("meduim"), or None."""
        if len(word) < 4 or not word.isalpha():
            return None
        close = {n for key, n in self._bare_sizes if len(key) == 1 and near_miss(word, key[0])}
        return close.pop() if len(close) == 1 else None

    def _more_sizes(self, text: Text, at: int, meanings: Sequence[Meaning]) -> Mention | None:
        """The second of "size L or XL": a bare size counts right after another one."""
        size = self.pack.role("size")
        if size is None or not any(m.kind == "value" and m.facet == size.name for m in meanings):
            return None
        while text.word(at) in ("please", ",") and text.word(at + 1) in (",", "or", "and"):
            at += 1
        repair = english.REPAIR.match(text, at + 1)
        if text.word(at) in (",", ".", "-", "–") and repair is not None:
            at += repair[0]  # "size L, I mean XL"
        elif text.word(at) not in ("or", "and", "/", ","):
            return None
        while text.word(at + 1) in _BEFORE_SIZE:
            at += 1
        for key, name in self._bare_sizes:
            if text.words(Span(at + 1, at + 1 + len(key))) == key:
                return Mention(
                    Span(at + 1, at + 1 + len(key)), (Meaning("value", size.name, name, name=True),)
                )
        return None

    def resolve(
        self, mention: Mention, heads: Iterable[str], beside: Iterable[str] = ()
    ) -> tuple[Meaning, ...]:
        """The value meanings that hold here: one facet only, possibly several of its values.

        `heads`: head values talked about; `beside`: names of facets whose words stand next to it.
        """
        meanings = mention.of("value")
        facets = list(dict.fromkeys(m.facet for m in meanings))
        if len(facets) <= 1:
            return _one_each(meanings)
        near = set(beside)
        wanted = set(heads)

        def rank(name: str) -> tuple[bool, bool, bool, bool]:
            facet = self.pack.facet(name)
            applies = facet is None or not facet.applies_to or not wanted
            applies = applies or bool(facet is not None and wanted & set(facet.applies_to))
            first = next(m for m in meanings if m.facet == name)
            # A word that an author listed for a facet was meant to be said alone; a mere name
            # ("long" sleeves) usually comes with its facet's word.
            return (name not in near, not applies, not first.listed, first.name)

        best = min(facets, key=lambda name: (rank(name), facets.index(name)))
        return _one_each(m for m in meanings if m.facet == best)

    def knows(self, word: str) -> bool:
        return (word,) in self.table

    def is_ordinary(self, word: str) -> bool:
        return word in ORDINARY

    def colour_like(self, word: str) -> bool:
        """A colour's name that the shop's colour facet (the one with rgb values) does not have."""
        named = word in _COLOUR_NAMES or word in english.COLOUR_NAMES
        return self.colour_facet is not None and named and not self.knows(word)

    def beside(self, text: Text, mentions: Sequence[Mention], index: int) -> set[str]:
        """Facets whose own words stand within one token of the mention, "and" apart."""
        span = mentions[index].span
        near: set[str] = set()
        for other in mentions[max(0, index - 1) : index + 2]:
            gap = max(span.start - other.span.end, other.span.start - span.end)
            between = text.word(min(span.end, other.span.end))
            if gap == 1 and between in ("and", ","):
                continue  # "longer sleeves and shorter ..."
            if other is not mentions[index] and gap <= 1:
                near |= {m.facet for m in other.of("facet")}
        return near


def _comparative(key: tuple[str, ...], names: Iterable[str], words: Sequence[str]) -> bool:
    """The listed word grades another one of the same facet: "lighter" beside "light"."""
    if len(key) != 1 or not key[0].endswith("er"):
        return False
    return any(key[0] in comparatives(word) for word in (*names, *words) if word != key[0])


def _stands_as_noun(vocabulary: Vocabulary, text: Text, at: int, found: Sequence[Mention]) -> bool:
    """An everyday word ends a noun phrase here: "a sequin top", "brown bands, please"."""
    after = text.word(at + 1)
    ends = not after or not after[0].isalpha() or after in _AFTER_NOUN
    if not ends or after == "of":
        return False
    if after and (ahead := vocabulary.table.match(text, at + 1)) is not None:
        if any(m.kind == "value" for m in ahead[1]) and after not in _AFTER_NOUN:
            return False
    before = text.word(at - 1)
    if found and found[-1].span.end == at and found[-1].of("value", "concept"):
        return True
    if before in english.DETERMINERS or before in ("me", "new", "nice", "good", "of", "or", "and"):
        return before != "the" or after in _AFTER_NOUN
    plural = text.word(at).endswith("s") and not text.word(at).endswith("ss")
    opens = not before or not before[0].isalpha()
    if plural:
        return opens or before not in _BEFORE_VERBS
    return not opens and before not in english.NOUN_STOPPERS and before not in ORDINARY


_AFTER_NOUN = frozenset(
    "in with for under over below above from at to by without and or but that which please instead "
    "than too also is are around about between costing size made like i maybe perhaps preferably ideally "
    "then thanks if because so just only".split()
)
_AFTER_COLOUR = frozenset(
    "for with in under below but instead too please and or one ones maybe pls if sounds looks would "
    "could might works".split()
)
_BEFORE_SIZE = frozenset("a an maybe even in sometimes occasionally possibly perhaps also".split())
_BEFORE_VERBS = (
    english.PRONOUNS | english.AUXILIARIES | frozenset("to not n't on at it who".split())
)


def _one_each(meanings: Iterable[Meaning]) -> tuple[Meaning, ...]:
    """The meanings without repeats of one value."""
    return tuple({(m.facet, m.value): m for m in meanings}.values())

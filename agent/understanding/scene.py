"""What the readers of one message share: its tokens, the shop's words in it, what was shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vitrine.agent.understanding import english
from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.courtesy import frames
from vitrine.agent.understanding.elision import predicate, wills
from vitrine.agent.understanding.fielded import fielded
from vitrine.agent.understanding.idioms import IDIOMS, VERBISH
from vitrine.agent.understanding.text import PhraseTable, Span, Text
from vitrine.agent.understanding.vocabulary import Meaning, Mention, Vocabulary
from vitrine.core.acts import Evidence
from vitrine.core.refs import ThingRef
from vitrine.core.turn import MAX_TEXT_CHARS
from vitrine.memory.state import ShownSet


@dataclass
class Scene:
    """One message being read. `used` marks tokens whose meaning is spent: none is read twice."""

    text: Text
    heard: Heard
    vocabulary: Vocabulary
    mentions: list[Mention]
    used: list[bool] = field(default_factory=lambda: [])
    _heads: dict[Span, tuple[str, ...]] = field(default_factory=lambda: {})
    _found: dict[tuple[int, Span], Span | None] = field(default_factory=lambda: {})
    _apart: set[int] = field(default_factory=lambda: set())
    _polite: dict[int, int] = field(default_factory=lambda: {})

    def __post_init__(self) -> None:
        self.used = [False] * len(self.text)
        question = self.heard.state.open_question
        spoken = set(self._lately)
        if question is not None and question.facet is not None:
            spoken.add(question.facet)
        self.mentions = fielded(self.vocabulary, self.text, self.mentions, sorted(spoken))
        for span in _idioms(self.text):
            inside = [m for m in self.mentions if m.span.overlaps(span)]
            if all(span.start <= m.span.start and m.span.end <= span.end for m in inside):
                self.mentions = [m for m in self.mentions if m not in inside]
                self.spend(span)
        for span in frames(self.text):
            self.spend(span)
            self._polite[span.start] = span.end
        for span in _markup(self.text):
            self.spend(span)
            self.mentions = [m for m in self.mentions if not m.span.overlaps(span)]
        self.mentions = [m for m in self.mentions if not self._of_somebody(m)]
        starts = {sentence.start for sentence in self.text.sentences}
        self.mentions = [
            m
            for m in self.mentions
            if not (_is_verb(self.text, m, starts) or _asks_for_time(self.text, m.span))
            or (self.is_head(m) and self.text.word(m.span.end) == "for")
            or self._named(m)
        ]

    def _named(self, mention: Mention) -> bool:
        """The word names what is sought, though it may be a verb: "Rings. Any hue", "mint it is"."""
        text, end = self.text, mention.span.end
        before, after = text.word(mention.span.start - 1), text.word(end)
        if after == "it" and text.word(end + 1) in ("must", "is", "shall", "will", "'s"):
            return True
        many = text.word(end - 1).endswith("s") and self.is_head(mention)
        return many and before not in english.PRONOUNS and after not in ("me", "true", "up")

    def _of_somebody(self, mention: Mention) -> bool:
        """The words name a person: "for my grandmother's birthday", "my trainer says"."""
        following = self.text.word(mention.span.end)
        if mention.of("concept") and following == "'s":
            return True
        return following in _TELLS and self.text.word(mention.span.start - 1) in _WHOSE

    @property
    def turn(self) -> int:
        return self.heard.state.turn + 1

    def evidence(self, span: Span) -> Evidence:
        """Evidence with the user's words of the span."""
        return Evidence(turn=self.turn, text=self.text.said(span))

    def spend(self, span: Span) -> None:
        for index in range(span.start, min(span.end, len(self.used))):
            self.used[index] = True

    def spent(self, span: Span) -> bool:
        return any(self.used[span.start : span.end])

    def within(self, span: Span) -> list[Mention]:
        """Mentions inside the span, left to right."""
        return [m for m in self.mentions if span.start <= m.span.start and m.span.end <= span.end]

    def mention_at(self, index: int) -> Mention | None:
        return self._starts.get(index)

    def mention_over(self, index: int) -> Mention | None:
        return self._covers.get(index)

    def has(self, cues: PhraseTable[str], span: Span) -> Span | None:
        """Where the first phrase of the table stands in the span."""
        key = (id(cues), span)
        if key not in self._found:
            found = cues.first(self.text, span)
            self._found[key] = None if found is None else found[0]
        return self._found[key]

    @cached_property
    def _indices(self) -> dict[int, int]:
        return {m.span.start: i for i, m in enumerate(self.mentions)}

    @cached_property
    def _starts(self) -> dict[int, Mention]:
        return {m.span.start: m for m in self.mentions}

    @cached_property
    def _covers(self) -> dict[int, Mention]:
        return {i: m for m in self.mentions for i in range(m.span.start, m.span.end)}

    # --- what is talked about -----------------------------------------------------------------

    @cached_property
    def believed_heads(self) -> tuple[str, ...]:
        head = self.vocabulary.pack.head.name
        return tuple(
            b.value
            for b in self.heard.state.beliefs.facets
            if b.facet == head and b.polarity == "want"
        )

    def set_apart(self, sentence: Span, spans: Sequence[Span]) -> None:
        """Words in these spans name parts: their kinds of thing are not what is talked about."""
        if spans:
            self._apart.update(i for span in spans for i in range(span.start, span.end))
            self._heads.pop(sentence, None)

    def heads(self, sentence: Span) -> tuple[str, ...]:
        """Head values said in the sentence, else those believed."""
        cached = self._heads.get(sentence)
        if cached is not None:
            return cached
        head = self.vocabulary.pack.head.name
        said = self._named_in(sentence, head)
        self._heads[sentence] = said or self._heads_before(sentence) or self.believed_heads
        return self._heads[sentence]

    def _heads_before(self, sentence: Span) -> tuple[str, ...]:
        """Head values of the sentence before: "a good coat. Long, black."."""
        if self.believed_heads:
            return ()
        head = self.vocabulary.pack.head.name
        return next(
            (
                named
                for before in reversed(self.text.sentences)
                if before.end <= sentence.start and (named := self._named_in(before, head))
            ),
            (),
        )

    def _named_in(self, sentence: Span, head: str) -> tuple[str, ...]:
        return tuple(
            m.value
            for mention in self.within(sentence)
            if mention.span.start not in self._apart
            for m in mention.of("value")
            if m.facet == head
        )

    def values(self, mention: Mention, sentence: Span) -> tuple[Meaning, ...]:
        """The value meanings of a mention where it stands."""
        beside = self.spoken_of(mention, sentence)
        return self.vocabulary.resolve(mention, self.heads(sentence), beside)

    def spoken_of(self, mention: Mention, sentence: Span) -> set[str]:
        """The facets that the words around a mention, or else the last message, speak of."""
        index = self._indices[mention.span.start]
        beside = self.vocabulary.beside(self.text, self.mentions, index) | self._said_of(index)
        if beside or self._kinds(sentence):
            return beside
        clause = self._clause(mention.span.start, sentence)
        return self._lately if clause.end - clause.start <= _SHORT else set()

    def _clause(self, at: int, sentence: Span) -> Span:
        """The words around a place up to the next commas."""
        start, end = at, at
        while start > sentence.start and self.text.word(start - 1) != ",":
            start -= 1
        while end < sentence.end and self.text.word(end) != ",":
            end += 1
        return Span(start, end)

    def _kinds(self, sentence: Span) -> bool:
        return any(self.is_head(m) for m in self.within(sentence))

    @cached_property
    def _lately(self) -> set[str]:
        """The facets of which the last message spoke: "no sleeveless" and then "not long either"."""
        state, head = self.heard.state, self.vocabulary.pack.head.name
        lately = {b.facet for b in state.beliefs.facets if b.evidence.turn == state.turn}
        return lately - {head}

    def _said_of(self, index: int) -> set[str]:
        """The facet whose word is the subject: "the sleeves may be long too"."""
        if index == 0:
            return set()
        before, mention = self.mentions[index - 1], self.mentions[index]
        between = self.text.words(Span(before.span.end, mention.span.start))
        if before.of("value") or not 1 <= len(between) <= 4 or not set(between) <= _SAID_OF:
            return set()
        return {m.facet for m in before.of("facet")}

    def is_head(self, mention: Mention) -> bool:
        head = self.vocabulary.pack.head.name
        meanings = mention.of("value")
        return bool(meanings) and all(m.facet == head for m in meanings)

    # --- what was shown -----------------------------------------------------------------------

    @cached_property
    def shown(self) -> tuple[ShownSet, ...]:
        """Sets that showed something, oldest first."""
        return tuple(s for s in self.heard.state.shown if s.things)

    @property
    def drawn(self) -> bool:
        """What was shown last are drawings only."""
        return bool(self.last_shown) and all(t.kind == "design" for t in self.last_shown)

    @property
    def last_shown(self) -> tuple[ThingRef, ...]:
        """What "these" are: things selected with this message, else what was shown last."""
        found = (self.heard.state.thing(ref) for ref in self.heard.message.picks)
        if picked := tuple(dict.fromkeys(thing for thing in found if thing is not None)):
            return picked
        return self.shown[-1].things if self.shown else ()

    def facets_of(self, thing: ThingRef) -> dict[str, tuple[str, ...]]:
        """Facet values of a shown thing; empty where it is gone."""
        if thing.kind == "design":
            design = self.heard.state.design(thing.id)
            return design.facets if design is not None else {}
        catalogue = self.heard.catalogue
        return catalogue.item(thing.id).facets if catalogue.has(thing.id) else {}

    def number_of(self, thing: ThingRef, facet: str) -> float | None:
        catalogue = self.heard.catalogue
        if thing.kind == "item" and catalogue.has(thing.id):
            return catalogue.item(thing.id).numbers.get(facet)
        return None

    def quantile(self, facet: str, share: float, heads: tuple[str, ...]) -> float | None:
        """The number that `share` of the shop's (of these heads, if any) items stay under."""
        catalogue = self.heard.catalogue
        numbers = np.asarray(catalogue.numbers(facet), dtype=np.float64)
        rows: NDArray[np.bool_] = ~np.isnan(numbers)
        if heads:
            carried = np.zeros(len(catalogue), dtype=np.bool_)
            for value in heads:
                carried |= catalogue.carries(self.vocabulary.pack.head.name, value)
            if (rows & carried).sum() >= 5:
                rows = rows & carried
        if not rows.any():
            return None
        return float(np.quantile(numbers[rows], share))

    def opening(self, sentence: Span) -> str:
        """First word of the sentence that is not a sign, a greeting or "tell me"."""
        start = sentence.start
        polite = next((end for at, end in self._polite.items() if sentence.covers(at)), start)
        start = polite if polite - start <= _LONGEST_LEAD else start
        for lead in _TELLING:
            if self.text.words(Span(start, start + len(lead))) == lead:
                start += len(lead)
        for index in range(start, sentence.end):
            word = self.text.word(index)
            if word[:1].isdecimal():
                return ""  # "150 is my limit" asks nothing
            if word[:1].isalpha() and word not in _OPENERS:
                return word
        return ""

    def _denies(self, sentence: Span) -> bool:
        """An auxiliary with "not" and no subject opens the sentence."""
        at = next(
            (i for i in range(sentence.start, sentence.end) if self.text.word(i)[:1].isalpha()),
            sentence.start,
        )
        verb, denial, following = (self.text.word(i) for i in (at, at + 1, at + 2))
        return (
            verb in english.ASK_STARTS
            and denial in ("n't", "not")
            and (following not in _NO_SUBJECT)
        )

    def _urges(self, sentence: Span) -> bool:
        """An order with stress on it: "do keep it short"."""
        if self.opening(sentence) != "do":
            return False
        words = self.text.words(sentence)
        return words[words.index("do") + 1 : words.index("do") + 2] != () and (
            words[words.index("do") + 1] in VERBISH
        )

    def _bids(self, sentence: Span) -> bool:
        """Such as "do me a picture of the third": an order, no question."""
        words = [w for w in self.text.words(sentence) if w[:1].isalpha() and w not in _OPENERS]
        return words[:1] == ["do"] and words[1:2] in (["me"], ["us"])

    def bids_politely(self, sentence: Span) -> bool:
        """An order in the shape of a question: "would you mind showing me black ones?"."""
        return any(sentence.covers(start) for start in self._polite)

    def asks(self, sentence: Span) -> bool:
        """The sentence is worded as a question."""
        if self.bids_politely(sentence):
            return False
        if predicate(self.text, sentence) is not None or wills(self.text, sentence):
            return False
        if not self.text.is_question(sentence) and self._urges(sentence):
            return False  # "but do keep it below 200"
        if not self.text.is_question(sentence) and (self._denies(sentence) or self._bids(sentence)):
            return False  # "don't forget that I ...", "doesn't matter"
        return self.text.is_question(sentence) or self.opening(sentence) in english.ASK_STARTS


_SHORT = 6
_LONGEST_LEAD = 14
_TELLS = frozenset(
    "says said thinks told reckons recommends recommended suggests suggested wants loves hates".split()
)
_WHOSE = frozenset("my our his her their the".split())
"""A word of the shop that somebody is called by: "my trainer says"."""
_NO_SUBJECT = english.PRONOUNS | frozenset("there this that these those the".split())
_TELLING = (
    ("please",), ("can", "you"), ("could", "you"), ("tell", "me"), ("out", "of", "these"),
    ("out", "of", "those"), ("of", "these"), ("of", "those"), ("of", "them"), ("of", "the", "four"),
    ("from", "these"), ("from", "those"), ("among", "these"), ("among", "those"),
)  # fmt: skip


def _idioms(text: Text) -> list[Span]:
    """Set phrases whose words mean nothing by themselves."""
    found: list[Span] = []
    at = 0
    while at < len(text):
        match = IDIOMS.match(text, at)
        if match is None:
            at += 1
            continue
        found.append(Span(at, at + match[0]))
        at += match[0]
    return found


_TAG = re.compile(r"<\s*/?\s*[A-Za-z_]\w*[^<>]{0,40}>")


def _markup(text: Text) -> list[Span]:
    """Everything from the first tag to the last: markup is nobody's wish."""
    tags = list(_TAG.finditer(text.raw)) if "<" in text.raw else []
    if len(tags) < 2:
        return []
    first, last = tags[0].start(), tags[-1].end()
    inside = [i for i, t in enumerate(text.tokens) if first <= t.start and t.end <= last]
    return [Span(inside[0], inside[-1] + 1)] if inside else []


def _is_verb(text: Text, mention: Mention, starts: set[int]) -> bool:
    """A value's word that is a verb here: "check this", "would it work for a wedding"."""
    span = mention.span
    word, before, after = text.word(span.start), text.word(span.start - 1), text.word(span.end)
    if not mention.of("value", "concept", "low", "high"):
        return False  # "what does it cost?" names what is asked for
    if span.end - span.start != 1 or word not in english.VERBS or after not in _OBJECTS:
        return False
    alone = span.start in starts and not text.word(span.start + 2)[:1].isalpha()
    if (
        alone
        and after in ("", ".", "!", "?")
        and text.word(span.start - 1) in ("", ".", "!", "?", "\n")
    ):
        return False  # a sentence of one word names something
    if before == "to" and text.word(span.start - 2) in _GOING:
        return False  # "to wear to work"
    if before == "and" and not after[:1].isalpha():
        return False  # "a belt and dots" joins nouns, "and check it" joins verbs
    if word.endswith("s") and not word.endswith("ss") and before in _BARE_LEADS:
        return False  # "do dots": a verb has no "s" there
    return span.start in starts or before in _VERB_LEADS


def _asks_for_time(text: Text, span: Span) -> bool:
    """Such as "how long do I have", "how long does delivery take": no length of a thing."""
    if text.words(Span(span.start - 1, span.end)) != ("how", "long"):
        return False
    verb, following = text.word(span.end), text.word(span.end + 1)
    if verb not in ("do", "does", "will", "did", "can", "would", "have"):
        return False
    takes = "take" in text.words(Span(span.end, span.end + 6))
    return takes or following in ("i", "you", "we")


_OPENERS = frozenset(
    "and but so ok okay well then um uh hm hmm oh ah hey hi hello right alright now anyway btw".split()
)
"""Words that a sentence may open with before it says anything."""
_SAID_OF = english.AUXILIARIES | english.DEGREES | frozenset("not n't also only a bit".split())
_GOING = frozenset("wear go going walk cycle drive bike bring take commute wearing".split())


_VERB_LEADS = frozenset(
    "to should i can you we please will would ll 'll 'd does do did it they also and then just "
    "could".split()
)
_BARE_LEADS = frozenset(
    "to should i can you we please will would ll 'll 'd do does did they could".split()
)
_OBJECTS = frozenset(
    "this that it the if out up whether them my for here there a an . ? !".split()
) | {"", "well"}


def trimmed(raw: str) -> str:
    """No more text than a message may have."""
    return raw[:MAX_TEXT_CHARS]

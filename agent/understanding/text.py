"""A message as tokens that remember where they stand, and tables of phrases to find in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*|[^\w\s]|_")
_APOSTROPHES = re.compile(
    r"i(ll|d)(?= (?:take|have|cop|go|get|buy|order|pick|try|keep|do|think|be|stick|pass|need|want|like|love|"
    r"prefer|rather|say|choose|leave|skip|consider|wear|never|also|just|really)\b)",
    re.I,
)
"""A forgotten apostrophe: "ill" and "id" before a verb."""
_BARE_NEGATIONS = frozenset(
    "dont doesnt didnt isnt arent wasnt werent wont wouldnt shouldnt couldnt cant cannot havent "
    "hasnt hadnt aint".split()
)
_BARE_VERBS = {
    "im": (1, "'m"), "ive": (1, "'ve"), "thats": (4, "'s"), "whats": (4, "'s"), "youre": (3, "'re"),
    "theres": (5, "'s"), "lets": (3, "'s"), "hows": (3, "'s"), "theyre": (4, "'re"), "youve": (3, "'ve"),
    "hes": (2, "'s"), "shes": (3, "'s"), "wheres": (5, "'s"), "whos": (3, "'s"), "itll": (2, "'ll"),
    "thatll": (4, "'ll"), "theyll": (4, "'ll"), "youll": (3, "'ll"), "youd": (3, "'d"),
    "weve": (2, "'ve"), "theyve": (4, "'ve"),
}  # fmt: skip
_SHORT = {
    "u": "you", "ur": "your", "pls": "please", "plz": "please", "plss": "please", "thx": "thanks",
    "thanx": "thanks", "abt": "about", "cuz": "because", "coz": "because", "bc": "because",
    "luv": "love", "sth": "something", "smth": "something", "tho": "though", "wat": "what",
    "obvs": "obviously", "bout": "about", "okk": "ok", "kk": "ok", "okie": "ok", "okey": "ok",
    "oki": "ok", "ya": "yeah", "yea": "yeah", "yh": "yeah", "ye": "yeah", "yess": "yes", "yesss": "yes",
    "noo": "no", "nooo": "no", "cos": "because", "bcos": "because", "lil": "little", "bday": "birthday",
    "pics": "pictures", "prob": "probably", "probs": "probably", "fav": "favourite", "fave": "favourite",
    "somethin": "something", "nothin": "nothing", "anythin": "anything", "smthg": "something",
    "smthn": "something", "sumthing": "something", "thru": "through", "tonite": "tonight",
    "tmrw": "tomorrow", "tmr": "tomorrow", "actualy": "actually", "definately": "definitely",
    "defo": "definitely", "defs": "definitely", "n": "and", "wich": "which", "insted": "instead",
    "preferebly": "preferably", "prefarably": "preferably", "withought": "without",
    "sz": "size", "poss": "possible", "em": "them", "wks": "weeks", "evenin": "evening",
    "gud": "good",
    "r": "are", "wht": "what", "realy": "really", "relly": "really", "ppl": "people",
    "rly": "really", "def": "definitely", "prolly": "probably",
}  # fmt: skip
"""Words as they are typed in haste."""
_RUN_TOGETHER = {
    "idc": "i do n't care",
    "idk": "i do n't know",
    "idm": "i do n't mind",
    "dgaf": "i do n't care",
    "imma": "i 'll",
    "ima": "i 'll",
    "lemme": "let me",
    "gimme": "give me",
    "gotta": "have to",
    "dunno": "do n't know",
    "ty": "thank you",
    "tysm": "thank you",
    "wdym": "what do you mean",
    "rn": "right now",
    "asap": "soon",
    "omw": "on my way",
    "kinda": "kind of",
    "sorta": "sort of",
    "howbout": "how about",
    "alot": "a lot",
    "aswell": "as well",
    "eachother": "each other",
    "incase": "in case",
    "nomore": "no more",
    "ofc": "of course",
}
"""Several words typed as one; all stand where it stands."""
_ABBREVIATIONS = frozenset(
    "pref prefs approx max min incl excl etc vs e.g i.e eg ie ca abt mr mrs ms dr st nr avg".split()
)
"""A full stop behind these ends no sentence, unless a capital letter follows."""
_FILLERS = frozenset(
    "really actually totally absolutely definitely obviously honestly simply quite particularly personally "
    "seriously genuinely literally truly completely entirely utterly probably certainly exactly especially "
    "necessarily basically clearly strictly frankly".split()
)
_GRADING = frozenset("so that too very overly terribly all hugely massively".split())
_HEMS = frozenset("um uh uhm erm umm uhh errm ehm".split())
"""Sounds of thinking, as dictation writes them down."""
_ROUGH = frozenset(
    "ten twenty thirty forty fourty fifty sixty seventy eighty ninety hundred".split()
)
_KEPT_TOGETHER = frozenset("lemme gimme gotta dunno kinda sorta asap".split())
"""The tables of cues know these as they are typed."""
_ENDINGS = ("n't", "'s", "'d", "'m", "'re", "'ve", "'ll")
_STOPS = frozenset(".!?;\n")
_CONTRACTED = {
    "is": "'s", "am": "'m", "are": "'re", "will": "'ll", "not": "n't", "would": "'d", "have": "'ve",
}  # fmt: skip
_WRITTEN_OUT = {short: full for full, short in _CONTRACTED.items()}
_CLIPPED = (("ca", "can"), ("wo", "will"))


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign, in lower case. `start` and `end` are offsets in the message."""

    word: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.word[0].isalpha() or self.word[0] == "'"

    @property
    def is_number(self) -> bool:
        return self.word[0].isdecimal()


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` up to, not including, `end`."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, position: int) -> bool:
        return self.start <= position < self.end


@dataclass(frozen=True, slots=True)
class Text:
    """A message and its tokens; `sentences` cut it at full stops, question marks and line ends."""

    raw: str
    tokens: tuple[Token, ...]
    sentences: tuple[Span, ...] = field(default=())
    fillers: frozenset[int] = field(default=frozenset())

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, index: int) -> str:
        """The word at the index, empty outside of the message."""
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def words(self, span: Span) -> tuple[str, ...]:
        return tuple(token.word for token in self.tokens[span.start : span.end])

    def said(self, span: Span, limit: int = 400) -> str:
        """The user's own words of the span: a substring of the message."""
        if span.start >= span.end or not self.tokens:
            return ""
        first = self.tokens[span.start].start
        last = self.tokens[min(span.end, len(self.tokens)) - 1].end
        return self.raw[first : min(last, first + limit)]

    def is_question(self, span: Span) -> bool:
        """The sentence ends with a question mark."""
        return any(self.word(i) == "?" for i in range(max(span.start, span.end - 3), span.end))


def read(raw: str) -> Text:
    """Cut a message into tokens. Hyphens inside words vanish; contractions become two tokens."""
    tokens: list[Token] = []
    cuts: list[int] = [0]
    last_end = 0
    for match in _TOKEN.finditer(raw):
        if "\n" in raw[last_end : match.start()] and tokens:
            cuts.append(len(tokens))
        last_end = match.end()
        piece = match.group()
        if piece == "-" and _inside_word(raw, match.start()):
            continue
        if piece.lower() in _HEMS and len(raw) > 6:
            continue
        clipped = _APOSTROPHES.match(raw, match.start())
        if clipped is not None:  # "ill take it", "id like"
            middle = match.start() + 1
            tokens += [
                Token("i", match.start(), middle),
                Token(f"'{clipped[1].lower()}", middle, match.end()),
            ]
            continue
        tokens.extend(_split(piece, match.start()))
        if piece in _STOPS and not (piece == "." and _goes_on(tokens, raw, match.end())):
            cuts.append(len(tokens))
    cuts.append(len(tokens))
    sentences = tuple(Span(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if a < b)
    return Text(raw, tuple(tokens), sentences, _fillers(tokens))


def _fillers(tokens: Sequence[Token]) -> frozenset[int]:
    """Where adverbs stand that stress a phrase, or grade what it denies: "not so keen on"."""
    return frozenset(
        i
        for i, token in enumerate(tokens)
        if token.word in _FILLERS
        or (token.word in _GRADING and i and tokens[i - 1].word in ("not", "n't"))
    )


def split_at(text: Text, at: int, cut: int) -> Text:
    """The text with the token cut in two behind its first `cut` letters."""
    token = text.tokens[at]
    middle = token.start + cut
    pieces = (
        Token(token.word[:cut], token.start, middle),
        Token(token.word[cut:], middle, token.end),
    )
    tokens = (*text.tokens[:at], *pieces, *text.tokens[at + 1 :])
    sentences = tuple(Span(s.start + (s.start > at), s.end + (s.end > at)) for s in text.sentences)
    return Text(text.raw, tokens, sentences, _fillers(tokens))


def _goes_on(tokens: Sequence[Token], raw: str, end: int) -> bool:
    """The full stop that ends here ends no sentence: "approx. 80", "a patterned... no, a plain"."""
    if raw[max(0, end - 2) : end] == ".." and raw[end : end + 2].strip()[:1].islower():
        return True
    return raw[end : end + 1] == "." or _abbreviates(tokens, raw, end)


def _abbreviates(tokens: Sequence[Token], raw: str, end: int) -> bool:
    """The full stop that ends here belongs to the short form of a word before it."""
    if len(tokens) < 2 or tokens[-2].word not in _ABBREVIATIONS or tokens[-2].end != end - 1:
        return False
    following = raw[end : end + 2].strip()[:1]
    return bool(following) and not following.isupper()


def _inside_word(raw: str, at: int) -> bool:
    """A hyphen between letters, or a digit and a letter, joins; between digits it is a range."""
    before = raw[at - 1] if at > 0 else " "
    after = raw[at + 1] if at + 1 < len(raw) else " "
    return (before.isalpha() and after.isalnum()) or (before.isdecimal() and after.isalpha())


def _split(piece: str, start: int) -> list[Token]:
    word = piece.lower().replace("’", "'").replace("ʼ", "'").replace("`", "'")
    end = start + len(piece)
    if len(word) != len(piece):  # a few letters grow when lowered; offsets stay whole
        return [Token(word, start, end)]
    if word in _RUN_TOGETHER and word not in _KEPT_TOGETHER:
        return _spread(_RUN_TOGETHER[word].split(), start, end)
    if word.endswith("ish") and word[:-3] in _ROUGH:  # "fortyish"
        middle = start + len(word) - 3
        return [Token(word[:-3], start, middle), Token("ish", middle, end)]
    if word in _SHORT and not (len(piece) == 1 and piece.isupper()):
        return [Token(_SHORT[word], start, end)]
    if word in _BARE_NEGATIONS:
        cut = 3 if word == "cannot" else len(word) - 2
        return [Token(word[:cut], start, start + cut), Token("n't", start + cut, end)]
    if word in _BARE_VERBS:
        cut, ending = _BARE_VERBS[word]
        return [Token(word[:cut], start, start + cut), Token(ending, start + cut, end)]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            cut = len(word) - len(ending)
            return [Token(word[:cut], start, start + cut), Token(ending, start + cut, end)]
    return [Token(word, start, end)]


def _spread(words: Sequence[str], start: int, end: int) -> list[Token]:
    """The words that one typed word stands for, a letter of it each, the last one the rest."""
    cuts = [min(start + i, end) for i in range(len(words))] + [end]
    return [Token(w, a, b) for w, a, b in zip(words, cuts, cuts[1:], strict=False)]


@lru_cache(maxsize=8192)
def phrase(text: str) -> tuple[str, ...]:
    """The words of a phrase as `read` would cut them."""
    return tuple(token.word for token in read(text).tokens)


class PhraseTable(Generic[T]):
    """Phrases of one or more words, each with values; finds the longest that starts at a token.

    Args:
        stressed: adverbs of stress may stand inside of a phrase ("is obviously out").
    """

    def __init__(self, *, stressed: bool = False) -> None:
        self._stressed = stressed
        self._entries: dict[tuple[str, ...], list[T]] = {}
        self._longest: dict[str, int] = {}

    def add(self, words: Sequence[str], value: T) -> None:
        key = tuple(words)
        if not key:
            return
        values = self._entries.setdefault(key, [])
        if value not in values:
            values.append(value)
        self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))

    def __contains__(self, words: tuple[str, ...]) -> bool:
        return words in self._entries

    def get(self, words: tuple[str, ...]) -> list[T]:
        return self._entries.get(words, [])

    def prune(self, weak: Callable[[T], bool]) -> None:
        """Drop weak values of phrases that also have others."""
        for key, values in self._entries.items():
            strong = [value for value in values if not weak(value)]
            if strong and len(strong) < len(values):
                self._entries[key] = strong

    def phrases(self) -> Iterable[tuple[str, ...]]:
        return self._entries.keys()

    def match(self, text: Text, at: int, end: int | None = None) -> tuple[int, list[T]] | None:
        """(length, values) of the longest phrase at the token, or None."""
        longest = self._longest.get(text.word(at), 0)
        if not longest:
            return None
        stop = len(text) if end is None else end
        found: tuple[int, list[T]] | None = None
        for length in range(min(longest, stop - at), 0, -1):
            values = self._entries.get(text.words(Span(at, at + length)))
            if values is not None:
                found = length, values
                break
        if self._stressed and text.fillers and longest > 1:
            return self._across(text, at, stop, longest, found)
        return found

    def _across(
        self, text: Text, at: int, stop: int, longest: int, found: tuple[int, list[T]] | None
    ) -> tuple[int, list[T]] | None:
        """The longest phrase with the adverbs of stress left out, if it is longer."""
        kept = [at]
        place = at + 1
        while place < stop and len(kept) < longest:
            if place not in text.fillers:
                kept.append(place)
            place += 1
        if kept[-1] == at + len(kept) - 1:
            return found  # no adverb in reach
        words = tuple(text.tokens[i].word for i in kept)
        for count in range(len(kept), max(1, found[0] if found else 1), -1):
            values = self._entries.get(words[:count])
            if values is not None:
                return kept[count - 1] + 1 - at, values
        return found

    def first(self, text: Text, span: Span) -> tuple[Span, list[T]] | None:
        """The first phrase within the span, or None."""
        for at in range(span.start, span.end):
            found = self.match(text, at, span.end)
            if found is not None:
                return Span(at, at + found[0]), found[1]
        return None


def table(rows: dict[str, Iterable[str]]) -> PhraseTable[str]:
    """A table from label -> phrases, each with its words contracted and written out."""
    built: PhraseTable[str] = PhraseTable(stressed=True)
    for label, phrases in rows.items():
        for text in phrases:
            for words in spellings(phrase(text)):
                built.add(words, label)
    return built


def spellings(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The phrase with and without contractions: "is n't", "'s not", "is not"."""
    found = [words]
    if len(words) < 2:
        return found
    for index, word in enumerate(words):
        other = _CONTRACTED.get(word) or _WRITTEN_OUT.get(word)
        if other is not None and not (index == 0 and word.startswith("'")):
            found += [(*form[:index], other, *form[index + 1 :]) for form in found]
    for form in tuple(found):
        for short, full in _CLIPPED:
            if (short in form and "n't" in form) or (full in form and "not" in form):
                clipped = tuple(full if w == short else short if w == full else w for w in form)
                found.append(clipped)
    return found[:24]


def split_list(text: str) -> tuple[str, ...]:
    """The phrases of a table cell: separated by `|`, spaces around them dropped."""
    return tuple(part.strip() for part in text.split("|") if part.strip())

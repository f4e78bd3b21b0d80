"""What things are, read out of their titles, for shops that have no column for it.

A title such as "Acme X200 travel kettle Black 1.7 l" ends its noun phrase in "kettle": the word
stands before a number, a colour, a preposition, a sign or the end. Words that do so often, that are
nouns by their use (singular and plural both occur, or small letters among capitalised names), and
that do not merely count something ("2 pieces"), name kinds; pairs of words that do so often name
finer kinds ("travel kettle").
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_KINDS = 300
MIN_SHARE = 0.04
"""Of a word's uses, how many must end a phrase."""
LATER = 0.6
"""What each phrase further behind counts: what a thing is comes before what it has."""
_TOKEN = re.compile(r"\d[\w.,]*|\w+(?:['’-]\w+)*|[^\w\s]")
_IRREGULAR = {
    "mice": "mouse", "feet": "foot", "teeth": "tooth", "men": "man", "women": "woman",
    "children": "child", "geese": "goose",
}  # fmt: skip
_STOPS = frozenset(
    """
    a an and as at by for from in into incl including of on or per plus the to w with without via
    is are it its this that your our up pc pcs piece pieces pack set of x new original genuine
    """.split()
)
_READ_CHARS = 160
_PHRASE = re.compile(r"[.;:,!?]\s|\s[-–—]\s")
_PHRASE_CHARS = 90


@dataclass(frozen=True)
class Silence:
    """What is known not to name a kind: single folded words, and whole names (of makers)."""

    words: frozenset[str] = frozenset()
    names: re.Pattern[str] | None = None

    def apart(self, text: str) -> str:
        """The start of a text with whole names cut out of it."""
        start = text[:_READ_CHARS]
        return start if self.names is None else self.names.sub(" | ", start)


def silence(words: Iterable[str], names: Iterable[str]) -> Silence:
    """From folded words, and names of one or more words."""
    longest = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest)
    found = re.compile(rf"(?i)(?<!\w)(?:{pattern})(?!\w)") if longest else None
    return Silence(frozenset(words), found)


@dataclass(frozen=True)
class Kinds:
    """The kinds of a shop: singular lower case words, each with how strongly it names a kind."""

    single: dict[str, float]
    pairs: frozenset[tuple[str, str]]

    def __contains__(self, name: str) -> bool:
        """Whether a folded name, in the singular, is one of the kinds."""
        *lead, last = name.split() or [""]
        word = one_of(last)
        return (not lead and word in self.single) or (
            len(lead) == 1 and (lead[0], word) in self.pairs
        )

    def of(self, texts: Iterable[str], silent: Silence) -> tuple[str, ...]:
        """Kinds of one thing by its texts, title first: the finer one, then the plain.

        Of other texts only the first words count. Empty where no text names a kind.
        """
        for number, text in enumerate(texts):
            start = text if number == 0 else _PHRASE.split(text, maxsplit=1)[0][:_PHRASE_CHARS]
            best: tuple[float, tuple[str, ...]] | None = None
            for place, end in enumerate(_ends(start, silent)):
                if number and place:
                    break  # prose: only what it begins with
                weight = self.single.get(end.word, 0.0) * LATER**place
                if weight and (best is None or weight > best[0]):
                    finer = end.before is not None and (end.before, end.word) in self.pairs
                    best = (
                        weight,
                        (f"{end.before} {end.word}", end.word) if finer else (end.word,),
                    )
            if best is not None:
                return best[1]
        return ()


@dataclass(frozen=True)
class _End:
    """Where a noun phrase ends: its last word in the singular, the one before, and its case."""

    before: str | None
    word: str
    small: bool


def mine(texts: Iterable[tuple[str, ...]], silent: Silence) -> Kinds:
    """The kinds that texts name: of each thing its title, then shorter texts that say more."""
    ends: Counter[str] = Counter()
    small: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    total = 0
    for own in texts:
        total += 1
        for place, text in enumerate(own):
            found = list(_ends(text, silent))
            tokens = [token.casefold() for token in _TOKEN.findall(silent.apart(text))]
            forms.update({token for token in tokens if token.isalpha()})
            if place == 0 or not ends.keys() & {end.word for end in found}:
                ends.update({end.word for end in found})
                small.update({end.word for end in found if end.small})
                pairs.update({(end.before, end.word) for end in found if end.before is not None})
            uses.update({one_of(token) for token in tokens if _plain(token)})
            counted.update(
                {one_of(b) for a, b in zip(tokens, tokens[1:], strict=False) if a[0].isdecimal()}
            )
    least = max(3, round(0.0004 * total))
    plurals = {one_of(form) for form in forms if one_of(form) != form and forms[form] >= 2}

    def names(word: str, count: int) -> bool:
        both = word in plurals and (forms[word] >= 2 or counted[word] == 0)
        noun = both or (small[word] >= max(least, 0.5 * count) and count >= 0.2 * uses[word])
        often = count >= least and count >= MIN_SHARE * uses[word]
        return noun and often and counted[word] <= 0.35 * uses[word]

    weights = {
        word: (count / uses[word]) * math.log2(1 + count)
        for word, count in ends.items()
        if names(word, count)
    }
    single = dict(sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_KINDS])
    kept = {
        (before, word)
        for (before, word), count in pairs.items()
        if word in single and count >= max(5, 2 * least) and count >= 0.05 * ends[word]
    }
    ranked = sorted(kept, key=lambda pair: (-pairs[pair], pair))[:MAX_KINDS]
    return Kinds(single=single, pairs=frozenset(ranked))


def one_of(word: str) -> str:
    """The usual singular of a folded English word."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "os")) and len(word) > 3:
        return word[:-1]
    return word


def _plain(token: str) -> bool:
    """A folded word of letters alone (hyphens may join some), no code and no function word."""
    return len(token) > 2 and token.replace("-", "").isalpha() and token not in _STOPS


def _ends(text: str, silent: Silence) -> Iterator[_End]:
    """Each place where a noun phrase ends."""
    written = _TOKEN.findall(silent.apart(text))
    tokens = [token.casefold() for token in written]
    plain = [_plain(token) and token not in silent.words for token in tokens]
    capitals = sum(token[0].isupper() for token in written)
    for at, token in enumerate(tokens):
        if not plain[at] or (at + 1 < len(tokens) and plain[at + 1]):
            continue
        if tokens[at + 1 : at + 2] == ["/"] and any(plain[at + 2 : at + 3]):
            continue  # "printer/scanner part"
        before = tokens[at - 1] if at and plain[at - 1] else None
        yield _End(before, one_of(token), written[at].islower() and capitals >= 2)

"""What things are, read out of their titles, for shops that have no column for it.

A title such as "Acme X200 travel kettle Black 1.7 l" ends its noun phrase in "kettle": the word
stands before a number, a colour, a preposition, a sign or the end. Words that do so often, that the
shop uses in the singular and in the plural, and that do not merely count something ("2 pieces"), name
kinds; pairs of words that do so often name finer kinds ("travel kettle").
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


@dataclass(frozen=True)
class Kinds:
    """The kinds of a shop: singular lower case words, each with how strongly it names a kind."""

    single: dict[str, float]
    pairs: frozenset[tuple[str, str]]

    def of(self, texts: Iterable[str], blocked: frozenset[str]) -> tuple[str, ...]:
        """Kinds of one thing by its texts (most telling text first): the finer one, then the plain.

        Empty where no text names a kind.
        """
        for text in texts:
            best: tuple[float, tuple[str, ...]] | None = None
            for place, (before, word) in enumerate(_ends(text, blocked)):
                weight = self.single.get(word)
                if weight is None:
                    continue
                names = (word,)
                if before is not None and (before, word) in self.pairs:
                    names = (f"{before} {word}", word)
                weight *= LATER**place
                if best is None or weight > best[0]:
                    best = (weight, names)
            if best is not None:
                return best[1]
        return ()


def mine(texts: Iterable[tuple[str, ...]], blocked: frozenset[str]) -> Kinds:
    """The kinds that texts name.

    Args:
        texts: of each thing its title, then shorter texts that say more.
        blocked: folded words that are known to be something else: brands, colours, units.
    """
    ends: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    total = 0
    for own in texts:
        total += 1
        for place, text in enumerate(own):
            found = list(_ends(text, blocked))
            tokens = _tokens(text)
            forms.update({token for token in tokens if token.isalpha()})
            if place == 0 or not ends.keys() & {word for _, word in found}:
                ends.update({word for _, word in found})
                pairs.update({(before, word) for before, word in found if before is not None})
            uses.update({one_of(token) for token in tokens if _plain(token)})
            counted.update(
                {one_of(b) for a, b in zip(tokens, tokens[1:], strict=False) if a[0].isdecimal()}
            )
    least = max(3, round(0.0004 * total))
    plurals = {one_of(form) for form in forms if one_of(form) != form and forms[form] >= 2}

    def names(word: str, count: int) -> bool:
        noun = word in plurals and (forms[word] >= 2 or counted[word] == 0)
        often = count >= least and count >= MIN_SHARE * uses[word]
        return noun and often and counted[word] <= 0.25 * uses[word]

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


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text[:_READ_CHARS].casefold())


def _plain(token: str) -> bool:
    """A word of letters alone (hyphens may join some), no code and no function word."""
    return len(token) > 2 and token.replace("-", "").isalpha() and token not in _STOPS


def _ends(text: str, blocked: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    """(word before, word) of each place where a noun phrase ends, in the singular."""
    tokens = _tokens(text)
    plain = [_plain(token) and token not in blocked for token in tokens]
    for at, token in enumerate(tokens):
        if not plain[at] or (at + 1 < len(tokens) and plain[at + 1]):
            continue
        before = tokens[at - 1] if at and plain[at - 1] else None
        yield before, one_of(token)

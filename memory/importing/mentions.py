"""Colours that only titles and descriptions tell, for shops without a column of them.

Names of colours are a small closed list that means the same in every shop, so they can be read out
of prose. What prose tells is incomplete: the facet ranks and does not filter (`exact: false`).
"""

import re
from collections import Counter
from collections.abc import Iterable

from PIL import ImageColor

MIN_SHARE = 0.15
"""Of the things of a shop that must name a colour for it to be a facet."""
MOST = 3
FACET, LABEL = "colour", "colour"
WORDS = ("color", "colors", "colours", "shade")
_AMBIGUOUS = frozenset(
    "chocolate coral olive lime linen peru plum salmon sienna snow tan tomato wheat orchid azure "
    "bisque chartreuse crimson fuchsia indigo khaki lavender magenta maroon thistle violet ivory "
    "moccasin gainsboro aqua gray".split()
)
_EVERYDAY = frozenset(n for n in ImageColor.colormap if n.isalpha() and n not in _AMBIGUOUS)
_OTHER = {"gray": "grey", "golden": "gold"}
_WORD = re.compile(r"[a-z]+")


def colours_in(title: str, description: str) -> tuple[str, ...]:
    """Everyday names of colours, those of the title first, at most three."""
    found: dict[str, None] = {}
    for text in (title, description):
        for word in _WORD.findall(text.casefold()):
            word = _OTHER.get(word, word)
            if word in _EVERYDAY and len(word) <= 9:
                found[word] = None
    return tuple(found)[:MOST]


def tells_colours(texts: Iterable[tuple[str, str]]) -> bool:
    """Whether enough (title, description) pairs name colours, and several of them."""
    counts: Counter[str] = Counter()
    telling = total = 0
    for title, description in texts:
        named = colours_in(title, description)
        counts.update(named)
        telling += bool(named)
        total += 1
    common = [name for name, n in counts.items() if n >= max(3, 0.005 * total)]
    return telling >= MIN_SHARE * max(1, total) and len(common) >= 5

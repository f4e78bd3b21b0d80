"""A small sentence grammar: templates with slots and alternatives, read out at random.

`{name}` is filled from the given words; `[one|two|]` reads out one of the alternatives (nesting
is fine, an empty one says nothing). `{a name}` and `{A name}` put the right article before the
word; a slot written with a capital letter starts with one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([A-Za-z_]+)(?: ([a-z_]+))?\}")
_VOWEL = re.compile(r"(?!(?:one|uni|use|eu|u-))[aeiou]", re.IGNORECASE)


def expand(template: str, words: Mapping[str, str], rng: random.Random) -> str:
    """Reads a template out.

    Args:
        template: text with `{slots}` and `[alternatives|...]`.
        words: what the slots say.
        rng: chooses among the alternatives.

    Raises:
        KeyError: a slot has no word; the message names it.
    """
    text = template
    while match := _CHOICE.search(text):
        text = text[: match.start()] + rng.choice(match.group(1).split("|")) + text[match.end() :]
    text = _SLOT.sub(lambda match: _fill(match, words), text)
    return _tidy(text)


def sentence(templates: Sequence[str], words: Mapping[str, str], rng: random.Random) -> str:
    """One of the templates, read out, with a capital at its start."""
    text = expand(rng.choice(templates), words, rng)
    return text[:1].upper() + text[1:]


def article(phrase: str) -> str:
    """The phrase with "a" or "an" before it."""
    return f"{'an' if _VOWEL.match(phrase) else 'a'} {phrase}"


def listed(parts: Sequence[str]) -> str:
    """The parts as a list in words: a; a and b; a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _fill(match: re.Match[str], words: Mapping[str, str]) -> str:
    first, second = match.group(1), match.group(2)
    name = (second or first).lower()
    if name not in words:
        raise KeyError(f"the template slot {name!r} has no word")
    text = words[name]
    if second is not None:
        text = article(text)
    return text[:1].upper() + text[1:] if first[0].isupper() else text


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" ([,.;:!?])", r"\1", text)

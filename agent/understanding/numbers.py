"""Numbers in digits and in words."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.text import PhraseTable, Span, Text


def number_at(text: Text, at: int) -> tuple[float, int] | None:
    """(value, tokens used) of the number that starts at the token, in digits or words."""
    found = _whole_number(text, at)
    if found is not None and text.words(Span(at + found[1], at + found[1] + 3)) in _HALVES:
        return found[0] + 0.5, found[1] + 3  # "four and a half"
    return found


_HALVES = (("and", "a", "half"), ("&", "a", "half"))


def _whole_number(text: Text, at: int) -> tuple[float, int] | None:
    token = text.word(at)
    if not token:
        return None
    if token[0].isdecimal():
        value = _digits(token)
        if value is None:
            return None
        if text.word(at + 1) == "k" and text.tokens[at + 1].start == text.tokens[at].end:
            return value * 1000, 2
        if text.word(at + 1) in english.SCALES:
            return value * english.SCALES[text.word(at + 1)], 2
        return value, 1
    if token in english.NOTES:
        return float(english.NOTES[token]), 1
    if token in ("a", "one") and text.word(at + 1) in english.NOTES:
        return float(english.NOTES[text.word(at + 1)]), 2
    counted = _number_words(text, at)
    if counted is not None and text.word(at + counted[1]) in english.NOTES:
        return counted[0] * english.NOTES[text.word(at + counted[1])], counted[1] + 1
    return counted


def decade_at(text: Text, at: int) -> tuple[float, int] | None:
    """(first number, tokens used) of "the 50s", "the low 80s", "the fifties" as amounts, or None."""
    if text.word(at) != "the":
        return None
    at += 1
    used = 1
    if text.word(at) in ("low", "mid", "high", "early", "lower", "upper"):
        at, used = at + 1, used + 1
    word = text.word(at)
    if word.isascii() and word.isdecimal() and len(word) in (2, 3) and word.endswith("0"):
        if text.word(at + 1) == "s" and text.tokens[at + 1].start == text.tokens[at].end:
            return float(word), used + 2
    return None


def _digits(token: str) -> float | None:
    whole = token.rstrip(".,")
    head, _, tail = whole.rpartition(",")
    if head and len(tail) == 3 and "." not in head:
        whole = whole.replace(",", "")
    elif "," in whole:
        left, _, right = whole.rpartition(",")
        if "." in right:
            whole = whole.replace(",", "")
        else:
            whole = left.replace(",", "").replace(".", "") + "." + right
    try:
        value = float(whole)
    except ValueError:  # "1.2.3" and digits of other scripts in odd mixtures are no numbers
        return None
    return value if value < 1e9 else None


def _number_words(text: Text, at: int) -> tuple[float, int] | None:
    total = 0
    current = 0
    used = 0
    begun = False
    index = at
    if text.word(at) == "a" and text.word(at + 1) in english.SCALES:
        current, index, begun = 1, at + 1, True
    while True:
        word = text.word(index)
        if word in english.UNITS:
            current += english.UNITS[word]
        elif word in english.TENS:
            if index == at + 1 and 0 < current < 10:
                current *= 100  # "one twenty", "two fifty"
            current += english.TENS[word]
        elif word in english.SCALES and begun:
            scale = english.SCALES[word]
            current = max(current, 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
        elif word == "and" and begun and text.word(index - 1) in english.SCALES:
            following = text.word(index + 1)
            if following not in english.UNITS and following not in english.TENS:
                break
        else:
            break
        begun = True
        index += 1
        used = index - at
    if not begun or (used == 1 and text.word(at) in ("one", "a")):
        return None
    return float(total + current), used


def first_number(text: Text, span: Span, blocked: PhraseTable[str] | None = None) -> int | None:
    """The first small whole number in the span (for counts), or None."""
    for at in range(span.start, span.end):
        if blocked is not None and blocked.match(text, at) is not None:
            continue
        number = number_at(text, at)
        if number is not None and number[0].is_integer() and 1 <= number[0] <= 100:
            return int(number[0])
    return None


def spelt_out(number: str) -> tuple[str, ...] | None:
    """A whole number from 20 to 99 in words ("forty", "three"), else None."""
    if not (number.isascii() and number.isdecimal() and 20 <= int(number) <= 99):
        return None
    tens, unit = divmod(int(number), 10)
    ten = next(word for word, value in english.TENS.items() if value == tens * 10)
    return (ten,) if not unit else (ten, next(w for w, v in english.UNITS.items() if v == unit))

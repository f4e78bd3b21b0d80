# ruff: noqa: E501
"""Prices by their relation to others: half of one that is known, a little above the bound."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, Text, split_list, table

_LITTLE_MORE = 1.25
SHARES = table(
    {
        "0.5": split_list(
            "half the price | half that price | half of that price | half the cost | half as much | half as expensive | half price of"
        ),
        "0.33": split_list("a third of the price | a third of that | third of the price"),
        "0.25": split_list("a quarter of the price | quarter of the price"),
        "0.67": split_list("two thirds of the price"),
        "0.75": split_list("three quarters of the price"),
        "2": split_list(
            "twice the price | double the price | twice as much | double that | twice that"
        ),
    }
)
"""Parts and multiples of a known price."""
LOOSENED = table(
    {
        "up": split_list(
            "bit pricier is | bit more expensive is | bit more expensive would | bit pricier would | slightly pricier is | slightly more expensive is | "
            "slightly more expensive would | little pricier is | little more expensive is | little more expensive would | bit over budget is | "
            "bit over is | little over is | slightly over budget is | slightly over is | bit over budget would | little over budget is | can cost a bit more | "
            "can cost a little more | could cost a bit more | could cost a little more | may cost a bit more | may cost a little more | "
            "could go a little higher | could go a bit higher | can go a little higher | can go a bit higher | can go higher | could go higher | "
            "can stretch a bit | could stretch a bit | can stretch a little | could stretch a little | can pay a bit more | can pay a little more | "
            "could pay a bit more | could pay a little more | can spend a bit more | can spend a little more | could spend a bit more | could spend a little more | "
            "don't mind paying a bit more | don't mind paying a little more | don't mind paying more | willing to pay more | willing to pay a bit more | happy to pay more | "
            "happy to pay a bit more | raise my budget | raise the budget | stretch my budget | go over budget"
        )
    }
)
"""The price may be somewhat higher than was said."""


def share(
    scene: Scene, references: Sequence[Reference], price: str, sentence: Span
) -> tuple[Span, float] | None:
    """(words, bound) of "something half the price": of what is named, else under discussion."""
    hit = SHARES.first(scene.text, sentence)
    if hit is None or not scene.shown:
        return None
    focus = scene.heard.state.focus
    things = next((r.things for r in references if r.things), ())
    things = things or ((focus,) if focus is not None else scene.last_shown)
    numbers = [n for thing in things if (n := scene.number_of(thing, price)) is not None]
    return (hit[0], round(float(hit[1][0]) * min(numbers), 2)) if numbers else None


_TIMES = {
    **dict.fromkeys((("half", "that"), ("half", "of", "that"), ("half", "it"), ("halve", "it"), ("halve", "that"),
                     ("cut", "it", "in", "half"), ("cut", "that", "in", "half")), 0.5),
    **dict.fromkeys((("double", "it"), ("double", "that"), ("twice", "that"), ("doubled",), ("times", "two")), 2.0),
    **dict.fromkeys((("triple", "it"), ("triple", "that")), 3.0),
}  # fmt: skip
_UP = frozenset("more extra higher up on over".split())
_DOWN = frozenset("less lower off cheaper down".split())
_MONEY = frozenset("dollars dollar bucks euros euro pounds quid $ € £".split())


def shifted(text: Text, sentence: Span, bound: float | None) -> tuple[Span, float] | None:
    """(words, new bound) of "20 more is ok", "another 20", "half that" where a bound is known."""
    if bound is None:
        return None
    for at in range(sentence.start, sentence.end):
        for words, factor in _TIMES.items():
            if text.words(Span(at, at + len(words))) == words:
                if text.word(at + len(words)) in ("price", "much", "cost"):
                    return None
                return Span(at, at + len(words)), round(bound * factor, 2)
        number = number_at(text, at)
        if number is None or number[0] < 1 or text.word(at - 1) in ("no", "not"):
            continue
        end = at + number[1]
        if text.word(end) in _MONEY:
            end += 1
        word, following = text.word(end), text.word(end + 1)
        closes = following in _AFTER_SHIFT or not following[:1].isalpha()
        led = text.word(at - 1) in ("another", "extra", "by") or text.word(at - 2) in (
            "another",
            "extra",
            "by",
        )
        down = text.word(at - 2) in ("lower", "reduce", "drop", "cut") or text.word(at - 3) in (
            "lower",
            "reduce",
            "drop",
            "cut",
        )
        if closes and word in _UP | _DOWN:
            sign = -1 if word in _DOWN else 1
            return Span(at, end + 1), round(bound + sign * number[0], 2)
        if led and (not word[:1].isalpha() or word in _AFTER_SHIFT):
            return Span(at - 1, end), round(bound + (-1 if down else 1) * number[0], 2)
    return None


_AFTER_SHIFT = frozenset(
    "that it this the is would if maybe too please would's works ok fine at".split()
)


def loosened(scene: Scene, price: str, sentence: Span) -> tuple[Span, float | None] | None:
    """(words, new maximum) of "a bit pricier is ok"; no maximum where none was said before."""
    hit = LOOSENED.first(scene.text, sentence)
    if hit is None or any(token.is_number for token in scene.text.tokens):
        return None
    old = next((r.max for r in scene.heard.state.beliefs.ranges if r.facet == price), None)
    return hit[0], float(round(old * _LITTLE_MORE)) if old is not None else None

# ruff: noqa: E501
"""Prices by their relation to others: half of one that is known, a little above the bound."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table

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


def loosened(scene: Scene, price: str, sentence: Span) -> tuple[Span, float | None] | None:
    """(words, new maximum) of "a bit pricier is ok"; no maximum where none was said before."""
    hit = LOOSENED.first(scene.text, sentence)
    if hit is None or any(token.is_number for token in scene.text.tokens):
        return None
    old = next((r.max for r in scene.heard.state.beliefs.ranges if r.facet == price), None)
    return hit[0], float(round(old * _LITTLE_MORE)) if old is not None else None

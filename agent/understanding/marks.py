"""Things said, and the marks that tell how each is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrine.agent.understanding.text import Span
from vitrine.core.acts import Strength

Polarity = Literal["want", "avoid", "allow", "relax", "release", "drop"]


@dataclass(frozen=True, slots=True)
class Unit:
    """Something said that a polarity applies to: values of one facet, a wish, or an amount."""

    span: Span
    facet: str
    head: bool = False
    wish: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """How a unit is meant. `start`: first token of the words that say so."""

    polarity: Polarity = "want"
    strength: Strength = "hard"
    added: bool = False
    start: int = 0
    degree: bool = False


def marked(mark: Mark, *, strength: Strength | None = None, added: bool | None = None) -> Mark:
    return Mark(
        mark.polarity,
        strength or mark.strength,
        mark.added if added is None else added,
        mark.start,
        mark.degree,
    )

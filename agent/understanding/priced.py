"""A shown thing that is called by its price: "the $59 one", "the one for 62 dollars"."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span

_COSTING = frozenset("for at costing costs that is priced 's".split())
_UNITS = frozenset("dollar dollars euro euros pound pounds bucks quid usd".split())
_ONE = frozenset("one item piece".split())
_NEAR = 1.0
"""Prices are said without their cents."""


def priced(scene: Scene, at: int) -> Reference | None:
    """The thing whose price is named from the token on, or None."""
    text = scene.text
    price = scene.vocabulary.pack.role("price")
    if price is None or text.word(at) not in ("the", "that"):
        return None
    start, before = at + 1, text.word(at + 1) in _ONE
    if before:
        start += 1
        while text.word(start) in _COSTING:
            start += 1
    if before and start == at + 2:
        return None
    start += text.word(start) in english.CURRENCY_SIGNS
    number = number_at(text, start)
    if number is None or number[0] < 5:
        return None
    end = start + number[1]
    if text.word(end) in english.CURRENCY_SIGNS | _UNITS:
        end += 1
    if not before:
        if text.word(end) not in _ONE:
            return None
        end += 1
    costs = {t: scene.number_of(t, price.name) for t in scene.last_shown}
    fitting = [t for t, cost in costs.items() if cost is not None and abs(cost - number[0]) < _NEAR]
    return Reference(Span(at, end), "attribute", (fitting[0],)) if len(fitting) == 1 else None

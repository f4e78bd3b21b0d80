"""Delta debugging: the shortest list that still fails (Zeller and Hildebrandt 2002, ddmin)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Fails = Callable[[list[T]], Awaitable[bool]]


class Budget:
    """How many candidates may still be tried; shrinking ends early when none is left."""

    def __init__(self, tries: int) -> None:
        self.left = tries

    def spend(self) -> bool:
        """Take one try; False when none is left."""
        self.left -= 1
        return self.left >= 0


async def ddmin(items: Sequence[T], fails: Fails[T], budget: Budget) -> list[T]:
    """A sublist that still fails and of which no single item can be left out.

    Args:
        items: a list that fails.
        fails: whether a sublist (order kept) fails.
        budget: bounds the calls of `fails`; when it is spent the best list so far is returned.
    """
    best = list(items)
    parts = 2
    while best:
        parts = min(parts, len(best))
        size = -(-len(best) // parts)
        for start in range(0, len(best), size):
            without = best[:start] + best[start + size :]
            if not budget.spend():
                return best
            if await fails(without):
                best, parts = without, max(2, parts - 1)
                break
        else:
            if size == 1:
                return best
            parts *= 2
    return best

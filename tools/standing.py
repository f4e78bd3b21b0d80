"""Where an item stands among its own kind: cheaper than most, rated better than most. Measured."""

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import Facet
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.turn import Fact

FEW = 8
"""With fewer things of its kind nothing is said of where an item stands."""
MOST = 0.7
"""Share of its kind that an item must beat for the fact to be worth telling."""


class Standing:
    """Compares items with those of the same head value; each kind is sorted once.

    Args:
        catalogue: whose items are compared.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._sorted: dict[tuple[str, tuple[str, ...]], NDArray[np.float64]] = {}

    def below(self, item: Item, facet: Facet) -> float | None:
        """Share of its kind with a smaller number, 0..1; None where too little is known."""
        number, peers = item.numbers.get(facet.name), self._peers(item, facet)
        if number is None or len(peers) < FEW:
            return None
        return float(np.searchsorted(peers, number, side="left")) / len(peers)

    def above(self, item: Item, facet: Facet) -> float | None:
        """Share of its kind with a larger number, 0..1; None where too little is known."""
        number, peers = item.numbers.get(facet.name), self._peers(item, facet)
        if number is None or len(peers) < FEW:
            return None
        return 1.0 - float(np.searchsorted(peers, number, side="right")) / len(peers)

    def good(self, item: Item) -> list[Fact]:
        """What speaks for the item: rated better, cheaper than most of its kind."""
        facts: list[Fact] = []
        rating, price = self._role("rating"), self._role("price")
        if rating is not None and (share := self.below(item, rating) or 0.0) >= MOST:
            facts.append(_fact(f"rated better than {_tenths(share)} of its kind", item, rating))
        if price is not None and (share := self.above(item, price) or 0.0) >= MOST:
            facts.append(_fact(f"cheaper than {_tenths(share)} of its kind", item, price))
        return facts

    def bad(self, item: Item) -> list[Fact]:
        """What speaks against the item: dearer, rated worse than most of its kind."""
        facts: list[Fact] = []
        rating, price = self._role("rating"), self._role("price")
        if rating is not None and (share := self.above(item, rating) or 0.0) >= MOST:
            facts.append(_fact(f"rated below {_tenths(share)} of its kind", item, rating))
        if price is not None and (share := self.below(item, price) or 0.0) >= MOST:
            facts.append(_fact(f"dearer than {_tenths(share)} of its kind", item, price))
        return facts

    def of(self, item: Item, facet: Facet) -> list[Fact]:
        """Where the item's price or rating stands among its kind; empty for other numbers."""
        facts = [f for f in (*self.good(item), *self.bad(item)) if f.ref == facet.name]
        known = self.below(item, facet)
        if facts or known is None or facet.role not in ("price", "rating"):
            return facts
        return [_fact("about the middle of its kind", item, facet)]

    def _role(self, role: str) -> Facet | None:
        facet = self._catalogue.pack.role(role)
        return facet if facet is not None and facet.kind == "numeric" else None

    def _peers(self, item: Item, facet: Facet) -> NDArray[np.float64]:
        """The facet's numbers of the item's kind, ascending."""
        head = self._catalogue.pack.head.name
        kinds = item.values(head)
        key = (facet.name, kinds)
        if key not in self._sorted:
            rows = np.zeros(len(self._catalogue), dtype=np.bool_)
            for kind in kinds:
                rows |= self._catalogue.carries(head, kind)
            numbers = self._catalogue.numbers(facet.name)[rows].astype(np.float64).round(4)
            self._sorted[key] = np.sort(numbers[~np.isnan(numbers)])
        return self._sorted[key]


def _tenths(share: float) -> str:
    """`7 in 10`, `nearly all`."""
    tenths = int(share * 10)
    return f"{tenths} in 10" if share < 0.95 else "nearly all"


def _fact(text: str, item: Item, facet: Facet) -> Fact:
    return Fact(text=text, source="catalogue", item=item.id, ref=facet.name)

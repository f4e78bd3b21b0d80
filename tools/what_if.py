"""What else there would be without one of the wishes: the counterfactual, counted exactly."""

from typing import Literal

import numpy as np
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Catalogue, Filters
from vitrine.core.refs import ItemId
from vitrine.tools.conditions import (
    Avoid,
    Bound,
    Condition,
    Conditions,
    InStock,
    Origin,
    Want,
    kind_of,
)
from vitrine.tools.relaxing import Mask, all_conditions, condition_mask, gap_of


class WhatIfRequest(Frozen):
    """`facet`: only the wishes about it are dropped, all of them together; None: each in turn."""

    conditions: Conditions
    facet: str | None = None
    exclude: tuple[ItemId, ...] = ()
    examples: int = Field(default=3, ge=0, le=12)


class Without(Frozen):
    """What dropping one wish brings.

    `kind` `avoid` is a value kept out, `origin` whose wish it is. `gained` items pass then that do
    not pass now; `items` are some of them, nearest to the wish first.
    """

    facet: str
    values: tuple[str, ...] = ()
    kind: Literal["want", "avoid", "bound", "stock"]
    origin: Origin = "said"
    gained: int = Field(ge=0)
    items: tuple[ItemId, ...] = ()


class WhatIfResult(Frozen):
    """`matching` pass everything now. `options`: the most gained first, those without gain left out."""

    matching: int
    options: tuple[Without, ...] = ()


class WhatIf:
    """Counts with exact filters; no ranking, no model.

    Args:
        catalogue: what is counted.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, request: WhatIfRequest) -> WhatIfResult:
        """The gain of each hard wish dropped."""
        catalogue = self._catalogue
        among = catalogue.mask(Filters(exclude=frozenset(request.exclude)))
        hard = [
            (condition, mask)
            for condition in all_conditions(request.conditions)
            if condition.strength == "hard"
            and (mask := condition_mask(catalogue, condition)) is not None
        ]
        now = _all(among, [mask for _, mask in hard])
        groups: dict[tuple[str, str], list[int]] = {}
        for index, (condition, _) in enumerate(hard):
            facet = self._facet(condition)
            if request.facet in (None, facet):
                groups.setdefault((facet, kind_of(condition)), []).append(index)
        if request.facet is not None and groups:
            groups = {next(iter(groups)): [i for group in groups.values() for i in group]}
        options = [
            without
            for (facet, _), indices in groups.items()
            if (without := self._without(facet, indices, hard, among, now, request.examples)).gained
        ]
        options.sort(key=lambda option: -option.gained)
        return WhatIfResult(matching=int(now.sum()), options=tuple(options))

    def _without(
        self,
        facet: str,
        indices: list[int],
        hard: list[tuple[Condition, Mask]],
        among: Mask,
        now: Mask,
        examples: int,
    ) -> Without:
        gained = _all(among, [m for i, (_, m) in enumerate(hard) if i not in indices]) & ~now
        dropped = [hard[i][0] for i in indices]
        rows = np.flatnonzero(gained)
        gap = np.zeros(len(rows))
        for bound in (c for c in dropped if isinstance(c, Bound)):
            gap += gap_of(self._catalogue, bound)[rows]
        rating = self._catalogue.pack.role("rating")
        stars = np.zeros(len(rows))
        if rating is not None:
            stars = np.nan_to_num(self._catalogue.numbers(rating.name)[rows].astype(np.float64))
        nearest = rows[np.lexsort((rows, -stars, gap))][:examples]
        first = dropped[0]
        return Without(
            facet=facet,
            values=tuple(dict.fromkeys(v for c in dropped for v in _values(c))),
            kind=kind_of(first),
            origin=first.origin,
            gained=len(rows),
            items=tuple(self._catalogue.at(int(row)).id for row in nearest),
        )

    def _facet(self, condition: Condition) -> str:
        if isinstance(condition, InStock):
            size = self._catalogue.pack.role("size")
            return size.name if size is not None else "size"
        return condition.facet


def _values(condition: Condition) -> tuple[str, ...]:
    match condition:
        case Want() | Avoid():
            return condition.values
        case InStock():
            return condition.sizes
        case Bound():
            return ()


def _all(start: Mask, masks: list[Mask]) -> Mask:
    passing = start.copy()
    for mask in masks:
        passing &= mask
    return passing

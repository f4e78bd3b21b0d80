"""Lay items side by side: a table of what differs and what they share."""

from typing import Literal

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import ItemId


class CompareRequest(Frozen):
    """The items to compare. `facets` restricts and orders the rows (empty: all of the pack)."""

    items: tuple[ItemId, ...] = Field(min_length=2, max_length=6)
    facets: tuple[str, ...] = ()


class CompareRow(Frozen):
    """One facet. `cells` align with the items; an empty cell means the listing does not say.

    `numbers` holds the raw numbers of a numeric facet (None where absent). `best` is the column
    with the lowest price or highest rating where that is meaningful and unique.
    """

    facet: str
    label: str
    kind: Literal["categorical", "numeric", "stock"]
    cells: tuple[tuple[str, ...], ...]
    numbers: tuple[float | None, ...] = ()
    differs: bool
    best: int | None = Field(default=None, ge=0)


class CompareResult(Frozen):
    """Rows in the pack's order, and the cosine of every pair's pictures as (i, j, cosine)."""

    items: tuple[ItemId, ...]
    rows: tuple[CompareRow, ...]
    likeness: tuple[tuple[int, int, float], ...] = ()

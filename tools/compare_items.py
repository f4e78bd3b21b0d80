"""Lay items side by side: a table of what differs and what they share."""

from typing import Literal

from pydantic import Field

from vitrine.core.domain import Facet
from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.tools.references import unit
from vitrine.tools.wording import number_words, sizes_in_order


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


class CompareItems:
    """Builds the table from the listing alone.

    Args:
        catalogue: where the items are looked up.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, request: CompareRequest) -> CompareResult:
        """Rows of facets that at least one item has, in the pack's (or the request's) order.

        Raises:
            ToolError: no such item or facet, or the same item twice.
        """
        catalogue, pack = self._catalogue, self._catalogue.pack
        if len(set(request.items)) < len(request.items):
            raise ToolError(f"an item stands twice in the comparison: {request.items!r}")
        for item_id in request.items:
            if not catalogue.has(item_id):
                raise ToolError(f"no item {item_id!r} in domain {pack.name!r}")
        facets = list(pack.facets)
        if request.facets:
            known = {facet.name: facet for facet in pack.facets}
            strange = [name for name in request.facets if name not in known]
            if strange:
                raise ToolError(f"no facet {strange[0]!r} in domain {pack.name!r}")
            facets = [known[name] for name in request.facets]
        items = [catalogue.item(item_id) for item_id in request.items]
        rows = [self._row(facet, items) for facet in facets]
        vectors = unit(catalogue.vectors([catalogue.row(item.id) for item in items]))
        likeness = tuple(
            (i, j, round(float(vectors[i] @ vectors[j]), 4))
            for i in range(len(items))
            for j in range(i + 1, len(items))
        )
        return CompareResult(
            items=request.items,
            rows=tuple(row for row in rows if any(row.cells)),
            likeness=likeness,
        )

    def _row(self, facet: Facet, items: list[Item]) -> CompareRow:
        pack = self._catalogue.pack
        numbers: tuple[float | None, ...] = ()
        match facet.kind:
            case "categorical":
                cells = tuple(item.values(facet.name) for item in items)
            case "stock":
                cells = tuple(
                    sizes_in_order([s for s, pieces in item.stock.items() if pieces > 0], pack)
                    for item in items
                )
            case "numeric":
                numbers = tuple(item.numbers.get(facet.name) for item in items)
                cells = tuple(
                    () if number is None else (number_words(pack, facet, number),)
                    for number in numbers
                )
        contents = {frozenset(cell) for cell in cells}
        return CompareRow(
            facet=facet.name,
            label=facet.label or facet.name,
            kind=facet.kind,
            cells=cells,
            numbers=numbers,
            differs=len(contents) > 1,
            best=_best(facet, numbers),
        )


def _best(facet: Facet, numbers: tuple[float | None, ...]) -> int | None:
    """The column with the lowest price or the highest rating, if it is alone there."""
    known = [number for number in numbers if number is not None]
    if facet.role not in ("price", "rating") or len(known) < 2:
        return None
    target = min(known) if facet.role == "price" else max(known)
    return numbers.index(target) if known.count(target) == 1 else None

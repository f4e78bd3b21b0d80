"""The items of one domain: exact filters (bit masks), words (BM25) and vectors (FAISS).

Implements `core.ports.Catalogue`. Nothing here knows any domain.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError, SetupError
from vitrine.core.items import Item
from vitrine.core.orders import before_orders
from vitrine.core.ports import Encoder, Filters, Floats, OnStep
from vitrine.memory.index import VectorIndex
from vitrine.memory.packs import read_items
from vitrine.memory.tags import read_tags
from vitrine.memory.vectors import catalogue_vectors
from vitrine.memory.words import WordIndex

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]


class PackCatalogue:
    """A pack folder, loaded.

    The word index and the vectors are made when first needed (or by `warm`).

    Args:
        folder: the pack's folder.
        pack: its parsed `domain.yaml`.
        items: its items; row i is item i.
        encoder: makes vectors of pictures that have none; without one, vector search is refused.
    """

    def __init__(
        self,
        folder: Path,
        pack: DomainPack,
        items: Sequence[Item],
        *,
        encoder: Encoder | None = None,
    ) -> None:
        self._folder = folder.resolve()
        self._pack = pack
        self._items = tuple(items)
        self._encoder = encoder
        self._rows = {item.id: row for row, item in enumerate(self._items)}
        self._on_step: OnStep | None = None
        self._carriers = _carriers(self._items, pack)
        self._counts: Mapping[str, Mapping[str, int]] = {
            facet: MappingProxyType({value: int(mask.sum()) for value, mask in table.items()})
            for facet, table in self._carriers.items()
        }
        self._numbers = _numbers(self._items, pack)

    @property
    def pack(self) -> DomainPack:
        return self._pack

    @property
    def folder(self) -> Path:
        """Absolute folder of the pack."""
        return self._folder

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in row order."""
        return self._items

    def __len__(self) -> int:
        return len(self._items)

    def item(self, item_id: str) -> Item:
        """The item.

        Raises:
            RequestError: no such item.
        """
        return self._items[self.row(item_id)]

    def row(self, item_id: str) -> int:
        """The item's row.

        Raises:
            RequestError: no such item.
        """
        try:
            return self._rows[item_id]
        except KeyError:
            raise RequestError(f"no item {item_id!r} in domain {self._pack.name!r}") from None

    def at(self, row: int) -> Item:
        """The item of a row."""
        return self._items[row]

    def has(self, item_id: str) -> bool:
        """Whether there is such an item."""
        return item_id in self._rows

    def mask(self, filters: Filters) -> Mask:
        """Rows that pass, (len,)."""
        passing = np.ones(len(self), dtype=np.bool_)
        for facet, values in filters.any_of.items():
            passing &= self._any(facet, values)
        for facet, values in filters.none_of.items():
            passing &= ~self._any(facet, values)
        for facet, (low, high) in filters.bounds.items():
            numbers = self._numbers.get(facet)
            if numbers is None:
                passing[:] = False
                continue
            with np.errstate(invalid="ignore"):
                passing &= ~np.isnan(numbers)
                if low is not None:
                    passing &= numbers >= low
                if high is not None:
                    passing &= numbers <= high
        if filters.in_stock:
            size = self._pack.role("size")
            stocked = np.zeros(len(self), dtype=np.bool_)
            if size is not None:
                stocked = self._any(size.name, filters.in_stock)
            passing &= stocked
        for item_id in filters.exclude:
            row = self._rows.get(item_id)
            if row is not None:
                passing[row] = False
        return passing

    def values(self, facet: str) -> Mapping[str, int]:
        """How many items carry each value of the facet, in the pack's order (sizes: in stock)."""
        return self._counts.get(facet, {})

    def numbers(self, facet: str) -> Floats:
        """The numeric facet of every row, NaN where absent, (len,)."""
        found = self._numbers.get(facet)
        if found is None:
            return np.full(len(self), np.nan, dtype=np.float32)
        return found.astype(np.float32)

    def carries(self, facet: str, value: str) -> Mask:
        """Rows that carry the value (a size: have it in stock), (len,)."""
        found = self._carriers.get(facet, {}).get(value)
        return np.zeros(len(self), dtype=np.bool_) if found is None else found.copy()

    def words(self, query: str, mask: Mask, limit: int) -> list[tuple[int, float]]:
        """BM25 over title, facets, description and reviews: (row, score) best first, in mask."""
        return self._word_index.search(query, mask, limit)

    def nearest(self, vectors: Floats, mask: Mask, limit: int) -> list[list[tuple[int, float]]]:
        """For each of (n, d) vectors: (row, cosine) best first, within the mask."""
        return self._vector_index.search(vectors, mask, limit)

    def vectors(self, rows: Sequence[int]) -> Floats:
        """Raw image embeddings of rows, (len(rows), d); a zero row where there is no picture."""
        return self._matrix[np.asarray(rows, dtype=np.int64)]

    def picture(self, item_id: str) -> str | None:
        """Absolute path of the item's picture file, None where there is none."""
        picture = self.item(item_id).picture
        if picture is None:
            return None
        path = (self._folder / picture).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            return None
        return str(path)

    def tags(self, item_id: str) -> tuple[str, ...]:
        """Words of `tags.jsonl`: what was extracted from the item's picture and prose."""
        return self._tags.get(item_id, ())

    def warm(self, on_step: OnStep | None = None) -> None:
        """Make word index and vectors now; `on_step` hears of pictures that must be encoded."""
        self._on_step = on_step
        _ = self._word_index
        _ = self._tags
        if self._encoder is not None:
            _ = self._vector_index

    @cached_property
    def _tags(self) -> Mapping[str, tuple[str, ...]]:
        return {item_id: entry.tags for item_id, entry in read_tags(self._folder).items()}

    @cached_property
    def _word_index(self) -> WordIndex:
        return WordIndex([item_text(item, self._pack) for item in self._items])

    @cached_property
    def _matrix(self) -> Floats:
        if self._encoder is None:
            raise SetupError(f"catalogue {self._pack.name!r} was opened without an encoder")
        return catalogue_vectors(self._folder, self._items, self._encoder, self._on_step)

    @cached_property
    def _vector_index(self) -> VectorIndex:
        return VectorIndex(self._matrix)

    def _any(self, facet: str, values: Sequence[str]) -> Mask:
        carriers = self._carriers.get(facet, {})
        found = np.zeros(len(self), dtype=np.bool_)
        for value in values:
            rows = carriers.get(value)
            if rows is not None:
                found |= rows
        return found


def open_catalogue(folder: Path, *, encoder: Encoder | None = None) -> PackCatalogue:
    """Load a pack folder.

    Raises:
        RequestError: the pack is missing or broken; names file, line and field.
    """
    pack = load_pack(folder)
    items = read_items(folder, pack)
    log.debug("domain %s: %d items", pack.name, len(items))
    return PackCatalogue(folder, pack, items, encoder=encoder)


def item_text(item: Item, pack: DomainPack) -> str:
    """What an item is found by: title and facets twice, the facets' other words, then its prose.

    Prose is read up to the first order to a machine in it: such text must find nothing.
    """
    words: list[str] = []
    for facet_name, values in item.facets.items():
        facet = pack.facet(facet_name)
        source = pack.facet(facet.values_from) if facet is not None and facet.values_from else facet
        for name in values:
            value = source.value(name) if source is not None else None
            words += [name, name, *(value.words if value is not None else ())]
    reviews = [before_orders(review.text) for review in item.reviews]
    return " ".join([item.title, item.title, *words, before_orders(item.description), *reviews])


def _carriers(items: Sequence[Item], pack: DomainPack) -> Mapping[str, Mapping[str, Mask]]:
    """By facet and value the rows that carry it; values in the pack's order, others by name."""
    tables: dict[str, dict[str, Mask]] = {}
    size = pack.role("size")
    for facet in pack.facets:
        rows: dict[str, list[int]] = {}
        if facet.kind == "categorical":
            for row, item in enumerate(items):
                for value in item.facets.get(facet.name, ()):
                    rows.setdefault(value, []).append(row)
        elif facet.kind == "stock" and size is not None and facet.name == size.name:
            for row, item in enumerate(items):
                for value, pieces in item.stock.items():
                    carried = rows.setdefault(value, [])
                    if pieces > 0:
                        carried.append(row)
        source = pack.facet(facet.values_from) if facet.values_from else facet
        listed = [value.name for value in (source.values if source is not None else ())]
        order = [v for v in listed if v in rows] + sorted(v for v in rows if v not in listed)
        table: dict[str, Mask] = {}
        for value in order:
            mask = np.zeros(len(items), dtype=np.bool_)
            mask[rows[value]] = True
            table[value] = mask
        tables[facet.name] = table
    return MappingProxyType(tables)


def _numbers(items: Sequence[Item], pack: DomainPack) -> Mapping[str, NDArray[np.float64]]:
    """By numeric facet (n,) in double precision, so that a bound of 59.99 admits 59.99."""
    return MappingProxyType(
        {
            facet.name: np.asarray([item.numbers.get(facet.name, np.nan) for item in items])
            for facet in pack.facets
            if facet.kind == "numeric"
        }
    )

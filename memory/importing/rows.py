"""One row of a table as one item of the shop, or the reason why it is refused."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import ValidationError

from vitrine.core.items import Item, Review
from vitrine.core.units import BY_NAME, UNITS, convert
from vitrine.memory.importing import lexicon, mentions
from vitrine.memory.importing.columns import Profile, coloured, measured, split_cell, truth
from vitrine.memory.importing.kinds import Kinds, Silence, one_of
from vitrine.memory.importing.mapping import FacetColumn, NumberColumn, ShopMap
from vitrine.memory.importing.names import bare_name
from vitrine.memory.importing.numbers import read_number
from vitrine.memory.importing.prose import plain
from vitrine.memory.importing.tables import Row

MAX_TITLE, MAX_DESCRIPTION, MAX_REVIEW, MAX_VALUE = 200, 4000, 2000, 60
MAX_REVIEWS = 50
MAX_VALUES = 300
MAX_PER_ITEM = 16
ALWAYS_KEPT = 60

_SLACK = 0.03  # 2048 MB are 2 GB to whoever writes listings
_ID_SIGNS = re.compile(r"[^A-Za-z0-9._:-]+")
_STARS = ("stars", "rating", "score")
_BODIES = ("text", "body", "review", "comment", "content", "review_text")


class Refused(Exception):
    """A row that cannot become an item; the text says why."""


@dataclass
class Tally:
    """What happened to the rows."""

    items: int = 0
    shortened: int = 0
    values_dropped: int = 0
    numbers_unread: int = 0
    reviews_dropped: int = 0


@dataclass(frozen=True)
class Choices:
    """The values of one facet: by folded cell the value's name; and what else people call it."""

    names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {})


def choices(found: Profile, column: str, split: str | None, always: int = ALWAYS_KEPT) -> Choices:
    """The values that a column keeps, by the folded form of a cell's part; commonest spelling.

    With at most `always` values even those stay that occur once.
    """
    counted = found.columns[column]
    parts: Counter[str] = Counter()
    spelt: dict[str, Counter[str]] = {}
    for key in counted.distinct:
        for whole, times in counted.spellings[key].items():
            for part in split_cell(whole, split):
                name, _ = plain(part, MAX_VALUE)
                folded = name.casefold()
                if folded in lexicon.EMPTY:
                    continue
                parts[folded] += times
                spelt.setdefault(folded, Counter[str]())[name] += times
    common = parts.most_common(MAX_VALUES)
    if len(parts) > always:
        common = [(value, n) for value, n in common if n > 1]
    codes = _codes(column, parts)
    if codes is not None:
        return Choices(
            names={value: codes[value][0] for value, _ in common if value in codes}
            | {v: spelt[v].most_common(1)[0][0] for v, _ in common if v not in codes},
            words={names[0]: names[1:] for names in codes.values()},
        )
    kept = [value for value, _ in common if len(value) > 1]
    return Choices(names={value: spelt[value].most_common(1)[0][0] for value in kept})


def _codes(column: str, parts: Counter[str]) -> dict[str, tuple[str, ...]] | None:
    words = set(bare_name(column).split())
    for word, (cells, names) in lexicon.CODES.items():
        if word in words and set(parts) <= cells:
            return names
    return None


def kinds_told(
    tables: Mapping[str, Choices], shop: ShopMap, kinds: Kinds
) -> tuple[dict[str, Choices], dict[str, dict[str, str]]]:
    """Facets without the values that name kinds, and by column those values with their kinds.

    A "product type" that says "Notebook" for a few things says what titles say for the others.
    """
    kept: dict[str, Choices] = {}
    told: dict[str, dict[str, str]] = {}
    for facet in shop.facets:
        table = tables.get(facet.name)
        if table is None:
            continue
        naming = {
            value: " ".join([*value.split()[:-1], one_of(value.split()[-1])])
            for value in table.names
            if value in kinds
        }
        if len(naming) < 2 or coloured(table.names):
            kept[facet.name] = table
            continue
        told[facet.column] = naming
        names = {value: name for value, name in table.names.items() if value not in naming}
        kept[facet.name] = Choices(names=names, words=table.words)
    return kept, told


class RowReader:
    """Turns rows into items.

    Args:
        shop: the mapping.
        head: values of the head facet, or the kinds that titles name.
        facets: by facet name the values that are kept.
        silent: what is known not to name a kind.
        kinds: by column the folded cells that name a kind, and which.
    """

    def __init__(
        self,
        shop: ShopMap,
        head: Choices | Kinds,
        facets: Mapping[str, Choices],
        silent: Silence | None = None,
        kinds: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.shop = shop
        self.tally = Tally()
        self._head = head
        self._facets = facets
        self._silent = silent or Silence()
        self._kinds = kinds or {}
        self._seen: dict[str, int] = {}

    def read(self, row: Row, picture: str | None) -> Item:
        """The item of a row.

        Raises:
            Refused: the row has no title or identity that can be used, or repeats one.
        """
        shop = self.shop
        identity = self._identity(row)
        title = " ".join(filter(None, (self._text(row, c, MAX_TITLE) for c in shop.titles)))
        prose = [self._text(row, column, MAX_DESCRIPTION) for column in shop.descriptions]
        heads = self._heads(row, title, prose)
        if not title and not shop.titles:
            title = f"{heads[0] if heads else shop.noun} {row.line}"
        if not title:
            raise Refused("it has no title")
        details = [
            f"{bare_name(c.rsplit('.', 1)[-1])}: {text}"
            for c in shop.details
            if (text := self._text(row, c, 400))
        ]
        description, cut = plain(" ".join([*filter(None, prose), *details]), MAX_DESCRIPTION)
        self.tally.shortened += cut
        facets: dict[str, tuple[str, ...]] = {}
        numbers: dict[str, float] = {}
        if heads:
            facets[shop.head.name] = heads
        for name, priced in (("price", shop.price), ("rating", shop.rating)):
            if priced is not None and (number := self._number(row, priced)) is not None:
                if number >= 0:
                    numbers[name] = min(number, 5.0) if name == "rating" else number
        if shop.mined_colours and (named := mentions.colours_in(title, description)):
            facets[mentions.FACET] = named
        for facet in shop.facets:
            self._facet(row, facet, facets, numbers)
        try:
            item = Item(
                id=identity,
                title=title[:MAX_TITLE],
                description=description,
                facets=facets,
                numbers=numbers,
                stock=self._stock(row),
                reviews=self._reviews(row, identity),
                picture=picture,
            )
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Refused(f"{where}: {first['msg']}") from error
        self._seen[identity] = row.line
        self.tally.items += 1
        return item

    # --- the parts ----------------------------------------------------------------------------

    def _identity(self, row: Row) -> str:
        if self.shop.id is None:
            return f"row-{row.line}"
        cell = row.fields.get(self.shop.id)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        if cell is None or isinstance(cell, bool | list | dict):
            raise Refused(f"it has no {self.shop.id!r}")
        identity = _ID_SIGNS.sub("-", str(cell).strip()).lstrip("._:-")[:80]
        if not identity:
            raise Refused(f"its {self.shop.id!r} {str(cell)[:40]!r} has no letter or digit")
        if identity in self._seen:
            raise Refused(
                f"its {self.shop.id!r} {identity!r} repeats the one of line {self._seen[identity]}"
            )
        return identity

    def _text(self, row: Row, column: str, most: int) -> str:
        cell = row.fields.get(column)
        if cell is None or isinstance(cell, bool | dict):
            return ""
        if isinstance(cell, list):
            cell = " ".join(str(entry) for entry in cast(list[Any], cell)[:50])
        text, cut = plain(str(cell), most)
        self.tally.shortened += cut
        return text

    def _heads(self, row: Row, title: str, prose: Sequence[str]) -> tuple[str, ...]:
        if isinstance(self._head, Kinds):
            told = [
                kinds[folded]
                for column, kinds in self._kinds.items()
                if (folded := str(row.fields.get(column, "")).strip().casefold()) in kinds
            ]
            mined = self._head.of([title, *prose], self._silent)
            return tuple(dict.fromkeys([*mined, *told]))
        assert self.shop.head.column is not None, "a mapping names a column or mines"
        return self._values(row.fields.get(self.shop.head.column), self._head, self.shop.head.split)

    def _facet(
        self,
        row: Row,
        facet: FacetColumn,
        facets: dict[str, tuple[str, ...]],
        numbers: dict[str, float],
    ) -> None:
        cell = row.fields.get(facet.column)
        if cell is None:
            return
        match facet.kind:
            case "flag":
                if truth(cell):
                    facets[facet.name] = (facet.label,)
            case "number":
                number = self._number(
                    row, NumberColumn(column=facet.column, divide=facet.divide), facet.unit
                )
                if number is not None:
                    numbers[facet.name] = number
            case "choice":
                values = self._values(cell, self._facets[facet.name], facet.split)
                if values:
                    facets[facet.name] = values

    def _values(self, cell: Any, table: Choices, split: str | None) -> tuple[str, ...]:
        if cell is None:
            return ()
        names: dict[str, None] = {}
        for part in split_cell(cell, split)[:MAX_PER_ITEM]:
            folded = plain(part, MAX_VALUE)[0].casefold()
            name = table.names.get(folded)
            if name is not None:
                names[name] = None
            elif folded not in lexicon.EMPTY:
                self.tally.values_dropped += 1
        return tuple(names)

    def _number(self, row: Row, source: NumberColumn, unit: str | None = None) -> float | None:
        cell = row.fields.get(source.column)
        if cell is None:
            return None
        written = read_number(cell, comma=self.shop.decimal_comma)
        if written is None:
            self.tally.numbers_unread += 1
            return None
        value = written.value
        if unit is not None and written.unit is not None and written.unit.name != unit:
            converted = convert(written.value, written.unit.name, unit)
            if converted is None:
                self.tally.numbers_unread += 1
                return None
            value = converted
        elif unit is not None and written.unit is None:
            value = _as_prose_says(row, value, unit)
        return round(value / source.divide, 4)

    def _stock(self, row: Row) -> dict[str, int]:
        cell = row.fields.get(self.shop.stock) if self.shop.stock is not None else None
        if not isinstance(cell, dict):
            return {}
        return {
            plain(str(size), 20)[0]: max(0, pieces)
            for size, pieces in list(cast(dict[str, Any], cell).items())[:60]
            if isinstance(pieces, int) and plain(str(size), 20)[0]
        }

    def _reviews(self, row: Row, identity: str) -> tuple[Review, ...]:
        cell = row.fields.get(self.shop.reviews) if self.shop.reviews is not None else None
        if not isinstance(cell, list):
            return ()
        kept: list[Review] = []
        for entry in cast(list[Any], cell)[:MAX_REVIEWS]:
            review = _review(entry, f"{identity[:30]}-r{len(kept) + 1}")
            if review is None:
                self.tally.reviews_dropped += 1
            else:
                kept.append(review)
        return tuple(kept)


def _as_prose_says(row: Row, value: float, unit: str) -> float:
    """A bare number in the column's unit, even where this row wrote it in another one.

    A column that holds 16 and 2048 means gigabytes once and megabytes once: where the row's prose
    has no "2048 GB" but "2 GB", which is 2048 MB but for a few per cent, the number is converted.
    """
    here = BY_NAME.get(unit)
    if here is None or value <= 0:
        return value
    said = [n * u.factor for n, u in measured(row) if u.measure == here.measure and n > 0]

    def told(factor: float) -> bool:
        return any(abs(value * factor / base - 1) <= _SLACK for base in said)

    if not said or told(here.factor):
        return value
    others = [u for u in UNITS if u.measure == here.measure and u is not here and told(u.factor)]
    return value * others[0].factor / here.factor if len(others) == 1 else value


def _review(entry: Any, name: str) -> Review | None:
    """A review with stars and words; what lacks either is none."""
    if not isinstance(entry, dict):
        return None
    fields = {str(key).casefold(): value for key, value in cast(dict[Any, Any], entry).items()}
    stars = next((n for key in _STARS if (n := read_number(fields.get(key))) is not None), None)
    body = next((fields[key] for key in _BODIES if isinstance(fields.get(key), str)), "")
    text, _ = plain(body, MAX_REVIEW)
    if stars is None or not text or not 1 <= round(stars.value) <= 5:
        return None
    return Review(id=name, stars=round(stars.value), text=text)

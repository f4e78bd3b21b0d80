"""What the columns of a table hold: one pass over all rows, with bounded memory."""

import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from PIL import ImageColor

from vitrine.core.units import Unit, unit_of
from vitrine.memory.importing.numbers import read_number
from vitrine.memory.importing.tables import BadRow, Row

MAX_DISTINCT = 3000
"""Values of one column that are counted; a column with more is no list of choices."""
SAMPLE = 4000
LONG = 80
"""Characters from which a value is prose, not a choice."""
SEPARATORS = ("|", ";", ",", "/")

_URL = re.compile(r"^\s*(https?://|//|www\.)", re.I)
_DATE = re.compile(r"^\s*\d{4}-\d{2}-\d{2}([T ]|$)|^\s*\d{1,2}[./]\d{1,2}[./]\d{4}\b")
_PICTURE = re.compile(r"\.(jpe?g|png|webp|gif|bmp|tiff?)(\?|$)", re.I)
_MEASURED = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)[\s-]{0,2}(\"|″|”|[A-Za-z%]{1,12})(?![\w])")
_YES = frozenset({"true", "yes", "y"})
_NO = frozenset({"false", "no", "n"})


def truth(value: Any) -> bool | None:
    """What a yes-or-no cell says, None where it says something else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().casefold()
        return True if word in _YES else False if word in _NO else None
    return None


@dataclass
class Column:
    """Counts of one column. `filled` cells hold something; the other counts are among them."""

    name: str
    filled: int = 0
    texts: int = 0
    flags: int = 0
    numbers: int = 0
    whole: int = 0
    lists: int = 0
    counted: int = 0
    reviews: int = 0
    links: int = 0
    dates: int = 0
    pictures: int = 0
    long: int = 0
    chars: int = 0
    low: float = float("inf")
    high: float = float("-inf")
    distinct: Counter[str] = field(default_factory=lambda: Counter[str]())
    spellings: dict[str, Counter[str]] = field(default_factory=lambda: {})
    crowded: bool = False
    units: Counter[str] = field(default_factory=lambda: Counter[str]())
    text_units: Counter[str] = field(default_factory=lambda: Counter[str]())
    currencies: Counter[str] = field(default_factory=lambda: Counter[str]())
    separators: Counter[str] = field(default_factory=lambda: Counter[str]())
    endings: Counter[int] = field(default_factory=lambda: Counter[int]())

    def see(self, value: Any) -> None:
        """Count one filled cell."""
        self.filled += 1
        if isinstance(value, list):
            self.lists += 1
            entries = cast(list[Any], value)
            self.reviews += bool(entries) and isinstance(entries[0], dict)
            for entry in entries[:50]:
                if isinstance(entry, str):
                    self.pictures += bool(_PICTURE.search(entry))
                    self._choice(entry)
            return
        if isinstance(value, dict):
            self.counted += 1
            return
        if truth(value) is not None:
            self.flags += 1
        if isinstance(value, str):
            self.texts += 1
            self.chars += len(value)
            self.long += len(value) > LONG
            self.links += bool(_URL.match(value))
            self.dates += bool(_DATE.match(value))
            self.pictures += bool(_PICTURE.search(value))
            for sign in SEPARATORS:
                self.separators[sign] += sign in value
        written = read_number(value)
        if written is not None:
            self.numbers += 1
            self.whole += written.value.is_integer()
            self.low, self.high = min(self.low, written.value), max(self.high, written.value)
            self.endings[int(abs(written.value)) % 100] += 1
            if written.unit is not None:
                self.units[written.unit.name] += 1
            if written.currency is not None:
                self.currencies[written.currency] += 1
        if not isinstance(value, bool):
            self._choice(str(value))

    def _choice(self, text: str) -> None:
        if self.crowded or len(text) > LONG:
            return
        key = " ".join(text.casefold().split())
        if not key:
            return
        self.distinct[key] += 1
        if len(self.distinct) > MAX_DISTINCT:
            self.crowded = True
            self.spellings.clear()
            return
        self.spellings.setdefault(key, Counter[str]())[" ".join(text.split())] += 1

    def spelling(self, key: str) -> str:
        """The commonest way to write a value that was counted under its folded form."""
        return self.spellings[key].most_common(1)[0][0]


@dataclass
class Profile:
    """What a table holds: its columns in order of appearance, and a sample of rows."""

    rows: int = 0
    bad: list[BadRow] = field(default_factory=lambda: [])
    bad_count: int = 0
    columns: dict[str, Column] = field(default_factory=lambda: {})
    sample: list[Row] = field(default_factory=lambda: [])


def profile(rows: Iterable[Row | BadRow], *, keep_bad: int = 20) -> Profile:
    """Count every column. The sample is the same for the same rows."""
    found = Profile()
    chance = random.Random(0)
    for row in rows:
        if isinstance(row, BadRow):
            found.bad_count += 1
            if len(found.bad) < keep_bad:
                found.bad.append(row)
            continue
        found.rows += 1
        for name, value in row.fields.items():
            column = found.columns.get(name)
            if column is None:
                column = found.columns[name] = Column(name)
            column.see(value)
        if len(found.sample) < SAMPLE:
            found.sample.append(row)
        elif (place := chance.randrange(found.rows)) < SAMPLE:
            found.sample[place] = row
    for row in found.sample:
        _measures(row, found.columns)
    return found


def _measures(row: Row, columns: dict[str, Column]) -> None:
    """Units that the row's own prose gives to the bare numbers of its other columns."""
    said: dict[float, set[str]] = {}
    for number, unit in measured(row):
        said.setdefault(number, set()).add(unit.name)
    if not said:
        return
    for name, value in row.fields.items():
        written = read_number(value)
        if written is not None:
            for unit in said.get(written.value, ()):
                columns[name].text_units[unit] += 1


def measured(row: Row) -> list[tuple[float, Unit]]:
    """Numbers with units in the row's prose."""
    prose = " ".join(
        value[:500] for value in row.fields.values() if isinstance(value, str) and len(value) > 12
    )
    found = [(n, unit_of(sign)) for n, sign in _MEASURED.findall(prose[:4000])]
    return [(float(n.replace(",", ".")), unit) for n, unit in found if unit is not None]


def coloured(values: Iterable[str]) -> bool:
    """Whether most of the values (folded) are names of colours."""
    found = list(values)
    named = sum(value in ImageColor.colormap for value in found)
    return named >= 3 and (named >= 0.4 * len(found) or named >= 8)


def split_cell(cell: Any, sign: str | None) -> list[str]:
    """The values of one cell."""
    if isinstance(cell, list):
        return [
            " ".join(entry.split())
            for entry in cast(list[Any], cell)
            if isinstance(entry, str) and entry.strip()
        ]
    if isinstance(cell, bool):
        return []
    text = str(cell)
    parts = text.split(sign) if sign is not None else [text]
    return [" ".join(part.split()) for part in parts if part.strip()]

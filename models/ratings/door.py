"""The door for files from outside: bounded rows, and bad ones counted with file and line.

A reader asks for rows and says which of them are bad; `Tally.close` stops a file that is broken as a
whole before anything is trained on it.
"""

from __future__ import annotations

import csv
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vitrine.core.errors import RequestError, SetupError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

log = logging.getLogger(__name__)

MAX_LINE = 1 << 20
"""Bytes of the longest row that is read."""
MAX_CELL = 1 << 16
"""Bytes of the longest cell of a parquet file."""
MAX_BLOB = 20 << 20
"""Bytes of the largest picture in a parquet file."""
MAX_PART = 1 << 32
"""Bytes of the largest row group of a parquet file, unpacked."""
MAX_ROWS = 200_000_000
MAX_NAME = 200
"""Characters of the longest name of a user or an item."""
MAX_TEXT = 2000
"""Characters of a title that are kept."""
PACKED = frozenset({".gz", ".zip", ".bz2", ".xz", ".zst", ".7z"})
SEPARATORS = (",", "\t", ";")
SHOWN = 5
"""Bad rows that are shown."""
LATEST = 32_503_680_000.0
"""Times from here on (the year 3000, in seconds) are no times; milliseconds are larger still."""


class BadRow(ValueError):
    """A row cannot be used; the message says why."""


class Row(NamedTuple):
    """One row: its place (file:line) and its cells by column."""

    place: str
    cells: Mapping[str, str]


@dataclass
class Tally:
    """Rows of one file, and the bad ones among them."""

    path: Path
    bad_share: float = 0.05
    rows: int = 0
    bad: int = 0
    first: list[str] = field(default_factory=lambda: [])

    def refuse(self, place: str, why: str) -> None:
        """Count a row that cannot be used."""
        self.bad += 1
        if len(self.first) < SHOWN:
            self.first.append(f"{place}: {why}")

    def close(self) -> None:
        """Report; called when the file has been read.

        Raises:
            RequestError: there are no rows, or too many bad ones.
        """
        name = self.path.name
        if not self.rows:
            raise RequestError(f"{str(self.path)!r} has no rows")
        if self.bad == self.rows or self.bad > self.bad_share * self.rows:
            raise RequestError(
                f"{name}: {self.bad} of {self.rows} rows are bad, more than"
                f" {self.bad_share:.0%}; the first: {self.first[0]}"
            )
        log.info("%s: %d rows, %d bad", name, self.rows, self.bad)
        for line in self.first:
            log.info("  %s", line)
        if self.bad > len(self.first):
            log.info("  and %d more", self.bad - len(self.first))


def lines(path: Path, tally: Tally, *, skip: int = 0) -> Iterator[tuple[str, str]]:
    """Lines as (place, text without its end); empty ones are left out.

    Lines that are too long or not UTF-8 are counted as bad and left out.

    Args:
        skip: lines at the beginning that are no rows (a header).

    Raises:
        RequestError: the file cannot be opened, or has too many rows.
    """
    if path.suffix.lower() in PACKED:
        raise RequestError(f"{path.name} is packed: unpack it first")
    try:
        file = path.open("rb")
    except OSError as error:
        raise RequestError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    with file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            place = f"{path.name}:{number}"
            whole = len(line) <= MAX_LINE
            end = line
            while not end.endswith(b"\n") and (rest := file.readline(MAX_LINE)):
                end = rest  # the rest of a line that is too long, piece by piece
            if number <= skip or not line.strip():
                continue
            tally.rows += 1
            if tally.rows > MAX_ROWS:
                raise RequestError(f"{path.name}: more than {MAX_ROWS} rows; give --limit")
            if not whole:
                tally.refuse(place, f"longer than {MAX_LINE} bytes")
                continue
            try:
                yield place, line.decode("utf-8").rstrip("\r\n").lstrip("\ufeff")
            except UnicodeDecodeError:
                tally.refuse(place, "not UTF-8")


def separated(
    path: Path, tally: Tally, columns: Sequence[str], separator: str, *, least: int | None = None
) -> Iterator[Row]:
    """Rows of a file without header, cells by their order.

    Args:
        least: cells that a row must have; the others are empty then.
    """
    least = len(columns) if least is None else least
    for place, line in lines(path, tally):
        cells = line.split(separator)
        if not least <= len(cells) <= len(columns):
            tally.refuse(place, f"{len(cells)} cells, expected {len(columns)}")
            continue
        yield Row(place, dict(zip(columns, cells, strict=False)))


def csv_header(path: Path) -> list[str]:
    """Names in the first line of a CSV file.

    Raises:
        RequestError: the file cannot be read, or has no header.
    """
    return _header(path)[0]


def _header(path: Path) -> tuple[list[str], str]:
    """Names of the columns, and what stands between cells: the separator that occurs most in them.

    Raises:
        RequestError: the file cannot be read, or has no header.
    """
    _, first = next(lines(path, Tally(path)), ("", ""))
    between = max(SEPARATORS, key=first.count)
    try:
        names = [cell.strip() for cell in next(_cells(first, between), [])]
    except csv.Error as error:
        raise RequestError(f"{path.name}:1: no header: {error}") from error
    if not names:
        raise RequestError(f"{str(path)!r} has no rows")
    return names, between


def csv_rows(path: Path, tally: Tally) -> Iterator[Row]:
    """Rows of a CSV file with header, also with tabs or semicolons; cells without blanks around."""
    header, between = _header(path)
    for place, line in lines(path, tally, skip=1):
        try:
            cells = next(_cells(line, between), [])
        except csv.Error as error:
            tally.refuse(place, str(error))
            continue
        if len(cells) != len(header):
            tally.refuse(place, f"{len(cells)} cells, the header has {len(header)}")
            continue
        yield Row(place, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _cells(line: str, between: str) -> Iterator[list[str]]:
    return csv.reader([line], delimiter=between, strict=True)


def parquet_header(path: Path) -> list[str]:
    """Names of the columns of a parquet file.

    Raises:
        RequestError: the file is damaged or too large.
        SetupError: pyarrow is not installed.
    """
    return list(_parquet(path).schema_arrow.names)


def parquet_rows(path: Path, tally: Tally, columns: Sequence[str]) -> Iterator[Row]:
    """Rows of a parquet file, in parts; only the named columns are unpacked.

    Raises:
        RequestError: the file is damaged or too large.
    """
    from pyarrow import ArrowException

    file = _parquet(path, columns)
    number = 0
    try:
        for batch in file.iter_batches(batch_size=8192, columns=list(columns)):
            _check_lengths(path, batch, MAX_CELL)
            for cells in batch.to_pylist():
                number += 1
                tally.rows += 1
                shown = {name: "" if cell is None else str(cell) for name, cell in cells.items()}
                yield Row(f"{path.name}:{number}", shown)
    except (ArrowException, OSError) as error:
        raise RequestError(f"{path.name}:{number + 1}: damaged: {error}") from error


def parquet_blobs(path: Path, name: str, blob: str) -> Iterator[tuple[str, str, bytes]]:
    """(place, name, bytes) of the rows of a parquet file that have both, a few at a time.

    Args:
        name: column that names the blob.
        blob: column of bytes, each at most `MAX_BLOB`.

    Raises:
        RequestError: the file is damaged or too large, or the column holds no bytes.
    """
    from pyarrow import ArrowException, types

    file = _parquet(path, [name, blob], packed=[name])
    kind = file.schema_arrow.field(blob).type
    if not (types.is_binary(kind) or types.is_large_binary(kind)):
        raise RequestError(f"{path.name}: column {blob!r} holds {kind}, expected bytes")
    number = 0
    try:
        for batch in file.iter_batches(batch_size=64, columns=[name, blob]):
            _check_lengths(path, batch, MAX_BLOB)
            for cells in batch.to_pylist():
                number += 1
                if cells[name] is not None and cells[blob] is not None:
                    yield f"{path.name}:{number}", str(cells[name]), cells[blob]
    except (ArrowException, OSError) as error:
        raise RequestError(f"{path.name}:{number + 1}: damaged: {error}") from error


def _check_lengths(path: Path, batch: Any, most: int) -> None:
    """A word that stands in every row is stored once: measured before it is written out.

    Raises:
        RequestError: a cell is too long.
    """
    from pyarrow import compute, types

    for column in batch.columns:
        words = column.dictionary if types.is_dictionary(column.type) else column
        if types.is_string(words.type) or types.is_binary(words.type):
            lengths = compute.binary_length(words)  # pyright: ignore[reportAttributeAccessIssue]
            longest = compute.max(lengths).as_py() or 0  # pyright: ignore[reportAttributeAccessIssue]
            if longest > most:
                raise RequestError(f"{path.name}: a cell of {longest} bytes, at most {most}")


def _parquet(
    path: Path, columns: Sequence[str] = (), packed: Sequence[str] | None = None
) -> ParquetFile:
    """`packed`: columns whose equal words are stored once; None: all of them."""
    try:
        from pyarrow import ArrowException, types
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise SetupError("pyarrow is not installed: pip install 'vitrine[train]'") from error
    try:
        with ParquetFile(path) as seen:
            kinds = {name: seen.schema_arrow.field(name).type for name in columns}
        nested = next((kind for kind in kinds.values() if types.is_nested(kind)), None)
        if nested is not None:
            raise RequestError(f"{path.name}: a column of {nested}, expected words or numbers")
        file = ParquetFile(path, read_dictionary=list(columns if packed is None else packed))
    except (ArrowException, OSError) as error:
        raise RequestError(f"{str(path)!r} is no parquet file: {error}") from error
    about = file.metadata
    if about.num_rows > MAX_ROWS:
        raise RequestError(f"{path.name}: more than {MAX_ROWS} rows")
    for part in range(about.num_row_groups):
        if about.row_group(part).total_byte_size > MAX_PART:
            raise RequestError(f"{path.name}: a row group of more than {MAX_PART >> 30} GiB")
    return file


def name_of(text: str, what: str) -> str:
    """A name of a user or an item.

    Raises:
        BadRow: it is empty, too long, or has control characters.
    """
    name = text.strip()
    if not name:
        raise BadRow(f"no {what}")
    if len(name) > MAX_NAME or not name.isprintable():
        raise BadRow(f"{what} {name[:40]!r} is no name")
    return name


def number_of(text: str, what: str) -> float:
    """A finite number.

    Raises:
        BadRow: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        raise BadRow(f"{what} {text[:40]!r} is no number") from None
    if not math.isfinite(value):
        raise BadRow(f"{what} {text[:40]!r} is not finite")
    return value


def time_of(text: str, form: str | None = None) -> float:
    """Seconds since 1970 (UTC) of a number of seconds or milliseconds, or of a date.

    Args:
        form: of `strptime`; otherwise ISO 8601.

    Raises:
        BadRow: it is no time.
    """
    text = text.strip()
    try:
        if form is not None:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        if text.replace(".", "", 1).isdecimal():
            value = float(text)
            return value if value < LATEST else value / 1000
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadRow(f"time {text[:40]!r} is no time") from None


def text_of(text: str) -> str:
    """A title: one line, bounded."""
    return " ".join(text.split())[:MAX_TEXT]

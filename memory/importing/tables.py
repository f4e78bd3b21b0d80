"""Reads what shops export: CSV, TSV, JSON and JSON lines, plain or gzipped, row by row.

A file is read several times, never kept whole (one JSON document has to be). Everything in it is
untrusted: sizes are bounded before anything is parsed, a broken row is told with its line, and
nothing in a file is ever fetched, opened or run.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from vitrine.core.errors import RequestError

Kind = Literal["csv", "jsonl", "json"]

MAX_BYTES = 2 * 1024**3
"""Of a table after unpacking."""
MAX_DOCUMENT_BYTES = 256 * 1024**2
"""Of one JSON document, which has to be parsed whole."""
MAX_ROW_CHARS = 1_000_000
MAX_COLUMNS = 20_000
MAX_DEPTH = 2
"""Nested objects become columns `outer.inner` down to this depth; what is deeper is left out."""

_KINDS: dict[str, tuple[Kind, str]] = {
    ".csv": ("csv", ""),
    ".tsv": ("csv", "\t"),
    ".tab": ("csv", "\t"),
    ".jsonl": ("jsonl", ""),
    ".ndjson": ("jsonl", ""),
    ".json": ("json", ""),
}
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Row:
    """One record: its line (of a JSON document: its place) and its fields; no field is empty."""

    line: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class BadRow:
    """A record that cannot be read, and why."""

    line: int
    reason: str


class Table:
    """A file of records.

    Args:
        path: the file; its ending (before `.gz`) tells the kind.

    Raises:
        RequestError: no such file, an ending that is not read, or a file that is too large.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        endings = [ending.lower() for ending in path.suffixes]
        self._packed = bool(endings) and endings[-1] == ".gz"
        ending = ["", *endings][-2 if self._packed else -1]
        if ending not in _KINDS:
            known = ", ".join(_KINDS)
            more = " Parquet needs a reader that is not installed: export as CSV or JSON lines."
            raise RequestError(
                f"cannot import {str(path)!r}: expected a file ending in {known}"
                f" (also .gz).{more if ending in ('.parquet', '.pq') else ''}"
            )
        kind, self._delimiter = _KINDS[ending]
        self._kind: Kind = kind
        try:
            size = path.stat().st_size
        except OSError as error:
            raise RequestError(f"cannot import {str(path)!r}: {error.strerror}") from error
        if not path.is_file():
            raise RequestError(f"cannot import {str(path)!r}: expected a file")
        if size > MAX_BYTES:
            raise RequestError(f"{path} has {size} bytes, expected at most {MAX_BYTES}")

    def rows(self) -> Iterator[Row | BadRow]:
        """All records in order.

        Raises:
            RequestError: the file as a whole is broken; says at which line.
        """
        try:
            match self._kind:
                case "csv":
                    yield from self._csv()
                case "jsonl":
                    yield from self._lines()
                case "json":
                    yield from self._document()
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise RequestError(f"{self.path} is no intact gzip file: {error}") from error
        except OSError as error:
            raise RequestError(f"cannot read {self.path}: {error}") from error

    # --- the kinds ----------------------------------------------------------------------------

    def _csv(self) -> Iterator[Row | BadRow]:
        text = self._text()
        with text:
            delimiter = self._delimiter or _delimiter(text)
            csv.field_size_limit(MAX_ROW_CHARS)
            # A NUL would end the reader with an error in the middle of a shop.
            lines = (line.replace("\0", "") for line in _bounded(text, self.path))
            reader = csv.reader(lines, delimiter=delimiter, strict=False)
            header: list[str] | None = None
            while True:
                start = reader.line_num + 1
                try:
                    record = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    yield BadRow(start, str(error))
                    continue
                if not any(cell.strip() for cell in record):
                    continue
                if header is None:
                    header = _header(record, self.path)
                    continue
                if len(record) != len(header):
                    yield BadRow(start, f"{len(record)} fields, expected {len(header)}")
                    continue
                yield Row(start, _filled(zip(header, record, strict=True)))
        if header is None:
            raise RequestError(f"{self.path} is empty: expected a first line with column names")

    def _lines(self) -> Iterator[Row | BadRow]:
        with self._text() as text:
            for number, line in enumerate(_bounded(text, self.path), start=1):
                if not line.strip():
                    continue
                if len(line) > MAX_ROW_CHARS:
                    yield BadRow(number, f"line of {len(line)} characters")
                    continue
                try:
                    record = json.loads(line, parse_constant=_nothing)
                except (ValueError, RecursionError) as error:
                    yield BadRow(number, f"not valid JSON: {_first_line(error)}")
                    continue
                yield _record(record, number)

    def _document(self) -> Iterator[Row | BadRow]:
        with self._text() as text:
            whole = text.read(MAX_DOCUMENT_BYTES + 1)
        if len(whole) > MAX_DOCUMENT_BYTES:
            raise RequestError(
                f"{self.path} is one JSON document of more than {MAX_DOCUMENT_BYTES} characters:"
                " expected JSON lines (one object a line, ending .jsonl) for a shop of this size"
            )
        try:
            document = json.loads(whole, parse_constant=_nothing)
        except (ValueError, RecursionError) as error:
            if _an_object(whole.lstrip().split("\n", 1)[0]):
                yield from self._lines()  # JSON lines under the wrong name are common
                return
            first = _first_line(error)
            raise RequestError(f"{self.path} is not valid JSON: {first}") from error
        for place, record in enumerate(self._records(document), start=1):
            yield _record(record, place)

    def _records(self, document: Any) -> list[Any]:
        """The records of a document: a list, or an object with one list of objects in it."""
        if isinstance(document, list):
            return cast(list[Any], document)
        if isinstance(document, dict):
            members = cast(dict[str, Any], document)
            lists = [cast(list[Any], v) for v in members.values() if isinstance(v, list) and v]
            lists = [entries for entries in lists if isinstance(entries[0], dict)]
            if len(lists) == 1:
                return lists[0]
            if members and all(isinstance(value, dict) for value in members.values()):
                return [{"id": key, **value} for key, value in members.items()]
        raise RequestError(f"{self.path}: expected a list of objects, one for each thing on sale")

    # --- the bytes ----------------------------------------------------------------------------

    def _text(self) -> io.TextIOWrapper:
        """The file as text: UTF-8 (or UTF-16 with its mark), else the old Western encoding."""
        with self._bytes() as probe:
            start = probe.read(1024 * 1024)
        encoding = "utf-8-sig"
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            encoding = "utf-16"
        else:
            try:
                start[: len(start) - 4 if len(start) == 1024 * 1024 else None].decode("utf-8-sig")
            except UnicodeDecodeError as error:
                # Cut inside a letter is no fault; a byte that UTF-8 does not have is.
                encoding = "utf-8-sig" if error.start > len(start) - 8 else "cp1252"
        return io.TextIOWrapper(self._bytes(), encoding=encoding, errors="replace", newline="")

    def _bytes(self) -> IO[bytes]:
        if self._packed:
            return cast(IO[bytes], gzip.open(self.path, "rb"))
        return self.path.open("rb")


def _bounded(lines: Iterable[str], path: Path) -> Iterator[str]:
    """The lines, refusing a file that unpacks without end."""
    total = 0
    for line in lines:
        total += len(line)
        if total > MAX_BYTES:
            raise RequestError(f"{path} unpacks to more than {MAX_BYTES} characters")
        yield line


def _delimiter(text: io.TextIOWrapper) -> str:
    """The sign that most often divides the first line outside quotes; the text is rewound."""
    first = text.readline(MAX_ROW_CHARS)
    text.seek(0)
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=lambda sign: (outside.count(sign), -_DELIMITERS.index(sign)))


def _header(record: list[str], path: Path) -> list[str]:
    if len(record) > MAX_COLUMNS:
        raise RequestError(f"{path} has {len(record)} columns, expected at most {MAX_COLUMNS}")
    seen: dict[str, int] = {}
    names: list[str] = []
    for place, cell in enumerate(record, start=1):
        name = cell.strip()[:120] or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _filled(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The fields that hold anything."""
    kept: dict[str, Any] = {}
    for name, value in pairs:
        if value is None or value in ("", [], {}):
            continue
        if isinstance(value, str) and not value.strip():
            continue
        kept[name] = value
    return kept


def _record(record: Any, line: int) -> Row | BadRow:
    if not isinstance(record, dict):
        return BadRow(line, f"expected a JSON object, found {type(record).__name__}")
    fields = _filled(_flat(cast(dict[str, Any], record), 1))
    if len(fields) > MAX_COLUMNS:
        return BadRow(line, f"{len(fields)} fields")
    return Row(line, fields)


def _flat(record: dict[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict) and not _counts(cast(dict[str, Any], value)):
            if depth <= MAX_DEPTH:
                for inner, held in _flat(cast(dict[str, Any], value), depth + 1):
                    yield f"{name}.{inner}", held
            continue
        yield name.strip()[:120], value


def _counts(value: dict[str, Any]) -> bool:
    """An object that counts something, such as pieces left by size, stays whole."""
    return bool(value) and all(
        isinstance(n, int) and not isinstance(n, bool) for n in value.values()
    )


def _an_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _nothing(_: str) -> None:
    """NaN and Infinity are no numbers a shop can mean."""


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__

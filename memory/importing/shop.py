"""Import a shop: table in, domain pack out, or nothing at all.

1. Read the table once: what its columns hold.
2. Propose a mapping, or take the given one.
3. Where no column says what things are, read the kinds out of the titles.
4. Read the table again: one item a row, one checked picture an item.
5. Write the words of the shop; open the finished pack as any reader would; put it in its place.

Everything is written to a folder beside the destination, which takes its place by one rename.
"""

import json
import logging
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ImageColor

from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError, SetupError
from vitrine.core.items import Item
from vitrine.memory.importing.columns import Profile, coloured, profile
from vitrine.memory.importing.kinds import Kinds, Silence, mine, silence
from vitrine.memory.importing.mapping import ShopMap, read_map, write_map
from vitrine.memory.importing.pack import Census, write_domain
from vitrine.memory.importing.pictures import PictureDesk
from vitrine.memory.importing.proposal import propose
from vitrine.memory.importing.prose import plain
from vitrine.memory.importing.rows import (
    MAX_VALUES,
    Choices,
    Refused,
    RowReader,
    Tally,
    choices,
    kinds_told,
)
from vitrine.memory.importing.tables import Row, Table
from vitrine.memory.packs import MAX_ITEMS, read_items

log = logging.getLogger(__name__)

OnRow = Callable[[str, int, int], None]
"""Called with (stage, rows done, rows in all; 0: not known yet)."""

MAP_FILE = "map.yaml"
FIRST_REFUSED = 20
RARE_SHARE = 0.0005
"""Of the things of a shop: a mined kind with no more is none."""
_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,40}$")


@dataclass(frozen=True)
class ImportRequest:
    """What to import.

    `images`: folder of pictures (None: beside the table). `mapping`: a reviewed mapping file.
    """

    source: Path
    name: str
    out: Path
    mapping: Path | None = None
    images: Path | None = None
    replace: bool = False


@dataclass
class ImportReport:
    """What came of it. `refused` are the first refused rows as `file:line: why`."""

    folder: Path
    rows: int = 0
    refused_count: int = 0
    refused: list[str] = field(default_factory=lambda: [])
    tally: Tally = field(default_factory=Tally)
    pictures: int = 0
    pictures_missing: int = 0
    pictures_broken: list[str] = field(default_factory=lambda: [])
    broken_count: int = 0
    facets: int = 0
    kinds: int = 0
    without_kind: int = 0
    notes: list[str] = field(default_factory=lambda: [])


def propose_map(source: Path, name: str, on_row: OnRow | None = None) -> tuple[str, list[str]]:
    """The text of a mapping for the table, and what to look at first in it.

    Raises:
        RequestError: the table cannot be read or holds nothing.
    """
    found = _profile(Table(source), on_row or _silent)
    proposal = propose(found, name=name, source=source)
    return write_map(proposal.mapping), proposal.notes


def import_shop(request: ImportRequest, on_row: OnRow | None = None) -> ImportReport:
    """Import a shop; the destination is complete or untouched.

    Raises:
        RequestError: the request, the table or the mapping is at fault; says where.
        SetupError: the disk refuses.
    """
    tell = on_row or _silent
    if not _NAME.match(request.name):
        raise RequestError(
            f"name {request.name!r}: expected small letters, digits, '-' and '_', a letter first"
        )
    if request.images is not None and not request.images.is_dir():
        raise RequestError(f"--images {str(request.images)!r}: expected a folder")
    if request.out.exists() and not request.replace:
        raise RequestError(f"{str(request.out)!r} exists: expected a new folder, or --replace")
    if request.out.exists() and not (request.out / "domain.yaml").is_file():
        raise RequestError(f"{str(request.out)!r} is no domain pack: it will not be replaced")
    table = Table(request.source)
    given = read_map(request.mapping) if request.mapping is not None else None
    found = _profile(table, tell)
    report = ImportReport(folder=request.out, rows=found.rows + found.bad_count)
    report.refused_count = found.bad_count
    report.refused = [f"{table.path}:{bad.line}: {bad.reason}" for bad in found.bad]
    if given is None:
        proposal = propose(found, name=request.name, source=request.source)
        shop, report.notes = proposal.mapping, proposal.notes
    else:
        shop = given
        _check(shop, found, request)
    tables = {
        facet.name: choices(found, facet.column, facet.split)
        for facet in shop.facets
        if facet.kind == "choice"
    }
    told: dict[str, dict[str, str]] = {}
    silent: Silence | None = None
    if shop.head.column is not None:
        head = tables[shop.head.name] = choices(
            found, shop.head.column, shop.head.split, MAX_VALUES
        )
    else:
        silent = _silent_words(shop, found, tables)
        head = _mine(shop, found, table, silent, tell)
        tables, told = kinds_told(tables, shop, head)
    reader = RowReader(shop, head, tables, silent, told)
    with _beside(request.out) as folder:
        desk = PictureDesk(request.images or request.source.parent, folder)
        census = _write_items(folder, table, shop, reader, desk, report, tell)
        _, text = write_domain(request.name, shop, census, tables)
        (folder / "domain.yaml").write_text(text, encoding="utf-8")
        (folder / MAP_FILE).write_text(write_map(shop), encoding="utf-8")
        pack = load_pack(folder)
        read_items(folder, pack)
        _place(folder, request.out)
    report.tally = reader.tally
    report.pictures = desk.counts["kept"]
    report.pictures_missing = desk.counts["missing"]
    report.broken_count, report.pictures_broken = desk.counts["broken"], desk.broken
    report.facets, report.kinds = len(pack.facets), len(census.heads)
    report.without_kind = census.items - census.held[shop.head.name]
    return report


# --- the steps ------------------------------------------------------------------------------------


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody wants to know."""


def _profile(table: Table, tell: OnRow) -> Profile:
    def counted() -> Iterator[object]:
        for done, row in enumerate(table.rows(), start=1):
            if done > MAX_ITEMS:
                raise RequestError(f"{table.path} has more than {MAX_ITEMS} rows")
            if done % 500 == 0:
                tell("reading columns", done, 0)
            yield row

    found = profile(counted())  # pyright: ignore[reportArgumentType]
    if not found.rows:
        more = (
            f"; the first fault: line {found.bad[0].line}: {found.bad[0].reason}"
            if found.bad
            else ""
        )
        raise RequestError(f"{table.path} holds no usable rows{more}")
    return found


def _check(shop: ShopMap, found: Profile, request: ImportRequest) -> None:
    lacking = [name for name in shop.columns() if name not in found.columns]
    if lacking:
        raise RequestError(
            f"{request.mapping}: no column {lacking[0]!r} in {request.source}: expected one of"
            f" {', '.join(list(found.columns)[:40])}"
        )
    for facet in shop.facets:
        if facet.kind == "choice" and found.columns[facet.column].crowded:
            raise RequestError(
                f"{request.mapping}: facet {facet.name!r}: column {facet.column!r} has too many"
                " different values for a choice"
            )


def _silent_words(shop: ShopMap, found: Profile, tables: Mapping[str, Choices]) -> Silence:
    """Makers' names and colours, which stand in titles and name no kind."""
    words: set[str] = set()
    names: set[str] = set()
    for facet in shop.facets:
        if facet.kind == "choice" and "brand" in facet.words:
            names |= set(tables[facet.name].names)
    for column in found.columns.values():
        if not column.crowded and coloured(column.distinct):
            words |= {w for name in column.distinct for w in re.findall(r"[^\W\d_]+", name)}
            words |= set(ImageColor.colormap)
    return silence(words, names)


def _mine(shop: ShopMap, found: Profile, table: Table, silent: Silence, tell: OnRow) -> Kinds:
    """The kinds that the shop's titles name."""

    def texts() -> Iterator[tuple[str, ...]]:
        for done, row in enumerate(table.rows(), start=1):
            if isinstance(row, Row):
                cells = [row.fields.get(c) for c in (*shop.titles, *shop.descriptions)]
                yield tuple(plain(c, 200)[0] for c in cells if isinstance(c, str))
            if done % 500 == 0:
                tell("reading titles", done, found.rows)

    kinds = mine(texts(), silent)
    held: Counter[str] = Counter()
    for row in found.sample:
        cells = [row.fields.get(c) for c in (*shop.titles, *shop.descriptions)]
        held.update(kinds.of([plain(c, 200)[0] for c in cells if isinstance(c, str)], silent))
    # A kind that hardly anything is of would hide what the shop really has of it.
    few = RARE_SHARE * len(found.sample)
    single = {word: weight for word, weight in kinds.single.items() if held[word] > few}
    return Kinds(single, frozenset(p for p in kinds.pairs if p[1] in single))


def _write_items(
    folder: Path,
    table: Table,
    shop: ShopMap,
    reader: RowReader,
    desk: PictureDesk,
    report: ImportReport,
    tell: OnRow,
) -> Census:
    census = Census(shop.head.name)
    with (folder / "items.jsonl").open("w", encoding="utf-8") as out:
        for done, row in enumerate(table.rows(), start=1):
            if done % 200 == 0:
                tell("writing items", done, report.rows)
            if not isinstance(row, Row):
                continue
            try:
                item = reader.read(row, None)
            except Refused as error:
                report.refused_count += 1
                if len(report.refused) < FIRST_REFUSED:
                    report.refused.append(f"{table.path}:{row.line}: {error}")
                continue
            if shop.image is not None:
                picture = desk.take(row.fields.get(shop.image), f"{done:06d}")
                item = item.model_copy(update={"picture": picture})
            census.see(item)
            out.write(_line(item))
    if not census.items:
        why = f"; the first: {report.refused[0]}" if report.refused else ""
        raise RequestError(f"{table.path}: every row was refused{why}")
    return census


def _line(item: Item) -> str:
    tree = item.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(tree, sort_keys=True, ensure_ascii=False) + "\n"


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A new folder beside the destination, removed unless it was moved there."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
    except OSError as error:
        raise SetupError(
            f"cannot write beside {str(out)!r}: {error.strerror}; expected a writable folder"
        ) from error
    try:
        yield folder
    except OSError as error:
        raise SetupError(f"cannot write the shop {str(out)!r}: {error.strerror}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(folder: Path, out: Path) -> None:
    """Put the finished folder in its place; an older one goes only once the new one stands."""
    folder.chmod(0o755)
    if not out.exists():
        os.replace(folder, out)
        return
    old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".old"))
    os.replace(out, old)
    try:
        os.replace(folder, out)
    except OSError:
        os.replace(old, out)
        raise
    shutil.rmtree(old, ignore_errors=True)

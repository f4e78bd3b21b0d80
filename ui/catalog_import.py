"""`vitrine catalog import`: a table of goods becomes a shop to talk with, without any code."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vitrine.core import places
from vitrine.core.errors import RequestError
from vitrine.ui import catalog_tag

if TYPE_CHECKING:
    from vitrine.memory.importing.shop import ImportReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine catalog import`."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="csv, tsv, json, jsonl; or .gz of it"
    )
    parser.add_argument("--name", required=True, help="name of the shop, as --domain will call it")
    parser.add_argument(
        "--out", type=Path, help="folder of the pack (default: VITRINE_HOME/domains)"
    )
    parser.add_argument(
        "--map", type=Path, metavar="FILE", help="a reviewed mapping of the columns"
    )
    parser.add_argument("--images", type=Path, metavar="DIR", help="where pictures lie")
    parser.add_argument(
        "--propose", type=Path, metavar="FILE", help="only write the proposed mapping, to review it"
    )
    parser.add_argument("--replace", action="store_true", help="replace an earlier import")
    parser.add_argument(
        "--no-vectors",
        action="store_true",
        help="leave embedding the pictures to the first opening, and do not tag them",
    )


def run(args: argparse.Namespace) -> int:
    """Import, or propose a mapping."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from vitrine.core.settings import read_settings
    from vitrine.memory.importing.shop import (
        ImportRequest,
        import_shop,
        propose_map,
    )
    from vitrine.memory.tags import read_tags

    out: Path = args.out or places.home() / "domains" / args.name
    if args.out is None and (places.domains() / args.name / "domain.yaml").is_file():
        raise RequestError(f"--name {args.name!r} is a shop that comes along: choose another name")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)

        def tell(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage, completed=done, total=total or None)

        if args.propose is not None:
            text, notes = propose_map(args.file, args.name, tell)
            progress.stop()
            _write_proposal(args.propose, text, notes)
            return 0
        tags = read_tags(out) if args.replace else {}
        report = import_shop(
            ImportRequest(
                source=args.file, name=args.name, out=out, mapping=args.map,
                images=args.images, replace=args.replace,
            ),
            tell,
        )  # fmt: skip
    _tell_report(report)
    if report.pictures and not args.no_vectors:
        _embed(out)
        catalog_tag.tag(read_settings(domain=str(out.resolve())), known=tags)
    print(f"{report.tally.items} items in {out}", file=sys.stderr)
    by_name = args.out is None
    print(f"open it: vitrine chat --domain {args.name if by_name else out}", file=sys.stderr)
    return 0


def _write_proposal(path: Path, text: str, notes: list[str]) -> None:
    from vitrine.memory.files import write_atomically

    if path.exists():
        raise RequestError(f"--propose {str(path)!r} exists: it will not be overwritten")
    write_atomically(path, text.encode("utf-8"))
    for note in notes:
        print(f"look at: {note}", file=sys.stderr)
    print(f"mapping in {path}: review it, then import with --map {path}", file=sys.stderr)


def _tell_report(report: "ImportReport") -> None:
    tally = report.tally
    for line in report.refused:
        print(f"refused  {line}", file=sys.stderr)
    if report.refused_count > len(report.refused):
        print(f"refused  ... {report.refused_count} rows in all", file=sys.stderr)
    for line in report.pictures_broken:
        print(f"picture  {line}", file=sys.stderr)
    for note in report.notes:
        print(f"look at  {note}", file=sys.stderr)
    counts = [
        (report.refused_count, "rows refused"),
        (report.without_kind, "items without a kind"),
        (report.pictures_missing, "pictures missing"),
        (report.broken_count, "pictures broken"),
        (tally.shortened, "texts shortened"),
        (tally.values_dropped, "rare values left out"),
        (tally.numbers_unread, "numbers not understood"),
        (tally.reviews_dropped, "reviews without stars or words"),
    ]
    said = [f"{count} {what}" for count, what in counts if count]
    print(
        f"{report.rows} rows, {report.facets} facets, {report.kinds} kinds,"
        f" {report.pictures} pictures{'; ' if said else ''}{', '.join(said)}",
        file=sys.stderr,
    )


def _embed(folder: Path) -> None:
    """Image vectors into the pack, so that opening it computes nothing."""
    from rich.console import Console
    from rich.progress import Progress

    from vitrine.agent.wiring import backend_models
    from vitrine.core.domain import load_pack
    from vitrine.core.settings import read_settings
    from vitrine.memory.packs import read_items
    from vitrine.memory.vectors import ship_vectors

    items = read_items(folder, load_pack(folder))
    encoder = backend_models(read_settings()).encoder()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("embedding pictures", total=len(items))
        ship_vectors(folder, items, encoder, lambda done, _: progress.update(task, completed=done))

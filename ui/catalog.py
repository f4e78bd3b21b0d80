"""Catalogues: import a shop, draw the demo shop, embed and tag pictures, describe what a domain holds."""

import argparse
import json
import os
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitrine.core import places
from vitrine.core.errors import RequestError
from vitrine.ui import catalog_import, catalog_tag

if TYPE_CHECKING:
    from vitrine.core.domain import DomainPack
    from vitrine.core.items import Item


@dataclass(frozen=True)
class CatalogueFacts:
    """Counts of everything a domain holds; facet values most frequent first."""

    domain: str
    title: str
    folder: str
    items: int
    pictures: int
    pictures_missing: int
    picture_bytes: int
    reviews: int
    numbers: dict[str, dict[str, float]]
    facets: dict[str, dict[str, int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine catalog`."""
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="{import,build,vectors,tag,info}"
    )
    catalog_import.add_arguments(
        commands.add_parser("import", help="make a shop of a table: csv, tsv, json, jsonl")
    )
    build = commands.add_parser("build", help="draw the demo shop: items, texts and pictures")
    build.add_argument("--out", type=Path, required=True, help="folder of the domain pack")
    build.add_argument("--seed", type=int, default=7, help="same seed, same shop (default 7)")
    build.add_argument("--count", type=_positive, default=2000, help="items (default 2000)")
    build.add_argument("--size", type=_positive, default=256, help="pixels a side (default 256)")
    build.add_argument("--workers", type=_positive, default=os.cpu_count() or 1, help="processes")
    vectors = commands.add_parser(
        "vectors", help="embed the pictures once, so that opening the domain computes nothing"
    )
    vectors.add_argument("--domain", help="name or folder of the domain (default: the settings')")
    catalog_tag.add_arguments(
        commands.add_parser("tag", help="extract tags of every item, by picture and language model")
    )
    info = commands.add_parser("info", help="what a domain holds")
    info.add_argument("--domain", help="name or folder of the domain (default: the settings')")
    info.add_argument("--json", action="store_true", help="print as JSON")


def run(args: argparse.Namespace) -> int:
    """Import, build, embed, tag or describe."""
    match args.command:
        case "import":
            return catalog_import.run(args)
        case "build":
            return _build(args)
        case "vectors":
            return _vectors(args)
        case "tag":
            return catalog_tag.run(args)
        case _:
            return _info(args)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(text)


def _build(args: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from vitrine.studio.shop import build_shop

    if args.out.exists() and not args.out.is_dir():
        raise RequestError(f"--out {str(args.out)!r} is a file: expected a folder")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("drawing", total=args.count)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        build_shop(
            args.out, seed=args.seed, count=args.count, size=args.size, workers=args.workers,
            on_progress=tell,
        )  # fmt: skip
    print(f"{args.count} items in {args.out}", file=sys.stderr)
    return 0


def _vectors(args: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from vitrine.agent.wiring import backend_models
    from vitrine.core.domain import load_pack
    from vitrine.core.settings import read_settings
    from vitrine.memory.packs import read_items
    from vitrine.memory.vectors import ship_vectors

    settings = read_settings(domain=args.domain)
    folder = places.domain_folder(settings.domain)
    items = read_items(folder, load_pack(folder))
    encoder = backend_models(settings).encoder()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("embedding pictures", total=len(items))
        path = ship_vectors(
            folder, items, encoder, lambda done, _: progress.update(task, completed=done)
        )
    print(f"{len(items)} vectors in {path}", file=sys.stderr)
    return 0


def _info(args: argparse.Namespace) -> int:
    from vitrine.core.domain import load_pack
    from vitrine.core.settings import read_settings
    from vitrine.memory.packs import read_items

    folder = places.domain_folder(read_settings(domain=args.domain).domain)
    pack = load_pack(folder)
    facts = describe(folder, pack, read_items(folder, pack))
    if args.json:
        print(json.dumps(asdict(facts), indent=2, ensure_ascii=False))
        return 0
    print(f"{facts.title} ({facts.domain}): {facts.items} {pack.nouns}, {folder}")
    print(f"pictures  {facts.pictures}, {facts.picture_bytes / 2**20:.1f} MiB")
    print(f"reviews   {facts.reviews}")
    for name, bounds in facts.numbers.items():
        print(f"{name:<9} {bounds['min']:g} to {bounds['max']:g}, median {bounds['median']:g}")
    for name, values in facts.facets.items():
        listed = ", ".join(f"{value} {count}" for value, count in values.items())
        print(f"{name:<9} {listed}")
    return 0


def describe(folder: Path, pack: "DomainPack", items: "tuple[Item, ...]") -> CatalogueFacts:
    """Count everything a domain holds."""
    pictures = [folder / item.picture for item in items if item.picture]
    present = [picture for picture in pictures if picture.is_file()]
    numbers: dict[str, dict[str, float]] = {}
    facets: dict[str, dict[str, int]] = {}
    for facet in pack.facets:
        if facet.kind == "numeric":
            found = sorted(i.numbers[facet.name] for i in items if facet.name in i.numbers)
            if found:
                middle = found[len(found) // 2]
                numbers[facet.name] = {"min": found[0], "median": middle, "max": found[-1]}
        elif facet.kind == "stock":
            counts = Counter(size for item in items for size, left in item.stock.items() if left)
            facets[facet.name] = dict(counts.most_common())
        else:
            counts = Counter(value for item in items for value in item.values(facet.name))
            facets[facet.name] = dict(counts.most_common())
    return CatalogueFacts(
        domain=pack.name,
        title=pack.title,
        folder=str(folder),
        items=len(items),
        pictures=len(present),
        pictures_missing=len(pictures) - len(present),
        picture_bytes=sum(picture.stat().st_size for picture in present),
        reviews=sum(len(item.reviews) for item in items),
        numbers=numbers,
        facets=facets,
    )

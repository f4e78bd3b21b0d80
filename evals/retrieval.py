"""Retrieval against human grades: NDCG@10 and how much of what is shown was graded at all.

`vitrine eval retrieval --domain SHOP --qrels grades.csv [--queries queries.txt]`

The grades are a CSV file with columns query, docid and rating (0: useless). Four ways of searching
are compared in the same run:

- `plain`: BM25 over title and description alone, the reference;
- `words`: BM25 as the shop's own word index has it, facets and their other words included;
- `tool`: the retrieval tool, given the query and nothing else;
- `turn`: the query said to the agent, which understands it and shows what it would show.

NDCG uses gains 2^rating - 1. `ndcg10` counts what nobody graded as useless; `condensed10` leaves it
out of the ranking first (none for `turn`, which shows ten things only); `judged10` is the graded
share of the first ten: with little of it, both figures say little. Queries without any rating above
0 are left out.
"""

import argparse
import asyncio
import csv
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from vitrine.agent.session import open_shop
from vitrine.agent.wiring import backend_models
from vitrine.core import places
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.settings import Settings, read_settings
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import PackCatalogue, open_catalogue
from vitrine.memory.words import WordIndex
from vitrine.tools.retrieve_items import RetrieveItems, RetrieveRequest

Grades = Mapping[str, Mapping[str, int]]
"""By query and item id the rating, 0 or more."""
Search = Callable[[str], Sequence[str]]
"""Item ids for a query, best first."""

TOP = 10
DEEP = 50
SYSTEMS = ("plain", "words", "tool", "turn")
_MAX_RATING = 10


class SystemFigures(Frozen):
    """Means over the queries of one way of searching; times in milliseconds a query."""

    ndcg10: float = Field(ge=0, le=1)
    condensed10: float | None = Field(ge=0, le=1)
    judged10: float = Field(ge=0, le=1)
    empty: int = Field(ge=0, description="queries that found nothing")
    p50_ms: float = Field(ge=0)


class RetrievalReport(Frozen):
    """The whole measurement."""

    domain: str
    items: int
    queries: int
    systems: dict[str, SystemFigures]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine eval retrieval`."""
    parser.add_argument("--domain", required=True, help="name or folder of the shop")
    parser.add_argument("--qrels", type=Path, required=True, help="CSV: query,docid,rating")
    parser.add_argument("--queries", type=Path, help="only these queries, one a line")
    parser.add_argument(
        "--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), help="default: all"
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(args: argparse.Namespace) -> None:
    """Measure and print."""
    grades = read_grades(args.qrels)
    if args.queries is not None:
        wanted = _lines(args.queries)
        grades = {query: grades[query] for query in wanted if query in grades}
    report = measure(args.domain, grades, args.systems)
    if args.json:
        sys.stdout.write(report.model_dump_json(indent=2) + "\n")
        return
    sys.stdout.write(f"{report.domain}: {report.items} items, {report.queries} graded queries\n")
    sys.stdout.write(
        f"{'':8}{'ndcg@10':>9}{'condensed':>11}{'judged@10':>11}{'empty':>7}{'ms':>8}\n"
    )
    for name, found in report.systems.items():
        condensed = "-" if found.condensed10 is None else f"{found.condensed10:.3f}"
        sys.stdout.write(
            f"{name:8}{found.ndcg10:9.3f}{condensed:>11}{found.judged10:11.3f}"
            f"{found.empty:7d}{found.p50_ms:8.1f}\n"
        )


def measure(domain: str, grades: Grades, systems: Sequence[str]) -> RetrievalReport:
    """Figures of the named systems on one shop.

    Raises:
        RequestError: the shop is unknown, or no query has a rating above 0 for an item in it.
    """
    folder = places.domain_folder(domain)
    settings = read_settings(domain=str(folder), products=TOP)
    encoder = backend_models(settings).encoder()
    catalogue = open_catalogue(folder, encoder=encoder)
    usable = {query: rated for query, rated in grades.items() if max(rated.values(), default=0)}
    if not any(catalogue.has(item) for rated in usable.values() for item in rated):
        raise RequestError(f"no graded item is in the shop {domain!r}: expected its item ids")
    catalogue.warm()
    figures: dict[str, SystemFigures] = {}
    with tempfile.TemporaryDirectory() as scratch:
        tool = RetrieveItems(catalogue, encoder, ArtifactStore(Path(scratch) / "artifacts"))
        searches: dict[str, Search] = {
            "plain": _plain(catalogue),
            "words": _words(catalogue),
            "tool": lambda query: [
                item.id
                for item in tool(RetrieveRequest(query=query, count=DEEP, diversity=0.0)).items
            ],
        }
        for name in systems:
            if name == "turn":
                figures[name] = asyncio.run(_turns(settings, Path(scratch), usable))
                continue
            found: dict[str, Sequence[str]] = {}
            times: list[float] = []
            for query in usable:
                start = time.perf_counter()
                found[query] = searches[name](query)
                times.append(1000 * (time.perf_counter() - start))
            figures[name] = figures_of(found, usable, times, deep=True)
    return RetrievalReport(
        domain=catalogue.pack.name, items=len(catalogue), queries=len(usable), systems=figures
    )


def figures_of(
    found: Mapping[str, Sequence[str]], grades: Grades, times_ms: Sequence[float], *, deep: bool
) -> SystemFigures:
    """Means over the queries; `deep`: the rankings go on behind the first ten."""
    plain = [ndcg([rated.get(i, 0) for i in found[q][:TOP]], rated) for q, rated in grades.items()]
    condensed = [
        ndcg([rated[i] for i in found[q] if i in rated][:TOP], rated) for q, rated in grades.items()
    ]
    judged = [sum(item in rated for item in found[q][:TOP]) / TOP for q, rated in grades.items()]
    return SystemFigures(
        ndcg10=round(float(np.mean(plain)), 4),
        condensed10=round(float(np.mean(condensed)), 4) if deep else None,
        judged10=round(float(np.mean(judged)), 4),
        empty=sum(not found[query] for query in grades),
        p50_ms=round(float(np.median(times_ms)), 2),
    )


def ndcg(ratings: Sequence[int], rated: Mapping[str, int]) -> float:
    """NDCG@10 of the ratings in the order found, against the best order of all that is rated.

    Järvelin & Kekäläinen 2002 with gains 2^rating - 1.
    """
    ideal = sorted(rated.values(), reverse=True)[:TOP]
    best = sum((2**rating - 1) / np.log2(place + 2) for place, rating in enumerate(ideal))
    here = sum((2**rating - 1) / np.log2(place + 2) for place, rating in enumerate(ratings[:TOP]))
    return float(here / best) if best else 0.0


def read_grades(path: Path) -> dict[str, dict[str, int]]:
    """Grades from a CSV file.

    Raises:
        RequestError: the file is missing or a line is broken; names file and line.
    """
    grades: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = set(reader.fieldnames or ())
            if not names >= {"query", "docid", "rating"}:
                raise RequestError(f"{path}: expected columns query, docid, rating, found {names}")
            for row in reader:
                rating = (row["rating"] or "").strip()
                if not rating.isdecimal() or int(rating) > _MAX_RATING:
                    raise RequestError(
                        f"{path}:{reader.line_num}: rating {rating!r}: expected 0 to {_MAX_RATING}"
                    )
                grades.setdefault(row["query"], {})[row["docid"]] = int(rating)
    except OSError as error:
        raise RequestError(f"cannot read the grades {str(path)!r}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"{path} is no CSV file in UTF-8: {error}") from error
    return grades


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise RequestError(f"cannot read the queries {str(path)!r}: {error.strerror}") from error


def _plain(catalogue: PackCatalogue) -> Search:
    index = WordIndex([f"{item.title} {item.description}" for item in catalogue.items])
    everything = np.ones(len(catalogue), dtype=np.bool_)
    return lambda query: [catalogue.at(row).id for row, _ in index.search(query, everything, DEEP)]


def _words(catalogue: PackCatalogue) -> Search:
    everything = np.ones(len(catalogue), dtype=np.bool_)
    return lambda query: [
        catalogue.at(row).id for row, _ in catalogue.words(query, everything, DEEP)
    ]


async def _turns(settings: Settings, scratch: Path, grades: Grades) -> SystemFigures:
    """Each query as the first message of a conversation of its own."""
    found: dict[str, Sequence[str]] = {}
    times: list[float] = []
    async with open_shop(settings.model_copy(update={"home": str(scratch)})) as shop:
        for number, query in enumerate(grades):
            start = time.perf_counter()
            turn = await shop.session(user="grader", thread=f"query-{number}").turn(text=query)
            times.append(1000 * (time.perf_counter() - start))
            found[query] = [product.id for product in turn.products]
    return figures_of(found, grades, times, deep=False)

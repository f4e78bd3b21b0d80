"""`vitrine eval understanding`: language that nobody here wrote, read by the built-in understanding.

`--gold` names a folder with any of the public sets `llm_convrec`, `fashioniq_captions` and
`shoes_relative_captions`. The report is JSON, and a Markdown page that lists every miss so that a
person can judge it. Sentences of the sets stand in the report only, never in the project.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.places import domain_folder
from vitrine.evals.understanding_critiques import (
    LABELS,
    Captions,
    CritiqueBench,
    CritiqueFigures,
    CritiqueResult,
    figures,
    read_labels,
)
from vitrine.evals.understanding_gold import FILES, GoldReader, GoldResult, Section, named_items
from vitrine.evals.understanding_shop import build_shop, read_list
from vitrine.evals.understanding_state import StateReader
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.packs import read_items

log = logging.getLogger(__name__)

GOLD_SET = "llm_convrec"
_SHOP_LIST = "item_metadata.json"


class SectionFigures(Frozen):
    """Rows of one gold section that were wholly right; precision and recall of their parts.

    `parts_right`: rows whose parts are the gold's, whatever their strength or wording.
    """

    rows: int
    right: int
    accuracy: float
    parts_right: int
    precision: float | None
    recall: float | None


class UnderstandingReport(Frozen):
    """All that was measured. `critiques` is by set, and `all`."""

    domain: str
    part: str
    critiques: dict[str, CritiqueFigures]
    gold: dict[str, SectionFigures]
    critique_results: tuple[CritiqueResult, ...]
    gold_results: tuple[GoldResult, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the sets lie, which shop reads them, where the report goes."""
    parser.add_argument(
        "--gold", type=Path, required=True, metavar="DIR", help="folder of the sets"
    )
    parser.add_argument(
        "--domain", default="atelier", help="shop that reads critiques (default: %(default)s)"
    )
    parser.add_argument(
        "--part",
        choices=("tuning", "heldout", "last", "all"),
        default="tuning",
        help="labelled critiques to read; the other parts are for final figures",
    )
    parser.add_argument("--labels", type=Path, default=LABELS, help="labels of critiques (JSONL)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="writes report.json and misses.md")
    parser.add_argument("--json", action="store_true", help="prints the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Measure, write, print.

    Raises:
        RequestError: none of the sets is there, or a file of one is broken.
    """
    report = measure(args.gold, args.domain, part=args.part, labels=args.labels)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "report.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
        (args.out / "misses.md").write_text(markdown(report), encoding="utf-8")
        log.info("wrote %s", args.out / "misses.md")
    sys.stdout.write(
        report.model_dump_json(indent=1) + "\n" if args.json else "\n".join(summary(report)) + "\n"
    )
    return 0


def measure(
    folder: Path, domain: str, *, part: str = "tuning", labels: Path = LABELS
) -> UnderstandingReport:
    """Read all sets that the folder has.

    Raises:
        RequestError: the folder has none of the sets, or a file of one is broken.
    """
    place = domain_folder(domain)
    pack = load_pack(place)
    catalogue = PackCatalogue(place, pack, read_items(place, pack))
    wanted = [one for one in read_labels(labels) if part in ("all", one.part)]
    present = [one for one in wanted if (folder / one.dataset).is_dir()]
    convrec = folder / GOLD_SET
    if not present and not convrec.is_dir():
        names = sorted({GOLD_SET, *(one.dataset for one in wanted)})
        raise RequestError(f"{str(folder)!r} has none of the sets {', '.join(names)}")
    bench = CritiqueBench(catalogue, BuiltinUnderstanding(catalogue))
    captions = Captions(folder)
    critiques = tuple(bench.read(one, captions.said(one)) for one in present)
    gold = tuple(_read_gold(convrec, catalogue)) if convrec.is_dir() else ()
    sets = dict.fromkeys(one.dataset for one in present)
    by_set = {
        name: figures([r for r in critiques if r.where.startswith(f"{name}/")]) for name in sets
    }
    if critiques:
        by_set["all"] = figures(critiques)
    return UnderstandingReport(
        domain=domain,
        part=part,
        critiques=by_set,
        gold={
            section: _section([r for r in gold if r.section == section])
            for section in FILES
            if any(r.section == section for r in gold)
        },
        critique_results=critiques,
        gold_results=gold,
    )


def _read_gold(folder: Path, speech: PackCatalogue) -> list[GoldResult]:
    shop = build_shop(read_list(folder / _SHOP_LIST), named_items(folder), speech)
    reader = GoldReader(shop, BuiltinUnderstanding(shop.catalogue))
    results: list[GoldResult] = []
    sections: tuple[Section, ...] = tuple(FILES)
    for section in sections:
        if section == "state":
            results += StateReader(reader).read(folder)
        else:
            results += reader.read(folder, section)
    return results


def _section(results: Sequence[GoldResult]) -> SectionFigures:
    hits = sum(r.hits for r in results)
    found = hits + sum(r.extras for r in results)
    gold = hits + sum(r.misses for r in results)
    right = sum(r.right for r in results)
    return SectionFigures(
        rows=len(results),
        right=right,
        accuracy=round(right / len(results), 4),
        parts_right=sum(not r.misses and not r.extras for r in results),
        precision=round(hits / found, 4) if found else None,
        recall=round(hits / gold, 4) if gold else None,
    )


def summary(report: UnderstandingReport) -> list[str]:
    """The figures as lines of text."""
    lines = [
        f"critiques {name:<26}{f.right:>4} of {f.critiques:<4} right ({f.accuracy:.3f}), "
        f"asks met {f.asks_met:.3f}, unasked values {f.spurious}"
        for name, f in report.critiques.items()
    ]
    for name, f in report.gold.items():
        parts = f", parts {f.parts_right}"
        parts += f", precision {f.precision:.3f}" if f.precision is not None else ""
        parts += f", recall {f.recall:.3f}" if f.recall is not None else ""
        lines.append(
            f"gold      {name:<26}{f.right:>4} of {f.rows:<4} right ({f.accuracy:.3f}){parts}"
        )
    return lines


def markdown(report: UnderstandingReport) -> str:
    """Figures, then every miss with what was expected and what was found."""
    lines = ["# Understanding of language that nobody here wrote", ""]
    lines += [f"- {line}" for line in summary(report)]
    lines += ["", "## Critiques that were not read wholly right", ""]
    for r in report.critique_results:
        if not r.right:
            lines += [
                f"- `{r.where}` (about {r.about}): {_quoted(r.said)}",
                f"  - missed: {_cells(r.missed)}; unasked: {_cells(r.spurious)}",
                f"  - read: {_cells(r.found)}",
            ]
    for section in report.gold:
        lines += ["", f"## Gold: {section}", ""]
        for g in report.gold_results:
            if g.section == section and not g.right:
                lines += [
                    f"- row {g.row}: {_quoted(g.said)}",
                    f"  - gold: {g.expected}",
                    f"  - ours: {g.found}",
                    f"  - read: {_cells(g.read)}",
                ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace("`", "'") + '"'


def _cells(parts: Sequence[str]) -> str:
    return ", ".join(f"`{part}`" for part in parts) or "nothing"

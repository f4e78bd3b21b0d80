"""The page of results as Markdown, with plots and grids in a folder beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.evals.generation.measures import MEASURES, measure_of, split_name, title_of
from vitrine.evals.generation.page import names_of, plots_of
from vitrine.evals.generation.report import Figure, Report, Section
from vitrine.evals.personal.markdown import table

ARROWS = {"up": " ↑", "down": " ↓", "": ""}


def write_results(
    report: Report, path: Path, out: Path, others: Sequence[tuple[Report, Path]] = ()
) -> None:
    """Write the page and, in a folder of the same name beside it, its plots and grids.

    Args:
        report: what was measured.
        path: the page, a Markdown file.
        out: folder of the report, where the grids lie.
        others: further reports with their folders; their sections follow, but for those that are
            there already.

    Raises:
        RequestError: the page cannot be written.
    """
    beside = path.with_suffix("")
    try:
        beside.mkdir(parents=True, exist_ok=True)
        told: list[Report] = []
        known: set[str] = set()
        for part, folder in ((report, out), *others):
            sections = {key: s for key, s in part.sections.items() if key not in known}
            known |= sections.keys()
            _write_beside(sections, folder, beside)
            told.append(part.model_copy(update={"sections": sections}))
        path.write_text("\n".join(_page(told, beside)) + "\n", encoding="utf-8")
    except OSError as error:
        raise RequestError(f"cannot write the page {str(path)!r}: {error.strerror}") from error


def _write_beside(sections: Mapping[str, Section], out: Path, beside: Path) -> None:
    """Plots and grids of sections, into the folder beside the page."""
    for key, section in sections.items():
        for name, svg in plots_of(section):
            (beside / f"{key}-{name}.svg").write_text(svg, encoding="utf-8")
        for grid in section.grids:
            if (out / grid.file).is_file():
                shutil.copyfile(out / grid.file, beside / grid.file)


def _page(reports: Sequence[Report], beside: Path) -> Iterator[str]:
    report = reports[0]
    setup = report.setup
    yield "# What are the pictures worth?"
    yield ""
    yield (
        "Drawn pictures beside the words, beside real drawings, and in the eyes of the person they were"
        " drawn for. All people are **simulated shoppers**: figures compare methods with each other."
        " Written by `vitrine eval generation`; nothing on this page is entered by hand. The same"
        " command writes a page with everything in one HTML file."
    )
    yield ""
    if report.stopped:
        yield "**The measurement was stopped before its end; sections are missing.**"
        yield ""
    yield (
        f"{setup.seeds} seeds, {setup.steps} steps, guidance {setup.guidance:g}, adapter scale"
        f" {setup.adapter_scale:g} where nothing else is said. A name in brackets is the encoder that"
        " looked; ↑ and ↓ say which way is better. docs/evaluation.md explains the figures."
    )
    yield ""
    sections = [pair for part in reports for pair in part.sections.items()]
    for key, section in sections:
        yield from _section(key, section, beside)
    yield "## What the figures mean"
    yield ""
    kinds = {split_name(n)[0] for _, s in sections for n in names_of(s, s.measures)}
    for kind, known in MEASURES.items():
        if kind in kinds:
            yield f"- **{known.title}** ({known.scale}): {known.about}."
    yield ""
    if report.left_out:
        yield "## Not measured"
        yield ""
        for line in report.left_out:
            yield f"- {line}."
        yield ""
    yield "## Again"
    yield ""
    for part in reports:
        yield "```"
        yield f"{part.setup.command} --out DIR --results docs/results-generation.md"
        yield "```"
        yield ""
        models = ", ".join(f"{name} {digest}" for name, digest in part.setup.models.items())
        took = ", ".join(f"{key} {s.seconds:.0f} s" for key, s in part.sections.items())
        yield f"Weights: {models}. Took: {took}."
        yield ""


def _section(key: str, section: Section, beside: Path) -> Iterator[str]:
    yield f"## {section.title}"
    yield ""
    yield section.about
    yield ""
    for grid in section.grids:
        if (beside / grid.file).is_file():
            yield f"![{grid.title}]({beside.name}/{grid.file})"
            yield ""
            yield f"*{grid.title}.* {grid.about} Columns: {', '.join(grid.columns)}."
            yield f"Rows: {'; '.join(grid.rows)}."
            yield ""
    names = names_of(section, section.measures)
    tested = any(row.lift is not None for row in section.rows)
    heads = [title_of(name) + ARROWS[measure_of(name).better] for name in names]
    lines: list[list[str]] = []
    for row in section.rows:
        test = []
        if tested:
            test = ["–"] if row.lift is None else [f"{row.lift.p:.4f}"]
        cells = [_cell(row.figures.get(name), measure_of(name).digits) for name in names]
        lines.append([row.name, *test, *cells])
    yield from table([section.dial or "condition", *(["p"] if tested else []), *heads], lines)
    gaps = [
        [f"{row.name} − {other}", *(_gap(found.get(name)) for name in _compared(section))]
        for row in section.rows
        for other, found in row.against.items()
    ]
    if gaps:
        yield "Person by person, one condition less another:"
        yield ""
        yield from table(["", *(title_of(name) for name in _compared(section))], gaps)
    if section.notes:
        yield ". ".join(section.notes) + "."
        yield ""
    links = [f"![{name}]({beside.name}/{key}-{name}.svg)" for name, _ in plots_of(section)]
    if links:
        yield "\n".join(links)
        yield ""


def _compared(section: Section) -> list[str]:
    return list(
        dict.fromkeys(
            name for row in section.rows for gaps in row.against.values() for name in gaps
        )
    )


def _cell(figure: Figure | None, digits: int) -> str:
    if figure is None:
        return "–"
    digits = digits if abs(figure.mean) < 100 else 1
    if figure.low == figure.high:
        return f"{figure.mean:.{digits}f}"
    return f"{figure.mean:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"


def _gap(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    return f"{figure.mean:+.3f} ({figure.low:+.3f} to {figure.high:+.3f})"

"""The page of results as Markdown, with plots and grids in a folder beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from vitrine.core.errors import RequestError
from vitrine.evals.generation.measures import MEASURES, measure_of, split_name, title_of
from vitrine.evals.generation.options import SECTIONS, SWEEPS
from vitrine.evals.generation.page import names_of, plots_of
from vitrine.evals.generation.report import Figure, Report, Section
from vitrine.evals.personal.markdown import table
from vitrine.models.training import write_atomically

ARROWS = {"up": " ↑", "down": " ↓", "": ""}


def write_results(report: Report, path: Path, out: Path) -> None:
    """Write the page and, in a folder of the same name beside it, what it is made of.

    The folder keeps each section as JSON with the measurement that it is of, its plots and its grids.
    The page shows all that lie there: sections that this report lacks stay as they were.

    Args:
        report: what was measured.
        path: the page, a Markdown file.
        out: folder of the report, where the grids lie.

    Raises:
        RequestError: the page cannot be written, or a section kept there is of another version.
    """
    beside = path.with_suffix("")
    try:
        beside.mkdir(parents=True, exist_ok=True)
        for key, section in report.sections.items():
            part = report.model_copy(update={"sections": {key: section}})
            write_atomically(beside / f"{key}.json", part.model_dump_json(indent=1) + "\n")
            for name, svg in plots_of(section):
                (beside / f"{key}-{name}.svg").write_text(svg, encoding="utf-8")
            for grid in section.grids:
                if (out / grid.file).is_file():
                    shutil.copyfile(out / grid.file, beside / grid.file)
        page = "\n".join(_page(_kept(beside), beside)) + "\n"
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise RequestError(f"cannot write the page {str(path)!r}: {error.strerror}") from error


def _kept(beside: Path) -> dict[str, Report]:
    """The measurement of each section that lies beside the page, in the order of the command."""
    found: dict[str, Report] = {}
    for file in sorted(beside.glob("*.json")):
        try:
            part = Report.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise RequestError(
                f"{file} is no section of this version: delete it, or measure it again"
            ) from error
        found |= dict.fromkeys(part.sections, part)
    order = [key for name in SECTIONS for key in (SWEEPS if name == "sweeps" else (name,))]
    known = [key for key in order if key in found]
    return {key: found[key] for key in [*known, *(key for key in found if key not in known)]}


def _page(parts: Mapping[str, Report], beside: Path) -> Iterator[str]:
    yield "# What are the pictures worth?"
    yield ""
    yield (
        "Drawn pictures beside the words, beside real drawings, and in the eyes of the person they were"
        " drawn for. All people are **simulated shoppers**: figures compare methods with each other."
        " Written by `vitrine eval generation`; nothing on this page is entered by hand. The same"
        " command writes a page with everything in one HTML file."
    )
    yield ""
    if any(part.stopped for part in parts.values()):
        yield "**A measurement was stopped before its end; sections are missing.**"
        yield ""
    yield (
        "A name in brackets is the encoder that looked; ↑ and ↓ say which way is better."
        " docs/evaluation.md explains the figures; the end of the page has the commands, with seeds,"
        " steps and guidance."
    )
    yield ""
    sections = {key: part.sections[key] for key, part in parts.items()}
    for key, section in sections.items():
        yield from _section(key, section, beside)
    yield "## What the figures mean"
    yield ""
    kinds = {split_name(n)[0] for s in sections.values() for n in names_of(s, s.measures)}
    for kind, known in MEASURES.items():
        if kind in kinds:
            yield f"- **{known.title}** ({known.scale}): {known.about}."
    yield ""
    left_out = dict.fromkeys(line for part in parts.values() for line in part.left_out)
    if left_out:
        yield "## Not measured"
        yield ""
        for line in left_out:
            yield f"- {line}."
        yield ""
    yield "## Again"
    yield ""
    for setup in {part.setup.model_dump_json(): part.setup for part in parts.values()}.values():
        own = [key for key, part in parts.items() if part.setup == setup]
        yield "```"
        yield f"{setup.command} --out DIR --results docs/results-generation.md"
        yield "```"
        yield ""
        took = ", ".join(f"{sections[key].title} {sections[key].seconds:.0f} s" for key in own)
        models = ", ".join(f"{name} {digest}" for name, digest in setup.models.items())
        yield (
            f"{took}. {setup.seeds} seeds, {setup.steps} steps, guidance {setup.guidance:g}, adapter"
            f" scale {setup.adapter_scale:g} where nothing else is said. Weights: {models}."
        )
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

"""The report as one HTML file that needs nothing else: pictures and plots are inside of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from pathlib import Path

from vitrine.evals.generation.charts import against, along, side_by_side
from vitrine.evals.generation.measures import MEASURES, measure_of, split_name, title_of
from vitrine.evals.generation.report import Figure, Grid, Lift, Report, Row, Section

_LIGHT = (
    "const r=document.documentElement,d=matchMedia('(prefers-color-scheme: dark)').matches;"
    "r.dataset.theme=(r.dataset.theme||(d?'dark':'light'))==='dark'?'light':'dark'"
)


def page(report: Report, folder: Path) -> str:
    """The document.

    Args:
        report: what was measured.
        folder: where the grids of the report lie; one that is missing is told in its place.
    """
    stopped = " &middot; stopped before the end" if report.stopped else ""
    setup = report.setup
    links = "".join(
        f'<a href="#{escape(key)}">{escape(part.title)}</a>'
        for key, part in report.sections.items()
    )
    parts = "\n".join(_section(key, part, folder) for key, part in report.sections.items())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Generated pictures, measured</title>
<style>
{_asset("report.css")}
{_asset("generation.css")}
</style>
</head>
<body>
<header><div>
<div class="top"><h1>Generated pictures<small>{setup.seeds} seeds, {setup.steps} steps,
guidance {setup.guidance:g}, adapter scale {setup.adapter_scale:g}{stopped}</small></h1>
<button type="button" onclick="{escape(_LIGHT)}">Light / dark</button></div>
<p class="lead">What drawn pictures are worth: to the words, beside real drawings, and to the person
they were drawn for. All people are simulated shoppers: figures compare methods with each other.</p>
<div class="tiles">{"".join(_tiles(report))}</div>
</div></header>
<main>
<nav class="index" aria-label="Sections">{links}<a href="#measures">What the figures mean</a></nav>
{parts}
{_meanings(report)}
{_left_out(report)}
<section class="part"><h2>Again</h2><div class="panel"><code class="command">{escape(setup.command)}</code>
<p class="quiet">{escape(", ".join(f"{name} {digest}" for name, digest in setup.models.items()))}</p>
</div></section>
</main>
</body>
</html>
"""


def _asset(name: str) -> str:
    return (resources.files("vitrine.evals") / "assets" / name).read_text(encoding="utf-8")


def plots_of(section: Section) -> Iterator[tuple[str, str]]:
    """(name, SVG) of the section's plots; one for each encoder that gave the figure."""
    for wanted in section.plots:
        across, colon, up = wanted.partition(":")
        for name in names_of(section, (across,)):
            if colon:
                for other in names_of(section, (up,))[:1]:
                    svg = against(title_of(name), title_of(other), section.rows, name, other,
                                  section.dial)  # fmt: skip
                    yield f"{other}-against-{name}", svg
                continue
            known = measure_of(name)
            rows = [row for row in section.rows if name in row.figures]
            if section.dial is not None:
                yield (
                    name,
                    along(title_of(name), known.scale, section.dial, rows, name, known.better),
                )
            else:
                pairs = [(row.name, row.figures[name]) for row in rows]
                yield name, side_by_side(title_of(name), known.scale, pairs, known.better)


def names_of(section: Section, kinds: Sequence[str]) -> list[str]:
    """Names of the section's figures of these kinds, in their order, whatever the encoder."""
    present = {name: None for row in section.rows for name in row.figures}
    return [
        name
        for kind in kinds
        for name in present
        if _known(name) and split_name(name)[0] == kind and not (kind == "asked" and name != kind)
    ]


def _known(name: str) -> bool:
    return any(name == kind or name.startswith(kind + "_") for kind in MEASURES)


# --- parts ----------------------------------------------------------------------------------------


def _tiles(report: Report) -> Iterator[str]:
    pictures = sum(row.pictures for part in report.sections.values() for row in part.rows)
    yield _tile(f"{pictures:,}", "pictures looked at")
    people = report.sections.get("people")
    if people is not None:
        best = max(people.rows, key=lambda row: row.figures["lift"].mean)
        yield _tile(f"{best.figures['lift'].mean:+.3f}", f"best personal lift: {best.name}")
        if best.lift is not None:
            yield _tile(
                f"p = {best.lift.p:.4f}",
                f"its permutation test, {best.lift.deviations:.1f} deviations",
            )
        yield _tile(f"{best.figures['gauc'].mean:.3f}", "its GAUC, own first (chance .5)")
    words = report.sections.get("combinations")
    if words is not None:
        drawn = [row for row in words.rows if "kid_judge" in row.figures]
        for row in drawn:
            if row.name == "both":
                yield _tile(
                    f"{row.figures['asked'].mean:.3f}", "asked facets shown, words and embedding"
                )
                yield _tile(f"{row.figures['kid_judge'].mean:.0f}", "its KID x1000 (judge)")


def _tile(value: str, title: str) -> str:
    return f'<div class="tile"><b>{escape(value)}</b><span>{escape(title)}</span></div>'


def _section(key: str, section: Section, folder: Path) -> str:
    plots = "".join(f"<figure>{svg}</figure>" for _, svg in plots_of(section))
    grids = "".join(_grid(grid, folder) for grid in section.grids)
    notes = "".join(f"<li>{_words(note)}</li>" for note in section.notes)
    return f"""<section class="part" id="{escape(key)}"><h2>{escape(section.title)}</h2>
<p>{_words(section.about)}</p>
{grids}
<div class="plots">{plots}</div>
<div class="panel scroll">{_table(section)}</div>
{_differences(section)}
{f'<ul class="notes">{notes}</ul>' if notes else ""}</section>"""


def _words(text: str) -> str:
    """Escaped text; *words* between stars stand out."""
    return re.sub(r"\*([^*]+)\*", r"<b>\1</b>", escape(text))


def _table(section: Section) -> str:
    names = names_of(section, section.measures)
    tested = any(row.lift is not None for row in section.rows)
    heads = "".join(
        f'<th title="{escape(measure_of(n).about)}">{escape(title_of(n))}{_arrow(n)}'
        f"<small>{escape(measure_of(n).scale)}</small></th>"
        for n in names
    )
    tests = "<th>p<small>permutations</small></th><th>people<small>significant</small></th>"
    best = {name: _best(section.rows, name) for name in names}
    rows = "".join(
        f"<tr><td>{escape(row.name)}<small>{row.pictures} pictures</small></td>"
        + (_tested(row.lift) if tested else "")
        + "".join(
            _cell(row.figures.get(n), measure_of(n).digits, row.name in best[n]) for n in names
        )
        + "</tr>"
        for row in section.rows
    )
    first = escape(section.dial or "condition")
    return f"<table><tr><th>{first}</th>{tests if tested else ''}{heads}</tr>{rows}</table>"


def _best(rows: Sequence[Row], name: str) -> set[str]:
    """The best drawn condition of a column, where one way is better."""
    better = measure_of(name).better
    found = [row for row in rows if name in row.figures and row.name != "drawings"]
    if not better or len(found) < 2:
        return set()
    sign = 1 if better == "up" else -1
    top = max(sign * row.figures[name].mean for row in found)
    return {row.name for row in found if sign * row.figures[name].mean >= top - 1e-9}


def _arrow(name: str) -> str:
    return {"up": " &uarr;", "down": " &darr;"}.get(measure_of(name).better, "")


def _tested(lift: Lift | None) -> str:
    if lift is None:
        return "<td>&ndash;</td><td>&ndash;</td>"
    return f"<td>{lift.p:.4f}<small>{lift.deviations:.1f} dev.</small></td><td>{lift.significant:.0%}</td>"


def _cell(figure: Figure | None, digits: int, best: bool) -> str:
    if figure is None:
        return "<td>&ndash;</td>"
    digits = digits if abs(figure.mean) < 100 else 1
    between = (
        f"{figure.low:.{digits}f} to {figure.high:.{digits}f}" if figure.high > figure.low else ""
    )
    seeds = ", ".join(f"{value:.{digits}f}" for value in figure.by_seed)
    return (
        f'<td{" class=best" if best else ""} title="{f"seeds: {seeds}" if seeds else ""}">'
        f"{figure.mean:.{digits}f}<small>{between}</small></td>"
    )


def _differences(section: Section) -> str:
    rows = [(row.name, other, gaps) for row in section.rows for other, gaps in row.against.items()]
    if not rows:
        return ""
    names = list(dict.fromkeys(name for _, _, gaps in rows for name in gaps))
    heads = "".join(f"<th>{escape(title_of(n))}{_arrow(n)}</th>" for n in names)
    body = "".join(
        f"<tr><td>{escape(one)} &minus; {escape(other)}</td>"
        + "".join(_gap(gaps.get(name), name) for name in names)
        + "</tr>"
        for one, other, gaps in rows
    )
    return (
        '<div class="panel scroll"><h3>Person by person: one condition less another</h3>'
        f"<table><tr><th></th>{heads}</tr>{body}</table></div>"
    )


def _gap(figure: Figure | None, name: str) -> str:
    if figure is None:
        return "<td>&ndash;</td>"
    better = measure_of(name).better
    good = figure.low > 0 if better != "down" else figure.high < 0
    bad = figure.high < 0 if better != "down" else figure.low > 0
    kind = "up" if good else "down" if bad else ""
    return (
        f'<td class="{kind}">{figure.mean:+.3f}'
        f"<small>{figure.low:+.3f} to {figure.high:+.3f}</small></td>"
    )


def _grid(grid: Grid, folder: Path) -> str:
    path = folder / grid.file
    caption = f"<figcaption><b>{escape(grid.title)}.</b> {escape(grid.about)}</figcaption>"
    if not path.is_file():
        return f'<figure class="grid">{caption}<p class="quiet">{escape(grid.file)} is missing</p></figure>'
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    heads = "".join(f"<span>{escape(name)}</span>" for name in grid.columns)
    sides = "".join(f"<span>{escape(name)}</span>" for name in grid.rows)
    wide = 132 + 118 * len(grid.columns)
    return f"""<figure class="grid">{caption}<div class="tiles-of" style="max-width:{wide}px">
<div class="heads" style="grid-template-columns:repeat({len(grid.columns)},1fr)">{heads}</div>
<div class="sides" style="grid-template-rows:repeat({len(grid.rows)},1fr)">{sides}</div>
<img alt="{escape(grid.title)}" src="data:image/webp;base64,{data}"></div></figure>"""


def _meanings(report: Report) -> str:
    kinds = {
        split_name(name)[0]
        for part in report.sections.values()
        for name in names_of(part, part.measures)
    }
    words = "".join(
        f"<div><dt>{escape(known.title)}</dt>"
        f"<dd>{escape(known.about)}. Scale: {escape(known.scale)}.</dd></div>"
        for kind, known in MEASURES.items()
        if kind in kinds
    )
    return (
        '<section class="part" id="measures"><h2>What the figures mean</h2><div class="panel">'
        f'<dl class="words">{words}</dl></div></section>'
    )


def _left_out(report: Report) -> str:
    if not report.left_out:
        return ""
    lines = "".join(f"<li>{escape(line)}</li>" for line in report.left_out)
    return (
        '<section class="part"><h2>What was not measured</h2><div class="panel">'
        f'<ul class="left-out">{lines}</ul></div></section>'
    )

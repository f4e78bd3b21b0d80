"""What the measurements say, as data and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.evals.personal.markdown import table

TOWERS = {
    "both": "both towers, a plug-in each",
    "shared": "both towers, one plug-in",
    "vision": "picture tower alone",
    "text": "text tower alone",
    "clip": "CLIP, no person",
}
RICH = {
    "bias": "a person's share of likes",
    "clip": "CLIP",
    "popularity": "popularity",
    "clip_popularity": "CLIP and popularity",
    "nobody": "reward model, told nothing",
    "centroid": "mean likes less mean dislikes",
    "plain": "plain tower on the features",
    "reward": "reward model",
    "reward_history": "reward model, history alone",
    "reward_facets": "reward model, stated facets alone",
    "reward_short": "reward model, 8 ratings and facets",
    "reward_long": "reward model, 100 ratings and facets",
}
NON_PERSONAL = ("clip", "popularity", "clip_popularity", "nobody")
ALONE = ("clip", "popularity")
"""The usual baselines without a person, one at a time."""


class Spread(Frozen):
    """A figure over seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float:
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0

    def shown(self, digits: int = 3) -> str:
        """Mean and deviation."""
        return f"{self.mean:.{digits}f} ± {self.deviation:.{digits}f}"


class Stage(Frozen):
    """Figures of one stage: row -> figure -> its values over seeds; `setup` says how they came about."""

    setup: dict[str, float | int | str] = Field(default_factory=dict)
    rows: dict[str, dict[str, Spread]] = Field(default_factory=dict)


class Report(Frozen):
    """All stages that were measured."""

    stages: dict[str, Stage] = Field(default_factory=dict)


def gathered(runs: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, Spread]]:
    """Row -> figure -> values, of one run a seed."""
    return {
        row: {
            name: Spread(values=tuple(round(run[row][name], 4) for run in runs))
            for name in runs[0][row]
        }
        for row in runs[0]
    }


def best_of(stage: Stage, names: Sequence[str], figure: str = "gauc") -> str:
    """The row among `names` with the best mean."""
    return max((n for n in names if n in stage.rows), key=lambda n: stage.rows[n][figure].mean)


def lift(stage: Stage, row: str, over: str, figure: str = "gauc") -> Spread:
    """Relative improvement in percent, seed by seed."""
    pairs = zip(stage.rows[row][figure].values, stage.rows[over][figure].values, strict=True)
    return Spread(values=tuple(round(100 * (a / b - 1), 2) for a, b in pairs))


def page(report: Report) -> str:
    """The report as Markdown."""
    lines = ["# The reward model, measured", "", *_intro()]
    makers = {"rich": _rich, "ids": _ids, "towers": _towers, "attribution": _attribution}
    for name, maker in makers.items():
        if name in report.stages:
            lines += maker(report.stages[name])
    return "\n".join(lines).rstrip() + "\n"


def _intro() -> Iterator[str]:
    yield "Written by `vitrine eval reward`. People are simulated; figures are of people, things and"
    yield "texts that were not learned from, mean and standard deviation over seeds (of weights and"
    yield "batches; in the oracle world also of the people). GAUC: groups' mean AUC; MAP: their mean"
    yield "average precision; ECE: calibration error of the probabilities, bins of equal count."
    yield ""


def _setup(stage: Stage) -> Iterator[str]:
    yield ", ".join(f"{name} {value}" for name, value in stage.setup.items()) + "."
    yield ""


def _rows(stage: Stage, names: Mapping[str, str]) -> Iterator[str]:
    shown = [(name, label) for name, label in names.items() if name in stage.rows]
    figures = list(dict.fromkeys(f for name, _ in shown for f in stage.rows[name]))
    rows = [
        [label, *(stage.rows[n][f].shown() if f in stage.rows[n] else "–" for f in figures)]
        for n, label in shown
    ]
    yield from table(["", *(f.upper() for f in figures)], rows)


def _rich(stage: Stage) -> Iterator[str]:
    yield "## Rich features"
    yield ""
    yield from _setup(stage)
    yield from _rows(stage, RICH)
    best, single = best_of(stage, NON_PERSONAL), best_of(stage, ALONE)
    for row in ("reward", "reward_long"):
        if row in stage.rows:
            gain, alone = lift(stage, row, best), lift(stage, row, single)
            yield f"- {RICH[row]}: {gain.mean:+.1f} ± {gain.deviation:.1f} % GAUC over the best that"
            yield f"  knows no person ({RICH[best]}), {alone.mean:+.1f} ± {alone.deviation:.1f} % over the"
            yield f"  best single one ({RICH[single]})."
    yield ""


def _ids(stage: Stage) -> Iterator[str]:
    yield "## Nothing but an id"
    yield ""
    yield from _setup(stage)
    yield from _rows(
        stage,
        {"clip": "CLIP", "unknown": "reward model, id unknown", "id": "reward model, id known"},
    )
    best = best_of(stage, ("clip", "unknown"))
    gain = lift(stage, "id", best)
    yield f"- the id: {gain.mean:+.1f} ± {gain.deviation:.1f} % GAUC over the better of the others."
    yield ""


def _towers(stage: Stage) -> Iterator[str]:
    yield "## Which towers are personal (oracle world)"
    yield ""
    yield from _setup(stage)
    yield from _rows(stage, TOWERS)
    order = sorted(
        (n for n in TOWERS if n in stage.rows and n != "clip"),
        key=lambda n: -stage.rows[n]["gauc"].mean,
    )
    yield f"- order found: {' > '.join(order)} (the paper: both > shared, vision, text)."
    for name in order:
        if name != "both":
            ahead = lift(stage, "both", name)
            yield f"- both over {name}: {ahead.mean:+.1f} ± {ahead.deviation:.1f} %."
    yield ""


def _attribution(stage: Stage) -> Iterator[str]:
    yield "## Does the attribution find the planted taste?"
    yield ""
    yield from _setup(stage)
    names = {
        "facet": "top facet is one that the thing carries and the person likes",
        "facet_chance": "... by chance",
        "sign": "preference for what it carries: contribution has the preference's sign",
        "liked": "top liked thing shares a planted value with it",
        "liked_chance": "... by chance",
        "gap": "largest error of the sum, log-odds",
    }
    yield from _rows(stage, names)

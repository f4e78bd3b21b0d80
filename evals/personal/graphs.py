"""The plots of the page, from the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vitrine.evals.personal.plots import Line, Point, bar_plot, line_plot
from vitrine.evals.personal.report import ArmFigures, Figure, Report
from vitrine.evals.personal.retrained import SCALES

_SHORT = dict(zip(SCALES, ("scaled", "as it is"), strict=True))


def graphs(report: Report) -> dict[str, str]:
    """SVG documents by name, of the sections that there are."""
    made: dict[str, str] = {}
    if report.arms is not None:
        null = report.arms.null
        lift = next(arm.lift for arm in report.arms.arms if arm.name == "prior")
        assert lift is not None
        made["null"] = bar_plot(
            "Samples with those they were made for, and dealt out at random",
            "P(like) in the eyes of the judge, mean over people",
            null.low, null.high, null.counts, null.score,
            f"the prior: {lift.deviations:.1f} deviations",
        )  # fmt: skip
    if report.dials is not None:
        made["diversity"] = line_plot(
            "Diversity at what precision",
            "precision: share of stand-ins that are liked (truth)",
            "diversity in the judge's encoder",
            [
                Line(name, [
                    _across(arm, "precision", "diversity", named=arm in (arms[0], arms[-1]))
                    for arm in arms
                ])
                for name, arms in report.dials.families.items()
            ],
        )  # fmt: skip
        prior = report.dials.families["prior"]
        made["guidance"] = line_plot(
            "Guidance",
            "w",
            "share",
            [
                Line("precision", [_at(arm, arm.figures["precision"]) for arm in prior]),
                Line("diversity", [_at(arm, arm.figures["diversity"]) for arm in prior]),
                Line("lift, judge", [
                    _at(arm, arm.lift.lift) for arm in prior if arm.lift is not None
                ]),
            ],
        )  # fmt: skip
    if report.retrained is not None:
        made["sweep"] = line_plot(
            "Guidance, with error bars over trainings",
            "omega = w - 1",
            "share; discrepancy as in the table",
            [
                Line(f"{measure}, {_SHORT.get(scale, scale)}", [
                    Point(row.guidance - 1, f.mean, f.low, f.high)
                    for row in rows for f in (row.figures[measure],)
                ])
                for scale, rows in report.retrained.sweeps.items()
                for measure in ("diversity", "lift", "discrepancy")
            ],
        )  # fmt: skip
    if report.ratings is not None:
        made["ratings"] = line_plot(
            "Number of known ratings",
            "ratings (log scale)",
            "lift in P(like), judge",
            [
                Line(name, [_counted(arm) for arm in arms if arm.lift is not None])
                for name, arms in report.ratings.curves.items()
            ],
            ticks=_counts(report.ratings.curves["unseen"]),
        )
    return made


def _across(arm: ArmFigures, x: str, y: str, *, named: bool) -> Point:
    along, up = arm.figures[x], arm.figures[y]
    label = "" if arm.dial is None or not named else f"{arm.dial:g}"
    return Point(along.mean, up.mean, up.low, up.high, label)


def _at(arm: ArmFigures, figure: Figure) -> Point:
    return Point(arm.dial or 0.0, figure.mean, figure.low, figure.high)


def _counted(arm: ArmFigures) -> Point:
    assert arm.lift is not None
    lift = arm.lift.lift
    return Point(_log_count(arm.dial or 0.0), lift.mean, lift.low, lift.high)


def _counts(arms: Sequence[ArmFigures]) -> list[tuple[float, str]]:
    return [(_log_count(arm.dial or 0.0), f"{arm.dial or 0.0:.0f}") for arm in arms]


def _log_count(count: float) -> float:
    """Place of a number of ratings on the axis: doublings, with room for 0."""
    return math.log2(count) if count >= 1 else -1.0

"""Figures as Markdown: numbers with intervals, verdicts, tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitrine.evals.personal.report import ArmFigures, Figure, Lift

MEASURE_NAMES = {
    "precision": "precision",
    "judged_precision": "precision, judge",
    "judged": "P(like), judge",
    "percentile": "percentile",
    "topic_precision": "topic precision",
    "diversity": "diversity",
    "spread": "spread",
    "novelty": "novelty",
    "own": "own score",
    "faithful": "cosine to what was asked",
    "true_lift": "lift, truth",
}


def shown(figure: Figure | None, digits: int = 2) -> str:
    """A mean with its interval."""
    if figure is None:
        return "–"
    if figure.low == figure.high:
        return f"{figure.mean:.{digits}f}"
    between = " to " if figure.low < 0 else "–"
    low, high = f"{figure.low:.{digits}f}", f"{figure.high:.{digits}f}"
    return f"{figure.mean:.{digits}f} ({low}{between}{high})"


def signed(figure: Figure, digits: int = 2) -> str:
    """A difference with its interval."""
    low, high = f"{figure.low:+.{digits}f}", f"{figure.high:+.{digits}f}"
    return f"{figure.mean:+.{digits}f} ({low} to {high})"


def verdict(figure: Figure) -> str:
    """What an interval of a difference says, more being better."""
    if figure.low > 0:
        return "better"
    return "**worse**" if figure.high < 0 else "no difference shown"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def arm_named(arms: Sequence[ArmFigures], name: str) -> ArmFigures | None:
    """The arm of that name, or None."""
    return next((arm for arm in arms if arm.name == name), None)


def lift_cells(lift: Lift | None) -> list[str]:
    """Lift, deviations, p and the share of people whose own test holds."""
    if lift is None:
        return ["–"] * 4
    return [shown(lift.lift, 3), f"{lift.deviations:.1f}", f"{lift.p:.4f}",
            f"{lift.significant:.0%}"]  # fmt: skip

"""The section of the page on people with two tastes."""

from __future__ import annotations

from collections.abc import Iterator

from vitrine.evals.personal.markdown import MEASURE_NAMES, shown, table
from vitrine.evals.personal.modes import MEASURES, MODE_SHARE, MODE_TOP, PRIORS
from vitrine.evals.personal.report import ModesGroup, ModesSection
from vitrine.evals.personal.sections import REACHED, equal_cell


def modes_part(section: ModesSection) -> Iterator[str]:
    """People with two tastes."""
    yield "## Two tastes"
    yield ""
    yield (
        f"{section.arms[0].people} held-out shoppers have two separate tastes; a thing pleases by"
        " the better one. A sample serves the taste that it suits better, if it is among the"
        f" best {1 - MODE_TOP:.0%} for it. *Both*: share of people with at least"
        f" {MODE_SHARE:.0%} of the samples for each taste. *Lesser* and *greater*: share of samples"
        " for the taste that gets less, and more. Everybody is asked"
        f" {section.repeats} times, with other seeds."
    )
    yield ""
    yield from table(
        ["arm", "dial", "both", "lesser", "greater", "precision", "diversity"],
        [
            [arm.name, "" if arm.dial is None else f"{arm.dial:g}",
             *(shown(arm.figures.get(key)) for key in
               ("both", "lesser", "greater", "precision", "diversity"))]
            for arm in section.arms
        ],
    )  # fmt: skip
    yield (
        "Less precise means more varied, and whatever is varied comes upon both tastes; so every"
        " family's dial (guidance, noise, depth) is turned to the same precision, by interpolation"
        " and anew in every bootstrap draw."
    )
    yield ""
    for number, group in enumerate(section.groups):
        yield from _group_part(group, whole=number == 0)
    yield from _two_tastes_verdict(section)


def _group_part(group: ModesGroup, *, whole: bool) -> Iterator[str]:
    yield (
        f"**{group.name[:1].upper()}{group.name[1:]}**: {group.people} people; what their two tastes"
        f" make of the shelf correlates at {group.agreement:.2f}."
    )
    yield ""
    names = [MEASURE_NAMES.get(measure, measure) for measure in MEASURES]
    yield from table(
        ["precision", "family", *names, "dial reaches it"],
        [
            [f"{row.precision:.2f}", row.family, *(shown(row.figures[key]) for key in MEASURES),
             f"{row.inside:.0%}"]
            for row in group.tuned
        ],
    )  # fmt: skip
    yield from table(
        ["precision", "difference", *names, "both dials reach it"],
        [
            [f"{row.precision:.2f}", f"{row.reference} minus {row.family}",
             *(equal_cell(row, key) for key in MEASURES), f"{row.inside:.0%}"]
            for row in group.equal if whole or row.reference == PRIORS[1]
        ],
    )  # fmt: skip


def _two_tastes_verdict(section: ModesSection) -> Iterator[str]:
    """What the comparisons say of coverage, counted, and why a centroid does not fail here."""
    won = 0
    for name in PRIORS:
        compared = [
            row.difference["both"]
            for group in section.groups
            for row in group.equal
            if row.reference == name and row.inside >= REACHED
        ]
        ahead = sum(gap.low > 0 for gap in compared)
        behind = sum(gap.high < 0 for gap in compared)
        won += ahead
        yield (
            f"- *{name}*, {len(compared)} comparisons at a precision that both reach: covers both"
            f" tastes more often in {ahead}, less often in {behind}, no difference shown in"
            f" {len(compared) - ahead - behind}."
        )
    yield ""
    chance = next(arm.figures["both"] for arm in section.arms if arm.name == "random")
    if not won or any(row.difference["both"].low <= 0 for g in section.groups for row in g.equal):
        yield (
            "Why a centroid does not fail here: the two tastes of a simulated shopper are"
            " independent of each other, not opposed (the correlations above), so that the mean of"
            " the likes still has something of both, and noise around it, or looking deeper, comes"
            f" upon both; items by chance alone cover both for {chance.mean:.0%} of the people."
        )
    yield ""

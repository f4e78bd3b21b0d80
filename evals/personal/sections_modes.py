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
    for group in section.groups:
        yield from _group_part(group)
    yield from _two_tastes_verdict(section)


def _group_part(group: ModesGroup) -> Iterator[str]:
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
            for row in group.equal
        ],
    )  # fmt: skip


def _two_tastes_verdict(section: ModesSection) -> Iterator[str]:
    """What the comparisons say of coverage, counted."""
    compared = [
        (group, row)
        for group in section.groups
        for row in group.equal
        if row.reference == PRIORS[1] and row.inside >= REACHED
    ]
    if not compared:
        return
    ahead = [row for _, row in compared if row.difference["both"].low > 0]
    behind = [row for _, row in compared if row.difference["both"].high < 0]
    yield (
        f"In short: of {len(compared)} comparisons of *{PRIORS[1]}* at equal precision it covers"
        f" both tastes more often in {len(ahead)}, less often in {len(behind)}, and shows no"
        f" difference in {len(compared) - len(ahead) - len(behind)}."
    )
    if len(ahead) * 2 < len(compared):
        yield ""
        yield (
            "Why a centroid does not fail here: the two tastes of a simulated shopper are sums over"
            " values and share many items, so the mean of the likes lies between both and near"
            " things that please by either; noise around it, or looking deeper, comes upon both."
            " The prior draws from what the whole history allows and leans to the taste that the"
            " known likes show more of."
        )
    yield ""

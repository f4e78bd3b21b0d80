"""Sections of the page on the model itself: repeated trainings, and how few calls are enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitrine.evals.personal.markdown import shown, signed, table, verdict
from vitrine.evals.personal.report import (
    CallsRow,
    CallsSection,
    Figure,
    RetrainedSection,
    SeedFigures,
)

PEAK = 11.0
"""Guidance w up to which the paper's lift grows (its omega is 10)."""
WITHIN, MOST_CALLS, FASTER = 0.02, 20, 50.0
"""Of the lift; calls of the network; times as fast as the reference."""
_SHOWN = ("precision", "lift", "diversity", "discrepancy")


def retrained_part(section: RetrainedSection, beside: str) -> Iterator[str]:
    """The sweep of guidance with error bars, and parts of the training taken away."""
    trainings = section.ratings[0].trainings
    yield "## Trained again"
    yield ""
    yield (
        f"{trainings} trainings of each kind, from chance, with other seeds of weights and batches;"
        f" {section.people} people, {section.samples} samples each. Brackets in this section are"
        " 95 % t-intervals over trainings (they hold nothing of what other people would change);"
        " differences are paired by seed. These are short trainings, not the weights that the rest of"
        " this page is about:"
    )
    yield ""
    for kind, command in section.kinds.items():
        yield f"- *{kind}*: `{command}`, {section.minutes[kind]:.1f} minutes each"
    yield ""
    yield (
        f"At guidance {section.measured.guidance:g} the weights of this page have, with the same people,"
        f" precision, lift, diversity and discrepancy {', '.join(_points(section.measured))}."
    )
    yield ""
    yield "### Guidance, with error bars"
    yield ""
    for scale, rows in section.sweeps.items():
        yield f"x0 {scale}:"
        yield ""
        yield from table(
            ["w", "omega", "precision", "lift, judge", "diversity", "discrepancy"],
            [
                [f"{row.guidance:g}", f"{row.guidance - 1:g}", *_cells(row)]
                for row in rows
            ],
        )  # fmt: skip
    yield f"![Guidance over trainings]({beside}/sweep.svg)"
    yield ""
    for scale, rows in section.sweeps.items():
        yield _shape_of(scale, rows)
    yield ""
    yield (
        "The judge looks at stand-ins, which are real items: a sample that guidance has pushed too far"
        " still counts as the thing that it is nearest to. The paper's judge looks at pictures, where"
        " what is pushed too far looks worse."
    )
    yield ""
    yield "### Taken apart"
    yield ""
    yield (
        "What other trainings do at guidance"
        f" {section.ratings[0].guidance:g}, asked for what is liked (5) and for what is not (1). Without"
        " a rating token both are the same samples."
    )
    yield ""
    yield from table(
        ["kind", "rating asked for", "precision", "lift, judge", "diversity", "discrepancy"],
        [[row.kind, str(row.rating), *_cells(row)] for row in section.ratings],
    )
    yield from table(
        ["difference", "precision", "lift, judge", "diversity", "discrepancy"],
        [
            [name, *(_difference(key, gaps[key]) for key in _SHOWN)]
            for name, gaps in section.less.items()
        ],
    )  # fmt: skip
    yield "Less discrepancy is better; of diversity and precision at once neither is better by itself."
    yield ""


def _cells(row: SeedFigures) -> list[str]:
    return [shown(row.figures[key], 3) for key in _SHOWN]


def _difference(key: str, gap: Figure) -> str:
    """A difference; of lift it is also said what it shows."""
    said = signed(gap, 3)
    return f"{said}: {verdict(gap)}" if key == "lift" else said


def _points(row: SeedFigures) -> list[str]:
    return [f"{row.figures[key].mean:.3f}" for key in _SHOWN]


def _shape_of(scale: str, rows: Sequence[SeedFigures]) -> str:
    """Does lift grow up to the paper's guidance and fall after it? Said from the intervals."""
    top = max(rows, key=lambda row: row.figures["lift"].mean)
    near = min(rows, key=lambda row: row.figures["discrepancy"].mean)
    at_peak = min(rows, key=lambda row: abs(row.guidance - PEAK))
    last = rows[-1]
    found = (
        f"- x0 {scale}: lift is highest at omega {top.guidance - 1:g}"
        f" ({shown(top.figures['lift'], 3)}; {shown(at_peak.figures['lift'], 3)} at omega"
        f" {at_peak.guidance - 1:g}, {shown(last.figures['lift'], 3)} at {last.guidance - 1:g})."
        f" Likeness to real liked items is best at omega {near.guidance - 1:g}."
    )
    if _apart(top.figures["lift"], last.figures["lift"]):
        return f"{found} **A loss appears** at the strongest guidance, as in the paper."
    if _apart(top.figures["lift"], at_peak.figures["lift"]):
        return (
            f"{found} **The paper's shape does not appear**: the lift still grows beyond omega 10."
        )
    return (
        f"{found} **Half of the paper's shape appears**: nothing beyond omega 10 is shown to be"
        " better, but no loss of lift is shown either; what is lost is diversity and likeness."
    )


def _apart(high: Figure, low: Figure) -> bool:
    return high.low > low.high


def calls_part(section: CallsSection) -> Iterator[str]:
    """Samplers in few calls beside the reference."""
    reference = section.rows[0]
    yield "## How few calls"
    yield ""
    yield (
        f"{section.people} people in one batch, {section.samples} samples each, guidance"
        f" {section.guidance_user:g}, {section.seeds} seeds of the noise, all samplers in turn in"
        f" one process on one thread. The reference is {reference.sampler} with {reference.calls}"
        " steps. Seconds are of the processor, for all of them together."
        " *Lift kept*: as a share of the reference's, paired over people. *Discrepancy,"
        " less*: that to real liked items less the reference's, paired over seeds (t-interval)."
    )
    yield ""
    yield from table(
        ["sampler", "calls", "seconds", "times as fast", "lift, judge", "lift kept",
         "diversity", "discrepancy", "discrepancy, less"],
        [
            [row.sampler, str(row.calls), f"{row.seconds:.2f}", f"{row.speed:.0f}",
             shown(row.lift, 3), shown(row.kept, 3), shown(row.diversity),
             shown(row.discrepancy, 3), signed(row.gap, 3)]
            for row in section.rows
        ],
    )  # fmt: skip
    yield (
        "Asked: at most 20 calls, lift within 2 % of the reference, discrepancy within noise (the"
        " interval of the difference holds 0, or lies below it: nearer to real items), 50 times as"
        f" fast. {_few_calls(section)}"
    )
    yield ""


def _few_calls(section: CallsSection) -> str:
    rows = section.rows[1:]
    good = [row for row in rows if meets(row)]
    if good:
        told = ", ".join(f"{row.sampler} with {row.calls}" for row in good)
        sure = [row for row in good if proved(row)]
        if not sure:
            return (
                f"**Met in the mean** by {told}; the intervals of the lift kept are wider than 2 %, so"
                " that equality to 2 % is not proved with so few people."
            )
        return f"**Met** by {told}."
    best = max(rows, key=lambda row: row.kept.mean if row.calls <= MOST_CALLS else -1.0)
    return (
        f"**Not met** by any; nearest in lift is {best.sampler} with {best.calls} calls:"
        f" {shown(best.kept, 3)} of the lift at {best.speed:.0f} times the speed."
    )


def proved(row: CallsRow) -> bool:
    """Is the lift within the bound with its whole interval."""
    return row.kept.low >= 1 - WITHIN and row.kept.high <= 1 + WITHIN


def meets(row: CallsRow) -> bool:
    """Few calls, as good (in the mean), as like real things, and fast."""
    return (
        row.calls <= MOST_CALLS
        and abs(row.kept.mean - 1) <= WITHIN
        and row.gap.low <= 0
        and row.speed >= FASTER
    )

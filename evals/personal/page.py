"""The page of results: Markdown with tables and links to small plots, written from the report alone.

Every judgement on the page is computed: "better" and "worse" stand where an interval lies on one side
of zero, "no difference shown" where it does not.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.evals.personal.arms import PRODUCT
from vitrine.evals.personal.drawn import DESIGNS
from vitrine.evals.personal.graphs import graphs
from vitrine.evals.personal.grid import GRID
from vitrine.evals.personal.markdown import (
    MEASURE_NAMES,
    arm_named,
    shown,
    signed,
    table,
)
from vitrine.evals.personal.report import Report
from vitrine.evals.personal.sections import (
    arms_part,
    dials_part,
    drawn_part,
    ratings_part,
    requests_part,
)
from vitrine.evals.personal.sections_model import (
    MOST_CALLS,
    calls_part,
    meets,
    proved,
    retrained_part,
)
from vitrine.evals.personal.sections_modes import modes_part

FLOOR_DEVIATIONS, FLOOR_SHARE, FLOOR_KEPT = 6.0, 0.8, 0.8
BEST = "prior, chosen"
MOST_MINUTES = 10
MIDDLE = 0.85
"""Precision at which people with two tastes are compared."""
SIMPLE = ("centroid + noise, chosen", "centroid, items")


def write_page(report: Report, path: Path, out: Path) -> None:
    """Write the page and, in a folder of the same name beside it, its plots and its picture.

    Args:
        report: what was measured.
        path: the page, a Markdown file.
        out: folder of the report, where the picture of designs lies (if there is one).

    Raises:
        RequestError: the page cannot be written.
    """
    beside = path.with_suffix("")
    try:
        beside.mkdir(parents=True, exist_ok=True)
        for name, text in graphs(report).items():
            (beside / f"{name}.svg").write_text(text, encoding="utf-8")
        if (out / GRID).is_file():
            shutil.copyfile(out / GRID, beside / GRID)
        has_grid = (beside / GRID).is_file()
        path.write_text(page(report, beside.name, has_grid=has_grid), encoding="utf-8")
    except OSError as error:
        raise RequestError(f"cannot write the page {str(path)!r}: {error.strerror}") from error


def page(report: Report, beside: str, *, has_grid: bool) -> str:
    """The Markdown; `beside` is the folder of the plots, relative to the page."""
    parts: list[Iterator[str]] = [_opening(report), _short(report)]
    if report.arms is not None:
        parts.append(arms_part(report, beside))
    if report.dials is not None:
        parts.append(dials_part(report.dials, beside))
    if report.ratings is not None:
        parts.append(ratings_part(report.ratings, beside))
    if report.modes is not None and report.modes.arms:
        parts.append(modes_part(report.modes))
    if report.requests is not None:
        parts.append(requests_part(report.requests))
    if report.retrained is not None:
        parts.append(retrained_part(report.retrained, beside))
    if report.calls is not None:
        parts.append(calls_part(report.calls))
    if report.drawn is not None:
        parts.append(drawn_part(report, beside, has_grid))
    parts.append(_closing(report))
    return "\n".join(line for part in parts for line in part) + "\n"


# --- parts ----------------------------------------------------------------------------------------


def _opening(report: Report) -> Iterator[str]:
    setup = report.setup
    yield "# Is it personal?"
    yield ""
    yield (
        "What the prior samples for people it has never seen, beside everything that is simpler."
        " All people are **simulated shoppers**: figures compare methods with each other, they"
        " do not tell how customers fare. Written by `vitrine eval personalization`; nothing on"
        " this page is entered by hand. Beside it: [what are the pictures worth?](results-generation.md),"
        " [the reward model](results-reward.md), [real histories](results-histories.md)."
    )
    if report.stopped:
        yield ""
        yield "**The measurement was stopped before its end; sections are missing.**"
    yield ""
    yield (
        f"{setup.people} held-out shoppers, of whom the newest {setup.history} ratings are known"
        f" unless a table says otherwise; {setup.samples} samples each; a shelf of {setup.shelf}"
        f" held-out items out of {setup.items}. Neither these people nor these items were trained"
        f" on. Guidance of the user is {setup.guidance_user:g} where no other is named. Brackets are"
        " 95 % intervals, bootstrapped over people."
    )
    yield ""
    yield "## Who judges"
    yield ""
    yield (
        "A sampled embedding is judged by its *stand-in*, the nearest item of the shelf that the"
        " person has not rated; drawn pictures are judged themselves. Two referees:"
    )
    yield ""
    yield (
        "- **truth**: the utility the simulated shopper was made with. *Precision* and"
        " *percentile* are its: an item counts as liked in the best 40 % of the shelf, so chance"
        " is .40 and .50."
    )
    yield (
        "- **judge**: a convolutional classifier trained on other drawings reads the picture; a"
        " verifier over its readings (item response theory, `sigmoid(phi · psi)`) is fitted to"
        " ratings of its own, new ones of other items, that nobody else sees. Encoder, pictures"
        " and ratings are all different from those of the prior, of its verifier and of CLIP."
        " (The studio that drew the pictures is the same.)"
    )
    yield (
        "- *own score* is the product's verifier, which shares CLIP and its training people with"
        " the prior. It is no proof; it is what the product believes of its designs."
    )
    yield ""
    yield from table(
        ["the judge, on held-out items", "AUC per person", "calibration error", "correlation with the truth"],
        [
            [name.removeprefix("judge, "), f"{q['user_auc']:.3f}", f"{q['calibration_error']:.3f}",
             f"{q['correlation_with_truth']:.2f}"]
            for name, q in report.referees.items()
        ],
    )  # fmt: skip
    yield (
        "Not blind: the guidance that designs are made with, what the judge reads, and the bound from"
        " which a sample serves one of two tastes were settled while looking at figures of held-out"
        " shoppers, some of whom are measured here. Weights were never fitted to them."
        " The sweep of guidance shows what other settings give."
    )
    yield ""
    yield (
        "*Diversity* is the mean distance of a person's stand-ins in the judge's encoder,"
        " *spread* that of the embeddings themselves in CLIP. *Novelty* is the distance to the"
        " nearest of all items, 1 being what a real new item has: an item is at 0, and far above"
        " 1 lies what looks like nothing. *Topic precision* (REBECA sec. 4.4) is the share of"
        " samples whose topic the person has liked something of; topics are 256 groups in the"
        " judge's encoder instead of captions by a language model."
    )
    yield ""


def _short(report: Report) -> Iterator[str]:
    rows = [row for make in _CLAIMS for row in make(report)]
    if rows:
        yield "## In short"
        yield ""
        yield from table(["asked", "found", "holds"], rows)


def _claim_lift(report: Report) -> Iterator[list[str]]:
    for arms, where in ((report.arms, "stand-ins"), (report.drawn, "drawn pictures")):
        if arms is None:
            continue
        name = "prior" if where == "stand-ins" else DESIGNS
        arm = arm_named(arms.arms, name)
        if arm is None or arm.lift is None:
            continue
        lift = arm.lift
        floor = 1 / (lift.permutations + 1)
        holds = lift.deviations >= FLOOR_DEVIATIONS and lift.p <= floor * 1.001
        yield [
            f"lift over random assignment of at least 6 deviations, p at its floor ({where})",
            f"{lift.deviations:.1f} deviations, p = {lift.p:.4f}",
            _yes(holds),
        ]
        yield [
            f"significant for at least 80 % of people after false-discovery control ({where})",
            f"{lift.significant:.0%} of {arm.people} people, {arm.samples} each",
            _yes(lift.significant >= FLOOR_SHARE),
        ]


def _claim_kept(report: Report) -> Iterator[list[str]]:
    if report.ratings is None:
        return
    for key, what in (
        ("unseen 8 / known 8", "as well known"),
        ("unseen 8 / known all", "known by all of their ratings"),
    ):
        kept = report.ratings.kept.get(key)
        if kept is not None:
            yield [
                f"unseen people with 8 ratings keep 80 % of the lift of people trained on, {what}",
                shown(kept),
                _yes(kept.mean >= FLOOR_KEPT),
            ]


def _claim_equal(report: Report) -> Iterator[list[str]]:
    if report.dials is None:
        return
    for equal in report.dials.equal:
        if equal.reference != f"{BEST}, w = {PRODUCT:g}" or equal.family not in SIMPLE:
            continue
        for measure in ("diversity", "own"):
            gap = equal.difference[measure]
            yield [
                (
                    f"more {MEASURE_NAMES[measure]} than *{equal.family}* at equal precision"
                    f" ({equal.precision:.2f}, stand-ins)"
                ),
                signed(gap, 3),
                _yes(gap.low > 0, unclear=gap.high >= 0),
            ]


def _claim_drawn(report: Report) -> Iterator[list[str]]:
    if report.drawn is None:
        return
    for other in (f"{SIMPLE[0]}, words", "tags", SIMPLE[1]):
        gaps = report.drawn.against.get(f"{DESIGNS} - {other}")
        if gaps is None:
            continue
        for measure in ("precision", "diversity", "novelty", "own"):
            gap = gaps[measure]
            yield [
                f"more {MEASURE_NAMES[measure]} than *{other}* (drawn pictures)",
                signed(gap, 3),
                _yes(gap.low > 0, unclear=gap.high >= 0),
            ]


def _claim_modes(report: Report) -> Iterator[list[str]]:
    if report.modes is None:
        return
    for number, group in enumerate(report.modes.groups):
        for equal in group.equal:
            known = equal.family in ("centroid + noise", *SIMPLE)
            if equal.reference != BEST or not known or equal.precision != MIDDLE:
                continue
            for measure, what in (("both", "people with two tastes get both"),
                                  ("diversity", "diversity for people with two tastes")):  # fmt: skip
                if number and measure != "both":
                    continue
                gap = equal.difference[measure]
                yield [
                    (
                        f"more {what} than from *{equal.family}* at precision"
                        f" {equal.precision:.2f} ({group.name}, {group.people} people, stand-ins)"
                    ),
                    signed(gap),
                    _yes(gap.low > 0, unclear=gap.high >= 0),
                ]


def _claim_calls(report: Report) -> Iterator[list[str]]:
    if report.calls is None:
        return
    rows = report.calls.rows[1:]
    best = next((row for row in rows if meets(row)), None)
    row = best or max(rows, key=lambda row: row.kept.mean if row.calls <= MOST_CALLS else -1.0)
    yield [
        "at most 20 calls match 1000-step DDPM (2 % of lift, discrepancy) at 50 times its speed",
        (
            f"{row.sampler}, {row.calls} calls: {shown(row.kept, 3)} of the lift, discrepancy"
            f" {signed(row.gap, 3)}, {row.speed:.0f} times as fast"
        ),
        _yes(best is not None) + (" (in the mean)" if best and not proved(best) else ""),
    ]


def _claim_training(report: Report) -> Iterator[list[str]]:
    if report.retrained is None:
        return
    section = report.retrained
    best = next(row for row in section.ratings if row.rating == 5)
    minutes = section.minutes[best.kind]
    yield [
        f"a prior is trained from chance in at most {MOST_MINUTES} minutes on two cores",
        (
            f"{minutes:.1f} minutes (mean of {best.trainings}); at guidance {best.guidance:g} lift"
            f" {shown(best.figures['lift'], 3)} and diversity {shown(best.figures['diversity'], 2)}, where"
            f" the weights of this page have {section.measured.figures['lift'].mean:.3f} and"
            f" {section.measured.figures['diversity'].mean:.2f}"
        ),
        _yes(minutes <= MOST_MINUTES),
    ]


_CLAIMS: tuple[Callable[[Report], Iterator[list[str]]], ...] = (
    _claim_lift, _claim_kept, _claim_equal, _claim_drawn, _claim_modes, _claim_calls, _claim_training,
)  # fmt: skip


def _yes(holds: bool, *, unclear: bool = False) -> str:
    return "yes" if holds else "not shown" if unclear else "**no**"


def _closing(report: Report) -> Iterator[str]:
    setup = report.setup
    yield "## Elsewhere"
    yield ""
    yield (
        "Real histories instead of simulated people: `vitrine eval histories`. That samplers recover"
        " mean and covariance of a Gaussian with known score: `tests/models/test_prior_sampler.py`."
        " That p-values are uniform where nothing is personal (Kolmogorov and Smirnov, 500 worlds):"
        " `tests/evals/test_personal_proof.py`."
    )
    yield ""
    yield "## Again"
    yield ""
    yield "```"
    yield f"{setup.command} --out DIR --results docs/results.md"
    yield "```"
    yield ""
    took = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in report.seconds.items())
    models = ", ".join(f"{name} {digest}" for name, digest in setup.models.items())
    yield f"Seed {setup.seed}; shoppers {setup.shoppers_sha256[:12]}; weights: {models}. Took: {took}."

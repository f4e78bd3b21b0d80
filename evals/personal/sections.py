"""The sections of the page of results, one a measurement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitrine.evals.personal.grid import GRID
from vitrine.evals.personal.markdown import MEASURE_NAMES, lift_cells, shown, signed, table, verdict
from vitrine.evals.personal.report import (
    ALPHA,
    ArmFigures,
    DialsSection,
    DrawnSection,
    Equal,
    RatingsSection,
    Report,
    RequestsSection,
)

REACHED = 0.5
"""Share of draws in which a family must reach a precision to be compared at it."""
COLUMNS = ("precision", "judged_precision", "percentile", "topic_precision", "diversity",
           "novelty", "own")  # fmt: skip


def arms_part(report: Report, beside: str) -> Iterator[str]:
    """The arms side by side, and the test."""
    section = report.arms
    assert section is not None
    yield "## Side by side"
    yield ""
    yield "*Chosen*: four times as many are made, and the product's verifier and diversity choose a quarter."
    yield ""
    yield from _arm_table(section.arms, COLUMNS)
    yield "What each arm is: " + "; ".join(f"*{a.name}*: {a.about}" for a in section.arms) + "."
    yield ""
    yield "### The test"
    yield ""
    lift = next(a.lift for a in section.arms if a.name == "prior")
    assert lift is not None
    yield (
        "Algorithm 1 of REBECA: the judge's P(like) of samples with those they were made for,"
        f" against the same samples dealt out at random, {lift.permutations} times. p = (1 +"
        " #{null at least as high}) / (B + 1), so its floor is"
        f" {1 / (lift.permutations + 1):.4f}. Each person has a test of their own, adjusted by"
        f" Benjamini and Hochberg at {ALPHA:g}. Deviations are those of the null; they grow with"
        " people and samples, the lift itself does not."
    )
    yield ""
    yield from table(
        ["arm", "P(like)", "dealt at random", "lift", "deviations", "p", "people significant"],
        [
            [a.name, f"{a.lift.score:.3f}", f"{a.lift.null_mean:.3f}", *lift_cells(a.lift)]
            for a in section.arms if a.lift is not None
        ],
    )  # fmt: skip
    yield (
        "Items by chance stand a little below nothing, because people have met what they like more"
        " often than by chance, and what they have rated is not shown to them again; that pulls at"
        " every arm alike."
    )
    yield ""
    yield f"![The null and the score]({beside}/null.svg)"
    yield ""


def _arm_table(arms: Sequence[ArmFigures], columns: Sequence[str]) -> Iterator[str]:
    present = [c for c in columns if any(c in arm.figures for arm in arms)]
    yield from table(
        ["arm", *(MEASURE_NAMES[c] for c in present)],
        [[arm.name, *(shown(arm.figures.get(c)) for c in present)] for arm in arms],
    )


def dials_part(section: DialsSection, beside: str) -> Iterator[str]:
    """Comparisons at equal precision, and guidance."""
    yield "## What precision costs"
    yield ""
    yield (
        "Every method has a dial that trades precision for variety: guidance for the prior,"
        " noise for the centroid, how deep one looks for items. Only at equal precision does a"
        " comparison of the rest mean anything."
    )
    yield ""
    yield f"![Precision and diversity]({beside}/diversity.svg)"
    yield ""
    measures = ("diversity", "novelty", "own", "topic_precision")
    for reference in dict.fromkeys(equal.reference for equal in section.equal):
        rows = [equal for equal in section.equal if equal.reference == reference]
        yield (
            f"*{reference}* (precision {rows[0].precision:.2f}) minus each family where that has"
            " the same precision:"
        )
        yield ""
        yield from table(
            ["family", *(MEASURE_NAMES[m] for m in measures), "dial reaches it"],
            [
                [
                    row.family,
                    *(equal_cell(row, m) for m in measures),
                    f"{row.inside:.0%}",
                ]
                for row in rows
            ],
        )
    yield (
        "Items are at novelty 0 because they exist. *Dial reaches it* is the share of bootstrap"
        " draws in which the family has a setting of that precision; otherwise its nearest end"
        " is compared, which has another precision."
    )
    yield ""
    yield from _where_it_loses(section)
    yield "### Guidance"
    yield ""
    prior = section.families.get("prior", ())
    yield from table(
        ["w", "precision", "lift, judge", "diversity", "distinct", "novelty", "discrepancy"],
        [
            [
                f"{arm.dial:g}", shown(arm.figures["precision"]),
                shown(None if arm.lift is None else arm.lift.lift, 3),
                shown(arm.figures["diversity"]), shown(arm.figures["distinct"]),
                shown(arm.figures["novelty"]), shown(arm.figures.get("discrepancy")),
            ]
            for arm in prior
        ],
    )  # fmt: skip
    yield (
        "w is diffusers' scale: the paper's omega is w - 1. *Discrepancy*: 1000 MMD² (Gaussian"
        " kernel, sigma 10) between all samples and what these people have liked, unit"
        " embeddings of this CLIP; not comparable with CMMD of another encoder."
    )
    yield ""
    yield f"![Guidance]({beside}/guidance.svg)"
    yield ""
    if prior:
        yield _shape(prior)
        yield ""


def equal_cell(row: Equal, measure: str) -> str:
    """A difference and what it says; nothing is said of novelty, or where precision differs."""
    gap = row.difference[measure]
    if measure == "novelty" or row.inside < REACHED:
        return signed(gap)
    return f"{signed(gap)}: {verdict(gap)}"


def _shape(prior: Sequence[ArmFigures]) -> str:
    """Whether gain and loss along guidance have the paper's shape."""
    lifts = [arm.lift.lift.mean if arm.lift is not None else 0.0 for arm in prior]
    gaps = [arm.figures["discrepancy"].mean for arm in prior]
    top, near = lifts.index(max(lifts)), gaps.index(min(gaps))
    rises = "still rises at the end of the sweep" if top == len(prior) - 1 else (
        f"is highest at w = {prior[top].dial:g} and falls after it"
    )  # fmt: skip
    turn = (
        "grows from the smallest guidance on"
        if near == 0
        else f"is lowest at w = {prior[near].dial:g} and grows after it"
    )
    return (
        "The paper finds a gain up to about omega = 10 and a growing discrepancy beyond. Here"
        f" the lift {rises}; the discrepancy {turn}."
    )


def _where_it_loses(section: DialsSection) -> Iterator[str]:
    """Plain sentences on every comparison that the designs of the product do not win."""
    yield "### Where the prior does not win"
    yield ""
    lost = 0
    for equal in section.equal:
        if not equal.reference.startswith("prior, chosen"):
            continue
        beside = f"- *{equal.reference}* beside *{equal.family}*, precision {equal.precision:.2f}:"
        if equal.inside < REACHED:
            yield f"{beside} no setting of the family reaches this precision, so nothing is compared."
            continue
        gaps = {m: equal.difference[m] for m in ("diversity", "own") if m in equal.difference}
        told = {m: f"{MEASURE_NAMES[m]} ({signed(g, 3)})" for m, g in gaps.items()}
        behind = [told[m] for m, g in gaps.items() if g.high < 0]
        even = [told[m] for m, g in gaps.items() if g.low <= 0 <= g.high]
        said = [f"is behind in {' and '.join(behind)}"] if behind else []
        said += [f"shows no lead in {' and '.join(even)}"] if even else []
        if said:
            lost += 1
            yield f"{beside} {', '.join(said)}."
    yield ""
    if not lost:
        yield (
            "At equal precision designs are ahead of every family in diversity and their own score."
        )
        yield ""
        return
    yield (
        "Why: the utility of a simulated shopper is nearly a sum over values, so that the mean"
        " of a few likes points at what they like best, and whatever is near it is liked; in such"
        " a world no simple method is better. The prior answers another question (what might this"
        " person have rated 5?) and draws from all of it, also from what is liked less than the"
        " best; guidance narrows that. Novelty is not compared here: noise around the mean is far"
        " from every item (novelty well above 1) because it looks like nothing, which is no"
        " merit. It is compared where pictures were drawn, below."
    )
    yield ""


def ratings_part(section: RatingsSection, beside: str) -> Iterator[str]:
    """Numbers of ratings, and the rating token."""
    yield "## Number of ratings"
    yield ""
    yield (
        "*Known* people are those that the prior was trained on, with all of their ratings;"
        " *unseen* ones are held out. The judge knows both by new ratings alone."
    )
    yield ""
    yield f"![Number of ratings]({beside}/ratings.svg)"
    yield ""
    names = list(section.curves)
    sizes = [arm.dial for arm in section.curves[names[0]]]
    yield from table(
        ["ratings", *(f"{name}: {what}" for name in names for what in ("precision", "lift"))],
        [
            [
                f"{size:.0f}" if size is not None else "",
                *(
                    cell
                    for name in names
                    for arm in (section.curves[name][place],)
                    for cell in (
                        shown(arm.figures["precision"]),
                        shown(None if arm.lift is None else arm.lift.lift, 3),
                    )
                ),
            ]
            for place, size in enumerate(sizes)
        ],
    )
    yield from table(
        ["share of the lift that is kept", "ratio"],
        [[name, shown(value)] for name, value in section.kept.items()],
    )
    yield "### The rating token"
    yield ""
    yield from table(
        ["asked for", "percentile", "precision", "P(like), judge"],
        [
            [f"rating {arm.dial:.0f}", shown(arm.figures["percentile"]),
             shown(arm.figures["precision"]), shown(arm.figures["judged"])]
            for arm in section.tokens
        ],
    )  # fmt: skip


def requests_part(section: RequestsSection) -> Iterator[str]:
    """People who ask for something."""
    kept = [name for name in section.arms[0].figures if name.startswith("kept ")]
    yield "## With a request"
    yield ""
    yield (
        "Everybody asks for the kind and one more value of a thing of the shelf. *Kept*: the sample is"
        " nearest to the text of what was asked, among all values. *Gain*: percentile of the"
        " stand-ins with the user minus without, under the same request. Both guidances pull on"
        " what is not asked: with less of it for the user than for the request (w below"
        f" {section.guidance_query:g}) the formula `e0 + w_u (e_u - e0) + w_q (e_uq - e_u)` takes"
        " the user away again where the request says nothing."
    )
    yield ""
    yield from table(
        ["w of the user", *kept, "percentile", "gain of the user", "diversity"],
        [
            [f"{arm.dial:g}", *(shown(arm.figures[name]) for name in kept),
             shown(arm.figures["percentile"]),
             signed(gain) if (gain := section.gains.get(f"{arm.dial:g}")) is not None else "–",
             shown(arm.figures["diversity"])]
            for arm in section.arms
        ] + [["real items", *(f"{section.ceiling[name]:.2f}" for name in kept), "–", "–", "–"]],
    )  # fmt: skip


def _power(section: DrawnSection) -> Iterator[str]:
    """How the share of significant people grows with pictures."""
    if not section.power:
        return
    yield (
        "A test of one person has little power with few pictures. *People significant* with fewer"
        " of the same pictures (means over disjoint groups of so many a person), after control of"
        " the false discovery rate:"
    )
    yield ""
    sizes = [power.pictures for power in next(iter(section.power.values()))]
    yield from table(
        ["arm", *(f"{size} a person" for size in sizes)],
        [[name, *(f"{power.significant:.0%}" for power in rows)]
         for name, rows in section.power.items()],
    )  # fmt: skip


def drawn_part(report: Report, beside: str, has_grid: bool) -> Iterator[str]:
    """What was really drawn."""
    section = report.drawn
    assert section is not None
    first = section.arms[0]
    yield "## Drawn"
    yield ""
    yield (
        f"{first.people} of the people, {first.samples} pictures each, really drawn and then"
        " looked at. The judge sees pixels; *truth* here is the shopper's taste for what the"
        " judge reads off the picture. T0, T1 and T2 are the paper's prompts: none, a simple"
        " one, a careful one; *tags* says in words what the likes have in common. They need no"
        " prior."
    )
    yield ""
    yield from _arm_table(section.arms, (*COLUMNS, "faithful"))
    yield from table(
        ["arm", "P(like)", "lift", "deviations", "p", "people significant", "lift, truth", "discrepancy"],
        [
            [arm.name, f"{arm.lift.score:.3f}", *lift_cells(arm.lift),
             shown(arm.figures.get("true_lift"), 3), f"{section.discrepancy.get(arm.name, 0):.2f}"]
            for arm in section.arms if arm.lift is not None
        ],
    )  # fmt: skip
    yield from _power(section)
    yield "*prior, chosen, words* minus the others, person by person:"
    yield ""
    measures = ("precision", "judged", "diversity", "novelty", "own")
    yield from table(
        ["minus", *(MEASURE_NAMES[m] for m in measures)],
        [
            [name.split(" - ")[1],
             *(f"{signed(gaps[m])}: {verdict(gaps[m])}" for m in measures)]
            for name, gaps in section.against.items()
        ],
    )  # fmt: skip
    yield "What each arm is: " + "; ".join(f"*{a.name}*: {a.about}" for a in section.arms) + "."
    yield ""
    if has_grid:
        yield f"![Liked things, designs of the prior, designs of the centroid]({beside}/{GRID})"
        yield ""
        yield (
            "A row a person. Left: what they liked last. Middle: designs of the prior, with the"
            " words of their neighbours. Right: the same from the centroid with noise. Not"
            " picked by hand: the first people of the file."
        )
        yield ""

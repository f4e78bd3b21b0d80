"""The parts of the report: which conditions, which dials, which pictures are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vitrine.core.ports import Pixels
from vitrine.evals.generation.combinations import ABOUT, Combinations
from vitrine.evals.generation.conditions import Condition, Studio, two_unlike
from vitrine.evals.generation.grids import MOST_COLUMNS, keep_grid
from vitrine.evals.generation.people import Crowd
from vitrine.evals.generation.report import Grid, Row, Section

SHOWN = 8
LIKED_SHOWN = 3
LAMBDA_2 = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
LAMBDA_1 = (0.0, 0.5, 1.0, 1.5)
INTERESTS = (0, 3, 5, 8)
ADAPTER = (0.0, 0.3, 0.6, 0.8, 1.0)
GUIDANCE = (1.0, 2.0, 4.0, 7.5)
USER_GUIDANCE = (0.0, 2.0, 4.0, 8.0, 12.0)
USUAL = 0.2
"""lambda2 where no other is named: the middle of what I-AM-G reports."""


@dataclass(frozen=True)
class Can:
    """What the weights at hand can do beyond the IP-Adapter."""

    branches: bool
    personal: bool


def combinations_section(what: Combinations, folder: Path) -> tuple[Section, list[Pixels]]:
    """Held-out combinations: figures, and one grid with a row a condition.

    Returns:
        The section, and the pictures of the grid row by row, for a sheet.
    """
    rows, shown = what.measure()
    count = min(SHOWN, what.count)
    grid = keep_grid(
        folder,
        "combinations",
        "Held-out combinations",
        "Each column is one combination of facets that nothing was trained on; the same noise from"
        " above down.",
        [(name, pictures[:count]) for name, pictures in shown.items()],
        [str(number + 1) for number in range(count)],
    )
    section = Section(
        title="Words and pictures",
        about=(
            "Held-out combinations of facets, drawn in several ways, and beside them the real drawings"
            " of the same combinations. Every seed draws other combinations with other noise;"
            " brackets are 95 % intervals over seeds. Set distances are to held-out drawings that"
            " nobody was asked for. A FID has no interval: it takes all seeds together."
        ),
        measures=(
            "asked", "pixels", "kept", "again", "clip_score", "kid", "cmmd", "fid", "c2st", "ssim",
            "lpips", "aesthetic",
        ),
        plots=("asked", "kid", "cmmd", "c2st", "clip_score"),
        rows=tuple(rows),
        grids=(grid,),
        notes=tuple(f"*{name}*: {ABOUT[name]}" for name in shown),
    )  # fmt: skip
    return section, [picture for name in shown for picture in shown[name][:16]]


def conditions_of(studio: Studio, can: Can) -> list[Condition]:
    """Every way to draw for a person that these weights allow."""
    found = studio.plain()
    if can.branches:
        found += [
            studio.three_branch("three branches, no tags", USUAL, tags=False),
            studio.three_branch("three branches", USUAL),
        ]
    if can.personal:
        found += [
            studio.personal("PerFusion", "exact"),
            studio.personal("PerFusion, cond. only", "conditional"),
            studio.personal("PerFusion, key steps", "key_steps"),
            studio.personal("PerFusion + design", "exact", design=True),
        ]
    if can.personal and can.branches:
        found.append(studio.personal("all together", "exact", design=True, interest_scale=USUAL))
    return found


def people_section(crowd: Crowd, can: Can, folder: Path) -> Section:
    """The same words for many people, by every condition; and for two who are unlike."""
    conditions = conditions_of(crowd.studio, can)
    rows, shown = crowd.measure(conditions)
    names = [condition.name for condition in conditions]
    return Section(
        title="The same words, different people",
        about=(
            f"{len(crowd.people)} held-out simulated shoppers say the same {len(crowd.requests)}"
            f" sentences with the same {crowd.seeds} seeds: nothing but the person differs."
            " *Personal lift* is how much better one's own picture stands in one's true taste than"
            " the pictures drawn for the others. *GAUC* and *MAP* rank one's own picture among"
            " everybody's. Significance: pictures are dealt out among people within the same words"
            " and seed. KID and *told from real* are beside real drawings of what was asked. Brackets"
            " are 95 % intervals, bootstrapped over people."
        ),
        measures=(
            "lift", "gauc", "map", "percentile", "precision", "judged", "reward", "asked", "kind",
            "clip_score",
            "kid", "c2st", "between", "diversity", "novelty", "history", "ssim", "lpips", "aesthetic",
        ),
        plots=("lift", "gauc", "percentile", "asked", "c2st", "between", "history", "novelty"),
        rows=tuple(rows),
        grids=(
            two_people(crowd, names, shown, folder, "two-people", "Same words, two people"),
        ),
        notes=tuple(f"*{condition.name}*: {condition.about}" for condition in conditions),
    )  # fmt: skip


def two_people(
    crowd: Crowd, names: Sequence[str], shown: Mapping[str, Sequence[Pixels]], folder: Path,
    file: str, title: str, more: str = "",
) -> Grid:  # fmt: skip
    """Two people whose tastes differ most, the same words and noise; a column a name.

    Args:
        shown: pictures by name, in the order of `Crowd.asks`. more: told after what everybody is told.
    """
    pair = two_unlike(crowd.studio.bench, crowd.people)
    rows: list[tuple[str, Sequence[Pixels | None]]] = []
    names = names[: MOST_COLUMNS - LIKED_SHOWN]
    for place, request in enumerate(crowd.requests[:4]):
        for letter, user in zip("AB", pair, strict=True):
            at = _at(crowd, user, place)
            liked = _liked(crowd, user)
            rows.append(
                (f"{letter}: {request.text}", [*liked, *(shown[name][at] for name in names)])
            )
    return keep_grid(
        folder,
        file,
        title,
        "Two people whose true tastes are the least alike (chosen before anything was drawn). Left:"
        f" what they liked last. Each pair of rows has the same words and the same noise.{more}",
        rows,
        [*(f"liked {number + 1}" for number in range(LIKED_SHOWN)), *names],
    )


def _at(crowd: Crowd, user: int, request: int) -> int:
    """Place of a person's first picture for a request."""
    person = list(crowd.people).index(user)
    return (person * len(crowd.requests) + request) * crowd.seeds


def _liked(crowd: Crowd, user: int) -> list[Pixels | None]:
    items = crowd.studio.history(user)[-LIKED_SHOWN:][::-1]
    found: list[Pixels | None] = [np.asarray(crowd.drawings.pictures[item]) for item in items]
    return found + [None] * (LIKED_SHOWN - len(found))


@dataclass(frozen=True)
class Sweep:
    """Conditions along a dial."""

    key: str
    title: str
    about: str
    dial: str
    conditions: Sequence[tuple[float, Condition]]


def sweeps_of(studio: Studio, can: Can) -> list[Sweep]:
    """The dials that these weights have."""
    item = studio.after_item()
    design = next(c for c in studio.plain() if c.name == "design")

    def named(value: float, condition: Condition) -> tuple[float, Condition]:
        return value, replace(condition, name=f"{value:g}", against=())

    found = [
        Sweep(
            "adapter_scale", "How much of the item",
            "The weight of the image branch, on the liked thing nearest to the words.",
            "adapter scale",
            [named(v, replace(item, dials=studio.with_dials(adapter_scale=v))) for v in ADAPTER],
        ),
        Sweep(
            "guidance", "Guidance", "Classifier-free guidance of designs as the product makes them.",
            "guidance scale",
            [named(v, replace(design, dials=studio.with_dials(guidance=v))) for v in GUIDANCE],
        ),
    ]  # fmt: skip
    if can.branches:
        found += [
            Sweep(
                "lambda2", "How much of the history (λ2)",
                "The weight of the interest branch. At 0 the picture is the IP-Adapter's with the"
                " rewritten words.", "λ2",
                [named(v, studio.three_branch("", v)) for v in LAMBDA_2],
            ),
            Sweep(
                "lambda1", "How much of the words (λ1)",
                f"The weight of the text branch beside λ2 = {USUAL:g}.", "λ1",
                [named(v, studio.three_branch("", USUAL, text_scale=v)) for v in LAMBDA_1],
            ),
            Sweep(
                "interests_kept", "How many interests (H)",
                "Tags of the history in the rewritten words; 0 is no rewrite.", "H",
                [named(v, studio.three_branch("", USUAL, top=v, tags=v > 0)) for v in INTERESTS],
            ),
        ]  # fmt: skip
    if can.personal:
        found.append(
            Sweep(
                "personal_guidance", "Guidance of the person (w_u)",
                "PerFusion's own guidance beside that of the words. At 0 the words alone guide.",
                "w_u",
                [named(v, studio.personal("", "exact", guidance=v)) for v in USER_GUIDANCE],
            )
        )  # fmt: skip
    return found


def sweep_section(crowd: Crowd, sweep: Sweep, folder: Path) -> Section:
    """One dial: figures along it, and pictures of a few people."""
    made, shown = crowd.measure([condition for _, condition in sweep.conditions])
    rows: list[Row] = [
        row.model_copy(update={"dial": value})
        for row, (value, _) in zip(made, sweep.conditions, strict=True)
    ]
    lines: list[tuple[str, Sequence[Pixels | None]]] = []
    for user in crowd.people[:3]:
        at = _at(crowd, user, 0)
        liked = _liked(crowd, user)[:2]
        lines.append((f"person {list(crowd.people).index(user) + 1}",
                      [*liked, *(shown[row.name][at] for row in rows)]))  # fmt: skip
    likeness = any("ssim" in row.figures for row in rows)
    grid = keep_grid(
        folder,
        sweep.key.replace("_", "-"),
        sweep.title,
        f"{crowd.requests[0].text!r} with one seed along the dial; left: what the person liked last.",
        lines,
        ["liked 1", "liked 2", *(f"{value:g}" for value, _ in sweep.conditions)],
    )
    return Section(
        title=sweep.title,
        about=sweep.about + f" {len(crowd.people)} people, {len(crowd.requests)} sentences,"
        f" {crowd.seeds} seeds.",
        measures=("lift", "gauc", "percentile", "asked", "c2st", "between", "novelty", "history",
                  "ssim", "lpips"),
        plots=("lift", "percentile", "asked", "c2st")
        + (("ssim", "lpips:percentile") if likeness else ("novelty",)),
        rows=tuple(rows),
        grids=(grid,),
        dial=sweep.dial,
    )  # fmt: skip

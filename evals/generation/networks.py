"""Personal networks side by side: what the group objective, and what knowing a person, is worth.

Each network is a folder that `vitrine train perfusion` wrote; they draw for the same people, with the same
words and noise, and are compared pair by pair with the first one and with the words alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.core.ports import PersonalRun, Pixels
from vitrine.evals.generation.conditions import Condition, two_unlike
from vitrine.evals.generation.drawing import Drawer
from vitrine.evals.generation.grids import keep_grid
from vitrine.evals.generation.people import Crowd
from vitrine.evals.generation.report import Grid, Row, Section

RUN: PersonalRun = "conditional"
WORDS = "words"


def networks_of(words: Sequence[str]) -> dict[str, Path]:
    """`NAME=FOLDER` options by name.

    Raises:
        RequestError: an option is not of this form, names the words alone, or there is no such folder.
    """
    found: dict[str, Path] = {}
    for word in words:
        name, equals, folder = word.partition("=")
        if not equals or not name or name in found or name == WORDS or not Path(folder).is_dir():
            raise RequestError(f"--network {word!r}: expected NAME=FOLDER of a personal network")
        found[name] = Path(folder)
    return found


def networks_section(
    crowd: Crowd, drawers: Mapping[str, Drawer], folder: Path, *, guidance: float | None = None
) -> Section:
    """Draw with every network.

    Args:
        crowd: who says what; its own drawer draws the words alone.
        drawers: of each network. guidance: w_u.
    """
    studio = crowd.studio
    ways = [next(c for c in studio.plain() if c.name == WORDS)]
    first = next(iter(drawers))
    for name in drawers:
        way = studio.personal(name, RUN, guidance=guidance)
        against = (WORDS,) if name == first else (WORDS, first)
        ways.append(replace(way, about=f"the network {name!r}, and the words", against=against))
    rows, shown = replace(crowd, drawers=drawers).measure(ways)
    return Section(
        title="Personal networks",
        about=(
            f"{len(crowd.people)} held-out simulated shoppers, {len(crowd.requests)} held-out"
            f" sentences, {crowd.seeds} seeds. The networks were trained alike but for what their"
            " name says. Brackets are 95 % intervals, bootstrapped over people."
        ),
        measures=(
            "percentile", "judged", "precision", "lift", "gauc", "map", "asked", "clip_score",
            "c2st", "between",
        ),
        plots=("percentile", "judged", "gauc", "asked"),
        rows=tuple(rows),
        grids=(_grid(crowd, ways, shown, folder),),
        notes=tuple(told(row) for row in rows if row.against),
    )  # fmt: skip


def told(row: Row) -> str:
    """The differences of a row in words."""
    parts: list[str] = []
    for other, gaps in row.against.items():
        for name in ("percentile", "judged"):
            gap = gaps[name]
            parts.append(f"{name} {gap.mean:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] over {other!r}")
    return f"*{row.name}*: " + ", ".join(parts)


def _grid(
    crowd: Crowd, ways: Sequence[Condition], shown: Mapping[str, list[Pixels]], folder: Path
) -> Grid:
    """Two people whose tastes differ most: the same words and noise, seed by seed."""
    pair = two_unlike(crowd.studio.bench, crowd.people)
    names = [way.name for way in ways[:2]]
    rows: list[tuple[str, Sequence[Pixels | None]]] = []
    seeds = min(crowd.seeds, 4)
    for place, request in enumerate(crowd.requests[:4]):
        for letter, user in zip("AB", pair, strict=True):
            person = list(crowd.people).index(user)
            start = (person * len(crowd.requests) + place) * crowd.seeds
            liked: list[Pixels | None] = [
                crowd.drawings.pictures[item] for item in crowd.studio.history(user)[-3:]
            ]
            liked += [None] * (3 - len(liked))
            made = [shown[name][start : start + seeds] for name in names]
            rows.append((f"{letter}: {request.text}", [*liked, *made[0], *made[1]]))
    columns = ["liked 1", "liked 2", "liked 3"]
    columns += [f"{name}, seed {number + 1}" for name in names for number in range(seeds)]
    return keep_grid(
        folder, "networks", "Same words and noise, two people",
        "Two people whose true tastes are the least alike. Left: what they liked; then the words alone,"
        " which are the same for both; then the first network.", rows, columns,
    )  # fmt: skip

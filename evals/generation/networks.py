"""Personal networks side by side: what the group objective, and what knowing a person, is worth.

Each network is a folder that `vitrine train perfusion` wrote; several of one name are trainings of one
kind, with other seeds. They draw for the same people, with the same words and noise, and are compared
person by person, and training by training, with the words alone and with the first name of the same w_u.

Letters: T trainings, U people, S seeds of pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors import safe_open

from vitrine.core.errors import RequestError
from vitrine.core.ports import PersonalRun, RenderJob
from vitrine.evals.generation.conditions import Ask, Condition
from vitrine.evals.generation.drawing import Drawer
from vitrine.evals.generation.people import COMPARED, Crowd, Values
from vitrine.evals.generation.report import Figure, Row, Section, over_seeds, over_trainings
from vitrine.evals.generation.sections import two_people
from vitrine.models.training.card import GOES_ON, came_from

_NAME = re.compile(r"([^@]+)(?:@(\d+(?:\.\d+)?))?")
RUN: PersonalRun = "conditional"
WORDS = "words"
TOLD = ("percentile", "judged", "lift")


@dataclass(frozen=True)
class Trained:
    """One training: what draws with it, whether it draws the same for everybody, what trained it."""

    drawer: Drawer
    nobody: bool = False
    command: str = ""


def networks_of(words: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """`NAME=FOLDER` options by name; a name that comes again has one more training.

    Raises:
        RequestError: an option is not of this form, names the words alone, or there is no such folder.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for word in words:
        name, equals, folder = word.partition("=")
        kind = _NAME.fullmatch(name)
        if not equals or kind is None or kind[1] == WORDS or not Path(folder).is_dir():
            raise RequestError(
                f"--network {word!r}: expected NAME=FOLDER of a personal network, or NAME@W=FOLDER with"
                " the w_u that it draws with"
            )
        found[name] = (*found.get(name, ()), Path(folder))
    return found


def guidance_of(name: str) -> float | None:
    """The w_u that stands behind a name; None: that of the others."""
    _, _, dial = name.partition("@")
    return float(dial) if dial else None


def knows_nobody(folder: Path) -> bool:
    """Whether the network of a folder was trained with `--nobody`: no person reaches its map."""
    with safe_open(folder / "model.safetensors", framework="np") as file:
        return not file.get_tensor("to_map.weight").any()


def command_of(folder: Path) -> str:
    """The command that trained a network, as its card has it; empty without one."""
    return next((note.removeprefix(GOES_ON) for note in came_from(folder)), "")


def networks_section(
    crowd: Crowd,
    trained: Mapping[str, Sequence[Trained]],
    folder: Path,
    *,
    guidance: float | None = None,
) -> Section:
    """Draw with every network.

    Args:
        crowd: who says what; its own drawer draws the words alone.
        trained: trainings of each name, in the order of their seeds. guidance: w_u where the name has
            none of its own.
    """
    asks = crowd.asks()
    words = next(c for c in crowd.studio.plain() if c.name == WORDS)
    row, values, shown = crowd.look(words, asks)
    rows, pictures = [row], {WORDS: shown}
    found = {WORDS: {name: each.mean(axis=0, keepdims=True) for name, each in values.items()}}
    firsts: dict[float | None, str] = {}
    commands: list[str] = []
    for name, trainings in trained.items():
        dial = guidance_of(name)
        first = firsts.setdefault(dial, name)
        parts: list[Row] = []
        cubes: list[Mapping[str, Values]] = []
        for training in trainings:
            way = _way(crowd, name, training, guidance if dial is None else dial)
            own = replace(crowd, drawers={name: training.drawer})
            part, values, shown = own.look(way, asks)
            parts.append(part)
            cubes.append(values)
            pictures.setdefault(name, shown)
        # (T, U) by measure: the seeds of pictures are put together
        found[name] = {
            key: np.stack([cube[key].mean(axis=0) for cube in cubes]) for key in cubes[0]
        }
        if trainings[0].command:
            commands.append(f"*{name}*, first training: `{trainings[0].command}`")
        others = (WORDS,) if name == first else (WORDS, first)
        against = {other: _gaps(found[name], found[other]) for other in others}
        rows.append(_row(parts, found[name], against))
    most = max(len(trainings) for trainings in trained.values())
    return Section(
        title="Personal networks",
        about=(
            f"{len(crowd.people)} held-out simulated shoppers, {len(crowd.requests)} held-out"
            f" sentences, {crowd.seeds} seeds of pictures, up to {most} trainings of a kind;"
            " @ is followed by w_u. Brackets are 95 % intervals,"
            " bootstrapped over people and trainings at once."
        ),
        measures=(
            "percentile", "judged", "reward", "precision", "lift", "gauc", "map", "asked", "kind",
            "clip_score", "c2st", "between",
        ),
        plots=("percentile", "judged", "reward", "lift", "gauc", "asked"),
        rows=tuple(rows),
        grids=(
            two_people(
                crowd, list(pictures), pictures, folder, "networks", "Same words and noise, two people",
                " Then the words alone, which are the same for both, and the first training of each"
                " network.",
            ),
        ),
        notes=(*(told(row) for row in rows if row.against), *commands),
    )  # fmt: skip


def _way(crowd: Crowd, name: str, training: Trained, guidance: float | None) -> Condition:
    way = crowd.studio.personal(name, RUN, guidance=guidance)
    if not training.nobody:
        return replace(way, about=f"the network {name!r}, and the words")
    anyone = crowd.people[0]

    def job(ask: Ask) -> RenderJob:
        request = next(r for r in crowd.requests if r.text == ask.text)
        return way.job(crowd.studio.ask(anyone, ask.text, request.asked, ask.seed))

    return replace(
        way, about=f"the network {name!r}, the same for everybody, and the words", job=job
    )


def _row(
    parts: Sequence[Row], values: Mapping[str, Values], against: Mapping[str, Mapping[str, Figure]]
) -> Row:
    """The row of all trainings of a name; without a test where there are several."""
    sets = {
        name: over_seeds([part.figures[name].mean for part in parts])
        for name in parts[0].figures
        if name not in values
    }
    return parts[0].model_copy(
        update={
            "pictures": sum(part.pictures for part in parts),
            "figures": {**{name: over_trainings(each) for name, each in values.items()}, **sets},
            "against": against,
            "lift": parts[0].lift if len(parts) == 1 else None,
        }
    )


def _gaps(one: Mapping[str, Values], other: Mapping[str, Values]) -> dict[str, Figure]:
    """Differences of two names by person and training; a single training is compared with each."""
    return {
        name: over_trainings(one[name] - other[name])
        for name in COMPARED
        if name in one and name in other
    }


def told(row: Row) -> str:
    """The differences of a row in words, with how many trainings are on the better side."""
    parts: list[str] = []
    for other, gaps in row.against.items():
        for name in TOLD:
            gap = gaps[name]
            above = sum(value > 0 for value in gap.by_seed)
            parts.append(
                f"{name} {gap.mean:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] over {other!r}"
                f" ({above} of {len(gap.by_seed)} trainings above)"
            )
    return f"*{row.name}*: " + ", ".join(parts)

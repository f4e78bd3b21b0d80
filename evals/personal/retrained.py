"""Trainings repeated with other seeds: the sweep of guidance, and what the rating token is worth.

A folder holds one trained prior in each folder `KIND-SEED`. Kinds differ in how they were trained;
trainings of one seed saw the same batches, so differences of kinds are paired by seed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from vitrine.core.errors import RequestError
from vitrine.evals.personal.arms import PRODUCT
from vitrine.evals.personal.batches import Asked, Batches
from vitrine.evals.personal.report import Figure, RetrainedSection, SeedFigures, over_seeds
from vitrine.evals.personal.stages import Stage
from vitrine.models.prior.prior import RebecaPrior, load_prior

SWEEP = (0.0, 1.0, 2.0, 3.5, 6.0, PRODUCT, 11.0, 13.5, 16.0, 21.0, 31.0)
"""Guidance w; the paper's omega is w - 1, so 11 and 16 are its 10 and 15."""
RATINGS = (5, 1)
SCALES = {"brought back to scale": None, "left as guidance makes it": 0.0}
"""How x0 is treated under guidance: as the product does, or not at all."""
PEOPLE, SAMPLES = 30, 24
_FOLDER = re.compile(r"(.+)-(\d+)")


class _Card(BaseModel):
    """What is read of a model card."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    command: str
    wall_time_s: float


Setting = tuple[str, float, int]
"""Kind, guidance, rating asked for."""


def find_trainings(folder: Path) -> dict[str, dict[int, Path]]:
    """Folders of trained priors by kind and seed, of seeds that every kind has.

    Raises:
        RequestError: there are none, or fewer than two seeds in common.
    """
    found: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.glob("*-*")):
        named = _FOLDER.fullmatch(path.name)
        if named is not None and (path / "card.json").is_file():
            found.setdefault(named[1], {})[int(named[2])] = path
    shared = set.intersection(*(set(seeds) for seeds in found.values())) if found else set[int]()
    if len(shared) < 2:
        raise RequestError(
            f"{folder.name!r}: expected folders KIND-SEED of trained priors with at least two seeds"
            f" that each kind has, found {sorted(found)}"
        )
    return {kind: {seed: seeds[seed] for seed in sorted(shared)} for kind, seeds in found.items()}


def over_trainings(stage: Stage, folder: Path, measured: RebecaPrior) -> RetrainedSection:
    """Measure every training; the sweep is of the first kind whose prior reads ratings.

    Args:
        stage: people and who judges.
        folder: the trainings.
        measured: the prior that the rest of the report is about, for comparison.

    Raises:
        RequestError: see `find_trainings`; a training without a rating token comes alone.
        SetupError: weights are missing or damaged.
    """
    trainings = find_trainings(folder)
    batches = Batches(stage, stage.unseen[:PEOPLE], SAMPLES)
    priors = {
        kind: [load_prior(path) for path in seeds.values()] for kind, seeds in trainings.items()
    }
    main = next((kind for kind, found in priors.items() if found[0].reads_ratings), None)
    if main is None:
        raise RequestError(f"{folder.name!r}: expected a kind that was trained with the rating")
    sweeps = {
        scale: [(w, _ask(stage, batches, priors[main], guidance=w, rescale=rescale)) for w in SWEEP]
        for scale, rescale in SCALES.items()
    }
    by_rating = {
        (kind, rating): _ask(stage, batches, found, rating=rating)
        for kind, found in priors.items()
        for rating in RATINGS
    }
    return RetrainedSection(
        people=len(batches.people),
        samples=batches.samples,
        kinds={kind: _options(next(iter(seeds.values()))) for kind, seeds in trainings.items()},
        minutes={kind: _minutes(list(seeds.values())) for kind, seeds in trainings.items()},
        measured=_figures(("measured", PRODUCT, 5), _ask(stage, batches, [measured])),
        sweeps={
            scale: tuple(_figures((main, w, 5), asked) for w, asked in rows)
            for scale, rows in sweeps.items()
        },
        ratings=tuple(
            _figures((kind, PRODUCT, rating), asked) for (kind, rating), asked in by_rating.items()
        ),
        less=_differences(main, by_rating),
    )


def retrained_steps(folder: Path) -> int:
    """How often a prior is asked.

    Raises:
        RequestError: see `find_trainings`.
    """
    trainings = find_trainings(folder)
    seeds = len(next(iter(trainings.values())))
    return 1 + seeds * (len(SCALES) * len(SWEEP) + len(trainings) * len(RATINGS))


def _ask(
    stage: Stage,
    batches: Batches,
    priors: Sequence[RebecaPrior],
    *,
    guidance: float = PRODUCT,
    rating: int = 5,
    rescale: float | None = None,
) -> list[Asked]:
    """One setting of every training; the samples' seed is the same for all."""
    found: list[Asked] = []
    for prior in priors:
        used = prior if rescale is None else prior.varied(rescale=rescale)
        found.append(batches.ask(used, seed=stage.seed, guidance=guidance, rating=rating))
        stage.progress.step()
    return found


def _measures(asked: Sequence[Asked]) -> dict[str, np.ndarray]:
    """Figures of each training (S,), by name."""
    return {
        "precision": np.array([each.precision.mean() for each in asked]),
        "lift": np.array([each.lift.mean() for each in asked]),
        "diversity": np.array([each.diversity.mean() for each in asked]),
        "discrepancy": np.array([each.discrepancy for each in asked]),
    }


def _figures(setting: Setting, asked: Sequence[Asked]) -> SeedFigures:
    kind, guidance, rating = setting
    return SeedFigures(
        kind=kind,
        guidance=guidance,
        rating=rating,
        trainings=len(asked),
        figures={name: over_seeds(values) for name, values in _measures(asked).items()},
    )


def _differences(
    main: str, by_rating: Mapping[tuple[str, int], Sequence[Asked]]
) -> dict[str, dict[str, Figure]]:
    """The kind that reads ratings, asked for 5, less itself asked for 1 and less the other kinds."""
    best = _measures(by_rating[main, 5])
    others = {f"{main}, rating 5, less its rating 1": by_rating[main, 1]}
    others |= {
        f"{main}, rating 5, less {kind}": asked
        for (kind, rating), asked in by_rating.items()
        if kind != main and rating == 5
    }
    return {
        name: {key: over_seeds(best[key] - values) for key, values in _measures(asked).items()}
        for name, asked in others.items()
    }


def _options(folder: Path) -> str:
    """How a kind was trained: the options of its card, without what names the seed or a place."""
    return re.sub(r" --(?:seed|out|data) \S+", "", _card(folder).command)


def _minutes(folders: Sequence[Path]) -> float:
    """Mean time of trainings."""
    return round(float(np.mean([_card(folder).wall_time_s for folder in folders])) / 60, 2)


def _card(folder: Path) -> _Card:
    try:
        return _Card.model_validate_json((folder / "card.json").read_bytes())
    except ValidationError as error:
        raise RequestError(f"{folder.name!r}: its card.json tells no command and time") from error

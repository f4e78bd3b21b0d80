"""`vitrine eval reward`: the reward model beside its baselines, its towers apart, its reasons checked."""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vitrine.core.errors import RequestError
from vitrine.core.places import weights
from vitrine.core.ports import Floats
from vitrine.core.settings import Settings
from vitrine.evals.reward.baselines import bias_scores, popular_scores, popularity, together
from vitrine.evals.reward.cards import SIDE, deal, people
from vitrine.evals.reward.reasons import PEOPLE, attribution_figures
from vitrine.evals.reward.report import Report, Stage, gathered, page
from vitrine.evals.shoppers import ShopperWorld
from vitrine.models.clip.tiny import TinyClip
from vitrine.models.embed import open_clip_of
from vitrine.models.experience import Experience, GroupRow, read_experience
from vitrine.models.metrics import calibration_error
from vitrine.models.reward import train
from vitrine.models.reward.evaluate import (
    centroid_group_scores,
    gauc,
    groups_of,
    id_figures,
    mean_ap,
    outcomes_of,
    personal_group_scores,
    plain_group_scores,
)
from vitrine.models.reward.groups import GroupSampler
from vitrine.models.reward.plain import PlainScorer
from vitrine.models.reward.scorer import load_reward
from vitrine.models.reward.sight import Sight
from vitrine.models.reward.tower import TextTower, VisionTower
from vitrine.models.training import TrainingRun, choose_device, write_atomically

log = logging.getLogger(__name__)

CLIP_STEPS = 400
"""Of the CLIP of the oracle world."""
KNOWLEDGE = (
    ("nobody", 0, False),
    ("reward", 32, True),
    ("reward_history", 32, False),
    ("reward_facets", 0, True),
    ("reward_short", 8, True),
    ("reward_long", 100, True),
)
"""What is told of people: row of the table, ratings, facets or not."""
STAGES = ("rich", "ids", "towers", "attribution")
VARIANTS = ("both", "shared", "vision", "text")
REPORT, PAGE = "report.json", "results.md"
PLAIN = 4
"""The plain tower learns from all groups of a person at once, of so many people fewer a step."""
Groups = Sequence[tuple[int, GroupRow]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine eval reward`."""
    parser.add_argument("--data", type=Path, default=None, help="folder of simulated shoppers")
    parser.add_argument("--drawings", type=Path, default=None, help="the drawings behind it")
    parser.add_argument("--out", type=Path, required=True, help="folder of the report")
    parser.add_argument("--weights", type=Path, default=None, help="folder of weights (shipped)")
    parser.add_argument("--reward", type=Path, default=None, help="the reward model to explain")
    parser.add_argument("--domain", default=Settings().domain)
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=list(STAGES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500, help="of each training (%(default)s)")
    parser.add_argument("--fields", type=int, default=600, help="steps of the fields before it")
    parser.add_argument("--batch", type=int, default=96, help="people a step (%(default)s)")
    parser.add_argument(
        "--groups", type=int, default=1000, help="held-out groups that are measured"
    )
    parser.add_argument("--cards", type=int, default=3000, help="of the oracle world")
    parser.add_argument("--shoppers", type=int, default=500, help="people of the oracle world")
    parser.add_argument("--threads", type=int, default=1, help="torch threads on the CPU")


class Trainings:
    """Short trainings of one measurement, in a folder that is thrown away."""

    def __init__(self, args: argparse.Namespace, root: Path) -> None:
        self._args, self._root = args, root

    def options(self, name: str, seed: int, data: Path, **more: object) -> argparse.Namespace:
        """The options of `train reward` with the steps and the batch of this measurement."""
        parser = argparse.ArgumentParser()
        train.add_arguments(parser)
        out = self._root / f"{name}-{seed}"
        words = ["--data", str(data), "--out", str(out), "--seed", str(seed)]
        words += ["--steps", str(self._args.steps), "--batch", str(self._args.batch)]
        words += ["--no-tensorboard", "--fields", str(self._args.fields)]
        options = parser.parse_args(words)
        for key, value in more.items():
            setattr(options, key, value)
        return options

    def job(self, options: argparse.Namespace) -> TrainingRun:
        """A run of `train reward` with these options."""
        return train.reward_run(options)


def ordered(scores: Sequence[Floats], groups: Groups) -> dict[str, float]:
    """GAUC and MAP."""
    return {"gauc": gauc(scores, groups), "map": mean_ap(scores, groups)}


Rows = dict[str, dict[str, float]]


class Rich:
    """Baselines and short trainings over the shipped CLIP, on the shoppers of `--data`."""

    def __init__(self, args: argparse.Namespace, root: Path) -> None:
        self.folder = _given(args.data, "--data")
        self.data = data = read_experience(self.folder)
        self.shipped = weights() if args.weights is None else args.weights
        self.clip, self.tokenize, _ = open_clip_of(self.shipped / "clip")
        self.clip.requires_grad_(False)
        self.tower = TextTower(self.clip)
        self.groups = groups = groups_of(data, "heldout")[: args.groups]
        self.trainings, self.batch = Trainings(args, root), args.batch
        self.material = train.material_of(GroupSampler(data), data, self.tower, self.tokenize)
        self.setup = {**_setup(args), "held-out groups": len(groups)}
        plain = plain_group_scores(self.tower, self.tokenize, data, groups)
        popular = popular_scores(popularity(data), groups)
        self.fixed: Rows = {
            "bias": ordered(bias_scores(data, groups, history=32), groups),
            "clip": ordered(plain, groups),
            "popularity": ordered(popular, groups),
            "clip_popularity": ordered(together(plain, popular, 1.0), groups),
            "centroid": ordered(centroid_group_scores(data, groups, history=32), groups),
        }

    def measure(self, seed: int) -> Rows:
        """One training of the reward model and one of the plain tower."""
        data, groups, rows = self.data, self.groups, dict(self.fixed)
        options = self.trainings.options("rich", seed, self.folder, taste=self.shipped / "verifier")
        scorer = train.train_reward(
            self.clip, self.tokenize, data, options, self.trainings.job(options),
            material=self.material, measured=False,
        )  # fmt: skip
        for name, history, facets in KNOWLEDGE:
            scores = personal_group_scores(scorer, data, groups, [(history, facets)])
            chances = scorer.calibrated(np.concatenate(scores))
            error = calibration_error(chances, outcomes_of(groups))
            rows[name] = {**ordered(scores, groups), "ece": error}
        options = self.trainings.options("plain", seed, self.folder)
        beside = PlainScorer(scorer.plugin, data, self.tower, self.tokenize)
        beside.learn(self.trainings.job(options), max(1, self.batch // PLAIN), self.material)
        rows["plain"] = ordered(beside.group_scores(groups, history=32, facets=True), groups)
        return rows


class OracleWorld:
    """Cards and a CLIP that has learned them; people are made anew for each seed."""

    def __init__(self, args: argparse.Namespace, root: Path) -> None:
        self.cards = deal(args.cards)
        words = [text for texts in self.cards.texts for text in texts]
        self.clip = TinyClip(words, SIDE, seed=0)
        shown = np.flatnonzero(~self.cards.heldout)
        texts = [self.cards.texts[row] for row in shown.tolist()]
        learned = args.out / f"clip-{args.cards}"
        self.clip.learn(self.cards.pictures[shown], texts, folder=learned, steps=CLIP_STEPS)
        self.args, self._root = args, root
        self.trainings = Trainings(args, root)
        self.setup = {**_setup(args), "shoppers": args.shoppers, "cards": args.cards}

    def people(self, seed: int) -> Experience:
        """Everybody of one seed."""
        world = ShopperWorld(shoppers=self.args.shoppers, seed=seed, ratings_train=60,
                             ratings_heldout=10)  # fmt: skip
        return people(self.cards, self.clip, self.folder(seed), world)

    def folder(self, seed: int) -> Path:
        """Where they lie."""
        return self._root / f"people-{seed}"


class Towers(OracleWorld):
    """Every variant in the oracle world, by pictures."""

    def measure(self, seed: int) -> Rows:
        """One training of each variant."""
        clip, data, rows = self.clip, self.people(seed), Rows()
        groups = groups_of(data, "heldout")[: self.args.groups]
        plain = plain_group_scores(TextTower(clip.model), clip.tokenize, data, groups)
        rows["clip"] = ordered(plain, groups)
        for variant in VARIANTS:
            options = self.trainings.options(variant, seed, self.folder(seed), towers=variant)
            sight = Sight(VisionTower(clip.model), SIDE)
            scorer = train.train_reward(
                clip.model, clip.tokenize, data, options, self.trainings.job(options),
                sight=sight, pictures=self.cards.pictures, measured=False,
            )  # fmt: skip
            look = train.looking_at(sight, self.cards.pictures)
            scores = personal_group_scores(scorer, data, groups, [(32, True)], pictures=look)
            chances = scorer.calibrated(np.concatenate(scores), pictures=True)
            error = calibration_error(chances, outcomes_of(groups))
            rows[variant] = {**ordered(scores, groups), "ece": error}
        return rows


class Ids(OracleWorld):
    """Known by id alone, in the oracle world: groups dealt 8 : 1 : 1."""

    def measure(self, seed: int) -> Rows:
        """One training from ids and groups alone."""
        clip, data = self.clip, self.people(seed)
        options = self.trainings.options("ids", seed, self.folder(seed), ids=True, id_only=True)
        scorer = train.train_reward(
            clip.model, clip.tokenize, data, options, self.trainings.job(options), measured=False
        )
        told = id_figures(scorer, TextTower(clip.model), clip.tokenize, data)
        return {
            "clip": {"gauc": told["gauc_id_clip"]},
            "unknown": {"gauc": told["gauc_id_unknown"]},
            "id": {"gauc": told["gauc_id"], "map": told["map_id"]},
        }


class Reasons:
    """The reasons of a trained model, against the tastes that were planted."""

    def __init__(self, args: argparse.Namespace, root: Path) -> None:
        shipped = weights() if args.weights is None else args.weights
        clip, tokenize, _ = open_clip_of(shipped / "clip")
        self.scorer = load_reward(
            shipped / "reward" if args.reward is None else args.reward, clip, tokenize
        )
        self.data, self.drawings = _given(args.data, "--data"), _given(args.drawings, "--drawings")
        self.domain = args.domain
        self.setup: dict[str, float | int | str] = {"people": PEOPLE}

    def measure(self, seed: int) -> Rows:
        """Shares over held-out people; nothing is trained."""
        figures = attribution_figures(self.scorer, self.data, self.drawings, self.domain)
        return {name: {"share": value} for name, value in figures.items()}


def _setup(args: argparse.Namespace) -> dict[str, float | int | str]:
    return {
        "seeds": args.seeds,
        "steps": args.steps,
        "steps of the fields": args.fields,
        "people a step": args.batch,
    }


def _given(path: Path | None, option: str) -> Path:
    if path is None:
        raise RequestError(f"{option} is missing: this stage needs it")
    return path


def run(args: argparse.Namespace) -> None:
    """Measure the stages asked for; other stages of a report in `--out` stay.

    What was measured of a seed lies in `runs/` and is not measured again: a stopped measurement goes on.

    Raises:
        RequestError: a stage lacks its data.
    """
    choose_device("cpu", args.threads)
    makers = {"rich": Rich, "ids": Ids, "towers": Towers, "attribution": Reasons}
    path = args.out / REPORT
    for name in args.stages:
        with tempfile.TemporaryDirectory() as folder:
            maker = makers[name](args, Path(folder))
            seeds = range(1 if name == "attribution" else args.seeds)
            runs = [_measured(args.out / "runs" / f"{name}-{s}.json", maker, s) for s in seeds]
        before = Report.model_validate_json(path.read_text()) if path.is_file() else Report()
        stage = Stage(setup=maker.setup, rows=gathered(runs))
        report = Report(stages={**before.stages, name: stage})
        write_atomically(path, report.model_dump_json(indent=1) + "\n")
        write_atomically(args.out / PAGE, page(report))
    log.info("written: %s", path)


def _measured(path: Path, maker: Rich | Towers | Ids | Reasons, seed: int) -> Rows:
    """What was measured of a seed before under the same settings, or now."""
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["setup"] == maker.setup:
            return kept["rows"]
    rows = maker.measure(seed)
    log.info("%s: %s", path.stem, rows)
    write_atomically(path, json.dumps({"setup": maker.setup, "rows": rows}, indent=1) + "\n")
    return rows

"""The command: measures in stages, keeps what it has when it is stopped, writes JSON and the page."""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError
from safetensors import safe_open
from safetensors.numpy import save_file

from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import RenderDials
from vitrine.core.settings import Settings
from vitrine.evals.personal.arms import PRODUCT, Arms
from vitrine.evals.personal.bench import Seen, TasteBench, TasteJudge
from vitrine.evals.personal.calls import along_calls, calls_steps
from vitrine.evals.personal.drawn import Studio, drawing_steps, drawn
from vitrine.evals.personal.grid import keep_pictures
from vitrine.evals.personal.modes import modes_steps, two_taste_people, two_tastes
from vitrine.evals.personal.page import write_page
from vitrine.evals.personal.progress import Progress
from vitrine.evals.personal.report import Report, Setup
from vitrine.evals.personal.requests import with_requests
from vitrine.evals.personal.retrained import over_trainings, retrained_steps
from vitrine.evals.personal.stages import (
    Stage,
    along_dials,
    along_ratings,
    side_by_side,
    steps_of,
)
from vitrine.evals.personal.world import TasteWorld, read_world
from vitrine.models.dataset import Drawings, read_drawings
from vitrine.models.encoder import ClipEncoder
from vitrine.models.judge.model import Judge, load_judge
from vitrine.models.prior.prior import load_prior
from vitrine.models.prior.verifier import load_verifier
from vitrine.models.renderer import DiffusionRenderer
from vitrine.models.training import choose_device

log = logging.getLogger(__name__)

STAGES = ("arms", "dials", "ratings", "modes", "requests", "calls", "retrained", "drawn")
REPORT = "report.json"
SEEN = "seen.safetensors"
INTERRUPTED = 130
MODELS = ("prior", "verifier", "clip", "judge", "sd")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine eval personalization`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--shoppers", type=Path, required=True, help="folder of their simulation")
    parser.add_argument("--out", type=Path, required=True, help="folder of the report")
    parser.add_argument("--weights", type=Path, default=None, help="folder of weights (shipped)")
    parser.add_argument("--domain", default=Settings().domain)
    parser.add_argument("--results", type=Path, default=None, help="write this page, too")
    parser.add_argument(
        "--stages", nargs="*", choices=STAGES, default=list(STAGES),
        help="what to measure; other sections of a report in --out stay (none: write the page)",
    )  # fmt: skip
    parser.add_argument(
        "--retrained", type=Path, default=None,
        help="folder of priors in folders KIND-SEED, for the stage `retrained` (else left out)",
    )  # fmt: skip
    parser.add_argument("--people", type=int, default=120, help="unseen people, and known ones")
    parser.add_argument("--samples", type=int, default=30, help="samples a person")
    parser.add_argument(
        "--history", type=int, default=32, help="ratings that are known of a person"
    )
    parser.add_argument("--drawn-people", type=int, default=32)
    parser.add_argument("--pictures", type=int, default=4, help="pictures a person")
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="torch threads on the CPU")


@dataclass
class Session:
    """One run: the report grows section by section and is written after each."""

    report: Report
    out: Path

    def keep(self, name: str, section: object, seconds: float) -> None:
        """Add a section to what the folder holds by now and write the report.

        Stages of one measurement may run beside each other, in processes of their own.
        """
        self.report = earlier(self.out, self.report.setup, self.report.referees)
        times = {**self.report.seconds, name: round(seconds, 1)}
        self.report = self.report.model_copy(update={name: section, "seconds": times})
        self.write()

    def measure(self, names: Sequence[str], stages: Mapping[str, Callable[[], object]]) -> bool:
        """Run stages by name; False if that was interrupted, with what there is kept."""
        try:
            for name in names:
                started = time.monotonic()
                self.keep(name, stages[name](), time.monotonic() - started)
        except KeyboardInterrupt:
            kept = earlier(self.out, self.report.setup, self.report.referees)
            self.report = kept.model_copy(update={"stopped": True})
            self.write()
            return False
        return True

    def write(self) -> None:
        """Write the report as it is."""
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / REPORT
        fresh = path.with_suffix(".part")
        fresh.write_text(self.report.model_dump_json(indent=1) + "\n", encoding="utf-8")
        fresh.replace(path)


def run(args: argparse.Namespace) -> int:
    """Measure, write the report and the page; 130 if it was stopped."""
    for name in ("people", "samples", "history", "drawn_people", "pictures", "permutations"):
        least = 2 if "people" in name else 1
        if getattr(args, name) < least:
            option = "--" + name.replace("_", "-")
            raise RequestError(f"{option} {getattr(args, name)!r}: expected at least {least}")
    choose_device("cpu", args.threads)
    root = weights() if args.weights is None else args.weights
    world = read_world(args.data, args.shoppers, load_pack(domain_folder(args.domain)))
    free = len(world.shelf) - world.shopping.ratings_heldout
    for option, value in (("--samples", args.samples), ("--pictures", args.pictures)):
        if value > free:
            raise RequestError(
                f"{option} {value!r}: people have not rated {free} of the held-out items; expected"
                " at most as many"
            )
    drawings = read_drawings(args.data)
    looker = load_judge(root / "judge")
    encoder = ClipEncoder(root / "clip")
    if encoder.space != world.data.space:
        raise RequestError(
            f"{str(args.shoppers)!r} holds embeddings of {world.data.space!r}, the weights are of"
            f" {encoder.space!r}: embed the drawings again"
        )
    unseen = world.people("heldout", args.people)
    known = world.people("train", args.people)
    setup = _setup(args, root, world, len(unseen))
    seen = look_at(drawings, looker, len(world.data.images), args.out, setup.models["judge"])
    log.info("the judge learns the tastes of %d shoppers", len(world.people("validation")))
    judge = TasteJudge(world, seen)
    everybody = sorted({*unseen, *known, *world.people("heldout")})
    bench = TasteBench(
        world, seen, judge, load_verifier(root / "verifier"), everybody, history=args.history
    )
    referees = {"judge, unseen people": judge.quality(unseen),
                "judge, known people": judge.quality(known)}  # fmt: skip
    session = Session(earlier(args.out, setup, referees), args.out)
    prior = load_prior(root / "prior")
    arms = Arms(bench, prior, encoder, n=args.samples, seed=args.seed)
    few = Arms(bench, prior, encoder, n=args.pictures, seed=args.seed)
    people = unseen[: args.drawn_people]

    def stage(name: str, steps: int | None = None) -> Stage:
        progress = Progress(name, steps_of(name) if steps is None else steps)
        return Stage(bench, arms, unseen, known, args.permutations, args.seed, progress)

    def draw() -> object:
        renderer = DiffusionRenderer(root / "sd", encoder.space)
        design = Settings().design
        dials = RenderDials(design.steps, design.guidance, design.adapter_scale)
        studio = Studio(renderer, encoder, looker, drawings, dials)
        this = stage("drawn", drawing_steps(few, len(people)))
        section, shown = drawn(this, few, studio, people)
        keep_pictures(args.out, this, studio, people, shown, args.pictures)
        return section

    todo: dict[str, Callable[[], object]] = {
        "arms": lambda: side_by_side(stage("arms")),
        "dials": lambda: along_dials(stage("dials")),
        "ratings": lambda: along_ratings(stage("ratings")),
        "modes": lambda: two_tastes(stage("modes", modes_steps()), two_taste_people(world)),
        "requests": lambda: with_requests(stage("requests"), encoder),
        "calls": lambda: along_calls(stage("calls", calls_steps()), prior),
        "drawn": draw,
    }
    if args.retrained is not None:
        again, many = args.retrained, retrained_steps(args.retrained)
        todo["retrained"] = lambda: over_trainings(stage("retrained", many), again, prior)
    finished = session.measure([name for name in args.stages if name in todo], todo)
    if args.results is not None:
        write_page(session.report, args.results, args.out)
    if not finished:
        log.warning("stopped: %s has what was measured", session.out / REPORT)
        return INTERRUPTED
    text = session.report.model_dump_json(indent=1, exclude={"arms": {"p_values"}})
    sys.stdout.write(text + "\n")
    return 0


def look_at(drawings: Drawings, judge: Judge, count: int, folder: Path, digest: str) -> Seen:
    """What the judge sees in the first `count` drawings; kept in a file, since it takes a while."""
    path = folder / SEEN
    mark = f"{drawings.sha256} {digest} {count}"
    if path.is_file():
        with safe_open(path, framework="numpy") as file:
            if (file.metadata() or {}).get("of") == mark:
                return Seen(file.get_tensor("chances"), file.get_tensor("pooled"))
    progress = Progress("the judge looks at drawings", count)
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for start in range(0, count, 256):
        stop = min(start + 256, count)
        parts.append(judge.inspect(np.asarray(drawings.pictures[start:stop])))
        progress.step(stop - start)
    seen = Seen(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"chances": seen.chances, "pooled": seen.pooled}, path, metadata={"of": mark})
    return seen


def _setup(args: argparse.Namespace, root: Path, world: TasteWorld, people: int) -> Setup:
    words = ["vitrine eval personalization"]
    for name, value in sorted(vars(args).items()):
        if value is None or name in {"out", "results", "stages", "threads", "words"}:
            continue
        place = isinstance(value, Path) or (name == "domain" and os.sep in str(value))
        shown = Path(str(value)).name if place else value
        words.append(f"--{name.replace('_', '-')} {shown}")
    return Setup(
        command=" ".join(words),
        seed=args.seed,
        people=people,
        drawn_people=min(args.drawn_people, people),
        pictures=args.pictures,
        samples=args.samples,
        history=args.history,
        permutations=args.permutations,
        guidance_user=PRODUCT,
        shelf=len(world.shelf),
        items=len(world.data.images),
        shoppers_sha256=world.data.sha256,
        models={name: _digest(root / name) for name in MODELS},
        world={key: float(value) for key, value in world.shopping.model_dump().items()},
    )


def _digest(folder: Path) -> str:
    """Twelve digits of the SHA-256 over the weights of a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def earlier(folder: Path, setup: Setup, referees: dict[str, dict[str, float]]) -> Report:
    """The report in the folder if it is of the same measurement, else an empty one."""
    rounded = {
        name: {key: round(value, 4) for key, value in found.items()}
        for name, found in referees.items()
    }
    path = folder / REPORT
    if path.is_file():
        try:
            old = Report.model_validate_json(path.read_bytes())
        except ValidationError:
            log.warning("%s is of another version and is written anew", path)
        else:
            kept = _still_true(old, setup)
            if kept is not None:
                return kept.model_copy(update={"referees": rounded, "stopped": False})
    return Report(setup=setup, referees=rounded)


def _still_true(old: Report, setup: Setup) -> Report | None:
    """What an earlier report says of this measurement; None if it is of another one.

    How much is drawn matters to the drawn pictures alone.
    """
    drawing = {"drawn_people", "pictures"}
    shared = drawing | {"command"}
    if old.setup.model_dump(exclude=shared) != setup.model_dump(exclude=shared):
        return None
    update: dict[str, object] = {"setup": setup}
    if old.setup.model_dump(include=drawing) != setup.model_dump(include=drawing):
        times = {name: seconds for name, seconds in old.seconds.items() if name != "drawn"}
        update |= {"drawn": None, "seconds": times}
    return old.model_copy(update=update)


def main() -> int:
    """`python -m vitrine.evals.personal.run --data F --shoppers F --out F`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="vitrine eval personalization", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main())

"""The command: draws, looks, and writes figures, a page and its JSON, section by section."""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import ValidationError

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError
from vitrine.core.ports import RenderDials, Scorer
from vitrine.evals.generation.combinations import (
    MOST_REAL,
    Combinations,
    contact_sheet,
    flat_figures,
)
from vitrine.evals.generation.conditions import Studio
from vitrine.evals.generation.drawing import Drawer
from vitrine.evals.generation.interests import InterestWays, interest_section
from vitrine.evals.generation.looking import LEAST, Looked, Looker, build_looker
from vitrine.evals.generation.markdown_page import write_results
from vitrine.evals.generation.networks import (
    Trained,
    command_of,
    knows_nobody,
    networks_of,
    networks_section,
)
from vitrine.evals.generation.options import add_arguments, check, encoder_of, folder_of
from vitrine.evals.generation.page import page
from vitrine.evals.generation.people import Crowd, Request, choose_requests
from vitrine.evals.generation.report import Report, Section, Setup
from vitrine.evals.generation.sections import (
    Can,
    combinations_section,
    conditions_of,
    people_section,
    sweep_section,
    sweeps_of,
)
from vitrine.evals.personal.bench import TasteBench, TasteJudge
from vitrine.evals.personal.progress import Progress
from vitrine.evals.personal.run import look_at
from vitrine.evals.personal.world import TasteWorld, read_world
from vitrine.models.dataset import Drawings, read_drawings
from vitrine.models.embed import open_clip_of
from vitrine.models.encoder import ClipEncoder
from vitrine.models.interest.attention import load_interest
from vitrine.models.judge.model import load_judge
from vitrine.models.prior.prior import load_prior
from vitrine.models.prior.verifier import load_verifier
from vitrine.models.renderer import DiffusionRenderer
from vitrine.models.reward.scorer import load_reward
from vitrine.models.training import choose_device, write_atomically

log = logging.getLogger(__name__)

REPORT, PAGE, FIGURES, SHEET = "report.json", "report.html", "figures.json", "sheet.png"
INTERRUPTED = 130
MODELS = ("sd", "clip", "judge", "prior", "verifier", "reward", "interest", "perfusion")


@dataclass
class Session:
    """One run: the report grows section by section, and all files are written after each."""

    report: Report
    out: Path

    def keep(self, key: str, section: Section, seconds: float) -> None:
        """Add a section, in the order in which they are named."""
        kept = {
            **self.report.sections,
            key: section.model_copy(update={"seconds": round(seconds, 1)}),
        }
        self.report = self.report.model_copy(update={"sections": kept})
        self.write()

    def write(self) -> None:
        """Write the report and its page as they are."""
        self.out.mkdir(parents=True, exist_ok=True)
        write_atomically(self.out / REPORT, self.report.model_dump_json(indent=1) + "\n")
        write_atomically(self.out / PAGE, page(self.report, self.out))


def run(args: argparse.Namespace) -> int:
    """Measure, write figures and pages; 130 if it was stopped.

    Raises:
        RequestError: an option is out of range, or a folder does not fit.
    """
    check(args)
    choose_device("cpu", args.threads)
    pack = load_pack(args.pack)
    drawings = read_drawings(args.data)
    encoder = ClipEncoder(args.weights / "clip")
    looker = build_looker(
        load_judge(args.weights / "judge"),
        encoder,
        backbones=args.backbones,
        clips=dict(encoder_of(word) for word in args.encoder),
        aesthetic=args.aesthetic,
    )
    bench = None if args.shoppers is None else _bench(args, drawings, looker, pack, encoder)
    interest = folder_of(args.interest, args.weights / "interest")
    perfusion = folder_of(args.perfusion, args.weights / "perfusion")
    can = Can(branches=interest is not None, personal=perfusion is not None)
    setup = _setup(args, drawings, bench, interest, perfusion)
    left_out = [*looker.left_out, *_missing(bench, can)]
    session = Session(_earlier(args.out, setup, tuple(left_out)), args.out)
    renderer = DiffusionRenderer(
        args.weights / "sd", encoder.space, interest=interest, personal=perfusion
    )
    dials = RenderDials(args.steps, args.guidance, args.adapter_scale)

    def drawer(label: str, pictures: int) -> Drawer:
        return Drawer(renderer, args.out / "drawn", setup.models, Progress(label, pictures))

    def combinations() -> dict[str, Section]:
        prior = args.weights / "prior"
        steps = args.seeds * args.count * (6 if prior.is_dir() else 4)
        what = Combinations(
            drawer("combinations", steps), looker, encoder, drawings, pack, dials,
            load_prior(prior) if prior.is_dir() else None,
            seeds=args.seeds, count=args.count, first_seed=args.seed,
        )  # fmt: skip
        section, shown = combinations_section(what, args.out)
        _write_figures(args, section, shown, pack)
        return {"combinations": section}

    @cache
    def studio() -> Studio:
        assert bench is not None
        prior = load_prior(args.weights / "prior")
        return Studio(bench, encoder, prior, bench.scorer, encoder.budget, dials)

    @cache
    def reward() -> Scorer | None:
        folder = folder_of(None, args.weights / "reward")
        return (
            None
            if folder is None
            else load_reward(folder, *open_clip_of(args.weights / "clip")[:2])
        )

    @cache
    def real() -> Looked:
        requests = choose_requests(drawings, pack, args.requests, args.seed)
        return _real(drawings, looker, requests, args.seed)

    def crowd(label: str, count: int, ways: int) -> Crowd:
        requests = choose_requests(drawings, pack, args.requests, args.seed)
        users = studio().bench.world.people("heldout")[args.first_person :][:count]
        pictures = ways * len(users) * len(requests) * args.seeds
        return Crowd(
            studio(), drawer(label, pictures), looker, drawings, users, requests,
            args.seeds, real(), args.permutations, args.seed, reward(),
        )  # fmt: skip

    def people() -> dict[str, Section]:
        ways = len(conditions_of(studio(), can))
        return {"people": people_section(crowd("people", args.people, ways), can, args.out)}

    def sweeps() -> dict[str, Section]:
        return {
            sweep.key: sweep_section(
                crowd(sweep.title, args.sweep_people, len(sweep.conditions)), sweep, args.out
            )
            for sweep in sweeps_of(studio(), can)
            if sweep.key in args.sweeps
        }

    def interests() -> dict[str, Section]:
        assert interest is not None
        ways = InterestWays.build(studio(), drawings, load_interest(interest))
        first = crowd("interests", args.people, 1)
        count = len(ways.conditions(first.people))
        # The interests come folded: the renderer's own attention has no part in it.
        plain = DiffusionRenderer(args.weights / "sd", encoder.space)
        told = Progress("interests", count * len(first.asks()))
        part = replace(first, drawer=Drawer(plain, args.out / "drawn", setup.models, told))
        return {"interests": interest_section(part, ways, args.out)}

    networks = networks_of(args.network)

    def compared() -> dict[str, Section]:
        first = crowd("words", args.people, 1)
        trained: dict[str, list[Trained]] = {}
        for name, folders in networks.items():
            for folder in folders:
                personal = DiffusionRenderer(args.weights / "sd", encoder.space, personal=folder)
                models = {**setup.models, "perfusion": weights_digest(folder)}
                told = Progress(name, len(first.asks()))
                one = Drawer(personal, args.out / "drawn", models, told)
                some = Trained(one, knows_nobody(folder), command_of(folder))
                trained.setdefault(name, []).append(some)
        found = networks_section(first, trained, args.out, guidance=args.personal_guidance)
        return {"networks": found}

    todo: dict[str, Callable[[], Mapping[str, Section]]] = {"combinations": combinations}
    if bench is not None:
        todo |= {"people": people, "sweeps": sweeps}
        if can.branches:
            todo["interests"] = interests
        if networks:
            todo["networks"] = compared
    finished = _measure(session, {name: todo[name] for name in args.sections if name in todo})
    if args.results is not None:
        write_results(session.report, args.results, args.out)
    if not finished:
        log.warning("stopped: %s has what was measured", args.out / REPORT)
        return INTERRUPTED
    words = session.report.sections.get("combinations")
    figures = {} if words is None else flat_figures(words.rows, pack)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    log.info("the page: %s", args.out / PAGE)
    return 0


def _measure(session: Session, todo: Mapping[str, Callable[[], Mapping[str, Section]]]) -> bool:
    """Run sections by name; False if that was interrupted, with what there is kept."""
    try:
        for make in todo.values():
            started = time.monotonic()
            found = make()
            took = time.monotonic() - started
            for key, section in found.items():
                session.keep(key, section, took / len(found))
    except KeyboardInterrupt:
        session.report = session.report.model_copy(update={"stopped": True})
        session.write()
        return False
    session.write()
    return True


def _missing(bench: TasteBench | None, can: Can) -> list[str]:
    if bench is None:
        return ["people and dials: no simulated shoppers were given (`--shoppers`)"]
    found: list[str] = []
    if not can.branches:
        found.append(
            "three branches: there are no weights of the interest attention (`--interest`)"
        )
    if not can.personal:
        found.append("PerFusion: there are no weights of the personal network (`--perfusion`)")
    return found


def _bench(
    args: argparse.Namespace,
    drawings: Drawings,
    looker: Looker,
    pack: DomainPack,
    encoder: ClipEncoder,
) -> TasteBench:
    """The referees of taste, and what they see in every item.

    Raises:
        RequestError: shoppers and weights are of different embedding spaces.
    """
    world: TasteWorld = read_world(args.data, args.shoppers, pack)
    if encoder.space != world.data.space:
        raise RequestError(
            f"{str(args.shoppers)!r} holds embeddings of {world.data.space!r}, the weights are of"
            f" {encoder.space!r}: embed the drawings again"
        )
    digest = weights_digest(args.weights / "judge")
    seen = look_at(drawings, looker.judge, len(world.data.images), args.out, digest)
    count = max(args.people, args.sweep_people)
    people = world.people("heldout")[args.first_person :][:count]
    if len(people) < 2:
        raise RequestError(f"{str(args.shoppers)!r} has no two held-out shoppers (from there)")
    return TasteBench(
        world, seen, TasteJudge(world, seen), load_verifier(args.weights / "verifier"), people,
        history=args.history,
    )  # fmt: skip


def _real(drawings: Drawings, looker: Looker, requests: Sequence[Request], seed: int) -> Looked:
    """Real drawings of what was asked, as many of each request: what sets are compared with."""
    rows: list[int] = []
    each = MOST_REAL // len(requests)
    rng = np.random.default_rng([seed, 9])
    order = rng.permutation(len(drawings.captions)).tolist()
    for request in requests:
        fits = [row for row in order if request.asked.items() <= drawings.values(row).items()]
        rows += fits[:each]
    if len(rows) < LEAST:
        log.warning("%d drawings show what was asked: no set distances", len(rows))
        return Looked([], {})
    return looker.look([np.asarray(drawings.pictures[row]) for row in rng.permutation(rows)])


def _write_figures(
    args: argparse.Namespace, section: Section, shown: list[np.ndarray], pack: DomainPack
) -> None:
    """`figures.json`, the sheet of pictures, and the card if that is wanted."""
    figures = flat_figures(section.rows, pack)
    args.out.mkdir(parents=True, exist_ok=True)
    write_atomically(args.out / FIGURES, json.dumps(figures, indent=1) + "\n")
    each = len(shown) // len(section.rows)
    rows = [shown[start : start + each] for start in range(0, len(shown), each)]
    Image.fromarray(contact_sheet(rows)).save(args.out / SHEET)
    if args.card:
        path = args.weights / "sd" / "card.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        card["figures"] |= figures
        write_atomically(path, json.dumps(card, indent=2) + "\n")


def _setup(
    args: argparse.Namespace,
    drawings: Drawings,
    bench: TasteBench | None,
    interest: Path | None,
    perfusion: Path | None,
) -> Setup:
    places = {name: args.weights / name for name in MODELS}
    places |= {
        "interest": interest or places["interest"],
        "perfusion": perfusion or places["perfusion"],
    }
    models = {name: weights_digest(path) for name, path in places.items() if path.is_dir()}
    words = ["vitrine eval generation"]
    left = {"out", "results", "sections", "sweeps", "threads", "words", "card"}
    for name, value in sorted(vars(args).items()):
        if value is None or value == [] or name in left:
            continue
        option = "--" + name.replace("_", "-")
        for one in value if isinstance(value, list) else [value]:
            name, equals, folder = str(one).rpartition("=")  # no paths of this machine
            words.append(f"{option} {name}{equals}{folder.rpartition('/')[2]}")
    return Setup(
        command=" ".join(words),
        seeds=args.seeds,
        steps=args.steps,
        guidance=args.guidance,
        adapter_scale=args.adapter_scale,
        models=models,
        drawings_sha256=drawings.sha256,
        shoppers_sha256=None if bench is None else bench.world.data.sha256,
    )


def weights_digest(folder: Path) -> str:
    """Twelve digits of the SHA-256 over the weights of a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def _earlier(folder: Path, setup: Setup, left_out: tuple[str, ...]) -> Report:
    """The report in the folder if it is of the same measurement, else an empty one."""
    path = folder / REPORT
    if path.is_file():
        try:
            old = Report.model_validate_json(path.read_bytes())
        except ValidationError:
            log.warning("%s is of another version and is written anew", path)
        else:
            if old.setup == setup:
                return old.model_copy(update={"left_out": left_out, "stopped": False})
    return Report(setup=setup, left_out=left_out)


def main() -> int:
    """`python -m vitrine.evals.generation.run --data F --weights F --pack F --out F`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(prog="vitrine eval generation", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main())

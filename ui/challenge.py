"""`vitrine eval challenge`: look for dialogues that fail, and write each as its shortest script."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from vitrine.core.errors import RequestError
from vitrine.core.settings import read_settings
from vitrine.ui.progress import counting

if TYPE_CHECKING:
    from vitrine.evals.challenger import Challenge
    from vitrine.evals.fuzzing import Fuzzed
    from vitrine.evals.scripts import Script


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to try."""
    parser.add_argument("--count", type=int, default=200, help="dialogues to try (default 200)")
    parser.add_argument("--fuzz", type=int, default=0, metavar="TURNS", help="fuzzed messages")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--domain", default="swatches")
    parser.add_argument(
        "--scripts", type=Path, nargs="*", help="scripts to say otherwise (default: the domain's)"
    )
    parser.add_argument(
        "--models",
        choices=("fake", "backend"),
        default="fake",
        help="picture models: fakes (fast, the default) or the backend's",
    )
    parser.add_argument("--out", type=Path, help="folder for the shrunk scripts and challenge.json")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """0: everything held; 1: something failed."""
    if args.count < 0 or args.fuzz < 0:
        raise RequestError("--count and --fuzz: expected 0 or more")
    with tempfile.TemporaryDirectory(prefix="vitrine-challenge-") as scratch:
        challenge, fuzzed = asyncio.run(_run(args, scratch))
    scripts = _scripts(challenge, fuzzed, args.domain)
    if args.out:
        _write(args.out, scripts, challenge, fuzzed)
    if args.json:
        print(json.dumps(_plain(challenge, fuzzed), ensure_ascii=False))
    for script, why in scripts:
        print(f"FAIL {script.dialogue}: {why}", file=sys.stderr)
        for turn in script.turns:
            print(f"     {turn.say[:160]!r}", file=sys.stderr)
    if challenge is not None:
        parts = ", ".join(f"{k} {n - bad}/{n}" for k, (n, bad) in challenge.by_source.items())
        print(f"dialogues that held: {parts}; {challenge.turns} turns", file=sys.stderr)
    if fuzzed is not None:
        rules = ", ".join(f"{rule} {n}" for rule, n in fuzzed.rules.items()) or "none"
        print(
            f"fuzzed turns: {fuzzed.turns}, refused at the door {fuzzed.refused},"
            f" broken {fuzzed.broken_turns} (rules: {rules})",
            file=sys.stderr,
        )
    if args.out and scripts:
        print(f"scripts: {args.out}", file=sys.stderr)
    return 1 if scripts else 0


async def _run(args: argparse.Namespace, scratch: str) -> "tuple[Challenge | None, Fuzzed | None]":
    from vitrine.core import places
    from vitrine.evals.challenger import Challenger, oracle_cases, perturbed_cases
    from vitrine.evals.fuzzing import fuzz
    from vitrine.evals.replay import Player
    from vitrine.evals.scripts import load_scripts
    from vitrine.evals.stand_ins import fake_models

    settings = read_settings(home=scratch, domain=args.domain)
    models = fake_models if args.models == "fake" else None
    folder = places.domain_folder(args.domain) / "dialogues"
    given = args.scripts if args.scripts is not None else [folder] if folder.is_dir() else []
    scripts = load_scripts(given) if given else []
    scripts = [s for s in scripts if (s.domain or args.domain) == args.domain]
    challenge: Challenge | None = None
    fuzzed: Fuzzed | None = None
    async with Player(settings, models, invariants=True) as player:
        shop = await player.shop(args.domain)
        catalogue = shop.wired.catalogue
        if args.count:
            challenger = Challenger(player)
            half = args.count // 2 if scripts else 0
            cases = [
                *oracle_cases(catalogue, args.domain, args.count - half, args.seed),
                *await perturbed_cases(challenger, scripts, catalogue, half, args.seed),
            ]
            with counting("challenge", len(cases)) as count:
                challenge = await challenger.run(cases, args.seed, lambda done, _, __: count(done))
        if args.fuzz:
            corpus = [turn.say for script in scripts for turn in script.turns if turn.say]
            with counting("fuzz", args.fuzz) as count:
                fuzzed = await fuzz(
                    shop,
                    corpus,
                    count=args.fuzz,
                    seed=args.seed,
                    on_turn=lambda done, _, __: count(done),
                )
    return challenge, fuzzed


def _scripts(
    challenge: "Challenge | None", fuzzed: "Fuzzed | None", domain: str
) -> "list[tuple[Script, str]]":
    """Every finding as a script, and what is wrong with it."""
    found = [(f.script, f.detail) for f in (challenge.findings if challenge else ())]
    for number, broken in enumerate(fuzzed.findings if fuzzed else ()):
        name = f"fuzz-{domain.rsplit('/', 1)[-1]}-{fuzzed.seed if fuzzed else 0}-{number}"
        found.append((broken.script(name, domain), f"{broken.detail} ({broken.times} times)"))
    return found


def _write(
    folder: Path,
    scripts: "list[tuple[Script, str]]",
    challenge: "Challenge | None",
    fuzzed: "Fuzzed | None",
) -> None:
    from vitrine.evals.scripts import dump_script

    folder.mkdir(parents=True, exist_ok=True)
    for script, why in scripts:
        name = "".join(c if c.isalnum() or c in "-_" else "-" for c in script.dialogue)
        comment = "# " + " ".join(why.split()) + "\n"
        (folder / f"{name}.yaml").write_text(
            comment.encode("utf-8", "replace").decode("utf-8") + dump_script(script),
            encoding="utf-8",
            errors="backslashreplace",
        )
    (folder / "challenge.json").write_text(
        json.dumps(_plain(challenge, fuzzed), indent=2), encoding="utf-8"
    )


def _plain(challenge: "Challenge | None", fuzzed: "Fuzzed | None") -> dict[str, object]:
    return {
        "challenge": challenge.model_dump(mode="json") if challenge is not None else None,
        "fuzz": fuzzed.model_dump(mode="json") if fuzzed is not None else None,
    }

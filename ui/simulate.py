"""`vitrine eval simulate`: simulated shoppers talk to the shop until they find what they are after."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.core.settings import read_settings
from vitrine.ui.progress import counting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who talks to what."""
    parser.add_argument("--shoppers", type=int, default=100, help="how many (default 100)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--domain")
    parser.add_argument(
        "--without",
        action="append",
        choices=("clarify", "soft"),
        default=[],
        help="compare with the agent without this part (may be given several times)",
    )
    parser.add_argument(
        "--models",
        choices=("backend", "fake"),
        default="backend",
        help="picture models: the backend's (default), or fakes",
    )
    parser.add_argument("--out", type=Path, help="folder for simulate.json and simulate.md")
    parser.add_argument("--json", action="store_true", help="print JSON instead of Markdown")


def run(args: argparse.Namespace) -> int:
    """0 when done: figures are not judged here."""
    from vitrine.evals.simulation import markdown, simulate
    from vitrine.evals.stand_ins import fake_models

    if args.shoppers < 2:
        raise RequestError(f"--shoppers {args.shoppers}: expected at least 2")
    without = tuple(dict.fromkeys(args.without))
    with tempfile.TemporaryDirectory(prefix="vitrine-simulate-") as scratch:
        settings = read_settings(home=scratch, domain=args.domain)
        with counting("simulate", args.shoppers * (1 + len(without))) as count:
            result = asyncio.run(
                simulate(
                    settings,
                    shoppers=args.shoppers,
                    seed=args.seed,
                    without=without,
                    models=fake_models if args.models == "fake" else None,
                    on_talk=lambda done, _: count(done),
                )
            )
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "simulate.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
        (args.out / "simulate.md").write_text(markdown(result), encoding="utf-8")
        print(f"figures: {args.out}", file=sys.stderr)
    print(result.model_dump_json() if args.json else markdown(result), end="")
    return 0

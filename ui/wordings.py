"""`vitrine eval wording`: how many lies of a model reach the reader, with the check and without."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.core.settings import read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much to ask."""
    parser.add_argument("--replies", type=int, default=200, help="replies to word (default 200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--domain")
    parser.add_argument("--out", type=Path, help="folder for wording.json and wording.md")
    parser.add_argument("--json", action="store_true", help="print JSON instead of Markdown")


def run(args: argparse.Namespace) -> int:
    """0 when done: figures are not judged here."""
    from vitrine.evals.stand_ins import fake_models
    from vitrine.evals.wordings import compare_wordings, markdown

    if args.replies < 1:
        raise RequestError(f"--replies {args.replies}: expected at least 1")
    with tempfile.TemporaryDirectory(prefix="vitrine-wording-") as scratch:
        settings = read_settings(home=scratch, domain=args.domain)
        result = asyncio.run(
            compare_wordings(settings, replies=args.replies, seed=args.seed, models=fake_models)
        )
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "wording.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
        (args.out / "wording.md").write_text(markdown(result), encoding="utf-8")
        print(f"figures: {args.out}", file=sys.stderr)
    print(result.model_dump_json() if args.json else markdown(result), end="")
    return 0

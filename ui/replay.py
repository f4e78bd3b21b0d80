"""`vitrine replay`: play scripted dialogues and report what held."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from vitrine.core.settings import read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine replay`."""
    parser.add_argument(
        "paths", nargs="+", type=Path, help="scripts (*.yaml, *.jsonl) or folders of them"
    )
    parser.add_argument("--domain", help="domain of scripts that name none")
    parser.add_argument("--understanding", choices=("builtin",), default="builtin")
    parser.add_argument("--out", type=Path, help="folder for report.json and the pictures")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """0: every dialogue holds; 1: some fail."""
    from vitrine.evals.replay import replay
    from vitrine.evals.report import PlayedDialogue
    from vitrine.evals.scripts import load_scripts

    scripts = load_scripts(args.paths)
    progress = Console(stderr=True)

    def tell(done: int, total: int, dialogue: PlayedDialogue) -> None:
        mark = "ok  " if dialogue.passed else "FAIL"
        progress.print(f"{mark} {done}/{total} {dialogue.dialogue}", markup=False, highlight=False)
        if dialogue.error:
            progress.print(f"     {dialogue.error}", markup=False, highlight=False)
        for turn in dialogue.turns:
            for failure in turn.failures:
                progress.print(
                    f"     turn {turn.turn}: {failure.key}: expected {failure.expected!r},"
                    f" found {failure.found!r}",
                    markup=False,
                    highlight=False,
                )

    with tempfile.TemporaryDirectory(prefix="vitrine-replay-") as scratch:
        home = args.out or Path(scratch)
        home.mkdir(parents=True, exist_ok=True)
        settings = read_settings(domain=args.domain, home=str(home))
        report = asyncio.run(replay(scripts, settings, tell))
        if args.out:
            (args.out / "report.json").write_text(
                report.model_dump_json(indent=2), encoding="utf-8"
            )
    if args.json:
        print(report.model_dump_json())
    totals = report.totals
    summary = (
        f"{totals.dialogues_passed}/{totals.dialogues} dialogues,"
        f" {totals.turns_passed}/{totals.turns} turns hold"
    )
    if totals.joint_goal_accuracy is not None:
        summary += f"; joint goal accuracy {totals.joint_goal_accuracy:.3f}"
    print(summary, file=sys.stderr)
    return 0 if totals.dialogues_passed == totals.dialogues else 1

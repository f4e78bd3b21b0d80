"""`vitrine replay`: play scripted dialogues and report what held."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from vitrine.core.errors import RequestError
from vitrine.core.settings import Settings, read_settings
from vitrine.ui.progress import bar

if TYPE_CHECKING:
    from vitrine.evals.compare import Comparison
    from vitrine.evals.report import Figures, PlayedDialogue, Report
    from vitrine.evals.scripts import Script

STOPPED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine replay`."""
    parser.add_argument(
        "paths", nargs="+", type=Path, help="scripts (*.yaml, *.jsonl) or folders of them"
    )
    parser.add_argument("--domain", help="domain of scripts that name none")
    parser.add_argument("--understanding", choices=("builtin", "llm"), help="who reads messages")
    parser.add_argument("--wording", choices=("builtin", "llm"), help="who writes replies")
    parser.add_argument(
        "--out", type=Path, help="folder for report.json, junit.xml, index.html and the pictures"
    )
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="say what changed since")
    parser.add_argument(
        "--split",
        choices=("dev", "test", "all"),
        help="part of the scripts; by default the `test` folders inside of a folder are left out",
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes to play in (default 1)")
    parser.add_argument(
        "--invariants", action="store_true", help="check after every turn what must always hold"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """0: every dialogue holds; 1: some fail; 130: stopped before the end."""
    from vitrine.evals.compare import compare
    from vitrine.evals.report import read_report
    from vitrine.evals.scripts import load_scripts

    if args.jobs < 1:
        raise RequestError(f"--jobs {args.jobs}: expected at least 1")
    found = load_scripts(args.paths, held_out=args.split in ("test", "all"))
    scripts = [script for script in found if args.split in (None, "all", script.split)]
    if not scripts:
        raise RequestError(f"no script of the split {args.split!r} in {_names(args.paths)}")
    old = read_report(args.compare) if args.compare else None
    warn(scripts, args.domain)
    with tempfile.TemporaryDirectory(prefix="vitrine-replay-") as scratch:
        home = fresh(args.out / "replay-home") if args.out else Path(scratch)
        report = play(scripts, settings_of(args, home), args.jobs, invariants=args.invariants)
        changes = compare(old, report) if old is not None else None
        if args.out:
            write(report, args.out, changes)
    if args.json:
        print(report.model_dump_json())
    tell(report, changes)
    if args.out:
        print(f"report: {args.out / 'index.html'}", file=sys.stderr)
    if report.totals.stopped:
        return STOPPED
    return 0 if report.totals.dialogues_passed == report.totals.dialogues else 1


def fresh(folder: Path) -> Path:
    """The folder, empty: conversations of an earlier replay must not be continued."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def settings_of(args: argparse.Namespace, home: Path) -> Settings:
    """The settings of the environment, with what the command line says."""
    return read_settings(
        domain=args.domain,
        home=str(home),
        understanding=args.understanding,
        wording=args.wording,
    )


def _names(paths: "Sequence[Path]") -> str:
    return ", ".join(map(str, paths))


def warn(scripts: "Sequence[Script]", domain: str | None) -> None:
    """Say which facets no domain knows, before anything is played."""
    from vitrine.core import places
    from vitrine.core.domain import load_pack
    from vitrine.evals.replay import strangers

    fallback = read_settings(domain=domain).domain
    names = dict.fromkeys(script.domain or fallback for script in scripts)
    packs = {name: load_pack(places.domain_folder(name)) for name in names}
    for script in scripts:
        for line in strangers(script, packs[script.domain or fallback]):
            print(f"warning: {line}", file=sys.stderr)


def play(
    scripts: "Sequence[Script]", settings: Settings, jobs: int, *, invariants: bool = False
) -> "Report":
    """Play, with a progress bar on a terminal and plain lines elsewhere."""
    from vitrine.evals.jobs import replay_in_processes
    from vitrine.evals.replay import replay

    console = Console(stderr=True)
    progress = bar("replay", console)
    task = progress.add_task("replay", total=len(scripts))

    def told(done: int, total: int, dialogue: "PlayedDialogue") -> None:
        progress.update(task, completed=done)
        if not console.is_terminal or not dialogue.passed:
            for line in _lines(done, total, dialogue):
                console.print(line, markup=False, highlight=False, soft_wrap=True)

    with progress:
        if jobs > 1 and len(scripts) > 1:
            return replay_in_processes(scripts, settings, told, jobs=jobs, invariants=invariants)
        return asyncio.run(replay(scripts, settings, told, invariants=invariants))


def _lines(done: int, total: int, dialogue: "PlayedDialogue") -> list[str]:
    lines = [f"{'ok  ' if dialogue.passed else 'FAIL'} {done}/{total} {dialogue.dialogue}"]
    if dialogue.error:
        lines.append(f"     {dialogue.error}")
    lines += [
        f"     turn {turn.turn}: {f.key}: expected {f.expected!r}, found {f.found!r}"
        for turn in dialogue.turns
        for f in turn.failures
    ]
    return lines


def write(report: "Report", folder: Path, changes: "Comparison | None") -> None:
    """Write report.json, junit.xml and index.html."""
    from vitrine.evals.junit import junit
    from vitrine.evals.page import page

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("report.json", report.model_dump_json(indent=2)),
        ("junit.xml", junit(report)),
        ("index.html", page(report, changes)),
    ):
        (folder / name).write_text(text, encoding="utf-8")


def tell(report: "Report", changes: "Comparison | None") -> None:
    """The totals on stderr, by split where there are two, and what changed."""
    from vitrine.evals.compare import lines

    totals = report.totals
    rows: list[tuple[str, Figures]] = [("", totals)]
    if len(totals.splits) > 1:
        rows += [(f"{name}: ", part) for name, part in totals.splits.items()]
    for title, part in rows:
        print(title + _summary(part), file=sys.stderr)
    if totals.stopped:
        print("stopped before the end: what was played until then counts", file=sys.stderr)
    for line in lines(changes) if changes is not None else ():
        print(f"  {line}", file=sys.stderr)


def _summary(part: "Figures") -> str:
    turns = f"{part.turns_passed}/{part.turns} turns hold"
    parts = [f"{part.dialogues_passed}/{part.dialogues} dialogues, {turns}"]
    for name, value in (
        ("joint goal accuracy", part.joint_goal_accuracy),
        ("slot F1", part.slot_f1),
        ("intent micro F1", part.intent_micro_f1),
        ("macro", part.intent_macro_f1),
        ("act accuracy", part.act_accuracy),
        ("task success", part.task_success),
        ("turns to success", part.turns_to_success),
    ):
        if value is not None:
            parts.append(f"{name} {value:.3f}")
    return "; ".join(parts)

"""A user's profile: show, edit as text, export everything, be forgotten.

The profile is the user's own: Markdown with the headings I like, I avoid, Practicalities,
Aspirations, For now, and one sentence a bullet.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.memory.stores import Stores, open_stores

MAX_TEXT_BYTES = 1_000_000
TEMPLATE = "## I like\n\n## I avoid\n\n## Practicalities\n\n## Aspirations\n\n## For now\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine profile`."""
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="{show,edit,export,forget}"
    )
    show = commands.add_parser("show", help="print the profile")
    show.add_argument("--json", action="store_true", help="with where each sentence comes from")
    edit = commands.add_parser("edit", help="change the profile in $EDITOR, or from a file")
    edit.add_argument("--file", help="Markdown to take as the new profile; - for standard input")
    export = commands.add_parser("export", help="everything stored about the user, as JSON")
    export.add_argument("--out", type=Path, help="file to write (default: standard output)")
    forget = commands.add_parser("forget", help="delete everything stored about the user")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    for command in (show, edit, export, forget):
        command.add_argument("--user", required=True, help="whose")


def run(args: argparse.Namespace) -> int:
    """0: done; 1: there was nothing to forget, or the person said no."""
    with open_stores() as stores:
        match args.command:
            case "show":
                return _show(stores, args.user, as_json=args.json)
            case "edit":
                return _edit(stores, args.user, args.file)
            case "export":
                return _export(stores, args.user, args.out)
            case _:
                return _forget(stores, args.user, sure=args.yes)


def _today() -> date:
    return datetime.now().astimezone().date()


def _show(stores: Stores, user: str, *, as_json: bool) -> int:
    profile = stores.profiles.get(user)
    if as_json:
        print(profile.model_dump_json(indent=2))
    elif text := profile.markdown(_today()):
        print(text, end="")
    else:
        print(f"nothing is remembered about {user!r}", file=sys.stderr)
    return 0


def _edit(stores: Stores, user: str, source: str | None) -> int:
    before = stores.profiles.get(user).markdown(_today())
    text = _edited(before or TEMPLATE) if source is None else _read(source)
    after = stores.profiles.edit(user, text, _today())
    print(f"{len(after.sentences)} sentences kept for {user!r}", file=sys.stderr)
    return 0


def _read(source: str) -> str:
    try:
        raw = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1) if source == "-" else _bytes(Path(source))
        if len(raw) > MAX_TEXT_BYTES:
            raise RequestError(f"--file {source!r} is longer than {MAX_TEXT_BYTES} bytes")
        return raw.decode("utf-8")
    except OSError as error:
        raise RequestError(f"--file {source!r} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RequestError(f"--file {source!r} is not UTF-8 text: {error.reason}") from error


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_TEXT_BYTES + 1)


def _edited(text: str) -> str:
    """The text after the person has changed it in their editor."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    if not sys.stdin.isatty() or shutil.which(command[0]) is None:
        raise RequestError(
            f"no terminal with the editor {command[0]!r}: use --file PATH or --file -"
        )
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder:
        path = Path(folder) / "profile.md"
        path.write_text(text, encoding="utf-8")
        if subprocess.run([*command, str(path)], check=False).returncode != 0:
            raise RequestError(f"the editor {command[0]!r} failed: the profile is as it was")
        return _read(str(path))


def _export(stores: Stores, user: str, out: Path | None) -> int:
    text = json.dumps(stores.export(user, _today()), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        print(text, end="")
        return 0
    try:
        out.touch(mode=0o600)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestError(f"--out {str(out)!r} cannot be written: {error.strerror}") from error
    print(f"written to {out}", file=sys.stderr)
    return 0


def _forget(stores: Stores, user: str, *, sure: bool) -> int:
    if not sure:
        if not sys.stdin.isatty():
            raise RequestError("nobody to ask: add --yes to delete everything about the user")
        print(
            f"Delete everything stored about {user!r}? [y/N] ", end="", file=sys.stderr, flush=True
        )
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            print("nothing was deleted", file=sys.stderr)
            return 1
    gone = stores.forget(user)
    nothing = not gone.profile and not gone.rows and not gone.threads and not gone.artifacts
    if nothing:
        print(f"nothing was stored about {user!r}", file=sys.stderr)
        return 1
    print(
        f"deleted: {'the profile, ' if gone.profile else ''}{gone.threads} conversations,"
        f" {gone.rows} log rows, {gone.artifacts} files",
        file=sys.stderr,
    )
    return 0

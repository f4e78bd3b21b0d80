"""The `vitrine` command: a table of commands, and what happens when one of them fails.

Only the chosen command's module is imported, so that `vitrine --help` answers at once.
Exit codes: 0 done, 1 the answer is "no", 2 the request was wrong, 3 the system failed, 130 stopped.
stdout carries data, stderr progress, logs and errors.
"""

import argparse
import difflib
import importlib
import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NoReturn, Protocol, cast

from vitrine.core.errors import VitrineError

logger = logging.getLogger(__name__)

STOPPED = 130
BROKEN_PIPE = 141


class Handler(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int:
        """Do the work; the return value is the exit code."""
        ...


@dataclass(frozen=True)
class Command:
    """One row of the table: name, one line of help, and the module that does it."""

    name: str
    summary: str
    module: str


COMMANDS = (
    Command("chat", "talk to the shop in the terminal", "vitrine.ui.chat"),
    Command("ui", "talk to the shop in the browser", "vitrine.ui.page"),
    Command("replay", "play scripted dialogues and check what the agent did", "vitrine.ui.replay"),
    Command(
        "catalog", "import a shop; draw the demo shop; describe a catalogue", "vitrine.ui.catalog"
    ),
    Command("eval", "measure the models", "vitrine.ui.eval"),
    Command("train", "train the models", "vitrine.ui.train"),
    Command("profile", "show, edit, export or forget a profile", "vitrine.ui.profile"),
    Command("doctor", "check the installation", "vitrine.ui.doctor"),
)

DESCRIPTION = (
    "A conversational recommender that shows what the shop has, and draws what it does not."
)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see `{self.prog} --help`)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without UTF-8 shows \u escapes, not a crash
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away (`vitrine ... | head`): the rest of the output has no one to go to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code


def _dispatch(words: list[str]) -> int:
    command = next((command for command in COMMANDS if words and command.name == words[0]), None)
    if command is None:
        return _top(words)
    try:
        return _run(command, words[1:])
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped\n")
        return STOPPED
    except VitrineError as error:
        logger.debug("command %s failed", command.name, exc_info=True)
        sys.stderr.write(f"vitrine {command.name}: {' '.join(str(error).split())}\n")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, details in a file
        log = _write_traceback(command.name, error)
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        sys.stderr.write(f"vitrine {command.name}: internal error ({what}), details in {log}\n")
        return 3


def _run(command: Command, words: list[str]) -> int:
    handler = cast(Handler, importlib.import_module(command.module))
    parser = Parser(prog=f"vitrine {command.name}", description=handler.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    handler.add_arguments(parser)
    args = parser.parse_args(words)
    _start_logging()
    return handler.run(args)


def _top(words: list[str]) -> int:
    """Help, version, or a word that is no command."""
    parser = Parser(
        prog="vitrine",
        usage="vitrine COMMAND ...",
        description=DESCRIPTION,
        epilog="commands:\n"
        + "".join(f"  {command.name:<10}{command.summary}\n" for command in COMMANDS)
        + "\n`vitrine COMMAND --help` explains one command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"vitrine {_version()}")
    names = [command.name for command in COMMANDS]
    if not words:
        parser.print_help(sys.stderr)
        return 2
    if words[0] == "help" and len(words) > 1 and words[1] in names:
        return _dispatch([words[1], "--help"])
    if words[0] == "help":
        words = ["--help"]
    if not words[0].startswith("-"):
        near = difflib.get_close_matches(words[0], names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(names)}"
        parser.error(f"unknown command {words[0]!r}: {hint}")
    parser.parse_args(words)
    return 0


def _version() -> str:
    try:
        return metadata.version("vitrine")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _start_logging() -> None:
    """Logs go to stderr at the level of the settings.

    Raises:
        RequestError: the environment holds an unknown or wrong `VITRINE_*` setting.
    """
    from vitrine.core.settings import (
        read_settings,
    )  # pydantic costs more than the rest of this file

    logging.basicConfig(
        stream=sys.stderr,
        level=read_settings().log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
    )


def _write_traceback(command: str, error: Exception) -> Path:
    """Write the traceback to the user's data folder, or if that fails to a temporary one."""
    from vitrine.core.places import home

    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    text = f"vitrine {command}\n\n" + "".join(traceback.format_exception(error))
    for folder in (home() / "logs", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"vitrine-{name}"
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    sys.stderr.write(text)
    return Path("the lines above")


if __name__ == "__main__":
    sys.exit(main())

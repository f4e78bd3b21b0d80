"""`vitrine chat`: the conversation in a terminal, or one turn of it with `--once`."""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from vitrine.core.errors import RequestError, VitrineError
from vitrine.core.refs import ShownRef
from vitrine.core.settings import Settings, read_settings
from vitrine.core.turn import MAX_TEXT_CHARS, ProgressEvent, StageEvent, Turn, TurnEvent
from vitrine.ui.present import can_show_pictures, clean, show

if TYPE_CHECKING:
    from vitrine.agent.session import Session

HELP = """\
Say what you are looking for, in your own words. Then for instance:
  the second one in blue      design me one like that      why?      start over
Commands:
  /pick 2 4        choose things of the last page      /image FILE [TEXT]  send a picture
  /profile         what is kept about you              /profile edit       edit it as text
  /why             the reasons for the last page       /undo               take back the last change
  /help            this page                           /quit               leave (all is kept)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine chat`."""
    parser.add_argument("--domain", help="domain pack: a name or a folder (default: atelier)")
    parser.add_argument(
        "--user", default="local", help="whose profile and history (default: %(default)s)"
    )
    parser.add_argument("--thread", help="conversation to continue (default: a new one)")
    parser.add_argument(
        "--once", metavar="TEXT", help="one turn, then exit ('-': read it from stdin)"
    )
    parser.add_argument(
        "--image", type=Path, metavar="PATH", help="with --once: send this picture too"
    )
    parser.add_argument("--json", action="store_true", help="with --once: print the turn as JSON")
    for name, what in (("understanding", "who reads messages"), ("wording", "who writes replies")):
        parser.add_argument(
            f"--{name}",
            choices=("builtin", "llm"),
            help=f"{what} (default: VITRINE_{name.upper()})",
        )


def run(args: argparse.Namespace) -> int:
    """Chat until the user leaves, or take one turn."""
    if args.once is None and (args.json or args.image):
        raise RequestError("--json and --image need --once TEXT")
    thread = args.thread or f"t-{uuid.uuid4().hex[:12]}"
    settings = read_settings(
        domain=args.domain, understanding=args.understanding, wording=args.wording
    )
    if args.once is None:
        return asyncio.run(_converse(settings, args.user, thread))
    text = sys.stdin.read(MAX_TEXT_CHARS + 1) if args.once == "-" else args.once
    asyncio.run(_once(settings, args.user, thread, text, args.image, as_json=args.json))
    if not args.thread:
        print(f"continue with: --thread {thread}", file=sys.stderr)
    return 0


async def _once(
    settings: Settings, user: str, thread: str, text: str, image: Path | None, *, as_json: bool
) -> None:
    """One turn: the object on stdout, or the page as text."""
    from vitrine.agent.session import open_shop  # slow imports wait until they are needed

    async with open_shop(settings) as shop:
        currency = shop.pack.currency
        terminal = Terminal(Console(stderr=True), shop.session(user=user, thread=thread), currency)
        turn = await terminal.turn(text, image=image)
    if as_json:
        print(turn.model_dump_json())
    else:
        show(Console(), turn, currency=currency, pictures=False)


async def _converse(settings: Settings, user: str, thread: str) -> int:
    from vitrine.agent.session import open_shop

    console = Console()
    async with AsyncExitStack() as stack:
        with console.status("opening the shop ..."):
            shop = await stack.enter_async_context(open_shop(settings))
        session = shop.session(user=user, thread=thread)
        terminal = Terminal(console, session, shop.pack.currency)
        console.print(Text(shop.pack.greeting or f"Welcome to {shop.pack.title}."))
        console.print(Text(f"/help for help; conversation {thread}", style="dim"))
        for past in await session.history():
            console.print(Text(f"> {clean(past.said)}", style="bold"))
            show(console, past, currency=shop.pack.currency, pictures=False)
        ask = _asker()
        while (line := await ask()) is not None:
            try:
                if not await _stoppable(terminal.obey(line)):
                    break
            except VitrineError as error:
                console.print(Text(str(error), style="red"))
            except asyncio.CancelledError:
                console.print(Text("stopped; say something else", style="dim"))
    console.print(Text(f"continue another time with: vitrine chat --thread {thread}", style="dim"))
    return 0


async def _stoppable(work: Coroutine[None, None, bool]) -> bool:
    """Run the work; Ctrl-C stops the work and not the program."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return await task
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def _asker() -> Callable[[], Awaitable[str | None]]:
    """Asks for the next line: with editing and history in a terminal, plainly from a pipe."""
    if not sys.stdin.isatty():

        async def read() -> str | None:
            line = await asyncio.to_thread(sys.stdin.readline)
            return line.strip() if line else None

        return read

    from prompt_toolkit import PromptSession

    prompt: PromptSession[str] = PromptSession()

    async def ask() -> str | None:
        try:
            return (await prompt.prompt_async("> ")).strip()
        except (EOFError, KeyboardInterrupt):
            return None

    return ask


class Terminal:
    """One conversation on one console."""

    def __init__(self, console: Console, session: "Session", currency: str) -> None:
        self._console = console
        self._currency = currency
        self._session = session
        self._last: Turn | None = None

    async def obey(self, line: str) -> bool:
        """Do what the line says; False to leave."""
        command, _, rest = line.partition(" ")
        match command:
            case "":
                return True
            case "/quit" | "/exit":
                return False
            case "/help":
                self._console.print(Text(HELP))
                return True
            case "/profile":
                await self._profile(edit=rest.strip() == "edit")
                return True
            case "/why":
                turn = await self.turn("why?")
            case "/undo":
                turn = await self.turn("undo that")
            case "/pick":
                turn = await self.turn("I like these", picks=self._picks(rest))
            case "/image":
                path, _, text = rest.strip().partition(" ")
                turn = await self.turn(text, image=_user_path(path))
            case _ if command.startswith("/"):
                raise RequestError(f"unknown command {command!r}: /help lists the commands")
            case _:
                turn = await self.turn(line)
        pictures = can_show_pictures(self._console)
        show(self._console, turn, currency=self._currency, pictures=pictures)
        return True

    async def turn(
        self, text: str, *, image: Path | str | None = None, picks: tuple[ShownRef, ...] = ()
    ) -> Turn:
        """One turn, with progress while it runs."""
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task("thinking", total=None)
            async for event in self._session.stream(text=text, image=image, picks=picks):
                match event:
                    case StageEvent():
                        progress.update(task, description=event.stage)
                    case ProgressEvent():
                        progress.update(
                            task, description=event.what, completed=event.done, total=event.total
                        )
                    case TurnEvent():
                        self._last = event.turn
        assert self._last is not None, "a stream ends with its turn"
        return self._last

    def _picks(self, words: str) -> tuple[ShownRef, ...]:
        if self._last is None or not (self._last.products or self._last.images):
            raise RequestError("nothing was shown yet to pick from")
        try:
            return tuple(
                ShownRef(turn=self._last.turn, position=int(word)) for word in words.split()
            )
        except ValueError:
            raise RequestError(f"/pick {words!r}: expected positions such as '/pick 2 4'") from None

    async def _profile(self, *, edit: bool) -> None:
        markdown = await self._session.profile_markdown()
        if edit:
            edited = await asyncio.to_thread(_edit_text, markdown or "## I like\n\n## I avoid\n")
            await self._session.edit_profile(edited)
            markdown = await self._session.profile_markdown()
        self._console.print(Text(clean(markdown) or "(nothing is kept about you yet)"))


def _edit_text(text: str) -> str:
    """Let the user edit the text in $VISUAL or $EDITOR.

    Raises:
        RequestError: no editor is set, or it failed.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise RequestError("no editor: set $EDITOR, or use `vitrine profile edit`")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile.md"
        path.write_text(text, encoding="utf-8")
        if subprocess.run([*editor.split(), str(path)], check=False).returncode:
            raise RequestError(f"the editor {editor!r} failed; the profile is unchanged")
        return path.read_text(encoding="utf-8")


def _user_path(typed: str) -> Path:
    """A path as typed, with `~` for the user's folder."""
    return Path(typed).expanduser()

"""A progress bar on a terminal, nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def bar(name: str, console: Console) -> Progress:
    """A bar that is gone when it ends; disabled where there is no terminal."""
    return Progress(
        TextColumn(name),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def counting(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr; call what it gives with how many are done."""
    with bar(name, Console(stderr=True)) as progress:
        task = progress.add_task(name, total=total)
        yield lambda done: progress.update(task, completed=done)

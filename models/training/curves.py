"""What a run shows of itself: a line with the time left, and curves for TensorBoard.

Points of the curves are written when a checkpoint is: what is lost with a killed process is exactly
what the resumed one does again, so no step stands twice in the curves.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from vitrine.core.errors import SetupError

CURVES_FOLDER = "tensorboard"


def check_installed() -> None:
    """Curves need a package that a small installation does not have.

    Raises:
        SetupError: it is not installed.
    """
    if find_spec("tensorboard") is None:
        raise SetupError(
            "tensorboard is not installed: pip install 'vitrine[train]', or --no-tensorboard"
        )


class Curves:
    """Scalars by step, kept back until `flush`; without a folder it does nothing."""

    def __init__(self, folder: Path | None, step: int) -> None:
        """Begin at `step`: at 0 older curves in the folder go, otherwise they are continued.

        Raises:
            SetupError: tensorboard is not installed.
        """
        self._kept: list[tuple[str, float, int]] = []
        self._writer = None
        if folder is None:
            return
        check_installed()
        from torch.utils.tensorboard import SummaryWriter

        folder.mkdir(parents=True, exist_ok=True)
        if step == 0:
            for old in folder.glob("events.out.tfevents.*"):
                old.unlink()
        self._writer = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, figures: Mapping[str, float], step: int) -> None:
        """Keep one point of each curve."""
        if self._writer is not None:
            self._kept += [(name, value, step) for name, value in figures.items()]

    def flush(self) -> None:
        """Write what was kept back."""
        if self._writer is not None:
            for name, value, step in self._kept:
                self._writer.add_scalar(name, value, step)
            self._kept.clear()
            self._writer.flush()


def duration(seconds: float) -> str:
    """Seconds as people say them: `45 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"

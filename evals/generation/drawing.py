"""Draws jobs in batches and keeps what was drawn, so that a stopped measurement goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from vitrine.core.ports import (
    Interest,
    Pixels,
    RenderDials,
    Renderer,
    RenderJob,
    TasteEvidence,
    UserFeatures,
)
from vitrine.evals.personal.progress import Progress

BATCH = 8
KIND = 2
"""Of the files; those of an earlier kind are not read."""
KEPT = 24
"""Pictures of one file: so many are lost at most when a measurement is stopped."""


class Drawer:
    """A renderer with a memory on disk. Equal jobs are drawn once."""

    def __init__(
        self, renderer: Renderer, folder: Path, models: Mapping[str, str], progress: Progress
    ) -> None:
        """Remember where to keep pictures.

        Args:
            renderer: what draws.
            folder: pictures are kept here, some in a file.
            models: digests of the weights by folder; those that a picture does not depend on do not
                count, so that new ones leave the others' pictures valid.
            progress: told of every picture.
        """
        self._renderer = renderer
        self._folder = folder
        self._models = models
        self._progress = progress

    def draw(self, jobs: Sequence[RenderJob], dials: RenderDials) -> list[Pixels]:
        """One picture a job, in order."""
        keys = [job_key(job) for job in jobs]
        unique = dict(zip(keys, jobs, strict=True))
        names = list(unique)
        made: dict[str, Pixels] = {}
        for start in range(0, len(names), KEPT):
            part = names[start : start + KEPT]
            pictures = self._part(part, [unique[name] for name in part], dials)
            made.update(zip(part, pictures, strict=True))
            self._progress.step(len(part))
        self._progress.step(len(jobs) - len(names))
        return [made[key] for key in keys]

    def _part(
        self, keys: Sequence[str], jobs: Sequence[RenderJob], dials: RenderDials
    ) -> Sequence[Pixels]:
        """Pictures of some jobs: as they were kept, else drawn and kept."""
        used = ["sd"]
        used += ["interest"] if dials.interest_scale else []
        used += ["perfusion"] if dials.personal != "off" else []
        mark = [(name, self._models.get(name)) for name in used]
        whole = hashlib.sha256(f"{KIND}\n{mark!r}\n{dials!r}\n{keys!r}".encode())
        path = self._folder / f"{whole.hexdigest()[:24]}.safetensors"
        made = _kept(path, len(jobs))
        if made is None:
            # Safetensors writes the memory as it lies: what was stacked of turned arrays is put in order.
            made = np.ascontiguousarray(np.stack(list(self._drawn(jobs, dials))))
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".part")
            save_file({"pictures": made}, fresh)
            fresh.replace(path)
        return list(made)

    def _drawn(self, jobs: Sequence[RenderJob], dials: RenderDials) -> Iterator[Pixels]:
        for start in range(0, len(jobs), BATCH):
            part = jobs[start : start + BATCH]
            yield from self._renderer.render(part, dials, _quiet, _never)


def _kept(path: Path, count: int) -> np.ndarray | None:
    """Pictures of an earlier run; None: there are none, or the file was cut off."""
    if not path.is_file():
        return None
    try:
        made = load_file(path)["pictures"]
    except (SafetensorError, KeyError, OSError):
        return None
    return made if len(made) == count else None


def job_key(job: RenderJob) -> str:
    """A hash of everything that a job's picture depends on."""
    digest = hashlib.sha256()
    for field in fields(job):
        _feed(digest.update, getattr(job, field.name))
    return digest.hexdigest()


def _feed(update: Callable[[bytes], None], value: object) -> None:
    if isinstance(value, np.ndarray):
        update(repr(value.shape).encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Interest | UserFeatures | TasteEvidence):
        for field in fields(value):
            _feed(update, getattr(value, field.name))
    elif isinstance(value, Mapping):
        update(repr(sorted(value.items())).encode())
    else:
        update(repr(value).encode())
    update(b"\0")


def _quiet(done: int, total: int) -> None:
    """Progress is told by pictures, not by steps."""


def _never() -> bool:
    return False

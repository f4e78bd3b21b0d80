"""Writes a training set of drawings: pictures, captions, facets, held-out combinations.

A data set is a folder: `pictures.bin` (raw bytes, count x size x size x 3), `manifest.jsonl` (one
line a picture) and `dataset.json` (what was asked for, and the hash of the manifest). Picture i
depends on (seed, i) alone, so an interrupted run continues where it stopped and ends in the same
bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import multiprocessing
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vitrine.studio.captions import captions
from vitrine.studio.draw import draw
from vitrine.studio.look import Look, facets, sample_look, to_json, visible_key

FORMAT = 1
"""Version of the folder's layout and of what the drawings look like."""

_CHUNK = 256
_LOG = logging.getLogger(__name__)


def look_at(seed: int, index: int) -> Look:
    """The look of picture `index`."""
    return sample_look(random.Random(f"studio:{seed}:{index}"))


def split_of(look: Look, heldout_fraction: float) -> str:
    """Says "heldout" for this share of the combinations in every data set, else "train"."""
    digest = hashlib.sha256("|".join(visible_key(look)).encode()).digest()
    return "heldout" if int.from_bytes(digest[:8], "big") < heldout_fraction * 2**64 else "train"


def write_dataset(
    folder: Path,
    *,
    count: int,
    size: int,
    seed: int,
    workers: int,
    heldout_fraction: float = 0.1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Draws a data set, or finishes one that was interrupted.

    Args:
        folder: where it goes; made when missing.
        count: number of pictures.
        size: width and height in pixels.
        seed: fixes every look.
        workers: processes that draw.
        heldout_fraction: share of attribute combinations kept out of training.
        on_progress: called with (pictures done, count) after each chunk.

    Returns:
        The path of `dataset.json`, which exists only when the set is whole.

    Raises:
        ValueError: the folder holds a data set of another make, or a number is out of range.
    """
    if count < 1 or workers < 1 or not 0 <= heldout_fraction < 1:
        raise ValueError(
            f"count {count!r}, workers {workers!r} or heldout_fraction {heldout_fraction!r}: "
            "expected 1 or more, 1 or more, and 0 to below 1"
        )
    folder.mkdir(parents=True, exist_ok=True)
    asked = {
        "format": FORMAT,
        "count": count,
        "size": size,
        "seed": seed,
        "heldout_fraction": heldout_fraction,
    }
    _claim(folder / "request.json", asked)
    index_path, pictures_path = folder / "dataset.json", folder / "pictures.bin"
    whole = count * size * size * 3
    if index_path.exists():
        if pictures_path.stat().st_size == whole:
            if on_progress:
                on_progress(count, count)
            return index_path
        index_path.unlink()
    marks = folder / "chunks"
    if not pictures_path.exists() or pictures_path.stat().st_size != whole:
        for mark in marks.glob("*.done"):
            mark.unlink()
        with pictures_path.open("wb") as file:
            file.truncate(whole)
    marks.mkdir(exist_ok=True)
    starts = [s for s in range(0, count, _CHUNK) if not (marks / f"{s}.done").exists()]
    jobs = [(str(folder), start, min(start + _CHUNK, count), size, seed) for start in starts]
    done = count - sum(stop - start for _, start, stop, _, _ in jobs)
    _LOG.info("data set: %d of %d pictures left to draw", count - done, count)
    if jobs and workers > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for drawn in pool.imap_unordered(_draw_chunk, jobs):
                done += drawn
                if on_progress:
                    on_progress(done, count)
    else:
        for job in jobs:
            done += _draw_chunk(job)
            if on_progress:
                on_progress(done, count)
    digest = _write_manifest(folder / "manifest.jsonl", count, seed, heldout_fraction)
    _replace(
        index_path,
        json.dumps({**asked, "manifest_sha256": digest}, indent=1, sort_keys=True) + "\n",
    )
    return index_path


def _claim(path: Path, asked: dict[str, int | float]) -> None:
    text = json.dumps(asked, sort_keys=True) + "\n"
    if path.exists() and path.read_text() != text:
        raise ValueError(
            f"{path.parent} holds another data set ({path.read_text().strip()}); "
            "choose a new folder"
        )
    _replace(path, text)


def _replace(path: Path, text: str) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _draw_chunk(job: tuple[str, int, int, int, int]) -> int:
    """Draws pictures start..stop into place and leaves a mark; returns how many."""
    folder, start, stop, size, seed = job
    pictures = np.stack([draw(look_at(seed, index), size=size) for index in range(start, stop)])
    with (Path(folder) / "pictures.bin").open("r+b") as file:
        file.seek(start * size * size * 3)
        file.write(pictures.tobytes())
    (Path(folder) / "chunks" / f"{start}.done").touch()
    return stop - start


def _write_manifest(path: Path, count: int, seed: int, heldout_fraction: float) -> str:
    """Writes one line a picture; returns the sha256 of the file."""
    digest = hashlib.sha256()
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for index in range(count):
            look = look_at(seed, index)
            row = {
                "index": index,
                "split": split_of(look, heldout_fraction),
                "facets": {name: list(values) for name, values in facets(look).items()},
                "captions": captions(look, random.Random(f"captions:{seed}:{index}")),
                "look": to_json(look),
            }
            line = (json.dumps(row, sort_keys=True) + "\n").encode()
            digest.update(line)
            file.write(line)
    part.replace(path)
    return digest.hexdigest()


def _tell(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done}/{total}")
    sys.stderr.flush()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train drawings`."""
    parser.add_argument("--out", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--count", type=int, required=True, help="pictures")
    parser.add_argument(
        "--size", type=int, default=128, help="pixels a side (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument(
        "--heldout-fraction",
        type=float,
        default=0.1,
        help="share of attribute combinations kept out of training (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Draw a data set; progress goes to stderr."""
    write_dataset(
        args.out,
        count=args.count,
        size=args.size,
        seed=args.seed,
        workers=args.workers,
        heldout_fraction=args.heldout_fraction,
        on_progress=_tell,
    )
    sys.stderr.write("\n")


def main() -> int:
    """`python -m vitrine.studio.dataset`: needs nothing but numpy and Pillow."""
    parser = argparse.ArgumentParser(description="Draw a training set of studio pictures.")
    add_arguments(parser)
    run(parser.parse_args())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Builds the demo shop `atelier`: about 2,000 items with text, trade and drawn pictures.

    python -m vitrine.studio.shop --out FOLDER [--items-only]

The same seed and count give the same shop, byte for byte. `items.jsonl` does not depend on
how pictures are drawn; looks have seeds of the shop's own, so no picture here is one of the
training pictures.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

from vitrine.core import places
from vitrine.studio.draw import draw
from vitrine.studio.look import Look
from vitrine.studio.shop_files import write_items
from vitrine.studio.shop_items import shop_items

OnProgress = Callable[[int, int], object]

PICTURE_QUALITY = 82  # WebP; 2,000 pictures of 256 px stay below 20 MB


def build_shop(
    folder: Path,
    *,
    seed: int = 7,
    count: int = 2000,
    size: int = 256,
    workers: int = 2,
    on_progress: OnProgress | None = None,
) -> None:
    """Writes the shop as a domain pack: items, pictures, and `domain.yaml` if there is none.

    Args:
        folder: the pack's folder; made if absent. Files of an earlier build are replaced.
        seed: which shop.
        count: number of items.
        size: side of the square pictures in pixels.
        workers: processes that draw.
        on_progress: called with (pictures done, pictures in all).

    Raises:
        ValueError: `count` is not positive.
    """
    stocked = shop_items(seed=seed, count=count)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = folder / "domain.yaml"
    if not vocabulary.exists():
        shutil.copyfile(places.domain_folder("atelier") / "domain.yaml", vocabulary)
    write_items(folder, [item for item, _ in stocked])
    jobs = [(folder / str(item.picture), look, size) for item, look in stocked]
    draw_pictures(jobs, workers=workers, on_progress=on_progress)


def draw_pictures(
    jobs: list[tuple[Path, Look, int]], *, workers: int, on_progress: OnProgress | None = None
) -> None:
    """Draws (path, look, size in pixels) jobs to WebP files."""
    for parent in {path.parent for path, _, _ in jobs}:
        parent.mkdir(parents=True, exist_ok=True)
    with _mapper(workers) as drawn:
        for done, _ in enumerate(drawn(jobs), start=1):
            if on_progress is not None:
                on_progress(done, len(jobs))


@contextmanager
def _mapper(workers: int) -> Iterator[Callable[[list[tuple[Path, Look, int]]], Iterator[None]]]:
    if workers <= 1:
        yield lambda jobs: map(_draw_one, jobs)
        return
    with get_context("spawn").Pool(workers) as pool:
        yield lambda jobs: pool.imap(_draw_one, jobs, chunksize=8)


def _draw_one(job: tuple[Path, Look, int]) -> None:
    path, look, size = job
    half = path.with_name(f"{path.name}.part")
    Image.fromarray(draw(look, size=size)).save(half, "WEBP", quality=PICTURE_QUALITY, method=6)
    half.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Command line: builds the shop, or its items alone."""
    parser = argparse.ArgumentParser(description="Build the demo shop.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--size", type=int, default=256, help="side of the pictures in pixels")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--items-only", action="store_true", help="write items.jsonl, draw nothing")
    args = parser.parse_args(arguments)
    if args.items_only:
        args.out.mkdir(parents=True, exist_ok=True)
        write_items(args.out, [item for item, _ in shop_items(seed=args.seed, count=args.count)])
        return 0
    build_shop(
        args.out,
        seed=args.seed,
        count=args.count,
        size=args.size,
        workers=args.workers,
        on_progress=lambda done, total: sys.stderr.write(f"\r{done}/{total}"),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Pick-a-Pic (Kirstain et al. 2023): which of two pictures somebody preferred for a prompt, as parquet.

Columns as published: `user_id`, `caption`, `image_0_uid`, `image_1_uid`, `label_0`, `label_1`,
`has_label`, `created_at`, and the pictures themselves in `jpg_0`, `jpg_1`. Files are streamed row
group by row group; words and pictures in two passes, so that pictures of rows that are of no use are
never decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.core.ports import Encoder
from vitrine.models.ratings.door import (
    BadRow,
    Row,
    Tally,
    name_of,
    number_of,
    parquet_blobs,
    parquet_header,
    parquet_rows,
    text_of,
    time_of,
)
from vitrine.models.ratings.formats import Reading
from vitrine.models.ratings.interactions import CLICKED, IGNORED, UNKNOWN, Interactions
from vitrine.models.ratings.vectors import Vectors, see_pictures

NEEDED = ("user_id", "caption", "image_0_uid", "image_1_uid", "label_0", "label_1")
ALSO = ("has_label", "created_at")
TIED = 3
"""Rating of both pictures of a tie: neither a like nor a dislike."""


def parquet_files(path: Path) -> list[Path]:
    """The parquet file, or all of a folder at any depth, by name."""
    if path.is_dir():
        return sorted(path.rglob("*.parquet"))
    return [path] if path.suffix.lower() == ".parquet" else []


def read_pickapic(path: Path, how: Reading) -> Interactions:
    """Pick-a-Pic: each labelled row is a group of two for its prompt; the preferred one is chosen.

    The preferred picture counts as a 4, the other as a 2. A tie (.5 and .5) is a group in which
    nothing was chosen, and two ratings of 3: neither both nor one of them is taught as a choice.
    Rows without a label are left out. The split of the file names does not count; `--split` does.

    Raises:
        RequestError: there is no such file, a column is missing, or a file is broken.
    """
    files = parquet_files(path)
    if not files:
        raise RequestError(f"{str(path)!r}: expected a parquet file or a folder with some")
    told = Interactions()
    ties = unlabelled = read = 0
    for file in files:
        if how.limit is not None and read >= how.limit:
            break
        header = parquet_header(file)
        missing = [name for name in NEEDED if name not in header]
        if missing:
            raise RequestError(
                f"{file.name}: no column {missing[0]!r}; the columns are {', '.join(header)[:200]}"
            )
        columns = [*NEEDED, *(name for name in ALSO if name in header)]
        tally = Tally(file, how.bad_share)
        for row in parquet_rows(file, tally, columns):
            if how.limit is not None and read >= how.limit:
                break
            read += 1
            if row.cells.get("has_label", "True") in ("False", "0", "0.0"):
                unlabelled += 1
                continue
            try:
                ties += _pair(told, row)
            except BadRow as error:
                tally.refuse(row.place, str(error))
        tally.close()
        told.tallies.append(tally)
    if ties:
        told.notes.append(f"{ties} ties are no choice: both pictures count as a rating of 3")
    if unlabelled:
        told.notes.append(f"{unlabelled} rows without a label are left out")
    return told


def _pair(told: Interactions, row: Row) -> bool:
    """Add one comparison; whether it is a tie.

    Raises:
        BadRow: it cannot be used; nothing of it was added.
    """
    cells = row.cells
    user = name_of(cells["user_id"], "user")
    items = [name_of(cells[f"image_{side}_uid"], "picture") for side in (0, 1)]
    labels = tuple(number_of(cells[f"label_{side}"], "label") for side in (0, 1))
    prompt = text_of(cells["caption"])
    when = cells.get("created_at", "").strip()
    time = time_of(when) if when else UNKNOWN
    if not prompt:
        raise BadRow("no caption")
    if items[0] == items[1]:
        raise BadRow(f"picture {items[0][:40]!r} is compared with itself")
    if labels not in {(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)}:
        raise BadRow(f"labels {labels[0]:g} and {labels[1]:g}: expected 1 and 0, or .5 twice")
    tie = labels == (0.5, 0.5)
    told.show(user, items, [label == 1 for label in labels], text=prompt, time=time)
    for item, label in zip(items, labels, strict=True):
        told.rate(user, item, TIED if tie else CLICKED if label == 1 else IGNORED, time)
        told.titles.setdefault(item, prompt)
    return tie


def from_parquet(
    path: Path, wanted: Sequence[str], titles: Mapping[str, str], encoder: Encoder
) -> Vectors:
    """Embeddings of the pictures inside of the files, each picture once, and of their prompts.

    Raises:
        RequestError: a file is broken, or no picture can be used.
    """
    return see_pictures(path, _pictures(path, wanted), titles, encoder)


def _pictures(path: Path, wanted: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    left = set(wanted)
    for file in parquet_files(path):
        header = parquet_header(file)
        for side in (0, 1):
            name, blob = f"image_{side}_uid", f"jpg_{side}"
            if blob not in header:
                raise RequestError(
                    f"{file.name}: no column {blob!r}: give pictures in a folder or --embeddings"
                )
            for place, item, data in parquet_blobs(file, name, blob):
                item = item.strip()
                if item in left:
                    left.discard(item)
                    yield f"{place} {blob}", item, data

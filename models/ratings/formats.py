"""Published formats: a file or folder in, `Interactions` out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vitrine.core.errors import RequestError
from vitrine.models.ratings.door import (
    BadRow,
    Row,
    Tally,
    csv_header,
    csv_rows,
    name_of,
    number_of,
    parquet_header,
    parquet_rows,
    separated,
    text_of,
    time_of,
)
from vitrine.models.ratings.interactions import (
    CLICKED,
    EARLIER,
    IGNORED,
    UNKNOWN,
    Interactions,
    Scale,
)

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "user": ("user", "user_id", "userid", "worker", "visitor", "visitorid", "customer_id"),
    "item": ("item", "item_id", "itemid", "movieid", "product_id", "image", "imagepair", "asin"),
    "rating": ("rating", "score", "stars", "label", "overall"),
    "time": ("time", "timestamp", "date", "unixreviewtime"),
    "title": ("title", "name", "caption", "item_title"),
}
"""Names by which a column is known without being told, in small letters."""
OPTIONAL = frozenset({"time", "title"})
FLICKR_RATINGS = "FLICKR-AES_image_labeled_by_each_worker.csv"
MIND_TIME = "%m/%d/%Y %I:%M:%S %p"


@dataclass(frozen=True)
class Reading:
    """How to read: columns by role, scale, share of bad rows that is borne, rows at most."""

    columns: Mapping[str, str] = field(default_factory=lambda: {})
    scale: Scale | None = None
    bad_share: float = 0.05
    limit: int | None = None


Reader = Callable[[Path, Reading], Interactions]


def read_table(path: Path, how: Reading) -> Interactions:
    """(user, item, rating[, time][, title]) of a CSV or parquet file; scale 1..5 unless told.

    Raises:
        RequestError: a column is missing, or the file is broken.
    """
    parquet = path.suffix.lower() == ".parquet"
    header = parquet_header(path) if parquet else csv_header(path)
    column = find_columns(path, header, how.columns)
    tally = Tally(path, how.bad_share)
    rows = parquet_rows(path, tally, list(column.values())) if parquet else csv_rows(path, tally)
    return _rated(rows, tally, column, how, how.scale or Scale(1, 5))


def read_flickr_aes(path: Path, how: Reading) -> Interactions:
    """FLICKR-AES: the folder of, or the file with, what each worker gave to each picture (1..5).

    Raises:
        RequestError: the file is missing or broken.
    """
    path = path / FLICKR_RATINGS if path.is_dir() else path
    column = {"user": "worker", "item": "imagePair", "rating": "score"} | dict(how.columns)
    _expect(path, csv_header(path), column)
    tally = Tally(path, how.bad_share)
    return _rated(csv_rows(path, tally), tally, column, how, how.scale or Scale(1, 5))


def read_movielens(path: Path, how: Reading) -> Interactions:
    """MovieLens: ratings.csv, ratings.dat or u.data, and titles with genres where they lie beside it.

    Stars .5..5 count as they are, rounded towards the middle: 4 and more is a like.

    Raises:
        RequestError: there is no such file, or it is broken.
    """
    if path.is_dir():
        names = ("ratings.csv", "ratings.dat", "u.data")
        found = next((path / name for name in names if (path / name).is_file()), None)
        if found is None:
            raise RequestError(f"{str(path)!r}: expected one of {', '.join(names)} in the folder")
        path = found
    column = {"user": "userId", "item": "movieId", "rating": "rating", "time": "timestamp"}
    tally = Tally(path, how.bad_share)
    if path.suffix == ".csv":
        header = csv_header(path)
        column = {role: name for role, name in column.items() if role != "time" or name in header}
        _expect(path, header, column)
        rows = csv_rows(path, tally)
    else:
        between = "::" if path.suffix == ".dat" else "\t"
        rows = separated(path, tally, list(column.values()), between, least=3)
    told = _rated(rows, tally, column, how, how.scale or Scale(1, 5, least=0.5))
    _movie_titles(path.parent, told, how)
    return told


def _movie_titles(folder: Path, told: Interactions, how: Reading) -> None:
    """Titles and genres out of movies.csv or movies.dat, if there is one."""
    columns = ["movieId", "title", "genres"]
    for name in ("movies.csv", "movies.dat"):
        path = folder / name
        if not path.is_file():
            continue
        tally = Tally(path, how.bad_share)
        rows = (
            csv_rows(path, tally) if name.endswith("csv") else separated(path, tally, columns, "::")
        )
        for row in rows:
            genres = row.cells.get("genres", "").replace("|", " ").replace("(no genres listed)", "")
            told.titles[row.cells["movieId"]] = text_of(f"{row.cells.get('title', '')} {genres}")
        tally.close()
        told.tallies.append(tally)
        return


def read_mind(path: Path, how: Reading) -> Interactions:
    """MIND: behaviors.tsv (what was shown, what was clicked, what before) and news.tsv of a folder.

    An impression is a group. What was clicked, then or before, is a like; what was shown beside it
    and not clicked is a weak dislike.

    Raises:
        RequestError: a file is missing or broken.
    """
    path = path / "behaviors.tsv" if path.is_dir() else path
    told = Interactions(notes=["shown and not clicked counts as a rating of 2: weak evidence"])
    tally = Tally(path, how.bad_share)
    columns = ["impression", "user", "time", "history", "shown"]
    clicked_before: set[tuple[str, str]] = set()
    for row in _bounded(separated(path, tally, columns, "\t"), how):
        try:
            user = name_of(row.cells["user"], "user")
            time = time_of(row.cells["time"], MIND_TIME)
            pairs = [_mind_click(word) for word in _some(row.cells["shown"].split(), "was shown")]
            before = [name_of(word, "news") for word in row.cells["history"].split()]
        except BadRow as error:
            tally.refuse(row.place, str(error))
            continue
        for item in before:
            if (user, item) not in clicked_before:  # the whole history stands in every row
                clicked_before.add((user, item))
                told.rate(user, item, CLICKED, EARLIER)
        told.show(user, [item for item, _ in pairs], [was for _, was in pairs], time=time)
        for item, was in pairs:
            told.rate(user, item, CLICKED if was else IGNORED, time)
    tally.close()
    told.tallies.append(tally)
    news = path.parent / "news.tsv"
    if news.is_file():
        columns = [
            "news",
            "category",
            "subcategory",
            "title",
            "abstract",
            "url",
            "entities",
            "more",
        ]
        tally = Tally(news, how.bad_share)
        for row in separated(news, tally, columns, "\t", least=4):
            told.titles[row.cells["news"]] = text_of(row.cells["title"])
        tally.close()
        told.tallies.append(tally)
    return told


def _mind_click(word: str) -> tuple[str, bool]:
    """`N123-1` -> (N123, True).

    Raises:
        BadRow: it is something else.
    """
    item, dash, click = word.rpartition("-")
    if not dash or click not in ("0", "1"):
        raise BadRow(f"{word[:40]!r}: expected a news id with -0 or -1")
    return name_of(item, "news"), click == "1"


def read_pog(path: Path, how: Reading) -> Interactions:
    """POG: user_data.txt (user, clicked items, outfit), outfit_data.txt and item_data.txt of a folder.

    Clicked items are likes, and so are the items of the outfit that was clicked after them. There
    are no dislikes in this format; `add_negatives` draws some.

    Raises:
        RequestError: a file is missing or broken.
    """
    if not path.is_dir():
        path = path.parent
    told = Interactions(notes=["the format has no dislikes"])
    outfits: dict[str, list[str]] = {}
    for row in _rows_of(path / "outfit_data.txt", ["outfit", "items"], told, how, needed=False):
        outfits[row.cells["outfit"].strip()] = _ids(row.cells["items"])
    people = path / "user_data.txt"
    tally = Tally(people, how.bad_share)
    columns = ["user", "items", "outfit"]
    for row in _bounded(separated(people, tally, columns, ",", least=2), how):
        try:
            user = name_of(row.cells["user"], "user")
            items = [name_of(i, "item") for i in _some(_ids(row.cells["items"]), "was clicked")]
        except BadRow as error:
            tally.refuse(row.place, str(error))
            continue
        worn = outfits.get(row.cells.get("outfit", "").strip(), [])
        for item in [*items, *worn]:
            told.rate(user, item, CLICKED)
    tally.close()
    told.tallies.append(tally)
    columns = ["item", "category", "picture", "title"]
    for row in _rows_of(path / "item_data.txt", columns, told, how, needed=False, most_split=3):
        told.titles[row.cells["item"].strip()] = text_of(row.cells["title"])
    return told


def add_negatives(told: Interactions, count: int, seed: int) -> None:
    """`count` items for each like that the user never met, drawn as often as they are met at all.

    Each like becomes a group with its negatives. Drawn by hashes: the same files give the same.
    """
    met: dict[int, set[int]] = {}
    for user, item in zip(told.user, told.item, strict=True):
        met.setdefault(user, set()).add(item)
    items, users = list(told.items), list(told.users)
    pool = list(told.item)  # an item stands here as often as it was met
    rows = list(zip(told.user, told.item, told.time, strict=True))
    for row, (user, item, time) in enumerate(rows):
        others: list[int] = []
        for draw in range(4 * count):
            digest = hashlib.sha256(f"{seed}:{row}:{draw}".encode()).digest()
            other = pool[int.from_bytes(digest[:8], "big") % len(pool)]
            if other not in met[user] and other not in others:
                others.append(other)
            if len(others) == count:
                break
        for other in others:
            told.rate(users[user], items[other], IGNORED, time)
        if others:
            shown = [items[item], *(items[other] for other in others)]
            told.show(users[user], shown, [True, *(False for _ in others)], time=time)
    told.notes.append(f"{count} dislikes were drawn for each like: nobody gave them")


def _rows_of(
    path: Path,
    columns: list[str],
    told: Interactions,
    how: Reading,
    *,
    needed: bool,
    most_split: int | None = None,
) -> Iterator[Row]:
    """Rows of a comma-separated file without header; the last cell may hold commas."""
    if not needed and not path.is_file():
        return
    tally = Tally(path, how.bad_share)
    cuts = len(columns) - 1 if most_split is None else most_split
    for row in separated(path, tally, ["line"], "\n"):
        cells = row.cells["line"].split(",", cuts)
        if len(cells) != len(columns):
            tally.refuse(row.place, f"{len(cells)} cells, expected {len(columns)}")
            continue
        yield Row(row.place, dict(zip(columns, cells, strict=True)))
    tally.close()
    told.tallies.append(tally)


def _some(words: list[str], what: str) -> list[str]:
    """The words themselves.

    Raises:
        BadRow: there are none.
    """
    if not words:
        raise BadRow(f"nothing {what}")
    return words


def _ids(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]


def find_columns(path: Path, header: list[str], given: Mapping[str, str]) -> dict[str, str]:
    """Role -> column: as given, else by its usual names. Time and title may be absent.

    Raises:
        RequestError: a column is missing.
    """
    small = {name.lower(): name for name in reversed(header)}
    found: dict[str, str] = {}
    for role, names in COLUMNS.items():
        column = given.get(role) or next((small[name] for name in names if name in small), None)
        if column is not None:
            found[role] = column
        elif role not in OPTIONAL:
            raise RequestError(
                f"{path.name}: no column for the {role} among {', '.join(header)}:"
                f" give --columns {role}=NAME"
            )
    _expect(path, header, found)
    return found


def _expect(path: Path, header: list[str], columns: Mapping[str, str]) -> None:
    missing = [name for name in columns.values() if name not in header]
    if missing:
        raise RequestError(
            f"{path.name}: no column {missing[0]!r}; the columns are {', '.join(header)[:200]}"
        )


def _rated(
    rows: Iterator[Row], tally: Tally, column: Mapping[str, str], how: Reading, scale: Scale
) -> Interactions:
    """Ratings row by row; bad ones are counted."""
    told = Interactions()
    for row in _bounded(rows, how):
        try:
            user = name_of(row.cells[column["user"]], "user")
            item = name_of(row.cells[column["item"]], "item")
            stars = scale.stars(number_of(row.cells[column["rating"]], "rating"))
            when = row.cells.get(column["time"], "") if "time" in column else ""
            time = time_of(when) if when.strip() else UNKNOWN
        except BadRow as error:
            tally.refuse(row.place, str(error))
            continue
        told.rate(user, item, stars, time)
        if "title" in column and item not in told.titles:
            told.titles[item] = text_of(row.cells[column["title"]])
    tally.close()
    told.tallies.append(tally)
    return told


def _bounded(rows: Iterator[Row], how: Reading) -> Iterator[Row]:
    """The first `limit` rows."""
    for number, row in enumerate(rows):
        if how.limit is not None and number >= how.limit:
            return
        yield row


FORMATS: Mapping[str, tuple[Reader, str]] = {
    "table": (read_table, "user, item, rating[, time] in a csv or parquet file"),
    "flickr-aes": (read_flickr_aes, f"{FLICKR_RATINGS} or its folder"),
    "movielens": (read_movielens, "folder with ratings.csv, ratings.dat or u.data; movies.csv"),
    "mind": (read_mind, "folder with behaviors.tsv and news.tsv"),
    "pog": (read_pog, "folder with user_data.txt, outfit_data.txt, item_data.txt"),
}

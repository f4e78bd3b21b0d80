"""Readers of ratings: what comes in is bounded and counted, and no format is read otherwise than it says."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrine.core.errors import RequestError
from vitrine.models.ratings import door
from vitrine.models.ratings.door import BadRow, Tally, time_of
from vitrine.models.ratings.formats import (
    Reading,
    add_negatives,
    read_flickr_aes,
    read_mind,
    read_movielens,
    read_pog,
    read_table,
)
from vitrine.models.ratings.interactions import Interactions, Scale

HOW = Reading()
Rows = list[tuple[str, str, int]]


def told_rows(told: Interactions) -> Rows:
    """(user, item, stars) in the order read."""
    users, items = list(told.users), list(told.items)
    columns = zip(told.user, told.item, told.value, strict=True)
    return [(users[u], items[i], v) for u, i, v in columns]


def write(path: Path, *rows: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(row + "\n" for row in rows), encoding="utf-8")
    return path


# --- scales and times


@given(
    low=st.floats(-100, 100),
    width=st.floats(0.5, 100),
    shares=st.lists(st.floats(0, 1), min_size=2),
)
def test_stars_rise_with_ratings_and_round_towards_the_middle(
    low: float, width: float, shares: list[float]
) -> None:
    scale = Scale(low, low + width)
    exact = sorted(low + share * (scale.high - low) for share in shares)
    stars = [scale.stars(min(max(value, low), scale.high)) for value in exact]
    assert stars == sorted(stars)
    assert set(stars) <= {1, 2, 3, 4, 5}
    assert scale.stars(low) == 1
    assert scale.stars(scale.high) == 5
    for value, star in zip(exact, stars, strict=True):
        part = (min(max(value, low), scale.high) - low) / (scale.high - low)
        assert (star >= 4) == (part >= 0.75 - 1e-8) or abs(part - 0.75) < 1e-6


def test_four_stars_and_more_are_a_like_in_every_published_scale() -> None:
    movies = Scale(1, 5, least=0.5)
    assert [movies.stars(v / 2) for v in range(1, 11)] == [1, 1, 2, 2, 3, 3, 3, 4, 4, 5]
    assert [Scale(0, 10).stars(v) for v in range(11)] == [1, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5]
    assert [Scale(0, 1).stars(v) for v in (0, 1)] == [1, 5]
    with pytest.raises(BadRow, match=r"rating 6 is outside of 0.5..5"):
        movies.stars(6)


def test_times_are_seconds_milliseconds_or_dates() -> None:
    assert time_of("1365029107") == time_of("1365029107000") == 1365029107
    assert time_of("1970-01-02") == time_of("1970-01-02T01:00:00+01:00") == 86400
    for text in ("soon", "2019-13-45", "nan", "-5", ""):
        with pytest.raises(BadRow):
            time_of(text)


# --- tables


def test_a_table_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "Rating,user_id,note,itemId,timestamp",
                 '5,ann,"good, really",a,10', "2,bob,,b,", " 4 , ann ,, b ,2020-01-01")  # fmt: skip
    told = read_table(path, HOW)
    assert told_rows(told) == [("ann", "a", 5), ("bob", "b", 2), ("ann", "b", 4)]
    assert told.time[0] == 10
    assert np.isnan(told.time[1])
    named = Reading(columns={"item": "note"}, bad_share=0.9)
    assert told_rows(read_table(path, named)) == [("ann", "good, really", 5)]


def test_parquet_and_csv_give_the_same(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = [("u1", "i1", 5.0, 7), ("u2", "i1", 1.0, 8), ("u2", "i2", 9.0, 9), ("u1", "i2", 3.0, 3)]
    columns = dict(zip(("user", "item", "rating", "time"), zip(*rows, strict=True), strict=True))
    parquet.write_table(pa.table({**columns, "huge": ["x"] * 4}), tmp_path / "r.parquet")
    write(tmp_path / "r.csv", "user,item,rating,time", *(",".join(map(str, row)) for row in rows))
    how = Reading(bad_share=0.5)
    both = [read_table(tmp_path / name, how) for name in ("r.parquet", "r.csv")]
    assert told_rows(both[0]) == told_rows(both[1])
    assert both[0].tallies[0].first[0].startswith("r.parquet:3: rating 9")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(RequestError, match="no parquet file"):
        read_table(tmp_path / "broken.parquet", how)


def test_a_missing_column_stops_with_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "who,item,rating", "a,b,3")
    with pytest.raises(RequestError, match="no column for the user among who, item, rating"):
        read_table(path, HOW)
    assert told_rows(read_table(path, Reading(columns={"user": "who"}))) == [("a", "b", 3)]
    with pytest.raises(RequestError, match="no column 'whom'"):
        read_table(path, Reading(columns={"user": "whom"}))


def test_bad_rows_are_counted_with_file_and_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = [f"u{n},i{n},3" for n in range(60)]
    path = write(tmp_path / "r.csv", "user,item,rating", *good, "u,i,many", "u,i,7", ",i,3")
    caplog.set_level("INFO", logger="vitrine")
    told = read_table(path, HOW)
    assert len(told.user) == 60
    assert (told.tallies[0].rows, told.tallies[0].bad) == (63, 3)
    assert told.tallies[0].first == [
        "r.csv:62: rating 'many' is no number",
        "r.csv:63: rating 7 is outside of 1..5",
        "r.csv:64: no user",
    ]
    assert "r.csv: 63 rows, 3 bad" in caplog.text


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "has no rows"),
        (["a,b,x"], "1 of 1 rows are bad"),
        (["a,b,3"] * 9 + ["a,b,x"], "1 of 10 rows are bad, more than 5%; the first: r.csv:11"),
    ],
)
def test_a_broken_file_stops_before_anything_is_trained(
    tmp_path: Path, rows: list[str], why: str
) -> None:
    path = write(tmp_path / "r.csv", "user,item,rating", *rows)
    with pytest.raises(RequestError, match=why):
        read_table(path, HOW)


CELL = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\n"), max_size=12
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.one_of(
            st.tuples(st.sampled_from("uvw"), st.sampled_from("ijk"), st.integers(1, 5)),
            st.lists(CELL, max_size=5),
            st.binary(max_size=30),
        ),
        max_size=30,
    )
)
def test_whatever_stands_in_a_file_good_rows_are_read_and_the_others_counted(
    tmp_path: Path, rows: list[object]
) -> None:
    path = tmp_path / "any.csv"
    good: Rows = []
    with path.open("wb") as file:
        file.write(b"user,item,rating\n")
        for row in rows:
            if isinstance(row, tuple):
                good.append(row)
                file.write(",".join(map(str, row)).encode() + b"\n")
            elif isinstance(row, list):
                file.write(",".join(["x", "y", "z", *row]).encode("utf-8", "ignore") + b"\n")
            else:
                file.write(b"\xff" + row.replace(b"\n", b" ") + b"\n")  # never UTF-8
    how = Reading(bad_share=0.999)
    try:
        told = read_table(path, how)
    except RequestError:
        assert not good
        return
    assert told_rows(told) == good
    tally = told.tallies[0]
    assert tally.rows == tally.bad + len(good)
    assert tally.rows == len(rows)


def test_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MAX_LINE", 100)
    path = write(tmp_path / "r.csv", "user,item,rating", "a,b,3", "a," + "b" * 10_000 + ",3",
                 "c" * 500, "d,e,4")  # fmt: skip
    told = read_table(path, Reading(bad_share=0.9))
    assert told_rows(told) == [("a", "b", 3), ("d", "e", 4)]
    assert told.tallies[0].first[0] == "r.csv:3: longer than 100 bytes"
    monkeypatch.setattr(door, "MAX_ROWS", 3)
    with pytest.raises(RequestError, match="more than 3 rows"):
        read_table(path, HOW)


def test_names_with_control_characters_are_no_names(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "user,item,rating", "a\x00b,i,3", "x" * 500 + ",i,3", "ok,i,3")
    told = read_table(path, Reading(bad_share=0.9))
    assert told_rows(told) == [("ok", "i", 3)]


def test_the_last_of_several_ratings_of_a_thing_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "user,item,rating,time",
                 "a,i,1,30", "a,i,5,10", "a,j,3,20", "b,i,2,5")  # fmt: skip
    columns = read_table(path, HOW).columns()
    assert columns.value.tolist() == [2, 3, 1]
    assert columns.time.tolist() == [5, 20, 30]


# --- formats


def test_flickr_aes(tmp_path: Path) -> None:
    write(tmp_path / "FLICKR-AES_image_labeled_by_each_worker.csv", " worker, imagePair, score",
          "A1, farm1_2.jpg, 4", "A1, farm1_3.jpg, 1", "B2,farm1_2.jpg,5")  # fmt: skip
    told = read_flickr_aes(tmp_path, HOW)
    assert told_rows(told) == [
        ("A1", "farm1_2.jpg", 4), ("A1", "farm1_3.jpg", 1), ("B2", "farm1_2.jpg", 5),
    ]  # fmt: skip
    with pytest.raises(RequestError, match="no column 'worker'"):
        read_flickr_aes(write(tmp_path / "other.csv", "user,item", "1,2"), HOW)


def test_movielens_in_its_three_layouts(tmp_path: Path) -> None:
    write(tmp_path / "csv" / "ratings.csv", "userId,movieId,rating,timestamp",
          "1,31,2.5,1260759144", "1,32,4.0,1260759150")  # fmt: skip
    write(tmp_path / "csv" / "movies.csv", "movieId,title,genres",
          '31,"Dangerous, Minds (1995)",Drama|Crime', "32,Untold,(no genres listed)")  # fmt: skip
    write(tmp_path / "dat" / "ratings.dat", "1::31::2::1260759144", "1::32::4::1260759150")
    write(tmp_path / "dat" / "movies.dat", "31::Dangerous: Minds (1995)::Drama|Crime")
    write(tmp_path / "data" / "u.data", "1\t31\t2\t1260759144", "1\t32\t4\t1260759150")
    told = read_movielens(tmp_path / "csv", HOW)
    assert told_rows(told) == [("1", "31", 3), ("1", "32", 4)]
    assert told.titles == {"31": "Dangerous, Minds (1995) Drama Crime", "32": "Untold"}
    told = read_movielens(tmp_path / "dat", HOW)
    assert told_rows(told) == [("1", "31", 2), ("1", "32", 4)]
    assert told.titles["31"] == "Dangerous: Minds (1995) Drama Crime"
    assert told_rows(read_movielens(tmp_path / "data", HOW)) == told_rows(told)
    (tmp_path / "none").mkdir()
    with pytest.raises(RequestError, match=r"expected one of ratings.csv, ratings.dat, u.data"):
        read_movielens(tmp_path / "none", HOW)


def test_mind_impressions_are_groups(tmp_path: Path) -> None:
    write(
        tmp_path / "behaviors.tsv",
        "1\tU1\t11/11/2019 9:05:58 AM\tN1 N2\tN3-1 N4-0 N5-0",
        "2\tU1\t11/12/2019 9:05:58 PM\tN1 N2 N3\tN4-1 N6-0",
        "3\tU2\t11/12/2019 9:05:58 PM\t\tN4-0 N6-0",
        "4\tU2\t13/13/2019\t\tN4-0",
        "5\tU2\t11/12/2019 9:05:58 PM\t\tN4",
    )
    write(tmp_path / "news.tsv", "N1\tsports\tgolf\tA title\tText\turl\t[]\t[]")
    told = read_mind(tmp_path, Reading(bad_share=0.5))
    assert told.tallies[0].bad == 2
    assert told.titles == {"N1": "A title"}
    items = list(told.items)
    groups = [([items[i] for i in group.items], group.chosen) for group in told.groups]
    assert groups == [
        (["N3", "N4", "N5"], (True, False, False)),
        (["N4", "N6"], (True, False)),
        (["N4", "N6"], (False, False)),
    ]
    last = {(row[0], row[1]): row[2] for row in told_rows(told)}
    assert last["U1", "N4"] == 4  # passed over at first, clicked later
    assert last["U1", "N5"] == 2
    assert [row for row in told_rows(told) if row[:2] == ("U1", "N1")] == [("U1", "N1", 4)]
    assert told.notes


def test_pog_sequences_and_drawn_dislikes(tmp_path: Path) -> None:
    write(tmp_path / "user_data.txt", "u1,a;b,o1", "u2,c;d;e,o9", "u3,,o1")
    write(tmp_path / "outfit_data.txt", "o1,b;f")
    write(tmp_path / "item_data.txt", "a,7,//pic.example/a.jpg,a title, with a comma")
    told = read_pog(tmp_path, Reading(bad_share=0.5))
    assert told_rows(told) == [
        ("u1", "a", 4), ("u1", "b", 4), ("u1", "b", 4), ("u1", "f", 4),
        ("u2", "c", 4), ("u2", "d", 4), ("u2", "e", 4),
    ]  # fmt: skip
    assert told.titles == {"a": "a title, with a comma"}
    likes = {row[:2] for row in told_rows(told)}
    add_negatives(told, 2, seed=3)
    drawn = {row[:2] for row in told_rows(told) if row[2] == 2}
    assert drawn
    assert not drawn & likes
    assert all(sum(group.chosen) == 1 for group in told.groups)
    assert told.notes == [
        "the format has no dislikes", "2 dislikes were drawn for each like: nobody gave them",
    ]  # fmt: skip
    again = read_pog(tmp_path, Reading(bad_share=0.5))
    add_negatives(again, 2, seed=3)
    assert told_rows(again) == told_rows(told)


def test_tally_shows_the_first_few(caplog: pytest.LogCaptureFixture) -> None:
    tally = Tally(Path("x.csv"), bad_share=0.9, rows=20)
    for n in range(9):
        tally.refuse(f"x.csv:{n}", "bad")
    caplog.set_level("INFO", logger="vitrine")
    tally.close()
    assert "x.csv:4: bad" in caplog.text
    assert "x.csv:5: bad" not in caplog.text
    assert "and 4 more" in caplog.text


def test_csv_with_quotes_that_never_end(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "user,item,rating", 'a,"b,3', "c,d,4")
    told = read_table(path, Reading(bad_share=0.6))
    assert told_rows(told) == [("c", "d", 4)]
    assert csv.field_size_limit() >= 100_000


def test_groups_of_ratings_that_follow_each_other() -> None:
    told = Interactions()
    for time, (user, stars) in enumerate(
        [("a", 5), ("b", 1), ("a", 1), ("a", 4), ("b", 2), ("a", 3)]
    ):
        told.rate(user, f"i{time}", stars, float(10 - time))
    told.rate("a", "i9", 5, 99.0)
    told.group_ratings(2)
    items, users = list(told.items), list(told.users)
    groups = [(users[g.user], [items[i] for i in g.items], g.chosen, g.time) for g in told.groups]
    assert groups == [
        ("a", ["i5", "i3"], (False, True), 7.0), ("a", ["i2", "i0"], (False, True), 10.0),
    ]  # fmt: skip
    assert "follow each other" in told.notes[0]


def test_tabs_and_semicolons_separate_too_and_titles_are_kept(tmp_path: Path) -> None:
    write(tmp_path / "r.tsv", "user\titem\trating\ttitle", "a\tb\t4\tA hat, blue")
    write(tmp_path / "r.csv", "user;item;rating", "a;b;4")
    told = read_table(tmp_path / "r.tsv", HOW)
    assert told_rows(told) == told_rows(read_table(tmp_path / "r.csv", HOW)) == [("a", "b", 4)]
    assert told.titles == {"b": "A hat, blue"}


def test_packed_files_are_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "r.csv.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(RequestError, match="unpack it first"):
        read_table(tmp_path / "r.csv.gz", HOW)


def test_a_parquet_file_that_would_swell_is_refused(tmp_path: Path) -> None:
    """A word of a megabyte that stands in every row takes a few kilobytes on disk."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    many = 100_000
    words = pa.DictionaryArray.from_arrays(pa.array([0] * many, pa.int32()), ["x" * 1_000_000])
    columns = {"user": words, "item": ["i"] * many, "rating": [3] * many}
    parquet.write_table(pa.table(columns), tmp_path / "r.parquet", compression="zstd")
    assert (tmp_path / "r.parquet").stat().st_size < 100_000
    with pytest.raises(RequestError, match="a cell of 1000000 bytes"):
        read_table(tmp_path / "r.parquet", HOW)
    nested = {"user": [["a"]], "item": ["i"], "rating": [3]}
    parquet.write_table(pa.table(nested), tmp_path / "n.parquet")
    with pytest.raises(RequestError, match="expected words or numbers"):
        read_table(tmp_path / "n.parquet", HOW)


PIECES = st.lists(
    st.sampled_from(
        ["u1", "i1", "N1-1", "N2-0", "::", "\t", ",", ";", "4", "0.5", "9e999", "nan", "-1", " ", '"',
         "11/11/2019 9:05:58 AM", "1365029107", "\x00", "é", "x" * 300, "worker", "i2"]
    ),
    max_size=12,
)  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(junk=st.lists(PIECES, max_size=12), seed=st.integers(0, 3))
def test_no_format_breaks_on_junk_between_good_rows(
    tmp_path: Path, junk: list[list[str]], seed: int
) -> None:
    """Good rows survive whatever stands between them, and only stars leave a reader."""
    formats = {
        "ratings.dat": (read_movielens, [], "7::31::4::1260759144", ("7", "31", 4)),
        "behaviors.tsv": (read_mind, [], "1\tU9\t11/11/2019 9:05:58 AM\t\tN7-1 N8-0", ("U9", "N7", 4)),
        "user_data.txt": (read_pog, [], "u9,i7;i8,o1", ("u9", "i7", 4)),
        "FLICKR-AES_image_labeled_by_each_worker.csv": (
            read_flickr_aes, [" worker, imagePair, score"], "A9, p7.jpg, 5", ("A9", "p7.jpg", 5),
        ),
    }  # fmt: skip
    lines = ["".join(pieces) for pieces in junk]
    for name, (reader, header, good, expected) in formats.items():
        folder = tmp_path / name.split(".")[0]
        rows = [*lines, good]
        rows = [*header, *rows[seed:], *rows[:seed]]
        told = reader(write(folder / name, *rows).parent, Reading(bad_share=0.99))
        assert expected in told_rows(told)
        assert set(told.value) <= {1, 2, 3, 4, 5}
        assert told.tallies[0].bad <= told.tallies[0].rows
        for user, item, _ in told_rows(told):
            assert user.strip() and item.strip() and max(len(user), len(item)) <= 200

"""Pick-a-Pic files: pairs become groups, ties are no choice, and no prompt or person leaks."""

import argparse
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vitrine.core.errors import RequestError
from vitrine.models.experience import read_experience
from vitrine.models.fakes import FakeEncoder
from vitrine.models.ratings.formats import Reading
from vitrine.models.ratings.pickapic import from_parquet, read_pickapic
from vitrine.models.ratings.read import add_arguments, run

pyarrow = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

HOW = Reading()
Comparison = dict[str, object]


def jpeg(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((12, 12, 3), shade, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def pair(
    user: int, prompt: str, left: str, right: str, label: float = 1.0, **more: object
) -> Comparison:
    shades = [sum(map(ord, name)) % 250 for name in (left, right)]
    return {
        "user_id": user, "caption": prompt, "image_0_uid": left, "image_1_uid": right,
        "jpg_0": jpeg(shades[0]), "jpg_1": jpeg(shades[1]), "label_0": label,
        "label_1": 1 - label, "has_label": True, "are_different": True,
        "created_at": datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=user), **more,
    }  # fmt: skip


def write(path: Path, rows: list[Comparison], *, part: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=part)
    return path


def test_labelled_pairs_are_groups_of_two(tmp_path: Path) -> None:
    path = write(tmp_path / "train-00000-of-00001.parquet", [
        pair(7, "a red fox", "a", "b"), pair(7, "a red fox", "a", "c", 0.0),
        pair(8, "an owl", "d", "e", 0.5), pair(9, "an owl", "d", "f", has_label=False),
    ])  # fmt: skip
    told = read_pickapic(path, HOW)
    users, items = list(told.users), list(told.items)
    groups = [
        (users[g.user], g.text, [items[i] for i in g.items], list(g.chosen)) for g in told.groups
    ]
    assert groups == [
        ("7", "a red fox", ["a", "b"], [True, False]),
        ("7", "a red fox", ["a", "c"], [False, True]),
        ("8", "an owl", ["d", "e"], [False, False]),
    ]
    assert told.titles["a"] == "a red fox"
    assert list(told.value) == [4, 2, 2, 4, 3, 3]
    assert told.groups[0].time == datetime(2023, 1, 1, 0, 7, tzinfo=UTC).timestamp()
    assert any("1 ties" in note for note in told.notes)
    assert any("1 rows without a label" in note for note in told.notes)


def test_bad_rows_are_told_with_file_and_row(tmp_path: Path) -> None:
    rows = [pair(1, "fox", f"a{i}", f"b{i}") for i in range(200)]
    rows[10]["caption"] = " "
    rows[20]["label_1"] = 0.7
    rows[30]["image_1_uid"] = "a30"
    rows[40]["user_id"] = None
    told = read_pickapic(write(tmp_path / "x.parquet", rows), HOW)
    (tally,) = told.tallies
    assert (tally.rows, tally.bad) == (200, 4)
    assert tally.first == [
        "x.parquet:11: no caption",
        "x.parquet:21: labels 1 and 0.7: expected 1 and 0, or .5 twice",
        "x.parquet:31: picture 'a30' is compared with itself",
        "x.parquet:41: no user",
    ]
    with pytest.raises(RequestError, match="200 rows are bad"):
        read_pickapic(tmp_path / "x.parquet", Reading(bad_share=0.01))


def test_a_folder_is_read_file_by_file_up_to_the_limit(tmp_path: Path) -> None:
    for number in range(3):
        rows = [pair(1, "fox", f"{number}a{i}", f"{number}b{i}") for i in range(5)]
        write(tmp_path / "data" / f"train-0000{number}.parquet", rows)
    assert len(read_pickapic(tmp_path, HOW).groups) == 15
    assert len(read_pickapic(tmp_path, Reading(limit=7)).groups) == 7
    assert len(read_pickapic(tmp_path, Reading(limit=5)).tallies) == 1


def test_what_is_no_such_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="expected a parquet file"):
        read_pickapic(tmp_path, HOW)
    rows = [{k: v for k, v in pair(1, "fox", "a", "b").items() if k != "label_1"}]
    with pytest.raises(RequestError, match="no column 'label_1'"):
        read_pickapic(write(tmp_path / "x.parquet", rows), HOW)
    (tmp_path / "y.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(RequestError, match="no parquet file"):
        read_pickapic(tmp_path / "y.parquet", HOW)


def test_pictures_are_seen_once_and_damaged_ones_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rows = [pair(1, "fox", "a", "b"), pair(1, "owl", "b", "c"), pair(2, "owl", "c", "d")]
    rows[1]["jpg_1"] = b"no picture"
    rows[2]["jpg_0"] = b"no picture"
    path = write(tmp_path / "x.parquet", rows)
    told = read_pickapic(path, HOW)
    encoder = FakeEncoder()
    seen = from_parquet(path, list(told.items), told.titles, encoder)
    assert sorted(seen.names) == ["a", "b", "d"]
    assert seen.space == encoder.space
    assert seen.captions.shape == (3, 1, encoder.dim)
    assert "x.parquet:3 jpg_0: no readable picture" in caplog.text
    flat = [{**row, "jpg_0": "words"} for row in rows]
    path = write(tmp_path / "z.parquet", flat)
    with pytest.raises(RequestError, match="expected bytes"):
        from_parquet(path, ["a"], {}, encoder)


# --- splits ---------------------------------------------------------------------------------------


def many(folder: Path) -> Path:
    """People who compare pictures of shared prompts, each prompt with pictures of its own."""
    rng = np.random.default_rng(0)
    rows: list[Comparison] = []
    for user in range(40):
        for _ in range(12):
            prompt = int(rng.integers(30))
            left, right = rng.choice(6, size=2, replace=False)
            label = float(rng.choice([0.0, 0.5, 1.0], p=[0.45, 0.1, 0.45]))
            rows.append(
                pair(user, f"prompt {prompt}", f"{prompt}-{left}", f"{prompt}-{right}", label)
            )
    path = write(folder / "train.parquet", rows, part=100)
    names = sorted({str(row[f"image_{side}_uid"]) for row in rows for side in (0, 1)})
    np.save(folder / "vectors.npy", rng.standard_normal((len(names), 5)).astype(np.float32))
    (folder / "vectors.ids.txt").write_text("".join(f"{name}\n" for name in names))
    return path


@pytest.mark.parametrize("kind", ["prompt", "group", "user"])
def test_no_prompt_and_no_person_leaks(tmp_path: Path, kind: str) -> None:
    path = many(tmp_path)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    out = tmp_path / "out"
    run(parser.parse_args([
        "pickapic", str(path), "--embeddings", str(tmp_path / "vectors.npy"), "--out", str(out),
        "--split", kind, "--heldout", "0.3",
    ]))  # fmt: skip
    data = read_experience(out)
    split = {user.user: user.split for user in data.users}
    train = [group for group in data.groups if group.split == "train"]
    judged = [group for group in data.groups if group.split == "heldout"]
    assert train and judged
    assert all(split[group.user] == "train" for group in train)
    assert all(split[group.user] != "train" for group in judged)
    assert all(sum(group.chosen) == 1 and len(group.items) == 2 for group in data.groups)
    row = {user.user: place for place, user in enumerate(data.users)}
    for group in judged:
        known = set(data.training_ratings(row[group.user]).items.tolist())
        assert not known & set(group.items)
    if kind == "prompt":
        assert not {group.text for group in train} & {group.text for group in judged}
        assert all(data.heldout[list(group.items)].all() for group in judged)
        assert not any(data.heldout[list(group.items)].any() for group in train)
    if kind == "group":
        assert not data.heldout.any()  # the pictures themselves may be known to others
        people = {group.user for group in judged}
        likes = [data.training_ratings(row[user]).items for user in people]
        assert sum(map(len, likes)) > 0  # the other half of the groups is what is known of them
    origin = json.loads((out / "origin.json").read_text())
    assert origin["split"]["kind"] == kind
    assert any("ties" in note for note in origin["notes"])


def test_a_split_by_what_was_not_told_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "r.csv"
    lines = [f"u{u},i{i},{1 + (u * i) % 5}" for u in range(30) for i in range(9)]
    table.write_text("user,item,rating\n" + "\n".join(lines) + "\n")
    np.save(tmp_path / "v.npy", np.zeros((9, 2), np.float32))
    (tmp_path / "v.ids.txt").write_text("".join(f"i{i}\n" for i in range(9)))
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    for kind, told in (("prompt", "for a text"), ("group", "shown together")):
        words = ["table", str(table), "--embeddings", str(tmp_path / "v.npy"), "--out",
                 str(tmp_path / "o"), "--split", kind]  # fmt: skip
        with pytest.raises(RequestError, match=told):
            run(parser.parse_args(words))

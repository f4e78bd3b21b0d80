"""From ratings to the folder that taste models train on: nothing that is judged on leaks into training."""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrine.core.errors import RequestError
from vitrine.models.experience import Experience, read_experience
from vitrine.models.ratings.folder import Terms, write_folder
from vitrine.models.ratings.interactions import Interactions
from vitrine.models.ratings.read import add_arguments, run
from vitrine.models.ratings.split import SplitKind, chance
from vitrine.models.ratings.vectors import Vectors
from vitrine.models.train import main
from vitrine.models.training import add_run_arguments

KINDS: tuple[SplitKind, ...] = ("item", "time", "user", "group")


def people(seed: int, *, users: int = 60, items: int = 50, shuffled: int = 0) -> Interactions:
    """Ratings and groups of people who like a half of the items, at times of their own."""
    rng, told = random.Random(seed), Interactions()
    rows: list[tuple[str, str, int, float]] = []
    shown: list[tuple[str, list[str], float]] = []
    for u in range(users):
        for i in rng.sample(range(items), 20):
            rows.append((f"u{u}", f"i{i}", 5 if (i + u) % 2 else 1, 1e9 + rng.random() * 1e6))
        shown += [
            (f"u{u}", [f"i{i}" for i in rng.sample(range(items), 6)], 1e9 + rng.random() * 1e6)
            for _ in range(3)
        ]
    if shuffled:
        random.Random(shuffled).shuffle(rows)
    for row in rows:
        told.rate(*row)
    for user, names, time in shown:
        told.show(user, names, [bool(int(n[1:]) % 2) for n in names], text="any", time=time)
    return told


def vectors(told: Interactions, seed: int = 0) -> Vectors:
    names = tuple(told.items)
    rows = np.random.default_rng(seed).standard_normal((len(names), 6)).astype(np.float32)
    return Vectors("space", names, rows, np.zeros((len(names), 0, 6), np.float32))


def folder(out: Path, told: Interactions, terms: Terms) -> Experience:
    write_folder(out, told, vectors(told), terms, source="test")
    return read_experience(out)


def origin(out: Path) -> dict[str, object]:
    return json.loads((out / "origin.json").read_text())


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 99), share=st.floats(0.15, 0.5))
def test_nothing_that_is_judged_on_is_trained_on_or_known(
    tmp_path: Path, kind: SplitKind, seed: int, share: float
) -> None:
    told = people(seed)
    data = folder(tmp_path / "out", told, Terms(kind, share, seed))
    names = (tmp_path / "out" / "items.txt").read_text().split()
    when = {
        (u, i): t
        for u, i, t in zip(told.user, told.item, told.time, strict=True)
    }  # fmt: skip
    users, items = list(told.users), list(told.items)
    time = {(users[u], items[i]): t for (u, i), t in when.items()}
    train, judged = data.of_split("train"), data.of_split("heldout")
    assert not set(train) & set(judged)
    trained_items: set[int] = set()
    latest = 0.0
    for row in train:
        rated = data.training_ratings(row)
        trained_items |= set(rated.items.tolist())
        latest = max([latest, *(time[data.users[row].user, names[i]] for i in rated.items)])
    measured = 0
    for row in judged:
        known = set(data.training_ratings(row).items.tolist())
        kept = set(data.heldout_ratings(row).items.tolist())
        measured += len(kept)
        assert not known & kept
        if kind == "item":
            assert not trained_items & kept
        if kind == "time":
            assert all(time[data.users[row].user, names[i]] > latest for i in kept)
    assert measured
    row_of = {user.user: row for row, user in enumerate(data.users)}
    for group in data.groups:
        row = row_of[group.user]
        assert (group.split == "train") == (row in train)
        assert 0 < sum(group.chosen) < len(group.chosen)
        if group.split == "train":
            assert not data.heldout[list(group.items)].any()
        elif kind != "time":
            known = set(data.training_ratings(row).items.tolist())
            assert not known & set(group.items)
        if kind == "item" and group.split == "heldout":
            assert data.heldout[list(group.items)].all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_split_depends_on_names_and_seed_alone(tmp_path: Path, kind: SplitKind) -> None:
    parts = []
    for n, (shuffled, seed) in enumerate([(0, 4), (7, 4), (0, 5)]):
        data = folder(tmp_path / str(n), people(1, shuffled=shuffled), Terms(kind, 0.3, seed))
        names = (tmp_path / str(n) / "items.txt").read_text().split()
        sides = {user.user: user.split for user in data.users}
        kept = {
            (user.user, names[item])
            for row, user in enumerate(data.users)
            for item in data.heldout_ratings(row).items
        }
        parts.append((sides, kept))
    assert parts[0] == parts[1]
    assert parts[0][0] != parts[2][0]


def test_the_same_ratings_give_the_same_bytes(tmp_path: Path) -> None:
    hashes = [folder(tmp_path / str(n), people(2), Terms()).sha256 for n in range(2)]
    assert hashes[0] == hashes[1]


def test_chances_are_spread_evenly() -> None:
    drawn = [chance(0, "user", f"u{n}") for n in range(4000)]
    assert abs(np.mean(drawn) - 0.5) < 0.02
    assert abs(np.mean(np.array(drawn) < 0.2) - 0.2) < 0.02


def test_people_with_few_likes_and_items_without_embedding_are_told(tmp_path: Path) -> None:
    told = people(3)
    for item in range(3):
        told.rate("lonely", f"i{item}", 2)
    told.rate("u1", "unseen", 5)
    seen = vectors(told)
    seen = Vectors("s", seen.names[:-1], seen.images[:-1], seen.captions[:-1])
    write_folder(tmp_path, told, seen, Terms(min_likes=2), source="test")
    card = origin(tmp_path)
    assert card["users_left_out"] == 1
    assert card["items_without_embedding"] == 1
    assert card["split"]["kind"] == "item"
    assert "items that nobody trained on" in card["notes"][-1]
    with pytest.raises(RequestError, match="nobody of 61 has 100 likes"):
        write_folder(tmp_path, told, seen, Terms(min_likes=100), source="test")


def test_too_little_to_hold_out_is_said(tmp_path: Path) -> None:
    told = people(3, users=2)
    with pytest.raises(RequestError, match="2 people are too few"):
        folder(tmp_path, told, Terms(share=0.2))
    with pytest.raises(RequestError, match=r"--heldout 1\.5"):
        folder(tmp_path, people(3), Terms(share=1.5))
    undated = people(3)
    undated.rate("u1", "i1", 5)
    with pytest.raises(RequestError, match="some ratings have no time"):
        folder(tmp_path, undated, Terms("time"))


def test_taste_models_train_on_what_was_read(tmp_path: Path) -> None:
    """The command line from a csv to a verifier with a card that tells where its data came from."""
    rng = np.random.default_rng(0)
    names = [f"p{n}" for n in range(60)]
    looks = rng.standard_normal((60, 8)).astype(np.float32)
    np.save(tmp_path / "looks.npy", looks)
    (tmp_path / "looks.ids.txt").write_text("\n".join(names) + "\n")
    rows = ["user,item,rating"]
    for user in range(40):
        wish = rng.standard_normal(8)
        rows += [
            f"u{user},p{item},{5 if looks[item] @ wish > 0 else 1}"
            for item in rng.permutation(60)[:40]
        ]
    (tmp_path / "r.csv").write_text("\n".join([*rows, "u1,p1,eleven"]) + "\n")
    out = tmp_path / "read"
    words = ["table", str(tmp_path / "r.csv"), "--embeddings", str(tmp_path / "looks.npy")]
    assert main(["read", *words, "--out", str(out), "--space", "looks"]) == 0
    data = read_experience(out)
    assert data.space == "looks"
    assert origin(out)["rows"] == {"r.csv": {"read": 1601, "bad": 1}}

    words = ["--data", str(out), "--out", str(tmp_path / "verifier"), "--steps", "60"]
    words += ["--batch", "64", "--lr", "0.01", "--device", "cpu", "--no-tensorboard"]
    assert main(["verifier", *words, "--patience", "30", "--evaluate-every", "20"]) == 0
    card = json.loads((tmp_path / "verifier" / "card.json").read_text())
    assert card["data"]["source"] == "table r.csv"
    assert card["data"]["split"]["users"]["heldout"] == len(data.of_split("heldout"))
    assert card["notes"] == list(data.notes)
    assert "simulated" not in json.dumps(card)
    assert card["figures"]["heldout_user_auc_32_ratings"] > 0.7
    settings = json.loads((tmp_path / "verifier" / "training.json").read_text())
    assert settings["recipe"]["patience"] == 30
    assert settings["options"]["data"] == "read"

    words = ["--data", str(out), "--out", str(tmp_path / "prior"), "--steps", "2", "--batch", "16"]
    words += ["--width", "32", "--layers", "1", "--device", "cpu", "--no-tensorboard"]
    assert main(["prior", *words]) == 0
    assert (tmp_path / "prior" / "model.safetensors").is_file()


def test_a_broken_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("user,item,rating\na,b,x\n")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ["table", str(tmp_path / "r.csv"), "--titles", "--out", str(tmp_path / "out")]
    with pytest.raises(RequestError, match="1 of 1 rows are bad"):
        run(parser.parse_args(words))
    assert not (tmp_path / "out").exists()
    with pytest.raises(RequestError, match="--scale"):
        run(parser.parse_args([*words, "--scale", "5", "1"]))
    with pytest.raises(RequestError, match="--columns"):
        run(parser.parse_args([*words, "--columns", "colour=red"]))


def test_a_log_is_found_by_the_command_line_only(tmp_path: Path) -> None:
    words = ["--from-log", "--out", str(tmp_path / "v"), "--steps", "1"]
    with pytest.raises(RequestError, match="vitrine train"):
        main(["verifier", *words])
    parser = argparse.ArgumentParser()
    add_run_arguments(parser, steps=1, batch=1, lr=1.0, data="ratings")
    with pytest.raises(SystemExit):
        parser.parse_args([*words, "--data", "x"])

"""Guessing what people like next, in worlds where it is known which guesser is right."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats, PriorRequest
from vitrine.evals.guessers import Crowd, blends, everyone_alike, families, newest_likes, unit
from vitrine.evals.histories import (
    HistoriesReport,
    Standing,
    add_arguments,
    choose,
    measure,
    page,
    run,
)
from vitrine.evals.next_items import Mix, Person, best_of, hits, judged_people, ranks
from vitrine.models.experience import Experience, read_experience
from vitrine.models.ratings.folder import Terms, write_folder
from vitrine.models.ratings.interactions import Interactions
from vitrine.models.ratings.vectors import Vectors
from vitrine.models.train import main

EARLY, LATE = 1e9, 1e9 + 1e6
PEOPLE, ITEMS, DIM = 60, 120, 8

Told = tuple[int, int, int, bool]
"""(user, item, stars, whether after the cutoff)"""


class Knowing:
    """A prior that samples around what each person's history points to, or around one given row."""

    def __init__(self, images: Floats, around: Callable[[PriorRequest], Floats]) -> None:
        self.images, self.around, self.asked = images, around, 0

    def sample_many(self, requests: Sequence[PriorRequest]) -> list[Floats]:
        self.asked += len(requests)
        return [np.tile(self.around(r), (r.n, 1)) for r in requests]


def blind(images: Floats) -> Knowing:
    """Samples that say nothing of anybody."""

    row: Floats = np.ones_like(images[0])
    return Knowing(images, lambda request: row)


def world(out: Path, rows: list[Told], images: Floats, people: int = PEOPLE) -> Experience:
    """Ratings as a folder that is split by time; a fifth of the ratings must be late."""
    told, rng = Interactions(), np.random.default_rng(1)
    for item in range(len(images)):
        told.items[f"i{item}"] = item
    for user, item, stars, late in rows:
        told.rate(f"u{user}", f"i{item}", stars, (LATE if late else EARLY) + 1e3 * rng.random())
    late = sum(row[3] for row in rows)
    names = tuple(told.items)
    vectors = Vectors(
        "space", names, images, np.zeros((len(names), 0, images.shape[1]), np.float32)
    )
    share = late / len(rows)
    write_folder(out, told, vectors, Terms("time", share, 0, 1), source="test")
    return read_experience(out)


def scattered(count: int = ITEMS, dim: int = DIM) -> Floats:
    return np.random.default_rng(0).standard_normal((count, dim)).astype(np.float32)


def neighbours_world() -> tuple[list[Told], Floats]:
    """Each person likes four of five like items early, and the fifth late; all people differ."""
    rng = np.random.default_rng(2)
    middles = rng.standard_normal((24, 16)) * 4
    images = np.repeat(middles, 5, axis=0) + 0.05 * rng.standard_normal((120, 16))
    rows: list[Told] = []
    for user in range(PEOPLE):
        kind = user % 24
        fifth = user % 5
        for place in range(5):
            rows.append((user, 5 * kind + place, 5, place == fifth))
        rows.append((user, 5 * ((kind + 7) % 24), 1, False))
    return rows, images.astype(np.float32)


def crowd_world() -> tuple[list[Told], Floats]:
    """Nothing but fashion: late everybody likes what all others liked early; embeddings say nothing."""
    rng = np.random.default_rng(3)
    rows: list[Told] = []
    for user in range(PEOPLE):
        famous = rng.permutation(6)
        rows += [(user, int(item), 5, False) for item in famous[:4]]
        rows += [(user, int(item), 3, False) for item in rng.permutation(range(6, ITEMS))[:4]]
        rows += [(user, int(item), 5, True) for item in famous[4:]]
    return rows, scattered()


def cliques_world() -> tuple[list[Told], Floats]:
    """Twelve circles with ten items each; embeddings say nothing, and all items are equally liked."""
    rows: list[Told] = []
    for user in range(96):
        own = np.random.default_rng(user).permutation(10) + 10 * (user % 12)
        rows += [(user, int(item), 5, place >= 8) for place, item in enumerate(own)]
    return rows, scattered()


def standing(
    out: Path, rows: list[Told], images: Floats, prior: Knowing | None = None, least: int = 4
) -> list[Standing]:
    data = world(out, rows, images)
    people = judged_people(data, least)
    ways = families(data, out, prior or blind(images), samples=4, seed=0)
    chosen = choose(ways, judged_people(data, least, ("validation",)), 0)
    return list(measure(data, people, chosen, seed=0))


def hr(found: Standing, name: str) -> float:
    return next(g.hr_later.mean for g in found.guessers if g.name == name)


def test_where_the_next_thing_is_the_nearest_one_closeness_finds_it(tmp_path: Path) -> None:
    rows, images = neighbours_world()
    prior = Knowing(
        images, lambda r: r.taste.liked.mean(axis=0) if r.taste.liked.size else images[0]
    )
    everyone = standing(tmp_path / "w", rows, images, prior)[0]
    assert everyone.people > 40
    for name in ("prior", "centroid", "nearest likes"):
        assert hr(everyone, name) == 1.0
    assert hr(everyone, "chance") < 0.3
    assert hr(everyone, "prior, nobody") < 0.3
    assert {g.ndcg_next.mean for g in everyone.guessers if g.name in ("prior", "centroid")} == {1.0}


def test_where_only_fashion_counts_popularity_wins(tmp_path: Path) -> None:
    everyone = standing(tmp_path / "w", *crowd_world())[0]
    figures = {g.name: g for g in everyone.guessers}
    assert figures["popular"].ndcg_later.mean == figures["popular lately"].ndcg_later.mean == 1.0
    assert figures["popular"].less_prior.low > 0.5
    assert figures["centroid"].ndcg_later.mean < 0.3
    assert figures["popular"].above.mean > 0.98


def test_where_circles_share_taste_their_members_know_it(tmp_path: Path) -> None:
    everyone = standing(tmp_path / "w", *cliques_world())[0]
    assert hr(everyone, "item-kNN") == 1.0
    assert hr(everyone, "popular") < 0.6
    assert hr(everyone, "centroid") < 0.6


def test_of_new_items_only_embeddings_know_anything(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    middles = rng.standard_normal((12, 16)) * 4
    images = np.repeat(middles, 20, axis=0) + 0.05 * rng.standard_normal((240, 16))
    rows: list[Told] = []
    for user in range(PEOPLE):
        own = 20 * (user % 12)
        rows += [(user, own + int(item), 5, False) for item in rng.permutation(10)[:5]]
        rows += [(user, own + 10 + int(item), 5, True) for item in rng.permutation(10)[:2]]
    tables = standing(tmp_path / "w", rows, images.astype(np.float32))
    new = next(table for table in tables if table.title.startswith("New"))
    assert 120 <= new.candidates < 130
    assert hr(new, "centroid") == 1.0
    figures = {g.name: g.above.mean for g in new.guessers}
    for name in ("popular", "popular lately", "item-kNN"):
        assert abs(figures[name] - 0.5) < 0.1


def test_what_comes_later_changes_no_guess(tmp_path: Path) -> None:
    rows, images = neighbours_world()
    other = [(u, (i + 60) % len(images) if late else i, s, late) for u, i, s, late in rows]
    scores: list[list[Floats]] = []
    for name, told in (("a", rows), ("b", other)):
        data = world(tmp_path / name, told, images)
        people = [
            Person(row, False, known.items, known.items[known.values >= 4], known.items[:0])
            for row in range(len(data.users))
            for known in [data.training_ratings(row)]
        ]
        prior = blind(images)
        ways = families(data, tmp_path / name, prior, samples=4, seed=0)
        scores.append([s for f in ways.values() for guess in f.values() for s in guess(people)])
    for one, two in zip(*scores, strict=True):
        assert np.array_equal(one, two)


def test_ties_are_broken_by_chance_and_places_are_counted_among_candidates() -> None:
    flat, candidates = np.zeros(100, np.float32), np.ones(100, np.bool_)
    places = [int(ranks(flat, candidates, np.array([7]), seed)[0]) for seed in range(2000)]
    assert abs(np.mean(places) - 49.5) < 3
    scores = np.arange(100, dtype=np.float32)
    candidates[95:] = False
    assert ranks(scores, candidates, np.array([94, 90, 0]), 0).tolist() == [0, 4, 94]
    with pytest.raises(ValueError, match="no part"):
        ranks(scores, candidates, np.array([99]), 0)
    with pytest.raises(ValueError, match="finite"):
        ranks(np.full(100, np.nan, np.float32), candidates, np.array([1]), 0)


@pytest.mark.parametrize(
    ("places", "hit", "ndcg"),
    [
        ([0], 1, 1),
        ([9], 1, 1 / np.log2(11)),
        ([10], 0, 0),
        ([1, 0], 1, 1),
        ([0, 50], 1, 1 / (1 + 1 / np.log2(3))),
        (list(range(30)), 1, 1),
    ],
)
def test_hits_by_hand(places: list[int], hit: float, ndcg: float) -> None:
    assert hits(np.array(places)) == (hit, pytest.approx(ndcg))


def test_cosines_of_the_matrix_of_likes(tmp_path: Path) -> None:
    data = world(tmp_path / "w", cliques_world()[0], scattered())
    matrix = np.zeros((len(data.users), ITEMS))
    for row in data.of_split("train"):
        matrix[row, data.training_ratings(row).items] = 1
    length = np.maximum(np.linalg.norm(matrix, axis=0), 1)
    expected = (matrix.T @ matrix)[3] / (length * length[3])
    crowd = Crowd(data)
    assert np.allclose(crowd.cosines(3), expected, atol=1e-6)
    assert np.array_equal(crowd.likes, matrix.sum(axis=0))
    assert newest_likes(tmp_path / "w", data, 1.0).tolist() == crowd.likes.tolist()
    assert newest_likes(tmp_path / "w", data, 0.1).sum() == round(0.1 * matrix.sum())


def test_who_is_judged(tmp_path: Path) -> None:
    rows, images = neighbours_world()
    data = world(tmp_path / "w", rows, images)
    people = judged_people(data, 5)
    assert {data.users[p.row].split for p in people} == {"train", "heldout"}
    assert all(p.unseen == (data.users[p.row].split == "heldout") for p in people)
    assert all(len(p.before) == 5 and len(p.liked) == 4 and len(p.later) == 1 for p in people)
    others = judged_people(data, 5, ("validation",))
    assert {data.users[p.row].split for p in others} == {"validation"}
    assert not judged_people(data, 6)


def test_dials_are_turned_for_the_people_given() -> None:
    person = Person(0, True, np.array([0]), np.array([0]), np.array([3]))
    right, wrong = np.eye(30, dtype=np.float32)[3], -np.eye(30, dtype=np.float32)[3]
    settings = {"wrong": everyone_alike(wrong), "right": everyone_alike(right)}
    assert best_of(settings, {}, [person], 0) == "right"
    assert best_of(settings, {}, [], 0) == "wrong"
    mixes: dict[str, Mix] = {"a": lambda named: named["wrong"], "b": lambda named: named["right"]}
    assert best_of(settings, mixes, [person], 0) == "b"


def test_both_ends_of_the_rating_are_drawn_with_one_guidance(tmp_path: Path) -> None:
    data = world(tmp_path / "w", *crowd_world())
    ways = families(data, tmp_path / "w", blind(data.images), samples=2, seed=0)
    chosen = choose(ways, judged_people(data, 4, ("validation",)), 0)
    assert chosen.settings["prior"] == chosen.settings["prior, rating 1"]
    assert set(chosen.ways) == set(ways)


def test_a_mix_weighs_both_sides_at_unit_deviation() -> None:
    rng = np.random.default_rng(7)
    fashion, own = rng.random(50).astype(np.float32), 100 * rng.random(50).astype(np.float32)
    mix = blends("own")["weight 0.5"]({"popular lately": fashion, "own": own})
    assert np.allclose(mix, unit(np.log1p(fashion)) + 0.5 * unit(own))
    assert unit(np.ones(4, np.float32)).tolist() == [0, 0, 0, 0]


def test_the_same_guess_for_all() -> None:
    nobody = Person(0, False, *(np.zeros(0, np.int64) for _ in range(3)))
    assert [s.tolist() for s in everyone_alike(np.ones(2, np.float32))([nobody] * 2)] == [
        [1, 1]
    ] * 2


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("histories")
    rng = np.random.default_rng(6)
    rows = [
        (user, int(item), int(rng.integers(1, 6)), place >= 14)
        for user in range(PEOPLE)
        for place, item in enumerate(rng.permutation(ITEMS)[:18])
    ]
    world(root / "data", rows, scattered())
    main(["prior", "--data", str(root / "data"), "--out", str(root / "prior"), "--steps", "2",
          "--width", "16", "--layers", "1", "--batch", "16", "--no-tensorboard", "--threads", "1"])  # fmt: skip
    return root


def command(trained: Path, out: Path, *more: str) -> argparse.Namespace:
    words = ("--data", str(trained / "data"), "--weights", str(trained), "--out", str(out))
    return arguments(*words, "--samples", "4", *more)


def test_the_command_writes_report_and_page_and_repeats_itself(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports: list[HistoriesReport] = []
    for name in ("a", "b"):
        run(command(trained, tmp_path / name, "--results", str(tmp_path / "page.md")))
        text = (tmp_path / name / "report.json").read_text()
        reports.append(HistoriesReport.model_validate_json(text))
    assert reports[0] == reports[1]
    assert [s.title.split()[0] for s in reports[0].standings][:2] == ["Everyone", "People"]
    told = (tmp_path / "page.md").read_text()
    assert told == page(reports[0]) == (tmp_path / "a" / "page.md").read_text()
    assert told in capsys.readouterr().out
    for word in ("item-kNN", "Best at NDCG@10 is", "The prior beside popularity changes it by"):
        assert word in told


def test_the_page_says_who_is_best(tmp_path: Path) -> None:
    everyone = standing(tmp_path / "w", *crowd_world())[0]
    report = HistoriesReport(source="s", split={}, notes=("n",), space="titles:0", prior_steps=1,
                             tuned_on=1, least=1, samples=4, seed=0, standings=(everyone,))  # fmt: skip
    told = page(report)
    assert "Best at NDCG@10 is popular, 1.0000; the prior has" in told
    assert "no picture stands behind" in told
    assert "no picture" not in page(report.model_copy(update={"space": "file:0"}))


def test_a_prior_of_other_data_is_refused(trained: Path, tmp_path: Path) -> None:
    rows, images = neighbours_world()
    world(tmp_path / "data", rows, images)
    words = ("--data", str(tmp_path / "data"), "--weights", str(trained), "--out", str(tmp_path))
    with pytest.raises(RequestError, match="other data"):
        run(arguments(*words))
    words = ("--data", str(trained / "data"), "--weights", str(tmp_path), "--out", str(tmp_path))
    with pytest.raises(RequestError, match="card"):
        run(arguments(*words))


def test_what_cannot_be_judged_is_refused(trained: Path, tmp_path: Path) -> None:
    for more, word in ((("--least", "19"), "nobody"), (("--samples", "0"), "--samples")):
        with pytest.raises(RequestError, match=word):
            run(command(trained, tmp_path, *more))
    origin = trained / "data" / "origin.json"
    kept = origin.read_text()
    try:
        origin.write_text(json.dumps({"split": {"kind": "item"}}))
        with pytest.raises(RequestError, match="by time"):
            run(command(trained, tmp_path))
    finally:
        origin.write_text(kept)

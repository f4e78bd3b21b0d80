"""The measurement as a whole on a toy world whose answers are known."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from tests.evals.toy_pots import (
    DIM,
    ITEMS,
    NAMES,
    PEOPLE,
    VALUES,
    DeafPrior,
    Staging,
    TellingPrior,
    Words,
    pack,
)

from vitrine.core.errors import RequestError
from vitrine.evals.personal import run as command
from vitrine.evals.personal.bench import (
    Measured,
    Sampled,
    Seen,
    dissimilarity,
    topics,
    unit,
)
from vitrine.evals.personal.drawn import read_facets, words_near
from vitrine.evals.personal.equal import at_equal_precision
from vitrine.evals.personal.grid import grid, webp
from vitrine.evals.personal.markdown import shown, signed, verdict
from vitrine.evals.personal.modes import modes_steps, served, two_taste_people, two_tastes
from vitrine.evals.personal.page import page, write_page
from vitrine.evals.personal.progress import Progress
from vitrine.evals.personal.report import Figure, Report, Setup, ratio
from vitrine.evals.personal.requests import with_requests
from vitrine.evals.personal.stages import (
    SIZES,
    Stage,
    along_dials,
    along_ratings,
    side_by_side,
    steps_of,
)
from vitrine.evals.personal.world import LIKED_SHARE, TasteWorld, read_world
from vitrine.models.judge.model import Judge


def test_splits_are_safe(world: TasteWorld) -> None:
    for user in (*world.people("heldout", 4), *world.people("train", 4)):
        learned, asked = world.fresh(user)
        logged = world.data.ratings[user].items
        assert len(learned.items) > 20 and len(asked.items) > 10
        assert not np.isin(learned.items, logged).any() and not np.isin(asked.items, logged).any()
        assert not world.data.heldout[learned.items].any()
        assert world.data.heldout[asked.items].all()
        again = world.fresh(user)[0]
        assert (again.items == learned.items).all() and (again.values == learned.values).all()
    assert world.data.heldout[world.shelf].all()


def test_shoppers_of_another_simulation_are_refused(pots_folder: Path, tmp_path: Path) -> None:
    for path in pots_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    about = json.loads((tmp_path / "shoppers.json").read_text())
    about["world"]["seed"] = 5
    (tmp_path / "shoppers.json").write_text(json.dumps(about))
    with pytest.raises(RequestError, match="simulate them again"):
        read_world(tmp_path, tmp_path, pack())
    (tmp_path / "truth.safetensors").unlink()
    with pytest.raises(RequestError, match="simulat"):
        read_world(tmp_path, tmp_path, pack())


def test_new_pictures_are_worth_what_equal_items_are(world: TasteWorld) -> None:
    users, places = world.people("heldout", 3), np.arange(0, 60, 3)
    rows = world.shelf[places]
    facets = [world.wares.facets[int(row)] for row in rows]
    worth = world.worth(users, facets, world.data.images[rows])
    assert worth.shape == (3, 20)
    assert np.abs(worth - world.percentiles[users][:, places]).max() < 0.03


def test_the_judge_is_good_and_calibrated(world: TasteWorld, staging: Staging) -> None:
    quality = staging(TellingPrior()).bench.judge.quality(world.people("heldout"))
    assert quality["user_auc"] > 0.75
    assert quality["correlation_with_truth"] > 0.5
    assert quality["calibration_error"] < 0.12


def test_a_prior_that_listens_is_told_from_one_that_does_not(staging: Staging) -> None:
    telling = {arm.name: arm for arm in side_by_side(staging(TellingPrior())).arms}
    lift = telling["prior"].lift
    assert lift is not None and lift.p == 1 / 200 and lift.deviations > 6 and lift.lift.low > 0
    assert telling["prior"].figures["precision"].mean > telling["random"].figures["precision"].mean
    for name in ("random", "popular", "prior, no user"):
        other = telling[name].lift
        assert other is not None and abs(other.deviations) < 3.5
    assert telling["centroid, items"].figures["novelty"].mean == pytest.approx(0, abs=1e-6)
    assert telling["popular"].figures["distinct"].mean == 1.0
    deaf = next(arm for arm in side_by_side(staging(DeafPrior())).arms if arm.name == "prior")
    assert deaf.lift is not None and deaf.lift.p > 0.01 and deaf.lift.significant < 0.3


def test_the_rest_of_the_stages_and_the_page(
    staging: Staging, world: TasteWorld, tmp_path: Path
) -> None:
    stage = staging(TellingPrior())
    dials, ratings = along_dials(stage), along_ratings(stage)
    several = [
        user
        for user in (*world.people("heldout"), *stage.known)
        if world.data.users[user].modes > 1
    ]
    modes = two_tastes(stage, several[:4])
    assert [arm.dial for arm in ratings.curves["unseen"]][: len(SIZES)] == list(SIZES)
    nobody, all_of_them = ratings.curves["unseen"][0].lift, ratings.curves["unseen"][-1].lift
    assert nobody is not None and all_of_them is not None
    assert nobody.p > 0.005 and all_of_them.p == 1 / 200
    tokens = [arm.figures["percentile"].mean for arm in ratings.tokens]
    assert tokens[0] < 0.5 < tokens[4]
    whole, apart = modes.groups
    assert 2 <= apart.people < whole.people == len(several[:4])
    assert apart.agreement < whole.agreement
    assert {row.reference for row in whole.equal} == {"prior", "prior, chosen"}
    assert {"both", "lesser", "greater"} <= set(modes.arms[0].figures)
    requests = with_requests(stage, Words())
    assert requests.arms[0].figures["kept kind"].mean > 0.9
    assert requests.gains["5"].low > 0 and requests.ceiling["kept kind"] > 0.9
    setup = Setup(command="vitrine eval personalization", seed=0, people=PEOPLE, drawn_people=2,
                  pictures=1, samples=12, history=16, permutations=199, guidance_user=8,
                  shelf=len(world.shelf), items=ITEMS,
                  shoppers_sha256=world.data.sha256, models={}, world={})  # fmt: skip
    report = Report(
        setup=setup,
        referees={"judge, unseen people": stage.bench.judge.quality(stage.unseen)},
        arms=side_by_side(stage), dials=dials, ratings=ratings, modes=modes,
        requests=requests,
    )  # fmt: skip
    assert Report.model_validate_json(report.model_dump_json()) == report
    write_page(report, tmp_path / "results.md", tmp_path)
    text = (tmp_path / "results.md").read_text()
    assert "simulated shoppers" in text and "nan" not in text and str(tmp_path) not in text
    for plot in ("null", "diversity", "guidance", "ratings"):
        path = tmp_path / "results" / f"{plot}.svg"
        ET.fromstring(path.read_text())
        assert f"results/{plot}.svg" in text and path.stat().st_size < 20_000
    assert "stopped before its end" in page(
        report.model_copy(update={"stopped": True, "dials": None}), "results", has_grid=False
    )


def test_steps_are_counted_right(staging: Staging, world: TasteWorld) -> None:
    class Counting(Progress):
        steps = 0

        def step(self, count: int = 1) -> None:
            self.steps += count

    stage = staging(TellingPrior())
    for name, work in (("arms", side_by_side), ("dials", along_dials), ("ratings", along_ratings),
                       ("requests", lambda s: with_requests(s, Words()))):  # fmt: skip
        counting = Counting("toy", 1)
        short = Stage(stage.bench, stage.arms, stage.unseen[:2], stage.known[:2], 9, 0, counting)
        work(short)
        assert counting.steps == steps_of(name), name
    counting = Counting("toy", 1)
    short = Stage(stage.bench, stage.arms, stage.unseen[:2], stage.known[:2], 9, 0, counting)
    two_tastes(short, two_taste_people(world)[:2])
    assert counting.steps == modes_steps()


def _member(x: list[float], y: list[float]) -> Measured:
    values = {"precision": np.array(x), "diversity": np.array(y)}
    return Measured(range(len(x)), values, np.zeros((len(x), 1), np.int64))


def test_comparison_at_equal_precision_by_hand() -> None:
    low, high = _member([0.4] * 6, [0.8] * 6), _member([0.8] * 6, [0.4] * 6)
    arm = _member([0.6] * 6, [0.7] * 6)
    equal = at_equal_precision(("arm", arm), ("family", [high, low]), ["diversity"])
    assert equal.inside == 1.0
    assert equal.difference["diversity"] == Figure(mean=0.1, low=0.1, high=0.1)
    beyond = at_equal_precision(
        ("arm", _member([0.9] * 6, [0.7] * 6)), ("family", [low, high]), ["diversity"]
    )
    assert beyond.inside == 0.0
    assert beyond.difference["diversity"].mean == pytest.approx(0.3)
    with pytest.raises(ValueError, match="different people"):
        at_equal_precision(("arm", arm), ("family", [_member([1.0], [1.0])]), ["diversity"])


def test_ratio_of_means_has_an_interval() -> None:
    rng = np.random.default_rng(0)
    kept = ratio(0.8 + 0.1 * rng.standard_normal(200), 1 + 0.1 * rng.standard_normal(200))
    assert kept.low < 0.8 < kept.high and kept.high - kept.low < 0.06


def test_small_measures_by_hand() -> None:
    corner = np.eye(3, dtype=np.float32)
    assert dissimilarity(corner) == pytest.approx(1.0)
    assert dissimilarity(np.ones((4, 1), np.float32)) == pytest.approx(0.0)
    assert dissimilarity(corner[:1]) == 0.0
    groups = topics(unit(np.repeat(corner, 5, axis=0)), 3)
    assert len({int(row) for row in (corner @ groups.T).argmax(axis=1)}) >= 2
    # 1 and 3 suit the first taste; 2 the second; 4 is good enough for neither
    standing = np.array([[0.9, 0.2, 0.95, 0.5], [0.1, 0.99, 0.9, 0.6]], np.float32)
    assert served(standing).tolist() == [0.5, 0.25]
    assert pytest.approx(0.6) == LIKED_SHARE


def test_verdicts_follow_the_interval() -> None:
    assert verdict(Figure(mean=0.1, low=0.05, high=0.2)) == "better"
    assert verdict(Figure(mean=-0.1, low=-0.2, high=-0.05)) == "**worse**"
    assert verdict(Figure(mean=0.1, low=-0.1, high=0.3)) == "no difference shown"
    assert shown(Figure(mean=0.5, low=0.4, high=0.6)) == "0.50 (0.40–0.60)"
    assert shown(None) == "–"
    assert signed(Figure(mean=0.1, low=-0.1, high=0.3)) == "+0.10 (-0.10 to +0.30)"


def test_grid_keeps_groups_apart_and_fits_its_size() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    sheet = grid([[[noise] * 3, [noise] * 2]] * 4, 3, side=64, gap=10)
    assert sheet.shape == (256, 2 * 3 * 64 + 10, 3)
    assert (sheet[:, 192:202] == 255).all() and (sheet[:, -64:] == 255).all()
    assert len(webp(sheet, 30_000)) <= 30_000


def test_a_stopped_run_keeps_what_was_measured(
    staging: Staging, world: TasteWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = Setup(command="c", seed=0, people=2, drawn_people=2, pictures=1, samples=1, history=1,
                  permutations=9, guidance_user=8,
                  shelf=1, items=1, shoppers_sha256="x", models={}, world={})  # fmt: skip
    session = command.Session(Report(setup=setup, referees={}), tmp_path)
    section = side_by_side(staging(TellingPrior()))

    def stopping() -> object:
        raise KeyboardInterrupt

    steps = {"arms": lambda: section, "dials": stopping}
    assert session.measure(["arms", "dials", "modes"], steps) is False
    kept = Report.model_validate_json((tmp_path / command.REPORT).read_bytes())
    assert kept.stopped and kept.arms == section and kept.dials is None
    again = command.earlier(tmp_path, setup, {})
    assert again.arms == section and not again.stopped
    other = setup.model_copy(update={"seed": 1})
    assert command.earlier(tmp_path, other, {}).arms is None


def test_pictures_are_read_and_worded_by_what_they_show(
    staging: Staging, world: TasteWorld, seen: Seen
) -> None:
    stage = staging(TellingPrior())
    judge = Judge(VALUES, size=32, widths=(4, 4, 4, 4, 4))
    some = Seen(seen.chances[:40], seen.pooled[:40])
    assert read_facets(world.wares.pack, some, judge) == [
        dict(row) for row in world.wares.facets[:40]
    ]
    row = np.zeros(DIM, np.float32)
    row[[NAMES.index(("kind", "jug")), NAMES.index(("tone", "warm"))]] = 2.0
    words = words_near(stage, row)
    assert "jug" in words and "warm" in words
    chances, pooled = judge.eval().inspect(np.zeros((3, 40, 40, 3), np.uint8), batch=2)
    assert chances.shape == (3, len(NAMES)) and pooled.shape == (3, 8)
    assert chances.sum(axis=1) == pytest.approx(3.0, abs=1e-5)
    assert np.allclose(chances[0], chances[2])


def test_samples_are_what_they_say(staging: Staging) -> None:
    stage = staging(TellingPrior())
    user = stage.unseen[0]
    taste = stage.bench.taste(user)
    items = stage.arms.random()(user, taste)
    assert isinstance(items, Sampled) and items.places is not None
    assert (stage.bench.places(user, items.embeddings) == items.places).all()
    rated = stage.bench.world.data.ratings[user].items
    assert not np.isin(stage.bench.world.shelf[items.places], rated).any()
    assert len(stage.arms.selected()(user, taste).embeddings) == 12
    assert stage.arms.words_of(user) != ""

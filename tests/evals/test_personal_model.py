"""Samplers beside the reference, repeated trainings, power, tuning: on a toy world with toy priors."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.evals.toy_pots import DIM, Staging, TellingPrior

from vitrine.core.errors import RequestError
from vitrine.evals.personal import run as command
from vitrine.evals.personal.batches import Batches
from vitrine.evals.personal.bench import Measured
from vitrine.evals.personal.calls import along_calls
from vitrine.evals.personal.equal import tune
from vitrine.evals.personal.page import write_page
from vitrine.evals.personal.report import (
    DrawnSection,
    Figure,
    Report,
    Setup,
    over_seeds,
    power_of,
)
from vitrine.evals.personal.retrained import find_trainings, over_trainings, retrained_steps
from vitrine.evals.personal.sections_model import meets, proved
from vitrine.models.prior.network import PriorConfig, PriorNetwork
from vitrine.models.prior.prior import RebecaPrior, build_network
from vitrine.models.storage import save_model


def network(images: np.ndarray, seed: int, *, rating_token: bool = True) -> PriorNetwork:
    """A prior of chance that leans to the likes, as every one does before training."""
    torch.manual_seed(seed)
    net = build_network(
        PriorConfig(dim=DIM, space="toy", width=16, heads=2, layers=1, rating_token=rating_token)
    )
    net.images.fit(images)
    torch.nn.init.normal_(net.head.weight, std=0.05)
    return net.eval()


@pytest.fixture(scope="module")
def trainings(staging: Staging, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("trainings")
    images = staging(TellingPrior()).bench.world.data.images
    for seed in range(2):
        for kind, token in (("token", True), ("no-token", False)):
            folder = root / f"{kind}-{seed}"
            net = network(images, seed, rating_token=token)
            save_model(folder, net.config, net.state_dict(), dtype=None)
            words = f"vitrine train prior --data taste --out {folder.name} --seed {seed} --steps 4"
            (folder / "card.json").write_text(json.dumps({"command": words, "wall_time_s": 30.0}))
    return root


def setup() -> Setup:
    return Setup(command="c", seed=0, people=2, drawn_people=2, pictures=4, samples=1, history=1,
                 permutations=9, guidance_user=8,
                 shelf=1, items=1, shoppers_sha256="x", models={}, world={})  # fmt: skip


def test_trainings_are_found_and_those_without_a_pair_left_out(
    trainings: Path, tmp_path: Path
) -> None:
    found = find_trainings(trainings)
    assert {kind: list(seeds) for kind, seeds in found.items()} == {
        "token": [0, 1], "no-token": [0, 1]
    }  # fmt: skip
    with pytest.raises(RequestError, match="KIND-SEED"):
        find_trainings(tmp_path)


def test_trainings_and_samplers_on_the_page(
    staging: Staging, trainings: Path, tmp_path: Path
) -> None:
    stage = staging(TellingPrior())
    prior = RebecaPrior(network(stage.bench.world.data.images, 0))
    section = over_trainings(stage, trainings, prior)
    assert section.kinds["token"] == "vitrine train prior --steps 4"
    assert section.minutes["token"] == 0.5 and section.measured.trainings == 1
    rows = {(row.kind, row.rating): row.figures for row in section.ratings}
    assert rows["token", 5]["lift"].mean > 0 > rows["token", 1]["lift"].mean
    # Without the token, what is asked for changes nothing at all.
    assert rows["no-token", 5] == rows["no-token", 1]
    gap = section.less["token, rating 5, less its rating 1"]["lift"]
    assert gap.low <= gap.mean <= gap.high and gap.mean > 0
    calls = along_calls(
        stage, prior, samplers=(("ddpm", 60), ("sde-dpm++", 6), ("dpm++", 6)), seeds=2
    )
    reference = calls.rows[0]
    assert reference.kept == Figure(mean=1, low=1, high=1) and reference.gap.mean == 0
    assert not meets(calls.rows[1].model_copy(update={"calls": 21}))
    assert proved(reference) and not proved(
        reference.model_copy(update={"kept": Figure(mean=1, low=0.9, high=1.1)})
    )
    assert all(row.speed > 1 for row in calls.rows[1:])
    report = Report(setup=setup(), referees={}, calls=calls, retrained=section)
    assert Report.model_validate_json(report.model_dump_json()) == report
    write_page(report, tmp_path / "results.md", tmp_path)
    text = (tmp_path / "results.md").read_text()
    assert "How few calls" in text and "omega" in text and "nan" not in text
    ET.fromstring((tmp_path / "results" / "sweep.svg").read_text())
    assert str(trainings) not in text


def test_asking_is_counted(staging: Staging, trainings: Path) -> None:
    stage = staging(TellingPrior())
    batches = Batches(stage, stage.unseen[:2], 3)
    prior = RebecaPrior(network(stage.bench.world.data.images, 0), steps=2)
    asked = batches.ask(prior, seed=0)
    assert asked.lift.shape == (2,) and asked.seconds > 0
    assert asked.lift.sum() == pytest.approx(0, abs=1)
    assert retrained_steps(trainings) == 1 + 2 * (2 * 11 + 2 * 2)


def test_a_batch_has_the_lift_of_the_test(staging: Staging) -> None:
    stage = staging(TellingPrior())
    measured = stage.measure(stage.arms.personal(), stage.unseen)
    proof = stage.proof(measured)
    assert stage.bench.lift(stage.unseen, measured.places) == pytest.approx(
        proof.own - proof.others
    )


def test_power_grows_with_pictures() -> None:
    rng = np.random.default_rng(0)
    people, each = 24, 12
    values = rng.standard_normal((people, people * each))
    for user in range(people):
        values[user, user * each : (user + 1) * each] += 0.9
    rows = power_of(values, permutations=399)
    assert [row.pictures for row in rows] == [1, 2, 4, 8, 12]
    assert [row.groups for row in rows] == [12, 6, 3, 1, 1]
    shares = [row.significant for row in rows]
    assert shares == sorted(shares) and shares[0] < 0.2 < 0.8 < shares[-1]


def test_intervals_over_seeds_by_hand() -> None:
    found = over_seeds(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert found.mean == 3 and found.high - 3 == pytest.approx(2.776 * (2.5 / 5) ** 0.5, abs=1e-4)
    assert over_seeds(np.array([2.0])) == Figure(mean=2, low=2, high=2)


def member(precision: float, both: float) -> Measured:
    values = {"precision": np.full(4, precision), "both": np.full(4, both)}
    return Measured(range(4), values, np.zeros((4, 1), np.int64))


def test_families_are_tuned_to_a_precision_by_hand() -> None:
    first = tune("first", [member(0.6, 1.0), member(1.0, 0.2)], 0.8, ["both"])
    second = tune("second", [member(0.9, 0.1), member(0.7, 0.5)], 0.8, ["both"])
    assert first.figures.figures["both"].mean == pytest.approx(0.6)
    assert first.figures.inside == 1
    assert first.less(second).difference["both"].mean == pytest.approx(0.3)
    beyond = tune("second", [member(0.9, 0.1), member(0.85, 0.5)], 0.8, ["both"])
    assert beyond.figures.inside == 0 and first.less(beyond).inside == 0


def test_how_much_is_drawn_matters_to_what_is_drawn_alone(tmp_path: Path) -> None:
    old = Report(setup=setup(), referees={}, seconds={"drawn": 1.0, "arms": 2.0},
                 drawn=DrawnSection(arms=(), discrepancy={}))  # fmt: skip
    command.Session(old, tmp_path).write()
    assert command.earlier(tmp_path, setup(), {}).drawn is not None
    more = setup().model_copy(update={"pictures": 16, "command": "other"})
    found = command.earlier(tmp_path, more, {})
    assert found.drawn is None and found.seconds == {"arms": 2.0} and found.setup == more
    assert command.earlier(tmp_path, setup().model_copy(update={"people": 3}), {}).seconds == {}

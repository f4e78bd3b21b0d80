"""Simulated shoppers: reproducible, split without leaks, readable by the trainers."""

import json
from pathlib import Path

import numpy as np
import pytest

from vitrine.core.domain import DomainPack, Facet, FacetValue
from vitrine.core.errors import RequestError
from vitrine.evals.shoppers import (
    ShopperWorld,
    Wares,
    is_heldout_text,
    make_shopper,
    oracle_gauc,
    simulate,
    utilities,
)
from vitrine.models.experience import read_experience
from vitrine.models.prior.picks import TARGETS, TasteSampler
from vitrine.models.reward.groups import GroupSampler

KINDS, TONES, FORMS = ("cup", "bowl", "jug"), ("dark", "light", "warm"), ("round", "square")
WORLD = ShopperWorld(
    shoppers=60, ratings_train=30, ratings_heldout=12, groups_train=6, groups_heldout=6, seed=4
)


def wares() -> Wares:
    rng = np.random.default_rng(0)
    pack = DomainPack(
        name="pots",
        title="Pots",
        facets=(
            Facet(name="kind", kind="categorical", role="head", values=tuple(map(_value, KINDS))),
            Facet(name="tone", kind="categorical", values=tuple(map(_value, TONES))),
            Facet(name="form", kind="categorical", values=tuple(map(_value, FORMS))),
        ),
    )
    picks = [
        {"tone": (str(rng.choice(TONES)),), "kind": (str(rng.choice(KINDS)),),
         "form": (str(rng.choice(FORMS)),)}
        for _ in range(300)
    ]  # fmt: skip
    captions = [[f"a {row['tone'][0]} {row['kind'][0]}"] for row in picks]
    images = rng.standard_normal((300, 10)).astype(np.float32)
    return Wares(pack, picks, captions, images, rng.random(300) < 0.3)


def _value(name: str) -> FacetValue:
    return FacetValue(name=name)


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

    shop, out = wares(), tmp_path / "people"
    out.mkdir()
    save_file(
        {
            "images": shop.images,
            "captions": np.zeros((300, 2, 10), np.float32),
            "heldout": shop.heldout.astype(np.uint8),
        },
        out / "embeddings.safetensors",
        metadata={"space": "toy"},
    )
    simulate(shop, WORLD, out)
    return out


def test_same_seed_same_people(tmp_path: Path) -> None:
    simulate(wares(), WORLD, tmp_path / "a")
    simulate(wares(), WORLD, tmp_path / "b")
    assert written(tmp_path / "a") == written(tmp_path / "b")
    simulate(wares(), WORLD.model_copy(update={"seed": 5}), tmp_path / "c")
    assert written(tmp_path / "a") != written(tmp_path / "c")


def test_utilities_are_comparable_and_follow_the_tastes() -> None:
    shop = wares()
    world = WORLD.model_copy(update={"direction": 0.0, "two_modes": 0.0})
    shopper = make_shopper(shop, world, 0)
    worth = utilities([shopper], shop, world)[0]
    assert abs(float(worth.mean())) < 1e-4 and float(worth.std()) == pytest.approx(1, abs=1e-3)
    plain = [
        sum(weight for (f, v), weight in shopper.modes[0].items() if v in row[f])
        for row in shop.facets
    ]
    assert np.corrcoef(plain, worth)[0, 1] > 0.999


def test_nothing_held_out_is_trained_on(folder: Path) -> None:
    data = read_experience(folder)
    assert {user.split for user in data.users} == {"train", "validation", "heldout"}
    for row, user in enumerate(data.users):
        if user.split == "train":
            assert not data.heldout[data.ratings[row].items].any()
        else:
            assert len(data.heldout_ratings(row).items) == WORLD.ratings_heldout
    split = {user.user: user.split for user in data.users}
    for group in data.groups:
        aside = group.split == "heldout"
        assert aside == (split[group.user] != "train")
        assert bool(data.heldout[list(group.items)].all()) == aside
        assert not group.text or is_heldout_text(group.text) == aside


def test_biased_exposure_pleases(folder: Path) -> None:
    data = read_experience(folder)
    values = np.concatenate([data.training_ratings(row).values for row in range(len(data.users))])
    assert np.mean(values >= 4) > 0.45  # of randomly met items 40% would be liked
    assert set(values.tolist()) == {1, 2, 3, 4, 5}


def test_oracle_is_the_ceiling_and_noise_lowers_it(tmp_path: Path) -> None:
    calm = simulate(wares(), WORLD.model_copy(update={"noise": 0.0}), tmp_path / "calm")
    loud = simulate(wares(), WORLD.model_copy(update={"noise": 1.5}), tmp_path / "loud")
    assert calm["oracle_gauc_heldout"] == pytest.approx(1.0)
    assert loud["oracle_gauc_heldout"] < 0.9
    assert np.isnan(oracle_gauc(iter([])))


def test_targets_and_candidates_are_not_in_the_history(folder: Path) -> None:
    data, rng = read_experience(folder), np.random.default_rng(1)
    picks = TasteSampler(data, data.of_split("train")).draw(20, rng)
    for row in range(20):
        seen = picks.history[row][picks.signs[row] != 0]
        assert not np.isin(picks.target[row * TARGETS : (row + 1) * TARGETS], seen).any()
    sampler = GroupSampler(data)
    for rated in (False, True):
        batch = sampler.draw(20, rng, rated=rated)
        for row in range(20):
            seen = batch.history[row][batch.signs[row] != 0]
            assert not np.isin(batch.items[row][batch.items[row] >= 0], seen).any()


def test_broken_lines_are_named(folder: Path) -> None:
    with (folder / "ratings.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"user": "nobody", "item": 1, "rating": 3}) + "\n")
    with pytest.raises(RequestError, match=r"ratings\.jsonl:\d+: user 'nobody'"):
        read_experience(folder)
    (folder / "groups.jsonl").unlink()
    lines = (folder / "ratings.jsonl").read_text().splitlines()[:-1]
    (folder / "ratings.jsonl").write_text("\n".join([*lines[:2], '{"user": 3}']) + "\n")
    with pytest.raises(RequestError, match=r"ratings\.jsonl:3: field"):
        read_experience(folder)

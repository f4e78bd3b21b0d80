"""Replay on the pottery pack with fake models; a toy world for the measurement of taste."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests.evals.toy_pots import (
    DIM,
    ITEMS,
    NAMES,
    PEOPLE,
    WORLD,
    Likeable,
    Staging,
    TellingPrior,
    Words,
    pack,
    wares,
)

from vitrine.agent.toolbox import Models
from vitrine.core.settings import Settings
from vitrine.evals.personal.arms import Arms
from vitrine.evals.personal.bench import Seen, TasteBench, TasteJudge
from vitrine.evals.personal.progress import Progress
from vitrine.evals.personal.stages import Stage
from vitrine.evals.personal.world import TasteWorld, read_world
from vitrine.evals.replay import ModelsOf
from vitrine.evals.shoppers import simulate
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer


def parsed(module: object, *words: str) -> argparse.Namespace:
    """Options of a command's module."""
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(words)


@pytest.fixture(scope="session")
def drawn_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Few drawings (`drawings`), embedded by the shipped CLIP, and simulated shoppers (`taste`)."""
    from vitrine.evals import shoppers
    from vitrine.models import embed
    from vitrine.studio.dataset import write_dataset

    root = tmp_path_factory.mktemp("drawn")
    write_dataset(root / "drawings", count=260, size=64, seed=4, workers=1, heldout_fraction=0.4)
    embed.run(parsed(embed, "--data", str(root / "drawings"), "--out", str(root / "taste")))
    shoppers.run(
        parsed(shoppers, "--data", str(root / "drawings"), "--out", str(root / "taste"),
               "--shoppers", "120")
    )  # fmt: skip
    return root


@pytest.fixture(scope="module")
def made(drawn_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to write to, with the drawn world in it."""
    root = tmp_path_factory.mktemp("made")
    for name in ("drawings", "taste"):
        (root / name).symlink_to(drawn_world / name)
    return root


@pytest.fixture
def fakes(tiny_encoder: FakeEncoder) -> ModelsOf:
    renderer = FakeRenderer(tiny_encoder)
    models = Models(
        encoder=lambda: tiny_encoder,
        prior=FakePrior,
        scorers=lambda: {"fake": FakeScorer(tiny_encoder)},
        renderer=lambda: renderer,
    )
    return lambda _: models


@pytest.fixture
def settings(tiny_folder: Path, tmp_path: Path) -> Settings:
    return Settings(home=str(tmp_path / "home"), domain=str(tiny_folder), seed=7)


@pytest.fixture(scope="session")
def pots_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop, out = wares(), tmp_path_factory.mktemp("people")
    save_file(
        {
            "images": shop.images,
            "captions": np.zeros((ITEMS, 1, DIM), np.float32),
            "heldout": shop.heldout.astype(np.uint8),
        },
        out / "embeddings.safetensors",
        metadata={"space": "toy"},
    )
    with (out / "manifest.jsonl").open("w") as file:
        for facets in shop.facets:
            file.write(json.dumps({"facets": facets, "captions": [""]}) + "\n")
    simulate(shop, WORLD, out)
    return out


@pytest.fixture(scope="session")
def world(pots_folder: Path) -> TasteWorld:
    return read_world(pots_folder, pots_folder, pack())


@pytest.fixture(scope="session")
def seen(world: TasteWorld) -> Seen:
    """The judge reads every facet, a little unsure, and has an encoder of its own."""
    rng = np.random.default_rng(1)
    carried = np.array(
        [[value in row[facet] for facet, value in NAMES] for row in world.wares.facets], float
    )
    chances = 0.9 * carried + 0.03 + 0.02 * rng.random(carried.shape)
    pooled = carried @ rng.standard_normal((len(NAMES), 12))
    return Seen(chances.astype(np.float32), pooled.astype(np.float32))


@pytest.fixture(scope="session")
def staging(world: TasteWorld, seen: Seen) -> Staging:
    unseen, known = world.people("heldout", PEOPLE), world.people("train", PEOPLE)
    everybody = [*world.people("heldout"), *known]
    judge = TasteJudge(world, seen)
    bench = TasteBench(world, seen, judge, Likeable(), everybody, history=16)

    def make(prior: TellingPrior) -> Stage:
        arms = Arms(bench, prior, Words(), n=12, seed=0)
        return Stage(bench, arms, unseen, known, 199, 0, Progress("toy", 99))

    return make

"""Replay on the pottery pack with fake models."""

from pathlib import Path

import pytest

from vitrine.agent.toolbox import Models
from vitrine.core.settings import Settings
from vitrine.evals.replay import ModelsOf
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer


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

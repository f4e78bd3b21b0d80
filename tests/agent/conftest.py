"""A whole shop on fakes: the pottery pack, the built-in understanding, no weights."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from vitrine.agent.session import Shop, open_shop
from vitrine.agent.toolbox import Models
from vitrine.core.settings import Settings
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer

OpenTiny = Callable[..., AbstractAsyncContextManager[Shop]]


def fake_models(encoder: FakeEncoder, *, step_s: float = 0.0) -> Models:
    """Models that are all fakes of one space."""
    renderer = FakeRenderer(encoder, step_s=step_s)
    return Models(
        encoder=lambda: encoder,
        prior=FakePrior,
        scorers=lambda: {"fake": FakeScorer(encoder)},
        renderer=lambda: renderer,
    )


@pytest.fixture
def settings(tiny_folder: Path, tmp_path: Path) -> Settings:
    return Settings(home=str(tmp_path / "home"), domain=str(tiny_folder), seed=7)


@pytest.fixture
def open_tiny(settings: Settings, tiny_encoder: FakeEncoder) -> OpenTiny:
    """Opens the pottery (or the pack in `folder`); twice in one test is twice the same home.

    `home` names another one.
    """

    def opened(
        *, step_s: float = 0.0, home: Path | None = None, folder: Path | None = None
    ) -> AbstractAsyncContextManager[Shop]:
        chosen = settings if home is None else settings.model_copy(update={"home": str(home)})
        if folder is not None:
            chosen = chosen.model_copy(update={"domain": str(folder)})
        return open_shop(chosen, models=fake_models(tiny_encoder, step_s=step_s))

    return opened


@pytest.fixture
async def shop(open_tiny: OpenTiny) -> AsyncIterator[Shop]:
    async with open_tiny() as opened:
        yield opened

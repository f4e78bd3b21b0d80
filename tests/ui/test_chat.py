"""The terminal: commands, pictures to pick, and text that cannot steer the terminal."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from vitrine.agent.session import Session, open_shop
from vitrine.agent.toolbox import Models
from vitrine.core.errors import RequestError
from vitrine.core.settings import Settings
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer
from vitrine.ui.chat import Terminal
from vitrine.ui.present import clean, money


@pytest.fixture
async def session(
    tiny_folder: Path, tiny_encoder: FakeEncoder, tmp_path: Path
) -> AsyncIterator[Session]:
    models = Models(
        encoder=lambda: tiny_encoder,
        prior=FakePrior,
        scorers=lambda: {"fake": FakeScorer(tiny_encoder)},
        renderer=lambda: FakeRenderer(tiny_encoder),
    )
    settings = Settings(home=str(tmp_path / "home"), domain=str(tiny_folder), seed=7)
    async with open_shop(settings, models=models) as shop:
        yield shop.session(user="mara", thread="t")


@pytest.fixture
def screen() -> Console:
    return Console(file=io.StringIO(), width=160)


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_a_conversation(session: Session, screen: Console) -> None:
    terminal = Terminal(screen, session, "USD")
    assert await terminal.obey("a mug, please")
    assert await terminal.obey("/pick 1")
    assert await terminal.obey("design me one like that")
    assert await terminal.obey("/why")
    assert await terminal.obey("/undo")
    assert await terminal.obey("/profile")
    assert await terminal.obey("/help")
    assert not await terminal.obey("/quit")
    shown = text_of(screen)
    assert "design" in shown
    assert "closest in the shop" in shown
    assert len(await session.history()) == 5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/pick 1", "nothing was shown"),
        ("/dance", "unknown command '/dance'"),
        ("/image nowhere.png", "nowhere.png"),
    ],
)
async def test_mistakes_are_told(session: Session, screen: Console, line: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        await Terminal(screen, session, "USD").obey(line)
    assert await session.history() == ()


def test_control_characters_never_reach_the_terminal() -> None:
    assert clean("a\x1b[2Jb\x07\u202ec") == "a[2Jbc"


def test_money() -> None:
    assert money(1234.5, "USD") == "$1,234.50"
    assert money(3, "EUR") == "3.00 EUR"
    assert money(None, "USD") == "-"

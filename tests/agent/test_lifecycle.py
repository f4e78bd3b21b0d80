"""A turn that is stopped, killed or broken: nothing acknowledged is lost, and talk goes on."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableConfig

from vitrine.agent.session import Shop
from vitrine.core.errors import RequestError, ToolError
from vitrine.core.settings import Settings
from vitrine.core.turn import ProgressEvent, TurnEvent
from vitrine.memory.ids import checkpoint_id

CHILD = """
import asyncio, sys
from vitrine.agent.session import open_shop
from vitrine.agent.toolbox import Models
from vitrine.core.domain import load_pack
from vitrine.core.settings import Settings
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer
from pathlib import Path

async def main(home, domain):
    encoder = FakeEncoder.for_pack(load_pack(Path(domain)))
    renderer = FakeRenderer(encoder, step_s=0.5)
    models = Models(
        encoder=lambda: encoder, prior=FakePrior,
        scorers=lambda: {"fake": FakeScorer(encoder)}, renderer=lambda: renderer,
    )
    async with open_shop(Settings(home=home, domain=domain, seed=7), models=models) as shop:
        session = shop.session(user="mara", thread="monday")
        await session.turn(text="a teal mug")
        async for event in session.stream(text="design me one like the first"):
            if event.event == "progress":
                print("drawing", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def run_until_drawing(settings: Settings) -> bytes:
    """Start the child, wait until it draws, kill it; what it said."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, settings.home, settings.domain],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    ) as child:
        try:
            assert child.stdout is not None
            return child.stdout.readline()
        finally:
            child.send_signal(signal.SIGKILL)


@pytest.mark.slow
async def test_killed_while_drawing_the_same_pictures_come_out_later(
    open_tiny, settings, tmp_path: Path
) -> None:
    # Arrange: a process that is killed in the middle of drawing.
    assert await asyncio.to_thread(run_until_drawing, settings) == b"drawing\n"

    # Act: the thread is opened again.
    async with open_tiny() as shop:
        session = shop.session(user="mara", thread="monday")
        left = await session.unfinished()
        assert left is not None
        assert left.text == "design me one like the first"
        assert [turn.turn for turn in await session.history()] == [1]
        turns = [
            event.turn
            async for event in session.stream(text="why?")
            if isinstance(event, TurnEvent)
        ]
        assert await session.unfinished() is None
        history = await session.history()

    # Assert: the drawing was finished first, then the new message was answered; nothing is twice.
    assert [turn.turn for turn in turns] == [2, 3]
    assert [turn.turn for turn in history] == [1, 2, 3]
    assert turns[1].reasons

    # The pictures are those that an undisturbed run draws.
    async with open_tiny(home=tmp_path / "undisturbed") as shop:
        twin = shop.session(user="mara", thread="monday")
        await twin.turn(text="a teal mug")
        undisturbed = await twin.turn(text="design me one like the first")
    assert len(undisturbed.images) == 4
    assert [(i.image.key, i.seed, i.prompt, i.score) for i in turns[0].images] == [
        (i.image.key, i.seed, i.prompt, i.score) for i in undisturbed.images
    ]


async def test_closing_the_stream_stops_the_drawing(open_tiny) -> None:
    async with open_tiny(step_s=0.05) as shop:
        session = shop.session(user="mara", thread="monday")
        async with aclosing(session.stream(text="design me a red bowl")) as events:
            async for event in events:
                if isinstance(event, ProgressEvent):
                    assert event.done < event.total
                    break
        # The turn ended in order, without pictures, and the conversation goes on.
        (stopped,) = await session.history()
        assert stopped.images == ()
        assert "stopped" in stopped.reply
        assert await session.unfinished() is None
        assert (await session.turn(text="a red bowl")).turn == 2


async def test_a_tool_that_fails_is_told_and_survived(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ToolError("the easel is broken")

    session = shop.session(user="mara", thread="monday")
    with monkeypatch.context() as patched:
        patched.setitem(shop.wired.tools.__dict__, "render", broken)
        turn = await session.turn(text="design me a red bowl")
        assert "the easel is broken" in turn.reply
        assert turn.images == ()
        patched.setitem(shop.wired.tools.__dict__, "retrieve", broken)
        assert (await session.turn(text="a red bowl")).products == ()
    assert (await session.turn(text="a red bowl")).products


async def test_a_turn_that_breaks_does_not_block_the_thread(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    session = shop.session(user="mara", thread="monday")
    with monkeypatch.context() as patched:
        patched.setitem(shop.wired.tools.__dict__, "retrieve", broken)
        with pytest.raises(ZeroDivisionError):
            await session.turn(text="a red bowl")
        with pytest.raises(ZeroDivisionError):
            await session.turn(text="a red bowl")
    turn = await session.turn(text="a red bowl")
    assert turn.products


async def test_a_thread_keeps_its_domain(open_tiny, shop: Shop, monkeypatch) -> None:
    session = shop.session(user="mara", thread="monday")
    await session.turn(text="a mug")
    other = shop.pack.model_copy(update={"name": "other"})
    monkeypatch.setattr(shop.wired.catalogue, "_pack", other)
    with pytest.raises(RequestError, match="'tiny'"):
        await session.turn(text="in teal")


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
async def test_a_thread_of_another_version_is_refused_in_words(shop: Shop) -> None:
    before = shop.session(user="mara", thread="old")
    await before.turn(text="a teal mug")
    config: RunnableConfig = {"configurable": {"thread_id": checkpoint_id("mara", "old")}}
    dialogue = (await shop.graph.aget_state(config)).values["dialogue"]
    newer = dialogue.model_copy(update={"shown": [{"turn": 1, "things": [], "lit": "dimly"}]})
    await shop.graph.aupdate_state(config, {"dialogue": newer})
    with pytest.raises(RequestError, match="another version"):
        await shop.session(user="mara", thread="old").turn(text="a red mug")
    assert (await shop.session(user="mara", thread="new").turn(text="a red mug")).products

"""The checkpointer: what is written when, what comes back, and what is refused."""

import asyncio
import sqlite3
import subprocess
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint, empty_checkpoint

from vitrine.core.errors import SetupError
from vitrine.core.refs import ThingRef
from vitrine.memory.checkpoints import PATIENCE_S, open_checkpoints
from vitrine.memory.log import LoggedThing
from vitrine.memory.serializing import build_serializer
from vitrine.memory.state import DialogueState, ShownSet


def item(item_id: str) -> LoggedThing:
    return LoggedThing(thing=ThingRef(kind="item", id=item_id))


def test_our_types_revive_and_others_do_not() -> None:
    state = DialogueState(thread="t", user="u", domain="d", shown=(ShownSet(turn=1, things=()),))
    serializer = build_serializer()
    revived = serializer.loads_typed(serializer.dumps_typed({"state": state, "what": item("a")}))
    assert revived["state"] == state
    assert isinstance(revived["what"], LoggedThing)
    planted = subprocess.CompletedProcess("echo", 0)
    foreign = build_serializer(types=[subprocess.CompletedProcess])
    try:
        data = foreign.dumps_typed(planted)
    except TypeError:
        return  # it cannot even be written
    assert not isinstance(serializer.loads_typed(data), subprocess.CompletedProcess)


async def test_checkpoints_are_in_write_ahead_mode(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "checkpoints.db"
    async with open_checkpoints(path):
        pass
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def test_a_damaged_checkpoint_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    path.write_bytes(b"not a database at all, but long enough to look like one" * 40)
    with pytest.raises(SetupError, match="cannot be used as a database"):
        async with open_checkpoints(path):
            pass


def test_a_checkpoint_comes_back_whole_from_bytes_alone() -> None:
    state = DialogueState(thread="t", user="u", domain="d", shown=(ShownSet(turn=1, things=()),))
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = {"dialogue": state, "seed": 7, "found": None, "steps": [1, 2]}
    written = build_serializer().dumps_typed(checkpoint)
    assert build_serializer().loads_typed(written) == checkpoint


def test_a_value_that_does_not_change_is_packed_and_revived_once() -> None:
    state = DialogueState(thread="t", user="u", domain="d")
    serializer = build_serializer()

    def written(value: DialogueState) -> tuple[str, bytes]:
        return serializer.dumps_typed({**empty_checkpoint(), "channel_values": {"dialogue": value}})

    first = serializer.loads_typed(written(state))["channel_values"]["dialogue"]
    assert first is state
    other = state.model_copy(update={"user": "someone"})
    assert serializer.loads_typed(written(other))["channel_values"]["dialogue"] == other
    for turn in range(1000):  # what is remembered is bounded
        written(state.model_copy(update={"turn": turn}))
    again = serializer.loads_typed(written(state))["channel_values"]["dialogue"]
    assert again == state


def _config(thread: str = "u/t") -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}


def _checkpoint(number: int) -> Checkpoint:
    checkpoint = empty_checkpoint()
    checkpoint["id"] = f"{number:032d}"
    checkpoint["channel_values"] = {"number": number}
    return checkpoint


def _written(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT checkpoint_id FROM checkpoints")]


async def test_a_message_is_written_at_once_and_steps_when_talk_rests(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    async with open_checkpoints(path) as saver:
        await saver.aput(_config(), _checkpoint(1), {"source": "input", "step": -1}, {})
        assert len(_written(path)) == 1
        for number in (2, 3):
            await saver.aput(_config(), _checkpoint(number), {"source": "loop", "step": number}, {})
        assert len(_written(path)) == 1, "a later step may still take its place"
        await asyncio.sleep(4 * PATIENCE_S)
        assert [int(found) for found in _written(path)] == [1, 3]


async def test_what_waits_is_read_flushed_and_closed_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    async with open_checkpoints(path) as saver:
        await saver.aput(_config("u/read"), _checkpoint(1), {"source": "loop", "step": 1}, {})
        found = await saver.aget_tuple(_config("u/read"))
        assert found is not None
        assert found.checkpoint["channel_values"] == {"number": 1}
        await saver.aput(_config("u/flushed"), _checkpoint(2), {"source": "loop", "step": 1}, {})
        await saver.flush("u/flushed")
        await saver.flush("u/flushed")  # nothing waits: harmless
        await saver.aput(_config("u/closed"), _checkpoint(3), {"source": "loop", "step": 1}, {})
        assert len(_written(path)) == 2
    assert len(_written(path)) == 3


async def test_a_step_that_cannot_be_written_is_an_error_of_the_flush(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    async with open_checkpoints(path) as saver:
        saver.conn.execute("PRAGMA query_only = ON")
        await saver.aput(_config(), _checkpoint(1), {"source": "loop", "step": 1}, {})
        await asyncio.sleep(4 * PATIENCE_S)  # the timer has tried
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await saver.flush("u/t")
        saver.conn.execute("PRAGMA query_only = OFF")

"""The checkpointer: conversations survive the process (SQLite, write-ahead mode)."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from vitrine.core.errors import SetupError
from vitrine.memory.serializing import build_serializer

T = TypeVar("T")

logger = logging.getLogger(__name__)

PATIENCE_S = 0.05
"""How long a checkpoint may wait for a later one of its conversation to take its place."""


class Checkpoints(SqliteSaver):
    """langgraph's SQLite saver for an event loop, written behind.

    A turn without drawing makes eight checkpoints in some twenty milliseconds, and each holds all that
    those before it held. The first, with the message, is written at once; of the others the newest is
    written when the conversation rests for `PATIENCE_S`, before anything is read, and by `flush`. A
    process that is killed repeats at most what was done in that time.

    One operation is one job of one thread: langgraph's own async saver goes to its thread and back
    several times for each.
    """

    def __init__(self, connection: sqlite3.Connection, serde: JsonPlusSerializer) -> None:
        """`connection` must be usable in any thread."""
        super().__init__(connection, serde=serde)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vitrine-checkpoints")
        self._waiting: dict[str, Callable[[], RunnableConfig]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._written: dict[str, Future[RunnableConfig]] = {}

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        await self.flush(_thread_of(config))
        return await self._do(lambda: self.get_tuple(config))

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  # langgraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        for thread_id in [*self._waiting]:
            await self.flush(thread_id)
        for found in await self._do(
            lambda: list(self.list(config, filter=filter, before=before, limit=limit))
        ):
            yield found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        thread, namespace = _thread_of(config), _names(config)["checkpoint_ns"]
        put = partial(self.put, config, checkpoint, metadata, new_versions)
        if namespace or metadata.get("source") == "input":
            await self.flush(thread)
            return await self._do(put)
        self._waiting[thread] = put
        if thread not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[thread] = loop.call_later(PATIENCE_S, self._rested, thread)
        place = {"checkpoint_ns": namespace, "checkpoint_id": checkpoint["id"]}
        return {"configurable": {"thread_id": thread, **place}}

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Keep what cannot be had again: errors, interrupts and their answers.

        What a node returned is in the checkpoint that follows its step. A process killed before that
        runs the whole step again, which every node bears, so it is not written twice.
        """
        special = [write for write in writes if write[0] in WRITES_IDX_MAP]
        if special:
            await self.flush(_thread_of(config))
            await self._do(lambda: self.put_writes(config, special, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        await self.flush(thread_id)
        await self._do(lambda: self.delete_thread(thread_id))

    async def flush(self, thread_id: str) -> None:
        """Write what waits of a conversation, and wait until it is written.

        Raises:
            sqlite3.Error: it cannot be written.
        """
        timer = self._timers.pop(thread_id, None)
        if timer is not None:
            timer.cancel()
        self._write(thread_id)
        written = self._written.pop(thread_id, None)
        if written is not None:
            await asyncio.wrap_future(written)

    def close(self) -> None:
        """Write what waits, then close the file."""
        for timer in self._timers.values():
            timer.cancel()
        for thread_id in [*self._waiting]:
            self._write(thread_id)
        self._thread.shutdown(wait=True)
        for thread_id, written in self._written.items():
            if (error := written.exception()) is not None:
                logger.error("thread=%s: the last state was not written: %s", thread_id, error)
        self.conn.close()

    def _rested(self, thread_id: str) -> None:
        """Write the newest checkpoint; an error of it is raised by the next `flush`."""
        self._timers.pop(thread_id, None)
        self._write(thread_id)

    def _write(self, thread_id: str) -> None:
        put = self._waiting.pop(thread_id, None)
        if put is not None:
            self._written[thread_id] = self._thread.submit(put)

    async def _do(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)


def _thread_of(config: RunnableConfig) -> str:
    return _names(config)["thread_id"]


def _names(config: RunnableConfig) -> dict[str, str]:
    """What langgraph names a checkpoint by; it always does."""
    return config.get("configurable", {})


@asynccontextmanager
async def open_checkpoints(
    path: Path, *, types: Sequence[type[Any]] = (), modules: Sequence[ModuleType] = ()
) -> AsyncIterator[Checkpoints]:
    """The checkpointer of one event loop.

    Args:
        path: the SQLite file; its folder is made.
        types: further types that graph state may hold.
        modules: modules all of whose Pydantic models graph state may hold.

    Raises:
        SetupError: the file cannot be opened or is damaged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=10, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise SetupError(
            f"cannot open {str(path)!r}: {error}; expected a writable folder"
        ) from error
    saver = Checkpoints(connection, build_serializer(types, modules))
    try:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")
            saver.setup()
        except sqlite3.DatabaseError as error:
            raise SetupError(f"{str(path)!r} cannot be used as a database: {error}") from error
        yield saver
    finally:
        saver.close()


def delete_threads(path: Path, thread_ids: Iterable[str]) -> int:
    """Delete conversations from a checkpoint file, also while no event loop runs.

    Returns:
        How many of the threads had checkpoints.

    Raises:
        SetupError: the file cannot be written.
    """
    if not path.is_file():
        return 0
    deleted = 0
    try:
        connection = sqlite3.connect(path, timeout=10)
        try:
            connection.execute("PRAGMA secure_delete = ON")
            known = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'checkpoints'"
            ).fetchone()[0]
            for thread_id in thread_ids if known else ():
                with connection:
                    deleted += _delete_thread(connection, thread_id)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise SetupError(f"{str(path)!r} refuses to delete: {error}") from error
    return deleted


def _delete_thread(connection: sqlite3.Connection, thread_id: str) -> bool:
    """Delete one conversation; whether there was one."""
    rows = connection.execute("DELETE FROM checkpoints WHERE thread_id = ?", (thread_id,))
    connection.execute("DELETE FROM writes WHERE thread_id = ?", (thread_id,))
    return rows.rowcount > 0

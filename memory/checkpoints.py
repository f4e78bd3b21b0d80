"""The checkpointer: conversations survive the process (SQLite, write-ahead mode).

Only types that are named here or by the caller are revived from a checkpoint; anything else in the
file is refused, so that a planted checkpoint cannot run code.
"""

import inspect
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from pydantic import BaseModel

from vitrine.core import acts, domain, items, refs, turn
from vitrine.core.errors import SetupError
from vitrine.memory import log as interaction_log
from vitrine.memory import profile, state

_MODULES: tuple[ModuleType, ...] = (
    acts,
    domain,
    items,
    refs,
    turn,
    state,
    profile,
    interaction_log,
)


def model_types(modules: Iterable[ModuleType]) -> list[type[BaseModel]]:
    """The Pydantic models that modules define, by module and name."""
    found: list[type[BaseModel]] = []
    for module in modules:
        for _, member in sorted(inspect.getmembers(module, inspect.isclass)):
            if issubclass(member, BaseModel) and member.__module__ == module.__name__:
                found.append(member)
    return found


def build_serializer(
    types: Sequence[type[Any]] = (), modules: Sequence[ModuleType] = ()
) -> JsonPlusSerializer:
    """A serializer that revives our own types, `types` and the models of `modules` alone."""
    allowed = [*model_types([*_MODULES, *modules]), *types]
    names = sorted({(kind.__module__, kind.__qualname__) for kind in allowed})
    return JsonPlusSerializer(
        pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=names
    )


@asynccontextmanager
async def open_checkpoints(
    path: Path, *, types: Sequence[type[Any]] = (), modules: Sequence[ModuleType] = ()
) -> AsyncIterator[AsyncSqliteSaver]:
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
        connection = await aiosqlite.connect(path, timeout=10)
    except (OSError, sqlite3.Error) as error:
        raise SetupError(
            f"cannot open {str(path)!r}: {error}; expected a writable folder"
        ) from error
    try:
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA synchronous = NORMAL")
            await connection.execute("PRAGMA secure_delete = ON")
            saver = AsyncSqliteSaver(connection, serde=build_serializer(types, modules))
            await saver.setup()
        except sqlite3.DatabaseError as error:
            raise SetupError(f"{str(path)!r} cannot be used as a database: {error}") from error
        yield saver
    finally:
        await connection.close()


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

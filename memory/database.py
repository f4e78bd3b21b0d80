"""The SQLite file of a home: profiles and the interaction log, in write-ahead mode."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitrine.core.errors import SetupError

BUSY_S = 10.0
VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS profile (
    user TEXT PRIMARY KEY, body TEXT NOT NULL, changed TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS thread (
    user TEXT NOT NULL, thread TEXT NOT NULL, domain TEXT NOT NULL, opened TEXT NOT NULL,
    PRIMARY KEY (user, thread)
) STRICT;
CREATE TABLE IF NOT EXISTS impression (
    user TEXT NOT NULL, thread TEXT NOT NULL, turn INTEGER NOT NULL, position INTEGER NOT NULL,
    domain TEXT NOT NULL, kind TEXT NOT NULL, thing TEXT NOT NULL, body TEXT NOT NULL,
    request TEXT NOT NULL, shown TEXT NOT NULL,
    PRIMARY KEY (user, thread, turn, position)
) STRICT;
CREATE TABLE IF NOT EXISTS verdict (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL, thread TEXT NOT NULL, turn INTEGER NOT NULL, domain TEXT NOT NULL,
    kind TEXT NOT NULL, thing TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT, body TEXT NOT NULL,
    given TEXT NOT NULL,
    UNIQUE (user, thread, turn, kind, thing)
) STRICT;
CREATE TABLE IF NOT EXISTS artifact (
    user TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS verdict_of_user ON verdict (user, domain, seq);
CREATE INDEX IF NOT EXISTS artifact_of_key ON artifact (key);
"""


class Database:
    """One connection, shared by the stores of a process and guarded by a lock.

    Args:
        path: the file; its folder is made.

    Raises:
        SetupError: it cannot be opened, is damaged, or was made by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise SetupError(
                f"cannot open {str(path)!r}: {error}; expected a writable folder"
            ) from error
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA secure_delete = ON")
            self._check_version()
            self._connection.executescript(_SCHEMA)
            self._connection.execute(f"PRAGMA user_version = {VERSION}")
        except sqlite3.Error as error:
            self._connection.close()
            raise SetupError(f"{str(path)!r} cannot be used as a database: {error}") from error
        except SetupError:
            self._connection.close()
            raise

    def _check_version(self) -> None:
        found = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if found > VERSION:
            raise SetupError(
                f"{str(self.path)!r} was made by a newer version (layout {found}, expected"
                f" {VERSION})"
            )

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its start: read-then-write is safe in it.

        Raises:
            SetupError: the disk refuses or another process holds the file for too long.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise SetupError(f"cannot write {str(self.path)!r}: {error}") from error

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection for reading.

        Raises:
            SetupError: the file is damaged.
        """
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise SetupError(f"cannot read {str(self.path)!r}: {error}") from error

    def checkpoint(self) -> None:
        """Fold the write-ahead file into the main one, so that deleted rows are gone from disk."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

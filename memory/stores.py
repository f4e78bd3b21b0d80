"""All stores of one home together, and the rights of a user over them: export and be forgotten."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from vitrine.core.frozen import Frozen
from vitrine.core.places import home
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.checkpoints import delete_threads
from vitrine.memory.database import Database
from vitrine.memory.ids import check_user, checkpoint_id
from vitrine.memory.log import InteractionLog
from vitrine.memory.profiles import ProfileStore
from vitrine.memory.turns import TurnStore

SWEEP_S = 30 * 24 * 3600.0
"""Age from which what belongs to nobody is swept; a stopped turn may be resumed until then."""


class Forgotten(Frozen):
    """What `forget` removed."""

    profile: bool
    rows: int
    threads: int
    artifacts: int


class Stores:
    """Profiles, log, artifacts and the place of the checkpoints under one folder.

    Args:
        root: the home folder; it is made.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = Database(root / "vitrine.db")
        self.profiles = ProfileStore(self.database)
        self.log = InteractionLog(self.database)
        self.turns = TurnStore(self.database)
        self.artifacts = ArtifactStore(root / "artifacts")
        self.checkpoints = root / "checkpoints.db"

    def export(self, user: str, today: date) -> dict[str, Any]:
        """Everything stored about the user, as JSON values."""
        check_user(user)
        with self.database.read() as db:
            threads = db.execute(
                "SELECT thread, domain, opened FROM thread WHERE user = ? ORDER BY opened", (user,)
            ).fetchall()
            shown = db.execute(
                "SELECT thread, turn, position, domain, request, shown, body FROM impression"
                " WHERE user = ? ORDER BY shown, turn, position",
                (user,),
            ).fetchall()
            judged = db.execute(
                "SELECT thread, turn, domain, verdict, reason, given, body FROM verdict"
                " WHERE user = ? ORDER BY seq",
                (user,),
            ).fetchall()
        profile = self.profiles.get(user)
        return {
            "user": user,
            "profile": profile.model_dump(mode="json"),
            "markdown": profile.markdown(today),
            "threads": [_named(("thread", "domain", "opened"), row) for row in threads],
            "shown": [
                _named(("thread", "turn", "position", "domain", "request", "shown", "what"), row)
                for row in shown
            ],
            "judged": [
                _named(("thread", "turn", "domain", "verdict", "reason", "given", "what"), row)
                for row in judged
            ],
            "turns": [
                turn.model_dump(mode="json")
                for thread in threads
                for turn in self.turns.history(user, thread[0])
            ],
            "artifacts": sorted(self.log.artifacts(user)),
        }

    def forget(self, user: str) -> Forgotten:
        """Delete everything of the user: profile, log, conversations, pictures no one else uses.

        Files go first: if the process dies in between, the rows that name them are still there and
        a second call finishes the work.
        """
        check_user(user)
        with self.database.read() as db:
            keys = [
                row[0]
                for row in db.execute(
                    "SELECT key FROM artifact WHERE user = ? AND key NOT IN"
                    " (SELECT key FROM artifact WHERE user <> ?)",
                    (user, user),
                )
            ]
        artifacts = self.artifacts.remove(keys)
        threads = delete_threads(
            self.checkpoints, [checkpoint_id(user, thread) for thread in self.log.threads(user)]
        )
        rows = 0
        with self.database.write() as db:
            profile = db.execute("DELETE FROM profile WHERE user = ?", (user,)).rowcount > 0
            for table in ("impression", "verdict", "turn", "thread", "artifact"):
                rows += db.execute(f"DELETE FROM {table} WHERE user = ?", (user,)).rowcount  # noqa: S608
        self.database.checkpoint()
        return Forgotten(profile=profile, rows=rows, threads=threads, artifacts=artifacts)

    def sweep(self, older_than_s: float = SWEEP_S) -> int:
        """Delete old pictures and embeddings that belong to nobody; how many files went.

        Such are the candidates that were never shown and what a killed turn left behind.
        """
        with self.database.read() as db:
            owned = {row[0] for row in db.execute("SELECT DISTINCT key FROM artifact")}
        return self.artifacts.remove(
            [key for key in self.artifacts.untouched(older_than_s) if key not in owned]
        )

    def close(self) -> None:
        """Close the database."""
        self.database.close()


@contextmanager
def open_stores(root: Path | None = None) -> Iterator[Stores]:
    """The stores of a home (default: `core.places.home()`), closed at the end.

    Raises:
        SetupError: the folder cannot be written.
    """
    stores = Stores(home() if root is None else root)
    try:
        yield stores
    finally:
        stores.close()


def _named(names: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    entry = dict(zip(names, row, strict=True))
    if "what" in entry:
        entry["what"] = json.loads(entry["what"])
    return entry

"""The finished turns of every thread, as answered: what a continued conversation shows again."""

from pydantic import ValidationError

from vitrine.core.errors import SetupError
from vitrine.core.turn import Turn
from vitrine.memory.database import Database
from vitrine.memory.ids import check_thread, check_user

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turn (
    user TEXT NOT NULL, thread TEXT NOT NULL, turn INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (user, thread, turn)
) STRICT
"""


class TurnStore:
    """Turns by user and thread. One user's turns are never read for another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.write() as db:
            db.execute(_SCHEMA)

    def put(self, turn: Turn) -> None:
        """Store a finished turn; storing it again, as a resumed run does, replaces it."""
        with self._database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO turn VALUES (?, ?, ?, ?)",
                (
                    check_user(turn.user),
                    check_thread(turn.thread),
                    turn.turn,
                    turn.model_dump_json(),
                ),
            )

    def history(self, user: str, thread: str) -> tuple[Turn, ...]:
        """The thread's turns, oldest first.

        Raises:
            SetupError: a stored turn is damaged.
        """
        with self._database.read() as db:
            rows = db.execute(
                "SELECT body FROM turn WHERE user = ? AND thread = ? ORDER BY turn",
                (check_user(user), check_thread(thread)),
            ).fetchall()
        try:
            return tuple(Turn.model_validate_json(row[0]) for row in rows)
        except ValidationError as error:
            raise SetupError(
                f"a stored turn of thread {thread!r} is damaged: {error.errors()[0]['msg']}"
            ) from error

    def get(self, user: str, thread: str, turn: int) -> Turn | None:
        """One finished turn, or None.

        Raises:
            SetupError: the stored turn is damaged.
        """
        with self._database.read() as db:
            row = db.execute(
                "SELECT body FROM turn WHERE user = ? AND thread = ? AND turn = ?",
                (check_user(user), check_thread(thread), turn),
            ).fetchone()
        try:
            return None if row is None else Turn.model_validate_json(row[0])
        except ValidationError as error:
            raise SetupError(
                f"stored turn {turn} of thread {thread!r} is damaged: {error.errors()[0]['msg']}"
            ) from error

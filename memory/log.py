"""The interaction log: what was shown together, and what was picked, accepted, rejected.

Groups (things shown in one turn) are the unit that a reward model learns from. Writing a turn
twice, as a resumed run does, leaves one copy.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Literal

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import EmbeddingRef, ImageRef, ThingRef
from vitrine.memory.database import Database
from vitrine.memory.ids import check_thread, check_user

LoggedVerdict = Literal["picked", "accept", "reject", "been_to"]


class LoggedThing(Frozen):
    """A thing as it was shown or judged. A design brings embedding, picture and facets."""

    thing: ThingRef
    embedding: EmbeddingRef | None = None
    image: ImageRef | None = None
    facets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    score: float | None = None


class Judged(Frozen):
    """One verdict on one thing."""

    what: LoggedThing
    verdict: LoggedVerdict
    reason: str | None = None


class History(Frozen):
    """What a user liked (picked, accepted) and disliked (rejected), newest last.

    The newest verdict on a thing counts.
    """

    liked: tuple[LoggedThing, ...] = ()
    disliked: tuple[LoggedThing, ...] = ()


class Group(Frozen):
    """Things shown together, with the positions (1-based) that were taken or refused."""

    thread: str
    turn: int
    domain: str
    request: str
    shown: str = ""
    """When, ISO 8601."""
    things: tuple[LoggedThing, ...]
    chosen: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()


class Verdict(Frozen):
    """The newest verdict of a user on a thing, when (ISO 8601) and in which thread it was given."""

    thread: str
    judged: Judged
    given: str


class InteractionLog:
    """Impressions and verdicts by user. One user's rows are never read for another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_thread(self, user: str, thread: str, domain: str) -> None:
        """Note that the user has this thread (once)."""
        with self._database.write() as db:
            db.execute(
                "INSERT INTO thread (user, thread, domain, opened) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (check_user(user), check_thread(thread), domain, _now()),
            )

    def threads(self, user: str) -> tuple[str, ...]:
        """The user's threads, oldest first."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT thread FROM thread WHERE user = ? ORDER BY opened, thread",
                (check_user(user),),
            ).fetchall()
        return tuple(row[0] for row in rows)

    def show(
        self,
        user: str,
        thread: str,
        turn: int,
        *,
        domain: str,
        request: str,
        things: Sequence[LoggedThing],
    ) -> None:
        """Log what one turn showed, in order. A second call for the turn replaces it."""
        check_user(user)
        check_thread(thread)
        now = _now()
        with self._database.write() as db:
            db.execute(
                "DELETE FROM impression WHERE user = ? AND thread = ? AND turn = ?",
                (user, thread, turn),
            )
            db.executemany(
                "INSERT INTO impression VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        user,
                        thread,
                        turn,
                        position,
                        domain,
                        thing.thing.kind,
                        thing.thing.id,
                        thing.model_dump_json(),
                        request,
                        now,
                    )
                    for position, thing in enumerate(things, start=1)
                ],
            )
            _use(db, user, things)

    def judge(
        self, user: str, thread: str, turn: int, *, domain: str, verdicts: Sequence[Judged]
    ) -> None:
        """Log verdicts of one turn. A second verdict on a thing in the turn replaces it."""
        check_user(user)
        check_thread(thread)
        now = _now()
        with self._database.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO verdict"
                " (user, thread, turn, domain, kind, thing, verdict, reason, body, given)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        user,
                        thread,
                        turn,
                        domain,
                        judged.what.thing.kind,
                        # a design's id is unique in its thread only
                        judged.what.thing.id,
                        judged.verdict,
                        judged.reason,
                        judged.what.model_dump_json(),
                        now,
                    )
                    for judged in verdicts
                ],
            )
            _use(db, user, [judged.what for judged in verdicts])

    def retract(self, user: str, thread: str, turn: int) -> int:
        """Take back the verdicts of a turn (undo); how many there were."""
        with self._database.write() as db:
            return db.execute(
                "DELETE FROM verdict WHERE user = ? AND thread = ? AND turn = ?",
                (check_user(user), check_thread(thread), turn),
            ).rowcount

    def history(self, user: str, domain: str, limit: int = 200) -> History:
        """The user's newest `limit` judged things in a domain, newest last."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT thread, kind, thing, verdict, body FROM verdict"
                " WHERE user = ? AND domain = ? ORDER BY seq",
                (check_user(user), domain),
            ).fetchall()
        newest: dict[tuple[str, str, str], tuple[str, str]] = {}
        for thread, kind, thing, verdict, body in rows:
            key = (thread if kind == "design" else "", kind, thing)
            newest.pop(key, None)  # a newer verdict moves to the end
            newest[key] = (verdict, body)
        kept = list(newest.values())[-limit:]
        things = [(verdict, LoggedThing.model_validate_json(body)) for verdict, body in kept]
        return History(
            liked=tuple(thing for verdict, thing in things if verdict in ("picked", "accept")),
            disliked=tuple(thing for verdict, thing in things if verdict == "reject"),
        )

    def groups(self, user: str, domain: str) -> tuple[Group, ...]:
        """What was shown, turn by turn in time, with what was chosen and refused of it."""
        check_user(user)
        with self._database.read() as db:
            shown = db.execute(
                "SELECT thread, turn, request, kind, thing, body, shown FROM impression"
                " WHERE user = ? AND domain = ? ORDER BY shown, thread, turn, position",
                (user, domain),
            ).fetchall()
            judged = db.execute(
                "SELECT thread, kind, thing, verdict, turn FROM verdict"
                " WHERE user = ? AND domain = ? ORDER BY seq",
                (user, domain),
            ).fetchall()
        members: dict[tuple[str, int], list[tuple[str, str, str, str, str]]] = {}
        for thread, turn, *row in shown:
            request, kind, thing, body, when = row
            members.setdefault((thread, turn), []).append((request, kind, thing, body, when))
        verdicts = {(thread, kind, thing): verdict for thread, kind, thing, verdict, _ in judged}
        groups: list[Group] = []
        for (thread, turn), rows in members.items():
            found = [verdicts.get((thread, kind, thing)) for _, kind, thing, _, _ in rows]
            groups.append(
                Group(
                    thread=thread,
                    turn=turn,
                    domain=domain,
                    request=rows[0][0],
                    shown=rows[0][4],
                    things=tuple(LoggedThing.model_validate_json(row[3]) for row in rows),
                    chosen=tuple(i for i, v in enumerate(found, 1) if v in ("picked", "accept")),
                    refused=tuple(i for i, v in enumerate(found, 1) if v == "reject"),
                )
            )
        return tuple(groups)

    def users(self, domain: str) -> tuple[str, ...]:
        """Everybody who was shown something in a domain.

        For whoever keeps the shop and trains its models; nothing in a conversation asks for it.
        """
        with self._database.read() as db:
            rows = db.execute(
                "SELECT DISTINCT user FROM impression WHERE domain = ? ORDER BY user", (domain,)
            ).fetchall()
        return tuple(row[0] for row in rows)

    def verdicts(self, user: str, domain: str) -> tuple[Verdict, ...]:
        """The newest verdict on each thing, oldest first."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT thread, kind, thing, verdict, reason, body, given FROM verdict"
                " WHERE user = ? AND domain = ? ORDER BY seq",
                (check_user(user), domain),
            ).fetchall()
        newest: dict[tuple[str, str, str], Verdict] = {}
        for thread, kind, thing, verdict, reason, body, given in rows:
            key = (thread if kind == "design" else "", kind, thing)
            newest.pop(key, None)
            what = LoggedThing.model_validate_json(body)
            judged = Judged(what=what, verdict=verdict, reason=reason)
            newest[key] = Verdict(thread=thread, judged=judged, given=given)
        return tuple(newest.values())

    def use(self, user: str, keys: Iterable[str]) -> None:
        """Note that stored pictures or embeddings are the user's (sent pictures, drafts)."""
        with self._database.write() as db:
            db.executemany(
                "INSERT INTO artifact VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(check_user(user), key) for key in keys],
            )

    def artifacts(self, user: str) -> frozenset[str]:
        """Keys of the user's pictures and embeddings."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT key FROM artifact WHERE user = ?", (check_user(user),)
            ).fetchall()
        return frozenset(row[0] for row in rows)


def _use(db: Connection, user: str, things: Iterable[LoggedThing]) -> None:
    keys = {
        ref.key for thing in things for ref in (thing.embedding, thing.image) if ref is not None
    }
    db.executemany(
        "INSERT INTO artifact VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(user, key) for key in sorted(keys)],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()

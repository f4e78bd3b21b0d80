"""The store of user profiles: read, change, edit as text, delete.

A profile is small, so it is stored whole, as JSON; every change is one transaction.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from pydantic import ValidationError

from vitrine.core.errors import RequestError, SetupError
from vitrine.memory.database import Database
from vitrine.memory.ids import check_user
from vitrine.memory.packs import clean_text
from vitrine.memory.profile import SECTIONS, Profile, ProfileSentence, Section

MAX_SENTENCES = 200
MAX_SENTENCE_CHARS = 300
MAX_DECLINED = 500
MAX_MARKDOWN_CHARS = 100_000
FOR_NOW_DAYS = 30

_HEADING = re.compile(r"^#{1,6}\s+(?P<name>.*?)\s*#*$")
_BULLET = re.compile(r"^\s*[-*+•]\s+(?P<text>.+)$")


class ProfileStore:
    """Profiles by user. One user's profile is never read for another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user: str) -> Profile:
        """The profile, empty for a user not seen before.

        Raises:
            RequestError: the user id cannot be used.
        """
        with self._database.read() as db:
            row = db.execute(
                "SELECT body FROM profile WHERE user = ?", (check_user(user),)
            ).fetchone()
        return _parse(user, row[0]) if row is not None else Profile(user=user)

    def put(self, profile: Profile) -> None:
        """Replace the whole profile.

        Raises:
            RequestError: the user id cannot be used, or there are too many sentences.
        """
        self._change(profile.user, lambda _: profile)

    def add(self, user: str, sentences: Iterable[ProfileSentence]) -> Profile:
        """Add sentences; one that stands there already (in any case) is left as it is."""
        new = tuple(sentences)

        def change(profile: Profile) -> Profile:
            kept = list(profile.sentences)
            seen = {_same(s) for s in kept}
            for sentence in new:
                if _same(sentence) not in seen:
                    seen.add(_same(sentence))
                    kept.append(sentence)
            return profile.model_copy(update={"sentences": tuple(kept)})

        return self._change(user, change)

    def remove(self, user: str, sentences: Iterable[ProfileSentence]) -> Profile:
        """Remove sentences by section and text."""
        gone = {_same(s) for s in sentences}
        return self._change(
            user,
            lambda profile: profile.model_copy(
                update={"sentences": tuple(s for s in profile.sentences if _same(s) not in gone)}
            ),
        )

    def edit(self, user: str, markdown: str, today: date) -> Profile:
        """Make the profile what the text says; unchanged sentences keep origin, turn and dates.

        Raises:
            RequestError: the text cannot be read; names the line. Nothing is changed then.
        """
        sentences = parse_markdown(markdown, today)

        def change(profile: Profile) -> Profile:
            known = {_same(s): s for s in profile.sentences}
            kept = tuple(
                known[_same(s)].model_copy(update={"text": s.text}) if _same(s) in known else s
                for s in sentences
            )
            return profile.model_copy(update={"sentences": kept})

        return self._change(user, change)

    def decline(self, user: str, keys: Iterable[str]) -> Profile:
        """Note what is never to be proposed for the profile again."""
        new = tuple(keys)
        return self._change(
            user,
            lambda profile: profile.model_copy(
                update={"declined": tuple(dict.fromkeys((*profile.declined, *new)))[-MAX_DECLINED:]}
            ),
        )

    def forget(self, user: str) -> bool:
        """Delete the profile alone (`Stores.forget` deletes everything); whether there was one."""
        with self._database.write() as db:
            return (
                db.execute("DELETE FROM profile WHERE user = ?", (check_user(user),)).rowcount > 0
            )

    def users(self) -> tuple[str, ...]:
        """Users with a profile, sorted."""
        with self._database.read() as db:
            return tuple(row[0] for row in db.execute("SELECT user FROM profile ORDER BY user"))

    def _change(self, user: str, change: Callable[[Profile], Profile]) -> Profile:
        check_user(user)
        with self._database.write() as db:
            row = db.execute("SELECT body FROM profile WHERE user = ?", (user,)).fetchone()
            profile = change(_parse(user, row[0]) if row is not None else Profile(user=user))
            if len(profile.sentences) > MAX_SENTENCES:
                raise RequestError(
                    f"the profile has {len(profile.sentences)} sentences: expected at most"
                    f" {MAX_SENTENCES}; delete some first"
                )
            db.execute(
                "INSERT INTO profile (user, body, changed) VALUES (?, ?, ?) ON CONFLICT (user)"
                " DO UPDATE SET body = excluded.body, changed = excluded.changed",
                (user, profile.model_dump_json(), datetime.now(UTC).isoformat()),
            )
        return profile


def parse_markdown(markdown: str, today: date) -> tuple[ProfileSentence, ...]:
    """Sentences of a profile as text: `## I like` headings with `- sentence` bullets below.

    An empty text is an empty profile. A sentence under *For now* counts for 30 days.

    Raises:
        RequestError: a line is neither; names the line and what was expected.
    """
    if len(markdown) > MAX_MARKDOWN_CHARS:
        raise RequestError(
            f"the profile text has {len(markdown)} characters: expected at most"
            f" {MAX_MARKDOWN_CHARS}"
        )
    names: dict[str, Section] = {name.casefold(): name for name in SECTIONS}
    section: Section | None = None
    sentences: list[ProfileSentence] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(markdown.splitlines(), start=1):
        if not line.strip():
            continue
        heading = _HEADING.match(line.strip())
        if heading is not None:
            section = names.get(heading["name"].casefold())
            if section is None:
                raise RequestError(
                    f"profile line {number}: unknown heading {heading['name'][:80]!r}: expected"
                    f" one of {', '.join(SECTIONS)}"
                )
            continue
        bullet = _BULLET.match(line)
        text = clean_text(bullet["text"]) if bullet is not None else ""
        if not text:
            raise RequestError(
                f"profile line {number}: {line.strip()[:80]!r} is neither a heading such as"
                " '## I like' nor a sentence such as '- I like linen'"
            )
        if section is None:
            raise RequestError(
                f"profile line {number}: a sentence before the first heading: expected '## I like'"
                " or another heading above it"
            )
        if len(text) > MAX_SENTENCE_CHARS:
            raise RequestError(
                f"profile line {number}: sentence of {len(text)} characters: expected at most"
                f" {MAX_SENTENCE_CHARS}"
            )
        sentence = ProfileSentence(
            section=section,
            text=text,
            origin="edited",
            added=today,
            expires=today + timedelta(days=FOR_NOW_DAYS) if section == "For now" else None,
        )
        if _same(sentence) not in seen:
            seen.add(_same(sentence))
            sentences.append(sentence)
    return tuple(sentences)


def _same(sentence: ProfileSentence) -> tuple[str, str]:
    """Identity of a sentence: section and text, whatever the letters' case and a final stop."""
    return sentence.section, clean_text(sentence.text).casefold().rstrip(".")


def _parse(user: str, body: str) -> Profile:
    try:
        return Profile.model_validate_json(body)
    except ValidationError as error:
        raise SetupError(
            f"the stored profile of {user!r} is damaged: {error.errors()[0]['msg']}"
        ) from error

"""Plays scripted dialogues against the agent, each with a user and a thread of its own."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self, TypedDict

from vitrine.agent.session import Shop, open_shop
from vitrine.agent.toolbox import Models
from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError, VitrineError
from vitrine.core.refs import ShownRef
from vitrine.core.settings import Settings
from vitrine.evals.checks import INVARIANT, Failure, check
from vitrine.evals.invariants import Violation
from vitrine.evals.report import (
    WHOLE_TURN,
    PlayedDialogue,
    PlayedTurn,
    Report,
    build_report,
    goal_of,
)
from vitrine.evals.scripts import Expectation, Script, ScriptTurn
from vitrine.evals.watching import watch

logger = logging.getLogger(__name__)

OnDialogue = Callable[[int, int, PlayedDialogue], None]
"""Called with (done, total, dialogue) after each dialogue, in the order of the scripts."""
ModelsOf = Callable[[str], Models]
"""Loaders to use instead of the backend's own, by domain (a plain function: workers pickle it)."""

SEED = 0
"""Designs of a replay are the same every time, unless the settings say otherwise."""


class Player:
    """Opens the shops that scripts need, once each, and plays one script at a time.

    async with Player(settings) as player:
        dialogue = await player.play(script)
    """

    def __init__(
        self, settings: Settings, models: ModelsOf | None = None, *, invariants: bool = False
    ) -> None:
        """`invariants`: what breaks them counts as a failure of its turn."""
        self.settings = (
            settings if settings.seed is not None else settings.model_copy(update={"seed": SEED})
        )
        self._models = models
        self._invariants = invariants
        self._shops: dict[str, Shop] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._stack.aclose()

    async def shop(self, domain: str) -> Shop:
        """The open shop of a domain.

        Raises:
            RequestError: no such domain.
            SetupError: weights or the home folder cannot be used.
        """
        if domain not in self._shops:
            chosen = self.settings.model_copy(update={"domain": domain})
            models = self._models(domain) if self._models is not None else None
            self._shops[domain] = await self._stack.enter_async_context(
                open_shop(chosen, models=models)
            )
        return self._shops[domain]

    async def play(self, script: Script) -> PlayedDialogue:
        """Play one script.

        Raises:
            RequestError: the script names an unknown domain or item.
        """
        domain = script.domain or self.settings.domain
        shop = await self.shop(domain)
        for number, rated in enumerate(script.history, start=1):
            if not shop.wired.catalogue.has(rated.item):
                raise RequestError(
                    f"{script.name}: history {number}: key 'item': {rated.item!r} is not sold"
                    f" in {domain!r}"
                )
        return await _play(shop, script, domain, invariants=self._invariants)


async def replay(
    scripts: Sequence[Script],
    settings: Settings,
    on_dialogue: OnDialogue | None = None,
    *,
    models: ModelsOf | None = None,
    invariants: bool = False,
) -> Report:
    """Play all scripts one after the other, and report.

    Cancelling it (Ctrl-C) ends it early: the report then has what was played until then.

    Args:
        scripts: what to play.
        settings: `settings.home` should be a folder of the replay's own: scripts create users and
            threads in it.
        on_dialogue: told of each finished dialogue.
        models: loaders to use instead of the backend's own.
        invariants: check them too, after every turn.

    Raises:
        RequestError: a script names an unknown domain or item.
    """
    played: list[tuple[Script, PlayedDialogue]] = []
    stopped = False
    async with Player(settings, models, invariants=invariants) as player:
        try:
            for script in scripts:
                played.append((script, await player.play(script)))
                if on_dialogue is not None:
                    on_dialogue(len(played), len(scripts), played[-1][1])
        except asyncio.CancelledError:
            stopped = True
    return build_report(played, stopped=stopped)


def strangers(script: Script, pack: DomainPack) -> Iterator[str]:
    """Warnings about facets that the domain does not have: assertions on them say little."""
    known = {facet.name for facet in pack.facets}
    for number, turn in enumerate(script.turns, start=1):
        if turn.expect is None:
            continue
        for key, facet in facets_of(turn.expect):
            if facet not in known:
                yield f"{script.name}: turn {number}: key {key!r}: no facet {facet!r}"


def facets_of(expect: Expectation) -> Iterator[tuple[str, str]]:
    """The facets that an expectation names, each with its key."""
    for key in ("wants", "avoids", "ranges", "hard", "soft", "absent", "disclosed", "reasons_cite"):
        for facet in getattr(expect, key) or ():
            yield key, facet
    if expect.products is not None:
        for facet in (*expect.products.every, *expect.products.none):
            yield "products", facet


async def _play(shop: Shop, script: Script, domain: str, *, invariants: bool) -> PlayedDialogue:
    name = _thread(script.dialogue)
    user = f"{script.user.id[:20]}-{name}" if script.user else f"guest-{name}"
    watched = watch(shop).session(user=user, thread=f"replay-{name}")
    session = watched.session
    if script.user and script.user.profile:
        await session.tell_profile(script.user.profile)
    for rated in script.history:
        await session.rate(rated.item, liked=rated.rating == 1)
    turns: list[PlayedTurn] = []
    error: str | None = None
    for number, move in enumerate(script.turns, start=1):
        began = time.perf_counter()
        try:
            broken: tuple[Violation, ...] = ()
            if invariants:
                turn, broken = await watched.turn(**_message(script, move))
            else:
                turn = await session.turn(**_message(script, move))
        except VitrineError as refused:
            error = f"turn {number}: {refused}"
            break
        except Exception as crash:
            logger.exception("%s: turn %d broke", script.name, number)
            error = f"turn {number}: {type(crash).__name__}: {crash}"
            break
        ms = round((time.perf_counter() - began) * 1000, 2)
        expect = move.expect
        failures = check(turn, expect, turns, shop.wired.catalogue) if expect is not None else ()
        failures += tuple(
            Failure(key=f"{INVARIANT}.{v.rule}", expected="holds", found=v.detail) for v in broken
        )
        turns.append(
            PlayedTurn.model_validate(
                {
                    **dict(turn),
                    "timings_ms": {**turn.timings_ms, WHOLE_TURN: ms},
                    "passed": not failures,
                    "failures": failures,
                    "checked": asserted(expect),
                    "sent": None if move.image is None else str(_image(script, move)),
                    "picked": _picks(move),
                }
            )
        )
    goal = goal_of(script)
    return PlayedDialogue(
        dialogue=script.dialogue,
        domain=domain,
        passed=error is None and all(turn.passed for turn in turns),
        turns=tuple(turns),
        error=error,
        split=script.split,
        file=script.file,
        goal_turn=goal,
        success=None if goal is None else len(turns) >= goal and turns[goal - 1].passed,
    )


def _thread(dialogue: str) -> str:
    """A name that users and threads may have, of this dialogue alone."""
    plain = "".join(c if c.isalnum() and c.isascii() else "-" for c in dialogue)[:24]
    return f"{plain}-{hashlib.sha256(dialogue.encode()).hexdigest()[:8]}"


def asserted(expect: Expectation | None) -> tuple[str, ...]:
    """The keys that a script asserts, in the order of the schema."""
    names = Expectation.model_fields if expect is not None else ()
    return tuple(name for name in names if getattr(expect, name) is not None)


class _Message(TypedDict):
    text: str
    image: Path | None
    picks: tuple[ShownRef, ...]


def _message(script: Script, move: ScriptTurn) -> _Message:
    return {"text": move.say, "image": _image(script, move), "picks": _picks(move)}


def _image(script: Script, move: ScriptTurn) -> Path | None:
    return Path(script.folder).absolute() / move.image if move.image else None


def _picks(move: ScriptTurn) -> tuple[ShownRef, ...]:
    if move.pick is None:
        return ()
    return tuple(ShownRef(turn=move.pick.turn, position=p) for p in move.pick.positions)

"""Plays scripted dialogues against the agent, each with a user and a thread of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path

from vitrine.agent.session import Session, Shop, open_shop
from vitrine.agent.toolbox import Models
from vitrine.core.errors import RequestError
from vitrine.core.refs import ShownRef
from vitrine.core.settings import Settings
from vitrine.core.turn import Turn
from vitrine.evals.checks import check
from vitrine.evals.report import PlayedDialogue, PlayedTurn, Report, totals
from vitrine.evals.scripts import Script, ScriptTurn

OnDialogue = Callable[[int, int, PlayedDialogue], None]
"""Called with (done, total, dialogue) after each dialogue."""


async def replay(
    scripts: Sequence[Script],
    settings: Settings,
    on_dialogue: OnDialogue | None = None,
    *,
    models: Models | None = None,
) -> Report:
    """Play all scripts, one shop per domain, and report.

    `settings.home` should be a folder of the replay's own: scripts create users and threads in it.
    `models` are loaders to use instead of the backend's own.

    Raises:
        RequestError: a script names an unknown domain, item or picture.
    """
    played: dict[str, PlayedDialogue] = {}
    domains = list(dict.fromkeys(script.domain or settings.domain for script in scripts))
    for domain in domains:
        async with open_shop(settings.model_copy(update={"domain": domain}), models=models) as shop:
            for script in scripts:
                if (script.domain or settings.domain) != domain:
                    continue
                played[script.dialogue] = dialogue = await _play(shop, script, domain)
                if on_dialogue is not None:
                    on_dialogue(len(played), len(scripts), dialogue)
    ordered = [(played[script.dialogue], [t.expect for t in script.turns]) for script in scripts]
    return Report(dialogues=tuple(d for d, _ in ordered), totals=totals(ordered))


async def _play(shop: Shop, script: Script, domain: str) -> PlayedDialogue:
    name = "".join(c if c.isalnum() else "-" for c in script.dialogue)[:40]
    user = f"{script.user.id}-{name}"[:60] if script.user else f"guest-{name}"[:60]
    session = shop.session(user=user, thread=f"replay-{name}")
    if script.user and script.user.profile:
        await session.tell_profile(script.user.profile)
    for rated in script.history:
        await session.rate(rated.item, liked=rated.rating == 1)
    turns: list[PlayedTurn] = []
    for number, move in enumerate(script.turns, start=1):
        try:
            turn = await _say(session, script, move)
        except RequestError as error:
            message = f"turn {number}: {error}"
            return PlayedDialogue(
                dialogue=script.dialogue,
                domain=domain,
                passed=False,
                turns=tuple(turns),
                error=message,
            )
        failures = check(turn, move.expect, turns) if move.expect is not None else ()
        turns.append(PlayedTurn(**dict(turn), passed=not failures, failures=failures))
    return PlayedDialogue(
        dialogue=script.dialogue,
        domain=domain,
        passed=all(turn.passed for turn in turns),
        turns=tuple(turns),
    )


async def _say(session: Session, script: Script, move: ScriptTurn) -> Turn:
    image = Path(script.folder) / move.image if move.image else None
    picks = (
        tuple(ShownRef(turn=move.pick.turn, position=p) for p in move.pick.positions)
        if move.pick
        else ()
    )
    return await session.turn(text=move.say, image=image, picks=picks)

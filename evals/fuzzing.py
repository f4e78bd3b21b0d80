"""Runs fuzzed conversations and shrinks what breaks an invariant to its shortest script."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vitrine.agent.session import Shop
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.refs import ShownRef
from vitrine.evals.fuzz import Fuzzer
from vitrine.evals.moves import Shopper
from vitrine.evals.scripts import Script, ScriptTurn
from vitrine.evals.shrink import Budget, ddmin
from vitrine.evals.watching import Watched, WatchedSession, watch

logger = logging.getLogger(__name__)

TURNS_A_TALK = (3, 12)
TRIES = 160
PICKS = 0.04
"""Share of messages with a choice in the window, of a place that may not exist."""
SHORT = 200
"""A message is shrunk by words; below this length by characters too."""

OnTurn = Callable[[int, int, int], None]
"""Called with (turns done, total, broken so far) after each conversation."""


class Broken(Frozen):
    """What fuzzing found: the rules broken, in words, and the shortest messages that break them."""

    rules: tuple[str, ...]
    detail: str
    messages: tuple[str, ...]
    times: int = 1

    def script(self, name: str, domain: str) -> Script:
        """As a script for `vitrine replay --invariants`."""
        turns = tuple(ScriptTurn(say=message) for message in self.messages)
        return Script(dialogue=name, domain=domain, turns=turns)


class Fuzzed(Frozen):
    """What came of fuzzing."""

    seed: int
    turns: int
    refused: int
    broken_turns: int
    rules: dict[str, int]
    findings: tuple[Broken, ...]


class Talk:
    """One conversation: messages in, broken rules out."""

    def __init__(self, watched: Watched, thread: str) -> None:
        self._session: WatchedSession = watched.session(user=f"fuzz-{thread}", thread=thread)
        self.refused = 0

    async def hear(self, text: str, picks: tuple[ShownRef, ...] = ()) -> dict[str, str]:
        """Send a message; rules that break, with what breaks them. An exception is one too."""
        try:
            _, broken = await self._session.turn(text=text, picks=picks)
        except RequestError:
            self.refused += 1
            if not await self._session.unchanged():
                return {"refused": "a message that was refused changed the state"}
            return {}
        except Exception as error:
            logger.debug("a fuzzed message broke the turn", exc_info=True)
            return {"raises": f"{type(error).__name__}: {error}"[:400]}
        return {violation.rule: violation.detail for violation in broken}


async def fuzz(
    shop: Shop, corpus: Sequence[str], *, count: int, seed: int, on_turn: OnTurn | None = None
) -> Fuzzed:
    """Send `count` messages in conversations of a few turns each, and check every turn.

    Args:
        shop: where; fakes of the picture models are enough.
        corpus: real utterances of the domain, besides those that are drawn from its words.
        count: messages to send.
        seed: of everything.
        on_turn: told after each conversation.

    Cancelling it (Ctrl-C) ends it early with what was found until then.
    """
    watched = watch(shop)
    fuzzer = Fuzzer(shop.pack, (*corpus, *spoken(shop, seed)), seed)
    tally = _Tally()
    lengths = random.Random(seed)
    try:
        while tally.turns < count:
            length = min(lengths.randint(*TURNS_A_TALK), count - tally.turns)
            await _talk(watched, fuzzer, length, f"f{seed}-{tally.turns}", tally)
            if on_turn is not None:
                on_turn(tally.turns, count, tally.broken_turns)
    except asyncio.CancelledError:
        logger.info("fuzzing was stopped after %d turns", tally.turns)
    return Fuzzed(
        seed=seed,
        turns=tally.turns,
        refused=tally.refused,
        broken_turns=tally.broken_turns,
        rules=dict(tally.rules),
        findings=tuple(tally.found.values()),
    )


@dataclass
class _Tally:
    """What was found so far."""

    turns: int = 0
    refused: int = 0
    broken_turns: int = 0
    rules: Counter[str] = field(default_factory=lambda: Counter())
    found: dict[tuple[str, ...], Broken] = field(default_factory=lambda: {})


async def _talk(watched: Watched, fuzzer: Fuzzer, length: int, thread: str, tally: _Tally) -> None:
    """One conversation; it ends early at the first turn that breaks a rule."""
    talk, heard = Talk(watched, thread), list[str]()
    for _ in range(length):
        heard.append(fuzzer.message())
        broken = await talk.hear(heard[-1], fuzzer.picks(PICKS))
        tally.turns += 1
        if not broken:
            continue
        tally.broken_turns += 1
        tally.rules.update(broken.keys())
        key = tuple(sorted(broken))
        if key in tally.found:
            old = tally.found[key]
            tally.found[key] = old.model_copy(update={"times": old.times + 1})
        else:
            tally.found[key] = await _shrink(watched, heard, set(broken), f"{thread}-shrunk")
        break
    tally.refused += talk.refused


def spoken(shop: Shop, seed: int, dialogues: int = 60) -> tuple[str, ...]:
    """Utterances made of the shop's own words."""
    shopper = Shopper(shop.wired.catalogue, seed)
    said = [
        move.say
        for number in range(dialogues)
        for move in shopper.dialogue(f"d{number}", shop.pack.name, 6)[0]
    ]
    return tuple(dict.fromkeys(said))


async def _shrink(watched: Watched, heard: list[str], rules: set[str], thread: str) -> Broken:
    """Fewer messages, then fewer words, then fewer characters."""
    budget, plays = Budget(TRIES), 0
    last: dict[str, str] = {}

    async def breaks(messages: list[str]) -> bool:
        nonlocal plays, last
        plays += 1
        talk = Talk(watched, f"{thread}-{plays}")
        for message in messages:
            broken = await talk.hear(message)
            if rules & broken.keys():
                last = broken
                return True
        return False

    if not await breaks(heard):  # it needs a choice in the window, or the talk before it
        return Broken(rules=tuple(sorted(rules)), detail="not repeated", messages=tuple(heard))
    messages = await ddmin(heard, breaks, budget)
    for place in range(len(messages)):
        for split in (str.split, list):
            if split is list and len(messages[place]) > SHORT:
                continue
            glue = "" if split is list else " "

            async def still(parts: list[str], place: int = place, glue: str = glue) -> bool:
                text = glue.join(parts)
                return bool(text.strip()) and await breaks(
                    [*messages[:place], text, *messages[place + 1 :]]
                )

            parts: list[str] = list(split(messages[place]))
            if len(parts) > 1 and budget.left > 0 and await still(parts):
                messages[place] = glue.join(await ddmin(parts, still, budget))
    await breaks(messages)
    detail = "; ".join(f"{rule}: {what}" for rule, what in sorted(last.items()))
    return Broken(rules=tuple(sorted(last)), detail=detail, messages=tuple(messages))

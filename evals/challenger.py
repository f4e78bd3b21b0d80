"""Looks for dialogues on which the agent fails, and shrinks each to its shortest script.

Two sources: dialogues of the oracle (`evals/moves.py`), whose right answer is known for every state,
and scripts that hold, said otherwise (`evals/perturb.py`). Both are checked turn by turn against the
script and against the invariants.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Catalogue
from vitrine.evals.moves import Shopper
from vitrine.evals.oracle import Move, unfold
from vitrine.evals.perturb import Change, changed, draw_changes, without_turn
from vitrine.evals.replay import Player
from vitrine.evals.report import PlayedDialogue
from vitrine.evals.scripts import Script
from vitrine.evals.shrink import Budget, ddmin

MOVES = (2, 7)
"""Least and most moves of a generated dialogue."""
CHANGES = (1, 4)
SAME = 3
"""Failures of the same keys that are shrunk, at most."""
TRIES = 90
"""Scripts that are played to shrink one failure, at most."""

Signature = frozenset[str]
OnCase = Callable[[int, int, bool], None]
"""Called with (done, total, whether it held) after each case."""


class Finding(Frozen):
    """A failure, shrunk. `keys` are the assertions and invariants that fail."""

    name: str
    source: str
    keys: tuple[str, ...]
    detail: str
    script: Script


class Challenge(Frozen):
    """What came of a challenge."""

    seed: int
    played: int
    turns: int
    failed: int
    by_source: dict[str, tuple[int, int]]
    findings: tuple[Finding, ...]
    stopped: bool = False


class Case(Protocol):
    """A dialogue that can be made shorter."""

    source: str

    @property
    def script(self) -> Script: ...

    async def shrunk(self, fails: Callable[[Script], Awaitable[bool]], budget: Budget) -> Script:
        """The shortest script of this case that still fails."""
        ...


@dataclass
class OracleCase:
    """Moves of the oracle: any sublist is a dialogue with known answers."""

    name: str
    moves: list[Move]
    catalogue: Catalogue
    domain: str
    source: str = "oracle"

    @property
    def script(self) -> Script:
        made = unfold(self.name, self.moves, self.catalogue, self.domain)
        assert made is not None, "a case is made of moves that unfold"
        return made

    async def shrunk(self, fails: Callable[[Script], Awaitable[bool]], budget: Budget) -> Script:
        async def still(moves: list[Move]) -> bool:
            made = unfold(self.name, moves, self.catalogue, self.domain)
            return made is not None and await fails(made)

        moves = await ddmin(self.moves, still, budget)
        for place, move in enumerate(moves):
            for plain in _plainer(move):
                if not budget.spend():
                    break
                candidate = [*moves[:place], plain, *moves[place + 1 :]]
                if await still(candidate):
                    moves = candidate
        made = unfold(self.name, moves, self.catalogue, self.domain)
        assert made is not None, "ddmin keeps what fails"
        return made


def _plainer(move: Move) -> list[Move]:
    """The move without what is around its words, most first."""
    bare = move.model_copy(update={"before": "", "after": "", "misspelt": None})
    return [
        plain
        for plain in (
            bare,
            move.model_copy(update={"before": ""}),
            move.model_copy(update={"after": ""}),
        )
        if plain != move
    ]


@dataclass
class PerturbedCase:
    """A script that holds, and changes that must not break it."""

    name: str
    base: Script
    changes: list[Change]
    holds: Callable[[Script], Awaitable[bool]]
    source: str = "perturbed"

    @property
    def script(self) -> Script:
        return changed(self.base, self.changes, self.name)

    async def shrunk(self, fails: Callable[[Script], Awaitable[bool]], budget: Budget) -> Script:
        base = self.base

        async def still(changes: list[Change]) -> bool:
            return await fails(changed(base, changes, self.name))

        changes = await ddmin(self.changes, still, budget)
        for index in reversed(range(len(base.turns))):
            if any(change.turn in (index, index - 1) for change in changes) or not budget.spend():
                continue
            shorter = without_turn(base, index)
            if shorter is None:
                continue
            moved = [
                change.model_copy(update={"turn": change.turn - (change.turn > index)})
                for change in changes
            ]
            script = changed(shorter, moved, self.name)
            # Without a turn its own expectations may not hold any more: only what the changes
            # break is a failure.
            if await self.holds(shorter) and await fails(script):
                base, changes = shorter, moved
        return changed(base, changes, self.name)


class Challenger:
    """Plays cases with one player; every play is a conversation of its own."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._plays = 0
        self.turns = 0

    async def play(self, script: Script) -> PlayedDialogue:
        """Play the script in a fresh conversation."""
        self._plays += 1
        fresh = script.model_copy(update={"dialogue": f"{script.dialogue}~{self._plays}"})
        played = await self._player.play(fresh)
        self.turns += len(played.turns)
        return played

    async def holds(self, script: Script) -> bool:
        """Whether everything holds."""
        return (await self.play(script)).passed

    async def run(
        self, cases: Sequence[Case], seed: int, on_case: OnCase | None = None, shrink: int = 25
    ) -> Challenge:
        """Play all cases; the first `shrink` different failures are shrunk.

        Cancelling it (Ctrl-C) ends it early with what was found until then.
        """
        by_source: dict[str, tuple[int, int]] = {}
        findings: dict[tuple[Signature, str], Finding] = {}
        seen: dict[Signature, int] = {}
        failed = 0
        done = 0
        stopped = False
        try:
            for case in cases:
                played = await self.play(case.script)
                broken = signature(played)
                count, bad = by_source.get(case.source, (0, 0))
                by_source[case.source] = (count + 1, bad + bool(broken))
                done += 1
                if broken:
                    failed += 1
                    seen[broken] = seen.get(broken, 0) + 1
                    if len(findings) < shrink and seen[broken] <= SAME:
                        finding = await self._shrink(case, broken)
                        said = " / ".join(turn.say for turn in finding.script.turns)
                        findings[frozenset(finding.keys), said] = finding
                if on_case is not None:
                    on_case(done, len(cases), not broken)
        except asyncio.CancelledError:
            stopped = True
        return Challenge(
            seed=seed,
            played=done,
            turns=self.turns,
            failed=failed,
            by_source=by_source,
            findings=tuple(findings.values()),
            stopped=stopped,
        )

    async def _shrink(self, case: Case, broken: Signature) -> Finding:
        async def fails(script: Script) -> bool:
            return bool(signature(await self.play(script)) & broken)

        script = await case.shrunk(fails, Budget(TRIES))
        played = await self.play(script)
        return Finding(
            name=script.dialogue,
            source=case.source,
            keys=tuple(sorted(signature(played))),
            detail=told(played),
            script=script,
        )


def signature(played: PlayedDialogue) -> Signature:
    """What failed, without where: keys of the first turn that fails, or the error's kind."""
    if played.error is not None:
        return frozenset({"error: " + played.error.split(": ", 1)[1].split(":")[0]})
    first = next((turn for turn in played.turns if not turn.passed), None)
    return frozenset(f.key for f in first.failures) if first is not None else frozenset()


def told(played: PlayedDialogue) -> str:
    """The failures in one line."""
    if played.error is not None:
        return played.error
    return "; ".join(
        f"turn {turn.turn}: {f.key}: expected {f.expected}, found {f.found}"
        for turn in played.turns
        for f in turn.failures
    )[:1000]


def oracle_cases(catalogue: Catalogue, domain: str, count: int, seed: int) -> list[OracleCase]:
    """Dialogues of the oracle."""
    shopper = Shopper(catalogue, seed)
    rng = random.Random(seed)
    cases: list[OracleCase] = []
    for number in range(count):
        name = f"oracle-{domain.rsplit('/', 1)[-1]}-{seed}-{number}"
        moves, _ = shopper.dialogue(name, domain, rng.randint(*MOVES))
        cases.append(OracleCase(name, moves, catalogue, domain))
    return cases


async def perturbed_cases(
    challenger: Challenger, scripts: Sequence[Script], catalogue: Catalogue, count: int, seed: int
) -> list[PerturbedCase]:
    """Scripts that hold as they are, each said otherwise about equally often."""
    rng = random.Random(seed)
    sound = [script for script in scripts if await challenger.holds(script)]
    cases: list[PerturbedCase] = []
    for number in range(count if sound else 0):
        base = sound[number % len(sound)]
        changes = draw_changes(base, catalogue.pack, rng, rng.randint(*CHANGES))
        if changes:
            name = f"otherwise-{base.dialogue}-{seed}-{number}"
            cases.append(PerturbedCase(name, base, changes, challenger.holds))
    return cases

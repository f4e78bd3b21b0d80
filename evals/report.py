"""The report of a replay: per turn what failed, and totals over all dialogues."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import quantiles

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.turn import Turn
from vitrine.evals.checks import Failure
from vitrine.evals.scripts import Expectation

STATE_KEYS = ("wants", "avoids", "ranges", "hard", "soft", "soft_text", "absent")


class PlayedTurn(Turn):
    """A turn object with the verdict of the script beside it."""

    passed: bool
    failures: tuple[Failure, ...] = ()


class PlayedDialogue(Frozen):
    """One dialogue as played. `error` is set where the agent refused or broke."""

    dialogue: str
    domain: str
    passed: bool
    turns: tuple[PlayedTurn, ...]
    error: str | None = None


class Totals(Frozen):
    """Sums over all dialogues. Ratios are None where no script asserts such a thing."""

    dialogues: int
    dialogues_passed: int
    turns: int
    turns_passed: int
    joint_goal_accuracy: float | None = Field(
        description="turns whose asserted state is wholly right"
    )
    slot_f1: float | None
    intent_micro_f1: float | None
    intent_macro_f1: float | None
    act_accuracy: float | None = Field(description="turns whose asserted acts all hold")
    latency_p50_ms: dict[str, float]
    latency_p95_ms: dict[str, float]


class Report(Frozen):
    """What `replay --json` prints."""

    dialogues: tuple[PlayedDialogue, ...]
    totals: Totals


def totals(played: Sequence[tuple[PlayedDialogue, Sequence[Expectation | None]]]) -> Totals:
    """Totals of played dialogues, each with the expectations of its turns."""
    turns = [
        (turn, expect)
        for dialogue, expects in played
        for turn, expect in zip(dialogue.turns, expects, strict=False)
    ]
    asserted = [(turn, expect) for turn, expect in turns if expect is not None]
    state = [turn for turn, e in asserted if any(getattr(e, key) is not None for key in STATE_KEYS)]
    acts = [t for t, e in asserted if e.acts is not None or e.acts_any is not None or e.acts_not]
    micro, macro = _intent_f1(asserted)
    return Totals(
        dialogues=len(played),
        dialogues_passed=sum(dialogue.passed for dialogue, _ in played),
        turns=len(turns),
        turns_passed=sum(turn.passed for turn, _ in turns),
        joint_goal_accuracy=_share([not _fails(turn, STATE_KEYS) for turn in state]),
        slot_f1=_slot_f1(asserted),
        intent_micro_f1=micro,
        intent_macro_f1=macro,
        act_accuracy=_share([not _fails(turn, ("acts", "acts_any", "acts_not")) for turn in acts]),
        latency_p50_ms=_latency([turn for turn, _ in turns], 0.50),
        latency_p95_ms=_latency([turn for turn, _ in turns], 0.95),
    )


def _fails(turn: PlayedTurn, keys: Sequence[str]) -> bool:
    return any(failure.key.split(".")[0] in keys for failure in turn.failures)


def _share(holds: Sequence[bool]) -> float | None:
    return sum(holds) / len(holds) if holds else None


def _f1(hit: int, extra: int, missed: int) -> float | None:
    return 2 * hit / (2 * hit + extra + missed) if hit + extra + missed else None


def _slot_f1(asserted: Sequence[tuple[PlayedTurn, Expectation]]) -> float | None:
    """Micro F1 over (polarity, facet, value) of the facets that scripts assert."""
    hit = extra = missed = 0
    for turn, expect in asserted:
        for wanted, held in ((expect.wants, turn.state.wants), (expect.avoids, turn.state.avoids)):
            for facet, values in (wanted or {}).items():
                found = set(held.get(facet, ()))
                hit += len(found & set(values))
                extra += len(found - set(values))
                missed += len(set(values) - found)
    return _f1(hit, extra, missed)


def _intent_f1(
    asserted: Sequence[tuple[PlayedTurn, Expectation]],
) -> tuple[float | None, float | None]:
    """Micro and macro F1 over the intents asserted as present or as absent."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for turn, expect in asserted:
        for intent in expect.intents or ():
            counts[intent][0 if intent in turn.intents else 2] += 1
        for intent in expect.intents_not or ():
            counts[intent][1] += intent in turn.intents
    micro = _f1(*(sum(column) for column in zip(*counts.values(), strict=True))) if counts else None
    each = [f1 for row in counts.values() if (f1 := _f1(*row)) is not None]
    return micro, (sum(each) / len(each) if each else None)


def _latency(turns: Sequence[PlayedTurn], share: float) -> dict[str, float]:
    stages: defaultdict[str, list[float]] = defaultdict(list)
    for turn in turns:
        for stage, ms in turn.timings_ms.items():
            stages[stage].append(ms)
    return {
        stage: round(
            values[0] if len(values) == 1 else quantiles(values, n=100)[int(share * 100) - 1], 2
        )
        for stage, values in sorted(stages.items())
    }

"""The report of a replay: per turn what failed, and figures over all dialogues."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field, ValidationError

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.refs import ShownRef
from vitrine.core.turn import Turn
from vitrine.evals.checks import ACT_KEYS, STATE_KEYS, Failure
from vitrine.evals.scripts import Expectation, Script, Split

GOAL_KEYS = ("accepted", "designs", "answer", "products", "disclosed", "profile")
"""Keys that speak of what the user came for, most telling first."""
WHOLE_TURN = "turn"
"""The name under which a turn's wall time stands beside its stages."""


class PlayedTurn(Turn):
    """A turn object with the verdict of the script beside it."""

    passed: bool
    failures: tuple[Failure, ...] = ()
    checked: tuple[str, ...] = Field(default=(), description="keys that the script asserts")
    sent: str | None = Field(default=None, description="path of the picture that the user sent")
    picked: tuple[ShownRef, ...] = Field(default=(), description="what the user selected")


class PlayedDialogue(Frozen):
    """One dialogue as played. `error` is set where the agent refused or broke."""

    dialogue: str
    domain: str
    passed: bool
    turns: tuple[PlayedTurn, ...]
    error: str | None = None
    split: Split = "dev"
    file: str = ""
    success: bool | None = Field(
        default=None, description="the turn that the dialogue aims at was reached and held"
    )
    goal_turn: int | None = Field(default=None, description="the turn that it aims at")


class Figures(Frozen):
    """Figures over some dialogues. Ratios are None where no script asserts such a thing."""

    dialogues: int
    dialogues_passed: int
    turns: int
    turns_passed: int
    joint_goal_accuracy: float | None = Field(
        description="turns whose asserted state is wholly right"
    )
    slot_f1: float | None = Field(description="micro F1 of (polarity, facet, value) and of bounds")
    intent_micro_f1: float | None
    intent_macro_f1: float | None
    act_accuracy: float | None = Field(description="turns whose asserted acts all hold")
    task_success: float | None = Field(
        default=None, description="dialogues whose goal turn was reached and held"
    )
    turns_to_success: float | None = Field(
        default=None, description="mean number of the goal turn where it held"
    )
    latency_p50_ms: dict[str, float]
    latency_p95_ms: dict[str, float]


class Totals(Figures):
    """Figures over all dialogues, and the same by split. `stopped`: not all were played."""

    splits: dict[str, Figures] = Field(default_factory=dict)
    stopped: bool = False


class Report(Frozen):
    """What `replay --json` prints."""

    dialogues: tuple[PlayedDialogue, ...]
    totals: Totals


def read_report(path: Path) -> Report:
    """An earlier report, from `--out` or `--json`.

    Raises:
        RequestError: the file is missing or is no report.
    """
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RequestError(f"cannot read the report {str(path)!r}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(
            f"{path} is no report of `vitrine replay`: {where or '(root)'}: {first['msg']}"
        ) from error


def build_report(
    played: Sequence[tuple[Script, PlayedDialogue]], *, stopped: bool = False
) -> Report:
    """The report of played scripts, in the order given."""
    splits = sorted({script.split for script, _ in played})
    by_split = {
        split: figures([pair for pair in played if pair[0].split == split]) for split in splits
    }
    return Report(
        dialogues=tuple(dialogue for _, dialogue in played),
        totals=Totals(**dict(figures(played)), splits=by_split, stopped=stopped),
    )


def goal_of(script: Script) -> int | None:
    """The number of the turn that the dialogue aims at, or None if it asserts nothing.

    The first turn at which something is taken; else the last one that asserts an outcome (shown
    things, designs, an answer, ...); else the last one that asserts anything.
    """
    expects = [(n, turn.expect) for n, turn in enumerate(script.turns, 1) if turn.expect]
    taken = [n for n, expect in expects if expect.accepted]
    if taken:
        return taken[0]
    outcome = [n for n, e in expects if any(getattr(e, key) is not None for key in GOAL_KEYS)]
    return (outcome or [n for n, _ in expects] or [None])[-1]


def figures(played: Sequence[tuple[Script, PlayedDialogue]]) -> Figures:
    """Figures of played dialogues."""
    dialogues = [dialogue for _, dialogue in played]
    turns = [turn for dialogue in dialogues for turn in dialogue.turns]
    asserted = [
        (turn, move.expect)
        for script, dialogue in played
        for move, turn in zip(script.turns, dialogue.turns, strict=False)
        if move.expect is not None
    ]
    state = [turn for turn, expect in asserted if _asserts(expect, STATE_KEYS)]
    acts = [turn for turn, expect in asserted if _asserts(expect, ACT_KEYS)]
    micro, macro = _intent_f1(asserted)
    reached = [d.goal_turn for d in dialogues if d.success and d.goal_turn is not None]
    times = _times(turns)
    return Figures(
        dialogues=len(dialogues),
        dialogues_passed=sum(dialogue.passed for dialogue in dialogues),
        turns=len(turns),
        turns_passed=sum(turn.passed for turn in turns),
        joint_goal_accuracy=_share([not _fails(turn, STATE_KEYS) for turn in state]),
        slot_f1=_slot_f1(asserted),
        intent_micro_f1=micro,
        intent_macro_f1=macro,
        act_accuracy=_share([not _fails(turn, ACT_KEYS) for turn in acts]),
        task_success=_share([d.success for d in dialogues if d.success is not None]),
        turns_to_success=round(sum(reached) / len(reached), 3) if reached else None,
        latency_p50_ms=_quantile(times, 0.50),
        latency_p95_ms=_quantile(times, 0.95),
    )


def _asserts(expect: Expectation, keys: Sequence[str]) -> bool:
    return any(getattr(expect, key) is not None for key in keys)


def _fails(turn: PlayedTurn, keys: Sequence[str]) -> bool:
    return any(failure.asserted in keys for failure in turn.failures)


def _share(holds: Sequence[bool]) -> float | None:
    return sum(holds) / len(holds) if holds else None


def _f1(hit: int, extra: int, missed: int) -> float | None:
    return 2 * hit / (2 * hit + extra + missed) if hit + extra + missed else None


def _slot_f1(asserted: Sequence[tuple[PlayedTurn, Expectation]]) -> float | None:
    """Micro F1 over the slots of the facets that scripts assert; a bound is a slot too."""
    hit = extra = missed = 0
    for turn, expect in asserted:
        pairs: list[tuple[set[str], set[str]]] = []
        for wanted, held in ((expect.wants, turn.state.wants), (expect.avoids, turn.state.avoids)):
            for facet, values in (wanted or {}).items():
                pairs.append((set(values), set(held.get(facet, ()))))
        for facet, bounds in (expect.ranges or {}).items():
            found = turn.state.ranges.get(facet)
            kept = set() if found is None else {f"{k}={v:g}" for k, v in found if v is not None}
            pairs.append(({f"{k}={v:g}" for k, v in bounds if v is not None}, kept))
        for facet in expect.absent or ():
            present = {*turn.state.wants.get(facet, ()), *turn.state.avoids.get(facet, ())}
            pairs.append((set(), present))
        for values, found in pairs:
            hit += len(found & values)
            extra += len(found - values)
            missed += len(values - found)
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


def _times(turns: Sequence[PlayedTurn]) -> dict[str, list[float]]:
    """Milliseconds of each stage over the turns that went through it."""
    stages: defaultdict[str, list[float]] = defaultdict(list)
    for turn in turns:
        for stage, ms in turn.timings_ms.items():
            stages[stage].append(ms)
    return dict(sorted(stages.items()))


def _quantile(times: dict[str, list[float]], share: float) -> dict[str, float]:
    return {stage: round(float(np.quantile(values, share)), 2) for stage, values in times.items()}

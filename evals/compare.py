"""What changed between two reports."""

from collections.abc import Iterator

from vitrine.core.frozen import Frozen
from vitrine.evals.report import Figures, PlayedDialogue, Report


class Delta(Frozen):
    """One figure in both reports. None: the report does not have it."""

    name: str
    old: float | None
    new: float | None

    @property
    def change(self) -> float | None:
        """New less old, where both are known."""
        return None if self.old is None or self.new is None else self.new - self.old


class Changed(Frozen):
    """A dialogue whose verdict changed; `turns` are those that changed with it."""

    dialogue: str
    turns: tuple[int, ...]
    keys: tuple[str, ...] = ()


class Comparison(Frozen):
    """What changed. Dialogues are matched by id."""

    newly_failing: tuple[Changed, ...] = ()
    newly_passing: tuple[Changed, ...] = ()
    still_failing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    figures: tuple[Delta, ...] = ()


def compare(old: Report, new: Report) -> Comparison:
    """What `new` does differently from `old`."""
    before = {dialogue.dialogue: dialogue for dialogue in old.dialogues}
    after = {dialogue.dialogue: dialogue for dialogue in new.dialogues}
    both = [(before[name], dialogue) for name, dialogue in after.items() if name in before]
    return Comparison(
        newly_failing=tuple(_changed(a, b) for a, b in both if a.passed and not b.passed),
        newly_passing=tuple(_changed(a, b) for a, b in both if b.passed and not a.passed),
        still_failing=tuple(b.dialogue for a, b in both if not a.passed and not b.passed),
        added=tuple(name for name in after if name not in before),
        gone=tuple(name for name in before if name not in after),
        figures=tuple(_deltas(old.totals, new.totals)),
    )


def _changed(old: PlayedDialogue, new: PlayedDialogue) -> Changed:
    was = {turn.turn: turn for turn in old.turns}
    turns = [
        turn for turn in new.turns if turn.turn not in was or was[turn.turn].passed != turn.passed
    ]
    failing = [turn for turn in (new if not new.passed else old).turns if not turn.passed]
    keys = dict.fromkeys(failure.key for turn in failing for failure in turn.failures)
    return Changed(
        dialogue=new.dialogue, turns=tuple(turn.turn for turn in turns), keys=tuple(keys)
    )


def named_figures(figures: Figures) -> dict[str, float | None]:
    """The figures as flat names and numbers, latencies by stage."""
    flat: dict[str, float | None] = {}
    for name, value in figures:
        if name in ("splits", "stopped"):
            continue
        if isinstance(value, dict):
            share = name.split("_")[1]
            flat |= {f"{stage} {share} ms": float(ms) for stage, ms in value.items()}
        else:
            flat[name.replace("_", " ")] = None if value is None else float(value)
    return flat


def _deltas(old: Figures, new: Figures) -> Iterator[Delta]:
    was, now = named_figures(old), named_figures(new)
    for name in {**was, **now}:
        if was.get(name) != now.get(name):
            yield Delta(name=name, old=was.get(name), new=now.get(name))


def lines(comparison: Comparison) -> Iterator[str]:
    """The comparison for people, one line each."""
    for change in comparison.newly_failing:
        yield f"newly failing: {change.dialogue}{_where(change)}"
    for change in comparison.newly_passing:
        yield f"newly passing: {change.dialogue}{_where(change)}"
    for title, names in (
        ("still failing", comparison.still_failing),
        ("not in the old report", comparison.added),
        ("only in the old report", comparison.gone),
    ):
        if names:
            yield f"{title}: {len(names)} ({', '.join(names[:5])}{', ...' if names[5:] else ''})"
    for delta in comparison.figures:
        change = "" if delta.change is None else f"  ({delta.change:+.3f})"
        yield f"{delta.name}: {_number(delta.old)} -> {_number(delta.new)}{change}"
    if comparison == Comparison():
        yield "nothing changed"


def _where(change: Changed) -> str:
    turns = f" (turn {', '.join(map(str, change.turns))}" if change.turns else " ("
    keys = ", ".join(change.keys)
    return f"{turns}{': ' if change.turns and keys else ''}{keys})" if change.turns or keys else ""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")

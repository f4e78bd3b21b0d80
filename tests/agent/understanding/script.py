"""Rows of what shoppers say and what it means, with the conversation before it.

`# heading` names a kind, `[before]` sets the conversation for the rows that follow, and a row is
`message | operations | checks`. In `[before]` turns are separated by `>>`; `D: text` says the text
and shows a set of things, `ASK facet(a/b)` leaves a question open, and a leading `SW` plays it in
the swatches. Operations are written as in `conftest.compact`; a verdict names its things by
`turn.position`, `price<<1.2` is a cent less than that thing costs, `price<=*` any maximum, and the
words of a wish, a context fact or a profile sentence are contained in what is found. Checks: `i:`
intents there, `i!:` not there, `r:` references, `q:` questions, `d:` design as base/count, `u:`
something points at nothing clear, `o:` declined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vitrine.core.acts import Judge, StateOp, Understanding
from vitrine.core.refs import EmbeddingRef, ImageRef, ShownRef, ThingRef
from vitrine.memory.state import Design, ShownSet

from .conftest import Talk, compact  # noqa: TID252  (one folder, one way to write operations down)

_SETS = {
    "D": [("category", "dress", "color", c) for c in ("red", "blue", "green", "black")],
    "B": [("category", "boots", "color", c) for c in ("black", "brown", "white")],
    "T": [("category", "t-shirt", "pattern", p) for p in ("striped", "plain", "dotted", "floral")],
    "J": [("category", "jacket", "color", c) for c in ("navy", "grey")],
    "K": [("category", "bag", "color", "brown")],
    "S": [("kind", "tile", "hue", h) for h in ("red", "green", "blue", "violet")],
}
_FOUND: dict[tuple[str, str], list[ThingRef]] = {}
"""Things by shop and set: looked for once."""
_LOOSE = ("wish ", "-wish ", "occasion: ", "recipient: ", "deadline: ", "place: ", "forget")


@dataclass(frozen=True)
class Row:
    """One message with its conversation and what it should mean."""

    before: str
    said: str
    operations: tuple[str, ...]
    checks: tuple[str, ...]


def rows(path: Path) -> list[Row]:
    """The rows of a file."""
    found: list[Row] = []
    before = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            before = line[1:-1]
        elif line.strip() and not line.startswith("#"):
            said, *rest = [part.strip() for part in line.split("|")]
            operations = tuple(op.strip() for op in (rest or [""])[0].split(";") if op.strip())
            found.append(Row(before, said, operations, tuple(c for c in rest[1:] if c)))
    return found


def play(talk: Talk, before: str) -> None:
    """Bring the conversation to where the row's message is said."""
    for step in filter(None, (s.strip() for s in before.removeprefix("SW ").split(">>"))):
        asked = re.fullmatch(r"ASK (\w+)(?:\(([^)]*)\))?", step)
        shown = re.fullmatch(r"([A-Z]):\s*(.*)", step)
        if asked:
            suggestions = tuple(filter(None, (asked[2] or "").split("/")))
            talk.ask("Which?", asked[1], suggestions)
        elif shown:
            talk.say(shown[2])
            _show(talk, shown[1])
        else:
            talk.say(step)


def _show(talk: Talk, key: str) -> None:
    things = _designs(talk) if key == "G" else _things(talk, key)
    shown = ShownSet(turn=talk.state.turn, things=tuple(things))
    talk.state = talk.state.model_copy(update={"shown": (*talk.state.shown, shown)})


def _things(talk: Talk, key: str) -> list[ThingRef]:
    name = talk.catalogue.pack.name
    if (name, key) not in _FOUND:
        _FOUND[name, key] = [
            talk.items(1, **{one: value, other: another})[0]
            for one, value, other, another in _SETS[key]
        ]
    return _FOUND[name, key]


def _designs(talk: Talk) -> list[ThingRef]:
    turn, blob = talk.state.turn, "sha256:" + "0" * 64
    made = tuple(
        Design(
            id=f"design-{turn}-{place}",
            turn=turn,
            image=ImageRef(key=blob, width=1, height=1),
            embedding=EmbeddingRef(key=blob, row=0, dim=1, space="s"),
            prompt="",
            seed=0,
            score=0.5,
            facets={"category": ("dress",), "color": (color,)},
        )
        for place, color in ((1, "teal"), (2, "purple"))
    )
    talk.state = talk.state.model_copy(update={"designs": (*talk.state.designs, *made)})
    return [ThingRef(kind="design", id=design.id) for design in made]


def misses(talk: Talk, row: Row, found: Understanding) -> list[str]:
    """What was expected and not found, or found and not expected."""
    got = [text for op in found.ops for text in _written(talk, op)]
    wanted = [text for op in row.operations for text in _each(_priced(talk, op))]
    problems: list[str] = []
    for text in wanted:
        hit = next((other for other in got if _same(text, other)), None)
        if hit is None:
            problems.append(f"missing {text}")
        else:
            got.remove(hit)
    problems += [f"extra {text}" for text in got]
    for check in row.checks:
        problems += _check(talk, check, found)
    return problems


def _written(talk: Talk, op: StateOp) -> list[str]:
    if isinstance(op, Judge):
        reason = f" ({op.reason})" if op.reason else ""
        return [f"{op.verdict} {_place(talk, thing)}{reason}" for thing in op.things]
    return compact([op])


def _each(text: str) -> list[str]:
    many = re.fullmatch(r"(accept|reject|been_to) ([\d.,]+)(.*)", text)
    return [f"{many[1]} {p}{many[3]}" for p in many[2].split(",")] if many else [text]


def _place(talk: Talk, thing: ThingRef) -> str:
    place = talk.state.place(thing)
    return f"{place.turn}.{place.position}" if place else "?"


def _price(talk: Talk, place: str) -> float:
    turn, position = map(int, place.split("."))
    thing = talk.state.thing(ShownRef(turn=turn, position=position))
    assert thing is not None
    return talk.price(thing)


def _priced(talk: Talk, text: str) -> str:
    text = re.sub(
        r"(MIN|MAX)\(([\d., ]+)\)",
        lambda m: (min if m[1] == "MIN" else max)(
            re.split(r"[, ]+", m[2]), key=lambda place: _price(talk, place)
        ),
        text,
    )
    if "price<<min" in text:
        least = min(talk.price(t) for t in talk.state.shown[-1].things)
        text = text.replace("price<<min", f"price<={round(least - 0.01, 2):g}")
    return re.sub(
        r"price<<(\d\.\d)", lambda m: f"price<={round(_price(talk, m[1]) - 0.01, 2):g}", text
    )


def _same(wanted: str, found: str) -> bool:
    if wanted == found or (wanted.endswith("*") and found.startswith(wanted[:-1])):
        return True
    if wanted.startswith("remember ["):
        section, _, words = wanted.partition("] ")
        return found.startswith(section) and words.lower() in found.lower()
    if wanted.startswith(("accept", "reject", "been_to")):
        return wanted.rstrip(")") == found[: len(wanted.rstrip(")"))]
    for lead in _LOOSE:
        if wanted.startswith(lead) and found.startswith(lead):
            return wanted[len(lead) :].lower() in found[len(lead) :].lower()
    return False


def _check(talk: Talk, check: str, found: Understanding) -> list[str]:
    key, _, value = check.partition(":")
    values = [v.strip() for v in value.split(",") if v.strip()]
    match key.strip():
        case "i":
            return [f"no intent {v}" for v in values if v not in found.intents]
        case "i!":
            return [f"intent {v}" for v in values if v in found.intents]
        case "r":
            got = sorted(_place(talk, t) for t in found.references)
            return [] if got == sorted(values) else [f"references {got}"]
        case "q":
            asked = [_question(talk, found, i) for i in range(len(found.questions))]
            wanted = [v.strip() for v in value.split(";") if v.strip()]
            return [] if asked == wanted else [f"questions {asked}"]
        case "d":
            return [] if _design(talk, found) == value.strip() else [_design(talk, found)]
        case "u":
            return [] if found.unresolved else ["nothing unresolved"]
        case "o":
            return [] if found.out_of_scope else ["not declined"]
        case _:
            return [f"unknown check {check!r}"]


def _question(talk: Talk, found: Understanding, index: int) -> str:
    question = found.questions[index]
    words: Sequence[str | None] = (
        question.kind,
        question.facet + (f"={question.value}" if question.value else "")
        if question.facet
        else None,
        question.direction,
        "@" + ",".join(_place(talk, t) for t in question.things) if question.things else None,
    )
    return " ".join(word for word in words if word)


def _design(talk: Talk, found: Understanding) -> str:
    if found.design is None:
        return "none"
    base = _place(talk, found.design.base) if found.design.base else "-"
    return f"{base}/{found.design.count or '-'}"

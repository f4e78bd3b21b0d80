"""The shipped dialogues speak of everything: each intent, act, expectation key and operation.

Only the scripts are read; the agent is not run. The held-out part is counted like the rest.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import get_args

import pytest

from vitrine.core import places
from vitrine.core.acts import Intent, SystemAct
from vitrine.evals.scripts import Expectation, Script, load_scripts

DOMAINS = ("atelier", "swatches")
OPERATIONS = (
    "set", "add", "avoid", "relax", "remove", "range", "wish", "context", "judge", "focus",
    "remember", "forget", "undo", "reset",
)  # fmt: skip
needs_held_out = pytest.mark.skipif(
    not any(any((places.domain_folder(n) / "dialogues/test").glob("*.yaml")) for n in DOMAINS),
    reason="the held-out part was read and is development now; no fresh one is there yet",
)
ENOUGH = 3
"""Times that each thing occurs in all dialogues, at least."""


def scripts_of(part: str) -> list[Script]:
    folders = [places.domain_folder(name) / part for name in DOMAINS]
    return load_scripts([folder for folder in folders if any(folder.glob("*.yaml"))])


DEVELOPMENT = scripts_of("dialogues")
HELD_OUT = scripts_of("dialogues/test")


def expectations(scripts: Iterable[Script]) -> Iterator[Expectation]:
    for script in scripts:
        for turn in script.turns:
            if turn.expect is not None:
                yield turn.expect


def operations(before: Expectation | None, now: Expectation) -> set[str]:
    """The state operations that the labels of a turn, beside those of the last one, speak of."""
    found: set[str] = set()
    old = before or Expectation()
    old_wants, wants = old.wants or {}, now.wants or {}
    for facet, values in wants.items():
        earlier = set(old_wants.get(facet, ()))
        if len(values) > 1 and earlier < set(values):
            found.add("add")
        if values and not earlier & set(values):
            found.add("set")
    if any(set(v) - set((old.avoids or {}).get(f, ())) for f, v in (now.avoids or {}).items()):
        found.add("avoid")
    if set(now.soft or ()) & {f for f, v in old_wants.items() if v} - set(old.soft or ()):
        found.add("relax")
    held = {*old_wants, *(old.avoids or {}), *(old.ranges or {})}
    if set(now.absent or ()) & held:
        found.add("remove")
    if now.ranges and now.ranges != old.ranges:
        found.add("range")
    if set(now.soft_text or ()) - set(old.soft_text or ()):
        found.add("wish")
    intents = set(now.intents or ())
    if now.accepted or now.rejected or intents & {"accept", "reject", "been_to"}:
        found.add("judge")
    if now.focus:
        found.add("focus")
    if "provide_context" in intents:
        found.add("context")
    if "profile_edit" in intents and now.profile is not None:
        found |= {"remember"} if now.profile.has and not now.profile.lacks else {"forget"}
    return found | (intents & {"undo", "reset"})


def counted(scripts: Iterable[Script]) -> dict[str, Counter[str]]:
    """How often each intent, act, expectation key and operation occurs."""
    counts = {kind: Counter[str]() for kind in ("intent", "act", "key", "operation")}
    for script in scripts:
        before: Expectation | None = None
        for turn in script.turns:
            now = turn.expect
            if now is None:
                continue
            counts["intent"].update(now.intents or ())
            counts["act"].update({*(now.acts or ()), *(now.acts_any or ())})
            counts["key"].update(now.model_fields_set)
            for name in ("products", "designs", "answer", "profile"):
                inner = getattr(now, name)
                counts["key"].update(f"{name}.{key}" for key in (inner or now).model_fields_set
                                     if inner is not None)  # fmt: skip
            counts["operation"].update(operations(before, now))
            before = now
    return counts


def nested(name: str) -> tuple[str, ...]:
    """`products` -> `products.min`, `products.max`, ... of the schema."""
    union = get_args(Expectation.model_fields[name].annotation)
    model = next(kind for kind in union if hasattr(kind, "model_fields"))
    return tuple(f"{name}.{key}" for key in model.model_fields)


KEYS = (
    *Expectation.model_fields,
    *(key for name in ("products", "designs", "answer", "profile") for key in nested(name)),
)
RARE = {"products.include", "products.max", "designs.max"}
"""Keys that few sentences make certain: once is enough."""


@needs_held_out
def test_enough_dialogues_and_turns() -> None:
    assert len(DEVELOPMENT) >= 60
    assert len(HELD_OUT) >= 60
    assert len(DEVELOPMENT) + len(HELD_OUT) >= 120
    assert sum(len(s.turns) for s in [*DEVELOPMENT, *HELD_OUT]) >= 350


@needs_held_out
def test_the_parts_are_apart() -> None:
    assert {s.split for s in DEVELOPMENT} == {"dev"}
    assert {s.split for s in HELD_OUT} == {"test"}
    assert not {s.dialogue for s in DEVELOPMENT} & {s.dialogue for s in HELD_OUT}
    opened = [{turn.say.casefold() for s in part for turn in s.turns if len(turn.say) > 25}
              for part in (DEVELOPMENT, HELD_OUT)]  # fmt: skip
    assert not opened[0] & opened[1]


def test_every_turn_expects_something() -> None:
    for script in [*DEVELOPMENT, *HELD_OUT]:
        for number, turn in enumerate(script.turns, start=1):
            assert turn.expect is not None, (script.dialogue, number)
            assert turn.expect.model_fields_set, (script.dialogue, number)


@needs_held_out
@pytest.mark.parametrize("kind", ["intent", "act", "key", "operation"])
def test_everything_occurs_in_both_parts(kind: str) -> None:
    names: dict[str, tuple[str, ...]] = {
        "intent": get_args(Intent),
        "act": get_args(SystemAct),
        "key": KEYS,
        "operation": OPERATIONS,
    }
    whole = counted([*DEVELOPMENT, *HELD_OUT])[kind]
    parts = [counted(part)[kind] for part in (DEVELOPMENT, HELD_OUT)]
    few = {n: whole[n] for n in names[kind] if whole[n] < (1 if n in RARE else ENOUGH)}
    assert not few
    missing = {n for n in names[kind] if n not in RARE and not all(part[n] for part in parts)}
    assert not missing

"""How long the built-in understanding takes for one message, on one core.

Every message of the development dialogues is read in its place: the state before it is what the
reducer made of the messages before, with a page of matching items shown after each. The reference
of the same run is bare tokenisation of the same messages. Wall time and processor time are given:
on a busy machine only the second says what the work costs.

    python benchmarks/bench_understanding.py [--domain D ...] [--rounds N] [--json]
"""

import argparse
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator

from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.agent.understanding.text import read
from vitrine.core import places
from vitrine.core.ports import Catalogue, Filters
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Message
from vitrine.evals.scripts import load_scripts
from vitrine.memory import reducer
from vitrine.memory.catalogue import open_catalogue
from vitrine.memory.profile import Profile
from vitrine.memory.state import DialogueState, ShownSet

PAGE = 4
GOAL_MS = 20.0
_WORD = re.compile(r"\w+|[^\w\s]")


def heard(domain: str, catalogue: Catalogue, understander: BuiltinUnderstanding) -> Iterator[Heard]:
    """Every message of the domain's development dialogues, in its place."""
    for script in load_scripts([places.domain_folder(domain) / "dialogues"]):
        state = DialogueState(thread="bench", user="bench", domain=domain)
        for turn in script.turns:
            if not turn.say:
                continue
            profile = Profile(user="bench")
            one = Heard(
                message=Message(text=turn.say), state=state, profile=profile, catalogue=catalogue
            )
            yield one
            after = reducer.apply(state, understander.understand(one), catalogue.pack).state
            things = _page(after, catalogue)
            shown = (*after.shown, ShownSet(turn=after.turn + 1, things=things)) if things else ()
            state = after.model_copy(update={"turn": after.turn + 1, "shown": shown or after.shown})


def _page(state: DialogueState, catalogue: Catalogue) -> tuple[ThingRef, ...]:
    any_of = {
        b.facet: (b.value,)
        for b in state.beliefs.facets
        if b.polarity == "want" and b.value in catalogue.values(b.facet)
    }
    rows = catalogue.mask(Filters(any_of=any_of)).nonzero()[0][:PAGE]
    return tuple(ThingRef(kind="item", id=catalogue.at(int(row)).id) for row in rows)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor milliseconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def measure(domain: str, rounds: int) -> dict[str, float | str]:
    catalogue = open_catalogue(places.domain_folder(domain))
    began = time.perf_counter()
    understander = BuiltinUnderstanding(catalogue)
    build_s = time.perf_counter() - began
    messages = list(heard(domain, catalogue, understander))
    wall: list[float] = []
    cpu: list[float] = []
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        for one in messages:
            text = one.message.text
            took = timed(lambda one=one: understander.understand(one))
            wall.append(took[0])
            cpu.append(took[1])
            bare.append(timed(lambda text=text: _WORD.findall(text))[0])
            ours.append(timed(lambda text=text: read(text))[0])
    figures: dict[str, float | str] = {
        "domain": domain,
        "messages": len(messages),
        "rounds": rounds,
        "build_s": build_s,
        "p50_ms": statistics.median(wall),
        "p95_ms": quantile(wall, 0.95),
        "max_ms": max(wall),
        "cpu_p50_ms": statistics.median(cpu),
        "cpu_p95_ms": quantile(cpu, 0.95),
        "bare_tokens_p50_ms": statistics.median(bare),
        "own_reading_p50_ms": statistics.median(ours),
        "p50_to_bare": statistics.median(wall) / statistics.median(bare),
        "goal_ms": GOAL_MS,
        "goal": "met" if statistics.median(wall) <= GOAL_MS else "missed",
    }
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", action="append", help="default: atelier and swatches")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    for domain in args.domain or ("atelier", "swatches"):
        figures = measure(domain, args.rounds)
        if args.json:
            print(json.dumps(figures))
        else:
            for name, value in figures.items():
                print(f"{name:>20}  {value}")


if __name__ == "__main__":
    main()

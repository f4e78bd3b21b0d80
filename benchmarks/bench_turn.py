"""How long a turn takes, and how much of it is the agent's own.

The own share is everything but the models (encoder, prior, scorers, renderer): understanding,
reducer, policy, search, realiser, stores, graph and checkpoints. The reference of the same run is a
bare LangGraph graph of as many nodes that do nothing, with the same checkpointer.

    python benchmarks/bench_turn.py [--domain D] [--models embedded|fake] [--rounds N] [--json]
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from vitrine.agent.session import open_shop
from vitrine.agent.toolbox import Models
from vitrine.agent.wiring import backend_models, checkpointer
from vitrine.core import places
from vitrine.core.domain import load_pack
from vitrine.core.settings import Settings
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer

NODES = ("understand", "update", "decide", "find", "respond", "remember")
NOT_MODELS = frozenset({"space", "dim"})


class Clock:
    """Wraps a model and adds up the time that its calls take."""

    def __init__(self) -> None:
        self.spent_s = 0.0

    def wrap(self, model: Any) -> Any:
        clock = self

        class Timed:
            def __getattr__(self, name: str) -> Any:
                found = getattr(model, name)
                if name in NOT_MODELS or not callable(found):
                    return found

                def call(*args: Any, **kwargs: Any) -> Any:
                    began = time.perf_counter()
                    try:
                        return found(*args, **kwargs)
                    finally:
                        clock.spent_s += time.perf_counter() - began

                return call

        return Timed()


def timed(models: Models, clock: Clock) -> Models:
    """The same models under the clock."""
    made: dict[str, Any] = {}

    def once(name: str, make: Any) -> Any:
        if name not in made:
            made[name] = make()
        return made[name]

    return Models(
        encoder=lambda: once("encoder", lambda: clock.wrap(models.encoder())),
        prior=lambda: once("prior", lambda: clock.wrap(models.prior())),
        scorers=lambda: once(
            "scorers", lambda: {name: clock.wrap(s) for name, s in models.scorers().items()}
        ),
        renderer=lambda: once("renderer", lambda: clock.wrap(models.renderer())),
    )


def fakes(domain: str) -> Models:
    encoder = FakeEncoder.for_pack(load_pack(places.domain_folder(domain)))
    return Models(
        encoder=lambda: encoder,
        prior=FakePrior,
        scorers=lambda: {"fake": FakeScorer(encoder)},
        renderer=lambda: FakeRenderer(encoder),
    )


def said(domain: str, rounds: int) -> list[str]:
    """Wishes in the shop's own words: a head value and one value of another facet."""
    pack = load_pack(places.domain_folder(domain))
    others = [f for f in pack.facets if f.kind == "categorical" and f.role != "head" and f.values]
    heads = pack.head.values
    return [
        f"a {others[i % len(others)].values[i % len(others[i % len(others)].values)].name}"
        f" {heads[i % len(heads)].name}"
        for i in range(rounds)
    ]


async def bare(settings: Settings, rounds: int) -> float:
    """Median milliseconds of a graph of the same length that does nothing."""

    class State(TypedDict):
        n: int

    async def nothing(state: State) -> State:
        return {"n": state["n"]}

    graph = StateGraph(State)
    for before, node in zip((START, *NODES[:-1]), NODES, strict=True):
        graph.add_node(node, nothing)
        graph.add_edge(before, node)
    graph.add_edge(NODES[-1], END)
    async with checkpointer(settings) as saver:
        compiled = graph.compile(checkpointer=saver)
        config = {"configurable": {"thread_id": "bare"}, "recursion_limit": 16}
        took: list[float] = []
        for n in range(rounds + 3):
            began = time.perf_counter()
            async for _ in compiled.astream({"n": n}, config, stream_mode="updates"):
                pass
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took[3:])


async def measure(domain: str, kind: str, rounds: int, designs: int) -> dict[str, float | str]:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=home, domain=domain, seed=1)
        clock = Clock()
        models = timed(fakes(domain) if kind == "fake" else backend_models(settings), clock)
        total: list[float] = []
        own: list[float] = []
        drawing: list[float] = []
        async with open_shop(settings, models=models) as shop:
            session = shop.session(user="bench", thread="bench")
            texts = said(domain, rounds + 3)
            for text in texts:
                clock.spent_s, began = 0.0, time.perf_counter()
                await session.turn(text=text)
                took = (time.perf_counter() - began) * 1000
                total.append(took)
                own.append(took - clock.spent_s * 1000)
            for _ in range(designs + 1 if designs else 0):
                began = time.perf_counter()
                await session.turn(text="design me one like the first")
                drawing.append((time.perf_counter() - began) * 1000)
        reference = await bare(settings.model_copy(update={"home": str(Path(home) / "b")}), rounds)
    kept, ours = sorted(total[3:]), own[3:]
    figures: dict[str, float | str] = {
        "domain": domain,
        "models": kind,
        "turns": len(kept),
        "turn_p50_ms": statistics.median(kept),
        "turn_p95_ms": kept[int(0.95 * (len(kept) - 1))],
        "own_p50_ms": statistics.median(ours),
        "bare_graph_p50_ms": reference,
        "own_to_bare": statistics.median(ours) / reference,
    }
    if drawing:
        figures["designs_p50_ms"] = statistics.median(drawing[1:])
    return {k: round(v, 2) if isinstance(v, float) else v for k, v in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", default="atelier")
    parser.add_argument("--models", choices=("embedded", "fake"), default="embedded")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--designs", type=int, default=3, help="design turns to time; 0: none")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = asyncio.run(measure(args.domain, args.models, args.rounds, args.designs))
    if args.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>20}  {value}")


if __name__ == "__main__":
    main()

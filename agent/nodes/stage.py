"""What every node has in common: a stage event first, a trace step and a log line last."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from langgraph.runtime import Runtime

from vitrine.agent.context import Bench, Context
from vitrine.agent.state import TurnState
from vitrine.core.acts import ModelUse
from vitrine.core.turn import StageEvent, TraceStep

logger = logging.getLogger(__name__)

Work = Callable[[TurnState, Bench], Awaitable[tuple[TurnState, str]]]
"""A node's work: from state and bench to the keys it writes and a note for the trace."""


class Node(Protocol):
    """A node as the graph calls it."""

    async def __call__(self, state: TurnState, runtime: Runtime[Context]) -> TurnState: ...


def stage(name: str) -> Callable[[Work], Node]:
    """Make a graph node of a piece of work."""

    def wrap(work: Work) -> Node:
        async def node(state: TurnState, runtime: Runtime[Context]) -> TurnState:
            bench = Bench(runtime.context)
            bench.emit(StageEvent(stage=name))
            began = time.perf_counter()
            update, note = await work(state, bench)
            ms = round((time.perf_counter() - began) * 1000, 2)
            steps = [*bench.steps, TraceStep(name=name, ms=ms, note=note[:400])]
            logger.info(
                "thread=%s turn=%d node=%s ms=%.1f seed=%d",
                state["dialogue"].thread, state["dialogue"].turn + 1, name, ms, state["seed"],
            )  # fmt: skip
            return {**update, "steps": steps}

        node.__name__ = name
        node.__doc__ = work.__doc__
        return node

    return wrap


def model_step(name: str, use: ModelUse) -> TraceStep:
    """What a language model did, as a step of the trace."""
    parts = [f"{use.model}: {use.calls} {'call' if use.calls == 1 else 'calls'}"]
    if use.prompt_tokens is not None:
        parts.append(f"{use.prompt_tokens} + {use.answer_tokens or 0} tokens")
    if use.dropped:
        parts.append(f"{use.dropped} parts set aside")
    if use.fallback is not None:
        parts.append(f"built-in instead ({use.fallback})")
    return TraceStep(name=name, ms=use.ms, note="; ".join(parts)[:400])

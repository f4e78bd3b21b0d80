"""The life of one turn, as a graph.

1. **utterance**: the door (`agent/session.py`) has checked the message and put it into the state.
2. **understand**: message and dialogue state become intents, state operations, references,
   questions.
3. **update**: a pure reducer applies the operations; durable ones go to the user's profile.
4. **decide**: a pure policy chooses the acts of the turn.
5. **act**: tools, side by side where they do not need each other:
   *find* items, *answer* questions, *imagine* designs (sample many embeddings, keep the best few)
   and then *draw* only those.
6. **respond**: the message, made from what the tools returned and from nothing else.
7. **remember**: interaction log, turn store, and the state in which the next turn begins.

Every node returns only the keys it writes. A checkpoint follows each step, so a process that is
killed while drawing continues at `draw`; the seeds are in the state, so the same pictures come out.
Models, stores and workers are in the context, never in the state.
"""

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from vitrine.agent.context import Context
from vitrine.agent.nodes.answer import answer
from vitrine.agent.nodes.decide import decide
from vitrine.agent.nodes.draw import draw
from vitrine.agent.nodes.find import find
from vitrine.agent.nodes.imagine import imagine
from vitrine.agent.nodes.remember import remember
from vitrine.agent.nodes.respond import respond
from vitrine.agent.nodes.understand import understand
from vitrine.agent.nodes.update import update
from vitrine.agent.state import TurnState

RECURSION_LIMIT = 16
"""Super-steps that a turn may take; it needs 8."""

Graph = CompiledStateGraph[TurnState, Context, TurnState, TurnState]


def build_graph(checkpointer: BaseCheckpointSaver[Any] | None = None) -> Graph:
    """The compiled graph. Without a checkpointer it can be used as a subgraph."""
    graph = StateGraph(TurnState, context_schema=Context)
    graph.add_node("understand", understand)
    graph.add_node("update", update)
    graph.add_node("decide", decide)
    graph.add_node("find", find)
    graph.add_node("answer", answer)
    graph.add_node("imagine", imagine)
    graph.add_node("draw", draw)
    graph.add_node("respond", respond, defer=True)  # waits for every branch of act
    graph.add_node("remember", remember)
    graph.add_edge(START, "understand")
    graph.add_edge("understand", "update")
    graph.add_edge("update", "decide")
    graph.add_conditional_edges("decide", route_acts, ["find", "answer", "imagine", "respond"])
    graph.add_conditional_edges("answer", route_answered, ["find", "respond"])
    graph.add_edge("find", "respond")
    graph.add_edge("imagine", "draw")
    graph.add_edge("draw", "respond")
    graph.add_edge("respond", "remember")
    graph.add_edge("remember", END)
    return graph.compile(checkpointer=checkpointer)


def route_acts(state: TurnState) -> list[str]:
    """The branches of act that the plan needs; straight to the reply when it needs none."""
    plan = state["plan"]
    branches: list[str] = []
    if plan.asks_tools:
        branches.append("answer")
    elif plan.show is not None:
        branches.append("find")
    if plan.create is not None:
        branches.append("imagine")
    return branches or ["respond"]


def route_answered(state: TurnState) -> str:
    """Items that an answer names ("the cheapest") are shown too, so they are found after it."""
    return "find" if state["plan"].show is not None else "respond"

"""The conversational agent. `Session` and `open_shop` are the door, `build_graph` the graph."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrine.agent.graph import build_graph
    from vitrine.agent.session import Session, Shop, open_shop

__all__ = ["Session", "Shop", "build_graph", "open_shop"]


def __getattr__(name: str) -> Any:
    """Import on first use: importing langgraph takes longer than a `--help` should."""
    if name in ("Session", "Shop", "open_shop"):
        from vitrine.agent import session

        return getattr(session, name)
    if name == "build_graph":
        from vitrine.agent.graph import build_graph as build

        return build
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

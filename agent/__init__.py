"""The conversational agent. `Session` and `open_shop` are the door; `build_graph` the graph itself."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrine.agent.graph import build_graph
    from vitrine.agent.session import Session, Shop, open_shop

__all__ = ["Session", "Shop", "build_graph", "open_shop"]


def __getattr__(name: str) -> Any:
    """Import on first use: langgraph takes longer to import than a `--help` should take to print."""
    if name in ("Session", "Shop", "open_shop"):
        from vitrine.agent import session  # noqa: PLC0415

        return getattr(session, name)
    if name == "build_graph":
        from vitrine.agent.graph import build_graph as build  # noqa: PLC0415

        return build
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

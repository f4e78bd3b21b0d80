"""What the nodes work with: the wired objects of a shop, and the stop signal of one run.

None of this is ever in the graph's state; `agent/wiring.py` builds it.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from vitrine.agent.outcome import Leaning
from vitrine.agent.taste import PersonalTaste, ProfileReader, taste_of
from vitrine.agent.toolbox import Toolbox
from vitrine.agent.understanding.base import Understander
from vitrine.agent.wording_llm import LlmWording
from vitrine.agent.workers import Workers
from vitrine.core.ports import Artifacts, Catalogue, OnStep
from vitrine.core.settings import Settings
from vitrine.core.turn import Event, ProgressEvent, TraceStep
from vitrine.memory.log import InteractionLog
from vitrine.memory.profiles import ProfileStore
from vitrine.memory.state import DialogueState
from vitrine.memory.turns import TurnStore

T = TypeVar("T")


def _today() -> date:
    return datetime.now().astimezone().date()


@dataclass(frozen=True)
class Wired:
    """Everything one shop needs, built once and shared by its sessions."""

    settings: Settings
    catalogue: Catalogue
    understander: Understander
    profile_reader: ProfileReader
    tools: Toolbox
    artifacts: Artifacts
    profiles: ProfileStore
    log: InteractionLog
    turns: TurnStore
    workers: Workers
    wording: LlmWording | None = None
    today: Callable[[], date] = _today


def _unheard(_: Event) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Context:
    """The context of one run of the graph.

    `emit` hears of stages, progress and the finished turn, on the event loop's thread.
    """

    shop: Wired
    stopped: threading.Event = field(default_factory=threading.Event)
    emit: Callable[[Event], None] = _unheard


class Bench:
    """One node's place of work: runs blocking jobs in the workers, times them, reports progress."""

    def __init__(self, context: Context) -> None:
        self.shop = context.shop
        self.stopped = context.stopped
        self.emit = context.emit
        self.steps: list[TraceStep] = []

    async def light(
        self, name: str, job: Callable[[], T], note: Callable[[T], str] = lambda _: ""
    ) -> T:
        """Run short blocking work and trace it under `name`."""
        return await self.aside(lambda: self.timed(name, job, note))

    async def aside(self, job: Callable[[], T]) -> T:
        """Run several pieces of short blocking work in one go; each is traced by `timed`."""
        return await self.shop.workers.light(job)

    def timed(self, name: str, job: Callable[[], T], note: Callable[[T], str] = lambda _: "") -> T:
        """Do blocking work and trace it under `name`. For jobs of `aside`."""
        began = time.perf_counter()
        result = job()
        self._trace(name, began, note(result))
        return result

    async def heavy(self, name: str, job: Callable[[OnStep], T], note: Callable[[T], str]) -> T:
        """Run long blocking work; its steps become progress events of `name`."""
        loop = asyncio.get_running_loop()

        def on_step(done: int, total: int) -> None:
            event = ProgressEvent(what=name, done=done, total=total)
            loop.call_soon_threadsafe(self.emit, event)

        began = time.perf_counter()
        result = await self.shop.workers.heavy(lambda: job(on_step))
        self._trace(name, began, note(result))
        return result

    def taste(self, dialogue: DialogueState, leaning: Leaning) -> PersonalTaste:
        """Whose taste the tools should serve. For jobs of `aside`: it reads the log."""
        return taste_of(dialogue, leaning, self.shop.log, self.shop.catalogue)

    def _trace(self, name: str, began: float, note: str) -> None:
        ms = round((time.perf_counter() - began) * 1000, 2)
        self.steps.append(TraceStep(name=name, ms=ms, note=note[:400]))

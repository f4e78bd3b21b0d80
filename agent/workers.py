"""The one place where blocking work leaves the event loop.

Models, FAISS and SQLite are synchronous. Two lanes keep a long drawing from holding up the short
work of other conversations: `light` (encoding, search, sampling, scoring, stores) and `heavy`
(drawing). Each lane has one thread, so no model is ever entered twice at once.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Workers:
    """Two single-thread lanes."""

    def __init__(self) -> None:
        self._light = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vitrine-light")
        self._heavy = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vitrine-heavy")

    async def light(self, job: Callable[[], T]) -> T:
        """Run short blocking work."""
        return await asyncio.get_running_loop().run_in_executor(self._light, job)

    async def heavy(self, job: Callable[[], T]) -> T:
        """Run long blocking work; pass it a stop signal, since it cannot be interrupted."""
        return await asyncio.get_running_loop().run_in_executor(self._heavy, job)

    def close(self) -> None:
        """Wait for running work and end the threads."""
        self._light.shutdown(wait=True, cancel_futures=True)
        self._heavy.shutdown(wait=True, cancel_futures=True)

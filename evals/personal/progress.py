"""Progress of a long measurement on stderr, with the time that is left."""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)


class Progress:
    """Counts steps and tells, at most every `every_s` seconds, how far it is."""

    def __init__(self, label: str, total: int, *, every_s: float = 5.0) -> None:
        self._label = label
        self._total = max(total, 1)
        self._every_s = every_s
        self._done = 0
        self._started = time.monotonic()
        self._told = self._started

    def step(self, count: int = 1) -> None:
        """`count` more steps are done."""
        self._done += count
        now = time.monotonic()
        if now - self._told < self._every_s and self._done < self._total:
            return
        self._told = now
        left = (now - self._started) / self._done * max(self._total - self._done, 0)
        log.info(
            "%s: %d of %d, %d:%02d left",
            self._label,
            self._done,
            self._total,
            *divmod(int(left), 60),
        )

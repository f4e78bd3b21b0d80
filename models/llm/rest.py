"""A chat model that rests: a service that is down must not make every turn wait for it."""

import logging
import time
from collections.abc import Callable

from vitrine.core.errors import ChatError, ChatFailure
from vitrine.core.ports import ChatAnswer, ChatModel, ChatRequest

logger = logging.getLogger(__name__)

FAILURES = 3
"""Failures in a row after which the model is let be."""
REST_S = 60.0

_DOWN: frozenset[ChatFailure] = frozenset({"timeout", "unreachable", "rejected"})


class RestingChat:
    """Asks a model until it has failed `FAILURES` times in a row, then not for `REST_S` seconds.

    After the rest one request tries again: an answer ends the matter, a failure is the next rest.
    Only failures of the service count; an answer that is refused, cut or garbled shows that it is there.

    Args:
        chat: the model.
        clock: seconds, ever growing.
    """

    def __init__(self, chat: ChatModel, clock: Callable[[], float] = time.monotonic) -> None:
        self._chat = chat
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def name(self) -> str:
        return self._chat.name

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """The model's answer.

        Raises:
            ChatError: its own, or `resting`: it was not asked.
        """
        left = self._until - self._clock()
        if left > 0:
            raise ChatError("resting", f"{self.name!r} failed; it is asked again in {left:.0f} s")
        if self._failures >= FAILURES:
            self._until = self._clock() + request.timeout_s  # others wait while one tries
        try:
            answer = await self._chat.answer(request)
        except ChatError as error:
            self._failures = self._failures + 1 if error.kind in _DOWN else 0
            self._until = 0.0
            if self._failures >= FAILURES:
                self._until = self._clock() + REST_S
                logger.warning("%s; not asked for %d s", error, REST_S)
            raise
        self._failures, self._until = 0, 0.0
        return answer

    async def close(self) -> None:
        """Give back what the model holds."""
        await self._chat.close()

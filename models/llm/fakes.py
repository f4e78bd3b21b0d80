"""Fakes of language models: what they say is written down beforehand."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vitrine.core.errors import ChatError
from vitrine.core.ports import ChatAnswer, ChatRequest

Line = str | Mapping[str, Any] | ChatError | Callable[[ChatRequest], "str | Mapping[str, Any]"]
"""One scripted answer: text, JSON, a failure, or a function of the request."""


class FakeChat:
    """Says its lines in order, the last one again and again; keeps what it was asked.

    `delay_s` passes before each answer, and counts against the request's time.
    """

    def __init__(
        self, lines: Iterable[Line], *, delay_s: float = 0.0, name: str = "fake:scripted"
    ) -> None:
        self._lines = list(lines)
        self._delay_s = delay_s
        self._name = name
        self.requests: list[ChatRequest] = []
        self.closed = False

    @property
    def name(self) -> str:
        return self._name

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """The next line.

        Raises:
            ChatError: the line is one, or it comes too late.
        """
        line = self._lines[min(len(self.requests), len(self._lines) - 1)]
        self.requests.append(request)
        try:
            async with asyncio.timeout(request.timeout_s):
                await asyncio.sleep(self._delay_s)
        except TimeoutError as error:
            raise ChatError("timeout", f"no answer in {request.timeout_s:g} s") from error
        if isinstance(line, ChatError):
            raise line
        said = line(request) if callable(line) else line
        text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        return ChatAnswer(text=text, prompt_tokens=None, answer_tokens=None)

    async def close(self) -> None:
        self.closed = True

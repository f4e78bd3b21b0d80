"""Understanding by a language model, behind the same protocol as the built-in one.

One message, one call; none for a message without words, one that is too long to send, or one that
is declined as unsafe. Only if the answer does not fit the form it is asked for once more, with
what was wrong; the time allowed is for both together. Whatever else happens (no answer in time, no
connection, a refusal, a form that stays broken) the built-in understanding reads the message, so
that the turn succeeds; `Understanding.llm` tells the turn's trace what happened.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from vitrine.agent.understanding import outside
from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.agent.understanding.dials import turned_dials
from vitrine.agent.understanding.llm_answer import (
    Answer,
    UnreadableError,
    answer_schema,
    read_answer,
)
from vitrine.agent.understanding.llm_mapping import AnswerReader
from vitrine.agent.understanding.llm_prompt import (
    MESSAGE_BYTES,
    correction,
    instructions,
    message,
)
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import read
from vitrine.agent.understanding.verdicts import picks
from vitrine.core.acts import ModelUse, Understanding
from vitrine.core.errors import ChatError
from vitrine.core.ports import Catalogue, ChatAnswer, ChatModel, ChatRequest

logger = logging.getLogger(__name__)

MOST_CALLS = 2
"""One call, and one more only for an answer that does not fit the form."""


@dataclass
class _Asking:
    """What asking about one message came to so far."""

    began: float
    calls: int = 0
    prompt_tokens: int | None = None
    answer_tokens: int | None = None

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self.began

    def count(self, answer: ChatAnswer) -> None:
        if answer.prompt_tokens is not None:
            self.prompt_tokens = (self.prompt_tokens or 0) + answer.prompt_tokens
        if answer.answer_tokens is not None:
            self.answer_tokens = (self.answer_tokens or 0) + answer.answer_tokens


class LlmUnderstanding:
    """Implements `Understander` with a chat model and, where that fails, the built-in one.

    Args:
        chat: the model.
        builtin: reads what the model does not.
        catalogue: the shop, for the stable part of the prompt.
        timeout_s: for all calls about one message.
    """

    def __init__(
        self,
        chat: ChatModel,
        builtin: BuiltinUnderstanding,
        catalogue: Catalogue,
        *,
        timeout_s: float,
    ) -> None:
        self._chat = chat
        self._builtin = builtin
        self._timeout_s = timeout_s
        self._instructions = instructions(catalogue)
        self._schema = answer_schema(catalogue.pack)

    async def __call__(self, heard: Heard) -> Understanding:
        if not heard.message.text.strip():
            return await self._builtin(heard)  # a picture or a choice: there are no words to read
        asking = _Asking(began=time.perf_counter())
        size = len(heard.message.text.encode("utf-8"))
        if size > MESSAGE_BYTES:
            problem = f"a message of {size} bytes is longer than {MESSAGE_BYTES}"
            return await self._fallback(heard, asking, problem)
        scene = self._scene(heard)
        if outside.unsafe(scene) is not None:
            return await self._fallback(heard, asking, "the message is declined unread")
        try:
            answer = await self._ask(heard, asking)
        except (ChatError, UnreadableError) as error:
            kind = error.kind if isinstance(error, ChatError) else "unreadable"
            return await self._fallback(heard, asking, f"{kind}: {error}")
        meaning, dropped = AnswerReader(scene).read(answer)
        turned = [op for part in scene.text.sentences for op in turned_dials(scene, part)]
        meaning = meaning.model_copy(update={"ops": (*picks(scene), *turned, *meaning.ops)})
        return meaning.model_copy(update={"llm": self._use(asking, dropped=dropped)})

    async def _ask(self, heard: Heard, asking: _Asking) -> Answer:
        """The filled form.

        Raises:
            ChatError: the model gave nothing usable.
            UnreadableError: its second answer does not fit the form either.
        """
        words = message(heard)
        problem = ""
        while True:
            left = self._timeout_s - asking.elapsed_s
            if left <= 0:
                raise ChatError("timeout", f"no answer that fits in {self._timeout_s:g} s")
            request = ChatRequest(self._instructions, words + problem, self._schema, left)
            asking.calls += 1
            try:
                answer = await self._chat.answer(request)
            except ChatError as error:
                asking.calls -= error.kind == "resting"
                raise
            asking.count(answer)
            try:
                return read_answer(answer.text)
            except UnreadableError as error:
                logger.debug("call %d: %s", asking.calls, error)
                if asking.calls >= MOST_CALLS:
                    raise
                problem = correction(str(error))

    def _scene(self, heard: Heard) -> Scene:
        text = read(heard.message.text)
        vocabulary = self._builtin.vocabulary
        return Scene(text, heard, vocabulary, vocabulary.mentions(text))

    async def _fallback(self, heard: Heard, asking: _Asking, problem: str) -> Understanding:
        logger.info("%s: %s; the built-in understanding takes over", self._chat.name, problem)
        meaning = await self._builtin(heard)
        use = self._use(asking, fallback=problem[:200])
        return meaning.model_copy(update={"llm": use})

    def _use(self, asking: _Asking, *, dropped: int = 0, fallback: str | None = None) -> ModelUse:
        return ModelUse(
            model=self._chat.name,
            calls=asking.calls,
            ms=round(asking.elapsed_s * 1000, 2),
            prompt_tokens=asking.prompt_tokens,
            answer_tokens=asking.answer_tokens,
            dropped=dropped,
            fallback=fallback,
        )

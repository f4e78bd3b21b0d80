"""Any chat model that LangChain knows, behind the port."""

import asyncio
import base64
import io
import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable
from PIL import Image

from vitrine.core.errors import ChatError, SetupError
from vitrine.core.ports import ChatAnswer, ChatRequest
from vitrine.models.llm.secrets import masked

logger = logging.getLogger(__name__)

STRICT_PROVIDERS = frozenset({"openai", "azure_openai"})
"""Providers that hold an answer to the schema exactly when they are told `strict`."""

_BOUNDS = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern"}
)


@lru_cache(maxsize=1)
def _loop(process: int) -> asyncio.AbstractEventLoop:
    """The event loop, in a thread of its own, of all remote models of this process.

    Clients of providers keep their connections for the whole process, and a connection belongs to
    the loop that opened it: with one loop there is no "event loop is closed", however many loops
    the host program starts and ends. What runs there also sees nothing of the caller's callbacks.
    """
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="vitrine-llm-remote", daemon=True).start()
    return loop


class LangChainChat:
    """A LangChain chat model. Its own retries must be off: one call here is one request.

    Args:
        model: the chat model.
        name: `provider:model`.
        structure: how the provider is told to answer in JSON; `auto` is the provider's own way,
            `text` leaves it to the instructions.
        secrets: texts that must not appear in messages.
    """

    def __init__(
        self, model: BaseChatModel, name: str, structure: str = "auto", secrets: Sequence[str] = ()
    ) -> None:
        self._model = model
        self._name = name
        self._structure = structure
        self._secrets = tuple(secrets)
        self._bound: dict[str, Runnable[Any, Any]] = {}

    @property
    def name(self) -> str:
        return self._name

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """One request.

        Raises:
            ChatError: see `ChatFailure`.
        """
        asking = asyncio.run_coroutine_threadsafe(self._ask(request), _loop(os.getpid()))
        return await asyncio.wrap_future(asking)  # cancelled with it

    async def _ask(self, request: ChatRequest) -> ChatAnswer:
        messages: list[BaseMessage] = [
            SystemMessage(request.instructions),
            HumanMessage(_content(request)),
        ]
        runnable = self._runnable(request.schema)
        try:
            async with asyncio.timeout(request.timeout_s):
                given = await runnable.ainvoke(messages)
        except Exception as error:
            raise self._sorted(error, request) from error
        return self._read(given)

    async def close(self) -> None:
        """Nothing is held: the provider's client is shared and closes with the process."""

    def _runnable(self, schema: Mapping[str, Any] | None) -> Runnable[Any, Any]:
        if schema is None or self._structure == "text":
            return self._model
        key = json.dumps(schema, sort_keys=True)
        if key not in self._bound:
            options: dict[str, Any] = {"include_raw": True}
            if self._structure != "auto":
                options["method"] = self._structure
            strict = self._name.partition(":")[0] in STRICT_PROVIDERS
            if strict and self._structure != "json_mode":
                options["strict"] = True
            try:
                self._bound[key] = self._model.with_structured_output(portable(schema), **options)
            except (NotImplementedError, ValueError) as error:
                raise SetupError(
                    f"{self._name!r} cannot be told to answer in JSON this way"
                    f" ({masked(str(error), self._secrets)[:120]}): set VITRINE_LLM__STRUCTURE=text"
                ) from error
        return self._bound[key]

    def _read(self, given: Any) -> ChatAnswer:
        """The text of a plain message, or of a structured answer (`include_raw`)."""
        if isinstance(given, Mapping):
            raw, parsed = given.get("raw"), given.get("parsed")
        else:
            raw, parsed = given, None
        if not isinstance(raw, AIMessage):
            raise ChatError("garbled", f"{self._name!r} gave {type(raw).__name__}, no message")
        refusal = refusal_of(raw)
        if refusal is not None:
            raise ChatError("refused", f"{self._name!r} refused: {masked(refusal)[:120]}")
        if raw.response_metadata.get("finish_reason") == "length":
            raise ChatError("cut", f"the answer of {self._name!r} hit its length limit")
        if isinstance(parsed, Mapping):
            text = json.dumps(parsed, ensure_ascii=False)
        else:
            calls = [call.get("args") or "" for call in raw.invalid_tool_calls]
            text = "".join(calls) or str(raw.text)
        usage = raw.usage_metadata
        return ChatAnswer(
            text=text,
            prompt_tokens=usage["input_tokens"] if usage else None,
            answer_tokens=usage["output_tokens"] if usage else None,
        )

    def _sorted(self, error: Exception, request: ChatRequest) -> ChatError:
        """The error by who is at fault. `error` itself may name the key, so its text is masked."""
        chain: list[BaseException] = []
        link: BaseException | None = error
        while link is not None and link not in chain and len(chain) < 8:
            chain.append(link)
            link = link.__cause__ or link.__context__
        what = masked(str(error), self._secrets)[:120]
        # Clients of providers share no base class for these: their names say what happened.
        names = {kind.__name__ for e in chain for kind in type(e).__mro__}
        if any("Timeout" in name for name in names):
            return ChatError("timeout", f"no answer of {self._name!r} in {request.timeout_s:g} s")
        status = next((s for e in chain if isinstance(s := getattr(e, "status_code", 0), int)), 0)
        if status >= 400:
            return ChatError("rejected", f"{self._name!r} answered HTTP {status}: {what}")
        if any("LengthFinish" in name for name in names):
            return ChatError("cut", f"the answer of {self._name!r} hit its length limit")
        if any("Refusal" in name for name in names):
            return ChatError("refused", f"{self._name!r} refused: {what}")
        if names & {"TransportError", "OSError"} or any("Connection" in name for name in names):
            return ChatError("unreachable", f"{self._name!r} cannot be reached: {what}")
        logger.debug("%s failed", self._name, exc_info=error)
        return ChatError("garbled", f"{self._name!r}: {type(error).__name__}: {what}")


def _content(request: ChatRequest) -> str | list[str | dict[str, Any]]:
    """The message; pictures beside it go as PNG in the form that every provider's client reads."""
    if not request.pictures:
        return request.message
    blocks: list[str | dict[str, Any]] = [{"type": "text", "text": request.message}]
    for picture in request.pictures:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
        blocks.append({"type": "image_url", "image_url": {"url": url}})
    return blocks


def refusal_of(message: AIMessage) -> str | None:
    """What a model said instead of an answer, where its provider marks that."""
    refusal = message.additional_kwargs.get("refusal")
    if isinstance(refusal, str) and refusal:
        return refusal
    reason = message.response_metadata.get("finish_reason") or message.response_metadata.get(
        "stop_reason"
    )
    return str(reason) if reason in ("content_filter", "refusal", "safety", "SAFETY") else None


def portable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without the bounds that hosted services refuse; the reader checks them anyway."""

    def strip(node: Any) -> Any:
        if isinstance(node, Mapping):
            return {key: strip(value) for key, value in node.items() if key not in _BOUNDS}
        if isinstance(node, list):
            return [strip(value) for value in node]
        return node

    return strip(schema)

"""Pictures beside a message: sent to models that see, refused by those that read text only."""

import asyncio
import base64
import io

import numpy as np
import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from PIL import Image

from vitrine.core.errors import ChatError
from vitrine.core.ports import ChatRequest
from vitrine.models.llm.langchain_chat import LangChainChat
from vitrine.models.llm.transformers_chat import TransformersChat

PICTURE = np.full((2, 3, 3), 90, np.uint8)


class Listening(GenericFakeChatModel):
    """Keeps what it was sent."""

    heard: list[BaseMessage] = []  # noqa: RUF012

    def _generate(self, messages: list[BaseMessage], *args: object, **kwargs: object) -> ChatResult:
        self.heard.extend(messages)
        return super()._generate(messages)


def ask(chat: object, *pictures: np.ndarray) -> None:
    request = ChatRequest("Say.", "what is it?", None, 5.0, pictures)
    asyncio.run(chat.answer(request))  # type: ignore[attr-defined]


def test_pictures_go_with_the_message() -> None:
    model = Listening(messages=iter([AIMessage("a cup"), AIMessage("a cup")]))
    chat = LangChainChat(model, "fake:seeing")
    ask(chat, PICTURE)
    text, picture = model.heard[1].content
    assert text == {"type": "text", "text": "what is it?"}
    kind, _, data = picture["image_url"]["url"].partition(";base64,")
    assert kind == "data:image/png"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), PICTURE)
    ask(chat)
    assert model.heard[3].content == "what is it?"


def test_a_model_that_reads_text_only_refuses() -> None:
    blind = TransformersChat.__new__(TransformersChat)
    blind._name = "local:blind"
    with pytest.raises(ChatError, match="sees no pictures"):
        ask(blind, PICTURE)

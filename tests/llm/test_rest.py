"""A model that is down is left alone for a while, and asked again."""

from __future__ import annotations

import pytest

from vitrine.core.errors import ChatError, ChatFailure
from vitrine.core.ports import ChatRequest
from vitrine.models.llm.fakes import FakeChat, Line
from vitrine.models.llm.rest import FAILURES, REST_S, RestingChat

ASK = ChatRequest("instructions", "message", None, 5.0)
DOWN = ChatError("timeout", "no answer")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def resting(*lines: Line) -> tuple[RestingChat, FakeChat, Clock]:
    chat, clock = FakeChat(lines), Clock()
    return RestingChat(chat, clock), chat, clock


async def fails(chat: RestingChat) -> ChatFailure:
    with pytest.raises(ChatError) as failed:
        await chat.answer(ASK)
    return failed.value.kind


async def test_after_three_failures_it_is_not_asked_for_a_minute() -> None:
    chat, asked, clock = resting(DOWN)
    assert [await fails(chat) for _ in range(FAILURES)] == ["timeout"] * FAILURES
    assert [await fails(chat) for _ in range(5)] == ["resting"] * 5
    assert len(asked.requests) == FAILURES
    clock.now += REST_S + 1
    assert await fails(chat) == "timeout", "one tries again"
    assert await fails(chat) == "resting", "and its failure is the next rest"


async def test_an_answer_ends_the_matter() -> None:
    chat, asked, clock = resting(DOWN, DOWN, DOWN, "back", DOWN, DOWN, "there")
    for _ in range(FAILURES):
        await fails(chat)
    clock.now += REST_S + 1
    assert (await chat.answer(ASK)).text == "back"
    assert [await fails(chat) for _ in range(2)] == ["timeout"] * 2, "counted from the start"
    assert (await chat.answer(ASK)).text == "there"
    assert len(asked.requests) == 7


@pytest.mark.parametrize("kind", ["refused", "garbled", "cut"])
async def test_a_poor_answer_is_no_service_that_is_down(kind: ChatFailure) -> None:
    chat, asked, _ = resting(ChatError(kind, "poor"))
    assert [await fails(chat) for _ in range(5)] == [kind] * 5
    assert len(asked.requests) == 5

"""Wording by a language model: it rephrases what the built-in wording says, and is checked.

At most one call a turn, and only when things are shown, drawn or answered. The model is given the
paragraphs of the built-in reply that may be rephrased, and nothing else: no profile, no message, no
catalogue. What confirms, declines or asks, and every list, stays word for word. A paragraph whose
rephrased sentences do not say everything, or that was not given back, stays as it was.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from vitrine.agent.prompts import load_prompt
from vitrine.agent.wording_check import Checked, WordingChecker
from vitrine.core.acts import Act, Answer, Ask, Confirm, Create, Decline, ModelUse, Show
from vitrine.core.errors import ChatError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import ChatModel, ChatRequest

logger = logging.getLogger(__name__)

PROMPT = Path(__file__).with_name("wording.md")
LONGEST_BYTES = 6000
"""Longer material is not sent: it stays as it is."""

_LIST = ("- ", "#", "|")


class Rephrased(Frozen):
    """One paragraph of the model's answer."""

    n: int
    sentences: Annotated[tuple[str, ...], Field(max_length=20)]


class RephrasedReply(Frozen):
    """The model's answer."""

    paragraphs: Annotated[tuple[Rephrased, ...], Field(max_length=20)]


SCHEMA: Mapping[str, Any] = {
    "title": "Reply",
    "type": "object",
    "properties": {
        "paragraphs": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "n": {"type": "integer", "minimum": 1, "maximum": 20},
                    "sentences": {
                        "type": "array",
                        "items": {"type": "string", "maxLength": 300},
                        "maxItems": 12,
                    },
                },
                "required": ["n", "sentences"],
                "additionalProperties": False,
            },
            "maxItems": 12,
        }
    },
    "required": ["paragraphs"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Worded:
    """The reply, and what the model did for it (None: it was not asked)."""

    reply: str
    use: ModelUse | None = None


class LlmWording:
    """Rephrases replies.

    Args:
        chat: the model.
        checker: of the shop's words and titles.
        timeout_s: for the one call.
        checked: False takes what the model writes as it is. Only for measuring what the check does.
    """

    def __init__(
        self, chat: ChatModel, checker: WordingChecker, *, timeout_s: float, checked: bool = True
    ) -> None:
        self._chat = chat
        self._checker = checker
        self._timeout_s = timeout_s
        self._checked = checked
        self._instructions = load_prompt(PROMPT)

    async def __call__(self, reply: str, acts: Sequence[Act]) -> Worded:
        """The reply in the model's words where they hold, in the built-in words elsewhere."""
        paragraphs = reply.split("\n\n")
        free = free_paragraphs(paragraphs, acts)
        given = [{"n": n, "text": paragraphs[n - 1]} for n in free]
        words = json.dumps({"paragraphs": given}, ensure_ascii=False)
        if not given or len(words.encode("utf-8")) > LONGEST_BYTES:
            return Worded(reply)
        began = time.perf_counter()
        calls, fallback = 1, None
        written: Mapping[int, tuple[str, ...]] = {}
        tokens: tuple[int | None, int | None] = (None, None)
        try:
            answer = await self._chat.answer(
                ChatRequest(self._instructions, words + "\n", SCHEMA, self._timeout_s)
            )
            tokens = answer.prompt_tokens, answer.answer_tokens
            written = _read(answer.text)
        except ChatError as error:
            fallback = f"{error.kind}: {error}"
            calls -= error.kind == "resting"
        except ValueError:
            fallback = "unreadable: the answer does not fit the form"
        dropped = 0
        for n in free:
            checked = self._check(paragraphs[n - 1], written.get(n, ()))
            dropped += len(checked.dropped)
            if checked.complete and checked.kept:
                paragraphs[n - 1] = " ".join(checked.kept)
            elif written and fallback is None:
                fallback = "what it wrote left something out, or added something"
        if fallback is not None:
            logger.info("%s: %s; the built-in wording stays", self._chat.name, fallback)
        use = ModelUse(
            model=self._chat.name,
            calls=calls,
            ms=round((time.perf_counter() - began) * 1000, 2),
            prompt_tokens=tokens[0],
            answer_tokens=tokens[1],
            dropped=dropped,
            fallback=fallback[:200] if fallback is not None else None,
        )
        return Worded("\n\n".join(paragraphs), use)

    def _check(self, given: str, written: tuple[str, ...]) -> Checked:
        if not self._checked:
            return Checked(kept=written, dropped=(), complete=bool(written))
        return self._checker.check(given, written)


def free_paragraphs(paragraphs: Sequence[str], acts: Sequence[Act]) -> list[int]:
    """Numbers, from 1, of the paragraphs that may be rephrased; empty where no facts are told."""
    if not any(isinstance(act, Show | Create | Answer) for act in acts):
        return []
    fixed: Collection[str] = {act.text for act in acts if isinstance(act, Ask | Confirm | Decline)}
    return [
        n
        for n, text in enumerate(paragraphs, start=1)
        if text not in fixed
        and not any(line.startswith(_LIST) for line in text.splitlines())
        and len(text.split()) > 3
    ]


def _read(text: str) -> dict[int, tuple[str, ...]]:
    """The model's sentences by paragraph.

    Raises:
        ValueError: it is not of the form.
    """
    start, end = text.find("{"), text.rfind("}")
    raw: object = json.loads(text[start : end + 1] if start >= 0 else "", strict=False)
    try:
        reply = RephrasedReply.model_validate(raw)
    except ValidationError as error:
        raise ValueError("not of the form") from error
    return {one.n: one.sentences for one in reply.paragraphs}

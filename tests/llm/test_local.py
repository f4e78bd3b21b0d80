"""A local causal model held to a grammar: real classes at toy size, random weights."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.agent.understanding.llm import LlmUnderstanding
from vitrine.agent.understanding.llm_answer import answer_schema, read_answer
from vitrine.core.errors import ChatError, SetupError
from vitrine.core.ports import ChatRequest
from vitrine.core.settings import LlmSettings
from vitrine.memory.catalogue import PackCatalogue
from vitrine.models.llm.choose import open_chat
from vitrine.models.llm.transformers_chat import TransformersChat

SMALL = {
    "type": "object",
    "properties": {
        "op": {"type": "string", "enum": ["set", "add"]},
        "value": {"type": "string", "maxLength": 12},
        "count": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 8}, {"type": "null"}]},
    },
    "required": ["op", "value", "count"],
    "additionalProperties": False,
}
TEMPLATE = (
    "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}{# system #}"
)


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, and an end."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)} | {"<|end|>": 256}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|end|>")


def tiny_model(seed: int, positions: int = 16384) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=264, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=positions, initializer_range=1.0,
        bos_token_id=None, eos_token_id=256,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def chat(seed: int = 0, max_tokens: int = 200, **options: Any) -> TransformersChat:
    return TransformersChat(tiny_model(seed, **options), tiny_tokenizer(), "x:tiny", max_tokens)


def ask(message: str, schema: Any = SMALL, timeout_s: float = 30) -> ChatRequest:
    return ChatRequest("You fill in forms. " * 8, message, schema, timeout_s)


@pytest.mark.parametrize("seed", range(3))
async def test_random_weights_answer_in_the_form(seed: int) -> None:
    model = chat(seed)
    try:
        for words in ("a", "something else", "1 2 3"):
            answer = await model.answer(ask(words))
            form = json.loads(answer.text, strict=False)
            assert form.keys() == SMALL["properties"].keys()
            assert form["op"] in ("set", "add")
            assert len(form["value"]) <= 12
            assert form["count"] is None or 1 <= form["count"] <= 8
            assert answer.answer_tokens
    finally:
        await model.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_random_weights_fill_in_the_whole_form(
    seed: int, tiny_catalogue: PackCatalogue
) -> None:
    model = chat(seed, max_tokens=9000)
    try:
        schema = answer_schema(tiny_catalogue.pack)
        answer = await model.answer(ask("a red mug", schema, timeout_s=100))
        read_answer(answer.text)
    finally:
        await model.close()


async def test_what_stays_the_same_is_read_once_and_changes_nothing() -> None:
    warm, cold = chat(3), chat(3)
    try:
        first = await warm.answer(ask("one"))
        assert warm.kept_tokens == 0
        second = await warm.answer(ask("another"))
        assert warm.kept_tokens > 140, "the instructions were kept"
        again = await warm.answer(ask("one"))
        assert (await cold.answer(ask("another"))).text == second.text
        assert again.text == first.text
    finally:
        await warm.close()
        await cold.close()


async def test_the_chat_template_is_used() -> None:
    model = chat(1)
    try:
        plain = (await model.answer(ask("one"))).prompt_tokens
        model._tokenizer.chat_template = TEMPLATE
        templated = (await model.answer(ask("one"))).prompt_tokens
    finally:
        await model.close()
    assert plain is not None
    assert templated is not None
    assert templated > plain


async def test_late_is_stopped_between_tokens() -> None:
    model = chat(0, max_tokens=8000)
    endless = {"type": "array", "items": {"type": "integer"}, "minItems": 3000}
    try:
        began = time.perf_counter()
        with pytest.raises(ChatError) as failed:
            await model.answer(ask("count", endless, timeout_s=0.3))
        assert failed.value.kind == "timeout"
        assert time.perf_counter() - began < 10
        answer = await model.answer(ask("after"))  # the thread is free again
        assert json.loads(answer.text, strict=False)
    finally:
        await model.close()


async def test_a_cancelled_turn_frees_the_model() -> None:
    model = chat(0, max_tokens=8000)
    endless = {"type": "array", "items": {"type": "integer"}, "minItems": 3000}
    try:
        task = asyncio.create_task(model.answer(ask("count", endless, timeout_s=60)))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await model.answer(ask("after", timeout_s=30))).text
    finally:
        await model.close()


async def test_too_long_is_cut_not_half_an_answer() -> None:
    model = chat(0, max_tokens=10)
    narrow = chat(0, positions=64)
    try:
        with pytest.raises(ChatError, match="length limit"):
            await model.answer(ask("one"))
        with pytest.raises(ChatError, match="too long"):
            await narrow.answer(ask("one"))
    finally:
        await model.close()
        await narrow.close()


async def test_random_understanding_invents_nothing(
    hear: Callable[..., Heard], tiny_reader: BuiltinUnderstanding, tiny_catalogue: PackCatalogue
) -> None:
    """The worst model there is: what it says is set aside, or the built-in reading stands."""
    model = chat(2, max_tokens=3000)
    reader = LlmUnderstanding(model, tiny_reader, tiny_catalogue, timeout_s=1.0)
    try:
        meaning = await reader(hear("a red mug, please"))
    finally:
        await model.close()
    for op in meaning.ops:
        assert op.evidence.text in "a red mug, please"


async def test_a_saved_folder_can_be_opened(tmp_path: Path) -> None:
    tiny_model(5).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    opened = open_chat(LlmSettings(model=f"transformers:{tmp_path}", device="cpu", max_tokens=200))
    try:
        assert opened.name == f"transformers:{tmp_path.name}"
        assert json.loads((await opened.answer(ask("one"))).text, strict=False)
    finally:
        await opened.close()


def test_a_folder_without_a_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be loaded") as failed:
        open_chat(LlmSettings(model=f"transformers:{tmp_path}"))
    assert "\n" not in str(failed.value)

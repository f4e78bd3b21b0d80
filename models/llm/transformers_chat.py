"""A causal language model of transformers in this process, held to JSON by a grammar.

xgrammar turns the schema into a grammar and masks, step by step, every token that could not go on
to fit it: the answer is JSON of the schema by construction, whatever the weights.
"""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import torch
import xgrammar
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    LogitsProcessorList,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    StoppingCriteria,
    StoppingCriteriaList,
)
from xgrammar.contrib.hf import LogitsProcessor

from vitrine.core.errors import ChatError, SetupError
from vitrine.core.ports import ChatAnswer, ChatRequest
from vitrine.core.settings import LlmSettings

logger = logging.getLogger(__name__)


class _Deadline(StoppingCriteria):
    """Stops between tokens when the time is up or nobody waits any more."""

    def __init__(self, until: float, stopped: threading.Event) -> None:
        self._until = until
        self._stopped = stopped

    @property
    def passed(self) -> bool:
        return self._stopped.is_set() or time.monotonic() > self._until

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> Any:  # (B, T) -> (B,)
        return torch.full((len(input_ids),), self.passed, device=input_ids.device)


class TransformersChat:
    """One model, one thread of its own, one answer at a time.

    The keys and values of the last prompt are kept: instructions that stay the same are read once,
    and a turn costs only what is new (`kept_tokens` of the last call tells how many were kept).
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        name: str,
        max_tokens: int = 900,
    ) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._name = name
        self._max_tokens = max_tokens
        info = xgrammar.TokenizerInfo.from_huggingface(
            tokenizer, vocab_size=int(model.config.get_text_config().vocab_size)
        )
        self._compiler = xgrammar.GrammarCompiler(info)
        self._stops = list(info.stop_token_ids)
        self._grammars: dict[str, xgrammar.CompiledGrammar] = {}
        self._lane = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vitrine-llm")
        self._cache: DynamicCache | None = None
        self._cached = torch.zeros(0, dtype=torch.long)  # (T,)
        self.kept_tokens = 0

    @property
    def name(self) -> str:
        return self._name

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """One answer, greedily decoded.

        Raises:
            ChatError: too late, too long, or with a picture.
        """
        if request.pictures:
            raise ChatError("rejected", f"{self._name!r} reads text only: it sees no pictures")
        stopped = threading.Event()
        until = time.monotonic() + request.timeout_s
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(request.timeout_s):
                return await loop.run_in_executor(
                    self._lane, self._generate, request, _Deadline(until, stopped)
                )
        except TimeoutError as error:
            raise self._late(request) from error
        finally:
            stopped.set()

    async def close(self) -> None:
        """End the thread."""
        await asyncio.to_thread(self._lane.shutdown, wait=True, cancel_futures=True)

    def _generate(self, request: ChatRequest, deadline: _Deadline) -> ChatAnswer:
        if deadline.passed:
            raise self._late(request)
        ids = self._prompt(request).to(self._model.device)  # (1, T)
        limit = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        room = self._max_tokens if limit is None else min(self._max_tokens, limit - ids.shape[1])
        if room <= 0:
            raise ChatError(
                "cut", f"the prompt of {ids.shape[1]} tokens is too long for {self._name!r}"
            )
        processors = LogitsProcessorList()
        if request.schema is not None:
            processors.append(LogitsProcessor(self._grammar(request.schema)))
        cache = self._kept(ids)
        with torch.inference_mode():
            output: Any = cast(Any, self._model).generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                past_key_values=cache,
                max_new_tokens=room,
                do_sample=False,
                num_beams=1,
                eos_token_id=self._stops,
                pad_token_id=self._stops[0],
                logits_processor=processors,
                stopping_criteria=StoppingCriteriaList([deadline]),
            )
        self._cache, self._cached = cache, ids[0].cpu()
        new: list[int] = output[0, ids.shape[1] :].tolist()  # output: (1, T + new)
        ended = bool(new) and new[-1] in self._stops
        if not ended:
            if deadline.passed:
                raise self._late(request)
            raise ChatError("cut", f"the answer of {self._name!r} hit its length limit")
        text = str(self._tokenizer.decode(new[:-1], skip_special_tokens=True))
        return ChatAnswer(text=text, prompt_tokens=ids.shape[1], answer_tokens=len(new))

    def _late(self, request: ChatRequest) -> ChatError:
        return ChatError("timeout", f"no answer of {self._name!r} in {request.timeout_s:g} s")

    def _prompt(self, request: ChatRequest) -> torch.Tensor:
        """Token ids of the prompt, (1, T), by the model's own chat template if it has one."""
        if self._tokenizer.chat_template is None:
            text = f"{request.instructions}\n\n{request.message}\n"
            return self._tokenizer(text, return_tensors="pt")["input_ids"]
        turns = [
            {"role": "system", "content": request.instructions},
            {"role": "user", "content": request.message},
        ]
        if "system" not in str(self._tokenizer.chat_template):
            turns = [{"role": "user", "content": f"{request.instructions}\n\n{request.message}"}]
        text = str(
            self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        )
        return self._tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"]

    def _kept(self, ids: torch.Tensor) -> DynamicCache:
        """The cache of what this prompt has in common with the last one; at least a token is new."""
        self.kept_tokens = 0
        cache, self._cache = self._cache, None
        row = ids[0].cpu()
        shared = min(len(row) - 1, len(self._cached))
        differ = (row[:shared] != self._cached[:shared]).nonzero()
        shared = int(differ[0]) if len(differ) else shared
        sliding = getattr(self._model.config.get_text_config(), "sliding_window", None)
        if cache is None or shared < 1 or sliding is not None:
            return DynamicCache(config=self._model.config)
        surplus = cache.get_seq_length() - shared
        try:
            cache.crop(-surplus)
        except (ValueError, NotImplementedError):  # an architecture that cannot forget
            return DynamicCache(config=self._model.config)
        self.kept_tokens = shared
        return cache

    def _grammar(self, schema: Mapping[str, Any]) -> xgrammar.CompiledGrammar:
        key = json.dumps(schema)
        if key not in self._grammars:
            self._grammars[key] = self._compiler.compile_json_schema(key, any_whitespace=False)
        return self._grammars[key]


def load_transformers_chat(model: str, settings: LlmSettings) -> TransformersChat:
    """A model of a local folder or of the hub's cache. Its own code is never run.

    Raises:
        SetupError: it cannot be loaded.
    """
    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    path = Path(model).expanduser()
    where = str(path) if path.is_dir() else model
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, trust_remote_code=False)
        weights: Any = AutoModelForCausalLM.from_pretrained(
            where,
            trust_remote_code=False,
            use_safetensors=True,
            dtype="auto" if device == "cuda" else torch.float32,
        )
        weights.to(device)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        what = " ".join(str(error).split())[:160]
        raise SetupError(
            f"the local model {model!r} cannot be loaded ({what}): expected a folder with"
            " config.json, a tokenizer and safetensors, or a name in the hub's cache"
        ) from error
    return TransformersChat(weights, tokenizer, f"transformers:{path.name}", settings.max_tokens)

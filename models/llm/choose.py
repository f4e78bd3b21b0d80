"""From `provider:model` to a chat model; a user's mistake is one clear line."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vitrine.core.errors import ChatError, RequestError, SetupError
from vitrine.core.ports import ChatModel, ChatRequest
from vitrine.core.settings import LlmSettings
from vitrine.models.llm.secrets import masked

LOCAL = "transformers"
"""The provider name of models that run in this process."""

_INSTALL = "install it with `pip install 'vitrine[llm]'`"


def open_chat(settings: LlmSettings) -> ChatModel:
    """The chat model that the settings name. Nothing is sent yet.

    Raises:
        RequestError: the name cannot be understood.
        SetupError: a package or a key is missing, or the local model cannot be loaded.
    """
    name = settings.model or ""
    provider, _, model = name.partition(":")
    if not provider or not model:
        raise RequestError(
            f"setting VITRINE_LLM__MODEL is {name!r}: expected provider:model,"
            f" for instance openai:NAME, anthropic:NAME, ollama:NAME or {LOCAL}:FOLDER"
        )
    if provider == LOCAL:
        return _open_local(model, settings)
    return _open_remote(provider, model, settings)


async def probe(chat: ChatModel, timeout_s: float) -> None:
    """Ask for the smallest form there is, then close the model.

    Raises:
        ChatError: it does not answer, or not in the form.
    """
    schema = {
        "title": "Probe",
        "type": "object",
        "properties": {"ready": {"type": "boolean"}},
        "required": ["ready"],
        "additionalProperties": False,
    }
    ask = 'Answer with this JSON object and nothing else: {"ready": true}'
    try:
        answer = await chat.answer(ChatRequest(ask, "Are you ready?\n", schema, timeout_s))
    finally:
        await chat.close()
    text = answer.text[answer.text.find("{") : answer.text.rfind("}") + 1]
    try:
        json.loads(text)
    except ValueError as error:
        raise ChatError("garbled", f"{chat.name!r} answers, but not with JSON") from error


def _open_local(model: str, settings: LlmSettings) -> ChatModel:
    if model.startswith(("/", ".", "~")) and not Path(model).expanduser().is_dir():
        raise SetupError(
            f"the local model {model!r} is no folder: expected one with config.json, a tokenizer"
            " and safetensors, or a name in the hub's cache"
        )
    if find_spec("xgrammar") is None:
        raise SetupError(f"local models need the package xgrammar: {_INSTALL}")
    from vitrine.models.llm.transformers_chat import load_transformers_chat

    return load_transformers_chat(model, settings)


def _open_remote(provider: str, model: str, settings: LlmSettings) -> ChatModel:
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise SetupError(f"{provider}:{model} needs the package langchain: {_INSTALL}") from error
    from vitrine.models.llm.langchain_chat import LangChainChat

    name = f"{provider}:{model}"
    secrets = (settings.api_key.get_secret_value(),) if settings.api_key is not None else ()
    options: dict[str, Any] = {
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
        "timeout": settings.timeout_s,
        "max_retries": 0,  # one call is one request
    }
    if settings.base_url is not None:
        options["base_url"] = settings.base_url
        # A key of the environment belongs to the provider, not to whoever listens at the address.
        options["api_key"] = secrets[0] if secrets else "none"
    elif secrets:
        options["api_key"] = secrets[0]
    try:
        chat = init_chat_model(model, model_provider=provider, **options)
    except ImportError as error:
        raise SetupError(f"{name!r}: {masked(str(error), secrets)[:200]}") from error
    except ValueError as error:
        if "nsupported" in str(error) and "provider" in str(error):
            raise RequestError(
                f"setting VITRINE_LLM__MODEL is {name!r}: LangChain knows no provider"
                f" {provider!r}; for instance openai, anthropic, ollama, mistralai, {LOCAL}"
            ) from error
        raise _not_set_up(name, error, secrets) from error
    except Exception as error:
        raise _not_set_up(name, error, secrets) from error
    return LangChainChat(chat, name, settings.structure, secrets)


def _not_set_up(name: str, error: Exception, secrets: tuple[str, ...]) -> SetupError:
    """Mostly a missing key. Errors of pydantic repeat what was given, so only their start is told."""
    what = masked(str(error).split("[type=")[0], secrets)[:160]
    return SetupError(
        f"{name!r} cannot be set up ({what}): set VITRINE_LLM__API_KEY or the provider's own"
        " variable; `vitrine doctor` asks the model"
    )

"""What a user can get wrong: each mistake is one clear line, and no key is in it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from vitrine.core.errors import RequestError, SetupError, VitrineError
from vitrine.core.settings import LlmSettings, Settings, read_settings
from vitrine.models.llm.choose import open_chat
from vitrine.models.llm.langchain_chat import LangChainChat
from vitrine.models.llm.secrets import masked
from vitrine.ui.doctor import Check, check_language_model, requirements

SECRET = "sk-very-secret-123456"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def llm(model: str, **options: Any) -> LlmSettings:
    return LlmSettings(model=model, **options)


@pytest.mark.parametrize(
    ("model", "error", "says"),
    [
        ("gpt", RequestError, "expected provider:model"),
        (":x", RequestError, "expected provider:model"),
        ("nobody:x", RequestError, "knows no provider 'nobody'"),
        ("openai:x", SetupError, "set VITRINE_LLM__API_KEY"),
        ("anthropic:x", SetupError, "pip install langchain-anthropic"),
        ("transformers:/no/such/folder", SetupError, "is no folder"),
        ("transformers:./nothing", SetupError, "is no folder"),
    ],
)
def test_one_clear_line(model: str, error: type[VitrineError], says: str) -> None:
    with pytest.raises(error, match=says) as failed:
        open_chat(llm(model))
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("missing", "model"), [("langchain.chat_models", "openai:x"), ("xgrammar", "transformers:x")]
)
def test_missing_packages_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str, model: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SetupError, match=r"pip install 'vitrine\[llm\]'"):
        open_chat(llm(model))


def test_the_extra_holds_what_is_said() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    extra = text.split("\nllm = [")[1].split("]")[0]
    for package in ("langchain", "langchain-openai", "xgrammar"):
        assert f'"{package}>=' in extra
    assert not any(r.startswith("langchain-openai") and "extra" not in r for r in requirements())
    for module in ("langchain", "langchain_openai", "xgrammar"):
        assert importlib.util.find_spec(module), module


def test_settings_are_read_and_keys_are_hidden() -> None:
    read = read_settings(
        {
            "VITRINE_UNDERSTANDING": "llm",
            "VITRINE_LLM_MODEL": "openai:x",
            "VITRINE_LLM__API_KEY": SECRET,
            "VITRINE_LLM__TIMEOUT_S": "3",
        }
    )
    assert (read.understanding, read.wording, read.llm.model) == ("llm", "builtin", "openai:x")
    assert read.llm.timeout_s == 3
    assert SECRET not in repr(read)
    assert SECRET not in read.model_dump_json()
    assert read_settings({"VITRINE_UNDERSTANDING": "llm"}, understanding="builtin") == Settings()
    for wrong in ({"VITRINE_LLM__TIMEOUT_S": "0"}, {"VITRINE_LLM__SEED": "1"}):
        with pytest.raises(RequestError) as failed:
            read_settings({"VITRINE_LLM__API_KEY": SECRET} | wrong)
        assert SECRET not in str(failed.value)


async def test_a_shop_without_a_model_says_what_is_missing(open_llm: Any) -> None:
    from vitrine.agent.wiring import language_model

    for name in ("understanding", "wording"):
        settings = Settings(**{name: "llm"})  # type: ignore[arg-type]
        with pytest.raises(RequestError, match=f"VITRINE_{name.upper()}=llm needs a model"):
            language_model(settings, _no_models())
    assert language_model(Settings(), _no_models()) is None


def _no_models() -> Any:
    class Nothing:
        chat = None

    return Nothing()


def test_keys_never_reach_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "abcdefgh123")
    text = f"wrong key {SECRET}\nor abcdefgh123, Bearer tok.en-1, sk-proj-abc_DEF-123, my-own-1"
    clean = masked(text, ["my-own-1"])
    assert "\n" not in clean
    for secret in (SECRET, "abcdefgh123", "tok.en-1", "sk-proj", "my-own-1"):
        assert secret not in clean


async def test_a_key_of_the_environment_stays_with_its_provider(
    monkeypatch: pytest.MonkeyPatch, service: Any, forms: Any
) -> None:
    """An address of one's own gets the key of the settings, or none."""
    from vitrine.core.ports import ChatRequest

    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    service.plays(forms.form())
    chat = open_chat(llm("openai:any", base_url=service.url))
    await chat.answer(ChatRequest("i", "m", None, 30))
    assert service.keys == ["Bearer none"]


@pytest.mark.parametrize("structure", ["auto", "json_schema", "json_mode", "text"])
async def test_ways_of_asking_for_json(service: Any, forms: Any, structure: str) -> None:
    from vitrine.core.ports import ChatRequest

    service.plays(forms.form(intents=["help"]))
    chat = open_chat(llm("openai:any", base_url=service.url, structure=structure))
    schema = {
        "title": "T", "type": "object", "properties": {"a": {"type": "string", "maxLength": 3}},
        "required": ["a"], "additionalProperties": False,
    }  # fmt: skip
    answer = await chat.answer(ChatRequest("i", "m", schema, 30))
    assert json.loads(answer.text)["intents"] == ["help"]
    assert (answer.prompt_tokens, answer.answer_tokens) == (11, 7)
    sent = service.requests[0]
    if structure in ("auto", "json_schema"):
        assert sent["response_format"]["json_schema"]["strict"] is True
        assert "maxLength" not in json.dumps(sent)
    elif structure == "json_mode":
        assert sent["response_format"] == {"type": "json_object"}
    else:
        assert "response_format" not in sent
    assert isinstance(chat, LangChainChat)


def checks(monkeypatch: pytest.MonkeyPatch, **environ: str) -> list[Check]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return list(check_language_model())


def test_the_doctor_asks_the_model(
    monkeypatch: pytest.MonkeyPatch, service: Any, acts: Any
) -> None:
    assert "needs none" in checks(monkeypatch)[0].found
    service.plays({"ready": True}, "hello", acts.errors(404, "no such model"), acts.hangs)
    address = {"VITRINE_LLM_MODEL": "openai:any", "VITRINE_LLM__BASE_URL": service.url}
    good = checks(monkeypatch, **address, VITRINE_UNDERSTANDING="llm")[0]
    assert good.ok
    assert "openai:any answered in" in good.found
    assert "used for understanding" in good.found
    chatty = checks(monkeypatch)[0]
    assert not chatty.ok
    assert "not with JSON" in chatty.found
    assert "VITRINE_LLM__STRUCTURE" in chatty.advice
    unknown = checks(monkeypatch)[0]
    assert not unknown.ok
    assert "HTTP 404" in unknown.found
    assert "model's name" in unknown.advice
    slow = checks(monkeypatch, VITRINE_LLM__TIMEOUT_S="0.3")[0]
    assert not slow.ok
    assert "VITRINE_LLM__TIMEOUT_S" in slow.advice
    monkeypatch.setenv("VITRINE_LLM__BASE_URL", "http://127.0.0.1:9/v1")
    gone = checks(monkeypatch)[0]
    assert not gone.ok
    assert "VITRINE_LLM__BASE_URL" in gone.advice

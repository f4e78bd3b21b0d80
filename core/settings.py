"""One frozen tree of settings, read once. Environment names start with `VITRINE_`.

`VITRINE_DOMAIN=atelier`, `VITRINE_DESIGN__COUNT=4` (double underscore: nested). An unknown
`VITRINE_*` name is refused at start-up, since a misspelt setting that is ignored is a trap.
Explicit arguments beat the environment, the environment beats the defaults.
"""

import os
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError

from vitrine.core.dials import DesignDials
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen

PREFIX = "VITRINE_"
SHORT_NAMES = {"VITRINE_LLM_MODEL": "VITRINE_LLM__MODEL"}
"""Other spellings of nested settings."""


class DesignSettings(Frozen):
    """How new designs are made."""

    count: int = Field(default=4, ge=1, le=8, description="designs a turn")
    candidates: int = Field(default=64, ge=4, le=1024, description="embeddings sampled")
    steps: int = Field(default=12, ge=1, le=100, description="sampler steps of the renderer")
    guidance: float = Field(default=4.0, ge=1, le=20)
    adapter_scale: float = Field(default=0.6, ge=0, le=1)
    guidance_user: float = Field(default=8.0, ge=0, le=20)
    guidance_query: float = Field(default=8.0, ge=0, le=20)
    dials: DesignDials = Field(
        default=DesignDials(), description="where a conversation's dials stand at its beginning"
    )
    personal_run: Literal["exact", "conditional", "key_steps"] = Field(
        default="conditional", description="how often PerFusion's network runs"
    )


class EmbeddedBackend(Frozen):
    """The small shipped weights, on the CPU."""

    kind: Literal["embedded"] = "embedded"
    weights: str | None = Field(default=None, description="folder; default: the shipped weights")
    threads: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="torch threads for drawing; default: half of the cores, 4 at most",
    )


class LlmSettings(Frozen):
    """The language model, where one is used (docs/llm.md)."""

    model: str | None = Field(
        default=None,
        description="provider:model of LangChain, or transformers:FOLDER for a local model",
    )
    base_url: str | None = Field(default=None, description="address of a compatible service")
    api_key: SecretStr | None = Field(
        default=None, description="default: the provider's own variable, such as OPENAI_API_KEY"
    )
    timeout_s: float = Field(default=10.0, gt=0, le=120, description="for all calls of one task")
    max_tokens: int = Field(default=900, ge=64, le=8192, description="length of an answer")
    temperature: float = Field(default=0.0, ge=0, le=2)
    structure: Literal["auto", "json_schema", "function_calling", "json_mode", "text"] = Field(
        default="auto", description="how the provider is told to answer in JSON"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="of a local model")
    sees: bool = Field(default=False, description="may be shown pictures, where things are tagged")


class Settings(Frozen):
    """Everything that can be set."""

    home: str | None = Field(default=None, description="folder of user data (VITRINE_HOME)")
    domain: str = "atelier"
    backend: EmbeddedBackend = EmbeddedBackend()
    design: DesignSettings = DesignSettings()
    understanding: Literal["builtin", "llm"] = "builtin"
    wording: Literal["builtin", "llm"] = "builtin"
    llm: LlmSettings = LlmSettings()
    products: int = Field(default=4, ge=1, le=12, description="items shown a turn")
    clarify: bool = Field(default=True, description="ask questions of our own where they pay")
    seed: int | None = Field(default=None, ge=0, description="fixes the seeds of designs")
    log_level: Literal["debug", "info", "warning", "error"] = "warning"


def read_settings(environ: Mapping[str, str] | None = None, **explicit: Any) -> Settings:
    """Settings from the environment, overridden by `explicit` (None means not given).

    Raises:
        RequestError: an unknown `VITRINE_*` name, or a value out of range.
    """
    environ = os.environ if environ is None else environ
    tree: dict[str, Any] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or not value.strip():
            continue
        _place(tree, SHORT_NAMES.get(name, name), value.strip())
    tree |= {key: value for key, value in explicit.items() if value is not None}
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        path = "__".join(str(part) for part in first["loc"]).upper()
        # A group of settings may hold a secret: only single values are repeated to the user.
        given = first["input"]
        got = f" (got {given!r})" if isinstance(given, str | int | float) else ""
        raise RequestError(
            f"setting {PREFIX}{path}: {first['msg']}{got if 'KEY' not in path else ''}"
        ) from None


def _place(tree: dict[str, Any], name: str, value: str) -> None:
    """Put one environment value at its place in the tree, refusing names that no setting has."""
    parts = name.removeprefix(PREFIX).lower().split("__")
    fields = Settings.model_fields
    node = tree
    for depth, part in enumerate(parts):
        if part not in fields:
            known = ", ".join(PREFIX + field.upper() for field in Settings.model_fields)
            raise RequestError(f"unknown setting {name!r}: expected one of {known}")
        annotation = fields[part].annotation
        nested = isinstance(annotation, type) and issubclass(annotation, Frozen)
        if depth == len(parts) - 1:
            if nested:
                raise RequestError(
                    f"setting {name!r} is a group: name one of its fields after '__'"
                )
            node[part] = value
            return
        if not (isinstance(annotation, type) and issubclass(annotation, Frozen)):
            raise RequestError(f"setting {name!r} has no parts")
        fields = annotation.model_fields
        node = node.setdefault(part, {})

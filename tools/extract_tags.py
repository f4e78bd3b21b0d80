"""Extract tags of one thing (I-AM-G eq. 2 to 4): by a language model, from its facets, from its picture."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from vitrine.core.domain import DomainPack, TagScenario
from vitrine.core.errors import ChatError, RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import ChatModel, ChatRequest, Floats, Pixels
from vitrine.tools.signals import value_words
from vitrine.tools.zero_shot_tags import ZeroShotTags

log = logging.getLogger(__name__)

LONGEST = 40
"""Characters of one tag."""
MOST_TEXT = 4000
_PROMPT = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")

Source = Literal["model", "facets", "picture"]


class ExtractRequest(Frozen):
    """One thing: its facets, what is written of it, and by which scenario it is looked at.

    `scenario` None: the pack's usual one.
    """

    facets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    text: str = Field(default="", max_length=20_000)
    scenario: str | None = None
    timeout_s: float = Field(default=20.0, gt=0, le=300)


class ExtractResult(Frozen):
    """`found` are tags in words by what gave them; `failed`: why the model gave none."""

    found: dict[Source, tuple[str, ...]]
    failed: str | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(tag for part in self.found.values() for tag in part))

    @property
    def sources(self) -> tuple[Source, ...]:
        """What gave some."""
        return tuple(source for source, part in self.found.items() if part)


class _Answer(Frozen):
    """What the model fills in."""

    picture: tuple[str, ...] = Field(max_length=40)
    text: tuple[str, ...] = Field(max_length=40)

    @field_validator("picture", "text")
    @classmethod
    def _short(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        for tag in tags:
            if len(tag) > LONGEST:
                raise ValueError(f"a tag of {len(tag)} characters: expected at most {LONGEST}")
        return tags


_SCHEMA: dict[str, Any] = {
    "title": "Tags",
    "description": "Tags of one thing.",
    "type": "object",
    "properties": {
        part: {
            "type": "array",
            "maxItems": 20,
            "items": {"type": "string", "minLength": 1, "maxLength": LONGEST},
        }
        for part in ("picture", "text")
    },
    "required": ["picture", "text"],
    "additionalProperties": False,
}


class ExtractTags:
    """Tags by a language model in one call; by facets and by the encoder's eye where there is none.

    Differs from the paper: picture and text are asked about in one call; the facets of a catalogue,
    which are checked facts, always count, and stand in where the model gives nothing usable.

    Args:
        pack: names the scenarios and says the facets.
        chat: the language model; None: facets and picture alone.
        sees: whether the model can be shown pictures.
        eye: finds words in pictures by the encoder; None: it is not asked.
    """

    def __init__(
        self,
        pack: DomainPack,
        chat: ChatModel | None = None,
        *,
        sees: bool = False,
        eye: ZeroShotTags | None = None,
    ) -> None:
        self._pack, self._chat, self._sees, self._eye = pack, chat, sees, eye

    async def __call__(
        self,
        request: ExtractRequest,
        picture: Pixels | None = None,
        embedding: Floats | None = None,
    ) -> ExtractResult:
        """Union of what the model, the facets and the picture say (eq. 4), in this order.

        Args:
            request: what is known of the thing.
            picture: what the model is shown, if it sees.
            embedding: the picture's raw embedding (d,), where it is known already.

        Raises:
            RequestError: the pack has no such scenario.
        """
        scenario = self._pack.scenario(request.scenario)
        if scenario is None and request.scenario is not None:
            known = [s.name for s in self._pack.scenarios]
            raise RequestError(f"scenario {request.scenario!r}: expected one of {known!r}")
        found: dict[Source, list[str]] = {"model": [], "facets": [], "picture": []}
        failed: str | None = None
        if self._chat is not None and scenario is not None:
            try:
                found["model"] = await self._asked(self._chat, scenario, request, picture)
            except ChatError as error:
                failed = f"{error.kind}: {error}"
                log.info("tags by facets: %s", failed)
        found["facets"] = [
            value_words(self._pack, facet, value)
            for facet, values in request.facets.items()
            if (known := self._pack.facet(facet)) is not None and known.kind == "categorical"
            for value in values
        ]
        if self._eye is not None and embedding is not None:
            found["picture"] = list(self._eye.of(embedding[None])[0])
        elif self._eye is not None and picture is not None:
            found["picture"] = list(self._eye(picture))
        return ExtractResult(
            found={source: tuple(dict.fromkeys(part)) for source, part in found.items()},
            failed=failed,
        )

    async def _asked(
        self,
        chat: ChatModel,
        scenario: TagScenario,
        request: ExtractRequest,
        picture: Pixels | None,
    ) -> list[str]:
        """What the model says.

        Raises:
            ChatError: nothing, or not what was asked for.
        """
        answer = await chat.answer(
            ChatRequest(
                instructions=instructions(scenario),
                message=json.dumps({"written": request.text[:MOST_TEXT]}, ensure_ascii=False),
                schema=_SCHEMA,
                timeout_s=request.timeout_s,
                pictures=(picture,) if self._sees and picture is not None else (),
            )
        )
        try:
            filled = _Answer.model_validate_json(answer.text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ChatError("garbled", f"tags do not fit: {where}: {first['msg']}") from error
        parts = (filled.picture[: scenario.most], filled.text[: scenario.most])
        return [tag for part in parts for raw in part if (tag := tidy(raw))]


def instructions(scenario: TagScenario) -> str:
    """The prompt of a scenario, the same for every thing."""
    slots: Mapping[str, Sequence[str] | str] = {
        "thing": scenario.thing,
        "picture": scenario.picture,
        "text": scenario.text,
        "most": str(scenario.most),
    }
    text = _PROMPT
    for name, value in slots.items():
        text = text.replace("{" + name + "}", value if isinstance(value, str) else ", ".join(value))
    return text


def tidy(tag: str) -> str:
    """A tag in small letters without marks around it; empty where nothing is left."""
    return " ".join("".join(c if c.isalnum() or c in " -'&" else " " for c in tag).split()).lower()

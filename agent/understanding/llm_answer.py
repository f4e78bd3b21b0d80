"""What a language model may answer: a closed form, as a schema and as values.

The model can only fill this form. It names places where things were shown, never ids; it quotes the
user's words for everything it says; it has no field for another user, a tool or a reply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import Field, StringConstraints, ValidationError

from vitrine.core.acts import Intent, Strength
from vitrine.core.domain import DomainPack
from vitrine.core.errors import VitrineError
from vitrine.core.frozen import Frozen

Quote = Annotated[str, StringConstraints(max_length=160)]
Value = Annotated[str, StringConstraints(max_length=60)]
Place = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}\.[0-9]{1,2}$")]
"""Where a thing was shown: turn and position, such as 2.1."""
Number = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Things = Annotated[tuple[Place, ...], Field(max_length=8)]


class ValueLine(Frozen):
    """A value of a facet that is wanted or not, or a facet that counts less or no more."""

    op: Literal["set", "add", "avoid", "relax", "remove"]
    facet: str
    value: Value | None
    strength: Strength
    quote: Quote


class RangeLine(Frozen):
    """Bounds of a number: said (`min`, `max`, `about`), or meant (`level`, compared to `than`)."""

    op: Literal["range"]
    facet: str
    min: Number | None
    max: Number | None
    about: Number | None
    level: Literal["low", "high"] | None
    than: Place | None
    strength: Strength
    quote: Quote


class JudgeLine(Frozen):
    """What the user thinks of shown things."""

    op: Literal["accept", "reject", "been_to"]
    things: Things
    reason: Quote | None
    quote: Quote


class SaidLine(Frozen):
    """Something that the quote alone says: a wish, the situation, a profile entry, a command."""

    op: Literal[
        "wish", "unwish",
        "occasion", "recipient", "deadline", "place", "other",
        "like_always", "avoid_always", "practicalities", "aspirations", "for_now",
        "forget", "undo", "reset",
    ]  # fmt: skip
    quote: Quote


Line = Annotated[ValueLine | RangeLine | JudgeLine | SaidLine, Field(discriminator="op")]


class Pointing(Frozen):
    """Words that point at a shown thing."""

    at: Place
    quote: Quote


class Asked(Frozen):
    """One question of the user."""

    kind: Literal[
        "field", "compare", "extreme", "count", "why", "without", "more", "worth", "profile", "open"
    ]
    facet: str | None
    value: Value | None
    direction: Literal["min", "max"] | None
    things: Things
    quote: Quote


class Drawing(Frozen):
    """A wish for new designs."""

    base: Place | None
    count: Annotated[int, Field(ge=1, le=8)] | None
    quote: Quote


class Answer(Frozen):
    """The whole form."""

    intents: Annotated[tuple[Intent, ...], Field(max_length=10)]
    ops: Annotated[tuple[Line, ...], Field(max_length=16)]
    references: Annotated[tuple[Pointing, ...], Field(max_length=8)]
    unclear: Annotated[tuple[Quote, ...], Field(max_length=3)]
    questions: Annotated[tuple[Asked, ...], Field(max_length=4)]
    design: Drawing | None
    decline: Literal["unsafe", "off_topic", "nonsense"] | None


class UnreadableError(VitrineError):
    """The answer does not fit the form; the message says where, without repeating the answer."""


def read_answer(text: str) -> Answer:
    """The answer of a model; prose or a code fence around the JSON object is passed over.

    Raises:
        UnreadableError: no JSON, or not of the form.
    """
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise UnreadableError("expected one JSON object, found none")
    try:
        raw: object = json.loads(text[start : end + 1], strict=False)
        return Answer.model_validate(_filled(raw))
    except ValidationError as error:
        wrong = [
            f"{'.'.join(str(part) for part in e['loc'])}: {e['type']}" for e in error.errors()[:4]
        ]
        raise UnreadableError(f"these parts do not fit: {'; '.join(wrong)}"[:300]) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError("expected valid JSON") from error


def _filled(raw: object) -> object:
    """Absent fields that may be empty, filled in: providers without a schema leave them out."""
    if not isinstance(raw, Mapping):
        return raw
    whole = dict(cast("Mapping[str, object]", raw))
    for name in ("intents", "ops", "references", "unclear", "questions"):
        whole.setdefault(name, [])
    for name in ("design", "decline"):
        whole.setdefault(name, None)
    return whole


def answer_schema(pack: DomainPack) -> dict[str, Any]:
    """JSON schema of the form for one shop: facets are its own, every field is required.

    Values are free text on purpose: what the shop lacks is to be kept and told, not squeezed into
    what it has.
    """
    schema = cast("dict[str, Any]", _plain(Answer.model_json_schema()))
    definitions = schema["$defs"]
    numeric = [facet.name for facet in pack.facets if facet.kind == "numeric"]
    facet = {"type": "string", "enum": [facet.name for facet in pack.facets]}
    definitions["Facet"] = facet
    definitions["ValueLine"]["properties"]["facet"] = {"$ref": "#/$defs/Facet"}
    definitions["Asked"]["properties"]["facet"] = {
        "anyOf": [{"$ref": "#/$defs/Facet"}, {"type": "null"}]
    }
    if numeric:
        definitions["RangeLine"]["properties"]["facet"] = {"type": "string", "enum": numeric}
    else:
        del definitions["RangeLine"]
        lines = schema["properties"]["ops"]["items"]
        lines["anyOf"] = [a for a in lines["anyOf"] if not a["$ref"].endswith("/RangeLine")]
    return {"title": "Understanding", **schema}


_DROPPED = frozenset({"title", "description", "discriminator", "default"})


def _plain(node: object) -> object:
    """Without prose; `oneOf` becomes `anyOf`, which every provider knows; closed objects."""
    if isinstance(node, list):
        return [_plain(part) for part in cast("list[object]", node)]
    if not isinstance(node, Mapping):
        return node
    plain: dict[str, object] = {}
    for key, value in cast("Mapping[str, object]", node).items():
        if key in ("properties", "$defs"):
            named = cast("Mapping[str, object]", value)
            plain[key] = {name: _plain(part) for name, part in named.items()}
        elif key not in _DROPPED:
            plain["anyOf" if key == "oneOf" else key] = _plain(value)
    if "const" in plain:
        plain["enum"] = [plain.pop("const")]
    choices = plain.get("anyOf")
    if isinstance(choices, list):
        plain |= _nullable(cast("list[Mapping[str, object]]", choices))
        if "type" in plain:
            del plain["anyOf"]
    if "properties" in plain:
        plain["required"] = list(cast("Mapping[str, object]", plain["properties"]))
        plain["additionalProperties"] = False
    return plain


def _nullable(choices: list[Mapping[str, object]]) -> dict[str, object]:
    """`anyOf` of a plain type and null as one node, shorter; empty where it is anything else."""
    if len(choices) != 2 or choices[1] != {"type": "null"} or "type" not in choices[0]:
        return {}
    node = {**choices[0], "type": [choices[0]["type"], "null"]}
    if "enum" in node:
        node["enum"] = [*cast("list[object]", node["enum"]), None]
    return node

"""Scripted dialogues: the schema of the YAML / JSONL scripts that `vitrine replay` plays.

An unknown key is an error that names the file, the dialogue, the turn and the key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from pydantic import Field, ValidationError, model_validator

from vitrine.core.acts import Intent
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.refs import ShownRef
from vitrine.core.turn import RangeView

Values = dict[str, tuple[str, ...]]
MAX_SCRIPT_BYTES = 5_000_000


class ScriptUser(Frozen):
    """The shopper of a dialogue; the profile is free text, one sentence a line or full stop."""

    id: str = Field(min_length=1, max_length=64)
    profile: str = ""


class Rated(Frozen):
    """One interaction before the talk: 1 liked, 0 disliked."""

    item: str
    rating: Literal[0, 1]


class Pick(Frozen):
    """What the user selects in the UI."""

    turn: int = Field(ge=1)
    positions: tuple[int, ...] = Field(min_length=1)


class ProductsExpectation(Frozen):
    """What must hold of the recommended items."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    every: dict[str, tuple[str, ...] | RangeView] = Field(default_factory=dict)
    none: dict[str, tuple[str, ...] | RangeView] = Field(default_factory=dict)
    not_from_turns: tuple[int, ...] = ()
    no_duplicates: bool = False
    include: tuple[str, ...] = ()


class DesignsExpectation(Frozen):
    """What must hold of the newly drawn pictures."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    distinct: bool = False


class AnswerExpectation(Frozen):
    """What must hold of the structured answers."""

    facts: tuple[str, ...] = ()
    unknown: bool | None = None


class ProfileExpectation(Frozen):
    """Words that the profile's sentences have or lack (case-folded)."""

    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


class Expectation(Frozen):
    """The assertions of one turn. Absent keys assert nothing."""

    intents: tuple[Intent, ...] | None = None
    intents_not: tuple[Intent, ...] | None = None
    acts: tuple[str, ...] | None = None
    acts_any: tuple[str, ...] | None = None
    acts_not: tuple[str, ...] | None = None
    wants: Values | None = None
    avoids: Values | None = None
    ranges: dict[str, RangeView] | None = None
    hard: tuple[str, ...] | None = None
    soft: tuple[str, ...] | None = None
    soft_text: tuple[str, ...] | None = None
    absent: tuple[str, ...] | None = None
    disclosed: tuple[str, ...] | None = None
    focus: ShownRef | None = None
    accepted: tuple[ShownRef, ...] | None = None
    rejected: tuple[ShownRef, ...] | None = None
    products: ProductsExpectation | None = None
    designs: DesignsExpectation | None = None
    answer: AnswerExpectation | None = None
    profile: ProfileExpectation | None = None
    reasons_cite: tuple[str, ...] | None = None


class ScriptTurn(Frozen):
    """One user move and what must follow."""

    say: str = ""
    image: str | None = None
    pick: Pick | None = None
    expect: Expectation | None = None

    @model_validator(mode="after")
    def _something(self) -> ScriptTurn:
        if not self.say and self.image is None and self.pick is None:
            raise ValueError("a turn needs at least one of 'say', 'image', 'pick'")
        return self


class Script(Frozen):
    """One dialogue. `folder` is where relative pictures are looked up."""

    dialogue: str = Field(min_length=1, max_length=120)
    domain: str | None = None
    user: ScriptUser | None = None
    history: tuple[Rated, ...] = ()
    turns: tuple[ScriptTurn, ...] = Field(min_length=1)
    folder: str = "."


def load_scripts(paths: list[Path]) -> list[Script]:
    """All dialogues of files and folders (searched for *.yaml, *.yml, *.jsonl), sorted by path.

    Raises:
        RequestError: nothing found, unreadable, wrong key or value, repeated dialogue id.
    """
    scripts: list[Script] = []
    seen: dict[str, Path] = {}
    for path in _files(paths):
        for number, raw in enumerate(_documents(path), start=1):
            script = _parse(path, number, raw)
            if script.dialogue in seen:
                raise RequestError(
                    f"{path}: dialogue {script.dialogue!r} was already defined in"
                    f" {seen[script.dialogue]}; dialogue ids must be unique"
                )
            seen[script.dialogue] = path
            scripts.append(script)
    return scripts


def _files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in {".yaml", ".yml", ".jsonl"})
            if not inside:
                raise RequestError(f"{path}: no *.yaml or *.jsonl script in this folder")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise RequestError(f"no such script: {str(path)!r}")
    return list(dict.fromkeys(found))


def _documents(path: Path) -> Iterator[Any]:
    if path.stat().st_size > MAX_SCRIPT_BYTES:
        raise RequestError(f"{path}: larger than {MAX_SCRIPT_BYTES:,} bytes; split the script")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"{path}: not UTF-8 text ({error.reason} at byte {error.start})"
        ) from error
    if path.suffix == ".jsonl":
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise RequestError(f"{path}:{number}: not JSON: {error.msg}") from error
        return
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        raise RequestError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    yield from (document for document in documents if document is not None)


def _parse(path: Path, number: int, raw: Any) -> Script:
    if not isinstance(raw, dict):
        raise RequestError(
            f"{path}: document {number}: expected a mapping, found {type(raw).__name__}"
        )
    fields = cast("dict[str, Any]", raw)
    if "folder" in fields:
        raise RequestError(f"{path}: document {number}: unknown key 'folder'")
    name = fields.get("dialogue", f"#{number}")
    try:
        return Script.model_validate({**fields, "folder": str(path.parent)})
    except ValidationError as error:
        first = error.errors()[0]
        where = _where(first["loc"])
        if first["type"] == "extra_forbidden":
            raise RequestError(
                f"{path}: dialogue {name!r}: {where}unknown key {str(first['loc'][-1])!r}"
            ) from error
        key = str(first["loc"][-1]) if first["loc"] else "(dialogue)"
        raise RequestError(
            f"{path}: dialogue {name!r}: {where}key {key!r}: {first['msg']}"
            f" (got {_short(first['input'])})"
        ) from error


def _where(loc: tuple[int | str, ...]) -> str:
    """`turn 3, expect.products: ` from a validation path."""
    parts = list(loc[:-1])
    if parts[:1] == ["turns"] and len(parts) > 1 and isinstance(parts[1], int):
        inner = ".".join(str(part) for part in parts[2:])
        return f"turn {parts[1] + 1}: " + (f"{inner}: " if inner else "")
    return f"{'.'.join(str(part) for part in parts)}: " if parts else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

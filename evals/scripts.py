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

from vitrine.core.acts import Intent, SystemAct
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
    acts: tuple[SystemAct, ...] | None = None
    acts_any: tuple[SystemAct, ...] | None = None
    acts_not: tuple[SystemAct, ...] | None = None
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


Split = Literal["dev", "test"]
TEST_FOLDER = "test"
"""Scripts in a folder of this name are the held-out part; all others are for development."""
_PLACED = ("folder", "file", "split")


class Script(Frozen):
    """One dialogue.

    `folder` is where relative pictures are looked up; it, `file` and `split` come from where the
    script stands, never from its text.
    """

    dialogue: str = Field(min_length=1, max_length=120)
    domain: str | None = None
    user: ScriptUser | None = None
    history: tuple[Rated, ...] = ()
    turns: tuple[ScriptTurn, ...] = Field(min_length=1)
    folder: str = "."
    file: str = ""
    split: Split = "dev"

    @property
    def name(self) -> str:
        """File and dialogue, as messages call it."""
        return f"{self.file}: dialogue {self.dialogue!r}" if self.file else repr(self.dialogue)


def load_scripts(paths: list[Path], *, held_out: bool = False) -> list[Script]:
    """All dialogues of files and folders (searched for *.yaml, *.yml, *.jsonl), sorted by path.

    The `test` folders inside of a folder are searched only with `held_out`, or when they are named.

    Raises:
        RequestError: nothing found, unreadable, wrong key or value, repeated dialogue id.
    """
    scripts: list[Script] = []
    seen: dict[str, Path] = {}
    for path in _files(paths, held_out=held_out):
        for number, raw in enumerate(_documents(path), start=1):
            script = _parse(path, number, raw)
            if script.dialogue in seen:
                raise RequestError(
                    f"{path}: dialogue {script.dialogue!r} was already defined in"
                    f" {seen[script.dialogue]}; dialogue ids must be unique"
                )
            seen[script.dialogue] = path
            _check_pictures(script)
            scripts.append(script)
    return scripts


def _check_pictures(script: Script) -> None:
    for number, turn in enumerate(script.turns, start=1):
        if turn.image is not None and not (Path(script.folder) / turn.image).is_file():
            raise RequestError(
                f"{script.name}: turn {number}: key 'image': no file {turn.image!r}"
                f" in {script.folder!r}"
            )


def dump_script(script: Script) -> str:
    """The dialogue as YAML that `load_scripts` reads back."""
    plain = script.model_dump(mode="json", exclude_defaults=True, exclude=set(_PLACED))
    return yaml.dump(
        {"dialogue": plain.pop("dialogue"), **plain},
        sort_keys=False,
        allow_unicode=True,
        width=1000,
        Dumper=_ScriptDumper,
    )


class _ScriptDumper(yaml.SafeDumper):
    """Block style outside, flow style for the short values inside, as people write scripts."""

    def represent_sequence(
        self, tag: str, sequence: Any, flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        return super().represent_sequence(tag, sequence, flow_style=_flat(sequence) or flow_style)

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        fields = cast("dict[str, Any]", mapping)
        short = bool(fields) and not {"dialogue", "say", "acts", "wants", "absent"} & set(fields)
        node = super().represent_mapping(tag, mapping, flow_style=flow_style)
        if short and all(_flat(value) or not isinstance(value, list) for value in fields.values()):
            node.flow_style = len(str(fields)) < 110
        return node


def _flat(value: Any) -> bool:
    items = cast("list[Any]", value)
    return isinstance(value, list | tuple) and all(isinstance(v, str | int | float) for v in items)


def _files(paths: list[Path], *, held_out: bool) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                p
                for p in path.rglob("*")
                if p.suffix in {".yaml", ".yml", ".jsonl"}
                and (held_out or TEST_FOLDER not in p.relative_to(path).parts[:-1])
            )
            if not inside:
                raise RequestError(
                    f"{path}: no *.yaml or *.jsonl script in this folder"
                    f"{'' if held_out else f' (folders called {TEST_FOLDER!r} were left out)'}"
                )
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
        documents = list(yaml.load_all(text, Loader=_ScriptLoader))
    except yaml.YAMLError as error:
        raise RequestError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    yield from (document for document in documents if document is not None)


class _ScriptLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice: the first one would be lost silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            names = [str(key.value) for key, _ in node.value]
            twice = next((name for name in names if names.count(name) > 1), "<<")
            raise yaml.constructor.ConstructorError(
                "in a mapping", node.start_mark, f"key {twice!r} is given twice", node.start_mark
            )
        return mapping


def _parse(path: Path, number: int, raw: Any) -> Script:
    if not isinstance(raw, dict):
        raise RequestError(
            f"{path}: document {number}: expected a mapping, found {type(raw).__name__}"
        )
    fields = cast("dict[str, Any]", raw)
    name = fields.get("dialogue", f"#{number}")
    for key in _PLACED:
        if key in fields:
            raise RequestError(f"{path}: dialogue {name!r}: unknown key {key!r}")
    placed = {
        "folder": str(path.parent),
        "file": str(path),
        "split": "test" if path.absolute().parent.name == TEST_FOLDER else "dev",
    }
    try:
        return Script.model_validate({**fields, **placed})
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

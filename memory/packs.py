"""Read the items of a domain pack: every line checked, every text cleaned.

Item text is untrusted (it may come from any shop): it is data to show and to search, never obeyed.
Control and invisible steering characters are removed at this door.
"""

import json
import math
import re
import unicodedata
from pathlib import Path, PurePosixPath
from typing import Any, cast

from pydantic import ValidationError

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.items import Item

MAX_LINE_BYTES = 256 * 1024
MAX_ITEMS = 1_000_000

# C0/C1 controls, zero-width and bidirectional steering, tags, private use, surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffd"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """Text in NFC without control characters, runs of white space as one space."""
    safe = _UNSAFE.sub(" ", text)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", safe)).strip()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(entry) for entry in cast(list[Any], value)]
    if isinstance(value, dict):
        return {
            clean_text(key): _clean(entry) for key, entry in cast(dict[str, Any], value).items()
        }
    return value


def _no_constants(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _fault(item: Item, pack: DomainPack, allowed: dict[str, frozenset[str] | None]) -> str | None:
    """What is wrong with a well-formed item in this pack, or None."""
    for facet, values in item.facets.items():
        if facet not in allowed:
            return f"field facets.{facet}: no categorical facet of that name in domain.yaml"
        known = allowed[facet]
        strange = [value for value in values if known is not None and value not in known]
        if strange:
            return f"field facets.{facet}: {strange[0]!r} is none of the values in domain.yaml"
    for name, number in item.numbers.items():
        facet = pack.facet(name)
        if facet is None or facet.kind != "numeric":
            return f"field numbers.{name}: no numeric facet of that name in domain.yaml"
        if not math.isfinite(number):
            return f"field numbers.{name}: expected a finite number, got {number!r}"
    if item.picture is not None:
        path = PurePosixPath(item.picture)
        if path.is_absolute() or ".." in path.parts or "\\" in item.picture:
            return f"field picture: expected a path inside the pack, got {item.picture!r}"
    return None


def allowed_values(pack: DomainPack) -> dict[str, frozenset[str] | None]:
    """Values each categorical facet may have; None where the pack lists none."""
    allowed: dict[str, frozenset[str] | None] = {}
    for facet in pack.facets:
        if facet.kind != "categorical":
            continue
        source = pack.facet(facet.values_from) if facet.values_from else None
        names = {v.name for v in facet.values} | {v.name for v in (source.values if source else ())}
        allowed[facet.name] = frozenset(names) if names else None
    return allowed


def read_items(folder: Path, pack: DomainPack) -> tuple[Item, ...]:
    """The items of `items.jsonl`, in order.

    Raises:
        RequestError: the file is missing or empty, or a line is broken; names file, line and field.
    """
    path = folder / "items.jsonl"
    allowed = allowed_values(pack)
    items: list[Item] = []
    seen: dict[str, int] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                item = _read_line(line, f"{path}:{number}", pack, allowed)
                if item.id in seen:
                    raise RequestError(
                        f"{path}:{number}: item id {item.id!r} repeats the one of line"
                        f" {seen[item.id]}"
                    )
                seen[item.id] = number
                items.append(item)
                if len(items) > MAX_ITEMS:
                    raise RequestError(f"{path}: more than {MAX_ITEMS} items")
    except FileNotFoundError:
        raise RequestError(
            f"domain pack {str(folder)!r} has no items: {path.name} is missing"
        ) from None
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    if not items:
        raise RequestError(f"{path} holds no items: expected one JSON object a line")
    return tuple(items)


def _read_line(
    line: bytes, where: str, pack: DomainPack, allowed: dict[str, frozenset[str] | None]
) -> Item:
    if len(line) > MAX_LINE_BYTES:
        raise RequestError(f"{where}: line of {len(line)} bytes, expected at most {MAX_LINE_BYTES}")
    try:
        raw = json.loads(line.decode("utf-8"), parse_constant=_no_constants)
    except RecursionError:
        raise RequestError(f"{where}: not valid JSON: nested too deeply") from None
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise RequestError(f"{where}: not valid JSON: {error}") from error
    if not isinstance(raw, dict):
        raise RequestError(f"{where}: expected a JSON object, found {type(raw).__name__}")
    try:
        item = Item.model_validate(_clean(raw))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{where}: field {field or '(root)'}: {first['msg']}") from error
    fault = _fault(item, pack, allowed)
    if fault is not None:
        raise RequestError(f"{where}: {fault}")
    return item

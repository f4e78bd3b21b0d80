"""Tags of a catalogue's items beside their facets: `tags.jsonl` of the pack, made by `vitrine catalog tag`."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.refs import ItemId
from vitrine.memory.files import write_atomically
from vitrine.memory.packs import MAX_LINE_BYTES, clean_text

FILE = "tags.jsonl"
LONGEST = 40
MOST = 60


class ItemTags(Frozen):
    """Tags of one item.

    `model` are those of a language model, None where none was asked or none answered; `of` says what
    it was shown (`content_key`). `picture` are words that the encoder sees in the picture.
    """

    id: ItemId
    of: str = ""
    model: tuple[str, ...] | None = Field(default=None, max_length=MOST)
    picture: tuple[str, ...] = Field(default=(), max_length=MOST)

    @property
    def tags(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*(self.model or ()), *self.picture)))


def content_key(folder: Path, item: Item, scenario: str) -> str:
    """What a model is shown of an item, as 16 hex digits: words, picture file and its size, scenario."""
    size = -1
    if item.picture is not None and (folder / item.picture).is_file():
        size = (folder / item.picture).stat().st_size
    shown = [item.title, item.description, item.picture, size, scenario]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def read_tags(folder: Path) -> dict[ItemId, ItemTags]:
    """The tags of a pack by item; empty where nobody tagged it.

    A model wrote them after reading a shop's texts: they are cleaned like those.

    Raises:
        RequestError: a line is broken; names file, line and field.
    """
    path = folder / FILE
    found: dict[ItemId, ItemTags] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    entry = _read_line(line, f"{path}:{number}")
                    found[entry.id] = entry
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    return found


def _read_line(line: bytes, where: str) -> ItemTags:
    if len(line) > MAX_LINE_BYTES:
        raise RequestError(f"{where}: line of {len(line)} bytes, expected at most {MAX_LINE_BYTES}")
    try:
        entry = ItemTags.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{where}: field {field or '(root)'}: {first['msg']}") from error
    model = None if entry.model is None else _clean(entry.model)
    return entry.model_copy(update={"model": model, "picture": _clean(entry.picture)})


def _clean(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(tag for raw in tags if (tag := clean_text(raw)[:LONGEST].strip()))


def write_tags(folder: Path, tags: Mapping[ItemId, ItemTags]) -> Path:
    """Write them, atomically; the path of the file."""
    path = folder / FILE
    lines = [entry.model_dump_json(exclude_defaults=True) + "\n" for entry in tags.values()]
    write_atomically(path, "".join(lines).encode("utf-8"))
    return path

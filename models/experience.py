"""What people left behind, as training data: embedded pictures, ratings, groups, users.

A folder holds `embeddings.safetensors`, `users.jsonl`, `ratings.jsonl` and `groups.jsonl`; it is made
by `embed` and `shoppers`, or by `read` from ratings of another format, which also leaves
`origin.json`. A broken line stops before any training starts, with file and line.

Letters: N items, C captions an item, d embedding dimension.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError
from safetensors import safe_open

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import Floats, TasteEvidence

LIKED = 4
"""Ratings from here up are likes."""
DISLIKED = 2
"""Ratings from here down are dislikes."""

UserSplit = Literal["train", "validation", "heldout"]
Row = TypeVar("Row", bound=Frozen)


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


class UserRow(Frozen):
    """One line of users.jsonl. `stated`: (facet, value, signed preference in -1..1)."""

    user: str = Field(min_length=1)
    split: UserSplit
    stated: tuple[tuple[str, str, float], ...] = ()
    modes: int = 1


class RatingRow(Frozen):
    """One line of ratings.jsonl. `aside`: never trained on, whatever the item."""

    user: str
    item: int = Field(ge=0)
    rating: int = Field(ge=1, le=5)
    aside: bool = False


class GroupRow(Frozen):
    """One line of groups.jsonl: shown together for a text; `chosen` is 0 or 1 for each item."""

    user: str
    text: str
    items: tuple[int, ...] = Field(min_length=1)
    chosen: tuple[int, ...]
    split: Literal["train", "heldout"]


@dataclass(frozen=True)
class Rated:
    """Ratings of one user: item rows and values 1..5, both (n,), oldest first."""

    items: NDArray[np.int64]
    values: NDArray[np.int64]


@dataclass(frozen=True)
class Experience:
    """All of a folder.

    images (N, d) and captions (N, C, d) are raw embeddings, C may be 0; heldout (N,) marks items
    that are not trained on; `ratings` has one entry for each of `users`, in their order, and so has
    `aside`, bool (n,) each: ratings that are kept for measuring (empty: none but by item).
    `origin`: where all of it came from and how it was split, as JSON values.
    """

    space: str
    images: Floats
    captions: Floats
    heldout: NDArray[np.bool_]
    users: Sequence[UserRow]
    ratings: Sequence[Rated]
    groups: Sequence[GroupRow]
    sha256: str
    aside: Sequence[NDArray[np.bool_]] = ()
    origin: Mapping[str, object] = field(default_factory=lambda: {})

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of figures must know of these data."""
        told = self.origin.get("notes")
        if isinstance(told, list):
            return tuple(str(note) for note in cast("list[object]", told))
        return ("people are simulated shoppers; figures are of held-out users and items",)

    def of_split(self, split: UserSplit) -> list[int]:
        """Rows of `users` in a split."""
        return [row for row, user in enumerate(self.users) if user.split == split]

    def training_ratings(self, user: int) -> Rated:
        """Ratings that may be trained on, and that a history may be made of."""
        rated = self.ratings[user]
        keep = ~self._held_out(user)
        return Rated(rated.items[keep], rated.values[keep])

    def heldout_ratings(self, user: int) -> Rated:
        """Ratings that are kept for measuring."""
        rated = self.ratings[user]
        keep = self._held_out(user)
        return Rated(rated.items[keep], rated.values[keep])

    def _held_out(self, user: int) -> NDArray[np.bool_]:
        held = self.heldout[self.ratings[user].items]
        return held | self.aside[user] if self.aside else held

    def history(self, user: int, limit: int | None = None) -> TasteEvidence:
        """What is known of a user from (at most `limit`, the newest) ratings of training items."""
        rated = self.training_ratings(user)
        items, values = rated.items, rated.values
        if limit is not None:
            items, values = items[len(items) - limit :], values[len(values) - limit :]
        return TasteEvidence(
            liked=self.images[items[values >= LIKED]],
            disliked=self.images[items[values <= DISLIKED]],
        )

    def stated(self, user: int) -> Mapping[tuple[str, str], float]:
        """Facet preferences that the user has put in words."""
        return {(facet, value): weight for facet, value, weight in self.users[user].stated}


def read_experience(folder: Path) -> Experience:
    """Read a folder.

    Raises:
        RequestError: a file is missing or a line is broken; names file and line.
    """
    path = folder / "embeddings.safetensors"
    if not path.is_file():
        raise RequestError(f"{str(path)!r} is missing: make it with 'embed' or 'read'")
    with safe_open(path, framework="numpy") as file:
        meta: dict[str, str] = file.metadata()
        images: Floats = file.get_tensor("images").astype(np.float32)
        captions: Floats = file.get_tensor("captions").astype(np.float32)
        heldout: NDArray[np.bool_] = file.get_tensor("heldout").astype(np.bool_)
    digest = hashlib.sha256(json.dumps(meta, sort_keys=True).encode())
    users = [row for _, row in _rows(folder / "users.jsonl", UserRow, digest)]
    known = {user.user: place for place, user in enumerate(users)}
    items: list[list[int]] = [[] for _ in users]
    values: list[list[int]] = [[] for _ in users]
    aside: list[list[bool]] = [[] for _ in users]
    for where, row in _rows(folder / "ratings.jsonl", RatingRow, digest):
        _check(where, row.user, known, (row.item,), len(images))
        items[known[row.user]].append(row.item)
        values[known[row.user]].append(row.rating)
        aside[known[row.user]].append(row.aside)
    groups: list[GroupRow] = []
    for where, group in _rows(folder / "groups.jsonl", GroupRow, digest):
        _check(where, group.user, known, group.items, len(images))
        if len(group.chosen) != len(group.items):
            raise RequestError(
                f"{where}: {len(group.items)} items but {len(group.chosen)} in 'chosen'"
            )
        groups.append(group)
    rated = [Rated(np.asarray(i, np.int64), np.asarray(v, np.int64))
             for i, v in zip(items, values, strict=True)]  # fmt: skip
    return Experience(
        meta.get("space", ""),
        images,
        captions,
        heldout,
        users,
        rated,
        groups,
        digest.hexdigest(),
        [np.asarray(flags, np.bool_) for flags in aside],
        _origin(folder),
    )


def _origin(folder: Path) -> Mapping[str, object]:
    """What `read` says of the folder; empty where the people are simulated."""
    path = folder / "origin.json"
    if not path.is_file():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RequestError(f"{str(path)!r} is damaged: read the ratings again") from error
    if not isinstance(told, dict):
        raise RequestError(f"{str(path)!r} is damaged: read the ratings again")
    return cast("dict[str, object]", told)


def _rows(path: Path, kind: type[Row], digest: _Digest) -> Iterator[tuple[str, Row]]:
    try:
        lines = path.open("rb")
    except FileNotFoundError:
        raise RequestError(f"{str(path)!r} is missing") from None
    with lines:
        for number, line in enumerate(lines, start=1):
            digest.update(line)
            where = f"{path}:{number}"
            try:
                yield where, kind.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(str(part) for part in first["loc"]) or "(line)"
                raise RequestError(f"{where}: field {field}: {first['msg']}") from error


def _check(
    where: str, user: str, known: Mapping[str, int], items: Sequence[int], count: int
) -> None:
    if user not in known:
        raise RequestError(f"{where}: user {user!r} is not in users.jsonl")
    if items and max(items) >= count:
        raise RequestError(f"{where}: item {max(items)} does not exist: expected 0..{count - 1}")

"""Writes the folder that prior, verifier and reward train on: see `vitrine.models.experience`."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from vitrine.core.errors import RequestError
from vitrine.models.experience import LIKED, GroupRow, RatingRow, UserRow
from vitrine.models.ratings.interactions import Group, Interactions, Ratings
from vitrine.models.ratings.split import SplitKind, deal, part_of
from vitrine.models.ratings.vectors import Vectors, report_missing
from vitrine.models.training.checkpoint import write_atomically

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Terms:
    """What is kept and how it is split; see `vitrine.models.ratings.split`.

    min_likes: likes that a person must have given to be kept.
    """

    kind: SplitKind = "item"
    share: float = 0.2
    seed: int = 0
    min_likes: int = 1


def write_folder(
    out: Path, told: Interactions, vectors: Vectors, terms: Terms, *, source: str
) -> dict[str, object]:
    """Keep what has an embedding, split it, and write it; returns what `origin.json` says.

    Args:
        source: format and name of what was read.

    Raises:
        RequestError: nothing or too little is left.
    """
    names = list(told.items)
    missing = report_missing(names, vectors)
    row_of = {name: row for row, name in enumerate(vectors.names)}
    item_row = np.array([row_of.get(name, -1) for name in names], np.int64)
    read = told.columns()
    ratings = read.rows(item_row[read.item] >= 0)
    ratings = replace(ratings, item=item_row[ratings.item])
    likes = np.bincount(ratings.user[ratings.value >= LIKED], minlength=len(told.users))
    kept = np.flatnonzero(likes >= terms.min_likes)
    if not len(kept):
        raise RequestError(
            f"nobody of {len(told.users)} has {terms.min_likes} likes (ratings of {LIKED} and"
            " more) of items with an embedding"
        )
    place = np.full(len(told.users), -1, np.int64)
    place[kept] = np.arange(len(kept))
    ratings = ratings.rows(place[ratings.user] >= 0)
    ratings = replace(ratings, user=place[ratings.user])
    users = [list(told.users)[row] for row in kept]
    shown = list(_known(told.groups, place, item_row))
    split = deal(
        ratings,
        users,
        vectors.names,
        kind=terms.kind,
        share=terms.share,
        seed=terms.seed,
        groups=shown,
    )
    groups: list[GroupRow] = []
    for group in shown:
        part = part_of(group, split, users, vectors.names)
        if part is not None:
            side = "train" if split.users[part.user] == "train" else "heldout"
            chosen = tuple(int(was) for was in part.chosen)
            groups.append(GroupRow(user=users[part.user], text=part.text, items=part.items,
                                   chosen=chosen, split=side))  # fmt: skip
    log.info(
        "%d people, %d items, %d ratings, %d of %d groups",
        len(users), len(vectors.names), len(ratings), len(groups), len(told.groups),
    )  # fmt: skip
    origin: dict[str, object] = {
        "source": source,
        "split": split.about(),
        "users": len(users),
        "users_left_out": len(told.users) - len(users),
        "min_likes": terms.min_likes,
        "items": len(vectors.names),
        "items_without_embedding": missing,
        "ratings": len(ratings),
        "ratings_of_the_same_thing": len(told.user) - len(read),
        "groups": len(groups),
        "groups_without_a_choice_left": len(told.groups) - len(groups),
        "rows": {tally.path.name: {"read": tally.rows, "bad": tally.bad} for tally in told.tallies},
        "notes": [*told.notes, _judged_on(terms.kind)],
    }
    out.mkdir(parents=True, exist_ok=True)
    _tensors(out, vectors, split.heldout, origin)
    # Under --split item a held-out item says it all; otherwise each rating says whether it is aside.
    aside = split.aside & ~split.heldout[ratings.item]
    _lines(out / "users.jsonl", (UserRow(user=name, split=side)
                                 for name, side in zip(users, split.users, strict=True)))  # fmt: skip
    _lines(out / "ratings.jsonl", _rating_rows(users, ratings, aside))
    _lines(out / "groups.jsonl", groups)
    write_atomically(out / "origin.json", json.dumps(origin, indent=2) + "\n")
    return origin


def _judged_on(kind: SplitKind) -> str:
    what = {
        "item": "items that nobody trained on",
        "time": "what came after the cutoff",
        "user": "half of their own ratings",
        "group": "half of what they were shown, groups of one text together",
        "prompt": "texts that nobody trained on",
    }
    return f"figures are of people who were not trained on, and of {what[kind]}"


def _known(groups: Iterable[Group], place: np.ndarray, item_row: np.ndarray) -> Iterable[Group]:
    """Groups of people who are kept, with the items that have an embedding, in the new rows."""
    for group in groups:
        user = int(place[group.user])
        rows = [int(item_row[item]) for item in group.items]
        if user >= 0 and any(row >= 0 for row in rows):
            pairs = [(r, c) for r, c in zip(rows, group.chosen, strict=True) if r >= 0]
            yield Group(user, tuple(r for r, _ in pairs), tuple(c for _, c in pairs),
                        group.text, group.time)  # fmt: skip


def _rating_rows(users: list[str], ratings: Ratings, aside: np.ndarray) -> Iterable[RatingRow]:
    columns = (ratings.user.tolist(), ratings.item.tolist(), ratings.value.tolist(), aside.tolist())
    for user, item, value, kept in zip(*columns, strict=True):
        yield RatingRow(user=users[user], item=item, rating=value, aside=kept)


def _lines(path: Path, rows: Iterable[UserRow | RatingRow | GroupRow]) -> None:
    draft = path.with_suffix(path.suffix + ".new")
    with draft.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(row.model_dump_json(exclude_defaults=True) + "\n")
    os.replace(draft, path)


def _tensors(out: Path, vectors: Vectors, heldout: np.ndarray, origin: dict[str, object]) -> None:
    draft = out / "embeddings.new"
    save_file(
        {
            "images": np.ascontiguousarray(vectors.images, np.float32),
            "captions": np.ascontiguousarray(vectors.captions, np.float32),
            "heldout": heldout.astype(np.uint8),
        },
        draft,
        metadata={"space": vectors.space, "source": str(origin["source"])},
    )
    os.replace(draft, out / "embeddings.safetensors")
    write_atomically(out / "items.txt", "".join(f"{name}\n" for name in vectors.names))

"""Groups to learn from, with a random part of what is known of the people who chose.

Letters: B rows, N items of a group, H history.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.errors import RequestError
from vitrine.models.experience import (
    DISLIKED,
    LIKED,
    Experience,
    GroupRow,
    Rated,
    UserSplit,
)
from vitrine.models.prior.picks import HISTORY_SIZES

NO_HISTORY = 0.15
"""Share of rows without history."""
RATED_ITEMS = 16
"""Items in a group that is made of single ratings."""


class NobodyChose(RequestError):
    """The people of a split have no group in which something was chosen and something was not."""


@dataclass(frozen=True)
class GroupBatch:
    """Rows of one batch: user, text row, shown items (-1 padding), chosen, and the judged history."""

    user: NDArray[np.int64]  # (B,)
    text: NDArray[np.int64]  # (B,)
    items: NDArray[np.int64]  # (B, N)
    chosen: NDArray[np.bool_]  # (B, N)
    history: NDArray[np.int64]  # (B, H)
    signs: NDArray[np.int64]  # (B, H)


MOST_RATINGS, MOST_GROUPS = 240, 60
"""Of one person in `Records`; the newest ones."""


@dataclass(frozen=True)
class Records:
    """All that U training people left behind, padded.

    users: rows of the experience (U,). items, values: ratings (U, L), 0 where there is none. shown,
    chosen: groups of items (U, G, N), -1 where there is none. text: rows of the texts (U, G).
    """

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    values: NDArray[np.int64]
    shown: NDArray[np.int64]
    chosen: NDArray[np.bool_]
    text: NDArray[np.int64]

    def told(
        self, rows: NDArray[np.int64], size: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ratings of some people in random order, as rows of `items` (B, L), and how they judge (B, L).

        A verdict is 1 (liked), -1 (disliked) or 0; the first `size` columns are what is told of them.
        """
        mixed = rng.random((len(rows), self.items.shape[1])) + 2.0 * (self.values[rows] == 0)
        order = mixed.argsort(axis=1)
        values = np.take_along_axis(self.values[rows], order, axis=1)
        signs = (values >= LIKED).astype(np.int64) - ((values > 0) & (values <= DISLIKED))
        signs[:, size:] = 0
        return order, signs

    def group_of_each(
        self, rows: NDArray[np.int64], free: NDArray[np.bool_], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
        """One group of each of some people: items (B, N), chosen (B, N), rows of the texts (B,).

        Of those that are `free` (B, G); who has none gets a group in which nothing is chosen.
        """
        there = (self.shown[rows][:, :, 0] >= 0) & free  # (B, G)
        take = rows, (there * rng.random(there.shape)).argmax(axis=1)
        none = ~there.any(axis=1, keepdims=True)
        return self.shown[take], self.chosen[take] & ~none, self.text[take]


def record_split(group: GroupRow) -> UserSplit:
    """Where a group goes when groups are dealt 8 : 1 : 1 whosever they are (sec. 5.1), by its hash."""
    told = json.dumps([group.user, group.text, group.items])
    share = hashlib.sha256(told.encode()).digest()[0] / 256
    return "train" if share < 0.8 else "validation" if share < 0.9 else "heldout"


class GroupSampler:
    """Draws groups of training users with a random part of what is known of them.

    Half of the groups were shown together for a text; the others are made of single ratings (liked
    against disliked) without a text, which tell much more of a person for each pass of the tower.
    """

    def __init__(
        self,
        data: Experience,
        split: UserSplit = "train",
        *,
        aside: Callable[[GroupRow], bool] = lambda _: False,
    ) -> None:
        """Keeps the groups in which something was chosen and something was not.

        Args:
            split: whose groups; those of people that are not trained on count whatever the item.
            aside: groups that are not learned from, whosever they are.

        Raises:
            RequestError: there is none.
        """
        row_of = {user.user: row for row, user in enumerate(data.users)}
        self.groups: list[tuple[int, GroupRow]] = []
        for group in data.groups:
            user = row_of[group.user]
            if data.users[user].split != split or (split == "train" and group.split != "train"):
                continue
            if 0 < sum(group.chosen) < len(group.chosen) and not aside(group):
                self.groups.append((user, group))
        if not self.groups:
            raise NobodyChose(
                f"no group of the {split} users has both chosen and other items: a reward model"
                " learns from what was shown together"
            )
        self.texts = sorted({"", *(group.text for _, group in self.groups)})
        self._text_row = {text: row for row, text in enumerate(self.texts)}
        self._users = sorted({user for user, _ in self.groups})
        self._judged: dict[int, Rated] = {}
        for user in self._users:
            rated = data.training_ratings(user)
            keep = (rated.values >= LIKED) | (rated.values <= DISLIKED)
            self._judged[user] = Rated(rated.items[keep], rated.values[keep])

    def draw(
        self,
        batch: int,
        rng: np.random.Generator,
        *,
        rated: bool,
        places: Sequence[int] | None = None,
    ) -> GroupBatch:
        """`batch` groups; a group's own items never stand in the history beside it.

        Args:
            rated: groups of single ratings. places: which of `groups` (batch,); None: by chance.
        """
        longest, widest = max(HISTORY_SIZES), RATED_ITEMS
        user, text = np.zeros(batch, np.int64), np.zeros(batch, np.int64)
        items = np.full((batch, widest), -1, np.int64)
        chosen = np.zeros((batch, widest), np.bool_)
        history = np.full((batch, longest), -1, np.int64)
        signs = np.zeros((batch, longest), np.int64)
        for row in range(batch):
            place = None if places is None else places[row]
            user[row], text[row], shown, liked = self._group(rng, rated=rated, place=place)
            items[row, : len(shown)], chosen[row, : len(shown)] = shown, liked
            judged = self._judged[int(user[row])]
            free = np.flatnonzero(~np.isin(judged.items, shown))
            size = 0 if rng.random() < NO_HISTORY else int(rng.choice(HISTORY_SIZES))
            picked = rng.permutation(free)[:size]
            history[row, : len(picked)] = judged.items[picked]
            signs[row, : len(picked)] = np.where(judged.values[picked] >= LIKED, 1, -1)
        width = max(1, int((signs != 0).sum(axis=1).max()))
        used = int((items >= 0).sum(axis=1).max())
        return GroupBatch(
            user, text, items[:, :used], chosen[:, :used], history[:, :width], signs[:, :width]
        )

    def records(self, data: Experience) -> Records:
        """Ratings and groups of all these people."""
        place = {user: row for row, user in enumerate(self._users)}
        own: list[list[GroupRow]] = [[] for _ in place]
        for user, group in self.groups:
            own[place[user]].append(group)
        rated = [data.training_ratings(user) for user in self._users]
        longest = min(MOST_RATINGS, max(1, *(len(r.items) for r in rated)))
        many = min(MOST_GROUPS, max(map(len, own)))
        wide = min(RATED_ITEMS, max(len(group.items) for _, group in self.groups))
        items = np.zeros((len(own), longest), np.int64)
        values, text = np.zeros_like(items), np.zeros((len(own), many), np.int64)
        shown = np.full((len(own), many, wide), -1, np.int64)
        chosen = np.zeros(shown.shape, np.bool_)
        for row, (ratings, groups) in enumerate(zip(rated, own, strict=True)):
            kept = ratings.items[-longest:]
            items[row, : len(kept)], values[row, : len(kept)] = kept, ratings.values[-longest:]
            for column, group in enumerate(groups[-many:]):
                text[row, column] = self._text_row[group.text]
                shown[row, column, : len(group.items)] = group.items[:wide]
                chosen[row, column, : len(group.items)] = group.chosen[:wide]
        return Records(np.asarray(self._users, np.int64), items, values, shown, chosen, text)

    def _group(
        self, rng: np.random.Generator, *, rated: bool, place: int | None = None
    ) -> tuple[int, int, NDArray[np.int64], NDArray[np.bool_]]:
        """(user, text row, items, chosen)."""
        if not rated:
            place = int(rng.integers(len(self.groups))) if place is None else place
            user, group = self.groups[place]
            picked = slice(0, RATED_ITEMS)
            items = np.asarray(group.items[picked], np.int64)
            return user, self._text_row[group.text], items, np.asarray(group.chosen[picked], bool)
        user = int(rng.choice(self._users))
        judged = self._judged[user]
        places = rng.permutation(len(judged.items))[:RATED_ITEMS]
        return user, self._text_row[""], judged.items[places], judged.values[places] >= LIKED

"""What people did with items, whatever format it came in: ratings, and groups shown together."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vitrine.models.experience import LIKED
from vitrine.models.ratings.door import BadRow, Tally

TAKEN, PASSED = 5, 1
"""Ratings of things that were picked and of things that were turned down."""
CLICKED, IGNORED = 4, 2
"""Ratings of things that were clicked, and of things beside them that were not."""
EARLIER = 0.0
"""Time of what came before everything that is dated."""
UNKNOWN = math.nan
"""Time of what was not dated; it counts in the order in which it was read."""


@dataclass(frozen=True)
class Scale:
    """A scale of ratings. `low` becomes one star and `high` five; values from `least` are valid."""

    low: float
    high: float
    least: float | None = None

    def stars(self, value: float) -> int:
        """Stars 1..5, rounded towards the middle: four stars are three quarters of the way at least.

        Raises:
            BadRow: the value is outside of the scale.
        """
        least = self.low if self.least is None else self.least
        if not least <= value <= self.high:
            raise BadRow(f"rating {value:g} is outside of {least:g}..{self.high:g}")
        exact = 1 + 4 * (max(value, self.low) - self.low) / (self.high - self.low)
        # a hair's breadth of rounding error must not turn four stars into three
        return math.floor(exact + 1e-9) if exact >= 3 else math.ceil(exact - 1e-9)


@dataclass(frozen=True)
class Group:
    """Rows of items that were shown together, which were taken, for what text, and when."""

    user: int
    items: tuple[int, ...]
    chosen: tuple[bool, ...]
    text: str = ""
    time: float = UNKNOWN


@dataclass
class Interactions:
    """Ratings (columns of equal length, in the order read), groups and titles."""

    users: dict[str, int] = field(default_factory=lambda: {})
    items: dict[str, int] = field(default_factory=lambda: {})
    user: array[int] = field(default_factory=lambda: array("l"))
    item: array[int] = field(default_factory=lambda: array("l"))
    value: array[int] = field(default_factory=lambda: array("b"))
    time: array[float] = field(default_factory=lambda: array("d"))
    groups: list[Group] = field(default_factory=lambda: [])
    titles: dict[str, str] = field(default_factory=lambda: {})
    tallies: list[Tally] = field(default_factory=lambda: [])
    notes: list[str] = field(default_factory=lambda: [])
    """What a reader of figures must know of these ratings."""

    def rate(self, user: str, item: str, stars: int, time: float = UNKNOWN) -> None:
        """Add one rating, stars 1..5."""
        self.user.append(self.users.setdefault(user, len(self.users)))
        self.item.append(self.items.setdefault(item, len(self.items)))
        self.value.append(stars)
        self.time.append(time)

    def show(
        self,
        user: str,
        items: Sequence[str],
        chosen: Sequence[bool],
        *,
        text: str = "",
        time: float = UNKNOWN,
    ) -> None:
        """Add things that were shown together; a thing that stands twice counts once."""
        taken: dict[str, bool] = {}
        for item, was in zip(items, chosen, strict=True):
            taken[item] = taken.get(item, False) or was
        self.groups.append(
            Group(
                self.users.setdefault(user, len(self.users)),
                tuple(self.items.setdefault(item, len(self.items)) for item in taken),
                tuple(taken.values()),
                text,
                time,
            )
        )

    def group_ratings(self, size: int) -> None:
        """Make groups of `size` ratings of one person that follow each other; likes are chosen.

        For formats that do not tell what was shown together.
        """
        table = self.columns()
        order = np.argsort(table.user, kind="stable")  # within a person the order stays
        users, items = table.user[order], table.item[order]
        likes, times = table.value[order] >= LIKED, table.time[order]
        starts = np.flatnonzero(np.diff(users, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(users)], strict=True):
            for at in range(int(start), int(end) - size + 1, size):
                part = slice(at, at + size)
                chosen = tuple(bool(like) for like in likes[part])
                if 0 < sum(chosen) < size:
                    shown = tuple(int(item) for item in items[part])
                    latest = float(times[part][-1])
                    self.groups.append(Group(int(users[at]), shown, chosen, "", latest))
        self.notes.append(
            f"groups are {size} ratings that follow each other, not things shown together"
        )

    def columns(self) -> Ratings:
        """The ratings as arrays, oldest first; of several ratings of one thing the last counts."""
        table = Ratings(
            np.asarray(self.user, np.int64),
            np.asarray(self.item, np.int64),
            np.asarray(self.value, np.int64),
            np.asarray(self.time, np.float64),
        )
        table = table.rows(np.argsort(table.time, kind="stable"))  # NaN last, in their order
        pair = table.user * max(len(self.items), 1) + table.item
        _, last = np.unique(pair[::-1], return_index=True)
        return table.rows(np.sort(len(pair) - 1 - last))


@dataclass(frozen=True)
class Ratings:
    """Columns of ratings, (n,) each: rows of users and items, stars 1..5, seconds since 1970 or NaN."""

    user: NDArray[np.int64]
    item: NDArray[np.int64]
    value: NDArray[np.int64]
    time: NDArray[np.float64]

    def rows(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Ratings:
        """Some of the rows."""
        return Ratings(self.user[which], self.item[which], self.value[which], self.time[which])

    def __len__(self) -> int:
        return len(self.user)

"""Who and what is held out: by hashes of names and a seed, so the same data give the same split.

People are always dealt to train, validation and heldout; nobody's ratings serve two of them. What a
held-out person is judged on is then kept apart from what is known of them, in one of three ways:
by item (items that nobody trained on), by time (what came after a moment), by user (half of the
person's own ratings), by group (half of what they were shown, whole groups of a text together), by
prompt (texts that nobody trained on, with everything that was shown for them). No rating that
anybody is judged on is trained on, or stands in a history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vitrine.core.errors import RequestError
from vitrine.models.experience import UserSplit
from vitrine.models.ratings.interactions import EARLIER, Group, Ratings

SplitKind = Literal["item", "time", "user", "group", "prompt"]
VALIDATION = 0.1
"""Share of the people who stop and calibrate a training."""


@dataclass(frozen=True)
class Split:
    """The outcome. `users` by row; heldout (items,); aside (ratings,): never trained on, judged on.

    cutoff: seconds since 1970 where the split is by time.
    """

    kind: SplitKind
    seed: int
    share: float
    users: tuple[UserSplit, ...]
    heldout: NDArray[np.bool_]
    aside: NDArray[np.bool_]
    cutoff: float | None = None

    def about(self) -> dict[str, object]:
        """What the card of a model says of it."""
        told: dict[str, object] = {
            "kind": self.kind,
            "seed": self.seed,
            "heldout_share": self.share,
            "users": {name: self.users.count(name) for name in ("train", "validation", "heldout")},
            "heldout_items": int(self.heldout.sum()),
            "ratings_set_aside": int(self.aside.sum()),
        }
        if self.cutoff is not None:
            told["cutoff"] = datetime.fromtimestamp(self.cutoff, UTC).isoformat(timespec="seconds")
        return told


def chance(seed: int, *names: str) -> float:
    """A number in 0..1 that depends on the names alone."""
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def deal(
    ratings: Ratings,
    users: Sequence[str],
    items: Sequence[str],
    *,
    kind: SplitKind,
    share: float,
    seed: int,
    groups: Sequence[Group] = (),
) -> Split:
    """Split people, and what they are judged on.

    Args:
        share: of people, and of items, prompts or of the time, that is held out.
        groups: what was shown together, by rows of users and items.

    Raises:
        RequestError: the share leaves nobody to train on or to judge, or there are no times, or no
            groups or texts to split by.
    """
    if not 0 < share < 1 - VALIDATION:
        raise RequestError(f"--heldout {share!r}: expected more than 0 and less than .9")
    dealt: tuple[UserSplit, ...] = tuple(_side(chance(seed, "user", name), share) for name in users)
    for side in ("train", "heldout"):
        if side not in dealt:
            raise RequestError(
                f"{len(users)} people are too few to hold out {share:.0%}: none is left as {side!r}"
            )
    heldout = np.zeros(len(items), np.bool_)
    aside = np.zeros(len(ratings), np.bool_)
    cutoff: float | None = None
    if kind == "item":
        heldout = np.array([chance(seed, "item", name) < share for name in items], np.bool_)
        aside = heldout[ratings.item]
    elif kind == "time":
        dated = ratings.time[ratings.time > EARLIER]
        if not len(dated) or np.isnan(ratings.time).any():
            raise RequestError("--split time: some ratings have no time; use item or user")
        cutoff = float(np.quantile(dated, 1 - share))
        aside = ratings.time > cutoff
        known = np.zeros(len(items), np.bool_)
        known[ratings.item[~aside]] = True
        heldout = ~known  # nobody had met these before
    elif kind == "prompt":
        if not any(group.text for group in groups):
            raise RequestError("--split prompt: nothing was shown for a text; use item or user")
        for group in groups:
            if _is_new_text(seed, share, group.text):
                heldout[list(group.items)] = True
        aside = heldout[ratings.item]
    elif kind == "group":
        if not groups:
            raise RequestError("--split group: the format does not tell what was shown together")
        judged_on = {
            (group.user, item)
            for group in groups
            if dealt[group.user] != "train" and _is_judged(seed, users[group.user], group, items)
            for item in group.items
        }
        pairs = zip(ratings.user.tolist(), ratings.item.tolist(), strict=True)
        aside = np.array([pair in judged_on for pair in pairs], np.bool_)
    else:
        away = np.array([side != "train" for side in dealt], np.bool_)[ratings.user]
        pairs = zip(ratings.user.tolist(), ratings.item.tolist(), strict=True)
        half = [chance(seed, users[int(u)], items[int(i)]) < 0.5 for u, i in pairs]
        aside = away & np.array(half, np.bool_)
    judged = np.array([side == "heldout" for side in dealt], np.bool_)[ratings.user]
    if aside.all() or not (aside & judged).any():
        raise RequestError(f"{len(ratings)} ratings are too few to hold out {share:.0%} by {kind}")
    return Split(kind, seed, share, dealt, heldout, aside, cutoff)


def _side(place: float, share: float) -> UserSplit:
    if place < share:
        return "heldout"
    return "validation" if place < share + VALIDATION else "train"


def _is_new_text(seed: int, share: float, text: str) -> bool:
    """Whether a text is held out; what was shown for no text never is."""
    return bool(text) and chance(seed, "prompt", text) < share


def _is_judged(seed: int, user: str, group: Group, items: Sequence[str]) -> bool:
    """Whether a person is judged on a group; groups of one text stay together."""
    key = (group.text,) if group.text else tuple(sorted(items[i] for i in group.items))
    return chance(seed, "group", user, *key) < 0.5


def part_of(group: Group, split: Split, users: Sequence[str], items: Sequence[str]) -> Group | None:
    """What of a group its person may be trained or judged on; None: no choice is left in it."""
    train = split.users[group.user] == "train"
    if split.kind == "time":
        out = not group.time <= (split.cutoff or 0.0)
        keep = [out != train] * len(group.items)
        if train:
            keep = [k and not split.heldout[i] for k, i in zip(keep, group.items, strict=True)]
    elif split.kind == "item":
        keep = [bool(split.heldout[i]) != train for i in group.items]
    elif split.kind == "prompt":
        out = _is_new_text(split.seed, split.share, group.text)
        keep = [out != train and bool(split.heldout[i]) != train for i in group.items]
    elif split.kind == "group":
        out = train or _is_judged(split.seed, users[group.user], group, items)
        keep = [out] * len(group.items)
    else:
        keep = [train or chance(split.seed, users[group.user], items[i]) < 0.5 for i in group.items]
    places = [place for place, kept in enumerate(keep) if kept]
    chosen = tuple(group.chosen[place] for place in places)
    if all(chosen) or not any(chosen):
        return None
    shown = tuple(group.items[place] for place in places)
    return Group(group.user, shown, chosen, group.text, group.time)

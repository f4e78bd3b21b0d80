"""Batches of rated items for the taste models: whose they are, what was known before, what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitrine.core.errors import RequestError
from vitrine.models.experience import DISLIKED, LIKED, Experience
from vitrine.models.training import Loss

RATING_WEIGHTS = (2.0, 1.0, 1.0, 1.5, 3.0)
"""How often ratings 1 to 5 are drawn, whatever their share in the log."""
HISTORY_SIZES = (0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 80)
"""Numbers of judgements that are drawn as a history, all equally often."""
TARGETS = 8
"""Rated items that are predicted from one history."""


@dataclass(frozen=True)
class Picks:
    """One batch: P people with judged items (-1 padding), and T targets each, B = P * T rows."""

    user: NDArray[np.int64]  # (P,)
    history: NDArray[np.int64]  # (P, H)
    signs: NDArray[np.int64]  # (P, H)
    target: NDArray[np.int64]  # (B,), T rows of the first person first
    rating: NDArray[np.int64]  # (B,)

    @property
    def person(self) -> NDArray[np.int64]:
        """Whose row it is, (B,)."""
        return np.repeat(np.arange(len(self.user)), len(self.target) // len(self.user))


class TasteSampler:
    """Draws histories and rated items from training users and training items."""

    def __init__(self, experience: Experience, users: list[int], *, least: int = 1) -> None:
        """Keeps the users with enough ratings.

        Args:
            experience: what was rated.
            users: rows of the users to draw from.
            least: lowest rating of a target; histories have all judgements.

        Raises:
            RequestError: there is none.
        """
        rated = {user: experience.training_ratings(user) for user in users}
        self._rated = {
            user: r for user, r in rated.items() if int((r.values >= least).sum()) > TARGETS
        }
        self._least = least
        self._users = list(self._rated)
        if not self._users:
            raise RequestError(
                f"nobody in this split has more than {TARGETS} ratings of training items"
                + (f" of {least} or more" if least > 1 else "")
            )

    def draw(self, people: int, rng: np.random.Generator, *, evenly: bool = True) -> Picks:
        """`people` histories with `TARGETS` rated items each; `evenly`: by `RATING_WEIGHTS`."""
        longest = max(HISTORY_SIZES)
        history = np.full((people, longest), -1, np.int64)
        signs = np.zeros((people, longest), np.int64)
        target = np.zeros((people, TARGETS), np.int64)
        rating = np.zeros((people, TARGETS), np.int64)
        user = rng.choice(self._users, size=people)
        for row in range(people):
            rated = self._rated[int(user[row])]
            chance = np.ones(len(rated.items))
            if evenly:
                counts = np.bincount(rated.values, minlength=6)
                chance = np.asarray(RATING_WEIGHTS)[rated.values - 1] / counts[rated.values]
            chance = chance * (rated.values >= self._least)
            places = rng.choice(
                len(rated.items), size=TARGETS, replace=False, p=chance / chance.sum()
            )
            target[row], rating[row] = rated.items[places], rated.values[places]
            judged = np.flatnonzero((rated.values >= LIKED) | (rated.values <= DISLIKED))
            # A target is not part of the history it is predicted from, under whatever rating.
            judged = judged[~np.isin(rated.items[judged], target[row])]
            chosen = rng.permutation(judged)[: int(rng.choice(HISTORY_SIZES))]
            if rng.random() < 0.25:  # people who only ever like things
                chosen = chosen[rated.values[chosen] >= LIKED]
            history[row, : len(chosen)] = rated.items[chosen]
            signs[row, : len(chosen)] = np.where(rated.values[chosen] >= LIKED, 1, -1)
        width = max(1, int((signs != 0).sum(axis=1).max()))
        return Picks(user, history[:, :width], signs[:, :width], target.ravel(), rating.ravel())


class TasteLoss(Protocol):
    """A loss whose people can be chosen."""

    def __call__(
        self, step: int, generator: torch.Generator, sampler: TasteSampler = ...
    ) -> tuple[Tensor, dict[str, float]]: ...


def watching(loss: TasteLoss, data: Experience, *, least: int = 1) -> Loss:
    """The same loss on the people of the validation split, for early stopping; `least` as above.

    Raises:
        RequestError: they have too few ratings.
    """
    sampler = TasteSampler(data, data.of_split("validation"), least=least)
    return lambda step, generator: loss(step, generator, sampler)

"""The people and things of a measurement: who is asked, what may be shown, what is true.

Letters: U shoppers, N items, S items of the shelf, d embedding dimension.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats
from vitrine.evals.shoppers import (
    RATING_SHARES,
    Facets,
    Shopper,
    ShopperWorld,
    Wares,
    make_shopper,
    rate,
    read_wares,
    utilities,
)
from vitrine.models.experience import LIKED, Experience, Rated, UserSplit, read_experience

LIKED_SHARE = RATING_SHARES[LIKED - 2]
"""Percentile from which an item counts as one that its shopper likes: chance is 1 - this."""

FRESH = 200
"""Training items that a measured shopper rates once more, for the judge's eyes only."""
FRESH_HELDOUT = 50
"""Held-out items that they rate for measuring the judge."""


LEAST_SHELF = 30
"""Held-out items beyond those that a shopper has rated."""


@dataclass(frozen=True)
class TasteWorld:
    """Simulated shoppers with what they left behind, and the truth about them.

    truth (U, N): utilities. shelf (S,): rows of the held-out items. They were not trained on by
    anything, and they are what may be shown.
    """

    data: Experience
    wares: Wares
    shopping: ShopperWorld
    truth: Floats
    shelf: NDArray[np.int64]

    def people(self, split: UserSplit, limit: int | None = None) -> list[int]:
        """Rows of shoppers of a split, in the order of the file."""
        return self.data.of_split(split)[:limit]

    def shopper(self, user: int) -> Shopper:
        """The simulated person behind a row of users.jsonl."""
        return make_shopper(self.wares, self.shopping, user)

    @cached_property
    def percentiles(self) -> Floats:
        """Standing of each item of the shelf with each shopper, (U, S) in 0..1."""
        ranks = self.truth[:, self.shelf].argsort(axis=1).argsort(axis=1)
        return (ranks / max(len(self.shelf) - 1, 1)).astype(np.float32)

    def fresh(self, user: int) -> tuple[Rated, Rated]:
        """Ratings that no log has: of training items that the shopper has not rated, of the shelf.

        New exposure, new noise. Whoever learns from the first has seen nothing of what the prior
        was given or trained on.
        """
        world = self.shopping.model_copy(update={"ratings_train": FRESH})
        rng = np.random.default_rng([self.shopping.seed, user, 77])
        pairs = rate(self.truth[user], self.wares, world, rng, heldout=FRESH_HELDOUT)
        items = np.asarray([item for item, _ in pairs], np.int64)
        values = np.asarray([value for _, value in pairs], np.int64)
        new = ~np.isin(items, self.data.ratings[user].items)
        aside = self.data.heldout[items]
        return (
            Rated(items[new & ~aside], values[new & ~aside]),
            Rated(items[new & aside], values[new & aside]),
        )

    def modes(self, user: int) -> Floats:
        """Standing of the shelf with each single taste of a shopper, (modes, S) in 0..1."""
        whole = self.shopper(user)
        nowhere = np.zeros_like(whole.direction)
        single = [replace(whole, modes=(mode,), direction=nowhere) for mode in whole.modes]
        worth = utilities(single, self.wares, self.shopping)[:, self.shelf]
        ranks = worth.argsort(axis=1).argsort(axis=1)
        return (ranks / max(len(self.shelf) - 1, 1)).astype(np.float32)

    def worth(self, users: Sequence[int], facets: Sequence[Facets], images: Floats) -> Floats:
        """Standing of new pictures among the shelf, (users, pictures) in 0..1.

        Args:
            users: rows of shoppers.
            facets: what each picture shows, as somebody read it.
            images: embeddings of the pictures, (pictures, d).

        Raises:
            RequestError: the simulation makes utilities in a way that cannot be carried over.
        """
        shoppers = [self.shopper(user) for user in users]
        nowhere = np.zeros_like(shoppers[0].direction)
        wares = replace(
            self.wares,
            facets=[*self.wares.facets, *facets],
            captions=[*self.wares.captions, *([""] for _ in facets)],
            images=np.concatenate([self.wares.images, images]),
            heldout=np.concatenate([self.wares.heldout, np.ones(len(facets), np.bool_)]),
        )
        by_facets = utilities(
            [replace(s, direction=nowhere) for s in shoppers], wares, self.shopping
        )
        # Principal axes would turn with the new pictures; the leaning that the items show does not.
        leaning = utilities([replace(s, modes=({},)) for s in shoppers], self.wares, self.shopping)
        by_look = _affine(self.wares.images, leaning)(wares.images)  # (users, N + pictures)
        values = by_facets + self.shopping.direction * by_look
        shelf = values[:, self.shelf]
        if min(map(_correlation, shelf, self.truth[list(users)][:, self.shelf])) < 0.99:
            raise RequestError("the shoppers' utility is no longer a sum of facets and look")
        made = values[:, len(self.wares.facets) :]
        below = [
            np.searchsorted(row, new) for row, new in zip(np.sort(shelf, axis=1), made, strict=True)
        ]
        return (np.stack(below) / len(self.shelf)).astype(np.float32)


def _affine(images: Floats, values: Floats) -> Callable[[Floats], Floats]:
    """The affine map (n, d) -> (users, n) that gives values (users, N) for images (N, d)."""

    def with_one(rows: Floats) -> Floats:
        return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)

    weights = np.linalg.lstsq(with_one(images), values.T, rcond=None)[0]
    return lambda rows: (with_one(rows) @ weights).T.astype(np.float32)


def _correlation(left: Floats, right: Floats) -> float:
    return float(np.corrcoef(left, right)[0, 1])


def read_world(drawings: Path, shoppers: Path, pack: DomainPack) -> TasteWorld:
    """Read a folder of simulated shoppers and the drawings that they have met.

    Raises:
        RequestError: a file is missing or broken, or the shoppers cannot be made again from their
            description.
    """
    data = read_experience(shoppers)
    wares = read_wares(drawings, shoppers / "embeddings.safetensors", pack)
    try:
        about = json.loads((shoppers / "shoppers.json").read_text(encoding="utf-8"))
        with safe_open(shoppers / "truth.safetensors", framework="numpy") as file:
            truth: Floats = file.get_tensor("utilities").astype(np.float32)
    except FileNotFoundError as error:
        raise RequestError(
            f"{str(shoppers)!r} holds no simulated shoppers: {error.filename!r} is missing"
        ) from error
    world = TasteWorld(
        data, wares, ShopperWorld(**about["world"]), truth, np.flatnonzero(data.heldout)
    )
    least = world.shopping.ratings_heldout + LEAST_SHELF
    if len(world.shelf) < least:
        raise RequestError(
            f"{str(shoppers)!r} has {len(world.shelf)} held-out items: expected at least {least},"
            f" since people have rated {world.shopping.ratings_heldout}; draw more"
        )
    some = world.people("heldout", 5)
    if not some or len(world.people("validation", 2)) < 2:
        raise RequestError(
            f"{str(shoppers)!r} has no shoppers to measure with: simulate more of them"
        )
    again = utilities([world.shopper(user) for user in some], wares, world.shopping)
    if float(np.abs(again - truth[some]).max()) > 0.05:
        raise RequestError(
            f"{str(shoppers)!r}: these shoppers come from another version of the simulation;"
            " simulate them again"
        )
    return world

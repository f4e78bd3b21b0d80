"""What the network warms up on: what somebody's favourite values in the words would change.

A picture that somebody likes shows much beside what they like it for; denoising it says so little of a
taste that thousands of steps are lost in noise. The frozen renderer knows what a value changes: its two
predictions for one noise, for the words with one person's favourites filled in and with another's,
differ in that alone. The network learns this difference, from the one person: what pleases everybody
cancels out on average, and with it what would push the request aside. What the favourites are is read
off ratings and stated preferences, by name; what the network is given of a person is what it is always
given.

Letters: N items, R rows.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.models.dataset import Drawings
from vitrine.models.experience import Experience
from vitrine.models.interest.latents import read_latents
from vitrine.models.perfusion.favourites import Favourites, Vocabulary
from vitrine.models.perfusion.pictures import Latents
from vitrine.models.perfusion.pool import SAID, split_of

SAID_OF_PEOPLE = 3
"""Favourites that stand in a wish: those that people feel most about; the rest of them is chance."""
REWORDED = 4
"""Tries to word a request that is not held out."""


@dataclass(frozen=True)
class Shelf:
    """Single pictures: their latents, and a request that each of them meets.

    latents (n, c, h, w) float16; place (N,): the row of each item, -1 where it has none; asked: facet
    -> value, of items that have a request.
    """

    latents: Tensor
    place: NDArray[np.int64]
    asked: Mapping[int, Mapping[str, str]]
    vocabulary: Vocabulary
    favourites: Favourites
    sha256: str

    def as_latents(self) -> Latents:
        """The same as pictures of groups."""
        return Latents(self.latents, self.place, self.sha256)

    def rows(self, data: Experience, *, aside: bool) -> NDArray[np.int64]:
        """Items with a picture and a request: what is learned from, or what is kept for measuring."""
        items = np.asarray(sorted(self.asked), np.int64)
        return items[data.heldout[items] == aside]

    def words(self, item: int) -> str:
        """The request of an item."""
        return self.vocabulary.words(self.asked[item])

    def wish(self, user: int, item: int) -> str:
        """The request of an item with what a person would like best of what it leaves open."""
        asked, vocabulary = self.asked[item], self.vocabulary
        best = self.favourites.best(user, vocabulary.values[asked[vocabulary.head]])
        free = [facet for facet in vocabulary.open_facets(best) if facet not in asked]
        first = [facet for facet in best if facet in free][:SAID_OF_PEOPLE]
        return vocabulary.words(asked, {facet: best[facet] for facet in first})


def read_shelf(
    drawings: Drawings, data: Experience, pack: DomainPack, autoencoder: Any, folder: Path,
    cache: Path, *, side: int, seed: int,
) -> Shelf:  # fmt: skip
    """The drawings that are the first items of `data`, encoded once and kept in `cache`.

    Args:
        folder: where the autoencoder's weights lie. side: pixels that the denoiser draws.

    Raises:
        RequestError: more drawings than items, none to learn from, or the pack can say nothing of them.
    """
    count = len(drawings.captions)
    if count > len(data.images):
        raise RequestError(f"{count} drawings but {len(data.images)} embedded things")
    there = np.setdiff1d(np.arange(count), np.asarray(drawings.missing, np.int64))
    vocabulary = Vocabulary(drawings, pack)
    asked: dict[int, Mapping[str, str]] = {}
    for item in there.tolist():
        found = short_request(drawings.values(item), vocabulary, random.Random(f"{seed}:{item}"))
        if found is not None:
            asked[item] = found
    latents = read_latents(drawings, there, autoencoder, folder, cache, side=side)
    place = np.full(len(data.images), -1, np.int64)
    place[there] = np.arange(len(there))
    shelf = Shelf(
        latents, place, asked, vocabulary, Favourites(drawings, data), drawings.sha256
    )  # fmt: skip
    if not len(shelf.rows(data, aside=False)):
        raise RequestError("no picture to warm up on has a request: give --warm 0")
    return shelf


def short_request(
    values: Mapping[str, str], vocabulary: Vocabulary, rng: random.Random
) -> Mapping[str, str] | None:
    """The kind of a thing and at most two facets of it, as `train pool` asks.

    Texts that are held out are asked otherwise; None where that does not help, and for a kind that
    nothing to train on has.
    """
    free = vocabulary.open_facets(values)
    for _ in range(REWORDED):
        said = rng.sample(free, min(len(free), rng.choice(SAID)))
        asked = {f: v for f, v in values.items() if f == vocabulary.head or f in said}
        if (
            asked.get(vocabulary.head) in vocabulary.values
            and split_of(vocabulary.words(asked)) == "train"
        ):
            return asked
    return None

"""What the network warms up on: single pictures, for people who like them.

Picks from a group tell a bit each; a picture that somebody likes shows at once what a taste looks
like. Half of the rows are likes of real people of the data, the others of people who are made up: they
like what looks like the picture. No history holds the picture itself, and none a held-out one.

Letters: N items, R rows, M things of a made-up history, d embedding dimension.
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
from vitrine.core.ports import Floats
from vitrine.core.prompts import design_facets, write_prompt
from vitrine.models.dataset import Drawings
from vitrine.models.experience import LIKED, Experience
from vitrine.models.interest.latents import read_latents
from vitrine.models.perfusion.pictures import Latents
from vitrine.models.perfusion.pool import SAID, split_of
from vitrine.models.reward.groups import GroupBatch

MADE_UP = 6
"""Likes of a made-up taste, and dislikes."""
MET = (100, 600, 4000)
"""How many things somebody made up has met: of few, the nearest are not very near."""
REWORDED = 4
"""Tries to word a request that is not held out."""


@dataclass(frozen=True)
class Shelf:
    """Single pictures: their latents and what was asked for.

    latents (n, c, h, w) float16; place (N,): the row of each item, -1 where it has none; words: of
    items that have one.
    """

    latents: Tensor
    place: NDArray[np.int64]
    words: Mapping[int, str]
    sha256: str

    def as_latents(self) -> Latents:
        """The same as pictures of groups."""
        return Latents(self.latents, self.place, self.sha256)

    def rows(self, data: Experience, *, aside: bool) -> NDArray[np.int64]:
        """Items with a picture: what is learned from, or what is kept for measuring."""
        return np.flatnonzero((self.place >= 0) & (data.heldout == aside))


def read_shelf(
    drawings: Drawings, data: Experience, pack: DomainPack, autoencoder: Any, folder: Path,
    cache: Path, *, side: int, seed: int,
) -> Shelf:  # fmt: skip
    """The drawings that are the first items of `data`, encoded once and kept in `cache`.

    Args:
        folder: where the autoencoder's weights lie. side: pixels that the denoiser draws.

    Raises:
        RequestError: more drawings than items.
    """
    count = len(drawings.captions)
    if count > len(data.images):
        raise RequestError(f"{count} drawings but {len(data.images)} embedded things")
    there = np.setdiff1d(np.arange(count), np.asarray(drawings.missing, np.int64))
    if (~data.heldout[there]).sum() <= MADE_UP:
        raise RequestError(f"fewer than {MADE_UP + 1} pictures to warm up on: give --warm 0")
    latents = read_latents(drawings, there, autoencoder, folder, cache, side=side)
    place = np.full(len(data.images), -1, np.int64)
    place[there] = np.arange(len(there))
    words = {
        item: short_request(drawings.values(item), pack, random.Random(f"{seed}:{item}"))
        for item in there.tolist()
    }
    return Shelf(latents, place, words, drawings.sha256)


def short_request(values: Mapping[str, str], pack: DomainPack, rng: random.Random) -> str:
    """The kind of thing and at most two facets of it, as `train pool` words requests.

    Held-out texts are worded otherwise; the empty text where that does not help.
    """
    known, head = design_facets(pack), pack.head.name
    needs = {f.name: {f.of, f.values_from} - {None} for f in pack.facets}
    free = sorted(f for f in values if f in known and f != head and not needs.get(f))
    for _ in range(REWORDED):
        said = rng.sample(free, min(len(free), rng.choice(SAID)))
        text = write_prompt(pack, {f: values[f] for f in values if f == head or f in said})
        if split_of(text) == "train":
            return text
    return ""


def liked_of(
    batch: GroupBatch, data: Experience, shelf: Shelf, rng: np.random.Generator, *, aside: bool
) -> NDArray[np.int64]:
    """One thing with a picture that each row's person likes, -1 where there is none, (R,).

    Args:
        batch: groups of single ratings. aside: likes that are kept for measuring.
    """
    found = np.full(len(batch.user), -1, np.int64)
    for row, user in enumerate(batch.user.tolist()):
        if aside:
            rated = data.heldout_ratings(user)
            liked = rated.items[rated.values >= LIKED]
        else:
            liked = batch.items[row][batch.chosen[row]]
        liked = liked[shelf.place[liked] >= 0]
        if len(liked):
            found[row] = rng.choice(liked)
    return found


def made_up_history(
    looks: Floats, things: NDArray[np.int64], targets: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Histories (R, 2 M) of people who like what looks like their target: likes, then dislikes.

    Everybody has met some things by chance, likes the nearest, and dislikes some of the farther half.

    Args:
        looks: standardised embeddings (N, d). things: what may be met.
    """
    history = np.zeros((len(targets), 2 * MADE_UP), np.int64)
    for row, target in enumerate(targets.tolist()):
        others = things[things != target]
        count = min(int(rng.choice(MET)), len(others))
        met = rng.choice(others, size=count, replace=False)
        order = met[np.square(looks[met] - looks[target]).sum(axis=1).argsort()]
        history[row, :MADE_UP] = np.resize(order[:MADE_UP], MADE_UP)  # few things are repeated
        history[row, MADE_UP:] = rng.choice(order[count // 2 :], size=MADE_UP)
    return history

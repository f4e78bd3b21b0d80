"""Ways of guessing what a person likes next, each with the settings that it may have.

Everything that is learned from others (popularity, neighbours, the prior) is learned from the people
of the training split alone, so that all guessers know the same.

Letters: N items, n samples, d embedding dimension.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats, PriorRequest, TasteEvidence
from vitrine.evals.next_items import Guesser, Mix, Person
from vitrine.models.experience import LIKED, Experience, RatingRow
from vitrine.models.prior.evaluate import BATCH, closeness

NEAREST = 4
"""Closest samples, or liked items, whose mean cosine is an item's score."""
LATELY = (0.1, 0.05, 0.2)
"""Newest shares of the training ratings."""
SHRINK = (20.0, 0.0, 5.0, 50.0)
"""Added to the lengths in a cosine, so that two things that one person liked are not the same."""
GUIDANCE = (8.0, 3.0, 1.0)
"""Of the user, when the prior samples; at 1 it is none."""
WEIGHTS = (0.25, 0.1, 0.5, 1.0, 2.0)
"""Of a guesser beside popularity, both at unit deviation."""
NOBODY = TasteEvidence(liked=np.zeros((0, 0), np.float32), disliked=np.zeros((0, 0), np.float32))

FASHION, NEIGHBOURS, MIDDLE, PRIOR, WORST = (
    "popular lately", "item-kNN", "centroid", "prior", "prior, rating 1",
)  # fmt: skip


class Sampler(Protocol):
    """A prior that samples for many people at once; see `RebecaPrior.sample_many`."""

    def sample_many(self, requests: Sequence[PriorRequest]) -> list[Floats]: ...


class Crowd:
    """Likes of the training people before the cutoff: who liked what."""

    def __init__(self, data: Experience) -> None:
        """Read them out of an experience."""
        self.size = len(data.images)
        self._liked: list[NDArray[np.int64]] = []
        self._fans: dict[int, list[int]] = {}
        for row in data.of_split("train"):
            rated = data.training_ratings(row)
            liked = rated.items[rated.values >= LIKED]
            for item in liked.tolist():
                self._fans.setdefault(item, []).append(len(self._liked))
            self._liked.append(liked)
        rows = np.concatenate([np.zeros(0, np.int64), *self._liked])
        self.likes: Floats = np.bincount(rows, minlength=self.size).astype(np.float32)
        self._together: dict[int, NDArray[np.int64]] = {}

    def cosines(self, item: int, shrink: float = 0.0) -> Floats:
        """Cosine (N,) of the item's column with each other of the (people, items) matrix of likes.

        Args:
            item: row of the item.
            shrink: added to the product of their lengths.
        """
        if item not in self._together:
            fans = self._fans.get(item, [])
            rows = np.concatenate([np.zeros(0, np.int64), *(self._liked[fan] for fan in fans)])
            self._together[item] = np.bincount(rows, minlength=self.size)
        size = np.sqrt(np.maximum(self.likes * self.likes[item], 1.0)) + shrink
        return (self._together[item] / size).astype(np.float32)


def newest_likes(folder: Path, data: Experience, share: float) -> Floats:
    """Likes an item (N,) got among the newest `share` of the training ratings of training people.

    Lines of `ratings.jsonl` stand in the order of time.
    """
    train = {data.users[row].user for row in data.of_split("train")}
    liked: list[int] = []
    with (folder / "ratings.jsonl").open("rb") as lines:
        for line in lines:
            row = RatingRow.model_validate_json(line)
            if row.user in train and not row.aside and not data.heldout[row.item]:
                liked.append(row.item if row.rating >= LIKED else -1)
    first = len(liked) - max(1, round(share * len(liked)))
    newest = Counter(item for item in liked[first:] if item >= 0)
    scores = np.zeros(len(data.images), np.float32)
    for item, count in newest.items():
        scores[item] = count
    return scores


def everyone_alike(scores: Floats) -> Guesser:
    """The same scores (N,) for whoever asks."""
    return lambda people: (scores for _ in people)


class Likeness:
    """Guessing by embeddings; cosines are of embeddings less the mean of the training items."""

    def __init__(self, data: Experience, prior: Sampler, samples: int, seed: int) -> None:
        """What all of them share.

        Args:
            data: people and embeddings.
            prior: samples in the space of `data`.
            samples: n, a person.
            seed: of the samples.
        """
        self._data, self._prior, self._samples, self._seed = data, prior, samples, seed
        self._centre: Floats = data.images[~data.heldout].mean(axis=0)
        self._items: Floats = data.images - self._centre

    def centroid(self, people: Sequence[Person]) -> Iterator[Floats]:
        """Nearness to the middle of what was liked."""
        for person in people:
            middle = self._items[person.liked].mean(axis=0, keepdims=True)
            yield closeness(middle, self._items, 1)

    def likes(self, people: Sequence[Person]) -> Iterator[Floats]:
        """Nearness to the nearest things that were liked."""
        for person in people:
            yield closeness(self._items[person.liked], self._items, NEAREST)

    def drawn(self, guidance: float, rating: int = 5) -> Guesser:
        """Nearness to the nearest of a person's samples."""

        def guess(people: Sequence[Person]) -> Iterator[Floats]:
            for start in range(0, len(people), BATCH):
                part = people[start : start + BATCH]
                requests = [
                    PriorRequest(self._data.history(person.row), None, n=self._samples,
                                 seed=self._seed + person.row, rating=rating, guidance_user=guidance)
                    for person in part
                ]  # fmt: skip
                for rows in self._prior.sample_many(requests):
                    yield closeness(rows - self._centre, self._items, NEAREST)

        return guess

    def nobody(self) -> Floats:
        """Scores (N,) by samples that know no person."""
        request = PriorRequest(NOBODY, None, n=self._samples, seed=self._seed)
        (rows,) = self._prior.sample_many([request])
        return closeness(rows - self._centre, self._items, NEAREST)


def families(
    data: Experience, folder: Path, prior: Sampler, *, samples: int, seed: int
) -> Mapping[str, Mapping[str, Guesser]]:
    """By name and setting, all ways of guessing; the first setting is the usual one."""
    crowd = Crowd(data)
    near = Likeness(data, prior, samples, seed)

    def chance(people: Sequence[Person]) -> Iterator[Floats]:
        for person in people:
            yield np.random.default_rng((seed, person.row)).random(crowd.size, dtype=np.float32)

    def neighbours(shrink: float) -> Guesser:
        def guess(people: Sequence[Person]) -> Iterator[Floats]:
            for person in people:
                near = [crowd.cosines(item, shrink) for item in person.liked.tolist()]
                yield np.stack(near).sum(axis=0)

        return guess

    return {
        "chance": {"": chance},
        "popular": {"": everyone_alike(crowd.likes)},
        FASHION: {
            f"newest {share:g} of the ratings": everyone_alike(newest_likes(folder, data, share))
            for share in LATELY
        },
        NEIGHBOURS: {f"shrinkage {shrink:g}": neighbours(shrink) for shrink in SHRINK},
        MIDDLE: {"": near.centroid},
        "nearest likes": {"": near.likes},
        "prior, nobody": {"": everyone_alike(near.nobody())},
        PRIOR: {f"guidance {scale:g}": near.drawn(scale) for scale in GUIDANCE},
        WORST: {f"guidance {scale:g}": near.drawn(scale, rating=1) for scale in GUIDANCE},
    }


def blends(base: str) -> Mapping[str, Mix]:
    """By setting: a guesser beside popularity, (log of) likes lately at unit deviation."""

    def weighed(weight: float) -> Mix:
        def mix(named: Mapping[str, Floats]) -> Floats:
            fashion: Floats = np.log1p(named[FASHION])
            return (unit(fashion) + weight * unit(named[base])).astype(np.float32)

        return mix

    return {f"weight {weight:g}": weighed(weight) for weight in WEIGHTS}


def both_ends(named: Mapping[str, Floats]) -> Floats:
    """Near to what the prior draws for rating 5, and far from what it draws for rating 1."""
    return named[PRIOR] - named[WORST]


def unit(scores: Floats) -> Floats:
    """Scores (N,) at mean 0 and deviation 1; all 0 where they do not differ."""
    return (scores - scores.mean()) / np.float32(max(float(scores.std()), 1e-9))

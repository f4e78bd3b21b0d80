"""What people like next, guessed from what they rated before: the guessers, and where the truth lands.

A person is judged on what they liked after the moment up to which their ratings are known. A guesser
gives every item a score; the items that the person has rated before do not take part. Everything that
is learned from others (popularity, neighbours, the prior) is learned from the people of the training
split alone, so that all guessers know the same.

Letters: N items, n samples, d embedding dimension, L liked items of a history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats, PriorRequest, TasteEvidence
from vitrine.models.experience import LIKED, Experience, RatingRow
from vitrine.models.prior.evaluate import BATCH, closeness

TOP = 10
"""Places that count."""
RECENT = 0.1
"""Newest share of the training ratings that `recent` counts."""
NEAREST = 4
"""Closest samples, or liked items, whose mean cosine is an item's score."""
NOBODY = TasteEvidence(liked=np.zeros((0, 0), np.float32), disliked=np.zeros((0, 0), np.float32))


class Sampler(Protocol):
    """A prior that samples for many people at once; see `RebecaPrior.sample_many`."""

    def sample_many(self, requests: Sequence[PriorRequest]) -> list[Floats]: ...


Guesser = Callable[[Sequence["Person"]], Iterator[Floats]]
"""Scores (N,) for each person, more is better."""


@dataclass(frozen=True)
class Person:
    """Whose guesses are judged; all but `row` (of the experience's users) are rows of items.

    before: rated up to the cutoff. liked: those of them that were liked. later: liked after it; both
    oldest first. unseen: the prior never trained on this person.
    """

    row: int
    unseen: bool
    before: NDArray[np.int64]
    liked: NDArray[np.int64]
    later: NDArray[np.int64]


def judged_people(data: Experience, least: int) -> list[Person]:
    """Those with at least `least` ratings before the cutoff, one of them a like, and a like after it.

    People of the validation split are left out: they may have stopped the training.
    """
    found: list[Person] = []
    for row, user in enumerate(data.users):
        known, later = data.training_ratings(row), data.heldout_ratings(row)
        liked = known.items[known.values >= LIKED]
        wanted = later.items[later.values >= LIKED]
        wanted = wanted[~np.isin(wanted, known.items)]
        if user.split != "validation" and len(known.items) >= least and len(liked) and len(wanted):
            found.append(Person(row, user.split == "heldout", known.items, liked, wanted))
    return found


def ranks(
    scores: Floats, candidates: NDArray[np.bool_], wanted: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Places (0 best) of the wanted items among the candidates; ties are broken by chance.

    Args:
        scores: (N,), finite.
        candidates: which items take part, (N,); every wanted one must.
        seed: of the ties; the same for every guesser.

    Raises:
        ValueError: a score is not finite, or a wanted item is no candidate.
    """
    if not np.isfinite(scores[candidates]).all():
        raise ValueError("a score is not finite: expected numbers")
    if not candidates[wanted].all():
        raise ValueError(f"{wanted[~candidates[wanted]]!r} take no part: expected candidates")
    luck = np.random.default_rng(seed).permutation(len(scores))
    others, chance = scores[candidates], luck[candidates]
    own, own_luck = scores[wanted][:, None], luck[wanted][:, None]
    return ((others > own) | ((others == own) & (chance < own_luck))).sum(axis=1)


def hits(places: NDArray[np.int64], top: int = TOP) -> tuple[float, float]:
    """(HR@top, NDCG@top) of one person from the places (0 best) of what was wanted.

    HR: 1 if anything wanted is among the first; NDCG with gain 1 for each wanted item, over the best
    order there is.
    """
    first = places[places < top]
    ideal = (1 / np.log2(np.arange(min(len(places), top)) + 2)).sum()
    return float(len(first) > 0), float((1 / np.log2(first + 2)).sum() / ideal)


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
        self._near: dict[int, Floats] = {}

    def cosines(self, item: int) -> Floats:
        """Cosine (N,) of the item's column with every other of the (people, items) matrix of likes."""
        if item not in self._near:
            fans = self._fans.get(item, [])
            rows = np.concatenate([np.zeros(0, np.int64), *(self._liked[fan] for fan in fans)])
            together = np.bincount(rows, minlength=self.size)
            size = np.sqrt(np.maximum(self.likes * self.likes[item], 1.0))
            self._near[item] = (together / size).astype(np.float32)
        return self._near[item]


def newest_likes(folder: Path, data: Experience, share: float = RECENT) -> Floats:
    """Likes an item (N,) got among the newest `share` of the training ratings of training people.

    Lines of `ratings.jsonl` stand in the order of time.
    """
    train = {data.users[row].user for row in data.of_split("train")}
    liked: list[int] = []
    known = 0
    with (folder / "ratings.jsonl").open("rb") as lines:
        for line in lines:
            row = RatingRow.model_validate_json(line)
            if row.user in train and not row.aside and not data.heldout[row.item]:
                known += 1
                liked.append(row.item if row.rating >= LIKED else -1)
    newest = Counter(item for item in liked[known - max(1, round(share * known)) :] if item >= 0)
    scores = np.zeros(len(data.images), np.float32)
    for item, count in newest.items():
        scores[item] = count
    return scores


def everyone_alike(scores: Floats) -> Guesser:
    """The same scores (N,) for whoever asks."""
    return lambda people: (scores for _ in people)


def guessers(
    data: Experience, folder: Path, prior: Sampler, *, samples: int, seed: int
) -> Mapping[str, Guesser]:
    """All ways of guessing, by name.

    Cosines are of embeddings less the mean of the training items.
    """
    centre = data.images[~data.heldout].mean(axis=0)
    items = data.images - centre
    crowd = Crowd(data)

    def chance(people: Sequence[Person]) -> Iterator[Floats]:
        for person in people:
            rng = np.random.default_rng((seed, person.row))
            yield rng.random(len(items), dtype=np.float32)

    def neighbours(people: Sequence[Person]) -> Iterator[Floats]:
        for person in people:
            yield np.sum([crowd.cosines(item) for item in person.liked.tolist()], axis=0)

    def centroid(people: Sequence[Person]) -> Iterator[Floats]:
        for person in people:
            yield closeness(items[person.liked].mean(axis=0, keepdims=True), items, 1)

    def likes(people: Sequence[Person]) -> Iterator[Floats]:
        for person in people:
            yield closeness(items[person.liked], items, NEAREST)

    def drawn(people: Sequence[Person], rating: int) -> Iterator[Floats]:
        for start in range(0, len(people), BATCH):
            requests = [
                PriorRequest(data.history(person.row), None, n=samples,
                             seed=seed + person.row, rating=rating)
                for person in people[start : start + BATCH]
            ]  # fmt: skip
            for rows in prior.sample_many(requests):
                yield closeness(rows - centre, items, NEAREST)

    def both_ends(people: Sequence[Person]) -> Iterator[Floats]:
        for start in range(0, len(people), BATCH):
            part = people[start : start + BATCH]
            yield from (b - w for b, w in zip(drawn(part, 5), drawn(part, 1), strict=True))

    (nobody,) = prior.sample_many([PriorRequest(NOBODY, None, n=samples, seed=seed)])
    return {
        "chance": chance,
        "popular": everyone_alike(crowd.likes),
        "popular lately": everyone_alike(newest_likes(folder, data)),
        "item-kNN": neighbours,
        "centroid": centroid,
        "nearest likes": likes,
        "prior, nobody": everyone_alike(closeness(nobody - centre, items, NEAREST)),
        "prior": lambda people: drawn(people, 5),
        "prior, 5 less 1": both_ends,
    }

"""What is measured, by whom: the stand-ins of samples, the two referees, the figures of one person.

A sampled embedding is no picture. It is judged by its *stand-in*: the nearest item of the shelf that
the person has not rated. Two referees look at stand-ins (and at drawn pictures):

- **truth**: the utility that the simulated shopper was made with; nobody else knows it.
- **judge**: probabilities that a classifier trained on other drawings reads off the picture, and a
  verifier over them fitted to ratings that no other model has seen (`irt`). It shares no weights, no
  pictures and no ratings with the prior, the CLIP, or the prior's own verifier.

Letters: U measured people, S items of the shelf, n samples a person, d embedding dimension.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats, Scorer, TasteEvidence, UserFeatures
from vitrine.evals.personal.irt import (
    Person,
    Population,
    Whitener,
    fit_person,
    fit_population,
    fit_whitener,
)
from vitrine.evals.personal.proof import Proof, permutation_test
from vitrine.evals.personal.world import LIKED_SHARE, TasteWorld
from vitrine.models.experience import LIKED
from vitrine.models.metrics import auc, calibration_error, platt

log = logging.getLogger(__name__)

COMPONENTS = 64
TOPICS = 256
MEASURES = (
    "percentile", "precision", "judged", "judged_precision", "topic_precision", "diversity",
    "spread", "distinct", "novelty", "own",
)  # fmt: skip


@dataclass(frozen=True)
class Sampled:
    """What an arm gives one person: embeddings (n, d); `places` (n,) on the shelf if they are items."""

    embeddings: Floats
    places: NDArray[np.int64] | None = None


Arm = Callable[[int, TasteEvidence], Sampled]
"""(row of the person, what is known of them) to samples."""


@dataclass(frozen=True)
class Seen:
    """What the judge sees in pictures: probabilities (n, values) and pooled features (n, c)."""

    chances: Floats
    pooled: Floats


@dataclass(frozen=True)
class Measured:
    """One arm on many people: measures (U,) by name, stand-ins (U, n)."""

    people: Sequence[int]
    values: Mapping[str, NDArray[np.float64]]
    places: NDArray[np.int64]


class TasteJudge:
    """The independent referee: knows people by fresh ratings, pictures by what it reads off them."""

    def __init__(self, world: TasteWorld, seen: Seen) -> None:
        """Fit the population of tastes on validation shoppers.

        Args:
            world: shoppers and items.
            seen: what the judge sees in every item, row by row.
        """
        self._world = world
        training = ~world.data.heldout
        self._whiten: Whitener = fit_whitener(seen.chances[training], COMPONENTS)
        self._features = self._whiten(seen.chances)
        cases = [self._case(user) for user in world.people("validation")]
        self._population: Population = fit_population(cases)
        self._people: dict[int, Person] = {}
        self._odds = (1.0, 0.0)
        self._odds = self._calibrate(world.people("validation"))

    def _calibrate(self, users: Sequence[int]) -> tuple[float, float]:
        """Slope and offset of the log odds, from held-out items of people who are not measured."""
        guesses: list[NDArray[np.float64]] = []
        outcomes: list[NDArray[np.bool_]] = []
        for user in users:
            rated = self._world.fresh(user)[1]
            guesses.append(self.chances(user, self._features[rated.items]))
            outcomes.append(rated.values >= LIKED)
        return platt(_log_odds(np.concatenate(guesses)), np.concatenate(outcomes))

    def chances(self, user: int, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability that a person likes pictures with these features (n, k), calibrated."""
        a, b = self._odds
        return 1 / (1 + np.exp(-(a * _log_odds(self.person(user).chances(features)) + b)))

    def _case(self, user: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        rated = self._world.fresh(user)[0]
        return self._features[rated.items], rated.values >= LIKED

    def person(self, user: int) -> Person:
        """What the judge believes of a shopper."""
        if user not in self._people:
            self._people[user] = fit_person(self._population, *self._case(user))
        return self._people[user]

    def shelf(self, users: Sequence[int]) -> NDArray[np.float64]:
        """V[user, item] of the shelf, (U, S)."""
        rows = self._features[self._world.shelf]
        return np.stack([self.chances(user, rows) for user in users])

    def pictures(self, users: Sequence[int], chances: Floats) -> NDArray[np.float64]:
        """V[user, picture] of new pictures by what is read off them, (U, pictures)."""
        rows = self._whiten(chances)
        return np.stack([self.chances(user, rows) for user in users])

    def quality(self, users: Sequence[int]) -> dict[str, float]:
        """Per-user AUC, calibration error and correlation with the truth, on held-out items."""
        aucs: list[float] = []
        chances: list[NDArray[np.float64]] = []
        outcomes: list[NDArray[np.bool_]] = []
        likeness: list[float] = []
        for user in users:
            rated = self._world.fresh(user)[1]
            guessed = self.chances(user, self._features[rated.items])
            liked = rated.values >= LIKED
            value = auc(guessed, liked)
            if value is not None:
                aucs.append(value)
            chances.append(guessed)
            outcomes.append(liked)
            shelf = self.chances(user, self._features[self._world.shelf])
            likeness.append(
                float(np.corrcoef(shelf, self._world.truth[user, self._world.shelf])[0, 1])
            )
        return {
            "user_auc": float(np.mean(aucs)),
            "calibration_error": calibration_error(
                np.concatenate(chances), np.concatenate(outcomes)
            ),
            "correlation_with_truth": float(np.mean(likeness)),
        }


class TasteBench:
    """Measures arms on people."""

    def __init__(
        self,
        world: TasteWorld,
        seen: Seen,
        judge: TasteJudge,
        scorer: Scorer,
        users: Sequence[int],
        *,
        history: int,
    ) -> None:
        """Look at the shelf with everybody's eyes.

        Args:
            world: shoppers and items.
            seen: what the judge sees in every item.
            judge: the referee.
            scorer: the product's own verifier; its opinion is the designs' own score.
            users: everybody who will be measured.
            history: how many ratings of a person are known, unless said otherwise.
        """
        self.world = world
        self.judge = judge
        self.scorer = scorer
        self.history = history
        data = world.data
        training = ~data.heldout
        self.centre: Floats = data.images[training].mean(axis=0)
        self.items: Floats = unit(data.images - self.centre)
        self._look = fit_whitener(seen.pooled[training], COMPONENTS)
        self.looks = self.look(seen.pooled)
        self.real_gap = float(self._gap(self.items[world.shelf], self.items[training]).mean())
        self.look_gap = float(self._gap(self.looks[world.shelf], self.looks[training]).mean())
        self._row = {user: place for place, user in enumerate(users)}
        self._value = judge.shelf(users)
        self._cut = np.quantile(self._value, LIKED_SHARE, axis=1)
        self._topics = topics(self.looks[training], TOPICS)
        self._topic_of = self.topic(self.looks)

    def look(self, pooled: Floats) -> Floats:
        """Unit vectors in the judge's encoder, (n, k): what diversity is measured in."""
        return unit(self._look(pooled)[:, :-1].astype(np.float32))

    def topic(self, looks: Floats) -> NDArray[np.int64]:
        """The topic of each picture (n,)."""
        return (looks @ self._topics.T).argmax(axis=1)

    def liked_topics(self, user: int) -> set[int]:
        """Topics of what the person has liked."""
        rated = self.world.data.training_ratings(user)
        return set(self._topic_of[rated.items[rated.values >= LIKED]].tolist())

    def taste(self, user: int, ratings: int | None = None) -> TasteEvidence:
        """What is known of a person: their newest ratings of training items."""
        size = self.history if ratings is None else ratings
        return self.world.data.history(user, size)

    def places(self, user: int, samples: Floats) -> NDArray[np.int64]:
        """The stand-in of each sample (n, d): its place on the shelf."""
        cosines = unit(samples - self.centre) @ self.items[self.world.shelf].T
        rated = np.isin(self.world.shelf, self.world.data.ratings[user].items)
        cosines[:, rated] = -np.inf
        return cosines.argmax(axis=1)

    def unrated(self, user: int) -> NDArray[np.int64]:
        """Places of the shelf that the person has not rated."""
        return np.flatnonzero(~np.isin(self.world.shelf, self.world.data.ratings[user].items))

    def value(self, users: Sequence[int]) -> NDArray[np.float64]:
        """V[user, item] of the shelf in the eyes of the judge, (users, S)."""
        return self._value[[self._row[user] for user in users]]

    def cut(self, user: int) -> float:
        """The judge's value that the best-liked share of the shelf has for a person."""
        return float(self._cut[self._row[user]])

    def measure(
        self, arm: Arm, people: Sequence[int], tastes: Sequence[TasteEvidence] | None = None
    ) -> Measured:
        """Ask the arm for everybody.

        Args:
            arm: gives samples.
            people: rows of shoppers.
            tastes: what is known of them; None: the newest `history` ratings.
        """
        rows: list[dict[str, float]] = []
        places: list[NDArray[np.int64]] = []
        for number, user in enumerate(people):
            taste = self.taste(user) if tastes is None else tastes[number]
            sampled = arm(user, taste)
            found = sampled.places
            if found is None:
                found = self.places(user, sampled.embeddings)
            places.append(found)
            rows.append(self._figures(user, sampled, found))
        values = {name: np.array([row[name] for row in rows]) for name in MEASURES}
        return Measured(people, values, np.stack(places))

    def _figures(self, user: int, sampled: Sampled, places: NDArray[np.int64]) -> dict[str, float]:
        shelf = self.world.shelf[places]
        standing = self.world.percentiles[user, places]
        judged = self._value[self._row[user], places]
        liked = self.liked_topics(user)
        own = self.scorer.score(
            UserFeatures(self.world.data.history(user, self.history)), "", sampled.embeddings
        )
        gap = self._gap(unit(sampled.embeddings - self.centre), self.items)
        return {
            "percentile": float(standing.mean()),
            "precision": float((standing >= LIKED_SHARE).mean()),
            "judged": float(judged.mean()),
            "judged_precision": float((judged >= self.cut(user)).mean()),
            "topic_precision": float(np.mean([t in liked for t in self._topic_of[shelf].tolist()])),
            "diversity": dissimilarity(self.looks[shelf]),
            "spread": dissimilarity(unit(sampled.embeddings - self.centre)),
            "distinct": len(set(places.tolist())) / len(places),
            "novelty": float(gap.mean()) / self.real_gap,
            "own": float(own.mean()),
        }

    @staticmethod
    def _gap(rows: Floats, among: Floats) -> Floats:
        """Cosine distance of each unit row to the nearest of `among`."""
        return np.maximum(1 - (rows @ among.T).max(axis=1), 0.0)

    def look_novelty(self, looks: Floats) -> float:
        """Distance of pictures to the nearest picture of an item; 1: as a real new item has it."""
        return float(self._gap(looks, self.looks).mean()) / self.look_gap

    def lift(self, people: Sequence[int], places: NDArray[np.int64]) -> NDArray[np.float64]:
        """What each person's own stand-ins (U, n) are worth to them beyond everybody's, (U,).

        The lift of `proof`, person by person, in the eyes of the judge.
        """
        values = self.value(people)[:, places.reshape(-1)]  # (U, U n)
        rows = np.arange(len(people))
        own = values.reshape(len(people), *places.shape)[rows, rows].mean(axis=1)
        return own - values.mean(axis=1)

    def proof(self, measured: Measured, *, permutations: int, seed: int) -> Proof:
        """The permutation test of an arm's stand-ins in the eyes of the judge."""
        values = self.value(measured.people)[:, measured.places.reshape(-1)]
        return permutation_test(values, permutations=permutations, seed=seed)


def _log_odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept))


def unit(rows: Floats) -> Floats:
    """Rows at unit length."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return cast(Floats, rows / np.maximum(lengths, 1e-9))


def dissimilarity(rows: Floats) -> float:
    """Mean cosine distance over the pairs of unit rows (n, d); 0 for a single row."""
    n = len(rows)
    if n < 2:
        return 0.0
    total = float(np.linalg.norm(rows.sum(axis=0, dtype=np.float64)) ** 2)
    return 1 - (total - n) / (n * (n - 1))


def topics(looks: Floats, count: int, rounds: int = 12) -> Floats:
    """Centres of `count` groups of unit rows (spherical k-means), (count, k)."""
    rng = np.random.default_rng(0)
    centres = looks[rng.choice(len(looks), size=min(count, len(looks)), replace=False)]
    for _ in range(rounds):
        nearest = (looks @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, looks)
        empty = np.bincount(nearest, minlength=len(centres)) == 0
        sums[empty] = centres[empty]
        centres = unit(sums)
    return centres

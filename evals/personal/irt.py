"""A verifier that needs nothing but numbers: item response theory over frozen features.

`P(like) = sigmoid(phi(U) . psi(I))` (REBECA sec. 4.4) with phi of a person drawn from a Gaussian
population, `phi ~ N(mu, Sigma)`. Mean and covariance are estimated from a population of people by
expectation maximisation with a Laplace approximation; the square root of Sigma is the linear map of
psi. A new person is fitted by Newton's method.

Differs from the paper: the factorisation is not learned by gradient descent over all users at once,
but as the population's covariance, so that someone new needs no retraining and their uncertainty is
known. Plain numpy, nothing shared with the prior or its verifier.

Letters: n ratings, k features with the constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SPREAD = 3.0
"""Deviation that the tastes of the first round may have along a feature."""
DIAGONAL = 0.3
"""Share of the diagonal in an estimated covariance: fewer people than entries would overfit it."""


@dataclass(frozen=True)
class Population:
    """phi ~ N(mean (k,), covariance (k, k))."""

    mean: Array
    covariance: Array


@dataclass(frozen=True)
class Person:
    """What is believed of one person's phi: mean (k,) and covariance (k, k)."""

    mean: Array
    covariance: Array

    def chances(self, features: Array) -> Array:
        """Probability that each of (n, k) is liked, with the doubt about phi (MacKay 1992)."""
        doubt = ((features @ self.covariance) * features).sum(axis=1)
        return _sigmoid(features @ self.mean / np.sqrt(1 + np.pi / 8 * doubt))


def fit_person(population: Population, features: Array, liked: NDArray[np.bool_]) -> Person:
    """The posterior of one person given features (n, k) and outcomes (n,), Laplace's way."""
    precision = np.linalg.inv(population.covariance)
    phi = population.mean.copy()
    bend = precision
    for _ in range(25):
        chance = _sigmoid(features @ phi)
        slope = features.T @ (liked - chance) - precision @ (phi - population.mean)
        bend = (features * (chance * (1 - chance))[:, None]).T @ features + precision
        step = np.linalg.solve(bend, slope)
        phi = phi + step
        if float(np.abs(step).max()) < 1e-4:
            break
    return Person(phi, np.linalg.inv(bend).astype(np.float64))


def fit_population(cases: Sequence[tuple[Array, NDArray[np.bool_]]], rounds: int = 6) -> Population:
    """Mean and covariance of tastes from many people's (features (n, k), outcomes (n,)).

    Raises:
        ValueError: there are fewer than two people.
    """
    if len(cases) < 2:
        raise ValueError(f"{len(cases)} people: expected at least 2")
    k = cases[0][0].shape[1]
    population = Population(np.zeros(k), np.eye(k) * SPREAD**2 / k)
    for _ in range(rounds):
        people = [fit_person(population, features, liked) for features, liked in cases]
        means = np.stack([person.mean for person in people])
        centre = means.mean(axis=0)
        doubt = np.mean([person.covariance for person in people], axis=0)
        scatter = (means - centre).T @ (means - centre) / len(people) + doubt
        kept = (1 - DIAGONAL) * scatter + DIAGONAL * np.diag(np.diag(scatter))
        population = Population(centre, kept)
    return population


@dataclass(frozen=True)
class Whitener:
    """Standardised principal components of features, with a constant at the end."""

    centre: Array
    axes: Array  # (columns, k - 1)

    def __call__(self, rows: NDArray[np.floating]) -> Array:
        """(n, columns) to (n, k); the squared length without the constant is about 1."""
        scores = (rows - self.centre) @ self.axes
        return np.concatenate([scores, np.ones((len(rows), 1))], axis=1)


def fit_whitener(rows: NDArray[np.floating], keep: int) -> Whitener:
    """The leading `keep` components of (n, columns) that vary at all, each of deviation 1/sqrt(k)."""
    values = np.asarray(rows, np.float64)
    centre = values.mean(axis=0)
    scale = np.maximum(values.std(axis=0), 1e-4)
    strength, axes = np.linalg.eigh(np.cov(((values - centre) / scale).T))
    order = np.argsort(strength)[::-1][:keep]
    order = order[strength[order] > 1e-6]
    axes = axes[:, order] / scale[:, None] / np.sqrt(strength[order] * len(order))
    return Whitener(centre, axes)


def _sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(values, -30, 30)))

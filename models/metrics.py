"""Ranking, calibration and significance figures that the taste models report. Plain numpy."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def auc(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float | None:
    """Share of (positive, negative) pairs in the right order, ties half; None without both kinds."""
    if positive.all() or not positive.any():
        return None
    gaps = scores[positive][:, None] - scores[~positive][None]
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))


def mean_auc(cases: Iterable[tuple[NDArray[np.floating], NDArray[np.bool_]]]) -> float:
    """Mean AUC over users (per-user AUC) or groups (GAUC); cases with one kind only do not count."""
    values = [value for scores, positive in cases if (value := auc(scores, positive)) is not None]
    return float(np.mean(values)) if values else float("nan")


def average_precision(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float | None:
    """Average precision, ties by position; None without a positive.

    On pairs it is (1 + AUC) / 2.
    """
    if not positive.any():
        return None
    hits = positive[np.argsort(-scores, kind="stable")]
    ranks = np.flatnonzero(hits) + 1
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks))


def mean_average_precision(
    cases: Iterable[tuple[NDArray[np.floating], NDArray[np.bool_]]],
) -> float:
    """MAP over groups; groups that `mean_auc` does not count do not count here either.

    So both are of the same groups, and on pairs MAP = (1 + GAUC) / 2 exactly, ties apart.
    """
    values = [
        average_precision(scores, positive)
        for scores, positive in cases
        if positive.any() and not positive.all()
    ]
    found = [value for value in values if value is not None]
    return float(np.mean(found)) if found else float("nan")


def calibration_error(
    probabilities: NDArray[np.floating], outcomes: NDArray[np.bool_], bins: int = 10
) -> float:
    """Expected calibration error over bins of equal count, in 0..1."""
    order = np.argsort(probabilities, kind="stable")
    error = 0.0
    for part in np.array_split(order, min(bins, len(order))):
        gap = abs(float(probabilities[part].mean()) - float(outcomes[part].mean()))
        error += gap * len(part) / len(order)
    return error


def platt(
    scores: NDArray[np.floating], outcomes: NDArray[np.bool_], rounds: int = 50
) -> tuple[float, float]:
    """(a, b) of sigmoid(a * score + b) by Newton's method on the log loss.

    Raises:
        ValueError: all outcomes are equal, so that nothing can be calibrated.
    """
    a, b = logistic(scores[:, None], outcomes, rounds)
    return float(a), float(b)


def logistic(
    features: NDArray[np.floating], outcomes: NDArray[np.bool_], rounds: int = 50
) -> NDArray[np.float64]:
    """Weights of a logistic regression on features (n, k), the constant last, (k + 1,).

    Raises:
        ValueError: all outcomes are equal, so that nothing can be calibrated.
    """
    if outcomes.all() or not outcomes.any():
        raise ValueError(f"all {len(outcomes)} outcomes are equal: cannot calibrate")
    centre, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    x = np.concatenate([(features - centre) / scale, np.ones((len(features), 1))], axis=1)
    weights = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (p - outcomes) + 1e-3 * weights
        bend = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    slopes = weights[:-1] / scale
    return np.append(slopes, weights[-1] - slopes @ centre)


def benjamini_hochberg(p_values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Adjusted p-values (n,) that control the false discovery rate (Benjamini & Hochberg 1995).

    A hypothesis is rejected at rate q where its adjusted value is at most q.

    Raises:
        ValueError: a p-value is outside 0..1.
    """
    values = np.asarray(p_values, np.float64)
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(f"p-values of {values.min()!r}..{values.max()!r}: expected 0..1")
    order = np.argsort(values, kind="stable")
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    lowest = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(lowest, 1.0)
    return adjusted


def bootstrap_means(
    values: NDArray[np.floating], *, seed: int, draws: int = 2000
) -> NDArray[np.float64]:
    """Means of resampled rows (users), (draws, ...) for values (users, ...).

    Rows are drawn whole, so that what belongs to one user stays together (cluster bootstrap). The
    same seed and number of rows draw the same rows: differences of two calls are paired.
    """
    count = len(values)
    picks = np.random.default_rng(seed).integers(count, size=(draws, count))
    weights = np.zeros((draws, count))
    np.add.at(weights, (np.arange(draws)[:, None], picks), 1.0 / count)
    return np.tensordot(weights, np.asarray(values, np.float64), axes=1)


def mean_discrepancy(
    left: NDArray[np.floating], right: NDArray[np.floating], *, sigma: float, chunk: int = 1024
) -> float:
    """Squared maximum mean discrepancy of rows (n, d) and (m, d) under a Gaussian kernel.

    `exp(-|x - y|^2 / (2 sigma^2))`, the biased (V-statistic) estimate: 0 for equal sets. CMMD is
    1000 times this on unit embeddings with sigma 10.
    """

    def kernel(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
        total = 0.0
        for start in range(0, len(x), chunk):
            part = x[start : start + chunk].astype(np.float64)
            gaps = (part**2).sum(1)[:, None] + (y.astype(np.float64) ** 2).sum(1)[None]
            gaps -= 2 * part @ y.T.astype(np.float64)
            total += float(np.exp(-np.maximum(gaps, 0.0) / (2 * sigma**2)).sum())
        return total / (len(x) * len(y))

    return kernel(left, left) + kernel(right, right) - 2 * kernel(left, right)

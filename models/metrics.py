"""Ranking and calibration figures that the taste models report. Plain numpy."""

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
    if outcomes.all() or not outcomes.any():
        raise ValueError(f"all {len(outcomes)} outcomes are equal: cannot calibrate")
    centre, scale = float(scores.mean()), max(float(scores.std()), 1e-6)
    x = np.stack([(scores - centre) / scale, np.ones_like(scores)], axis=1).astype(np.float64)
    weights = np.zeros(2)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (p - outcomes) + 1e-3 * weights
        bend = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        weights -= np.linalg.solve(bend, slope)
    a = float(weights[0]) / scale
    return a, float(weights[1]) - a * centre

"""Scores that know no person, and one that knows nothing else: what the reward model has to beat.

Letters: N items, d embedding dimension.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitrine.core.ports import Floats
from vitrine.models.experience import DISLIKED, LIKED, Experience, GroupRow

Groups = Sequence[tuple[int, GroupRow]]
RIDGE = 1e-2


def popularity(data: Experience) -> Floats:
    """How well things like each item are liked by the training people, (N,).

    Held-out items have no ratings of their own: the mean verdict on training items (at least three)
    is carried over by ridge regression on embeddings.
    """
    sums, counts = np.zeros(len(data.images)), np.zeros(len(data.images))
    for user in data.of_split("train"):
        rated = data.training_ratings(user)
        verdicts = (rated.values >= LIKED).astype(float) - (rated.values <= DISLIKED)
        np.add.at(sums, rated.items, verdicts)
        np.add.at(counts, rated.items, 1)
    known = counts >= 3
    centre, spread = data.images[known].mean(axis=0), data.images[known].std(axis=0)
    rows = (data.images - centre) / np.maximum(spread, 1e-6)
    goal = sums[known] / counts[known]
    inner = rows[known].T @ rows[known] / known.sum() + RIDGE * np.eye(rows.shape[1])
    weights = np.linalg.solve(inner, rows[known].T @ (goal - goal.mean()) / known.sum())
    return (rows @ weights).astype(np.float32)


def popular_scores(appeal: Floats, groups: Groups) -> list[Floats]:
    """Popularity of every group's items."""
    return [appeal[list(group.items)] for _, group in groups]


def bias_scores(data: Experience, groups: Groups, *, history: int) -> list[Floats]:
    """Each person's own share of likes, whatever the thing: it cannot order a group."""
    result: list[Floats] = []
    for user, group in groups:
        taste = data.history(user, history)
        share = (len(taste.liked) + 1) / (len(taste.liked) + len(taste.disliked) + 2)
        result.append(np.full(len(group.items), share, np.float32))
    return result


def together(left: Sequence[Floats], right: Sequence[Floats], weight: float) -> list[Floats]:
    """Two scores added, each in deviations over all groups."""
    spreads = [float(np.concatenate([s - s.mean() for s in side]).std()) for side in (left, right)]
    return [
        (a / max(spreads[0], 1e-9) + weight * b / max(spreads[1], 1e-9)).astype(np.float32)
        for a, b in zip(left, right, strict=True)
    ]

"""Figures of the prior that need nothing but ratings: held-out users, held-out items."""

from __future__ import annotations

import time

import numpy as np

from vitrine.core.ports import Floats, PriorRequest
from vitrine.models.experience import LIKED, Experience
from vitrine.models.metrics import mean_auc
from vitrine.models.prior.prior import RebecaPrior

BATCH = 20
"""People whose samples are drawn together."""


def closeness(samples: Floats, items: Floats, nearest: int = 4) -> Floats:
    """Mean cosine of each item (m, d) with its `nearest` closest samples (n, d), (m,)."""
    cosines = unit(items) @ unit(samples).T
    return np.sort(cosines, axis=1)[:, -nearest:].mean(axis=1)


def unit(rows: Floats) -> Floats:
    """Rows at unit length."""
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def prior_figures(prior: RebecaPrior, data: Experience, limit: int = 100) -> dict[str, float]:
    """Does closeness to a user's samples tell their liked held-out items from the others?

    Per-user AUC of samples with rating 5, with rating 1, and of the one less the other; beside them
    the centroid of likes (less that of dislikes), which is the baseline to know. And the
    milliseconds of 64 samples with both conditions.
    """
    users = [
        user
        for user in data.of_split("heldout")[:limit]
        if len(data.heldout_ratings(user).items) and len(data.history(user, 32).liked)
    ]
    centre = data.images[~data.heldout].mean(axis=0)
    cases: dict[str, list[tuple[Floats, np.ndarray]]] = {}
    for start in range(0, len(users), BATCH):
        batch = users[start : start + BATCH]
        histories = [data.history(user, 32) for user in batch]
        best, worst = (
            prior.sample_many(
                [PriorRequest(history, None, n=32, seed=user, rating=rating)
                 for user, history in zip(batch, histories, strict=True)]
            )
            for rating in (5, 1)
        )  # fmt: skip
        for user, history, near, far in zip(batch, histories, best, worst, strict=True):
            rated = data.heldout_ratings(user)
            items = data.images[rated.items] - centre
            scores = {
                "rating_5": closeness(near - centre, items),
                "rating_1": closeness(far - centre, items),
                "centroid": closeness(history.liked.mean(axis=0, keepdims=True) - centre, items, 1),
            }
            scores["rating_5_less_1"] = scores["rating_5"] - scores["rating_1"]
            scores["centroid_less_disliked"] = scores["centroid"]
            if len(history.disliked):
                middle = history.disliked.mean(axis=0, keepdims=True) - centre
                scores["centroid_less_disliked"] = scores["centroid"] - closeness(middle, items, 1)
            for name, values in scores.items():
                cases.setdefault(name, []).append((values, rated.values >= LIKED))
    figures = {f"heldout_user_auc_{name}": round(mean_auc(c), 4) for name, c in cases.items()}
    figures["ms_64_samples"] = round(milliseconds(prior, data), 1)
    figures["heldout_users"] = len(users)
    return figures


def milliseconds(prior: RebecaPrior, data: Experience, repeats: int = 5) -> float:
    """Median wall time of 64 samples for a user with history and a request, in ms."""
    user = data.of_split("heldout")[0]
    text = data.captions[0, 0] if data.captions.size else None
    request = PriorRequest(data.history(user, 32), text, n=64, seed=1)
    times: list[float] = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        prior.sample(request)
        times.append(1000 * (time.perf_counter() - started))
    return float(np.median(times[1:]))

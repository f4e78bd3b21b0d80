"""Figures of the prior that need nothing but ratings: held-out users, held-out items."""

from __future__ import annotations

import time

import numpy as np

from vitrine.core.ports import Floats, PriorRequest
from vitrine.models.experience import LIKED, Experience
from vitrine.models.metrics import mean_auc
from vitrine.models.prior.prior import RebecaPrior


def closeness(samples: Floats, items: Floats, nearest: int = 4) -> Floats:
    """Mean cosine of each item (m, d) with its `nearest` closest samples (n, d), (m,)."""
    cosines = unit(items) @ unit(samples).T
    return np.sort(cosines, axis=1)[:, -nearest:].mean(axis=1)


def unit(rows: Floats) -> Floats:
    """Rows at unit length."""
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def prior_figures(prior: RebecaPrior, data: Experience, limit: int = 100) -> dict[str, float]:
    """Does closeness to a user's samples tell their liked held-out items from the others?

    Per-user AUC of samples with rating 5, with rating 1, and of the centroid of likes, which is the
    baseline to know; and the milliseconds of 64 samples with both conditions.
    """
    users = data.of_split("heldout")[:limit]
    centre = data.images[~data.heldout].mean(axis=0)
    cases: dict[str, list[tuple[Floats, np.ndarray]]] = {
        "rating_5": [],
        "rating_1": [],
        "centroid": [],
    }
    for user in users:
        rated = data.heldout_ratings(user)
        history = data.history(user, 32)
        if not len(rated.items) or not len(history.liked):
            continue
        items, liked = data.images[rated.items] - centre, rated.values >= LIKED
        for rating in (5, 1):
            samples = prior.sample(PriorRequest(history, None, n=32, seed=user, rating=rating))
            cases[f"rating_{rating}"].append((closeness(samples - centre, items), liked))
        middle = history.liked.mean(axis=0, keepdims=True) - centre
        cases["centroid"].append((closeness(middle, items, 1), liked))
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

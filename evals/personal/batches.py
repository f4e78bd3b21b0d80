"""A prior asked for many people in one batch: what it is worth, and how long it takes.

Letters: U people, n samples a person, d embedding dimension.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats, PriorRequest
from vitrine.evals.personal.arms import PRODUCT
from vitrine.evals.personal.bench import dissimilarity, unit
from vitrine.evals.personal.stages import PAPER_SIGMA, Stage, liked_images
from vitrine.evals.personal.world import LIKED_SHARE
from vitrine.models.metrics import mean_discrepancy
from vitrine.models.prior.prior import RebecaPrior


@dataclass(frozen=True)
class Asked:
    """What one batch gave: lift, precision and diversity of each person (U,), and of all together.

    discrepancy: of all samples to what these people like, as in the sweep of guidance.
    seconds: of the processor, so that other jobs on the machine do not count.
    """

    lift: NDArray[np.float64]
    precision: NDArray[np.float64]
    diversity: NDArray[np.float64]
    discrepancy: float
    seconds: float


class Batches:
    """Asks priors for the same people."""

    def __init__(self, stage: Stage, people: Sequence[int], samples: int) -> None:
        """People and what is known of them; `samples` is n."""
        self.people = people
        self.samples = samples
        self._bench = stage.bench
        self._tastes = [stage.bench.taste(user) for user in people]
        self._liked = liked_images(stage, people)

    def ask(
        self, prior: RebecaPrior, *, seed: int, guidance: float = PRODUCT, rating: int = 5
    ) -> Asked:
        """All people in one batch, without a request; timed is the sampling alone."""
        requests = [
            PriorRequest(taste, None, n=self.samples, seed=seed * 1_000_003 + user,
                         rating=rating, guidance_user=guidance)
            for user, taste in zip(self.people, self._tastes, strict=True)
        ]  # fmt: skip
        started = time.process_time()
        found = prior.sample_many(requests)
        seconds = time.process_time() - started
        return self._judged(found, seconds)

    def _judged(self, found: Sequence[Floats], seconds: float) -> Asked:
        bench = self._bench
        places = np.stack([
            bench.places(user, rows) for user, rows in zip(self.people, found, strict=True)
        ])  # (U, n)  # fmt: skip
        standing = np.stack([
            bench.world.percentiles[user, own]
            for user, own in zip(self.people, places, strict=True)
        ])  # fmt: skip
        looks = bench.looks[bench.world.shelf]
        gap = mean_discrepancy(unit(np.concatenate(found)), self._liked, sigma=PAPER_SIGMA)
        return Asked(
            lift=bench.lift(self.people, places),
            precision=(standing >= LIKED_SHARE).mean(axis=1),
            diversity=np.array([dissimilarity(looks[own]) for own in places]),
            discrepancy=1000 * gap,
            seconds=seconds,
        )

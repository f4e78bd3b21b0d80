"""Are the images made for people theirs? The permutation test of REBECA (sec. 4.5, Algorithm 1).

Letters: U users, n images a user, J = U n images, B permutations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.models.metrics import benjamini_hochberg

CHUNK = 2_000_000
"""Values that are looked up at once."""


@dataclass(frozen=True)
class Proof:
    """The outcome of one test.

    score: mean value of the images with those they were made for. null (B,): the same with images
    dealt out at random. p_user (U,): each user's own p-value. adjusted (U,): after control of the
    false discovery rate.
    """

    score: float
    null: NDArray[np.float64]
    p: float
    p_user: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    own: NDArray[np.float64]  # (U,) mean value of each user's own images
    others: NDArray[np.float64]  # (U,) mean value of all images with each user

    @property
    def lift(self) -> float:
        """How much better one's own images are than images dealt out at random."""
        return self.score - float(self.null.mean())

    @property
    def deviations(self) -> float:
        """The lift in standard deviations of the null; it grows with users and images."""
        return self.lift / max(float(self.null.std()), 1e-12)


def permutation_test(
    values: NDArray[np.floating],
    *,
    permutations: int = 1000,
    seed: int = 0,
    blocks: NDArray[np.int64] | None = None,
) -> Proof:
    """Test that images depend on whom they were made for.

    Args:
        values: V[user, image], (U, J): what user u thinks of image j, whoever it was made for.
            Images stand in order of their users, n = J / U each.
        permutations: B. The lowest possible p-value is 1 / (B + 1).
        seed: of the permutations.
        blocks: what each image was made for, (J,), such as the words of a request; images are dealt
            out within their block alone, so that nothing but the person is tested. A block holds
            equally many images of every user.

    Returns:
        The test over all users, and one a user from the same permutations: in each of them a user
        is dealt n images at random, which is that user's own null.

    Raises:
        ValueError: the images are not the same number for every user, or in every block.
    """
    users, images = values.shape
    if users < 2 or images == 0 or images % users:
        raise ValueError(f"values of shape {values.shape!r}: expected (U, U n), U at least 2")
    each = images // users
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(users), each)  # the user that stands at each place
    own = values[rows, np.arange(images)].reshape(users, each).mean(axis=1)
    null = np.empty((permutations, users))
    places = _places(rows, blocks)
    step = max(1, CHUNK // images)
    for start in range(0, permutations, step):
        count = min(step, permutations - start)
        dealt = np.tile(np.arange(images), (count, 1))  # (count, J)
        for place in places:
            dealt[:, place] = rng.permuted(dealt[:, place], axis=1)
        null[start : start + count] = values[rows, dealt].reshape(count, users, each).mean(axis=2)
    score, scores = float(own.mean()), null.mean(axis=1)
    # A tie counts as an exceedance; sums in another order must not undo that.
    p = (1 + int((scores >= score - 1e-12).sum())) / (permutations + 1)
    p_user = (1 + (null >= own - 1e-12).sum(axis=0)) / (permutations + 1)
    return Proof(
        score, scores, p, p_user, benjamini_hochberg(p_user), own, values.mean(axis=1, dtype=float)
    )


def _places(rows: NDArray[np.int64], blocks: NDArray[np.int64] | None) -> list[NDArray[np.int64]]:
    """Places of the images of each block.

    Raises:
        ValueError: a block has more images of one user than of another.
    """
    if blocks is None:
        return [np.arange(len(rows))]
    places = [np.flatnonzero(blocks == block) for block in np.unique(blocks)]
    for place in places:
        counts = np.bincount(rows[place], minlength=int(rows.max()) + 1)
        if counts.min() != counts.max():
            raise ValueError(
                f"a block has {counts.min()} to {counts.max()} images a user: expected equally many"
            )
    return places

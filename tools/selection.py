"""Choose K of N embeddings before anything is drawn: good, and unlike each other.

Two methods behind one interface. `mmr`: greedy maximal marginal relevance, each pick is judged by its
nearest fellow. `dpp`: greedy maximum a posteriori of a determinantal point process (Chen, Zhang & Zhou
2018), each pick by the volume that all of them span. Scores and likeness are spread over the
candidates first, so that `diversity` means the same for any scorer and any space.
"""

from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats
from vitrine.tools.references import unit

Method = Literal["mmr", "dpp"]

SAME = 0.9999
"""Cosine from which two embeddings count as one."""
SHARPNESS = 6.0
"""Log quality between the best and the worst candidate of the DPP at diversity 1/2."""
FLOOR = 1e-9
"""Squared volume that is left to a candidate below which it adds nothing new."""


def select(
    vectors: Floats,
    scores: Floats,
    k: int,
    *,
    diversity: float = 0.5,
    method: Method = "mmr",
) -> list[int]:
    """Indices of the chosen rows, in the order of choice: the best first.

    Args:
        vectors: raw embeddings, (n, d).
        scores: one a row, higher is better, (n,).
        k: how many; fewer come back only where there are fewer rows.
        diversity: 0 takes the k best, 1 looks at likeness alone after the first.
        method: how likeness within the choice counts.

    Raises:
        ValueError: shapes do not fit, or `diversity` is out of 0..1.
    """
    if vectors.ndim != 2 or scores.shape != (len(vectors),):
        raise ValueError(f"expected (n, d) and (n,), got {vectors.shape!r} and {scores.shape!r}")
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity={diversity!r}: expected 0..1")
    units = unit(vectors)
    likeness = (units @ units.T).astype(np.float64)  # (n, n)
    merit: _Mmr | _Dpp
    match method:
        case "mmr":
            merit = _Mmr(scores.astype(np.float64), likeness, diversity)
        case "dpp":
            merit = _Dpp(scores.astype(np.float64), likeness, diversity)
        case _:
            assert_never(method)
    left = list(np.lexsort((np.arange(len(scores)), -scores)))
    chosen: list[int] = []
    twins: list[int] = []
    while left and len(chosen) < k:
        rows = np.asarray(left)
        best = int(rows[int(np.argmax(merit.of(rows)))])
        left.remove(best)
        if any(likeness[best, other] >= SAME for other in chosen):
            twins.append(best)
        else:
            chosen.append(best)
            merit.take(best)
    return chosen + twins[: k - len(chosen)]


def log_volume(vectors: Floats, rows: list[int]) -> float:
    """Log determinant of the kernel of some rows, the diversity that the DPP rewards; -inf for twins."""
    units = unit(vectors)
    kernel = _kernel((units @ units.T).astype(np.float64))[np.ix_(rows, rows)]
    sign, value = np.linalg.slogdet(kernel)
    return float(value) if sign > 0 else float("-inf")


class _Mmr:
    """`(1 - diversity) * score - diversity * likeness to the nearest chosen`, both over 0..1."""

    def __init__(self, scores: NDArray[np.float64], likeness: NDArray[np.float64], share: float):
        self._gain, self._close = _spread(scores), _spread(likeness)
        self._share = share
        self._nearest: NDArray[np.float64] | None = None

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        if self._nearest is None:
            return self._gain[rows]
        return (1 - self._share) * self._gain[rows] - self._share * self._nearest[rows]

    def take(self, row: int) -> None:
        close = self._close[:, row]
        self._nearest = close if self._nearest is None else np.maximum(self._nearest, close)


class _Dpp:
    """Log of what a row multiplies the determinant of `diag(q) S diag(q)` by, given the chosen.

    `log q^2 = sharpness * score` with scores over 0..1; diversity moves the sharpness from infinite
    (0: scores alone) to 0 (1: volume alone). The Cholesky factor grows by one row a choice.
    """

    def __init__(self, scores: NDArray[np.float64], likeness: NDArray[np.float64], share: float):
        self._gain = _spread(scores)
        self._share = share
        self._kernel = _kernel(likeness)
        self._volume = np.diag(self._kernel).copy()  # what each row would still add, squared
        self._factor = np.zeros((0, len(scores)))

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        if not len(self._factor):
            return self._gain[rows]
        quality = (1 - self._share) * SHARPNESS * self._gain[rows]
        return quality + self._share * np.log(np.maximum(self._volume[rows], FLOOR))

    def take(self, row: int) -> None:
        own = np.sqrt(max(float(self._volume[row]), FLOOR))
        step = (self._kernel[row] - self._factor[:, row] @ self._factor) / own
        self._factor = np.vstack([self._factor, step])
        self._volume = self._volume - step**2


def _kernel(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosines (n, n) as a Gaussian kernel whose width is the mean distance of two candidates.

    Embeddings of one encoder all point into a cone: by plain cosines every two of them are alike.
    """
    gaps = np.clip(2 - 2 * likeness, 0, None)
    width = max(float(gaps.mean()), FLOOR) if gaps.size else 1.0
    return np.exp(-gaps / (2 * width))


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values moved and scaled to 0..1; all 0 where they are equal."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    return (values - low) / (high - low) if high > low else np.zeros_like(values)

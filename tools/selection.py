"""Choose K of N embeddings before anything is drawn: good, and unlike each other.

Greedy maximal marginal relevance on unit vectors. Scores and likeness are both spread over 0..1
within the candidates first, so that `diversity` means the same for any scorer and any space.
"""

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats
from vitrine.tools.references import unit

SAME = 0.9999
"""Cosine from which two embeddings count as one."""


def select(vectors: Floats, scores: Floats, k: int, *, diversity: float = 0.5) -> list[int]:
    """Indices of the chosen rows, in the order of choice: the best first.

    Args:
        vectors: raw embeddings, (n, d).
        scores: one a row, higher is better, (n,).
        k: how many; fewer come back only where there are fewer rows.
        diversity: 0 takes the k best, 1 looks at likeness alone after the first.

    Raises:
        ValueError: shapes do not fit, or `diversity` is out of 0..1.
    """
    if vectors.ndim != 2 or scores.shape != (len(vectors),):
        raise ValueError(f"expected (n, d) and (n,), got {vectors.shape!r} and {scores.shape!r}")
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity={diversity!r}: expected 0..1")
    units = unit(vectors)
    likeness = (units @ units.T).astype(np.float64)  # (n, n)
    gain = _spread(scores.astype(np.float64))
    close = _spread(likeness)
    left = list(np.lexsort((np.arange(len(scores)), -scores)))
    chosen: list[int] = []
    twins: list[int] = []
    while left and len(chosen) < k:
        rows = np.asarray(left)
        merit = gain[rows]
        if chosen:
            merit = (1 - diversity) * merit - diversity * close[rows][:, chosen].max(axis=1)
        best = int(rows[int(np.argmax(merit))])
        left.remove(best)
        if any(likeness[best, other] >= SAME for other in chosen):
            twins.append(best)
        else:
            chosen.append(best)
    return chosen + twins[: k - len(chosen)]


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values moved and scaled to 0..1; all 0 where they are equal."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    return (values - low) / (high - low) if high > low else np.zeros_like(values)

"""Retrieval of eq. 8: what in a person's history is nearest to the rewritten text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats


def nearest_texts(query: Floats, texts: Floats, count: int) -> NDArray[np.int64]:
    """Rows of the `count` texts of largest cosine with the query, best first; fewer if there are fewer.

    Differs from the paper, whose "arg min dist" is read as the largest cosine (eq. 7). Ties: the
    earlier row, so that equal histories give equal interests. Who calls leaves the wanted thing out.

    Args:
        query: (t,). texts: (n, t), raw.
    """
    lengths = np.linalg.norm(texts, axis=1) * float(np.linalg.norm(query))
    cosines = texts @ query / np.maximum(lengths, 1e-12)
    return np.argsort(-cosines, kind="stable")[:count].astype(np.int64)

"""Nearest vectors by exact inner product (FAISS flat), within a mask."""

from typing import Any, cast

import faiss
import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats


def unit(rows: Floats) -> Floats:
    """Rows scaled to length 1, (n, d); zero rows stay zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.ascontiguousarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


class VectorIndex:
    """Cosine search over (n, d) raw vectors. Zero rows (no picture) are never returned."""

    def __init__(self, vectors: Floats) -> None:
        self.unit = unit(vectors)
        self._present: NDArray[np.bool_] = np.any(self.unit != 0, axis=1)
        faiss.omp_set_num_threads(1)  # a flat scan of some thousand rows is faster without a pool
        self._flat: Any = faiss.IndexFlatIP(int(vectors.shape[1]))
        self._flat.add(self.unit)

    def search(
        self, queries: Floats, mask: NDArray[np.bool_], limit: int
    ) -> list[list[tuple[int, float]]]:
        """For each of (q, d) vectors: (row, cosine) best first in the mask; ties in row order."""
        allowed = mask & self._present
        limit = min(limit, int(allowed.sum()))
        if limit == 0 or not len(queries):
            return [[] for _ in range(len(queries))]
        bits = np.packbits(allowed, bitorder="little")
        selector: Any = cast(Any, faiss).IDSelectorBitmap(bits)
        parameters: Any = cast(Any, faiss).SearchParameters(sel=selector)
        found = self._flat.search(unit(queries), limit, params=parameters)
        scores, rows = cast(tuple[Floats, NDArray[np.int64]], found)
        results: list[list[tuple[int, float]]] = []
        for row_scores, row_ids in zip(scores, rows, strict=True):
            kept = row_ids >= 0
            row_scores, row_ids = row_scores[kept], row_ids[kept]
            order = np.lexsort((row_ids, -row_scores))
            results.append([(int(row_ids[i]), float(row_scores[i])) for i in order])
        return results

"""Choosing K of N embeddings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrine.tools.selection import select


def world(seed: int, n: int = 20, d: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)).astype(np.float32), rng.random(n).astype(np.float32)


def test_without_diversity_the_best_are_chosen() -> None:
    vectors, scores = world(1)
    assert select(vectors, scores, 4, diversity=0) == list(np.argsort(-scores)[:4])


def test_the_best_comes_first_and_diversity_spreads() -> None:
    vectors = np.asarray([[1, 0], [0.99, 0.05], [0.98, 0.06], [0, 1]], dtype=np.float32)
    scores = np.asarray([0.9, 0.8, 0.7, 0.1], dtype=np.float32)
    assert select(vectors, scores, 2, diversity=0) == [0, 1]
    assert select(vectors, scores, 2, diversity=1) == [0, 3]


def test_duplicates_are_chosen_only_when_nothing_else_is_left() -> None:
    vectors, scores = world(2, n=3)
    doubled = np.concatenate([vectors, 2 * vectors])
    chosen = select(doubled, np.concatenate([scores, scores]), 3, diversity=0)
    assert {i % 3 for i in chosen} == {0, 1, 2}
    assert len(select(doubled, np.concatenate([scores, scores]), 5, diversity=0)) == 5


@given(st.integers(0, 1000), st.integers(0, 25), st.floats(0, 1))
def test_always_k_different_rows_and_always_the_same(seed: int, k: int, diversity: float) -> None:
    vectors, scores = world(seed)
    chosen = select(vectors, scores, k, diversity=diversity)
    assert len(chosen) == len(set(chosen)) == min(k, len(scores))
    assert chosen == select(vectors, scores, k, diversity=diversity)


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="expected"):
        select(np.zeros((3, 2), np.float32), np.zeros(2, np.float32), 1)
    with pytest.raises(ValueError, match="diversity"):
        select(np.zeros((3, 2), np.float32), np.zeros(3, np.float32), 1, diversity=2)
    assert select(np.zeros((0, 2), np.float32), np.zeros(0, np.float32), 3) == []

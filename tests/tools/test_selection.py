"""Choosing K of N embeddings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrine.tools.selection import Method, log_volume, select

METHODS = pytest.mark.parametrize("method", ["mmr", "dpp"])


def world(seed: int, n: int = 20, d: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)).astype(np.float32), rng.random(n).astype(np.float32)


@METHODS
def test_without_diversity_the_best_are_chosen(method: Method) -> None:
    vectors, scores = world(1)
    assert select(vectors, scores, 4, diversity=0, method=method) == list(np.argsort(-scores)[:4])


@METHODS
def test_the_best_comes_first_and_diversity_spreads(method: Method) -> None:
    vectors = np.asarray([[1, 0], [0.99, 0.05], [0.98, 0.06], [0, 1]], dtype=np.float32)
    scores = np.asarray([0.9, 0.8, 0.7, 0.1], dtype=np.float32)
    assert select(vectors, scores, 2, diversity=0, method=method) == [0, 1]
    assert select(vectors, scores, 2, diversity=1, method=method) == [0, 3]


@METHODS
def test_duplicates_are_chosen_only_when_nothing_else_is_left(method: Method) -> None:
    vectors, scores = world(2, n=3)
    doubled = np.concatenate([vectors, 2 * vectors])
    chosen = select(doubled, np.concatenate([scores, scores]), 3, diversity=0, method=method)
    assert {i % 3 for i in chosen} == {0, 1, 2}
    assert (
        len(select(doubled, np.concatenate([scores, scores]), 5, diversity=0, method=method)) == 5
    )


@given(st.integers(0, 1000), st.integers(0, 25), st.floats(0, 1), st.sampled_from(["mmr", "dpp"]))
def test_always_k_different_rows_and_always_the_same(
    seed: int, k: int, diversity: float, method: Method
) -> None:
    vectors, scores = world(seed)
    chosen = select(vectors, scores, k, diversity=diversity, method=method)
    assert len(chosen) == len(set(chosen)) == min(k, len(scores))
    assert chosen == select(vectors, scores, k, diversity=diversity, method=method)
    # A longer choice goes on from a shorter one.
    assert select(vectors, scores, k // 2, diversity=diversity, method=method) == chosen[: k // 2]


def test_more_diversity_spans_more_and_scores_less() -> None:
    spans, worths = list[list[float]](), list[list[float]]()
    for seed in range(20):
        vectors, scores = world(seed, n=30, d=8)
        picks = [select(vectors, scores, 5, diversity=d, method="dpp") for d in (0.0, 0.5, 1.0)]
        spans.append([log_volume(vectors, rows) for rows in picks])
        worths.append([float(scores[rows].sum()) for rows in picks])
    assert (np.diff(np.mean(spans, axis=0)) > 0).all()
    assert (np.diff(np.mean(worths, axis=0)) < 0).all()
    assert (np.asarray(worths)[:, 0] >= np.asarray(worths).max(axis=1) - 1e-6).all()


@given(st.integers(0, 1000))
def test_gains_of_a_greedy_choice_only_fall(seed: int) -> None:
    vectors, scores = world(seed, n=30, d=8)
    chosen = select(vectors, scores, 6, diversity=1.0, method="dpp")
    gains = np.diff([log_volume(vectors, chosen[:n]) for n in range(1, 7)])
    assert (gains <= 1e-9).all()  # unit rows: nothing adds more than a volume of 1
    assert (np.diff(gains) <= 1e-6).all()


def test_greedy_volume_is_the_determinant() -> None:
    vectors, scores = world(3, n=12, d=9)
    chosen = select(vectors, scores, 2, diversity=1, method="dpp")
    others = {row: log_volume(vectors, [chosen[0], row]) for row in range(12) if row != chosen[0]}
    assert chosen[1] == max(others, key=others.__getitem__)


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="expected"):
        select(np.zeros((3, 2), np.float32), np.zeros(2, np.float32), 1)
    with pytest.raises(ValueError, match="diversity"):
        select(np.zeros((3, 2), np.float32), np.zeros(3, np.float32), 1, diversity=2)
    assert select(np.zeros((0, 2), np.float32), np.zeros(0, np.float32), 3) == []

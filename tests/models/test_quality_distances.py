"""Distances of sets against closed forms, direct loops and the libraries that others use."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from torch import nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from vitrine.models.metrics import average_precision, mean_auc, mean_average_precision
from vitrine.models.quality.distances import (
    FID_SAMPLES,
    clip_discrepancy,
    clip_scores,
    frechet_distance,
    frechet_warning,
    history_similarity,
    kernel_distance,
    list_diversity,
    novelty,
    two_sample_auc,
    unit,
)


def rows(n: int, d: int, seed: int, shift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) / 2 + shift


def exact_gaussian(n: int, mean: np.ndarray, root: np.ndarray, seed: int) -> np.ndarray:
    """Rows whose sample mean and covariance are exactly `mean` and `root @ root.T`."""
    x = np.random.default_rng(seed).standard_normal((n, len(mean)))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T
    return x @ root.T + mean


class Flat(nn.Module):
    """Takes features for pictures, as a library's feature extractor does."""

    num_features = 4

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.double().flatten(1)


# --- Frechet --------------------------------------------------------------------------------------


def test_frechet_of_gaussians_is_the_closed_form() -> None:
    a, b = np.diag([1.0, 2.0, 0.5]), np.diag([3.0, 1.0, 0.5])
    left = exact_gaussian(50, np.zeros(3), a, 0)
    right = exact_gaussian(70, np.array([1.0, 0.0, 2.0]), b, 1)
    # commuting covariances: |m|^2 + sum (s1 - s2)^2
    assert frechet_distance(left, right) == pytest.approx(5.0 + 4.0 + 1.0, abs=1e-9)
    assert frechet_distance(left, left) == pytest.approx(0.0, abs=1e-9)


def test_frechet_agrees_with_the_matrix_root_of_scipy() -> None:
    left, right = rows(60, 6, 0), rows(80, 6, 1, 0.7)
    s1, s2 = np.cov(left, rowvar=False), np.cov(right, rowvar=False)
    gap = left.mean(axis=0) - right.mean(axis=0)
    expected = gap @ gap + np.trace(s1 + s2 - 2 * np.real(sqrtm(s1 @ s2)))
    assert frechet_distance(left, right) == pytest.approx(expected, rel=1e-8)


def test_frechet_agrees_with_torchmetrics() -> None:
    left, right = rows(64, 4, 2), rows(48, 4, 3, 0.4)
    theirs = FrechetInceptionDistance(feature=Flat(), normalize=True)
    theirs.set_dtype(torch.float64)
    theirs.update(torch.from_numpy(left).reshape(-1, 4, 1, 1), real=True)
    theirs.update(torch.from_numpy(right).reshape(-1, 4, 1, 1), real=False)
    assert frechet_distance(left, right) == pytest.approx(float(theirs.compute()), rel=1e-5)


def test_frechet_says_when_it_cannot_be_trusted() -> None:
    with pytest.raises(ValueError, match="more pictures than dimensions"):
        frechet_distance(rows(5, 5, 0), rows(50, 5, 1))
    assert "biased" in (frechet_warning(500) or "")
    assert frechet_warning(FID_SAMPLES) is None


# --- kernels --------------------------------------------------------------------------------------


def test_kernel_distance_is_the_unbiased_double_sum() -> None:
    left, right = rows(7, 3, 0), rows(9, 3, 1, 0.5)

    def k(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / 3 + 1) ** 3)

    def within(x: np.ndarray) -> float:
        pairs = [k(x[i], x[j]) for i in range(len(x)) for j in range(len(x)) if i != j]
        return float(np.mean(pairs))

    across = float(np.mean([k(x, y) for x in left for y in right]))
    expected = within(left) + within(right) - 2 * across
    assert kernel_distance(left, right) == pytest.approx(expected, rel=1e-10)
    assert kernel_distance(left, right, chunk=2) == pytest.approx(expected, rel=1e-10)


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance`:UserWarning")
def test_kernel_distance_agrees_with_torchmetrics() -> None:
    left, right = rows(32, 4, 4), rows(32, 4, 5, 0.3)
    theirs = KernelInceptionDistance(feature=Flat(), subsets=1, subset_size=32, normalize=True)
    theirs.set_dtype(torch.float64)
    theirs.update(torch.from_numpy(left).reshape(-1, 4, 1, 1), real=True)
    theirs.update(torch.from_numpy(right).reshape(-1, 4, 1, 1), real=False)
    mean, _ = theirs.compute()
    assert kernel_distance(left, right) == pytest.approx(float(mean), rel=1e-4)


def test_kernel_distance_of_one_kind_is_zero_on_average() -> None:
    values = [kernel_distance(rows_of(20, 2 * s), rows_of(20, 2 * s + 1)) for s in range(200)]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error
    assert min(values) < 0  # unbiased: it must be able to fall below zero
    with pytest.raises(ValueError, match="two of each"):
        kernel_distance(rows_of(1, 0), rows_of(5, 1))


def rows_of(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, 3))


def test_clip_discrepancy_has_the_published_constants() -> None:
    left, right = rows(20, 5, 0), rows(30, 5, 1, 1.0)
    assert clip_discrepancy(left, left) == pytest.approx(0.0, abs=1e-9)
    assert clip_discrepancy(left, 3 * left) == pytest.approx(0.0, abs=1e-9)  # length does not count
    # two points: 1000 (2 - 2 exp(-|x - y|^2 / 200))
    e1, e2 = np.eye(4)[:1], np.eye(4)[1:2]
    assert clip_discrepancy(e1, e2) == pytest.approx(2000 * (1 - np.exp(-2 / 200)), rel=1e-9)
    a, b = unit(left), unit(right)

    def mean(x: np.ndarray, y: np.ndarray) -> float:
        return float(np.exp(-((x[:, None] - y[None]) ** 2).sum(-1) / 200).mean())

    expected = 1000 * (mean(a, a) + mean(b, b) - 2 * mean(a, b))
    assert clip_discrepancy(left, right) == pytest.approx(expected, rel=1e-6)


# --- rows and lists -------------------------------------------------------------------------------


def test_clip_scores_state_their_scale() -> None:
    pictures = np.array([[1.0, 0.0], [3.0, 4.0], [-1.0, 0.0]])
    texts = np.array([[2.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    assert clip_scores(pictures, texts) == pytest.approx([2.5, 1.5, 0.0])
    assert clip_scores(pictures, texts, weight=100) == pytest.approx([100, 60, 0])


def test_a_classifier_tells_what_differs_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    real, same = rng.standard_normal((150, 10)), rng.standard_normal((150, 10))
    again = [
        two_sample_auc(rng.standard_normal((60, 4)), rng.standard_normal((60, 4)))
        for _ in range(30)
    ]
    assert abs(np.mean(again) - 0.5) < 0.03
    assert two_sample_auc(real, same + 3) > 0.99
    # more dimensions than pictures: still judged on pictures left out
    wide = rng.standard_normal((60, 200))
    assert abs(two_sample_auc(wide[:30], wide[30:]) - 0.5) < 0.25
    with pytest.raises(ValueError, match="at least"):
        two_sample_auc(real[:3], same)


def test_list_figures_have_known_values() -> None:
    axes = np.eye(3)
    assert list_diversity(axes) == pytest.approx(1.0)
    assert list_diversity(np.stack([axes[0], 5 * axes[0]])) == pytest.approx(0.0)
    assert list_diversity(axes[:1]) == 0.0
    assert history_similarity(axes[:1], np.stack([axes[0], axes[1]])) == pytest.approx([0.5])
    assert novelty(np.stack([2 * axes[0], axes[2]]), axes[:2]) == pytest.approx([0.0, 1.0])


# --- ranking --------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.booleans()), min_size=1))
def test_on_pairs_map_is_half_of_one_plus_gauc(pairs: list[tuple[float, float, bool]]) -> None:
    cases = [
        (np.array([a, b if b != a else b + 1]), np.array([first, not first]))
        for a, b, first in pairs
    ]
    assert mean_average_precision(cases) == pytest.approx((1 + mean_auc(cases)) / 2, abs=1e-12)


def test_average_precision_of_a_known_ranking() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    chosen = np.array([True, False, True, False])
    assert average_precision(scores, chosen) == pytest.approx((1 + 2 / 3) / 2)
    nothing = np.array([False, False])
    assert average_precision(scores[:2], nothing) is None
    assert np.isnan(mean_average_precision([(scores[:2], nothing)]))

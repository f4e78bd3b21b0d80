"""Distances between sets of pictures, and figures of one list, from features alone. Plain numpy.

Every function takes features of some encoder; whoever reports a figure names that encoder with it,
since a FID of one is no FID of another. Letters: n, m pictures, d features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vitrine.models.metrics import auc, mean_discrepancy

Rows = NDArray[np.floating]

FID_SAMPLES = 10_000
"""Pictures below which a FID is mostly bias (Chong & Forsyth 2020, "Effectively unbiased FID")."""
CMMD_SIGMA, CMMD_SCALE = 10.0, 1000.0
CLIP_SCORE_WEIGHT = 2.5


def frechet_distance(left: Rows, right: Rows) -> float:
    """FID (Heusel et al. 2017, eq. 6): `|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))`, at least 0.

    Of Gaussians fitted to features (n, d) and (m, d), with unbiased covariances. The trace of the
    root is the sum of the roots of the eigenvalues of `S1^(1/2) S2 S1^(1/2)`: symmetric, so that no
    imaginary part has to be thrown away. Its bias falls as 1/n: see `frechet_warning`.

    Raises:
        ValueError: a side has no more rows than dimensions, so that its covariance is singular.
    """
    for rows in (left, right):
        if len(rows) <= rows.shape[1]:
            raise ValueError(
                f"{len(rows)} pictures in {rows.shape[1]} dimensions: a Frechet distance needs more"
                " pictures than dimensions"
            )
    a, b = np.asarray(left, np.float64), np.asarray(right, np.float64)
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, axes = np.linalg.eigh(np.atleast_2d(first))
    root = (axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T
    product = np.linalg.eigvalsh(root @ np.atleast_2d(second) @ root)
    cross = float(np.sqrt(np.maximum(product, 0.0)).sum())
    gap = float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum())
    return max(gap + float(np.trace(np.atleast_2d(first) + second)) - 2 * cross, 0.0)


def frechet_warning(count: int) -> str | None:
    """What has to be said beside a FID of so many pictures; None: nothing."""
    if count >= FID_SAMPLES:
        return None
    return (
        f"FID of {count} pictures is biased upwards: compare it only with a FID of as many"
        f" pictures, and trust KID or CMMD below {FID_SAMPLES:,}"
    )


def kernel_distance(left: Rows, right: Rows, *, chunk: int = 1024) -> float:
    """KID (Binkowski et al. 2018, sec. 4): unbiased squared MMD under `(x.y / d + 1)^3`.

    All pictures at once instead of a mean over subsets: the same expectation with less variance. It
    is unbiased, so it may be a little below 0 where two sets are of one kind. Usually told x1000.

    Raises:
        ValueError: a side has fewer than two rows.
    """
    n, m, d = len(left), len(right), left.shape[1]
    if min(n, m) < 2:
        raise ValueError(f"{n} and {m} pictures: a kernel distance needs two of each")
    a, b = np.asarray(left, np.float64), np.asarray(right, np.float64)

    def total(x: Rows, y: Rows) -> float:
        parts = (x[start : start + chunk] @ y.T for start in range(0, len(x), chunk))
        return float(sum(((part / d + 1) ** 3).sum() for part in parts))

    def diagonal(x: Rows) -> float:
        return float((((x**2).sum(axis=1) / d + 1) ** 3).sum())

    within = (total(a, a) - diagonal(a)) / (n * (n - 1)) + (total(b, b) - diagonal(b)) / (
        m * (m - 1)
    )
    return within - 2 * total(a, b) / (n * m)


def clip_discrepancy(left: Rows, right: Rows) -> float:
    """CMMD (Jayasumana et al. 2024): 1000 x squared MMD of unit embeddings, Gaussian kernel, sigma 10.

    0 for equal sets. The published figures are of CLIP ViT-L/14 at 336 pixels.
    """
    return CMMD_SCALE * mean_discrepancy(unit(left), unit(right), sigma=CMMD_SIGMA)


def clip_scores(pictures: Rows, texts: Rows, *, weight: float = CLIP_SCORE_WEIGHT) -> Rows:
    """CLIPScore of each picture with its text (Hessel et al. 2021, eq. 1): `w max(cos, 0)`, (n,).

    Args:
        pictures: image embeddings (n, d).
        texts: text embeddings (n, d), row by row.
        weight: w. 2.5 is the paper's; 1 gives the cosine, 100 what torchmetrics reports.
    """
    return weight * np.maximum((unit(pictures) * unit(texts)).sum(axis=1), 0.0)


def two_sample_auc(real: Rows, made: Rows, *, folds: int = 5, seed: int = 0) -> float:
    """How well a linear classifier tells made pictures from real ones it has not seen; .5: it cannot.

    A classifier two-sample test (Lopez-Paz & Oquab 2017): ridge regression on standardised features
    of `folds - 1` parts, AUC on the part left out, mean over the parts.

    Raises:
        ValueError: a side has fewer rows than folds.
    """
    if min(len(real), len(made)) < folds:
        raise ValueError(f"{len(real)} and {len(made)} pictures: expected {folds} of each at least")
    rng = np.random.default_rng(seed)
    rows = np.concatenate([real, made]).astype(np.float64)
    is_real = np.arange(len(rows)) < len(real)
    fold = np.empty(len(rows), np.int64)
    for side in (is_real, ~is_real):
        fold[side] = rng.permutation(np.arange(int(side.sum())) % folds)
    values: list[float] = []
    for number in range(folds):
        seen = fold != number
        scores = _ridge(rows[seen], is_real[seen], rows[~seen])
        value = auc(scores, is_real[~seen])
        assert value is not None, "each part holds both kinds"
        values.append(value)
    return float(np.mean(values))


def _ridge(rows: Rows, positive: NDArray[np.bool_], others: Rows) -> Rows:
    """Scores of `others`; classes weigh the same, the penalty grows with the number of features."""
    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    x = (rows - centre) / spread
    weight = np.where(positive, 0.5 / positive.mean(), 0.5 / (~positive).mean())
    goal = np.where(positive, 1.0, -1.0)
    bend = (x * weight[:, None]).T @ x + 0.1 * len(x) * np.eye(x.shape[1])
    return ((others - centre) / spread) @ np.linalg.solve(bend, x.T @ (weight * goal))


def list_diversity(rows: Rows) -> float:
    """Intra-list diversity (Ziegler et al. 2005): mean cosine distance over the pairs of a list (n, d).

    0 for fewer than two rows.
    """
    n = len(rows)
    if n < 2:
        return 0.0
    total = float(np.linalg.norm(unit(rows).sum(axis=0, dtype=np.float64)) ** 2)
    return 1 - (total - n) / (n * (n - 1))


def history_similarity(rows: Rows, history: Rows) -> Rows:
    """Mean cosine of each row (n, d) to the rows of a history (h, d), (n,)."""
    return unit(rows) @ unit(history).mean(axis=0)


def novelty(rows: Rows, among: Rows) -> Rows:
    """Cosine distance of each row (n, d) to the nearest of `among` (m, d), (n,): 0 is a copy."""
    return np.maximum(1 - (unit(rows) @ unit(among).T).max(axis=1), 0.0)


def unit(rows: Rows) -> Rows:
    """Rows at unit length."""
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)

"""The permutation test and what it stands on: known answers, uniform under the null, power."""

import numpy as np
import pytest

from vitrine.evals.personal.irt import fit_person, fit_population, fit_whitener
from vitrine.evals.personal.proof import permutation_test
from vitrine.models.metrics import (
    auc,
    benjamini_hochberg,
    bootstrap_means,
    calibration_error,
    mean_discrepancy,
)


def null_world(rng: np.random.Generator, users: int, each: int) -> np.ndarray:
    """Tastes and images that know nothing of each other, with easy users and popular images."""
    images = users * each
    return (
        rng.standard_normal((users, images))
        + 2 * rng.standard_normal((users, 1))
        + 2 * rng.standard_normal((1, images))
    )


def kolmogorov_distance(values: np.ndarray) -> float:
    """Largest gap between the distribution of the values and the uniform one on 0..1."""
    ordered = np.sort(values)
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def test_p_is_uniform_where_images_do_not_depend_on_users() -> None:
    rng = np.random.default_rng(1)
    worlds, permutations = 500, 199
    proofs = [
        permutation_test(null_world(rng, 8, 3), permutations=permutations, seed=seed)
        for seed in range(worlds)
    ]
    # 1.63 / sqrt(n) is the 1 % bound of Kolmogorov and Smirnov; p moves in steps of 1 / (B + 1).
    bound = 1.63 / worlds**0.5 + 1 / (permutations + 1)
    assert kolmogorov_distance(np.array([proof.p for proof in proofs])) < bound
    assert kolmogorov_distance(np.array([proof.p_user[3] for proof in proofs])) < bound


def test_false_discoveries_stay_under_control_without_any_signal() -> None:
    rng = np.random.default_rng(2)
    found = [
        bool((permutation_test(null_world(rng, 20, 4), permutations=499, seed=s).adjusted <= 0.05).any())
        for s in range(100)
    ]  # fmt: skip
    assert np.mean(found) <= 0.12


def test_a_planted_signal_is_found_and_p_stands_at_its_floor() -> None:
    rng = np.random.default_rng(3)
    users, each = 20, 10
    values = null_world(rng, users, each)
    for user in range(users):
        values[user, user * each : (user + 1) * each] += 3.0
    proof = permutation_test(values, permutations=1000, seed=0)
    assert proof.p == 1 / 1001
    assert proof.p_user.min() >= 1 / 1001
    assert proof.deviations > 6
    assert (proof.adjusted <= 0.05).mean() >= 0.8
    assert proof.lift == pytest.approx(3.0 * (1 - 1 / users), abs=0.6)


def test_only_the_users_with_a_signal_are_found() -> None:
    rng = np.random.default_rng(4)
    users, each = 30, 10
    values = rng.standard_normal((users, users * each))
    for user in range(10):
        values[user, user * each : (user + 1) * each] += 2.0
    adjusted = permutation_test(values, permutations=1000, seed=0).adjusted
    assert (adjusted[:10] <= 0.05).all()
    assert (adjusted[10:] <= 0.05).sum() <= 2


def test_equal_values_give_p_one_and_no_lift() -> None:
    proof = permutation_test(np.full((4, 12), 0.1), permutations=99, seed=0)
    assert proof.p == 1.0
    assert proof.lift == pytest.approx(0.0)


def test_the_same_by_hand_for_two_users() -> None:
    # Two users, one image each: half of the permutations leave everything in place.
    values = np.array([[1.0, 0.0], [0.0, 1.0]])
    proof = permutation_test(values, permutations=4000, seed=5)
    assert proof.score == 1.0
    assert set(proof.null.tolist()) == {0.0, 1.0}
    assert proof.p == pytest.approx(0.5, abs=0.03)


def test_images_must_be_the_same_number_for_everyone() -> None:
    with pytest.raises(ValueError, match=r"expected \(U, U n\)"):
        permutation_test(np.zeros((3, 7)))


def test_false_discovery_rate_known_answer() -> None:
    # The worked example of Benjamini and Hochberg (1995), 15 hypotheses: 4 rejections at .05.
    p = np.array([.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240,
                  .4262, .5719, .6528, .7590, 1.0])  # fmt: skip
    shuffled = np.random.default_rng(0).permutation(15)
    adjusted = benjamini_hochberg(p[shuffled])
    assert (adjusted <= 0.05).sum() == 4
    back = np.empty(15)
    back[shuffled] = adjusted
    assert back[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert (np.diff(back) >= 0).all()
    assert back[-1] == 1.0
    with pytest.raises(ValueError, match=r"expected 0\.\.1"):
        benjamini_hochberg(np.array([0.5, 1.5]))


def test_bootstrap_keeps_users_together_and_pairs_calls() -> None:
    values = np.arange(10.0)
    first = bootstrap_means(values, seed=1, draws=500)
    assert np.allclose(bootstrap_means(values + 1, seed=1, draws=500) - first, 1.0)
    assert abs(first.mean() - 4.5) < 0.2
    assert first.std() == pytest.approx(values.std() / 10**0.5, rel=0.15)
    assert bootstrap_means(np.ones((4, 3)), seed=0, draws=7).shape == (7, 3)


def test_mean_discrepancy_is_nothing_for_equal_sets_and_known_for_two_points() -> None:
    rows = np.random.default_rng(0).standard_normal((50, 6))
    assert mean_discrepancy(rows, rows, sigma=2.0, chunk=7) == pytest.approx(0.0, abs=1e-12)
    apart = mean_discrepancy(np.zeros((1, 2)), np.full((1, 2), 3.0), sigma=3.0)
    assert apart == pytest.approx(2 - 2 * np.exp(-1.0))


def test_item_response_recovers_planted_tastes() -> None:
    rng = np.random.default_rng(6)
    features = np.concatenate([rng.standard_normal((900, 8)), np.ones((900, 1))], axis=1)
    k = features.shape[1]
    tastes = rng.standard_normal((60, k)) * np.where(np.arange(k) < 3, 1.5, 0.1)
    chances = 1 / (1 + np.exp(-tastes @ features.T))  # (people, items)
    liked = rng.random(chances.shape) < chances
    cases = [(features[:80], liked[person, :80]) for person in range(40)]
    population = fit_population(cases)
    strength = np.diag(population.covariance)
    assert strength[:3].min() > strength[3:-1].max()
    found, p, y = [], [], []
    for person in range(40, 60):
        fitted = fit_person(population, features[:80], liked[person, :80])
        p.append(fitted.chances(features[200:]))
        y.append(liked[person, 200:])
        found.append(auc(p[-1], y[-1]))
    ceiling = np.mean([auc(chances[i, 200:], liked[i, 200:]) for i in range(40, 60)])
    assert np.mean(found) > ceiling - 0.04
    assert calibration_error(np.concatenate(p), np.concatenate(y)) < 0.05


def test_features_are_white_and_what_never_varies_is_left_out() -> None:
    rng = np.random.default_rng(8)
    rows = rng.standard_normal((400, 5)) @ rng.standard_normal((5, 7)) + 3
    rows[:, 6] = 1.0
    white = fit_whitener(rows, 20)(rows)
    assert white.shape == (400, 6)
    assert np.cov(white[:, :-1].T) == pytest.approx(np.eye(5) / 5, abs=1e-6)
    assert (white[:, -1] == 1).all()


def test_a_stranger_is_judged_as_the_population() -> None:
    rng = np.random.default_rng(7)
    features = np.concatenate([rng.standard_normal((50, 2)), np.ones((50, 1))], axis=1)
    cases = [(features, rng.random(50) < 0.8) for _ in range(20)]
    population = fit_population(cases)
    nobody = fit_person(population, features[:0], np.zeros(0, np.bool_))
    assert np.allclose(nobody.mean, population.mean)
    assert abs(float(nobody.chances(features).mean()) - 0.8) < 0.08

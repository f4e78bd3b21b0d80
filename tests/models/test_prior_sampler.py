"""The sampler against data whose answer is known: a Gaussian has an analytic x0."""

from typing import Literal

import numpy as np
import pytest
import torch

from vitrine.models.prior.network import timestep_cosine
from vitrine.models.prior.prediction import Prediction, from_clean, from_head, to_clean, truth
from vitrine.models.prior.sampler import (
    Predict,
    SamplerName,
    alpha_bar,
    row_noise,
    run_sampler,
)

Schedule = Literal["squaredcos_cap_v2", "linear"]
MEAN = torch.tensor([1.0, -0.8, 0.3, 1.5])
_MIX = torch.tensor([[1.0, 0, 0, 0], [0.8, 0.6, 0, 0], [0, 0.3, 0.5, 0], [0, 0, 0, 1.3]])
COVARIANCE = _MIX @ _MIX.T


def gaussian_x0(x: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """E[x0 | x_t] of N(MEAN, COVARIANCE) data."""
    total = kept * COVARIANCE + (1 - kept) * torch.eye(4)
    gain = kept.sqrt() * COVARIANCE @ torch.linalg.inv(total)
    return MEAN + (x - kept.sqrt() * MEAN) @ gain.T


def known(kind: Prediction, schedule: Schedule) -> Predict:
    """What a perfect network of that kind says of the Gaussian."""
    bars = alpha_bar(schedule)

    def predict(x: torch.Tensor, t: int) -> torch.Tensor:
        kept = bars[t]
        total = kept * COVARIANCE + (1 - kept) * torch.eye(4)
        score = -(x - kept.sqrt() * MEAN) @ torch.linalg.inv(total)
        clean = (x + (1 - kept) * score) / kept.sqrt()  # Tweedie's formula
        noise = -(1 - kept).sqrt() * score
        match kind:
            case "sample":
                return gaussian_x0(x, bars[t])  # the same without the division by sqrt(kept)
            case "epsilon":
                return noise
            case "v_prediction":
                return kept.sqrt() * noise - (1 - kept).sqrt() * clean

    return predict


@pytest.mark.parametrize(
    ("kind", "schedule"),
    [
        ("sample", "squaredcos_cap_v2"),
        ("epsilon", "squaredcos_cap_v2"),
        ("epsilon", "linear"),
        ("v_prediction", "linear"),
    ],
)
@pytest.mark.parametrize(
    ("name", "steps", "rows", "slack"),
    [
        ("dpm++", 20, 4000, 0.15),
        ("unipc", 20, 4000, 0.15),
        ("ddim", 200, 4000, 0.25),
        ("sde-dpm++", 20, 4000, 0.2),
        ("ddpm", 120, 300, 0.45),
    ],
)
def test_recovers_mean_and_covariance_of_a_gaussian(
    name: SamplerName, steps: int, rows: int, slack: float, kind: Prediction, schedule: Schedule
) -> None:
    seeds = [(3, row) for row in range(rows)]
    x = run_sampler(
        known(kind, schedule), row_noise(seeds, 4),
        steps=steps, name=name, seeds=seeds, schedule=schedule, prediction=kind,
    )  # fmt: skip
    assert torch.allclose(x.mean(dim=0), MEAN, atol=slack)
    assert np.allclose(np.cov(x.numpy().T), COVARIANCE.numpy(), atol=slack)


def test_embeddings_are_not_clipped() -> None:
    def far(x: torch.Tensor, t: int) -> torch.Tensor:
        return torch.full_like(x, 7.0)

    x = run_sampler(far, row_noise([(0, 0)], 4), steps=8)
    assert torch.allclose(x, torch.full_like(x, 7.0), atol=1e-3)


def test_noise_of_a_row_depends_on_its_seed_alone() -> None:
    many = row_noise([(5, row) for row in range(8)], 16)
    assert torch.equal(many[3:4], row_noise([(5, 3)], 16))
    assert not torch.equal(many[3], row_noise([(6, 3)], 16)[0])


@pytest.mark.parametrize("name", ["ddpm", "sde-dpm++"])
def test_fresh_noise_follows_the_rows_seeds(name: SamplerName) -> None:
    predict = known("sample", "squaredcos_cap_v2")
    seeds = [(1, 0), (1, 1)]
    both = run_sampler(predict, row_noise(seeds, 4), steps=20, name=name, seeds=seeds)
    one = run_sampler(predict, row_noise(seeds[1:], 4), steps=20, name=name, seeds=seeds[1:])
    assert torch.allclose(both[1:], one, atol=1e-5)
    with pytest.raises(ValueError, match="needs a seed"):
        run_sampler(predict, row_noise(seeds, 4), steps=5, name=name)


@pytest.mark.parametrize("kind", ["sample", "epsilon", "v_prediction"])
@pytest.mark.parametrize("t", [3, 500, 990])
def test_kinds_of_prediction_say_the_same(kind: Prediction, t: int) -> None:
    kept = alpha_bar("squaredcos_cap_v2")[t].double()
    clean, noise, f = torch.randn(3, 5, 4, dtype=torch.float64)
    noisy = kept.sqrt() * clean + (1 - kept).sqrt() * noise
    right = truth(kind, clean, noise, kept)
    assert torch.allclose(to_clean(kind, right, noisy, kept), clean, atol=1e-6)
    assert torch.allclose(from_clean(kind, clean, noisy, kept), right, atol=1e-6)
    # One head: whatever it says means the same x0 as every kind.
    meant = to_clean(kind, from_head(kind, f, noisy, kept), noisy, kept)
    assert torch.allclose(meant, from_head("sample", f, noisy, kept), atol=1e-6)


def test_neighbouring_times_have_close_embeddings() -> None:
    # Frequencies 1 .. 1e-4; the other way round (1 .. 1e4) neighbours are unrelated.
    assert timestep_cosine(500, 501, 128) == pytest.approx(0.97, abs=0.01)
    assert timestep_cosine(500, 501, 16) == pytest.approx(0.957, abs=0.02)
    wrong = torch.logspace(0, 4, 64, dtype=torch.float64)
    assert float(wrong.cos().mean()) < 0.3
    assert timestep_cosine(0, 999, 128) < 0.9

"""The sampler against data whose answer is known: a Gaussian has an analytic x0."""

import numpy as np
import pytest
import torch

from vitrine.models.prior.network import timestep_cosine
from vitrine.models.prior.sampler import SamplerName, alpha_bar, row_noise, run_sampler

SCHEDULE = "squaredcos_cap_v2"
MEAN = torch.tensor([1.0, -0.8, 0.3, 1.5])
_MIX = torch.tensor([[1.0, 0, 0, 0], [0.8, 0.6, 0, 0], [0, 0.3, 0.5, 0], [0, 0, 0, 1.3]])
COVARIANCE = _MIX @ _MIX.T


def gaussian_x0(x: torch.Tensor, t: int) -> torch.Tensor:
    """E[x0 | x_t] of N(MEAN, COVARIANCE) data."""
    kept = alpha_bar(SCHEDULE)[t]
    total = kept * COVARIANCE + (1 - kept) * torch.eye(4)
    gain = kept.sqrt() * COVARIANCE @ torch.linalg.inv(total)
    return MEAN + (x - kept.sqrt() * MEAN) @ gain.T


@pytest.mark.parametrize(
    ("name", "steps", "rows", "slack"),
    [
        ("dpm++", 15, 4000, 0.15),
        ("unipc", 15, 4000, 0.15),
        ("ddim", 200, 4000, 0.25),
        ("ddpm", 120, 400, 0.4),
    ],
)
def test_recovers_mean_and_covariance_of_a_gaussian(
    name: SamplerName, steps: int, rows: int, slack: float
) -> None:
    seeds = [(3, row) for row in range(rows)]
    x = run_sampler(gaussian_x0, row_noise(seeds, 4), steps=steps, name=name, seeds=seeds)
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


def test_fresh_noise_follows_the_rows_seeds() -> None:
    seeds = [(1, 0), (1, 1)]
    both = run_sampler(gaussian_x0, row_noise(seeds, 4), steps=20, name="ddpm", seeds=seeds)
    one = run_sampler(gaussian_x0, row_noise(seeds[1:], 4), steps=20, name="ddpm", seeds=seeds[1:])
    assert torch.allclose(both[1:], one, atol=1e-5)
    with pytest.raises(ValueError, match="needs a seed"):
        run_sampler(gaussian_x0, row_noise(seeds, 4), steps=5, name="ddpm")


def test_neighbouring_times_have_close_embeddings() -> None:
    assert timestep_cosine(500, 501, 128) > 0.95
    assert timestep_cosine(0, 999, 128) < 0.9

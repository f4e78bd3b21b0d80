"""The group objective: known values, the published formula of Diffusion-DPO, and what must be finite."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from vitrine.models.perfusion.objective import (
    Objective,
    denoising_error,
    preference_loss,
    tells,
)

GROUP = Objective(beta=2500)


def rows(*values: float) -> Tensor:
    return torch.tensor([values])


def flags(*values: int) -> Tensor:
    return torch.tensor([values]) > 0


def published_dpo(
    model_w: Tensor, model_l: Tensor, ref_w: Tensor, ref_l: Tensor, beta: float
) -> Tensor:
    """Wallace et al.: `-log sigmoid(-beta/2 ((model_w - model_l) - (ref_w - ref_l)))` on mean errors."""
    inside = -0.5 * beta * ((model_w - model_l) - (ref_w - ref_l))
    return -F.logsigmoid(inside)


@pytest.mark.parametrize("kind", ["group", "pairs"])
def test_one_pair_is_diffusion_dpo(kind: str) -> None:
    torch.manual_seed(0)
    errors = torch.rand(40, 2) * 0.01
    reference = errors + torch.randn(40, 2) * 0.0003
    chosen = torch.tensor([[True, False]]).expand(40, 2)
    objective = Objective(kind=kind, beta=2500)  # pyright: ignore[reportArgumentType]
    ours = preference_loss(errors, reference, chosen, torch.ones_like(chosen), objective)
    theirs = published_dpo(errors[:, 0], errors[:, 1], reference[:, 0], reference[:, 1], 5000)
    assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_at_the_start_it_is_known() -> None:
    """|P| log(1 + |N|) where the network is off, whatever the pictures' errors are."""
    errors = torch.rand(1, 6)
    for picked in range(1, 6):
        chosen = torch.arange(6)[None] < picked
        shown = torch.ones_like(chosen)
        value = preference_loss(errors, errors, chosen, shown, GROUP)
        assert float(value) == pytest.approx(picked * math.log(1 + 6 - picked), rel=1e-6)
        mean = preference_loss(errors, errors, chosen, shown, Objective(over="mean"))
        assert float(mean) == pytest.approx(math.log(1 + 6 - picked), rel=1e-6)


def test_it_falls_when_the_chosen_are_denoised_better() -> None:
    reference = rows(0.5, 0.5, 0.5, 0.5)
    chosen, shown = flags(1, 1, 0, 0), flags(1, 1, 1, 1)

    def loss(*errors: float) -> float:
        return float(preference_loss(rows(*errors), reference, chosen, shown, GROUP))

    start = loss(0.5, 0.5, 0.5, 0.5)
    assert loss(0.4999, 0.5, 0.5, 0.5) < start
    assert loss(0.5, 0.5, 0.5001, 0.5) < start
    assert loss(0.5, 0.5, 0.4999, 0.5) > start
    errors = reference.clone().requires_grad_()
    preference_loss(errors, reference, chosen, shown, GROUP).sum().backward()
    assert errors.grad is not None
    assert ((errors.grad > 0) == chosen).all()


@pytest.mark.parametrize("kind", ["group", "pairs"])
def test_finite_where_logits_are_large(kind: str) -> None:
    objective = Objective(kind=kind, beta=3000)  # pyright: ignore[reportArgumentType]
    for sign in (1.0, -1.0):
        errors = rows(sign, 0.0, 0.0).requires_grad_()
        loss = preference_loss(errors, torch.zeros(1, 3), flags(1, 0, 0), flags(1, 1, 1), objective)
        loss.sum().backward()
        assert torch.isfinite(loss).all()
        assert errors.grad is not None
        assert torch.isfinite(errors.grad).all()
        assert float(loss.detach()) == pytest.approx(3000 if sign > 0 else 0, rel=0.01, abs=1e-6)
    halves = rows(1.0, 0.0, 0.0).half()
    assert (
        preference_loss(halves, torch.zeros(1, 3), flags(1, 0, 0), flags(1, 1, 1), objective)
        .isfinite()
        .all()
    )


@pytest.mark.parametrize("kind", ["group", "pairs", "supervised"])
def test_groups_that_tell_nothing_cost_nothing(kind: str) -> None:
    objective = Objective(kind=kind, beta=3)  # pyright: ignore[reportArgumentType]
    chosen = torch.tensor([[0, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0]]) > 0
    shown = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 1, 1], [0, 0, 0]]) > 0
    errors = torch.rand(4, 3).requires_grad_()
    loss = preference_loss(errors, torch.rand(4, 3), chosen, shown, objective)
    told = tells(chosen, shown)
    assert told.tolist() == [False, False, True, False]
    loss.sum().backward()
    assert errors.grad is not None
    assert torch.isfinite(errors.grad).all()
    assert loss[[0, 3]].eq(0).all()
    assert not errors.grad[[0, 3]].any()
    assert errors.grad[2, 0] != 0
    if kind != "supervised":
        assert loss[1].eq(0)
        assert not errors.grad[1].any()


def test_padding_changes_nothing() -> None:
    torch.manual_seed(1)
    errors, reference = torch.rand(1, 4), torch.rand(1, 4)
    chosen, shown = flags(1, 0, 1, 0), flags(1, 1, 1, 1)
    wide = torch.cat([errors, torch.full((1, 2), float("nan"))], dim=1)
    for kind in ("group", "pairs", "supervised"):
        objective = Objective(kind=kind, beta=3)
        narrow = preference_loss(errors, reference, chosen, shown, objective)
        more = preference_loss(
            wide, F.pad(reference, (0, 2)), F.pad(chosen, (0, 2)), F.pad(shown, (0, 2)), objective
        )
        assert torch.allclose(narrow, more)


def test_errors_of_noise_and_of_v() -> None:
    torch.manual_seed(2)
    clean, noise, guess = (torch.randn(3, 2, 4, 4) for _ in range(3))
    kept = torch.tensor([0.9, 0.4, 0.0])
    a, b = kept.sqrt()[:, None, None, None], (1 - kept).sqrt()[:, None, None, None]
    noisy, v = a * clean + b * noise, a * noise - b * clean
    told = a * guess + b * noisy  # the noise that a predicted v means
    in_noise = (told - noise).square().mean((1, 2, 3))
    assert torch.allclose(denoising_error(guess, v, kept, "epsilon"), in_noise, atol=1e-5)
    assert torch.allclose(denoising_error(guess, v, kept), (guess - v).square().mean((1, 2, 3)))
    assert float(denoising_error(guess, v, kept, "epsilon")[2]) == 0


def test_an_anchor_adds_what_the_chosen_have_lost() -> None:
    errors, reference = rows(0.5, 0.5, 0.3), rows(0.4, 0.6, 0.4)
    chosen, shown = flags(1, 1, 0), flags(1, 1, 1)
    for kind in ("group", "pairs"):
        bare = preference_loss(errors, reference, chosen, shown, Objective(kind=kind, beta=3))
        held = preference_loss(
            errors, reference, chosen, shown, Objective(kind=kind, beta=3, anchor=0.5)
        )
        assert float(held - bare) == pytest.approx(0.5 * 3 * (0.1 + 0.0), abs=1e-5)

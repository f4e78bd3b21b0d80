"""The verifier: sigmoid(phi(U) . psi(I)), its gradient, people it has never seen, its calibration."""

import numpy as np
import pytest
import torch

from vitrine.core.ports import Floats, TasteEvidence
from vitrine.models.prior.train_verifier import fit_temperature, verifier_loss
from vitrine.models.prior.verifier import Verifier, VerifierConfig, VerifierNetwork

DIM = 6


def rows(n: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)


def network(users: tuple[str, ...] = (), **changes: float) -> VerifierNetwork:
    torch.manual_seed(0)
    config = VerifierConfig(dim=DIM, space="toy", factors=3, width=8, queries=2, users=users)
    net = VerifierNetwork(config.model_copy(update=changes))
    net.images.fit(rows(50, 1) * 2 + 1)
    return net.eval()


def test_gradient_in_phi_is_sigma_minus_r_times_psi() -> None:
    net = network()
    images, liked = torch.from_numpy(rows(7, 2)).unsqueeze(0), torch.arange(7).unsqueeze(0) % 3 == 0
    phi = torch.randn(1, DIM + 3 + 1, requires_grad=True)
    logits = net.logits(phi, images)
    verifier_loss(logits, liked).backward()
    psi = net.features(images)[0]  # (7, k)
    expected = ((logits.sigmoid() - liked.float())[0, :, None] * psi).mean(dim=0)
    assert phi.grad is not None
    assert torch.allclose(phi.grad[0], expected, atol=1e-6)
    assert torch.allclose(logits[0], psi @ phi[0], atol=1e-6)


def test_many_people_score_as_each_alone_and_order_does_not_matter() -> None:
    verifier = Verifier(network())
    images = rows(9, 3)
    people = [
        TasteEvidence(rows(5, 4), rows(2, 5)),
        TasteEvidence(rows(1, 6), rows(0, 6)),
        TasteEvidence(rows(0, 7), rows(0, 7)),
    ]
    many = verifier.score_many(people, images)
    assert many.shape == (3, 9) and many.min() > 0 and many.max() < 1
    for row, person in enumerate(people):
        assert np.allclose(many[row], verifier.score_many([person], images)[0], atol=1e-5)
    turned = TasteEvidence(people[0].liked[::-1].copy(), people[0].disliked[::-1].copy())
    assert np.allclose(many[0], verifier.score_many([turned], images)[0], atol=1e-5)


def test_a_new_person_is_folded_in_from_ratings() -> None:
    verifier = Verifier(network())
    liked, disliked = rows(4, 8) + 2, rows(4, 9) - 2
    nobody = TasteEvidence(rows(0, 0), rows(0, 0))
    plain, known, swapped = verifier.logits_many(
        [nobody, TasteEvidence(liked, disliked), TasteEvidence(disliked, liked)],
        np.stack([liked.mean(axis=0), disliked.mean(axis=0)]),
    )
    assert known[0] - known[1] > plain[0] - plain[1] > swapped[0] - swapped[1]


def test_ids_matter_for_people_that_were_trained_with() -> None:
    net = network(users=("ann",))
    with torch.no_grad():
        net.ids.weight[1:] = torch.randn(1, 4)
    empty = rows(0, 0)
    ann, eve, nobody = Verifier(net).score_many(
        [TasteEvidence(empty, empty, name) for name in ("ann", "eve", None)], rows(5, 2)
    )
    assert not np.allclose(ann, nobody, atol=1e-3)
    assert np.array_equal(eve, nobody)


def test_temperature_is_recovered_and_keeps_the_order() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 1.5, 20_000)
    liked = rng.random(20_000) < 1 / (1 + np.exp(-honest))
    assert fit_temperature(2.5 * honest, liked) == pytest.approx(2.5, rel=0.05)
    assert fit_temperature(0.4 * honest, liked) == pytest.approx(0.4, rel=0.05)
    with pytest.raises(ValueError, match="cannot calibrate"):
        fit_temperature(honest, np.ones(len(honest), np.bool_))
    person, images = TasteEvidence(rows(4, 8), rows(2, 9)), rows(6, 3)
    cold, warm = (
        Verifier(network(temperature=t)).score_many([person], images)[0] for t in (1.0, 3.0)
    )
    assert np.array_equal(cold.argsort(), warm.argsort())
    assert np.abs(warm - 0.5).max() < np.abs(cold - 0.5).max()

"""Training of the prior: which conditions are missing together, what the loss is, what may go on."""

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from vitrine.core.errors import RequestError
from vitrine.core.ports import PriorRequest, TasteEvidence
from vitrine.models.experience import Experience, Rated, UserRow
from vitrine.models.prior.network import Conditions, PriorConfig
from vitrine.models.prior.picks import TasteSampler
from vitrine.models.prior.prediction import Prediction
from vitrine.models.prior.prior import RebecaPrior, build_network
from vitrine.models.prior.train import (
    Dropout,
    add_arguments,
    config_from,
    drop_conditions,
    prior_loss,
    start_network,
)
from vitrine.models.storage import save_model

DIM = 6


def shares(kind: Dropout) -> dict[tuple[bool, bool, bool], float]:
    """How often each combination of (user, rating, request) takes part."""
    kept = drop_conditions(50_000, np.random.default_rng(0), kind)
    rows, counts = np.unique(torch.stack(kept, dim=1).numpy(), axis=0, return_counts=True)
    return {
        (bool(user), bool(rating), bool(query)): float(count) / 50_000
        for (user, rating, query), count in zip(rows, counts, strict=True)
    }


def test_composable_guidance_needs_four_cases_with_the_rating_beside_the_user() -> None:
    found = shares("partial")
    assert set(found) == {(u, u, q) for u in (True, False) for q in (True, False)}
    assert found[False, False, False] == pytest.approx(0.1, abs=0.01)
    assert found[True, True, False] == pytest.approx(0.4, abs=0.01)
    assert found[False, False, True] == pytest.approx(0.2, abs=0.01)


def test_the_other_kinds_of_dropout() -> None:
    assert set(shares("none")) == {(True, True, True)}
    joint = shares("joint")
    assert set(joint) == {(True, True, True), (False, False, False)}
    assert joint[False, False, False] == pytest.approx(0.15, abs=0.01)
    # The trap: two drops of .15 by themselves leave 2 % of the rows for the null of sampling.
    apart = shares("independent")
    both = sum(share for (user, rating, _), share in apart.items() if not user and not rating)
    assert both == pytest.approx(0.15**2, abs=0.005)


@pytest.mark.parametrize("kind", ["sample", "epsilon", "v_prediction"])
def test_the_loss_is_the_error_of_what_is_predicted(kind: Prediction) -> None:
    torch.manual_seed(0)
    net = build_network(PriorConfig(dim=DIM, space="toy", width=16, heads=2, prediction=kind))
    clean, noise = torch.randn(2, 64, DIM)
    t = torch.full((64,), 400)
    present = torch.ones(64, dtype=torch.bool)
    given = Conditions(
        items=torch.zeros(1, 1, DIM), signs=torch.zeros(1, 1, dtype=torch.long),
        user=torch.zeros(1, dtype=torch.long), person=torch.zeros(64, dtype=torch.long),
        rating=torch.full((64,), 5), query=torch.zeros(64, DIM),
        with_user=present, with_rating=present, with_query=present,
    )  # fmt: skip
    # A new head says f = 0: x0 = sqrt(kept) x_t, and the loss of each kind is known.
    kept = net.alpha_bar[400]
    noisy = kept.sqrt() * clean + (1 - kept).sqrt() * noise
    error = (kept.sqrt() * noisy - clean) ** 2  # of x0
    scale = {"sample": 1.0, "epsilon": kept / (1 - kept), "v_prediction": 1 / (1 - kept)}[kind]
    value = prior_loss(net, clean, t, noise, given, net.users(given))
    assert float(value.detach()) == pytest.approx(float(error.mean() * scale), rel=1e-4)


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(["--data", "d", "--out", "o", *words])


def shape(*words: str) -> PriorConfig:
    return config_from(options(*words), dim=DIM, space="toy", names=["ann", "bob"])


def test_shapes_that_options_describe() -> None:
    small = shape()
    assert (small.layers, small.history, small.users, small.prediction) == (4, "set", (), "sample")
    paper = shape("--shape", "paper", "--ids")
    assert (paper.layers, paper.heads, paper.id_tokens, paper.history) == (8, 16, 4, "none")
    assert paper.users == ("ann", "bob")
    mixed = shape("--prediction", "epsilon", "--schedule", "linear", "--history", "mean")
    assert (mixed.prediction, mixed.schedule, mixed.history) == ("epsilon", "linear", "mean")
    with pytest.raises(RequestError, match="add --ids"):
        shape("--shape", "paper")


def test_without_the_rating_token_every_rating_means_the_same() -> None:
    for words, alike in (((), False), (("--rating", "none"), True), (("--rating", "liked"), True)):
        torch.manual_seed(0)
        net = build_network(shape("--width", "16", *words))
        torch.nn.init.normal_(net.head.weight)
        history = torch.from_numpy(np.random.default_rng(0).standard_normal((4, DIM), np.float32))
        low, high = (
            RebecaPrior(net).sample(
                PriorRequest(
                    TasteEvidence(history[:2].numpy(), history[2:].numpy()),
                    None, n=3, seed=1, rating=rating,
                )
            )
            for rating in (1, 5)
        )  # fmt: skip
        assert np.array_equal(low, high) is alike


def test_targets_can_be_what_was_liked_alone() -> None:
    rng = np.random.default_rng(0)
    values = np.tile([1, 2, 4, 5], 10)
    data = Experience(
        space="toy",
        images=np.zeros((40, DIM), np.float32),
        captions=np.zeros((40, 0, DIM), np.float32),
        heldout=np.zeros(40, np.bool_),
        users=[UserRow(user="ann", split="train"), UserRow(user="bob", split="train")],
        ratings=[Rated(np.arange(40), values), Rated(np.arange(40), np.minimum(values, 3))],
        groups=[],
        sha256="",
    )
    sampler = TasteSampler(data, [0, 1], least=4)
    picks = sampler.draw(30, rng)
    assert set(picks.user.tolist()) == {0} and set(picks.rating.tolist()) == {4, 5}
    assert (picks.signs == -1).any()


def test_going_on_from_finished_weights(tmp_path: Path) -> None:
    net = build_network(shape("--width", "16"))
    save_model(tmp_path, net.config, net.state_dict(), dtype=None)
    words = ("--width", "16", "--start-from", str(tmp_path), "--prediction", "epsilon")
    again = start_network(options(*words), shape(*words))
    assert again.config.prediction == "epsilon"
    assert torch.equal(again.lean, net.lean)
    with pytest.raises(RequestError, match="another shape"):
        start_network(options(*words), shape(*words, "--layers", "2"))

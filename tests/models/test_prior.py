"""The prior at toy size with random weights: what must hold whatever it has learned."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrine.core.errors import RequestError, SetupError
from vitrine.core.ports import Floats, PriorRequest, TasteEvidence
from vitrine.models.prior.network import (
    Conditions,
    HistoryReader,
    PriorConfig,
    PriorNetwork,
    paper_config,
)
from vitrine.models.prior.prediction import Prediction
from vitrine.models.prior.prior import RebecaPrior, build_network, guidance_branches, load_prior
from vitrine.models.prior.sampler import SamplerName
from vitrine.models.prior.taste import TasteEncoder, TasteRegression, pack_taste
from vitrine.models.storage import save_model

DIM = 12


def network(users: tuple[str, ...] = (), **changes: object) -> PriorNetwork:
    torch.manual_seed(0)
    config = PriorConfig(dim=DIM, space="toy", width=16, layers=2, heads=2, queries=2, users=users)
    net = build_network(config.model_copy(update=changes))
    torch.nn.init.normal_(net.head.weight, std=0.3)
    torch.nn.init.normal_(net.lean, std=0.3)
    net.images.fit(rows(50, 1) * 3 + 1)
    return net.eval()


def rows(n: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)


def request(n: int = 4, **changes: object) -> PriorRequest:
    fields: dict[str, object] = {
        "taste": TasteEvidence(rows(5, 2), rows(3, 3)), "query": rows(1, 4)[0], "n": n, "seed": 9,
    }  # fmt: skip
    return PriorRequest(**{**fields, **changes})  # pyright: ignore[reportArgumentType]


def test_same_seed_same_rows_whatever_the_batch() -> None:
    prior = RebecaPrior(network())
    many = prior.sample(request(7))
    assert many.shape == (7, DIM)
    assert np.array_equal(many, prior.sample(request(7)))
    assert np.allclose(many[:1], prior.sample(request(1)), atol=1e-4)
    assert not np.allclose(many, prior.sample(request(7, seed=10)), atol=1e-2)


def test_order_of_the_history_does_not_matter() -> None:
    prior = RebecaPrior(network())
    liked, disliked = rows(6, 5), rows(4, 6)
    shuffled = TasteEvidence(liked[::-1].copy(), disliked[[2, 0, 3, 1]])
    one = prior.sample(request(taste=TasteEvidence(liked, disliked)))
    assert np.allclose(one, prior.sample(request(taste=shuffled)), atol=1e-4)


@pytest.mark.parametrize("what", ["user", "query", "rating", "sides"])
def test_every_condition_matters(what: str) -> None:
    prior = RebecaPrior(network())
    liked, disliked = rows(5, 2), rows(3, 3)
    changed = {
        "user": {"taste": TasteEvidence(liked + 1, disliked)},
        "query": {"query": rows(1, 8)[0]},
        "rating": {"rating": 1},
        "sides": {"taste": TasteEvidence(disliked, liked)},
    }[what]
    gap = np.abs(prior.sample(request()) - prior.sample(request(**changed))).max()
    assert gap > 1e-2


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 99))
def test_anyone_can_be_read_in_any_order(likes: int, dislikes: int, seed: int) -> None:
    net = network()
    raw, signs = pack_taste([TasteEvidence(rows(likes, 5), rows(dislikes, 6))], DIM)
    assert raw.shape[1] <= 200
    order = np.random.default_rng(seed).permutation(raw.shape[1])
    with torch.no_grad():
        one = net.taste(torch.from_numpy(raw), torch.from_numpy(signs))
        other = net.taste(torch.from_numpy(raw[:, order]), torch.from_numpy(signs[:, order]))
    assert bool(one.tokens.isfinite().all())
    assert torch.allclose(one.tokens, other.tokens, atol=1e-4)
    assert torch.allclose(one.leanings, other.leanings, atol=1e-4)


def crowd() -> list[PriorRequest]:
    """People with and without history, words and the same guidance, in one batch."""
    nobody = TasteEvidence(rows(0, 0), rows(0, 0))
    return [
        request(3),
        request(5, query=None, seed=2),
        request(2, taste=nobody, rating=1),
        request(1, taste=nobody, query=None),
        request(4, taste=TasteEvidence(rows(30, 8), rows(0, 0)), guidance_user=9.0, rating=2),
    ]


@pytest.mark.parametrize("sampler", ["dpm++", "sde-dpm++", "unipc", "ddim", "ddpm"])
def test_people_of_one_batch_do_not_mix(sampler: SamplerName) -> None:
    prior = RebecaPrior(network(), steps=12, sampler=sampler)
    together = prior.sample_many(crowd())
    alone = [prior.sample(one) for one in crowd()]
    assert [len(rows) for rows in together] == [3, 5, 2, 1, 4]
    for left, right in zip(together, alone, strict=True):
        assert np.allclose(left, right, rtol=1e-5, atol=1e-5)
    # Another neighbour changes nothing.
    others = [request(6, taste=TasteEvidence(rows(9, 7) * 50, rows(1, 1))), *crowd()[1:]]
    for left, right in zip(prior.sample_many(others)[1:], alone[1:], strict=True):
        assert np.allclose(left, right, rtol=1e-5, atol=1e-5)
    assert prior.sample_many([]) == []


@pytest.mark.parametrize("kind", ["sample", "epsilon", "v_prediction"])
def test_kinds_of_prediction_sample_the_same_from_one_head(kind: Prediction) -> None:
    plain, other = network(), network(prediction=kind)
    other.load_state_dict(plain.state_dict())
    left, right = RebecaPrior(plain).sample(request()), RebecaPrior(other).sample(request())
    assert np.allclose(left, right, atol=2e-2)


def test_guidance_is_the_sum_of_its_branches() -> None:
    assert guidance_branches(True, True, 5, 4) == [
        (False, False, -4), (True, False, 1), (True, True, 4),
    ]  # fmt: skip
    for someone, asked in ((True, True), (True, False), (False, True), (False, False)):
        parts = guidance_branches(someone, asked, 7.0, 3.0)
        assert sum(weight for *_, weight in parts) == pytest.approx(1)
        assert parts[-1][:2] == (someone, asked)
    # Both weights equal: plain guidance of scale w on both conditions at once.
    middle = {(u, q): w for u, q, w in guidance_branches(True, True, 6, 6)}[True, False]
    assert middle == 0


def test_outside_of_its_interval_guidance_does_nothing() -> None:
    plain = RebecaPrior(network()).sample(request(guidance_user=1.0, guidance_query=1.0))
    never = RebecaPrior(network(), interval=(0.0, 0.0), steps=6)
    calm = RebecaPrior(network(), steps=6).sample(request(guidance_user=1.0, guidance_query=1.0))
    assert np.allclose(never.sample(request()), calm, atol=1e-4)
    part = RebecaPrior(network(), interval=(0.3, 0.8)).sample(request())
    assert not np.allclose(part, plain, atol=1e-2)
    with pytest.raises(ValueError, match="interval"):
        RebecaPrior(network(), interval=(0.8, 0.3))


def test_guidance_zero_leaves_a_condition_out() -> None:
    prior = RebecaPrior(network(), rescale=0.0)
    nobody = TasteEvidence(np.zeros((0, DIM), np.float32), np.zeros((0, DIM), np.float32))
    nothing = prior.sample(request(taste=nobody, query=None))
    off = prior.sample(request(guidance_user=0.0, guidance_query=0.0))
    assert np.allclose(nothing, off, atol=1e-3)
    user_only = prior.sample(request(query=None))
    assert np.allclose(user_only, prior.sample(request(guidance_query=0.0)), atol=1e-3)


@pytest.mark.parametrize("history", ["set", "mean", "none"])
def test_known_ids_have_tokens(history: HistoryReader) -> None:
    net = network(users=("ann", "bob"), id_tokens=3, history=history)
    prior = RebecaPrior(net)
    with torch.no_grad():
        net.ids.weight[1:] = torch.randn(2, 3 * 16)
    empty = np.zeros((0, DIM), np.float32)
    ann, bob, other = (
        prior.sample(request(taste=TasteEvidence(empty, empty, name)))
        for name in ("ann", "bob", "eve")
    )
    assert not np.allclose(ann, bob, atol=1e-2)
    nobody = prior.sample(request(taste=TasteEvidence(empty, empty)))
    assert np.array_equal(other, nobody)


def test_readers_of_history_differ_in_what_they_see() -> None:
    spread = TasteEvidence(np.concatenate([rows(1, 1) + 4, rows(1, 1) - 4]), rows(0, 0))
    middle = TasteEvidence(np.concatenate([rows(1, 1), rows(1, 1)]), rows(0, 0))
    blurred = RebecaPrior(network(history="mean"))
    gap = blurred.sample(request(taste=spread)) - blurred.sample(request(taste=middle))
    assert np.abs(gap).max() < 1e-3  # two modes and their middle are one to it
    seeing = RebecaPrior(network())
    gap = seeing.sample(request(taste=spread)) - seeing.sample(request(taste=middle))
    assert np.abs(gap).max() > 1e-2
    with pytest.raises(RequestError, match="needs users"):
        network(history="none")


def test_the_shape_of_the_paper() -> None:
    config = paper_config(dim=DIM, space="toy", users=("ann", "bob"))
    assert (config.layers, config.heads, config.id_tokens) == (8, 16, 4)
    assert config.prediction == "epsilon"
    net = build_network(config.model_copy(update={"width": 32}))
    assert net.user_tokens == 4
    ann = RebecaPrior(net.eval()).sample(
        request(taste=TasteEvidence(rows(0, 0), rows(0, 0), "ann"), query=None)
    )
    assert ann.shape == (4, DIM) and np.isfinite(ann).all()


def test_strong_guidance_keeps_the_scale() -> None:
    prior = RebecaPrior(network(), rescale=1.0)
    plain = prior.sample(request(16, guidance_user=1.0, guidance_query=1.0)) - 1
    strong = prior.sample(request(16, guidance_user=15.0, guidance_query=15.0)) - 1
    assert np.linalg.norm(strong, axis=1).mean() < 2 * np.linalg.norm(plain, axis=1).mean()


def test_refuses_what_it_cannot_do() -> None:
    prior = RebecaPrior(network())
    with pytest.raises(ValueError, match="n=0"):
        prior.sample(request(0))
    with pytest.raises(ValueError, match="rating=6"):
        prior.sample(request(rating=6))
    with pytest.raises(ValueError, match="history has shape"):
        prior.sample(request(taste=TasteEvidence(np.zeros((2, 5), np.float32), rows(1, 1))))
    with pytest.raises(ValueError, match="query has shape"):
        prior.sample(request(query=np.zeros(3, np.float32)))


def conditions(net: PriorNetwork, batch: int) -> Conditions:
    raw, signs = pack_taste(
        [TasteEvidence(rows(4, 1), rows(2, 2)), TasteEvidence(rows(1, 3), rows(0, 4))], DIM
    )
    marks = torch.from_numpy(signs)
    person = torch.arange(batch) % 2
    return Conditions(
        items=net.images(torch.from_numpy(raw)) * (marks != 0).unsqueeze(2),
        signs=marks,
        user=torch.zeros(2, dtype=torch.long),
        person=person,
        rating=torch.arange(batch) % 5 + 1,
        query=torch.from_numpy(rows(batch, 5)),
        with_user=torch.arange(batch) % 3 != 0,
        with_rating=torch.arange(batch) % 3 != 0,
        with_query=torch.arange(batch) % 4 != 0,
    )


@torch.no_grad()
def test_remembered_conditions_give_what_training_computes() -> None:
    net = network()
    given = conditions(net, 6)
    noisy = torch.from_numpy(rows(10, 6)).view(2, 5, DIM)  # two requests
    owner = torch.arange(6) % 2
    cached = net.denoise(noisy, 321, net.remember(given), owner)  # (6, 5, d)
    for row in range(5):
        plain = net(noisy[owner, row], torch.full((6,), 321), given)
        assert torch.allclose(cached[:, row], plain, atol=1e-4)


@torch.no_grad()
def test_padding_and_empty_histories() -> None:
    torch.manual_seed(1)
    encoder = TasteEncoder(dim=DIM, width=16, queries=3, heads=2)
    items = torch.from_numpy(rows(4, 1)).unsqueeze(0)
    signs = torch.tensor([[1, -1, 1, -1]])
    padded = torch.cat([items, torch.zeros(1, 6, DIM)], dim=1)
    longer = torch.cat([signs, torch.zeros(1, 6, dtype=torch.long)], dim=1)
    one, other = encoder(items, signs), encoder(padded, longer)
    assert torch.allclose(one.tokens, other.tokens, atol=1e-5)
    assert torch.allclose(one.leanings, other.leanings, atol=1e-5)
    nobody = encoder(torch.zeros(1, 0, DIM), torch.zeros(1, 0, dtype=torch.long))
    assert bool(nobody.tokens.isfinite().all()) and not bool(nobody.leanings.any())


@torch.no_grad()
def test_direction_is_ridge_regression() -> None:
    regression = TasteRegression(DIM)
    z, y = torch.from_numpy(rows(9, 2)), torch.tensor([1.0, -1, 1, 1, -1, -1, 1, -1, 1])
    w = regression.direction(z.unsqueeze(0), y.unsqueeze(0))[0] * DIM**-0.5
    expected = torch.linalg.solve(z.T @ z / DIM + torch.eye(DIM), z.T @ y / DIM)
    assert torch.allclose(w, expected, atol=1e-4)


def test_long_histories_keep_the_newest() -> None:
    liked = np.arange(300, dtype=np.float32)[:, None]
    disliked = -np.arange(30, dtype=np.float32)[:, None]
    packed, signs = pack_taste([TasteEvidence(liked, disliked)], 1)
    assert packed.shape == (1, 200, 1)
    assert (signs > 0).sum() == 170 and packed[0, 0, 0] == 130 and (signs < 0).sum() == 30


def test_saves_and_loads(tmp_path: Path) -> None:
    net = network()
    save_model(tmp_path, net.config, net.state_dict(), dtype=None)
    assert np.allclose(
        load_prior(tmp_path).sample(request()), RebecaPrior(net).sample(request()), atol=1e-5
    )
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(SetupError, match="damaged"):
        load_prior(tmp_path)
    with pytest.raises(SetupError, match="missing"):
        load_prior(tmp_path / "nowhere")

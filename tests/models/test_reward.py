"""PerFusionRM: the exact cases, at toy size, on a real open_clip tower with random weights."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from vitrine.core.errors import SetupError
from vitrine.core.ports import Floats, TasteEvidence, UserFeatures
from vitrine.models.metrics import (
    auc,
    average_precision,
    calibration_error,
    logistic,
    mean_auc,
    platt,
)
from vitrine.models.reward.features import RewardConfig
from vitrine.models.reward.losses import group_loss, mean_group_loss
from vitrine.models.reward.network import Crossing, PersonalPlugin
from vitrine.models.reward.scorer import PerFusionScorer, load_reward
from vitrine.models.reward.tower import Added, TextTower
from vitrine.models.storage import save_model

DIM, WIDTH, LAYERS, CONTEXT = 12, 16, 2, 8


@pytest.fixture(scope="module")
def clip() -> open_clip.CLIP:
    torch.manual_seed(0)
    model = open_clip.CLIP(
        embed_dim=DIM,
        vision_cfg={"image_size": 16, "patch_size": 8, "width": 16, "layers": 1, "head_width": 8},  # pyright: ignore
        text_cfg={  # pyright: ignore
            "context_length": CONTEXT, "vocab_size": 40, "width": WIDTH, "heads": 2, "layers": LAYERS,
        },
    )  # fmt: skip
    return model.eval()


def tokenize(texts: Sequence[str]) -> Tensor:
    rows = torch.zeros(len(texts), CONTEXT, dtype=torch.long)
    for row, text in enumerate(texts):
        words = [1 + sum(word.encode()) % 30 for word in text.split()][: CONTEXT - 1]
        rows[row, : len(words) + 1] = torch.tensor([*words, 39])
    return rows


def plugin(*, loud: bool) -> PersonalPlugin:
    torch.manual_seed(1)
    config = RewardConfig(
        dim=DIM,
        space="toy",
        tower_width=WIDTH,
        tower_layers=LAYERS,
        hidden=10,
        facet_rows=20,
    )
    net = PersonalPlugin(config)
    if loud:
        assert net.text is not None
        for networks in (net.text.attention, net.text.network):
            for last in networks.last:
                torch.nn.init.normal_(last.weight, std=0.5)  # pyright: ignore
    return net.eval()


def rows(n: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)


def user(seed: int, **facets: float) -> UserFeatures:
    taste = TasteEvidence(rows(3, seed), rows(2, seed + 1))
    return UserFeatures(taste, {("kind", name): weight for name, weight in facets.items()})


# --- loss --------------------------------------------------------------------------------------


def one(scores: list[float], chosen: list[int], shown: list[int] | None = None) -> Tensor:
    there = [1] * len(scores) if shown is None else shown
    return group_loss(
        torch.tensor([scores]), torch.tensor([chosen]) > 0, torch.tensor([there]) > 0
    )[0]


def test_two_items_give_twice_softplus() -> None:
    for delta in (-3.0, 0.0, 0.7, 40.0):
        expected = 2 * F.softplus(torch.tensor(-delta))
        assert torch.allclose(one([delta + 0.3, 0.3], [1, 0]), expected, atol=1e-5)


def test_a_tie_costs_at_least_twice_log_two() -> None:
    floor = 2 * np.log(2)
    assert float(one([1.0, 1.0], [1, 1])) == pytest.approx(floor)
    assert float(one([1.5, 1.0], [1, 1])) > floor


def test_formula_by_hand() -> None:
    scores = torch.tensor([0.2, -1.0, 0.9])
    q, p = scores.softmax(dim=0), torch.tensor([0.5, 0.0, 0.5])
    expected = -(p * q.log() + (1 - p) * (1 - q).log()).sum()
    assert torch.allclose(one(scores.tolist(), [1, 0, 1]), expected, atol=1e-6)
    assert torch.allclose(
        one([0.2, -1.0, 0.9, 99.0], [1, 0, 1, 0], [1, 1, 1, 0]), expected, atol=1e-6
    )


def test_minimiser_is_the_ideal_distribution() -> None:
    scores = torch.zeros(1, 4, requires_grad=True)
    chosen = torch.tensor([[True, True, False, False]])
    optimiser = torch.optim.Adam([scores], lr=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        mean_group_loss(scores, chosen, torch.ones(1, 4, dtype=torch.bool)).backward()
        optimiser.step()
    q = scores.detach().softmax(dim=1)
    assert torch.allclose(q[0, :2], torch.tensor([0.5, 0.5]), atol=0.02)


def test_groups_without_a_choice_are_left_out() -> None:
    scores = torch.tensor([[1.0, 2.0], [3.0, 1.0], [1.0, 0.0]], requires_grad=True)
    chosen = torch.tensor([[False, False], [True, False], [True, False]])
    shown = torch.tensor([[True, True], [True, True], [True, False]])
    losses = group_loss(scores, chosen, shown).detach()
    assert float(losses[0]) == 0.0 and float(losses[2]) == 0.0 and float(losses[1]) > 0
    mean = mean_group_loss(scores, chosen, shown)
    assert torch.allclose(mean.detach(), losses[1])
    mean.backward()
    assert scores.grad is not None and bool(scores.grad.isfinite().all())
    assert not bool(scores.grad[[0, 2]].any())


def test_the_loss_is_taken_in_fp32() -> None:
    scores = torch.tensor([[3.0, 2.99, -1.0]])
    chosen, shown = torch.tensor([[True, False, False]]), torch.ones(1, 3, dtype=torch.bool)
    with torch.autocast("cpu", torch.bfloat16):
        half = group_loss(scores.bfloat16(), chosen, shown)
        whole = group_loss(scores, chosen, shown)
    assert half.dtype == whole.dtype == torch.float32
    assert torch.equal(whole, group_loss(scores, chosen, shown))


def test_extreme_scores_stay_finite() -> None:
    scores = torch.tensor([[3000.0, -3000.0, 0.0]], requires_grad=True)
    loss = mean_group_loss(scores, torch.tensor([[False, True, False]]), torch.ones(1, 3) > 0)
    loss.backward()
    assert bool(loss.isfinite()) and scores.grad is not None and bool(scores.grad.isfinite().all())


# --- network -----------------------------------------------------------------------------------


def test_crossing_by_hand() -> None:
    layer = Crossing(2, "vector")
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.5, -1.0]))
        layer.bias.copy_(torch.tensor([0.1, 0.2]))
    u0, u = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 0.5]])
    # u . w = 1, so u0 * 1 + b + u
    assert torch.allclose(layer(u0, u), torch.tensor([[4.1, 2.7]]))
    matrix = Crossing(2, "matrix")
    with torch.no_grad():
        matrix.weight.copy_(torch.tensor([[1.0, 0.0], [1.0, 1.0]]))
        matrix.bias.copy_(torch.tensor([0.1, 0.2]))
    assert torch.allclose(matrix(u0, u), torch.tensor([[1 * 3.1 + 3.0, 2 * 3.7 + 0.5]]))


@torch.no_grad()
def test_zero_plugin_is_the_backbone_bit_for_bit(clip: open_clip.CLIP) -> None:
    tower, tokens = TextTower(clip), tokenize(["one two three", "four"])
    scorer = PerFusionScorer(clip, tokenize, plugin(loud=False))
    features = scorer._reader.read([user(1).taste, user(5).taste], [{}, {("a", "b"): 1.0}])  # pyright: ignore
    added = scorer._plugin(features)  # pyright: ignore
    assert added.text is not None and added.vision is None
    assert not bool(added.text.attention.any()) and not bool(added.text.network.any())
    assert float(added.factor) == 1.0
    plain = clip.encode_text(tokens)  # pyright: ignore
    assert torch.equal(tower.encode(tokens, added.text), plain)
    assert torch.equal(tower.encode(tokens), plain)


@torch.no_grad()
def test_injection_reads_h_plus_u_and_keeps_the_residual_of_h(clip: open_clip.CLIP) -> None:
    tower, tokens = TextTower(clip), tokenize(["one two"])
    torch.manual_seed(3)
    attention, network = torch.randn(1, LAYERS, WIDTH), torch.randn(1, LAYERS, WIDTH)
    h = clip.token_embedding(tokens) + clip.positional_embedding
    for layer, block in enumerate(clip.transformer.resblocks):
        inside = block.ln_1(h + attention[:, layer])
        h = h + block.attn(inside, inside, inside, need_weights=False, attn_mask=clip.attn_mask)[0]
        h = h + block.mlp(block.ln_2(h + network[:, layer]))
    expected = clip.ln_final(h)[0, 2] @ clip.text_projection  # the end token stands third
    assert torch.allclose(tower.encode(tokens, Added(attention, network))[0], expected, atol=1e-5)
    assert not torch.allclose(tower.encode(tokens)[0], expected, atol=1e-2)


@torch.no_grad()
def test_trimmed_tokens_give_the_same_embedding(clip: open_clip.CLIP) -> None:
    tower, tokens = TextTower(clip), tokenize(["one two", "three"])
    short = tower.trim(tokens)
    assert short.shape == (2, 3)
    assert torch.allclose(tower.encode(short), tower.encode(tokens), atol=1e-6)


def test_only_the_plugin_learns(clip: open_clip.CLIP) -> None:
    net = plugin(loud=False).train()
    clip.requires_grad_(False)
    scorer = PerFusionScorer(clip, tokenize, net)
    features = scorer._reader.read([user(1).taste], [{("kind", "round"): 1.0}])  # pyright: ignore
    added = net(features)
    text = TextTower(clip).encode(tokenize(["one"]), added.text)
    text.sum().backward()
    assert all(p.grad is None for p in clip.parameters())
    assert net.text is not None
    last = net.text.attention.last[0].weight.grad  # pyright: ignore
    assert last is not None and bool(last.any())  # pyright: ignore


# --- scorer ------------------------------------------------------------------------------------


def test_batch_equals_one_by_one(clip: open_clip.CLIP) -> None:
    scorer = PerFusionScorer(clip, tokenize, plugin(loud=True))
    people = [user(1, round=1.0), user(9), user(20, flat=-0.5, round=0.2)]
    texts = ["one", "two three four", ""]
    images = np.stack([rows(5, s) for s in (30, 31, 32)])
    together = scorer.logits_many(people, texts, images)
    for row in range(3):
        alone = scorer.logits(people[row], texts[row], images[row])
        assert np.allclose(together[row], alone, atol=1e-4)
    single = [scorer.score(people[0], "one", images[0][i : i + 1])[0] for i in range(5)]
    assert np.allclose(scorer.score(people[0], "one", images[0]), single, atol=1e-5)


def test_what_scores_drift_by_is_taken_off(clip: open_clip.CLIP) -> None:
    net = plugin(loud=True)
    scorer = PerFusionScorer(clip, tokenize, net)
    other = UserFeatures(TasteEvidence(rows(7, 9), rows(4, 10)))
    people, images = [user(1), other], np.stack([rows(5, 30), rows(5, 31)])
    before = scorer.logits_many(people, ["one", "two"], images)
    net.config = net.config.model_copy(update={"drift": 0.5})
    after = scorer.logits_many(people, ["one", "two"], images)
    expected = 0.5 * np.log1p([5, 11])[:, None] * np.ones((2, 5))
    assert before - after == pytest.approx(expected, abs=1e-4)
    nobody = UserFeatures(TasteEvidence(rows(0, 0), rows(0, 0)))
    silent = scorer.logits(nobody, "one", images[0])
    net.config = net.config.model_copy(update={"drift": 0.0})
    assert np.array_equal(silent, scorer.logits(nobody, "one", images[0]))


def test_scores_are_probabilities_and_know_the_person(clip: open_clip.CLIP) -> None:
    scorer = PerFusionScorer(clip, tokenize, plugin(loud=True))
    images = rows(6, 40)
    scores = scorer.score(user(1), "one", images)
    assert scores.shape == (6,) and bool(((scores > 0) & (scores < 1)).all())
    assert not np.allclose(scores, scorer.score(user(7), "one", images), atol=1e-3)
    assert not np.allclose(scores, scorer.score(user(1, round=1.0), "one", images), atol=1e-4)
    nobody = UserFeatures(TasteEvidence(rows(0, 0), rows(0, 0)))
    assert bool(np.isfinite(scorer.score(nobody, "", images)).all())
    assert scorer.score(nobody, "one", rows(0, 0)).shape == (0,)


def test_order_of_history_and_facets_does_not_matter(clip: open_clip.CLIP) -> None:
    scorer = PerFusionScorer(clip, tokenize, plugin(loud=True))
    liked, disliked, images = rows(4, 1), rows(3, 2), rows(5, 3)
    facets = {("a", "x"): 0.5, ("b", "y"): -1.0, ("a", "z"): 0.1}
    one_way = UserFeatures(TasteEvidence(liked, disliked), facets)
    turned = dict(reversed(list(facets.items())))
    other = UserFeatures(TasteEvidence(liked[::-1].copy(), disliked[[1, 2, 0]]), turned)
    assert np.allclose(
        scorer.score(one_way, "t", images), scorer.score(other, "t", images), atol=1e-5
    )


def test_saves_loads_and_refuses_another_tower(clip: open_clip.CLIP, tmp_path: Path) -> None:
    net = plugin(loud=True)
    save_model(tmp_path, net.config, net.state_dict(), dtype=None)
    images = rows(4, 3)
    expected = PerFusionScorer(clip, tokenize, net).score(user(1), "one", images)
    assert np.allclose(
        load_reward(tmp_path, clip, tokenize).score(user(1), "one", images), expected
    )
    wrong = net.config.model_copy(update={"tower_layers": 3})
    torch.manual_seed(0)
    with pytest.raises(SetupError, match="expects a text tower of 3 x 16"):
        PerFusionScorer(clip, tokenize, PersonalPlugin(wrong))


# --- metrics -----------------------------------------------------------------------------------


def test_on_pairs_map_is_half_of_one_plus_auc() -> None:
    rng = np.random.default_rng(0)
    scores = [rng.standard_normal(2) for _ in range(200)]
    labels = [np.array([True, False]) for _ in scores]
    gauc = mean_auc(zip(scores, labels, strict=True))
    precision = np.mean([average_precision(s, y) for s, y in zip(scores, labels, strict=True)])
    assert precision == pytest.approx((1 + gauc) / 2)


def test_auc_counts_ties_half() -> None:
    assert auc(np.array([1.0, 1.0, 0.0]), np.array([True, False, False])) == pytest.approx(0.75)
    assert auc(np.array([1.0]), np.array([True])) is None


def test_a_logistic_regression_finds_its_weights() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal([3, -1], [2, 0.5], (40_000, 2))
    chance = 1 / (1 + np.exp(-(features @ [0.6, -1.1] + 0.4)))
    found = logistic(features, rng.random(40_000) < chance)
    assert found == pytest.approx([0.6, -1.1, 0.4], abs=0.1)
    constant = logistic(np.stack([features[:, 0], np.ones(40_000)], axis=1), chance > 0.5)
    assert constant[1] == 0  # what never changes explains nothing


def test_platt_calibrates() -> None:
    rng = np.random.default_rng(1)
    scores = 5 + 3 * rng.standard_normal(20_000)
    outcomes = rng.random(20_000) < 1 / (1 + np.exp(-(0.7 * scores - 4)))
    a, b = platt(scores, outcomes)
    assert (a, b) == (pytest.approx(0.7, abs=0.05), pytest.approx(-4, abs=0.25))
    assert calibration_error(1 / (1 + np.exp(-(a * scores + b))), outcomes) < 0.02
    with pytest.raises(ValueError, match="all 3 outcomes"):
        platt(np.zeros(3), np.ones(3, bool))

"""The oracle world of the reward model, its baselines, its page, and a training in it end to end."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vitrine.core.errors import RequestError, SetupError
from vitrine.core.ports import UserFeatures
from vitrine.evals.reward.baselines import bias_scores, popular_scores, popularity, together
from vitrine.evals.reward.cards import SIDE, Cards, deal, people
from vitrine.evals.reward.report import Report, Spread, Stage, gathered, lift, page
from vitrine.evals.shoppers import ShopperWorld
from vitrine.models.clip.tiny import TinyClip
from vitrine.models.experience import LIKED, Experience
from vitrine.models.metrics import mean_auc
from vitrine.models.reward import train
from vitrine.models.reward.evaluate import features_of, gauc, groups_of, record_groups
from vitrine.models.reward.groups import GroupSampler, record_split
from vitrine.models.reward.lesson import RewardLesson, spread_shown
from vitrine.models.reward.plain import PlainScorer
from vitrine.models.reward.probe import Facts, Probe, ProbeLesson, ProbeTraining
from vitrine.models.reward.scorer import FeatureReader, PerFusionScorer, load_reward
from vitrine.models.reward.sight import Sight
from vitrine.models.reward.tower import TextTower, VisionTower

WORLD = ShopperWorld(shoppers=60, ratings_train=20, ratings_heldout=6, groups_train=6,
                     groups_heldout=6, seed=1)  # fmt: skip


@pytest.fixture(scope="module")
def cards() -> Cards:
    return deal(150)


@pytest.fixture(scope="module")
def clip(cards: Cards) -> TinyClip:
    tiny = TinyClip([text for texts in cards.texts for text in texts], SIDE, seed=0)
    tiny.model.requires_grad_(False).eval()
    return tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cards")


@pytest.fixture(scope="module")
def data(cards: Cards, clip: TinyClip, folder: Path) -> Experience:
    return people(cards, clip, folder / "people", WORLD)


def options(folder: Path, name: str, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    given = ["--data", str(folder / "people"), "--out", str(folder / name), "--steps", "2"]
    given += ["--batch", "3", "--no-tensorboard", "--precision", "no", "--hidden", "8"]
    given += ["--fields", "2"]
    return parser.parse_args([*given, *words])


def trained(
    folder: Path, data: Experience, clip: TinyClip, cards: Cards, name: str, *words: str
) -> PerFusionScorer:
    chosen = options(folder, name, *words)
    sight = Sight(VisionTower(clip.model), SIDE)
    return train.train_reward(
        clip.model, clip.tokenize, data, chosen, train.reward_run(chosen),
        sight=sight, pictures=cards.pictures,
    )  # fmt: skip


def test_cards_are_the_same_for_a_seed_and_words_name_a_part(cards: Cards) -> None:
    again = deal(150)
    assert np.array_equal(cards.pictures, again.pictures) and cards.texts == again.texts
    assert 0 < cards.heldout.sum() < 75
    assert not np.array_equal(deal(5, seed=2).pictures, cards.pictures[:5])
    shown = {tuple(sorted(f.items())) for f in cards.facets}
    held = {tuple(sorted(cards.facets[i].items())) for i in np.flatnonzero(cards.heldout)}
    assert len(shown) > len(held) and all(len(texts) == 4 for texts in cards.texts)


def test_both_towers_are_trained_calibrated_and_loaded(
    folder: Path, data: Experience, clip: TinyClip, cards: Cards
) -> None:
    scorer = trained(folder, data, clip, cards, "both", "--towers", "both", "--ids")
    figures = json.loads((folder / "both" / "card.json").read_text())["figures"]
    assert {"gauc_pictures", "gauc_same_embeddings", "gauc_id", "calibration_error"} <= set(figures)
    again = load_reward(folder / "both", clip.model, clip.tokenize,
                        Sight(VisionTower(clip.model), SIDE))  # fmt: skip
    user = features_of(data, 0, history=8, facets=True, named=True)
    pictures = list(cards.pictures[:4])
    scores = scorer.score_pictures(user, "red", pictures)
    assert scores.shape == (4,) and bool(((scores > 0) & (scores < 1)).all())
    assert np.allclose(scores, again.score_pictures(user, "red", pictures), atol=2e-2)
    doubled = [np.repeat(np.repeat(p, 2, axis=0), 2, axis=1) for p in pictures]
    assert np.allclose(scores, scorer.score_pictures(user, "red", doubled), atol=1e-4)
    alone = [scorer.score_pictures(user, "red", [p])[0] for p in pictures]
    assert np.allclose(scores, alone, atol=1e-4)
    assert scorer.score_pictures(user, "red", []).shape == (0,)
    blind = load_reward(folder / "both", clip.model, clip.tokenize)
    with pytest.raises(SetupError, match="has no picture tower"):
        blind.score_pictures(user, "red", pictures)
    # Of nobody nothing is known: one is scored like another
    nothing, other = (features_of(data, row, history=0, facets=False).taste for row in (0, 1))
    ratings = [blind.score(UserFeatures(t), "red", data.images[:3]) for t in (nothing, other)]
    assert np.array_equal(*ratings)


def test_an_id_alone_is_enough_to_train(
    folder: Path, data: Experience, clip: TinyClip, cards: Cards
) -> None:
    trained(folder, data, clip, cards, "ids", "--ids", "--id-only")
    figures = json.loads((folder / "ids" / "card.json").read_text())["figures"]
    assert set(figures) == {"id_groups", "gauc_id_clip", "gauc_id_unknown", "gauc_id", "map_id"}


def test_records_are_dealt_once(data: Experience) -> None:
    sampler = GroupSampler(data, aside=lambda group: record_split(group) != "train")
    learned = {id(group) for _, group in sampler.groups}
    for split in ("validation", "heldout"):
        dealt = record_groups(data, split)
        assert dealt and not learned & {id(group) for _, group in dealt}


def test_records_tell_a_part_and_keep_the_rest(data: Experience) -> None:
    records = GroupSampler(data).records(data)
    rows = np.arange(len(records.users))
    order, signs = records.told(rows, 5, np.random.default_rng(0))
    assert not signs[:, 5:].any() and np.array_equal(np.sort(order, axis=1)[0], np.arange(20))
    values = np.take_along_axis(records.values, order, axis=1)[:, :5]
    assert np.array_equal(signs[:, :5], np.where(values >= 4, 1, np.where(values <= 2, -1, 0)))
    assert (records.shown[:, 0, 0] >= 0).all() and not records.chosen[records.shown < 0].any()
    learned = {text for _, group in GroupSampler(data).groups for text in [group.text]}
    texts = GroupSampler(data).texts
    assert {texts[t] for t in records.text[records.shown[:, :, 0] >= 0]} == learned


def test_everybody_gets_a_group_of_their_own(data: Experience) -> None:
    sampler = GroupSampler(data)
    records = sampler.records(data)
    rows = np.asarray([7, 3, 3, 11])
    free = np.ones((4, records.shown.shape[1]), np.bool_)
    free[3] = False
    items, chosen, text = records.group_of_each(rows, free, np.random.default_rng(1))
    assert not chosen[3].any()
    rows, items, chosen, text = rows[:3], items[:3], chosen[:3], text[:3]
    for row, shown, choice, words in zip(rows, items, chosen, text, strict=True):
        size = int((shown >= 0).sum())
        own = {(g.text, g.items, g.chosen) for u, g in sampler.groups if u == records.users[row]}
        told = (tuple(shown[:size].tolist()), tuple(choice[:size].astype(int).tolist()))
        assert (sampler.texts[words], *told) in own


def test_a_choice_that_was_told_is_not_asked_for(data: Experience, clip: TinyClip) -> None:
    sampler = GroupSampler(data)
    records = sampler.records(data)
    shown = records.shown.copy()
    shown[0, 0, 0] = records.items[0, 0]
    liked = replace(records, shown=shown, values=np.full_like(records.values, 5))
    chosen, tower = options(Path(), "x"), TextTower(clip.model)
    plugin = train.fresh_plugin(train.config_from(chosen, tower, data, None), data)
    people = train.people_of(data, FeatureReader(tower, clip.tokenize, plugin))
    words = torch.zeros(len(sampler.texts), data.images.shape[1])
    facts = Facts(plugin, data, people, liked, words)
    rows = np.asarray([0])
    for seed in range(12):
        told = facts.tell(rows, np.random.default_rng(seed))
        left = told.items[0].tolist()
        if int(records.items[0, 0]) not in left:
            assert not told.free[0, 0]
        if len(left) == records.items.shape[1]:
            assert told.free.all()


def test_the_probe_is_fitted_and_the_towers_are_taught(data: Experience, clip: TinyClip) -> None:
    chosen = options(Path(), "x")
    tower, sampler = TextTower(clip.model), GroupSampler(data)
    torch.manual_seed(0)
    plugin = train.fresh_plugin(train.config_from(chosen, tower, data, None), data)
    tokens = clip.tokenize(sampler.texts)
    people = train.people_of(data, FeatureReader(tower, clip.tokenize, plugin))
    words = train.words_of(tower, tokens)
    facts = Facts(plugin, data, people, sampler.records(data), words)
    probe = Probe(plugin, data)
    lesson = ProbeLesson(plugin, probe, facts)
    first = _mean(lambda g: lesson(64, g))
    _descend(ProbeTraining(plugin, probe), lambda g: lesson(64, g)[0], 40)
    assert _mean(lambda g: lesson(64, g)) < 0.97 * first
    probe.requires_grad_(False)
    plugin.fields.taste.requires_grad_(False)
    towers = RewardLesson(plugin, probe, tower, facts, tokens)
    before = _mean(lambda g: towers(32, g, choosing=False))
    _descend(plugin, lambda g: towers(32, g, choosing=False)[0], 60)
    assert _mean(lambda g: towers(32, g, choosing=False)) < 0.7 * before
    assert set(towers(32, torch.Generator().manual_seed(0), choosing=True)[1]) == {
        "teach", "choices"
    }  # fmt: skip


def _mean(loss: Callable[[torch.Generator], tuple[Tensor, dict[str, float]]]) -> float:
    return float(
        np.mean([float(loss(torch.Generator().manual_seed(s))[0].detach()) for s in range(4)])
    )


def _descend(model: nn.Module, loss: Callable[[torch.Generator], Tensor], steps: int) -> None:
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for step in range(steps):
        optimiser.zero_grad()
        loss(torch.Generator().manual_seed(100 + step)).backward()
        optimiser.step()


def test_regression_within_groups_is_what_differs_in_them() -> None:
    units = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.0, 2.0], [9.0, 9.0]])
    shown = np.array([[[0, 1, -1], [2, 3, -1], [-1, -1, -1]]])
    factor = spread_shown(units, shown, 0.0)
    assert torch.allclose(factor @ factor.T, torch.tensor([[1.0, 0.0], [0.0, 0.25]]), atol=1e-4)
    more = spread_shown(units, shown, 0.5)
    apart = 0.5 * torch.tensor([[1.0, -0.75], [-0.75, 0.75**2]])
    assert torch.allclose(more @ more.T, factor @ factor.T + apart, atol=1e-4)


def test_pictures_are_asked_for_where_a_picture_tower_is_personal(folder: Path) -> None:
    chosen = options(folder, "none", "--towers", "both", "--clip", str(folder))
    with pytest.raises((RequestError, SetupError)):
        train.run(chosen)


def test_baselines(data: Experience) -> None:
    groups = groups_of(data, "heldout")
    assert gauc(bias_scores(data, groups, history=8), groups) == 0.5
    popular = popular_scores(popularity(data), groups)
    assert len(popular) == len(groups)
    assert [len(s) for s in popular] == [len(g.items) for _, g in groups]
    assert np.allclose(together(popular, popular, 0.0)[0] * _spread(popular), popular[0], atol=1e-4)
    rated = data.training_ratings(0)
    assert mean_auc([(rated.values.astype(float), rated.values >= LIKED)]) == 1.0


def _spread(scores: Sequence[np.ndarray]) -> float:
    return float(np.concatenate([s - s.mean() for s in scores]).std())


def test_the_plain_tower_learns_and_scores(folder: Path, data: Experience, clip: TinyClip) -> None:
    chosen = options(folder, "plain")
    tower = TextTower(clip.model)
    plugin = train.fresh_plugin(train.config_from(chosen, tower, data, None), data)
    plain = PlainScorer(plugin, data, tower, clip.tokenize)
    material = train.material_of(GroupSampler(data), data, tower, clip.tokenize)
    plain.learn(train.reward_run(chosen), 3, material)
    groups = groups_of(data, "heldout")[:5]
    scores = plain.group_scores(groups, history=8, facets=True)
    assert [len(s) for s in scores] == [len(g.items) for _, g in groups]


def test_the_page_tells_lifts_and_orders() -> None:
    runs = [
        {"clip": {"gauc": 0.5, "map": 0.6}, "both": {"gauc": g, "map": 0.7}, "text": {"gauc": 0.55, "map": 0.6}}
        for g in (0.7, 0.72)
    ]  # fmt: skip
    stage = Stage(setup={"seeds": 2}, rows=gathered(runs))
    assert lift(stage, "both", "clip").values == (40.0, 44.0)
    assert Spread(values=(1.0,)).deviation == 0.0
    text = page(Report(stages={"towers": stage}))
    assert "order found: both > text" in text and "0.710 ± 0.014" in text

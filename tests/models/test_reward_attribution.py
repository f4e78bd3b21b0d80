"""What a score comes from: the parts must add up, and find a taste that was planted."""

from collections.abc import Sequence

import numpy as np
import open_clip
import pytest
import torch
from torch import Tensor

from vitrine.core.ports import Attribution, Floats, TasteEvidence, UserFeatures
from vitrine.models.reward.attribution import parts_of
from vitrine.models.reward.features import RewardConfig
from vitrine.models.reward.network import PersonalPlugin
from vitrine.models.reward.scorer import FeatureReader, PerFusionScorer
from vitrine.models.reward.tower import TextTower

DIM, WIDTH, LAYERS, CONTEXT = 12, 16, 2, 8


@pytest.fixture(scope="module")
def clip() -> open_clip.CLIP:
    torch.manual_seed(0)
    vision = {"image_size": 16, "patch_size": 8, "width": 16, "layers": 1, "head_width": 8}
    text = {"context_length": CONTEXT, "vocab_size": 40, "width": WIDTH, "heads": 2,
            "layers": LAYERS}  # fmt: skip
    return open_clip.CLIP(DIM, vision, text).eval().requires_grad_(False)  # pyright: ignore


def tokenize(texts: Sequence[str]) -> Tensor:
    rows = torch.zeros(len(texts), CONTEXT, dtype=torch.long)
    for row, text in enumerate(texts):
        words = [1 + sum(word.encode()) % 30 for word in text.split()][: CONTEXT - 1]
        rows[row, : len(words) + 1] = torch.tensor([*words, 39])
    return rows


def plugin(*, joint: bool, users: tuple[str, ...] = ()) -> PersonalPlugin:
    torch.manual_seed(1)
    net = PersonalPlugin(
        RewardConfig(
            dim=DIM,
            space="toy",
            tower_width=WIDTH,
            tower_layers=LAYERS,
            hidden=10,
            facet_rows=20,
            joint=joint,
            users=users,
            id_width=5,
            slope=0.7,
            offset=-0.2,
            drift=0.6,
            soft=1.0,
        )
    )
    assert net.text is not None
    for networks in (net.text.attention, net.text.network):
        for last in networks.last:
            torch.nn.init.normal_(last.weight, std=0.3)  # pyright: ignore
    return net.eval()


def rows(n: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)


def log_odds(scores: Floats) -> Floats:
    return np.log(scores / (1 - scores))


def total(attribution: Attribution) -> float:
    return attribution.base + sum(c.amount for c in attribution.contributions)


PERSON = UserFeatures(
    TasteEvidence(rows(4, 1), rows(3, 2), "ann"), {("kind", "round"): 1.0, ("tone", "dark"): -0.5}
)


@pytest.mark.parametrize("joint", [False, True])
def test_pieces_of_evidence_add_up_to_u0(clip: open_clip.CLIP, joint: bool) -> None:
    net = plugin(joint=joint, users=("bob", "ann"))
    reader = FeatureReader(TextTower(clip), tokenize, net)
    features = reader.read([PERSON.taste], [PERSON.facets])
    parts = parts_of(net.fields, features)
    whole = net.fields(features).first[0]
    assert torch.allclose(parts.start + parts.rows().sum(dim=0), whole, atol=1e-5)
    assert parts.judged.shape[0] == 7 and parts.stated.shape[0] == 2
    assert bool(parts.identity.any())


@pytest.mark.parametrize("joint", [False, True])
def test_contributions_add_up_to_the_score(clip: open_clip.CLIP, joint: bool) -> None:
    scorer = PerFusionScorer(clip, tokenize, plugin(joint=joint, users=("bob", "ann")))
    images = rows(5, 9)
    told = scorer.attribute(PERSON, "one two", images)
    expected = log_odds(scorer.score(PERSON, "one two", images))
    assert [total(a) for a in told] == pytest.approx(expected.tolist(), abs=2e-2)
    sources = [c.source for c in told[0].contributions]
    assert sources == ["words", *["liked"] * 4, *["disliked"] * 3, "facet", "facet", "id", "known"]
    assert [c.place for c in told[0].contributions[1:8]] == [0, 1, 2, 3, 0, 1, 2]
    facets = [(c.facet, c.value) for c in told[0].contributions if c.source == "facet"]
    assert facets == [("kind", "round"), ("tone", "dark")]


def test_nobody_has_a_base_and_words_alone(clip: open_clip.CLIP) -> None:
    scorer = PerFusionScorer(clip, tokenize, plugin(joint=True))
    nobody = UserFeatures(TasteEvidence(rows(0, 0), rows(0, 0)))
    (told,) = scorer.attribute(nobody, "one", rows(1, 3))
    assert [c.source for c in told.contributions] == ["words"]
    assert total(told) == pytest.approx(float(log_odds(scorer.score(nobody, "one", rows(1, 3)))[0]))
    (silent,) = scorer.attribute(nobody, "", rows(1, 3))
    assert silent.contributions == ()
    assert scorer.attribute(nobody, "one", rows(0, 0)) == []


def test_an_unknown_id_is_nobody_in_particular(clip: open_clip.CLIP) -> None:
    scorer = PerFusionScorer(clip, tokenize, plugin(joint=True, users=("bob", "ann")))
    images, taste = rows(4, 3), TasteEvidence(rows(2, 1), rows(1, 2))

    def named(name: str | None) -> UserFeatures:
        return UserFeatures(TasteEvidence(taste.liked, taste.disliked, name))

    unknown = scorer.score(named("never seen"), "one", images)
    assert np.array_equal(unknown, scorer.score(named(None), "one", images))
    assert not np.allclose(unknown, scorer.score(named("ann"), "one", images), atol=1e-4)
    sources = {
        c.source for c in scorer.attribute(named("never seen"), "one", images)[0].contributions
    }
    assert "id" not in sources

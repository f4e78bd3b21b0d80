"""The tools that make designs: rewrite, sample, render, score, nearest."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrine.core.errors import Cancelled, SetupError, ToolError
from vitrine.core.ports import Attribution, Contribution, Floats, PriorRequest, UserFeatures
from vitrine.core.refs import EmbeddingRef
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import PackCatalogue
from vitrine.models.fakes import DIM, FakeEncoder, FakePrior, FakeRenderer, FakeScorer
from vitrine.tools.conditions import Conditions, Want
from vitrine.tools.nearest_item import NearestItem, NearestRequest
from vitrine.tools.references import FacetPreference, Taste
from vitrine.tools.render_images import Draft, RenderImages, RenderRequest
from vitrine.tools.rewrite_interests import RewriteInterests, RewriteRequest
from vitrine.tools.sample_embeddings import SampleEmbeddings, SampleRequest
from vitrine.tools.score_candidates import Cause, ScoreCandidates, ScoreRequest
from vitrine.tools.thing_tags import HistoryThing

# --- rewrite_interests ----------------------------------------------------------------------------


def history(*ids: str) -> tuple[HistoryThing, ...]:
    return tuple(HistoryThing(item=item) for item in ids)


def test_tags_by_frequency_then_newness_then_the_packs_order(tiny_catalogue: PackCatalogue) -> None:
    rewrite = RewriteInterests(tiny_catalogue)
    result = rewrite(RewriteRequest(history=history("p03", "p01", "p08"), target="a mug", top=3))
    # glossy 3 (all); mug 2, Oda 3; blue and vase newest of the singles
    assert [(t.value, t.count) for t in result.tags] == [
        ("glossy", 3), ("Oda", 3), ("mug", 2), ("vase", 1), ("blue", 1), ("teal", 1), ("red", 1),
    ]  # fmt: skip
    assert [t.value for t in result.interests] == ["glossy", "Oda", "mug"]
    assert result.tags[0].items == ("p08", "p01", "p03"), "newest first"
    assert result.text == "a mug. This piece is maybe related to glossy, Oda, mug."


def test_the_order_of_ties_does_not_depend_on_the_run(tiny_catalogue: PackCatalogue) -> None:
    request = RewriteRequest(history=history("p04", "p07"), target="x")
    assert RewriteInterests(tiny_catalogue)(request) == RewriteInterests(tiny_catalogue)(request)


def test_settled_facets_and_own_tags_give_no_interests(tiny_catalogue: PackCatalogue) -> None:
    result = RewriteInterests(tiny_catalogue)(
        RewriteRequest(
            history=history("p03", "p04"),
            target="a teal mug",
            target_tags={"kind": ("mug",), "glaze": ("teal",)},
            settled=("finish",),
        )
    )
    assert {t.facet for t in result.tags} == {"maker"}
    assert "red" not in result.text
    assert "about mug, teal, maybe related to Brun." in result.text, "a thing has one maker"


def test_designs_count_by_what_was_asked_of_them(tiny_catalogue: PackCatalogue) -> None:
    things = (HistoryThing(facets={"glaze": ("pink",)}), *history("p99"))
    result = RewriteInterests(tiny_catalogue)(RewriteRequest(history=things, target="x"))
    assert [(t.value, t.items) for t in result.tags] == [("pink", ())], (
        "what left the shop is skipped"
    )


@given(
    words=st.integers(0, 120),
    budget=st.integers(16, 60),
    top=st.integers(0, 8),
    ids=st.lists(st.sampled_from([f"p{i:02d}" for i in range(1, 13)]), max_size=20),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_reported_tag_survives_the_budget(
    tiny_catalogue: PackCatalogue, words: int, budget: int, top: int, ids: list[str]
) -> None:
    request = RewriteRequest(
        history=history(*ids),
        target=" ".join(f"word{i}" for i in range(words)),
        target_tags={"kind": ("mug",)},
        top=top,
        max_words=budget,
    )
    result = RewriteInterests(tiny_catalogue)(request)
    assert len(result.text.split()) <= budget
    assert len(result.interests) <= top
    for tag in result.interests:
        assert tag.value in result.text
    assert "mug" in result.text
    written = result.text.replace(".", "").replace(",", "").split()
    kept = sum(f"word{i}" in written for i in range(words))
    assert kept == words - result.words_cut


# --- sample_embeddings ----------------------------------------------------------------------------


@pytest.fixture
def sample(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> SampleEmbeddings:
    return SampleEmbeddings(FakePrior(), tiny_encoder, tiny_catalogue, artifacts)


def rows(artifacts: ArtifactStore, refs: tuple[EmbeddingRef, ...]) -> Floats:
    found = np.stack([artifacts.get_embedding(ref) for ref in refs])
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_samples_are_stored_and_repeatable(sample: SampleEmbeddings) -> None:
    request = SampleRequest(query="a teal mug", n=8, seed=3)
    result = sample(request)
    assert len(result.embeddings) == 8
    assert {ref.dim for ref in result.embeddings} == {DIM}
    assert sample(request) == result
    assert sample(request.model_copy(update={"seed": 4_000})).embeddings != result.embeddings


def test_history_and_base_pull_the_samples(
    sample: SampleEmbeddings, artifacts: ArtifactStore, tiny_catalogue: PackCatalogue
) -> None:
    vectors = tiny_catalogue.vectors([0, 2])
    teal, red = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likes_red = Taste(liked=("p03", "p04"), disliked=("p01",))
    plain = rows(artifacts, sample(SampleRequest(query="a mug", n=16, seed=1)).embeddings)
    own = rows(
        artifacts, sample(SampleRequest(taste=likes_red, query="a mug", n=16, seed=1)).embeddings
    )
    assert (own @ red).mean() > (plain @ red).mean() + 0.05
    based = sample(
        SampleRequest(taste=likes_red, query="a mug", base="p01", base_weight=0.8, n=16, seed=1)
    )
    assert (rows(artifacts, based.embeddings) @ teal).mean() > (own @ teal).mean() + 0.05
    alone = sample(
        SampleRequest(taste=likes_red, query="red", base="p01", base_weight=1, n=16, seed=1)
    )
    assert (rows(artifacts, alone.embeddings) @ teal).mean() > 0.7


def test_a_history_with_gaps_is_used_as_far_as_it_goes(sample: SampleEmbeddings) -> None:
    gone = EmbeddingRef(key=f"sha256:{'0' * 64}", row=0, dim=DIM, space=FakeEncoder().space)
    kept = sample(SampleRequest(taste=Taste(liked=("p03",)), query="x", n=2, seed=1))
    gaps = sample(
        SampleRequest(taste=Taste(liked=("left-the-shop", gone, "p03")), query="x", n=2, seed=1)
    )
    assert gaps == kept
    with pytest.raises(ToolError, match="left-the-shop"):
        sample(SampleRequest(query="x", base="left-the-shop", n=2, seed=1))


def test_a_prior_that_returns_rubbish_is_a_tool_error(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> None:
    class Broken(FakePrior):
        def sample(self, request: PriorRequest) -> Floats:
            return np.full((request.n, DIM), np.nan, dtype=np.float32)

    with pytest.raises(ToolError, match="no embeddings"):
        SampleEmbeddings(Broken(), tiny_encoder, tiny_catalogue, artifacts)(
            SampleRequest(n=2, seed=1)
        )
    with pytest.raises(SetupError, match="trained together"):
        SampleEmbeddings(FakePrior(space="other"), tiny_encoder, tiny_catalogue, artifacts)


# --- render_images --------------------------------------------------------------------------------


def test_rows_keep_their_own_embedding_and_seed(
    artifacts: ArtifactStore, tiny_encoder: FakeEncoder, tiny_catalogue: PackCatalogue
) -> None:
    render = RenderImages(FakeRenderer(tiny_encoder), tiny_encoder, tiny_catalogue, artifacts)
    refs = artifacts.put_embeddings(tiny_encoder.encode_text(["red", "blue"]), tiny_encoder.space)
    drafts = [Draft(prompt="thing", embedding=ref, seed=i) for i, ref in enumerate(refs)]
    steps: list[tuple[int, int]] = []
    both = render(
        RenderRequest(drafts=tuple(drafts), steps=4, adapter_scale=1.0),
        on_step=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for draft, image in zip(drafts, both.images, strict=True):
        alone = render(RenderRequest(drafts=(draft,), steps=4, adapter_scale=1.0))
        assert alone.images == (image,)
    red, blue = (artifacts.get_image(image)[32, 32] for image in both.images)
    assert red[0] > red[2]
    assert blue[2] > blue[0]


def test_drawing_stops_on_request_and_keeps_spaces_apart(
    artifacts: ArtifactStore, tiny_encoder: FakeEncoder, tiny_catalogue: PackCatalogue
) -> None:
    render = RenderImages(FakeRenderer(tiny_encoder), tiny_encoder, tiny_catalogue, artifacts)
    with pytest.raises(Cancelled):
        render(RenderRequest(drafts=(Draft(prompt="x", seed=1),)), stopped=lambda: True)
    (foreign,) = artifacts.put_embeddings(np.ones((1, DIM), dtype=np.float32), "elsewhere")
    with pytest.raises(ToolError, match="'elsewhere' cannot be drawn"):
        render(RenderRequest(drafts=(Draft(prompt="x", embedding=foreign, seed=1),)))


# --- score_candidates -----------------------------------------------------------------------------


@pytest.fixture
def score(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> ScoreCandidates:
    return ScoreCandidates(
        {"reward": FakeScorer(tiny_encoder)}, tiny_encoder, tiny_catalogue, artifacts
    )


def test_items_embeddings_and_pictures_share_one_scale(
    score: ScoreCandidates, tiny_catalogue: PackCatalogue, artifacts: ArtifactStore
) -> None:
    from vitrine.memory.vectors import read_item_picture

    space = FakeEncoder().space
    (embedding,) = artifacts.put_embeddings(tiny_catalogue.vectors([0]), space)
    picture = artifacts.put_image(read_item_picture(Path(str(tiny_catalogue.picture("p01")))))
    result = score(
        ScoreRequest(
            taste=Taste(liked=("p02",)), text="teal", candidates=("p01", embedding, picture, "p03")
        )
    )
    item, row, image, other = result.scores
    assert item.score == row.score == pytest.approx(image.score, abs=5e-3)
    assert other.score < item.score
    assert (item.embedding, row.embedding) == (None, embedding)
    assert image.embedding is not None
    np.testing.assert_allclose(
        artifacts.get_embedding(image.embedding), tiny_catalogue.vectors([0])[0], atol=2e-2
    )
    assert item.fit is not None
    assert item.fit > (other.fit or 0)
    assert item.parts == {"reward": item.score}


def test_opposite_people_score_oppositely(score: ScoreCandidates) -> None:
    def scores(value: str) -> list[float]:
        preference = (FacetPreference(facet="glaze", value=value, weight=1.0),)
        return [
            s.score
            for s in score(ScoreRequest(facets=preference, candidates=("p01", "p03"))).scores
        ]

    teal, red = scores("teal"), scores("red")
    assert teal[0] > teal[1]
    assert red[1] > red[0]


def test_a_score_does_not_depend_on_the_company(score: ScoreCandidates) -> None:
    def one(*candidates: str) -> float:
        return score(ScoreRequest(text="mug", candidates=candidates)).scores[0].score

    assert one("p01") == one("p01", "p02", "p03")
    assert score(ScoreRequest(candidates=())).scores == ()


def test_several_scorers_pool_their_odds(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> None:
    class Fixed(FakeScorer):
        def __init__(self, value: float) -> None:
            super().__init__(tiny_encoder)
            self.value = value

        def score(self, user: UserFeatures, text: str, images: Floats) -> Floats:
            return np.full(len(images), self.value, dtype=np.float32)

    def pooled(**values: float) -> float:
        scorers = {name: Fixed(value) for name, value in values.items()}
        tool = ScoreCandidates(scorers, tiny_encoder, tiny_catalogue, artifacts)
        return tool(ScoreRequest(candidates=("p01",))).scores[0].score

    assert pooled(a=0.8, b=0.2) == pytest.approx(0.5, abs=1e-5)
    assert pooled(a=0.8, b=0.8) == pytest.approx(0.8, abs=1e-5)
    assert 0 < pooled(a=0.0, b=0.5) < 0.5
    with pytest.raises(SetupError, match="no scorer"):
        ScoreCandidates({}, tiny_encoder, tiny_catalogue, artifacts)


def test_what_raised_a_score_most(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> None:
    class Telling(FakeScorer):
        shares: tuple[Contribution, ...] = ()

        def attribute(self, user: UserFeatures, text: str, images: Floats) -> list[Attribution]:
            return [Attribution(0.0, self.shares) for _ in images]

    scorer = Telling(tiny_encoder)
    tool = ScoreCandidates({"reward": scorer}, tiny_encoder, tiny_catalogue, artifacts)
    likes = FacetPreference(facet="color", value="red", weight=1.0)
    avoids = FacetPreference(facet="pattern", value="striped", weight=-1.0)

    def cause(*shares: Contribution, attribute: bool = True) -> Cause | None:
        scorer.shares = shares
        asked = ScoreRequest(facets=(likes, avoids), candidates=("p01",), attribute=attribute)
        return tool(asked).scores[0].cause

    words, red = Contribution("words", 3.0), Contribution("facet", 0.5, "color", "red")
    dull, liked = (
        Contribution("facet", 0.6, "pattern", "striped"),
        Contribution("liked", 0.7, place=0),
    )
    assert cause(words, red) == Cause(facet="color", value="red", amount=0.5)
    assert cause(words, red, dull) == Cause(
        facet="pattern", value="striped", wanted=False, amount=0.6
    )
    assert cause(red, dull, liked) == Cause(amount=0.7)
    assert cause(words, Contribution("facet", -0.5, "color", "red")) is None
    assert cause(words, Contribution("facet", 0.9, "kind", "bowl")) is None
    assert cause(red, attribute=False) is None


# --- nearest_item ---------------------------------------------------------------------------------


def test_the_nearest_real_item(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> None:
    nearest = NearestItem(tiny_catalogue, tiny_encoder, artifacts)
    refs = artifacts.put_embeddings(tiny_encoder.encode_text(["red", "white"]), tiny_encoder.space)
    bowls = Conditions(wants=(Want(facet="kind", values=("bowl",)),))
    red, white = nearest(NearestRequest(embeddings=refs, conditions=bowls, count=2)).nearest
    assert (red[0].id, white[0].id) == ("p04", "p06")
    assert red[0].similarity > red[1].similarity
    assert -1 <= red[1].similarity <= red[0].similarity <= 1
    without = nearest(NearestRequest(embeddings=refs, conditions=bowls, exclude=("p04",))).nearest
    assert without[0][0].id != "p04"
    assert nearest(NearestRequest(embeddings=())).nearest == ()

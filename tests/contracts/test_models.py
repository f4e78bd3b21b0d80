"""What every encoder, prior, scorer and renderer must keep; one line joins an implementation."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from vitrine.agent.wiring import backend_models
from vitrine.core.errors import Cancelled
from vitrine.core.ports import (
    Encoder,
    Floats,
    Pixels,
    Prior,
    PriorRequest,
    RenderDials,
    Renderer,
    RenderJob,
    Scorer,
    TasteEvidence,
    UserFeatures,
)
from vitrine.core.settings import Settings
from vitrine.models.fakes import DIM, SPACE, FakeEncoder, FakePrior, FakeRenderer, FakeScorer


def embedded_encoder() -> Encoder:
    return backend_models(Settings()).encoder()


def embedded_prior() -> Prior:
    return backend_models(Settings()).prior()


def embedded_reward() -> Scorer:
    return backend_models(Settings()).scorers()["reward"]


def embedded_verifier() -> Scorer:
    return backend_models(Settings()).scorers()["verifier"]


def embedded_renderer() -> Renderer:
    return backend_models(Settings()).renderer()


def joined(*implementations: Callable[[], object]) -> list[object]:
    """Implementations as parameters; those that need weights are marked."""
    return [
        pytest.param(
            make, id=make.__name__, marks=pytest.mark.weights if "embedded" in make.__name__ else ()
        )
        for make in implementations
    ]


def fake_scorer() -> Scorer:
    return FakeScorer(FakeEncoder())


ENCODERS = joined(FakeEncoder, embedded_encoder)
PRIORS = joined(FakePrior, embedded_prior)
SCORERS = joined(fake_scorer, embedded_reward, embedded_verifier)
RENDERERS = joined(FakeRenderer, embedded_renderer)


def tile(rgb: Sequence[int], size: int = 64) -> Pixels:
    picture = np.full((size, size, 3), 245, dtype=np.uint8)
    picture[size // 4 : -size // 4, size // 4 : -size // 4] = rgb
    return picture


def cosines(a: Floats, b: Floats) -> Floats:
    unit_a = a / np.linalg.norm(a, axis=1, keepdims=True)
    unit_b = b / np.linalg.norm(b, axis=1, keepdims=True)
    return unit_a @ unit_b.T


def taste(liked: Floats, disliked: Floats) -> TasteEvidence:
    return TasteEvidence(liked=liked, disliked=disliked)


def dim_of(space: str) -> int:
    """Dimension of an embedding space."""
    return DIM if space == SPACE else embedded_encoder().dim


@pytest.fixture(params=ENCODERS)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return request.param()


@pytest.fixture(params=PRIORS)
def prior(request: pytest.FixtureRequest) -> Prior:
    return request.param()


@pytest.fixture(params=SCORERS)
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return request.param()


@pytest.fixture(params=RENDERERS)
def renderer(request: pytest.FixtureRequest) -> Renderer:
    return request.param()


class TestEncoder:
    def test_shapes(self, encoder: Encoder) -> None:
        for rows in (
            encoder.encode_text(["a", "b c", ""]),
            encoder.encode_images([tile((9, 9, 9))] * 3),
        ):
            assert rows.shape == (3, encoder.dim)
            assert rows.dtype == np.float32
            assert np.isfinite(rows).all()
        assert encoder.space

    def test_empty_batches(self, encoder: Encoder) -> None:
        assert encoder.encode_text([]).shape == (0, encoder.dim)
        assert encoder.encode_images([]).shape == (0, encoder.dim)

    def test_the_same_again_alone_and_in_a_batch(self, encoder: Encoder) -> None:
        texts = ["a red thing", "something teal with white dots", "x"]
        whole = encoder.encode_text(texts)
        np.testing.assert_array_equal(whole, encoder.encode_text(texts))
        alone = np.concatenate([encoder.encode_text([text]) for text in texts])
        np.testing.assert_allclose(whole, alone, atol=2e-4 * float(np.abs(whole).max()))

    def test_pictures_of_any_size(self, encoder: Encoder) -> None:
        pictures = [
            tile((200, 30, 40), 32),
            tile((200, 30, 40), 200),
            tile((200, 30, 40), 64)[:, 10:],
        ]
        rows = encoder.encode_images(pictures)
        assert np.isfinite(rows).all()

    def test_very_long_and_odd_texts(self, encoder: Encoder) -> None:
        rows = encoder.encode_text(["word " * 2000, "🙂\u202e\x00", "\n"])
        assert np.isfinite(rows).all()


class TestPrior:
    def request(self, prior: Prior, **changes: object) -> PriorRequest:
        dim = dim_of(prior.space)
        rng = np.random.default_rng(0)
        fields = {
            "taste": taste(
                rng.standard_normal((3, dim)).astype(np.float32), np.zeros((0, dim), np.float32)
            ),
            "query": rng.standard_normal(dim).astype(np.float32),
            "n": 4,
            "seed": 7,
        }
        return PriorRequest(**{**fields, **changes})  # type: ignore[arg-type]

    def bare(self, prior: Prior, seed: int) -> PriorRequest:
        nothing = np.zeros((0, dim_of(prior.space)), dtype=np.float32)
        return PriorRequest(taste=taste(nothing, nothing), query=None, n=2, seed=seed)

    def test_knowing_nothing_still_gives_samples(self, prior: Prior) -> None:
        rows = prior.sample(self.bare(prior, 1))
        assert rows.shape[0] == 2
        assert rows.dtype == np.float32
        assert np.isfinite(rows).all()

    def test_the_seed_decides(self, prior: Prior) -> None:
        request = self.request(prior)
        np.testing.assert_array_equal(prior.sample(request), prior.sample(request))
        other = prior.sample(self.request(prior, seed=8_000_000))
        assert not np.allclose(prior.sample(request), other)

    def test_more_samples_begin_with_the_same(self, prior: Prior) -> None:
        few, many = prior.sample(self.request(prior, n=2)), prior.sample(self.request(prior, n=6))
        np.testing.assert_allclose(few, many[:2], atol=1e-3 * float(np.abs(many).max()))


class TestScorer:
    def embeddings(self, scorer: Scorer, n: int = 6) -> Floats:
        rng = np.random.default_rng(2)
        return rng.standard_normal((n, dim_of(scorer.space))).astype(np.float32)

    def test_probabilities(self, scorer: Scorer) -> None:
        rows = self.embeddings(scorer)
        nothing = rows[:0]
        for user in (
            UserFeatures(taste(nothing, nothing)),
            UserFeatures(
                taste(rows[:2], rows[2:3]), {("any", "red"): 1.0, ("any", "odd value"): -1.0}
            ),
        ):
            for text in ("", "a red thing"):
                scores = scorer.score(user, text, rows)
                assert scores.shape == (6,)
                assert np.isfinite(scores).all()
                assert ((scores >= 0) & (scores <= 1)).all()

    def test_no_images(self, scorer: Scorer) -> None:
        rows = self.embeddings(scorer)
        assert scorer.score(UserFeatures(taste(rows[:1], rows[:0])), "x", rows[:0]).shape == (0,)

    def test_a_score_does_not_depend_on_the_batch(self, scorer: Scorer) -> None:
        rows = self.embeddings(scorer)
        user = UserFeatures(taste(rows[:2], rows[2:3]))
        whole = scorer.score(user, "a red thing", rows)
        alone = [float(scorer.score(user, "a red thing", rows[i : i + 1])[0]) for i in range(6)]
        np.testing.assert_allclose(whole, alone, atol=1e-4)


class TestRenderer:
    def jobs(self, n: int = 3) -> list[RenderJob]:
        return [RenderJob(prompt=f"a {name} thing", embedding=None, seed=i) for i, name in
                zip(range(n), ("red", "teal", "white"), strict=True)]  # fmt: skip

    def test_one_picture_a_job_with_progress(self, renderer: Renderer) -> None:
        steps: list[tuple[int, int]] = []
        pictures = renderer.render(
            self.jobs(),
            RenderDials(steps=3),
            lambda done, total: steps.append((done, total)),
            lambda: False,
        )
        assert len(pictures) == 3
        assert all(p.dtype == np.uint8 and p.ndim == 3 and p.shape[2] == 3 for p in pictures)
        assert steps[-1] == (3, 3)
        assert [done for done, _ in steps] == [1, 2, 3]

    def test_a_batch_equals_one_by_one(self, renderer: Renderer) -> None:
        dials = RenderDials(steps=3)
        whole = renderer.render(self.jobs(), dials, lambda *_: None, lambda: False)
        for job, picture in zip(self.jobs(), whole, strict=True):
            (alone,) = renderer.render([job], dials, lambda *_: None, lambda: False)
            assert np.abs(alone.astype(int) - picture.astype(int)).max() <= 2

    def test_it_stops_when_asked(self, renderer: Renderer) -> None:
        steps: list[int] = []
        with pytest.raises(Cancelled):
            renderer.render(
                self.jobs(),
                RenderDials(steps=8),
                lambda done, _: steps.append(done),
                lambda: len(steps) >= 2,
            )
        assert len(steps) < 8

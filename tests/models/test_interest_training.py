"""What the interest attention learns from: cases without the target, frozen parts, a loss that falls."""

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.models.conftest import DIM, write_world

from vitrine.core.domain import DomainPack, Facet, FacetValue
from vitrine.core.errors import RequestError
from vitrine.core.interests import WordBudget
from vitrine.models.dataset import Drawings, read_drawings
from vitrine.models.diffusion.export import ADAPTER_FILE, ADAPTER_FOLDER
from vitrine.models.diffusion.unet import Denoiser
from vitrine.models.experience import Experience, Rated, UserRow
from vitrine.models.interest.adapter import AdapterWeights
from vitrine.models.interest.attention import InterestAttention, InterestConfig
from vitrine.models.interest.evaluate import interest_figures
from vitrine.models.interest.latents import read_latents
from vitrine.models.interest.lesson import CaseMaker, heldout_likes, likes_of, stacked
from vitrine.models.interest.painter import Painter
from vitrine.models.interest.retrieve import nearest_texts
from vitrine.models.interest.train import InterestLesson

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)


class Letters:
    """Texts as counts of their letters, in the dimension of the toy adapter."""

    space, dim = "toy", DIM

    def encode_text(self, texts: list[str]) -> np.ndarray:
        rows = np.zeros((len(texts), DIM), np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                rows[row, ord(letter) % DIM] += 1
        return rows

    def encode_images(self, images: list[np.ndarray]) -> np.ndarray:
        return np.stack([image.mean((0, 1)).repeat(3)[:DIM] for image in images]).astype(np.float32)


PACK = DomainPack(
    name="toy", title="Toy", noun="form",
    facets=(
        Facet(name="form", kind="categorical", role="head",
              values=(FacetValue(name="square"), FacetValue(name="disc"))),
        Facet(name="tone", kind="categorical",
              values=tuple(FacetValue(name=n) for n in ("rust", "moss", "ink"))),
        Facet(name="edge", kind="categorical",
              values=(FacetValue(name="soft"), FacetValue(name="hard"))),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Drawings:
    return read_drawings(write_world(tmp_path_factory.mktemp("world") / "w"))


@pytest.fixture(scope="module")
def data(drawings: Drawings) -> Experience:
    """Three people; each likes one tone; the last is held out."""
    rng = np.random.default_rng(0)
    heldout = np.zeros(48, np.bool_)
    heldout[drawings.heldout] = True
    tones = [drawings.values(row)["tone"] for row in range(48)]
    words = Letters().encode_text([drawings.captions[row][0] for row in range(48)])
    ratings = [
        Rated(np.arange(48), np.array([5 if tones[i] == tone else 2 for i in range(48)]))
        for tone in ("rust", "moss", "ink")
    ]
    users = [UserRow(user=f"u{i}", split=s) for i, s in enumerate(("train", "train", "heldout"))]
    images = rng.normal(size=(48, DIM)).astype(np.float32)
    return Experience("toy", images, words[:, None], heldout, users, ratings, (), "0")


@pytest.fixture(scope="module")
def maker(drawings: Drawings, data: Experience) -> CaseMaker:
    return CaseMaker(drawings, data, PACK, Letters(), WordBudget(40), 3)


def test_the_wanted_thing_is_in_no_history(maker: CaseMaker, data: Experience) -> None:
    rng = random.Random(0)
    people = likes_of(data, "train")
    assert [likes.user for likes in people] == [0, 1]
    for likes in people:
        cases = [maker.make(likes, int(target), rng) for target in likes.targets for _ in range(3)]
        for case in maker.retrieve(cases):
            assert case.target not in case.history
            assert set(case.retrieved) <= set(case.history)
            assert len(case.retrieved) == min(3, len(case.history))
            assert not data.heldout[list(case.history)].any()
            assert case.text.startswith(case.plain.split(".")[0])
            assert case.query.shape == (DIM,)


def test_interests_are_what_the_request_leaves_open(maker: CaseMaker, data: Experience) -> None:
    likes = likes_of(data, "train")[0]
    case = maker.make(likes, int(likes.targets[0]), random.Random(1), top=5, keep=0.0)
    assert "rust" in case.text
    assert "rust" not in case.plain
    none = maker.make(likes, int(likes.targets[0]), random.Random(1), top=0, keep=0.0)
    assert none.text == none.plain


def test_held_out_people_want_held_out_things(maker: CaseMaker, data: Experience) -> None:
    (likes,) = heldout_likes(data)
    assert likes.user == 2
    assert data.heldout[likes.targets].all()
    assert not data.heldout[likes.history].any()


def test_retrieval_is_by_cosine_and_ties_go_to_the_earlier() -> None:
    texts = np.array([[0, 2], [3, 0], [1, 0], [1, 1]], np.float32)
    assert nearest_texts(np.array([1, 0], np.float32), texts, 3).tolist() == [1, 2, 3]
    assert nearest_texts(np.array([1, 0], np.float32), texts[:0], 3).tolist() == []


@pytest.fixture(scope="module")
def painter(toy_sd: tuple[Path, Denoiser]) -> Painter:
    return Painter.load(toy_sd[0], torch.device("cpu"))


def lesson(
    painter: Painter, maker: CaseMaker, data: Experience, tmp_path: Path, made_in: Path
) -> InterestLesson:
    rows = np.arange(48)
    latents = read_latents(
        maker.drawings, rows, painter.pipeline.vae, made_in / "vae", tmp_path / "l.safetensors"
    )
    torch.manual_seed(0)
    attention = InterestAttention(InterestConfig(image_dim=DIM, text_dim=DIM, space="toy"))
    return InterestLesson(
        attention, painter, maker, likes_of(data, "train"), latents, rows,
        torch.ones(DIM), 4,
    )  # fmt: skip


def test_only_the_attention_learns_and_steps_repeat(
    painter: Painter, maker: CaseMaker, data: Experience, tmp_path: Path,
    toy_sd: tuple[Path, Denoiser],
) -> None:  # fmt: skip
    task = lesson(painter, maker, data, tmp_path, toy_sd[0])
    task.attention.gate.data.fill_(0.5)
    value, curves = task(0, torch.Generator().manual_seed(1))
    value.backward()
    assert curves == {"gate": 0.5}
    assert all(p.grad is not None and bool(p.grad.any()) for p in task.attention.parameters())
    assert not any(p.requires_grad for p in painter.pipeline.unet.parameters())
    again, _ = task(0, torch.Generator().manual_seed(1))
    assert torch.equal(value, again)
    assert not torch.equal(value, task(1, torch.Generator().manual_seed(2))[0])
    # latents are read from the file the second time
    assert torch.equal(lesson(painter, maker, data, tmp_path, toy_sd[0]).latents, task.latents)


def test_the_adapter_may_learn_along(
    maker: CaseMaker, data: Experience, tmp_path: Path, toy_sd: tuple[Path, Denoiser],
) -> None:  # fmt: skip
    own = Painter.load(toy_sd[0], torch.device("cpu"))
    unet = own.pipeline.unet
    adapter = AdapterWeights(unet)
    parameters = dict(adapter.named_parameters())
    assert sum(p.requires_grad for p in unet.parameters()) == len(parameters)
    task = lesson(own, maker, data, tmp_path, toy_sd[0])
    task.attention.gate.data.fill_(0.5)
    before = {name: value.detach().clone() for name, value in parameters.items()}
    optimiser = torch.optim.SGD(adapter.parameters(), lr=0.1)
    for step in range(2):  # a row may have lost its conditions
        task(step, torch.Generator().manual_seed(step))[0].backward()
    optimiser.step()
    assert all(not torch.equal(before[name], value) for name, value in parameters.items())
    # what is written is an adapter that a pipeline folder can have
    adapter.save(tmp_path)
    folder = tmp_path / "sd"
    shutil.copytree(toy_sd[0], folder)
    shutil.copy(tmp_path / ADAPTER_FILE, folder / ADAPTER_FOLDER / ADAPTER_FILE)
    read = AdapterWeights(Painter.load(folder, torch.device("cpu")).pipeline.unet).state_dict()
    for name, value in adapter.state_dict().items():
        assert torch.equal(read[name], value.half().float())


def test_the_warm_up_predicts_embeddings(
    painter: Painter, maker: CaseMaker, data: Experience, tmp_path: Path,
    toy_sd: tuple[Path, Denoiser],
) -> None:  # fmt: skip
    task = lesson(painter, maker, data, tmp_path, toy_sd[0])
    task.warm = 30
    optimiser = torch.optim.Adam(task.attention.parameters(), lr=0.02)
    losses: list[float] = []
    for step in range(30):
        value, _ = task(step, torch.Generator().manual_seed(0))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        losses.append(float(value.detach()))
    assert losses[-1] < 0.9 * losses[0]


def test_figures_are_of_held_out_likes(
    painter: Painter, maker: CaseMaker, data: Experience, tmp_path: Path,
    toy_sd: tuple[Path, Denoiser],
) -> None:  # fmt: skip
    task = lesson(painter, maker, data, tmp_path, toy_sd[0])
    aside = heldout_likes(data)
    given = (task.attention, painter, maker, aside, task.latents, np.arange(48))
    figures = interest_figures(*given, count=6)
    assert figures["heldout_cases"] == 6
    assert figures["gate"] == 0
    assert figures["loss_attention"] == figures["loss_mean"], "a closed gate is the mean"
    assert figures == interest_figures(*given, count=6)
    with pytest.raises(RequestError, match="nobody is held out"):
        interest_figures(task.attention, painter, maker, [], task.latents, np.arange(48), count=6)


def test_padding_of_unequal_histories_is_masked(maker: CaseMaker, data: Experience) -> None:
    likes = likes_of(data, "train")[0]
    rng = random.Random(0)
    cases = maker.retrieve(
        [maker.make(likes, int(likes.targets[0]), rng, length=n) for n in (2, 9)]
    )
    given = stacked(maker, cases)
    assert given.mask.tolist() == [[True, True, False], [True, True, True]]
    assert given.images.shape == (2, 3, DIM)

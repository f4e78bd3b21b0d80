"""The shipped prior on the demo shop, none of whose items was trained on: taste, rating and words count.

People here like one value of a facet, or two; nobody has rated what they are shown.
"""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from safetensors import safe_open

from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import Floats, PriorRequest, TasteEvidence
from vitrine.models.encoder import ClipEncoder
from vitrine.models.prior.prior import RebecaPrior, load_prior

pytestmark = pytest.mark.weights


@cache
def shop() -> tuple[Floats, list[dict[str, list[str]]]]:
    folder = domain_folder("atelier")
    with safe_open(folder / "vectors.safetensors", framework="numpy") as file:
        vectors: Floats = file.get_tensor("image").astype(np.float32)
    lines = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return vectors, [json.loads(line)["facets"] for line in lines]


@cache
def prior() -> RebecaPrior:
    return load_prior(weights() / "prior")


def rows(**facets: str) -> np.ndarray:
    """Rows of the items with these values."""
    found = [
        row for row, carried in enumerate(shop()[1])
        if all(value in carried.get(facet, ()) for facet, value in facets.items())
    ]  # fmt: skip
    return np.asarray(found)


def taste(likes: np.ndarray, dislikes: np.ndarray, count: int, seed: int = 0) -> TasteEvidence:
    rng = np.random.default_rng(seed)
    vectors = shop()[0]
    return TasteEvidence(
        liked=vectors[rng.choice(likes, count, replace=False)],
        disliked=vectors[rng.choice(dislikes, count, replace=False)],
    )


def shown(samples: Floats, facet: str) -> list[str]:
    """The value of the nearest item of each sample."""
    vectors, facets = shop()
    centre = vectors.mean(axis=0)

    def unit(x: Floats) -> Floats:
        return (x - centre) / np.linalg.norm(x - centre, axis=1, keepdims=True)

    nearest = (unit(samples) @ unit(vectors).T).argmax(axis=1)
    return [(facets[int(row)].get(facet) or [""])[0] for row in nearest]


def share(samples: Floats, facet: str, value: str) -> float:
    return float(np.mean([found == value for found in shown(samples, facet)]))


NOBODY = TasteEvidence(np.zeros((0, 128), np.float32), np.zeros((0, 128), np.float32))


def ask(evidence: TasteEvidence, **changes: float) -> Floats:
    return prior().sample(replace(PriorRequest(evidence, None, n=48, seed=3), **changes))


def test_low_ratings_land_elsewhere() -> None:
    evidence = taste(rows(color="red"), rows(color="blue"), 8)
    best, worst = ask(evidence), ask(evidence, rating=1)
    assert share(best, "color", "red") > share(worst, "color", "red") + 0.3
    assert share(worst, "color", "blue") > share(best, "color", "blue") + 0.3


@pytest.mark.parametrize(("facet", "value"), [("color", "green"), ("category", "boots")])
def test_two_likes_count_and_more_count_more(facet: str, value: str) -> None:
    likes, others = rows(**{facet: value}), np.arange(len(shop()[1]))
    shares = {0: share(ask(NOBODY), facet, value)}
    for count in (2, 8):
        people = [taste(likes, others, count, seed) for seed in range(4)]
        found = [share(ask(replace(p, disliked=p.disliked[:0])), facet, value) for p in people]
        shares[count] = float(np.mean(found))
    assert shares[2] > 2 * shares[0]
    assert shares[8] > 2 * shares[2]


@pytest.mark.parametrize(
    ("facet", "tastes"),
    [("category", ("boots", "bag")), ("color", ("red", "teal"))],
)
def test_two_tastes_get_both(facet: str, tastes: tuple[str, str]) -> None:
    rng = np.random.default_rng(1)
    likes = np.concatenate(
        [rng.choice(rows(**{facet: value}), 8, replace=False) for value in tastes]
    )
    vectors = shop()[0]
    found = shown(ask(TasteEvidence(vectors[likes], vectors[:0])), facet)
    for value in tastes:
        assert found.count(value) >= 8  # of 48; a third or less of the shop is such a thing


def test_words_are_kept_and_the_person_fills_the_rest() -> None:
    encoder = ClipEncoder(weights() / "clip")
    query = encoder.encode_text(["a dress"])[0]
    evidence = taste(rows(color="teal"), rows(color="pink"), 8)
    plain = prior().sample(PriorRequest(NOBODY, query, n=48, seed=3))
    own = prior().sample(PriorRequest(evidence, query, n=48, seed=3))
    assert share(own, "category", "dress") >= 0.9
    assert share(own, "color", "teal") > share(plain, "color", "teal") + 0.2

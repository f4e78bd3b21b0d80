"""A toy shop of pots, shoppers with known tastes, and priors that listen or do not."""

from collections.abc import Callable

import numpy as np

from vitrine.core.domain import DomainPack, Facet, FacetValue
from vitrine.core.ports import Floats, PriorRequest, UserFeatures
from vitrine.evals.personal.stages import Stage
from vitrine.evals.shoppers import ShopperWorld, Wares

VALUES = {"kind": ("cup", "bowl", "jug"), "tone": ("dark", "light", "warm", "cold"),
          "form": ("round", "square", "tall")}  # fmt: skip
NAMES = [(facet, value) for facet, values in VALUES.items() for value in values]
WORLD = ShopperWorld(
    shoppers=160, ratings_train=60, ratings_heldout=12, groups_train=1, groups_heldout=1, seed=4
)
ITEMS, DIM = 600, len(NAMES) + 2
PEOPLE = 10


def pack() -> DomainPack:
    return DomainPack(
        name="pots",
        title="Pots",
        noun="pot",
        facets=tuple(
            Facet(
                name=name,
                kind="categorical",
                role="head" if name == "kind" else "attribute",
                values=tuple(FacetValue(name=value) for value in values),
                visible=True,
            )
            for name, values in VALUES.items()
        ),
    )


def wares() -> Wares:
    rng = np.random.default_rng(0)
    facets = [
        {name: (str(rng.choice(values)),) for name, values in VALUES.items()} for _ in range(ITEMS)
    ]
    carried = np.array([[value in row[facet] for facet, value in NAMES] for row in facets], float)
    images = np.concatenate([2 * carried, np.zeros((ITEMS, 2))], axis=1)
    images += 0.3 * rng.standard_normal(images.shape)
    return Wares(
        pack(), facets, [[""] for _ in facets], images.astype(np.float32), rng.random(ITEMS) < 0.3
    )


class Likeable:
    """Scores by the direction of the likes."""

    space = "toy"

    def score(self, user: UserFeatures, text: str, images: Floats) -> Floats:
        liked = user.taste.liked
        if not len(liked):
            return np.full(len(images), 0.5, np.float32)
        return (1 / (1 + np.exp(-images @ (liked.mean(axis=0) - 1)))).astype(np.float32)


class Words:
    """Encodes the values that a text names."""

    space = "toy"
    dim = DIM

    def encode_text(self, texts: list[str]) -> Floats:
        rows = [[2.0 * (v in text) for _, v in NAMES] + [0.0, 0.0] for text in texts]
        return np.array(rows, np.float32)

    def encode_images(self, images: object) -> Floats:
        raise NotImplementedError


class TellingPrior:
    """Samples near single likes; guidance draws them to their mean, rating 1 to the dislikes."""

    space = "toy"

    def sample(self, request: PriorRequest) -> Floats:
        rng = np.random.default_rng(request.seed)
        noise = 0.3 * rng.standard_normal((request.n, DIM))
        known = request.taste.disliked if request.rating < 3 else request.taste.liked
        if request.query is not None:
            named = np.repeat(request.query[None], request.n, axis=0)
            for start, stop in ((0, 3), (3, 7), (7, 10)):  # what is not asked is of the user
                if not named[0, start:stop].any() and len(known):
                    named[:, start:stop] = known.mean(axis=0)[start:stop]
            return (named + noise).astype(np.float32)
        if not len(known) or request.guidance_user == 0:
            return (rng.random((request.n, DIM)) * 2 + noise).astype(np.float32)
        share = request.guidance_user / (request.guidance_user + 5)
        picks = known[rng.integers(len(known), size=request.n)]
        return ((1 - share) * picks + share * known.mean(axis=0) + noise).astype(np.float32)


class DeafPrior(TellingPrior):
    """Hears nothing about the user."""

    def sample(self, request: PriorRequest) -> Floats:
        rng = np.random.default_rng(request.seed)
        return (2 * rng.random((request.n, DIM))).astype(np.float32)


Staging = Callable[[TellingPrior], Stage]

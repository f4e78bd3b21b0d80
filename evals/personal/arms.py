"""Ways to find something for a person: the prior in its variants, and what it has to beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Encoder, Floats, Prior, PriorRequest, TasteEvidence, UserFeatures
from vitrine.core.prompts import design_facets, write_prompt
from vitrine.core.settings import Settings
from vitrine.evals.personal.bench import Arm, Sampled, TasteBench, unit
from vitrine.models.experience import LIKED
from vitrine.tools.selection import select

PRODUCT = Settings().design.guidance_user
"""Guidance of the user as designs are made."""
CANDIDATES = 4
"""Samples that are drawn for each design that is kept."""


class Arms:
    """Builds arms for one bench. `n`: samples a person; seeds are (seed, row of the person)."""

    def __init__(
        self, bench: TasteBench, prior: Prior, encoder: Encoder, *, n: int, seed: int
    ) -> None:
        self.bench = bench
        self.prior = prior
        self.encoder = encoder
        self.n = n
        self.seed = seed
        data = bench.world.data
        self._nobody = TasteEvidence(data.images[:0], data.images[:0])
        self._deviation: Floats = data.images[~data.heldout].std(axis=0)
        self._popular = self._popularity()
        self.shares = self._value_shares()

    def reseeded(self, seed: int) -> Arms:
        """The same arms with other samples."""
        other = copy(self)
        other.seed = seed
        return other

    # --- the prior --------------------------------------------------------------------------------

    def personal(self, guidance: float = PRODUCT, rating: int = 5) -> Arm:
        """Samples of the prior for the person, without a request."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            return Sampled(self.prior.sample(self._request(user, taste, guidance, rating, self.n)))

        return arm

    def selected(self, guidance: float = PRODUCT) -> Arm:
        """Samples of the prior, of which the product's verifier and diversity choose a quarter."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            many = self.prior.sample(self._request(user, taste, guidance, 5, CANDIDATES * self.n))
            return Sampled(self.chosen(taste, many, self.n))

        return arm

    def chosen(self, taste: TasteEvidence, candidates: Floats, count: int) -> Floats:
        """The `count` that are kept of sampled embeddings, as the product chooses."""
        scores = self.bench.scorer.score(UserFeatures(taste), "", candidates)
        return candidates[select(candidates, scores, count)]

    def nobody(self, text: str | None = None) -> Arm:
        """The prior without a user; with a text as the request (None: nothing at all)."""
        query = None if text is None else self.encoder.encode_text([text])[0]

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            return Sampled(self.prior.sample(PriorRequest(
                self._nobody, query, n=self.n, seed=self.seed_of(user))))  # fmt: skip

        return arm

    def tags(self) -> Arm:
        """The prior without a user, asked in words for what the person likes best."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            query = self.encoder.encode_text([self.words_of(user)])[0]
            return Sampled(self.prior.sample(PriorRequest(
                self._nobody, query, n=self.n, seed=self.seed_of(user))))  # fmt: skip

        return arm

    def _request(
        self, user: int, taste: TasteEvidence, guidance: float, rating: int, n: int
    ) -> PriorRequest:
        seed = self.seed_of(user)
        return PriorRequest(taste, None, n=n, seed=seed, rating=rating, guidance_user=guidance)

    # --- what needs no prior ----------------------------------------------------------------------

    def random(self) -> Arm:
        """Items of the shelf by chance."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            return self._items(self._rng(user, 1).choice(self._free(user), self.n, replace=False))

        return arm

    def popular(self) -> Arm:
        """The items that other shoppers like most; the same for everybody but for what they rated."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            free = self._free(user)
            return self._items(free[np.argsort(-self._popular[free], kind="stable")[: self.n]])

        return arm

    def near_centroid(self, depth: int | None = None) -> Arm:
        """Items nearest to the mean of the likes; with `depth`, chance ones of so many nearest."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            free = self._free(user)
            rows = self.bench.items[self.bench.world.shelf[free]]
            middle = unit(self.middle(taste)[None] - self.bench.centre)[0]
            return self._top(user, free, rows @ middle, depth)

        return arm

    def by_verifier(self, depth: int | None = None) -> Arm:
        """Items that the product's own verifier likes best; `depth` as above."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            free = self._free(user)
            images = self.bench.world.data.images[self.bench.world.shelf[free]]
            scores = self.bench.scorer.score(UserFeatures(taste), "", images)
            return self._top(user, free, scores, depth)

        return arm

    def centroid_noise(self, noise: float = 0.5, *, choose: bool = False) -> Arm:
        """The mean of the likes plus noise, in deviations of all items; `choose` as `selected`."""

        def arm(user: int, taste: TasteEvidence) -> Sampled:
            count = CANDIDATES * self.n if choose else self.n
            cloud = self._rng(user, 2).standard_normal((count, len(self._deviation)))
            made = (self.middle(taste) + noise * self._deviation * cloud).astype(np.float32)
            return Sampled(self.chosen(taste, made, self.n) if choose else made)

        return arm

    def middle(self, taste: TasteEvidence) -> Floats:
        """The mean of the likes; of everything where nothing is liked."""
        return taste.liked.mean(axis=0) if len(taste.liked) else self.bench.centre

    # --- words ------------------------------------------------------------------------------------

    def words_of(self, user: int) -> str:
        """A prompt of the values that the person's likes carry most often beyond their share."""
        world, pack = self.bench.world, self.bench.world.wares.pack
        rated = world.data.training_ratings(user)
        size = self.bench.history
        items, values = rated.items[-size:], rated.values[-size:]
        liked = [world.wares.facets[int(item)] for item in items[values >= LIKED]]
        said = design_facets(pack)
        counts = Counter(
            (name, value)
            for facets in liked for name, found in facets.items() for value in found
            if name in said
        )  # fmt: skip
        if not counts:
            return pack.noun
        base = self.shares
        best: dict[str, tuple[float, str]] = {}
        for (name, value), count in sorted(counts.items()):
            excess = count / len(liked) - base.get((name, value), 0.0)
            if excess > best.get(name, (0.0, ""))[0]:
                best[name] = (excess, value)
        kept = sorted(best, key=lambda name: -best[name][0])[:3]
        return write_prompt(pack, {name: best[name][1] for name in kept})

    def _value_shares(self) -> dict[tuple[str, str], float]:
        """Share of training items that carry each value."""
        world = self.bench.world
        rows = np.flatnonzero(~world.data.heldout)
        counts = Counter(
            (name, value)
            for row in rows for name, found in world.wares.facets[int(row)].items()
            for value in found
        )  # fmt: skip
        return {key: count / len(rows) for key, count in counts.items()}

    # --- parts ------------------------------------------------------------------------------------

    def seed_of(self, user: int) -> int:
        """The seed of one person's samples."""
        return self.seed * 1_000_003 + user

    def _rng(self, user: int, use: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, user, use])

    def _free(self, user: int) -> NDArray[np.int64]:
        return self.bench.unrated(user)

    def _items(self, places: NDArray[np.int64]) -> Sampled:
        world = self.bench.world
        return Sampled(world.data.images[world.shelf[places]], places)

    def _top(
        self, user: int, free: NDArray[np.int64], scores: Floats, depth: int | None
    ) -> Sampled:
        order = free[np.argsort(-scores, kind="stable")]
        if depth is None or depth <= self.n:
            return self._items(order[: self.n])
        return self._items(self._rng(user, 3).choice(order[:depth], self.n, replace=False))

    def _popularity(self) -> Floats:
        """Share of validation shoppers' ratings of each shelf item that are likes, shrunk."""
        world = self.bench.world
        likes, seen = np.zeros(len(world.data.images)), np.zeros(len(world.data.images))
        for user in world.people("validation"):
            rated = world.data.heldout_ratings(user)
            np.add.at(seen, rated.items, 1)
            np.add.at(likes, rated.items[rated.values >= LIKED], 1)
        mean = likes.sum() / max(seen.sum(), 1)
        return ((likes + 4 * mean) / (seen + 4))[world.shelf].astype(np.float32)


def generic_prompts(arms: Arms) -> Sequence[tuple[str, str, str]]:
    """(name, positive, negative): no prompt, a simple one for quality, a careful one.

    After REBECA sec. 4.3, worded for things of this domain: the careful one asks for the commonest
    kind with the commonest values, as somebody would who knows the shop but not the person.
    """
    pack = arms.bench.world.wares.pack
    heads = {value: s for (name, value), s in arms.shares.items() if name == pack.head.name}
    head = max(sorted(heads), key=lambda value: heads[value])
    common: dict[str, str] = {pack.head.name: head}
    for facet in pack.facets:
        fits = not facet.applies_to or head in facet.applies_to
        if facet.name in design_facets(pack) - {pack.head.name} and facet.of is None and fits:
            values = {v: s for (name, v), s in arms.shares.items() if name == facet.name}
            if values:
                common[facet.name] = max(sorted(values), key=lambda v: values[v])
    bad = f"a bad quality photo of a {pack.noun}, letters"
    return (
        ("T0", "", ""),
        ("T1", f"a high quality photo of a {pack.noun}", bad),
        ("T2", f"{write_prompt(pack, common)}, a detailed high quality photo", bad),
    )

"""Ways to draw for a person: a renderer's dials, and what the job of one request holds.

A condition is a function of an `Ask` and of nothing else. Those that know nobody give equal jobs for
everybody, so that their pictures are drawn once and their personal lift is exactly nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vitrine.core.interests import TextBudget, compatible, count_tags, rewrite
from vitrine.core.ports import (
    Encoder,
    Floats,
    Interest,
    PersonalRun,
    Prior,
    PriorRequest,
    RenderDials,
    RenderJob,
    Scorer,
    TasteEvidence,
    UserFeatures,
)
from vitrine.core.prompts import design_facets, spoken
from vitrine.evals.personal.bench import TasteBench, unit
from vitrine.models.experience import LIKED
from vitrine.models.interest.retrieve import nearest_texts

CANDIDATES = 4
"""Samples that are drawn for a design; the scorer chooses one."""
RETRIEVED = 16
"""K of I-AM-G."""
TOP = 5
"""H of I-AM-G."""


@dataclass(frozen=True)
class Ask:
    """One request of one person, with one seed.

    `asked`: the facets in it. `item`: the liked thing that is nearest to the words.
    """

    user: int
    text: str
    query: Floats  # (d,)
    asked: Mapping[str, str]
    seed: int
    taste: TasteEvidence
    facets: Mapping[tuple[str, str], float]
    item: int


@dataclass(frozen=True)
class Condition:
    """A way to draw. `against`: names of conditions that it is compared with, pair by pair."""

    name: str
    about: str
    job: Callable[[Ask], RenderJob]
    dials: RenderDials
    against: tuple[str, ...] = ()
    after_item: bool = False


class Studio:
    """What conditions are built from: the prior, the scorer that chooses, histories and their tags."""

    def __init__(
        self,
        bench: TasteBench,
        encoder: Encoder,
        prior: Prior,
        scorer: Scorer,
        budget: TextBudget,
        dials: RenderDials,
    ) -> None:
        self.bench = bench
        self.encoder = encoder
        self.prior = prior
        self.scorer = scorer
        self.budget = budget
        self.dials = dials
        self._designs: dict[tuple[int, str, int], Floats] = {}

    # --- requests ---------------------------------------------------------------------------------

    def ask(self, user: int, text: str, asked: Mapping[str, str], seed: int) -> Ask:
        """What is known when a person asks."""
        data = self.bench.world.data
        query = self.encoder.encode_text([text])[0]
        taste = self.bench.taste(user)
        liked = self.history(user)
        near = liked[int(nearest_texts(query, data.images[liked], 1)[0])] if len(liked) else -1
        return Ask(user, text, query, asked, seed, taste, data.stated(user), near)

    def history(self, user: int) -> list[int]:
        """Rows of the things that the person is known to have liked, newest last."""
        rated = self.bench.world.data.training_ratings(user)
        size = self.bench.history
        items, values = rated.items[-size:], rated.values[-size:]
        return [int(item) for item in items[values >= LIKED]]

    # --- parts of jobs ----------------------------------------------------------------------------

    def design(self, ask: Ask, *, known: bool = True) -> Floats:
        """An embedding for the request, (d,): sampled by the prior, chosen by the scorer."""
        key = (ask.user if known else -1, ask.text, ask.seed)
        if key not in self._designs:
            nobody = TasteEvidence(ask.taste.liked[:0], ask.taste.disliked[:0])
            taste = ask.taste if known else nobody
            request = PriorRequest(taste, ask.query, n=CANDIDATES, seed=ask.seed * CANDIDATES)
            samples = self.prior.sample(request)
            scores = self.scorer.score(UserFeatures(taste), "", samples)
            self._designs[key] = samples[int(np.argmax(scores))]
        return self._designs[key]

    def rewritten(self, ask: Ask, top: int = TOP) -> str:
        """T* of I-AM-G: the request and what the history has most often, H of it."""
        wares = self.bench.world.wares
        pack = wares.pack
        skipped = {*ask.asked, pack.head.name}
        facets = design_facets(pack) - skipped
        tags = [
            [
                (name, v)
                for name, found in wares.facets[item].items()
                if name in facets
                for v in found
            ]
            for item in self.history(ask.user)
        ]
        head = ask.asked.get(pack.head.name)
        counted = list(count_tags(tags, rank=lambda tag: tag))
        ranked = compatible(counted, tags, pack, head)[:top]
        words = list(dict.fromkeys(spoken(pack, name, value) for name, value in ranked))
        return rewrite(ask.text, pack.noun, (), words, self.budget).text

    def interest(self, ask: Ask, *, count: int = RETRIEVED, top: int = TOP) -> Interest | None:
        """What the third branch attends to; None where nothing is known."""
        liked = [item for item in self.history(ask.user) if item != ask.item]
        if not liked:
            return None
        data = self.bench.world.data
        query = self.encoder.encode_text([self.rewritten(ask, top)])[0]
        texts = data.captions[liked, 0]
        near = [liked[int(place)] for place in nearest_texts(query, texts, count)]
        return Interest(query, data.captions[near, 0], data.images[near])

    def person(self, ask: Ask) -> UserFeatures:
        """What PerFusion reads of a person."""
        return UserFeatures(ask.taste, ask.facets)

    def with_dials(self, **dials: object) -> RenderDials:
        """The usual dials with some of them set."""
        return replace(self.dials, **dials)

    # --- conditions -------------------------------------------------------------------------------

    def plain(self) -> list[Condition]:
        """What needs nothing but the IP-Adapter."""

        def words(ask: Ask) -> RenderJob:
            return RenderJob(ask.text, None, ask.seed)

        def tags(ask: Ask) -> RenderJob:
            return RenderJob(self.rewritten(ask), None, ask.seed)

        def nobody(ask: Ask) -> RenderJob:
            return RenderJob(ask.text, self.design(ask, known=False), ask.seed)

        def designs(ask: Ask) -> RenderJob:
            return RenderJob(ask.text, self.design(ask), ask.seed)

        return [
            Condition("words", "words alone; nobody is known", words, self.dials),
            Condition("words and tags", "words alone, rewritten with what the history has most"
                      " often (I-AM-G's T*)", tags, self.dials, ("words",)),
            Condition("design, nobody", "embedding of the prior for the words alone, and the words",
                      nobody, self.dials, ("words",)),
            Condition("design", "embedding of the prior for the person and the words, and the words",
                      designs, self.dials, ("words", "design, nobody")),
            self.after_item(),
        ]  # fmt: skip

    def after_item(self) -> Condition:
        """The IP-Adapter on the liked item that is nearest to the words: I-AM-G's base."""

        def job(ask: Ask) -> RenderJob:
            return RenderJob(ask.text, self._item(ask), ask.seed)

        return Condition("item", "IP-Adapter on the liked thing nearest to the words, and the words",
                         job, self.dials, ("words",), after_item=True)  # fmt: skip

    def _item(self, ask: Ask) -> Floats | None:
        return None if ask.item < 0 else self.bench.world.data.images[ask.item]

    def three_branch(
        self,
        name: str,
        interest_scale: float,
        *,
        text_scale: float = 1.0,
        tags: bool = True,
        top: int = TOP,
    ) -> Condition:
        """I-AM-G: the item and the third branch. `tags`: with the rewritten text."""

        def job(ask: Ask) -> RenderJob:
            text = self.rewritten(ask, top) if tags else ask.text
            interest = self.interest(ask, top=top if tags else 0)
            return RenderJob(text, self._item(ask), ask.seed, interest=interest)

        about = (
            f"the item, {'the words and tags' if tags else 'the words'}, lambda2 {interest_scale:g}"
        )
        return Condition(
            name, about, job,
            self.with_dials(interest_scale=interest_scale, text_scale=text_scale),
            ("words", "item"), after_item=True,
        )  # fmt: skip

    def personal(
        self,
        name: str,
        run: PersonalRun,
        *,
        guidance: float | None = None,
        design: bool = False,
        interest_scale: float = 0.0,
    ) -> Condition:
        """PerFusion's network; with `design` on top of the prior's embedding (and interests)."""

        def job(ask: Ask) -> RenderJob:
            return RenderJob(
                ask.text,
                self.design(ask) if design else None,
                ask.seed,
                interest=self.interest(ask) if interest_scale else None,
                user=self.person(ask),
            )

        about = f"PerFusion's network, {run.replace('_', ' ')}, and the words"
        if design:
            about += ", on the prior's embedding" + (", with interests" if interest_scale else "")
        dials = self.with_dials(
            personal=run, personal_guidance=guidance, interest_scale=interest_scale
        )
        return Condition(name, about, job, dials, ("words", "design") if design else ("words",))


def two_unlike(bench: TasteBench, people: Sequence[int]) -> tuple[int, int]:
    """The two people whose true utilities on the shelf differ most; no picture has a say in it."""
    rows = bench.world.truth[list(people)][:, bench.world.shelf]
    likeness = unit(rows - rows.mean(axis=1, keepdims=True))
    cosines = likeness @ likeness.T
    a, b = np.unravel_index(int(np.argmin(cosines)), cosines.shape)
    return people[int(a)], people[int(b)]

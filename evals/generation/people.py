"""The same words for many people: are the pictures theirs, and what do they cost in quality?

Letters: U people, P requests, S seeds; a block is one request with one seed, of which every person has
one picture. Pictures are ordered by person, then request, then seed: J = U P S.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats, Pixels, Scorer, UserFeatures
from vitrine.core.prompts import write_prompt
from vitrine.evals.generation.conditions import Ask, Condition, Studio
from vitrine.evals.generation.drawing import Drawer
from vitrine.evals.generation.looking import Looked, Looker
from vitrine.evals.generation.reading import colour_facet
from vitrine.evals.generation.report import Figure, Lift, Row, over_people, over_seeds
from vitrine.evals.personal.bench import Seen
from vitrine.evals.personal.drawn import read_facets
from vitrine.evals.personal.proof import permutation_test
from vitrine.evals.personal.report import ALPHA
from vitrine.evals.personal.world import LIKED_SHARE
from vitrine.evals.shoppers import is_heldout_text
from vitrine.models.dataset import Drawings
from vitrine.models.quality.distances import history_similarity, list_diversity

Values = NDArray[np.float64]
COMPARED = (
    "lift", "percentile", "judged", "reward", "gauc", "asked", "kind", "clip_score_clip",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """Words that everybody says. `asked`: the facets in them."""

    text: str
    asked: Mapping[str, str]


def choose_requests(data: Drawings, pack: DomainPack, count: int, seed: int) -> list[Request]:
    """Short requests in words that no training group has: a head and one more facet, never a colour.

    They leave open what taste decides. One a head value as long as there are enough.

    Raises:
        RequestError: the held-out drawings give too few such texts.
    """
    tint = colour_facet(pack)
    free = {f.name for f in pack.facets if f.values_from == tint} | {tint, pack.head.name}
    found: dict[str, Request] = {}
    for row in data.heldout:
        values = data.values(int(row))
        for name, value in sorted(values.items()):
            if name not in free and pack.head.name in values:
                asked = {pack.head.name: values[pack.head.name], name: value}
                text = write_prompt(pack, asked)
                if is_heldout_text(text):
                    found.setdefault(text, Request(text, asked))
    texts = sorted(found)
    order = [texts[i] for i in np.random.default_rng(seed).permutation(len(texts))]
    heads: list[str] = []
    first, later = [], []
    for text in order:
        head = found[text].asked[pack.head.name]
        (later if head in heads else first).append(text)
        heads.append(head)
    if len(order) < count:
        raise RequestError(f"{len(order)} held-out requests, expected {count}: lower --requests")
    return [found[text] for text in [*first, *later][:count]]


@dataclass(frozen=True)
class Crowd:
    """Everything that measures conditions on people."""

    studio: Studio
    drawer: Drawer
    looker: Looker
    drawings: Drawings
    people: Sequence[int]
    requests: Sequence[Request]
    seeds: int
    real: Looked
    permutations: int
    first_seed: int = 0
    reward: Scorer | None = None
    """The reward model, where there is one."""
    drawers: Mapping[str, Drawer] = field(default_factory=lambda: {})
    """Of conditions that are drawn with other weights than the rest, by name."""

    def asks(self) -> list[Ask]:
        """All requests, by person, request and seed. A seed is the same for everybody."""
        return [
            self.studio.ask(user, request.text, request.asked, self.seed(place, number))
            for user in self.people
            for place, request in enumerate(self.requests)
            for number in range(self.seeds)
        ]

    def seed(self, request: int, number: int) -> int:
        """The seed of a block."""
        return self.first_seed + 1000 * request + number

    def measure(self, conditions: Sequence[Condition]) -> tuple[list[Row], dict[str, list[Pixels]]]:
        """Rows by condition, and their pictures (J)."""
        asks = self.asks()
        rows: list[Row] = []
        found: dict[str, Mapping[str, Values]] = {}
        shown: dict[str, list[Pixels]] = {}
        for condition in conditions:
            row, found[condition.name], shown[condition.name] = self.look(condition, asks)
            others = [name for name in condition.against if name in found]
            against = {name: _gaps(found[condition.name], found[name]) for name in others}
            rows.append(row.model_copy(update={"against": against}))
        return rows, shown

    def look(
        self, condition: Condition, asks: Sequence[Ask]
    ) -> tuple[Row, Mapping[str, Values], list[Pixels]]:
        """Draw under one condition: its row, what it is made of (S, U) by measure, the pictures (J)."""
        drawer = self.drawers.get(condition.name, self.drawer)
        made = drawer.draw([condition.job(ask) for ask in asks], condition.dials)
        return *self._row(condition, asks, made), made

    def _row(
        self, condition: Condition, asks: Sequence[Ask], made: Sequence[Pixels]
    ) -> tuple[Row, dict[str, Values]]:
        bench = self.studio.bench
        people = list(self.people)
        seen = self.looker.look(made)
        sight = Seen(*self.looker.judge.inspect(np.stack(made)))
        facets = read_facets(bench.world.wares.pack, sight, self.looker.judge)
        alike = first_alike(made)  # rounding in a batch would tell equal pictures apart
        standing = bench.world.worth(people, facets, seen.features["clip"])[:, alike]
        standing = standing.astype(np.float64)
        judged = bench.judge.pictures(people, sight.chances)[:, alike]
        looks = bench.look(sight.pooled)[alike]
        own = self._own(standing)
        values = {
            "percentile": own,
            "precision": (own >= LIKED_SHARE).astype(np.float64),
            "judged": self._own(judged),
            "lift": own - self._others(standing),
            **rank_own(self._mine(judged)),
            **self._looks(looks),
            **self._rewarded(asks, seen),
            **self._asked(made),
        }
        for name, each in {**self.looker.fits(seen, [a.text for a in asks]),
                           **self.looker.pleasing(made)}.items():  # fmt: skip
            values[name] = self._cube(each)
        if condition.after_item:
            items = [np.asarray(self.drawings.pictures[ask.item]) for ask in asks]
            for name, each in self.looker.likeness(made, items).items():
                values[name] = self._cube(each)
        by_person = {name: _by_seed(cube) for name, cube in values.items()}
        figures = {name: over_people(cube) for name, cube in by_person.items()}
        figures |= self._sets(seen)
        proof = permutation_test(
            judged, permutations=self.permutations, seed=self.first_seed, blocks=self._blocks()
        )
        lift = Lift(
            deviations=round(proof.deviations, 2),
            p=round(proof.p, 5),
            permutations=self.permutations,
            significant=round(float((proof.adjusted <= ALPHA).mean()), 4),
        )
        row = Row(name=condition.name, about=condition.about, pictures=len(made),
                  figures=figures, lift=lift)  # fmt: skip
        return row, by_person

    # --- figures ----------------------------------------------------------------------------------

    def _cube(self, each: Sequence[float] | NDArray[np.floating]) -> Values:
        """Values of all pictures (J,) as (U, P, S)."""
        shape = (len(self.people), len(self.requests), self.seeds)
        return np.asarray(each, np.float64).reshape(shape)

    def _mine(self, values: Values) -> Values:
        """V[user, picture] as (U judge, U drawn for, P, S)."""
        users = len(self.people)
        return np.asarray(values, np.float64).reshape(users, users, len(self.requests), self.seeds)

    def _own(self, values: Values) -> Values:
        """What people think of their own pictures, (U, P, S)."""
        return own_of(self._mine(values))

    def _others(self, values: Values) -> Values:
        """What they think of the pictures of all others for the same words and seed, (U, P, S)."""
        users = len(self.people)
        return (self._mine(values).sum(axis=1) - self._own(values)) / (users - 1)

    def _looks(self, looks: Floats) -> dict[str, Values]:
        """Similarity to the history, diversity, difference between people and novelty, (U, P, S)."""
        bench = self.studio.bench
        shape = (len(self.people), len(self.requests), self.seeds)
        whole = looks.reshape(*shape, -1)
        history, novelty = np.zeros(shape), np.zeros(shape)
        diversity, between = np.zeros(shape), np.zeros(shape)
        for place, user in enumerate(self.people):
            liked = bench.looks[self.studio.history(user)]
            for request in range(shape[1]):
                own = whole[place, request]
                if len(liked):
                    history[place, request] = history_similarity(own, liked)
                diversity[place, request] = list_diversity(own)
                for seed in range(shape[2]):
                    novelty[place, request, seed] = bench.look_novelty(own[seed : seed + 1])
                    others = np.delete(whole[:, request, seed], place, axis=0)
                    between[place, request, seed] = 1 - float((others @ own[seed]).mean())
        found = {"history": history, "novelty": novelty, "between": between}
        return found | ({"diversity": diversity} if self.seeds > 1 else {})

    def _rewarded(self, asks: Sequence[Ask], seen: Looked) -> dict[str, Values]:
        """What the reward model thinks of one's own pictures for one's words."""
        if self.reward is None:
            return {}
        found = [
            self.reward.score(UserFeatures(ask.taste, ask.facets), ask.text, row[None])[0]
            for ask, row in zip(asks, seen.features["clip"], strict=True)
        ]
        return {"reward": self._cube(found)}

    def _asked(self, made: Sequence[Pixels]) -> dict[str, Values]:
        """Shares of what was asked that the judge reads off each picture: all facets, the kind of thing."""
        head = self.studio.bench.world.wares.pack.head.name
        goals = [r.asked for _ in self.people for r in self.requests for _ in range(self.seeds)]
        met = [
            {name: found[name] == value for name, value in goal.items() if name in found}
            for found, goal in zip(self.looker.judge.read(np.stack(made)), goals, strict=True)
        ]
        return {
            "asked": self._cube([float(np.mean(list(each.values()))) for each in met]),
            "kind": self._cube([float(each[head]) for each in met]),
        }

    def _sets(self, seen: Looked) -> dict[str, Figure]:
        """Set distances of each seed's different pictures to real ones."""
        found: dict[str, list[float]] = {}
        for number in range(self.seeds):
            places = list(range(number, len(seen.pictures), self.seeds))
            part = seen.rows(places)
            part = part.rows(sorted(set(first_alike(part.pictures))))
            for name, value in self.looker.against(part, self.real).items():
                found.setdefault(name, []).append(value)
        return {name: over_seeds(each) for name, each in found.items() if len(each) == self.seeds}

    def _blocks(self) -> NDArray[np.int64]:
        """The block of each picture, (J,)."""
        size = len(self.requests) * self.seeds
        return np.tile(np.arange(size), len(self.people))


def first_alike(pictures: Sequence[Pixels]) -> list[int]:
    """The place of the first picture that is equal to each."""
    first: dict[bytes, int] = {}
    return [first.setdefault(picture.tobytes(), place) for place, picture in enumerate(pictures)]


def own_of(values: Values) -> Values:
    """V[user, drawn for, request, seed] to what people think of their own, (U, P, S)."""
    return np.einsum("uups->ups", values)


def rank_own(values: Values) -> dict[str, Values]:
    """GAUC and MAP of one's own picture among everybody's of a block, (U, P, S) each.

    Args:
        values: V[user, drawn for, request, seed].

    Returns:
        `gauc`: share of the others' pictures that please the user less, ties half. `map`: 1 / rank of
        one's own, on average over the orders of what is level with it.
    """
    own = own_of(values)[:, None]
    users = len(values)
    above = (values > own).sum(axis=1)
    level = (values == own).sum(axis=1) - 1
    sums = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, users + 1))])
    precision = (sums[above + level + 1] - sums[above]) / (level + 1)
    return {"gauc": 1 - (above + 0.5 * level) / (users - 1), "map": precision}


def _by_seed(cube: Values) -> Values:
    """(U, P, S) as means over requests (S, U)."""
    return cube.mean(axis=1).T


def _gaps(one: Mapping[str, Values], other: Mapping[str, Values]) -> dict[str, Figure]:
    """Differences of two conditions, person by person."""
    return {
        name: over_people(one[name] - other[name])
        for name in COMPARED
        if name in one and name in other
    }

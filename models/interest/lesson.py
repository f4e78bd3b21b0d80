"""Rows that the interest attention learns from: what a person liked is history for another thing they liked.

A row shows a liked picture's latents and what I-AM-G gives the denoiser for it: the words of a
request that says only part of it, rewritten by the person's interests; its own embedding, or none;
and the interest that is retrieved from the person's other likes. The words leave open what taste
must decide, so that the interest has something to say.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitrine.core.domain import DomainPack
from vitrine.core.interests import TextBudget, compatible, count_tags, rewrite
from vitrine.core.ports import Encoder, Floats
from vitrine.core.prompts import spoken
from vitrine.models.dataset import Drawings, compose
from vitrine.models.experience import DISLIKED, LIKED, Experience, Rated, UserSplit
from vitrine.models.interest.retrieve import nearest_texts

KEPT = (0.0, 0.0, 0.2, 0.5)
"""Shares of a thing's facets that a request says."""
HISTORY = (2, 16)
"""Fewest and most things of a history."""
PASSED = 3
"""Disliked things of the same kind that a liked one is chosen from."""
TOP = (0, 3, 5, 8)
"""Numbers H of interests that T* may take."""


@dataclass(frozen=True)
class Case:
    """One row: a person's wish for a thing that is known.

    history: item rows, newest last, without the target. retrieved: the K nearest of them.
    passed: some things that the person disliked; empty where there are too few.
    plain: T. text: T*. query: raw embedding of T*, (t,).
    """

    user: int
    target: int
    history: tuple[int, ...]
    plain: str
    text: str
    query: Floats
    retrieved: tuple[int, ...]
    passed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Likes:
    """Things that one person liked: what a history is made of, and what may be a target.

    `passed`: what they disliked of the things that may be trained on.
    """

    user: int
    history: NDArray[np.int64]
    targets: NDArray[np.int64]
    passed: NDArray[np.int64]

    def without(self, missing: Sequence[int]) -> Likes:
        """The same with targets that there is a picture of."""
        return replace(self, targets=self.targets[~np.isin(self.targets, missing)])


def likes_of(data: Experience, split: UserSplit) -> list[Likes]:
    """People of a split and their training items; each liked thing is a target, the others its history."""
    found: list[Likes] = []
    for user in data.of_split(split):
        rated = data.training_ratings(user)
        liked, passed = _liked(rated), rated.items[rated.values <= DISLIKED]
        if len(liked) > HISTORY[0]:
            found.append(Likes(user, liked, liked, passed))
    return found


def heldout_likes(data: Experience) -> list[Likes]:
    """Held-out people: targets are held-out things, their history is of the others."""
    found: list[Likes] = []
    for user in data.of_split("heldout"):
        history, targets = _liked(data.training_ratings(user)), _liked(data.heldout_ratings(user))
        if len(history) > HISTORY[0] and len(targets):
            found.append(Likes(user, history, targets, targets[:0]))
    return found


def _liked(rated: Rated) -> NDArray[np.int64]:
    return rated.items[rated.values >= LIKED]


@dataclass(frozen=True)
class CaseMaker:
    """Makes cases out of drawings, their embeddings, and people's likes."""

    drawings: Drawings
    data: Experience
    pack: DomainPack
    encoder: Encoder
    budget: TextBudget
    retrieved: int

    def make(
        self,
        likes: Likes,
        target: int,
        rng: random.Random,
        *,
        top: int | None = None,
        length: int | None = None,
        keep: float | None = None,
    ) -> Case:
        """A case for a liked target; numbers that are not given are drawn from `rng`."""
        others = [int(item) for item in likes.history if item != target]
        length = rng.randint(*HISTORY) if length is None else length
        chosen = sorted(rng.sample(range(len(others)), min(length, len(others))))
        history = tuple(others[place] for place in chosen)
        top = rng.choice(TOP) if top is None else top
        keep = rng.choice(KEPT) if keep is None else keep
        phrase = compose(self.drawings.values(target), self.pack, rng, keep=keep)
        said = {*(phrase.said or ()), self.pack.head.name}
        per_thing = [self._tags(item, said) for item in history]
        tags = count_tags(per_thing, rank=lambda tag: tag)
        kind = self.drawings.values(target).get(self.pack.head.name)
        fitting = compatible(list(tags), per_thing, self.pack, kind)
        interests = [spoken(self.pack, facet, value) for facet, value in fitting[:top]]
        text = rewrite(
            phrase.text, self.pack.noun, (), list(dict.fromkeys(interests)), self.budget
        ).text
        # Of the same kind as the target: what the words name is no matter of taste.
        head = list(self.drawings.vocabulary).index(self.pack.head.name)
        codes = self.drawings.codes[:, head]
        passed = [int(item) for item in likes.passed if codes[item] == codes[target]]
        return Case(
            likes.user, target, history, phrase.text, text, np.zeros(0, np.float32), (),
            tuple(rng.sample(passed, PASSED)) if len(passed) >= PASSED else (),
        )  # fmt: skip

    def retrieve(self, cases: Sequence[Case]) -> list[Case]:
        """The cases with their queries embedded, and the nearest things of each history."""
        queries = self.encoder.encode_text([case.text for case in cases])
        return [
            replace(
                case,
                query=query,
                retrieved=tuple(
                    case.history[place]
                    for place in nearest_texts(query, self.texts(case.history), self.retrieved)
                ),
            )
            for case, query in zip(cases, queries, strict=True)
        ]

    def texts(self, items: Sequence[int]) -> Floats:
        """Raw embeddings of what is said of things (the first text of each), (n, t)."""
        return self.data.captions[list(items), 0]

    def _tags(self, item: int, said: set[str]) -> list[tuple[str, str]]:
        return [pair for pair in self.drawings.values(item).items() if pair[0] not in said]


@dataclass(frozen=True)
class Retrieved:
    """Tensors of cases for the attention: query (B, t), texts (B, K, t), images (B, K, d), mask (B, K)."""

    query: Tensor
    texts: Tensor
    images: Tensor
    mask: Tensor

    def to(self, device: torch.device) -> Retrieved:
        """The same on another device."""
        parts = (self.query, self.texts, self.images, self.mask)
        return Retrieved(*(part.to(device) for part in parts))


def stacked(maker: CaseMaker, cases: Sequence[Case]) -> Retrieved:
    """What was retrieved for cases, padded to K."""
    most = max(len(case.retrieved) for case in cases)
    rows = [
        [*case.retrieved, *[case.retrieved[0]] * (most - len(case.retrieved))] for case in cases
    ]
    mask = torch.tensor([[k < len(case.retrieved) for k in range(most)] for case in cases])
    flat = [item for row in rows for item in row]
    texts = torch.from_numpy(maker.texts(flat)).unflatten(0, (len(cases), most))
    images = torch.from_numpy(maker.data.images[flat]).unflatten(0, (len(cases), most))
    query = torch.from_numpy(np.stack([case.query for case in cases]))
    return Retrieved(query.float(), texts.float(), images.float(), mask)

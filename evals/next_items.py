"""What people like next, guessed from what they rated before: who is judged, and how.

A person is judged on what they liked after the moment up to which their ratings are known. A guesser
gives every item a score; the items that the person has rated before do not take part. N: items.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats
from vitrine.models.experience import LIKED, Experience, UserSplit

TOP = 10
"""Places that count."""

Guesser = Callable[[Sequence["Person"]], Iterator[Floats]]
"""Scores (N,) for each person, more is better."""
Mix = Callable[[Mapping[str, Floats]], Floats]
"""Scores (N,) out of those that others gave the same person, by name."""


@dataclass(frozen=True)
class Person:
    """Whose guesses are judged; all but `row` (of the experience's users) are rows of items.

    before: rated up to the cutoff. liked: those of them that were liked. later: liked after it; both
    oldest first. unseen: the prior never trained on this person.
    """

    row: int
    unseen: bool
    before: NDArray[np.int64]
    liked: NDArray[np.int64]
    later: NDArray[np.int64]


def judged_people(
    data: Experience, least: int, splits: Collection[UserSplit] = ("train", "heldout")
) -> list[Person]:
    """Those with at least `least` ratings before the cutoff, one of them a like, and a like after it.

    People of the validation split are judged on nothing: dials are turned for them.
    """
    found: list[Person] = []
    for row, user in enumerate(data.users):
        known, later = data.training_ratings(row), data.heldout_ratings(row)
        liked = known.items[known.values >= LIKED]
        wanted = later.items[later.values >= LIKED]
        wanted = wanted[~np.isin(wanted, known.items)]
        if user.split in splits and len(known.items) >= least and len(liked) and len(wanted):
            found.append(Person(row, user.split == "heldout", known.items, liked, wanted))
    return found


def ranks(
    scores: Floats, candidates: NDArray[np.bool_], wanted: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Places (0 best) of the wanted items among the candidates; ties are broken by chance.

    Args:
        scores: (N,), finite.
        candidates: which items take part, (N,); every wanted one must.
        seed: of the ties; the same for every guesser.

    Raises:
        ValueError: a score is not finite, or a wanted item is no candidate.
    """
    if not np.isfinite(scores[candidates]).all():
        raise ValueError("a score is not finite: expected numbers")
    if not candidates[wanted].all():
        raise ValueError(f"{wanted[~candidates[wanted]]!r} take no part: expected candidates")
    luck = np.random.default_rng(seed).permutation(len(scores))
    others, chance = scores[candidates], luck[candidates]
    own, own_luck = scores[wanted][:, None], luck[wanted][:, None]
    return ((others > own) | ((others == own) & (chance < own_luck))).sum(axis=1)


def hits(places: NDArray[np.int64], top: int = TOP) -> tuple[float, float]:
    """(HR@top, NDCG@top) of one person from the places (0 best) of what was wanted.

    HR: 1 if anything wanted is among the first; NDCG with gain 1 for each wanted item, over the best
    order there is.
    """
    first = places[places < top]
    ideal = (1 / np.log2(np.arange(min(len(places), top)) + 2)).sum()
    return float(len(first) > 0), float((1 / np.log2(first + 2)).sum() / ideal)


def lockstep(
    ways: Mapping[str, Guesser], mixes: Mapping[str, Mix], people: Sequence[Person]
) -> Iterator[tuple[Person, dict[str, Floats]]]:
    """Each person with the scores of all guessers, and of all mixes of them, by name."""
    for person, *scores in zip(people, *(guess(people) for guess in ways.values()), strict=True):
        named: dict[str, Floats] = dict(zip(ways, scores, strict=True))
        yield person, named | {name: mix(named) for name, mix in mixes.items()}


def candidates(person: Person, count: int) -> NDArray[np.bool_]:
    """Which of `count` items take part for a person: all that were not rated before."""
    found = np.ones(count, np.bool_)
    found[person.before] = False
    return found


def best_of(
    settings: Mapping[str, Guesser], mixes: Mapping[str, Mix], people: Sequence[Person], seed: int
) -> str:
    """The setting of the highest mean NDCG over people who are not judged; the first, without any.

    Where there are mixes, they are the settings, and `settings` is what they are mixed from.
    """
    names = list(mixes or settings)
    if len(names) == 1:
        return names[0]
    total = dict.fromkeys(names, 0.0)
    for person, scores in lockstep(settings, mixes, people):
        for name in names:
            row = scores[name]
            places = ranks(row, candidates(person, len(row)), person.later, seed + person.row)
            total[name] += hits(places)[1]
    return max(names, key=lambda name: total[name])

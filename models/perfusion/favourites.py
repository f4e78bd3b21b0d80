"""What people would fill in where a request leaves a facet open, and how that reads in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.prompts import design_facets, write_prompt
from vitrine.models.dataset import Drawings
from vitrine.models.experience import DISLIKED, LIKED, Experience

DOUBT = 3.0
"""Judgements that stand against what people seem to like."""


class Vocabulary:
    """The facets that requests name: what training drawings of each kind have, and what needs what."""

    def __init__(self, data: Drawings, pack: DomainPack) -> None:
        """Read the kinds off the drawings.

        Raises:
            RequestError: the pack's prompts can say nothing of the drawings.
        """
        known = design_facets(pack) & set(data.vocabulary)
        self.pack, self.head = pack, pack.head.name
        if self.head not in known or len(known) < 2:
            raise RequestError("the pack's design template names too few facets of the drawings")
        self._needs = {f.name: {f.of, f.values_from} - {None} for f in pack.facets}
        self.alike: dict[str, list[dict[str, str]]] = {}
        for row in data.train.tolist():
            values = {k: v for k, v in data.values(row).items() if k in known}
            self.alike.setdefault(values.get(self.head, ""), []).append(values)

    @cached_property
    def values(self) -> Mapping[str, Mapping[str, Collection[str]]]:
        """Values of each facet, sorted, by kind."""
        found: dict[str, dict[str, set[str]]] = {}
        for kind, things in self.alike.items():
            for thing in things:
                for facet, value in thing.items():
                    found.setdefault(kind, {}).setdefault(facet, set()).add(value)
        return {
            kind: {facet: sorted(some) for facet, some in values.items()}
            for kind, values in found.items()
        }

    def open_facets(self, values: Mapping[str, str]) -> list[str]:
        """Facets of a thing that a request may name by themselves, sorted."""
        known = self.values.get(values.get(self.head, ""), {})
        return sorted(f for f in values if f in known and f != self.head and not self._needs.get(f))

    def words(
        self,
        asked: Mapping[str, str],
        filled: Mapping[str, str] | None = None,
        keep: Callable[[], bool] = lambda: True,
    ) -> str:
        """A request, and what fills the facets that it leaves open, in words.

        Args:
            keep: whether one of them is said.
        """
        more = {f: v for f, v in (filled or {}).items() if f not in asked and keep()}
        whole = {**more, **asked}
        whole = {f: v for f, v in whole.items() if self._needs.get(f, set()) <= whole.keys()}
        return write_prompt(self.pack, whole)


class Favourites:
    """The values of facets that people like best, of drawings that they rated and of what they stated."""

    def __init__(self, data: Drawings, people: Experience) -> None:
        """`people`: the drawings are the first of their things."""
        self._data, self._people = data, people
        self._worth: dict[int, dict[tuple[str, str], float]] = {}

    def best(self, user: int, values: Mapping[str, Collection[str]]) -> dict[str, str]:
        """One of the `values` of each facet: likes less dislikes, shrunk, and what was stated.

        Ties go to the first. The facets come in the order of how much their value is worth.
        """
        worth = self._worths(user)
        found = {
            facet: max(some, key=lambda value: worth.get((facet, value), 0.0))
            for facet, some in values.items()
        }
        return dict(sorted(found.items(), key=lambda named: -worth.get(named, 0.0)))

    def _worths(self, user: int) -> dict[tuple[str, str], float]:
        if user in self._worth:
            return self._worth[user]
        rated = self._people.training_ratings(user)
        judged: dict[tuple[str, str], list[int]] = {}
        for item, value in zip(rated.items.tolist(), rated.values.tolist(), strict=True):
            sign = int(value >= LIKED) - int(value <= DISLIKED)
            if item < len(self._data.codes):
                for named in self._data.values(item).items():
                    judged.setdefault(named, []).append(sign)
        found = {named: sum(signs) / (len(signs) + DOUBT) for named, signs in judged.items()}
        for named, weight in self._people.stated(user).items():
            found[named] = found.get(named, 0.0) + weight
        self._worth[user] = found
        return found

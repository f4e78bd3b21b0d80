"""Merge near-synonymous tags: one word stands for all that mean the same."""

from collections.abc import Sequence

import numpy as np

from vitrine.core.domain import DomainPack
from vitrine.tools.references import Vectors, unit
from vitrine.tools.signals import value_words

MARGIN = 0.02
"""How much nearer than any two values of one facet two tags must lie to be one."""
LEAST = 0.8
"""Least cosine of two tags that are one."""


class TagMerger:
    """Maps tags to the word that stands for them.

    The pack's own words come first: what it lists as another word for a value is that value, what a
    scenario lists as synonyms is their first. What is left is compared by the encoder: two tags are
    one where their texts lie nearer to each other than any two values that the pack tells apart
    ("short", "long"), since an encoder finds opposites alike.

    Args:
        pack: its values, their other words, and the synonyms of its scenarios.
        vectors: embeds tags; None: the pack's words alone.
    """

    def __init__(self, pack: DomainPack, vectors: Vectors | None = None) -> None:
        self._vectors = vectors
        self._known: dict[str, str] = {}
        self._meant: dict[str, set[tuple[str, str]]] = {}
        self._values: list[list[str]] = []
        for facet in pack.facets:
            if facet.kind != "categorical":
                continue
            spoken = [value_words(pack, facet.name, value.name) for value in facet.values]
            self._values.append(spoken)
            for value, said in zip(facet.values, spoken, strict=True):
                self._meant.setdefault(said, set()).add((facet.name, value.name))
                for word in (said, value.name, *value.words):
                    self._claim(word, said)
        for scenario in pack.scenarios:
            for group in scenario.synonyms:
                first = self._known.get(group[0], group[0]) if group else ""
                for word in group:
                    self._known.setdefault(word, first)
        self._apart: float | None = None

    def _claim(self, word: str, said: str) -> None:
        """A word of two values stands for itself: which one is meant, only its context tells."""
        self._known[word] = said if self._known.get(word, said) == said else word

    def value(self, word: str) -> tuple[str, str] | None:
        """The facet value that a standing word says; None where it says none, or more than one."""
        meant = self._meant.get(word, set())
        return next(iter(meant)) if len(meant) == 1 else None

    def __call__(self, tags: Sequence[str]) -> dict[str, str]:
        """Tag -> the word that stands for it; earlier tags stand for later ones."""
        standing: dict[str, str] = {tag: self._known.get(tag, tag) for tag in tags}
        if self._vectors is None:
            return standing
        words = list(dict.fromkeys(standing.values()))
        # A word of the pack is never taken over; it may take over free ones.
        words.sort(key=lambda word: word not in self._known)
        rows = unit(self._vectors.texts(words))
        taken: dict[str, str] = {}
        for place, word in enumerate(words):
            if word in self._known or place == 0:
                continue
            cosines = rows[:place] @ rows[place]
            best = int(np.argmax(cosines))
            if float(cosines[best]) >= self._apart_at_least():
                taken[word] = taken.get(words[best], words[best])
        return {tag: taken.get(word, word) for tag, word in standing.items()}

    def _apart_at_least(self) -> float:
        """The cosine from which two tags are one: above that of any two values of one facet."""
        if self._apart is None:
            assert self._vectors is not None
            nearest = [LEAST - MARGIN]
            for values in self._values:
                distinct = list(dict.fromkeys(values))
                rows = unit(self._vectors.texts(distinct))
                cosines = rows @ rows.T
                np.fill_diagonal(cosines, -1.0)
                nearest.append(float(cosines.max(initial=-1.0)))
            self._apart = min(max(nearest) + MARGIN, 0.999)
        return self._apart

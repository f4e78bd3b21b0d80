"""What a phrase of the shop may mean, and where it stands in a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrine.agent.understanding.text import Span

Kind = Literal["value", "facet", "low", "high", "unit", "concept"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One reading of a phrase.

    `listed`: the pack's author wrote the phrase down, it was not derived. `name`: it is the value's
    own name. `known`: the shop carries the value. `graded`: a comparative ("longer"). `weak`: also
    an everyday word, so it counts only where a noun stands ("a top", not "top rated").
    """

    kind: Kind
    facet: str
    value: str = ""
    listed: bool = True
    name: bool = False
    known: bool = True
    graded: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase of the vocabulary in a message. All meanings are readings of the same words."""

    span: Span
    meanings: tuple[Meaning, ...]
    typo: bool = False

    def of(self, *kinds: Kind) -> tuple[Meaning, ...]:
        return tuple(m for m in self.meanings if m.kind in kinds)

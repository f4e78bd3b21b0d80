"""Gold of state updates: old constraints and a message give new constraints, hard and soft.

Their keys map to our facets by value, not by name: a gold value is met by a belief about any facet
of which the shop's vocabulary knows the words ("White" under `design` is our color), by a belief or
wish that holds its words, and `price range` by a bound or centre of the price. Wishes are always
soft with us, so a gold value met by a wish counts as met whatever its strength.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vitrine.agent.understanding.text import phrase, read
from vitrine.agent.understanding.wordforms import stems
from vitrine.core.acts import Evidence
from vitrine.evals.understanding_critiques import shorthand
from vitrine.evals.understanding_gold import GoldReader, GoldResult, recommended_items, rows_of
from vitrine.memory.reducer import apply
from vitrine.memory.state import Belief, Beliefs, OpenQuestion, RangeBelief, Wish

Strength = Literal["hard", "soft"]
_CELL = re.compile(r"([a-z ]+)=\s*(\[[^\]]*\])")
_PRICE_KEY = "price range"


@dataclass(frozen=True)
class Constraint:
    """One gold value."""

    key: str
    value: str
    strength: Strength


def constraints(cell: str, strength: Strength) -> list[Constraint]:
    """The values of a cell such as `category=["Shirts"], material=["Cotton"]`."""
    found: list[Constraint] = []
    for key, values in _CELL.findall(cell):
        found += [Constraint(key.strip(), str(v), strength) for v in json.loads(values)]
    return found


class StateReader:
    """Plays state updates through understanding and reducer."""

    def __init__(self, gold: GoldReader) -> None:
        self.gold = gold
        self.vocabulary = gold.vocabulary
        self.pack = gold.pack

    def read(self, folder: Path) -> list[GoldResult]:
        """All rows."""
        return [self._row(n, row) for n, row in enumerate(rows_of(folder, "state"), start=1)]

    def _row(self, number: int, row: dict[str, str]) -> GoldResult:
        old = [
            *constraints(row["old hard constraints"], "hard"),
            *constraints(row["old soft constraints"], "soft"),
        ]
        new = [
            *constraints(row["new hard constraints"], "hard"),
            *constraints(row["new soft constraints"], "soft"),
        ]
        said = row["utterance 3"]
        recommended = recommended_items(row["utterance 2"])
        shown = [[self.gold.thing(n) for n in recommended]] if recommended else []
        question = None if recommended else self._question(row["utterance 2"])
        heard = self.gold.heard(said, shown, beliefs=self._beliefs(old), question=question)
        understood = self.gold.reader.understand(heard)
        beliefs = apply(heard.state, understood, self.pack).state.beliefs
        left: list[Belief | Wish | RangeBelief] = [
            *beliefs.facets,
            *beliefs.wishes,
            *beliefs.ranges,
        ]
        missed: list[Constraint] = []
        strengths = True
        hits = 0
        for constraint in new:
            met = [b for b in left if self._met(constraint, b)]
            if not met:
                missed.append(constraint)
                continue
            hits += 1
            strengths = strengths and any(
                isinstance(b, Wish) or b.strength == constraint.strength for b in met
            )
            left = [b for b in left if b not in met]
        return GoldResult(
            section="state",
            row=number,
            said=" / ".join(part for part in (row["utterance 2"], said) if part),
            expected=_written(new),
            found=_held(beliefs),
            read=tuple(shorthand(understood)),
            right=not missed and not left and strengths,
            hits=hits,
            misses=len(missed),
            extras=len(left),
        )

    def _question(self, said: str) -> OpenQuestion | None:
        """The system's question with the facet that it names."""
        if not said.strip():
            return None
        facet = next(
            (
                m.facet
                for mention in self.vocabulary.mentions(read(said))
                for m in mention.of("facet")
            ),
            None,
        )
        return OpenQuestion(turn=1, text=said, facet=facet)

    def _beliefs(self, old: Sequence[Constraint]) -> Beliefs:
        """Beliefs of the old constraints: a known value, an unknown one of its key, or a wish."""
        facets: list[Belief] = []
        wishes: list[Wish] = []
        for constraint in old:
            evidence = Evidence(turn=1, text=constraint.value)
            known = sorted(self._values(constraint.value))
            facet = self.pack.facet(constraint.key)
            if known or (facet is not None and facet.kind == "categorical"):
                name, value = known[0] if known else (constraint.key, constraint.value.lower())
                facets.append(
                    Belief(
                        facet=name,
                        value=value,
                        polarity="want",
                        strength=constraint.strength,
                        known=bool(known),
                        evidence=evidence,
                    )
                )
            else:
                wishes.append(Wish(text=constraint.value, evidence=evidence))
        return Beliefs(facets=tuple(facets), wishes=tuple(wishes))

    def _values(self, words: str) -> set[tuple[str, str]]:
        key = phrase(words)
        return {
            (m.facet, m.value)
            for m in self.vocabulary.table.get(key)
            if m.kind == "value" and m.known
        }

    def _met(self, constraint: Constraint, belief: Belief | Wish | RangeBelief) -> bool:
        price = self.pack.role("price")
        if isinstance(belief, RangeBelief):
            if constraint.key != _PRICE_KEY or price is None or belief.facet != price.name:
                return False
            low = any(m.kind == "low" for m in self.vocabulary.table.get(phrase(constraint.value)))
            return belief.max is not None if low else True
        if belief.polarity != "want":
            return False
        if isinstance(belief, Wish):
            return _covers(belief.text, constraint.value)
        return (belief.facet, belief.value) in self._values(constraint.value) or _covers(
            belief.value, constraint.value
        )


def _covers(said: str, value: str) -> bool:
    """The words hold every word of the value, in some form."""
    forms = [stems(word) for word in phrase(said)]
    return all(any(stems(word) & form for form in forms) for word in phrase(value))


def _written(gold: Sequence[Constraint]) -> str:
    return "; ".join(f"{c.key}={c.value} ({c.strength})" for c in gold) or "nothing"


def _held(beliefs: Beliefs) -> str:
    parts = [
        f"{b.facet}{'=' if b.polarity == 'want' else '!'}{b.value} ({b.strength})"
        for b in beliefs.facets
    ]
    parts += [f"{r.facet} {r.min}..{r.max} about {r.about} ({r.strength})" for r in beliefs.ranges]
    parts += [f"{'+' if w.polarity == 'want' else '-'}{w.text}" for w in beliefs.wishes]
    return "; ".join(parts) or "nothing"

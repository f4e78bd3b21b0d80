"""Dialogues whose right answer is known: moves that change a state in one way only.

A `Move` says something and knows what it must do to the beliefs. `unfold` folds a list of moves into
a script with the whole expected state after every turn, so any sublist of moves is a dialogue with
known answers too: that is what the shrinker works on. Words come from the domain pack alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

import numpy as np

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Catalogue, Filters
from vitrine.core.refs import ShownRef
from vitrine.core.turn import RangeView
from vitrine.evals.scripts import Expectation, ProductsExpectation, Script, ScriptTurn

MoveKind = Literal[
    "open", "set", "add", "avoid", "forget", "max", "min", "between", "undo", "reset",
    "others", "reject", "accept", "price", "compare", "why", "chat",
]  # fmt: skip


class Move(Frozen):
    """One thing that a shopper does.

    `core` are its words. `before`, `after` are words around it that change nothing, `misspelt` is
    the core with a slip of the finger (None: none): the shrinker takes these away.
    """

    kind: MoveKind
    core: str
    before: str = ""
    after: str = ""
    misspelt: str | None = None
    facet: str | None = None
    values: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    low: float | None = None
    high: float | None = None
    position: int | None = None

    @property
    def say(self) -> str:
        """The message."""
        return " ".join(p for p in (self.before, self.misspelt or self.core, self.after) if p)


@dataclass(frozen=True)
class Held:
    """What must be believed."""

    wants: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {})
    avoids: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {})
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=lambda: {})

    def want(self, facet: str, values: tuple[str, ...]) -> "Held":
        """These are wanted of the facet, and no longer avoided."""
        kept = tuple(v for v in self.avoids.get(facet, ()) if v not in values)
        return replace(
            self, wants=_put(self.wants, facet, values), avoids=_put(self.avoids, facet, kept)
        )

    def avoid(self, facet: str, values: tuple[str, ...]) -> "Held":
        """These are avoided too, and no longer wanted."""
        kept = tuple(v for v in self.wants.get(facet, ()) if v not in values)
        out = tuple(dict.fromkeys((*self.avoids.get(facet, ()), *values)))
        return replace(
            self, wants=_put(self.wants, facet, kept), avoids=_put(self.avoids, facet, out)
        )

    def forget(self, facet: str) -> "Held":
        """Nothing is believed of the facet."""
        return Held(
            _put(self.wants, facet, ()),
            _put(self.avoids, facet, ()),
            {name: bounds for name, bounds in self.ranges.items() if name != facet},
        )

    def bound(self, facet: str, low: float | None, high: float | None) -> "Held":
        """The bounds that are given replace the facet's; the others stay where they still can."""
        old_low, old_high = self.ranges.get(facet, (None, None))
        if low is None and old_low is not None and (high is None or old_low <= high):
            low = old_low
        if high is None and old_high is not None and (low is None or old_high >= low):
            high = old_high
        return replace(self, ranges={**self.ranges, facet: (low, high)})

    def filters(self) -> Filters:
        """The beliefs as exact conditions."""
        return Filters(any_of=self.wants, none_of=self.avoids, bounds=self.ranges)


def _put(
    table: Mapping[str, tuple[str, ...]], facet: str, values: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    kept = {name: held for name, held in table.items() if name != facet}
    return {**kept, facet: values} if values else kept


@dataclass
class _Tale:
    """Where a dialogue stands while its moves are folded."""

    held: Held = field(default_factory=Held)
    undo: list[tuple[Held, frozenset[tuple[int, int]], frozenset[tuple[int, int]]]] = field(
        default_factory=lambda: []
    )
    shown: int | None = None  # the turn of the set that "the first one" points into
    sets: list[int] = field(default_factory=lambda: [])  # turns that showed something since
    accepted: frozenset[tuple[int, int]] = frozenset()
    rejected: frozenset[tuple[int, int]] = frozenset()


def apply(held: Held, move: Move, head: str) -> Held:
    """The beliefs after a move that speaks of beliefs (others leave them as they are)."""
    match move.kind:
        case "open":
            after = held
            for facet, value in move.others:
                after = after.want(facet, (value,))
            return after
        case "set":
            assert move.facet is not None
            return held.want(move.facet, move.values)
        case "add":
            assert move.facet is not None
            return held.want(
                move.facet, tuple(dict.fromkeys((*held.wants.get(move.facet, ()), *move.values)))
            )
        case "avoid":
            assert move.facet is not None
            return held.avoid(move.facet, move.values)
        case "forget":
            assert move.facet is not None
            return held.forget(move.facet)
        case "max" | "min" | "between":
            assert move.facet is not None
            return held.bound(move.facet, move.low, move.high)
        case "reset":
            return Held()
        case "undo" | "others" | "reject" | "accept" | "price" | "compare" | "why" | "chat":
            return held
        case _:
            assert_never(move.kind)


_BELIEVES = frozenset({"open", "set", "add", "avoid", "forget", "max", "min", "between"})
_CHANGES = frozenset({"set", "add", "forget"})


def unfold(name: str, moves: Sequence[Move], catalogue: Catalogue, domain: str) -> Script | None:
    """The moves as a script that asserts the whole state after every turn.

    Returns:
        None where the moves make no dialogue: nothing matches, or something points at nothing.
    """
    tale = _Tale()
    turns: list[ScriptTurn] = []
    for number, move in enumerate(moves, start=1):
        expect = _expect(tale, move, number, catalogue)
        if expect is None:
            return None
        turns.append(ScriptTurn(say=move.say, expect=expect))
    return Script(dialogue=name, domain=domain, turns=tuple(turns)) if turns else None


def matching(held: Held, catalogue: Catalogue) -> int:
    """How many items meet all beliefs."""
    return int(np.count_nonzero(catalogue.mask(held.filters())))


def _expect(tale: _Tale, move: Move, number: int, catalogue: Catalogue) -> Expectation | None:
    head = catalogue.pack.head.name
    more: dict[str, object] = {}
    if move.kind in _BELIEVES:
        if move.kind in _CHANGES and not tale.held.wants:
            return None  # "make it ...": of what?
        after = apply(tale.held, move, head)
        if after == tale.held or not matching(after, catalogue):
            return None
        tale.undo.append((tale.held, tale.accepted, tale.rejected))
        tale.held = after
        more = {"acts": ("recommend_show",), "products": _products(after)}
        _showed(tale, number)
    elif move.kind == "reset":
        if tale.held == Held():
            return None
        tale.undo.append((tale.held, tale.accepted, tale.rejected))
        tale.held, tale.accepted, tale.rejected, tale.shown = Held(), frozenset(), frozenset(), None
        more = {"acts": ("confirm_change",), "intents": ("reset",)}
    elif move.kind == "undo":
        if not tale.undo:
            return None
        tale.held, tale.accepted, tale.rejected = tale.undo.pop()
        tale.shown = None  # whether it shows is the policy's choice
        more = {"acts": ("confirm_change",), "intents": ("undo",)}
    elif move.kind == "others":
        if tale.shown is None or matching(tale.held, catalogue) < 12:
            return None
        seen = tuple(tale.sets)
        more = {
            "acts_any": ("recommend_show", "recommend_explore"),
            "products": ProductsExpectation(min=1, not_from_turns=seen, no_duplicates=True),
        }
        _showed(tale, number)
    elif move.kind in ("reject", "accept", "price", "compare", "why"):
        if tale.shown is None or matching(tale.held, catalogue) < 8:
            return None
        more = _about_shown(tale, move)
    return Expectation.model_validate({**_state(tale.held, catalogue), **more})


def _showed(tale: _Tale, number: int) -> None:
    tale.shown = number
    tale.sets.append(number)


def _about_shown(tale: _Tale, move: Move) -> dict[str, object]:
    """What a move about shown things must do."""
    assert tale.shown is not None
    place = (tale.shown, move.position or 1)
    if move.kind == "price":
        return {"acts": ("answer",), "intents": ("inquire",), "answer": {"unknown": False}}
    if move.kind == "compare":
        return {"acts": ("compare",), "intents": ("inquire",)}
    if move.kind == "why":
        return {
            "acts_any": ("explain_preference", "explain_additional", "explain_context"),
            "intents": ("why",),
        }
    tale.undo.append((tale.held, tale.accepted, tale.rejected))
    if move.kind == "reject":
        tale.rejected, tale.accepted = tale.rejected | {place}, tale.accepted - {place}
        tale.shown = None  # it may show others now
    else:
        tale.accepted, tale.rejected = tale.accepted | {place}, tale.rejected - {place}
    return {
        "intents": (move.kind,),
        "accepted": _refs(tale.accepted),
        "rejected": _refs(tale.rejected),
    }


def _refs(places: frozenset[tuple[int, int]]) -> tuple[ShownRef, ...]:
    return tuple(ShownRef(turn=turn, position=position) for turn, position in sorted(places))


def _products(held: Held) -> ProductsExpectation:
    every: dict[str, tuple[str, ...] | RangeView] = dict(held.wants)
    for facet, (low, high) in held.ranges.items():
        every[facet] = RangeView(min=low, max=high)
    return ProductsExpectation(min=1, every=every, none=dict(held.avoids), no_duplicates=True)


def _state(held: Held, catalogue: Catalogue) -> dict[str, object]:
    """The whole state: what is believed, and that nothing else is."""
    spoken = {*held.wants, *held.avoids, *held.ranges}
    both = {*held.wants, *held.avoids}
    return {
        "wants": {facet: held.wants.get(facet, ()) for facet in sorted(both)} or None,
        "avoids": {facet: held.avoids.get(facet, ()) for facet in sorted(both)} or None,
        "ranges": {f: RangeView(min=a, max=b) for f, (a, b) in held.ranges.items()} or None,
        "absent": tuple(f.name for f in catalogue.pack.facets if f.name not in spoken),
    }

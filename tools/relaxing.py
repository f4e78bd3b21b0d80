"""Hard conditions as exact masks, and which of them to set aside when nothing passes all."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Catalogue, Filters
from vitrine.tools.conditions import (
    Avoid,
    Bound,
    Condition,
    Conditions,
    InStock,
    NotCarried,
    SetAside,
    Want,
)

Mask = NDArray[np.bool_]

# What setting a condition aside costs. A profile's avoidance goes first: what is said now wins.
# What was said to be avoided goes late: showing it offends more than missing a wish. What the thing
# *is* goes last of all.
_COST = {"profile": 1.0, "want": 3.0, "bound": 4.0, "stock": 5.0, "avoid": 8.0, "head": 64.0}
_EXHAUSTIVE = 10  # up to so many conditions all subsets are tried


@dataclass(frozen=True)
class Screen:
    """The rows that pass, and what had to go for it.

    `passing` (n,): rows that pass all of `held`. `aside` are the conditions set aside (they still
    rank), `soft` the conditions that never filtered.
    """

    passing: Mask
    held: tuple[Condition, ...]
    aside: tuple[Condition, ...]
    soft: tuple[Condition, ...]
    not_carried: tuple[NotCarried, ...]
    size_facet: str

    @property
    def relaxed(self) -> tuple[SetAside, ...]:
        """What was set aside, as results report it."""
        return tuple(_report(condition, self.size_facet) for condition in self.aside)


def screen(catalogue: Catalogue, conditions: Conditions) -> Screen:
    """Filter exactly; where nothing passes, set aside the cheapest conditions that let some pass.

    Wanted values that no item carries never filter.
    """
    hard: list[tuple[Condition, Mask]] = []
    soft: list[Condition] = []
    not_carried: list[NotCarried] = []
    for condition in all_conditions(conditions):
        mask = _mask(catalogue, condition, not_carried)
        if condition.strength == "hard" and mask is not None:
            hard.append((condition, mask))
        else:
            soft.append(condition)
    everything = np.ones(len(catalogue), dtype=np.bool_)
    passing = _all(everything, [mask for _, mask in hard])
    aside: tuple[int, ...] = ()
    if not passing.any():
        aside = _cheapest(catalogue, hard, everything)
        passing = _all(everything, [mask for i, (_, mask) in enumerate(hard) if i not in aside])
    return Screen(
        passing=passing,
        held=tuple(condition for i, (condition, _) in enumerate(hard) if i not in aside),
        aside=tuple(hard[i][0] for i in aside),
        soft=tuple(soft),
        not_carried=tuple(dict.fromkeys(not_carried)),
        size_facet=size.name if (size := catalogue.pack.role("size")) is not None else "size",
    )


def all_conditions(conditions: Conditions) -> tuple[Condition, ...]:
    """All conditions in a fixed order."""
    return (*conditions.wants, *conditions.avoids, *conditions.bounds, *conditions.stock)


def hard_filters(catalogue: Catalogue, conditions: Conditions) -> Mask:
    """Rows that pass all hard conditions, (n,); values not carried never filter."""
    ignored: list[NotCarried] = []
    masks = [
        mask
        for condition in all_conditions(conditions)
        if condition.strength == "hard"
        and (mask := _mask(catalogue, condition, ignored)) is not None
    ]
    return _all(np.ones(len(catalogue), dtype=np.bool_), masks)


def carried_values(catalogue: Catalogue, facet: str, values: Sequence[str]) -> tuple[str, ...]:
    """Those of the values that at least one item carries."""
    counts = catalogue.values(facet)
    return tuple(value for value in values if counts.get(value, 0) > 0)


def _mask(catalogue: Catalogue, condition: Condition, not_carried: list[NotCarried]) -> Mask | None:
    """Rows that meet one condition; None where it cannot filter."""
    match condition:
        case Want():
            carried = carried_values(catalogue, condition.facet, condition.values)
            if condition.origin == "said":
                not_carried += [
                    NotCarried(facet=condition.facet, value=value)
                    for value in condition.values
                    if value not in carried
                ]
            if not carried:
                return None
            return catalogue.mask(Filters(any_of={condition.facet: carried}))
        case Avoid():
            return catalogue.mask(Filters(none_of={condition.facet: condition.values}))
        case Bound():
            if condition.min is None and condition.max is None:
                return None
            return catalogue.mask(Filters(bounds={condition.facet: (condition.min, condition.max)}))
        case InStock():
            size = catalogue.pack.role("size")
            if size is None:
                return None
            known = catalogue.values(size.name)
            not_carried += [
                NotCarried(facet=size.name, value=value)
                for value in condition.sizes
                if value not in known
            ]
            if not any(value in known for value in condition.sizes):
                return None
            return catalogue.mask(Filters(in_stock=condition.sizes))


def _all(start: Mask, masks: Sequence[Mask]) -> Mask:
    passing = start.copy()
    for mask in masks:
        passing &= mask
    return passing


def _kind(condition: Condition) -> str:
    match condition:
        case Want():
            return "want"
        case Avoid():
            return "avoid"
        case Bound():
            return "bound"
        case InStock():
            return "stock"


def _cost(catalogue: Catalogue, condition: Condition) -> float:
    if condition.origin == "profile":
        base = _COST["profile"]
    elif isinstance(condition, Want) and condition.facet == catalogue.pack.head.name:
        base = _COST["head"]
    else:
        base = _COST[_kind(condition)]
    return base - 0.5 * condition.since / (condition.since + 1)  # of equals the newest goes first


def _cheapest(
    catalogue: Catalogue, hard: Sequence[tuple[Condition, Mask]], everything: Mask
) -> tuple[int, ...]:
    """Positions of the conditions to set aside: the cheapest set that lets something pass."""
    costs = [_cost(catalogue, condition) for condition, _ in hard]
    count = len(hard)
    if count <= _EXHAUSTIVE:
        subsets = [c for size in range(1, count + 1) for c in combinations(range(count), size)]
        subsets.sort(key=lambda subset: (sum(costs[i] for i in subset), subset))
        for subset in subsets:
            kept = [mask for i, (_, mask) in enumerate(hard) if i not in subset]
            if _all(everything, kept).any():
                return subset
    # Many conditions: take them from the dearest down, set aside those that leave nothing.
    aside: list[int] = []
    passing = everything.copy()
    for i in sorted(range(count), key=lambda i: (-costs[i], i)):
        narrowed = passing & hard[i][1]
        if narrowed.any():
            passing = narrowed
        else:
            aside.append(i)
    return tuple(sorted(aside))


def _report(condition: Condition, size_facet: str) -> SetAside:
    match condition:
        case Want():
            return SetAside(
                facet=condition.facet, values=condition.values, kind="want", origin=condition.origin
            )
        case Avoid():
            return SetAside(
                facet=condition.facet,
                values=condition.values,
                kind="avoid",
                origin=condition.origin,
            )
        case Bound():
            return SetAside(facet=condition.facet, kind="bound", origin=condition.origin)
        case InStock():
            return SetAside(
                facet=size_facet, values=condition.sizes, kind="stock", origin=condition.origin
            )

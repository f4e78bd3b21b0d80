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
    kind_of,
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

    `passing` (n,): rows that pass all of `held`, or near misses. `aside` are the conditions that a
    near miss may fail (they still rank), `soft` the conditions that never filtered. `tiers` (n,):
    0 for the nearest misses, more for those that miss more; all 0 where nothing was set aside.
    `fitting` rows pass everything, whether among those that may be chosen or not; `exhausted`: only
    such that may not.
    """

    passing: Mask
    held: tuple[Condition, ...]
    aside: tuple[Condition, ...]
    soft: tuple[Condition, ...]
    not_carried: tuple[NotCarried, ...]
    size_facet: str
    tiers: NDArray[np.int64]
    fitting: int
    exhausted: bool = False

    @property
    def relaxed(self) -> tuple[SetAside, ...]:
        """What was set aside, as results report it."""
        return tuple(_report(condition, self.size_facet) for condition in self.aside)


def screen(
    catalogue: Catalogue, conditions: Conditions, *, among: Mask | None = None, enough: int = 1
) -> Screen:
    """Filter exactly; where nothing passes, take the nearest misses.

    The cheapest set of conditions is set aside that lets something pass, and then the next, until
    `enough` rows pass: no page of a single near miss where there are more. A bound is moved only as
    far as that needs. Wanted values that no item carries never filter.

    Args:
        catalogue: what is filtered.
        conditions: hard ones filter, soft ones are handed on.
        among: rows that may be chosen at all, (n,); all, if not given.
        enough: near misses to look for, if nothing passes.
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
    whole = np.ones(len(catalogue), dtype=np.bool_)
    everything = whole if among is None else among
    fits = _all(whole, [mask for _, mask in hard])
    passing = fits & everything
    tiers = np.zeros(len(catalogue), dtype=np.int64)
    aside: tuple[int, ...] = ()
    exhausted = False
    if not passing.any() and hard:
        exhausted = bool(fits.any())
        if exhausted:  # when there are just no more, what a thing is and what is kept out stay
            fixed = [m for c, m in hard if _is_head(catalogue, c) or isinstance(c, Avoid)]
            everything = _all(everything, fixed)
        aside, passing, tiers = _near_misses(catalogue, hard, everything, enough)
    return Screen(
        passing=passing,
        held=tuple(condition for i, (condition, _) in enumerate(hard) if i not in aside),
        aside=tuple(hard[i][0] for i in aside),
        soft=tuple(soft),
        not_carried=tuple(dict.fromkeys(not_carried)),
        size_facet=size.name if (size := catalogue.pack.role("size")) is not None else "size",
        tiers=tiers,
        fitting=int(fits.sum()),
        exhausted=exhausted,
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


def condition_mask(catalogue: Catalogue, condition: Condition) -> Mask | None:
    """Rows that meet one condition, (n,); None where it cannot filter."""
    return _mask(catalogue, condition, [])


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


def _is_head(catalogue: Catalogue, condition: Condition) -> bool:
    return isinstance(condition, Want) and condition.facet == catalogue.pack.head.name


def _cost(catalogue: Catalogue, condition: Condition) -> float:
    if condition.origin == "profile":
        base = _COST["profile"]
    elif _is_head(catalogue, condition):
        base = _COST["head"]
    else:
        base = _COST[kind_of(condition)]
    return base - 0.5 * condition.since / (condition.since + 1)  # of equals the newest goes first


def _near_misses(
    catalogue: Catalogue, hard: Sequence[tuple[Condition, Mask]], everything: Mask, enough: int
) -> tuple[tuple[int, ...], Mask, NDArray[np.int64]]:
    """Positions of the conditions set aside, the rows that pass without them, and their tiers."""
    passing = np.zeros(len(catalogue), dtype=np.bool_)
    tiers = np.zeros(len(catalogue), dtype=np.int64)
    used: set[int] = set()
    dearest = 0.0
    for tier, (subset, cost) in enumerate(_subsets(catalogue, hard)):
        found = int(passing.sum())
        if found and (found >= enough or cost > dearest):
            break
        kept = [mask for i, (_, mask) in enumerate(hard) if i not in subset]
        rows = _all(everything, kept) & ~passing
        if not rows.any():
            continue
        if not found:
            # More near misses may cost one condition more, never the one of the next magnitude;
            # none are needed where all that was said holds.
            said = any(hard[i][0].origin == "said" for i in subset)
            dearest = cost + _COST["stock"] if said else 0.0
        rows = _closest(catalogue, [hard[i][0] for i in subset], rows, max(enough - found, 1))
        passing |= rows
        tiers[rows] = tier
        used |= set(subset)
    return tuple(sorted(used)), passing, tiers


def _closest(catalogue: Catalogue, aside: Sequence[Condition], rows: Mask, enough: int) -> Mask:
    """Where bounds are set aside: the rows that miss them by least; otherwise all of the rows."""
    bounds = [c for c in aside if isinstance(c, Bound)]
    if not bounds or int(rows.sum()) <= enough:
        return rows
    gap = np.zeros(len(rows))
    for bound in bounds:
        gap += gap_of(catalogue, bound)
    gap = np.where(rows, gap, np.inf)
    cut = np.partition(gap, enough - 1)[enough - 1]
    return rows if not np.isfinite(cut) else rows & (gap <= cut)


def gap_of(catalogue: Catalogue, bound: Bound) -> NDArray[np.float64]:
    """How far each row lies outside of the bound, in shares of the bound, (n,); inf where unknown."""
    numbers = catalogue.numbers(bound.facet).astype(np.float64)
    gap = np.zeros(len(numbers))
    for edge, sign in ((bound.min, -1.0), (bound.max, 1.0)):
        if edge is not None:
            gap = np.maximum(gap, sign * (numbers - edge) / max(abs(edge), 1.0))
    return np.where(np.isnan(numbers), np.inf, gap)


def _subsets(
    catalogue: Catalogue, hard: Sequence[tuple[Condition, Mask]]
) -> list[tuple[tuple[int, ...], float]]:
    """Sets of conditions that may be set aside, cheapest first, with their costs."""
    costs = [_cost(catalogue, condition) for condition, _ in hard]
    count = len(hard)
    if count <= _EXHAUSTIVE:
        subsets = [c for size in range(1, count + 1) for c in combinations(range(count), size)]
        priced = [(subset, sum(map(costs.__getitem__, subset))) for subset in subsets]
        return sorted(priced, key=lambda pair: (pair[1], pair[0]))
    # Many conditions: take them from the dearest down, set aside those that leave nothing.
    aside: list[int] = []
    passing = np.ones(len(catalogue), dtype=np.bool_)
    for i in sorted(range(count), key=lambda i: (-costs[i], i)):
        narrowed = passing & hard[i][1]
        if narrowed.any():
            passing = narrowed
        else:
            aside.append(i)
    return [(tuple(sorted(aside)), sum(costs[i] for i in aside)), (tuple(range(count)), sum(costs))]


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

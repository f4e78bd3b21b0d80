"""What becomes of wishes when the kind of thing changes: kept, set aside, or taken up again.

Facets apply to some head values only. What the new kind does not have is set aside, not lost: it
counts again as soon as a kind is wanted that has it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vitrine.core.domain import DomainPack, Facet
from vitrine.core.turn import Notice
from vitrine.memory.state import Belief, Beliefs, RangeBelief


@dataclass(frozen=True)
class Shelved:
    """Beliefs in force, beliefs set aside, and what to say. `dropped` and `restored` name facets."""

    facets: list[Belief]
    ranges: list[RangeBelief]
    shelf: Beliefs
    notices: tuple[Notice, ...] = ()
    dropped: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()


def reshelve(
    facets: Sequence[Belief],
    ranges: Sequence[RangeBelief],
    shelf: Beliefs,
    before: Beliefs,
    touched: Iterable[str],
    pack: DomainPack,
) -> Shelved:
    """Beliefs after a message, arranged for the kind of thing that is wanted now.

    Args:
        facets: what would be believed of categorical facets.
        ranges: what would be believed of numbers.
        shelf: what was set aside earlier.
        before: what was believed before the message.
        touched: facets that the message speaks of; they are left as they are.
        pack: says which facet applies to what.
    """
    spoken = set(touched)
    shelf = Beliefs(
        facets=tuple(b for b in shelf.facets if b.facet not in spoken),
        ranges=tuple(r for r in shelf.ranges if r.facet not in spoken),
    )
    heads, earlier = _heads(facets, pack), _heads(before.facets, pack)
    known = {value.name for value in pack.head.values}
    if not heads or heads == earlier or not heads & known:
        return Shelved(list(facets), list(ranges), shelf)
    kept_facets, kept_ranges = list(facets), list(ranges)
    shelf_facets, shelf_ranges = list(shelf.facets), list(shelf.ranges)
    notices: list[Notice] = []
    dropped: list[str] = []
    restored: list[str] = []
    for facet in pack.facets:
        if not facet.applies_to or facet.name == pack.head.name or facet.name in spoken:
            continue
        said = [b for b in kept_facets if b.facet == facet.name]
        bounds = [r for r in kept_ranges if r.facet == facet.name]
        if not heads & set(facet.applies_to):
            if said or bounds:
                kept_facets = [b for b in kept_facets if b.facet != facet.name]
                kept_ranges = [r for r in kept_ranges if r.facet != facet.name]
                shelf_facets = [b for b in shelf_facets if b.facet != facet.name] + said
                shelf_ranges = [r for r in shelf_ranges if r.facet != facet.name] + bounds
                dropped.append(facet.name)
                notices.append(_told(facet, said, heads))
            continue
        waiting = [b for b in shelf_facets if b.facet == facet.name]
        waiting_bounds = [r for r in shelf_ranges if r.facet == facet.name]
        if waiting or waiting_bounds:
            shelf_facets = [b for b in shelf_facets if b.facet != facet.name]
            shelf_ranges = [r for r in shelf_ranges if r.facet != facet.name]
            if not said and not bounds:
                kept_facets += waiting
                kept_ranges += waiting_bounds
                restored.append(facet.name)
    return Shelved(
        facets=kept_facets,
        ranges=kept_ranges,
        shelf=Beliefs(facets=tuple(shelf_facets), ranges=tuple(shelf_ranges)),
        notices=tuple(notices),
        dropped=tuple(dropped),
        restored=tuple(restored),
    )


def _heads(facets: Iterable[Belief], pack: DomainPack) -> set[str]:
    return {b.value for b in facets if b.facet == pack.head.name and b.polarity == "want"}


def _told(facet: Facet, said: Sequence[Belief], heads: set[str]) -> Notice:
    label = facet.label or facet.name
    values = " or ".join(b.value for b in said)
    what = f"{label} {values}" if values else label
    return Notice(
        kind="relaxed",
        text=f"Set aside, since it does not go with {' or '.join(sorted(heads))}: {what}."[:300],
        facet=facet.name,
        value=said[0].value if said else None,
    )

"""From beliefs and profile to what the tools ask for: conditions, words, taste. Pure functions."""

from collections.abc import Iterable

from vitrine.agent.outcome import Leaning
from vitrine.core.domain import DomainPack
from vitrine.core.ports import Filters
from vitrine.core.refs import ItemId, ThingRef
from vitrine.memory.state import Belief, DialogueState
from vitrine.tools.conditions import Avoid, Bound, Conditions, InStock, Want
from vitrine.tools.references import FacetPreference, Reference

_SAID_HARD, _SAID_SOFT = 1.0, 0.6


def wanted(state: DialogueState, facet: str) -> tuple[str, ...]:
    """The values of the facet that are wanted now."""
    return tuple(b.value for b in state.beliefs.facets if b.facet == facet and b.polarity == "want")


def conditions(state: DialogueState, leaning: Leaning, pack: DomainPack) -> Conditions:
    """All conditions in force.

    What the profile avoids is a hard condition of origin `profile` (the tools set it aside before
    anything said), except for values that are asked for now. What it likes is a soft want, only for
    facets that nothing was said about.
    """
    wants: list[Want] = []
    avoids: list[Avoid] = []
    stock: list[InStock] = []
    for (facet, polarity), beliefs in _grouped(state.beliefs.facets):
        values = tuple(b.value for b in beliefs)
        strength = "hard" if any(b.strength == "hard" for b in beliefs) else "soft"
        since = max(b.evidence.turn for b in beliefs)
        known = pack.facet(facet)
        if polarity == "want" and known is not None and not known.exact:
            strength = "soft"  # items that do not tell are not ruled out
        if polarity == "avoid":
            avoids.append(Avoid(facet=facet, values=values, strength=strength, since=since))
        elif known is not None and known.kind == "stock":
            stock.append(InStock(sizes=values, strength=strength, since=since))
        else:
            wants.append(Want(facet=facet, values=values, strength=strength, since=since))
    bounds = [
        Bound(
            facet=r.facet,
            min=r.min,
            max=r.max,
            about=r.about,
            strength=r.strength,
            since=r.evidence.turn,
        )
        for r in state.beliefs.ranges
    ]
    spoken = {b.facet for b in state.beliefs.facets} | {r.facet for r in state.beliefs.ranges}
    asked = {(b.facet, b.value) for b in state.beliefs.facets if b.polarity == "want"}
    for lean in leaning.facets:
        preference = lean.preference
        if preference.weight < 0:
            if (preference.facet, preference.value) not in asked:
                avoids.append(
                    Avoid(facet=preference.facet, values=(preference.value,), origin="profile")
                )
        elif preference.facet not in spoken:
            known = pack.facet(preference.facet)
            if known is not None and known.kind == "stock":
                stock.append(InStock(sizes=(preference.value,), strength="soft", origin="profile"))
            else:
                wants.append(
                    Want(
                        facet=preference.facet,
                        values=(preference.value,),
                        strength="soft",
                        origin="profile",
                    )
                )
    bounds += [
        Bound(
            facet=bound.facet,
            min=bound.min,
            max=bound.max,
            about=bound.about,
            strength="soft",
            origin="profile",
        )
        for bound in leaning.bounds
        if bound.facet not in spoken
    ]
    return Conditions(
        wants=tuple(_merged(wants)), avoids=tuple(avoids), bounds=tuple(bounds), stock=tuple(stock)
    )


def _grouped(
    beliefs: Iterable[Belief],
) -> list[tuple[tuple[str, str], list[Belief]]]:
    groups: dict[tuple[str, str], list[Belief]] = {}
    for belief in beliefs:
        groups.setdefault((belief.facet, belief.polarity), []).append(belief)
    return list(groups.items())


def _merged(wants: list[Want]) -> list[Want]:
    """Soft profile wants of one facet become one want of all their values (any of them will do)."""
    merged: dict[tuple[str, str], Want] = {}
    for want in wants:
        key = (want.facet, want.origin)
        held = merged.get(key)
        merged[key] = (
            want if held is None else held.model_copy(update={"values": held.values + want.values})
        )
    return list(merged.values())


def filters(held: Conditions, catalogue_values: dict[str, frozenset[str]]) -> Filters:
    """The hard conditions as exact filters; wanted values that nobody carries are left out."""
    any_of: dict[str, tuple[str, ...]] = {}
    for want in held.wants:
        carried = tuple(
            v for v in want.values if v in catalogue_values.get(want.facet, frozenset())
        )
        if want.strength == "hard" and carried:
            any_of[want.facet] = carried
    none_of: dict[str, tuple[str, ...]] = {}
    for avoid in held.avoids:
        if avoid.strength == "hard":
            none_of[avoid.facet] = none_of.get(avoid.facet, ()) + avoid.values
    return Filters(
        any_of=any_of,
        none_of=none_of,
        bounds={
            b.facet: (b.min, b.max)
            for b in held.bounds
            if b.strength == "hard" and (b.min is not None or b.max is not None)
        },
        in_stock=tuple(s for stock in held.stock if stock.strength == "hard" for s in stock.sizes),
    )


def preferences(state: DialogueState, leaning: Leaning) -> tuple[FacetPreference, ...]:
    """Signed facet preferences of this person now: what was said, then what the profile says.

    A facet that the user spoke of is settled: the profile's likes about it do not count.
    """
    weights: dict[tuple[str, str], float] = {}
    for belief in state.beliefs.facets:
        sign = 1.0 if belief.polarity == "want" else -1.0
        size = _SAID_HARD if belief.strength == "hard" else _SAID_SOFT
        weights[belief.facet, belief.value] = sign * size
    settled = {b.facet for b in state.beliefs.facets if b.polarity == "want"}
    for lean in leaning.facets:
        key = (lean.preference.facet, lean.preference.value)
        if key in weights or (lean.preference.weight > 0 and lean.preference.facet in settled):
            continue
        weights[key] = lean.preference.weight
    return tuple(
        FacetPreference(facet=facet, value=value, weight=weight)
        for (facet, value), weight in weights.items()
    )


def reference(state: DialogueState, thing: ThingRef) -> Reference | None:
    """What the tools call the thing: an item id, or a design's embedding."""
    if thing.kind == "item":
        return thing.id
    design = state.design(thing.id)
    return design.embedding if design is not None else None


def left_out(state: DialogueState, *, fresh: bool) -> tuple[ItemId, ...]:
    """Items not to show: rejected and already owned ones; with `fresh`, all that was shown."""
    out = {
        v.thing.id
        for v in state.verdicts
        if v.thing.kind == "item" and v.verdict in ("reject", "been_to")
    }
    if fresh:
        out |= {t.id for shown in state.shown for t in shown.things if t.kind == "item"}
    return tuple(sorted(out))

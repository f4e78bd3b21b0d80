"""What a design should be: asked values, values that must not appear, and what taste may fill in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vitrine.agent.outcome import Leaning
from vitrine.agent.prompting import design_facets, fitting, item_choices, wanted_choices
from vitrine.agent.seeking import wanted
from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ThingRef
from vitrine.memory.state import DialogueState

FILL_SHARE = 0.5
"""Share of the neighbours' vote that a value needs to be written into the words of a design."""

NONE = ""
"""The vote of items that have no value of a facet."""


@dataclass(frozen=True)
class Blueprint:
    """The plan of one design.

    `asked`: facet -> value that the words must say (said by the user, or taken from the base thing).
    `avoided`: (facet, value) pairs that must not be drawn. `likes`: facet -> values that the profile
    likes, for facets that were not asked about.
    """

    asked: Mapping[str, str]
    avoided: frozenset[tuple[str, str]]
    likes: Mapping[str, tuple[str, ...]]


def blueprint(
    state: DialogueState,
    leaning: Leaning,
    base: ThingRef | None,
    catalogue: Catalogue,
    number: int,
) -> Blueprint:
    """The plan of design `number` (0-based; alternatives among wanted values take turns).

    What is said beats the base thing, the base thing beats taste. A value that the profile avoids is
    kept out unless it was asked for.
    """
    pack = catalogue.pack
    said = wanted_choices(state, pack, number)
    avoided = {(b.facet, b.value) for b in state.beliefs.facets if b.polarity == "avoid"}
    likes: dict[str, tuple[str, ...]] = {}
    for lean in leaning.facets:
        facet, value = lean.preference.facet, lean.preference.value
        if lean.preference.weight < 0:
            if value not in wanted(state, facet):
                avoided.add((facet, value))
        elif facet not in said:
            likes[facet] = (*likes.get(facet, ()), value)
    asked: dict[str, str] = {}
    for facet, value in _base_choices(base, state, catalogue).items():
        spoken = wanted(state, facet)
        if (facet, value) not in avoided and (not spoken or value in spoken):
            asked[facet] = value
    if base is None:
        asked = dict(said)
    else:
        asked |= {f: v for f, v in said.items() if asked.get(f) not in wanted(state, f)}
    _settle_borrowed(asked, said, pack)
    return Blueprint(asked=fitting(asked, pack), avoided=frozenset(avoided), likes=likes)


def _base_choices(
    base: ThingRef | None, state: DialogueState, catalogue: Catalogue
) -> dict[str, str]:
    if base is None:
        return {}
    if base.kind == "item":
        return item_choices(catalogue.item(base.id), catalogue.pack)
    design = state.design(base.id)
    return {f: v[0] for f, v in design.facets.items() if v} if design is not None else {}


def _settle_borrowed(asked: dict[str, str], said: Mapping[str, str], pack: DomainPack) -> None:
    """Drop a base thing's facet that describes another facet which the user changed.

    "One like that, but striped": the base's dot colour goes with its dots.
    """
    for facet in pack.facets:
        if facet.of is not None and facet.of in said and facet.name not in said:
            asked.pop(facet.name, None)


def vote(items: Sequence[tuple[Item, float]], pack: DomainPack) -> dict[str, str]:
    """The value that most of the neighbours carry, a facet, weighted by likeness; clear wins only."""
    shows: dict[str, str] = {}
    if not items:
        return shows
    for facet in pack.facets:
        if facet.kind != "categorical" or not facet.visible:
            continue
        weights: defaultdict[str, float] = defaultdict(float)
        for item, similarity in items:
            values = item.values(facet.name)
            weights[values[0] if values else NONE] += max(similarity, 1e-3) ** 2
        value, weight = max(weights.items(), key=lambda pair: (pair[1], pair[0]))
        if value != NONE and weight >= FILL_SHARE * sum(weights.values()):
            shows[facet.name] = value
    return shows


def complete(
    plan: Blueprint, shows: Mapping[str, str], catalogue: Catalogue
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The words of one winner: what was asked, then what its own neighbours show.

    Returns:
        The choices, and the facets among them that taste filled.
    """
    pack = catalogue.pack
    choices = dict(plan.asked)
    sayable = design_facets(pack)
    for facet, value in shows.items():
        if facet in choices or facet not in sayable or (facet, value) in plan.avoided:
            continue
        described = pack.facet(facet)
        of = described.of if described is not None else None
        if of is not None and of in plan.asked and shows.get(of) != plan.asked[of]:
            continue  # the neighbours' word describes another value than the one that was asked for
        choices[facet] = value
    kept = fitting(choices, pack)
    return kept, tuple(facet for facet in kept if facet not in plan.asked)

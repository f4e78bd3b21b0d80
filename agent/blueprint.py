"""What a design should be: asked values, values to keep out, and what taste may fill in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from vitrine.agent.outcome import Leaning
from vitrine.agent.prompting import fitting, item_choices, wanted_choices
from vitrine.agent.seeking import wanted
from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.prompts import design_facets
from vitrine.core.refs import ThingRef
from vitrine.memory.state import DialogueState

FILL_SHARE = 0.5
"""Share of the neighbours' vote that a value needs to be written into the words of a design."""

NONE = ""
"""The vote of items that have no value of a facet."""


@dataclass(frozen=True)
class Blueprint:
    """The plan of one design.

    `said`: facet -> value that the user asked for; alternatives ("red or blue") take turns over the
    designs. `asked`: all that the words say: what was said, over what the base thing is, over what
    the profile likes for the facets in `steered`. `avoided`: (facet, value) pairs to keep out.
    """

    said: Mapping[str, str]
    asked: Mapping[str, str]
    steered: frozenset[str]
    avoided: frozenset[tuple[str, str]]

    @property
    def unsteered(self) -> dict[str, str]:
        """What the words say without the profile: the request itself."""
        return {f: v for f, v in self.asked.items() if f not in self.steered}


def blueprints(
    state: DialogueState,
    leaning: Leaning,
    base: ThingRef | None,
    catalogue: Catalogue,
    count: int,
) -> tuple[Blueprint, ...]:
    """The plans of `count` designs.

    What is said beats the base thing, the base thing beats the profile. The first half of the
    designs say in words what the profile likes, as far as nothing else decided it; the others leave
    that to the person's taste. A value that the profile avoids is kept out unless it was asked for.
    """
    pack = catalogue.pack
    avoided = {(b.facet, b.value) for b in state.beliefs.facets if b.polarity == "avoid"}
    likes: dict[str, list[str]] = {}
    for lean in leaning.facets:
        facet, value = lean.preference.facet, lean.preference.value
        if lean.preference.weight < 0:
            if value not in wanted(state, facet):
                avoided.add((facet, value))
        elif value in catalogue.values(facet):
            likes.setdefault(facet, []).append(value)
    plans: list[Blueprint] = []
    for number in range(count):
        said = wanted_choices(state, pack, number)
        like = _loosened(_base_choices(base, state, catalogue), said, pack, number)
        asked = _over_base(said, like, state, avoided, pack)
        steered: dict[str, str] = {}
        if number < (count + 1) // 2:
            steered = _steered(likes, asked, avoided, pack, number)
        whole = fitting({**steered, **asked}, pack)
        plans.append(
            Blueprint(
                said=said,
                asked=whole,
                steered=frozenset(f for f in steered if f in whole),
                avoided=frozenset(avoided),
            )
        )
    return tuple(plans)


def _loosened(
    base: Mapping[str, str], said: Mapping[str, str], pack: DomainPack, number: int
) -> dict[str, str]:
    """The base thing's facets, less two small ones in every design but the first.

    What it is, its colours and its pattern stay; the details that nobody spoke of take turns in
    being left to the sample, so that four designs after one thing are not one design four times.
    """
    details: list[str] = []
    for facet in pack.facets:
        toned = facet.values_from is not None or any(v.rgb is not None for v in facet.values)
        described = any(other.of == facet.name for other in pack.facets)
        if facet.name in base and facet.name not in said and facet.role != "head":
            details += [] if toned or described else [facet.name]
    turns = (2 * number, 2 * number + 1) if details else ()
    loose = {details[turn % len(details)] for turn in turns}
    return {f: v for f, v in base.items() if number == 0 or f not in loose}


def _over_base(
    said: Mapping[str, str],
    base: Mapping[str, str],
    state: DialogueState,
    avoided: AbstractSet[tuple[str, str]],
    pack: DomainPack,
) -> dict[str, str]:
    """What was said, over what the base thing is.

    A facet that describes another facet goes with it: in "one like that, but striped" the colour
    of the base's dots is dropped with the dots.
    """
    kept: dict[str, str] = {}
    for facet, value in base.items():
        spoken = wanted(state, facet)
        if (facet, value) not in avoided and (not spoken or value in spoken):
            kept[facet] = value
    asked = {**said, **kept}
    for facet in pack.facets:
        if facet.of is not None and facet.name not in said:
            before, now = base.get(facet.of), asked.get(facet.of)
            if before != now:
                asked.pop(facet.name, None)
    return asked


def _steered(
    likes: Mapping[str, Sequence[str]],
    asked: Mapping[str, str],
    avoided: AbstractSet[tuple[str, str]],
    pack: DomainPack,
    number: int,
) -> dict[str, str]:
    """One liked value a facet that nobody decided and that a picture can show."""
    sayable = design_facets(pack)
    chosen: dict[str, str] = {}
    for name, values in likes.items():
        facet = pack.facet(name)
        if facet is None or not facet.visible or facet.of is not None or name in asked:
            continue
        allowed = [value for value in values if (name, value) not in avoided]
        if name in sayable and allowed:
            chosen[name] = allowed[number % len(allowed)]
    return chosen


def _base_choices(
    base: ThingRef | None, state: DialogueState, catalogue: Catalogue
) -> dict[str, str]:
    if base is None:
        return {}
    if base.kind == "item":
        return item_choices(catalogue.item(base.id), catalogue.pack)
    design = state.design(base.id)
    return {f: v[0] for f, v in design.facets.items() if v} if design is not None else {}


def vote(items: Sequence[tuple[Item, float]], pack: DomainPack) -> dict[str, str]:
    """The value that most neighbours carry, a facet, weighted by likeness; clear wins only."""
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
    return kept, tuple(f for f in kept if f not in plan.asked or f in plan.steered)

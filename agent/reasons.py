"""Every "because", with its source. Pure functions over beliefs, profile, listing and tool results.

A reason is given only for what was checked: a belief is cited for a thing when the thing's own
catalogue field meets it; a profile sentence when the field carries what the sentence asks for.
"""

from collections.abc import Iterable, Sequence

from vitrine.agent.outcome import Drawing, Leaning
from vitrine.core.domain import DomainPack, Facet
from vitrine.core.items import Item
from vitrine.core.money import amount
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Reason
from vitrine.memory.state import Belief, Beliefs, Design, DialogueState, RangeBelief
from vitrine.tools.retrieve_items import RankedItem

MOST_REASONS = 6
HIGH_RATING = 4.3
GOOD_SCORE = 0.5
"""A measured score from which it is named as a reason besides others."""


def say_value(pack: DomainPack, name: str, value: str) -> str:
    """A facet value in a sentence: bare where a picture shows it, else with the facet's label."""
    facet = pack.facet(name)
    if facet is None or facet.role == "head" or (facet.visible and facet.of is None):
        return value
    return f"{facet.label or facet.name} {value}"


def say_bounds(pack: DomainPack, bounds: RangeBelief) -> str:
    """Bounds in words, with the facet's unit."""
    facet = pack.facet(bounds.facet)
    low, high, about = (
        None if number is None else _number(pack, facet, number)
        for number in (bounds.min, bounds.max, bounds.about)
    )
    if low is not None and high is not None:
        words = f"{low} to {high}"
    elif high is not None:
        words = f"up to {high}"
    elif low is not None:
        words = f"at least {low}"
    else:
        words = f"about {about}"
    if facet is not None and facet.role == "price":
        return words
    return f"{(facet.label if facet else '') or bounds.facet} {words}"


def _keeps(pack: DomainPack, bounds: RangeBelief) -> str:
    """How a number keeps its bounds, in words."""
    facet = pack.facet(bounds.facet)
    if bounds.min is not None and bounds.max is not None:
        low, high = _number(pack, facet, bounds.min), _number(pack, facet, bounds.max)
        return f"between your {low} and {high}"
    if bounds.max is not None:
        return f"within your {_number(pack, facet, bounds.max)}"
    if bounds.min is not None:
        return f"at least your {_number(pack, facet, bounds.min)}"
    return f"near your {_number(pack, facet, bounds.about or 0.0)}"


def _number(pack: DomainPack, facet: Facet | None, number: float) -> str:
    if facet is not None and facet.role == "price":
        return amount(number, pack.currency)
    return f"{number:g}"


def carries(item: Item, belief: Belief) -> bool:
    """True when the listing carries the believed value (stock: a piece is left)."""
    return belief.value in item.values(belief.facet) or item.stock.get(belief.value, 0) > 0


def within(item: Item, bounds: RangeBelief) -> bool:
    """True when the item has the number and it lies within the bounds (about: within a quarter)."""
    number = item.numbers.get(bounds.facet)
    if number is None:
        return False
    if bounds.min is not None and number < bounds.min:
        return False
    if bounds.max is not None and number > bounds.max:
        return False
    return bounds.about is None or abs(number - bounds.about) <= 0.25 * abs(bounds.about)


def belief_reasons(item: Item, beliefs: Beliefs, pack: DomainPack) -> list[Reason]:
    """The beliefs that the listing meets: head first, then as said, avoided values last."""
    met: list[Reason] = []
    avoided: list[Reason] = []
    for belief in sorted(beliefs.facets, key=lambda b: b.facet != pack.head.name):
        words = say_value(pack, belief.facet, belief.value)
        if belief.polarity == "want" and carries(item, belief):
            met.append(_believed(words, belief))
        elif belief.polarity == "avoid" and not carries(item, belief):
            avoided.append(_believed(f"not {words}", belief))
    for bounds in beliefs.ranges:
        if within(item, bounds):
            number = _number(pack, pack.facet(bounds.facet), item.numbers[bounds.facet])
            met.append(
                Reason(
                    text=f"{number}, {_keeps(pack, bounds)}",
                    source="belief",
                    facet=bounds.facet,
                    evidence=bounds.evidence.text,
                    value=item.numbers[bounds.facet],
                )
            )
    return met + avoided


def _believed(text: str, belief: Belief) -> Reason:
    return Reason(text=text, source="belief", facet=belief.facet, evidence=belief.evidence.text)


def profile_reasons(item: Item, leaning: Leaning, settled: Iterable[str]) -> list[Reason]:
    """Profile sentences that the listing meets, for facets that this conversation left open."""
    spoken = set(settled)
    return [
        Reason(
            text=f"{lean.preference.value}, which your profile says you like",
            source="profile",
            facet=lean.preference.facet,
            evidence=lean.sentence,
        )
        for lean in leaning.facets
        if lean.preference.weight > 0
        and lean.preference.facet not in spoken
        and lean.preference.value in item.values(lean.preference.facet)
    ]


def item_reasons(
    item: Item,
    ranked: RankedItem,
    state: DialogueState,
    leaning: Leaning,
    pack: DomainPack,
    reward: float | None,
) -> tuple[Reason, ...]:
    """Why this item is shown. Never empty: at least the measured score is named."""
    settled = {b.facet for b in state.beliefs.facets if b.polarity == "want"}
    reasons = belief_reasons(item, state.beliefs, pack)
    for cited in ranked.meets:
        if cited.kind == "wish" and cited.text:
            reasons.append(
                Reason(
                    text=f"close to {cited.text!r} by its description",
                    source="wish",
                    evidence=cited.text[:400],
                )
            )
        elif cited.kind == "like" and cited.text:
            reasons.append(
                Reason(
                    text="close to what your profile likes", source="profile", evidence=cited.text
                )
            )
    reasons += profile_reasons(item, leaning, settled)
    likeness = ranked.signals.get("likeness")
    if likeness is not None and likeness > 0:
        reasons.append(
            Reason(text=f"looks alike ({likeness:.2f})", source="likeness", value=likeness)
        )
    image = ranked.signals.get("image")
    if image is not None and image > 0:
        reasons.append(
            Reason(text=f"close to your picture ({image:.2f})", source="likeness", value=image)
        )
    rating = pack.role("rating")
    if rating is not None and item.numbers.get(rating.name, 0.0) >= HIGH_RATING:
        stars = item.numbers[rating.name]
        reasons.append(
            Reason(text=f"rated {stars:g}", source="field", facet=rating.name, value=stars)
        )
    liked = reward is not None and reward >= GOOD_SCORE and len(reasons) < MOST_REASONS
    if not reasons or liked:
        score = reward if reward is not None else ranked.score
        reasons.append(Reason(text=f"match {score:.2f}", source="score", value=score))
    return tuple(reasons[:MOST_REASONS])


def drawing_reasons(
    drawing: Drawing,
    state: DialogueState,
    leaning: Leaning,
    pack: DomainPack,
    base_title: str | None,
    interests: Sequence[str],
) -> tuple[Reason, ...]:
    """Why this design looks as it does. Never empty: its score is always named."""
    reasons: list[Reason] = []
    for belief in sorted(state.beliefs.facets, key=lambda b: b.facet != pack.head.name):
        if belief.polarity == "want" and belief.value in drawing.facets.get(belief.facet, ()):
            words = say_value(pack, belief.facet, belief.value)
            reasons.append(
                Reason(
                    text=words, source="belief", facet=belief.facet, evidence=belief.evidence.text
                )
            )
    if base_title is not None and drawing.base_likeness is not None:
        reasons.append(
            Reason(
                text=f"drawn after {base_title}",
                source="likeness",
                value=drawing.base_likeness,
            )
        )
    for lean in leaning.facets:
        name, value = lean.preference.facet, lean.preference.value
        if name in drawing.filled and lean.preference.weight > 0 and value in drawing.facets[name]:
            reasons.append(
                Reason(
                    text=f"{value}, which your profile says you like",
                    source="profile",
                    facet=name,
                    evidence=lean.sentence,
                )
            )
    tags = {tag for name in drawing.filled for tag in drawing.facets[name]}
    for tag in interests:
        if tag in tags and not any(tag in reason.text for reason in reasons):
            reasons.append(Reason(text=f"{tag}, as you often choose", source="tag", evidence=tag))
    score = Reason(text=f"match {drawing.score:.2f}", source="score", value=drawing.score)
    return (*reasons[: MOST_REASONS - 1], score)


def design_reasons(design: Design, state: DialogueState, pack: DomainPack) -> list[Reason]:
    """Why an earlier design looked as it did, from what was asked of it."""
    reasons = [
        Reason(
            text=say_value(pack, b.facet, b.value),
            source="belief",
            facet=b.facet,
            evidence=b.evidence.text,
        )
        for b in state.beliefs.facets
        if b.polarity == "want" and b.value in design.facets.get(b.facet, ())
    ]
    return [*reasons, Reason(text=f"match {design.score:.2f}", source="score", value=design.score)]


def believed(beliefs: Beliefs, pack: DomainPack, facet: str | None = None) -> list[Reason]:
    """What is believed (about one facet), each with the words it came from."""
    reasons: list[Reason] = []
    for belief in beliefs.facets:
        if facet is None or belief.facet == facet:
            words = say_value(pack, belief.facet, belief.value)
            text = words if belief.polarity == "want" else f"no {words}"
            reasons.append(
                Reason(
                    text=text, source="belief", facet=belief.facet, evidence=belief.evidence.text
                )
            )
    reasons += [
        Reason(
            text=say_bounds(pack, bounds),
            source="belief",
            facet=bounds.facet,
            evidence=bounds.evidence.text,
        )
        for bounds in beliefs.ranges
        if facet is None or bounds.facet == facet
    ]
    if facet is None:
        for wish in beliefs.wishes:
            text = wish.text if wish.polarity == "want" else f"not {wish.text}"
            reasons.append(Reason(text=text[:300], source="wish", evidence=wish.evidence.text))
        reasons += [
            Reason(text=f"{fact.key}: {fact.value}", source="belief", evidence=fact.evidence.text)
            for fact in beliefs.context
        ]
    return reasons


def explain(
    things: Sequence[ThingRef],
    facet: str | None,
    state: DialogueState,
    leaning: Leaning,
    items: Sequence[Item],
    pack: DomainPack,
) -> tuple[Reason, ...]:
    """The exact answer to "why": beliefs about the facet, or the reasons of the things.

    Args:
        things: what is asked about; designs among them are looked up in the state.
        facet: asked about, if one is.
        state: the beliefs in force.
        leaning: the profile in force.
        items: the catalogue items among `things`.
        pack: names the facets.
    """
    reasons: list[Reason] = []
    if facet is not None:
        reasons += believed(state.beliefs, pack, facet)
        reasons += [
            Reason(
                text=f"{'no ' if lean.preference.weight < 0 else ''}{lean.preference.value}",
                source="profile",
                facet=facet,
                evidence=lean.sentence,
            )
            for lean in leaning.facets
            if lean.preference.facet == facet
        ]
        return tuple(reasons)
    settled = {b.facet for b in state.beliefs.facets if b.polarity == "want"}
    for item in items:
        reasons += belief_reasons(item, state.beliefs, pack)
        reasons += profile_reasons(item, leaning, settled)
    for thing in things:
        design = state.design(thing.id) if thing.kind == "design" else None
        if design is not None:
            own = design_reasons(design, state, pack)
            reasons += own if len(things) == 1 else [r for r in own if r.source != "score"]
    if not reasons:
        reasons = believed(state.beliefs, pack)
    return tuple({(r.text, r.facet, r.evidence): r for r in reasons}.values())

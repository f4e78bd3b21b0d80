"""Why, and what else: explanations made of beliefs, of what was shown, and of exact counts.

Pure functions: the node gathers what was said to be the reasons when a thing was shown, the facts
of its listing and the counts without a wish; here they become what an act tells.
"""

from collections.abc import Mapping, Sequence

from vitrine.agent.outcome import Leaning, Own, Told
from vitrine.agent.reasons import (
    belief_reasons,
    believed,
    carries,
    design_reasons,
    item_misses,
    profile_reasons,
)
from vitrine.agent.saying import say_bounds, say_value, spoken_words
from vitrine.agent.wording import listed
from vitrine.core.acts import Explain
from vitrine.core.domain import DomainPack
from vitrine.core.money import amount
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId, ThingRef
from vitrine.core.turn import Fact, Reason
from vitrine.memory.state import Belief, DialogueState
from vitrine.tools.quotes import content_stems
from vitrine.tools.weigh_item import WeighResult
from vitrine.tools.what_if import Without

MOST_WITHOUT = 2
"""Wishes whose effect is told beside the reasons."""


def why(
    act: Explain,
    things: Sequence[ThingRef],
    given: Mapping[ThingRef, Sequence[Reason]],
    without: Sequence[Without],
    state: DialogueState,
    leaning: Leaning,
    catalogue: Catalogue,
) -> Told:
    """The exact answer to "why": beliefs about the facet, or the reasons of the things.

    Args:
        act: the question.
        things: what it is about, resolved.
        given: the reasons that were given when a thing was shown.
        without: what dropping each wish would bring.
        state: the beliefs in force.
        leaning: the profile in force.
        catalogue: the listings.
    """
    pack = catalogue.pack
    if act.facet is not None and not act.things:
        return Told(
            kind=act.kind, facet=act.facet, shared=_of_facet(act.facet, state, leaning, pack)
        )
    own = [
        Own(
            thing=thing,
            title=title_of(thing, state, catalogue),
            reasons=tuple(given.get(thing) or _now(thing, state, leaning, catalogue)),
            against=(
                *_missed(thing, state, catalogue),
                *_not_so(thing, act.facet, state, catalogue),
            ),
        )
        for thing in things
    ]
    shared = _common([o.reasons for o in own])
    keys = {_key(r) for r in shared}
    apart = tuple(
        o.model_copy(update={"reasons": tuple(r for r in o.reasons if _key(r) not in keys)})
        for o in own
    )
    if not own or not any(o.reasons for o in own):
        shared = tuple(believed(state.beliefs, pack))
    return Told(
        kind=act.kind,
        shared=shared,
        own=apart,
        without=tuple(say_without(w, state, catalogue) for w in without[:MOST_WITHOUT]),
    )


def _not_so(
    thing: ThingRef, facet: str | None, state: DialogueState, catalogue: Catalogue
) -> tuple[Fact, ...]:
    """That a thing does not meet a soft wish about the facet that was asked about."""
    if facet is None or thing.kind != "item" or not catalogue.has(thing.id):
        return ()
    item = catalogue.item(thing.id)
    held = [b for b in state.beliefs.facets if b.facet == facet and b.polarity == "want"]
    if not held or any(b.strength == "hard" or carries(item, b) for b in held):
        return ()
    wished = listed([say_value(catalogue.pack, facet, b.value) for b in held], "or")
    own = listed([say_value(catalogue.pack, facet, value) for value in item.values(facet)])
    text = f"{f'it is {own}: ' if own else ''}{wished} was a wish and no must"
    return (Fact(text=text[:600], source="field", item=item.id, ref=facet),)


def context(
    act: Explain, state: DialogueState, pack: DomainPack, before: Sequence[Told] = ()
) -> Told:
    """The situation that the choice rests on: what was told of it, and wishes that stand for it.

    What explanations `before` have told is not told again.
    """
    known = {_key(reason) for told in before for reason in told.reasons}
    reasons = [
        Reason(text=f"{fact.key}: {fact.value}", source="belief", evidence=fact.evidence.text)
        for fact in state.beliefs.context
    ]
    reasons += [
        Reason(
            text=say_value(pack, belief.facet, belief.value),
            source="belief",
            facet=belief.facet,
            evidence=belief.evidence.text,
        )
        for belief in situations(state, pack)
        if act.facet in (None, belief.facet)
    ]
    fresh = tuple(reason for reason in reasons if _key(reason) not in known)
    return Told(kind="explain_context", facet=act.facet, shared=fresh)


def situations(state: DialogueState, pack: DomainPack) -> tuple[Belief, ...]:
    """Wishes that tell of a situation: about attributes that no picture shows and one may ask for."""
    return tuple(
        belief
        for belief in state.beliefs.facets
        if belief.polarity == "want"
        and (facet := pack.facet(belief.facet)) is not None
        and facet.kind == "categorical"
        and facet.role == "attribute"
        and not facet.visible
        and facet.asks
    )


def more(thing: ThingRef, title: str, weighed: WeighResult) -> Own:
    """What the listing says of a thing at all."""
    return Own(thing=thing, title=title, facts=weighed.about)


def worth(thing: ThingRef, title: str, weighed: WeighResult) -> Own:
    """What speaks for a thing, and what does not."""
    good = weighed.good or weighed.about
    return Own(thing=thing, title=title, facts=good[:4], against=weighed.bad[:2])


def design_facts(thing: ThingRef, state: DialogueState, catalogue: Catalogue) -> Own:
    """A drawing has no listing: what was asked of it, and the nearest real item."""
    pack = catalogue.pack
    design = state.design(thing.id)
    facts: list[Fact] = []
    if design is not None:
        facts = [
            Fact(text=say_value(pack, facet, values[0]), source="belief", ref=facet)
            for facet, values in design.facets.items()
            if values
        ]
        if design.nearest is not None:
            item = catalogue.item(design.nearest)
            facts.append(
                Fact(
                    text=f"it is a drawing, and the closest we carry is {item.title}"[:600],
                    source="catalogue",
                    item=item.id,
                )
            )
    return Own(thing=thing, title=title_of(thing, state, catalogue), facts=tuple(facts))


def title_of(thing: ThingRef, state: DialogueState, catalogue: Catalogue) -> str:
    """What a thing is called in a reply."""
    if thing.kind == "item" and catalogue.has(thing.id):
        return catalogue.item(thing.id).title
    place = state.place(thing)
    return f"design {place.position}" if place is not None else "that one"


def say_without(option: Without, state: DialogueState, catalogue: Catalogue) -> str:
    """Such as "Without 'under $50' you would also see A ($54) and 12 more"."""
    some = [_priced(item_id, catalogue) for item_id in option.items]
    rest = option.gained - len(some)
    if rest > 0:
        some.append(f"{rest:,} more")
    whose = " of your profile" if option.origin == "profile" else ""
    return f"Without {wish_said(option, state, catalogue.pack)!r}{whose} you would also see {listed(some)}"


def _own_words(belief: Belief, pack: DomainPack) -> str:
    """What the user said of a value, unless it was misspelt: then the value itself."""
    said = f" {' '.join(belief.evidence.text.casefold().split())} "
    names = spoken_words(pack, belief.facet, belief.value)
    if not belief.known or any(f" {name.casefold()} " in said for name in names):
        return belief.evidence.text
    stems = {content for name in names for content in content_stems(name)}
    if stems & set(content_stems(belief.evidence.text)):
        return belief.evidence.text
    return say_value(pack, belief.facet, belief.value)


def wish_said(option: Without, state: DialogueState, pack: DomainPack) -> str:
    """The user's own words of a wish, where they are known."""
    polarity = "avoid" if option.kind == "avoid" else "want"
    if option.origin == "said":
        for bounds in state.beliefs.ranges:
            if option.kind == "bound" and bounds.facet == option.facet:
                return bounds.evidence.text
        for belief in state.beliefs.facets:
            if (belief.facet, belief.polarity) == (option.facet, polarity):
                return _own_words(belief, pack)
    if option.kind == "bound":
        bounds = next((r for r in state.beliefs.ranges if r.facet == option.facet), None)
        return say_bounds(pack, bounds) if bounds is not None else option.facet
    words = listed([say_value(pack, option.facet, v) for v in option.values], "or")
    return f"no {words}" if option.kind == "avoid" else words


def _priced(item_id: ItemId, catalogue: Catalogue) -> str:
    item, price = catalogue.item(item_id), catalogue.pack.role("price")
    number = item.numbers.get(price.name) if price is not None else None
    return (
        item.title
        if number is None
        else f"{item.title} ({amount(number, catalogue.pack.currency)})"
    )


def _of_facet(
    facet: str, state: DialogueState, leaning: Leaning, pack: DomainPack
) -> tuple[Reason, ...]:
    """What is believed about one facet, from this conversation and from the profile."""
    reasons = believed(state.beliefs, pack, facet)
    reasons += [
        Reason(
            text=f"{'no ' if lean.preference.weight < 0 else ''}"
            f"{say_value(pack, facet, lean.preference.value)}",
            source="profile",
            facet=facet,
            evidence=lean.sentence,
        )
        for lean in leaning.facets
        if lean.preference.facet == facet
    ]
    return tuple(reasons)


def _now(
    thing: ThingRef, state: DialogueState, leaning: Leaning, catalogue: Catalogue
) -> list[Reason]:
    """The reasons that hold now, for a thing of which none were given."""
    if thing.kind == "design":
        design = state.design(thing.id)
        return design_reasons(design, state, catalogue.pack) if design is not None else []
    item = catalogue.item(thing.id)
    settled = {b.facet for b in state.beliefs.facets if b.polarity == "want"}
    return [
        *belief_reasons(item, state.beliefs, catalogue.pack),
        *profile_reasons(item, leaning, settled),
    ]


def _missed(thing: ThingRef, state: DialogueState, catalogue: Catalogue) -> tuple[Fact, ...]:
    """What a thing misses of what is wanted now."""
    if thing.kind != "item" or not catalogue.has(thing.id):
        return ()
    item = catalogue.item(thing.id)
    return tuple(
        Fact(text=reason.text, source="field", item=item.id, ref=reason.facet)
        for reason in item_misses(item, state.beliefs, catalogue.pack)
    )


def _common(lists: Sequence[Sequence[Reason]]) -> tuple[Reason, ...]:
    """Reasons that all of several things have."""
    if len(lists) < 2:
        return ()
    others = [{_key(r) for r in reasons} for reasons in lists[1:]]
    return tuple(r for r in lists[0] if all(_key(r) in keys for keys in others))


def _key(reason: Reason) -> tuple[str, str | None, str | None]:
    return reason.text, reason.facet, reason.evidence

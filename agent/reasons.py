"""Every "because", with its source. Pure functions over beliefs, profile, listing and tool results.

A reason is given only for what was checked: a belief is cited for a thing when the thing's own
catalogue field meets it; a profile sentence when the field carries what the sentence asks for.
"""

from collections.abc import Iterable, Sequence

from vitrine.agent.outcome import Drawing, Leaning, Quote
from vitrine.agent.saying import (
    bare_value,
    label_of,
    say_bounds,
    say_kept,
    say_missed,
    say_number,
    say_value,
)
from vitrine.agent.wording import listed
from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.core.turn import Fact, Reason
from vitrine.memory.state import Belief, Beliefs, Design, DialogueState, RangeBelief
from vitrine.tools.retrieve_items import RankedItem
from vitrine.tools.score_candidates import Cause
from vitrine.tools.weigh_item import rated_words

MOST_REASONS = 6
HIGH_RATING = 4.3


def shortened(text: str, most: int = 160) -> str:
    """The text for quoting, with an ellipsis where it is cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


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
            number = say_number(pack, pack.facet(bounds.facet), item.numbers[bounds.facet])
            met.append(
                Reason(
                    text=f"{number}, {say_kept(pack, bounds)}",
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
    quotes: Sequence[Quote] = (),
    standing: Sequence[Fact] = (),
) -> tuple[Reason, ...]:
    """Why this item is shown. Never empty: at least the measured score is named.

    Args:
        item: the listing.
        ranked: how retrieval came to it.
        state: the beliefs in force.
        leaning: the profile in force.
        pack: names the facets.
        reward: predicted liking, 0..1.
        quotes: sentences of the listing and its reviews that meet free wishes.
        standing: where the item stands among its kind.
    """
    settled = {b.facet for b in state.beliefs.facets if b.polarity == "want"}
    reasons = belief_reasons(item, state.beliefs, pack)
    words = {wish.text: wish.evidence.text for wish in state.beliefs.wishes}
    quoted = {quote.wish for quote in quotes}
    reasons += [_quoted(quote, words.get(quote.wish, quote.wish)) for quote in quotes]
    unwanted = {wish.text for wish in state.beliefs.wishes if wish.polarity == "avoid"}
    for cited in ranked.meets:
        if cited.kind == "wish" and cited.text and cited.text not in quoted:
            reasons.append(
                Reason(
                    text=f"not described as {cited.text!r}"
                    if cited.text in unwanted
                    else f"close to {cited.text!r} by its description",
                    source="wish",
                    evidence=words.get(cited.text, cited.text)[:400],
                )
            )
        elif cited.kind == "like" and cited.text and not any(w in cited.text for w in words):
            reasons.append(
                Reason(
                    text=f"close to {shortened(cited.text)!r} of your profile",
                    source="profile",
                    evidence=cited.text,
                )
            )
    reasons += profile_reasons(item, leaning, settled)
    likeness = ranked.signals.get("likeness")
    if likeness is not None and likeness > 0:
        reasons.append(
            Reason(text=f"close in looks ({likeness:.2f})", source="likeness", value=likeness)
        )
    image = ranked.signals.get("image")
    if image is not None and image > 0:
        reasons.append(
            Reason(text=f"close to your picture ({image:.2f})", source="likeness", value=image)
        )
    rating, told = pack.role("rating"), {r.facet for r in reasons}
    reasons += [
        r
        for r in listing_reasons(item, pack, standing)
        if rating is None or r.facet != rating.name or r.facet not in told
    ]
    if not reasons or all(r.facet == pack.head.name for r in reasons):
        score = reward if reward is not None else ranked.score
        lacking = [b.value for b in state.beliefs.facets if b.polarity == "want" and not b.known]
        words = (
            f"as near as we come to {listed(lacking, 'or')} by words and looks, " if lacking else ""
        )
        reasons.append(Reason(text=f"{words}match {score:.2f}"[:300], source="score", value=score))
    return tuple(reasons[:MOST_REASONS])


def _quoted(quote: Quote, words: str) -> Reason:
    who = "a buyer says" if quote.fact.source == "review" else "its listing says"
    return Reason(
        text=f"for {quote.wish!r} {who} {quote.fact.text}"[:300],
        source="wish",
        evidence=words[:400],
    )


def listing_reasons(item: Item, pack: DomainPack, standing: Sequence[Fact]) -> list[Reason]:
    """What the listing and its standing say for the item, whatever was asked for."""
    reasons: list[Reason] = []
    rating = pack.role("rating")
    stars = item.numbers.get(rating.name) if rating is not None else None
    told = {fact.ref for fact in standing}
    if rating is not None and stars is not None and (stars >= HIGH_RATING or rating.name in told):
        reasons.append(
            Reason(text=rated_words(item, stars), source="field", facet=rating.name, value=stars)
        )
    others = [fact for fact in standing if rating is None or fact.ref != rating.name]
    return [
        *reasons,
        *(Reason(text=fact.text[:300], source="field", facet=fact.ref) for fact in others),
    ]


def item_misses(item: Item, beliefs: Beliefs, pack: DomainPack) -> tuple[Reason, ...]:
    """Hard wishes that the item does not meet, each with the words it came from."""
    missed: list[Reason] = []
    wants: dict[str, list[Belief]] = {}
    for belief in beliefs.facets:
        if belief.strength != "hard" or not belief.known:
            continue
        if belief.polarity == "want":
            wants.setdefault(belief.facet, []).append(belief)
        elif carries(item, belief):
            words = say_value(pack, belief.facet, belief.value)
            missed.append(_believed(f"it is {words}", belief))
    for facet, held in wants.items():
        alike = [b for b in beliefs.facets if b.facet == facet and b.polarity == "want"]
        if any(carries(item, belief) for belief in alike):
            continue
        words = " or ".join(say_value(pack, facet, belief.value) for belief in held)
        own = item.values(facet)
        instead = f" but {', '.join(bare_value(pack, facet, v) for v in own)}" if own else ""
        missed.append(_believed(f"not {words}{instead}"[:300], held[0]))
    for bounds in beliefs.ranges:
        exact = bounds.model_copy(update={"about": None})
        if bounds.strength != "hard" or within(item, exact):
            continue
        number = item.numbers.get(bounds.facet)
        text = (
            f"no {label_of(pack, bounds.facet)} is stated"
            if number is None
            else say_missed(pack, bounds, number)
        )
        missed.append(
            Reason(
                text=text, source="belief", facet=bounds.facet, evidence=bounds.evidence.text,
                value=number,
            )
        )  # fmt: skip
    return tuple(missed)


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
    tags = {tag: name for name in drawing.filled for tag in drawing.facets[name]}
    for tag in interests:
        if tag in tags and not any(tag in reason.text for reason in reasons):
            text = f"{say_value(pack, tags[tag], tag)}, as you often choose"
            reasons.append(Reason(text=text, source="tag", evidence=tag))
    words = f"match {drawing.score:.2f}{_because(drawing.cause, pack)}"
    score = Reason(text=words[:300], source="score", value=drawing.score)
    return (*reasons[: MOST_REASONS - 1], score)


def _because(cause: Cause | None, pack: DomainPack) -> str:
    """What of a person's taste raised a score most, as the reward model attributes it.

    The words of the request may have raised it more: nothing is claimed of the whole.
    """
    if cause is None:
        return ""
    counts = "something you liked before"
    if cause.facet is not None and cause.value is not None:
        value = say_value(pack, cause.facet, cause.value)
        counts = value if cause.wanted else f"that it is not {value}"
    return f"; of your taste, {counts} counts most"


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

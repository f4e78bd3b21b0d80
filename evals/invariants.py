"""What must hold after every turn, whatever was said. Each rule yields what breaks it, in words."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vitrine.core.acts import Evidence, Judge, Understanding
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Product, Reason, Turn
from vitrine.memory.state import Belief, DialogueState, RangeBelief

MAX_REPLY_CHARS = 20_000
_DISCLOSES = frozenset({"relaxed", "not_met", "not_carried"})
_ASKS = frozenset({"request_information", "clarify", "ask_opinion", "ensure_fulfillment"})
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Violation(Frozen):
    """A rule and how it was broken."""

    rule: str
    detail: str


@dataclass(frozen=True)
class Moment:
    """One finished turn and what it came from. `said` are the texts of turns 1 to this one."""

    turn: Turn
    before: DialogueState
    after: DialogueState
    meaning: Understanding | None
    said: Sequence[str]
    catalogue: Catalogue


Rule = Callable[[Moment], Iterator[str]]


def violations(moment: Moment) -> tuple[Violation, ...]:
    """Every broken rule of the turn."""
    return tuple(
        Violation(rule=name, detail=detail[:400])
        for name, rule in RULES.items()
        for detail in rule(moment)
    )


def _valid(moment: Moment) -> Iterator[str]:
    """State and turn survive JSON, and numbers go on by one."""
    if DialogueState.model_validate_json(moment.after.model_dump_json()) != moment.after:
        yield "the state changes when it is written and read"
    if Turn.model_validate_json(moment.turn.model_dump_json()) != moment.turn:
        yield "the turn changes when it is written and read"
    if moment.after.turn != moment.before.turn + 1 or moment.turn.turn != moment.after.turn:
        yield f"turn {moment.before.turn} is followed by turn {moment.after.turn}"


def _evidence(moment: Moment) -> Iterator[str]:
    """Evidence is a substring of what the user said in its turn."""
    meant = [op.evidence for op in moment.meaning.ops] if moment.meaning is not None else []
    for evidence in (*meant, *_held(moment.after)):
        if evidence.source != "said":
            continue
        if not 1 <= evidence.turn <= len(moment.said):
            yield f"evidence {evidence.text!r} names turn {evidence.turn}"
        elif not evidence.text or evidence.text not in moment.said[evidence.turn - 1]:
            yield f"evidence {evidence.text!r} was not said in turn {evidence.turn}"
    for evidence in meant:
        if evidence.turn != moment.turn.turn:
            yield f"a new operation cites turn {evidence.turn}"


def _held(state: DialogueState) -> Iterator[Evidence]:
    beliefs = state.beliefs
    for held in (*beliefs.facets, *beliefs.ranges, *beliefs.wishes, *beliefs.context):
        yield held.evidence
    for verdict in state.verdicts:
        yield verdict.evidence


def _hard(moment: Moment) -> Iterator[str]:
    """Nothing shown breaks a hard belief, unless a notice says so of that facet."""
    told = {n.facet for n in moment.turn.notices if n.kind in _DISCLOSES}
    for product in moment.turn.products:
        item = moment.catalogue.item(product.id)
        for facet, what in broken_beliefs(moment.after, item, moment.catalogue):
            if facet not in told:
                yield f"{item.id} is shown though {what}"


def broken_beliefs(
    state: DialogueState, item: Item, catalogue: Catalogue
) -> Iterator[tuple[str, str]]:
    """The hard beliefs that an item breaks: facet, and the breach in words."""
    groups: dict[tuple[str, str], list[Belief]] = {}
    for belief in state.beliefs.facets:
        groups.setdefault((belief.facet, belief.polarity), []).append(belief)
    for (facet, polarity), beliefs in groups.items():
        if all(belief.strength == "soft" for belief in beliefs):
            continue
        has = _carried(item, facet, catalogue)
        values = [belief.value for belief in beliefs]
        if polarity == "avoid" and has & set(values):
            yield facet, f"{facet} {sorted(has & set(values))} is avoided"
        known = [value for value in values if value in _sold(facet, catalogue)]
        if polarity == "want" and known and not has & set(known):
            yield facet, f"{facet} must be {' or '.join(known)}"
    for bounds in state.beliefs.ranges:
        if bounds.strength == "hard" and not _within(item, bounds):
            number = item.numbers.get(bounds.facet)
            yield bounds.facet, f"{bounds.facet} {number} is not in {bounds.min}..{bounds.max}"


def _carried(item: Item, facet: str, catalogue: Catalogue) -> set[str]:
    known = catalogue.pack.facet(facet)
    if known is not None and known.kind == "stock":
        return {size for size, pieces in item.stock.items() if pieces > 0}
    return set(item.values(facet))


def _sold(facet: str, catalogue: Catalogue) -> set[str]:
    known = catalogue.pack.facet(facet)
    if known is not None and known.kind == "stock":
        return {value.name for value in known.values}
    return set(catalogue.values(facet))


def _within(item: Item, bounds: RangeBelief) -> bool:
    if bounds.min is None and bounds.max is None:
        return True
    number = item.numbers.get(bounds.facet)
    if number is None:
        return False
    return (bounds.min is None or number >= bounds.min) and (
        bounds.max is None or number <= bounds.max
    )


def _rejected(moment: Moment) -> Iterator[str]:
    """What was rejected, or is owned already, is not shown again, unless the message points at it."""
    asked = {t.id for t in moment.meaning.references} if moment.meaning is not None else set[str]()
    out = {
        verdict.thing.id: verdict.verdict
        for verdict in moment.after.verdicts
        if verdict.verdict in ("reject", "been_to")
    }
    for product in moment.turn.products:
        if product.id in out and product.id not in asked:
            yield f"{product.id} is shown after {out[product.id]!r}"


def _page(moment: Moment) -> Iterator[str]:
    """Places are 1 to n, each item stands once and as the catalogue has it."""
    turn = moment.turn
    places = [shown.position for shown in (*turn.products, *turn.images)]
    if places != list(range(1, len(places) + 1)):
        yield f"places are {places}"
    ids = [shown.id for shown in (*turn.products, *turn.images)]
    if len(set(ids)) < len(ids):
        yield f"shown twice in one turn: {sorted({i for i in ids if ids.count(i) > 1})}"
    for product in turn.products:
        yield from _as_listed(product, moment.catalogue)
    last = moment.after.shown[-1] if moment.after.shown else None
    shown = [thing.id for thing in last.things] if last and last.turn == turn.turn else []
    if shown != ids:
        yield f"the state says that {shown} was shown, the turn says {ids}"


def _as_listed(product: Product, catalogue: Catalogue) -> Iterator[str]:
    if not catalogue.has(product.id):
        yield f"{product.id} is not sold"
        return
    item = catalogue.item(product.id)
    price = catalogue.pack.role("price")
    listed = item.numbers.get(price.name) if price is not None else None
    if (product.title, product.price, product.facets) != (item.title, listed, item.facets):
        yield f"{product.id} is not shown as it is listed"


def _questions(moment: Moment) -> Iterator[str]:
    """At most one question a turn, and none of our own twice."""
    asked = [act for act in moment.turn.acts if act in _ASKS]
    if len(asked) > 1:
        yield f"several questions in one turn: {asked}"
    texts = moment.after.asked
    if len(set(texts)) < len(texts):
        yield f"a question was asked twice: {texts}"


def _reasons(moment: Moment) -> Iterator[str]:
    """A belief's reason quotes the user, a profile's reason quotes the profile."""
    turn = moment.turn
    reasons: list[Reason] = list(turn.reasons)
    for shown in (*turn.products, *turn.images):
        reasons += shown.reasons
    for reason in reasons:
        if reason.evidence is None:
            continue
        if reason.source == "belief" and not any(reason.evidence in text for text in moment.said):
            yield f"a reason quotes {reason.evidence!r}, which nobody said"
        if reason.source == "profile" and reason.evidence not in turn.profile:
            yield f"a reason quotes {reason.evidence!r}, which the profile does not say"


def _coherent(moment: Moment) -> Iterator[str]:
    """Beliefs do not contradict each other, verdicts and focus are about things that were shown."""
    state = moment.after
    sides: dict[tuple[str, str], set[str]] = {}
    for belief in state.beliefs.facets:
        sides.setdefault((belief.facet, belief.value), set()).add(belief.polarity)
    for (facet, value), polarities in sides.items():
        if len(polarities) > 1:
            yield f"{facet} {value!r} is wanted and avoided"
    for bounds in state.beliefs.ranges:
        if bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
            yield f"{bounds.facet} is bounded by {bounds.min} and {bounds.max}"
    known: set[ThingRef] = {thing for shown in state.shown for thing in shown.things}
    judged = [verdict.thing for verdict in state.verdicts]
    if len(set(judged)) < len(judged):
        yield "a thing has two verdicts"
    for thing in (*judged, *([state.focus] if state.focus is not None else [])):
        if thing not in known:
            yield f"{thing.id} is judged or in focus and was never shown"
    for op in moment.meaning.ops if moment.meaning is not None else ():
        if isinstance(op, Judge) and not op.things:
            yield f"a verdict about nothing ({op.evidence.text!r})"


def _reply(moment: Moment) -> Iterator[str]:
    """There is an answer, it can be printed, and nothing is recommended silently."""
    turn = moment.turn
    if not turn.reply.strip():
        yield "the reply is empty"
    if len(turn.reply) > MAX_REPLY_CHARS:
        yield f"the reply has {len(turn.reply)} characters"
    if _STEERS.search(turn.reply):
        yield "the reply has control characters"
    if not turn.acts or not turn.intents:
        yield f"intents {turn.intents}, acts {turn.acts}"
    recommends = {"recommend_show", "recommend_explore"} & set(turn.acts)
    if recommends and not turn.products and not turn.notices and not turn.answers:
        yield "recommends nothing and does not say why"


RULES: dict[str, Rule] = {
    "valid": _valid,
    "evidence": _evidence,
    "hard": _hard,
    "rejected": _rejected,
    "page": _page,
    "questions": _questions,
    "reasons": _reasons,
    "coherent": _coherent,
    "reply": _reply,
}
"""All rules by name."""

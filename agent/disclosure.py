"""What the reply must disclose: missing values, wishes that were set aside or missed, clashes."""

from collections.abc import Sequence

from vitrine.agent.outcome import Answers, Found, Imagined, Updated
from vitrine.agent.reasons import carries, within
from vitrine.agent.saying import say_bounds, say_number, say_value
from vitrine.agent.wording import listed
from vitrine.core.domain import DomainPack
from vitrine.core.ports import Catalogue
from vitrine.core.turn import DesignView, Notice, Product
from vitrine.memory.state import DialogueState, RangeBelief
from vitrine.tools.conditions import SetAside

SET_ASIDE = "Nothing fits all of that; the nearest miss "
"""How the notice of a relaxed condition begins; several are told in one sentence."""
NOTHING_AT = "Nothing here is "
"""The same where only a number stands in the way: what there is instead is the answer."""
NO_MORE = "That was all that fits everything; the nearest others miss "
"""The same where all that fits was shown or turned down."""


def notices_of(
    state: DialogueState,
    updated: Updated,
    found: Found | None,
    answers: Answers | None,
    imagined: Imagined | None,
    products: Sequence[Product],
    designs: Sequence[DesignView],
    catalogue: Catalogue,
) -> tuple[Notice, ...]:
    """Notices in the order in which the reply tells them, each facet and value once a kind."""
    pack = catalogue.pack
    notices = list(updated.notices)
    if found is not None or imagined is not None:
        notices += _not_carried(state, pack, designs)
    if found is not None:
        begins = NO_MORE if found.exhausted else SET_ASIDE
        if len(found.relaxed) == 1 and found.relaxed[0].kind == "bound" and not found.exhausted:
            begins = NOTHING_AT
        notices += [_relaxed(aside, state, products, pack, begins) for aside in found.relaxed]
        notices += _missed(state, products, found, answers, catalogue)
        if not products and found.failed is None:
            more = " more" if found.exhausted else ""
            text = f"I have no{more} {pack.nouns} that fit this."
            notices.append(Notice(kind="not_met", text=text))
    if answers is not None:
        notices += [_relaxed(aside, state, products, pack, SET_ASIDE) for aside in answers.relaxed]
    if imagined is not None:
        notices += imagined.notices
    return tuple({(n.kind, n.facet, n.value): n for n in notices}.values())


def _not_carried(
    state: DialogueState, pack: DomainPack, designs: Sequence[DesignView]
) -> list[Notice]:
    notices: list[Notice] = []
    for belief in state.beliefs.facets:
        if belief.known or belief.polarity != "want":
            continue
        what = "I cannot draw it exactly" if designs else "these come closest"
        notices.append(
            Notice(
                kind="not_carried",
                text=f"We do not carry {say_value(pack, belief.facet, belief.value)}; {what}."[
                    :300
                ],
                facet=belief.facet,
                value=belief.value,
            )
        )
    return notices


def merged(notices: Sequence[Notice]) -> str:
    """All notices; those that say the same of several wishes are told in one sentence."""
    lacking = [n.value for n in notices if n.kind == "not_carried" and n.value]
    told: list[str] = []
    if len(lacking) > 1:
        told.append(f"We do not carry {listed(lacking, 'or')}; these come closest.")
    elif lacking:
        told.append(next(n.text for n in notices if n.kind == "not_carried"))
    alike: dict[str, list[str]] = {}
    for notice in notices:
        if notice.kind == "not_carried":
            continue
        begins = next((b for b in (SET_ASIDE, NO_MORE) if notice.text.startswith(b)), "")
        if not begins and notice.kind == "relaxed" and ": " in notice.text:
            begins = notice.text[: notice.text.index(": ") + 2]
        rest = notice.text.removeprefix(begins)
        alike.setdefault(begins, []).append(rest.rstrip(".") if begins else rest)
    for begins, rests in alike.items():
        last = "or" if begins in (SET_ASIDE, NO_MORE) else "and"
        told.append(f"{begins}{listed(rests, last)}." if begins else " ".join(rests))
    return " ".join(told)


def _relaxed(
    aside: SetAside,
    state: DialogueState,
    products: Sequence[Product],
    pack: DomainPack,
    begins: str,
) -> Notice:
    """A hard condition that nothing met with the others; of a number, how near one comes to it."""
    values = " or ".join(say_value(pack, aside.facet, value) for value in aside.values)
    near = ""
    match aside.kind:
        case "bound":
            bounds = next((r for r in state.beliefs.ranges if r.facet == aside.facet), None)
            what = say_bounds(pack, bounds) if bounds is not None else aside.facet
            near = _nearest(aside.facet, bounds, products, pack)
        case "avoid":
            what = f"no {values}"
        case "stock":
            what = f"in stock in {values}"
        case "want":
            what = values
    whose = " of your profile" if aside.origin == "profile" else ""
    what = what if begins == NOTHING_AT else repr(what)
    return Notice(
        kind="relaxed",
        text=f"{begins}{what}{whose}{near}."[:300],
        facet=aside.facet,
        value=aside.values[0] if aside.values else None,
    )


def _nearest(
    facet: str, bounds: RangeBelief | None, products: Sequence[Product], pack: DomainPack
) -> str:
    """The number that comes closest to bounds that nothing keeps."""
    numbers = [p.numbers[facet] for p in products if facet in p.numbers]
    if not numbers or bounds is None:
        return ""
    low, high = bounds.min, bounds.max

    def gap(number: float) -> float:
        return max(0.0 if low is None else low - number, 0.0 if high is None else number - high, 0)

    best = min(numbers, key=gap)
    if gap(best) <= 0:
        return ""
    return f" (the closest is {say_number(pack, pack.facet(facet), best)})"


def _not_near(bounds: RangeBelief, products: Sequence[Product], pack: DomainPack) -> Notice:
    """That nothing shown comes near the number that was named, and what comes nearest."""
    numbers = [p.numbers[bounds.facet] for p in products if bounds.facet in p.numbers]
    centre = bounds.about or 0.0
    near = ""
    if numbers:
        best = min(numbers, key=lambda number: abs(number - centre))
        near = f"; the closest of them is {say_number(pack, pack.facet(bounds.facet), best)}"
    text = f"None of these is {say_bounds(pack, bounds)}{near}."
    return Notice(kind="not_met", text=text[:300], facet=bounds.facet)


def _missed(
    state: DialogueState,
    products: Sequence[Product],
    found: Found,
    answers: Answers | None,
    catalogue: Catalogue,
) -> list[Notice]:
    """Wishes that no shown item meets, though they were ranked for."""
    if not products:
        return []
    pack = catalogue.pack
    items = [catalogue.item(product.id) for product in products]
    told = (*found.relaxed, *(answers.relaxed if answers is not None else ()))
    aside = {(a.facet, v) for a in told for v in (a.values or ("",))}
    notices: list[Notice] = []
    wanted: dict[str, list[str]] = {}
    for belief in state.beliefs.facets:
        if belief.polarity == "want" and belief.known:
            wanted.setdefault(belief.facet, []).append(belief.value)
    for belief in state.beliefs.facets:
        values = wanted.get(belief.facet, [])
        if belief.polarity != "want" or not belief.known or belief.value != values[0]:
            continue
        if (belief.facet, belief.value) in aside:
            continue
        same = [b for b in state.beliefs.facets if b.facet == belief.facet and b.polarity == "want"]
        if not any(carries(item, b) for item in items for b in same):
            what = say_value(pack, belief.facet, " or ".join(values))
            notices.append(
                Notice(
                    kind="not_met",
                    text=f"None of these is {what!r}."[:300],
                    facet=belief.facet,
                    value=belief.value,
                )
            )
    for bounds in state.beliefs.ranges:
        exact = bounds.model_copy(update={"about": None})
        if bounds.about is not None and not any(within(item, bounds) for item in items):
            notices.append(_not_near(bounds, products, pack))
            continue
        if (bounds.facet, "") not in aside and not any(within(item, exact) for item in items):
            notices.append(
                Notice(
                    kind="not_met",
                    text=f"None of these keeps to {say_bounds(pack, bounds)}."[:300],
                    facet=bounds.facet,
                )
            )
    return notices

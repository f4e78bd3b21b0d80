"""What the reply must disclose: missing values, wishes that were set aside or missed, clashes."""

from collections.abc import Sequence

from vitrine.agent.outcome import Answers, Found, Imagined, Updated
from vitrine.agent.reasons import carries, say_bounds, say_value, within
from vitrine.core.domain import DomainPack
from vitrine.core.ports import Catalogue
from vitrine.core.turn import DesignView, Notice, Product
from vitrine.memory.state import DialogueState
from vitrine.tools.conditions import SetAside

SET_ASIDE = "Nothing fits everything, so I set aside"
"""How the notice of a relaxed condition begins; several are told in one sentence."""


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
        notices += [_relaxed(aside, state, pack) for aside in found.relaxed]
        notices += _missed(state, products, found, catalogue)
    if answers is not None and found is None:
        notices += [_relaxed(aside, state, pack) for aside in answers.relaxed]
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


def _relaxed(aside: SetAside, state: DialogueState, pack: DomainPack) -> Notice:
    """A hard condition that nothing met, with the other conditions."""
    values = " or ".join(say_value(pack, aside.facet, value) for value in aside.values)
    match aside.kind:
        case "bound":
            bounds = next((r for r in state.beliefs.ranges if r.facet == aside.facet), None)
            what = say_bounds(pack, bounds) if bounds is not None else aside.facet
        case "avoid":
            what = f"no {values}"
        case "stock":
            what = f"in stock in {values}"
        case "want":
            what = values
    whose = " from your profile" if aside.origin == "profile" else ""
    return Notice(
        kind="relaxed",
        text=f"{SET_ASIDE} {what!r}{whose}."[:300],
        facet=aside.facet,
        value=aside.values[0] if aside.values else None,
    )


def _missed(
    state: DialogueState, products: Sequence[Product], found: Found, catalogue: Catalogue
) -> list[Notice]:
    """Wishes that no shown item meets, though they were ranked for."""
    if not products:
        return []
    pack = catalogue.pack
    items = [catalogue.item(product.id) for product in products]
    aside = {(a.facet, v) for a in found.relaxed for v in (a.values or ("",))}
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
        if (bounds.facet, "") not in aside and not any(within(item, exact) for item in items):
            notices.append(
                Notice(
                    kind="not_met",
                    text=f"None of these keeps to {say_bounds(pack, bounds)}."[:300],
                    facet=bounds.facet,
                )
            )
    return notices

"""The reasons of one thing as the end of a sentence: "It is teal and dotted in white, as you asked"."""

from collections.abc import Sequence

from vitrine.agent.saying import label_of
from vitrine.agent.wording import listed
from vitrine.core.domain import DomainPack
from vitrine.core.money import amount
from vitrine.core.turn import Reason

_ORDER = ("belief", "wish", "likeness", "profile", "tag", "review", "field", "score")
"""Which sources of reasons are told first, after what was asked for."""


def named(title: str, price: float | None, currency: str) -> str:
    """`Title ($79)`."""
    return f"{title} ({amount(price, currency)})" if price is not None else title


def because(reasons: Sequence[Reason], pack: DomainPack, most: int = 4) -> str:
    """The first reasons that say more about the thing than its title does.

    What was asked for is said as such, once: "teal and dotted in white, as you asked". What no
    picture shows is said to be listed.
    """
    telling = [
        r
        for r in reasons
        if r.source != "score" and r.facet != pack.head.name and "“" not in r.text
    ]
    asked = [r for r in telling if r.source == "belief" and r.value is None]
    wanted = [r for r in asked if not r.text.startswith("not ")][:most]
    others = [r for r in telling if r not in asked]
    others.sort(key=lambda r: _ORDER.index(r.source))
    seen = [r for r in wanted if _shows(r, pack)]
    stated = [r for r in wanted if not _shows(r, pack)]
    claims = _joined(seen, pack)
    situations = [r for r in stated if _asked_for(r, pack)]
    if situations:
        values = [r.text.removeprefix(label_of(pack, r.facet or "")).strip() for r in situations]
        claims.append(f"listed under {listed(values)}")
    claims += [f"of the {r.text}" for r in stated if r not in situations]
    parts = [f"{listed(claims)}, as you asked"] if claims else []
    told = [_unpriced(r, pack) for r in others[: max(2, most - len(wanted))]]
    return "; ".join([*parts, *told])


def _unpriced(reason: Reason, pack: DomainPack) -> str:
    """A reason about the price without the price itself, which stands beside the name."""
    price = pack.role("price")
    if reason.source != "belief" or price is None or reason.facet != price.name:
        return reason.text
    number, comma, rest = reason.text.partition(", ")
    return rest if comma and any(c.isdigit() for c in number) else reason.text


def _shows(reason: Reason, pack: DomainPack) -> bool:
    """Whether a reason is about something to be seen, or a size in stock."""
    facet = pack.facet(reason.facet or "")
    return facet is None or facet.visible or facet.kind != "categorical" or facet.of is not None


def _asked_for(reason: Reason, pack: DomainPack) -> bool:
    """Whether a reason is about a situation that one may be asked for, and no name."""
    facet = pack.facet(reason.facet or "")
    return facet is not None and bool(facet.asks)


def _joined(reasons: Sequence[Reason], pack: DomainPack) -> list[str]:
    """Texts of reasons, where a facet that describes another joins it: "dotted in white"."""
    texts = {reason.facet: reason.text for reason in reasons}
    for reason in reasons:
        facet = pack.facet(reason.facet or "")
        if facet is not None and facet.of in texts:
            value = reason.text.removeprefix(facet.label or facet.name).strip()
            texts[facet.of] = f"{texts[facet.of]} in {value}"
            del texts[reason.facet]
    return list(texts.values())

"""The dials of designs: what a shopper may turn in chat, on the page or through the API."""

from typing import Literal

from pydantic import Field

from vitrine.core.frozen import Frozen

Method = Literal["ip_adapter", "three_branch", "perfusion", "both"]
"""What draws: the words and the chosen embedding alone (IP-Adapter); with a third branch that attends
to the person's interests (I-AM-G); with PerFusion's personal network; with all of it."""

DialName = Literal["method", "text_scale", "interest_scale", "personal_guidance"]

BRANCHED: frozenset[Method] = frozenset({"three_branch", "both"})
PERSONAL: frozenset[Method] = frozenset({"perfusion", "both"})


class DesignDials(Frozen):
    """How the designs of one conversation are drawn.

    `text_scale` is I-AM-G's lambda1 (1: as trained), `interest_scale` its lambda2, which counts with a
    third branch; `personal_guidance` is PerFusion's w_u, which counts with the personal network.
    """

    method: Method = "ip_adapter"
    text_scale: float = Field(default=1.0, ge=0, le=2)
    interest_scale: float = Field(default=0.2, ge=0, le=1)
    personal_guidance: float = Field(default=8.0, ge=0, le=20)


DIAL_STEPS: dict[DialName, float] = {
    "text_scale": 0.25,
    "interest_scale": 0.1,
    "personal_guidance": 2.0,
}
"""How far "more" and "less" turn a dial."""


def turned(dials: DesignDials, dial: DialName, value: float | Method) -> DesignDials:
    """The dials with one of them set; a number beyond its end stops there."""
    if isinstance(value, str):
        return dials.model_copy(update={"method": value})
    low, high = dial_ends(dial)
    return dials.model_copy(update={dial: round(min(max(value, low), high), 4)})


def stepped(dials: DesignDials, dial: DialName, steps: int) -> DesignDials:
    """The dials with one of them turned up (+) or down (-) by `steps` steps."""
    return turned(dials, dial, getattr(dials, dial) + steps * DIAL_STEPS[dial])


def audible(dials: DesignDials, dial: DialName) -> DesignDials:
    """The dials with a method that uses the dial: turning up what is off would change nothing."""
    if dial == "method":
        return dials
    branched = dials.method in BRANCHED or dial != "personal_guidance"
    personal = dials.method in PERSONAL or dial == "personal_guidance"
    method: Method = "both" if branched and personal else "three_branch"
    if not branched:
        method = "perfusion"
    return dials.model_copy(update={"method": method})


def dial_ends(dial: DialName) -> tuple[float, float]:
    """The lowest and the highest position of a dial that is a number."""
    ends = {
        name: getattr(rule, name)
        for rule in DesignDials.model_fields[dial].metadata
        for name in ("ge", "le")
        if hasattr(rule, name)
    }
    return float(ends["ge"]), float(ends["le"])

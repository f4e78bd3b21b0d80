"""Values and bounds in words, as replies and reasons say them. Pure functions over the pack."""

from vitrine.core.domain import DomainPack, Facet
from vitrine.core.money import amount
from vitrine.core.prompts import spoken
from vitrine.memory.state import RangeBelief


def label_of(pack: DomainPack, name: str) -> str:
    """The facet's label, else its name."""
    facet = pack.facet(name)
    return (facet.label or facet.name) if facet is not None else name


def say_value(pack: DomainPack, name: str, value: str) -> str:
    """A facet value in a sentence: as a picture prompt says it where it shows, else labelled."""
    facet = pack.facet(name)
    if facet is None or facet.role == "head":
        return value
    if facet.visible and facet.of is None:
        return spoken(pack, name, value)
    return f"{facet.label or facet.name} {value}"


def bare_value(pack: DomainPack, name: str, value: str) -> str:
    """The value without its label."""
    facet = pack.facet(name)
    return spoken(pack, name, value) if facet is not None and facet.visible else value


def say_bounds(pack: DomainPack, bounds: RangeBelief) -> str:
    """Bounds in words, with the facet's unit."""
    facet = pack.facet(bounds.facet)
    low, high, about = (
        None if number is None else say_number(pack, facet, number)
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


def say_kept(pack: DomainPack, bounds: RangeBelief) -> str:
    """How a number keeps its bounds, in words."""
    facet = pack.facet(bounds.facet)
    if bounds.min is not None and bounds.max is not None:
        low, high = say_number(pack, facet, bounds.min), say_number(pack, facet, bounds.max)
        return f"between your {low} and {high}"
    if bounds.max is not None:
        limit = say_number(pack, facet, bounds.max)
        told = any(c.isdigit() for c in bounds.evidence.text)
        return f"within your {limit}" if told else f"at most {limit}"
    if bounds.min is not None:
        return f"at least your {say_number(pack, facet, bounds.min)}"
    return f"near your {say_number(pack, facet, bounds.about or 0.0)}"


def say_missed(pack: DomainPack, bounds: RangeBelief, number: float) -> str:
    """How far a number lies outside of its bounds, in words."""
    facet = pack.facet(bounds.facet)
    if bounds.max is not None and number > bounds.max:
        over = say_number(pack, facet, round(number - bounds.max, 2))
        return f"{over} over your {say_number(pack, facet, bounds.max)}"
    edge = bounds.min if bounds.min is not None else (bounds.about or 0.0)
    under = say_number(pack, facet, round(abs(edge - number), 2))
    return f"{under} {'below' if number < edge else 'above'} your {say_number(pack, facet, edge)}"


def say_number(pack: DomainPack, facet: Facet | None, number: float) -> str:
    """A number of the facet: prices with their sign, others with their unit."""
    if facet is not None and facet.role == "price":
        return amount(number, pack.currency)
    unit = f" {facet.unit}" if facet is not None and facet.unit else ""
    return f"{number:g}{unit}"


def spoken_words(pack: DomainPack, name: str, value: str) -> tuple[str, ...]:
    """All that people call a value: its name, its words, and how a picture prompt says it."""
    facet = pack.facet(name)
    if facet is not None and facet.values_from is not None:
        facet = pack.facet(facet.values_from)
    found = facet.value(value) if facet is not None else None
    own = () if found is None else (*found.words, *((found.prompt,) if found.prompt else ()))
    return tuple(dict.fromkeys((value, *own)))

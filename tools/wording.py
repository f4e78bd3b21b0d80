"""How facts are put into words: numbers with their unit, sentences cut from prose."""

import re
from collections.abc import Iterable

from vitrine.core.domain import DomainPack, Facet
from vitrine.core.items import Item
from vitrine.core.money import amount

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def number_words(pack: DomainPack, facet: Facet, number: float) -> str:
    """The number with its unit: prices as `$79.50`, others as `4.5 stars`."""
    if facet.role == "price":
        return amount(round(number, 2), facet.unit or pack.currency)
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return f"{text} {facet.unit}" if facet.unit else text


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, stripped, in order."""
    return tuple(found for part in _SENTENCE_END.split(text) if (found := part.strip()))


def stock_words(item: Item, pack: DomainPack) -> str:
    """Which sizes are left and which are sold out, in the pack's order."""
    sizes = sizes_in_order(item.stock, pack)
    left = [size for size in sizes if item.stock[size] > 0]
    gone = [size for size in sizes if item.stock[size] == 0]
    parts: list[str] = []
    if left:
        parts.append(f"in stock in {', '.join(left)}")
    if gone:
        parts.append(f"sold out in {', '.join(gone)}")
    return "; ".join(parts)


def sizes_in_order(sizes: Iterable[str], pack: DomainPack) -> tuple[str, ...]:
    """Sizes as the pack orders them; those it does not list keep their order after the others."""
    facet = pack.role("size")
    places = {} if facet is None else {v.name: at for at, v in enumerate(facet.values)}
    return tuple(sorted(sizes, key=lambda size: places.get(size, len(places))))


def counted(number: int, pack: DomainPack) -> str:
    """`1 piece`, `2,000 pieces`."""
    return f"{number:,} {pack.noun if number == 1 else pack.nouns}"

"""What fields and stock say of things that were asked about, a fact a thing."""

import re
from collections.abc import Sequence

from vitrine.core.acts import Question
from vitrine.core.domain import DomainPack, Facet
from vitrine.core.items import Item
from vitrine.core.prompts import spoken
from vitrine.core.turn import Fact
from vitrine.tools.wording import number_words, sizes_in_order, stock_words

_MAX_FACT = 600
_YES_OR_NO = re.compile(r"^\W*((and|so|but|ok|okay)\W+)*(is|are|do|does|have|has|can|any)\b", re.I)
_OTHERS = re.compile(r"\b(other|others|else|different|another)\b", re.I)
"""Whether a thing comes in another value than the one that its listing states."""
_AVERAGE = re.compile(r"\b(average|mean|typical|on average)\b", re.I)
_SPAN = re.compile(r"\b(range|ranges|between|from .* to)\b", re.I)


def facts_of(
    pack: DomainPack, items: Sequence[Item], facet: Facet, question: Question
) -> list[Fact]:
    """The field of every item that states it; of one item without its name, it is known.

    Where a value is asked about, each fact begins with yes or no.
    """
    if facet.kind == "numeric" and len(items) > 1:
        if question.bounded == facet.name:
            return _within(pack, items, facet, question)
        summed = _summary(pack, items, facet, question.text)
        if summed is not None:
            return [summed]
    several = len(items) > 1
    facts: list[Fact] = []
    for item in items:
        match facet.kind:
            case "stock":
                text = _stock(pack, item, facet, question, several=several)
            case "numeric":
                number = item.numbers.get(facet.name)
                text = "" if number is None else f"{_label(facet)} {_said(pack, facet, number)}"
            case "categorical":
                text = _values(pack, item, facet, question, several=several)
        if text:
            text = f"{item.title}: {text}" if several else text
            source = "stock" if facet.kind == "stock" else "field"
            facts.append(Fact(text=text[:_MAX_FACT], source=source, item=item.id, ref=facet.name))
    return facts


def _within(
    pack: DomainPack, items: Sequence[Item], facet: Facet, question: Question
) -> list[Fact]:
    """Which of several things keep to the bound that is asked about."""
    known = [item for item in items if facet.name in item.numbers]
    if not known:
        return []
    low, high = question.min, question.max
    inside = [
        item
        for item in known
        if (low is None or item.numbers[facet.name] >= low)
        and (high is None or item.numbers[facet.name] <= high)
    ]
    edges = [f"from {_said(pack, facet, low)}"] if low is not None else []
    edges += [f"up to {_said(pack, facet, high)}"] if high is not None else []
    text = f"{len(inside) or 'none'} of these {len(items)}: {_label(facet)} {' '.join(edges)}"
    facts = [Fact(text=text, source="catalogue", ref=facet.name)]
    facts += [
        Fact(
            text=f"{item.title}: {_label(facet)} {_said(pack, facet, item.numbers[facet.name])}"[
                :_MAX_FACT
            ],
            source="field",
            item=item.id,
            ref=facet.name,
        )
        for item in (*inside, *(i for i in known if i not in inside))
    ]
    return facts


def _label(facet: Facet) -> str:
    return facet.label or facet.name


def _said(pack: DomainPack, facet: Facet, number: float) -> str:
    return number_words(pack, facet, number)


def _summary(pack: DomainPack, items: Sequence[Item], facet: Facet, asked: str) -> Fact | None:
    """The mean or the span of a number over several things, where that is asked."""
    numbers = [item.numbers[facet.name] for item in items if facet.name in item.numbers]
    if not numbers:
        return None
    if _AVERAGE.search(asked):
        mean = sum(numbers) / len(numbers)
        text = f"{_label(facet)} {_said(pack, facet, mean)} on average of these {len(numbers)}"
    elif _SPAN.search(asked):
        low, high = _said(pack, facet, min(numbers)), _said(pack, facet, max(numbers))
        text = f"{_label(facet)} {low} to {high} for these {len(numbers)}"
    else:
        return None
    return Fact(text=text, source="catalogue", ref=facet.name)


def _values(
    pack: DomainPack, item: Item, facet: Facet, question: Question, *, several: bool
) -> str:
    """The values of a field; of several things whether each is of the asked value."""
    values = item.values(facet.name)
    if not values:
        return ""
    text = f"{_label(facet)} {', '.join(values)}"
    if question.value is None:
        return f"{text}, and no other" if _OTHERS.search(question.text) else text
    if not several:
        return f"{'yes' if question.value in values else 'no'}, {text}"
    said = spoken(pack, facet.name, question.value)
    if not facet.visible and facet.role != "head":
        said = f"listed under {said}" if facet.asks else f"{_label(facet)} {said}"
    if question.value not in values:
        return f"no, not {said} ({text})"
    return f"yes, {said} ({text})" if len(values) > 1 else f"yes, {said}"


def _stock(pack: DomainPack, item: Item, facet: Facet, question: Question, *, several: bool) -> str:
    """What is known of the stock (of one size); empty where nothing is."""
    size = question.value
    if not item.stock:
        return ""
    if size is None:
        text = stock_words(item, pack)
        if several or _YES_OR_NO.match(question.text) is None:
            return text
        return f"{'yes' if any(item.stock.values()) else 'no'}, {text}"
    label = _label(facet)
    left = [s for s in sizes_in_order(item.stock, pack) if item.stock[s] > 0 and s != size]
    others = f"; in stock in {', '.join(left)}" if left else "; nothing else is left"
    others = "" if several else others
    if size not in item.stock:
        return f"no, {label} {size} is not offered{others}"
    pieces = item.stock[size]
    if pieces:
        return f"yes, {label} {size} is in stock ({pieces} left)"
    return f"no, {label} {size} is sold out{others}"

"""Questions about the whole shop: superlatives, counts, which values there are, what else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.acts import Question
from vitrine.core.domain import Facet
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.core.turn import Fact
from vitrine.tools.conditions import Conditions, InStock, SetAside, Want
from vitrine.tools.relaxing import Mask, carried_values, hard_filters, screen
from vitrine.tools.wording import counted, number_words

MOST_NAMED = 4
"""Items that a superlative names when several share it; as many come after them."""
_MAX_FACT = 600


@dataclass(frozen=True)
class ShopAnswer:
    """Facts; the items they name, best first; the next best after those."""

    facts: tuple[Fact, ...] = ()
    items: tuple[ItemId, ...] = ()
    runners: tuple[ItemId, ...] = ()
    count: int | None = None
    relaxed: tuple[SetAside, ...] = ()


def extreme(
    catalogue: Catalogue, question: Question, things: Sequence[ItemId], held: Conditions
) -> ShopAnswer | None:
    """The cheapest, the best rated: over every item that passes, or among the named ones.

    Of equals the one with more reviews behind it, then the better rated, then the cheaper one
    stands first. None where no item has the number.
    """
    facet, lowest = _measure(catalogue, question)
    if facet is None:
        return None
    relaxed: tuple[SetAside, ...] = ()
    if things:
        rows = np.asarray([catalogue.row(item_id) for item_id in things])
    else:
        screened = screen(catalogue, held)
        rows, relaxed = np.flatnonzero(screened.passing), screened.relaxed
    numbers = catalogue.numbers(facet.name)[rows]
    known = rows[~np.isnan(numbers)]
    if not len(known):
        return None
    numbers = catalogue.numbers(facet.name)[known]
    order = np.lexsort((known, numbers if lowest else -numbers))
    target = numbers[order[0]]
    best = [catalogue.at(int(row)) for row in known[numbers == target]]
    best.sort(key=lambda item: _merit(catalogue, item))
    following = known[order][len(best) : len(best) + MOST_NAMED]
    superlative = f"the {'lowest' if lowest else 'highest'} {facet.label or facet.name}"
    number = number_words(catalogue.pack, facet, best[0].numbers[facet.name])
    among = f"of {counted(len(known), catalogue.pack)}"
    behind = _behind(best[0], facet)
    facts = [
        Fact(
            text=(
                f"{item.title}: {number}{own}, {superlative} {among}"
                if (own := _behind(item, facet)) == behind
                else f"{item.title}: {number} too{own}"
            )[:_MAX_FACT],
            source="field",
            item=item.id,
            ref=facet.name,
        )
        for item in best[:MOST_NAMED]
    ]
    if len(best) > len(facts):
        rest = f"{len(best) - len(facts):,} more have the same {facet.label or facet.name}"
        facts.append(Fact(text=rest, source="catalogue", ref=facet.name))
    return ShopAnswer(
        facts=tuple(facts),
        items=tuple(item.id for item in best),
        runners=() if things else tuple(catalogue.at(int(row)).id for row in following),
        relaxed=relaxed,
    )


def _measure(catalogue: Catalogue, question: Question) -> tuple[Facet | None, bool]:
    """The number that a superlative is about, and whether the lowest is asked for."""
    pack = catalogue.pack
    facet = pack.facet(question.facet) if question.facet else None
    if facet is None:
        facet = pack.role("rating" if question.direction == "max" else "price")
    if facet is None or facet.kind != "numeric":
        return None, False
    lowest = question.direction == "min" or (question.direction is None and facet.role == "price")
    return facet, lowest


def _merit(catalogue: Catalogue, item: Item) -> tuple[float, float, float, int]:
    rating, price = catalogue.pack.role("rating"), catalogue.pack.role("price")
    return (
        -len(item.reviews),
        -item.numbers.get(rating.name, 0.0) if rating is not None else 0.0,
        item.numbers.get(price.name, 0.0) if price is not None else 0.0,
        catalogue.row(item.id),
    )


def _behind(item: Item, facet: Facet) -> str:
    """How many reviews stand behind a rating."""
    count = len(item.reviews)
    if facet.role != "rating" or not count:
        return ""
    return f" from {count} review{'' if count == 1 else 's'}"


def count(catalogue: Catalogue, question: Question, held: Conditions) -> ShopAnswer:
    """How many items pass every hard condition. Nothing is set aside: none is an answer."""
    pack = catalogue.pack
    asked = question.also
    if question.facet is not None and question.value is not None:
        asked = ((question.facet, question.value), *asked)
    held = narrowed(catalogue, held, asked)
    passing = hard_filters(catalogue, held)
    lacking = [
        (want.facet, want.values)
        for want in held.wants
        if want.strength == "hard" and not carried_values(catalogue, want.facet, want.values)
    ]
    sizes = pack.role("size")
    if sizes is not None:
        lacking += [
            (sizes.name, stock.sizes)
            for stock in held.stock
            if stock.strength == "hard" and not carried_values(catalogue, sizes.name, stock.sizes)
        ]
    number = 0 if lacking else int(passing.sum())
    words = _asked_words(catalogue, held)
    about = f" ({words})" if words else ""
    text = (
        f"we have {counted(number, pack)}{about}"
        if number
        else f"no {pack.noun} is all of that{about}"
    )
    facts = [Fact(text=text[:_MAX_FACT], source="catalogue", ref=question.facet)]
    facts += [
        Fact(
            text=f"we carry no {pack.noun} with {_label(catalogue, facet)} {' or '.join(values)}"[
                :_MAX_FACT
            ],
            source="catalogue",
            ref=facet,
        )
        for facet, values in lacking
    ]
    return ShopAnswer(facts=tuple(facts[1:] if lacking else facts), count=number)


def _asked_words(catalogue: Catalogue, held: Conditions) -> str:
    """What was counted, in the pack's values: `red, dress, size M`."""
    pack = catalogue.pack
    parts = [" or ".join(w.values) for w in held.wants if w.strength == "hard"]
    parts += [f"no {' or '.join(a.values)}" for a in held.avoids if a.strength == "hard"]
    size = pack.role("size")
    if size is not None:
        parts += [
            f"{size.label or size.name} {' or '.join(s.sizes)}"
            for s in held.stock
            if s.strength == "hard"
        ]
    for bound in held.bounds:
        facet = pack.facet(bound.facet)
        if facet is None or bound.strength != "hard":
            continue
        low, high = (
            None if edge is None else number_words(pack, facet, edge)
            for edge in (bound.min, bound.max)
        )
        if low is not None and high is not None:
            parts.append(f"{low} to {high}")
        elif high is not None:
            parts.append(f"up to {high}")
        elif low is not None:
            parts.append(f"at least {low}")
    return ", ".join(parts)


def _label(catalogue: Catalogue, name: str) -> str:
    facet = catalogue.pack.facet(name)
    return (facet.label or facet.name) if facet is not None else name


def narrowed(
    catalogue: Catalogue, held: Conditions, asked: Sequence[tuple[str, str]]
) -> Conditions:
    """The conditions with the asked (facet, value) in place of what was wanted of those facets."""
    values: dict[str, tuple[str, ...]] = {}
    for facet, value in asked:
        values[facet] = (*values.get(facet, ()), value)
    for facet, several in values.items():
        known = catalogue.pack.facet(facet)
        if known is not None and known.kind == "stock":
            held = held.model_copy(update={"stock": (InStock(sizes=several),)})
            continue
        others = tuple(want for want in held.wants if want.facet != facet)
        held = held.model_copy(update={"wants": (*others, Want(facet=facet, values=several))})
    return held


def values_of(
    catalogue: Catalogue, question: Question, facet: Facet, held: Conditions
) -> ShopAnswer:
    """Which values there are, or from which number to which, among what is wanted now."""
    screened = screen(catalogue, narrowed(catalogue, held, question.also))
    label = facet.label or facet.name
    text = ""
    if facet.kind == "numeric":
        numbers = _numbers(catalogue, facet, screened.passing)
        if len(numbers):
            low, high = (
                number_words(catalogue.pack, facet, float(edge))
                for edge in (numbers.min(), numbers.max())
            )
            text = f"{label}: {low} to {high}" if low != high else f"{label}: {low}"
    else:
        counts = {
            value: int((catalogue.carries(facet.name, value) & screened.passing).sum())
            for value in catalogue.values(facet.name)
        }
        if question.value is not None:
            text = f"{label} {question.value}: {counted(counts.get(question.value, 0), catalogue.pack)}"
        else:
            some = [f"{value} ({n})" for value, n in counts.items() if n]
            text = f"{label}: {', '.join(some)}" if some else ""
    facts = (Fact(text=text[:_MAX_FACT], source="catalogue", ref=facet.name),) if text else ()
    return ShopAnswer(facts=facts, relaxed=screened.relaxed)


def _numbers(catalogue: Catalogue, facet: Facet, mask: Mask) -> NDArray[np.float32]:
    numbers = catalogue.numbers(facet.name)[mask]
    return numbers[~np.isnan(numbers)]

"""Questions about the whole shop: superlatives, counts, which values there are, what else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.acts import Question
from vitrine.core.domain import Facet
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue, Filters
from vitrine.core.prompts import spoken
from vitrine.core.refs import ItemId
from vitrine.core.turn import Fact
from vitrine.tools.conditions import Bound, Conditions, InStock, SetAside, Want
from vitrine.tools.relaxing import Mask, carried_values, hard_filters, screen
from vitrine.tools.wording import counted, number_words

NOT_CARRIED = ("we do not carry ", "we carry no ")
"""How a fact begins that tells of a value which nothing in the shop has."""
NONE_IS = "nothing we have is all of that"
"""How a fact begins that counts none."""
MOST_NAMED = 4
"""Items that a superlative names when several share it; as many come after them."""
_PLACES = {2: "second ", 3: "third ", 4: "fourth ", 5: "fifth "}
MOST_KINDS = 16
"""Kinds of things that are listed where somebody asks what the shop sells."""
_MAX_FACT = 600
_HOW_MANY = re.compile(r"\bhow (many|much|big|large)\b", re.I)
_MOST_REVIEWS = re.compile(r"\b(most|more|many) (reviews|reviewed|ratings)\b", re.I)
"""A superlative about how many have judged, not how well."""


@dataclass(frozen=True)
class ShopAnswer:
    """Facts; the items they name, best first; the next best after those."""

    facts: tuple[Fact, ...] = ()
    items: tuple[ItemId, ...] = ()
    runners: tuple[ItemId, ...] = ()
    count: int | None = None
    relaxed: tuple[SetAside, ...] = ()


def extreme(
    catalogue: Catalogue,
    question: Question,
    things: Sequence[ItemId],
    held: Conditions,
    exclude: Sequence[ItemId] = (),
) -> ShopAnswer | None:
    """The cheapest, the best rated: over every item that passes, or among the named ones.

    `exclude`: what the user turned down or owns; a question about the shop is about the rest.
    Of equals the one with more reviews behind it, then the better rated, then the cheaper one
    stands first. None where no item has the number.
    """
    if _MOST_REVIEWS.search(question.text):
        return _most_reviewed(catalogue, things, held, exclude)
    facet, lowest = _measure(catalogue, question)
    if facet is None:
        return None
    relaxed: tuple[SetAside, ...] = ()
    if things:
        rows = np.asarray([catalogue.row(item_id) for item_id in things])
    else:
        screened = screen(catalogue, held, among=_left(catalogue, exclude))
        rows, relaxed = np.flatnonzero(screened.passing), screened.relaxed
    numbers = catalogue.numbers(facet.name)[rows]
    known = rows[~np.isnan(numbers)]
    if not len(known):
        return None
    numbers = catalogue.numbers(facet.name)[known]
    order = np.lexsort((known, numbers if lowest else -numbers))
    steps = list(dict.fromkeys(numbers[order].tolist()))
    target = steps[min(question.rank, len(steps)) - 1]
    best = [catalogue.at(int(row)) for row in known[numbers == target]]
    best.sort(key=lambda item: _merit(catalogue, item))
    behind_them = numbers[order] > target if lowest else numbers[order] < target
    following = known[order][behind_them][:MOST_NAMED]
    place = _PLACES.get(min(question.rank, len(steps)), "")
    superlative = f"the {place}{'lowest' if lowest else 'highest'} {facet.label or facet.name}"
    number = number_words(catalogue.pack, facet, best[0].numbers[facet.name])
    passed_over = hard_filters(catalogue, held) & ~_left(catalogue, exclude)
    among = _among(catalogue, things, len(known), aside=bool(passed_over.any()))
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


def _left(catalogue: Catalogue, exclude: Sequence[ItemId]) -> Mask:
    return catalogue.mask(Filters(exclude=frozenset(exclude)))


def _among(catalogue: Catalogue, things: Sequence[ItemId], known: int, *, aside: bool) -> str:
    """Out of how many, in words; `aside`: some are left out, since they are not wanted."""
    if not things:
        rest = " (what you ruled out aside)" if aside else ""
        return f"of {counted(known, catalogue.pack)}{rest}"
    return f"of these {known}" if known == len(things) else f"of the {known} that state one"


def _most_reviewed(
    catalogue: Catalogue, things: Sequence[ItemId], held: Conditions, exclude: Sequence[ItemId]
) -> ShopAnswer | None:
    """The items that most buyers have written about."""
    relaxed: tuple[SetAside, ...] = ()
    if things:
        rows: Sequence[int] = [catalogue.row(item_id) for item_id in things]
    else:
        screened = screen(catalogue, held, among=_left(catalogue, exclude))
        rows, relaxed = np.flatnonzero(screened.passing).tolist(), screened.relaxed
    items = sorted((catalogue.at(row) for row in rows), key=lambda i: -len(i.reviews))
    if not items or not items[0].reviews:
        return None
    most = len(items[0].reviews)
    best = [item for item in items if len(item.reviews) == most]
    words = f"{most} review{'' if most == 1 else 's'}, the most of "
    words += f"these {len(items)}" if things else counted(len(items), catalogue.pack)
    facts = [
        Fact(text=f"{item.title}: {words}"[:_MAX_FACT], source="field", item=item.id)
        for item in best[:MOST_NAMED]
    ]
    if len(best) > len(facts):
        rest = f"{len(best) - len(facts):,} more have as many"
        facts.append(Fact(text=rest, source="catalogue"))
    following = items[len(best) : len(best) + MOST_NAMED]
    return ShopAnswer(
        facts=tuple(facts),
        items=tuple(item.id for item in best),
        runners=() if things else tuple(item.id for item in following),
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
    held = _bounded(narrowed(catalogue, held, asked), question)
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
    if not number:
        text = f"{NONE_IS}{about}"
    elif _HOW_MANY.search(question.text):
        text = f"we have {counted(number, pack)}{about}"
    else:
        text = f"yes, we have {counted(number, pack)}{about}"
    facts = [Fact(text=text[:_MAX_FACT], source="catalogue", ref=question.facet)]
    facts += [
        Fact(
            text=_lacks(catalogue, facet, " or ".join(values))[:_MAX_FACT],
            source="catalogue",
            ref=facet,
        )
        for facet, values in lacking
    ]
    if number and not words:
        facts += _kinds(catalogue, passing)
    return ShopAnswer(facts=tuple(facts[1:] if lacking else facts), count=number)


def _lacks(catalogue: Catalogue, facet: str, value: str) -> str:
    pack = catalogue.pack
    if facet == pack.head.name:
        return f"{NOT_CARRIED[0]}{value}"
    return f"{NOT_CARRIED[1]}{pack.noun} with {_label(catalogue, facet)} {value}"


def _kinds(catalogue: Catalogue, passing: Mask) -> list[Fact]:
    """Which kinds of things there are, with their numbers: what the shop sells at all."""
    head = catalogue.pack.head
    counts = {
        value: int((catalogue.carries(head.name, value) & passing).sum())
        for value in catalogue.values(head.name)
    }
    most = sorted((v for v, n in counts.items() if n), key=lambda v: -counts[v])[:MOST_KINDS]
    if len(most) < 2:
        return []
    rest = sum(1 for n in counts.values() if n) - len(most)
    some = [f"{value} ({counts[value]:,})" for value in counts if value in most]
    some += [f"{rest} more kinds"] if rest else []
    text = ", ".join(some)
    return [Fact(text=text[:_MAX_FACT], source="catalogue", ref=head.name)]


def _asked_words(catalogue: Catalogue, held: Conditions) -> str:
    """What was counted, in the pack's values: `red dress, size M`, its kind after what it looks like."""
    pack = catalogue.pack
    seen: list[str] = []
    parts: list[str] = []
    order = {facet.name: at for at, facet in enumerate(pack.facets)}
    for want in sorted(held.wants, key=lambda want: -order.get(want.facet, 0)):
        facet = pack.facet(want.facet)
        if want.strength != "hard":
            continue
        words = " or ".join(spoken(pack, want.facet, value) for value in want.values)
        if facet is not None and facet.role == "head":
            seen.append(words)  # the head comes first in the pack and so last here
        elif facet is not None and facet.visible and facet.of is None and len(want.values) == 1:
            seen.insert(0, words)
        else:
            parts.append(f"{_label(catalogue, want.facet)} {words}")
    parts = [*([" ".join(seen)] if seen else []), *parts]
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


def _bounded(held: Conditions, question: Question) -> Conditions:
    """The conditions with the bound that is asked about in place of the one that was wanted."""
    if question.bounded is None:
        return held
    bound = Bound(facet=question.bounded, min=question.min, max=question.max)
    others = tuple(b for b in held.bounds if b.facet != question.bounded)
    return held.model_copy(update={"bounds": (*others, bound)})


def _open_to(held: Conditions, facet: Facet) -> Conditions:
    """The conditions without what is wanted of a facet: its other values are asked about too."""
    if facet.kind == "stock":
        return held.model_copy(update={"stock": ()})
    wants = tuple(want for want in held.wants if want.facet != facet.name)
    return held.model_copy(update={"wants": wants})


def values_of(
    catalogue: Catalogue, question: Question, facet: Facet, held: Conditions
) -> ShopAnswer:
    """Which values there are, or from which number to which, among what is wanted now."""
    screened = screen(catalogue, narrowed(catalogue, _open_to(held, facet), question.also))
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

"""Answer a question from the listing: fields, stock, description, reviews; or say it is unknown."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.acts import Question
from vitrine.core.domain import Facet
from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.core.turn import AnswerView, Fact
from vitrine.tools.compare_items import CompareItems, CompareRequest
from vitrine.tools.conditions import Conditions, InStock, SetAside, Want
from vitrine.tools.quotes import Passage, content_stems, find_passages, light_stem
from vitrine.tools.relaxing import carried_values, hard_filters, screen
from vitrine.tools.wording import number_words, stock_words


class AnswerRequest(Frozen):
    """One question about catalogue items.

    `things` are the items it is about, resolved (empty: about the shop). `conditions` are what is
    wanted now: superlatives and counts look at every item of the shop that passes the hard ones.
    `kind` `why` and `profile` are not for this tool (the state answers them).
    """

    question: Question
    things: tuple[ItemId, ...] = ()
    conditions: Conditions = Conditions()
    max_facts: int = Field(default=6, ge=1, le=20)


class AnswerResult(Frozen):
    """`view` is the structured answer. `items`: those it names (the cheapest ones), best first.

    `count` answers counting questions. `relaxed`: hard conditions set aside because nothing passed.
    """

    view: AnswerView
    items: tuple[ItemId, ...] = ()
    count: int | None = None
    relaxed: tuple[SetAside, ...] = ()


_MAX_FACT = 600
_WORD = re.compile(r"[^\W_]+")
_REVIEWS = re.compile(r"\b(reviews?|reviewers?|buyers?|customers?|people (say|think|find))\b", re.I)


class AnswerQuestion:
    """Answers from what the shop wrote, in this order: fields and stock, description, reviews.

    Args:
        catalogue: the only source.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._compare = CompareItems(catalogue)

    def __call__(self, request: AnswerRequest) -> AnswerResult:
        """Facts with their sources; `unknown` where the listing does not say.

        Raises:
            ToolError: an item does not exist, or the question is one for the dialogue state.
        """
        for item_id in request.things:
            if not self._catalogue.has(item_id):
                raise ToolError(f"no item {item_id!r} in domain {self._catalogue.pack.name!r}")
        match request.question.kind:
            case "field":
                return self._field(request)
            case "extreme":
                return self._extreme(request)
            case "count":
                return self._count(request)
            case "compare":
                return self._differences(request)
            case "open":
                return self._open(request)
            case "why" | "profile":
                raise ToolError(f"a {request.question.kind!r} question is answered from the state")

    # --- fields and stock -------------------------------------------------------------------------

    def _field(self, request: AnswerRequest) -> AnswerResult:
        facet = self._catalogue.pack.facet(request.question.facet or "")
        if facet is None:
            return self._open(request)
        if not request.things:
            return self._shop_field(request, facet)
        facts: list[Fact] = []
        for item in map(self._catalogue.item, request.things):
            facts += self._item_field(item, facet, request.question.value, len(request.things) > 1)
        if not facts:
            # The field is empty: perhaps the prose says it.
            return self._open(request)
        return _answered(request, facts, request.things)

    def _item_field(self, item: Item, facet: Facet, value: str | None, several: bool) -> list[Fact]:
        label = facet.label or facet.name
        if facet.kind == "stock":
            said = _stock_of(item, value)
            text = f"{label} {said}" if said and value is not None else said
        elif facet.kind == "numeric":
            number = item.numbers.get(facet.name)
            words = None if number is None else number_words(self._catalogue.pack, facet, number)
            text = f"{label}: {words}" if words is not None else ""
        else:
            values = item.values(facet.name)
            text = f"{label}: {', '.join(values)}" if values else ""
        if not text:
            return []
        if several:
            text = f"{item.title} - {text}"
        source = "stock" if facet.kind == "stock" else "field"
        return [Fact(text=text[:_MAX_FACT], source=source, item=item.id, ref=facet.name)]

    def _shop_field(self, request: AnswerRequest, facet: Facet) -> AnswerResult:
        """About the shop: which values there are, or from which number to which."""
        screened = screen(self._catalogue, request.conditions)
        label = facet.label or facet.name
        text = ""
        if facet.kind == "numeric":
            numbers = self._numbers(facet, screened.passing)
            if len(numbers):
                low, high = (
                    number_words(self._catalogue.pack, facet, float(edge))
                    for edge in (numbers.min(), numbers.max())
                )
                text = f"{label}: {low} to {high}" if low != high else f"{label}: {low}"
        else:
            counts = {
                value: int((self._catalogue.carries(facet.name, value) & screened.passing).sum())
                for value in self._catalogue.values(facet.name)
            }
            if request.question.value is not None:
                text = f"{label} {request.question.value}: {counts.get(request.question.value, 0)}"
            else:
                some = [f"{value} ({n})" for value, n in counts.items() if n]
                text = f"{label}: {', '.join(some)}" if some else ""
        facts = [Fact(text=text[:_MAX_FACT], source="catalogue", ref=facet.name)] if text else []
        return _answered(request, facts, (), relaxed=screened.relaxed)

    def _numbers(self, facet: Facet, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        numbers = self._catalogue.numbers(facet.name)[mask]
        return numbers[~np.isnan(numbers)]

    # --- the whole shop ---------------------------------------------------------------------------

    def _extreme(self, request: AnswerRequest) -> AnswerResult:
        """The cheapest, the best rated: over every item that passes, or among the named ones."""
        question, pack = request.question, self._catalogue.pack
        facet = pack.facet(question.facet) if question.facet else None
        if facet is None:
            facet = pack.role("rating" if question.direction == "max" else "price")
        if facet is None or facet.kind != "numeric":
            return _unknown(request)
        lowest = question.direction == "min" or (
            question.direction is None and facet.role == "price"
        )
        relaxed: tuple[SetAside, ...] = ()
        if request.things:
            rows = np.asarray([self._catalogue.row(item_id) for item_id in request.things])
        else:
            screened = screen(self._catalogue, request.conditions)
            rows, relaxed = np.flatnonzero(screened.passing), screened.relaxed
        numbers = self._catalogue.numbers(facet.name)[rows]
        known = ~np.isnan(numbers)
        if not known.any():
            return _unknown(request)
        target = numbers[known].min() if lowest else numbers[known].max()
        best = [self._catalogue.at(int(row)) for row in rows[known & (numbers == target)]]
        label = facet.label or facet.name
        which = "lowest" if lowest else "highest"
        among = f"of {int(known.sum())} {pack.noun if known.sum() == 1 else pack.nouns}"
        facts = [
            Fact(
                text=(
                    f"{item.title} - {which} {label} {among}:"
                    f" {number_words(pack, facet, item.numbers[facet.name])}"
                )[:_MAX_FACT],
                source="field",
                item=item.id,
                ref=facet.name,
            )
            for item in best[: request.max_facts]
        ]
        if len(best) > len(facts):
            rest = f"{len(best) - len(facts)} more share the {which} {label}"
            facts.append(Fact(text=rest, source="catalogue", ref=facet.name))
        return _answered(request, facts, tuple(item.id for item in best), relaxed=relaxed)

    def _count(self, request: AnswerRequest) -> AnswerResult:
        """How many items pass every hard condition. Nothing is set aside: none is an answer."""
        pack, question = self._catalogue.pack, request.question
        held = request.conditions
        if question.facet is not None and question.value is not None:
            held = _narrowed(self._catalogue, held, question.facet, question.value)
        passing = hard_filters(self._catalogue, held)
        lacking = [
            want
            for want in held.wants
            if want.strength == "hard"
            and not carried_values(self._catalogue, want.facet, want.values)
        ]
        sizes = pack.role("size")
        lacking_sizes = [
            stock
            for stock in held.stock
            if stock.strength == "hard"
            and sizes is not None
            and not carried_values(self._catalogue, sizes.name, stock.sizes)
        ]
        count = 0 if lacking or lacking_sizes else int(passing.sum())
        facts = [
            Fact(
                text=f"{count} {pack.noun if count == 1 else pack.nouns}",
                source="catalogue",
                ref=question.facet,
            )
        ]
        facts += [
            Fact(
                text=f"no {pack.noun} with {want.facet} {' or '.join(want.values)}",
                source="catalogue",
                ref=want.facet,
            )
            for want in lacking
        ]
        items: tuple[ItemId, ...] = ()
        if count:
            items = tuple(self._catalogue.at(int(row)).id for row in np.flatnonzero(passing)[:12])
        result = _answered(request, facts, items)
        return result.model_copy(update={"count": count})

    # --- several items, and prose -----------------------------------------------------------------

    def _differences(self, request: AnswerRequest) -> AnswerResult:
        things = tuple(dict.fromkeys(request.things))[:6]
        if len(things) < 2:
            return _unknown(request)
        facets = (request.question.facet,) if request.question.facet else ()
        table = self._compare(CompareRequest(items=things, facets=facets))
        items = [self._catalogue.item(item_id) for item_id in things]
        facts = [
            Fact(
                text="; ".join(
                    f"{item.title} - {row.label}: {', '.join(cell) or 'not stated'}"
                    for item, cell in zip(items, row.cells, strict=True)
                )[:_MAX_FACT],
                source="field",
                ref=row.facet,
            )
            for row in table.rows
            if row.differs or request.question.facet
        ]
        return _answered(request, facts[: request.max_facts], things)

    def _open(self, request: AnswerRequest) -> AnswerResult:
        """From the prose of the things: description first, reviews quoted with their stars."""
        if not request.things:
            return _unknown(request)
        items = [self._catalogue.item(item_id) for item_id in request.things]
        facts = self._named_fields(request, items)
        passages = find_passages(self._catalogue.pack, items, request.question.text)
        if not passages and not facts and _about_reviews(request.question.text, items):
            passages = _all_reviews(items)
        seen: set[tuple[ItemId, str]] = set()
        for passage in passages:
            if len(facts) >= request.max_facts:
                break
            # One sentence of a review is enough, and so is one of several that say the same.
            keys = {(passage.item.id, passage.text.casefold())}
            if passage.review is not None:
                keys.add((passage.item.id, f"review {passage.review}"))
            if keys & seen:
                continue
            seen |= keys
            facts.append(_quoted(passage, several=len(items) > 1))
        return _answered(request, facts, request.things if facts else ())

    def _named_fields(self, request: AnswerRequest, items: Sequence[Item]) -> list[Fact]:
        """Fields that the question names by one of their words."""
        if request.question.facet is not None:
            return []  # that field was looked up before and is empty
        words = _WORD.findall(request.question.text.casefold())
        spoken = f" {' '.join(words)} "
        facts: list[Fact] = []
        for facet in self._catalogue.pack.facets:
            names = {facet.name, facet.label, *facet.words} - {""}
            if not any(f" {name.casefold().replace('-', ' ')} " in spoken for name in names):
                continue
            for item in items:
                facts += self._item_field(item, facet, None, len(items) > 1)
        return facts[: request.max_facts]


def _stock_of(item: Item, size: str | None) -> str:
    """What is known of the item's stock (of one size); empty where nothing is."""
    if size is None:
        return stock_words(item)
    if size not in item.stock:
        return f"{size}: not offered" if item.stock else ""
    pieces = item.stock[size]
    return f"{size}: {pieces} in stock" if pieces else f"{size}: sold out"


def _narrowed(catalogue: Catalogue, held: Conditions, facet: str, value: str) -> Conditions:
    """The conditions with the asked value in place of what was wanted of that facet."""
    known = catalogue.pack.facet(facet)
    if known is not None and known.kind == "stock":
        return held.model_copy(update={"stock": (InStock(sizes=(value,)),)})
    others = tuple(want for want in held.wants if want.facet != facet)
    return held.model_copy(update={"wants": (*others, Want(facet=facet, values=(value,)))})


def _quoted(passage: Passage, *, several: bool) -> Fact:
    text = passage.text[: _MAX_FACT - 120]
    if passage.review is not None:
        text = f"\u201c{text}\u201d ({passage.stars} of 5 stars)"
    if several:
        text = f"{passage.item.title} - {text}"
    return Fact(
        text=text[:_MAX_FACT],
        source="description" if passage.review is None else "review",
        item=passage.item.id,
        ref=passage.review,
    )


def _about_reviews(question: str, items: Sequence[Item]) -> bool:
    """Whether the question is about reviews as such, not about something said in them."""
    titles = {light_stem(w) for item in items for w in _WORD.findall(item.title.casefold())}
    return _REVIEWS.search(question) is not None and not content_stems(
        question, without=frozenset(titles)
    )


def _all_reviews(items: Sequence[Item]) -> list[Passage]:
    """Every review, whole, in turn of the items, when the question is about reviews as such."""
    longest = max((len(item.reviews) for item in items), default=0)
    return [
        Passage(item=item, text=review.text, review=review.id, stars=review.stars, score=0.0)
        for place in range(longest)
        for item in items
        if place < len(item.reviews)
        for review in (item.reviews[place],)
    ]


def _answered(
    request: AnswerRequest,
    facts: Sequence[Fact],
    items: tuple[ItemId, ...],
    *,
    relaxed: tuple[SetAside, ...] = (),
) -> AnswerResult:
    kept = tuple(facts[: request.max_facts])
    view = AnswerView(question=request.question.text, facts=kept, unknown=not kept)
    return AnswerResult(view=view, items=items if kept else (), relaxed=relaxed)


def _unknown(request: AnswerRequest) -> AnswerResult:
    return AnswerResult(view=AnswerView(question=request.question.text, unknown=True))

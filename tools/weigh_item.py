"""Weigh an item: what listing, reviews and its standing say for it and against it. No pressure."""

from collections.abc import Sequence

from pydantic import Field

from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item, Review
from vitrine.core.negation import denies
from vitrine.core.orders import before_orders
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.core.turn import Fact
from vitrine.tools.quotes import Passage, find_passages
from vitrine.tools.standing import Standing
from vitrine.tools.wording import number_words, sentences, stock_words

GLAD, SORRY = 4, 2
"""Stars from which a review speaks for a thing, and up to which it speaks against it."""
_QUOTE = 320


class WeighRequest(Frozen):
    """One item; `wishes` are free words of the user whose fulfilment the listing may prove."""

    item: ItemId
    wishes: tuple[str, ...] = ()


class WeighResult(Frozen):
    """Facts, each with its source. `about` is what the listing says at all, most telling first."""

    item: ItemId
    about: tuple[Fact, ...] = ()
    good: tuple[Fact, ...] = Field(default=(), description="what speaks for the item")
    bad: tuple[Fact, ...] = Field(default=(), description="what speaks against it")


class WeighItem:
    """Reads one listing as an honest assistant would before answering "is it worth it?".

    Args:
        catalogue: the only source.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.standing = Standing(catalogue)

    def __call__(self, request: WeighRequest) -> WeighResult:
        """Facts for, against and about the item.

        Raises:
            ToolError: no such item.
        """
        if not self._catalogue.has(request.item):
            raise ToolError(f"no item {request.item!r} in domain {self._catalogue.pack.name!r}")
        item = self._catalogue.item(request.item)
        good = [
            *([rated] if (rated := self._rated(item)) is not None else []),
            *self.standing.good(item),
            *praise(item),
        ]
        good += [f for w in request.wishes if (f := wish_fact(self._catalogue, item, w))]
        bad = [*self.standing.bad(item), *complaint(item)]
        return WeighResult(
            item=item.id,
            about=tuple(self._about(item)),
            good=tuple(dict.fromkeys(good)),
            bad=tuple(bad),
        )

    def _rated(self, item: Item) -> Fact | None:
        """The rating with the number of reviews behind it, if it is a good one."""
        rating = self._catalogue.pack.role("rating")
        number = item.numbers.get(rating.name) if rating is not None else None
        if rating is None or number is None or (self.standing.above(item, rating) or 0.0) > 0.5:
            return None
        return Fact(text=rated_words(item, number), source="field", item=item.id, ref=rating.name)

    def _about(self, item: Item) -> list[Fact]:
        """The description, what the fields say, and what is left of it."""
        pack = self._catalogue.pack
        facts = [
            Fact(text=text[:600], source="description", item=item.id)
            for text in sentences(before_orders(item.description))[:2]
        ]
        for role in ("price", "rating"):
            facet = pack.role(role)
            number = item.numbers.get(facet.name) if facet is not None else None
            if facet is None or number is None:
                continue
            words = (
                rated_words(item, number)
                if role == "rating"
                else f"{facet.label or facet.name} {number_words(pack, facet, number)}"
            )
            facts.append(Fact(text=words, source="field", item=item.id, ref=facet.name))
        told = item.title.casefold() + " " + item.description.casefold()
        quiet = [
            f"{facet.label or facet.name}: {', '.join(values)}"
            for facet in pack.facets
            if facet.kind == "categorical"
            and facet.of is None
            and (values := item.values(facet.name))
            and not all(value.casefold() in told for value in values)
        ]
        if quiet:
            facts.append(Fact(text="; ".join(quiet)[:600], source="field", item=item.id))
        if item.stock:
            facts.append(Fact(text=stock_words(item, pack)[:600], source="stock", item=item.id))
        return facts


def rated_words(item: Item, number: float) -> str:
    """`rated 4.5 by 3 buyers`; the buyers are those whose reviews can be read here."""
    count = len(item.reviews)
    buyers = f" by {count} buyer{'' if count == 1 else 's'}" if count else ""
    return f"rated {number:g}{buyers}"


def wish_fact(catalogue: Catalogue, item: Item, wish: str) -> Fact | None:
    """The sentence of the listing or of a review that speaks for the wish best, or None.

    A sentence that denies anything, or comes from a review that is not glad, proves no wish.
    """
    for passage in find_passages(catalogue.pack, [item], wish):
        if (passage.stars is None or passage.stars >= GLAD) and not denies(passage.text):
            return quoted(passage)
    return None


def quoted(passage: Passage) -> Fact:
    """A sentence as a fact: the listing's own, or a buyer's with its place and its stars."""
    text = f"\u201c{_short(passage.text)}\u201d"
    if passage.review is not None:
        which = next(at for at, r in enumerate(passage.item.reviews, 1) if r.id == passage.review)
        text = f"{text} (review {which}, {passage.stars} of 5 stars)"
    return Fact(
        text=text,
        source="description" if passage.review is None else "review",
        item=passage.item.id,
        ref=passage.review,
    )


def praise(item: Item) -> list[Fact]:
    """The fullest sentence among the best reviews."""
    best = max((r.stars for r in item.reviews), default=0)
    return _said([r for r in item.reviews if r.stars == best and best >= GLAD], item)


def complaint(item: Item) -> list[Fact]:
    """The fullest sentence among the worst reviews."""
    worst = min((r.stars for r in item.reviews), default=6)
    return _said([r for r in item.reviews if r.stars == worst and worst <= SORRY], item)


def _said(reviews: Sequence[Review], item: Item) -> list[Fact]:
    told = [
        Passage(item=item, text=text, review=review.id, stars=review.stars, score=0.0)
        for review in reviews
        for text in sentences(before_orders(review.text))
    ]
    fullest = max(told, key=lambda p: len(p.text), default=None)
    return [quoted(fullest)] if fullest is not None else []


def _short(text: str) -> str:
    clean = text.strip()
    return clean if len(clean) <= _QUOTE else clean[: _QUOTE - 1].rstrip() + "…"

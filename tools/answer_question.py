"""Answer a question from the listing: fields, stock, description, reviews; or say it is unknown."""

import re
from collections.abc import Sequence

from pydantic import Field

from vitrine.core.acts import Question
from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.core.turn import AnswerView, Fact
from vitrine.tools import field_answers, shop_answers
from vitrine.tools.compare_items import CompareItems, CompareRequest
from vitrine.tools.conditions import Conditions, SetAside
from vitrine.tools.quotes import Passage, content_stems, find_passages, light_stem
from vitrine.tools.shop_answers import ShopAnswer
from vitrine.tools.standing import Standing
from vitrine.tools.weigh_item import complaint, praise, quoted


class AnswerRequest(Frozen):
    """One question about catalogue items.

    `things` are the items it is about, resolved (empty: about the shop). `conditions` are what is
    wanted now: superlatives and counts look at every item of the shop that passes the hard ones.
    Other kinds are not for this tool: the state, `what_if` and `weigh_item` answer them.
    """

    question: Question
    things: tuple[ItemId, ...] = ()
    conditions: Conditions = Conditions()
    exclude: tuple[ItemId, ...] = Field(
        default=(), description="turned down or owned: superlatives pass over it"
    )
    max_facts: int = Field(default=6, ge=1, le=20)


class AnswerResult(Frozen):
    """`view` is the structured answer. `items`: those it names (the cheapest ones), best first.

    `runners` come next after a superlative. `count` answers counting questions. `relaxed`: hard
    conditions set aside because nothing passed.
    """

    view: AnswerView
    items: tuple[ItemId, ...] = ()
    runners: tuple[ItemId, ...] = ()
    count: int | None = None
    relaxed: tuple[SetAside, ...] = ()


_MAX_FACT = 600
_REVIEWS_QUOTED = 3
_WORD = re.compile(r"[^\W_]+")
_JUDGING = re.compile(
    r"\b(good|fair|decent|reasonable|expensive|dear|pricey|cheap|high|low|steep|bargain|deal|worth)\b",
    re.I,
)
"""Whether a number is to be judged, not only told."""
_CRITICAL = re.compile(
    r"\b(complain(s|ed|ts?|ing)?|criticis[em]\w*|dislikes?|downsides?|drawbacks?"
    r"|catch|weaknesses|negatives|speaks against|wrong with|(bad|negative|worst)"
    r" reviews?|(not|n['’]t) like)\b",
    re.I,
)
_PRAISING = re.compile(
    r"\b(praise[sd]?|(good|positive|best) reviews?|(people|buyers) like)\b", re.I
)
_NO_REVIEWS = "it has no reviews yet"
_REVIEWS = re.compile(r"\b(reviews?|reviewers?|buyers?|customers?|people (say|think|find))\b", re.I)


class AnswerQuestion:
    """Answers from what the shop wrote, in this order: fields and stock, description, reviews.

    Args:
        catalogue: the only source.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._compare = CompareItems(catalogue)
        self._standing = Standing(catalogue)

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
                found = shop_answers.extreme(
                    self._catalogue,
                    request.question,
                    request.things,
                    request.conditions,
                    request.exclude,
                )
                return _unknown(request) if found is None else _whole_shop(request, found)
            case "count":
                return _whole_shop(
                    request,
                    shop_answers.count(self._catalogue, request.question, request.conditions),
                )
            case "compare":
                return self._differences(request)
            case "open":
                return self._open(request)
            case "why" | "profile" | "without" | "more" | "worth":
                raise ToolError(f"a {request.question.kind!r} question is answered elsewhere")

    # --- fields and stock -------------------------------------------------------------------------

    def _field(self, request: AnswerRequest) -> AnswerResult:
        facet = self._catalogue.pack.facet(request.question.facet or "")
        if facet is None:
            return self._open(request)
        if not request.things:
            found = shop_answers.values_of(
                self._catalogue, request.question, facet, request.conditions
            )
            return _whole_shop(request, found)
        items = [self._catalogue.item(item_id) for item_id in request.things]
        facts = field_answers.facts_of(self._catalogue.pack, items, facet, request.question)
        if len(items) == 1 and _JUDGING.search(request.question.text):
            stands = [f.text for f in self._standing.of(items[0], facet)]
            facts = [
                f.model_copy(update={"text": ", ".join([f.text, *stands])[:_MAX_FACT]})
                for f in facts
            ]
        if not facts:
            # The field is empty: perhaps the prose says it.
            return self._open(request)
        return _answered(request, facts, request.things)

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
                    f"{item.title}: {row.label} {', '.join(cell) or 'not stated'}"
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
        if judged := _judged(request.question.text, items):
            return _answered(request, judged, request.things)
        passages = find_passages(self._catalogue.pack, items, request.question.text)
        if not passages and not facts and _about_reviews(request.question.text, items):
            for item in items:
                facts += _review_summary(item, several=len(items) > 1)
            if facts:
                return _answered(request, facts, request.things)
            silent = [_silent(item, several=len(items) > 1) for item in items]
            result = _answered(request, silent, ())
            return result.model_copy(
                update={"view": result.view.model_copy(update={"unknown": True})}
            )
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
        if facts and _REVIEWS.search(request.question.text):
            spoken = {fact.item for fact in facts if fact.source == "review"}
            facts += [_silent(i, several=len(items) > 1) for i in items if i.id not in spoken]
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
            asked = request.question.model_copy(update={"value": None})
            facts += field_answers.facts_of(self._catalogue.pack, items, facet, asked)
        return facts[: request.max_facts]


def _quoted(passage: Passage, *, several: bool) -> Fact:
    fact = quoted(passage)
    if not several:
        return fact
    return fact.model_copy(update={"text": f"{passage.item.title}: {fact.text}"[:_MAX_FACT]})


def _judged(question: str, items: Sequence[Item]) -> list[Fact]:
    """What buyers praise, or complain of, where that is the question; empty where it is not."""
    critical = _CRITICAL.search(question) is not None
    if not critical and _PRAISING.search(question) is None:
        return []
    facts: list[Fact] = []
    for item in items:
        said = complaint(item) if critical else praise(item)
        if not said:
            nothing = "no complaint" if critical else "no praise"
            text = f"{nothing} in its {len(item.reviews)} reviews" if item.reviews else _NO_REVIEWS
            said = [Fact(text=text, source="review", item=item.id)]
        several = len(items) > 1
        facts += [
            f.model_copy(update={"text": f"{item.title}: {f.text}"[:_MAX_FACT]}) if several else f
            for f in said
        ]
    return facts


def _silent(item: Item, *, several: bool) -> Fact:
    """That buyers were asked about and have said nothing of it."""
    count = len(item.reviews)
    text = f"none of its {count} reviews speaks of that" if count > 1 else "its review is silent"
    text = text if count else _NO_REVIEWS
    return Fact(text=f"{item.title}: {text}" if several else text, source="review", item=item.id)


def _about_reviews(question: str, items: Sequence[Item]) -> bool:
    """Whether the question is about reviews as such, not about something said in them."""
    titles = {light_stem(w) for item in items for w in _WORD.findall(item.title.casefold())}
    return _REVIEWS.search(question) is not None and not content_stems(
        question, without=frozenset(titles)
    )


def _review_summary(item: Item, *, several: bool) -> list[Fact]:
    """How many reviews there are and how they come out, then the best and the most critical."""
    count = len(item.reviews)
    if not count:
        return []
    mean = sum(review.stars for review in item.reviews) / count
    number = f"{mean:.1f}".removesuffix(".0")
    text = f"{count} review{'' if count == 1 else 's'}, {number} of 5 stars on average"
    ordered = sorted(item.reviews, key=lambda r: -r.stars)
    telling = [ordered[0], ordered[-1], *ordered[1:-1]][: min(count, _REVIEWS_QUOTED)]
    summary = Fact(text=f"{item.title}: {text}" if several else text, source="review", item=item.id)
    return [
        summary,
        *(
            _quoted(
                Passage(item=item, text=r.text, review=r.id, stars=r.stars, score=0.0),
                several=several,
            )
            for r in telling
        ),
    ]


def _whole_shop(request: AnswerRequest, found: ShopAnswer) -> AnswerResult:
    result = _answered(request, found.facts, found.items, relaxed=found.relaxed)
    return result.model_copy(update={"runners": found.runners, "count": found.count})


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

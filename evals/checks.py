"""Checks one finished turn against a script's expectation. Values and acts, never wording."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ShownRef
from vitrine.core.turn import Product, RangeView, Turn
from vitrine.evals.scripts import (
    AnswerExpectation,
    DesignsExpectation,
    Expectation,
    ProductsExpectation,
    ProfileExpectation,
)

STATE_KEYS = ("wants", "avoids", "ranges", "hard", "soft", "soft_text", "absent")
ACT_KEYS = ("acts", "acts_any", "acts_not")
INVARIANT = "invariant"
"""First part of the keys of broken invariants, which no script asserts."""
ABOUT_SHARE = 0.25
"""A number is `about` another when it is within this share of it."""
_MISSING = ("not_carried", "not_met", "relaxed")
_LISTED = ("field", "review")


class Failure(Frozen):
    """One assertion that does not hold. The first part of `key` is the script's key."""

    key: str
    expected: Any
    found: Any

    @property
    def asserted(self) -> str:
        """The key of the script that failed."""
        return self.key.split(".")[0]


def check(
    turn: Turn,
    expect: Expectation,
    earlier: Sequence[Turn],
    catalogue: Catalogue | None = None,
) -> tuple[Failure, ...]:
    """Every assertion of `expect` that `turn` breaks.

    Args:
        turn: what happened.
        expect: what the script asserts.
        earlier: the turns before it.
        catalogue: where the fields of a product stand; without it, what the turn says of it counts.
    """
    return tuple(_check(turn, expect, earlier, catalogue))


def _check(
    turn: Turn, expect: Expectation, earlier: Sequence[Turn], catalogue: Catalogue | None
) -> Iterator[Failure]:
    yield from _members(turn, expect)
    yield from _state(turn, expect)
    yield from _places(turn, expect, earlier)
    if expect.disclosed is not None:
        told = {n.facet for n in turn.notices if n.facet and n.kind in _MISSING}
        yield from _contains("disclosed", expect.disclosed, told)
    if expect.products is not None:
        yield from _products(turn, expect.products, earlier, catalogue)
    if expect.designs is not None:
        yield from _designs(turn, expect.designs)
    if expect.answer is not None:
        yield from _answer(turn, expect.answer)
    if expect.profile is not None:
        yield from _profile(turn, expect.profile)
    if expect.reasons_cite is not None:
        yield from _contains("reasons_cite", expect.reasons_cite, cited(turn))


def cited(turn: Turn) -> set[str]:
    """Facets whose evidence the explanation cites: words, a profile sentence, or the listing."""
    reasons = list(turn.reasons)
    for shown in (*turn.products, *turn.images):
        reasons += shown.reasons
    return {r.facet for r in reasons if r.facet and (r.evidence or r.source in _LISTED)}


def _members(turn: Turn, expect: Expectation) -> Iterator[Failure]:
    if expect.intents is not None:
        yield from _contains("intents", expect.intents, set(turn.intents))
    if expect.acts is not None:
        yield from _contains("acts", expect.acts, set(turn.acts))
    if expect.acts_any is not None and not set(expect.acts_any) & set(turn.acts):
        yield Failure(key="acts_any", expected=expect.acts_any, found=turn.acts)
    for key, banned, present in (
        ("intents_not", expect.intents_not or (), turn.intents),
        ("acts_not", expect.acts_not or (), turn.acts),
    ):
        if set(banned) & set(present):
            yield Failure(key=key, expected=banned, found=present)


def _state(turn: Turn, expect: Expectation) -> Iterator[Failure]:
    state = turn.state
    for key, wanted, held in (
        ("wants", expect.wants, state.wants),
        ("avoids", expect.avoids, state.avoids),
    ):
        for facet, values in (wanted or {}).items():
            if set(values) != set(held.get(facet, ())):
                yield Failure(key=f"{key}.{facet}", expected=values, found=held.get(facet, ()))
    for facet, bounds in (expect.ranges or {}).items():
        found = state.ranges.get(facet, RangeView())
        if bounds != found:
            yield Failure(key=f"ranges.{facet}", expected=_plain(bounds), found=_plain(found))
    if expect.hard is not None:
        yield from _contains("hard", expect.hard, set(state.hard))
    if expect.soft is not None:
        yield from _contains("soft", expect.soft, set(state.soft))
    for text in expect.soft_text or ():
        if not any(text.casefold() in wish.casefold() for wish in state.soft_text):
            yield Failure(key="soft_text", expected=text, found=state.soft_text)
    for facet in expect.absent or ():
        believed = {
            "wants": state.wants.get(facet),
            "avoids": state.avoids.get(facet),
            "ranges": _plain(state.ranges[facet]) if facet in state.ranges else None,
        }
        if any(value is not None for value in believed.values()):
            found = {name: value for name, value in believed.items() if value is not None}
            yield Failure(key="absent", expected=facet, found=found)


def _places(turn: Turn, expect: Expectation, earlier: Sequence[Turn]) -> Iterator[Failure]:
    """Focus and verdicts, by what stood at a place: a thing that was shown twice has two places."""
    things = {
        (past.turn, shown.position): shown.id
        for past in (*earlier, turn)
        for shown in (*past.products, *past.images)
    }

    def thing(ref: ShownRef) -> str | tuple[int, int]:
        place = ref.turn, ref.position
        return things.get(place, place)

    state = turn.state
    if expect.focus is not None and (
        state.focus is None or thing(expect.focus) != thing(state.focus)
    ):
        found = state.focus and _ref(state.focus)
        yield Failure(key="focus", expected=_ref(expect.focus), found=found)
    for key, refs, held in (
        ("accepted", expect.accepted, state.accepted),
        ("rejected", expect.rejected, state.rejected),
    ):
        if refs is None:
            continue
        missing = not set(map(thing, refs)) <= set(map(thing, held))
        if missing or (not refs and held):  # an empty list says: none
            yield Failure(key=key, expected=[_ref(r) for r in refs], found=[_ref(r) for r in held])


def _products(
    turn: Turn,
    expect: ProductsExpectation,
    earlier: Sequence[Turn],
    catalogue: Catalogue | None,
) -> Iterator[Failure]:
    products = turn.products
    yield from _count("products", expect.min, expect.max, len(products))
    for facet, condition in expect.every.items():
        bad = [p.id for p in products if not is_value(p, facet, condition, catalogue)]
        if bad:
            yield Failure(key=f"products.every.{facet}", expected=_plain(condition), found=bad)
    for facet, condition in expect.none.items():
        bad = [p.id for p in products if is_value(p, facet, condition, catalogue)]
        if bad:
            yield Failure(key=f"products.none.{facet}", expected=_plain(condition), found=bad)
    ids = [product.id for product in products]
    old = {p.id for past in earlier if past.turn in expect.not_from_turns for p in past.products}
    if set(ids) & old:
        yield Failure(
            key="products.not_from_turns",
            expected=expect.not_from_turns,
            found=sorted(set(ids) & old),
        )
    repeated = [item for item, times in Counter(ids).items() if times > 1]
    if expect.no_duplicates and repeated:
        yield Failure(key="products.no_duplicates", expected=True, found=repeated)
    yield from _contains("products.include", expect.include, set(ids))


def is_value(
    product: Product,
    facet: str,
    condition: tuple[str, ...] | RangeView,
    catalogue: Catalogue | None = None,
) -> bool:
    """Whether the product's catalogue field has one of the values, or lies within the bounds.

    A size counts as a value where at least one piece of it is left.
    """
    item = catalogue.item(product.id) if catalogue is not None else None
    if isinstance(condition, RangeView):
        numbers = product.numbers if item is None else item.numbers
        return _within(numbers.get(facet), condition)
    values = product.facets.get(facet, ()) if item is None else _values(item, facet, catalogue)
    return bool(set(condition) & set(values))


def _values(item: Item, facet: str, catalogue: Catalogue | None) -> tuple[str, ...]:
    known = catalogue.pack.facet(facet) if catalogue is not None else None
    if known is not None and known.kind == "stock":
        return tuple(size for size, pieces in item.stock.items() if pieces > 0)
    return item.values(facet)


def _within(number: float | None, bounds: RangeView) -> bool:
    if number is None:
        return False
    low = -float("inf") if bounds.min is None else bounds.min
    high = float("inf") if bounds.max is None else bounds.max
    near = bounds.about is None or abs(number - bounds.about) <= ABOUT_SHARE * abs(bounds.about)
    return low <= number <= high and near


def _designs(turn: Turn, expect: DesignsExpectation) -> Iterator[Failure]:
    yield from _count("designs", expect.min, expect.max, len(turn.images))
    keys = [image.image.key for image in turn.images]
    if expect.distinct and len(set(keys)) < len(keys):
        found = f"{len(set(keys))} different of {len(keys)}"
        yield Failure(key="designs.distinct", expected=True, found=found)
    for image in turn.images:
        if not image.reasons:
            yield Failure(key="designs.reasons", expected=f"a reason for {image.id}", found=[])
        if image.nearest is None:
            yield Failure(
                key="designs.nearest", expected=f"the nearest item of {image.id}", found=None
            )


def _answer(turn: Turn, expect: AnswerExpectation) -> Iterator[Failure]:
    texts = [fact.text for answer in turn.answers for fact in answer.facts]
    for fact in expect.facts:
        if not any(fact.casefold() in text.casefold() for text in texts):
            yield Failure(key="answer.facts", expected=fact, found=texts)
    if expect.unknown is not None:
        unknown = any(answer.unknown for answer in turn.answers)
        if not turn.answers or unknown != expect.unknown:
            found = unknown if turn.answers else "no answer"
            yield Failure(key="answer.unknown", expected=expect.unknown, found=found)


def _profile(turn: Turn, expect: ProfileExpectation) -> Iterator[Failure]:
    """Words in the profile's sentences; its headings are not the user's words."""
    sentences = [
        line.lstrip("-* ").strip()
        for line in turn.profile.splitlines()
        if line.strip() and not line.startswith("#")
    ]
    text = "\n".join(sentences).casefold()
    for word in expect.has:
        if word.casefold() not in text:
            yield Failure(key="profile.has", expected=word, found=sentences)
    for word in expect.lacks:
        if word.casefold() in text:
            yield Failure(key="profile.lacks", expected=word, found=sentences)


def _contains(key: str, wanted: Sequence[str], held: set[Any]) -> Iterator[Failure]:
    if any(value not in held for value in wanted):
        yield Failure(key=key, expected=tuple(wanted), found=tuple(sorted(map(str, held))))


def _count(key: str, low: int | None, high: int | None, found: int) -> Iterator[Failure]:
    if low is not None and found < low:
        yield Failure(key=f"{key}.min", expected=low, found=found)
    if high is not None and found > high:
        yield Failure(key=f"{key}.max", expected=high, found=found)


def _ref(ref: ShownRef) -> dict[str, int]:
    return {"turn": ref.turn, "position": ref.position}


def _plain(condition: tuple[str, ...] | RangeView) -> dict[str, float] | tuple[str, ...]:
    if isinstance(condition, RangeView):
        return condition.model_dump(exclude_none=True)
    return condition

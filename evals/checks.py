"""Checks one finished turn against a script's expectation. Values and acts, never wording."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vitrine.core.frozen import Frozen
from vitrine.core.refs import ShownRef
from vitrine.core.turn import Product, RangeView, Turn
from vitrine.evals.scripts import Expectation, ProductsExpectation


class Failure(Frozen):
    """One assertion that does not hold."""

    key: str
    expected: Any
    found: Any


def check(turn: Turn, expect: Expectation, earlier: Sequence[Turn]) -> tuple[Failure, ...]:
    """Every assertion of `expect` that `turn` breaks; `earlier` are the turns before it."""
    return tuple(_check(turn, expect, earlier))


def _check(turn: Turn, expect: Expectation, earlier: Sequence[Turn]) -> Iterator[Failure]:
    yield from _members(turn, expect)
    yield from _state(turn, expect)
    if expect.disclosed is not None:
        told = {notice.facet for notice in turn.notices if notice.facet}
        yield from _contains("disclosed", expect.disclosed, told)
    if expect.products is not None:
        yield from _products(turn, expect.products, earlier)
    if expect.designs is not None:
        count = len(turn.images)
        yield from _count("designs", expect.designs.min, expect.designs.max, count)
        keys = [image.image.key for image in turn.images]
        if expect.designs.distinct and len(set(keys)) < len(keys):
            yield Failure(key="designs.distinct", expected=True, found=False)
        for image in turn.images:
            if not image.reasons or image.nearest is None:
                found = {
                    "reasons": len(image.reasons),
                    "nearest": image.nearest and image.nearest.id,
                }
                yield Failure(
                    key="designs", expected="each with a reason and a nearest item", found=found
                )
    if expect.answer is not None:
        texts = [fact.text.casefold() for answer in turn.answers for fact in answer.facts]
        for fact in expect.answer.facts:
            if not any(fact.casefold() in text for text in texts):
                yield Failure(key="answer.facts", expected=fact, found=texts)
        unknown = any(answer.unknown for answer in turn.answers)
        if expect.answer.unknown is not None and (
            not turn.answers or unknown != expect.answer.unknown
        ):
            found = unknown if turn.answers else "no answer"
            yield Failure(key="answer.unknown", expected=expect.answer.unknown, found=found)
    if expect.profile is not None:
        profile = turn.profile.casefold()
        for word in expect.profile.has:
            if word.casefold() not in profile:
                yield Failure(key="profile.has", expected=word, found=turn.profile)
        for word in expect.profile.lacks:
            if word.casefold() in profile:
                yield Failure(key="profile.lacks", expected=word, found=turn.profile)
    if expect.reasons_cite is not None:
        yield from _contains("reasons_cite", expect.reasons_cite, cited(turn))


def cited(turn: Turn) -> set[str]:
    """Facets whose evidence any reason of the turn cites."""
    reasons = list(turn.reasons)
    for shown in (*turn.products, *turn.images):
        reasons += shown.reasons
    return {reason.facet for reason in reasons if reason.facet}


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
            yield Failure(
                key=f"ranges.{facet}",
                expected=bounds.model_dump(exclude_none=True),
                found=found.model_dump(exclude_none=True),
            )
    if expect.hard is not None:
        yield from _contains("hard", expect.hard, set(state.hard))
    if expect.soft is not None:
        yield from _contains("soft", expect.soft, set(state.soft))
    for text in expect.soft_text or ():
        if not any(text.casefold() in wish.casefold() for wish in state.soft_text):
            yield Failure(key="soft_text", expected=text, found=state.soft_text)
    for facet in expect.absent or ():
        if facet in state.wants or facet in state.avoids or facet in state.ranges:
            found = {
                "wants": state.wants.get(facet),
                "avoids": state.avoids.get(facet),
                "ranges": state.ranges.get(facet),
            }
            yield Failure(key="absent", expected=facet, found={k: v for k, v in found.items() if v})
    if expect.focus is not None and expect.focus != state.focus:
        yield Failure(
            key="focus", expected=_ref(expect.focus), found=state.focus and _ref(state.focus)
        )
    for key, refs, held_refs in (
        ("accepted", expect.accepted, state.accepted),
        ("rejected", expect.rejected, state.rejected),
    ):
        if refs is not None and not set(map(_ref, refs)) <= set(map(_ref, held_refs)):
            yield Failure(
                key=key, expected=[_ref(r) for r in refs], found=[_ref(r) for r in held_refs]
            )


def _products(
    turn: Turn, expect: ProductsExpectation, earlier: Sequence[Turn]
) -> Iterator[Failure]:
    products = turn.products
    yield from _count("products", expect.min, expect.max, len(products))
    for facet, condition in expect.every.items():
        bad = [p.id for p in products if not is_value(p, facet, condition)]
        if bad:
            yield Failure(key=f"products.every.{facet}", expected=_plain(condition), found=bad)
    for facet, condition in expect.none.items():
        bad = [p.id for p in products if is_value(p, facet, condition)]
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


def is_value(product: Product, facet: str, condition: tuple[str, ...] | RangeView) -> bool:
    """Whether the product's catalogue field has one of the values, or lies within the bounds."""
    if isinstance(condition, RangeView):
        number = product.price if facet == "price" else product.numbers.get(facet)
        if number is None:
            return False
        low = -float("inf") if condition.min is None else condition.min
        high = float("inf") if condition.max is None else condition.max
        return low <= number <= high
    return bool(set(condition) & set(product.facets.get(facet, ())))


def _contains(key: str, wanted: Sequence[str], held: set[Any]) -> Iterator[Failure]:
    missing = [value for value in wanted if value not in held]
    if missing:
        yield Failure(key=key, expected=tuple(wanted), found=tuple(sorted(map(str, held))))


def _count(key: str, low: int | None, high: int | None, found: int) -> Iterator[Failure]:
    if low is not None and found < low:
        yield Failure(key=f"{key}.min", expected=low, found=found)
    if high is not None and found > high:
        yield Failure(key=f"{key}.max", expected=high, found=found)


def _ref(ref: ShownRef) -> tuple[int, int]:
    return ref.turn, ref.position


def _plain(condition: tuple[str, ...] | RangeView) -> Mapping[str, float] | tuple[str, ...]:
    return (
        condition.model_dump(exclude_none=True) if isinstance(condition, RangeView) else condition
    )

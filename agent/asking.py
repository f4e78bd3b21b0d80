"""Questions of ours: only where the answer pays, one a turn, with answers to choose from."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vitrine.agent.saying import say_value
from vitrine.agent.statistics import CatalogueStats, Split
from vitrine.agent.wording import listed
from vitrine.core.acts import Ask, Question
from vitrine.core.domain import DomainPack
from vitrine.memory.state import DialogueState

ASK_ABOVE = 40
"""A question pays only when more items than this match."""
ASK_REMAINING = 0.6
"""... and when its answer is expected to leave at most this share of them."""
ASK_TIMES = 3
"""Questions of our own in one conversation, at most."""
MOST_OPTIONS = 4
_OF_THINGS = frozenset({"field", "open", "compare", "why", "more", "worth"})
"""Kinds of questions that are about things rather than the shop."""
_LONGEST = 240
"""Characters up to which a question names the things by their titles."""

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True)
class Option:
    """Something that was shown last and that a reference may mean; `values` facet -> values."""

    position: int
    title: str
    values: dict[str, tuple[str, ...]]


def worthwhile(state: DialogueState, stats: CatalogueStats) -> Ask | None:
    """The question that is expected to shrink the candidates most, if it pays to ask it now.

    Never about a known facet (those have no split), never one that was asked before, not while an
    earlier question is unanswered, and at most `ASK_TIMES` in a conversation.
    """
    if stats.matching <= ASK_ABOVE or len(state.asked) >= ASK_TIMES:
        return None
    if state.open_question is not None:
        return None
    open_splits = [s for s in stats.splits if s.asks not in state.asked and len(s.counts) > 1]
    best = min(open_splits, key=lambda s: (expected_remaining(s), s.facet), default=None)
    if best is None or expected_remaining(best) > ASK_REMAINING:
        return None
    suggestions = tuple(value for value, _ in best.counts[:4])
    return Ask(
        kind="request_information", text=best.asks, facet=best.facet, suggestions=suggestions
    )


def expected_remaining(split: Split) -> float:
    """Expected share of the candidates that an answer leaves, 0..1 (1 if nobody has the facet).

    The user names value v with the share of items that carry it; items without the facet stay.
    """
    total = split.silent + sum(n for _, n in split.counts)
    carried = sum(n for _, n in split.counts)
    if not carried:
        return 1.0
    return sum((n / carried) * (n + split.silent) / total for _, n in split.counts)


def waits(question: Question) -> bool:
    """Whether a question is of things, and not plain without one that is still unresolved."""
    return question.kind == "compare" or (question.kind in _OF_THINGS and not question.things)


def which(unresolved: Sequence[str], options: Sequence[Option], pack: DomainPack) -> Ask:
    """Ask which thing a reference means: the ones it may mean, by number and name."""
    words = unresolved[0][:80]
    if not options:
        return Ask(
            kind="clarify",
            text=f"I have shown nothing yet that {words!r} could mean. What are you looking for?",
            suggestions=pack.starters[:3],
        )
    meant = _meant(words, pack)
    fitting = [o for o in options if _fits(o, meant)]
    if meant and not fitting:
        said = listed([say_value(pack, facet, value) for facet, value in meant[:2]])
        return Ask(
            kind="clarify",
            text=f"None of those on the page is {said}. Which one do you mean by {words!r}?",
            suggestions=_numbers(options),
        )
    asked = fitting if meant else options
    if len(asked) == 1 and len(options) == 1:
        return Ask(
            kind="clarify",
            text=f"There is only {asked[0].title} on the page. Do you mean that one?",
            suggestions=_numbers(asked),
        )
    begins = f"Which one do you mean by {words!r}"
    names = listed([f"{o.position}, {o.title}" for o in asked[:MOST_OPTIONS]], "or")
    text = f"{begins}: {names}?"
    if len(text) > _LONGEST:
        text = f"{begins}: number {listed([str(o.position) for o in asked[:MOST_OPTIONS]], 'or')}?"
    return Ask(kind="clarify", text=text, suggestions=_numbers(asked))


def _numbers(options: Sequence[Option]) -> tuple[str, ...]:
    return tuple(f"number {option.position}" for option in options[:MOST_OPTIONS])


def _meant(words: str, pack: DomainPack) -> list[tuple[str, str]]:
    """(facet, value) pairs that the words name, the head's values last."""
    spoken = f" {' '.join(_WORD.findall(words.casefold()))} "
    found: list[tuple[str, str]] = []
    for facet in sorted(pack.facets, key=lambda f: f.role == "head"):
        for value in facet.values:
            names = (value.name, *value.words)
            if any(f" {name.casefold()} " in spoken for name in names):
                found.append((facet.name, value.name))
    return found


def _fits(option: Option, meant: Collection[tuple[str, str]]) -> bool:
    """Whether a thing has a value of every facet that the words name."""
    facets = {facet for facet, _ in meant}
    return bool(facets) and all(
        any(value in option.values.get(facet, ()) for name, value in meant if name == facet)
        for facet in facets
    )


def anything_else() -> Ask:
    """Is there anything else: after a thing was taken."""
    return Ask(
        kind="ensure_fulfillment",
        text="Is that all you need, or may I find something else?",
        suggestions=("That's all, thanks", "Show me more like it"),
    )


def the_one() -> Ask:
    """What the user makes of the facts for and against a thing."""
    return Ask(
        kind="ask_opinion",
        text="Is that the one, or shall I look on?",
        suggestions=("I'll take it", "Show me more like it", "Show me others"),
    )


def more_of() -> Ask:
    """What to do with a thing that was just pointed at."""
    return Ask(
        kind="ask_opinion",
        text="Shall I find more like it, or draw new ones after it?",
        suggestions=("Show me more like it", "Design me one like it", "I'll take it"),
    )


def what_would_help(stats: CatalogueStats) -> Ask:
    """What would make the shown things better; the values that split them best are offered."""
    values = tuple(v for s in stats.splits[:2] for v, _ in s.counts[:2])
    suggestions = (*values, "Something cheaper", "Show me others")
    return Ask(
        kind="ask_opinion", text="What would make them better for you?", suggestions=suggestions
    )

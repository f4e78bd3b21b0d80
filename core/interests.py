"""The words of an interest rewrite (I-AM-G eq. 4, 5 and T*): tags are counted, T* is written in budget."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from vitrine.core.domain import DomainPack

Tag = TypeVar("Tag", bound=Hashable)


class TextBudget(Protocol):
    """How long a text may be for the encoder that will read it."""

    @property
    def limit(self) -> int:
        """Units that fit (tokens, without the marks that the encoder adds itself)."""
        ...

    def count(self, text: str) -> int:
        """Units of the text."""
        ...


@dataclass(frozen=True)
class WordBudget:
    """Words, where no tokenizer is at hand."""

    limit: int

    def count(self, text: str) -> int:
        """Words of the text."""
        return len(text.split())


@dataclass(frozen=True)
class Rewritten:
    """T*. `interests` are those that stand in it, `words_cut` the words of T that do not."""

    text: str
    interests: tuple[str, ...]
    words_cut: int


def count_tags(
    history: Sequence[Sequence[Tag]], rank: Callable[[Tag], tuple[object, ...]]
) -> Mapping[Tag, int]:
    """Eq. 5: how many things of the history (newest last) carry each tag, most frequent first.

    Ties: what the newest thing carries first, then `rank`; so that equal histories give equal texts.
    """
    counts: dict[Tag, int] = {}
    newest: dict[Tag, int] = {}
    for age, tags in enumerate(reversed(history)):
        for tag in dict.fromkeys(tags):
            counts[tag] = counts.get(tag, 0) + 1
            newest.setdefault(tag, age)
    ranked = sorted(counts, key=lambda tag: (-counts[tag], newest[tag], *rank(tag)))
    return {tag: counts[tag] for tag in ranked}


def compatible(
    ranked: Sequence[tuple[str, str]],
    history: Sequence[Sequence[tuple[str, str]]],
    pack: DomainPack,
    head: str | None,
) -> list[tuple[str, str]]:
    """Of ranked (facet, value) tags those that one thing of the wanted kind can show together.

    A facet that such things do not have is left out, and of a facet that no thing of the history has
    twice the first value stands: who likes long and short is not asking for both. Tags without a
    facet stay.

    Args:
        ranked: most frequent first.
        history: tags of each thing.
        pack: says which kinds have a facet.
        head: the wanted kind; None: any.
    """
    several: set[str] = set()
    for tags in history:
        facets = [facet for facet, _ in tags]
        several |= {facet for facet in facets if facets.count(facet) > 1}
    found: list[tuple[str, str]] = []
    taken: set[str] = set()
    for facet, value in ranked:
        known = pack.facet(facet)
        kinds = known.applies_to if known is not None else ()
        if (head is not None and kinds and head not in kinds) or facet in taken:
            continue
        found.append((facet, value))
        if facet and facet not in several:
            taken.add(facet)
    return found


def rewrite(
    target: str, noun: str, own: Sequence[str], interests: Sequence[str], budget: TextBudget
) -> Rewritten:
    """T* = T + "This <noun> is about <own>, maybe related to <interests>.", within the budget.

    The tags stand at the end, where an encoder would cut: T gives way before them, and only then do
    the least interests. A template that would leave T less than half of the budget (a small
    tokenizer spells "maybe related to" in a dozen pieces) is left out for the bare tags.
    """
    words = target.split()
    kept = tuple(interests)
    full = " ".join(words)
    while True:
        tail = _sentence(noun, own, kept)
        if full and budget.count(_joined(full, tail)) > budget.limit:
            room = budget.limit - budget.count(tail)
            if 2 * room < budget.limit:
                tail = _listed(own, kept)
        elif not full and budget.count(tail) > budget.limit:
            tail = _listed(own, kept)
        if budget.count(tail) <= budget.limit or not kept:
            break
        kept = kept[:-1]
    count = _longest(words, tail, budget)
    text = _joined(" ".join(words[:count]), tail)
    return Rewritten(text=text, interests=kept, words_cut=len(words) - count)


def _longest(words: Sequence[str], tail: str, budget: TextBudget) -> int:
    """How many words of T fit before the tail."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if budget.count(_joined(" ".join(words[:middle]), tail)) <= budget.limit:
            low = middle
        else:
            high = middle - 1
    return low


def _joined(target: str, tail: str) -> str:
    """T and its tail: a sentence after a sentence, bare tags after a comma."""
    if not target or not tail:
        return target or tail
    if tail.startswith("This "):
        closed = target.endswith((".", "!", "?"))
        return f"{target if closed else target.rstrip(',;:') + '.'} {tail}"
    return f"{target.rstrip('.,;:!?')}, {tail}"


def _sentence(noun: str, own: Sequence[str], interests: Sequence[str]) -> str:
    """The template of I-AM-G sec. 4.1; a part without tags is left out."""
    about = f"about {', '.join(own)}" if own else ""
    related = f"maybe related to {', '.join(interests)}" if interests else ""
    parts = ", ".join(part for part in (about, related) if part)
    return f"This {noun} is {parts}." if parts else ""


def _listed(own: Sequence[str], interests: Sequence[str]) -> str:
    return ", ".join([*own, *interests])

"""What a comparison comes down to for this person: which rows to show first, and plain verdicts."""

import re
from collections.abc import Sequence

from vitrine.agent.reasons import carries, within
from vitrine.agent.saying import label_of, say_bounds, say_number, say_value, spoken_words
from vitrine.agent.wording import listed
from vitrine.core.domain import DomainPack, Facet
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Fact
from vitrine.memory.state import Belief, Beliefs, DialogueState
from vitrine.tools.compare_items import CompareResult, CompareRow
from vitrine.tools.quotes import content_stems

MOST_ROWS = 8
_SHORTEST = 3
"""Letters that a word keeps at least when the ending of a comparison is taken off."""
_WORD = re.compile(r"[^\W\d_]+")
_COMPARING = frozenset(
    """
    compare compared comparing comparison difference differences differ differs different versus vs
    better best worse worst nicer nicest prettier prettiest pros cons side sides two three four five
    six between among sets apart choose pick prefer suit suits suited fit fits favourite favorite
    option options choice money value overall generally against other others each every same both
    most least deal deals bargain price priced like liked likes love loved saw seen earlier before
    recommend recommended suggest advise take buy tip recommendation suggestion go
    """.split()
)
"""Words of comparing, not of what is compared."""


def telling_rows(
    table: CompareResult, state: DialogueState, pack: DomainPack, facet: str | None
) -> tuple[str, ...]:
    """Facets that differ, in the order in which they matter: asked about, wished for, the rest.

    A long list of sizes is left out unless sizes were spoken of.
    """
    spoken = [b.facet for b in state.beliefs.facets] + [r.facet for r in state.beliefs.ranges]
    order = {
        name: rank
        for rank, name in enumerate(dict.fromkeys([*([facet] if facet else []), *spoken]))
    }
    roles = {"price": len(order), "rating": len(order) + 1}

    def rank(name: str) -> tuple[int, int]:
        known = pack.facet(name)
        role = known.role if known is not None else ""
        return order.get(name, roles.get(role, len(order) + 2)), names.index(name)

    names = [row.facet for row in table.rows]
    rows = [
        row.facet
        for row in table.rows
        if row.differs and (row.kind != "stock" or row.facet in order)
    ]
    return tuple(sorted(rows, key=rank)[:MOST_ROWS])


def drawn_table(
    things: Sequence[ThingRef], state: DialogueState, catalogue: Catalogue
) -> CompareResult:
    """A table in which drawings stand by what was asked of them; they have no numbers."""
    pack = catalogue.pack
    rows: list[CompareRow] = []
    for facet in pack.facets:
        if facet.kind == "stock":
            continue
        cells = tuple(_cell(thing, facet, state, catalogue) for thing in things)
        if any(cells):
            rows.append(
                CompareRow(
                    facet=facet.name,
                    label=facet.label or facet.name,
                    kind=facet.kind,
                    cells=cells,
                    differs=len({frozenset(cell) for cell in cells}) > 1,
                )
            )
    return CompareResult(items=tuple(thing.id for thing in things), rows=tuple(rows))


def best_drawn(
    things: Sequence[ThingRef], titles: Sequence[str], state: DialogueState
) -> tuple[Fact, ...]:
    """Which of several drawings came out best when they were scored."""
    scored = [
        (design.score, title)
        for thing, title in zip(things, titles, strict=True)
        if thing.kind == "design" and (design := state.design(thing.id)) is not None
    ]
    if len(scored) < 2 or len(scored) < len(things):
        return ()
    score, title = max(scored, key=lambda pair: pair[0])
    text = f"{title} comes out best by what you asked for and like (match {score:.2f})"
    return (Fact(text=text[:600], source="belief"),)


def _cell(
    thing: ThingRef, facet: Facet, state: DialogueState, catalogue: Catalogue
) -> tuple[str, ...]:
    if thing.kind == "design":
        design = state.design(thing.id)
        return design.facets.get(facet.name, ()) if design is not None else ()
    item = catalogue.item(thing.id)
    if facet.kind == "numeric":
        number = item.numbers.get(facet.name)
        return () if number is None else (say_number(catalogue.pack, facet, number),)
    return item.values(facet.name)


def verdicts(
    items: Sequence[Item], titles: Sequence[str], state: DialogueState, pack: DomainPack
) -> tuple[Fact, ...]:
    """Which of them is cheaper, rated better, and meets more of what was asked for."""
    best: dict[int, list[tuple[str, Facet]]] = {}
    for role, words, lowest in (("price", "cheapest", True), ("rating", "rated best", False)):
        facet = pack.role(role)
        known = [
            (item.numbers[facet.name], at)
            for at, item in enumerate(items)
            if facet is not None and facet.name in item.numbers
        ]
        if facet is None or len(known) < 2:
            continue
        top, at = min(known) if lowest else max(known)
        if [n for n, _ in known].count(top) > 1:
            continue
        number = say_number(pack, facet, top)
        if len(items) > 2:
            text = f"{words} ({number})"
        elif lowest:
            gap = min(abs(n - top) for n, i in known if i != at)
            text = f"{say_number(pack, facet, round(gap, 2))} cheaper"
        else:
            text = f"rated higher ({number})"
        best.setdefault(at, []).append((text, facet))
    facts = [
        Fact(
            text=f"{titles[at]} is {listed([text for text, _ in told])}"[:600],
            source="field",
            item=items[at].id,
            ref=told[0][1].name,
        )
        for at, told in best.items()
    ]
    return (*facts, *_wishes(items, titles, state.beliefs, pack))


def _wishes(
    items: Sequence[Item], titles: Sequence[str], beliefs: Beliefs, pack: DomainPack
) -> list[Fact]:
    """Which of several meets which wish, told only where they differ, and who meets most."""
    facts: list[Fact] = []
    met = _met(items, beliefs, pack)
    differing = {key: held for key, held in met.items() if 0 < len(held) < len(items)}
    for (facet, words), held in differing.items():
        only = listed([titles[at] for at in held])
        facts.append(
            Fact(
                text=f"only {only} {'is' if len(held) == 1 else 'are'} {words}, as you asked"[:600],
                source="field",
                item=items[held[0]].id,
                ref=facet,
            )
        )
    counts = [sum(at in held for held in met.values()) for at in range(len(items))]
    if len(differing) > 1 and counts.count(max(counts)) == 1:
        at = counts.index(max(counts))
        text = f"{titles[at]} meets the most of what you asked for ({counts[at]} of {len(met)})"
        facts.append(Fact(text=text[:600], source="field", item=items[at].id))
    return facts


def _met(
    items: Sequence[Item], beliefs: Beliefs, pack: DomainPack
) -> dict[tuple[str, str], list[int]]:
    """(facet, wish in words) -> places of the items that meet it; alternatives are one wish."""
    met: dict[tuple[str, str], list[int]] = {}
    wants: dict[str, list[Belief]] = {}
    for belief in beliefs.facets:
        if belief.polarity == "want":
            wants.setdefault(belief.facet, []).append(belief)
            continue
        words = f"not {say_value(pack, belief.facet, belief.value)}"
        met[belief.facet, words] = [
            at for at, item in enumerate(items) if not carries(item, belief)
        ]
    for facet, held in wants.items():
        words = listed([say_value(pack, facet, belief.value) for belief in held], "or")
        met[facet, words] = [
            at for at, item in enumerate(items) if any(carries(item, b) for b in held)
        ]
    for bounds in beliefs.ranges:
        met[bounds.facet, say_bounds(pack, bounds)] = [
            at for at, item in enumerate(items) if within(item, bounds)
        ]
    return met


def asked_property(question: str, titles: Sequence[str], pack: DomainPack) -> tuple[str, ...]:
    """What things are to be compared in, in its plain form and as it was said; empty for nothing.

    "Which is warmest?" is about "warm"; "which is better?" is about nothing in particular.
    """
    named = {stem for title in titles for stem in content_stems(title)}
    named |= {
        stem
        for value in pack.head.values
        for words in spoken_words(pack, pack.head.name, value.name)
        for stem in content_stems(words)
    }
    named |= set(content_stems(f"{pack.noun} {pack.nouns}"))
    words = [
        word
        for word in _WORD.findall(question.casefold())
        if word not in _COMPARING and content_stems(word) and not set(content_stems(word)) & named
    ]
    if not words:
        return ()
    plain = " ".join(_plain(word) for word in words)
    return tuple(dict.fromkeys((plain, " ".join(words))))


def _plain(word: str) -> str:
    """A comparative or superlative without its ending."""
    for ending, instead in (("iest", "y"), ("ier", "y"), ("est", ""), ("er", "")):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            stem = word[: -len(ending)]
            doubled = not instead and stem[-1] == stem[-2] and stem[-1] not in "aeiouls"
            return (stem[:-1] if doubled else stem) + instead
    return word


def cells(table: CompareResult, name: str, pack: DomainPack) -> tuple[str, tuple[str, ...]]:
    """(label, one cell a thing) of a row."""
    row = next(row for row in table.rows if row.facet == name)
    return label_of(pack, name), tuple(", ".join(cell) or "not stated" for cell in row.cells)

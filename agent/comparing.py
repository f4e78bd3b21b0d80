"""What a comparison comes down to for this person: which rows to show first, and plain verdicts."""

from collections.abc import Sequence

from vitrine.agent.reasons import carries, within
from vitrine.agent.saying import label_of, say_bounds, say_number, say_value
from vitrine.agent.wording import listed
from vitrine.core.domain import DomainPack, Facet
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Fact
from vitrine.memory.state import Beliefs, DialogueState
from vitrine.tools.compare_items import CompareResult, CompareRow

MOST_ROWS = 8


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
    facts: list[Fact] = []
    for role, words, lowest in (("price", "cheapest", True), ("rating", "rated best", False)):
        facet = pack.role(role)
        known = [
            (item.numbers[facet.name], at)
            for at, item in enumerate(items)
            if facet is not None and facet.name in item.numbers
        ]
        if facet is None or len(known) < 2:
            continue
        best, at = min(known) if lowest else max(known)
        if [n for n, _ in known].count(best) > 1:
            continue
        others = [n for n, i in known if i != at]
        gap = min(abs(n - best) for n in others)
        by = say_number(pack, facet, round(gap, 2))
        number = say_number(pack, facet, best)
        comparative = {"cheapest": "cheaper", "rated best": "rated higher"}[words]
        text = (
            f"{titles[at]} is {by} {comparative}"
            if len(items) == 2 and lowest
            else f"{titles[at]} is {words if len(items) > 2 else comparative} ({number})"
        )
        facts.append(Fact(text=text[:600], source="field", item=items[at].id, ref=facet.name))
    facts += _wishes(items, titles, state.beliefs, pack)
    return tuple(facts)


def _wishes(
    items: Sequence[Item], titles: Sequence[str], beliefs: Beliefs, pack: DomainPack
) -> list[Fact]:
    """Which of several meets which wish, told only where they differ."""
    facts: list[Fact] = []
    wanted: dict[tuple[str, str], list[int]] = {}
    for belief in beliefs.facets:
        met = [
            at
            for at, item in enumerate(items)
            if carries(item, belief) == (belief.polarity == "want")
        ]
        words = say_value(pack, belief.facet, belief.value)
        wanted[belief.facet, words if belief.polarity == "want" else f"not {words}"] = met
    for bounds in beliefs.ranges:
        met = [at for at, item in enumerate(items) if within(item, bounds)]
        wanted[bounds.facet, say_bounds(pack, bounds)] = met
    for (facet, words), met in wanted.items():
        if met and len(met) < len(items):
            only = listed([titles[at] for at in met])
            verb = "is" if len(met) == 1 else "are"
            facts.append(
                Fact(
                    text=f"only {only} {verb} {words}, as you asked"[:600],
                    source="field",
                    item=items[met[0]].id,
                    ref=facet,
                )
            )
    return facts


def cells(table: CompareResult, name: str, pack: DomainPack) -> tuple[str, tuple[str, ...]]:
    """(label, one cell a thing) of a row."""
    row = next(row for row in table.rows if row.facet == name)
    return label_of(pack, name), tuple(", ".join(cell) or "not stated" for cell in row.cells)

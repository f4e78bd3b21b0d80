"""What the policy may know of the catalogue: how many match, how a question would split them."""

from pydantic import Field

from vitrine.agent.seeking import filters
from vitrine.core.domain import Facet
from vitrine.core.frozen import Frozen
from vitrine.core.ports import Catalogue
from vitrine.memory.state import DialogueState
from vitrine.tools.conditions import Conditions


class Split(Frozen):
    """How the matching items spread over one facet's values, most frequent first."""

    facet: str
    asks: str
    counts: tuple[tuple[str, int], ...]
    silent: int = Field(ge=0, description="matching items without a value of the facet")


class CatalogueStats(Frozen):
    """Statistics of the items that pass all hard conditions."""

    matching: int = Field(ge=0)
    total: int = Field(ge=0)
    splits: tuple[Split, ...] = ()


def measure(state: DialogueState, held: Conditions, catalogue: Catalogue) -> CatalogueStats:
    """Count what matches, and how each facet that may still be asked about would split it."""
    pack = catalogue.pack
    carried = {
        facet.name: frozenset(catalogue.values(facet.name))
        for facet in pack.facets
        if facet.kind == "categorical"
    }
    mask = catalogue.mask(filters(held, carried))
    matching = int(mask.sum())
    known = {b.facet for b in state.beliefs.facets} | {r.facet for r in state.beliefs.ranges}
    known |= {want.facet for want in held.wants}  # the profile knows it
    heads = [
        b.value for b in state.beliefs.facets if b.facet == pack.head.name and b.polarity == "want"
    ]
    splits: list[Split] = []
    for facet in pack.facets:
        if not _askable(facet, known, heads):
            continue
        counts = [
            (value, n)
            for value in sorted(carried[facet.name])
            if (n := int((catalogue.carries(facet.name, value) & mask).sum()))
        ]
        counts.sort(key=lambda pair: (-pair[1], pair[0]))
        silent = max(0, matching - sum(n for _, n in counts))
        splits.append(
            Split(facet=facet.name, asks=facet.asks or "", counts=tuple(counts), silent=silent)
        )
    return CatalogueStats(matching=matching, total=len(catalogue), splits=tuple(splits))


def _askable(facet: Facet, known: set[str], heads: list[str]) -> bool:
    if facet.kind != "categorical" or not facet.asks or facet.name in known:
        return False
    if facet.role == "head":
        return True
    return bool(heads) and (not facet.applies_to or any(head in facet.applies_to for head in heads))

"""Words for pictures: a prompt is the pack's template filled with facet values."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vitrine.core.domain import DomainPack

_SLOT = re.compile(r"\{([^{}]+)\}")


def spoken(pack: DomainPack, facet: str, value: str) -> str:
    """How a prompt says the value: its `prompt`, else its name (of the facet it borrows from)."""
    known = pack.facet(facet)
    source = known
    if known is not None and known.values_from is not None:
        source = pack.facet(known.values_from)
    found = source.value(value) if source is not None else None
    return (found.prompt if found is not None else None) or value


def write_prompt(pack: DomainPack, choices: Mapping[str, str]) -> str:
    """The pack's template with the chosen values (facet -> value).

    A slot is written only when every facet named in it has a value; literal words in the slot
    vanish with it. Without a template the values are joined, the head last. The head's noun is the
    pack's noun where no head value is chosen.
    """
    chosen = dict(choices)
    chosen.setdefault(pack.head.name, pack.noun)
    if pack.design is None:
        words = [spoken(pack, f, v) for f, v in chosen.items() if f != pack.head.name]
        return " ".join([*words, spoken(pack, pack.head.name, chosen[pack.head.name])])
    names = {facet.name for facet in pack.facets}

    def fill(match: re.Match[str]) -> str:
        tokens = match[1].split()
        if any(token in names and token not in chosen for token in tokens):
            return ""
        return " ".join(
            spoken(pack, token, chosen[token]) if token in names else token for token in tokens
        )

    return " ".join(_SLOT.sub(fill, pack.design.template).split())


def design_facets(pack: DomainPack) -> frozenset[str]:
    """The facets that the pack's template can say."""
    if pack.design is None:
        return frozenset(f.name for f in pack.facets if f.kind == "categorical" and f.visible)
    tokens = {token for slot in _SLOT.findall(pack.design.template) for token in slot.split()}
    return frozenset(f.name for f in pack.facets if f.name in tokens)

"""Words for pictures: prompts are written from facet values of the pack, never from raw user text.

Words outside the vocabulary that a renderer was trained on give arbitrary pictures, so the dialogue
state chooses the words and the domain pack says how a picture prompt says them.
"""

import re
from collections.abc import Mapping

from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.memory.state import DialogueState

Choices = Mapping[str, str]
"""Facet -> the one value that the picture should have."""

_SLOT = re.compile(r"\{([^{}]+)\}")


def spoken(pack: DomainPack, facet: str, value: str) -> str:
    """How a prompt says the value: its `prompt`, else its name (of the facet it borrows from)."""
    known = pack.facet(facet)
    source = known
    if known is not None and known.values_from is not None:
        source = pack.facet(known.values_from)
    found = source.value(value) if source is not None else None
    return (found.prompt if found is not None else None) or value


def write_prompt(pack: DomainPack, choices: Choices) -> str:
    """The pack's template with the chosen values.

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
        facets = [token for token in tokens if token in names]
        if any(token not in chosen for token in facets):
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


def wanted_choices(state: DialogueState, pack: DomainPack, turn: int = 0) -> dict[str, str]:
    """One known wanted value a facet that a prompt can say; `turn` picks among several.

    Counting up `turn` from 0 walks through the alternatives ("red or blue"), so that a set of
    designs shows them all.
    """
    sayable = design_facets(pack)
    alternatives: dict[str, list[str]] = {}
    for belief in state.beliefs.facets:
        if belief.polarity == "want" and belief.facet in sayable and belief.known:
            alternatives.setdefault(belief.facet, []).append(belief.value)
    return {facet: values[turn % len(values)] for facet, values in alternatives.items()}


def item_choices(item: Item, pack: DomainPack) -> dict[str, str]:
    """The item's own visible values, as a prompt would say them."""
    sayable = design_facets(pack)
    choices: dict[str, str] = {}
    for facet in pack.facets:
        values = item.values(facet.name)
        if facet.name in sayable and facet.visible and values:
            choices[facet.name] = values[0]
    return choices


def fitting(choices: Choices, pack: DomainPack) -> dict[str, str]:
    """The choices without facets that the chosen kind of thing does not have."""
    head = choices.get(pack.head.name)
    kept: dict[str, str] = {}
    for name, value in choices.items():
        facet = pack.facet(name)
        if facet is None or (
            facet.applies_to and head is not None and head not in facet.applies_to
        ):
            continue
        kept[name] = value
    return kept


def query_words(state: DialogueState, pack: DomainPack) -> str:
    """What to search for, in words: values as prompts say them, wishes, unknown values."""
    known = write_prompt(pack, fitting(wanted_choices(state, pack), pack))
    said = design_facets(pack)
    others = [
        spoken(pack, b.facet, b.value)
        for b in state.beliefs.facets
        if b.polarity == "want" and (b.facet not in said or not b.known)
    ]
    wishes = [w.text for w in state.beliefs.wishes if w.polarity == "want"]
    context = [c.value for c in state.beliefs.context]
    return " ".join([known, *others, *wishes, *context])[:2000]


def negative_words(state: DialogueState, pack: DomainPack) -> str:
    """The pack's negative prompt and the values that are avoided."""
    sayable = design_facets(pack)
    avoided = [
        spoken(pack, b.facet, b.value)
        for b in state.beliefs.facets
        if b.polarity == "avoid" and b.facet in sayable and b.known
    ]
    return ", ".join(part for part in [pack.design.avoid if pack.design else "", *avoided] if part)[
        :1000
    ]

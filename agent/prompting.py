"""Words for pictures: prompts are written from facet values of the pack, never from raw user text.

Words outside the vocabulary that a renderer was trained on give arbitrary pictures, so the dialogue
state chooses the words and the domain pack says how a picture prompt says them.
"""

from collections.abc import Mapping

from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.core.prompts import design_facets, spoken, write_prompt
from vitrine.memory.state import DialogueState

Choices = Mapping[str, str]
"""Facet -> the one value that the picture should have."""


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
    choices = fitting(wanted_choices(state, pack), pack)
    known = write_prompt(pack, choices) if choices else ""  # a mere noun would find its own word
    said = design_facets(pack)
    others = [
        spoken(pack, b.facet, b.value)
        for b in state.beliefs.facets
        if b.polarity == "want" and (b.facet not in said or not b.known)
    ]
    wishes = [w.text for w in state.beliefs.wishes if w.polarity == "want"]
    context = [c.value for c in state.beliefs.context]
    return " ".join(filter(None, [known, *others, *wishes, *context]))[:2000]


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

"""What is sent to understand one message: instructions that never change, then state, then words.

The instructions (with the shop's facets) come first and are the same bytes for every user and turn,
so that providers and local models keep their prefix. Lengths are bounded, whatever the shop, the
state or the message. The profile is not sent: it takes no part in what a message means.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from vitrine.agent.prompts import fill_prompt, load_prompt
from vitrine.agent.understanding.base import Heard
from vitrine.core.domain import DomainPack, Facet
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ThingRef
from vitrine.memory.state import DialogueState
from vitrine.memory.views import view

PROMPT = Path(__file__).with_name("llm.md")

FACETS_CHARS = 2600
"""Room for the shop's facets and values; the rarest values give way."""
STATE_CHARS = 1100
"""Room for the state as JSON; the oldest shown things give way."""
MESSAGE_BYTES = 1000
"""Longest message that is sent; a longer one is read by the built-in understanding."""
SHOWN = 8
"""Shown things of the state, newest first."""


def instructions(catalogue: Catalogue) -> str:
    """The stable part: the form, the rules and the shop's facets."""
    pack = catalogue.pack
    return fill_prompt(
        load_prompt(PROMPT),
        shop=_short(pack.title, 60),
        nouns=_short(pack.nouns, 40),
        facets=_facets(catalogue),
    )


def message(heard: Heard) -> str:
    """The part that changes: state, then what was said, both as JSON."""
    said = json.dumps(heard.message.text, ensure_ascii=False)
    return f"STATE\n{_state(heard)}\n\nMESSAGE\n{said}\n"


def correction(problem: str) -> str:
    """What the one repeated call says besides."""
    return (
        f"\nYour last answer did not fit the form: {problem}\nGive the whole JSON object again.\n"
    )


# --- facets -------------------------------------------------------------------------------------


def _facets(catalogue: Catalogue) -> str:
    """One line a facet; as many values as fit, the common ones first."""
    most = 400
    while True:
        lines = [_facet(facet, catalogue, most) for facet in catalogue.pack.facets]
        text = "\n".join(lines)
        if len(text) <= FACETS_CHARS or most <= 1:
            return text[:FACETS_CHARS]
        most = min(most * 3 // 4, max(len(_values(f, catalogue)) for f in catalogue.pack.facets))


def _facet(facet: Facet, catalogue: Catalogue, most: int) -> str:
    pack = catalogue.pack
    label = f" ({_short(facet.label, 30)})" if facet.label not in ("", facet.name) else ""
    if facet.role == "head":
        label = " (what it is)"
    line = f"- {facet.name}{label}: {_content(facet, catalogue, most)}"
    if facet.applies_to:
        heads = [value.name for value in pack.head.values]
        lacking = [name for name in heads if name not in facet.applies_to]
        if len(lacking) < len(facet.applies_to):
            line += f"; not of {', '.join(lacking)}" if lacking else ""
        else:
            line += f"; only of {', '.join(facet.applies_to)}"
    return line


def _content(facet: Facet, catalogue: Catalogue, most: int) -> str:
    if facet.kind == "numeric":
        numbers = catalogue.numbers(facet.name)
        known = numbers[~np.isnan(numbers)]
        unit = facet.unit or (catalogue.pack.currency if facet.role == "price" else "")
        if not len(known):
            return f"number {unit}".strip()
        return f"number, {known.min():g} to {known.max():g} {unit}".strip()
    if facet.values_from is not None:
        return f"a {facet.values_from}" + (f", of the {facet.of}" if facet.of else "")
    values = _values(facet, catalogue)
    more = ", ..." if len(values) > most else ""
    return ", ".join(_short(value, 30) for value in values[:most]) + more


def _values(facet: Facet, catalogue: Catalogue) -> list[str]:
    """Values by how many items carry them, most first; names of the pack before unlisted ones."""
    if facet.kind == "numeric" or facet.values_from is not None:
        return []
    counts = catalogue.values(facet.name)
    named = dict.fromkeys([value.name for value in facet.values])
    rest = sorted((v for v in counts if v not in named), key=lambda v: (-counts[v], v))
    return [*named, *rest]


# --- state --------------------------------------------------------------------------------------


def _state(heard: Heard) -> str:
    """The state as JSON, at most `STATE_CHARS` long: shown things give way first, then the rest."""
    state, catalogue = heard.state, heard.catalogue
    believed = view(state)
    fixed: dict[str, object] = {
        "turn": state.turn + 1,
        "wants": believed.wants,
        "avoids": believed.avoids,
        "ranges": {
            name: bounds.model_dump(exclude_none=True) for name, bounds in believed.ranges.items()
        },
        "wishes": list(believed.soft_text),
        "context": believed.context,
        "accepted": [f"{ref.turn}.{ref.position}" for ref in believed.accepted],
    }
    if state.focus is not None and (place := state.place(state.focus)) is not None:
        fixed["focus"] = f"{place.turn}.{place.position}"
    question = state.open_question
    if question is not None:
        fixed["asked"] = _short(question.text, 120)
        fixed["suggested"] = [_short(text, 30) for text in question.suggestions[:4]]
    fixed = {name: value for name, value in fixed.items() if value}
    shown = _shown(state, lambda thing: _told(thing, state, catalogue))
    while True:
        text = json.dumps(fixed | ({"shown": shown} if shown else {}), ensure_ascii=False)
        if len(text) <= STATE_CHARS:
            return text
        if shown:
            del shown[next(reversed(shown))]
        else:
            del fixed[next(name for name in reversed(fixed) if name != "turn")]


def _shown(state: DialogueState, told: Callable[[ThingRef], str]) -> dict[str, str]:
    """Place -> thing: the newest sets first, each in its order."""
    found: dict[str, str] = {}
    for shown in reversed(state.shown):
        for position, thing in enumerate(shown.things, start=1):
            if len(found) < SHOWN:
                found[f"{shown.turn}.{position}"] = told(thing)
    return found


def _told(thing: ThingRef, state: DialogueState, catalogue: Catalogue) -> str:
    """A thing in a few words: title, price and what can be seen of it."""
    pack = catalogue.pack
    if thing.kind == "design":
        design = state.design(thing.id)
        return f"design: {_seen(design.facets if design is not None else {}, pack)}"
    if not catalogue.has(thing.id):
        return "gone"
    item = catalogue.item(thing.id)
    price = pack.role("price")
    number = item.numbers.get(price.name) if price is not None else None
    cost = f", {number:g}" if number is not None else ""
    return f"{_short(item.title, 50)}{cost}: {_seen(item.facets, pack)}"


def _seen(facets: Mapping[str, tuple[str, ...]], pack: DomainPack) -> str:
    seen = [facets[f.name][0] for f in pack.facets if f.visible and facets.get(f.name)]
    return _short(" ".join(seen[:4]), 50)


def _short(text: str, limit: int) -> str:
    """One line, no longer than this."""
    return " ".join(text.split())[:limit]

"""Readers over the shipped packs, and a compact way to write down operations."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.core.acts import StateOp, Understanding
from vitrine.core.domain import load_pack
from vitrine.core.places import domain_folder
from vitrine.core.refs import ShownRef, ThingRef
from vitrine.core.turn import Message
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.packs import read_items
from vitrine.memory.profile import Profile
from vitrine.memory.reducer import Change, apply
from vitrine.memory.state import DialogueState, OpenQuestion, ShownSet


class Talk:
    """One conversation with the understanding and the reducer alone: no tools, no graph."""

    def __init__(self, catalogue: PackCatalogue, reader: BuiltinUnderstanding) -> None:
        self.catalogue = catalogue
        self.reader = reader
        self.state = DialogueState(thread="t", user="u", domain=catalogue.pack.name)
        self.change: Change | None = None

    def understand(self, text: str, picks: tuple[ShownRef, ...] = ()) -> Understanding:
        message = Message(text=text, picks=picks)
        return self.reader.understand(Heard(message, self.state, Profile(user="u"), self.catalogue))

    def say(
        self, text: str, show: Sequence[ThingRef] = (), picks: tuple[ShownRef, ...] = ()
    ) -> Understanding:
        """Understand, apply, finish the turn, and show these things."""
        understanding = self.understand(text, picks)
        self.change = apply(self.state, understanding, self.catalogue.pack)
        state = self.change.state
        turn = state.turn + 1
        shown = state.shown
        if show:
            shown = (*shown, ShownSet(turn=turn, things=tuple(show)))
        self.state = state.model_copy(update={"turn": turn, "shown": shown})
        return understanding

    def ask(self, text: str, facet: str | None = None, suggestions: tuple[str, ...] = ()) -> None:
        question = OpenQuestion(
            turn=self.state.turn, text=text, facet=facet, suggestions=suggestions
        )
        self.state = self.state.model_copy(update={"open_question": question})

    def items(self, count: int = 1, **facets: str) -> list[ThingRef]:
        """The first items with these values."""
        found: list[ThingRef] = []
        for row in range(len(self.catalogue)):
            item = self.catalogue.at(row)
            if all(value in item.values(name) for name, value in facets.items()):
                found.append(ThingRef(kind="item", id=item.id))
                if len(found) == count:
                    return found
        raise AssertionError(f"fewer than {count} items with {facets!r}")

    def price(self, thing: ThingRef) -> float:
        return self.catalogue.item(thing.id).numbers["price"]


def compact(ops: Sequence[StateOp]) -> list[str]:
    """Operations as short strings; focus left out.

    `color=red` set, `+color=blue` add, `-color=red` avoid, `~` before: soft, `?` before: not
    carried, `price<=80`, `price>=20`, `price~60`, `wish warm`, `-wish flashy`, `recipient: my mum`.
    """
    return [_compact(op) for op in ops if op.op != "focus"]


def _compact(op: StateOp) -> str:
    match op.op:
        case "set" | "add" | "avoid":
            sign = {"set": "", "add": "+", "avoid": "-"}[op.op]
            marks = ("~" if op.strength == "soft" else "") + ("" if op.known else "?")
            return f"{marks}{sign}{op.facet}={op.value}"
        case "relax" | "remove":
            return f"{op.op} {op.facet}" + (f"={op.value}" if op.value else "")
        case "range":
            soft = "~" if op.strength == "soft" and op.about is None else ""
            parts = [f"{op.facet}>={op.min:g}"] if op.min is not None else []
            parts += [f"{op.facet}<={op.max:g}"] if op.max is not None else []
            parts += [f"{op.facet}~{op.about:g}"] if op.about is not None else []
            return soft + " ".join(parts)
        case "wish":
            return ("-" if op.polarity == "avoid" else "") + f"wish {op.text}"
        case "context":
            return f"{op.key}: {op.value}"
        case "judge":
            return f"{op.verdict} {len(op.things)}" + (f" ({op.reason})" if op.reason else "")
        case "remember":
            return f"remember [{op.section}] {op.sentence}"
        case "forget":
            return f"forget {op.text}"
        case "undo" | "reset":
            return op.op
        case "focus":
            return ""


def _load(name: str) -> tuple[PackCatalogue, BuiltinUnderstanding]:
    folder = domain_folder(name)
    pack = load_pack(folder)
    catalogue = PackCatalogue(folder, pack, read_items(folder, pack))
    return catalogue, BuiltinUnderstanding(catalogue)


@pytest.fixture(scope="session")
def atelier() -> tuple[PackCatalogue, BuiltinUnderstanding]:
    return _load("atelier")


@pytest.fixture(scope="session")
def swatches() -> tuple[PackCatalogue, BuiltinUnderstanding]:
    return _load("swatches")


@pytest.fixture
def talk(atelier: tuple[PackCatalogue, BuiltinUnderstanding]) -> Talk:
    return Talk(*atelier)


@pytest.fixture
def drawer(swatches: tuple[PackCatalogue, BuiltinUnderstanding]) -> Talk:
    return Talk(*swatches)

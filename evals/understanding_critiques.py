"""Relative captions of public sets: is each ask read as the right attribute and direction?

The captions lie in a folder that the caller names; `labels/critiques.jsonl` says by place (set, file,
index, caption) what a person reads in each of them. A critique is read in a small scene: one item is
under discussion, with middling values of every ordered facet, so that each direction is open.

An ask is one or more aims, any of which will do, separated by `|`:

    facet=value     the value is wanted         facet!value   it is not wanted
    facet!                              not the value that the item under discussion has
    facet>  facet<  more or less of it than the item under discussion has; of colours, lighter or darker
    +words  -words  a free-text wish that holds the words, wanted or not wanted
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from pydantic import Field, ValidationError

from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.agent.understanding.text import phrase
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.agent.understanding.wordforms import singular, stems
from vitrine.core.acts import (
    AddFacet,
    AddWish,
    AvoidFacet,
    Evidence,
    Reset,
    SetFacet,
    SetRange,
    Understanding,
    Undo,
)
from vitrine.core.domain import Facet
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Message
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.profile import Profile
from vitrine.memory.state import Belief, Beliefs, DialogueState, ShownSet

LABELS = Path(__file__).with_name("labels") / "critiques.jsonl"

Part = Literal["tuning", "heldout", "last"]


class CritiqueLabel(Frozen):
    """What one caption asks for. `allowed`: aims that may be read in it but need not be.

    `about`: the head value of the item under discussion.
    """

    dataset: str
    file: str
    index: int = Field(ge=0)
    caption: int = Field(ge=0)
    part: Part
    about: str
    asks: tuple[str, ...]
    allowed: tuple[str, ...] = ()


class CritiqueResult(Frozen):
    """How one critique was read. `missed` asks were not found, `spurious` was found unasked."""

    where: str
    part: Part
    said: str
    about: str
    right: bool
    asks: tuple[str, ...]
    missed: tuple[str, ...]
    spurious: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True)
class Aim:
    """One parsed aim: of a facet, or (facet empty) of a wish's words."""

    facet: str
    sign: Literal["=", "!", ">", "<", "+", "-"]
    words: tuple[str, ...]


def parse_aims(ask: str) -> tuple[Aim, ...]:
    """The aims of an ask.

    Raises:
        RequestError: an aim is none of the six forms.
    """
    aims: list[Aim] = []
    for cell in ask.split("|"):
        text = cell.strip()
        if text[:1] in ("+", "-"):
            aims.append(Aim("", cast(Literal["+", "-"], text[0]), phrase(text[1:])))
            continue
        sign = next((s for s in ("=", "!", ">", "<") if s in text), None)
        if sign is None:
            raise RequestError(
                f"label {ask!r}: {text!r} is no aim; expected facet=value, facet!value, facet>,"
                " facet<, +words or -words"
            )
        facet, _, value = text.partition(sign)
        aims.append(
            Aim(facet.strip(), cast(Literal["=", "!", ">", "<"], sign), phrase(value.strip()))
        )
    return tuple(aims)


def read_labels(path: Path = LABELS) -> tuple[CritiqueLabel, ...]:
    """The labels, in order.

    Raises:
        RequestError: the file is missing or a line breaks the schema.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    labels: list[CritiqueLabel] = []
    for number, line in enumerate(lines, start=1):
        try:
            label = CritiqueLabel.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise RequestError(f"{path}:{number}: field {field or '(root)'}: {first['msg']}") from (
                error
            )
        for ask in (*label.asks, *label.allowed):
            parse_aims(ask)
        labels.append(label)
    return tuple(labels)


class Captions:
    """The sentences of the public sets, read from the caller's folder when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Path, list[dict[str, object]]] = {}

    def said(self, label: CritiqueLabel) -> str:
        """The caption.

        Raises:
            RequestError: the set has no such file or place.
        """
        path = self._folder / label.dataset / label.file
        try:
            if path not in self._files:
                self._files[path] = json.loads(path.read_text(encoding="utf-8"))
            row = self._files[path][label.index]
            captions = row["captions"] if "captions" in row else [row["RelativeCaption"]]
            return str(cast(Sequence[str], captions)[label.caption])
        except OSError as error:
            raise RequestError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise RequestError(
                f"{path} has no caption {label.caption} at index {label.index}: is it the set that"
                " the labels were made for?"
            ) from error


class CritiqueBench:
    """Reads critiques in a shop and compares what was read with labels."""

    def __init__(self, catalogue: PackCatalogue, reader: BuiltinUnderstanding) -> None:
        self.catalogue = catalogue
        self.pack = catalogue.pack
        self.reader = reader
        self.vocabulary = Vocabulary(catalogue)
        self._items: dict[str, Item] = {}

    # --- the scene ----------------------------------------------------------------------------

    def item_about(self, head: str) -> Item:
        """An item of that kind whose ordered values and colour leave both directions open.

        Raises:
            RequestError: the shop has none of that kind.
        """
        if head not in self._items:
            name = self.pack.head.name
            pool = [i for i in self.catalogue.items if head in i.values(name)]
            if not pool:
                raise RequestError(f"domain {self.pack.name!r} has no item with {name} {head!r}")
            self._items[head] = max(pool, key=self._openness)
        return self._items[head]

    def _openness(self, item: Item) -> int:
        inner = 0
        for facet in self.pack.facets:
            values = item.values(facet.name)
            if facet.ordered and values:
                inner += 0 < _place(facet, values[0]) < len(facet.values) - 1
        shades = sorted(self._lightness.values())
        own = [self._lightness[v] for v in item.values(self._colour) if v in self._lightness]
        return 2 * inner + bool(own and shades[1] < own[0] < shades[-2])

    @cached_property
    def _colour(self) -> str:
        return self.vocabulary.colour_facet or ""

    @cached_property
    def _lightness(self) -> dict[str, float]:
        facet = self.pack.facet(self._colour)
        return {v.name: luminance(v.rgb) for v in facet.values if v.rgb} if facet else {}

    def heard(self, said: str, head: str) -> Heard:
        """The message in its scene."""
        thing = ThingRef(kind="item", id=self.item_about(head).id)
        belief = Belief(
            facet=self.pack.head.name,
            value=head,
            polarity="want",
            strength="hard",
            evidence=Evidence(turn=1, text=head),
        )
        state = DialogueState(
            thread="critique",
            user="critique",
            domain=self.pack.name,
            turn=1,
            beliefs=Beliefs(facets=(belief,)),
            shown=(ShownSet(turn=1, things=(thing,)),),
            focus=thing,
        )
        return Heard(Message(text=said), state, Profile(user="critique"), self.catalogue)

    # --- scoring ------------------------------------------------------------------------------

    def read(self, label: CritiqueLabel, said: str) -> CritiqueResult:
        """One critique read and scored."""
        understood = self.reader.understand(self.heard(said, label.about))
        item = self.item_about(label.about)
        missed = tuple(
            ask for ask in label.asks if not any(self._met(a, understood, item) for a in _aims(ask))
        )
        expected = [a for ask in (*label.asks, *label.allowed) for a in _aims(ask)]
        spurious = tuple(self._spurious(understood, expected, label, item))
        return CritiqueResult(
            where=f"{label.dataset}/{label.file}#{label.index}.{label.caption}",
            part=label.part,
            said=said.strip(),
            about=label.about,
            right=not missed and not spurious,
            asks=label.asks,
            missed=missed,
            spurious=spurious,
            found=tuple(shorthand(understood)),
        )

    def _named(self, aim: Aim, item: Item) -> set[str]:
        """The facet's values that the label's words stand for; the words themselves if none."""
        if not aim.words:
            return set(item.values(aim.facet))
        facet = self.pack.facet(aim.facet)
        name = facet.values_from if facet is not None and facet.values_from else aim.facet
        found = {
            m.value
            for m in self.vocabulary.table.get(aim.words)
            if m.kind == "value" and m.facet == name
        }
        return found or {" ".join(aim.words), " ".join((*aim.words[:-1], singular(aim.words[-1])))}

    def _met(self, aim: Aim, understood: Understanding, item: Item) -> bool:
        wants = _values(understood, aim.facet, (SetFacet, AddFacet))
        match aim.sign:
            case "=":
                return bool(self._named(aim, item) & wants)
            case "!":
                return bool(self._named(aim, item) & _values(understood, aim.facet, (AvoidFacet,)))
            case ">" | "<":
                return bool(wants) and all(self._directed(aim, value, item) for value in wants)
            case "+" | "-":
                polarity = "want" if aim.sign == "+" else "avoid"
                return any(
                    isinstance(op, AddWish) and op.polarity == polarity and _holds(op.text, aim)
                    for op in understood.ops
                )

    def _directed(self, aim: Aim, value: str, item: Item) -> bool:
        """The value lies on the asked side of the item's own."""
        facet = self.pack.facet(aim.facet)
        own = item.values(aim.facet)
        if facet is None or not own:
            return False
        if facet.ordered:
            at, here = _place(facet, value), _place(facet, own[0])
        else:
            shades = self._lightness
            if value not in shades or own[0] not in shades:
                return False
            at, here = shades[value], shades[own[0]]
        return at > here if aim.sign == ">" else 0 <= at < here

    def _spurious(
        self, understood: Understanding, expected: Sequence[Aim], label: CritiqueLabel, item: Item
    ) -> Iterable[str]:
        """What was read but not asked: values, bounds, taking back, questions."""
        for op in understood.ops:
            if isinstance(op, (SetFacet, AddFacet, AvoidFacet)):
                avoid = isinstance(op, AvoidFacet)
                if not avoid and (op.facet, op.value) == (self.pack.head.name, label.about):
                    continue
                if not any(self._covers(aim, op.facet, op.value, avoid, item) for aim in expected):
                    yield f"{op.facet}{'!' if avoid else '='}{op.value}"
            elif isinstance(op, (SetRange, Undo, Reset)):
                yield op.op
        if label.asks:
            yield from (f"question {question.kind}" for question in understood.questions)
            if understood.out_of_scope is not None:
                yield "declined"

    def _covers(self, aim: Aim, facet: str, value: str, avoid: bool, item: Item) -> bool:
        if aim.facet != facet:
            return False
        if aim.sign in ("=", "!"):
            return (aim.sign == "!") == avoid and value in self._named(aim, item)
        return not avoid and self._directed(aim, value, item)


def _aims(ask: str) -> tuple[Aim, ...]:
    return parse_aims(ask)


def _place(facet: Facet, value: str) -> int:
    return next((i for i, v in enumerate(facet.values) if v.name == value), -1)


def luminance(rgb: tuple[int, int, int]) -> float:
    """Rec. 709 luma of an sRGB colour, 0..255."""
    red, green, blue = rgb
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _values(understood: Understanding, facet: str, kinds: tuple[type, ...]) -> set[str]:
    return {
        op.value
        for op in understood.ops
        if isinstance(op, (SetFacet, AddFacet, AvoidFacet))
        and isinstance(op, kinds)
        and op.facet == facet
    }


def _holds(text: str, aim: Aim) -> bool:
    """The wish holds each word of the aim in some form."""
    said = [stems(word) for word in phrase(text)]
    return all(any(stems(word) & form for form in said) for word in aim.words)


def shorthand(understood: Understanding) -> list[str]:
    """Operations, questions and refusals in the notation of the labels."""
    found: list[str] = []
    for op in understood.ops:
        match op:
            case SetFacet() | AddFacet():
                found.append(f"{op.facet}={op.value}")
            case AvoidFacet():
                found.append(f"{op.facet}!{op.value}")
            case AddWish():
                found.append(("+" if op.polarity == "want" else "-") + op.text)
            case _:
                found.append(op.op)
    found += [f"question {q.kind} {q.facet or ''}".strip() for q in understood.questions]
    if understood.out_of_scope is not None:
        found.append("declined")
    return found


class CritiqueFigures(Frozen):
    """Figures of one group of critiques. Recall is of asks, precision of values that were read."""

    critiques: int
    right: int
    accuracy: float
    asks: int
    asks_met: float
    spurious: int
    missed_by_kind: dict[str, int]


def figures(results: Sequence[CritiqueResult]) -> CritiqueFigures:
    """What share of the critiques was read wholly right, and what was missed."""
    asks = sum(len(r.asks) for r in results)
    missed = [ask for r in results for ask in r.missed]
    kinds = Counter(_kind(parse_aims(ask)[0]) for ask in missed)
    right = sum(r.right for r in results)
    return CritiqueFigures(
        critiques=len(results),
        right=right,
        accuracy=round(right / max(1, len(results)), 4),
        asks=asks,
        asks_met=round(1 - len(missed) / max(1, asks), 4),
        spurious=sum(len(r.spurious) for r in results),
        missed_by_kind=dict(sorted(kinds.items())),
    )


def _kind(aim: Aim) -> str:
    return {
        "=": "value wanted",
        "!": "value not wanted",
        ">": "direction",
        "<": "direction",
        "+": "wish",
        "-": "wish against",
    }[aim.sign]

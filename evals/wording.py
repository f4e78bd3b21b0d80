"""What the check of rephrased replies is worth: unsupported claims with it and without it.

The replies are those of scripted dialogues. The model is scripted too: it rephrases what it is
given and plants false sentences of known kinds, so which sentences are false is known without
asking the check. With real models the share of inventions differs; what the check does to them
does not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import Field

from vitrine.agent.toolbox import Models
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.agent.wording_check import WordingChecker
from vitrine.core import places
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.money import amount
from vitrine.core.ports import Catalogue
from vitrine.core.settings import read_settings
from vitrine.evals.replay import Player
from vitrine.evals.scripts import load_scripts
from vitrine.evals.stand_ins import fake_models
from vitrine.memory.catalogue import open_catalogue
from vitrine.models.llm.fakes import FakeChat
from vitrine.tools.wording import sentences

REWORDINGS = (
    ("I would start with", "My first pick would be"),
    ("My first pick is", "I would begin with"),
    ("comes closest", "is the closest match"),
    ("Also worth a look:", "You could also look at"),
    ("Beside it:", "Next to it there is"),
    ("There is also", "You may also look at"),
    ("as you asked", "just as you asked"),
    ("We do not carry", "Sadly we don't carry"),
    ("Closest in the shop", "The closest in our shop"),
    ("It is ", "It's "),
)
"""What a faithful model does to the built-in phrases."""

_INVENTED = ("Aurelio Nightfall", "Zephyrine Dusk", "Monteverra Classic", "Solenne Grand")
_CLAIMS = (
    "It is on sale until tonight.",
    "Customers love it.",
    "Only two are left in stock.",
    "It is handmade by a small family business.",
    "Delivery is free.",
    "It will last you a lifetime.",
)


class KindFigures(Frozen):
    """One kind of false sentence: how many were planted, and how many the check let through."""

    planted: int
    passed: int


class WordingFigures(Frozen):
    """What came out. Shares are 0..1."""

    replies: int = Field(description="paragraphs that a model was given to rephrase")
    faithful: int = Field(description="true sentences that the model wrote")
    kept: int = Field(description="of them: stood before the check")
    planted: int = Field(description="false sentences that the model wrote")
    passed: int = Field(description="of them: stood before the check")
    unsupported_without: float = Field(description="share of false sentences, taken as written")
    unsupported_with: float = Field(description="the same after the check")
    reworded: float = Field(description="share of paragraphs that stay in the model's words")
    kinds: dict[str, KindFigures]


@dataclass
class Planter:
    """Writes false sentences about a paragraph; what is false is looked up in the catalogue."""

    catalogue: Catalogue
    chance: random.Random
    _kinds: dict[str, Callable[[str, list[Item]], str | None]] = field(init=False)

    def __post_init__(self) -> None:
        self._kinds = {
            "invented name": self._invented_name,
            "another item": self._another_item,
            "wrong price": self._wrong_price,
            "price of another": self._price_of_another,
            "invented property": self._invented_property,
            "property of another": self._property_of_another,
            "opposite": self._opposite,
            "mixed with a truth": self._mixed,
            "claim": lambda _text, _items: self.chance.choice(_CLAIMS),
        }

    def plant(self, text: str) -> list[tuple[str, str]]:
        """(kind, sentence): one of every kind that the paragraph gives room for."""
        items = self._named(text)
        found = [(kind, write(text, items)) for kind, write in self._kinds.items()]
        return [(kind, sentence) for kind, sentence in found if sentence is not None]

    def _named(self, text: str) -> list[Item]:
        rows = range(len(self.catalogue))
        return [item for row in rows if (item := self.catalogue.at(row)).title in text]

    def _price(self, item: Item) -> float | None:
        facet = self.catalogue.pack.role("price")
        return item.numbers.get(facet.name) if facet is not None else None

    def _money(self, number: float) -> str:
        return amount(number, self.catalogue.pack.currency)

    def _invented_name(self, text: str, items: list[Item]) -> str | None:
        return f"There is also {self.chance.choice(_INVENTED)} ({self._money(47)})."

    def _another_item(self, text: str, items: list[Item]) -> str | None:
        other = self.catalogue.at(self.chance.randrange(len(self.catalogue)))
        return None if other.title in text else f"There is also {other.title}."

    def _wrong_price(self, text: str, items: list[Item]) -> str | None:
        for item in items:
            price = self._price(item)
            wrong = self._money(round(price * 0.8)) if price is not None else ""
            if wrong and wrong not in text:
                return f"{item.title} costs {wrong}."
        return None

    def _price_of_another(self, text: str, items: list[Item]) -> str | None:
        for one in items:
            for other in items:
                mine, theirs = self._price(one), self._price(other)
                if mine is not None and theirs is not None and mine != theirs:
                    if self._money(theirs) in text:
                        return f"{one.title} is {self._money(theirs)}."
        return None

    def _values(self, item: Item) -> set[str]:
        return {value for values in item.facets.values() for value in values}

    def _invented_property(self, text: str, items: list[Item]) -> str | None:
        names = [
            value.name
            for facet in self.catalogue.pack.facets
            if facet.visible and facet.role != "head"
            for value in facet.values
        ]
        self.chance.shuffle(names)
        for item in items[:1]:
            for name in names:
                if name not in text.casefold() and name not in self._values(item):
                    return f"{item.title} is {name}."
        return None

    def _property_of_another(self, text: str, items: list[Item]) -> str | None:
        for one in items:
            for other in items:
                title = other.title.casefold()
                for value in sorted(self._values(other) - self._values(one)):
                    if value in title.split() and value not in one.title.casefold():
                        return f"{one.title} is {value}."
        return None

    def _mixed(self, text: str, items: list[Item]) -> str | None:
        """A true sentence with a false end."""
        lie = self._invented_property(text, items)
        if lie is None:
            return None
        true = next((s for s in sentences(text) if items[0].title in s), None)
        end = lie.removeprefix(items[0].title)
        return f"{true.rstrip('.')}, and it{end}" if true is not None else None

    def _opposite(self, text: str, items: list[Item]) -> str | None:
        for item in items:
            for value in sorted(self._values(item)):
                if value in item.title.casefold().split():
                    return f"{item.title} is not {value}."
        return None


def reworded(text: str) -> list[str]:
    """The sentences of a paragraph as a faithful model would say them."""
    for before, after in REWORDINGS:
        text = text.replace(before, after)
    return list(sentences(text))


def measure(paragraphs: Sequence[str], catalogue: Catalogue, seed: int = 0) -> WordingFigures:
    """Plant false sentences into rephrased paragraphs, and count what the check lets through."""
    checker = WordingChecker(Vocabulary(catalogue), catalogue)
    planter = Planter(catalogue, random.Random(seed))
    planted: dict[str, int] = {}
    passed: dict[str, int] = {}
    faithful = kept = whole = shown = false = 0
    for text in paragraphs:
        true = reworded(text)
        lies = planter.plant(text)
        written = true + [lie for _, lie in lies]
        checked = checker.check(text, written)
        faithful += len(true)
        kept += sum(sentence in checked.kept for sentence in true)
        for kind, lie in lies:
            through = all(part in checked.kept for part in sentences(lie))
            planted[kind] = planted.get(kind, 0) + 1
            passed[kind] = passed.get(kind, 0) + through
        # What a user would see: the kept sentences, or the built-in ones where some are missing.
        told = checked.kept if checked.complete else sentences(text)
        whole += checked.complete
        shown += len(told)
        false += sum(lie in told for _, lie in lies)
    total = sum(planted.values())
    return WordingFigures(
        replies=len(paragraphs),
        faithful=faithful,
        kept=kept,
        planted=total,
        passed=sum(passed.values()),
        unsupported_without=round(total / max(1, faithful + total), 4),
        unsupported_with=round(false / max(1, shown), 4),
        reworded=round(whole / max(1, len(paragraphs)), 4),
        kinds={kind: KindFigures(planted=n, passed=passed[kind]) for kind, n in planted.items()},
    )


async def collect(paths: list[Path], domain: str) -> list[str]:
    """The paragraphs that a wording model is given when the dialogues are played, each once.

    Raises:
        RequestError: a script cannot be read, or names an unknown domain or item.
    """
    listener = FakeChat([""], name="fake:listener")
    scripts = [s for s in load_scripts(paths) if s.domain in (None, domain)]
    with tempfile.TemporaryDirectory(prefix="vitrine-wording-") as scratch:
        settings = read_settings(
            domain=domain, home=scratch, wording="llm", understanding="builtin"
        )

        def listening(name: str) -> Models:
            return replace(fake_models(name), chat=lambda: listener)

        async with Player(settings, listening) as player:
            for script in scripts:
                await player.play(script)
    given = [
        paragraph["text"]
        for request in listener.requests
        for paragraph in json.loads(request.message)["paragraphs"]
    ]
    return list(dict.fromkeys(given))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which dialogues give the replies."""
    parser.add_argument("--domain", default="atelier", help="shop (default: %(default)s)")
    parser.add_argument(
        "--dialogues", type=Path, action="append", help="scripts (default: the shop's own)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Play, plant, check, print.

    Raises:
        RequestError: no such shop, or no dialogue that shows anything.
    """
    folder = places.domain_folder(args.domain)
    paragraphs = asyncio.run(collect(args.dialogues or [folder / "dialogues"], args.domain))
    if not paragraphs:
        raise RequestError("no reply of these dialogues tells anything that could be rephrased")
    figures = measure(paragraphs, open_catalogue(folder), args.seed)
    if args.json:
        sys.stdout.write(figures.model_dump_json(indent=2) + "\n")
        return 0
    sys.stdout.write(
        f"{figures.replies} paragraphs, {figures.faithful} true and {figures.planted} false"
        f" sentences\nfalse sentences in the reply: {figures.unsupported_without:.1%} without the"
        f" check, {figures.unsupported_with:.1%} with it\ntrue sentences kept:"
        f" {figures.kept / max(1, figures.faithful):.1%}; paragraphs in the model's words:"
        f" {figures.reworded:.1%}\n"
    )
    for kind, one in figures.kinds.items():
        sys.stdout.write(f"  {kind:<22}{one.planted:>5} planted{one.passed:>5} passed\n")
    return 0

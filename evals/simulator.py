"""A shopper for whole dialogues: a hidden goal of attributes, who answers, critiques and accepts.

The shopper has one item in mind but knows only attributes of it: kind, a few facet values, perhaps a
highest price, something to avoid, and a soft wish that no facet covers. It never knows a title. It
takes the first shown thing that has all of them. Not every attribute comes to its mind by itself:
some it names only when asked, or when it sees that a shown thing misses them.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from vitrine.agent.session import Session
from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.turn import Product, Turn
from vitrine.evals.moves import ORDINALS, forms, is_free, spoken_facets

MAX_TURNS = 12
FORTHCOMING = 0.45
"""Chance that a shopper names a missing attribute without being asked."""
WISHFUL = 0.6
"""Share of shoppers with a soft wish, where the shop's words allow one."""
WISH_SHARE = (0.03, 0.45)
"""A wish is worth having if this share of the items of its kind meets it."""
NTH = (
    *ORDINALS,
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "last",
)


class Goal(Frozen):
    """What a shopper is after. `wish` is a soft word; `meets` are words of descriptions that meet it."""

    kind: str
    attributes: dict[str, str]
    avoid: tuple[str, str] | None = None
    highest: float | None = None
    wish: str | None = None
    meets: tuple[str, ...] = ()


class Talked(Frozen):
    """How one conversation went. `turns` counts messages up to the one that accepts, or all."""

    shopper: int
    success: bool
    turns: int
    questions: int
    said: tuple[str, ...]
    why: str = ""


def satisfied(goal: Goal, item: Item, catalogue: Catalogue) -> bool:
    """Whether the item has everything the shopper is after."""
    return not list(_missing(goal, item, catalogue))


def _missing(goal: Goal, item: Item, catalogue: Catalogue) -> Sequence[str]:
    """What of the goal an item misses: facet names, `avoid`, `price`, `wish`."""
    pack = catalogue.pack
    missing = [f for f, value in goal.attributes.items() if value not in item.values(f)]
    if goal.kind not in item.values(pack.head.name):
        missing.insert(0, pack.head.name)
    if goal.avoid is not None and goal.avoid[1] in item.values(goal.avoid[0]):
        missing.append("avoid")
    price = pack.role("price")
    if goal.highest is not None and price is not None:
        if item.numbers.get(price.name, goal.highest + 1) > goal.highest:
            missing.append("price")
    if goal.wish is not None and not meets(goal.meets, item):
        missing.append("wish")
    return missing


def meets(words: Sequence[str], item: Item) -> bool:
    """Whether the item's own text has one of the words."""
    text = f"{item.title} {item.description}".casefold()
    return any(re.search(rf"(?<!\w){re.escape(word.casefold())}", text) for word in words)


def draw_goal(catalogue: Catalogue, rng: random.Random) -> Goal:
    """A goal that at least one item meets."""
    pack = catalogue.pack
    item = catalogue.at(rng.randrange(len(catalogue)))
    facets = [f for f in spoken_facets(pack, catalogue) if item.values(f.name)]
    chosen = rng.sample(facets, k=min(len(facets), rng.randint(3, 5)))
    attributes = {facet.name: rng.choice(item.values(facet.name)) for facet in chosen}
    rest = [facet for facet in facets if facet.name not in attributes]
    avoid: tuple[str, str] | None = None
    if rest and rng.random() < 0.3:
        facet = rng.choice(rest)
        others = [v.name for v in facet.values if v.name not in item.values(facet.name)]
        avoid = (facet.name, rng.choice(others)) if others else None
    price = pack.role("price")
    highest: float | None = None
    if price is not None and price.name in item.numbers and rng.random() < 0.5:
        highest = float(int(item.numbers[price.name] * rng.uniform(1.05, 1.5)) + 1)
    kind = item.values(pack.head.name)[0]
    goal = Goal(kind=kind, attributes=attributes, avoid=avoid, highest=highest)
    wishes = _wishes(catalogue, item, kind)
    if wishes and rng.random() < WISHFUL:
        wish = rng.choice(wishes)
        goal = goal.model_copy(update={"wish": wish, "meets": tuple(pack.concepts[wish])})
    return goal


def _wishes(catalogue: Catalogue, item: Item, kind: str) -> list[str]:
    """Soft words that the item meets, that no facet knows, and that set it apart from its kind."""
    pack = catalogue.pack
    same = [
        other
        for row in range(len(catalogue))
        if kind in (other := catalogue.at(row)).values(pack.head.name)
    ]
    low, high = WISH_SHARE
    return [
        wish
        for wish, words in sorted(pack.concepts.items())
        if is_free(pack, wish)
        and meets(words, item)
        and low <= sum(meets(words, other) for other in same) / len(same) <= high
    ]


@dataclass
class SimulatedShopper:
    """One shopper in one conversation."""

    number: int
    goal: Goal
    catalogue: Catalogue
    rng: random.Random
    told: set[str] = field(default_factory=lambda: set())
    said: list[str] = field(default_factory=lambda: [])

    async def talk(self, session: Session, most: int = MAX_TURNS) -> Talked:
        """Talk until something is taken or patience ends."""
        text, questions = self._opening(), 0
        for number in range(1, most + 1):
            self.said.append(text)
            turn = await session.turn(text=text)
            questions += any(
                act in ("request_information", "clarify", "ask_opinion") for act in turn.acts
            )
            taken = self._wanted(turn)
            if taken is not None:
                accepted = await self._take(session, taken)
                why = "" if accepted else "the acceptance was not understood"
                return self._talked(number + 1, questions, why, success=accepted)
            text = self._next(turn, (await session.state()).open_question)
        return self._talked(most, questions, "nothing fitting was shown", success=False)

    def _talked(self, turns: int, questions: int, why: str, *, success: bool) -> Talked:
        return Talked(
            shopper=self.number,
            success=success,
            turns=turns,
            questions=questions,
            said=tuple(self.said),
            why=why,
        )

    # --- what is said -------------------------------------------------------------------------

    def _opening(self) -> str:
        head = self.catalogue.pack.head
        kind = head.value(self.goal.kind)
        assert kind is not None
        first = self.rng.choice(sorted(self.goal.attributes))
        self.told |= {head.name, first}
        text = (
            f"I'm looking for a {self._word(first)} {next(forms(self.catalogue.pack, head, kind))}"
        )
        if self.goal.wish is not None:
            self.told.add("wish")
            text += f", something {self.goal.wish}"
        return text

    def _next(self, turn: Turn, question: object) -> str:
        asked: str | None = getattr(question, "facet", None)
        if asked is not None:
            self.told.add(asked)
            if asked in self.goal.attributes:
                return self._word(asked)
            price = self.catalogue.pack.role("price")
            if price is not None and asked == price.name and self.goal.highest is not None:
                self.told.add("price")
                return self._budget()
            missed = self._comes_to_mind(turn.products)
            return "no preference" if missed is None else f"no preference, but {missed}"
        missed = self._comes_to_mind(turn.products)
        if missed is not None:
            return missed
        return "show me others" if turn.products else self._again()

    def _comes_to_mind(self, products: Sequence[Product]) -> str | None:
        """Now and then: a critique of what most of the shown things miss."""
        if self.rng.random() >= FORTHCOMING:
            return None
        missed = self._most_missed(products)
        if missed is None:
            return None
        self.told.add(missed)
        return self._critique(missed)

    def _most_missed(self, products: Sequence[Product]) -> str | None:
        """The attribute, not told yet, that most of the shown things miss."""
        counts: dict[str, int] = {}
        for product in products:
            for missing in _missing(self.goal, self.catalogue.item(product.id), self.catalogue):
                if missing not in self.told:
                    counts[missing] = counts.get(missing, 0) + 1
        return max(sorted(counts), key=counts.__getitem__, default=None)

    def _critique(self, missing: str) -> str:
        if missing == "price":
            return self._budget()
        if missing == "avoid" and self.goal.avoid is not None:
            facet, value = self.goal.avoid
            return f"not {self._form(facet, value)}"
        facet = self.catalogue.pack.facet(missing)
        if facet is None or missing not in self.goal.attributes:
            return "these are not quite it"
        if facet.visible or not facet.label:
            return f"I'd like it {self._word(missing)}"
        return f"the {facet.label} should be {self.goal.attributes[missing]}"

    def _again(self) -> str:
        """Nothing was shown: say what is wanted once more."""
        untold = [f for f in sorted(self.goal.attributes) if f not in self.told]
        if untold:
            self.told.add(untold[0])
            return f"it should be {self._word(untold[0])}"
        return "show me what you have"

    def _budget(self) -> str:
        price = self.catalogue.pack.role("price")
        words = [w for w in (price.unit_words if price is not None else ()) if w.isalpha()]
        return f"under {self.goal.highest:g} {max(words, key=len, default='')}".strip()

    def _word(self, facet: str) -> str:
        return self._form(facet, self.goal.attributes[facet])

    def _form(self, facet: str, value: str) -> str:
        known = self.catalogue.pack.facet(facet)
        named = known.value(value) if known is not None else None
        assert known is not None
        assert named is not None
        return next(forms(self.catalogue.pack, known, named))

    # --- what is taken ------------------------------------------------------------------------

    def _wanted(self, turn: Turn) -> Product | None:
        return next(
            (
                product
                for product in turn.products
                if satisfied(self.goal, self.catalogue.item(product.id), self.catalogue)
            ),
            None,
        )

    async def _take(self, session: Session, product: Product) -> bool:
        text = f"I'll take the {NTH[min(product.position, len(NTH)) - 1]} one"
        self.said.append(text)
        await session.turn(text=text)
        verdicts = (await session.state()).verdicts
        return any(v.thing.id == product.id and v.verdict == "accept" for v in verdicts)

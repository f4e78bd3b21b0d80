"""The words of an imported shop: `domain.yaml`, written from the mapping and what the rows held."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml
from PIL import ImageColor

from vitrine.core.domain import DomainPack, Facet, FacetValue, TagScenario
from vitrine.core.items import Item
from vitrine.core.units import BY_NAME
from vitrine.memory.importing import mentions
from vitrine.memory.importing.columns import coloured
from vitrine.memory.importing.kinds import one_of
from vitrine.memory.importing.mapping import FacetColumn, ShopMap
from vitrine.memory.importing.numbers import CODES
from vitrine.memory.importing.rows import Choices

APPLIES_SHARE = 0.1
"""Of a kind's items that must have a facet for it to apply to the kind."""
EXACT_SHARE = 0.7
"""Of the items that could have a facet: from so many that tell it, asking for a value filters."""
MAX_WORDS = 8
_PARTS = re.compile(r"\s*(?:/|&| and | or )\s*")
_BRACKETS = re.compile(r"^(?P<outer>[^()]{2,50})\s*\((?P<inner>[^()]{2,40})\)$")
_WORD = re.compile(r"[a-z]+")
_HEAD_WORDS = ("kind", "type", "category")
_PRICE_WORDS = ("price", "prices", "cost", "costs", "priced", "budget", "how much", "spend")
_CHEAP = ("cheap", "inexpensive", "affordable", "on a budget", "low cost", "good value", "bargain")
_DEAR = ("expensive", "pricey", "premium", "high-end", "luxury", "costly")


@dataclass
class Census:
    """Counted over the items that were written. `head` names the facet of what things are."""

    head: str
    values: dict[str, Counter[str]] = field(default_factory=lambda: {})
    heads: Counter[str] = field(default_factory=lambda: Counter[str]())
    holders: dict[str, Counter[str]] = field(default_factory=lambda: {})
    held: Counter[str] = field(default_factory=lambda: Counter[str]())
    words: Counter[str] = field(default_factory=lambda: Counter[str]())
    prices: list[float] = field(default_factory=lambda: [])
    sizes: dict[str, None] = field(default_factory=lambda: {})
    items: int = 0
    pictures: int = 0

    def see(self, item: Item) -> None:
        """Count one item."""
        self.items += 1
        self.pictures += item.picture is not None
        heads = item.values(self.head)
        self.heads.update(heads)
        for name, values in item.facets.items():
            self.values.setdefault(name, Counter[str]()).update(values)
        for name in (*item.facets, *item.numbers):
            self.held[name] += 1
            self.holders.setdefault(name, Counter[str]()).update(heads)
        if (price := item.numbers.get("price")) is not None:
            self.prices.append(price)
        self.sizes.update(dict.fromkeys(item.stock))
        if self.items % max(1, self.items // 4000) == 0:
            self.words.update(set(_WORD.findall(f"{item.title} {item.description}".casefold())))


def write_domain(
    name: str, shop: ShopMap, census: Census, tables: Mapping[str, Choices]
) -> tuple[DomainPack, str]:
    """The pack's description, and the text of its `domain.yaml`."""
    facets = [_head(shop, census, tables.get(shop.head.name))]
    for column in shop.facets:
        facet = _facet(column, census, tables.get(column.name))
        if facet is not None:
            facets.append(facet)
    if shop.mined_colours and census.held[mentions.FACET]:
        facets.append(_colours(census))
    facets += _numbers(shop, census)
    if census.sizes:
        facets.append(
            Facet(
                name="size", kind="stock", role="size", label="size", words=("size", "sizes"),
                values=tuple(FacetValue(name=size) for size in census.sizes),
                asks="Which size do you need?",
            )
        )  # fmt: skip
    pack = DomainPack(
        name=name,
        title=shop.title,
        noun=shop.noun,
        nouns=shop.nouns,
        currency=shop.currency,
        greeting=f"Welcome to {shop.title}. Tell me what you are looking for.",
        starters=_starters(shop, census),
        facets=tuple(facets),
        scenarios=(_scenario(shop.noun),),
    )
    tree = pack.model_dump(mode="json", exclude_defaults=True)
    body = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=110)
    return (
        pack,
        "# Written by `vitrine catalog import`. Words and questions may be edited.\n" + body,
    )


def _scenario(noun: str) -> TagScenario:
    """What `vitrine catalog tag` asks a language model of any goods."""
    return TagScenario(
        name="goods",
        thing=f"a {noun} on sale",
        picture=("colours", "material", "shape", "style"),
        text=("use", "occasion", "style", "material"),
    )


def _head(shop: ShopMap, census: Census, table: Choices | None) -> Facet:
    counted = census.values.get(shop.head.name, Counter[str]())
    others = {word for facet in shop.facets for word in (facet.label, *facet.words)}
    words = [w for w in (*_HEAD_WORDS, shop.head.label) if w not in others]
    return Facet(
        name=shop.head.name,
        kind="categorical",
        role="head",
        label=f"kind of {shop.noun}",
        words=tuple(dict.fromkeys(words)),
        values=_values(counted, table, census),
        visible=census.pictures > 0,
        exact=shop.head.column is not None,
        asks=f"What kind of {shop.noun} are you after?",
    )


def _colours(census: Census) -> Facet:
    """Colours that were read out of prose."""
    return Facet(
        name=mentions.FACET,
        kind="categorical",
        label=mentions.LABEL,
        words=mentions.WORDS,
        values=_values(census.values[mentions.FACET], None, census, colours=True),
        exact=False,
    )


def _facet(column: FacetColumn, census: Census, table: Choices | None) -> Facet | None:
    """The facet of a column, None where no item has it."""
    if not census.held[column.name]:
        return None
    words = tuple(dict.fromkeys((column.label, *column.words)))
    applies = _applies(column.name, census)
    if column.kind == "number":
        return Facet(
            name=column.name, kind="numeric", label=column.label, words=words, unit=column.unit,
            unit_words=_unit_words(column), applies_to=applies,
        )  # fmt: skip
    counted = census.values.get(column.name, Counter[str]())
    colours = column.kind == "choice" and coloured(value.casefold() for value in counted)
    if column.kind == "choice" and len(counted) < 2:
        return None
    return Facet(
        name=column.name,
        kind="categorical",
        label=column.label,
        words=words,
        values=_values(counted, table, census, colours=colours),
        applies_to=applies,
        exact=column.kind == "flag" or _told(column.name, applies, census) >= EXACT_SHARE,
        asks=f"Any preference for the {column.label}?" if column.ask and not applies else None,
    )


def _unit_words(column: FacetColumn) -> tuple[str, ...]:
    """What follows a number of this column: "gb", and "gb memory" where others have gigabytes too."""
    unit = BY_NAME.get(column.unit or "")
    if unit is None:
        return ()
    plain = (*unit.signs, *unit.words)
    noun = column.label.split()[-1]
    said = [f"{word} {of}{noun}" for word in plain if word[0].isalpha() for of in ("", "of ")]
    return (*plain, *said)


def _numbers(shop: ShopMap, census: Census) -> list[Facet]:
    facets: list[Facet] = []
    if census.held["price"]:
        facets.append(
            Facet(
                name="price", kind="numeric", role="price", label="price", unit=shop.currency,
                words=_PRICE_WORDS, low_words=_CHEAP, high_words=_DEAR,
                unit_words=CODES.get(shop.currency, (shop.currency.casefold(),)),
                asks="Roughly what would you like to spend?",
            )
        )  # fmt: skip
    if census.held["rating"]:
        facets.append(
            Facet(
                name="rating", kind="numeric", role="rating", label="rating", unit="stars",
                words=("rating", "ratings", "rated", "score"), unit_words=("star", "stars"),
                low_words=("badly rated", "poorly rated"),
                high_words=("highly rated", "well rated", "top rated", "best rated", "well reviewed"),
            )
        )  # fmt: skip
    return facets


def _values(
    counted: Counter[str], table: Choices | None, census: Census, *, colours: bool = False
) -> tuple[FacetValue, ...]:
    """Values, commonest first, each with other ways to say it."""
    listed: Mapping[str, tuple[str, ...]] = table.words if table is not None else {}
    names = {name.casefold() for name in counted}
    values: list[FacetValue] = []
    for name, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
        words = [*listed.get(name, ()), *_other_words(name, census.words)]
        kept = [w for w in dict.fromkeys(words) if w != name.casefold() and w not in names]
        rgb = ImageColor.colormap.get(name.casefold()) if colours else None
        red, green, blue = ImageColor.getrgb(name)[:3] if rgb is not None else (0, 0, 0)
        values.append(
            FacetValue(
                name=name,
                words=tuple(kept[:MAX_WORDS]),
                rgb=(red, green, blue) if rgb is not None else None,
            )
        )
    return tuple(values)


def _other_words(name: str, words: Counter[str]) -> list[str]:
    """Parts of "nuts/seeds", both names of "polyvinyl chloride (PVC)", "homedecor" as two words."""
    folded = name.casefold()
    found: list[str] = []
    bracketed = _BRACKETS.match(folded)
    if bracketed is not None:
        found += [bracketed["outer"].strip(), bracketed["inner"].strip()]
    parts = [part.strip() for part in _PARTS.split(folded)]
    if 1 < len(parts) <= 4 and all(len(p) > 2 and p.replace(" ", "").isalpha() for p in parts):
        found += parts
    if folded.isalpha() and len(folded) >= 7 and not words[folded]:
        halves = [
            (min(words[folded[:at]], words[folded[at:]]), at) for at in range(3, len(folded) - 2)
        ]
        most, at = max(halves)
        if most >= 3:
            found.append(f"{folded[:at]} {folded[at:]}")
    return found


def _applies(facet: str, census: Census) -> tuple[str, ...]:
    """The kinds that have the facet; empty where it is for all of them."""
    holders = census.holders.get(facet, Counter[str]())
    kinds = [
        kind
        for kind, total in census.heads.most_common(400)
        if holders[kind] >= max(1, APPLIES_SHARE * total)
    ]
    return () if not kinds or len(kinds) >= 0.8 * min(400, len(census.heads)) else tuple(kinds)


def _told(facet: str, applies: tuple[str, ...], census: Census) -> float:
    """Share of the items that could have the facet that do."""
    if not applies:
        return census.held[facet] / max(1, census.items)
    holders = census.holders[facet]
    return sum(holders[kind] for kind in applies) / max(1, sum(census.heads[k] for k in applies))


def _starters(shop: ShopMap, census: Census) -> tuple[str, ...]:
    """Things to say at first, from what there is most of."""
    common: Sequence[str] = [kind for kind, _ in census.heads.most_common(3)]
    if not common:
        return ("What do you have?",)
    found = [f"Show me your {_many(common[0])}"]
    if census.prices:
        middle = sorted(census.prices)[len(census.prices) // 2]
        amount = max(1, round(middle, -1 if middle >= 20 else 0))
        found.append(f"{_many(common[min(1, len(common) - 1)])} under {amount:g} {shop.currency}")
    found.append(f"What is your cheapest {one_of(common[-1].casefold())}?" if census.prices else
                 f"Do you have {_many(common[-1])}?")  # fmt: skip
    return tuple(found)


def _many(kind: str) -> str:
    """The kind in the plural, as it is usually formed."""
    if kind.endswith("s") and not kind.endswith("ss"):
        return kind
    if kind.endswith(("ss", "x", "z", "ch", "sh")):
        return f"{kind}es"
    if kind.endswith("y") and kind[-2:-1] not in "aeiou":
        return f"{kind[:-1]}ies"
    return f"{kind}s"

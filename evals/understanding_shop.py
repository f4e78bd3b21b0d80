"""A shop made on the fly from another shop's item list, so that its gold dialogues can be read.

The list (`item_metadata.json`: name, category, price, brand, rating) names kinds of goods, brands and
prices only. How people speak of colours, patterns and the like is taken from a domain pack of ours:
its attribute facets become the shop's, and each item's values are what its name says.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitrine.agent.understanding import english
from vitrine.agent.understanding.text import phrase, read
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.agent.understanding.wordforms import singular
from vitrine.core.domain import DomainPack, Facet, FacetValue
from vitrine.core.errors import RequestError
from vitrine.core.items import Item
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.packs import clean_text

_FEWEST = 3
"""A word names a kind of goods if at least so many items carry it."""
_LARGEST_SHARE = 0.2
"""A word that more items carry than this is a department, not a kind of goods."""
_LONGEST_KIND = 3
_FIRST_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


class ListedItem(BaseModel):
    """One line of the list; what is not named here is not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    item_id: str
    name: str
    category: tuple[str, ...] = ()
    price: str | float | None = None
    brand: str | None = None
    rating: float | None = None
    num_reviews: float | None = Field(default=None)


@dataclass(frozen=True)
class GoldShop:
    """The shop, and its items by name."""

    catalogue: PackCatalogue
    by_name: dict[str, Item]


def read_list(path: Path) -> tuple[ListedItem, ...]:
    """The listed items, in order.

    Raises:
        RequestError: the file cannot be read or a line is not an item.
    """
    try:
        lines = path.read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    items: list[ListedItem] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            items.append(ListedItem.model_validate(json.loads(line)))
        except (ValueError, ValidationError) as error:
            raise RequestError(f"{path}:{number}: not an item: {error}") from error
    return tuple(items)


def build_shop(
    listed: Sequence[ListedItem], names: Iterable[str], speech: PackCatalogue
) -> GoldShop:
    """The shop of the listed items and of further items of which only the name is known.

    Args:
        listed: the item list.
        names: names of items that gold dialogues show.
        speech: a catalogue of ours whose pack says how people speak of attributes.
    """
    vocabulary = Vocabulary(speech)
    head = speech.pack.head
    kinds = tuple(k for k in _kinds(listed) if not _describes(k, vocabulary))
    people = _people(listed)
    attributes = tuple(
        facet.model_copy(update={"applies_to": ()})
        for facet in speech.pack.facets
        if facet.role in ("attribute", "price", "rating", "size") and facet.name != "brand"
    )
    brands = dict.fromkeys(clean_text(i.brand) for i in listed if i.brand and i.brand.strip())
    facets = (
        Facet(
            name=head.name,
            kind="categorical",
            role="head",
            label=head.label,
            words=head.words,
            values=tuple(FacetValue(name=kind) for kind in kinds),
        ),
        *((_people_facet(people),) if people else ()),
        Facet(
            name="brand",
            kind="categorical",
            label="brand",
            words=("brand", "maker", "manufacturer"),
            values=tuple(FacetValue(name=brand[:60]) for brand in brands),
        ),
        *attributes,
    )
    pack = DomainPack(
        name="gold",
        title="Gold",
        noun=speech.pack.noun,
        nouns=speech.pack.nouns,
        facets=facets,
        concepts=speech.pack.concepts,
    )
    spoken = {facet.name for facet in attributes if facet.kind == "categorical"}
    items: dict[str, Item] = {}
    for entry in listed:
        item = _item(entry, f"gold-{len(items) + 1:04d}", kinds, people, vocabulary, spoken)
        items.setdefault(entry.name.strip(), item)
    for name in dict.fromkeys(n.strip() for n in names):
        if name and name not in items:
            bare = ListedItem(item_id="", name=name, category=())
            item = _item(bare, f"gold-{len(items) + 1:04d}", kinds, people, vocabulary, spoken)
            items[name] = item
    return GoldShop(PackCatalogue(speech.folder, pack, tuple(items.values())), items)


def _people_facet(people: Sequence[str]) -> Facet:
    return Facet(
        name="people",
        kind="categorical",
        label="department",
        words=("department",),
        values=tuple(FacetValue(name=who) for who in people),
    )


def _tokens(item: ListedItem) -> set[str]:
    """Category entries, cut at commas and ampersands, in lower case."""
    return {
        part.strip().lower()
        for entry in item.category
        if len(entry) <= 60
        for part in re.split(r"[,&]", entry)
        if part.strip()
    }


def _kinds(listed: Sequence[ListedItem]) -> tuple[str, ...]:
    """Plural nouns that several, but not most, items carry."""
    counts = Counter(token for item in listed for token in _tokens(item))
    most = max(_FEWEST, _LARGEST_SHARE * len(listed))
    return tuple(
        sorted(
            token
            for token, count in counts.items()
            if _FEWEST <= count <= most
            and token.endswith("s")
            and len(token.split()) <= _LONGEST_KIND
            and all(c.isalpha() or c in " -'" for c in token)
            and singular(token) not in english.KIN
        )
    )


def _people(listed: Sequence[ListedItem]) -> tuple[str, ...]:
    counts = Counter(token for item in listed for token in _tokens(item))
    return tuple(
        sorted(t for t in counts if counts[t] >= _FEWEST and {t, singular(t)} & english.KIN)
    )


def _describes(kind: str, vocabulary: Vocabulary) -> bool:
    """The words name a property ("long sleeves"), not a kind of goods."""
    head = vocabulary.pack.head.name
    return any(
        m.facet != head and m.kind in ("value", "facet")
        for mention in vocabulary.mentions(read(kind))
        if not mention.typo
        for m in mention.meanings
    ) and not any(m.facet == head for w in phrase(kind)[-1:] for m in vocabulary.table.get((w,)))


def _item(
    entry: ListedItem,
    item_id: str,
    kinds: Sequence[str],
    people: Sequence[str],
    vocabulary: Vocabulary,
    spoken: set[str],
) -> Item:
    head = vocabulary.pack.head.name
    tokens = _tokens(entry)
    words = phrase(entry.name)
    facets: dict[str, tuple[str, ...]] = {}
    own = [k for k in kinds if k in tokens] or [k for k in kinds if _says(words, k)]
    if own:
        facets[head] = tuple(sorted(own, key=len))
    whom = [p for p in people if p in tokens] or [p for p in people if _says(words, p)]
    if whom:
        facets["people"] = tuple(whom)
    if entry.brand and entry.brand.strip():
        facets["brand"] = (clean_text(entry.brand)[:60],)
    for mention in vocabulary.mentions(read(entry.name)):
        for meaning in mention.of("value"):
            if meaning.facet in spoken and meaning.known:
                values = facets.get(meaning.facet, ())
                if meaning.value not in values:
                    facets[meaning.facet] = (*values, meaning.value)
    numbers: dict[str, float] = {}
    price = _FIRST_NUMBER.search(str(entry.price)) if entry.price is not None else None
    if price is not None:
        numbers["price"] = float(price.group().replace(",", ""))
    if entry.rating is not None:
        numbers["rating"] = entry.rating
    return Item(id=item_id, title=clean_text(entry.name)[:200], facets=facets, numbers=numbers)


def _says(words: Sequence[str], kind: str) -> bool:
    """The name holds the kind's words, in the singular or the plural."""
    forms = {phrase(kind), (*phrase(kind)[:-1], singular(phrase(kind)[-1]))}
    return any(
        tuple(words[i : i + len(form)]) == form
        for form in forms
        for i in range(len(words) - len(form) + 1)
    )

"""The mapping from a table's columns to a shop: proposed, reviewed, edited, given back.

It is one YAML file. Whoever imports a shop reads it before trusting the import, changes what was
guessed wrong and passes it with `--map`.
"""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.memory.importing import mentions

MAX_MAP_BYTES = 4 * 1024**2

HEADER = """\
# How the columns of the table become the shop. Edit what was guessed wrong and import again with --map.
#   id, title, description, image: names of columns. Several descriptions are joined; `details` go
#     behind them as "label: value".
#   head: the facet that says what a thing is: `column`, or `mined: true` to read it out of the titles.
#   mined_colours: true reads a facet of colours out of titles and descriptions.
#   facets, kind: `choice` (a list of values), `flag` (yes or no), `number`; `split` divides one cell
#     into several values; `unit` is what a bare number means; `divide` turns cents into the currency.
#   left_out: columns that are not used, and why. Move a column from here to `facets` to use it.
"""


class NumberColumn(Frozen):
    """A column of numbers. A cell's number is divided by `divide`."""

    column: str = Field(min_length=1)
    divide: float = Field(default=1.0, gt=0, le=1e9)


class HeadColumn(Frozen):
    """What a thing is: the values of a column, or the kinds that titles name."""

    column: str | None = None
    mined: bool = False
    name: str = Field(default="kind", pattern=r"^[a-z][a-z0-9_]{0,30}$")
    label: str = Field(default="kind", min_length=1, max_length=60)
    split: str | None = Field(default=None, max_length=3)

    @model_validator(mode="after")
    def _one(self) -> "HeadColumn":
        if (self.column is None) != self.mined:
            raise ValueError("give either a column or mined: true")
        return self


class FacetColumn(Frozen):
    """One more facet. `words` are other names of the facet itself."""

    column: str = Field(min_length=1)
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    label: str = Field(min_length=1, max_length=60)
    kind: Literal["choice", "flag", "number"]
    words: tuple[str, ...] = ()
    split: str | None = Field(default=None, max_length=3)
    unit: str | None = Field(default=None, max_length=20)
    divide: float = Field(default=1.0, gt=0, le=1e9)
    ask: bool = Field(default=False, description="the shopper may be asked about it")


class LeftOut(Frozen):
    """A column that is not used."""

    column: str
    because: str = ""


class ShopMap(Frozen):
    """The whole mapping."""

    title: str = Field(min_length=1, max_length=120)
    noun: str = Field(default="item", min_length=1, max_length=40)
    nouns: str = Field(default="items", min_length=1, max_length=40)
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    decimal_comma: bool = False
    id: str | None = None
    titles: tuple[str, ...] = Field(default=(), max_length=3)
    descriptions: tuple[str, ...] = Field(default=(), max_length=8)
    details: tuple[str, ...] = Field(default=(), max_length=60)
    image: str | None = None
    price: NumberColumn | None = None
    rating: NumberColumn | None = None
    reviews: str | None = None
    stock: str | None = Field(default=None, description="column of pieces left by size")
    head: HeadColumn
    facets: tuple[FacetColumn, ...] = Field(default=(), max_length=80)
    mined_colours: bool = Field(default=False, description="colours are read out of the prose")
    left_out: tuple[LeftOut, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> "ShopMap":
        names = [self.head.name, *(facet.name for facet in self.facets)]
        taken = {"price", "rating", "size"} & set(names)
        taken |= {mentions.FACET} & set(names) if self.mined_colours else set[str]()
        repeated = sorted({n for n in names if names.count(n) > 1} | taken)
        if repeated:
            raise ValueError(f"facet names repeat or are taken: {', '.join(repeated)}")
        return self

    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping reads."""
        single = [self.id, self.image, self.reviews, self.stock, self.head.column]
        numbers = [c.column for c in (self.price, self.rating) if c is not None]
        facets = [facet.column for facet in self.facets]
        named = [name for name in single if name is not None]
        return (*named, *self.titles, *self.descriptions, *self.details, *numbers, *facets)


def read_map(path: Path) -> ShopMap:
    """A mapping from its file.

    Raises:
        RequestError: the file is missing, is no YAML, or breaks the schema; names file and field.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RequestError(f"cannot read the mapping {str(path)!r}: {error.strerror}") from error
    if len(data) > MAX_MAP_BYTES:
        raise RequestError(f"{path} has {len(data)} bytes, expected at most {MAX_MAP_BYTES}")
    try:
        raw = yaml.safe_load(data.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    try:
        return ShopMap.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{path}: field {where or '(root)'}: {first['msg']}") from error


def write_map(shop: ShopMap) -> str:
    """The mapping as the text of its file."""
    tree = shop.model_dump(mode="json", exclude_defaults=True)
    body = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=110)
    return HEADER + body

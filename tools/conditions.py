"""Conditions on items, as the tools take them: what is wanted, avoided, bounded and in stock.

Every condition says how strictly it is meant, since when, and on whose word, so that the one who
must set something aside can set aside what matters least.
"""

from typing import Literal

from pydantic import Field

from vitrine.core.acts import Strength
from vitrine.core.frozen import Frozen

Origin = Literal["said", "profile"]


class Want(Frozen):
    """The item carries one of the values (any of them will do)."""

    facet: str
    values: tuple[str, ...] = Field(min_length=1)
    strength: Strength = "hard"
    since: int = Field(default=0, ge=0, description="turn of the newest of the values")
    origin: Origin = "said"


class Avoid(Frozen):
    """The item carries none of the values."""

    facet: str
    values: tuple[str, ...] = Field(min_length=1)
    strength: Strength = "hard"
    since: int = Field(default=0, ge=0)
    origin: Origin = "said"


class Bound(Frozen):
    """Bounds of a numeric facet. `about` is a soft centre, whatever the strength of the bounds.

    An item without the number fails a hard bound.
    """

    facet: str
    min: float | None = None
    max: float | None = None
    about: float | None = None
    strength: Strength = "hard"
    since: int = Field(default=0, ge=0)
    origin: Origin = "said"


class InStock(Frozen):
    """At least one piece of one of the sizes is left."""

    sizes: tuple[str, ...] = Field(min_length=1)
    strength: Strength = "hard"
    since: int = Field(default=0, ge=0)
    origin: Origin = "said"


class Conditions(Frozen):
    """All conditions of one request."""

    wants: tuple[Want, ...] = ()
    avoids: tuple[Avoid, ...] = ()
    bounds: tuple[Bound, ...] = ()
    stock: tuple[InStock, ...] = ()


Condition = Want | Avoid | Bound | InStock


class SetAside(Frozen):
    """A hard condition that was set aside because nothing passed with it."""

    facet: str
    values: tuple[str, ...] = ()
    kind: Literal["want", "avoid", "bound", "stock"]
    origin: Origin = "said"


class NotCarried(Frozen):
    """A wanted value that no item of the catalogue carries: ranked softly, never a filter."""

    facet: str
    value: str


def kind_of(condition: Condition) -> Literal["want", "avoid", "bound", "stock"]:
    """What sort of condition it is, in a word."""
    match condition:
        case Want():
            return "want"
        case Avoid():
            return "avoid"
        case Bound():
            return "bound"
        case InStock():
            return "stock"

"""What a shop sells. No field knows any domain: facets are named by the domain pack."""

from pydantic import Field, NonNegativeInt

from vitrine.core.frozen import Frozen
from vitrine.core.refs import ItemId


class Review(Frozen):
    """What a buyer wrote. Untrusted text: it is quoted, never obeyed."""

    id: str = Field(min_length=1, max_length=40)
    stars: int = Field(ge=1, le=5)
    text: str = Field(max_length=2000)


class Item(Frozen):
    """One thing in the catalogue.

    `facets` maps a categorical facet to its values (main value first); `numbers` maps a numeric
    facet (price, rating) to its value; `stock` maps a size to the pieces left (empty: no sizes).
    `picture` is a path relative to the domain pack.
    """

    id: ItemId
    title: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=4000)
    facets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    numbers: dict[str, float] = Field(default_factory=dict)
    stock: dict[str, NonNegativeInt] = Field(default_factory=dict)
    reviews: tuple[Review, ...] = ()
    picture: str | None = None

    def values(self, facet: str) -> tuple[str, ...]:
        """Values of a categorical facet, empty where the item has none."""
        return self.facets.get(facet, ())

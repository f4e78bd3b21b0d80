"""What speaks for an item, what else there would be: counted and quoted, never made up."""

import pytest

from vitrine.core.errors import ToolError
from vitrine.memory.catalogue import PackCatalogue
from vitrine.tools.conditions import Avoid, Bound, Conditions, InStock, Want
from vitrine.tools.weigh_item import WeighItem, WeighRequest
from vitrine.tools.what_if import WhatIf, WhatIfRequest


def test_facts_for_an_item_are_its_own(tiny_catalogue: PackCatalogue) -> None:
    weigh = WeighItem(tiny_catalogue)
    result = weigh(WeighRequest(item="p01", wishes=("sturdy",)))
    texts = [fact.text for fact in result.good]
    assert texts[0] == "rated 4.5 by 2 buyers"
    assert any("A robust mug with a thick wall." in text for text in texts), "the wish is quoted"
    assert any(f.source == "review" and f.ref == "r1" for f in result.good)
    assert all(fact.item == "p01" for fact in (*result.good, *result.bad, *result.about))
    about = [fact.text for fact in result.about]
    assert about[0] == "A robust mug with a thick wall."
    assert "price $18" in about
    assert "in stock in small; sold out in large" in about


def test_what_speaks_against_it_is_told_too(tiny_catalogue: PackCatalogue) -> None:
    result = WeighItem(tiny_catalogue)(WeighRequest(item="p02"))
    assert [f.text for f in result.bad if f.source == "review"] == [
        "“The glaze chipped in the dishwasher.” (review 1, 2 of 5 stars)"
    ]
    assert not any(f.source == "review" for f in result.good)
    with pytest.raises(ToolError, match="p99"):
        WeighItem(tiny_catalogue)(WeighRequest(item="p99"))


def test_few_of_a_kind_say_nothing_of_standing(tiny_catalogue: PackCatalogue) -> None:
    item = tiny_catalogue.item("p09")
    price = tiny_catalogue.pack.role("price")
    assert price is not None
    assert WeighItem(tiny_catalogue).standing.above(item, price) is None, "five mugs are too few"


TEAL_MUGS = Conditions(
    wants=(Want(facet="kind", values=("mug",)), Want(facet="glaze", values=("teal",))),
    avoids=(Avoid(facet="maker", values=("Brun",)),),
    bounds=(Bound(facet="price", max=19.0),),
    stock=(InStock(sizes=("small",)),),
)


def test_without_a_wish_there_is_more(tiny_catalogue: PackCatalogue) -> None:
    result = WhatIf(tiny_catalogue)(WhatIfRequest(conditions=TEAL_MUGS))
    assert result.matching == 1
    gains = {(o.facet, o.kind): (o.gained, o.items) for o in result.options}
    assert gains[("price", "bound")] == (1, ("p12",))
    assert gains[("glaze", "want")] == (1, ("p09",))
    assert ("maker", "avoid") not in gains, "the other teal mug is too dear as well"
    (price,) = WhatIf(tiny_catalogue)(WhatIfRequest(conditions=TEAL_MUGS, facet="price")).options
    assert price.items == ("p12",)
    none = WhatIf(tiny_catalogue)(WhatIfRequest(conditions=TEAL_MUGS, facet="finish"))
    assert none.options == ()


def test_what_was_turned_down_is_no_gain(tiny_catalogue: PackCatalogue) -> None:
    request = WhatIfRequest(conditions=TEAL_MUGS, facet="price", exclude=("p12",))
    assert WhatIf(tiny_catalogue)(request).options == ()

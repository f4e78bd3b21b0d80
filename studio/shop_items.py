"""The items of the demo shop as data: no picture is drawn here."""

from __future__ import annotations

from vitrine.core.items import Item
from vitrine.studio.look import Look, facets
from vitrine.studio.shop_plan import Plan, item_rng, plan_shop
from vitrine.studio.shop_text import Namer, write
from vitrine.studio.shop_trade import nature_of, price_of, rating_of, reviews_of, stock_of


def shop_items(*, seed: int = 7, count: int = 2000) -> list[tuple[Item, Look]]:
    """The items in shop order, each with the look of its picture.

    Raises:
        ValueError: `count` is not positive.
    """
    namer = Namer()
    return [_item(seed, plan, namer) for plan in plan_shop(seed, count)]


def _item(seed: int, plan: Plan, namer: Namer) -> tuple[Item, Look]:
    item_id = f"at-{plan.index + 1:04d}"
    text = write(plan, namer, item_rng(seed, plan.index, "text"))
    trade = item_rng(seed, plan.index, "trade")
    numbers = {"price": price_of(plan, trade)}
    stock = stock_of(plan, trade)
    nature = nature_of(plan, trade)
    reviews = reviews_of(item_id, plan, text, nature, item_rng(seed, plan.index, "reviews"))
    rating = rating_of(reviews)
    if rating is not None:
        numbers["rating"] = rating
    item = Item(
        id=item_id,
        title=text.title,
        description=text.description,
        facets={
            **facets(plan.look),
            "occasion": plan.occasions,
            "season": plan.seasons,
            "style": plan.styles,
            "brand": (plan.brand,),
        },
        numbers=numbers,
        stock=stock,
        reviews=reviews,
        picture=f"pictures/{item_id}.webp",
    )
    return item, plan.look

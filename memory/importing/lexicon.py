"""What exports of shops usually call their columns. Names are bare: lower case words."""

from typing import Literal

Role = Literal[
    "id", "title", "description", "image", "price", "rating", "reviews", "head", "maker", "stock"
]

NAMES: dict[Role, tuple[str, ...]] = {
    "id": ("id", "sku", "item id", "product id", "asin", "uniq id", "code", "article number",
           "handle", "parent asin", "image"),
    "title": ("title", "product title", "item name", "product name", "name", "product", "item"),
    "description": ("description", "product description", "long description", "body", "body html",
                    "details", "summary", "short description", "text", "about", "about product",
                    "features"),
    "image": ("image", "images", "picture", "picture file", "image file", "file", "filename",
              "file name", "photo", "image path", "image url", "image link", "image src", "img",
              "img high", "image urls", "image ur ls", "thumbnail"),
    "price": ("price", "sale price", "selling price", "current price", "discounted price", "amount",
              "list price", "retail price", "unit price", "price usd", "price eur", "price gbp",
              "cost", "variant price"),
    "rating": ("rating", "average rating", "stars", "review rating", "avg rating", "rating average",
               "review score", "ratings"),
    "reviews": ("reviews", "review", "customer reviews", "comments"),
    "head": ("type", "product type", "item type", "kind", "category", "categories", "product category",
             "sub category", "subcategory", "class", "style", "label", "department", "group",
             "product group", "category name"),
    "maker": ("brand", "supplier", "manufacturer", "vendor", "maker", "brand name", "make", "publisher",
              "producer"),
    "stock": ("stock by size", "sizes in stock", "inventory by size"),
}  # fmt: skip
"""Columns by what they are for, likeliest first."""

MAKER_WORDS = ("brand", "maker", "make", "manufacturer")
PIECES_WORDS = ("in stock", "left", "available", "pieces left")
PIECES_NAMES = (
    "stock",
    "current stock",
    "quantity",
    "inventory",
    "qty",
    "pieces",
    "stock quantity",
)
COUNT_NAMES = ("num reviews", "review count", "number of reviews", "reviews count", "rating count",
               "ratings count", "num ratings")  # fmt: skip
PLAIN_NUMBERS = ("year", "pages", "cores", "threads", "age", "abv", "alcohol", "calories", "players",
                 "seats", "doors", "bedrooms", "bathrooms", "rooms", "horsepower", "vintage", "speeds",
                 "persons", "servings", "ports", "gears", "blades", "mileage")  # fmt: skip
"""Numbers that people say without a unit."""
EMPTY = frozenset(
    ["", "-", "--", "n/a", "na", "none", "null", "nan", "unknown", "unspecified", "other", "others",
     "not sure", "not specified", "misc", "miscellaneous", "?", "tbd", "skip", "default"]
)  # fmt: skip
"""Cells that say nothing."""

CODES: dict[str, tuple[frozenset[str], dict[str, tuple[str, ...]]]] = {
    "gender": (
        frozenset(
            "f m u w unisex female male women men womens mens boys girls woman man kids".split()
        ),
        {
            "f": ("women", "woman", "womens", "ladies", "female", "lady"),
            "m": ("men", "man", "mens", "gentlemen", "male"),
            "u": ("unisex",),
            "w": ("women", "woman", "womens", "ladies", "female", "lady"),
        },
    ),
}
"""Columns (a word of their name) whose cells are codes: all cells that may occur, and what people
say for them, the name of the value first."""

HIDDEN = frozenset(
    "link url where visible license licence upc ean gtin isbn mpn oem code harmonized split sender "
    "pallet case carton master package packaging upc hash seo meta created updated modified "
    "timestamp".split()
)
"""Words in the names of columns that shoppers do not speak of."""

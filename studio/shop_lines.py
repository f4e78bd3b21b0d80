"""The stock book of the demo shop: silhouettes, their cloth, their use and level of price.

Numbers after a colon are relative weights ("cotton:2 linen" sells twice as much cotton as linen).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def weights(text: str) -> dict[str, float]:
    """Reads "cotton:2 linen" as {"cotton": 2.0, "linen": 1.0}."""
    pairs = (word.partition(":") for word in text.split())
    return {name: float(weight or 1) for name, _, weight in pairs}


@dataclass(frozen=True)
class Line:
    """One silhouette; `price` is the median in USD in cotton from a middling brand."""

    category: str
    variant: str
    weight: float
    price: float
    materials: Mapping[str, float]
    occasions: Mapping[str, float]
    styles: Mapping[str, float]
    sleeves: Mapping[str, float]
    lengths: Mapping[str, float]
    necklines: Mapping[str, float]
    fits: Mapping[str, float]


@dataclass(frozen=True)
class House:
    """A brand: its price level (1 is middling) and the styles it is known for."""

    level: float
    styles: tuple[str, ...]


SHARES: dict[str, int] = {
    "dress": 250,
    "t-shirt": 200,
    "shirt": 190,
    "hoodie": 130,
    "skirt": 160,
    "trousers": 180,
    "shorts": 130,
    "jacket": 210,
    "sneakers": 150,
    "boots": 140,
    "bag": 130,
    "hat": 130,
}
"""Items per category in a shop of 2,000."""

_FIT = "slim regular:1.5 loose"


def line(
    name: str,
    weight: float,
    price: float,
    materials: str,
    occasions: str,
    styles: str,
    *,
    sleeves: str = "",
    lengths: str = "",
    necklines: str = "",
    fits: str = "",
) -> Line:
    category, _, variant = name.partition("/")
    return Line(
        category,
        variant,
        weight,
        price,
        weights(materials),
        weights(occasions),
        weights(styles),
        weights(sleeves),
        weights(lengths),
        weights(necklines),
        weights(fits),
    )


GARMENTS: tuple[Line, ...] = (
    line(
        "dress/a-line",
        3,
        64,
        "cotton:2.4 linen:1.3 silk:1.1 synthetic wool:.7 denim:.4",
        "casual:2 party:2 wedding:1.7 work:1.3 travel:1.2 outdoor:.3",
        "elegant:1.6 classic:1.2 playful bohemian minimalist vintage bold:.7",
        sleeves="sleeveless:1.2 short:1.3 long",
        lengths="mini knee:1.5 maxi",
        necklines="crew v-neck collar:.7",
        fits=_FIT,
    ),
    line(
        "dress/sheath",
        1.6,
        86,
        "wool:1.3 silk:1.4 cotton:1.2 synthetic linen:.7 leather:.25",
        "work:2.4 party:2 wedding:1.7 casual:.4",
        "elegant:2.4 classic:1.5 minimalist:1.6 bold:.7 vintage:.5",
        sleeves="sleeveless short long:1.2",
        lengths="mini:.8 knee:2 maxi:.7",
        necklines="crew v-neck collar:.7",
        fits="slim:2 regular",
    ),
    line(
        "dress/tiered",
        1,
        68,
        "cotton:1.6 linen:1.2 silk synthetic",
        "casual:2 travel:1.5 party:1.2 wedding outdoor:.6",
        "bohemian:3 playful:1.6 vintage:1.2 bold:.6 elegant:.5",
        sleeves="sleeveless short long",
        lengths="mini knee maxi:1.6",
        necklines="crew v-neck",
        fits="regular loose",
    ),
    line(
        "t-shirt/tee",
        3.4,
        23,
        "cotton:3 linen:.8 synthetic:1.2 wool:.5 silk:.3",
        "casual:3 travel:1.4 sport:1.4 outdoor work:.3 party:.4",
        "minimalist:1.5 classic:1.3 sporty:1.6 playful:1.3 bold vintage",
        sleeves="sleeveless:.7 short:2 long",
        necklines="crew:1.5 v-neck",
        fits=_FIT,
    ),
    line(
        "t-shirt/polo",
        1,
        34,
        "cotton:2.4 linen:.7 synthetic:1.1 wool:.4 silk:.2",
        "casual:2 work:1.4 sport:1.6 travel",
        "classic:2.2 sporty:1.6 minimalist vintage elegant:.4",
        sleeves="short:2.5 long:.7",
        necklines="collar",
        fits=_FIT,
    ),
    line(
        "shirt/button-down",
        1,
        46,
        "cotton:2.2 linen:1.5 silk:.9 denim:.8 synthetic:.6 wool:.5",
        "work:2.4 casual:1.8 wedding:1.1 party:1.1 travel:1.1 outdoor:.7",
        "classic:2.2 minimalist:1.4 elegant:1.2 vintage playful:.8 bold:.7 bohemian:.7",
        sleeves="sleeveless:.3 short:1.1 long:2",
        necklines="collar",
        fits=_FIT,
    ),
    line(
        "hoodie/pullover",
        1.3,
        49,
        "cotton:2.4 wool:.8 synthetic:1.1 denim:.12",
        "casual:2.6 sport:1.7 travel:1.4 outdoor:1.3",
        "sporty:2.4 minimalist:1.2 playful bold vintage:.8",
        sleeves="long:3 short:.35",
        necklines="hooded",
        fits="slim:.7 regular:1.3 loose:1.2",
    ),
    line(
        "hoodie/zip",
        1,
        56,
        "cotton:2 wool:.8 synthetic:1.4 denim:.12",
        "casual:2.2 sport:2 travel:1.4 outdoor:1.6",
        "sporty:2.6 minimalist:1.2 classic:.7 bold:.7",
        sleeves="long:3 short:.3",
        necklines="hooded",
        fits=_FIT,
    ),
    line(
        "skirt/a-line",
        1.6,
        43,
        "cotton:1.6 denim wool:.9 linen leather:.4 silk:.7 synthetic",
        "casual:2 work:1.2 party:1.2 travel wedding:.5",
        "classic:1.4 playful:1.4 vintage:1.4 bohemian elegant minimalist",
        lengths="mini knee:1.2 maxi",
        fits=_FIT,
    ),
    line(
        "skirt/pencil",
        1,
        48,
        "wool:1.4 cotton denim:.7 leather:.9 silk:.6 synthetic linen:.5",
        "work:2.6 party:1.3 casual:.7 wedding:.5",
        "elegant:2 classic:1.7 minimalist:1.4 bold:.7",
        lengths="mini:.8 knee:2 maxi:.5",
        fits="slim",
    ),
    line(
        "skirt/pleated",
        1,
        53,
        "cotton wool silk:1.1 linen:.7 synthetic:1.2 leather:.15",
        "party:1.4 work:1.3 casual:1.3 wedding:1.3",
        "elegant:1.5 vintage:1.6 playful:1.3 classic:1.2 bohemian:.7",
        lengths="mini knee:1.3 maxi",
        fits="regular loose",
    ),
    line(
        "skirt/buttoned",
        0.9,
        46,
        "denim:1.4 cotton linen wool:.7 leather:.6 synthetic:.5 silk:.3",
        "casual:2.2 travel work:.8 outdoor:.5 party:.7",
        "vintage:2 bohemian:1.4 classic playful",
        lengths="mini knee:1.3 maxi:.8",
        fits=_FIT,
    ),
    line(
        "trousers/jeans",
        1,
        64,
        "denim:4 cotton:.6 leather:.4",
        "casual:3 travel:1.3 party:.8 work:.5 outdoor:.6",
        "classic:1.5 vintage:1.6 minimalist bold:.8 sporty:.5",
        fits=_FIT,
    ),
    line(
        "trousers/chinos",
        1.2,
        57,
        "cotton:2 wool:1.3 linen:1.4 silk:.4 synthetic:.7 leather:.2",
        "work:2.6 casual:1.4 wedding:1.1 travel:1.2 party:.7",
        "classic:2 minimalist:1.7 elegant:1.5 vintage:.7 bohemian:.5",
        fits=_FIT,
    ),
    line(
        "trousers/joggers",
        0.9,
        45,
        "cotton:1.6 synthetic:1.6 wool:.6 silk:.25",
        "casual:2.2 sport:2.4 travel:1.7 outdoor:1.2",
        "sporty:3 minimalist:1.1 playful:.7 bold:.7",
        fits=_FIT,
    ),
    line(
        "shorts/chino",
        1,
        36,
        "cotton:2.2 linen:1.6 wool:.2 synthetic:.7 silk:.3 leather:.1",
        "casual:2.2 travel:1.7 work:.3 outdoor:1.2",
        "classic:2 minimalist:1.5 vintage playful bohemian:.5",
        lengths="mini knee:1.4",
        fits=_FIT,
    ),
    line(
        "shorts/denim",
        0.7,
        39,
        "denim",
        "casual:2.4 travel:1.3 party:.6 outdoor",
        "vintage:2 playful:1.3 bold:.8 bohemian:.9 classic:.8",
        lengths="mini:1.2 knee",
        fits=_FIT,
    ),
    line(
        "shorts/sport",
        0.9,
        30,
        "synthetic:3 cotton silk:.1",
        "sport:3.4 casual outdoor:1.5 travel:.7",
        "sporty:4 bold:.8 minimalist:.8",
        lengths="mini:1.2 knee",
        fits=_FIT,
    ),
    line(
        "jacket/bomber",
        1,
        106,
        "synthetic:1.8 leather:.8 wool:.7 silk:.3 cotton",
        "casual:2.2 party:1.1 travel:1.2 sport:.8 outdoor:.8",
        "sporty:1.8 bold:1.4 vintage minimalist",
        sleeves="long",
        necklines="crew",
        fits=_FIT,
    ),
    line(
        "jacket/blazer",
        1.2,
        132,
        "wool:2 linen:1.2 cotton silk:.4 synthetic:.5 leather:.1",
        "work:3 wedding:1.9 party:1.4 casual:.6 travel:.5",
        "elegant:2.4 classic:2.2 minimalist:1.4 vintage:.7 bold:.4",
        sleeves="long",
        necklines="collar",
        fits=_FIT,
    ),
    line(
        "jacket/biker",
        0.9,
        124,
        "leather:3 denim:.6 synthetic:.7 wool:.2 cotton:.3",
        "casual:2 party:2 travel:.8",
        "bold:2.8 vintage:1.4 classic:.6 minimalist:.6",
        sleeves="long",
        necklines="collar",
        fits="slim:1.3 regular:1.3 loose:.5",
    ),
    line(
        "jacket/trucker",
        1,
        90,
        "denim:3.2 cotton leather:.5 wool:.5 linen:.4",
        "casual:2.6 travel:1.3 outdoor party:.7",
        "vintage:2 classic:1.5 bold:.8 bohemian:.8 playful:.6",
        sleeves="long:5 sleeveless",
        necklines="collar",
        fits=_FIT,
    ),
    line(
        "jacket/parka",
        1,
        138,
        "synthetic:2.6 cotton:1.2 wool:.9 leather:.15",
        "outdoor:3 travel:1.8 casual:1.4 sport:.8 work:.3",
        "sporty:1.8 minimalist:1.4 classic bold:.6",
        sleeves="long:6 sleeveless",
        necklines="hooded",
        fits="slim:.6 regular:1.4 loose:1.2",
    ),
    line(
        "jacket/cardigan",
        0.9,
        74,
        "wool:3 cotton:1.2 linen:.4 silk:.25",
        "casual:2.2 work:1.6 travel:1.1 wedding:.4",
        "classic:1.8 vintage:1.7 bohemian minimalist playful:.6 elegant:.8",
        sleeves="long:5 short:.6",
        necklines="v-neck",
        fits=_FIT,
    ),
)

BRANDS: dict[str, House] = {
    "Halvoro": House(1.15, ("sporty", "bold")),
    "Brisel": House(0.75, ("playful", "sporty")),
    "Tamsoe": House(1.0, ("bohemian", "playful")),
    "Okkari": House(0.8, ("minimalist", "sporty")),
    "Linnhaven": House(1.2, ("classic", "minimalist")),
    "Velmora": House(1.55, ("elegant", "bold")),
    "Dastrel": House(0.7, ("classic", "vintage")),
    "Nuvessa": House(1.3, ("elegant", "minimalist")),
    "Ferrowick": House(1.1, ("vintage", "classic")),
    "Solbrae": House(0.9, ("bohemian", "vintage")),
    "Quillane": House(1.4, ("classic", "elegant")),
    "Ostrana": House(0.95, ("bold", "playful")),
    "Pernrye": House(0.85, ("minimalist", "classic")),
    "Kessanto": House(1.05, ("bohemian", "elegant")),
}

CLOTH_COST: dict[str, float] = {
    "cotton": 1.0,
    "denim": 1.08,
    "wool": 1.32,
    "leather": 1.75,
    "linen": 1.15,
    "silk": 1.65,
    "synthetic": 0.82,
}
"""What a cloth does to the price; leather weighs less on shoes (they are priced for it)."""

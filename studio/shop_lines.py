"""The stock book of the demo shop: which silhouettes it sells in which cloth, for what, and at what level of price.

Numbers after a colon are relative weights ("cotton:2 linen" sells twice as much cotton as linen).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def _w(text: str) -> dict[str, float]:
    """Reads "cotton:2 linen" as {"cotton": 2.0, "linen": 1.0}."""
    pairs = (word.partition(":") for word in text.split())
    return {name: float(weight or 1) for name, _, weight in pairs}


@dataclass(frozen=True)
class Line:
    """One silhouette the shop sells; `price` is the median in USD in cotton from a middling brand."""

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


@dataclass(frozen=True)
class Favourite:
    """Something the shop always keeps: what is fixed about it, and how many different ones ("" is free)."""

    category: str
    color: str = ""
    pattern: str = ""
    accent: str = ""
    material: str = ""
    variant: str = ""
    length: str = ""
    copies: int = 1


SHARES: dict[str, int] = {
    "dress": 250, "t-shirt": 200, "shirt": 190, "hoodie": 130, "skirt": 160, "trousers": 180,
    "shorts": 130, "jacket": 210, "sneakers": 150, "boots": 140, "bag": 130, "hat": 130,
}  # fmt: skip
"""Items per category in a shop of 2,000."""

_FIT = "slim regular:1.5 loose"


def _line(
    name: str, weight: float, price: float, materials: str, occasions: str, styles: str, *,
    sleeves: str = "", lengths: str = "", necklines: str = "", fits: str = "",
) -> Line:  # fmt: skip
    category, _, variant = name.partition("/")
    return Line(
        category, variant, weight, price, _w(materials), _w(occasions), _w(styles),
        _w(sleeves), _w(lengths), _w(necklines), _w(fits),
    )  # fmt: skip


LINES: tuple[Line, ...] = (
    _line("dress/a-line", 3, 64, "cotton:2.4 linen:1.3 silk:1.1 synthetic wool:.7 denim:.4",
          "casual:2 party:2 wedding:1.7 work:1.3 travel:1.2 outdoor:.3",
          "elegant:1.6 classic:1.2 playful bohemian minimalist vintage bold:.7",
          sleeves="sleeveless:1.2 short:1.3 long", lengths="mini knee:1.5 maxi",
          necklines="crew v-neck collar:.7", fits=_FIT),
    _line("dress/sheath", 1.6, 86, "wool:1.3 silk:1.4 cotton:1.2 synthetic linen:.7 leather:.25",
          "work:2.4 party:2 wedding:1.7 casual:.4", "elegant:2.4 classic:1.5 minimalist:1.6 bold:.7 vintage:.5",
          sleeves="sleeveless short long:1.2", lengths="mini:.8 knee:2 maxi:.7",
          necklines="crew v-neck collar:.7", fits="slim:2 regular"),
    _line("dress/tiered", 1, 68, "cotton:1.6 linen:1.2 silk synthetic",
          "casual:2 travel:1.5 party:1.2 wedding outdoor:.6", "bohemian:3 playful:1.6 vintage:1.2 bold:.6 elegant:.5",
          sleeves="sleeveless short long", lengths="mini knee maxi:1.6", necklines="crew v-neck", fits="regular loose"),
    _line("t-shirt/tee", 3.4, 23, "cotton:3 linen:.8 synthetic:1.2 wool:.5 silk:.3",
          "casual:3 travel:1.4 sport:1.4 outdoor work:.3 party:.4",
          "minimalist:1.5 classic:1.3 sporty:1.6 playful:1.3 bold vintage",
          sleeves="sleeveless:.7 short:2 long", necklines="crew:1.5 v-neck", fits=_FIT),
    _line("t-shirt/polo", 1, 34, "cotton:2.4 linen:.7 synthetic:1.1 wool:.4 silk:.2",
          "casual:2 work:1.4 sport:1.6 travel", "classic:2.2 sporty:1.6 minimalist vintage elegant:.4",
          sleeves="short:2.5 long:.7", necklines="collar", fits=_FIT),
    _line("shirt/button-down", 1, 46, "cotton:2.2 linen:1.5 silk:.9 denim:.8 synthetic:.6 wool:.5",
          "work:2.4 casual:1.8 wedding:1.1 party:1.1 travel:1.1 outdoor:.7",
          "classic:2.2 minimalist:1.4 elegant:1.2 vintage playful:.8 bold:.7 bohemian:.7",
          sleeves="sleeveless:.3 short:1.1 long:2", necklines="collar", fits=_FIT),
    _line("hoodie/pullover", 1.3, 49, "cotton:2.4 wool:.8 synthetic:1.1 denim:.12",
          "casual:2.6 sport:1.7 travel:1.4 outdoor:1.3", "sporty:2.4 minimalist:1.2 playful bold vintage:.8",
          sleeves="long:3 short:.35", necklines="hooded", fits="slim:.7 regular:1.3 loose:1.2"),
    _line("hoodie/zip", 1, 56, "cotton:2 wool:.8 synthetic:1.4 denim:.12",
          "casual:2.2 sport:2 travel:1.4 outdoor:1.6", "sporty:2.6 minimalist:1.2 classic:.7 bold:.7",
          sleeves="long:3 short:.3", necklines="hooded", fits=_FIT),
    _line("skirt/a-line", 1.6, 43, "cotton:1.6 denim wool:.9 linen leather:.4 silk:.7 synthetic",
          "casual:2 work:1.2 party:1.2 travel wedding:.5", "classic:1.4 playful:1.4 vintage:1.4 bohemian elegant minimalist",
          lengths="mini knee:1.2 maxi", fits=_FIT),
    _line("skirt/pencil", 1, 48, "wool:1.4 cotton denim:.7 leather:.9 silk:.6 synthetic linen:.5",
          "work:2.6 party:1.3 casual:.7 wedding:.5", "elegant:2 classic:1.7 minimalist:1.4 bold:.7",
          lengths="mini:.8 knee:2 maxi:.5", fits="slim"),
    _line("skirt/pleated", 1, 53, "cotton wool silk:1.1 linen:.7 synthetic:1.2 leather:.15",
          "party:1.4 work:1.3 casual:1.3 wedding:1.3", "elegant:1.5 vintage:1.6 playful:1.3 classic:1.2 bohemian:.7",
          lengths="mini knee:1.3 maxi", fits="regular loose"),
    _line("skirt/buttoned", .9, 46, "denim:1.4 cotton linen wool:.7 leather:.6 synthetic:.5 silk:.3",
          "casual:2.2 travel work:.8 outdoor:.5 party:.7", "vintage:2 bohemian:1.4 classic playful",
          lengths="mini knee:1.3 maxi:.8", fits=_FIT),
    _line("trousers/jeans", 1, 64, "denim:4 cotton:.6 leather:.4",
          "casual:3 travel:1.3 party:.8 work:.5 outdoor:.6", "classic:1.5 vintage:1.6 minimalist bold:.8 sporty:.5",
          fits=_FIT),
    _line("trousers/chinos", 1.2, 57, "cotton:2 wool:1.3 linen:1.4 silk:.4 synthetic:.7 leather:.2",
          "work:2.6 casual:1.4 wedding:1.1 travel:1.2 party:.7", "classic:2 minimalist:1.7 elegant:1.5 vintage:.7 bohemian:.5",
          fits=_FIT),
    _line("trousers/joggers", .9, 45, "cotton:1.6 synthetic:1.6 wool:.6 silk:.25",
          "casual:2.2 sport:2.4 travel:1.7 outdoor:1.2", "sporty:3 minimalist:1.1 playful:.7 bold:.7", fits=_FIT),
    _line("shorts/chino", 1, 36, "cotton:2.2 linen:1.6 wool:.2 synthetic:.7 silk:.3 leather:.1",
          "casual:2.2 travel:1.7 work:.3 outdoor:1.2", "classic:2 minimalist:1.5 vintage playful bohemian:.5",
          lengths="mini knee:1.4", fits=_FIT),
    _line("shorts/denim", .7, 39, "denim", "casual:2.4 travel:1.3 party:.6 outdoor",
          "vintage:2 playful:1.3 bold:.8 bohemian:.9 classic:.8", lengths="mini:1.2 knee", fits=_FIT),
    _line("shorts/sport", .9, 30, "synthetic:3 cotton silk:.1", "sport:3.4 casual outdoor:1.5 travel:.7",
          "sporty:4 bold:.8 minimalist:.8", lengths="mini:1.2 knee", fits=_FIT),
    _line("jacket/bomber", 1, 106, "synthetic:1.8 leather:.8 wool:.7 silk:.3 cotton",
          "casual:2.2 party:1.1 travel:1.2 sport:.8 outdoor:.8", "sporty:1.8 bold:1.4 vintage minimalist",
          sleeves="long", necklines="crew", fits=_FIT),
    _line("jacket/blazer", 1.2, 132, "wool:2 linen:1.2 cotton silk:.4 synthetic:.5 leather:.1",
          "work:3 wedding:1.9 party:1.4 casual:.6 travel:.5", "elegant:2.4 classic:2.2 minimalist:1.4 vintage:.7 bold:.4",
          sleeves="long", necklines="collar", fits=_FIT),
    _line("jacket/biker", .9, 124, "leather:3 denim:.6 synthetic:.7 wool:.2 cotton:.3",
          "casual:2 party:2 travel:.8", "bold:2.8 vintage:1.4 classic:.6 minimalist:.6",
          sleeves="long", necklines="collar", fits="slim:1.3 regular:1.3 loose:.5"),
    _line("jacket/trucker", 1, 90, "denim:3.2 cotton leather:.5 wool:.5 linen:.4",
          "casual:2.6 travel:1.3 outdoor party:.7", "vintage:2 classic:1.5 bold:.8 bohemian:.8 playful:.6",
          sleeves="long:5 sleeveless", necklines="collar", fits=_FIT),
    _line("jacket/parka", 1, 138, "synthetic:2.6 cotton:1.2 wool:.9 leather:.15",
          "outdoor:3 travel:1.8 casual:1.4 sport:.8 work:.3", "sporty:1.8 minimalist:1.4 classic bold:.6",
          sleeves="long:6 sleeveless", necklines="hooded", fits="slim:.6 regular:1.4 loose:1.2"),
    _line("jacket/cardigan", .9, 74, "wool:3 cotton:1.2 linen:.4 silk:.25",
          "casual:2.2 work:1.6 travel:1.1 wedding:.4", "classic:1.8 vintage:1.7 bohemian minimalist playful:.6 elegant:.8",
          sleeves="long:5 short:.6", necklines="v-neck", fits=_FIT),
    _line("sneakers/low", 1.3, 68, "leather:1.6 cotton:1.2 synthetic denim:.3", "casual:2.6 travel:1.5 sport:.9 work:.5",
          "minimalist:1.8 classic:1.4 sporty:1.8 playful:.7"),
    _line("sneakers/high", 1, 78, "leather:1.2 cotton:1.5 synthetic denim:.4", "casual:2.4 party:.8 travel sport",
          "vintage:1.7 sporty:1.6 bold:1.4 playful"),
    _line("sneakers/runner", 1.2, 90, "synthetic:3 wool:.5 leather:.4", "sport:4 outdoor:1.8 travel casual",
          "sporty:4 bold:.9 minimalist:.7"),
    _line("sneakers/slip-on", .7, 52, "cotton:1.6 leather:.9 denim:.4 linen:.8 synthetic:.7",
          "casual:2.4 travel:2 outdoor:.4 work:.3", "minimalist:1.6 playful:1.4 bohemian:.9 classic:.8"),
    _line("boots/ankle", 1.2, 92, "leather:3 synthetic denim:.2 silk:.1", "casual:1.8 party:1.6 work:1.4 travel:.7",
          "elegant:1.5 bold classic vintage bohemian"),
    _line("boots/chelsea", 1.1, 98, "leather:3.2 synthetic wool:.3", "casual:1.8 work:2 travel:1.2 party:.8 outdoor:.6",
          "classic:2.2 minimalist:1.8 elegant vintage:.6"),
    _line("boots/knee", .9, 132, "leather:2.8 synthetic denim:.12 silk:.08", "party:1.9 casual:1.2 work wedding:.3",
          "elegant:2 bold:1.6 vintage:1.1 bohemian:.9"),
    _line("boots/combat", 1, 106, "leather:2.6 synthetic:1.3 cotton:.4 denim:.2", "outdoor:2.6 casual:1.7 travel:1.2 party:.4",
          "bold:2.2 vintage sporty:.9 classic:.6"),
    _line("bag/tote", 1.1, 36, "cotton:2 linen leather:.9 denim:.6 synthetic:.7 wool:.2 silk:.1",
          "casual:2.2 work:1.6 travel:1.6 outdoor:.5", "minimalist:1.7 classic playful bohemian:1.2"),
    _line("bag/backpack", 1.2, 62, "synthetic:2.4 cotton:1.4 leather:.8 denim:.4 wool:.2 linen:.2",
          "travel:2.6 outdoor:2.2 sport:1.3 casual:1.3 work:.9", "sporty:2 minimalist:1.3 classic:.7 vintage:.7 bold:.6"),
    _line("bag/handbag", 1.1, 78, "leather:2.6 synthetic silk:.6 linen:.4 cotton:.3 denim:.2",
          "party:2 wedding:1.8 work:1.4 casual", "elegant:2.8 classic:1.4 bold vintage:.7"),
    _line("bag/satchel", 1, 74, "leather:2.4 cotton:.9 denim:.4 synthetic:.6 wool:.3 linen:.3",
          "work:2.4 casual:1.4 travel:1.6", "vintage:2 classic:1.8 minimalist:.7 bohemian:.9"),
    _line("hat/beanie", 1.2, 21, "wool:3 cotton:1.1 synthetic:1.1", "outdoor:2.2 casual:2 sport:1.2 travel",
          "sporty:1.4 minimalist:1.4 playful:1.4 classic:.7"),
    _line("hat/cap", 1.1, 20, "cotton:2.2 denim:.6 synthetic:1.4 wool:.4 leather:.3 linen:.4",
          "sport:2.2 casual:2.2 outdoor:1.5 travel:1.2", "sporty:3 bold minimalist:.8 vintage:.8 playful:.7"),
    _line("hat/fedora", 1, 45, "wool:2.4 linen:1.4 leather:.5 cotton:.5 silk:.15",
          "wedding:1.4 party:1.4 travel:1.4 casual", "vintage:2.4 elegant:1.5 classic:1.4 bohemian:1.6"),
    _line("hat/bucket", 1, 25, "cotton:2 denim:.8 linen:.9 synthetic:1.1 leather:.3 wool:.4 silk:.1",
          "outdoor:1.8 casual:2 travel:2 party:.4", "playful:2.4 bold:1.2 sporty:1.1 bohemian:1.1 vintage:.8"),
)  # fmt: skip

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
    "cotton": 1.0, "denim": 1.08, "wool": 1.32, "leather": 1.75, "linen": 1.15, "silk": 1.65, "synthetic": 0.82,
}  # fmt: skip
"""What a cloth does to the price; leather weighs less on shoes (they are priced for it)."""

_BODY = "plain:4.2 striped:1.7 dotted:1.5 checked:1.4 floral:1.4"
_SHOE = "plain:6 striped dotted:.8 checked floral:.8"
PATTERN_KINDS: dict[str, dict[str, float]] = {
    "dress": _w("plain:3.4 striped:1.2 dotted:2 checked:1.1 floral:2.2"),
    "t-shirt": _w("plain:3.8 striped:2.6 dotted:1.2 checked:.7 floral"),
    "shirt": _w("plain:3.4 striped:2 dotted checked:2.2 floral:1.1"),
    "skirt": _w("plain:3.4 striped dotted:1.5 checked:1.8 floral:1.7"),
    "trousers": _w("plain:5.6 striped:1.3 dotted:.7 checked:1.6 floral:.7"),
    "hoodie": _w(_BODY), "shorts": _w(_BODY), "jacket": _w("plain:5.4 striped checked:1.8 dotted:.7 floral"),
    "sneakers": _w(_SHOE), "boots": _w("plain:7.5 striped:.6 dotted:.6 checked:.8 floral:.8"),
    "bag": _w(_BODY), "hat": _w(_BODY),
}  # fmt: skip

ACCENT_LIKING = _w("white:6 black:2 navy:1.5 beige:1.5 red:1.2 grey:.6")

FAVOURITES: tuple[Favourite, ...] = (
    Favourite("dress", "teal", "dotted", "white", copies=7),
    Favourite("dress", "navy", "dotted", "white", copies=5),
    Favourite("dress", "red", "plain", copies=7),
    Favourite("dress", "black", "plain", material="silk", copies=4),
    Favourite("dress", "white", "floral", "pink", material="cotton", copies=4),
    Favourite("dress", "yellow", "floral", "white", length="maxi", copies=3),
    Favourite("t-shirt", "navy", "striped", "white", material="cotton", copies=7),
    Favourite("t-shirt", "white", "plain", material="cotton", copies=6),
    Favourite("t-shirt", "black", "plain", material="cotton", copies=4),
    Favourite("shirt", "white", "plain", material="cotton", copies=5),
    Favourite("shirt", "blue", "checked", "white", copies=4),
    Favourite("shirt", "beige", "plain", material="linen", copies=3),
    Favourite("hoodie", "grey", "plain", material="cotton", copies=5),
    Favourite("hoodie", "green", "plain", copies=3),
    Favourite("skirt", "black", "plain", variant="pencil", copies=4),
    Favourite("skirt", "green", "floral", "white", length="maxi", copies=3),
    Favourite("skirt", "red", "checked", "black", variant="pleated", copies=3),
    Favourite("trousers", "blue", "plain", material="denim", variant="jeans", copies=5),
    Favourite("trousers", "navy", "plain", material="denim", variant="jeans", copies=4),
    Favourite("trousers", "beige", "plain", material="linen", copies=4),
    Favourite("shorts", "beige", "plain", variant="chino", copies=3),
    Favourite("shorts", "black", "plain", variant="sport", copies=3),
    Favourite("jacket", "black", "plain", material="leather", variant="biker", copies=5),
    Favourite("jacket", "blue", "plain", material="denim", variant="trucker", copies=5),
    Favourite("jacket", "navy", "plain", variant="blazer", copies=4),
    Favourite("jacket", "green", "plain", variant="parka", copies=4),
    Favourite("sneakers", "white", "plain", material="leather", variant="low", copies=5),
    Favourite("sneakers", "red", "plain", material="cotton", copies=3),
    Favourite("boots", "brown", "plain", material="leather", copies=7),
    Favourite("boots", "black", "plain", material="leather", copies=7),
    Favourite("bag", "brown", "plain", material="leather", copies=4),
    Favourite("bag", "black", "plain", material="synthetic", variant="backpack", copies=4),
    Favourite("hat", "red", "plain", material="wool", variant="beanie", copies=3),
    Favourite("hat", "beige", "plain", material="linen", variant="fedora", copies=3),
)

OCCASION_TILT: dict[str, dict[str, float]] = {
    "silk": _w("party:2 wedding:2.4 sport:.03 outdoor:.05 casual:.7"),
    "leather": _w("sport:.15 wedding:.7 party:1.2"),
    "denim": _w("casual:1.8 wedding:.02 work:.45 party:.7"),
    "linen": _w("travel:1.6 wedding:1.2 party:.8"),
    "wool": _w("work:1.4 outdoor:1.3 party:.7"),
    "synthetic": _w("sport:2 outdoor:1.7 travel:1.3 wedding:.6"),
    "floral": _w("wedding:1.3 work:.6 travel:1.2"),
    "dotted": _w("party:1.2 work:.8"),
    "checked": _w("outdoor:1.3 work:1.1 wedding:.7"),
    "striped": _w("travel:1.2 casual:1.2 wedding:.7"),
    "white": _w("wedding:.4"),
    "black": _w("party:1.3 work:1.3"),
    "navy": _w("work:1.4"),
    "grey": _w("work:1.3 party:.7"),
    "red": _w("party:1.4"),
    "purple": _w("party:1.3"),
    "pink": _w("wedding:1.3"),
    "elegant": _w("party:1.5 wedding:1.7 sport:.05 outdoor:.2"),
    "sporty": _w("sport:2.2 outdoor:1.5 wedding:.02 party:.4 work:.4"),
    "minimalist": _w("work:1.4"),
    "playful": _w("party:1.3 casual:1.3 work:.5"),
    "bold": _w("party:1.6 work:.5"),
    "bohemian": _w("travel:1.5 casual:1.2 work:.5"),
}

STYLE_TILT: dict[str, dict[str, float]] = {
    "plain": _w("minimalist:2 elegant:1.3"),
    "striped": _w("classic:1.6 sporty:1.2 minimalist:.5"),
    "dotted": _w("playful:2 vintage:1.9 minimalist:.15 sporty:.6"),
    "checked": _w("classic:1.9 vintage:1.4 minimalist:.25 elegant:.7"),
    "floral": _w("bohemian:2.3 playful:1.4 vintage:1.4 minimalist:.05 sporty:.4"),
    "red": _w("bold:1.8 minimalist:.6"),
    "orange": _w("bold:1.8 playful:1.3 minimalist:.5"),
    "yellow": _w("playful:1.8 bold:1.4 minimalist:.5"),
    "pink": _w("playful:1.6 bold:1.2 minimalist:.6"),
    "purple": _w("bold:1.5 bohemian:1.3 minimalist:.6"),
    "teal": _w("bold:1.2 bohemian:1.3"),
    "black": _w("minimalist:1.6 elegant:1.5 playful:.5"),
    "white": _w("minimalist:1.7 classic:1.3 bold:.4"),
    "grey": _w("minimalist:1.8 classic:1.3 bold:.3 playful:.5"),
    "navy": _w("classic:1.8 elegant:1.2 bold:.5"),
    "beige": _w("minimalist:1.6 classic:1.3 bohemian:1.2 bold:.3"),
    "brown": _w("vintage:1.7 bohemian:1.3 bold:.6"),
    "silk": _w("elegant:2 sporty:.1"),
    "leather": _w("bold:1.3 vintage:1.2"),
    "denim": _w("vintage:1.4 elegant:.3"),
    "linen": _w("bohemian:1.5 minimalist:1.3"),
    "wool": _w("classic:1.4"),
    "synthetic": _w("sporty:1.6 vintage:.6"),
}

SEASONS_OF_CLOTH: dict[str, dict[str, float]] = {
    "cotton": _w("spring:1.6 summer:1.6 autumn winter:.4"),
    "denim": _w("spring:1.5 summer:.7 autumn:1.6 winter:.7"),
    "wool": _w("winter:2.6 autumn:1.7 spring:.3 summer:.02"),
    "leather": _w("autumn:2 winter:1.5 spring:1.1 summer:.3"),
    "linen": _w("summer:3 spring:1.5 autumn:.15 winter:.01"),
    "silk": _w("summer:1.4 spring:1.4 autumn winter:.7"),
    "synthetic": _w("spring:1.1 autumn:1.05 winter summer"),
}

SEASON_TILT: dict[str, dict[str, float]] = {
    "sleeveless": _w("summer:2.4 spring:1.2 autumn:.25 winter:.03"),
    "short": _w("summer:1.8 autumn:.5 winter:.15"),
    "long": _w("summer:.35 autumn:1.4 winter:1.7"),
    "mini": _w("summer:1.4 winter:.5"),
    "maxi": _w("autumn:1.2"),
    "floral": _w("spring:1.6 summer:1.3 winter:.4"),
    "shorts": _w("summer:4 spring:1.2 autumn:.2 winter:.03"),
    "jacket": _w("summer:.15 autumn:1.4 spring:1.2"),
    "boots": _w("summer:.05 winter:2.2 autumn:1.6"),
    "hoodie": _w("summer:.25 autumn:1.4"),
    "sneakers": _w("summer:1.4 spring:1.2 winter:.5"),
    "parka": _w("winter:3"),
    "beanie": _w("winter:5 autumn:1.5 summer:.01 spring:.3"),
    "cap": _w("summer:1.8"),
    "bucket": _w("summer:1.8 winter:.5"),
    "slip-on": _w("summer:2 winter:.1"),
    "backpack": _w("summer:1.2 winter:1.2"),
    "runner": _w("winter:.8"),
}

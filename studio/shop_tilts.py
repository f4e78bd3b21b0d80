"""What goes with what in the demo shop: favourites, and what tilts use, season and style."""

from __future__ import annotations

from dataclasses import dataclass

from vitrine.studio.shop_lines import weights as _w


@dataclass(frozen=True)
class Favourite:
    """Something the shop always keeps: what is fixed ("" is free), and how many of them."""

    category: str
    color: str = ""
    pattern: str = ""
    accent: str = ""
    material: str = ""
    variant: str = ""
    length: str = ""
    copies: int = 1


_BODY = "plain:4.2 striped:1.7 dotted:1.5 checked:1.4 floral:1.4"
_SHOE = "plain:6 striped dotted:.8 checked floral:.8"
PATTERN_KINDS: dict[str, dict[str, float]] = {
    "dress": _w("plain:3.4 striped:1.2 dotted:2 checked:1.1 floral:2.2"),
    "t-shirt": _w("plain:3.8 striped:2.6 dotted:1.2 checked:.7 floral"),
    "shirt": _w("plain:3.4 striped:2 dotted checked:2.2 floral:1.1"),
    "skirt": _w("plain:3.4 striped dotted:1.5 checked:1.8 floral:1.7"),
    "trousers": _w("plain:5.6 striped:1.3 dotted:.7 checked:1.6 floral:.7"),
    "hoodie": _w(_BODY),
    "shorts": _w(_BODY),
    "jacket": _w("plain:5.4 striped checked:1.8 dotted:.7 floral"),
    "sneakers": _w(_SHOE),
    "boots": _w("plain:7.5 striped:.6 dotted:.6 checked:.8 floral:.8"),
    "bag": _w(_BODY),
    "hat": _w(_BODY),
}

ACCENT_LIKING = _w("white:6 black:2 navy:1.5 beige:1.5 red:1.2 grey:1.8")

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

"""Captions of a look in varied words, as a shop or a shopper would write them."""

from __future__ import annotations

import random

from vitrine.studio.look import Look

_CATEGORY = {
    "dress": ("dress", "dress", "frock"),
    "t-shirt": ("t-shirt", "tee", "T-shirt", "tshirt"),
    "shirt": ("shirt", "shirt", "button-up shirt", "button-down shirt"),
    "hoodie": ("hoodie", "hoodie", "hooded sweatshirt"),
    "skirt": ("skirt",),
    "trousers": ("trousers", "pants", "trousers"),
    "shorts": ("shorts",),
    "jacket": ("jacket",),
    "sneakers": ("sneakers", "trainers", "sneakers", "sneaker"),
    "boots": ("boots", "boots", "boot"),
    "bag": ("bag",),
    "hat": ("hat",),
}
_VARIANT = {
    "a-line": ("a-line {}",),
    "sheath": ("sheath {}",),
    "tiered": ("tiered {}",),
    "polo": ("polo shirt", "polo {}"),
    "zip": ("zip {}", "zip-up {}"),
    "pencil": ("pencil {}",),
    "pleated": ("pleated {}",),
    "buttoned": ("button-front {}",),
    "jeans": ("jeans",),
    "chinos": ("chinos",),
    "joggers": ("joggers", "sweatpants"),
    "sport": ("sport {}", "athletic {}"),
    "bomber": ("bomber {}",),
    "blazer": ("blazer", "blazer {}"),
    "biker": ("biker {}",),
    "trucker": ("trucker {}",),
    "parka": ("parka", "parka {}"),
    "cardigan": ("cardigan", "cardigan {}"),
    "low": ("low-top {}",),
    "high": ("high-top {}",),
    "runner": ("running {}",),
    "slip-on": ("slip-on {}",),
    "ankle": ("ankle {}",),
    "chelsea": ("chelsea {}", "Chelsea {}"),
    "knee": ("knee-high {}", "tall {}"),
    "combat": ("combat {}", "lace-up {}"),
    "tote": ("tote {}",),
    "backpack": ("backpack", "backpack {}"),
    "handbag": ("handbag", "hand {}"),
    "satchel": ("satchel", "satchel {}"),
    "beanie": ("beanie", "beanie {}", "knit {}"),
    "cap": ("cap", "baseball cap"),
    "fedora": ("fedora", "fedora {}"),
    "bucket": ("bucket {}",),
}
_ADJECTIVE = {
    "plain": ("plain", "solid", "solid-colour", "unpatterned"),
    "striped": ("striped", "striped", "stripy"),
    "dotted": ("dotted", "dotted", "polka dot", "spotted"),
    "checked": ("checked", "checked", "plaid", "tartan", "checkered"),
    "floral": ("floral", "floral", "flowery", "floral print"),
}
_NOUN = {
    "striped": ("stripes",),
    "dotted": ("dots", "polka dots", "spots"),
    "checked": ("checks", "plaid checks", "a check pattern"),
    "floral": ("flowers", "a floral print", "blossoms"),
}
_COLOR = {
    "grey": ("grey", "gray"),
    "navy": ("navy", "navy", "navy blue"),
    "beige": ("beige", "beige", "sand"),
}
_SLEEVE = {
    "sleeveless": ("sleeveless",),
    "short": ("short-sleeved", "short-sleeve", "short sleeve"),
    "long": ("long-sleeved", "long-sleeve", "long sleeve"),
}
_LENGTH = {
    "mini": ("mini", "short mini"),
    "knee": ("knee-length", "knee length"),
    "maxi": ("maxi", "maxi-length"),
}
_NECK = {
    "crew": ("crew-neck", "crew neck", "round-neck"),
    "v-neck": ("v-neck", "V-neck"),
    "collar": ("collared", "collar"),
    "hooded": ("hooded",),
}
_NECK_TAIL = {
    "crew": ("with a crew neck",),
    "v-neck": ("with a v-neck", "with a v-neckline"),
    "collar": ("with a collar",),
    "hooded": ("with a hood",),
}
_FIT = {
    "slim": ("slim", "slim-fit", "fitted"),
    "regular": ("regular-fit", "regular fit"),
    "loose": ("loose", "loose-fit", "baggy", "relaxed"),
}
_MATERIAL = {
    "cotton": ("cotton",),
    "denim": ("denim",),
    "wool": ("wool", "woollen", "knitted wool"),
    "leather": ("leather",),
    "linen": ("linen",),
    "silk": ("silk", "silky"),
    "synthetic": ("synthetic", "nylon", "polyester"),
}
_PAIRS = frozenset(("trousers", "shorts", "sneakers", "boots"))


def _an(phrase: str) -> str:
    """The phrase with its indefinite article."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def _noun(look: Look, rng: random.Random, *, variant: bool) -> str:
    noun = rng.choice(_CATEGORY[look.category])
    forms = _VARIANT.get(look.variant)
    if variant and forms:
        form = rng.choice(forms)
        noun = form.format(noun)
    return noun


def _color(word: str, rng: random.Random) -> str:
    return rng.choice(_COLOR.get(word, (word,)))


def _one(look: Look, rng: random.Random) -> str:
    """One caption: colour, category and pattern always; the rest as it comes."""
    said = {
        name: rng.choice(table[value])
        for name, table, value, chance in (
            ("sleeve", _SLEEVE, look.sleeve, 0.6),
            ("length", _LENGTH, look.length, 0.65),
            (
                "neck",
                _NECK,
                look.neckline,
                0.6 if look.category in ("t-shirt", "dress", "jacket") else 0.25,
            ),
            ("fit", _FIT, look.fit, 0.4),
            ("material", _MATERIAL, look.material, 0.5),
        )
        if value and rng.random() < chance
    }
    main = _color(look.color, rng)
    tail: list[str] = []
    words: list[str] = []
    if look.pattern == "plain":
        if rng.random() < 0.35:
            words.append(rng.choice(_ADJECTIVE["plain"]))
        words.append(main)
    else:
        accent = _color(look.accent, rng)
        match rng.randrange(5):
            case 0 | 1:
                words.append(main)
                tail.append(f"with {accent} {rng.choice(_NOUN[look.pattern]).removeprefix('a ')}")
            case 2:
                words.append(f"{main} and {accent} {rng.choice(_ADJECTIVE[look.pattern])}")
            case 3:
                words.append(f"{rng.choice(_ADJECTIVE[look.pattern])} {main}")
                if rng.random() < 0.4:
                    tail.append(f"with {accent}")
            case _:
                words.append(f"{main} {rng.choice(_ADJECTIVE[look.pattern])}")
    lead = [said[name] for name in ("fit", "length", "sleeve", "neck") if name in said]
    if "neck" in said and rng.random() < 0.3:
        lead.remove(said["neck"])
        tail.insert(0, rng.choice(_NECK_TAIL[look.neckline]))
    rng.shuffle(lead)
    cut = rng.randint(0, len(lead))
    noun = _noun(look, rng, variant=rng.random() < 0.35)
    cloth = [said["material"]] if "material" in said else []
    phrase = " ".join([*lead[:cut], *words, *lead[cut:], *cloth, noun])
    if look.pattern != "plain" and rng.random() < 0.12:  # a list of properties after the noun
        pair = f"{main} and {_color(look.accent, rng)}"
        head = " ".join([*lead, *cloth, noun])
        return f"{head}, {rng.choice(_ADJECTIVE[look.pattern])}, {pair}"
    whole = " ".join([phrase, *tail])
    plural = look.category in _PAIRS and noun.endswith("s")
    match rng.randrange(5):
        case 0 | 1:
            return whole if plural else _an(whole)
        case 2:
            return f"a pair of {whole}" if plural else f"photo of {_an(whole)}"
        case _:
            return whole


def captions(look: Look, rng: random.Random, count: int = 3) -> list[str]:
    """Different captions of one look.

    Every caption names the category (or a silhouette that implies it, "jeans"), the main colour and
    any pattern; the other facets come and go.

    Args:
        look: what the picture shows.
        rng: source of randomness.
        count: how many captions.
    """
    found: list[str] = []
    while len(found) < count:
        text = _one(look, rng)
        if text not in found:
            found.append(text)
    return found

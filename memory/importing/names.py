"""Names: of columns in lower case words, and of facets as the schema wants them."""

import re
from collections import Counter


def bare_name(name: str) -> str:
    """A column's name in lower case words: `Product Colour` and `productColour` are the same."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[^\W_]+", split.casefold()))


def labels(names: list[str]) -> dict[str, str]:
    """What each column is called in talk: its bare name without what many columns start with.

    `attr_t_material` and `attr_n_weight` are "material" and "weight" where most columns start so.
    """
    bare = {name: bare_name(name.rsplit(".", 1)[-1]).split() for name in names}
    starts = Counter(words[0] for words in bare.values() if len(words) > 1)
    common = {word for word, n in starts.items() if n >= 6 and n >= 0.3 * len(names)}
    found: dict[str, str] = {}
    for name, words in bare.items():
        if len(words) > 1 and words[0] in common:
            words = words[1:]
            if len(words) > 1 and len(words[0]) == 1:
                words = words[1:]
        while len(words) > 1 and len(words[-1]) == 1:
            words = words[:-1]
        found[name] = " ".join(words)[:60] or name[:60]
    return found


def facet_name(label: str, taken: set[str]) -> str:
    """A facet's name for a label, unlike those that are taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")
    plain = plain if plain[:1].isalpha() and plain.isascii() else f"facet_{plain}"
    plain = plain[:28].strip("_") or "facet"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    return name

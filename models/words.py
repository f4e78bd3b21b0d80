"""English words that CLIP's tokenizer knows whole: a check that a word is no typing error."""

import gzip
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_MERGES = 49_152 - 256 - 2
"""Merges in CLIP's vocabulary; the file holds more than are used."""
_END_OF_WORD = "</w>"
_SHORTEST = 5


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Whole words of five letters and more from the published byte-pair vocabulary.

    Empty where the installed open_clip does not carry the file. Shorter pieces of that vocabulary
    are too often syllables to count as words.
    """
    spec = find_spec("open_clip")  # found, not imported: importing it takes seconds
    folders = (spec.submodule_search_locations if spec is not None else None) or []
    paths = [Path(folder) / "bpe_simple_vocab_16e6.txt.gz" for folder in folders]
    packed = next((path.read_bytes() for path in paths if path.is_file()), None)
    if packed is None:
        return frozenset()
    lines = gzip.decompress(packed).decode("utf-8").split("\n")[1 : _MERGES + 1]
    whole = (
        "".join(line.split())[: -len(_END_OF_WORD)] for line in lines if line.endswith(_END_OF_WORD)
    )
    return frozenset(word for word in whole if len(word) >= _SHORTEST and word.isalpha())

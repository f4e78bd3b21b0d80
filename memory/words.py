"""Word search over item texts: BM25 (bm25s) on stemmed words, deterministic order."""

import logging
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for debug lines when imported

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_STOP = frozenset(
    """
    a an and are as at be been but by for from had has have he her his i if in into is it its me
    my of on or our she so that the their them then there these they this those to was we were
    will with would you your
    """.split()
)
_stemmer: Any = cast(Any, Stemmer).Stemmer("english")


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """Stemmed words of a text without function words, in order; case and width are folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [_stem(word) for word in _WORD.findall(folded) if word not in _STOP]


class WordIndex:
    """BM25 over n texts; row i is text i.

    Args:
        texts: what each row is found by. Repeat a part to weigh it more.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        tokens = [stems(text) or ["\x00"] for text in texts]
        self._bm25: Any = None
        if tokens:
            self._bm25 = bm25s.BM25(k1=1.2, b=0.6)
            self._bm25.index(tokens, show_progress=False)
        # The words of a wish are searched again every turn that the wish lasts.
        self._scores = lru_cache(maxsize=256)(self._score)

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 of every row, (n,), not to be written to; zeros where no text has a word of it."""
        return self._scores(query)

    def _score(self, query: str) -> NDArray[np.float32]:
        found = np.zeros(self._size, dtype=np.float32)
        known = [w for w in dict.fromkeys(stems(query)) if self._knows(w)]
        if known:
            found = np.asarray(self._bm25.get_scores(known), dtype=np.float32)
        found.flags.writeable = False
        return found

    def search(self, query: str, mask: NDArray[np.bool_], limit: int) -> list[tuple[int, float]]:
        """(row, score) best first within the mask, only rows that share a word with the query.

        Ties stand in row order.
        """
        scores = self.scores(query)
        rows = np.flatnonzero(mask & (scores > 0))
        if limit < len(rows):
            # argpartition alone would break ties by chance: cut at the limit's score, then sort.
            cut = np.partition(scores[rows], len(rows) - limit)[len(rows) - limit]
            rows = rows[scores[rows] >= cut]
        order = np.lexsort((rows, -scores[rows]))[:limit]
        return [(int(rows[i]), float(scores[rows[i]])) for i in order]

    def _knows(self, word: str) -> bool:
        return self._bm25 is not None and word in self._bm25.vocab_dict

"""Words that the encoder sees in a picture: CLIP zero-shot with a threshold a word, calibrated on the shop.

The shop's own pictures are the test, as in `tools.trust`: a word that names a facet value is measured
on the items that carry it. Nothing is trained.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Encoder, Floats, Pixels
from vitrine.tools.references import unit

FEWEST = 8
"""Carriers that a word needs to be calibrated on its own."""
GOOD = 0.6
"""Least precision that a word must reach at its threshold; a worse one is never said."""


class SeenWord(Frozen):
    """One word with its threshold, in standard deviations of the word's cosines over pictures.

    `precision` and `recall` are those of the pictures it was calibrated on; None: there was nothing
    to calibrate it on, and the threshold is what the calibrated words need on average.
    """

    word: str = Field(min_length=1)
    mean: float
    deviation: float = Field(gt=0)
    threshold: float
    precision: float | None = None
    recall: float | None = None


def calibrate(
    encoder: Encoder, words: Mapping[str, NDArray[np.bool_] | None], pictures: Floats
) -> tuple[SeenWord, ...]:
    """A threshold for every word that pictures can tell, best F1 on the pictures given.

    Cosines are standardised word by word, since some words lie near everything.

    Args:
        words: word -> which pictures it is true of, (n,); None: unknown.
        pictures: raw embeddings, (n, d), of pictures that the result is not measured on.
    """
    names = list(words)
    if not names or len(pictures) < 2 * FEWEST:
        return ()
    cosines = unit(pictures) @ unit(encoder.encode_text(names)).T  # (n, words)
    means, deviations = cosines.mean(0), np.maximum(cosines.std(0), 1e-6)
    scores = (cosines - means) / deviations
    found: list[SeenWord] = []
    for column, name in enumerate(names):
        true = words[name]
        if true is None or true.sum() < FEWEST or (~true).sum() < FEWEST:
            continue
        cut, precision, recall = _best_cut(scores[:, column], true)
        if precision >= GOOD:
            found.append(
                SeenWord(
                    word=name,
                    mean=float(means[column]),
                    deviation=float(deviations[column]),
                    threshold=cut,
                    precision=round(precision, 4),
                    recall=round(recall, 4),
                )
            )
    if not found:
        return ()
    usual = float(np.mean([word.threshold for word in found]))
    found += [
        SeenWord(
            word=name,
            mean=float(means[column]),
            deviation=float(deviations[column]),
            threshold=usual,
        )
        for column, name in enumerate(names)
        if words[name] is None
    ]
    return tuple(found)


def _best_cut(scores: Floats, true: NDArray[np.bool_]) -> tuple[float, float, float]:
    """(threshold, precision, recall) of the best F1; the threshold lies between two scores."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(true[order])
    said = np.arange(1, len(order) + 1)
    f1 = 2 * hits / (said + true.sum())
    best = int(np.argmax(f1))
    ranked = scores[order]
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return (
        float((ranked[best] + below) / 2),
        float(hits[best] / said[best]),
        float(hits[best] / true.sum()),
    )


class ZeroShotTags:
    """Says the calibrated words that a picture shows, most certain first.

    Args:
        encoder: sees pictures and reads words.
        words: from `calibrate`, with the same encoder.
        most: words a picture, at most.
    """

    def __init__(self, encoder: Encoder, words: Sequence[SeenWord], *, most: int = 8) -> None:
        self._encoder, self._words, self._most = encoder, tuple(words), most
        texts = encoder.encode_text([word.word for word in words])
        self._texts = unit(texts) if len(words) else texts

    def __call__(self, picture: Pixels) -> tuple[str, ...]:
        """Words of one picture."""
        return self.of(self._encoder.encode_images([picture]))[0]

    def of(self, pictures: Floats) -> list[tuple[str, ...]]:
        """Words of pictures by their raw embeddings (n, d)."""
        if not self._words:
            return [() for _ in pictures]
        means = np.array([word.mean for word in self._words])
        deviations = np.array([word.deviation for word in self._words])
        cuts = np.array([word.threshold for word in self._words])
        margins = (unit(pictures) @ self._texts.T - means) / deviations - cuts  # (n, words)
        ranked: list[list[int]] = np.argsort(-margins, axis=1, kind="stable").tolist()
        return [
            tuple(
                self._words[column].word
                for column in best[: self._most]
                if margins[row, column] > 0
            )
            for row, best in enumerate(ranked)
        ]

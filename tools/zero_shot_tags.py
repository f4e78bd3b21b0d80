"""Words that the encoder sees in a picture: CLIP zero-shot with a threshold a word, calibrated on the shop.

The shop's own pictures are the test, as in `tools.trust`: a word that names a facet value is measured
on the items that carry it. Nothing is trained.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Encoder, Floats, Pixels
from vitrine.tools.references import unit

FEWEST = 8
"""Carriers that a word needs to be calibrated on its own."""
GOOD = 0.6
"""Least precision that a word must reach at its threshold; a worse one is never said. A word that
most pictures carry has to be right twice as often as one who always says it."""


class SeenWord(Frozen):
    """One word with its threshold, in standard deviations of the word's cosines over pictures.

    `precision` and `recall` are those of pictures that did not choose the threshold; None: there was
    nothing to calibrate it on, and the threshold is what the calibrated words need on average.
    """

    word: str = Field(min_length=1)
    mean: float
    deviation: float = Field(gt=0)
    threshold: float
    precision: float | None = None
    recall: float | None = None


LEAST_HITS = 3
"""Pictures that a word must be right of where it is checked: a single hit may be luck."""
BELIEVED = 0.8
"""Share of the known words that must prove good for those to be said of which nothing is known."""


@dataclass(frozen=True)
class Truth:
    """Which pictures a word is true of, and of which that is known, both (n,)."""

    true: NDArray[np.bool_]
    known: NDArray[np.bool_]


def calibrate(
    encoder: Encoder,
    words: Mapping[str, Truth | None],
    pictures: Floats,
    peers: Collection[str] = (),
) -> tuple[SeenWord, ...]:
    """A threshold for every word that pictures can tell: best F1 on one half, checked on the other.

    Cosines are standardised word by word, since some words lie near everything.

    Args:
        words: word -> which pictures it is true of; None: unknown of all.
        pictures: raw embeddings, (n, d).
        peers: words like the unknown ones: what they are worth, those of them that are known say
            (where none is known, all known words).
    """
    names = [name for name, truth in words.items() if truth is None or _told(truth)]
    if not names or len(pictures) < 2 * FEWEST:
        return ()
    cosines = unit(pictures) @ unit(encoder.encode_text(names)).T  # (n, words)
    means, deviations = cosines.mean(0), np.maximum(cosines.std(0), 1e-6)
    scores = (cosines - means) / deviations
    found: list[SeenWord] = []
    for column, name in enumerate(names):
        truth = words[name]
        if truth is None:
            continue
        rows, true = scores[truth.known, column], truth.true[truth.known]
        # Every other picture chooses the threshold, the rest say what it is worth.
        half = _every_other(true)
        cut = _best_cut(rows[half], true[half])
        said, right = rows[~half] > cut, true[~half]
        hits = int((said & right).sum())
        precision, recall = hits / max(int(said.sum()), 1), hits / int(right.sum())
        if hits >= LEAST_HITS and precision >= max(GOOD, (1 + true.mean()) / 2):
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
    passed = {word.word for word in found}
    told = {name for name in names if words[name] is not None}
    judges = told & set(peers) or told
    if not found or len(judges & passed) < BELIEVED * len(judges):
        return tuple(found)
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


def _told(truth: Truth) -> bool:
    """Whether enough carriers, and enough others, are known to choose and to check a threshold."""
    true = truth.true[truth.known]
    return bool(true.sum() >= FEWEST and (~true).sum() >= FEWEST)


def _every_other(true: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Half of the carriers and half of the others, (n,)."""
    place = np.where(true, np.cumsum(true), np.cumsum(~true))
    return place % 2 == 1


def _best_cut(scores: Floats, true: NDArray[np.bool_]) -> float:
    """The threshold of the best F1; it lies between two scores."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(true[order])
    said = np.arange(1, len(order) + 1)
    best = int(np.argmax(2 * hits / (said + true.sum())))
    ranked = scores[order]
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1.0
    return float((ranked[best] + below) / 2)


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

    @property
    def words(self) -> tuple[str, ...]:
        """What it can say."""
        return tuple(word.word for word in self._words)

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

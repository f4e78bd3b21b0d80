"""How far an encoder's words can be trusted on a shop's pictures: measured, not configured.

An encoder trained on other goods than a shop's, or on drawings where the shop has photographs, ranks
that shop by chance or worse. The shop itself is the test: pictures of items that carry a value should
lie closer to the value's words than pictures of items that do not.
"""

import logging

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack, Facet
from vitrine.core.ports import Catalogue, Floats
from vitrine.tools.references import Vectors, unit

log = logging.getLogger(__name__)

CHANCE, SURE = 0.55, 0.85
"""Mean area under the ROC curve up to which words are not trusted at all, and from which fully."""
_MAX_ROWS = 3000
_MAX_VALUES = 24
_FEWEST = 3
_SMALL = 200
"""Up to so many items a value may be judged by a single carrier."""


def text_trust(catalogue: Catalogue, vectors: Vectors) -> float:
    """0 (chance) to 1: how well words find pictures here. 0 without pictures.

    Each value of a facet that pictures show is a query; carriers against the others, by AUC. The
    mean over the values of the facet that is found best is spread linearly from `CHANCE` to `SURE`.
    """
    step = max(1, len(catalogue) // _MAX_ROWS)
    rows = np.arange(0, len(catalogue), step)
    pictures = unit(catalogue.vectors(rows.tolist()))
    present = np.any(pictures != 0, axis=1)
    rows, pictures = rows[present], pictures[present]
    if len(rows) < 2 * _FEWEST:
        return 0.0
    best: float | None = None
    for facet in _telling(catalogue.pack):
        areas = _areas(facet, catalogue, vectors, rows, pictures)
        if len(areas) >= 2:
            mean = float(np.mean(areas))
            best = mean if best is None else max(best, mean)
            if best >= SURE:
                break
    if best is None:
        return 1.0  # nothing to tell apart, nothing to mistrust
    trust = float(np.clip((best - CHANCE) / (SURE - CHANCE), 0.0, 1.0))
    log.info("%s: words find pictures with AUC %.3f, trust %.2f", catalogue.pack.name, best, trust)
    return trust


def _telling(pack: DomainPack) -> list[Facet]:
    """Facets that pictures show: the head first, then the visible ones."""
    others = [
        f
        for f in pack.facets
        if f.visible and f.kind == "categorical" and f.role != "head" and not f.values_from
    ]
    return [pack.head, *others]


def _areas(
    facet: Facet,
    catalogue: Catalogue,
    vectors: Vectors,
    rows: NDArray[np.int64],
    pictures: Floats,
) -> list[float]:
    """AUC of each common value that some rows carry and some do not."""
    found: list[float] = []
    counts = sorted(catalogue.values(facet.name).items(), key=lambda pair: (-pair[1], pair[0]))
    for name, _ in counts[:_MAX_VALUES]:
        carries = catalogue.carries(facet.name, name)[rows]
        fewest = 1 if len(rows) <= _SMALL else _FEWEST
        if carries.sum() < fewest or (~carries).sum() < fewest:
            continue
        value = facet.value(name)
        words = (value.prompt if value is not None else None) or name
        scores = pictures @ unit(vectors.texts([words]))[0]
        found.append(_auc(scores[carries], scores[~carries]))
    return found


def _auc(inside: Floats, outside: Floats) -> float:
    """Probability that a carrier scores above another item; ties count half."""
    order = np.sort(outside)
    below = np.searchsorted(order, inside, side="left")
    upto = np.searchsorted(order, inside, side="right")
    return float(((below + upto) / 2).sum() / (len(inside) * len(outside)))

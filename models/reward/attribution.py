"""What a score of the reward model comes from, feature by feature.

Two steps lead from somebody of whom nothing is known, and who has said nothing, to a person with a
request. The words come first: their part is a plain difference. Then the features: u0 moves from
nobody's to the person's along a straight line, and since every block of u0 is a sum over pieces of
evidence (`parts_of`), the integrated gradient along that line (Sundararajan et al. 2017) splits among them
exactly. All parts add up to the score's log-odds, but for the error of the quadrature.

Letters: P pieces of evidence, N images, d embedding dimension.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vitrine.models.prior.taste import SHRINK
from vitrine.models.reward.features import Features, UserFields

POINTS = 16
"""Of the Gauss-Legendre quadrature along the line."""


@dataclass(frozen=True)
class Parts:
    """How u0 (size,) of one person differs from nobody's: `start` plus all rows is u0.

    judged: (H, size) of judged things. stated: (M, size) of stated preferences. identity: (size,) of
    being this very person. known: (size,) of how much is known.
    """

    start: Tensor
    judged: Tensor
    stated: Tensor
    identity: Tensor
    known: Tensor

    def rows(self) -> Tensor:
        """All differences, (P, size): judged, stated, identity, known."""
        return torch.cat([self.judged, self.stated, self.identity[None], self.known[None]])


def nobody(like: Features) -> Features:
    """Features of one person of whom nothing is known."""
    none = like.rows(torch.zeros(1, dtype=torch.long))
    return Features(
        none.items[:, :0], none.signs[:, :0], none.values[:, :0], none.weights[:, :0],
        none.facet_rows[:, :0], none.value_rows[:, :0], torch.zeros_like(none.ids),
    )  # fmt: skip


def parts_of(fields: UserFields, features: Features) -> Parts:
    """Take the u0 of one person (features of one row, without padding) apart."""
    dim = features.items.shape[2]
    judged_count, stated_count = features.signs.shape[1], features.weights.shape[1]
    terms = fields.taste.terms(features)[0]  # (H or H + M, d)
    judged = torch.zeros(judged_count, fields.size)
    stated = torch.zeros(stated_count, fields.size)
    judged[:, :dim] = terms[:judged_count]
    if len(terms) > judged_count:
        stated[:, :dim] = terms[judged_count:]
    signs = features.signs[0].to(judged.dtype)
    for side in (1.0, -1.0):
        mine = signs == side
        share = side / (float(mine.sum()) + SHRINK)
        judged[mine, dim : 2 * dim] = share * features.items[0, mine]
    weights = features.weights[0]
    meanings = fields.facets.meanings(features)[0] if stated_count else features.values[0]
    for block, mine in ((2, weights > 0), (3, weights < 0)):
        share = float(mine.sum().clamp(min=1)) ** -0.5
        stated[mine, block * dim : (block + 1) * dim] = (
            share * weights[mine].unsqueeze(1) * meanings[mine]
        )
    start = fields(nobody(features)).first[0]
    whole = fields(features).first[0]
    known, identity = torch.zeros(fields.size), torch.zeros(fields.size)
    counts = slice(4 * dim, 4 * dim + fields.counted)
    known[counts] = (whole - start)[counts]
    if fields.ids is not None:
        rest = slice(4 * dim + fields.counted, None)
        identity[rest] = (whole - start)[rest]
    return Parts(start, judged * fields.scale, stated * fields.scale, identity, known)


def integrated(parts: Parts, score: Callable[[Tensor], Tensor], images: int) -> Tensor:
    """What each row of `parts` adds to each score, (P, N).

    Args:
        score: scores (K, N) of K values of u0, (K, size).
        images: N.
    """
    rows = parts.rows()
    places, weights = np.polynomial.legendre.leggauss(POINTS)
    along = torch.from_numpy((places + 1) / 2).float().unsqueeze(1)  # (K, 1)
    share = torch.from_numpy(weights / 2).float().unsqueeze(1)
    path = (parts.start + along * rows.sum(dim=0)).detach().requires_grad_()
    with torch.enable_grad():
        scores = score(path)  # (K, N)
        gradients: list[Tensor] = []
        for place in range(images):
            (slope,) = torch.autograd.grad(
                scores[:, place].sum(), path, retain_graph=place < images - 1
            )
            gradients.append((share * slope).sum(dim=0))
    return rows @ torch.stack(gradients, dim=1)

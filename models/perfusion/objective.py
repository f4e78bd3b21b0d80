"""What the personal network learns from: groups shown together, and what was chosen of them.

One function has PerFusion's group objective, Diffusion-DPO and supervised fine-tuning as cases.
Letters: G groups, N pictures a group; s of a picture is its denoising error less the reference's.
"""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from vitrine.core.frozen import Frozen

ErrorKind = Literal["prediction", "epsilon"]


class Objective(Frozen):
    """Which objective.

    kind: `group` is PerFusion's Eq. 13, mended; `pairs` Diffusion-DPO over all pairs of a chosen and
    another picture; `supervised` the denoising error of the chosen ones (Eq. 1).
    beta: strength of the comparison; Diffusion-DPO's beta is twice this, since its code has a factor .5.
    over: `sum` over the chosen ones as the formula, or their `mean`, so that groups count alike.
    anchor: weight of `beta max(s_p, 0)` of the chosen ones. A comparison alone is content when both errors
    grow as long as that of the others grows faster; 0 is the formula.
    """

    kind: Literal["group", "pairs", "supervised"] = "group"
    beta: float = Field(default=2500.0, gt=0)
    over: Literal["sum", "mean"] = "sum"
    anchor: float = Field(default=0.0, ge=0)


def denoising_error(
    predicted: Tensor, target: Tensor, kept: Tensor, kind: ErrorKind = "prediction"
) -> Tensor:
    """Mean squared error of each picture in fp32, (B,).

    Differs from the paper: Eq. 13 sums over the latent, which would put its size into beta; the
    published code of Diffusion-DPO takes the mean, and so do we.

    Args:
        predicted, target: what the backbone predicts, (B, c, h, w): noise, or v.
        kept: abar_t (B,). kind: `prediction` measures the error of whatever the backbone predicts;
            `epsilon` of a v-prediction is the error of the noise that follows from it, which is
            abar_t times that of v. It vanishes at zero terminal signal, where a picture's colours and
            layout are decided, so `prediction` is the default.
    """
    error = (predicted.float() - target.float()).square().flatten(1).mean(dim=1)
    return error * kept.float() if kind == "epsilon" else error


def preference_loss(
    errors: Tensor, reference: Tensor, chosen: Tensor, shown: Tensor, objective: Objective
) -> Tensor:
    """Loss of each group, (G,), in fp32.

    `group` is `sum_p softplus(logsumexp_n(beta (s_p - s_n)))`. Differs from the paper: Eq. 10 and 14 sum
    probabilities over the chosen ones, which can exceed one; independence makes it their product, so the
    sum is one of logarithms. For one chosen and one other picture `group` and `pairs` are the loss of
    Diffusion-DPO with twice this beta. With the network off it is exactly `|P| log(1 + |N|)`.

    Args:
        errors: of the network and the backbone, at one (t, noise) a group (G, N).
        reference: of the backbone alone (G, N); not read by `supervised`.
        chosen, shown: bool (G, N); what is not shown is padding.

    Returns:
        Zero for a group that tells nothing: none chosen, or (but for `supervised`) nothing else shown.
    """
    liked, passed = chosen & shown, shown & ~chosen
    picked = liked.sum(dim=1)  # |P|
    if objective.kind == "supervised":
        total = torch.where(liked, errors.float(), 0.0).sum(dim=1)
        return total / picked.clamp(min=1) if objective.over == "mean" else total
    s = torch.where(shown, errors.float() - reference.float(), 0.0)
    gaps = objective.beta * (s.unsqueeze(2) - s.unsqueeze(1))  # (G, p, n)
    counts = passed.sum(dim=1)
    told = (picked > 0) & (counts > 0)
    if objective.kind == "group":
        # A group without others is given one, so that no infinity enters the gradient; it is masked below.
        usable = (passed | ~told.unsqueeze(1)).unsqueeze(1)
        terms = F.softplus(gaps.masked_fill(~usable, float("-inf")).logsumexp(dim=2))  # (G, p)
    else:
        pairs = torch.where(passed.unsqueeze(1), F.softplus(gaps), 0.0)
        terms = pairs.sum(dim=2) / counts.clamp(min=1).unsqueeze(1)
    if objective.anchor:
        terms = terms + objective.anchor * objective.beta * s.clamp(min=0)
    total = torch.where(liked & told.unsqueeze(1), terms, 0.0).sum(dim=1)
    return total / picked.clamp(min=1) if objective.over == "mean" else total


def tells(chosen: Tensor, shown: Tensor) -> Tensor:
    """Groups that have both chosen and other pictures, bool (G,)."""
    return (chosen & shown).any(dim=1) & (shown & ~chosen).any(dim=1)

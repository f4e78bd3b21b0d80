"""What the network of the prior predicts: x0, the noise, or v. One parametrisation stands behind all.

Notation: x_t = sqrt(abar) x0 + sqrt(1 - abar) eps, `kept` = abar_t. Inside, the network's head gives f
with `x0 = sqrt(abar) x_t + sqrt(1 - abar) f`: f has unit scale at every t (it is -v of progressive
distillation). x0 and the noise follow from x_t and f exactly, so the kinds differ in what the loss
weighs (x0: (1 - abar), noise: abar, v: 1 times the error of f) and in what the scheduler is told.

Differs from the paper: its network predicts the noise without the term in x_t. At the noisiest times of
a cosine schedule x0 = (x_t - sqrt(1 - abar) eps) / sqrt(abar) then multiplies errors by 10^4, which
guidance multiplies again; with the term in x_t the division cancels.
"""

from __future__ import annotations

from typing import Literal, assert_never

from torch import Tensor

Prediction = Literal["sample", "epsilon", "v_prediction"]
"""As diffusers' schedulers name it (`prediction_type`)."""


def from_head(kind: Prediction, f: Tensor, noisy: Tensor, kept: Tensor) -> Tensor:
    """The prediction that the head's f means; all arguments of one shape or broadcast."""
    match kind:
        case "sample":
            return kept.sqrt() * noisy + (1 - kept).sqrt() * f
        case "epsilon":
            return (1 - kept).sqrt() * noisy - kept.sqrt() * f
        case "v_prediction":
            return -f
        case _:
            assert_never(kind)


def truth(kind: Prediction, clean: Tensor, noise: Tensor, kept: Tensor) -> Tensor:
    """What a perfect network would predict for x_t made of `clean` and `noise`."""
    match kind:
        case "sample":
            return clean
        case "epsilon":
            return noise
        case "v_prediction":
            return kept.sqrt() * noise - (1 - kept).sqrt() * clean
        case _:
            assert_never(kind)


def to_clean(kind: Prediction, predicted: Tensor, noisy: Tensor, kept: Tensor) -> Tensor:
    """x0 that a prediction means."""
    match kind:
        case "sample":
            return predicted
        case "epsilon":
            return (noisy - (1 - kept).sqrt() * predicted) / kept.sqrt()
        case "v_prediction":
            return kept.sqrt() * noisy - (1 - kept).sqrt() * predicted
        case _:
            assert_never(kind)


def from_clean(kind: Prediction, clean: Tensor, noisy: Tensor, kept: Tensor) -> Tensor:
    """The prediction that means this x0; the inverse of `to_clean`."""
    match kind:
        case "sample":
            return clean
        case "epsilon":
            return (noisy - kept.sqrt() * clean) / (1 - kept).sqrt()
        case "v_prediction":
            return (kept.sqrt() * noisy - clean) / (1 - kept).sqrt()
        case _:
            assert_never(kind)

"""Samplers from diffusers for embeddings, with a seed for every row.

Any `predict(x, t)` can be sampled, also an analytic one: that is how the tests know the answer.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    UniPCMultistepScheduler,
)
from torch import Tensor

from vitrine.models.prior.network import TRAIN_STEPS
from vitrine.models.prior.prediction import Prediction

SamplerName = Literal["dpm++", "sde-dpm++", "unipc", "ddim", "ddpm"]
"""`ddpm` is the reference; `sde-dpm++` comes to it in few calls, with its noise and its concentration."""
Predict = Callable[[Tensor, int], Tensor]
"""Noisy standardised embeddings (n, d) and a timestep to x0, noise or v (n, d)."""


def build_scheduler(name: SamplerName, schedule: str, prediction: Prediction = "sample") -> Any:
    """The diffusers scheduler. Embeddings are never clipped to -1..1: that would destroy them."""
    common: dict[str, Any] = {
        "num_train_timesteps": TRAIN_STEPS,
        "beta_schedule": schedule,
        "prediction_type": prediction,
    }
    match name:
        case "dpm++":
            return DPMSolverMultistepScheduler(
                algorithm_type="dpmsolver++", solver_order=2, thresholding=False, **common
            )
        case "sde-dpm++":
            return DPMSolverMultistepScheduler(
                algorithm_type="sde-dpmsolver++", solver_order=2, thresholding=False, **common
            )
        case "unipc":
            return UniPCMultistepScheduler(solver_order=2, thresholding=False, **common)
        case "ddim":
            # Trailing: the first step must be at the noisiest time, where the noise is drawn.
            return DDIMScheduler(
                clip_sample=False, thresholding=False, timestep_spacing="trailing", **common
            )
        case "ddpm":
            return DDPMScheduler(
                clip_sample=False, thresholding=False, timestep_spacing="trailing", **common
            )


def alpha_bar(schedule: str) -> Tensor:
    """Cumulative signal share of every timestep, (TRAIN_STEPS,) float32."""
    return build_scheduler("ddpm", schedule).alphas_cumprod.to(torch.float32)


def row_noise(seeds: Sequence[tuple[int, int]], dim: int) -> Tensor:
    """Starting noise (n, d): row i depends on its own (seed, row) pair and on nothing else."""
    rows = [np.random.Generator(np.random.Philox(key=pair)).standard_normal(dim) for pair in seeds]
    return torch.from_numpy(np.asarray(rows, np.float32).reshape(len(seeds), dim))


def run_sampler(
    predict: Predict,
    noise: Tensor,
    *,
    steps: int,
    schedule: str = "squaredcos_cap_v2",
    name: SamplerName = "dpm++",
    prediction: Prediction = "sample",
    seeds: Sequence[tuple[int, int]] | None = None,
) -> Tensor:
    """Denoise (n, d) in `steps` calls of `predict`, which returns what `prediction` says.

    `dpm++`, `unipc` and `ddim` are deterministic given the noise. `ddpm` and `sde-dpm++` draw fresh noise
    every step, from the rows' own seeds.

    Raises:
        ValueError: a sampler with noise of its own without seeds.
    """
    scheduler = build_scheduler(name, schedule, prediction)
    with warnings.catch_warnings():
        # diffusers hands a tensor to np.array, which NumPy 2 grumbles about.
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        scheduler.set_timesteps(steps)
    extra: dict[str, Any] = {}
    if name in ("ddpm", "sde-dpm++"):
        if seeds is None:
            raise ValueError(
                f"seeds=None: {name!r} draws noise at every step and needs a seed for each row"
            )
        extra["generator"] = [torch.Generator().manual_seed(hash(pair) % 2**63) for pair in seeds]
    x = noise * scheduler.init_noise_sigma
    for t in scheduler.timesteps.tolist():
        x = scheduler.step(predict(x, int(t)), int(t), x, return_dict=False, **extra)[0]
    return x

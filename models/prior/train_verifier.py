"""Training of the verifier: `vitrine train verifier --data F --out F`."""

from __future__ import annotations

import argparse

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vitrine.models.experience import LIKED, Experience, read_experience
from vitrine.models.metrics import calibration_error, mean_auc
from vitrine.models.prior.picks import TARGETS, TasteSampler, watching
from vitrine.models.prior.verifier import Verifier, VerifierConfig, VerifierNetwork
from vitrine.models.storage import save_model
from vitrine.models.training import TrainingRun, add_run_arguments

HISTORIES = (0, 2, 8, 32, 100)
"""Numbers of ratings at which the verifier is measured."""


def verifier_loss(logits: Tensor, liked: Tensor) -> Tensor:
    """Binary cross-entropy of likes; its gradient in phi is (sigma - R) psi."""
    return F.binary_cross_entropy_with_logits(logits.float(), liked.float())


def fit_temperature(logits: NDArray[np.floating], liked: NDArray[np.bool_]) -> float:
    """The temperature T that makes sigmoid(logit / T) most likely; Newton's method on 1 / T.

    Raises:
        ValueError: all outcomes are equal, so that nothing can be calibrated.
    """
    if liked.all() or not liked.any():
        raise ValueError(f"all {len(liked)} outcomes are equal: cannot calibrate")
    x, sharpness = logits.astype(np.float64), 1.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(sharpness * x, -30, 30)))
        slope = float(np.mean(x * (p - liked)))
        bend = float(np.mean(x * x * p * (1 - p)))
        step = slope / max(bend, 1e-9)
        sharpness = float(np.clip(sharpness - step, 0.1 * sharpness, 10 * sharpness))
        if abs(step) < 1e-9:
            break
    return float(np.clip(1 / sharpness, 0.05, 20.0))


def split_temperature(verifier: Verifier, data: Experience, sizes: tuple[int, ...]) -> float:
    """The temperature from the validation users' held-out items; 1 where there are none."""
    logits, outcomes = list[NDArray[np.floating]](), list[NDArray[np.bool_]]()
    for user in data.of_split("validation"):
        rated = data.heldout_ratings(user)
        for size in sizes if len(rated.items) else ():
            shown = data.images[rated.items]
            logits.append(verifier.logits_many([data.history(user, size)], shown)[0])
            outcomes.append(rated.values >= LIKED)
    if not logits:
        return 1.0
    return fit_temperature(np.concatenate(logits), np.concatenate(outcomes))


def verifier_figures(
    verifier: Verifier, data: Experience, sizes: tuple[int, ...]
) -> dict[str, float]:
    """Per-user AUC and calibration on held-out items of held-out users, by length of history."""
    figures: dict[str, float] = {}
    users = data.of_split("heldout")
    for size in sizes:
        cases, chances, outcomes = [], [], []
        for user in users:
            rated = data.heldout_ratings(user)
            if not len(rated.items):
                continue
            scores = verifier.score_many([data.history(user, size)], data.images[rated.items])[0]
            liked = rated.values >= LIKED
            cases.append((scores, liked))
            chances.append(scores)
            outcomes.append(liked)
        figures[f"heldout_user_auc_{size}_ratings"] = round(mean_auc(cases), 4)
        figures[f"heldout_calibration_error_{size}_ratings"] = round(
            calibration_error(np.concatenate(chances), np.concatenate(outcomes)), 4
        )
    figures["heldout_users"] = len(users)
    return figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train verifier`."""
    add_run_arguments(parser, steps=3000, batch=512, lr=1e-3, data="ratings")
    parser.add_argument(
        "--ids", action="store_true", help="give training users vectors of their own"
    )


def run(args: argparse.Namespace) -> None:
    """Train, save, and measure on held-out users and items."""
    job = TrainingRun("verifier", args, ema=0.998, weight_decay=0.05)
    data = read_experience(args.data)
    users = data.of_split("train")
    config = VerifierConfig(
        dim=data.images.shape[1],
        space=data.space,
        users=tuple(data.users[u].user for u in users) if args.ids else (),
    )
    torch.manual_seed(args.seed)
    network = VerifierNetwork(config)
    network.images.fit(data.images[~data.heldout])
    with torch.no_grad():
        images = network.images(torch.from_numpy(data.images))
    ids = torch.zeros(len(data.users), dtype=torch.long)
    if args.ids:
        ids[torch.tensor(users)] = torch.arange(1, len(users) + 1)
    taught = TasteSampler(data, users)

    def loss(
        step: int, generator: torch.Generator, sampler: TasteSampler = taught
    ) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng(generator.initial_seed())
        picks = sampler.draw(max(1, args.batch // TARGETS), rng, evenly=False)
        signs = torch.from_numpy(picks.signs)
        items = images[torch.from_numpy(picks.history.clip(min=0))] * (signs != 0).unsqueeze(2)
        user = ids[torch.from_numpy(picks.user)]
        user = user * torch.from_numpy(rng.random(len(user)) < 0.5)
        phi = network.user(*(part.to(job.device) for part in (items, signs, user)))  # (P, k)
        shown = images[torch.from_numpy(picks.target)].unflatten(0, (len(user), TARGETS))
        liked = torch.from_numpy(picks.rating >= LIKED).unflatten(0, (len(user), TARGETS))
        logits = network.logits(phi, shown.to(job.device))
        return verifier_loss(logits, liked.to(job.device)), {}

    held_out = watching(loss, data) if job.watches else None
    result = job.fit(network, loss, held_out=held_out, data=data.sha256)
    network.to("cpu").load_state_dict(dict(result.ema))
    plain = verifier_figures(Verifier(network), data, HISTORIES)
    temperature = split_temperature(Verifier(network), data, HISTORIES)
    config = config.model_copy(update={"temperature": round(temperature, 4)})
    network.config = config
    save_model(args.out, config, result.ema)
    before = {f"{n}_uncalibrated": v for n, v in plain.items() if "calibration" in n}
    job.finish(
        result,
        data=data.sha256,
        figures={
            **verifier_figures(Verifier(network), data, HISTORIES),
            **before,
            "temperature_of_validation_users": config.temperature,
        },
        notes=data.notes,
        origin=data.origin,
    )

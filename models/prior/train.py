"""Training of the prior: `vitrine train prior --data F --out F`.

What made it personal: exposures that are half preference-biased, ratings balanced within a batch,
time biased towards high noise (that is where conditions decide), a target that is never part of the
history it is predicted from. Conditions are dropped jointly (EQ REBECA 3): both, user only, request
only, none are all trained, and the rating always goes with the user.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats
from vitrine.models.experience import DISLIKED, LIKED, Experience, read_experience
from vitrine.models.prior.network import TRAIN_STEPS, Conditions, PriorConfig, PriorNetwork
from vitrine.models.prior.prior import RebecaPrior, build_network
from vitrine.models.prior.taste import TasteReading
from vitrine.models.storage import save_model
from vitrine.models.training import Loss, TrainingRun, add_run_arguments

DROP_USER, DROP_QUERY, DROP_BOTH = 0.2, 0.4, 0.1
"""Shares of rows that keep the request only, the user only, and nothing."""
RATING_WEIGHTS = (2.0, 1.0, 1.0, 1.5, 3.0)
"""How often ratings 1 to 5 are drawn, whatever their share in the log."""
HISTORY_SIZES = (0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 80)
"""Numbers of judgements that are drawn as a history, all equally often."""
PROBE_WEIGHT = 0.3
TARGETS = 8
"""Rated items that are predicted from one history."""


@dataclass(frozen=True)
class Picks:
    """One batch: P people with judged items (-1 padding), and T targets each, B = P * T rows."""

    user: NDArray[np.int64]  # (P,)
    history: NDArray[np.int64]  # (P, H)
    signs: NDArray[np.int64]  # (P, H)
    target: NDArray[np.int64]  # (B,), T rows of the first person first
    rating: NDArray[np.int64]  # (B,)

    @property
    def person(self) -> NDArray[np.int64]:
        """Whose row it is, (B,)."""
        return np.repeat(np.arange(len(self.user)), len(self.target) // len(self.user))


class TasteSampler:
    """Draws histories and rated items from training users and training items."""

    def __init__(self, experience: Experience, users: list[int]) -> None:
        """Keeps the users with enough ratings.

        Raises:
            RequestError: there is none.
        """
        rated = {user: experience.training_ratings(user) for user in users}
        self._rated = {user: r for user, r in rated.items() if len(r.items) > TARGETS}
        self._users = list(self._rated)
        if not self._users:
            raise RequestError(
                f"nobody in this split has more than {TARGETS} ratings of training items"
            )

    def draw(self, people: int, rng: np.random.Generator, *, evenly: bool = True) -> Picks:
        """`people` histories with `TARGETS` rated items each; `evenly`: by `RATING_WEIGHTS`."""
        longest = max(HISTORY_SIZES)
        history = np.full((people, longest), -1, np.int64)
        signs = np.zeros((people, longest), np.int64)
        target = np.zeros((people, TARGETS), np.int64)
        rating = np.zeros((people, TARGETS), np.int64)
        user = rng.choice(self._users, size=people)
        for row in range(people):
            rated = self._rated[int(user[row])]
            chance = np.ones(len(rated.items))
            if evenly:
                counts = np.bincount(rated.values, minlength=6)
                chance = np.asarray(RATING_WEIGHTS)[rated.values - 1] / counts[rated.values]
            places = rng.choice(
                len(rated.items), size=TARGETS, replace=False, p=chance / chance.sum()
            )
            target[row], rating[row] = rated.items[places], rated.values[places]
            judged = np.flatnonzero((rated.values >= LIKED) | (rated.values <= DISLIKED))
            # A target is not part of the history it is predicted from, under whatever rating.
            judged = judged[~np.isin(rated.items[judged], target[row])]
            chosen = rng.permutation(judged)[: int(rng.choice(HISTORY_SIZES))]
            if rng.random() < 0.25:  # people who only ever like things
                chosen = chosen[rated.values[chosen] >= LIKED]
            history[row, : len(chosen)] = rated.items[chosen]
            signs[row, : len(chosen)] = np.where(rated.values[chosen] >= LIKED, 1, -1)
        width = max(1, int((signs != 0).sum(axis=1).max()))
        return Picks(user, history[:, :width], signs[:, :width], target.ravel(), rating.ravel())


class TasteLoss(Protocol):
    """A loss whose people can be chosen."""

    def __call__(
        self, step: int, generator: torch.Generator, sampler: TasteSampler = ...
    ) -> tuple[Tensor, dict[str, float]]: ...


def watching(loss: TasteLoss, data: Experience) -> Loss:
    """The same loss on the people of the validation split, for early stopping.

    Raises:
        RequestError: they have too few ratings.
    """
    sampler = TasteSampler(data, data.of_split("validation"))
    return lambda step, generator: loss(step, generator, sampler)


class TasteProbe(nn.Module):
    """Auxiliary head of training only: the user tokens must tell likes from dislikes.

    What is personal explains little of an embedding's variance, so the denoising loss alone teaches
    the set encoder slowly.
    """

    def __init__(self, tokens: int, width: int, dim: int) -> None:
        super().__init__()
        self.direction = nn.Linear(tokens * width, dim + 1)

    def forward(self, users: Tensor, person: Tensor, clean: Tensor, rating: Tensor) -> Tensor:
        """Mean log loss of likes among rows (B, d) rated (B,); rows rated in between do not count."""
        direction = self.direction(users.flatten(1))[person]  # (B, d + 1)
        logits = (direction[:, :-1] * clean).sum(dim=1) * clean.shape[1] ** -0.5 + direction[:, -1]
        sure = (rating >= LIKED) | (rating <= DISLIKED)
        losses = F.binary_cross_entropy_with_logits(
            logits.float(), (rating >= LIKED).float(), reduction="none"
        )
        return (losses * sure).sum() / sure.sum().clamp(min=1)


class PriorTraining(nn.Module):
    """The prior and the probe, trained together."""

    def __init__(self, network: PriorNetwork) -> None:
        super().__init__()
        config = network.config
        self.network = network
        self.probe = TasteProbe(network.taste.tokens, config.width, config.dim)


def draw_times(batch: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Timesteps, biased to high noise: the square root of a uniform share."""
    return (np.sqrt(rng.random(batch)) * (TRAIN_STEPS - 1)).astype(np.int64)


def prior_loss(
    network: PriorNetwork,
    clean: Tensor,
    t: Tensor,
    noise: Tensor,
    given: Conditions,
    users: TasteReading,
) -> Tensor:
    """Mean squared error of x0, weighted by 1 / (1 - abar_t), see `PriorNetwork` (REBECA, L_simple).

    clean, noise (B, d), t (B,), `users` as `PriorNetwork.users` gives them.
    """
    kept = network.alpha_bar[t].unsqueeze(1)
    noisy = kept.sqrt() * clean + (1 - kept).sqrt() * noise
    error = (network(noisy, t, given, users).float() - clean) ** 2
    return (error / (1 - kept).clamp(min=0.02)).mean()


def drop_conditions(batch: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Which rows keep the user (with the rating) and which the request, bool (B,) each."""
    share = rng.random(batch)
    none = share < DROP_BOTH
    no_user = (share >= DROP_BOTH) & (share < DROP_BOTH + DROP_USER)
    edge = DROP_BOTH + DROP_USER
    no_query = (share >= edge) & (share < edge + DROP_QUERY)
    return torch.from_numpy(~(none | no_user)), torch.from_numpy(~(none | no_query))


def condition_batch(
    picks: Picks,
    images: Tensor,
    captions: Tensor,
    ids: Tensor,
    rng: np.random.Generator,
) -> Conditions:
    """Conditions of a training batch; images (N, d) standardised, captions (N, C, d) raw."""
    signs = torch.from_numpy(picks.signs)
    items = images[torch.from_numpy(picks.history.clip(min=0))] * (signs != 0).unsqueeze(2)
    with_user, with_query = drop_conditions(len(picks.target), rng)
    user = ids[torch.from_numpy(picks.user)]
    user = user * torch.from_numpy(rng.random(len(user)) < 0.5)  # half the people do without the id
    words = torch.from_numpy(rng.integers(captions.shape[1], size=len(picks.target)))
    return Conditions(
        items=items,
        signs=signs,
        user=user,
        person=torch.from_numpy(picks.person),
        rating=torch.from_numpy(picks.rating),
        query=captions[torch.from_numpy(picks.target), words],
        with_user=with_user,
        with_query=with_query,
    )


def fit_texts(network: PriorNetwork, captions: Floats) -> None:
    """Statistics of the request embeddings."""
    network.texts.fit(captions.reshape(-1, captions.shape[-1]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train prior`."""
    add_run_arguments(parser, steps=4000, batch=256, lr=2e-3)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument(
        "--ids", action="store_true", help="give training users tokens of their own"
    )


def run(args: argparse.Namespace) -> None:
    """Train, save, and measure on held-out users and items."""
    from vitrine.models.prior.evaluate import prior_figures

    scales = (("network.ids", 8.0), ("network.taste", 2.0), ("network.lean", 2.0))
    job = TrainingRun("prior", args, devices=("cpu",), ema=0.998, lr_scales=scales)
    data = read_experience(args.data)
    train = ~data.heldout
    users = data.of_split("train")
    config = PriorConfig(
        dim=data.images.shape[1],
        space=data.space,
        width=args.width,
        layers=args.layers,
        users=tuple(data.users[u].user for u in users) if args.ids else (),
    )
    torch.manual_seed(args.seed)
    network = build_network(config)
    network.images.fit(data.images[train])
    fit_texts(network, data.captions[train])
    with torch.no_grad():
        images = network.images(torch.from_numpy(data.images))
    captions = torch.from_numpy(data.captions)
    ids = torch.zeros(len(data.users), dtype=torch.long)
    if args.ids:
        ids[torch.tensor(users)] = torch.arange(1, len(users) + 1)
    taught = TasteSampler(data, users)
    training = PriorTraining(network)

    def loss(
        step: int, generator: torch.Generator, sampler: TasteSampler = taught
    ) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng(generator.initial_seed())
        picks = sampler.draw(max(1, args.batch // TARGETS), rng)
        given = condition_batch(picks, images, captions, ids, rng)
        rows = len(picks.target)
        t = torch.from_numpy(draw_times(rows, rng))
        noise = torch.from_numpy(rng.standard_normal((rows, config.dim)).astype(np.float32))
        clean = images[torch.from_numpy(picks.target)]
        people = network.users(given)
        probe = training.probe(people.tokens, given.person, clean, given.rating)
        value = prior_loss(network, clean, t, noise, given, people)
        return value + PROBE_WEIGHT * probe, {
            "x0": float(value.detach()),
            "likes": float(probe.detach()),
        }

    held_out = watching(loss, data) if job.watches else None
    result = job.fit(training, loss, held_out=held_out, data=data.sha256)
    averaged = {
        n.removeprefix("network."): v for n, v in result.ema.items() if n.startswith("network.")
    }
    network.load_state_dict(averaged)
    save_model(args.out, config, averaged)
    figures = prior_figures(RebecaPrior(network), data)
    job.finish(
        result,
        data=data.sha256,
        figures={**figures, "train_loss_x0": round(result.figures["x0"], 4)},
        notes=["people are simulated shoppers; figures are of held-out users and items"],
    )

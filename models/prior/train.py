"""Training of the prior: `vitrine train prior --data F --out F`.

What made it personal: exposures that are half preference-biased, ratings balanced within a batch,
time biased towards high noise (that is where conditions decide), a target that is never part of the
history it is predicted from. Conditions are dropped jointly (EQ REBECA 3): both, user only, request
only, none are all trained, and the rating always goes with the user.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Literal, assert_never

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import RequestError
from vitrine.core.ports import Floats
from vitrine.models.experience import DISLIKED, LIKED, read_experience
from vitrine.models.prior.network import (
    TRAIN_STEPS,
    Conditions,
    HistoryReader,
    PriorConfig,
    PriorNetwork,
    paper_config,
)
from vitrine.models.prior.picks import TARGETS, Picks, TasteSampler, watching
from vitrine.models.prior.prediction import truth
from vitrine.models.prior.prior import RebecaPrior, build_network
from vitrine.models.prior.taste import TasteReading
from vitrine.models.storage import CONFIG_FILE, load_weights, read_config, save_model
from vitrine.models.training import TrainingRun, add_run_arguments, add_start_argument

Dropout = Literal["partial", "joint", "independent", "none"]
"""Which conditions are missing together when training.

partial: both, user only, request only, none, the rating always with the user. joint: all or nothing.
independent: each by itself (the public code of REBECA: the null of sampling is then hardly trained).
none: nothing is ever missing.
"""
DROP_USER, DROP_QUERY, DROP_BOTH = 0.2, 0.4, 0.1
"""Shares of rows that keep the request only, the user only, and nothing (`partial`)."""
DROP_ALL, DROP_EACH = 0.15, 0.15
"""Shares of rows that keep nothing (`joint`), and of each condition that is missing (`independent`)."""
PROBE_WEIGHT = 0.3
RatingUse = Literal["token", "none", "liked"]
"""What ratings do. token: they are a condition. none: they are not, and all that was rated is learned
from alike. liked: they are not, and only what was liked is learned from."""


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
        self.probe = TasteProbe(network.user_tokens, config.width, config.dim)


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
    """L_simple of REBECA: mean squared error of what the network predicts, x0, noise or v.

    clean, noise (B, d), t (B,), `users` as `PriorNetwork.users` gives them.
    """
    kind, kept = network.config.prediction, network.alpha_bar[t].unsqueeze(1)
    noisy = kept.sqrt() * clean + (1 - kept).sqrt() * noise
    predicted = network(noisy, t, given, users).float()
    return F.mse_loss(predicted, truth(kind, clean, noise, kept))


def drop_conditions(
    batch: int, rng: np.random.Generator, kind: Dropout = "partial"
) -> tuple[Tensor, Tensor, Tensor]:
    """Which rows keep the user, the rating and the request, bool (B,) each."""
    share = rng.random((3, batch))
    match kind:
        case "partial":
            edge = DROP_BOTH + DROP_USER
            none = share[0] < DROP_BOTH
            user = ~none & ~((share[0] >= DROP_BOTH) & (share[0] < edge))
            query = ~none & ~((share[0] >= edge) & (share[0] < edge + DROP_QUERY))
            rating = user
        case "joint":
            user = rating = query = share[0] >= DROP_ALL
        case "independent":
            user, rating, query = share >= DROP_EACH
        case "none":
            user = rating = query = np.ones(batch, np.bool_)
        case _:
            assert_never(kind)
    return torch.from_numpy(user), torch.from_numpy(rating), torch.from_numpy(query)


def condition_batch(
    picks: Picks,
    images: Tensor,
    captions: Tensor,
    ids: Tensor,
    rng: np.random.Generator,
    dropout: Dropout = "partial",
) -> Conditions:
    """Conditions of a training batch; images (N, d) standardised, captions (N, C, d) raw."""
    signs = torch.from_numpy(picks.signs)
    items = images[torch.from_numpy(picks.history.clip(min=0))] * (signs != 0).unsqueeze(2)
    with_user, with_rating, with_query = drop_conditions(len(picks.target), rng, dropout)
    user = ids[torch.from_numpy(picks.user)]
    user = user * torch.from_numpy(rng.random(len(user)) < 0.5)  # half the people do without the id
    spoken = captions.shape[1] > 0  # where nothing is said of the items, there are no requests
    words = torch.from_numpy(rng.integers(max(captions.shape[1], 1), size=len(picks.target)))
    target = torch.from_numpy(picks.target)
    return Conditions(
        items=items,
        signs=signs,
        user=user,
        person=torch.from_numpy(picks.person),
        rating=torch.from_numpy(picks.rating),
        query=captions[target, words] if spoken else torch.zeros_like(images[target]),
        with_user=with_user,
        with_rating=with_rating,
        with_query=with_query & spoken,
    )


def fit_texts(network: PriorNetwork, captions: Floats) -> None:
    """Statistics of the request embeddings, if there are any."""
    if captions.size:
        network.texts.fit(captions.reshape(-1, captions.shape[-1]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train prior`."""
    add_run_arguments(parser, steps=4000, batch=256, lr=2e-3, data="ratings")
    add_start_argument(parser)
    parser.add_argument(
        "--shape", choices=["embedded", "paper"], default="embedded",
        help="small, or 8 layers and 16 heads with four tokens an id",
    )  # fmt: skip
    parser.add_argument("--width", type=int, default=None, help="otherwise than the shape has it")
    parser.add_argument("--layers", type=int, default=None)
    parser.add_argument(
        "--ids", action="store_true", help="give training users tokens of their own"
    )
    parser.add_argument("--history", choices=["set", "mean", "none"], default=None)
    parser.add_argument("--prediction", choices=["sample", "epsilon", "v_prediction"], default=None)
    parser.add_argument("--schedule", choices=["squaredcos_cap_v2", "linear"], default=None)
    parser.add_argument(
        "--dropout", choices=["partial", "joint", "independent", "none"], default="partial"
    )
    parser.add_argument(
        "--rating", choices=["token", "none", "liked"], default="token",
        help="a condition; or no condition, learning from all that was rated or what was liked",
    )  # fmt: skip


def config_from(
    args: argparse.Namespace, *, dim: int, space: str, names: Sequence[str]
) -> PriorConfig:
    """The shape that the options of `train prior` describe; `names`: the training users.

    Raises:
        RequestError: users are known by neither history nor id.
    """
    users = tuple(names) if args.ids else ()
    history: HistoryReader = args.history or ("none" if args.shape == "paper" else "set")
    if history == "none" and not args.ids:
        raise RequestError("--history none: people are then known by their ids: add --ids")
    if args.shape == "paper":
        base = paper_config(dim=dim, space=space, users=users, history=history)
    else:
        base = PriorConfig(dim=dim, space=space, users=users, history=history)
    names_of = ("width", "layers", "prediction", "schedule")
    changes = {name: getattr(args, name) for name in names_of if getattr(args, name) is not None}
    changes["rating_token"] = args.rating == "token"
    return PriorConfig.model_validate({**base.model_dump(), **changes})


def start_network(args: argparse.Namespace, config: PriorConfig) -> PriorNetwork:
    """A network of chance, or finished weights with their own standardisation.

    What is predicted may change with the start: the head means the same for every kind.

    Raises:
        RequestError: the weights are of another shape than the options describe.
        SetupError: files are missing or damaged.
    """
    network = build_network(config)
    if args.start_from is None:
        return network
    found = read_config(args.start_from, PriorConfig)
    if found.model_copy(update={"prediction": config.prediction}) != config:
        raise RequestError(
            f"--start-from {args.start_from.name!r}: its {CONFIG_FILE} describes another shape than the options"
        )
    load_weights(network, args.start_from)
    return network


def run(args: argparse.Namespace) -> None:
    """Train, save, and measure on held-out users and items."""
    from vitrine.models.prior.evaluate import prior_figures

    scales = (("network.ids", 8.0), ("network.taste", 2.0), ("network.lean", 2.0))
    job = TrainingRun("prior", args, ema=0.998, lr_scales=scales)
    data = read_experience(args.data)
    train = ~data.heldout
    users = data.of_split("train")
    config = config_from(
        args,
        dim=data.images.shape[1],
        space=data.space,
        names=[data.users[u].user for u in users],
    )
    torch.manual_seed(args.seed)
    network = start_network(args, config)
    if args.start_from is None:
        network.images.fit(data.images[train])
        fit_texts(network, data.captions[train])
    with torch.no_grad():
        images = network.images(torch.from_numpy(data.images))
    captions = torch.from_numpy(data.captions)
    ids = torch.zeros(len(data.users), dtype=torch.long)
    if args.ids:
        ids[torch.tensor(users)] = torch.arange(1, len(users) + 1)
    use: RatingUse = args.rating
    least = LIKED if use == "liked" else 1
    taught = TasteSampler(data, users, least=least)
    training = PriorTraining(network)

    def loss(
        step: int, generator: torch.Generator, sampler: TasteSampler = taught
    ) -> tuple[Tensor, dict[str, float]]:
        rng = np.random.default_rng(generator.initial_seed())
        picks = sampler.draw(max(1, args.batch // TARGETS), rng)
        given = condition_batch(picks, images, captions, ids, rng, args.dropout).to(job.device)
        rows = len(picks.target)
        t = torch.from_numpy(draw_times(rows, rng)).to(job.device)
        noise = torch.from_numpy(rng.standard_normal((rows, config.dim)).astype(np.float32))
        noise = noise.to(job.device)
        clean = images[torch.from_numpy(picks.target)].to(job.device)
        people = network.users(given)
        probe = training.probe(people.tokens, given.person, clean, given.rating)
        value = prior_loss(network, clean, t, noise, given, people)
        return value + PROBE_WEIGHT * probe, {
            "denoise": float(value.detach()),
            "likes": float(probe.detach()),
        }

    held_out = watching(loss, data, least=least) if job.watches else None
    result = job.fit(training, loss, held_out=held_out, data=data.sha256)
    averaged = {
        n.removeprefix("network."): v for n, v in result.ema.items() if n.startswith("network.")
    }
    network.to("cpu").load_state_dict(averaged)
    save_model(args.out, config, averaged)
    figures = prior_figures(RebecaPrior(network), data)
    job.finish(
        result,
        data=data.sha256,
        figures={**figures, "train_loss": round(result.figures["denoise"], 4)},
        notes=data.notes,
        origin=data.origin,
    )

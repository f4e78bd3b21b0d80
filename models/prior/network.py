"""REBECA's transformer: user, request, rating, time and image tokens, read causally.

Notation (REBECA sec. 3): U user, R rating, t time, I_e^t noisy embedding. B rows, n samples,
d embedding dimension, w width, L prefix tokens.

The tokens stand in the order [U..., request, R, t, I_e^t] under a causal mask, so what stands before
the image token does not depend on it. Sampling uses this: the prefix is read once a request, the time
token once a step, and each of n samples costs one token a step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal, assert_never, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.models.prior.blocks import Block, Memory
from vitrine.models.prior.prediction import Prediction, from_head
from vitrine.models.prior.taste import MeanTaste, NoTaste, Standardiser, TasteEncoder, TasteReading

TRAIN_STEPS = 1000
"""Timesteps of the training schedule."""

HistoryReader = Literal["set", "mean", "none"]
"""How a rated history becomes user tokens: set encoder, its two means, or not at all (ids alone)."""


class PriorConfig(Frozen):
    """Shape of the prior, saved as config.json beside its weights. The defaults are the embedded one."""

    dim: int = Field(gt=0, description="d of the image embedding")
    space: str = Field(min_length=1, description="encoder whose embeddings these are")
    width: int = Field(default=128, ge=8)
    layers: int = Field(default=4, ge=1)
    heads: int = Field(default=4, ge=1)
    queries: int = Field(default=4, ge=1)
    ratings: int = Field(default=5, ge=2)
    rating_token: bool = Field(default=True, description="is the rating a condition at all")
    users: tuple[str, ...] = Field(default=(), description="ids with tokens of their own")
    id_tokens: int = Field(default=1, ge=1, description="tokens of a known id")
    history: HistoryReader = "set"
    schedule: Literal["squaredcos_cap_v2", "linear"] = "squaredcos_cap_v2"
    prediction: Prediction = "sample"


def paper_config(
    *, dim: int, space: str, users: tuple[str, ...], history: HistoryReader = "none"
) -> PriorConfig:
    """The shape that the paper reports: 8 layers, 16 heads, 4 user tokens, noise prediction.

    Differs from the paper: it does not give the width (512 here), and it binarises ratings, where five
    remain here.
    """
    return PriorConfig(
        dim=dim,
        space=space,
        width=512,
        layers=8,
        heads=16,
        users=users,
        id_tokens=4,
        history=history,
        schedule="linear",
        prediction="epsilon",
    )


@dataclass(frozen=True)
class Conditions:
    """What B rows are conditioned on, for P people.

    items, signs: rated history, standardised (P, H, d) and (P, H) as `TasteEncoder` reads it.
    user: row of the id table, 0 unknown, (P,). person: whose row it is, 0..P-1, (B,).
    rating: 1..ratings, (B,). query: raw text embedding, (B, d).
    with_user, with_rating, with_query: conditions that take part, bool (B,); the others are replaced by
    learned nulls. When sampling, the rating goes with the user: both are there or neither is.
    """

    items: Tensor
    signs: Tensor
    user: Tensor
    person: Tensor
    rating: Tensor
    query: Tensor
    with_user: Tensor
    with_rating: Tensor
    with_query: Tensor

    def to(self, device: torch.device) -> Conditions:
        """The same on another device."""
        moved = {field.name: getattr(self, field.name).to(device) for field in fields(self)}
        return Conditions(**moved)


@dataclass(frozen=True)
class Remembered:
    """B conditions as `PriorNetwork.remember` read them: memory of each layer, leaning (B, d)."""

    memory: Memory
    leaning: Tensor


class PriorNetwork(nn.Module):
    """Predicts x0, the noise or v of a noisy standardised embedding (`prediction` says how).

    Differs from the paper: the user is a set of rated embeddings, with tokens of a known id beside it;
    a request token is new.
    """

    alpha_bar: Tensor
    frequencies: Tensor

    def __init__(self, config: PriorConfig, alpha_bar: Tensor) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.images = Standardiser(config.dim)
        self.texts = Standardiser(config.dim)
        self.register_buffer("alpha_bar", alpha_bar.clone(), persistent=False)
        # Frequencies fall from 1 to 1e-4, so that neighbouring t lie close together.
        self.register_buffer("frequencies", torch.logspace(0, -4, w // 2), persistent=False)
        self.taste = _build_taste(config)
        self.ids = nn.Embedding(len(config.users) + 1, config.id_tokens * w, padding_idx=0)
        self.user_tokens: int = self.taste.tokens + (config.id_tokens if config.users else 0)
        self.rating = nn.Embedding(config.ratings + 1, w, padding_idx=0)
        self.query = nn.Sequential(nn.Linear(config.dim, w), nn.GELU(), nn.Linear(w, w))
        self.null_user = nn.Parameter(torch.randn(self.user_tokens, w) * 0.02)
        self.null_rating = nn.Parameter(torch.randn(w) * 0.02)
        self.null_query = nn.Parameter(torch.randn(w) * 0.02)
        self.time = nn.Sequential(nn.Linear(2 * (w // 2), w), nn.GELU(), nn.Linear(w, w))
        self.image = nn.Linear(config.dim, w)
        self.places = nn.Parameter(torch.randn(self.user_tokens + 4, w) * 0.02)
        self.blocks = nn.ModuleList([Block(w, config.heads) for _ in range(config.layers)])
        self.norm = nn.LayerNorm(w)
        self.head = nn.Linear(w, config.dim)
        self.lean = nn.Parameter(_first_leanings(config.ratings, config.dim))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def users(self, given: Conditions) -> TasteReading:
        """What is known of the P people: user tokens (P, U, w) and leanings (P, 3, d)."""
        reading: TasteReading = self.taste(given.items, given.signs)
        if not self.config.users:
            return reading
        named = self.ids(given.user).unflatten(1, (self.config.id_tokens, -1))  # (P, id tokens, w)
        return TasteReading(
            torch.cat([named.to(reading.tokens.dtype), reading.tokens], dim=1), reading.leanings
        )

    def forward(
        self, noisy: Tensor, t: Tensor, given: Conditions, users: TasteReading | None = None
    ) -> Tensor:
        """The prediction, for training: noisy (B, d), t (B,) in 0..999, one condition a row; (B, d).

        `users`: what `users(given)` returned, where the caller needs it too.
        """
        users = self.users(given) if users is None else users
        past = self._read_users(given, users.tokens)
        last = torch.stack([self._time(t), self._image(noisy)], dim=1)
        tokens = torch.cat([self._requests(given), last], dim=1)
        for block, memory in zip(self.blocks, past, strict=True):
            tokens, _ = block(tokens, memory)
        return self._predict(noisy, t, tokens[:, -1], self._leaning(given, users))

    def remember(self, given: Conditions) -> Remembered:
        """Read the conditions once (B rows), for any number of calls of `denoise`."""
        users = self.users(given)
        tokens = self._requests(given)
        memory: Memory = []
        past = self._read_users(given, users.tokens)
        for block, before in zip(self.blocks, past, strict=True):
            tokens, kept = block(tokens, before)
            memory.append(kept)
        return Remembered(memory, self._leaning(given, users))

    def _leaning(self, given: Conditions, users: TasteReading) -> Tensor:
        """Where the person alone moves f, by rating and by whether there is a request, (B, d)."""
        rated = torch.where(self._rated(given), given.rating, 0)
        gains = self.lean[given.with_query.long(), rated]  # (B, 3, d)
        moved = (gains * users.leanings.index_select(0, given.person)).sum(dim=1)
        return moved * given.with_user.unsqueeze(1)

    def _read_users(self, given: Conditions, users: Tensor) -> Memory:
        """Memory of the user tokens alone, one entry a row; people are read once, however many rows."""
        nobody = self.null_user.unsqueeze(0).to(users.dtype)
        tokens = torch.cat([users, nobody]) + self.places[: self.user_tokens]  # (P + 1, U, w)
        rows = torch.where(given.with_user, given.person, len(users))
        memory: Memory = []
        for block in self.blocks:
            tokens, (k, v) = block(tokens, None)
            memory.append((k.index_select(0, rows), v.index_select(0, rows)))
        return memory

    def _requests(self, given: Conditions) -> Tensor:
        """Request and rating tokens, (B, 2, w)."""
        rating = torch.where(
            self._rated(given)[:, None], self.rating(given.rating), self.null_rating
        )
        query = self.query(self.texts(given.query))
        query = torch.where(given.with_query[:, None], query, self.null_query)
        return torch.stack([query, rating], dim=1) + self.places[self.user_tokens : -2]

    def _rated(self, given: Conditions) -> Tensor:
        """Rows whose rating takes part, bool (B,)."""
        return given.with_rating & self.config.rating_token

    def denoise(self, noisy: Tensor, t: int, given: Remembered, owner: Tensor) -> Tensor:
        """Predictions for samples of several requests under remembered conditions.

        Args:
            noisy: n noisy embeddings of each of R requests, (R, n, d).
            given: B remembered conditions.
            owner: the request that each condition belongs to, 0..R-1, (B,).

        Returns:
            (B, n, d): row b is the prediction for `noisy[owner[b]]` under condition b alone.
        """
        own = noisy.index_select(0, owner)  # (B, n, d)
        when = torch.full((1,), t, dtype=torch.long, device=noisy.device)
        time = self._time(when).expand(len(own), 1, -1)
        leaves = self._image(own)  # (B, n, w)
        for block, past in zip(self.blocks, given.memory, strict=True):
            time, past_and_time = block(time, past)
            leaves = cast(Block, block).leaves(leaves, past_and_time)
        return self._predict(own, when, leaves, given.leaning.unsqueeze(1))

    def _time(self, t: Tensor) -> Tensor:
        """(B,) to (B, w). Neighbouring times have nearly equal embeddings."""
        angles = t.unsqueeze(1).to(self.frequencies.dtype) * self.frequencies
        return self.time(torch.cat([angles.cos(), angles.sin()], dim=1)) + self.places[-2]

    def _image(self, noisy: Tensor) -> Tensor:
        return self.image(noisy) + self.places[-1]

    def _predict(self, noisy: Tensor, t: Tensor, token: Tensor, leaning: Tensor) -> Tensor:
        f = self.head(self.norm(token)) + leaning
        return from_head(self.config.prediction, f, noisy, self.alpha_bar[t].unsqueeze(-1))


def _build_taste(config: PriorConfig) -> TasteEncoder | MeanTaste | NoTaste:
    match config.history:
        case "set":
            return TasteEncoder(
                dim=config.dim, width=config.width, queries=config.queries, heads=config.heads
            )
        case "mean":
            return MeanTaste(dim=config.dim, width=config.width)
        case "none":
            if not config.users:
                raise RequestError("a prior that reads no history needs users: give them ids")
            return NoTaste(dim=config.dim, width=config.width)
        case _:
            assert_never(config.history)


def _first_leanings(ratings: int, dim: int) -> Tensor:
    """Gains of the leanings before training, (2, ratings + 1, 3, d).

    A person without a request is drawn to the mean of what they liked, for low ratings to the mean
    of what they disliked.
    """
    gains = torch.zeros(2, ratings + 1, 3, dim)
    for rating in range(1, ratings + 1):
        side = (rating - 1) / (ratings - 1) * 2 - 1  # -1..1
        gains[0, rating, 0] = 0.2 * side
        gains[0, rating, 1] = max(side, 0.0) * 0.5
        gains[0, rating, 2] = max(-side, 0.0) * 0.5
    return gains


def timestep_cosine(a: int, b: int, width: int) -> float:
    """Cosine of the raw sinusoidal embeddings of two timesteps (a check of the frequencies)."""
    frequencies = torch.logspace(0, -4, width // 2)

    def embed(t: int) -> Tensor:
        return torch.cat([(t * frequencies).cos(), (t * frequencies).sin()])

    x, y = embed(a), embed(b)
    return float((x @ y) / (x.norm() * y.norm() + math.ulp(1.0)))

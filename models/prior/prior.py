"""The prior behind its port: samples image embeddings for people and their requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vitrine.core.ports import Floats, PriorRequest, TasteEvidence
from vitrine.models.prior.network import (
    TRAIN_STEPS,
    Conditions,
    PriorConfig,
    PriorNetwork,
    Remembered,
)
from vitrine.models.prior.prediction import from_clean, to_clean
from vitrine.models.prior.sampler import SamplerName, alpha_bar, row_noise, run_sampler
from vitrine.models.prior.taste import pack_taste
from vitrine.models.storage import load_weights, read_config


@dataclass(frozen=True)
class _Branches:
    """The B conditions that R requests need.

    owner: whose condition it is, (B,). weight: its share in the guided prediction, (B,).
    final: the condition with all that a request gives, its scale is the reference, (R,).
    """

    given: Remembered
    owner: Tensor
    weight: Tensor
    final: Tensor


class RebecaPrior:
    """User-conditioned image embeddings (REBECA), composable with a request.

    Guidance is `e0 + w_u (e_u - e0) + w_q (e_uq - e_u)`, where e0 knows nothing, e_u the user and the
    rating, e_uq the request too. With one of the conditions missing its term vanishes: without a user
    the request term is `e_q - e0`. (diffusers' guidance_scale is this w; the paper's omega is w - 1.)
    """

    def __init__(
        self,
        network: PriorNetwork,
        *,
        steps: int = 8,
        sampler: SamplerName = "dpm++",
        rescale: float = 0.7,
        interval: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """What holds for every request.

        Args:
            network: trained weights.
            steps: network calls, whatever the number of requests.
            sampler: `ddpm` with 1000 steps is the reference.
            rescale: see `_rescaled`.
            interval: part of the noise times, 0 clean to 1 noise, in which guidance acts; outside of
                it the prediction with all conditions is taken as it is.

        Raises:
            ValueError: the interval is none.
        """
        if not 0 <= interval[0] <= interval[1] <= 1:
            raise ValueError(f"interval={interval!r}: expected two rising shares of 0..1")
        self._network = network.eval()
        self._steps = steps
        self._sampler: SamplerName = sampler
        self._rescale = rescale
        self._interval = interval
        self._users = {name: row for row, name in enumerate(network.config.users, start=1)}

    @property
    def reads_ratings(self) -> bool:
        """Does the rating that is asked for matter."""
        return self._network.config.rating_token

    def varied(
        self,
        *,
        steps: int | None = None,
        sampler: SamplerName | None = None,
        rescale: float | None = None,
    ) -> RebecaPrior:
        """The same network, sampled otherwise; what is None stays."""
        return RebecaPrior(
            self._network,
            steps=self._steps if steps is None else steps,
            sampler=self._sampler if sampler is None else sampler,
            rescale=self._rescale if rescale is None else rescale,
            interval=self._interval,
        )

    @property
    def space(self) -> str:
        """Embedding space of the samples."""
        return self._network.config.space

    def sample(self, request: PriorRequest) -> Floats:
        """Raw image embeddings, (n, d). Row i depends on (seed, i), not on n.

        Raises:
            ValueError: n or the rating is out of range, or an embedding has the wrong dimension.
        """
        return self.sample_many([request])[0]

    @torch.inference_mode()
    def sample_many(self, requests: Sequence[PriorRequest]) -> list[Floats]:
        """Samples for many people in one batch; no row sees another's person, words or noise.

        Returns:
            Raw image embeddings (n, d) for each request, the same as `sample` gives it alone.

        Raises:
            ValueError: as `sample`.
        """
        config = self._network.config
        for request in requests:
            self._check(request)
        if not requests:
            return []
        branches = self._branches(requests)
        most = max(request.n for request in requests)
        seeds = [(request.seed, row) for request in requests for row in range(most)]
        shape = (len(requests), most, config.dim)

        def predict(noisy: Tensor, t: int) -> Tensor:
            return self._guided(noisy.view(shape), t, branches).view(-1, config.dim)

        standard = run_sampler(
            predict,
            row_noise(seeds, config.dim),
            steps=self._steps,
            schedule=config.schedule,
            name=self._sampler,
            prediction=config.prediction,
            seeds=seeds,
        )
        raw: Floats = self._network.images.undo(standard.view(shape)).numpy()
        return [rows[: request.n].copy() for rows, request in zip(raw, requests, strict=True)]

    def _check(self, request: PriorRequest) -> None:
        config = self._network.config
        if request.n < 1:
            raise ValueError(f"n={request.n!r}: expected at least 1")
        if not 1 <= request.rating <= config.ratings:
            raise ValueError(f"rating={request.rating!r}: expected 1..{config.ratings}")
        if request.query is not None and request.query.shape != (config.dim,):
            raise ValueError(f"query has shape {request.query.shape!r}: expected ({config.dim},)")

    def _guided(self, noisy: Tensor, t: int, branches: _Branches) -> Tensor:
        """The guided prediction for noisy (R, n, d)."""
        network = self._network
        predicted = network.denoise(noisy, t, branches.given, branches.owner)  # (B, n, d)
        full = predicted.index_select(0, branches.final)  # (R, n, d)
        low, high = self._interval
        if not low <= t / (TRAIN_STEPS - 1) <= high:
            return full
        parts = predicted * branches.weight[:, None, None]
        guided = torch.zeros_like(noisy).index_add(0, branches.owner, parts)
        if self._rescale == 0:
            return guided
        kind, kept = network.config.prediction, network.alpha_bar[t]
        wanted = to_clean(kind, full, noisy, kept)
        clean = _rescaled(to_clean(kind, guided, noisy, kept), wanted, self._rescale)
        return from_clean(kind, clean, noisy, kept)

    def _branches(self, requests: Sequence[PriorRequest]) -> _Branches:
        """Remembered conditions that count, and their weights."""
        owner: list[int] = []
        shown: list[tuple[bool, bool]] = []
        weight: list[float] = []
        final: list[int] = []
        for row, request in enumerate(requests):
            parts = guidance_branches(
                self._known(request.taste), request.query is not None,
                request.guidance_user, request.guidance_query,
            )  # fmt: skip
            # The last one stays even with weight 0: its scale is the reference of the renormalisation.
            kept = [part for part in parts[:-1] if part[2] != 0] + [parts[-1]]
            owner += [row] * len(kept)
            shown += [(user, query) for user, query, _ in kept]
            weight += [share for _, _, share in kept]
            final.append(len(owner) - 1)
        whose = torch.tensor(owner)
        given = self._conditions(requests, whose, torch.tensor(shown))
        return _Branches(
            self._network.remember(given), whose, torch.tensor(weight), torch.tensor(final)
        )

    def _known(self, taste: TasteEvidence) -> bool:
        if taste.user_id in self._users:
            return True
        reads = self._network.config.history != "none"
        return reads and bool(len(taste.liked) or len(taste.disliked))

    def _conditions(
        self, requests: Sequence[PriorRequest], owner: Tensor, shown: Tensor
    ) -> Conditions:
        """Conditions of B branches: whose they are (B,), and whether user and request show (B, 2)."""
        config = self._network.config
        raw, signs = pack_taste([request.taste for request in requests], config.dim)
        items = self._network.images(torch.from_numpy(raw))
        marks = torch.from_numpy(signs)
        nothing = np.zeros(config.dim, np.float32)
        words = np.stack([nothing if r.query is None else r.query for r in requests])
        ratings = torch.tensor([request.rating for request in requests])
        return Conditions(
            items=items * (marks != 0).unsqueeze(2),
            signs=marks,
            user=torch.tensor([self._users.get(r.taste.user_id or "", 0) for r in requests]),
            person=owner,
            rating=ratings[owner],
            query=torch.from_numpy(words.astype(np.float32))[owner],
            with_user=shown[:, 0],
            with_rating=shown[:, 0],
            with_query=shown[:, 1],
        )


def guidance_branches(
    someone: bool, asked: bool, wu: float, wq: float
) -> list[tuple[bool, bool, float]]:
    """(user shows, request shows, weight) of `e0 + w_u (e_u - e0) + w_q (e_uq - e_u)`.

    The weights sum to 1; the last branch is the one with all conditions that there are.
    """
    match (someone, asked):
        case (True, True):
            return [(False, False, 1 - wu), (True, False, wu - wq), (True, True, wq)]
        case (True, False):
            return [(False, False, 1 - wu), (True, False, wu)]
        case (False, True):
            return [(False, False, 1 - wq), (False, True, wq)]
        case _:
            return [(False, False, 1.0)]


def _rescaled(guided: Tensor, reference: Tensor, share: float) -> Tensor:
    """Bring back the scale of x0 under strong guidance, row by row.

    Guidance stretches x0 beyond what any embedding has. A row that is longer than the unguided
    conditional prediction is shrunk towards that length; `share` 1 wholly, 0 not at all.
    """
    length = reference.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    longer = guided.norm(dim=-1, keepdim=True) / length
    return guided / longer.clamp(min=1.0) ** share


def build_network(config: PriorConfig) -> PriorNetwork:
    """A prior network with random weights."""
    return PriorNetwork(config, alpha_bar(config.schedule))


def load_prior(folder: Path, *, steps: int = 8) -> RebecaPrior:
    """The trained prior of a folder.

    Raises:
        SetupError: files are missing or damaged.
    """
    network = build_network(read_config(folder, PriorConfig))
    load_weights(network, folder)
    return RebecaPrior(network, steps=steps)

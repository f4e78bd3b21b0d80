"""The prior behind its port: samples image embeddings for a person and a request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vitrine.core.ports import Floats, PriorRequest, TasteEvidence
from vitrine.models.prior.network import Conditions, PriorConfig, PriorNetwork, Remembered
from vitrine.models.prior.sampler import SamplerName, alpha_bar, row_noise, run_sampler
from vitrine.models.prior.taste import pack_taste
from vitrine.models.storage import load_weights, read_config


class RebecaPrior:
    """User-conditioned image embeddings (REBECA), composable with a request.

    Guidance is `e0 + w_u (e_u - e0) + w_q (e_uq - e_u)` on x0, where e0 knows nothing, e_u the user
    and the rating, e_uq the request too. With one of the conditions missing its term vanishes:
    without a user the request term is `e_q - e0`. (diffusers' guidance_scale is this w; the paper's
    omega is w - 1.)
    """

    def __init__(
        self,
        network: PriorNetwork,
        *,
        steps: int = 8,
        sampler: SamplerName = "dpm++",
        rescale: float = 0.7,
    ) -> None:
        """`steps`: batched network calls a request. `rescale`: see `_rescaled`."""
        self._network = network.eval()
        self._steps = steps
        self._sampler: SamplerName = sampler
        self._rescale = rescale
        self._users = {name: row for row, name in enumerate(network.config.users, start=1)}

    @property
    def space(self) -> str:
        """Embedding space of the samples."""
        return self._network.config.space

    @torch.inference_mode()
    def sample(self, request: PriorRequest) -> Floats:
        """Raw image embeddings, (n, d). Row i depends on (seed, i), not on n.

        Raises:
            ValueError: n or the rating is out of range, or an embedding has the wrong dimension.
        """
        config = self._network.config
        if request.n < 1:
            raise ValueError(f"n={request.n!r}: expected at least 1")
        if not 1 <= request.rating <= config.ratings:
            raise ValueError(f"rating={request.rating!r}: expected 1..{config.ratings}")
        given, weights = self._branches(request)

        def denoise(noisy: Tensor, t: int) -> Tensor:
            branches = self._network.denoise(noisy, t, given)  # (branches, n, d)
            guided = torch.einsum("b,bnd->nd", weights, branches)
            return _rescaled(guided, branches[-1], self._rescale)

        seeds = [(request.seed, row) for row in range(request.n)]
        standard = run_sampler(
            denoise,
            row_noise(seeds, config.dim),
            steps=self._steps,
            schedule=config.schedule,
            name=self._sampler,
            seeds=seeds,
        )
        return self._network.images.undo(standard).numpy()

    def _branches(self, request: PriorRequest) -> tuple[Remembered, Tensor]:
        """Remembered conditions of the branches that count, and their weights in x0."""
        someone = self._known(request.taste)
        asked = request.query is not None
        wu, wq = request.guidance_user, request.guidance_query
        branches: list[tuple[bool, bool, float]]
        match (someone, asked):
            case (True, True):
                branches = [(False, False, 1 - wu), (True, False, wu - wq), (True, True, wq)]
            case (True, False):
                branches = [(False, False, 1 - wu), (True, False, wu)]
            case (False, True):
                branches = [(False, False, 1 - wq), (False, True, wq)]
            case _:
                branches = [(False, False, 1.0)]
        # The last branch stays even with weight 0: its scale is the reference of the renormalisation.
        kept = [b for b in branches[:-1] if b[2] != 0] + [branches[-1]]
        given = self._conditions(request, [b[0] for b in kept], [b[1] for b in kept])
        return self._network.remember(given), torch.tensor(
            [b[2] for b in kept], dtype=torch.float32
        )

    def _known(self, taste: TasteEvidence) -> bool:
        return bool(len(taste.liked) or len(taste.disliked) or taste.user_id in self._users)

    def _conditions(
        self, request: PriorRequest, with_user: list[bool], with_query: list[bool]
    ) -> Conditions:
        config, rows = self._network.config, len(with_user)
        raw, signs = pack_taste([request.taste], config.dim)
        items = self._network.images(torch.from_numpy(raw))
        marks = torch.from_numpy(signs)
        query = np.zeros(config.dim, np.float32) if request.query is None else request.query
        if query.shape != (config.dim,):
            raise ValueError(f"query has shape {query.shape!r}: expected ({config.dim},)")
        return Conditions(
            items=items * (marks != 0).unsqueeze(2),
            signs=marks,
            user=torch.tensor([self._users.get(request.taste.user_id or "", 0)]),
            person=torch.zeros(rows, dtype=torch.long),
            rating=torch.full((rows,), request.rating),
            query=torch.from_numpy(np.asarray(query, np.float32)).expand(rows, -1),
            with_user=torch.tensor(with_user),
            with_query=torch.tensor(with_query),
        )


def _rescaled(guided: Tensor, reference: Tensor, share: float) -> Tensor:
    """Bring back the scale of x0 under strong guidance, row by row.

    Guidance stretches x0 beyond what any embedding has. A row that is longer than the unguided
    conditional prediction is shrunk towards that length; `share` 1 wholly, 0 not at all.
    """
    longer = guided.norm(dim=1, keepdim=True) / reference.norm(dim=1, keepdim=True).clamp(min=1e-6)
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

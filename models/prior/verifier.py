"""REBECA's verifier: will this person like this image? `sigmoid(phi(U) . psi(I))` (sec. 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from pydantic import Field
from torch import Tensor, nn

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Floats, TasteEvidence, UserFeatures
from vitrine.models.prior.taste import Standardiser, TasteEncoder, pack_taste
from vitrine.models.storage import load_weights, read_config


class VerifierConfig(Frozen):
    """Shape of the verifier."""

    dim: int = Field(gt=0)
    space: str = Field(min_length=1)
    factors: int = Field(default=32, ge=1)
    width: int = Field(default=64, ge=8)
    queries: int = Field(default=4, ge=1)
    users: tuple[str, ...] = ()
    temperature: float = Field(default=1.0, gt=0, description="logits are divided by it")


class VerifierNetwork(nn.Module):
    """psi is linear over the frozen encoder's standardised embedding, with a constant for user bias.

    Differs from the paper: phi(U) is made from rated history, so that it exists for anyone; for users
    of training an id vector is added to it.
    """

    def __init__(self, config: VerifierConfig) -> None:
        super().__init__()
        self.config = config
        self.images = Standardiser(config.dim)
        self.psi = nn.Linear(config.dim, config.factors)
        self.taste = TasteEncoder(dim=config.dim, width=config.width, queries=config.queries)
        flat = self.taste.tokens * config.width
        self.phi = nn.Sequential(
            nn.LayerNorm(flat), nn.Linear(flat, config.width), nn.GELU(),
            nn.Linear(config.width, config.factors + 1),
        )  # fmt: skip
        self.ids = nn.Embedding(len(config.users) + 1, config.factors + 1, padding_idx=0)
        nn.init.zeros_(self.ids.weight)
        self.trust = nn.Parameter(torch.tensor(3.0))

    def user(self, items: Tensor, signs: Tensor, user: Tensor) -> Tensor:
        """phi(U), (B, factors + d + 1), from standardised history (B, H, d), signs (B, H), id rows (B,).

        The taste direction is part of phi as it is, against the image itself as part of psi.
        """
        reading = self.taste(items, signs)
        learned = self.phi(reading.tokens.flatten(1)) + self.ids(user)
        return torch.cat([self.trust * reading.leanings[:, 0], learned], dim=1)

    def features(self, images: Tensor) -> Tensor:
        """psi(I) in whole, (B, n, d + k + 1), for standardised images (B, n, d): image, factors, constant."""
        direct = images * images.shape[-1] ** -0.5
        return torch.cat([direct, self.psi(images), torch.ones_like(images[..., :1])], dim=-1)

    def logits(self, phi: Tensor, images: Tensor) -> Tensor:
        """Phi . psi for phi of `user` and standardised images (B, n, d), (B, n)."""
        return torch.einsum("bk,bnk->bn", phi, self.features(images).to(phi.dtype))


class Verifier:
    """The verifier behind the Scorer port. The text of a request does not count here."""

    def __init__(self, network: VerifierNetwork) -> None:
        self._network = network.eval()
        self._users = {name: row for row, name in enumerate(network.config.users, start=1)}

    @property
    def space(self) -> str:
        """Embedding space of the images it judges."""
        return self._network.config.space

    @property
    def taste(self) -> TasteEncoder:
        """The trained set encoder."""
        return self._network.taste

    def score(self, user: UserFeatures, text: str, images: Floats) -> Floats:
        """Probability that each raw embedding (n, d) is liked, (n,) in 0..1."""
        return self.score_many([user.taste], images)[0]

    @torch.inference_mode()
    def score_many(self, tastes: Sequence[TasteEvidence], images: Floats) -> Floats:
        """Probabilities V[user, image] for many users at once, (users, n)."""
        logits = torch.from_numpy(self.logits_many(tastes, images))
        return torch.sigmoid(logits / self._network.config.temperature).numpy()

    @torch.inference_mode()
    def logits_many(self, tastes: Sequence[TasteEvidence], images: Floats) -> Floats:
        """phi(U) . psi(I) before temperature and sigmoid, (users, n).

        People nobody trained with are folded in from their ratings alone.
        """
        network = self._network
        raw, signs = pack_taste(tastes, network.config.dim)
        marks = torch.from_numpy(signs)
        items = network.images(torch.from_numpy(raw)) * (marks != 0).unsqueeze(2)
        ids = torch.tensor([self._users.get(taste.user_id or "", 0) for taste in tastes])
        phi = network.user(items, marks, ids)
        shown = network.images(torch.from_numpy(images)).expand(len(tastes), -1, -1)
        return network.logits(phi, shown).numpy()


def load_verifier(folder: Path) -> Verifier:
    """The trained verifier of a folder.

    Raises:
        SetupError: files are missing or damaged.
    """
    network = VerifierNetwork(read_config(folder, VerifierConfig))
    load_weights(network, folder)
    return Verifier(network)

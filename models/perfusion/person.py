"""Who a person is to PerFusion's network: a plug-in of crossed features (sec. 4.2) of its own.

It is built of the reward model's fields and crossings and starts from its trained ones, but goes on
learning with the network: what makes a picture please is not what tells two pictures apart.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from vitrine.core.errors import SetupError
from vitrine.core.ports import UserFeatures
from vitrine.models.embed import open_clip_of
from vitrine.models.perfusion.guidance import People
from vitrine.models.perfusion.network import AdaptiveNetwork
from vitrine.models.reward.features import Features, RewardConfig, UserFields
from vitrine.models.reward.network import Crossing, PersonalPlugin
from vitrine.models.reward.scorer import FeatureReader, Tokenize
from vitrine.models.reward.tower import TextTower
from vitrine.models.storage import load_weights, read_config, save_model

USER_FOLDER = "user"


class UserEncoder(nn.Module):
    """Features of people to their representation u (B, size); nothing known gives a learned u."""

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        self.config = config
        self.fields = UserFields(config)
        self.size = self.fields.size
        self.crossings = nn.ModuleList(
            [Crossing(self.size, config.crossing) for _ in range(config.crossings)]
        )
        self.norm = nn.LayerNorm(self.size, eps=config.soft)

    @classmethod
    def of_reward(cls, plugin: PersonalPlugin) -> UserEncoder:
        """A copy of what a reward model has learned: its fields, and the crossings of one tower."""
        encoder = cls(plugin.config)
        encoder.fields = copy.deepcopy(plugin.fields)
        tower = plugin.vision if plugin.text is None else plugin.text
        assert tower is not None  # one of them is personal
        encoder.crossings = copy.deepcopy(tower.crossings)
        encoder.norm = copy.deepcopy(tower.norm)
        return encoder

    def forward(self, features: Features) -> Tensor:
        """The representation u (B, size), Eq. 2."""
        first = u = self.fields(features).first
        for crossing in self.crossings:
            u = crossing(first, u)
        return self.norm(u)


class PersonalNetwork(nn.Module):
    """The person's encoder and the adaptive network, which train together and ship in one folder."""

    def __init__(self, user: UserEncoder, network: AdaptiveNetwork) -> None:
        """Put the two together.

        Raises:
            SetupError: they were not made for each other.
        """
        super().__init__()
        if network.config.user_size != user.size:
            raise SetupError(
                f"the personal network takes people of size {network.config.user_size}, found {user.size}"
            )
        self.user = user
        self.network = network

    @classmethod
    def for_unet(
        cls, unet: UNet2DConditionModel, user: UserEncoder, *, grid: int = 8
    ) -> PersonalNetwork:
        """A network for `unet` that changes nothing yet."""
        return cls(user, AdaptiveNetwork.from_unet(unet, user_size=user.size, grid=grid))

    def save(self, folder: Path, *, dtype: torch.dtype | None = torch.float16) -> None:
        """Write the folder: the network, and the encoder in `user`."""
        self.network.save(folder, dtype=dtype)
        save_model(folder / USER_FOLDER, self.user.config, self.user.state_dict(), dtype=dtype)

    @classmethod
    def load(cls, folder: Path) -> PersonalNetwork:
        """The network of a folder, fp32, for evaluation.

        Raises:
            SetupError: files are missing or damaged.
        """
        user = UserEncoder(read_config(folder / USER_FOLDER, RewardConfig))
        load_weights(user, folder / USER_FOLDER)
        return cls(user, AdaptiveNetwork.load(folder)).eval()


class Personal:
    """A trained network with what it needs to read people."""

    def __init__(self, model: PersonalNetwork, clip: nn.Module, tokenize: Tokenize) -> None:
        """`clip`: the open_clip model whose text tower says what values of facets mean."""
        self.model = model
        self._reader = FeatureReader(TextTower(clip), tokenize, model.user)

    @property
    def space(self) -> str:
        """Embedding space of the histories that it reads."""
        return self.model.user.config.space

    @torch.no_grad()
    def people(self, users: Sequence[UserFeatures | None]) -> People:
        """Everybody known among the users of a batch of pictures."""
        known = [(row, user) for row, user in enumerate(users) if user is not None]
        rows = torch.tensor([row for row, _ in known], dtype=torch.long)
        if not known:
            return People(torch.zeros(0, self.model.user.size), rows)
        features = self._reader.read(
            [user.taste for _, user in known], [user.facets for _, user in known]
        )
        return People(cast("Tensor", self.model.user(features)), rows)


def load_personal(folder: Path, clip: Path) -> Personal:
    """The trained network of a folder, with the CLIP of another.

    Raises:
        SetupError: files are missing or damaged, or the two are of different embedding spaces.
    """
    model = PersonalNetwork.load(folder)
    tower, tokenize, space = open_clip_of(clip)
    if model.user.config.space != space:
        raise SetupError(
            f"the personal network of {str(folder)!r} reads embeddings of"
            f" {model.user.config.space!r}, not {space!r}: train it again (`vitrine train perfusion`)"
        )
    return Personal(model, tower, tokenize)

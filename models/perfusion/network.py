"""The personalised adaptive network (PerFusion sec. 4.3.1) beside any `UNet2DConditionModel`.

A trainable copy of the encoder and the middle of a U-Net reads `z_t` plus a map of the person, the
text and the time; what each of its blocks finds passes a zero convolution and is added to the skip
connections of the frozen U-Net, which takes them as `down_block_additional_residuals` and
`mid_block_additional_residual`.

Letters: B rows, h x w the latent's size, d_u the size of a person's representation u.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from diffusers import UNet2DConditionModel
from pydantic import Field, JsonValue
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import SetupError
from vitrine.core.frozen import Frozen
from vitrine.models.storage import load_weights, read_config, save_model


class NetworkConfig(Frozen):
    """Shape of the network. `unet`: configuration of the backbone, as diffusers writes it."""

    unet: dict[str, JsonValue]
    user_size: int = Field(gt=0, description="d_u")
    grid: int = Field(default=8, ge=1, description="side of a person's map before interpolation")
    map_channels: int = Field(default=0, ge=0, description="0: as many as the latent has")


@dataclass(frozen=True)
class Residuals:
    """What is added to a U-Net's skip connections, (B, c_i, h_i, w_i) each, and to its middle."""

    down: tuple[Tensor, ...]
    mid: Tensor

    def spread(self, rows: Tensor, count: int) -> Residuals:
        """The same in a batch of `count` rows, at `rows` (B,); zeros elsewhere."""

        def place(value: Tensor) -> Tensor:
            whole = value.new_zeros(count, *value.shape[1:])
            return whole.index_copy(0, rows.to(value.device), value)

        return self.map(place)

    def map(self, change: Callable[[Tensor], Tensor]) -> Residuals:
        """`change` of every part."""
        return Residuals(tuple(change(value) for value in self.down), change(self.mid))

    def __add__(self, other: Residuals) -> Residuals:
        pairs = zip(self.down, other.down, strict=True)
        return Residuals(tuple(a + b for a, b in pairs), self.mid + other.mid)


class AdaptiveNetwork(nn.Module):
    """The copy with its map of the person and its zero convolutions.

    Differs from the paper: the person's map is a small grid, interpolated to the size of the latent; a
    linear layer to 4 x 64 x 64 would fix the resolution. As in the paper (and unlike diffusers' ControlNet,
    which adds behind `conv_in`) the map is added to z_t itself.

    Two layers of zeros protect the backbone: at the first step only the convolutions at the outputs get
    a gradient, at the second the copy and the convolution of the map, at the third u.
    """

    def __init__(self, config: NetworkConfig) -> None:
        """The layout alone; weights come from `from_unet` or `load`."""
        super().__init__()
        self.config = config
        encoder = _encoder(config.unet)
        channels = cast("int", encoder.config["in_channels"])
        self.map_channels = config.map_channels or channels
        self.to_map = nn.Linear(config.user_size, self.map_channels * config.grid**2)
        self.map_in = _zero_conv(self.map_channels, channels)
        self.encoder = encoder
        widths = list(_skip_widths(encoder))
        self.down_out = nn.ModuleList([_zero_conv(width, width) for width in widths])
        self.mid_out = _zero_conv(widths[-1], widths[-1])

    @classmethod
    def from_unet(
        cls, unet: UNet2DConditionModel, *, user_size: int, grid: int = 8, map_channels: int = 0
    ) -> AdaptiveNetwork:
        """A network for `unet` that changes nothing yet; image adapters loaded in it are not copied.

        Raises:
            SetupError: a U-Net of a kind whose input is more than latents.
        """
        config = NetworkConfig(
            unet=_plain(dict(unet.config)),  # the mapping, not attributes that adapters have set
            user_size=user_size,
            grid=grid,
            map_channels=map_channels,
        )
        network = cls(config)
        source = unet.state_dict()
        state: dict[str, Tensor] = {}
        for name in network.encoder.state_dict():
            moved = "text_" + name  # where an image adapter has put a projection of texts
            state[name] = source[moved if moved in source else name].detach().clone()
        network.encoder.load_state_dict(state, assign=True)
        weight = next(iter(state.values()))
        return network.to(device=weight.device, dtype=weight.dtype)

    def forward(
        self,
        noisy: Tensor,
        time: Tensor | float,
        text: Tensor,
        u: Tensor,
        *,
        class_labels: Tensor | None = None,
        timestep_cond: Tensor | None = None,
        attention_mask: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        added_cond_kwargs: Mapping[str, Any] | None = None,
    ) -> Residuals:
        """Residuals for a U-Net that is given the same arguments.

        Args:
            noisy: z_t (B, c, h, w), any h and w that the U-Net takes. time: one, or (B,).
            text: states (B, T, d). u: the person of each row (B, d_u). Masks: (B, tokens), 1 is kept.
        """
        person = self.to_map(u.to(noisy.dtype)).unflatten(1, (self.map_channels, -1))  # (B, c, g^2)
        person = person.unflatten(2, (self.config.grid, self.config.grid))
        person = F.interpolate(person, noisy.shape[-2:], mode="bilinear", align_corners=False)
        sample = noisy + self.map_in(person)  # z'_t
        return self._encode(
            sample, time, text, class_labels, timestep_cond,
            _bias(attention_mask, sample), _bias(encoder_attention_mask, sample),
            dict(added_cond_kwargs or {}),
        )  # fmt: skip

    def _encode(
        self,
        sample: Tensor,
        time: Tensor | float,
        text: Tensor,
        class_labels: Tensor | None,
        timestep_cond: Tensor | None,
        mask: Tensor | None,
        text_mask: Tensor | None,
        added: dict[str, Any],
    ) -> Residuals:
        """The steps of `UNet2DConditionModel.forward` up to its middle."""
        net: Any = self.encoder
        if net.config["center_input_sample"]:
            sample = 2 * sample - 1.0
        # 1. Time, class and further embeddings
        emb = net.time_embedding(net.get_time_embed(sample, time), timestep_cond)
        label = net.get_class_embed(sample, class_labels)
        if label is not None:
            joined = net.config["class_embeddings_concat"]
            emb = torch.cat([emb, label], dim=-1) if joined else emb + label
        more = net.get_aug_embed(emb, text, added)
        emb = emb if more is None else emb + more
        if net.time_embed_act is not None:
            emb = net.time_embed_act(emb)
        text = net.process_encoder_hidden_states(text, added)
        # 2. Down
        sample = net.conv_in(sample)
        skips = [sample]
        for block in net.down_blocks:
            if getattr(block, "has_cross_attention", False):
                sample, found = block(
                    hidden_states=sample, temb=emb, encoder_hidden_states=text,
                    attention_mask=mask, encoder_attention_mask=text_mask,
                )  # fmt: skip
            else:
                sample, found = block(hidden_states=sample, temb=emb)
            skips += found
        # 3. Middle
        if net.mid_block is not None and getattr(net.mid_block, "has_cross_attention", False):
            sample = net.mid_block(
                sample, emb, encoder_hidden_states=text,
                attention_mask=mask, encoder_attention_mask=text_mask,
            )  # fmt: skip
        elif net.mid_block is not None:
            sample = net.mid_block(sample, emb)
        # 4. Zero convolutions
        down = tuple(conv(skip) for conv, skip in zip(self.down_out, skips, strict=True))
        return Residuals(down, self.mid_out(sample))

    def zero_parameters(self) -> Iterator[nn.Parameter]:
        """Parameters of the convolutions at the outputs, the only ones with a gradient at first."""
        yield from self.down_out.parameters()
        yield from self.mid_out.parameters()

    def save(self, folder: Path, *, dtype: torch.dtype | None = torch.float16) -> None:
        """Write `config.json` and `model.safetensors`."""
        save_model(folder, self.config, self.state_dict(), dtype=dtype)

    @classmethod
    def load(cls, folder: Path) -> AdaptiveNetwork:
        """The network of a folder, fp32, for evaluation.

        Raises:
            SetupError: files are missing or damaged.
        """
        network = cls(read_config(folder, NetworkConfig)).to_empty(device="cpu")
        load_weights(network, folder)
        return network.eval()

    def check_fits(self, unet: UNet2DConditionModel) -> None:
        """Compare the layout with that of a backbone.

        Raises:
            SetupError: the network was made for another one.
        """
        theirs = _plain(dict(unet.config))
        differ = [k for k in _LAYOUT if theirs.get(k) != self.config.unet.get(k)]
        if differ:
            raise SetupError(
                f"the personal network was made for another U-Net (differs in {', '.join(differ)}):"
                " train it for this one"
            )


_LAYOUT = (
    "in_channels", "block_out_channels", "down_block_types", "mid_block_type", "layers_per_block",
    "cross_attention_dim", "attention_head_dim", "addition_embed_type", "class_embed_type",
)  # fmt: skip
_UNSUPPORTED = {"addition_embed_type": ("image_hint",), "attention_type": ("gated",)}


def _plain(config: Mapping[str, Any]) -> dict[str, JsonValue]:
    """A diffusers configuration as JSON values, without notes of where it was read from."""

    def value(entry: Any) -> JsonValue:
        return [value(part) for part in entry] if isinstance(entry, list | tuple) else entry

    return {key: value(entry) for key, entry in config.items() if not key.startswith("_")}


def _encoder(config: Mapping[str, JsonValue]) -> UNet2DConditionModel:
    """A U-Net of that configuration without its decoder, on the meta device."""
    for key, kinds in _UNSUPPORTED.items():
        if config.get(key) in kinds:
            raise SetupError(f"{key} {config[key]!r}: no personal network for such a U-Net")
    with torch.device("meta"):
        unet: Any = UNet2DConditionModel.from_config(dict(config))
    unet.up_blocks = nn.ModuleList()
    unet.conv_norm_out = unet.conv_out = None
    return unet


def _skip_widths(unet: UNet2DConditionModel) -> Iterator[int]:
    """Channels of the skip connections, in their order."""
    net: Any = unet
    yield int(net.conv_in.out_channels)
    for block in net.down_blocks:
        for resnet in block.resnets:
            yield int(resnet.out_channels)
        if getattr(block, "downsamplers", None):
            yield int(block.resnets[-1].out_channels)


def _zero_conv(inputs: int, outputs: int) -> nn.Conv2d:
    conv = nn.Conv2d(inputs, outputs, kernel_size=1)
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(cast("Tensor", conv.bias))
    return conv


def _bias(mask: Tensor | None, like: Tensor) -> Tensor | None:
    """A mask of kept tokens (B, T) as what attention adds, (B, 1, T)."""
    return None if mask is None else ((1 - mask.to(like.dtype)) * -10000.0).unsqueeze(1)

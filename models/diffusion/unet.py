"""The denoiser and its image adapter: building them, training them together, publishing their keys.

`UNet2DConditionModel` over 16 x 16 latents with cross-attention to the text states; an IP-Adapter
adds, in every cross-attention, a second attention to four tokens of the image embedding. While
training, `RowAttention` does both with a scale for each row; written is the published layout
(`image_proj.*`, `ip_adapter.{1,3,5,...}.to_{k,v}_ip.weight`) that `load_ip_adapter` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from diffusers.models.embeddings import ImageProjection
from torch import Tensor, nn

from vitrine.models.diffusion.autoencoder import LATENT_CHANNELS

IMAGE_TOKENS = 4
_NOISE: dict[str, Any] = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
}


def build_unet(
    *,
    text_dim: int,
    grid: int = 16,
    widths: tuple[int, ...] = (96, 128, 160),
    layers: int = 1,
    heads: int = 2,
) -> UNet2DConditionModel:
    """A fresh denoiser: convolutions on the full grid, attention on the coarser ones."""
    down = ("DownBlock2D", *("CrossAttnDownBlock2D",) * (len(widths) - 1))
    up = (*("CrossAttnUpBlock2D",) * (len(widths) - 1), "UpBlock2D")
    return UNet2DConditionModel(
        sample_size=grid,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=widths,
        layers_per_block=layers,
        down_block_types=down,
        up_block_types=up,
        cross_attention_dim=text_dim,
        attention_head_dim=heads,
        norm_num_groups=16,
    )


def training_noise() -> DDPMScheduler:
    """The forward process: zero terminal signal, v-prediction."""
    return DDPMScheduler(**_NOISE, clip_sample=False)


def sampling_scheduler() -> DPMSolverMultistepScheduler:
    """The sampler that ships: DPM-Solver++ (2M)."""
    return DPMSolverMultistepScheduler(
        **_NOISE, algorithm_type="dpmsolver++", solver_order=2, final_sigmas_type="zero"
    )


@dataclass
class RowScale:
    """The adapter's scale for each row of the batch at hand, (B, 1, 1); shared by all layers."""

    value: Tensor | None = None


def _linear(module: nn.Module | None) -> nn.Module:
    """A projection that this configuration certainly has."""
    assert module is not None
    return module


class RowAttention(nn.Module):
    """Attention processor for training: text, plus scale x image tokens, row by row.

    Plain products and softmax: on the CPU in bfloat16 they train faster than the fused kernel.
    """

    def __init__(self, scale: RowScale, text_dim: int | None, hidden: int) -> None:
        super().__init__()
        self.scale = scale
        if text_dim is not None:
            self.to_k_ip = nn.Linear(text_dim, hidden, bias=False)
            self.to_v_ip = nn.Linear(text_dim, hidden, bias=False)

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: tuple[Tensor, list[Tensor]] | None = None,
        **_: object,
    ) -> Tensor:
        query = attn.head_to_batch_dim(attn.to_q(hidden_states))
        if encoder_hidden_states is None:
            text = hidden_states
            image = None
        else:
            text, (image,) = encoder_hidden_states  # (B, T, d), (B, 1, 4, d)
        out = _attend(attn, query, _linear(attn.to_k)(text), _linear(attn.to_v)(text))
        if image is not None and self.scale.value is not None:
            tokens = image.flatten(1, 2)
            seen = _attend(attn, query, self.to_k_ip(tokens), self.to_v_ip(tokens))
            out = out + self.scale.value.to(seen.dtype) * seen
        return cast(nn.ModuleList, attn.to_out)[0](out)


def _attend(attn: Attention, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    key, value = attn.head_to_batch_dim(key), attn.head_to_batch_dim(value)
    weights = torch.softmax(query @ key.transpose(1, 2) * attn.scale, dim=-1)
    return attn.batch_to_head_dim(weights.to(value.dtype) @ value)


class _Projected(nn.Module):
    """The projection of image embeddings in the shape that the U-Net calls it."""

    def __init__(self, projection: ImageProjection) -> None:
        super().__init__()
        self.projection = projection

    def forward(self, image_embeds: list[Tensor]) -> list[Tensor]:
        return [self.projection(rows).unsqueeze(1) for rows in image_embeds]


class Denoiser(nn.Module):
    """U-Net and adapter under one roof for training."""

    def __init__(self, unet: UNet2DConditionModel, image_dim: int) -> None:
        super().__init__()
        text_dim = cast("int", unet.config["cross_attention_dim"])
        self.unet = unet
        self.row_scale = RowScale()
        processors: dict[str, RowAttention] = {}
        for name in unet.attn_processors:
            crosses = name.endswith("attn2.processor")
            hidden = _module(unet, name.removesuffix(".processor")).to_q.out_features
            processors[name] = RowAttention(self.row_scale, text_dim if crosses else None, hidden)
        unet.set_attn_processor(processors)  # pyright: ignore[reportArgumentType]
        projected = _Projected(
            ImageProjection(
                image_embed_dim=image_dim,
                cross_attention_dim=text_dim,
                num_image_text_embeds=IMAGE_TOKENS,
            )
        )
        unet.encoder_hid_proj = projected  # pyright: ignore
        unet.config.encoder_hid_dim_type = "ip_image_proj"  # pyright: ignore

    def forward(
        self, noisy: Tensor, time: Tensor, text: Tensor, image: Tensor, scale: Tensor | None
    ) -> Tensor:
        """Predicted v, (B, 16, h, w).

        Args:
            text: states (B, T, d). image: raw embeddings (B, d). scale: (B,), None: no adapter.
        """
        self.row_scale.value = None if scale is None else scale[:, None, None]
        return self.unet(
            noisy, time, text, added_cond_kwargs={"image_embeds": [image]}, return_dict=False
        )[0]


def _module(root: nn.Module, name: str) -> Attention:
    return cast("Attention", root.get_submodule(name))


def split_state(
    state: Mapping[str, Tensor], unet: UNet2DConditionModel
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The weights of a `Denoiser` as (U-Net alone, adapter in the published layout).

    Key ids of the adapter go 1, 3, 5, ... in the order of the U-Net's attention processors.
    """
    names = list(unet.attn_processors)
    plain: dict[str, Tensor] = {}
    adapter: dict[str, Tensor] = {}
    for key, value in state.items():
        name = key.removeprefix("unet.")
        if name.startswith("encoder_hid_proj.projection."):
            rest = name.removeprefix("encoder_hid_proj.projection.")
            adapter["image_proj." + rest.replace("image_embeds.", "proj.")] = value
        elif ".processor." in name:
            owner, rest = name.rsplit(".processor.", 1)
            number = names.index(owner + ".processor")
            adapter[f"ip_adapter.{number}.{rest}"] = value
        else:
            plain[name] = value
    return plain, adapter


def join_state(
    plain: Mapping[str, Tensor], adapter: Mapping[str, Tensor], unet: UNet2DConditionModel
) -> dict[str, Tensor]:
    """The reverse of `split_state`: weights by the names of a `Denoiser` around `unet`."""
    names = list(unet.attn_processors)
    state = {"unet." + name: value for name, value in plain.items()}
    for key, value in adapter.items():
        part, rest = key.split(".", 1)
        if part == "image_proj":
            rest = rest.replace("proj.", "image_embeds.")
            state["unet.encoder_hid_proj.projection." + rest] = value
        else:
            number, name = rest.split(".", 1)
            state[f"unet.{names[int(number)].removesuffix('.processor')}.processor.{name}"] = value
    return state

"""U-Nets with an IP-Adapter in the published layout: toy sizes of SD 1.5 and SDXL, and full ones on `meta`."""

from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

SD15: dict[str, Any] = {"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8}
"""`runwayml/stable-diffusion-v1-5/unet/config.json`, as far as it differs from the class's defaults."""

SDXL: dict[str, Any] = {
    "sample_size": 128,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (320, 640, 1280),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
"""`stabilityai/stable-diffusion-xl-base-1.0/unet/config.json`, likewise."""

TOY: dict[str, dict[str, Any]] = {
    "sd15": {
        "sample_size": 8,
        "block_out_channels": (32, 48),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": 24,
        "attention_head_dim": 4,
        "norm_num_groups": 8,
    },
    "sdxl": {
        "sample_size": 8,
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 2),
        "attention_head_dim": (2, 4),
        "cross_attention_dim": 24,
        "norm_num_groups": 8,
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 16 + 6 * 8,
    },
}


def adapter_state(unet: UNet2DConditionModel, dim: int) -> dict[str, dict[str, Tensor]]:
    """Random weights under the published key names, four tokens an embedding."""
    width = unet.config["cross_attention_dim"]
    state: dict[str, dict[str, Tensor]] = {
        "image_proj": {
            "proj.weight": torch.randn(4 * width, dim),
            "proj.bias": torch.randn(4 * width),
            "norm.weight": torch.ones(width),
            "norm.bias": torch.zeros(width),
        },
        "ip_adapter": {},
    }
    for number, name in enumerate(unet.attn_processors):
        if name.endswith("attn2.processor"):
            hidden = unet.get_submodule(name.removesuffix(".processor")).to_q.out_features
            for part in ("k", "v"):
                state["ip_adapter"][f"{number}.to_{part}_ip.weight"] = torch.randn(hidden, width)
    return state


def with_adapter(config: dict[str, Any], dim: int, adapters: int = 1) -> UNet2DConditionModel:
    """A random U-Net with so many adapters, on the device of the context."""
    unet = UNet2DConditionModel(**config).eval()
    unet._load_ip_adapter_weights(
        [adapter_state(unet, dim) for _ in range(adapters)], low_cpu_mem_usage=False
    )
    return unet


def forward(
    unet: UNet2DConditionModel, rows: int, dim: int, *, tokens: int = 5, seed: int = 0
) -> dict[str, Any]:
    """Arguments of a call for `rows` rows; each row depends on its number and the seed alone."""
    width = unet.config["cross_attention_dim"]
    size = unet.config["sample_size"]
    channels = unet.config["in_channels"]

    def draw(part: int, *shape: int) -> Tensor:
        if unet.device.type == "meta":
            return torch.empty(rows, *shape, device="meta")
        made = [
            torch.randn(shape, generator=torch.Generator().manual_seed(seed + 100 * part + row))
            for row in range(rows)
        ]
        return torch.stack(made)

    added: dict[str, Any] = {"image_embeds": [draw(1, 1, dim)]}
    if unet.config["addition_embed_type"] == "text_time":
        pooled = (
            unet.config["projection_class_embeddings_input_dim"]
            - 6 * (unet.config["addition_time_embed_dim"])
        )
        added |= {"text_embeds": draw(2, pooled), "time_ids": draw(3, 6)}
    return {
        "sample": draw(4, channels, size, size),
        "timestep": torch.full((rows,), 500.0, device=unet.device),
        "encoder_hidden_states": draw(5, tokens, width),
        "added_cond_kwargs": added,
    }

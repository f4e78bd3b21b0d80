"""Writes the trained parts as a folder that `StableDiffusionPipeline.from_pretrained` loads."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import load_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from vitrine.models.diffusion.unet import (
    build_unet,
    join_state,
    sampling_scheduler,
    split_state,
)
from vitrine.models.training import save_weights, write_atomically

ADAPTER_FOLDER, ADAPTER_FILE = "models", "ip-adapter.safetensors"
SHARD = "14MB"
"""Largest weight file: files of a repository should stay under 16 MiB."""


def save_pipeline(
    folder: Path,
    state: Mapping[str, Tensor],
    trained: UNet2DConditionModel,
    autoencoder: AutoencoderTiny,
    text: CLIPTextModel,
    tokenizer: CLIPTokenizer,
) -> None:
    """Write the pipeline folder (float16, U-Net sharded) and `models/ip-adapter.safetensors`.

    Args:
        state: weights of the `Denoiser` (its moving average). trained: its U-Net, for the layout.
    """
    plain, adapter = split_state(state, trained)
    unet = build_unet(
        text_dim=trained.config["cross_attention_dim"],
        grid=trained.config["sample_size"],
        widths=tuple(trained.config["block_out_channels"]),
        layers=trained.config["layers_per_block"],
        heads=trained.config["attention_head_dim"],
    )
    unet.load_state_dict(plain)
    pipeline = StableDiffusionPipeline(
        vae=copy.deepcopy(autoencoder).half(),  # pyright: ignore[reportArgumentType]
        text_encoder=copy.deepcopy(text).cpu().half(),
        tokenizer=tokenizer,
        unet=unet.half(),
        scheduler=sampling_scheduler(),  # pyright: ignore[reportArgumentType]
        safety_checker=None,  # pyright: ignore[reportArgumentType]
        feature_extractor=None,  # pyright: ignore[reportArgumentType]
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True, max_shard_size=SHARD)
    for path in folder.glob("*/config.json"):  # where a part was loaded from is nobody's business
        config = json.loads(path.read_text(encoding="utf-8"))
        if config.pop("_name_or_path", None) is not None:
            write_atomically(path, json.dumps(config, indent=2) + "\n")
    save_weights(folder / ADAPTER_FOLDER / ADAPTER_FILE, adapter, torch.float16)


def read_denoiser(folder: Path, layout: UNet2DConditionModel) -> dict[str, Tensor]:
    """Weights of a `Denoiser` from a finished pipeline folder, float32.

    Args:
        layout: the U-Net of the denoiser that will hold them.
    """
    unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet").float()
    adapter = load_file(folder / ADAPTER_FOLDER / ADAPTER_FILE)
    return join_state(
        unet.state_dict(), {name: value.float() for name, value in adapter.items()}, layout
    )


def read_text_encoder(folder: Path) -> tuple[CLIPTextModel, CLIPTokenizer]:
    """Text tower (float32, eval) and tokenizer of a finished pipeline folder."""
    text = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder")
    return text.float().eval(), CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer")

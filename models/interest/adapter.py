"""The IP-Adapter's own weights, taken out of a U-Net so that they can learn along (I-AM-G sec. 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0
from torch import Tensor, nn

from vitrine.models.diffusion.export import ADAPTER_FILE
from vitrine.models.training import save_weights


class AdapterWeights(nn.Module):
    """Projection, W'k and W'v of one loaded adapter: the very parameters that the U-Net uses.

    Args:
        unet: after `load_ip_adapter`. adapter: which one, if several are loaded.
    """

    def __init__(self, unet: UNet2DConditionModel, adapter: int = 0) -> None:
        super().__init__()
        projection = cast("nn.Module", unet.encoder_hid_proj)
        self.image_proj = cast("nn.ModuleList", projection.image_projection_layers)[adapter]
        processors = cast("dict[str, nn.Module]", unet.attn_processors)
        self.layers = nn.ModuleDict(
            {
                str(number): nn.ModuleDict(
                    {"to_k_ip": one.to_k_ip[adapter], "to_v_ip": one.to_v_ip[adapter]}
                )
                for number, one in enumerate(processors.values())
                if isinstance(one, IPAdapterAttnProcessor2_0)
            }
        )
        self.requires_grad_(True)

    def save(self, folder: Path) -> None:
        """Write `ip-adapter.safetensors` (float16), as a pipeline folder has it under `models/`."""
        save_weights(folder / ADAPTER_FILE, _published(self.state_dict()), torch.float16)


def _published(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights by the names of published adapters: `image_proj.*`, `ip_adapter.1.to_k_ip.weight`, ..."""
    return {
        key.replace("image_proj.image_embeds.", "image_proj.proj.")
        if key.startswith("image_proj.")
        else key.replace("layers.", "ip_adapter.", 1): value
        for key, value in state.items()
    }

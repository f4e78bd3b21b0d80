"""The encoders of the full-size backends: published configuration, parameter counts and key names."""

import open_clip
import pytest
import torch
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from vitrine.models.clip.model import build_clip, embedding_dim

BLOCK = {
    f"{part}.{kind}"
    for part in ("ln_1", "attn.out_proj", "ln_2", "mlp.c_fc", "mlp.c_proj")
    for kind in ("weight", "bias")
} | {"attn.in_proj_weight", "attn.in_proj_bias"}


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.fixture(scope="module")
def vit_h() -> open_clip.CLIP:
    config = open_clip.get_model_config("ViT-H-14")
    assert config is not None
    with torch.device("meta"):
        return build_clip({"model_cfg": config})


@pytest.mark.slow
def test_vit_h_has_the_published_counts(vit_h: open_clip.CLIP) -> None:
    assert count(vit_h) == 986_109_441
    assert count(vit_h.visual) == 632_076_800
    text = count(vit_h) - count(vit_h.visual) - 1  # and the temperature
    assert text == 354_032_640
    assert embedding_dim(vit_h) == 1024


@pytest.mark.slow
def test_vit_h_has_the_published_key_names(vit_h: open_clip.CLIP) -> None:
    names = set(vit_h.state_dict())
    expected = {
        "positional_embedding", "text_projection", "logit_scale", "token_embedding.weight",
        "ln_final.weight", "ln_final.bias", "visual.class_embedding", "visual.positional_embedding",
        "visual.proj", "visual.conv1.weight", "visual.ln_pre.weight", "visual.ln_pre.bias",
        "visual.ln_post.weight", "visual.ln_post.bias",
    }  # fmt: skip
    expected |= {f"transformer.resblocks.{n}.{name}" for n in range(24) for name in BLOCK}
    expected |= {f"visual.transformer.resblocks.{n}.{name}" for n in range(32) for name in BLOCK}
    assert names - {"attn_mask"} == expected
    shapes = {name: tuple(value.shape) for name, value in vit_h.state_dict().items()}
    assert shapes["visual.positional_embedding"] == (257, 1280)
    assert shapes["visual.proj"] == (1280, 1024)
    assert shapes["token_embedding.weight"] == (49408, 1024)


@pytest.mark.slow
def test_the_image_encoder_beside_an_ip_adapter_is_the_same_tower() -> None:
    """`models/image_encoder` of the IP-Adapter's folder is transformers' layout of that tower."""
    config = CLIPVisionConfig(
        hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=16,
        image_size=224, patch_size=14, projection_dim=1024, hidden_act="gelu",
    )  # fmt: skip
    with torch.device("meta"):
        tower = CLIPVisionModelWithProjection(config)
    assert count(tower) == 632_076_800

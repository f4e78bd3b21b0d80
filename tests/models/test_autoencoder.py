"""The autoencoder: a standard class that starts as the best linear code."""

from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderTiny

from vitrine.models.dataset import read_drawings, to_tensor
from vitrine.models.diffusion.autoencoder import (
    build_autoencoder,
    decode,
    encode,
    latent_loss,
    picture_loss,
    psnr,
    start_linear,
)
from vitrine.models.diffusion.train_autoencoder import save_autoencoder


@pytest.fixture
def pictures(world: Path) -> torch.Tensor:
    return to_tensor(read_drawings(world).pictures[:24])


def test_the_linear_start_beats_chance_by_far(pictures: torch.Tensor) -> None:
    torch.manual_seed(0)
    model = build_autoencoder(width=32, encoder_blocks=(0, 1, 1, 1), decoder_blocks=(1, 1, 1, 1))
    before = psnr(model, pictures)
    start_linear(model, pictures)
    after = psnr(model, pictures)
    assert after > before + 6
    assert after > 18
    latents = encode(model, pictures)
    assert latents.shape == (24, 16, 4, 4)
    flat = latents.movedim(1, -1).reshape(-1, 16)
    assert torch.allclose(flat.mean(0), torch.zeros(16), atol=0.5)


def test_it_is_an_ordinary_diffusers_folder(pictures: torch.Tensor, tmp_path: Path) -> None:
    model = build_autoencoder(width=32, encoder_blocks=(0, 1, 1, 1), decoder_blocks=(1, 1, 1, 1))
    save_autoencoder(model, tmp_path)
    again = AutoencoderTiny.from_pretrained(tmp_path).float().eval()
    with torch.no_grad():
        ours, theirs = (
            decode(model, encode(model, pictures)),
            decode(again, encode(again, pictures)),
        )
    assert torch.allclose(ours, theirs, atol=2e-2)  # stored as float16
    assert next(model.parameters()).dtype == torch.float32


def test_losses_vanish_where_they_should() -> None:
    rows = torch.randn(2, 3, 16, 16)
    assert float(picture_loss(rows, rows)) == 0
    assert float(picture_loss(rows, rows.flip(0))) > 0.5
    white = torch.randn(64, 16, 8, 8)
    assert float(latent_loss(white)) < 0.01 < float(latent_loss(white * 2 + 1))

"""A tiny drawn world for the tests: squares and discs in three tones, captions, split."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPTextConfig, CLIPTextModel

from vitrine.models.clip.model import CONTEXT, learn_tokenizer
from vitrine.models.diffusion.autoencoder import build_autoencoder
from vitrine.models.diffusion.export import save_pipeline
from vitrine.models.diffusion.unet import Denoiser, build_unet

DIM = 8
"""Of the embeddings that the toy pipeline's adapter takes."""
PROMPTS = ["a rust square", "an ink disc", "moss"]
TONES = {"rust": (200, 60, 30), "moss": (60, 130, 60), "ink": (40, 50, 120)}
FORMS = ("square", "disc")


def draw(form: str, tone: str, size: int, shift: int) -> np.ndarray:
    """A form of a tone on a light ground, (size, size, 3) uint8."""
    picture = np.full((size, size, 3), 235, np.uint8)
    y, x = np.mgrid[:size, :size] - size // 2
    x = x - shift
    radius = size // 4
    inside = (abs(x) < radius) & (abs(y) < radius)
    if form == "disc":
        inside = x * x + y * y < radius * radius
    picture[inside] = TONES[tone]
    return picture


def write_world(folder: Path, *, count: int = 48, size: int = 32) -> Path:
    """A folder of drawings in the layout that `read_drawings` opens."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, pictures = [], []
    for i in range(count):
        form, tone = FORMS[i % 2], list(TONES)[(i // 2) % 3]
        pictures.append(draw(form, tone, size, i % 5 - 2))
        facets = {"form": [form], "tone": [tone]}
        if i % 3 == 0:
            facets["edge"] = ["soft"] if i % 2 else ["hard"]
        rows.append(
            {
                "index": i,
                "split": "heldout" if i % 8 == 7 else "train",
                "facets": facets,
                "captions": [f"a {tone} {form}", f"{form} in {tone}"],
            }
        )
    np.stack(pictures).tofile(folder / "pictures.bin")
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "manifest.jsonl").write_text(text)
    about = {
        "count": count,
        "size": size,
        "seed": 0,
        "manifest_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    (folder / "dataset.json").write_text(json.dumps(about))
    return folder


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The folder of a small drawn world."""
    return write_world(tmp_path / "world")


@pytest.fixture(scope="session")
def toy_sd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Denoiser]:
    """A random pipeline folder and the denoiser that it was saved from (as float16 keeps it)."""
    torch.manual_seed(0)
    tokenizer = learn_tokenizer(PROMPTS * 3)
    last = len(tokenizer) - 1
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, projection_dim=32,
            num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=CONTEXT,
            hidden_act="gelu", bos_token_id=last - 1, eos_token_id=last, pad_token_id=last,
        )
    ).eval()  # fmt: skip
    unet = build_unet(text_dim=32, grid=4, widths=(32, 48), heads=2)
    denoiser = Denoiser(unet, DIM).half().float().eval()
    autoencoder = build_autoencoder(
        width=16, encoder_blocks=(0, 0, 0, 1), decoder_blocks=(1, 0, 0, 1)
    )
    folder = tmp_path_factory.mktemp("weights") / "sd"
    save_pipeline(folder, denoiser.state_dict(), unet, autoencoder, text, tokenizer)
    return folder, denoiser

"""The shipped weights do what their cards say."""

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from diffusers import StableDiffusionPipeline
from torch.nn import functional as F

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import RenderDials, RenderJob
from vitrine.core.prompts import write_prompt
from vitrine.evals.generation.reading import read_figures
from vitrine.models.encoder import ClipEncoder
from vitrine.models.integrity import MANIFEST, Seals
from vitrine.models.judge.model import load_judge
from vitrine.models.renderer import DiffusionRenderer

pytestmark = [
    pytest.mark.weights,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't:DeprecationWarning"),
]

WISHES = [
    {
        "category": "dress",
        "color": "teal",
        "pattern": "dotted",
        "accent": "white",
        "sleeve": "short",
    },
    {"category": "bag", "color": "red", "pattern": "plain"},
    {"category": "boots", "color": "brown", "pattern": "plain"},
    {"category": "hoodie", "color": "navy", "pattern": "striped", "accent": "white"},
    {"category": "skirt", "color": "yellow", "pattern": "plain", "length": "mini"},
    {"category": "trousers", "color": "green", "pattern": "plain"},
    {"category": "t-shirt", "color": "pink", "pattern": "plain", "neckline": "crew"},
    {"category": "jacket", "color": "black", "pattern": "plain"},
]


@pytest.fixture(scope="module")
def pack() -> DomainPack:
    return load_pack(domain_folder("atelier"))


@pytest.fixture(scope="module")
def encoder() -> ClipEncoder:
    return ClipEncoder(weights() / "clip")


def test_files_are_whole_small_and_safe() -> None:
    listed = json.loads((weights() / MANIFEST).read_text())["sha256"]
    sizes = {name: (weights() / name).stat().st_size for name in listed}
    assert sum(sizes.values()) <= 60e6
    assert max(sizes.values()) <= 16 * 2**20
    assert not [name for name in listed if name.endswith((".bin", ".pt", ".ckpt", ".pkl"))]
    seals = Seals(weights())
    for part in ("clip", "sd", "judge"):
        seals.check(weights() / part)
        card = json.loads((weights() / part / "card.json").read_text())
        assert {"command", "seed", "data_sha256", "figures"} <= set(card)


def test_they_load_without_code_of_ours() -> None:
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{weights() / 'clip'}")
    assert model is not None
    stock = StableDiffusionPipeline.from_pretrained(
        weights() / "sd", safety_checker=None, feature_extractor=None, local_files_only=True
    )
    stock.load_ip_adapter(
        str(weights() / "sd"), subfolder="models", weight_name="ip-adapter.safetensors",
        image_encoder_folder=None,
    )  # fmt: skip
    assert isinstance(stock, StableDiffusionPipeline)


def test_the_pipeline_reads_words_with_a_tower_of_the_same_vocabulary(encoder: ClipEncoder) -> None:
    stock = StableDiffusionPipeline.from_pretrained(
        weights() / "sd", safety_checker=None, feature_extractor=None, local_files_only=True
    )
    texts = ["a teal dress", "a red dress", "a red hat"]
    ids = stock.tokenizer(texts, padding="max_length", return_tensors="pt").input_ids
    words = open_clip.get_tokenizer(f"local-dir:{weights() / 'clip'}")(texts)
    assert torch.equal(ids, words)
    with torch.no_grad():
        pooled = F.normalize(stock.text_encoder(ids).pooler_output.float(), dim=-1)
    ours = F.normalize(torch.from_numpy(encoder.encode_text(texts)), dim=-1)
    for rows in (pooled, ours):
        likeness = rows @ rows.T
        assert likeness[0, 1] > likeness[0, 2]  # one word differs, not two
        assert float(likeness[0, 1]) < 0.99


def test_words_become_what_they_say(encoder: ClipEncoder, pack: DomainPack) -> None:
    renderer = DiffusionRenderer(weights() / "sd", encoder.space)
    jobs = [RenderJob(write_prompt(pack, wish), None, 7 + i) for i, wish in enumerate(WISHES)]
    pictures = renderer.render(jobs, RenderDials(steps=12), lambda *_: None, lambda: False)
    figures = read_figures(pictures, WISHES, load_judge(weights() / "judge"), pack)
    assert figures["category"] >= 0.75, figures
    assert figures["pixels_color"] >= 0.75, figures


def test_the_encoder_ranks_the_right_words_first(encoder: ClipEncoder, pack: DomainPack) -> None:
    renderer = DiffusionRenderer(weights() / "sd", encoder.space)
    prompts = [write_prompt(pack, wish) for wish in WISHES]
    jobs = [RenderJob(prompt, None, 70 + i) for i, prompt in enumerate(prompts)]
    pictures = renderer.render(jobs, RenderDials(steps=12), lambda *_: None, lambda: False)
    images, texts = encoder.encode_images(pictures), encoder.encode_text(prompts)
    images /= np.linalg.norm(images, axis=1, keepdims=True)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    assert (np.argmax(images @ texts.T, axis=1) == np.arange(len(prompts))).mean() >= 0.85


def test_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    import shutil

    from vitrine.core.errors import SetupError

    shutil.copytree(weights() / "clip", tmp_path / "clip")
    shutil.copy(weights() / MANIFEST, tmp_path)
    file = tmp_path / "clip" / "open_clip_model.safetensors"
    harmed = bytearray(file.read_bytes())
    harmed[len(harmed) // 2] ^= 0xFF
    file.write_bytes(harmed)
    with pytest.raises(SetupError, match="checksum"):
        ClipEncoder(tmp_path / "clip").encode_text(["x"])

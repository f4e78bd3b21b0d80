"""The small CLIP: tokenizer layout, open_clip folder, and the same text tower in transformers."""

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from torch import nn

from vitrine.core.errors import SetupError
from vitrine.models.clip.model import (
    CONTEXT,
    build_clip,
    clip_config,
    learn_tokenizer,
    load_clip,
    read_config,
    save_clip,
    text_model,
    token_ids,
)
from vitrine.models.encoder import ClipEncoder, fit_square
from vitrine.models.integrity import Seals

TEXTS = ["a rust square", "disc in moss", "an ink disc with hard edges", "a rust square"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random CLIP, saved."""
    torch.manual_seed(0)
    tokenizer = learn_tokenizer(TEXTS * 3)
    config = clip_config(
        vocabulary=len(tokenizer), dim=16, image_size=64, layers=(1, 1, 1, 1), width=8,
        text_width=64, text_layers=2,
    )  # fmt: skip
    clip = build_clip(config)
    for module in clip.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)  # the architecture starts its residual branches at zero
    place = tmp_path_factory.mktemp("weights") / "clip"
    save_clip(place, config, clip.state_dict(), tokenizer)
    return place


def test_known_words_are_one_token_and_any_text_has_tokens(folder: Path) -> None:
    _, tokenizer = load_clip(folder)
    assert tokenizer.tokenize("a rust square") == ["a</w>", "rust</w>", "square</w>"]
    ids = token_ids(tokenizer, ["", "Rust SQUARE", "zürich 漢字 😀", "disc " * 100])
    assert ids.shape == (4, CONTEXT)
    assert int(ids.max()) == len(tokenizer) - 1 == tokenizer.eos_token_id
    assert int(ids[0, 1]) == tokenizer.eos_token_id  # empty text: start, end
    assert torch.equal(ids[1], token_ids(tokenizer, ["rust square"])[0])


def test_open_clip_loads_the_folder_by_itself(folder: Path) -> None:
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    ours, tokenizer = load_clip(folder)
    words = open_clip.get_tokenizer(f"local-dir:{folder}")(TEXTS)
    assert torch.equal(words.argmax(1), token_ids(tokenizer, TEXTS).argmax(1))
    model.eval()
    with torch.no_grad():
        assert torch.equal(
            model.encode_text(token_ids(tokenizer, TEXTS)),
            ours.encode_text(token_ids(tokenizer, TEXTS)),
        )
        assert torch.allclose(
            model.encode_text(words), ours.encode_text(token_ids(tokenizer, TEXTS)), atol=1e-6
        )
    assert preprocess is not None


def test_the_transformers_tower_gives_the_same_states(folder: Path) -> None:
    clip, tokenizer = load_clip(folder)
    import json

    config = json.loads((folder / "open_clip_config.json").read_text())
    tower = text_model(config, clip.state_dict())
    ids = token_ids(tokenizer, TEXTS)
    with torch.no_grad():
        states = tower(input_ids=ids)
        pooled = states.last_hidden_state[torch.arange(len(ids)), ids.argmax(1)]
        assert torch.allclose(pooled @ clip.text_projection, clip.encode_text(ids), atol=1e-5)
        assert torch.allclose(states.pooler_output, pooled, atol=1e-6)


def test_the_encoder_is_the_port(folder: Path) -> None:
    encoder = ClipEncoder(folder, Seals(folder.parent))
    assert encoder.dim == 16
    assert encoder.space.startswith("clip-embedded-")
    rng = np.random.default_rng(0)
    pictures = [
        rng.integers(0, 256, (h, w, 3), np.uint8) for h, w in ((64, 64), (90, 130), (20, 7))
    ]
    rows = encoder.encode_images(pictures)
    assert rows.shape == (3, 16)
    assert rows.dtype == np.float32
    assert np.allclose(rows[1], encoder.encode_images(pictures[1:2])[0], atol=1e-4)
    texts = encoder.encode_text(TEXTS)
    assert texts.shape == (4, 16)
    assert np.allclose(texts[0], texts[3], atol=1e-5)
    assert encoder.encode_text([]).shape == (0, 16)
    assert encoder.encode_images([]).shape == (0, 16)


def test_pictures_are_cut_square_before_scaling() -> None:
    picture = np.zeros((40, 100, 3), np.uint8)
    picture[:, 30:70] = 255
    assert fit_square(picture, 16).min() > 250


def test_the_space_is_that_of_the_picture_tower(folder: Path, tmp_path: Path) -> None:
    clip, tokenizer = load_clip(folder)
    before = ClipEncoder(folder, Seals(folder.parent)).space
    for part, same in (("token_embedding.weight", True), ("visual.conv1.weight", False)):
        state = {name: value.clone() for name, value in clip.state_dict().items()}
        state[part] += 0.5
        save_clip(tmp_path / part, read_config(folder), state, tokenizer)
        space = ClipEncoder(tmp_path / part, Seals(tmp_path)).space
        assert (space == before) == same


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="weights missing"):
        _ = ClipEncoder(tmp_path, Seals(tmp_path)).space

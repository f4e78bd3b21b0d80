"""Likeness of pairs, and public networks out of local folders (random weights, published keys)."""

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
import torchvision
from safetensors.torch import save_file
from scipy.ndimage import gaussian_filter
from torch.nn import functional as F
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from vitrine.core.errors import SetupError
from vitrine.models.judge.model import Judge
from vitrine.models.quality.likeness import (
    ALEXNET,
    Lpips,
    judge_layers,
    perceptual_distance,
    structural_similarity,
)
from vitrine.models.quality.published import (
    INCEPTION,
    AestheticPredictor,
    Inception,
    PublishedClip,
)


def noise(seed: int, size: int = 48) -> np.ndarray:
    rng = np.random.default_rng(seed)
    smooth = gaussian_filter(rng.standard_normal((size, size, 3)), (2, 2, 0))
    return np.clip(128 + 300 * smooth, 0, 255).astype(np.uint8)


# --- SSIM -----------------------------------------------------------------------------------------


def direct_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Wang et al. 2004, eq. 13, with scipy's Gaussian window and mirrored borders."""
    values = []
    for x, y in zip(np.moveaxis(a / 255.0, 2, 0), np.moveaxis(b / 255.0, 2, 0), strict=True):

        def blur(z: np.ndarray) -> np.ndarray:
            return gaussian_filter(z, 1.5, truncate=5 / 1.5, mode="mirror")

        mx, my = blur(x), blur(y)
        vx, vy, c = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
        c1, c2 = 0.01**2, 0.03**2
        whole = (2 * mx * my + c1) * (2 * c + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
        values.append(whole.mean())
    return float(np.mean(values))


def test_ssim_agrees_with_the_paper_and_knows_equals() -> None:
    a, b = noise(0), noise(1)
    half = ((a.astype(float) + b) / 2).astype(np.uint8)
    found = structural_similarity([a, a, a], [a, half, b])
    assert found[0] == pytest.approx(1.0, abs=1e-6)
    assert found[1] == pytest.approx(direct_ssim(a, half), abs=2e-3)
    assert found[2] == pytest.approx(direct_ssim(a, b), abs=2e-3)
    assert found[0] > found[1] > found[2]


def test_ssim_of_flat_pictures_is_its_luminance_term() -> None:
    a, b = np.full((32, 32, 3), 51, np.uint8), np.full((32, 32, 3), 102, np.uint8)
    expected = (2 * 0.2 * 0.4 + 1e-4) / (0.2**2 + 0.4**2 + 1e-4)
    assert structural_similarity([a], [b])[0] == pytest.approx(expected, abs=1e-4)


def test_pairs_have_one_size_and_one_number() -> None:
    with pytest.raises(ValueError, match="one size"):
        structural_similarity([noise(0)], [noise(0, 32)])
    with pytest.raises(ValueError, match="argument"):
        structural_similarity([noise(0)], [])
    assert structural_similarity([], []).shape == (0,)


# --- LPIPS ----------------------------------------------------------------------------------------


def test_distance_without_heads_is_twice_the_cosine_distance() -> None:
    def flat(pictures: torch.Tensor) -> list[torch.Tensor]:
        return [pictures + 2]

    a, b = noise(2, 8), noise(3, 8)
    x, y = a / 127.5 + 1.0, b / 127.5 + 1.0
    cosine = (x * y).sum(2) / np.linalg.norm(x, axis=2) / np.linalg.norm(y, axis=2)
    found = perceptual_distance([a, a], [a, b], flat)
    assert found == pytest.approx([0.0, 2 * (1 - cosine).mean()], abs=1e-5)
    heads = [torch.tensor([0.0, 0.0, 0.0])]
    assert perceptual_distance([a], [b], flat, heads) == pytest.approx([0.0])


def test_judge_layers_are_all_of_its_trunk() -> None:
    judge = Judge({"tone": ("rust", "moss")}, size=32, widths=(4, 8)).eval()
    shapes = [tuple(x.shape[1:]) for x in judge_layers(judge)(torch.zeros(1, 3, 48, 48))]
    assert shapes == [(4, 16, 16), (8, 8, 8), (8, 8, 8)]
    a, b = noise(0), noise(1)
    found = perceptual_distance([a, a], [a, b], judge_layers(judge))
    assert found[0] == 0 and 0 < found[1] < 2


@pytest.fixture(scope="module")
def alexnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alexnet")
    torch.manual_seed(0)
    net = torchvision.models.alexnet(weights=None)
    kept = {k: v for k, v in net.state_dict().items() if k.startswith("features.")}
    save_file(kept, folder / ALEXNET)
    return folder


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_lpips_is_the_library_on_the_given_alexnet(alexnet: Path) -> None:
    lpips = Lpips(alexnet)
    torch.manual_seed(0)
    net = torchvision.models.alexnet(weights=None).eval()
    shift = torch.tensor([-0.030, -0.088, -0.188])[:, None, None]
    scale = torch.tensor([0.458, 0.448, 0.450])[:, None, None]

    def layers(pictures: torch.Tensor) -> list[torch.Tensor]:
        x, found = (pictures - shift) / scale, []
        for place, layer in enumerate(net.features):
            x = layer(x)
            if place in (1, 4, 7, 9, 11):
                found.append(x)
        return found

    heads = [head.model[-1].weight.reshape(-1) for head in lpips._net.lins]
    assert all(bool((head >= 0).all()) for head in heads)
    pairs = ([noise(0, 64)] * 2, [noise(0, 64), noise(1, 64)])
    ours = perceptual_distance(*pairs, layers, heads)
    assert lpips(*pairs) == pytest.approx(ours, rel=1e-4, abs=1e-7)
    assert ours[0] == 0 and ours[1] > 0


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_another_network_is_no_alexnet(tmp_path: Path) -> None:
    save_file({"features.0.weight": torch.zeros(1)}, tmp_path / ALEXNET)
    with pytest.raises(SetupError, match="no AlexNet"):
        Lpips(tmp_path)
    with pytest.raises(SetupError, match="missing"):
        Lpips(tmp_path / "nowhere")


# --- the aesthetic head ---------------------------------------------------------------------------


def write_predictor(folder: Path) -> CLIPVisionModelWithProjection:
    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        image_size=32, patch_size=16, projection_dim=8,
    )  # fmt: skip
    tower = CLIPVisionModelWithProjection(config).eval()
    head = {"predictor.weight": torch.randn(1, 8), "predictor.bias": torch.tensor([5.0])}
    state = {name: value.contiguous() for name, value in tower.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state | head, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    return tower


def test_the_published_head_sees_unit_embeddings(tmp_path: Path) -> None:
    tower = write_predictor(tmp_path)
    picture = noise(0, 32)
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])
    rows = ((torch.from_numpy(picture) / 255 - mean) / deviation).permute(2, 0, 1)[None].float()
    torch.manual_seed(0)
    with torch.no_grad():
        embeds = F.normalize(tower(pixel_values=rows).image_embeds, dim=1)
    from safetensors.torch import load_file

    head = load_file(tmp_path / "model.safetensors")
    expected = float(embeds @ head["predictor.weight"][0] + 5.0)
    predict = AestheticPredictor(tmp_path)
    assert predict([picture]) == pytest.approx([expected], abs=1e-4)
    assert predict([noise(1, 64)[:, :48], picture]).shape == (2,)


def test_a_folder_without_the_head_is_told(tmp_path: Path) -> None:
    tower = write_predictor(tmp_path)
    state = {name: value.contiguous() for name, value in tower.state_dict().items()}
    save_file(state, tmp_path / "model.safetensors")
    with pytest.raises(SetupError, match=r"predictor\.weight"):
        AestheticPredictor(tmp_path)


# --- a published CLIP -----------------------------------------------------------------------------


def test_a_folder_of_open_clip_is_an_encoder_of_its_own(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model_cfg = {
        "embed_dim": 8,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 16,
            "heads": 2,
            "layers": 1,
        },
    }
    model = open_clip.CLIP(**model_cfg).eval()
    save_file({k: v.contiguous() for k, v in model.state_dict().items()},
              tmp_path / "open_clip_model.safetensors")  # fmt: skip
    cfg = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}
    text = json.dumps({"model_cfg": model_cfg, "preprocess_cfg": cfg})
    (tmp_path / "open_clip_config.json").write_text(text)
    clip = PublishedClip(tmp_path, "toy")
    picture = noise(0, 32)
    mean, deviation = torch.tensor(cfg["mean"]), torch.tensor(cfg["std"])
    rows = ((torch.from_numpy(picture) / 255 - mean) / deviation).permute(2, 0, 1)[None]
    with torch.no_grad():
        images = model.encode_image(rows.float()).numpy()
        texts = model.encode_text(open_clip.tokenize(["a red fox"])).numpy()
    assert clip.encode_images([picture]) == pytest.approx(images, abs=1e-5)
    assert clip.encode_text(["a red fox"]) == pytest.approx(texts, abs=1e-5)
    assert clip.encode_images([noise(1, 64)[:, :40]]).shape == (1, 8)
    with pytest.raises(SetupError, match="no CLIP"):
        PublishedClip(tmp_path / "nowhere", "toy")


# --- Inception ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_inception_of_fid_loads_by_its_published_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch_fidelity import feature_extractor_inceptionv3 as library

    with monkeypatch.context() as patch:
        patch.setattr(library, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(library.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        net = library.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
    state = {name: value.contiguous() for name, value in net.state_dict().items()}
    assert state["fc.weight"].shape == (1008, 2048)
    save_file(state, tmp_path / INCEPTION)
    features = Inception(tmp_path).features([noise(0), noise(1)])
    rows = torch.from_numpy(np.stack([noise(0), noise(1)])).permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = net.eval()(rows)[0].numpy()
    assert features.shape == (2, 2048)
    assert features == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_a_file_that_is_no_inception_is_refused(tmp_path: Path) -> None:
    save_file({"fc.weight": torch.zeros(1)}, tmp_path / INCEPTION)
    with pytest.raises(SetupError, match="no"):
        Inception(tmp_path)

"""Public networks that pictures are usually measured with, from local folders.

Nothing is fetched, and no pickled checkpoint is opened: a published `.pth` is written once as
safetensors under the same key names (docs/evaluation.md says how).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from vitrine.core.errors import SetupError
from vitrine.core.ports import Floats, Pixels
from vitrine.models.encoder import fit_square

INCEPTION = "inception.safetensors"
"""The Inception of FID by torch-fidelity's key names (`weights-inception-2015-12-05`)."""
HEAD = "predictor"
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
BATCH = 16


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Tensors of a safetensors file.

    Raises:
        SetupError: it is missing or damaged.
    """
    try:
        return load_file(path)
    except FileNotFoundError:
        raise SetupError(f"weights missing: {str(path)!r}") from None
    except (SafetensorError, OSError) as error:
        raise SetupError(f"{str(path)!r} is damaged: {error}") from error


class Inception:
    """Pool features (n, 2048) of the network that FID and KID are published with."""

    name = "inception"

    def __init__(self, folder: Path) -> None:
        """Load torch-fidelity's Inception.

        Args:
            folder: holds `inception.safetensors`.

        Raises:
            SetupError: the file is missing or another network, or torch-fidelity is not installed.
        """
        try:
            from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
        except ImportError as error:
            raise SetupError(
                "torch-fidelity is not installed: pip install 'vitrine[metrics]'"
            ) from error
        state = read_weights(folder / INCEPTION)
        # The library unpickles what it is given: it is given bytes that were made here.
        packed = io.BytesIO()
        torch.save(dict(state), packed)
        packed.seek(0)
        try:
            self._net: nn.Module = FeatureExtractorInceptionV3(
                "inception-v3-compat", ["2048"], feature_extractor_weights_path=packed
            ).eval()
        except RuntimeError as error:
            raise SetupError(
                f"{str(folder / INCEPTION)!r} is not the Inception of FID: {error}"
            ) from error

    def features(self, pictures: Sequence[Pixels]) -> Floats:
        """Pool features, (n, 2048). The network resizes to 299 itself, as FID requires."""
        found = [np.zeros((0, 2048), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(pictures), BATCH):
                rows = np.stack(pictures[start : start + BATCH])  # (n, s, s, 3) uint8
                (pooled,) = self._net(torch.from_numpy(rows).permute(0, 3, 1, 2).contiguous())
                found.append(pooled.float().numpy())
        return np.concatenate(found)


class PublishedClip:
    """A CLIP out of a local folder in open_clip's layout, with its own preprocessing and tokenizer.

    `open_clip_config.json` beside `open_clip_model.safetensors`, as the hub has them.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Load it.

        Args:
            folder: the folder.
            name: what figures of it are called by, such as `vit-l-14-336`.

        Raises:
            SetupError: a file is missing or does not fit.
        """
        self.name = name
        place = f"local-dir:{folder}"
        try:
            config = json.loads((folder / "open_clip_config.json").read_text(encoding="utf-8"))
            read_weights(folder / "open_clip_model.safetensors")
            model, _, preprocess = open_clip.create_model_and_transforms(place)
            self._tokenize = open_clip.get_tokenizer(place)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise SetupError(f"no CLIP of open_clip in {str(folder)!r}: {error}") from error
        self._model = cast("open_clip.CLIP", model.float().eval())
        self._preprocess = cast("Callable[[Image.Image], Tensor]", preprocess)
        self.dim = int(config["model_cfg"]["embed_dim"])

    def encode_images(self, images: Sequence[Pixels]) -> Floats:
        """Raw image embeddings, (n, d)."""
        found = [np.zeros((0, self.dim), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(images), BATCH):
                part = [Image.fromarray(picture) for picture in images[start : start + BATCH]]
                rows = torch.stack([self._preprocess(picture) for picture in part])
                found.append(self._model.encode_image(rows).float().numpy())
        return np.concatenate(found)

    def encode_text(self, texts: Sequence[str]) -> Floats:
        """Raw text embeddings, (n, d)."""
        found = [np.zeros((0, self.dim), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(texts), BATCH):
                tokens = self._tokenize(list(texts[start : start + BATCH]))
                found.append(self._model.encode_text(tokens).float().numpy())
        return np.concatenate(found)


class AestheticPredictor:
    """LAION's aesthetic predictor, version 1: a linear head on CLIP ViT-L/14; about 1 to 10.

    Folder as published on the hub (`aesthetics-predictor-v1-vit-large-patch14`): `config.json` and
    `model.safetensors` of a transformers CLIP picture tower with `predictor.weight` (1, p) and
    `predictor.bias` (1,) beside it. The head sees the projected embedding at unit length.
    """

    def __init__(self, folder: Path) -> None:
        """Load tower and head.

        Raises:
            SetupError: a file is missing, or the head is not there.
        """
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

        state = dict(read_weights(folder / "model.safetensors"))
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SetupError(f"{str(folder / 'config.json')!r} cannot be read: {error}") from error
        weight, bias = state.pop(f"{HEAD}.weight", None), state.pop(f"{HEAD}.bias", None)
        if weight is None or bias is None:
            raise SetupError(
                f"{str(folder)!r} has no {HEAD}.weight and {HEAD}.bias: expected the published"
                " linear head beside its picture tower"
            )
        self._tower = CLIPVisionModelWithProjection(CLIPVisionConfig(**config)).eval()
        state.pop("vision_model.embeddings.position_ids", None)
        lost = self._tower.load_state_dict(state, strict=False)
        missing = [name for name in lost.missing_keys if not name.endswith("position_ids")]
        if missing or lost.unexpected_keys:
            first = [*missing, *lost.unexpected_keys][0]
            raise SetupError(f"{str(folder)!r} does not fit its config.json: {first!r}")
        self._weight, self._bias = weight.float(), bias.float()
        self._side = int(config["image_size"])

    def __call__(self, pictures: Sequence[Pixels]) -> Floats:
        """The score of each picture, (n,)."""
        found = [np.zeros(0, np.float32)]
        mean, deviation = torch.tensor(CLIP_MEAN), torch.tensor(CLIP_DEVIATION)
        with torch.inference_mode():
            for start in range(0, len(pictures), BATCH):
                part = [_fitted(picture, self._side) for picture in pictures[start : start + BATCH]]
                rows = torch.from_numpy(np.stack(part)).float() / 255
                rows = ((rows - mean) / deviation).permute(0, 3, 1, 2)
                embeds = nn.functional.normalize(self._tower(pixel_values=rows).image_embeds, dim=1)
                found.append((embeds @ self._weight.T + self._bias)[:, 0].numpy())
        return np.concatenate(found)


def _fitted(picture: Pixels, side: int) -> Pixels:
    """The middle square at `side` pixels, bicubic, as CLIP's own preprocessing."""
    square = fit_square(picture, min(picture.shape[:2]))
    if square.shape[0] == side:
        return square
    return np.asarray(Image.fromarray(square).resize((side, side), Image.Resampling.BICUBIC))

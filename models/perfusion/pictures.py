"""Pictures beside a folder of people and groups, and the latents that a renderer makes of them.

`pictures.safetensors` holds `items` (n,), rows of the folder's embeddings, and `pictures`
(n, s, s, 3) uint8. A group's things without a picture, here or among the drawings, are not trained on.
`prompts.jsonl`, which may be missing, has the words that each of them was drawn from, a line a picture:
`{"item": row, "prompt": words}`.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file as load_arrays
from safetensors.torch import load_file
from torch import Tensor, nn

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.models.dataset import to_tensor
from vitrine.models.training import save_weights

log = logging.getLogger(__name__)

PICTURES_FILE = "pictures.safetensors"
PROMPTS_FILE = "prompts.jsonl"


class _Prompt(Frozen):
    item: int = Field(ge=0)
    prompt: str = Field(min_length=1)


@dataclass(frozen=True)
class Latents:
    """Latents (n, c, h, w) float16, and the row of each item, -1 where it has none, (items,)."""

    latents: Tensor
    row_of: NDArray[np.int64]
    sha256: str

    def and_of(self, others: Latents) -> Latents:
        """With those of further pictures, for items that have none here."""
        further = np.where(others.row_of >= 0, others.row_of + len(self.latents), -1)
        row_of = np.where(self.row_of >= 0, self.row_of, further)
        latents = torch.cat([self.latents, others.latents.to(self.latents)])
        return Latents(latents, row_of, f"{self.sha256} {others.sha256}")


def write_pictures(folder: Path, items: NDArray[np.int64], pictures: NDArray[np.uint8]) -> None:
    """Put pictures (n, s, s, 3) beside a folder of people and groups; `items`: their rows (n,)."""
    tensors = {"items": torch.from_numpy(items), "pictures": torch.from_numpy(pictures)}
    save_weights(folder / PICTURES_FILE, tensors, None)


def write_prompts(folder: Path, items: NDArray[np.int64], prompts: Sequence[str]) -> None:
    """Put the words that pictures were drawn from beside them; `items`: their rows (n,)."""
    lines = [
        json.dumps({"item": item, "prompt": prompt}, ensure_ascii=False, separators=(",", ":"))
        + "\n"
        for item, prompt in zip(items.tolist(), prompts, strict=True)
    ]
    (folder / PROMPTS_FILE).write_text("".join(lines), encoding="utf-8")


def read_prompts(folder: Path) -> Mapping[int, str] | None:
    """The words that pictures were drawn from, by row; None where the folder does not say.

    Raises:
        RequestError: a line is damaged.
    """
    path = folder / PROMPTS_FILE
    if not path.exists():
        return None
    found: dict[int, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = _Prompt.model_validate_json(line)
        except ValidationError as error:
            raise RequestError(
                f'{str(path)!r}, line {number}: expected {{"item": row, "prompt": words}}, found {line[:80]!r}'
            ) from error
        found[row.item] = row.prompt
    return found


def read_latents(folder: Path, items: int, autoencoder: nn.Module, cache: Path) -> Latents:
    """Latents of the pictures of a folder; encoded once, kept in `cache`.

    Args:
        items: how many items the folder has. autoencoder: of the renderer, frozen.

    Raises:
        RequestError: the folder has no pictures, or they do not fit it.
    """
    path = folder / PICTURES_FILE
    try:
        arrays = load_arrays(path)
        rows, pictures = arrays["items"].astype(np.int64), arrays["pictures"]
    except (FileNotFoundError, SafetensorError, KeyError) as error:
        raise RequestError(
            f"{str(path)!r} is missing or damaged: the personal network learns from pictures that"
            " were shown (`vitrine train picks`, or --from-log)"
        ) from error
    if len(rows) != len(pictures) or (len(rows) and not 0 <= rows.min() <= rows.max() < items):
        raise RequestError(f"{str(path)!r} does not fit the embeddings beside it")
    digest = hashlib.sha256(rows.tobytes())
    for picture in pictures:
        digest.update(picture.tobytes())
    for value in autoencoder.state_dict().values():
        digest.update(value.cpu().numpy().tobytes())
    row_of = np.full(items, -1, np.int64)
    row_of[rows] = np.arange(len(rows))
    made_of = digest.hexdigest()
    if cache.exists():
        with safe_open(cache, framework="np") as file:
            known = file.keys()
        if made_of in known:
            return Latents(load_file(cache)[made_of], row_of, made_of)
    log.info("perfusion: encoding %d pictures", len(rows))
    latents = torch.cat(
        [encode(autoencoder, pictures[start : start + 64]) for start in range(0, len(rows), 64)]
    )
    save_weights(cache, {made_of: latents}, None)
    return Latents(latents, row_of, made_of)


@torch.no_grad()
def encode(autoencoder: Any, pictures: NDArray[np.uint8]) -> Tensor:
    """Scaled latents of pictures (n, s, s, 3), float16; the mean where the code is a distribution."""
    first = next(autoencoder.parameters())
    coded = autoencoder.encode(to_tensor(pictures).to(first))
    found = coded.latents if hasattr(coded, "latents") else coded.latent_dist.mean
    return (found * autoencoder.config["scaling_factor"]).half().cpu()

"""Embeds a folder of drawings: `vitrine train embed --data F --out F`.

Ratings and groups name drawings by their row; the taste models train on the rows' embeddings.
"""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from open_clip.model import CLIP
from safetensors.numpy import save_file
from torch import Tensor

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import Floats
from vitrine.core.settings import Settings
from vitrine.models.clip.model import load_clip, token_ids
from vitrine.models.dataset import Drawings, compose, read_drawings
from vitrine.models.encoder import ClipEncoder
from vitrine.models.reward.scorer import Tokenize
from vitrine.models.training import choose_device

log = logging.getLogger(__name__)

CAPTIONS = 3
"""Free captions of each drawing that are embedded."""
KEPT = (0.0, 0.3, 0.6)
"""Shares of facets in the prompts that are embedded beside the captions."""
TEXTS = CAPTIONS + len(KEPT)


def open_clip_of(folder: Path | None) -> tuple[CLIP, Tokenize, str]:
    """The CLIP of a folder (None: the shipped one), its tokenizer and the name of its space.

    Raises:
        SetupError: the folder is missing or damaged.
    """
    folder = weights() / "clip" if folder is None else folder
    space = ClipEncoder(folder).space
    model, tokenizer = load_clip(folder)

    def tokenize(texts: Sequence[str]) -> Tensor:
        return token_ids(tokenizer, texts)

    return model, tokenize, space


def texts_of(drawings: Drawings, row: int, pack: DomainPack) -> list[str]:
    """`TEXTS` texts that are true of a drawing: captions, and prompts as the designer writes them."""
    rng = random.Random(row)
    captions = drawings.captions[row]
    texts = [captions[place % len(captions)] for place in range(CAPTIONS)]
    return texts + [compose(drawings.values(row), pack, rng, keep=share).text for share in KEPT]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train embed`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--out", type=Path, required=True, help="folder of embeddings.safetensors")
    parser.add_argument(
        "--clip", type=Path, default=None, help="folder of the CLIP (the shipped one)"
    )
    parser.add_argument("--domain", default=Settings().domain, help="pack that words the prompts")
    parser.add_argument("--limit", type=int, default=None, help="embed the first so many drawings")
    parser.add_argument("--threads", type=int, default=None, help="torch threads on the CPU")


def run(args: argparse.Namespace) -> None:
    """Embed pictures and captions of `--data`.

    Raises:
        RequestError: a drawing has no caption, or the folder is none of drawings.
    """
    choose_device("cpu", args.threads)
    drawings = read_drawings(args.data)
    pack = load_pack(domain_folder(args.domain))
    encoder = ClipEncoder(weights() / "clip" if args.clip is None else args.clip)
    count = (
        len(drawings.captions) if args.limit is None else min(args.limit, len(drawings.captions))
    )
    bare = next((row for row in range(count) if not drawings.captions[row]), None)
    if bare is not None:
        raise RequestError(f"{str(args.data)!r}: drawing {bare} has no caption")
    images: list[Floats] = []
    captions: list[Floats] = []
    with torch.inference_mode():
        for start in range(0, count, 64):
            rows = range(start, min(start + 64, count))
            images.append(
                encoder.encode_images([np.asarray(drawings.pictures[row]) for row in rows])
            )
            texts = [text for row in rows for text in texts_of(drawings, row, pack)]
            captions.append(encoder.encode_text(texts).reshape(len(rows), TEXTS, -1))
            if start % 640 == 0:
                log.info("embedded %d of %d", start, count)
    heldout = np.zeros(len(drawings.captions), np.uint8)
    heldout[drawings.heldout] = 1
    args.out.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            "images": np.concatenate(images),
            "captions": np.concatenate(captions),
            "heldout": heldout[:count],
        },
        args.out / "embeddings.safetensors",
        metadata={"space": encoder.space, "drawings_sha256": drawings.sha256},
    )
    log.info("embedded %d drawings in %s", count, encoder.space)

"""Figures of a CLIP on held-out drawings: retrieval by text, zero-shot reading of every facet."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.model import CLIP
from torch.nn import functional as F
from transformers import CLIPTokenizer

from vitrine.core.domain import DomainPack
from vitrine.core.prompts import write_prompt
from vitrine.models.clip.model import token_ids
from vitrine.models.dataset import ABSENT, Drawings, compose, to_tensor

Floats = NDArray[np.float32]


@torch.no_grad()
def embed_pictures(model: CLIP, pictures: NDArray[np.uint8], batch: int = 64) -> Floats:
    """Raw image embeddings (n, d) of pictures (n, s, s, 3) that have the model's size."""
    parts = [
        model.encode_image(to_tensor(pictures[start : start + batch]))
        for start in range(0, len(pictures), batch)
    ]
    return torch.cat(parts).float().numpy()


@torch.no_grad()
def embed_texts(model: CLIP, tokenizer: CLIPTokenizer, texts: Sequence[str]) -> Floats:
    """Raw text embeddings (n, d)."""
    parts = [
        model.encode_text(token_ids(tokenizer, texts[start : start + 256]))
        for start in range(0, len(texts), 256)
    ]
    return torch.cat(parts).float().numpy()


def unit(rows: Floats) -> Floats:
    """Rows of length 1."""
    return F.normalize(torch.from_numpy(rows), dim=-1).numpy()


def evaluate_clip(
    model: CLIP,
    tokenizer: CLIPTokenizer,
    data: Drawings,
    pack: DomainPack | None,
    *,
    limit: int = 2000,
    coarse: Sequence[str] = ("fit", "material"),
    seed: int = 0,
) -> dict[str, float]:
    """Figures on held-out pictures (at most `limit`).

    recall@k: full captions against all held-out pictures; a picture with equal facets is a hit.
    `recall` leaves the `coarse` facets out of that comparison, `recall_all` counts them;
    `recall_shuffled` has the words of the caption shuffled. zero_<facet>: the value whose prompt is
    nearest, over pictures that have the facet.
    """
    rows = data.heldout[:limit]
    names = list(data.vocabulary)
    codes = data.codes[rows]
    images = unit(embed_pictures(model, data.pictures[rows]))
    rng = random.Random(seed)
    said = [compose(data.values(int(row)), None, rng, keep=1.0).text for row in rows]
    if pack is not None:
        said = [write_prompt(pack, data.values(int(row))) for row in rows]
    captions = [rng.choice(data.captions[row]) if data.captions[row] else "" for row in rows]
    shuffled = [" ".join(rng.sample(text.split(), len(text.split()))) for text in said]
    fine = [f for f, name in enumerate(names) if name not in coarse]
    figures: dict[str, float] = {"n": float(len(rows))}
    for label, texts in (("", said), ("_shuffled", shuffled)):
        order = np.argsort(-(unit(embed_texts(model, tokenizer, texts)) @ images.T), axis=1)[:, :5]
        same = (codes[order][:, :, fine] == codes[:, None, fine]).all(-1)  # (n, 5)
        figures[f"recall@1{label}"] = float(same[:, 0].mean())
        figures[f"recall@5{label}"] = float(same.any(1).mean())
        if not label:
            alike = (codes[order] == codes[:, None]).all(-1)
            figures["recall_all@1"] = float(alike[:, 0].mean())
            figures["recall_all@5"] = float(alike.any(1).mean())
    order = np.argsort(-(unit(embed_texts(model, tokenizer, captions)) @ images.T), axis=1)[:, :5]
    figures["caption_own@5"] = float((order == np.arange(len(rows))[:, None]).any(1).mean())
    for f, (facet, values) in enumerate(data.vocabulary.items()):
        has = np.flatnonzero(codes[:, f] != ABSENT)
        owner = pack.facet(facet) if pack is not None else None
        if pack is not None and owner is not None and owner.of is not None:
            has = has[:300]
            guess = _beside(model, tokenizer, data, pack, facet, rows[has], images[has])
        else:
            texts = [
                value if pack is None else write_prompt(pack, {facet: value}) for value in values
            ]
            guess = np.argmax(images[has] @ unit(embed_texts(model, tokenizer, texts)).T, axis=1)
        figures[f"zero_{facet}"] = float((guess == codes[has, f]).mean()) if len(has) else 0.0
    return {name: round(value, 4) for name, value in figures.items()}


def _beside(
    model: CLIP,
    tokenizer: CLIPTokenizer,
    data: Drawings,
    pack: DomainPack,
    facet: str,
    rows: NDArray[np.int64],
    images: Floats,
) -> NDArray[np.int64]:
    """Reads a facet that describes another one: which value fits best, all others being said."""
    values = data.vocabulary[facet]
    texts = [
        write_prompt(pack, {**data.values(int(row)), facet: value})
        for row in rows
        for value in values
    ]
    embedded = unit(embed_texts(model, tokenizer, texts)).reshape(len(rows), len(values), -1)
    return np.argmax(np.einsum("nvd,nd->nv", embedded, images), axis=1)

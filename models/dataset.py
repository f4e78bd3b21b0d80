"""Reads a folder of drawings: pictures, what they show, captions, split. Knows no domain.

The folder holds `pictures.bin` (raw uint8, n x size x size x 3), `manifest.jsonl` (one object a
picture: index, split `train` or `heldout`, facets, captions) and `dataset.json` (count, size, seed,
sha256 of the manifest). Held-out pictures show attribute combinations that no training picture has.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.prompts import spoken, write_prompt

SET_ASIDE = 0.05
"""Share of the training pictures that are kept for early stopping, where it is asked for."""
ABSENT = -1
"""Code of a facet that a picture does not have."""


@dataclass(frozen=True)
class Drawings:
    """A data set of pictures with facets and captions.

    Letters: n pictures, s side in pixels, f facets.

    vocabulary: facet -> its values, sorted. codes: (n, f) index of the main value, or `ABSENT`.
    """

    pictures: NDArray[np.uint8]  # (n, s, s, 3)
    train: NDArray[np.int64]
    heldout: NDArray[np.int64]
    vocabulary: Mapping[str, tuple[str, ...]]
    codes: NDArray[np.int64]
    captions: tuple[tuple[str, ...], ...]
    sha256: str
    missing: tuple[int, ...] = ()
    """Rows whose picture is a stand-in: there is nothing to learn to draw."""

    @property
    def size(self) -> int:
        """Side of the pictures, px."""
        return int(self.pictures.shape[1])

    def values(self, row: int) -> dict[str, str]:
        """Facet -> main value of one picture; absent facets are left out."""
        return {
            facet: names[code]
            for (facet, names), code in zip(self.vocabulary.items(), self.codes[row], strict=True)
            if code != ABSENT
        }

    def set_aside(self, share: float) -> tuple[Drawings, Drawings]:
        """Training pictures in two: to learn from, and to stop by (`train` of the second).

        Pictures with the same facets stay together, so what is set aside shows combinations that
        are not learned from; held-out pictures are in neither. Share 0: everything is learned from.

        Raises:
            RequestError: all training pictures have the same facets.
        """
        alike: dict[bytes, list[int]] = {}
        for place, row in enumerate(self.train):
            digest = hashlib.sha256(self.codes[row].tobytes()).digest()
            alike.setdefault(digest, []).append(place)
        aside = np.zeros(len(self.train), np.bool_)
        for digest in sorted(alike):
            if aside.sum() >= share * len(aside):
                break
            aside[alike[digest]] = True
        if aside.all():
            raise RequestError("all drawings have the same facets: none can be set aside")
        return replace(self, train=self.train[~aside]), replace(self, train=self.train[aside])


def read_drawings(folder: Path) -> Drawings:
    """Open a folder of drawings; pictures stay on disk (memory-mapped).

    Raises:
        RequestError: a file is missing, or its size does not fit the description.
    """
    try:
        about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
        lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise RequestError(
            f"{str(folder)!r} is no folder of drawings: {Path(error.filename).name} is missing"
        ) from None
    rows = [json.loads(line) for line in lines if line.strip()]
    size, path = int(about["size"]), folder / "pictures.bin"
    expected = len(rows) * size * size * 3
    if not path.exists() or path.stat().st_size != expected:
        raise RequestError(f"{str(path)!r}: expected {expected} bytes; draw the data set again")
    pictures = np.memmap(path, np.uint8, "r", shape=(len(rows), size, size, 3))
    found: dict[str, set[str]] = {}
    for row in rows:
        for facet, values in row["facets"].items():
            found.setdefault(facet, set()).update(values[:1])
    vocabulary = {facet: tuple(sorted(values)) for facet, values in found.items()}
    codes = np.full((len(rows), len(vocabulary)), ABSENT, np.int64)
    for i, row in enumerate(rows):
        for f, (facet, names) in enumerate(vocabulary.items()):
            if values := row["facets"].get(facet):
                codes[i, f] = names.index(values[0])
    split = np.array([row["split"] == "heldout" for row in rows])
    return Drawings(
        pictures=pictures,
        train=np.flatnonzero(~split),
        heldout=np.flatnonzero(split),
        vocabulary=vocabulary,
        codes=codes,
        captions=tuple(tuple(row["captions"]) for row in rows),
        sha256=str(about["manifest_sha256"]),
        missing=tuple(int(row) for row in about.get("missing", ())),
    )


def write_drawings(
    folder: Path,
    pictures: NDArray[np.uint8],
    facets: Sequence[Mapping[str, Sequence[str]]],
    captions: Sequence[str],
    *,
    missing: Sequence[int] = (),
) -> None:
    """Write pictures (n, s, s, 3) as a folder of drawings, all of them for training.

    Args:
        missing: rows whose picture is a stand-in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"index": row, "split": "train", "facets": {f: list(v) for f, v in known.items()},
         "captions": [caption]}
        for row, (known, caption) in enumerate(zip(facets, captions, strict=True))
    ]  # fmt: skip
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    about = {
        "count": len(pictures),
        "size": int(pictures.shape[1]),
        "manifest_sha256": hashlib.sha256(text.encode() + pictures.tobytes()).hexdigest(),
        "missing": list(missing),
    }
    (folder / "pictures.bin").write_bytes(np.ascontiguousarray(pictures).tobytes())
    (folder / "manifest.jsonl").write_text(text, encoding="utf-8")
    (folder / "dataset.json").write_text(json.dumps(about) + "\n", encoding="utf-8")


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """Pictures (n, s, s, 3) uint8 -> (n, 3, s, s) float in -1..1."""
    # A contiguous copy: memory-mapped rows are read only.
    rows = torch.from_numpy(np.array(pictures, copy=True))
    return rows.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


@dataclass(frozen=True)
class Phrase:
    """A text about a picture. `said`: the facets that it names; None: unknown (a free caption)."""

    text: str
    said: tuple[str, ...] | None


def compose(
    values: Mapping[str, str], pack: DomainPack | None, rng: random.Random, *, keep: float
) -> Phrase:
    """A short text from facet values: the pack's prompt template, or the bare words in any order.

    Each value is said with probability `keep`, at least one; a facet that describes another one
    (`of`) only beside it.
    """
    said = [facet for facet in values if rng.random() < keep] or [rng.choice(list(values))]
    if pack is not None:
        owner = {facet.name: facet.of for facet in pack.facets}
        said = [f for f in said if owner.get(f) is None or owner[f] in said] or [pack.head.name]
        if rng.random() < 0.7:
            chosen = {facet: values[facet] for facet in said if facet in values}
            return Phrase(write_prompt(pack, chosen), tuple(chosen))
        said = [f for f in said if owner.get(f) is None] or [pack.head.name]
    said = [facet for facet in said if facet in values]
    rng.shuffle(said)
    words = [spoken(pack, f, values[f]) if pack is not None else values[f] for f in said]
    return Phrase(" ".join(words), tuple(said))


def sample_phrases(
    data: Drawings,
    rows: Sequence[int],
    pack: DomainPack | None,
    rng: random.Random,
    *,
    free: float = 0.4,
) -> list[Phrase]:
    """One text a picture: a caption of the manifest with probability `free`, else composed."""
    phrases: list[Phrase] = []
    for row in rows:
        if data.captions[row] and rng.random() < free:
            phrases.append(Phrase(rng.choice(data.captions[row]), None))
        else:
            keep = rng.choice((0.0, 0.0, 0.4, 0.7, 1.0))
            phrases.append(compose(data.values(row), pack, rng, keep=keep))
    return phrases


def matches(
    phrases: Sequence[Phrase], codes: NDArray[np.int64], facets: Sequence[str]
) -> NDArray[np.bool_]:
    """Which pictures a text is true of: (n texts, n pictures); text i was written for picture i.

    A composed text is true of every picture that has the values it names; a free caption of its own
    picture and of those with the same caption.
    """
    names = list(facets)
    true = np.eye(len(phrases), dtype=np.bool_)
    same: dict[str, list[int]] = {}
    for i, phrase in enumerate(phrases):
        if phrase.said is None:
            same.setdefault(phrase.text, []).append(i)
        else:
            columns = [names.index(facet) for facet in phrase.said]
            true[i] |= (codes[:, columns] == codes[i, columns]).all(axis=1)
    for group in same.values():
        true[np.ix_(group, group)] = True
    return true

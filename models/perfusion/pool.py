"""`vitrine train pool`: groups of pictures for one request each, drawn by the renderer that ships.

A request names a few facets and leaves the others open; each picture of its group fills what is open
in a way of its own, so that a taste has something to choose. Nobody is known while they are drawn: many
people may judge the same pool. Drawing goes on where it was broken off.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, ValidationError
from safetensors.torch import load_file

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import Floats, RenderDials, RenderJob
from vitrine.core.prompts import design_facets, write_prompt
from vitrine.core.settings import Settings
from vitrine.models.dataset import Drawings, read_drawings
from vitrine.models.encoder import ClipEncoder
from vitrine.models.renderer import DiffusionRenderer
from vitrine.models.training import choose_device, save_weights, write_atomically

log = logging.getLogger(__name__)

HELDOUT = 0.2
"""Share of request texts that are never trained on."""
SAID = (0, 0, 1, 1, 2)
"""How many facets a request names beside the kind of thing."""
FILLED = 0.8
"""Share of the open facets that a picture fills with words; the rest is left to the noise."""
INDEX, CHUNKS = "pool.jsonl", "chunks"


class PoolGroup(Frozen):
    """One line of pool.jsonl: a request, and what was drawn for it.

    asked: facet -> value that the request names. prompts: what each picture was drawn from.
    """

    text: str = Field(min_length=1)
    split: Literal["train", "heldout"]
    asked: dict[str, str]
    prompts: tuple[str, ...] = Field(min_length=2)
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Pool:
    """Groups of E pictures: group g has rows g * E to g * E + E - 1.

    pictures (n, s, s, 3); embeddings (n, d), raw, of `space`.
    """

    groups: Sequence[PoolGroup]
    pictures: NDArray[np.uint8]
    embeddings: Floats
    space: str

    @property
    def each(self) -> int:
        """Pictures a group."""
        return len(self.groups[0].prompts)


def split_of(text: str) -> Literal["train", "heldout"]:
    """Which side a request text is on."""
    return "heldout" if hashlib.sha256(text.encode()).digest()[0] < 256 * HELDOUT else "train"


def plan_groups(
    data: Drawings, pack: DomainPack, count: int, each: int, seed: int
) -> list[PoolGroup]:
    """`count` requests with `each` pictures; combinations of facets are those of training drawings.

    Raises:
        RequestError: the pack's prompts can say nothing of the drawings.
    """
    known = design_facets(pack) & set(data.vocabulary)
    head = pack.head.name
    if head not in known or len(known) < 2:
        raise RequestError("the pack's design template names too few facets of the drawings")
    alike: dict[str, list[dict[str, str]]] = {}
    for row in data.train.tolist():
        values = {k: v for k, v in data.values(row).items() if k in known}
        alike.setdefault(values.get(head, ""), []).append(values)
    return [_group(pack, alike, each, random.Random(f"{seed}:{g}")) for g in range(count)]


def _group(
    pack: DomainPack, alike: dict[str, list[dict[str, str]]], each: int, rng: random.Random
) -> PoolGroup:
    head = pack.head.name
    kind = rng.choice(sorted(alike))
    seed_thing = rng.choice(alike[kind])
    needs = {f.name: {f.of, f.values_from} - {None} for f in pack.facets}
    free = sorted(f for f in seed_thing if f != head and not needs.get(f))
    said = rng.sample(free, min(len(free), rng.choice(SAID)))
    asked = {f: seed_thing[f] for f in seed_thing if f == head or f in said}
    text = write_prompt(pack, asked)
    prompts: list[str] = []
    for _ in range(each):
        other = rng.choice(alike[kind])
        filled = {f: v for f, v in other.items() if f not in asked and rng.random() < FILLED}
        whole = {**filled, **asked}
        whole = {f: v for f, v in whole.items() if needs.get(f, set()) <= whole.keys()}
        prompts.append(write_prompt(pack, whole))
    seeds = tuple(rng.getrandbits(31) for _ in range(each))
    return PoolGroup(
        text=text, split=split_of(text), asked=asked, prompts=tuple(prompts), seeds=seeds
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train pool`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pool")
    parser.add_argument("--weights", type=Path, default=None, help="of all models (the shipped)")
    parser.add_argument("--domain", default=Settings().domain, help="pack that words the requests")
    parser.add_argument("--groups", type=int, default=600, help="requests (%(default)s)")
    parser.add_argument("--each", type=int, default=6, help="pictures a request (%(default)s)")
    parser.add_argument("--steps", type=int, default=RenderDials().steps)
    parser.add_argument("--guidance", type=float, default=RenderDials().guidance)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=None, help="torch threads on the CPU")


def run(args: argparse.Namespace) -> None:
    """Draw the pool; what an earlier run has drawn is kept.

    Raises:
        RequestError: the folder holds a pool of other requests.
    """
    if args.groups < 1 or args.each < 2:
        raise RequestError("expected --groups of at least 1, --each of at least 2")
    choose_device("cpu", args.threads)
    root = weights() if args.weights is None else args.weights
    pack = load_pack(domain_folder(args.domain))
    planned = plan_groups(read_drawings(args.data), pack, args.groups, args.each, args.seed)
    index = args.out / INDEX
    lines = "".join(group.model_dump_json() + "\n" for group in planned)
    if index.exists() and not lines.startswith(index.read_text(encoding="utf-8")):
        raise RequestError(f"{str(index)!r} is of other requests: give another --out")
    write_atomically(index, lines)
    encoder = ClipEncoder(root / "clip")
    renderer = DiffusionRenderer(root / "sd", encoder.space)
    dials = RenderDials(steps=args.steps, guidance=args.guidance)
    for place, group in enumerate(planned):
        path = args.out / CHUNKS / f"{place:05d}.safetensors"
        if path.exists():
            continue
        jobs = [
            RenderJob(prompt, None, seed)
            for prompt, seed in zip(group.prompts, group.seeds, strict=True)
        ]
        made = renderer.render(jobs, dials, _quiet, lambda: False)
        tensors = {
            "pictures": torch.from_numpy(np.stack(made)),
            "embeddings": torch.from_numpy(encoder.encode_images(made)),
        }
        save_weights(path, tensors, None)
        if place % 20 == 0:
            log.info("pool: %d of %d requests drawn", place + 1, len(planned))
    write_atomically(args.out / "space", encoder.space + "\n")


def _quiet(done: int, total: int) -> None:
    """Progress is told by requests, not by steps."""


def read_pool(folder: Path) -> Pool:
    """A pool as far as it has been drawn.

    Raises:
        RequestError: there is none, or it is damaged.
    """
    try:
        lines = (folder / INDEX).read_text(encoding="utf-8").splitlines()
        groups = [PoolGroup.model_validate_json(line) for line in lines]
    except (FileNotFoundError, ValidationError) as error:
        raise RequestError(f"{str(folder)!r} is no pool: draw one with 'pool'") from error
    pictures: list[NDArray[np.uint8]] = []
    rows: list[Floats] = []
    for place in range(len(groups)):
        path = folder / CHUNKS / f"{place:05d}.safetensors"
        if not path.exists():
            break
        chunk = load_file(path)
        pictures.append(chunk["pictures"].numpy())
        rows.append(chunk["embeddings"].numpy())
    if not pictures:
        raise RequestError(f"{str(folder)!r}: nothing is drawn yet")
    space = (folder / "space").read_text().strip() if (folder / "space").exists() else ""
    return Pool(groups[: len(pictures)], np.concatenate(pictures), np.concatenate(rows), space)

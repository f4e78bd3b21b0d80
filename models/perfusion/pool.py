"""`vitrine train pool`: groups of pictures for one request each, drawn by the renderer that ships.

A request names a few facets and leaves the others open; each picture of its group fills what is open
in a way of its own, so that a taste has something to choose: by chance, or with `--taste` as each of
several people would like it best, all from the same noise. Then two pictures of a group differ in what
people differ in, and in little else. Many people may judge the same pool. Drawing goes on where it was
broken off.
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
from vitrine.core.settings import Settings
from vitrine.models.dataset import Drawings, read_drawings
from vitrine.models.encoder import ClipEncoder
from vitrine.models.experience import Experience, read_experience
from vitrine.models.perfusion.favourites import Favourites, Vocabulary
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

    asked: facet -> value that the request names. prompts: what each picture was drawn from. people: whom
    each was drawn for, by name; empty where nobody was known.
    """

    text: str = Field(min_length=1)
    split: Literal["train", "heldout"]
    asked: dict[str, str]
    prompts: tuple[str, ...] = Field(min_length=2)
    seeds: tuple[int, ...]
    people: tuple[str, ...] = ()


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
    data: Drawings,
    pack: DomainPack,
    count: int,
    each: int,
    seed: int,
    people: Experience | None = None,
) -> list[PoolGroup]:
    """`count` requests with `each` pictures; combinations of facets are those of training drawings.

    Args:
        people: whom to draw for, who rated the drawings; requests to train on are drawn for people
            who are trained on, the others for the others.

    Raises:
        RequestError: the pack's prompts can say nothing of the drawings, or too few people.
    """
    vocabulary = Vocabulary(data, pack)
    guests = None if people is None else Guests(Favourites(data, people), people, each)
    return [_group(vocabulary, guests, each, random.Random(f"{seed}:{g}")) for g in range(count)]


class Guests:
    """People for whom pictures are drawn, by the side of the request."""

    def __init__(self, favourites: Favourites, people: Experience, each: int) -> None:
        """`each`: people a group.

        Raises:
            RequestError: fewer people than that on one side.
        """
        self.favourites, self._users = favourites, people.users
        self._rows = {
            "train": people.of_split("train"),
            "heldout": people.of_split("validation") + people.of_split("heldout"),
        }
        if min(map(len, self._rows.values())) < each:
            raise RequestError(
                f"expected at least {each} people to train on and {each} others: give --each less"
            )

    def some(self, split: str, each: int, rng: random.Random) -> list[int]:
        """Rows of different people."""
        return rng.sample(self._rows[split], each)

    def names(self, rows: Sequence[int]) -> tuple[str, ...]:
        """How they are called."""
        return tuple(self._users[row].user for row in rows)


def _group(
    vocabulary: Vocabulary, guests: Guests | None, each: int, rng: random.Random
) -> PoolGroup:
    kind = rng.choice(sorted(vocabulary.alike))
    things = vocabulary.alike[kind]
    seed_thing = rng.choice(things)
    free = vocabulary.open_facets(seed_thing)
    said = rng.sample(free, min(len(free), rng.choice(SAID)))
    asked = {f: v for f, v in seed_thing.items() if f == vocabulary.head or f in said}
    text = vocabulary.words(asked)
    side = split_of(text)
    rows = [] if guests is None else guests.some(side, each, rng)
    prompts: list[str] = []
    for place in range(each):
        if guests is None:
            filled = rng.choice(things)
        else:
            filled = guests.favourites.best(rows[place], vocabulary.values[kind])
        prompts.append(vocabulary.words(asked, filled, lambda: rng.random() < FILLED))
    seeds = [rng.getrandbits(31) for _ in range(each)]
    return PoolGroup(
        text=text,
        split=side,
        asked=asked,
        prompts=tuple(prompts),
        seeds=tuple(seeds if guests is None else seeds[:1] * each),
        people=() if guests is None else guests.names(rows),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train pool`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pool")
    parser.add_argument("--weights", type=Path, default=None, help="of all models (the shipped)")
    parser.add_argument("--domain", default=Settings().domain, help="pack that words the requests")
    parser.add_argument(
        "--taste", type=Path, default=None, help="draw each picture for one of these people"
    )
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
    people = None if args.taste is None else read_experience(args.taste)
    data = read_drawings(args.data)
    planned = plan_groups(data, pack, args.groups, args.each, args.seed, people)
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

"""Simulated shoppers pick from drawn groups: `vitrine train picks`.

Nobody asked them while the pictures were drawn, so each shopper may judge many groups of one pool.
What a picture shows is read off its embedding by a probe fitted to drawings; the judge that measures
afterwards shares nothing with it. Beside each shopper stand the ratings that they gave to drawings: a
history never holds a picture of the pool.

Letters: U shoppers, N drawings, P pictures of the pool, d embedding dimension.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder
from vitrine.core.ports import Floats
from vitrine.core.settings import Settings
from vitrine.evals.personal.world import TasteWorld, read_world
from vitrine.evals.shoppers import Facets, facet_values, picked
from vitrine.models.perfusion.pictures import write_pictures, write_prompts
from vitrine.models.perfusion.pool import Pool, read_pool

log = logging.getLogger(__name__)

RIDGE = 3.0
CHUNK = 1000
"""Shoppers whose utilities are held at a time."""


class FacetProbe:
    """Reads facets off embeddings: a ridge regression to each value, the largest wins."""

    def __init__(self, images: Floats, facets: Sequence[Facets]) -> None:
        """Fit to drawings: embeddings (N, d) and what they show."""
        self._centre = images.mean(axis=0)
        self._deviation = images.std(axis=0) + 1e-6
        self._maps: dict[str, tuple[tuple[str, ...], Floats]] = {}
        for name, values in facet_values(facets).items():
            rows = np.asarray([row for row, known in enumerate(facets) if name in known])
            goals = np.asarray([[v in facets[row][name] for v in values] for row in rows])
            x = self._standard(images[rows])
            gram = x.T @ x + RIDGE * np.eye(x.shape[1], dtype=np.float32)
            self._maps[name] = (values, np.linalg.solve(gram, x.T @ goals.astype(np.float32)))

    def _standard(self, images: Floats) -> Floats:
        rows = (images - self._centre) / self._deviation
        return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)

    def read(self, images: Floats, pack: DomainPack) -> list[Facets]:
        """The likeliest value of each facet that such a thing has."""
        best = {
            name: [values[place] for place in (self._standard(images) @ weights).argmax(axis=1)]
            for name, (values, weights) in self._maps.items()
        }
        head = best[pack.head.name]
        return [
            {name: (found[row],) for name, found in best.items() if _applies(pack, name, head[row])}
            for row in range(len(images))
        ]


def _applies(pack: DomainPack, facet: str, head: str) -> bool:
    known = pack.facet(facet)
    return known is None or not known.applies_to or head in known.applies_to


def utilities_of(
    world: TasteWorld, users: Sequence[int], facets: Sequence[Facets], images: Floats
) -> Floats:
    """What new pictures are worth to shoppers, on the scale of their utilities, (users, P)."""
    standing = world.worth(users, facets, images)
    shelf = world.truth[list(users)][:, world.shelf]
    pairs = zip(shelf, standing, strict=True)
    return np.stack([np.quantile(row, where) for row, where in pairs]).astype(np.float32)


def pick_groups(
    world: TasteWorld, pool: Pool, facets: Sequence[Facets], each: Mapping[str, int], seed: int
) -> list[dict[str, object]]:
    """Groups of all shoppers, lines of groups.jsonl; first what was drawn for them, then others by chance.

    Args:
        facets: what each picture shows. each: groups of a shopper by the split of the shopper.
    """
    sides = {
        side: [g for g, group in enumerate(pool.groups) if group.split == side]
        for side in ("train", "heldout")
    }
    own: dict[str, list[int]] = {}
    for g, group in enumerate(pool.groups):
        for name in group.people:
            own.setdefault(name, []).append(g)
    lines: list[dict[str, object]] = []
    everybody = range(len(world.data.users))
    for start in range(0, len(everybody), CHUNK):
        users = everybody[start : start + CHUNK]
        worth = utilities_of(world, users, facets, pool.embeddings)
        for user, utility in zip(users, worth, strict=True):
            row = world.data.users[user]
            side = "train" if row.split == "train" else "heldout"
            rng = np.random.default_rng([seed, user, 5])
            count = min(each[row.split], len(sides[side]))
            floor = float(np.quantile(world.truth[user], 0.45))
            drawn = own.get(row.user, [])[:count]
            others = np.setdiff1d(sides[side], drawn)
            chance = rng.choice(others, size=count - len(drawn), replace=False).tolist()
            for g in (*drawn, *chance):
                rows = np.arange(g * pool.each, (g + 1) * pool.each)
                chosen = picked(utility[rows], floor, world.shopping, rng)
                lines.append(
                    {
                        "user": row.user,
                        "text": pool.groups[g].text,
                        "items": (rows + len(world.data.images)).tolist(),
                        "chosen": chosen.astype(int).tolist(),
                        "split": side,
                    }
                )
        log.info("picks: %d of %d shoppers", users[-1] + 1, len(everybody))
    return lines


def write_picks(
    out: Path, taste: Path, world: TasteWorld, pool: Pool, lines: Sequence[Mapping[str, object]]
) -> None:
    """Write a folder that `train perfusion` learns from: shoppers, their ratings, groups, pictures."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("users.jsonl", "ratings.jsonl"):
        shutil.copyfile(taste / name, out / name)
    with (out / "groups.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    images = np.concatenate([world.data.images, pool.embeddings])
    aside = np.repeat([group.split == "heldout" for group in pool.groups], pool.each)
    save_file(
        {
            "images": images,
            "captions": np.zeros((len(images), 0, images.shape[1]), np.float32),
            "heldout": np.concatenate([world.data.heldout, aside]).astype(np.uint8),
        },
        out / "embeddings.safetensors",
        metadata={"space": world.data.space},
    )
    items = np.arange(len(world.data.images), len(images))
    write_pictures(out, items, pool.pictures)
    write_prompts(out, items, [prompt for group in pool.groups for prompt in group.prompts])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command that lets shoppers pick."""
    parser.add_argument("--pool", type=Path, required=True, help="folder of `train pool`")
    parser.add_argument("--data", type=Path, required=True, help="drawings the shoppers have met")
    parser.add_argument("--taste", type=Path, required=True, help="folder of `train shoppers`")
    parser.add_argument("--out", type=Path, required=True, help="folder to train on")
    parser.add_argument("--domain", default=Settings().domain)
    parser.add_argument("--groups", type=int, default=8, help="groups a shopper (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> None:
    """Let every shopper pick from groups of the pool.

    Raises:
        RequestError: pool and shoppers are of different embedding spaces.
    """
    pack = load_pack(domain_folder(args.domain))
    world = read_world(args.data, args.taste, pack)
    pool = read_pool(args.pool)
    if pool.space != world.data.space:
        raise RequestError(
            f"the pool was embedded in {pool.space!r}, the shoppers know {world.data.space!r}"
        )
    training = np.flatnonzero(~world.data.heldout)
    probe = FacetProbe(
        world.data.images[training], [world.wares.facets[row] for row in training.tolist()]
    )
    _tell_quality(probe, world, pack)
    each = {"train": args.groups, "validation": args.groups, "heldout": args.groups}
    facets = probe.read(pool.embeddings, pack)
    lines = pick_groups(world, pool, facets, each, args.seed)
    write_picks(args.out, args.taste, world, pool, lines)
    shares = [np.mean(line["chosen"]) for line in lines]  # pyright: ignore
    empty = float(np.mean([share == 0 for share in shares]))
    log.info(
        "picks: %d groups, %.2f chosen, %.2f of them empty", len(lines), np.mean(shares), empty
    )


def _tell_quality(probe: FacetProbe, world: TasteWorld, pack: DomainPack) -> None:
    shelf: NDArray[np.int64] = world.shelf
    read = probe.read(world.data.images[shelf], pack)
    hits: dict[str, list[bool]] = {}
    for row, found in zip(shelf.tolist(), read, strict=True):
        for name, values in world.wares.facets[row].items():
            hits.setdefault(name, []).append(bool(set(values) & set(found.get(name, ()))))
    log.info(
        "probe on held-out drawings: %s", {n: round(float(np.mean(h)), 3) for n, h in hits.items()}
    )

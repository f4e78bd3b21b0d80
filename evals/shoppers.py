"""Simulated shoppers: latent tastes over facets and over image directions, and what they leave behind.

`simulate` makes people who are not real, from a folder of drawings with facets (any domain) and the
image embeddings of those drawings, and writes what a shop would have logged: ratings (half of the
exposure is biased towards what the person likes anyway, as in real logs) and groups (shown together,
chosen). The true utilities are written apart, for measuring only. Whoever quotes a figure from here
says "simulated shoppers".

Letters: U shoppers, N items, d embedding dimension.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from safetensors import safe_open
from safetensors.numpy import save_file

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.places import domain_folder
from vitrine.core.ports import Floats
from vitrine.core.prompts import write_prompt
from vitrine.core.settings import Settings

log = logging.getLogger(__name__)

Split = Literal["train", "validation", "heldout"]
Facets = Mapping[str, tuple[str, ...]]


class ShopperWorld(Frozen):
    """How the shoppers are. Utilities have unit deviation over the items, for every shopper.

    noise: deviation of what is added to a utility before it is rated or chosen.
    two_modes: share of shoppers with two separate tastes (an item pleases by the better one).
    direction: weight of an image direction that no facet names, beside the facets' weight of 1.
    biased_exposure: share of the rated items that were met because they please.
    stated: share of a shopper's facet tastes that they have put in words.
    relevance: what a candidate loses that meets none of the words of the request.
    """

    shoppers: int = Field(default=3000, ge=10)
    seed: int = 0
    ratings_train: int = Field(default=110, ge=4, description="rated items of the training part")
    ratings_heldout: int = Field(
        default=50,
        ge=0,
        description="rated items of the held-out part, of shoppers that are not trained on",
    )
    groups_train: int = Field(default=24, ge=0, description="groups of a training shopper")
    groups_heldout: int = Field(default=16, ge=0, description="groups of any other shopper")
    noise: float = Field(default=0.35, ge=0)
    two_modes: float = Field(default=0.3, ge=0, le=1)
    direction: float = Field(default=0.5, ge=0)
    biased_exposure: float = Field(default=0.5, ge=0, le=1)
    stated: float = Field(default=0.6, ge=0, le=1)
    relevance: float = Field(default=2.0, ge=0)


RATING_SHARES = (0.15, 0.35, 0.6, 0.82)
"""Shares of randomly met items rated below 2, 3, 4 and 5."""

HELDOUT_TEXTS = 0.2
"""Share of request texts that never occur in training groups."""


@dataclass(frozen=True)
class Shopper:
    """One simulated person: facet weights by mode, and one image direction."""

    id: str
    split: Split
    modes: tuple[Mapping[tuple[str, str], float], ...]
    direction: Floats  # (d,)
    stated: Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Wares:
    """What shoppers can meet: facets, captions, embeddings (N, d) and which items are held out (N,)."""

    pack: DomainPack
    facets: Sequence[Facets]
    captions: Sequence[Sequence[str]]
    images: Floats
    heldout: NDArray[np.bool_]


@dataclass(frozen=True)
class Group:
    """Items shown together for a text, and which of them were chosen (none is possible)."""

    text: str
    items: tuple[int, ...]
    chosen: tuple[bool, ...]
    utilities: tuple[float, ...]  # without noise: what an oracle would rank by
    split: Literal["train", "heldout"]


def make_shopper(wares: Wares, world: ShopperWorld, index: int) -> Shopper:
    """Shopper `index`; depends on the seed and the index alone (and on the facets there are)."""
    rng = np.random.default_rng([world.seed, index, 1])
    values = facet_values(wares.facets)
    count = 2 if rng.random() < world.two_modes else 1
    modes = tuple(_make_mode(rng, values) for _ in range(count))
    direction = rng.standard_normal(wares.images.shape[1]).astype(np.float32)
    stated: dict[tuple[str, str], float] = {}
    for mode in modes:
        for key, weight in mode.items():
            if rng.random() < world.stated:
                said = float(np.clip(weight + 0.15 * rng.standard_normal(), -1, 1))
                stated[key] = round(said, 2)
    share = rng.random()
    split: Split = "train" if share < 0.88 else "validation" if share < 0.93 else "heldout"
    return Shopper(f"shopper-{index:05d}", split, modes, direction, stated)


def facet_values(facets: Sequence[Facets]) -> dict[str, tuple[str, ...]]:
    """Values of every facet that has at least two, sorted."""
    seen: dict[str, set[str]] = {}
    for row in facets:
        for name, values in row.items():
            seen.setdefault(name, set()).update(values)
    return {name: tuple(sorted(values)) for name, values in sorted(seen.items()) if len(values) > 1}


def _make_mode(
    rng: np.random.Generator, values: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str], float]:
    """Sparse tastes: three to five facets, in each one or two liked and up to two disliked values."""
    names = list(values)
    count = min(len(names), int(rng.integers(3, 6)))
    weights: dict[tuple[str, str], float] = {}
    for name in rng.choice(names, size=count, replace=False).tolist():
        options = list(rng.permutation(values[name]))
        liked = min(len(options) - 1, int(rng.integers(1, 3)))
        disliked = min(len(options) - liked, int(rng.integers(0, 3)))
        for place, value in enumerate(options[: liked + disliked]):
            size = float(rng.uniform(0.5, 1.2))
            weights[(str(name), str(value))] = size if place < liked else -size
    return weights


def utilities(shoppers: Sequence[Shopper], wares: Wares, world: ShopperWorld) -> Floats:
    """True utilities (U, N): unit deviation over the items, zero mean."""
    keys = sorted({key for shopper in shoppers for mode in shopper.modes for key in mode})
    column = {key: place for place, key in enumerate(keys)}
    carries = np.zeros((len(wares.facets), len(keys)), np.float32)  # (N, keys)
    for row, facets in enumerate(wares.facets):
        for name, values in facets.items():
            for value in values:
                if (name, value) in column:
                    carries[row, column[(name, value)]] = 1
    directions = _whitened(wares.images)
    result = np.zeros((len(shoppers), len(wares.facets)), np.float32)
    for row, shopper in enumerate(shoppers):
        parts: list[Floats] = []
        for mode in shopper.modes:
            weights = np.zeros(len(keys), np.float32)
            for key, weight in mode.items():
                weights[column[key]] = weight
            parts.append(carries @ weights)
        facet_part = parts[0]
        if len(parts) > 1:
            facet_part = np.maximum(_unit(parts[0]), _unit(parts[1])).astype(np.float32)
        image_part: Floats = directions @ shopper.direction[: directions.shape[1]]
        whole = _unit(facet_part) + np.float32(world.direction) * _unit(image_part)
        result[row] = _unit(whole.astype(np.float32))
    return result


def _unit(values: Floats) -> Floats:
    return ((values - values.mean()) / max(float(values.std()), 1e-6)).astype(np.float32)


def _whitened(images: Floats, count: int = 24) -> Floats:
    """The leading principal components of the embeddings, each with unit deviation, (N, count)."""
    centred = images - images.mean(axis=0)
    covariance = centred.T @ centred / len(centred)
    strength, axes = np.linalg.eigh(covariance)
    keep = np.argsort(strength)[::-1][: min(count, images.shape[1])]
    scores = centred @ axes[:, keep]
    return (scores / np.maximum(scores.std(axis=0), 1e-6)).astype(np.float32)


def rate(
    utility: Floats, wares: Wares, world: ShopperWorld, rng: np.random.Generator, *, heldout: int
) -> list[tuple[int, int]]:
    """Ratings 1 to 5 of the items that one shopper (utility (N,)) has met: (item, rating).

    `heldout`: how many held-out items are among them.
    """
    felt = utility + world.noise * rng.standard_normal(len(utility)).astype(np.float32)
    edges = np.quantile(felt, RATING_SHARES) + 0.2 * rng.standard_normal()  # some are lenient
    met: list[int] = []
    for aside, count in ((False, world.ratings_train), (True, heldout)):
        pool = np.flatnonzero(wares.heldout == aside)
        count = min(count, len(pool))
        biased = round(count * world.biased_exposure)
        appeal = np.exp(1.3 * felt[pool] + 0.8 * rng.standard_normal(len(pool)))
        first = rng.choice(pool, size=biased, replace=False, p=appeal / appeal.sum())
        others = rng.choice(np.setdiff1d(pool, first), size=count - biased, replace=False)
        met += np.concatenate([first, others]).tolist()
    order = rng.permutation(len(met))
    return [(met[i], int(np.searchsorted(edges, felt[met[i]])) + 1) for i in order]


def is_heldout_text(text: str) -> bool:
    """Whether a request text is kept for measuring; the empty text is used on both sides."""
    return bool(text) and hashlib.sha256(text.encode()).digest()[0] < 256 * HELDOUT_TEXTS


def picked(
    plain: NDArray[np.floating[Any]], floor: float, world: ShopperWorld, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """What a shopper takes of a group: what feels nearly best, if it is good enough.

    Args:
        plain: utilities without noise, (n,). floor: utility of what is just good enough.
    """
    felt = plain + world.noise * rng.standard_normal(len(plain))
    best = float(felt.max())
    threshold = floor + 0.3 * rng.standard_normal()
    return (felt > threshold) & (felt > best - 0.25)


class GroupMaker:
    """Groups of candidates for a request, as a designer would lay out before a person."""

    def __init__(self, wares: Wares, world: ShopperWorld) -> None:
        self._wares = wares
        self._world = world
        self._with: dict[tuple[str, str], NDArray[np.bool_]] = {}
        for row, facets in enumerate(wares.facets):
            for name, values in facets.items():
                for value in values:
                    key = (name, value)
                    if key not in self._with:
                        self._with[key] = np.zeros(len(wares.facets), np.bool_)
                    self._with[key][row] = True

    def make(self, utility: Floats, *, heldout: bool, rng: np.random.Generator) -> Group:
        """One group for a shopper with that utility (N,), of held-out or of training items and texts."""
        pool = np.flatnonzero(self._wares.heldout == heldout)
        text, asked = self._request(pool, heldout, rng)
        items, met = self._candidates(pool, asked, rng)
        plain = utility[items] - self._world.relevance * (1 - met)
        chosen = picked(plain, float(np.quantile(utility, 0.45)), self._world, rng)
        return Group(
            text=text,
            items=tuple(int(i) for i in items),
            chosen=tuple(bool(c) for c in chosen),
            utilities=tuple(round(float(u), 4) for u in plain),
            split="heldout" if heldout else "train",
        )

    def _request(
        self, pool: NDArray[np.int64], heldout: bool, rng: np.random.Generator
    ) -> tuple[str, list[tuple[str, str]]]:
        """A request text of the right side and the facet values that it names."""
        head = self._wares.pack.head.name
        for _ in range(200):
            seed = int(rng.choice(pool))
            facets = self._wares.facets[seed]
            kind = rng.random()
            if kind < 0.1:
                return "", []
            if kind < 0.45:
                text = str(rng.choice(list(self._wares.captions[seed])))
                asked = [
                    (name, value)
                    for name, values in facets.items()
                    for value in values
                    if f" {value} " in f" {text.lower().replace(',', ' ')} "
                ]
            else:
                names = [name for name in facets if name != head]
                names = rng.permutation(names)[: int(rng.integers(0, 4))].tolist()
                asked = [(str(name), facets[str(name)][0]) for name in names]
                asked += [(head, facets[head][0])] if head in facets else []
                text = write_prompt(self._wares.pack, dict(asked))
            # Some texts are so short that both sides would share them all: they count as training texts.
            if is_heldout_text(text) == heldout:
                return text, asked
        return "", []

    def _candidates(
        self, pool: NDArray[np.int64], asked: Sequence[tuple[str, str]], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], Floats]:
        """Candidates and the share of the request that each of them meets."""
        size = int(rng.integers(3, 7))
        met: Floats = np.ones(len(pool), np.float32)
        if asked:
            carried = np.stack([self._with[key][pool] for key in asked])
            met = carried.mean(axis=0).astype(np.float32)
        strict = rng.random() < 0.7
        whole = np.flatnonzero(met >= met.max() - 1e-6)
        if len(whole) < size or not strict:
            near = np.argsort(-(met + 0.3 * rng.random(len(pool))))[: max(4 * size, len(whole))]
            whole = near
        rows = rng.choice(whole, size=min(size, len(whole)), replace=False)
        return pool[rows], met[rows]


def read_wares(drawings: Path, embeddings: Path, pack: DomainPack) -> Wares:
    """Items of a folder of drawings with their image embeddings.

    Raises:
        RequestError: a file is missing, or the two do not fit each other.
    """
    for path in (drawings / "manifest.jsonl", embeddings):
        if not path.is_file():
            raise RequestError(f"{str(path)!r} is missing")
    facets: list[Facets] = []
    captions: list[list[str]] = []
    with (drawings / "manifest.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            facets.append({name: tuple(values) for name, values in row["facets"].items()})
            captions.append(row["captions"])
    with safe_open(embeddings, framework="numpy") as file:
        images: Floats = file.get_tensor("images").astype(np.float32)
        heldout: NDArray[np.bool_] = file.get_tensor("heldout").astype(np.bool_)
    if len(images) > len(facets):
        raise RequestError(
            f"{str(embeddings)!r} has {len(images)} rows, the manifest {len(facets)}: embed again"
        )
    count = len(images)  # fewer than drawings where only the first ones were embedded
    return Wares(pack, facets[:count], captions[:count], images, heldout)


def simulate(wares: Wares, world: ShopperWorld, out: Path) -> dict[str, float]:
    """Write users.jsonl, ratings.jsonl, groups.jsonl, truth.safetensors and shoppers.json.

    Returns:
        What the noise leaves to be won: the oracle's figures on the held-out groups.
    """
    out.mkdir(parents=True, exist_ok=True)
    shoppers = [make_shopper(wares, world, index) for index in range(world.shoppers)]
    truth = utilities(shoppers, wares, world)
    maker = GroupMaker(wares, world)
    groups: list[tuple[Shopper, Group]] = []
    with (out / "ratings.jsonl").open("w", encoding="utf-8") as file:
        for row, shopper in enumerate(shoppers):
            rng = np.random.default_rng([world.seed, row, 2])
            trained = shopper.split == "train"
            aside = 0 if trained else world.ratings_heldout
            for item, rating in rate(truth[row], wares, world, rng, heldout=aside):
                _line(file, {"user": shopper.id, "item": item, "rating": rating})
            shown = world.groups_train if trained else world.groups_heldout
            groups.extend(
                (shopper, maker.make(truth[row], heldout=not trained, rng=rng))
                for _ in range(shown)
            )
    with (out / "users.jsonl").open("w", encoding="utf-8") as file:
        for shopper in shoppers:
            stated = [[name, value, weight] for (name, value), weight in shopper.stated.items()]
            _line(file, {"user": shopper.id, "split": shopper.split, "stated": stated,
                         "modes": len(shopper.modes)})  # fmt: skip
    with (out / "groups.jsonl").open("w", encoding="utf-8") as file:
        for shopper, group in groups:
            _line(file, {"user": shopper.id, "text": group.text, "items": list(group.items),
                         "chosen": [int(c) for c in group.chosen], "split": group.split})  # fmt: skip
    plain = np.zeros((len(groups), max(len(g.items) for _, g in groups)), np.float32)
    for row, (_, group) in enumerate(groups):
        plain[row, : len(group.items)] = group.utilities
    save_file({"utilities": truth.astype(np.float16), "groups": plain}, out / "truth.safetensors")
    figures = {
        "oracle_gauc_heldout": oracle_gauc(
            group for shopper, group in groups
            if shopper.split == "heldout" and group.split == "heldout"
        ),
        "two_modes": float(np.mean([len(s.modes) == 2 for s in shoppers])),
    }  # fmt: skip
    summary = {"world": world.model_dump(), "figures": figures, "simulated": True}
    (out / "shoppers.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return figures


def _line(file: object, row: Mapping[str, object]) -> None:
    file.write(json.dumps(row, separators=(",", ":")) + "\n")  # pyright: ignore


def oracle_gauc(groups: Iterator[Group]) -> float:
    """Group AUC of the true utilities: the ceiling that the noise of the choices leaves."""
    values: list[float] = []
    for group in groups:
        chosen = np.asarray(group.chosen)
        if chosen.any() and not chosen.all():
            plain = np.asarray(group.utilities)
            gaps = plain[chosen][:, None] - plain[~chosen][None]
            values.append(float(np.mean((gaps > 0) + 0.5 * (gaps == 0))))
    return float(np.mean(values)) if values else float("nan")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command that simulates shoppers."""
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of drawings (manifest.jsonl)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder with embeddings.safetensors"
    )
    parser.add_argument("--domain", default=Settings().domain, help="pack that words the requests")
    parser.add_argument("--shoppers", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> None:
    """Simulate shoppers for the embedded drawings of `--data`; the files go beside the embeddings."""
    wares = read_wares(
        args.data, args.out / "embeddings.safetensors", load_pack(domain_folder(args.domain))
    )
    figures = simulate(wares, ShopperWorld(shoppers=args.shoppers, seed=args.seed), args.out)
    log.info("simulated shoppers: %s", json.dumps(figures))


def main() -> int:
    """`python -m vitrine.evals.shoppers --data F --out F`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="vitrine train shoppers", description=__doc__)
    add_arguments(parser)
    run(parser.parse_args())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

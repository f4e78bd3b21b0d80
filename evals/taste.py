"""How personal are the samples of the prior, and do they keep the request? On simulated shoppers.

`measure` asks the prior for held-out shoppers, takes for each sample the nearest held-out item that
the shopper has not rated, and looks up what that item is truly worth to them: its percentile among
all held-out items (chance is .5). Beside it stand the baselines that need no model.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import Encoder, Floats, Prior, PriorRequest, TasteEvidence
from vitrine.core.prompts import write_prompt
from vitrine.core.settings import Settings
from vitrine.evals.shoppers import Wares, read_wares
from vitrine.models.encoder import ClipEncoder
from vitrine.models.experience import Experience, read_experience
from vitrine.models.prior.prior import load_prior

log = logging.getLogger(__name__)

SAMPLES = 16
"""Samples that are drawn for each shopper."""


def unit(rows: Floats) -> Floats:
    """Rows at unit length."""
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


class TasteBench:
    """Held-out shoppers, held-out items and the truth about them."""

    def __init__(self, data: Experience, wares: Wares, truth: Floats, shoppers: int) -> None:
        self.data = data
        self.wares = wares
        self.users = data.of_split("heldout")[:shoppers]
        self.pool: NDArray[np.int64] = np.flatnonzero(data.heldout)
        self.centre: Floats = data.images[~data.heldout].mean(axis=0)
        self._units = unit(data.images[self.pool] - self.centre)
        ranks = truth[:, self.pool].argsort(axis=1).argsort(axis=1)
        self.percentile: Floats = (ranks / max(len(self.pool) - 1, 1)).astype(np.float32)

    def nearest(self, user: int, samples: Floats) -> NDArray[np.int64]:
        """For each sample the place in the pool of the nearest item the user has not rated."""
        cosines = unit(samples - self.centre) @ self._units.T
        rated = np.isin(self.pool, self.data.ratings[user].items)
        cosines[:, rated] = -np.inf
        return cosines.argmax(axis=1)

    def worth(self, sample: Callable[[int], Floats]) -> tuple[float, float, float]:
        """How good and how varied the samples are.

        Returns:
            Mean percentile of the nearest items, its standard error over users, and how many
            different items stand behind `SAMPLES` samples (share).
        """
        means: list[float] = []
        distinct: list[float] = []
        for user in self.users:
            places = self.nearest(user, sample(user))
            means.append(float(self.percentile[user, places].mean()))
            distinct.append(len(set(places.tolist())) / len(places))
        error = float(np.std(means) / max(len(means), 1) ** 0.5)
        return float(np.mean(means)), error, float(np.mean(distinct))


def personal_figures(prior: Prior, bench: TasteBench, history: int = 32) -> dict[str, float]:
    """Percentiles without a request: the prior beside random, centroid, and no user."""
    data = bench.data
    nobody = TasteEvidence(data.images[:0], data.images[:0])

    def likes(user: int) -> Floats:
        liked = data.history(user, history).liked
        return liked if len(liked) else bench.centre[None]

    def ask(user: int, taste: TasteEvidence, **changes: float) -> Floats:
        request = PriorRequest(taste, None, n=SAMPLES, seed=user)
        return prior.sample(replace(request, **changes))

    def random(user: int) -> Floats:
        rng = np.random.default_rng(user)
        return data.images[rng.choice(bench.pool, SAMPLES)]

    spread = data.images[~data.heldout].std(axis=0)

    def noisy(user: int) -> Floats:
        noise = np.random.default_rng(user).standard_normal((SAMPLES, len(spread)))
        return (likes(user).mean(axis=0) + 0.5 * spread * noise).astype(np.float32)

    def near_centroid(user: int) -> Floats:
        middle = unit(likes(user).mean(axis=0)[None] - bench.centre)
        cosines = (unit(data.images[bench.pool] - bench.centre) @ middle.T)[:, 0]
        cosines[np.isin(bench.pool, data.ratings[user].items)] = -np.inf
        return data.images[bench.pool[np.argsort(-cosines)[:SAMPLES]]]

    arms: dict[str, Callable[[int], Floats]] = {
        "random": random,
        "centroid_nearest": near_centroid,
        "centroid_noise": noisy,
        "prior_nobody": lambda user: ask(user, nobody),
        "prior_w1": lambda user: ask(user, data.history(user, history), guidance_user=1.0),
        "prior": lambda user: ask(user, data.history(user, history)),
        "prior_w5": lambda user: ask(user, data.history(user, history), guidance_user=5.0),
        "prior_2_ratings": lambda user: ask(user, data.history(user, 2)),
        "prior_8_ratings": lambda user: ask(user, data.history(user, 8)),
        "prior_rating_3": lambda user: ask(user, data.history(user, history), rating=3),
        "prior_rating_1": lambda user: ask(user, data.history(user, history), rating=1),
    }
    figures: dict[str, float] = {}
    for name, arm in arms.items():
        mean, error, distinct = bench.worth(arm)
        figures[f"percentile_{name}"] = mean
        figures[f"percentile_{name}_se"] = error
        figures[f"distinct_{name}"] = distinct
        log.info("%s: percentile %.3f +- %.3f, distinct %.2f", name, mean, error, distinct)
    return figures


def requested_figures(
    prior: Prior, encoder: Encoder, bench: TasteBench, pack: DomainPack, facets: Sequence[str]
) -> dict[str, float]:
    """With a request and a user: is what was asked kept, and does the user still shift the rest?

    `kept_*`: share of samples whose nearest item carries the asked value; `zero_shot_*`: whose nearest
    text among the facet's values is the asked one; `real_*`: the same for real pictures, the ceiling.
    """
    rng = np.random.default_rng(7)
    data, wares = bench.data, bench.wares
    values = {
        facet: sorted({v for row in wares.facets for v in row.get(facet, ())}) for facet in facets
    }
    words = {facet: unit(encoder.encode_text(
        [write_prompt(pack, {facet: value}) for value in values[facet]])) for facet in facets}  # fmt: skip
    hits: dict[str, list[float]] = {}
    gains: list[float] = []
    for user in bench.users:
        seed = wares.facets[int(rng.choice(bench.pool))]
        asked = {facet: seed[facet][0] for facet in facets if facet in seed}
        query = encoder.encode_text([write_prompt(pack, asked)])[0]
        request = PriorRequest(data.history(user, 32), query, n=SAMPLES, seed=user)
        samples = prior.sample(request)
        places = bench.nearest(user, samples)
        empty = TasteEvidence(data.images[:0], data.images[:0])
        plain = bench.nearest(user, prior.sample(replace(request, taste=empty)))
        worth = bench.percentile[user]
        gains.append(float(worth[places].mean() - worth[plain].mean()))
        for facet, value in asked.items():
            carried = [value in wares.facets[int(row)].get(facet, ()) for row in bench.pool[places]]
            read = (unit(samples) @ words[facet].T).argmax(axis=1)
            hits.setdefault(f"kept_{facet}", []).append(float(np.mean(carried)))
            hits.setdefault(f"zero_shot_{facet}", []).append(
                float(np.mean(read == values[facet].index(value)))
            )
    figures = {name: float(np.mean(found)) for name, found in hits.items()}
    figures["percentile_gain_of_user_within_request"] = float(np.mean(gains))
    some = bench.pool[:1000]
    for facet in facets:
        rows = [row for row in some if facet in wares.facets[int(row)]]
        read = (unit(data.images[rows]) @ words[facet].T).argmax(axis=1)
        truth = [values[facet].index(wares.facets[int(row)][facet][0]) for row in rows]
        figures[f"real_{facet}"] = float(np.mean(read == np.asarray(truth)))
    return figures


def milliseconds(prior: Prior, bench: TasteBench, query: Floats, repeats: int = 9) -> float:
    """Fastest wall time of 64 samples with user and request, in ms (the least disturbed run)."""
    request = PriorRequest(bench.data.history(bench.users[0], 32), query, n=64, seed=1)
    times: list[float] = []
    for _ in range(repeats):
        started = time.perf_counter()
        prior.sample(request)
        times.append(1000 * (time.perf_counter() - started))
    return min(times)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the measurement."""
    parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--shoppers", type=Path, required=True, help="folder of their simulation")
    parser.add_argument(
        "--weights", type=Path, default=None, help="folder of the weights (shipped)"
    )
    parser.add_argument("--clip", type=Path, default=None, help="folder of the CLIP (shipped)")
    parser.add_argument("--domain", default=Settings().domain)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument(
        "--facets", nargs="+", default=None, help="asked facets (the head and the next)"
    )
    parser.add_argument(
        "--card", action="store_true", help="write the figures into the prior's card"
    )


def run(args: argparse.Namespace) -> None:
    """Measure the prior and print the figures as JSON."""
    root = weights() if args.weights is None else args.weights
    pack = load_pack(domain_folder(args.domain))
    data = read_experience(args.shoppers)
    wares = read_wares(args.data, args.shoppers / "embeddings.safetensors", pack)
    with safe_open(args.shoppers / "truth.safetensors", framework="numpy") as file:
        truth: Floats = file.get_tensor("utilities").astype(np.float32)
    bench = TasteBench(data, wares, truth, args.users)
    prior = load_prior(root / "prior")
    encoder = ClipEncoder(root / "clip" if args.clip is None else args.clip)
    visible = [
        f.name for f in pack.facets if f.visible and f.of is None and f.name != pack.head.name
    ]
    facets = args.facets or [pack.head.name, *visible[:1]]
    figures = personal_figures(prior, bench)
    figures |= requested_figures(prior, encoder, bench, pack, facets)
    query = encoder.encode_text([pack.noun])[0]
    figures["ms_64_samples"] = milliseconds(prior, bench, query)
    figures = {name: round(value, 4) for name, value in figures.items()}
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    if args.card:
        path = root / "prior" / "card.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        card["figures"] |= {"users_measured": len(bench.users), **figures}
        path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """`python -m vitrine.evals.taste --data F --shoppers F`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="vitrine eval personalization", description=__doc__)
    add_arguments(parser)
    run(parser.parse_args())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

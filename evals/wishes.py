"""Do free-text wishes move the ranking, and in the right direction? Measured on held-out reviews.

The reviews of every item are dealt into two halves. Search sees the description and one half; the
other half says which items really meet a wish ("warm"): a glad review affirms it. For each kind of
thing and each wish the shop is searched with the wish and without it; what counts is how many of the
items on the first pages are affirmed by the half that search never saw.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.items import Item
from vitrine.core.negation import denies
from vitrine.core.places import domain_folder, weights
from vitrine.core.ports import Artifacts, Catalogue, Encoder
from vitrine.core.settings import Settings
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import PackCatalogue, open_catalogue
from vitrine.models.encoder import ClipEncoder
from vitrine.tools.conditions import Conditions, Want
from vitrine.tools.quotes import find_passages
from vitrine.tools.retrieve_items import RetrieveItems, RetrieveRequest, WishText

FIRST_PAGE, THREE_PAGES = 4, 12
_GLAD = 4
_RARE, _COMMON = 3, 0.6
"""A wish is measured for a kind of thing where at least 3 items and at most this share meet it."""


class WishEffect(Frozen):
    """One wish for one kind of thing. Shares are of affirmed items, 0..1."""

    head: str
    wish: str
    items: int = Field(description="items of the kind")
    base: float = Field(description="share of affirmed items in the shop")
    first_off: float = Field(description="share on the first page without the wish")
    first_on: float
    pages_off: float = Field(description="share on the first three pages without the wish")
    pages_on: float
    rank_off: float = Field(description="mean rank share of affirmed items, 0 is best")
    rank_on: float


class WishReport(Frozen):
    """Means over all measured pairs of kind and wish, and a bootstrap interval of the gain."""

    pairs: int
    base: float
    first_off: float
    first_on: float
    pages_off: float
    pages_on: float
    rank_off: float
    rank_on: float
    gain_low: float = Field(description="2.5 % bound of first_on - first_off")
    gain_high: float
    effects: tuple[WishEffect, ...] = ()


def wish_ablation(
    folder: Path,
    encoder: Encoder,
    artifacts: Artifacts,
    *,
    wishes: Sequence[str] = (),
    seed: int = 0,
) -> WishReport:
    """Search with and without each wish.

    Args:
        folder: the domain pack.
        encoder: of the pack's vectors.
        artifacts: a store that the search may read.
        wishes: free texts; default: the soft words that the pack knows.
        seed: deals the reviews and draws the bootstrap samples.

    Raises:
        RequestError: the pack is broken.
    """
    whole = open_catalogue(folder, encoder=encoder)
    seen, unseen = _dealt(whole.items, seed)
    searched = PackCatalogue(folder, whole.pack, seen, encoder=encoder)
    tool = RetrieveItems(searched, encoder, artifacts)
    effects: list[WishEffect] = []
    for head in searched.values(searched.pack.head.name):
        rows = np.flatnonzero(searched.carries(searched.pack.head.name, head))
        held_out = {whole.at(int(row)).id: unseen[int(row)] for row in rows}
        off = _order(tool, head, searched, None)
        for wish in wishes or tuple(whole.pack.concepts):
            affirmed = {i for i, item in held_out.items() if _affirms(searched, item, wish)}
            if not _RARE <= len(affirmed) <= _COMMON * len(rows):
                continue
            on = _order(tool, head, searched, wish)
            effects.append(
                WishEffect(
                    head=head,
                    wish=wish,
                    items=len(rows),
                    base=len(affirmed) / len(rows),
                    first_off=_share(off[:FIRST_PAGE], affirmed),
                    first_on=_share(on[:FIRST_PAGE], affirmed),
                    pages_off=_share(off[:THREE_PAGES], affirmed),
                    pages_on=_share(on[:THREE_PAGES], affirmed),
                    rank_off=_mean_rank(off, affirmed),
                    rank_on=_mean_rank(on, affirmed),
                )
            )
    return _report(effects, seed)


def _dealt(items: Sequence[Item], seed: int) -> tuple[list[Item], list[Item]]:
    """Items with the reviews that search sees, and items that hold only the others."""
    rng = np.random.default_rng(seed)
    seen: list[Item] = []
    unseen: list[Item] = []
    for item in items:
        order = rng.permutation(len(item.reviews))
        half = (len(item.reviews) + int(rng.integers(2))) // 2
        shown = [item.reviews[i] for i in sorted(order[:half])]
        kept = [item.reviews[i] for i in sorted(order[half:])]
        seen.append(item.model_copy(update={"reviews": tuple(shown)}))
        unseen.append(item.model_copy(update={"description": "", "reviews": tuple(kept)}))
    return seen, unseen


def _affirms(catalogue: Catalogue, item: Item, wish: str) -> bool:
    """Whether a glad review of the unseen half says so, in a sentence that denies nothing."""
    return any(
        passage.stars is not None and passage.stars >= _GLAD and not denies(passage.text)
        for passage in find_passages(catalogue.pack, [item], wish)
    )


def _order(tool: RetrieveItems, head: str, catalogue: PackCatalogue, wish: str | None) -> list[str]:
    """Items of the kind as found, best first, 50 at most."""
    facet = catalogue.pack.head.name
    result = tool(
        RetrieveRequest(
            query=f"{head} {wish}" if wish is not None else head,
            conditions=Conditions(wants=(Want(facet=facet, values=(head,)),)),
            wishes=(WishText(text=wish),) if wish is not None else (),
            count=50,
            diversity=0.0,
        )
    )
    return [item.id for item in result.items]


def _share(page: Sequence[str], affirmed: set[str]) -> float:
    return sum(item in affirmed for item in page) / len(page) if page else 0.0


def _mean_rank(order: Sequence[str], affirmed: set[str]) -> float:
    """Mean rank share of the affirmed items; those beyond the list stand at its end."""
    place = {item: rank for rank, item in enumerate(order)}
    last = max(len(order), 1)
    return float(np.mean([place.get(item, last) / last for item in affirmed]))


def _report(effects: Sequence[WishEffect], seed: int) -> WishReport:
    def mean(name: str) -> float:
        values = [float(getattr(effect, name)) for effect in effects]
        return round(float(np.mean(values)), 4) if values else 0.0

    gains = np.asarray([effect.first_on - effect.first_off for effect in effects])
    rng = np.random.default_rng(seed)
    drawn = (
        [float(rng.choice(gains, len(gains)).mean()) for _ in range(1000)] if len(gains) else [0.0]
    )
    return WishReport(
        pairs=len(effects),
        base=mean("base"),
        first_off=mean("first_off"),
        first_on=mean("first_on"),
        pages_off=mean("pages_off"),
        pages_on=mean("pages_on"),
        rank_off=mean("rank_off"),
        rank_on=mean("rank_on"),
        gain_low=round(float(np.quantile(drawn, 0.025)), 4),
        gain_high=round(float(np.quantile(drawn, 0.975)), 4),
        effects=tuple(effects),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine eval wishes`."""
    parser.add_argument("--domain", default=Settings().domain)
    parser.add_argument("--wishes", nargs="+", default=(), help="default: the pack's soft words")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> None:
    """Measure with the shipped encoder; prints the report as JSON."""
    encoder = ClipEncoder(weights() / "clip")
    with tempfile.TemporaryDirectory(prefix="vitrine-wishes-") as scratch:
        report = wish_ablation(
            domain_folder(args.domain),
            encoder,
            ArtifactStore(Path(scratch)),
            wishes=args.wishes,
            seed=args.seed,
        )
    sys.stdout.write(report.model_dump_json(indent=1, exclude={"effects"}) + "\n")

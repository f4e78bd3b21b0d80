"""Held-out combinations of facets: are they drawn as asked, and do they look like real drawings?

Every seed draws other combinations with other noise, so that an interval over seeds holds for both.
The real drawings of the same combinations are the ceiling; set distances are to held-out drawings
that nobody was asked to draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.ports import (
    Encoder,
    Floats,
    Pixels,
    Prior,
    PriorRequest,
    RenderDials,
    RenderJob,
    TasteEvidence,
)
from vitrine.core.prompts import write_prompt
from vitrine.evals.generation.drawing import Drawer
from vitrine.evals.generation.looking import Looked, Looker
from vitrine.evals.generation.reading import colour_facet, nearest_value, read_figures
from vitrine.evals.generation.report import Figure, Row, alone, over_seeds
from vitrine.models.dataset import Drawings
from vitrine.models.encoder import fit_square
from vitrine.models.quality.distances import unit

REAL = "drawings"
MOST_REAL = 1000
"""Real drawings that sets are compared with."""
STRIDE = 10_000
"""Seeds of pictures of one repetition lie this far from those of the next."""
ABOUT = {
    REAL: "the real held-out drawings: what can be reached",
    "text": "words alone",
    "embedding": "the real drawing's image embedding, no words",
    "both": "words and embedding",
    "recolour": "the embedding with the words for another colour",
    "sampled": "an embedding sampled for a short request (two facets), no words",
    "designed": "the same with the words of the request, as designs are made",
}


@dataclass(frozen=True)
class Plan:
    """One condition of one seed: what to draw, what it should show, after which items."""

    jobs: Sequence[RenderJob]
    goals: Sequence[Mapping[str, str]]
    after_item: bool


@dataclass(frozen=True)
class Cases:
    """Held-out drawings of one seed."""

    values: Sequence[Mapping[str, str]]
    pictures: Sequence[Pixels]


@dataclass(frozen=True)
class Combinations:
    """What is needed to measure held-out combinations."""

    drawer: Drawer
    looker: Looker
    encoder: Encoder
    data: Drawings
    pack: DomainPack
    dials: RenderDials
    prior: Prior | None
    seeds: int
    count: int
    first_seed: int = 0

    def measure(self) -> tuple[list[Row], dict[str, list[Pixels]]]:
        """Rows by condition (real drawings first), and the first seed's pictures of each.

        Raises:
            RequestError: there are too few held-out drawings.
        """
        batches, rest = self._deal()
        real = self.looker.look([np.asarray(self.data.pictures[row]) for row in rest])
        figures: dict[str, list[dict[str, float]]] = {}
        looked: dict[str, list[Looked]] = {}
        shown: dict[str, list[Pixels]] = {}
        for number, rows in enumerate(batches):
            values = [self.data.values(int(row)) for row in rows]
            cases = Cases(values, [np.asarray(self.data.pictures[row]) for row in rows])
            seen = self.looker.look(cases.pictures)
            found = self._read(seen, values) | self.looker.against(seen, real)
            figures.setdefault(REAL, []).append(found)
            looked.setdefault(REAL, []).append(seen)
            shown.setdefault(REAL, list(cases.pictures))
            for name, plan in self._plans(cases, number).items():
                seen = self.looker.look(self.drawer.draw(plan.jobs, self.dials))
                found = self._figures(plan, seen, cases) | self.looker.against(seen, real)
                figures.setdefault(name, []).append(found)
                looked.setdefault(name, []).append(seen)
                shown.setdefault(name, list(seen.pictures))
        rows = [
            Row(
                name=name,
                about=ABOUT[name],
                pictures=sum(len(part.pictures) for part in looked[name]),
                figures=_over_seeds(figures[name])
                | {
                    key: alone(v)
                    for key, v in self.looker.frechet(_all(looked[name]), real).items()
                },
            )
            for name in figures
        ]
        return rows, shown

    def _deal(self) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
        """Rows of held-out drawings for each seed, and those left to compare with."""
        rng = np.random.default_rng(self.first_seed)
        order = rng.permutation(self.data.heldout)
        needed = self.seeds * self.count
        if len(order) < needed + self.count:
            raise RequestError(
                f"{self.seeds} seeds of {self.count} pictures need {needed + self.count} held-out"
                f" drawings, there are {len(order)}: lower --count or --seeds"
            )
        rest = order[needed : needed + max(MOST_REAL, self.count)]
        return list(order[:needed].reshape(self.seeds, self.count)), rest

    def _plans(self, cases: Cases, number: int) -> dict[str, Plan]:
        first = self.first_seed + number * STRIDE
        rng = np.random.default_rng([self.first_seed, number])
        prompts = [write_prompt(self.pack, value) for value in cases.values]
        embeddings = self.encoder.encode_images(cases.pictures)
        tint = colour_facet(self.pack)
        other = [self._recoloured(value, tint, rng) for value in cases.values]
        others = [write_prompt(self.pack, value) for value in other]
        plans = {
            "text": Plan(_jobs(prompts, None, first), cases.values, after_item=False),
            "embedding": Plan(_jobs(None, embeddings, first), cases.values, after_item=True),
            "both": Plan(_jobs(prompts, embeddings, first), cases.values, after_item=True),
            "recolour": Plan(_jobs(others, embeddings, first), other, after_item=True),
        }
        if self.prior is not None and tint is not None:
            said = (self.pack.head.name, tint)
            asked = [{f: v for f, v in value.items() if f in said} for value in cases.values]
            words = [write_prompt(self.pack, value) for value in asked]
            samples = _samples(self.prior, self.encoder.encode_text(words), first)
            plans["sampled"] = Plan(_jobs(None, samples, first), asked, after_item=False)
            plans["designed"] = Plan(_jobs(words, samples, first), asked, after_item=False)
        return plans

    def _figures(self, plan: Plan, seen: Looked, cases: Cases) -> dict[str, float]:
        """Figures of one seed's pictures."""
        figures = self._read(seen, plan.goals)
        wanted = [job.embedding for job in plan.jobs if job.embedding is not None]
        again = seen.features["clip"]
        if wanted:
            pairs = unit(again) * unit(np.stack(wanted))
            figures["again"] = float(pairs.sum(axis=1).mean())
        if plan.after_item:
            for name, values in self.looker.likeness(seen.pictures, cases.pictures).items():
                figures[name] = float(values.mean())
        return figures

    def _read(self, seen: Looked, goals: Sequence[Mapping[str, str]]) -> dict[str, float]:
        """What the judge, the pixels and the CLIPs say of pictures that should show `goals`."""
        read = read_figures(seen.pictures, goals, self.looker.judge, self.pack)
        tint = colour_facet(self.pack)
        facets = {name: v for name, v in read.items() if name in self.looker.judge.vocabulary}
        figures = {f"asked_{name}": value for name, value in facets.items()}
        figures["asked"] = float(np.mean(list(facets.values())))
        if tint is not None:
            figures["pixels"] = read[f"pixels_{tint}"]
            kept = nearest_value(seen.features["clip"], self.encoder, self.pack, tint)
            pairs = [(k, g[tint]) for k, g in zip(kept, goals, strict=True) if tint in g]
            figures["kept"] = sum(k == g for k, g in pairs) / max(len(pairs), 1)
        texts = [write_prompt(self.pack, goal) for goal in goals]
        means = self.looker.fits(seen, texts) | self.looker.pleasing(seen.pictures)
        return figures | {name: float(values.mean()) for name, values in means.items()}

    def _recoloured(
        self, values: Mapping[str, str], tint: str | None, rng: np.random.Generator
    ) -> dict[str, str]:
        """The same thing in another colour."""
        if tint is None or tint not in values:
            return dict(values)
        facet = self.pack.facet(tint)
        assert facet is not None
        borrowed = [f.name for f in self.pack.facets if f.values_from == tint and f.name in values]
        taken = {values[tint], *(values[name] for name in borrowed)}
        others = [value.name for value in facet.values if value.name not in taken]
        return {**values, tint: str(rng.choice(others))}


def flat_figures(rows: Sequence[Row], pack: DomainPack) -> dict[str, dict[str, float]]:
    """Means by condition under the names that `figures.json` and cards have: facets by their name."""
    tint = colour_facet(pack)
    names = {"pixels": f"pixels_{tint}", "kept": f"kept_{tint}"}
    return {
        row.name: {"n": float(row.pictures)}
        | {
            names.get(name, name.removeprefix("asked_")): round(figure.mean, 4)
            for name, figure in row.figures.items()
        }
        for row in rows
    }


def _jobs(prompts: Sequence[str] | None, embeddings: Floats | None, first: int) -> list[RenderJob]:
    count = (
        len(prompts) if prompts is not None else len(embeddings if embeddings is not None else ())
    )
    return [
        RenderJob(
            "" if prompts is None else prompts[i],
            None if embeddings is None else embeddings[i],
            first + i,
        )
        for i in range(count)
    ]


def _samples(prior: Prior, queries: Floats, first: int) -> Floats:
    """One sample a request for nobody in particular, (n, d)."""
    nobody = TasteEvidence(liked=queries[:0], disliked=queries[:0])
    return np.concatenate(
        [
            prior.sample(PriorRequest(taste=nobody, query=query, n=1, seed=first + i))
            for i, query in enumerate(queries)
        ]
    )


def _over_seeds(figures: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    names = [name for name in figures[0] if all(name in one for one in figures)]
    return {name: over_seeds([one[name] for one in figures]) for name in names}


def _all(parts: Sequence[Looked]) -> Looked:
    names = parts[0].features
    return Looked(
        [picture for part in parts for picture in part.pictures],
        {name: np.concatenate([part.features[name] for part in parts]) for name in names},
    )


def contact_sheet(rows: Sequence[Sequence[Pixels]], limit: int = 16) -> Pixels:
    """Pictures side by side, one condition a row, all at the size of the largest."""
    side = max(len(picture) for row in rows for picture in row[:limit])
    fitted = [[fit_square(picture, side) for picture in row[:limit]] for row in rows]
    return np.concatenate([np.concatenate(row, axis=1) for row in fitted], axis=0)

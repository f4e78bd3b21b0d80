"""With a request and a person: is what was asked kept, and does the person still shift the rest?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Encoder, Floats, PriorRequest, TasteEvidence
from vitrine.core.prompts import write_prompt
from vitrine.core.settings import Settings
from vitrine.evals.personal.bench import Sampled, unit
from vitrine.evals.personal.report import ArmFigures, RequestsSection, arm_figures, figure
from vitrine.evals.personal.stages import REFERENCES, Stage

GUIDANCES = (0.0, 2.0, 5.0, *REFERENCES)
"""Guidance of the user; 0 leaves the request alone."""

REQUESTED = Settings().design.guidance_query
"""Guidance of the request as designs are made."""


class FacetReader:
    """Reads the asked facets off embeddings by the nearest text of each value."""

    def __init__(self, stage: Stage, encoder: Encoder, facets: Sequence[str]) -> None:
        wares = stage.bench.world.wares
        self.values = {
            facet: sorted({v for row in wares.facets for v in row.get(facet, ())})
            for facet in facets
        }
        self._words = {
            facet: unit(encoder.encode_text([write_prompt(wares.pack, {facet: v}) for v in values]))
            for facet, values in self.values.items()
        }

    def read(self, facet: str, rows: Floats) -> list[str]:
        """The value that each raw embedding (n, d) shows."""
        best = (unit(rows) @ self._words[facet].T).argmax(axis=1)
        return [self.values[facet][place] for place in best.tolist()]


def asked_facets(stage: Stage) -> list[str]:
    """The head and the first facet that can be seen."""
    pack = stage.bench.world.wares.pack
    seen = [f.name for f in pack.facets if f.visible and f.of is None and f.name != pack.head.name]
    return [pack.head.name, *seen[:1]]


def with_requests(stage: Stage, encoder: Encoder) -> RequestsSection:
    """Everybody asks for the kind and one more value of a thing of the shelf, met by chance."""
    facets = asked_facets(stage)
    reader = FacetReader(stage, encoder, facets)
    world = stage.bench.world
    asked: dict[int, dict[str, str]] = {}
    queries: dict[int, Floats] = {}
    for user in stage.unseen:
        rng = np.random.default_rng([stage.seed, user, 5])
        thing = world.wares.facets[int(rng.choice(world.shelf))]
        asked[user] = {facet: thing[facet][0] for facet in facets if facet in thing}
        queries[user] = encoder.encode_text([write_prompt(world.wares.pack, asked[user])])[0]
    rows: list[ArmFigures] = []
    standing: dict[float, NDArray[np.float64]] = {}
    for guidance in GUIDANCES:
        kept: dict[int, Floats] = {}

        def arm(user: int, taste: TasteEvidence, w: float = guidance) -> Sampled:
            samples = stage.arms.prior.sample(
                PriorRequest(
                    TasteEvidence(taste.liked[:0], taste.disliked[:0]) if w == 0 else taste,
                    queries[user],
                    n=stage.arms.n,
                    seed=stage.arms.seed_of(user),
                    guidance_user=w,
                    guidance_query=REQUESTED,
                )
            )
            kept[user] = samples  # noqa: B023 - used within the same round
            return Sampled(samples)

        measured = stage.measure(arm, stage.unseen)
        standing[guidance] = measured.values["percentile"]
        row = arm_figures("request and user" if guidance else "request alone", measured,
                          dial=guidance)  # fmt: skip
        figures = dict(row.figures)
        for facet in facets:
            people = [user for user in stage.unseen if facet in asked[user]]
            hits = [
                np.mean([value == asked[user][facet] for value in reader.read(facet, kept[user])])
                for user in people
            ]
            figures[f"kept {facet}"] = figure(np.array(hits))
        rows.append(row.model_copy(update={"figures": figures}))
    gains = {
        f"{guidance:g}": figure(standing[guidance] - standing[0.0])
        for guidance in GUIDANCES
        if guidance
    }
    return RequestsSection(
        arms=tuple(rows), gains=gains, ceiling=_ceiling(stage, reader), guidance_query=REQUESTED
    )


def _ceiling(stage: Stage, reader: FacetReader) -> dict[str, float]:
    """How well the reader does on real items."""
    world = stage.bench.world
    found: dict[str, float] = {}
    for facet in reader.values:
        rows = [row for row in world.shelf.tolist() if facet in world.wares.facets[row]]
        read = reader.read(facet, world.data.images[rows])
        right = [
            value in world.wares.facets[row][facet] for value, row in zip(read, rows, strict=True)
        ]
        found[f"kept {facet}"] = round(float(np.mean(right)), 4)
    return found

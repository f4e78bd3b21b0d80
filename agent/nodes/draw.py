"""Draw: render only the winners, look at what came out, and find the nearest real item of each."""

import numpy as np

from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Drawing, Drawn, Imagined
from vitrine.agent.seeking import left_out, preferences
from vitrine.agent.state import TurnState
from vitrine.core.errors import Cancelled, ToolError
from vitrine.core.refs import EmbeddingRef
from vitrine.tools.nearest_item import NearestRequest
from vitrine.tools.render_images import Draft, RenderRequest
from vitrine.tools.score_candidates import ScoreRequest


@stage("draw")
async def draw(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Pictures, best first. A stopped drawing ends the branch, not the turn."""
    imagined = state["imagined"]
    assert imagined is not None, "imagine precedes draw"
    if not imagined.sketches:
        return {"drawn": Drawn(failed=imagined.failed)}, "nothing to draw"
    try:
        drawings = await _draw(state, imagined, bench)
    except Cancelled:
        return {"drawn": Drawn(stopped=True)}, "stopped on request"
    except ToolError as error:
        return {"drawn": Drawn(failed=str(error))}, f"failed: {error}"
    return {"drawn": Drawn(drawings=drawings)}, f"{len(drawings)} pictures"


async def _draw(state: TurnState, imagined: Imagined, bench: Bench) -> tuple[Drawing, ...]:
    shop, dialogue, leaning = bench.shop, state["dialogue"], state["updated"].leaning
    dials = shop.settings.design
    taste = await bench.aside(lambda: bench.taste(dialogue, leaning))
    request = RenderRequest(
        drafts=tuple(
            Draft(
                prompt=s.prompt,
                embedding=s.embedding,
                seed=s.seed,
                negative=s.negative,
                interest=imagined.attended,
            )
            for s in imagined.sketches
        ),
        steps=dials.steps,
        guidance=dials.guidance,
        adapter_scale=dials.adapter_scale,
        taste=taste.references,
        facets=preferences(dialogue, leaning),
        dials=dialogue.dials,
        personal_run=dials.personal_run,
    )
    rendered = await bench.heavy(
        "render_images",
        lambda on_step: shop.tools.render(request, on_step=on_step, stopped=bench.stopped.is_set),
        lambda r: f"{len(r.images)} pictures, {dials.steps} steps",
    )
    asked = ScoreRequest(
        taste=taste.references,
        facets=preferences(dialogue, leaning),
        text=imagined.words,
        candidates=rendered.images,
        attribute=True,
    )
    result = await bench.light("score_candidates", lambda: shop.tools.score(asked))
    scored = result.scores
    embeddings = [s.embedding for s in scored if s.embedding is not None]
    assert len(embeddings) == len(scored), "the scorer stores the embedding of every picture"
    nearest = await bench.light(
        "nearest_item",
        lambda: shop.tools.nearest(
            NearestRequest(
                embeddings=tuple(embeddings), exclude=left_out(dialogue, fresh=False), count=1
            )
        ),
    )
    likeness = await shop.workers.light(lambda: _likeness(embeddings, imagined.base_vector, bench))
    drawings = [
        Drawing(
            image=image,
            embedding=embedding,
            prompt=sketch.prompt,
            seed=sketch.seed,
            facets=sketch.facets,
            filled=sketch.filled,
            score=score.score,
            fit=score.fit,
            cause=score.cause,
            nearest=near[0].id if near else None,
            similarity=near[0].similarity if near else None,
            base_likeness=like,
        )
        for image, embedding, sketch, score, near, like in zip(
            rendered.images,
            embeddings,
            imagined.sketches,
            scored,
            nearest.nearest,
            likeness,
            strict=True,
        )
    ]
    return tuple(sorted(drawings, key=lambda d: (-d.score, d.seed)))


def _likeness(
    embeddings: list[EmbeddingRef], base: EmbeddingRef | str | None, bench: Bench
) -> list[float | None]:
    """Cosine of each picture with the thing it was drawn after."""
    if base is None:
        return [None] * len(embeddings)
    shop = bench.shop
    if isinstance(base, str):
        target = shop.catalogue.vectors([shop.catalogue.row(base)])[0]
    else:
        target = shop.artifacts.get_embedding(base)
    found: list[float | None] = []
    for ref in embeddings:
        row = shop.artifacts.get_embedding(ref)
        length = float(np.linalg.norm(row) * np.linalg.norm(target))
        found.append(round(float(row @ target) / length, 4) if length else 0.0)
    return found

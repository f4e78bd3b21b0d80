"""Imagine: from beliefs and taste to the few sampled embeddings that are worth drawing.

1. The words: what was said, over what the base thing is, as the pack's template says it.
2. Interests: tags of the person's history that the request leaves open.
3. Sample many embeddings for this person and these words.
4. Read each sample by its nearest real items; set aside what shows something avoided.
5. Score, and choose the few that are good and unlike each other.
6. Each winner gets words of its own: what nobody decided is filled from its own neighbours, so that
   words and embedding ask for the same thing.
"""

from dataclasses import dataclass

import numpy as np

from vitrine.agent.blueprint import Blueprint, blueprint, complete, vote
from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Imagined, Sketch
from vitrine.agent.prompting import negative_words, write_prompt
from vitrine.agent.seeking import preferences, reference
from vitrine.agent.seeds import derive
from vitrine.agent.state import TurnState
from vitrine.core.acts import Create
from vitrine.core.errors import ToolError
from vitrine.core.refs import EmbeddingRef
from vitrine.core.turn import Notice
from vitrine.tools.conditions import Conditions, Want
from vitrine.tools.nearest_item import NearestRequest
from vitrine.tools.rewrite_interests import RewriteRequest
from vitrine.tools.sample_embeddings import SampleRequest
from vitrine.tools.score_candidates import ScoreRequest
from vitrine.tools.selection import select

NEIGHBOURS = 7
BASE_SHARE = 0.6
"""Share of the base thing in the query direction when a design should resemble it."""


@dataclass(frozen=True)
class _Candidate:
    """One sample as its neighbours show it."""

    embedding: EmbeddingRef
    shows: dict[str, str]
    agreement: float
    avoided: bool


@stage("imagine")
async def imagine(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """The winners of the sampling."""
    act = state["plan"].create
    assert act is not None, "route_acts sends only plans with designs here"
    try:
        imagined = await _imagine(state, act, bench)
    except ToolError as error:
        return {"imagined": Imagined(failed=str(error))}, f"failed: {error}"
    note = f"{len(imagined.sketches)} of {imagined.sampled} samples, {imagined.refused} set aside"
    return {"imagined": imagined}, note


async def _imagine(state: TurnState, act: Create, bench: Bench) -> Imagined:
    shop, dialogue, leaning = bench.shop, state["dialogue"], state["updated"].leaning
    dials, pack, seed = shop.settings.design, shop.catalogue.pack, state["seed"]
    base = reference(dialogue, act.base) if act.base is not None else None
    taste = await bench.taste(dialogue, leaning)

    # 1. The words, one blueprint a design: alternatives ("red or blue") take turns.
    plans = [blueprint(dialogue, leaning, act.base, shop.catalogue, i) for i in range(act.count)]
    prompts = list(dict.fromkeys(write_prompt(pack, plan.asked) for plan in plans))

    # 2. Interests of the history, for what the request leaves open.
    rewritten = await bench.light(
        "rewrite_interests",
        lambda: shop.tools.rewrite(
            RewriteRequest(
                history=taste.history,
                target=prompts[0],
                settled=tuple(plans[0].asked),
            )
        ),
        lambda r: ", ".join(f"{t.value} ({t.count})" for t in r.interests),
    )

    # 3. Sample, as many for each of the alternatives.
    n = max(dials.candidates // len(prompts), act.count)
    candidates: list[_Candidate] = []
    for number, prompt in enumerate(prompts):
        request = SampleRequest(
            taste=taste.references,
            query=prompt,
            base=base,
            base_weight=BASE_SHARE,
            n=n,
            seed=derive(seed, f"sample-{number}"),
            guidance_user=dials.guidance_user,
            guidance_query=dials.guidance_query,
        )
        sampled = await bench.light(
            "sample_embeddings",
            lambda r=request: shop.tools.sample(r),
            lambda r: f"{len(r.embeddings)} embeddings",
        )
        # 4. Read the samples.
        plan = next(p for p in plans if write_prompt(pack, p.asked) == prompt)
        candidates += await bench.light(
            "nearest_item", lambda p=plan, e=sampled.embeddings: _read(p, e, bench)
        )

    # 5. Score and choose.
    allowed = [c for c in candidates if not c.avoided]
    notices: list[Notice] = []
    if len(allowed) < act.count:
        allowed = candidates
    faithful = sorted({c.agreement for c in allowed}, reverse=True)
    threshold = next(
        (a for a in faithful if sum(c.agreement >= a for c in allowed) >= 3 * act.count), 0.0
    )
    pool = [c for c in allowed if c.agreement >= threshold]
    scores = await bench.light(
        "score_candidates",
        lambda: shop.tools.score(
            ScoreRequest(
                taste=taste.references,
                facets=preferences(dialogue, leaning),
                text=prompts[0],
                candidates=tuple(c.embedding for c in pool),
            )
        ),
        lambda r: f"{len(r.scores)} samples",
    )
    values = np.asarray([s.score for s in scores.scores], dtype=np.float32)
    vectors = np.stack([shop.artifacts.get_embedding(c.embedding) for c in pool])  # (n, d)
    winners = select(vectors, values, min(act.count, len(pool)))

    # 6. Words for each winner.
    sketches: list[Sketch] = []
    for position, index in enumerate(winners):
        candidate = pool[int(index)]
        plan = plans[position % len(plans)]
        choices, filled = complete(plan, candidate.shows, shop.catalogue)
        sketches.append(
            Sketch(
                prompt=write_prompt(pack, choices),
                negative=negative_words(dialogue, pack),
                embedding=candidate.embedding,
                seed=derive(seed, f"draw-{position}"),
                facets={facet: (value,) for facet, value in choices.items()},
                filled=filled,
                expected=float(values[int(index)]),
            )
        )
    return Imagined(
        sketches=tuple(sketches),
        sampled=len(candidates),
        refused=sum(c.avoided for c in candidates),
        base=act.base.id if act.base is not None else None,
        base_vector=base,
        interests=tuple(tag.value for tag in rewritten.interests),
        notices=tuple(notices),
    )


def _read(plan: Blueprint, embeddings: tuple[EmbeddingRef, ...], bench: Bench) -> list[_Candidate]:
    """What each sample shows, by a vote of its nearest items of the asked kind."""
    shop = bench.shop
    pack = shop.catalogue.pack
    head = plan.asked.get(pack.head.name)
    held = Conditions(wants=(Want(facet=pack.head.name, values=(head,)),)) if head else Conditions()
    result = shop.tools.nearest(
        NearestRequest(embeddings=embeddings, conditions=held, count=NEIGHBOURS)
    )
    candidates: list[_Candidate] = []
    for embedding, near in zip(embeddings, result.nearest, strict=True):
        items = [(shop.catalogue.item(n.id), n.similarity) for n in near]
        shows = vote(items, pack)
        checked = [facet for facet in plan.asked if facet in shows]
        agreeing = sum(shows[facet] == plan.asked[facet] for facet in checked)
        candidates.append(
            _Candidate(
                embedding=embedding,
                shows=shows,
                agreement=round(agreeing / len(checked), 4) if checked else 0.0,
                avoided=any(
                    (f, v) in plan.avoided and f not in plan.asked for f, v in shows.items()
                ),
            )
        )
    return candidates

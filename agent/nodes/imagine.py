"""Imagine: from beliefs and taste to the few sampled embeddings that are worth drawing.

1. The words: what was said, over what the base thing is, as the pack's template says it.
2. Interests: tags of the person's history that the request leaves open; and, where designs are drawn
   with a third branch, the things of the history that are nearest to the words with these tags.
3. Sample many embeddings for this person and these words.
4. Read each sample by its nearest real items; set aside what shows something avoided.
5. Score, and choose the few that are good and unlike each other. The real items around the samples are
   scored beside them: catalogue or create is decided on one scale.
6. Each winner gets words of its own: what nobody decided is filled from its own neighbours, so that
   words and embedding ask for the same thing.
"""

from dataclasses import dataclass

import numpy as np

from vitrine.agent.blueprint import Blueprint, blueprints, complete, vote
from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Imagined, Rival, Sketch
from vitrine.agent.prompting import negative_words
from vitrine.agent.seeds import derive
from vitrine.agent.seeking import conditions, left_out, preferences, reference
from vitrine.agent.state import TurnState
from vitrine.core.acts import Create
from vitrine.core.dials import BRANCHED
from vitrine.core.errors import ToolError
from vitrine.core.prompts import write_prompt
from vitrine.core.refs import EmbeddingRef, ItemId
from vitrine.tools.conditions import Conditions, Want
from vitrine.tools.nearest_item import NearestRequest
from vitrine.tools.relaxing import hard_filters
from vitrine.tools.retrieve_interest import InterestRefs, RetrieveInterestRequest
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

    plan: Blueprint
    embedding: EmbeddingRef
    shows: dict[str, str]
    agreement: float
    avoided: bool
    near: tuple[ItemId, ...]


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
    taste = await bench.aside(lambda: bench.taste(dialogue, leaning))

    # 1. The words.
    plans = blueprints(dialogue, leaning, act.base, shop.catalogue, act.count)
    prompts = [write_prompt(pack, plan.asked) for plan in plans]
    groups = dict(zip(prompts, plans, strict=True))  # equal words are sampled once
    words = write_prompt(
        pack, {f: v for f, v in plans[0].asked.items() if f not in plans[0].steered}
    )

    # 2. Interests of the history, for what the request leaves open.
    rewritten = await bench.light(
        "rewrite_interests",
        lambda: shop.tools.rewrite(
            RewriteRequest(
                history=taste.history,
                target=words,
                settled=tuple(plans[0].asked),
                head=plans[0].asked.get(pack.head.name),
            )
        ),
        lambda r: ", ".join(f"{t.value} ({t.count})" for t in r.interests),
    )

    attended: InterestRefs | None = None
    if dialogue.dials.method in BRANCHED and taste.pictured:
        query = RetrieveInterestRequest(
            query=rewritten.text or words,
            history=taste.pictured,
            exclude=frozenset((act.base.id,)) if act.base is not None else frozenset(),
        )
        found = await bench.light(
            "retrieve_interest",
            lambda: shop.tools.interest(query),
            lambda r: f"{len(r.found)} of {len(taste.pictured)} liked things",
        )
        attended = found.interest

    # 3. Sample, as many for each wording; 4. and read what the samples show.
    n = max(dials.candidates // len(groups), 2 * act.count)
    candidates: list[_Candidate] = []
    for number, (prompt, plan) in enumerate(groups.items()):
        request = SampleRequest(
            taste=taste.references,
            query=prompt if plan.asked else None,  # a bare noun says nothing: taste alone
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
        candidates += await bench.light(
            "nearest_item", lambda p=plan, e=sampled.embeddings: _read(p, e, bench)
        )

    # 5. Score and choose, as many for each alternative that was said.
    pool = _pool(candidates, act.count)
    aside = frozenset((*left_out(dialogue, fresh=False), act.base.id if act.base else ""))
    real = _real(pool, conditions(dialogue, leaning, pack), aside, bench)
    result = await bench.light(
        "score_candidates",
        lambda: shop.tools.score(
            ScoreRequest(
                taste=taste.references,
                facets=preferences(dialogue, leaning),
                text=words,
                candidates=(*(c.embedding for c in pool), *real),
            )
        ),
        lambda r: f"{len(pool)} samples, {len(r.scores) - len(pool)} items beside them",
    )
    scores = [scored.score for scored in result.scores[: len(pool)]]
    rival = _rival(real, [scored.score for scored in result.scores[len(pool) :]], max(scores))
    winners = await shop.workers.light(lambda: _choose(pool, scores, act.count, bench))

    # 6. Words for each winner.
    sketches: list[Sketch] = []
    for position, index in enumerate(winners):
        candidate = pool[index]
        choices, filled = complete(candidate.plan, candidate.shows, shop.catalogue)
        sketches.append(
            Sketch(
                prompt=write_prompt(pack, choices),
                negative=negative_words(dialogue, pack),
                embedding=candidate.embedding,
                seed=derive(seed, f"draw-{position}"),
                facets={facet: (value,) for facet, value in choices.items()},
                filled=filled,
                expected=scores[index],
            )
        )
    return Imagined(
        sketches=tuple(sketches),
        words=words,
        sampled=len(candidates),
        refused=sum(c.avoided for c in candidates),
        rival=rival,
        base=act.base.id if act.base is not None else None,
        base_vector=base,
        interests=tuple(tag.value for tag in rewritten.interests),
        attended=attended,
        stored=tuple(dict.fromkeys(c.embedding.key for c in candidates)),
    )


def _pool(candidates: list[_Candidate], count: int) -> list[_Candidate]:
    """Samples worth scoring: nothing avoided in them, as faithful to the words as enough are.

    Fidelity is judged within each wording, so that no alternative is crowded out. Where everything
    shows something avoided, the words and the negative prompt have to keep it out.
    """
    pool: list[_Candidate] = []
    for plan in dict.fromkeys(id(c.plan) for c in candidates):
        own = [c for c in candidates if id(c.plan) == plan]
        allowed = [c for c in own if not c.avoided] or own
        for share in sorted({c.agreement for c in allowed}, reverse=True):
            faithful = [c for c in allowed if c.agreement >= share]
            if len(faithful) >= 2 * count:
                break
        else:
            faithful = allowed
        pool += faithful
    return pool


def _real(
    pool: list[_Candidate], held: Conditions, aside: frozenset[ItemId], bench: Bench
) -> tuple[ItemId, ...]:
    """Real items around the samples that carry what was asked and meet all that is hard, each once."""
    catalogue = bench.shop.catalogue
    passing = hard_filters(catalogue, held)  # (N,)
    found: dict[ItemId, None] = {}
    for candidate in pool:
        asked = candidate.plan.unsteered
        for item_id in candidate.near:
            if item_id in found or item_id in aside or not passing[catalogue.row(item_id)]:
                continue
            facets = catalogue.item(item_id).facets
            if all(value in facets.get(facet, ()) for facet, value in asked.items()):
                found[item_id] = None
    return tuple(found)


def _rival(real: tuple[ItemId, ...], scores: list[float], sampled: float) -> Rival | None:
    """The best real item, the first of equals; None where there is none."""
    if not real:
        return None
    best = max(range(len(real)), key=lambda place: (scores[place], -place))
    return Rival(item=real[best], score=scores[best], sampled=sampled)


def _choose(pool: list[_Candidate], scores: list[float], count: int, bench: Bench) -> list[int]:
    """Indices of the winners: good and unlike each other, every wording in equal number."""
    artifacts = bench.shop.artifacts
    vectors = np.stack([artifacts.get_embedding(c.embedding) for c in pool])  # (n, d)
    values = np.asarray(scores, dtype=np.float32)
    sides: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for index, candidate in enumerate(pool):
        sides.setdefault(tuple(sorted(candidate.plan.asked.items())), []).append(index)
    winners: list[int] = []
    for number, rows in enumerate(sides.values()):
        share = count // len(sides) + (number < count % len(sides))
        if share:
            chosen = select(vectors[rows], values[rows], min(share, len(rows)), method="dpp")
            winners += [rows[i] for i in chosen]
    return winners


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
                plan=plan,
                embedding=embedding,
                shows=shows,
                agreement=round(agreeing / len(checked), 4) if checked else 0.0,
                avoided=any(
                    (f, v) in plan.avoided and f not in plan.asked for f, v in shows.items()
                ),
                near=tuple(item.id for item, _ in items),
            )
        )
    return candidates

"""Find: real items for what is believed."""

from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Found
from vitrine.agent.prompting import query_words
from vitrine.agent.seeking import conditions, left_out, preferences, reference
from vitrine.agent.state import TurnState
from vitrine.core.errors import ToolError
from vitrine.tools.retrieve_items import RetrieveRequest, WishText
from vitrine.tools.score_candidates import ScoreRequest


@stage("find")
async def find(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Retrieve, then score what will be shown on the same scale as designs."""
    dialogue, leaning, show = state["dialogue"], state["updated"].leaning, state["plan"].show
    assert show is not None, "route_acts sends only plans with a recommendation here"
    shop = bench.shop
    pack = shop.catalogue.pack
    like = reference(dialogue, show.like) if show.like is not None else None
    unlike = [
        reference(dialogue, verdict.thing)
        for verdict in dialogue.verdicts
        if verdict.verdict == "reject"
    ]
    exclude = set(left_out(dialogue, fresh=show.fresh))
    if show.like is not None and show.like.kind == "item":
        exclude.add(show.like.id)
    answers = state.get("answers")
    named = answers.items[: show.count] if answers is not None else ()
    exclude |= set(named)
    words = query_words(dialogue, pack)
    request = RetrieveRequest(
        query=words,
        image=dialogue.query_image,
        like=() if like is None else (like,),
        unlike=tuple(ref for ref in unlike[-4:] if ref is not None),
        conditions=conditions(dialogue, leaning, pack),
        wishes=tuple(WishText(text=w.text, polarity=w.polarity) for w in dialogue.beliefs.wishes),
        profile_likes=leaning.likes,
        profile_avoids=leaning.avoids,
        exclude=tuple(sorted(exclude)),
        count=max(1, show.count - len(named)),
        diversity=0.6 if show.kind == "recommend_explore" else 0.3,
    )
    try:
        result = await bench.light(
            "retrieve_items",
            lambda: shop.tools.retrieve(request),
            lambda r: f"{len(r.items)} of {r.matching} matching",
        )
        taste = await bench.taste(dialogue, leaning)
        scores = await bench.light(
            "score_candidates",
            lambda: shop.tools.score(
                ScoreRequest(
                    taste=taste.references,
                    facets=preferences(dialogue, leaning),
                    text=words,
                    candidates=(*named, *(item.id for item in result.items)),
                )
            ),
            lambda r: f"{len(r.scores)} items",
        )
    except ToolError as error:
        return {"found": Found(failed=str(error))}, f"failed: {error}"
    found = Found(
        items=result.items,
        matching=result.matching,
        relaxed=result.relaxed,
        not_carried=result.not_carried,
        named=named,
        scores=tuple(s.score for s in scores.scores),
    )
    return {"found": found}, f"{len(named) + len(found.items)} items"

"""Find: real items for what is believed."""

from collections.abc import Sequence

from vitrine.agent.context import Bench, Wired
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Answers, Found, Quote
from vitrine.agent.prompting import query_words
from vitrine.agent.seeking import conditions, left_out, preferences, reference
from vitrine.agent.state import TurnState
from vitrine.core.acts import Show
from vitrine.core.errors import ToolError
from vitrine.core.refs import ItemId
from vitrine.core.turn import Fact
from vitrine.memory.state import DialogueState
from vitrine.tools.conditions import Conditions
from vitrine.tools.retrieve_items import RetrieveRequest, RetrieveResult, WishText
from vitrine.tools.score_candidates import ScoreRequest
from vitrine.tools.weigh_item import wish_fact
from vitrine.tools.what_if import WhatIfRequest, Without

MOST_QUOTED = 2
"""Free wishes, the newest, for which the shown listings are searched for a sentence."""


@stage("find")
async def find(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Retrieve, then score what will be shown on the same scale as designs."""
    dialogue, leaning, show = state["dialogue"], state["updated"].leaning, state["plan"].show
    assert show is not None, "route_acts sends only plans with a recommendation here"
    shop = bench.shop
    answers = state.get("answers")
    named = _named(show, answers.items if answers is not None else (), shop)
    runners = answers.runners[: show.count - len(named)] if answers is not None else ()
    first = (*named, *runners)
    held = conditions(dialogue, leaning, shop.catalogue.pack)
    words = query_words(dialogue, shop.catalogue.pack)

    def work() -> Found:
        result = RetrieveResult(items=(), matching=len(first))
        if len(first) < show.count and not show.things:
            request = _request(show, first, held, words, state)
            result = bench.timed(
                "retrieve_items",
                lambda: shop.tools.retrieve(request),
                lambda r: f"{len(r.items)} of {r.matching} matching",
            )
        shown = (*first, *(item.id for item in result.items))
        scores = bench.timed(
            "score_candidates",
            lambda: shop.tools.score(
                ScoreRequest(
                    taste=bench.taste(dialogue, leaning).references,
                    facets=preferences(dialogue, leaning),
                    text=words,
                    candidates=shown,
                )
            ),
            lambda r: f"{len(r.scores)} items",
        )
        quotes, standing = bench.timed(
            "read_listings", lambda: _read(shown[: show.count], dialogue, shop)
        )
        return Found(
            items=result.items,
            matching=result.matching,
            relaxed=result.relaxed,
            exhausted=result.exhausted,
            without=_without(show, result, held, dialogue, bench),
            quotes=quotes,
            standing=standing,
            not_carried=result.not_carried,
            named=first,
            told=_told(named, answers) if not show.things else 0,
            scores=tuple(s.score for s in scores.scores),
        )

    try:
        found = await bench.aside(work)
    except ToolError as error:
        return {"found": Found(failed=str(error))}, f"failed: {error}"
    return {"found": found}, f"{len(found.scores)} items"


def _named(show: Show, items: Sequence[ItemId], shop: Wired) -> tuple[ItemId, ...]:
    """Items that an answer names, or that were asked for by name."""
    if show.things:
        return tuple(t.id for t in show.things if t.kind == "item" and shop.catalogue.has(t.id))
    return tuple(items[: show.count])


def _told(named: Sequence[ItemId], answers: Answers | None) -> int:
    """How many of the first items the answers have named in words."""
    facts = [f for v in (answers.views if answers is not None else ()) for f in v.facts]
    spoken = {fact.item for fact in facts}
    return sum(item_id in spoken for item_id in named)


def _request(
    show: Show, first: Sequence[ItemId], held: Conditions, words: str, state: TurnState
) -> RetrieveRequest:
    dialogue, leaning = state["dialogue"], state["updated"].leaning
    like = reference(dialogue, show.like) if show.like is not None else None
    unlike = [
        reference(dialogue, verdict.thing)
        for verdict in dialogue.verdicts
        if verdict.verdict == "reject"
    ]
    exclude = set(left_out(dialogue, fresh=show.fresh)) | set(first)
    if show.like is not None and show.like.kind == "item":
        exclude.add(show.like.id)
    return RetrieveRequest(
        query=words,
        image=dialogue.query_image,
        like=() if like is None else (like,),
        unlike=tuple(ref for ref in unlike[-4:] if ref is not None),
        conditions=held,
        wishes=tuple(WishText(text=w.text, polarity=w.polarity) for w in dialogue.beliefs.wishes),
        profile_likes=leaning.likes,
        profile_avoids=leaning.avoids,
        exclude=tuple(sorted(exclude)),
        count=max(1, show.count - len(first)),
        diversity=0.6 if show.kind == "recommend_explore" else 0.3,
    )


def _read(
    shown: Sequence[ItemId], dialogue: DialogueState, shop: Wired
) -> tuple[dict[ItemId, tuple[Quote, ...]], dict[ItemId, tuple[Fact, ...]]]:
    """Sentences that meet the free wishes, and where each item stands among its kind."""
    wishes = [w.text for w in dialogue.beliefs.wishes if w.polarity == "want"][-MOST_QUOTED:]
    quotes: dict[ItemId, tuple[Quote, ...]] = {}
    standing: dict[ItemId, tuple[Fact, ...]] = {}
    for item_id in shown:
        item = shop.catalogue.item(item_id)
        found = [(wish, wish_fact(shop.catalogue, item, wish)) for wish in wishes]
        quotes[item_id] = tuple(Quote(wish=w, fact=fact) for w, fact in found if fact is not None)
        standing[item_id] = tuple(shop.tools.weigh.standing.good(item))
    return quotes, standing


def _without(
    show: Show, result: RetrieveResult, held: Conditions, dialogue: DialogueState, bench: Bench
) -> tuple[Without, ...]:
    """Where little fits everything: which wish keeps the most away."""
    if not result.items or result.relaxed or len(result.items) >= show.count:
        return ()
    request = WhatIfRequest(conditions=held, exclude=left_out(dialogue, fresh=False), examples=1)
    found = bench.timed("what_if", lambda: bench.shop.tools.what_if(request))
    head = bench.shop.catalogue.pack.head.name
    return tuple(option for option in found.options if option.facet != head)[:2]

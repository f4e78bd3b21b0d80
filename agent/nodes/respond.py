"""Respond: the message, made from what the tools returned and from nothing else."""

import re
from collections.abc import Sequence

from vitrine.agent.context import Bench, Wired
from vitrine.agent.disclosure import notices_of
from vitrine.agent.explaining import say_without, title_of
from vitrine.agent.nodes.stage import model_step, stage
from vitrine.agent.outcome import Answers, Imagined
from vitrine.agent.reasons import (
    MOST_REASONS,
    belief_reasons,
    drawing_reasons,
    item_misses,
    item_reasons,
    listing_reasons,
)
from vitrine.agent.response import Material, write_reply
from vitrine.agent.saying import bare_value, label_of, say_number
from vitrine.agent.state import TurnState
from vitrine.core.acts import Act, Answer, Ask, Create, Decline, Say, Show
from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.core.refs import ThingRef
from vitrine.core.turn import DesignView, Nearest, Product, Reason, Turn
from vitrine.memory.state import DialogueState
from vitrine.memory.views import view

_THANKS = re.compile(r"\b(thank\w*|thx|thnx|tysm|ty|cheers|appreciate\w*|much obliged)\b", re.I)


@stage("respond")
async def respond(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """The turn object, complete but for its timings."""
    shop, dialogue, plan = bench.shop, state["dialogue"], state["plan"]
    found, drawn = state.get("found"), state.get("drawn")
    answers, imagined = state.get("answers"), state.get("imagined")
    pack = shop.catalogue.pack
    products = _products(state, shop)
    designs = _designs(state, shop)
    told = answers.told if answers is not None else ()
    reasons = tuple(dict.fromkeys(r for each in told for r in each.reasons))
    profile = state["profile"].markdown(shop.today())
    notices = notices_of(
        dialogue, state["updated"], found, answers, imagined, products, designs, shop.catalogue
    )
    material = Material(
        acts=plan.acts,
        state=dialogue,
        pack=pack,
        products=products,
        designs=designs,
        answers=answers.views if answers is not None else (),
        comparisons=answers.comparisons if answers is not None else (),
        told=told,
        notices=notices,
        profile=profile,
        titles={
            **_titles(answers, plan.acts, dialogue, shop),
            **_rival_title(imagined, shop),
        },
        verdicts=_verdicts(dialogue, shop),
        judged=_verdicts(dialogue, shop, dialogue.turn + 1),
        named=found.told if found is not None else 0,
        without=tuple(
            say_without(option, dialogue, shop.catalogue)
            for option in (found.without if found is not None else ())
        ),
        thanked=_THANKS.search(state["message"].text) is not None,
        sampled=imagined.sampled if imagined is not None else 0,
        refused=imagined.refused if imagined is not None else 0,
        rival=imagined.rival if imagined is not None else None,
        interests=imagined.interests if imagined is not None else (),
        matching=found.matching if found is not None else 0,
        find_failed=found.failed if found is not None else None,
        draw_failed=drawn.failed if drawn is not None else None,
        draw_stopped=drawn.stopped if drawn is not None else False,
    )
    turn = Turn(
        thread=dialogue.thread,
        turn=dialogue.turn + 1,
        user=dialogue.user,
        domain=dialogue.domain,
        said=state["message"].text,
        intents=state["understanding"].intents,
        acts=tuple(dict.fromkeys(act.kind for act in plan.acts)),
        reply=write_reply(material),
        state=view(dialogue),
        products=products,
        images=designs,
        answers=material.answers,
        reasons=reasons,
        notices=notices,
        suggestions=_suggestions(state, designs, products, shop),
        profile=profile,
    )
    if shop.wording is not None:
        worded = await shop.wording(turn.reply, plan.acts)
        turn = turn.model_copy(update={"reply": worded.reply})
        if worded.use is not None:
            bench.steps.append(model_step("llm.word", worded.use))
    return {"turn": turn}, f"{len(turn.reply)} characters"


def _products(state: TurnState, shop: Wired) -> tuple[Product, ...]:
    """What is recommended; what an answer named (the cheapest) comes first."""
    found, show = state.get("found"), state["plan"].show
    if show is None or found is None:
        return ()
    pack, dialogue, leaning = shop.catalogue.pack, state["dialogue"], state["updated"].leaning
    scores = dict(
        zip([*found.named, *(item.id for item in found.items)], found.scores, strict=True)
    )
    products: list[Product] = []
    for item_id in found.named:
        item = shop.catalogue.item(item_id)
        reasons = _answer_reasons(state, item, pack)
        products.append(_product(item, len(products) + 1, scores[item_id], reasons, dialogue, shop))
    for ranked in found.items[: show.count - len(products)]:
        item = shop.catalogue.item(ranked.id)
        score = scores[ranked.id]
        reasons = item_reasons(
            item,
            ranked,
            dialogue,
            leaning,
            pack,
            score,
            found.quotes.get(item.id, ()),
            found.standing.get(item.id, ()),
        )
        products.append(_product(item, len(products) + 1, score, reasons, dialogue, shop))
    return tuple(products)


def _answer_reasons(state: TurnState, item: Item, pack: DomainPack) -> tuple[Reason, ...]:
    """The facts of the answer that speak of the item, then the beliefs that it meets."""
    answers = state.get("answers")
    facts = [f for v in (answers.views if answers else ()) for f in v.facts if f.item == item.id]
    told = [
        Reason(
            text=fact.text.removeprefix(item.title).lstrip(" -:,–—")[:300],
            source="field",
            facet=fact.ref,
        )
        for fact in facts[:2]
    ]
    found = state.get("found")
    standing = found.standing.get(item.id, ()) if found is not None else ()
    reasons = (
        *told,
        *belief_reasons(item, state["dialogue"].beliefs, pack),
        *listing_reasons(item, pack, standing),
    )
    return (reasons or (_price_reason(item, pack),))[:MOST_REASONS]


def _price_reason(item: Item, pack: DomainPack) -> Reason:
    """What a thing that an answer led to is shown for, when nothing else is known of it."""
    facet = pack.role("price") or pack.head
    number = item.numbers.get(facet.name)
    words = say_number(pack, facet, number) if number is not None else item.title
    return Reason(text=words, source="field", facet=facet.name, value=number)


def _product(
    item: Item,
    position: int,
    score: float,
    reasons: tuple[Reason, ...],
    dialogue: DialogueState,
    shop: Wired,
) -> Product:
    price = shop.catalogue.pack.role("price")
    return Product(
        id=item.id,
        title=item.title,
        price=item.numbers.get(price.name) if price is not None else None,
        currency=shop.catalogue.pack.currency,
        facets=item.facets,
        numbers=item.numbers,
        position=position,
        score=round(score, 4),
        reasons=reasons,
        misses=item_misses(item, dialogue.beliefs, shop.catalogue.pack),
        picture=shop.catalogue.picture(item.id),
    )


def _designs(state: TurnState, shop: Wired) -> tuple[DesignView, ...]:
    drawn, imagined, dialogue = state.get("drawn"), state.get("imagined"), state["dialogue"]
    if drawn is None or imagined is None:
        return ()
    offset = len(_products(state, shop))
    base = _title(imagined.base, dialogue, shop)
    price = shop.catalogue.pack.role("price")
    views: list[DesignView] = []
    for position, drawing in enumerate(drawn.drawings, start=1 + offset):
        nearest = None
        if drawing.nearest is not None and drawing.similarity is not None:
            item = shop.catalogue.item(drawing.nearest)
            nearest = Nearest(
                id=item.id,
                title=item.title,
                price=item.numbers.get(price.name) if price is not None else None,
                similarity=round(drawing.similarity, 4),
            )
        views.append(
            DesignView(
                id=f"design-{dialogue.turn + 1}-{position}",
                position=position,
                path=shop.artifacts.image_path(drawing.image),
                image=drawing.image,
                embedding=drawing.embedding,
                seed=drawing.seed,
                prompt=drawing.prompt,
                score=round(drawing.score, 4),
                nearest=nearest,
                reasons=drawing_reasons(
                    drawing,
                    dialogue,
                    state["updated"].leaning,
                    shop.catalogue.pack,
                    base,
                    imagined.interests,
                ),
            )
        )
    return tuple(views)


def _title(base: str | None, dialogue: DialogueState, shop: Wired) -> str | None:
    if base is None:
        return None
    if shop.catalogue.has(base):
        return shop.catalogue.item(base).title
    place = dialogue.place(ThingRef(kind="design", id=base))
    return f"design {place.position} of turn {place.turn}" if place is not None else "your design"


def _rival_title(imagined: Imagined | None, shop: Wired) -> dict[str, str]:
    """Title of the real item that stands beside the designs, by id."""
    if imagined is None or imagined.rival is None:
        return {}
    return {imagined.rival.item: shop.catalogue.item(imagined.rival.item).title}


def _titles(
    answers: Answers | None, acts: Sequence[Act], dialogue: DialogueState, shop: Wired
) -> dict[str, str]:
    """Titles of the things that were asked about and that facts speak of, by id."""
    asked = [t for act in acts if isinstance(act, Answer) for t in act.question.things]
    titles = {thing.id: title_of(thing, dialogue, shop.catalogue) for thing in asked}
    facts = [f for v in (answers.views if answers is not None else ()) for f in v.facts]
    named = {fact.item for fact in facts if fact.item is not None}
    return {**titles, **{item_id: shop.catalogue.item(item_id).title for item_id in sorted(named)}}


def _verdicts(
    dialogue: DialogueState, shop: Wired, turn: int | None = None
) -> dict[str, tuple[str, ...]]:
    """What was liked, turned down and is owned, by title (in one turn)."""
    return {
        kind: tuple(
            title_of(v.thing, dialogue, shop.catalogue)
            for v in dialogue.verdicts
            if v.verdict == kind and turn in (None, v.evidence.turn)
        )
        for kind in ("accept", "reject", "been_to")
    }


def _others(state: TurnState, shop: Wired) -> tuple[str, ...]:
    """Where all that was asked about lacks the asked value: things that have it."""
    answers = state.get("answers")
    pack = shop.catalogue.pack
    asked = [act.question for act in state["plan"].acts if isinstance(act, Answer)]
    for question, answered in zip(
        asked, answers.views if answers is not None else (), strict=False
    ):
        facet = pack.facet(question.facet or "")
        if facet is None or question.value is None or not question.things or not answered.facts:
            continue
        told = [
            f.text.partition(": ")[2] if len(answered.facts) > 1 else f.text for f in answered.facts
        ]
        if all(text.startswith("no, ") for text in told):
            if facet.kind == "stock":
                return (f"Show me others in {facet.label or facet.name} {question.value}",)
            return (f"Show me {bare_value(pack, facet.name, question.value)} ones",)
    return ()


def _suggestions(
    state: TurnState,
    designs: tuple[DesignView, ...],
    products: tuple[Product, ...],
    shop: Wired,
) -> tuple[str, ...]:
    """What the user might say next."""
    acts = state["plan"].acts
    asked = next((act for act in acts if isinstance(act, Ask)), None)
    if asked is not None and asked.suggestions:
        return asked.suggestions
    if others := _others(state, shop):
        return others
    greets = any(isinstance(act, Say) and act.kind == "greet" for act in acts)
    if greets or (isinstance(acts[0], Decline) and not state["dialogue"].shown):
        return shop.catalogue.pack.starters
    if any(isinstance(act, Create) for act in acts) and designs:
        return ("Why these?", "I like the first one", "Design more like the first")
    found = state.get("found")
    if found is not None and found.without and products:
        pack = shop.catalogue.pack
        loosen = [f"Any {label_of(pack, o.facet)} is fine" for o in found.without]
        return (*loosen, "Why these?")
    if any(isinstance(act, Show) for act in acts) and products:
        drawing = (
            ("Design me one like the first",) if shop.catalogue.pack.design is not None else ()
        )
        return (*drawing, "Show me more", "Why these?")
    return ()

"""Answer: questions, comparisons and explanations, from listing and state or not at all."""

import re
from collections.abc import Sequence

from vitrine.agent import comparing, explaining
from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Answers, Comparison, Own, Told
from vitrine.agent.saying import label_of, say_number
from vitrine.agent.seeking import conditions, left_out
from vitrine.agent.state import TurnState
from vitrine.core.acts import Answer, Compare, Explain, Question
from vitrine.core.errors import ToolError
from vitrine.core.items import Item
from vitrine.core.ports import Catalogue
from vitrine.core.prompts import write_prompt
from vitrine.core.refs import ItemId, ThingRef
from vitrine.core.turn import AnswerView, Fact, Reason
from vitrine.memory.state import Design, DialogueState
from vitrine.tools.answer_question import AnswerRequest
from vitrine.tools.compare_items import CompareRequest
from vitrine.tools.conditions import Conditions, SetAside
from vitrine.tools.weigh_item import WeighRequest
from vitrine.tools.what_if import WhatIfRequest, WhatIfResult

_MY_SIZE = re.compile(r"\b(my size|for me|fits? me)\b", re.I)
_NEAREST = re.compile(
    r"\b(closest|nearest|similar|real|really|exists?|carry|in the shop|order|buy|purchase|have it)\b",
    re.I,
)
"""Whether it is asked which thing of the shop a drawing comes close to."""
_TWO_NEEDED = "a comparison needs two things"


@stage("answer")
async def answer(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Each question gets one structured answer, in the order of the acts."""
    dialogue = state["dialogue"]
    tools = bench.shop.tools
    held = conditions(dialogue, state["updated"].leaning, bench.shop.catalogue.pack)
    views: list[AnswerView] = []
    items: list[ItemId] = []
    runners: list[ItemId] = []
    comparisons: list[Comparison | None] = []
    told: list[Told] = []
    relaxed: list[SetAside] = []
    for act in state["plan"].acts:
        try:
            if isinstance(act, Compare):
                comparison = await _compare(act.things, _asked(state, act), dialogue, bench)
                comparisons.append(comparison)
                views.append(_compared(comparison, bench.shop.catalogue))
            elif isinstance(act, Explain):
                told.append(await _explain(act, state, held, told, bench))
            elif isinstance(act, Answer):
                designs = [(t, d) for t in act.question.things if (d := _design(t, dialogue))]
                if designs:
                    catalogue = bench.shop.catalogue
                    views.append(_about_designs(act.question, designs, dialogue, catalogue))
                    continue
                if act.question.kind == "without":
                    gains = await _what_if(act.question.facet, dialogue, held, 3, bench)
                    views.append(_without(act.question, gains, dialogue, bench.shop.catalogue))
                    continue
                asked = AnswerRequest(
                    question=_sized(act.question, held, bench.shop.catalogue),
                    things=tuple(t.id for t in act.question.things if t.kind == "item"),
                    conditions=held,
                    exclude=left_out(dialogue, fresh=False),
                )
                result = await bench.light("answer_question", lambda r=asked: tools.answer(r))
                views.append(result.view)
                if not asked.things:  # what was asked about is on the page already
                    items += result.items
                    runners += result.runners
                relaxed += result.relaxed
        except ToolError as error:
            if isinstance(act, Explain):
                told.append(Told(kind=act.kind))
                continue
            if isinstance(act, Compare):
                comparisons.append(None)
            views.append(AnswerView(question=str(error)[:300], unknown=True))
    answers = Answers(
        views=tuple(views),
        items=tuple(dict.fromkeys(items)),
        runners=tuple(dict.fromkeys(runners)),
        comparisons=tuple(comparisons),
        told=tuple(told),
        relaxed=tuple(relaxed),
    )
    return {"answers": answers}, f"{len(views)} answers, {len(told)} explanations"


def _sized(question: Question, held: Conditions, catalogue: Catalogue) -> Question:
    """The question with the size that "my size" means, where it is known."""
    facet = catalogue.pack.facet(question.facet or "")
    if facet is None or facet.kind != "stock" or question.value is not None:
        return question
    sizes = {size for stock in held.stock for size in stock.sizes}
    if len(sizes) != 1 or _MY_SIZE.search(question.text) is None:
        return question
    return question.model_copy(update={"value": sizes.pop()})


# --- comparisons ---------------------------------------------------------------------------------


def _asked(state: TurnState, act: Compare) -> Question | None:
    questions = state["understanding"].questions
    return next((q for q in questions if q.kind == "compare" and q.things == act.things), None)


async def _compare(
    things: tuple[ThingRef, ...], question: Question | None, dialogue: DialogueState, bench: Bench
) -> Comparison | None:
    """A table of the things; drawings stand in it by what was asked of them."""
    shop = bench.shop
    catalogue, pack = shop.catalogue, shop.catalogue.pack
    facet = question.facet if question is not None else None
    columns = tuple(dict.fromkeys(things))[:6]
    if len(columns) < 2:
        return None
    titles = tuple(explaining.title_of(thing, dialogue, catalogue) for thing in columns)
    items = [catalogue.item(thing.id) for thing in columns if thing.kind == "item"]
    repeated = any(
        q.kind == "compare" and q.things == things and q.facet == facet for q in dialogue.questions
    )
    if len(items) < len(columns):
        table = comparing.drawn_table(columns, dialogue, catalogue)
        notes = [
            f"{title} is a drawing, so it has no price, rating or stock yet"
            for thing, title in zip(columns, titles, strict=True)
            if thing.kind == "design"
        ][:1]
        rows = comparing.telling_rows(table, dialogue, pack, facet)
        best = comparing.best_drawn(columns, titles, dialogue)
        return Comparison(table=table, titles=titles, rows=rows, verdicts=best, notes=tuple(notes))
    request = CompareRequest(items=tuple(item.id for item in items))
    table = await bench.light("compare_items", lambda: shop.tools.compare(request))
    about, said = "", ()
    if question is not None and facet is None:
        about, said = await _said_of(question, items, bench)
    return Comparison(
        table=table,
        titles=titles,
        rows=comparing.telling_rows(table, dialogue, pack, facet),
        verdicts=comparing.verdicts(items, titles, dialogue, pack),
        about=about,
        said=said,
        repeated=repeated,
    )


async def _said_of(
    question: Question, items: Sequence[Item], bench: Bench
) -> tuple[str, tuple[Fact, ...]]:
    """In what the things are to be compared, where it is no field, and what is said of it."""
    titles = [item.title for item in items]
    forms = comparing.asked_property(question.text, titles, bench.shop.catalogue.pack)
    for form in forms:
        request = AnswerRequest(
            question=question.model_copy(update={"kind": "open", "text": form}),
            things=tuple(item.id for item in items),
        )
        result = await bench.light("answer_question", lambda r=request: bench.shop.tools.answer(r))
        if result.view.facts:
            return form, result.view.facts
    return (forms[0] if forms else ""), ()


def _compared(comparison: Comparison | None, catalogue: Catalogue) -> AnswerView:
    """The comparison as facts."""
    if comparison is None:
        return AnswerView(question=_TWO_NEEDED, unknown=True)
    facts: list[Fact] = []
    for name in comparison.rows:
        label, cells = comparing.cells(comparison.table, name, catalogue.pack)
        parts = [f"{t}: {c}" for t, c in zip(comparison.titles, cells, strict=True)]
        facts.append(Fact(text=f"{label} - {'; '.join(parts)}"[:600], source="field", ref=name))
    facts = [*comparison.said, *facts, *comparison.verdicts]
    return AnswerView(question="comparison", facts=tuple(facts))


# --- explanations --------------------------------------------------------------------------------


async def _explain(
    act: Explain, state: TurnState, held: Conditions, before: list[Told], bench: Bench
) -> Told:
    dialogue, catalogue = state["dialogue"], bench.shop.catalogue
    leaning = state["updated"].leaning
    match act.kind:
        case "explain_context":
            return explaining.context(act, dialogue, catalogue.pack, before)
        case "explain_preference":
            last = dialogue.shown[-1].things if dialogue.shown and act.facet is None else ()
            things = act.things or last
            given = await _given(things, dialogue, bench)
            gains = WhatIfResult(matching=0)
            if act.facet is None and not act.things:
                gains = await _what_if(None, dialogue, held, 2, bench)
            return explaining.why(act, things, given, gains.options, dialogue, leaning, catalogue)
        case "explain_additional" | "persuade":
            own: list[Own] = []
            wishes = tuple(w.text for w in dialogue.beliefs.wishes if w.polarity == "want")
            for thing in act.things:
                if thing.kind == "design":
                    own.append(explaining.design_facts(thing, dialogue, catalogue))
                    continue
                request = WeighRequest(item=thing.id, wishes=wishes)
                weighed = await bench.light(
                    "weigh_item", lambda r=request: bench.shop.tools.weigh(r)
                )
                tell = explaining.more if act.kind == "explain_additional" else explaining.worth
                own.append(tell(thing, catalogue.item(thing.id).title, weighed))
            return Told(kind=act.kind, own=tuple(own))


async def _given(
    things: tuple[ThingRef, ...], dialogue: DialogueState, bench: Bench
) -> dict[ThingRef, tuple[Reason, ...]]:
    """The reasons that were given when the things were shown last."""
    shop = bench.shop
    places = {thing: place for thing in things if (place := dialogue.place(thing)) is not None}
    if not places:
        return {}
    wanted = {place.turn for place in places.values()}
    turns = await shop.workers.light(
        lambda: {n: shop.turns.get(dialogue.user, dialogue.thread, n) for n in wanted}
    )
    given: dict[ThingRef, tuple[Reason, ...]] = {}
    for thing, place in places.items():
        turn = turns[place.turn]
        if turn is None:
            continue
        shown = (*turn.products, *turn.images)
        view = next((view for view in shown if view.id == thing.id), None)
        if view is not None:
            given[thing] = view.reasons
    return given


async def _what_if(
    facet: str | None, dialogue: DialogueState, held: Conditions, examples: int, bench: Bench
) -> WhatIfResult:
    shop = bench.shop
    request = WhatIfRequest(
        conditions=held,
        facet=facet,
        exclude=left_out(dialogue, fresh=False),
        examples=examples,
    )
    return await bench.light("what_if", lambda: shop.tools.what_if(request))


def _without(
    question: Question, gains: WhatIfResult, dialogue: DialogueState, catalogue: Catalogue
) -> AnswerView:
    """The counterfactual as facts; nothing to gain is an answer too."""
    facts = [
        Fact(
            text=explaining.say_without(option, dialogue, catalogue)[:600],
            source="catalogue",
            ref=option.facet,
        )
        for option in gains.options[:3]
    ]
    if not facts:
        text = "you would see nothing else: none of your wishes leaves anything out"
        if question.facet is not None:
            label = label_of(catalogue.pack, question.facet)
            held = dialogue.beliefs
            believed = {b.facet for b in (*held.facets, *held.ranges)}
            text = (
                f"you would see nothing else: what you said about {label} leaves nothing out"
                if question.facet in believed
                else f"you asked nothing about {label}, so it leaves nothing out"
            )
        facts = [Fact(text=text, source="catalogue", ref=question.facet)]
    return AnswerView(question=question.text, facts=tuple(facts))


# --- designs -------------------------------------------------------------------------------------


def _design(thing: ThingRef, state: DialogueState) -> Design | None:
    return state.design(thing.id) if thing.kind == "design" else None


def _about_designs(
    question: Question,
    designs: list[tuple[ThingRef, Design]],
    state: DialogueState,
    catalogue: Catalogue,
) -> AnswerView:
    """What is known of designs: what was asked of them. They have no price, stock or reviews."""
    facts: list[Fact] = []
    unknown = False
    pack = catalogue.pack
    for thing, design in designs:
        title = explaining.title_of(thing, state, catalogue)
        values = design.facets.get(question.facet or "", ())
        if values and question.facet is not None:
            text = f"{title}: {label_of(pack, question.facet)} {', '.join(values)}, as drawn"
            facts.append(Fact(text=text[:600], source="belief", ref=question.facet))
        elif question.facet is None and not _NEAREST.search(question.text):
            chosen = {name: some[0] for name, some in design.facets.items() if some}
            text = f"{title}: drawn as {write_prompt(pack, chosen)}; a drawing has no more to tell"
            facts.append(Fact(text=text[:600], source="belief"))
            unknown = True
        else:
            unknown = question.facet is not None
            facts.append(_drawing_only(title, design, question.facet, catalogue))
    return AnswerView(question=question.text, facts=tuple(facts[:6]), unknown=unknown or not facts)


def _drawing_only(title: str, design: Design, facet: str | None, catalogue: Catalogue) -> Fact:
    """A drawing has no listing; its nearest real item has, and may have what was asked."""
    known = catalogue.pack.facet(facet or "")
    lacks = f"no {known.label or known.name}" if known is not None else "no listing"
    text = f"{title} is a drawing, so it has {lacks} yet"
    if design.nearest is None:
        return Fact(text=text, source="belief")
    item = catalogue.item(design.nearest)
    own = ""
    if known is not None and known.name in item.numbers:
        own = f" ({say_number(catalogue.pack, known, item.numbers[known.name])})"
    elif known is not None and item.values(known.name):
        own = f" ({', '.join(item.values(known.name))})"
    text = f"{text}; the closest we carry is {item.title}{own}"
    return Fact(text=text[:600], source="catalogue", item=item.id)

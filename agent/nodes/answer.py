"""Answer: questions and comparisons, from the listing or not at all."""

from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Answers
from vitrine.agent.seeking import conditions
from vitrine.agent.state import TurnState
from vitrine.core.acts import Answer, Compare, Question
from vitrine.core.errors import ToolError
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId, ThingRef
from vitrine.core.turn import AnswerView, Fact
from vitrine.memory.state import Design, DialogueState
from vitrine.tools.answer_question import AnswerRequest
from vitrine.tools.compare_items import CompareRequest, CompareResult
from vitrine.tools.conditions import SetAside


@stage("answer")
async def answer(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Each question gets one structured answer, in the order of the acts."""
    dialogue = state["dialogue"]
    tools = bench.shop.tools
    held = conditions(dialogue, state["updated"].leaning, bench.shop.catalogue.pack)
    views: list[AnswerView] = []
    items: list[ItemId] = []
    tables: list[CompareResult] = []
    relaxed: list[SetAside] = []
    for act in state["plan"].acts:
        try:
            if isinstance(act, Compare):
                columns = _real(act.things, dialogue)
                if len(columns) < 2:
                    views.append(AnswerView(question="comparison", unknown=True))
                    continue
                request = CompareRequest(items=columns[:6])
                table = await bench.light("compare_items", lambda r=request: tools.compare(r))
                tables.append(table)
            elif isinstance(act, Answer):
                designs = [d for t in act.question.things if (d := _design(t, dialogue))]
                if designs:
                    views.append(_about_designs(act.question, designs, bench.shop.catalogue))
                    continue
                asked = AnswerRequest(
                    question=act.question,
                    things=tuple(t.id for t in act.question.things if t.kind == "item"),
                    conditions=held,
                )
                result = await bench.light("answer_question", lambda r=asked: tools.answer(r))
                views.append(result.view)
                items += result.items
                relaxed += result.relaxed
        except ToolError as error:
            views.append(AnswerView(question=str(error)[:300], unknown=True))
    answers = Answers(
        views=tuple(views),
        items=tuple(dict.fromkeys(items)),
        comparisons=tuple(tables),
        relaxed=tuple(relaxed),
    )
    return {"answers": answers}, f"{len(views)} answers, {len(tables)} comparisons"


def _design(thing: ThingRef, state: DialogueState) -> Design | None:
    return state.design(thing.id) if thing.kind == "design" else None


def _real(things: tuple[ThingRef, ...], state: DialogueState) -> tuple[ItemId, ...]:
    """The items behind the things: a design stands in by its nearest real item."""
    found: list[ItemId] = []
    for thing in things:
        design = _design(thing, state)
        if design is None:
            found.append(thing.id)
        elif design.nearest is not None:
            found.append(design.nearest)
    return tuple(dict.fromkeys(found))


def _about_designs(question: Question, designs: list[Design], catalogue: Catalogue) -> AnswerView:
    """What is known of designs: what was asked of them. They have no price, stock or reviews."""
    facts: list[Fact] = []
    unknown = False
    for design in designs:
        asked = design.facets
        if question.facet is not None:
            asked = {name: v for name, v in asked.items() if name == question.facet}
        for name, values in asked.items():
            facet = catalogue.pack.facet(name)
            label = (facet.label if facet is not None else "") or name
            facts.append(
                Fact(text=f"{label}: {', '.join(values)}, as drawn", source="belief", ref=name)
            )
        if not asked:
            unknown = True
            facts += _drawing_only(design, catalogue)
    return AnswerView(question=question.text, facts=tuple(facts[:6]), unknown=unknown or not facts)


def _drawing_only(design: Design, catalogue: Catalogue) -> list[Fact]:
    """A drawing has no listing; its nearest real item has."""
    if design.nearest is None:
        return []
    title = catalogue.item(design.nearest).title
    text = f"it is a drawing, and the closest we carry is {title}"
    return [Fact(text=text, source="catalogue", item=design.nearest)]

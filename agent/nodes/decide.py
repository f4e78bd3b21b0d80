"""Decide: the policy chooses the acts of the turn."""

from vitrine.agent import policy
from vitrine.agent.asking import Option
from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Plan
from vitrine.agent.seeking import conditions
from vitrine.agent.state import TurnState
from vitrine.agent.statistics import measure
from vitrine.core.ports import Catalogue
from vitrine.memory.state import DialogueState


@stage("decide")
async def decide(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Measure what matches, then ask the pure policy."""
    shop = bench.shop
    dialogue = state["dialogue"]
    held = conditions(dialogue, state["updated"].leaning, shop.catalogue.pack)
    stats = measure(dialogue, held, shop.catalogue)
    if not shop.settings.clarify:
        stats = stats.model_copy(update={"splits": ()})  # nothing to ask about
    acts = policy.decide(
        dialogue,
        state["understanding"],
        stats,
        shop.catalogue.pack,
        state["updated"],
        options=_options(dialogue, shop.catalogue),
        pictured=state["message"].image is not None,
        products=shop.settings.products,
        designs=shop.settings.design.count,
    )
    note = f"{', '.join(act.kind for act in acts)}; {stats.matching} of {stats.total} match"
    return {"plan": Plan(acts=acts)}, note


def _options(dialogue: DialogueState, catalogue: Catalogue) -> tuple[Option, ...]:
    """What was shown last, with the values that a reference may go by."""
    options: list[Option] = []
    for position, thing in enumerate(dialogue.shown[-1].things if dialogue.shown else (), start=1):
        if thing.kind == "item" and catalogue.has(thing.id):
            item = catalogue.item(thing.id)
            options.append(Option(position=position, title=item.title, values=item.facets))
            continue
        design = dialogue.design(thing.id)
        values = design.facets if design is not None else {}
        options.append(Option(position=position, title=f"design {position}", values=values))
    return tuple(options)

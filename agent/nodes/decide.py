"""Decide: the policy chooses the acts of the turn."""

from vitrine.agent import policy
from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Plan
from vitrine.agent.seeking import conditions
from vitrine.agent.state import TurnState
from vitrine.agent.statistics import measure


@stage("decide")
async def decide(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Measure what matches, then ask the pure policy."""
    shop = bench.shop
    dialogue = state["dialogue"]
    held = conditions(dialogue, state["updated"].leaning, shop.catalogue.pack)
    stats = measure(dialogue, held, shop.catalogue)
    acts = policy.decide(
        dialogue,
        state["understanding"],
        stats,
        shop.catalogue.pack,
        state["updated"],
        pictured=state["message"].image is not None,
        products=shop.settings.products,
        designs=shop.settings.design.count,
    )
    note = f"{', '.join(act.kind for act in acts)}; {stats.matching} of {stats.total} match"
    return {"plan": Plan(acts=acts)}, note

"""Understand: message and dialogue state become meaning."""

from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.state import TurnState
from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.social import social


@stage("understand")
async def understand(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Read the message once, with the profile as it stands now."""
    dialogue = state["dialogue"]
    shop = bench.shop
    profile = await shop.workers.light(lambda: shop.profiles.get(dialogue.user))
    heard = Heard(
        message=state["message"], state=dialogue, profile=profile, catalogue=shop.catalogue
    )
    meaning = await shop.understander(heard)
    if not meaning.ops and set(meaning.intents) <= {"others", "acknowledgement"}:
        meaning = meaning.model_copy(update={"social": social(state["message"].text)})
    return (
        {"understanding": meaning, "profile": profile},
        f"{', '.join(meaning.intents)}; {len(meaning.ops)} operations ({meaning.source})",
    )

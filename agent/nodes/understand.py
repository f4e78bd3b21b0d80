"""Understand: message and dialogue state become meaning."""

from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import model_step, stage
from vitrine.agent.state import TurnState
from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.social import social
from vitrine.core.acts import AddContext, Understanding


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
    if meaning.llm is not None:
        bench.steps.append(model_step("llm.understand", meaning.llm))
    if all(isinstance(op, AddContext) for op in meaning.ops) and not meaning.questions:
        meaning = _sociable(meaning, state["message"].text)
    return (
        {"understanding": meaning, "profile": profile},
        f"{', '.join(meaning.intents)}; {len(meaning.ops)} operations ({meaning.source})",
    )


def _sociable(meaning: Understanding, text: str) -> Understanding:
    """The meaning with its small talk: "that's all for today" is a farewell, not a deadline."""
    talk = social(text)
    if talk == "farewell":
        return meaning.model_copy(
            update={"social": talk, "ops": (), "intents": ("acknowledgement",)}
        )
    if not meaning.ops and set(meaning.intents) <= {"others", "acknowledgement"}:
        return meaning.model_copy(update={"social": talk})
    return meaning

"""Update: a pure reducer applies the operations; what is durable goes to the user's profile."""

from vitrine.agent import proposals
from vitrine.agent.carrying import carried
from vitrine.agent.changes import told_changes, undone_changes
from vitrine.agent.clashes import profile_clashes
from vitrine.agent.context import Bench
from vitrine.agent.dialling import told_dials, with_dials
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import Leaning, Updated
from vitrine.agent.profiling import Edit, edit_profile, in_force
from vitrine.agent.replying import with_reply
from vitrine.agent.saying import label_of
from vitrine.agent.state import TurnState
from vitrine.core.domain import DomainPack
from vitrine.memory import reducer
from vitrine.memory.profile import Profile
from vitrine.memory.state import DialogueState


@stage("update")
async def update(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """New beliefs, the profile as it stands after this message, and what the profile means.

    Adding and removing sentences is idempotent: a node that runs twice edits once.
    """
    shop = bench.shop
    before, said = state["dialogue"], state["message"].text
    pack = shop.catalogue.pack
    reply = proposals.reply_to(before, said)
    understanding = with_reply(state["understanding"], before, said, reply)
    understanding = carried(understanding, before, said, shop.catalogue)
    understanding = with_dials(understanding, before, state["message"].dials)
    change = reducer.apply(before, understanding, pack)
    dialogue = change.state
    image = state["message"].image
    if image is not None:
        dialogue = dialogue.model_copy(update={"query_image": image})
    earlier = await _leaning(state["profile"], before.thread, bench)
    edit = Edit(profile=state["profile"])
    if change.remember or change.forget or reply == "no":
        declined = (
            before.open_question.proposal_key if reply == "no" and before.open_question else None
        )
        edit = await edit_profile(change, state["profile"], dialogue, declined, bench)
    if change.undone is not None:
        turn = change.undone
        await shop.workers.light(lambda: shop.log.retract(before.user, before.thread, turn))
    leaning = await _leaning(edit.profile, before.thread, bench)
    clashes, keys = profile_clashes(understanding.ops, earlier, dialogue.clashes_told, pack)
    dialogue = dialogue.model_copy(update={"clashes_told": (*dialogue.clashes_told, *keys)})
    updated = Updated(
        notices=(*change.notices, *clashes),
        remembered=tuple(op.sentence for op in change.remember),
        forgotten=edit.forgotten,
        replaced=edit.replaced,
        leaning=leaning,
        changes=_changes(before, change, pack),
        dialled=told_dials(before.dials, dialogue.dials),
        restored=tuple(label_of(pack, facet) for facet in change.restored),
        proposal=proposals.propose(dialogue, understanding.ops, said, edit.profile, leaning, pack),
        replied=reply,
        until=edit.until,
        asked_before=before.open_question.kind if before.open_question is not None else None,
        undone=change.undone,
        nothing_to_undo=change.nothing_to_undo,
    )
    note = f"{len(understanding.ops)} operations, changed: {change.changed}"
    return {
        "dialogue": dialogue,
        "profile": edit.profile,
        "understanding": understanding,
        "updated": updated,
    }, note


def _changes(before: DialogueState, change: reducer.Change, pack: DomainPack) -> tuple[str, ...]:
    after = change.state
    if change.restarted:
        return ()
    if change.undone is not None:
        return undone_changes(before.beliefs, after.beliefs, pack)
    return told_changes(before.beliefs, after.beliefs, pack, after.set_aside)


async def _leaning(profile: Profile, thread: str, bench: Bench) -> Leaning:
    """What the profile in force means."""
    today = bench.shop.today()
    return await bench.shop.profile_reader.read(profile, in_force(profile, today, thread))

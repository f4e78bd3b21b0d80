"""Update: a pure reducer applies the operations; what is durable goes to the user's profile."""

from datetime import date, timedelta

from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.outcome import ProfileLean, Updated
from vitrine.agent.state import TurnState
from vitrine.core.acts import Forget, Remember
from vitrine.memory import reducer
from vitrine.memory.profile import Profile, ProfileSentence
from vitrine.memory.profiles import FOR_NOW_DAYS


@stage("update")
async def update(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """New beliefs, the profile as it stands after this message, and what the profile means.

    Adding and removing sentences is idempotent: a node that runs twice edits once.
    """
    shop = bench.shop
    before = state["dialogue"]
    change = reducer.apply(before, state["understanding"], shop.catalogue.pack)
    dialogue = change.state
    image = state["message"].image
    if image is not None:
        dialogue = dialogue.model_copy(update={"query_image": image})
    profile = state["profile"]
    forgotten: tuple[str, ...] = ()
    if change.remember or change.forget:
        profile, forgotten = await _edit_profile(state, change, bench)
    if change.undone is not None:
        turn = change.undone
        await shop.workers.light(lambda: shop.log.retract(before.user, before.thread, turn))
    leaning = await shop.profile_reader.read(
        profile,
        [s for s in profile.sentences if s.expires is None or s.expires >= shop.today()],
    )
    updated = Updated(
        notices=change.notices,
        remembered=tuple(op.sentence for op in change.remember),
        forgotten=forgotten,
        leaning=leaning,
        undone=change.undone,
        nothing_to_undo=change.nothing_to_undo,
    )
    note = f"{len(state['understanding'].ops)} operations, changed: {change.changed}"
    return {"dialogue": dialogue, "profile": profile, "updated": updated}, note


async def _edit_profile(
    state: TurnState, change: reducer.Change, bench: Bench
) -> tuple[Profile, tuple[str, ...]]:
    """Apply Remember and Forget to the store; the profile after it and the sentences that went."""
    shop, dialogue = bench.shop, state["dialogue"]
    profile = state["profile"]
    gone: list[ProfileSentence] = []
    for op in change.forget:
        gone += await _spoken_of(op, profile, bench)
    added = [
        _sentence(op, dialogue.thread, dialogue.turn + 1, shop.today()) for op in change.remember
    ]

    def write() -> Profile:
        after = profile
        if gone:
            after = shop.profiles.remove(dialogue.user, gone)
        if added:
            after = shop.profiles.add(dialogue.user, added)
        return after

    return await shop.workers.light(write), tuple(s.text for s in gone)


async def _spoken_of(op: Forget, profile: Profile, bench: Bench) -> list[ProfileSentence]:
    """Sentences that contain the words, or mean a facet value that the words mean."""
    words = op.text.casefold().strip()
    if not words:
        return []
    meant = {
        lean.preference.facet + "=" + lean.preference.value
        for lean in await _lean(words, profile, bench)
    }
    found: list[ProfileSentence] = []
    for sentence in profile.sentences:
        said = {
            lean.preference.facet + "=" + lean.preference.value
            for lean in await _lean(sentence.text, profile, bench)
        }
        if words in sentence.text.casefold() or meant & said:
            found.append(sentence)
    return found


async def _lean(text: str, profile: Profile, bench: Bench) -> tuple[ProfileLean, ...]:
    sentence = ProfileSentence(section="I like", text=text[:300], added=bench.shop.today())
    return (await bench.shop.profile_reader.read(profile, [sentence])).facets


def _sentence(op: Remember, thread: str, turn: int, today: date) -> ProfileSentence:
    return ProfileSentence(
        section=op.section,
        text=op.sentence,
        origin="said",
        thread=thread,
        turn=turn,
        added=today,
        expires=today + timedelta(days=FOR_NOW_DAYS) if op.section == "For now" else None,
    )

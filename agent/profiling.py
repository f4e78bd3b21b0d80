"""Edits of the profile that a message asks for, and which sentences count now."""

from dataclasses import dataclass
from datetime import date, timedelta

from vitrine.agent.context import Bench
from vitrine.agent.outcome import ProfileLean
from vitrine.agent.proposals import points_back
from vitrine.core.acts import Forget, Remember
from vitrine.memory.expiry import last_day
from vitrine.memory.profile import Profile, ProfileSentence
from vitrine.memory.profiles import FOR_NOW_DAYS
from vitrine.memory.reducer import Change
from vitrine.memory.state import DialogueState


@dataclass(frozen=True)
class Edit:
    """The profile after an edit.

    `forgotten` sentences went because the user said so, `replaced` because a new one says the
    opposite. `until` says in words how long what was noted for now counts.
    """

    profile: Profile
    forgotten: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    until: str = ""


def in_force(profile: Profile, today: date, thread: str) -> list[ProfileSentence]:
    """The sentences that count today in this conversation."""
    return [s for s in profile.sentences if s.counts(today, thread)]


async def edit_profile(
    change: Change, profile: Profile, state: DialogueState, declined: str | None, bench: Bench
) -> Edit:
    """Apply Remember and Forget to the store, and note what the user does not want kept."""
    shop = bench.shop
    gone: list[ProfileSentence] = []
    for op in change.forget:
        gone += await _spoken_of(op, profile, state, bench)
    added = [_sentence(op, state, shop.today()) for op in change.remember]
    replaced = [s for s in await _opposites(added, profile, bench) if s not in gone]
    keys = [declined] if declined is not None else []

    def write() -> Profile:
        after = profile
        if gone or replaced:
            after = shop.profiles.remove(state.user, [*gone, *replaced])
        if added:
            after = shop.profiles.add(state.user, added)
        if keys:
            after = shop.profiles.decline(state.user, keys)
        return after

    return Edit(
        profile=await shop.workers.light(write),
        forgotten=tuple(s.text for s in gone),
        replaced=tuple(s.text for s in replaced),
        until=next((_until(s) for s in added if s.section == "For now"), ""),
    )


def _until(sentence: ProfileSentence) -> str:
    if sentence.bound or sentence.expires is None:
        return "for this conversation"
    return f"until {sentence.expires:%A, %d %B %Y}"


async def _spoken_of(
    op: Forget, profile: Profile, state: DialogueState, bench: Bench
) -> list[ProfileSentence]:
    """Sentences that contain the words, or mean a facet value that the words mean.

    "Don't remember that" means what this conversation noted last.
    """
    if points_back(op):
        noted = [s for s in profile.sentences if s.thread == state.thread and s.turn is not None]
        newest = max((s.turn or 0 for s in noted), default=0)
        return [s for s in noted if s.turn == newest]
    words = op.text.casefold().strip()
    if not words:
        return []
    meant = {_key(lean) for lean in await _lean(words, profile, bench)}
    found: list[ProfileSentence] = []
    for sentence in profile.sentences:
        said = {_key(lean) for lean in await _lean(sentence.text, profile, bench)}
        if words in sentence.text.casefold() or meant & said:
            found.append(sentence)
    return found


async def _opposites(
    added: list[ProfileSentence], profile: Profile, bench: Bench
) -> list[ProfileSentence]:
    """Sentences that say the opposite of a new one about the same value."""
    signs: dict[str, bool] = {}
    for sentence in added:
        for lean in await _signed(sentence, profile, bench):
            signs[_key(lean)] = lean.preference.weight > 0
    if not signs:
        return []
    found: list[ProfileSentence] = []
    for sentence in profile.sentences:
        leans = await _signed(sentence, profile, bench)
        if leans and all(
            signs.get(_key(lean), lean.preference.weight > 0) != (lean.preference.weight > 0)
            for lean in leans
        ):
            found.append(sentence)
    return found


def _key(lean: ProfileLean) -> str:
    return f"{lean.preference.facet}={lean.preference.value}"


async def _signed(
    sentence: ProfileSentence, profile: Profile, bench: Bench
) -> tuple[ProfileLean, ...]:
    return (await bench.shop.profile_reader.read(profile, [sentence])).facets


async def _lean(text: str, profile: Profile, bench: Bench) -> tuple[ProfileLean, ...]:
    sentence = ProfileSentence(section="I like", text=text[:300], added=bench.shop.today())
    return await _signed(sentence, profile, bench)


def _sentence(op: Remember, state: DialogueState, today: date) -> ProfileSentence:
    """The sentence with its source. For now: until the day it names, else in this talk only."""
    passing = op.section == "For now"
    named = last_day(f"{op.sentence} {op.evidence.text}", today) if passing else None
    return ProfileSentence(
        section=op.section,
        text=op.sentence,
        origin="said",
        thread=state.thread,
        turn=state.turn + 1,
        added=today,
        expires=(named or today + timedelta(days=FOR_NOW_DAYS)) if passing else None,
        bound=passing and named is None,
    )

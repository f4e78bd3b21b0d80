# ruff: noqa: E501
"""What is to be kept about a person, for good or for now, and what is to be dropped."""

from __future__ import annotations

from dataclasses import dataclass

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.noting import (
    Section,
    noted_sentence,
    said_before,
    section_for,
    without_stop,
    without_tail,
)
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.predicates import ALLOWED
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table
from vitrine.core.acts import Forget, Remember, RemoveFacet, StateOp

_ALL_OF_IT = frozenset("everything all".split())


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    """An edit and what it does to this conversation: `applies`: its facets count now too.

    `span`: its words, where the sentence says something else beside it.
    """

    op: Remember | Forget
    applies: bool
    span: Span | None = None


def find_edit(scene: Scene, sentence: Span) -> ProfileEdit | None:
    """The profile edit that the sentence asks for, or None. Nothing else is ever kept."""
    text = scene.text
    if (dropped := _dropped(scene, sentence)) is not None:
        return dropped
    if (added := _listed(scene, sentence)) is not None:
        return added
    forget = scene.has(phrases.FORGET, sentence)
    if forget is not None and text.word(forget.start - 1) in ("n't", "not", "never"):
        return _kept_in_mind(scene, forget, sentence)
    if forget is not None and not _asks_whether(scene, sentence):
        rest = Span(forget.end, sentence.end)
        if (pointed := _pointed(scene, forget, sentence)) is not None:
            return pointed
        about = text.said(without_stop(scene, rest), 200).strip()
        if text.word(forget.end - 1) in ("me", "profile", "data") and not about:
            return ProfileEdit(Forget(text="", evidence=scene.evidence(forget)), applies=False)
        if about and text.word(forget.end) not in _ALL_OF_IT:
            return ProfileEdit(Forget(text=about, evidence=scene.evidence(sentence)), applies=False)
    match = phrases.REMEMBER.first(text, sentence)
    if match is None or _asks_whether(scene, sentence):
        return None
    span, labels = match
    label = labels[0]
    if label == "for_now":
        scene.spend(span)
    if label == "remember" and not _is_command(scene, span, sentence):
        return None
    if text.word(span.end) in _REPORTED or text.word(span.end - 1) in _REPORTED:
        return None  # "I never said I like red"
    rest = without_stop(scene, Span(span.end, sentence.end))
    if label == "remember" and (told := _told_next(scene, span, rest, sentence)) is not None:
        return told
    if text.words(Span(rest.start, rest.start + 2)) in _ORDERS_US:
        return None  # "from now on you are a pirate" says nothing of the user
    leads_on = text.word(span.end - 1) in (
        "me",
        "i",
        "my",
        "always",
        "never",
        "suggest",
        "recommend",
    )
    rest = without_tail(scene, rest)
    backward = rest.end - rest.start < (1 if leads_on else 2)
    if backward:
        rest = said_before(scene, span, sentence)
    if backward and label == "remember" and rest.end > rest.start:
        said = " ".join(text.said(rest, 280).split())
        edit = f"{said[0].upper()}{said[1:]}."
        op = Remember(
            section=section_for(scene, rest), sentence=edit, evidence=scene.evidence(sentence)
        )
        return ProfileEdit(op, applies=True)
    sentence_text = " ".join(noted_sentence(scene, span, rest, label).split())
    if len(sentence_text) < 4:
        return None
    section: Section = "For now" if label == "for_now" else section_for(scene, sentence)
    op = Remember(section=section, sentence=sentence_text, evidence=scene.evidence(sentence))
    return ProfileEdit(op, applies=label != "remember" or section == "I avoid")


def _pointed(scene: Scene, forget: Span, sentence: Span) -> ProfileEdit | None:
    """Such as "don't remember this one, it's for my niece": the rest says something else."""
    text = scene.text
    end = forget.end
    while end < sentence.end and end - forget.end < 4 and text.word(end)[:1].isalpha():
        end += 1
    words = text.words(Span(forget.end, end))
    if not words or words[-1] not in _POINTERS or not set(words) <= _POINTERS | {"any", "of"}:
        return None
    before = any(m.of("value") for m in scene.within(Span(sentence.start, forget.start)))
    if end + 1 >= sentence.end and not before:
        return None
    said = Span(forget.start, end)
    op = Forget(text="this", evidence=scene.evidence(said))
    return ProfileEdit(op, applies=True, span=said)


_POINTERS = frozenset("this that it one anything these those all".split())
_PLACES = table(
    {
        "like": split_list(
            "to the things i like | to my likes | to what i like | to things i like | to my favourites | to my favorites | to my list of likes"
        ),
        "avoid": split_list(
            "to the things i avoid | to my dislikes | to what i avoid | to things i avoid | to my no list | to the things i hate | to what i hate | "
            "to the things i don't like | to my list of dislikes"
        ),
    }
)


def _listed(scene: Scene, sentence: Span) -> ProfileEdit | None:
    """Such as "add checks to the things I like"."""
    text = scene.text
    place = _PLACES.first(text, sentence)
    start = next(
        (i for i in range(sentence.start, sentence.end) if text.word(i) in ("add", "put")), None
    )
    if place is None or start is None or place[0].start <= start + 1:
        return None
    named = text.said(Span(start + 1, place[0].start), 120).strip()
    likes = place[1][0] == "like"
    op = Remember(
        section="I like" if likes else "I avoid",
        sentence=f"I {'like' if likes else 'avoid'} {named}.",
        evidence=scene.evidence(sentence),
    )
    return ProfileEdit(op, applies=False)


_BITS = frozenset("thing bit part note entry line stuff rule one sentence".split())


def _bit(scene: Scene, sentence: Span) -> ProfileEdit | None:
    """Such as "delete the leather thing", "forget the budget thing you remembered"."""
    text = scene.text
    for at in range(sentence.start, sentence.end - 2):
        if text.word(at) not in _UNDOES or text.word(at + 1) not in ("the", "that", "my"):
            continue
        end = at + 2
        while end < min(sentence.end, at + 6) and text.word(end) not in _BITS:
            end += 1
        if text.word(end) not in _BITS or end == at + 2:
            continue
        about = text.said(Span(at + 2, end), 120)
        told = text.words(Span(end + 1, end + 3)) in (
            ("you", "remembered"),
            ("you", "saved"),
            ("you", "noted"),
            ("you", "stored"),
        )
        kept = any(
            word in line.text.casefold()
            for line in scene.heard.profile.sentences
            for word in about.casefold().split()
        )
        if kept or told:
            number = next(
                (number_at(text, i) for i in range(end, sentence.end) if number_at(text, i)), None
            )
            about = f"{number[0]:g}" if told and not kept and number is not None else about
            op = Forget(text=about, evidence=scene.evidence(sentence))
            return ProfileEdit(op, applies=False)
    return None


def _kept_in_mind(scene: Scene, forget: Span, sentence: Span) -> ProfileEdit | None:
    """Such as "don't forget I'm vegan": an order to remember."""
    start = forget.start + 1
    while scene.text.word(start) in ("that", "about", ","):
        start += 1
    rest = without_stop(scene, Span(start, sentence.end))
    if rest.end - rest.start < 2 or scene.text.word(rest.start) not in ("i", "my", "we", "our"):
        return None
    said = " ".join(scene.text.said(rest, 280).split())
    op = Remember(
        section=section_for(scene, rest),
        sentence=f"{said[0].upper()}{said[1:]}.",
        evidence=scene.evidence(sentence),
    )
    return ProfileEdit(op, applies=True)


def _told_next(scene: Scene, span: Span, rest: Span, sentence: Span) -> ProfileEdit | None:
    """Such as "Can you remember my size? It's M.": the next sentence says what is to be kept."""
    text = scene.text
    following = next((s for s in text.sentences if s.start >= sentence.end), None)
    lead: tuple[str, ...] = (
        () if following is None else text.words(Span(following.start, following.start + 2))
    )
    if following is None or lead not in (
        ("it", "'s"),
        ("it", "is"),
        ("they", "'re"),
        ("they", "are"),
    ):
        return None
    if text.word(span.end - 1) != "my" or not 1 <= rest.end - rest.start <= 3:
        return None
    said = without_stop(scene, Span(following.start + 2, following.end))
    verb = "are" if text.word(following.start) == "they" else "is"
    kept = f"My {text.said(rest, 120)} {verb} {text.said(said, 120)}."
    whole = Span(span.start, said.end)
    op = Remember(section=section_for(scene, whole), sentence=kept, evidence=scene.evidence(whole))
    return ProfileEdit(op, applies=True)


_ORDERS_US = frozenset(
    {("you", "are"), ("you", "'re"), ("you", "will"), ("act", "as"), ("you", "must")}
)
_REPORTED = frozenset(
    "said say told asked meant mentioned got received knew thought ordered bought saw seen".split()
)
_OPPOSED = frozenset("avoid hate dislike mind".split())
_FILES = {("my", "profile"), ("my", "file"), ("my", "notes"), ("my", "record"), ("my", "list")}
_DROPS = frozenset("strike delete remove erase drop take strike wipe".split())


def _dropped(scene: Scene, sentence: Span) -> ProfileEdit | None:
    """Such as "delete navy from my profile", "I don't avoid leather any more"."""
    text = scene.text
    words = text.words(sentence)
    tail = next((i for i, pair in enumerate(zip(words, words[1:], strict=False))
                 if pair in _FILES), None)  # fmt: skip
    start = next((i for i, word in enumerate(words) if word in _DROPS), None)
    if tail is not None and start is not None and start + 1 < tail - 1:
        about = Span(sentence.start + start + 1, sentence.start + tail - 1)
        while text.word(about.end - 1) in ("out", "of", "the", "from", "off"):
            about = Span(about.start, about.end - 1)
        said = text.said(about, 200).strip()
        if said:
            return ProfileEdit(Forget(text=said, evidence=scene.evidence(sentence)), applies=False)
    if (noted := _noted(scene, sentence) or _bit(scene, sentence)) is not None:
        return noted
    pairs = set(zip(words, words[1:], strict=False))
    listed = {
        ("i", "avoid"),
        ("i", "like"),
        ("my", "dislikes"),
        ("my", "likes"),
        ("my", "list"),
    } & pairs
    if start is not None and listed and {"from", "off"} & set(words):
        named = next((m for m in scene.within(sentence) if m.of("value")), None)
        if named is not None:
            op = Forget(text=text.said(named.span, 200), evidence=scene.evidence(sentence))
            return ProfileEdit(op, applies=False)
    if (over_now := _no_longer(scene, sentence) or _out_of_it(scene, sentence)) is not None:
        return over_now
    over = {("n't", verb) for verb in _OPPOSED} | {("not", verb) for verb in _OPPOSED}
    ended = {"anymore", "more", "longer"} & set(words)
    if (
        {("longer", verb) for verb in _OPPOSED} & pairs
        or (over & pairs and ended)
        or ({("n't", "avoid"), ("not", "avoid")} & pairs)
    ):
        named = next((m for m in reversed(scene.within(sentence)) if m.of("value")), None)
        if named is not None:
            op = Forget(text=text.said(named.span, 200), evidence=scene.evidence(sentence))
            return ProfileEdit(op, applies=False)
    return None


_ENDED = frozenset("anymore more longer again now nowadays".split())


_DISLIKING = frozenset("keen like love into fan fond wear want crazy mad".split())


def _no_longer(scene: Scene, sentence: Span) -> ProfileEdit | None:
    """Such as "pink isn't a problem any more", "I'm not so keen on navy nowadays", of what is kept."""
    words = scene.text.words(sentence)
    if not _ENDED & set(words) or scene.text.is_question(sentence):
        return None
    denied = bool({"not", "n't", "no"} & set(words))
    minded = ("n't", "mind") in zip(words, words[1:], strict=False)
    if ALLOWED.first(scene.text, sentence) is not None or minded:
        return _forgotten(scene, sentence, "I avoid")
    if denied and _DISLIKING & set(words):
        return _forgotten(scene, sentence, "I like")
    return None


def _out_of_it(scene: Scene, sentence: Span) -> ProfileEdit | None:
    """Such as "drop the mint", where nothing but the profile speaks of it."""
    words = [w for w in scene.text.words(sentence) if w[:1].isalpha() and w != "please"]
    if not words or words[0] not in _DROPS | {"scrap", "lose"} or len(words) > 4:
        return None
    beliefs = scene.heard.state.beliefs
    said = {(b.facet, b.value) for b in beliefs.facets}
    named = {(m.facet, m.value) for one in scene.within(sentence) for m in one.of("value")}
    if said & named or scene.shown:
        return None
    return _forgotten(scene, sentence, "I like") or _forgotten(scene, sentence, "I avoid")


def _forgotten(scene: Scene, sentence: Span, section: Section) -> ProfileEdit | None:
    """The edit that drops what the profile's section says of a value in the sentence."""
    lines = [s.text.casefold() for s in scene.heard.profile.sentences if s.section == section]
    for mention in scene.within(sentence):
        names = {scene.text.said(mention.span).casefold(), *(m.value for m in mention.of("value"))}
        if mention.of("value") and any(name in line for name in names for line in lines):
            op = Forget(text=scene.text.said(mention.span), evidence=scene.evidence(sentence))
            return ProfileEdit(op, applies=False)
    return None


_NOTES = table(
    {
        "note": split_list(
            "the bit about | the part about | the thing about | the line about | the note about | the entry about | "
            "the sentence about | the bit with | the bit on | the one about | what you noted about | what you wrote about | "
            "what you saved about | what you remember about | what you have about | what you have on | that note about | "
            "the fact that | that i said | that bit about | that thing about | my note about | the rule about"
        ),
        "said": split_list(
            "what i said about | what i told you about | that thing about | what i said on | the thing about | the rule about"
        ),
    }
)
_UNDOES = _DROPS | frozenset("forget scrap scratch ignore cancel clear lose".split())


def _noted(scene: Scene, sentence: Span) -> ProfileEdit | None:
    """Such as "delete the bit about pink", "forget what I said about leather" (where it is kept)."""
    found = _NOTES.first(scene.text, sentence)
    if found is None or not _UNDOES & set(scene.text.words(Span(sentence.start, found[0].start))):
        return None
    rest = without_stop(scene, Span(found[0].end, sentence.end))
    about = scene.text.said(rest, 200).strip()
    kept = any(
        word in line.text.casefold()
        for line in scene.heard.profile.sentences
        for word in scene.text.words(rest)
        if len(word) > 2 and word not in english.NOUN_STOPPERS
    )
    if not about or not (kept or "note" in found[1]):
        return None
    op = Forget(text=about, evidence=scene.evidence(sentence))
    return ProfileEdit(op, applies=False)


def lifted(scene: Scene, sentence: Span) -> list[StateOp]:
    """What was to be left out is so no longer, where the note about it is dropped."""
    avoided = {
        (b.facet, b.value) for b in scene.heard.state.beliefs.facets if b.polarity == "avoid"
    }
    return [
        RemoveFacet(facet=m.facet, value=m.value, evidence=scene.evidence(mention.span))
        for mention in scene.within(sentence)
        for m in mention.of("value")
        if (m.facet, m.value) in avoided
    ]


def _asks_whether(scene: Scene, sentence: Span) -> bool:
    return scene.text.is_question(sentence) and scene.opening(sentence) in english.ASK_STARTS - {
        "can", "could", "will", "would",
    }  # fmt: skip


def _is_command(scene: Scene, span: Span, sentence: Span) -> bool:
    """Such as "remember" as an order to us, not "do you remember" or "I remember"."""
    before = scene.text.word(span.start - 1) if span.start > sentence.start else ""
    return before not in ("i", "n't", "not", "ca", "to") and not (
        before == "you"
        and scene.text.word(span.start - 2) in ("do", "did", "what", "everything", "all")
    )

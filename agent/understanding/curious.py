# ruff: noqa: E501
"""Questions that look beyond a listing's fields: tell me more, is it worth it, what if not."""

from __future__ import annotations

from vitrine.agent.understanding.idioms import ADJECTIVES
from vitrine.agent.understanding.opening import at_opening
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table
from vitrine.core.acts import Question
from vitrine.core.refs import ThingRef

_MORE = table(
    {
        "more": split_list(
            "tell me everything about | everything about | tell me all about | all about | the lowdown on | fill me in on | what's the story with | "
            "tell me more about | tell me about | tell me a bit more | tell me more | more about | more details | "
            "more info | more information | describe | what can you tell me about | what do you know about | "
            "what else do you know about | what else can you tell me | details on | details of | details about | "
            "information on | information about"
        )
    }
)
_WORTH = table(
    {
        "worth": split_list(
            "worth it | worth the money | worth the price | worth buying | worth getting | worth having | worth its price | "
            "convince me | persuade me | talk me into | sell me on | should i take | should i get | should i buy | "
            "should i go for | would you recommend it | would you recommend that | would you recommend this | "
            "is it any good | is it good value | are they any good | why should i | what speaks for"
        )
    }
)
_WITHOUT = table(
    {
        "without": split_list(
            "what if i didn't insist on | what if i don't insist on | what if it wasn't | what if it weren't | "
            "what if it didn't have to be | what if it doesn't have to be | what if i gave up on | what if i give up on | what if i drop | what if i dropped | what if i forget | what if i leave out | what if i left out | "
            "what if i ignore | what if i skip | what if i relax | what if we drop | what if i lift | "
            "what would i see without | what would i get without | what would there be without | "
            "what else would i see without | what else would there be without | what could i see without | "
            "what would you show me without | what would you show without | what would you have without | "
            "what would you show if | what would i see if | what else would i see if | what would i get if | "
            "what do i miss | what am i missing | what would be possible without | how many more without"
        )
    }
)
_LIFTS = frozenset("drop dropped ignored ignore skip lift lifted without not n't no matter".split())


def curiosity(scene: Scene, sentence: Span, things: tuple[ThingRef, ...]) -> Question | None:
    """The question, or None. `things` are those that the sentence points at."""
    text = scene.text
    said = text.said(sentence).strip()[:400]
    without = scene.has(_WITHOUT, sentence)
    if without is not None and (
        text.word(without.end - 1) != "if" or _LIFTS & set(text.words(sentence))
    ):
        return Question(kind="without", text=said, facet=_wish(scene, without, sentence))
    focus = scene.heard.state.focus
    single = scene.last_shown if len(scene.last_shown) == 1 else ()
    about = tuple(dict.fromkeys(things)) or ((focus,) if focus is not None else single)
    if not about:
        return None
    weighed = scene.asks(sentence) and "worth" in text.words(sentence)
    if scene.has(_WORTH, sentence) is not None or weighed:
        return Question(kind="worth", text=said, things=about)
    more = scene.has(_MORE, sentence)
    if more is not None and not _particular(scene, Span(more.end, sentence.end)):
        return Question(kind="more", text=said, things=about)
    return None


def _wish(scene: Scene, without: Span, sentence: Span) -> str | None:
    """The facet of the wish that would be dropped."""
    for mention in scene.within(Span(without.end, sentence.end)):
        for meaning in mention.of("value", "facet", "unit", "low", "high"):
            return meaning.facet
    return None


def _particular(scene: Scene, rest: Span) -> bool:
    """Whether a certain side of the things is asked about: "tell me about its material"."""
    return any(
        (facet := scene.vocabulary.pack.facet(meaning.facet)) is not None and facet.role != "head"
        for mention in scene.within(rest)
        for meaning in mention.of("facet")
    )


_CHATTED = frozenset(
    "see watch hear sleep eat drink ever like enjoy celebrate vote follow play speak "
    "dream miss know believe".split()
)


_OWN_TASTE = frozenset("like love hate enjoy prefer wear".split())
_TOLD_OF = frozenset(
    "i you we it they this that these those the he she anyone people buyers customers".split()
)


def chats(scene: Scene, sentence: Span, opening: str) -> bool:
    """Asked of ourselves and of no goods: "did you see the match last night?"."""
    at = at_opening(scene, sentence)
    verb = scene.text.word(at + 2)
    asked = scene.text.word(at + 1) == "you" and (verb in _CHATTED or (opening == "are"))
    if asked and opening == "do" and verb in _OWN_TASTE:
        return True  # "do you like pink yourself?"
    if opening == "did" and scene.text.word(at + 1) not in _TOLD_OF and not scene.within(sentence):
        return True  # "did arsenal win yesterday?"
    return asked and not any(m.of("value", "facet") for m in scene.within(sentence))


_OPINIONS = frozenset("think reckon believe say".split())
_ASKED_OF_US = frozenset("you i we".split())


def opines(scene: Scene, sentence: Span) -> bool:
    """Our opinion is asked: "do you think denim is too casual?"; not "do you think I could see ..."."""
    at = at_opening(scene, sentence)
    text = scene.text
    at += 1 + (text.word(at + 1) in ("n't", "not"))
    if text.word(at) != "you" or text.word(at + 1) not in _OPINIONS:
        return False
    at += 2 + (text.word(at + 2) == "that")
    return text.word(at) not in _ASKED_OF_US and not (
        text.word(at) in ("maybe", "perhaps") and text.word(at + 1) in _ASKED_OF_US
    )


_ADVICE = table(
    {
        "advice": split_list(
            "what do you recommend | what would you recommend | what do you suggest | what would you suggest | what do you advise | "
            "what would you advise | what would you pick | what would you choose | what would you go for | what would you take | "
            "what would you buy | what's your favourite | what's your favorite | what is your favourite | what is your favorite | "
            "what's your pick | what is your pick | what's your recommendation | what is your recommendation | what's the best one | "
            "what is the best one | what do you think is best | what would be your choice | what's your tip"
        )
    }
)


def advice(
    scene: Scene, sentence: Span, said: str, things: tuple[ThingRef, ...]
) -> Question | None:
    """Such as "what do you recommend?", asked of what is shown and of nothing else."""
    if scene.has(_ADVICE, sentence) is None or scene.within(sentence):
        return None
    chosen = things if len(things) > 1 else scene.last_shown
    return Question(kind="compare", text=said, things=chosen) if len(chosen) > 1 else None


def most(scene: Scene, sentence: Span, said: str, things: tuple[ThingRef, ...]) -> Question | None:
    """Such as "what's the warmest one?", asked of what is shown, where no number tells."""
    at = at_opening(scene, sentence)
    if scene.text.words(Span(at + 1, at + 3)) not in (("is", "the"), ("'s", "the")):
        return None
    word = scene.text.word(at + 3)
    rest = scene.text.words(Span(at + 4, sentence.end))
    alone = all(w in ("one", "of", "these", "those", "them", "?", "the", "all") for w in rest)
    if not word.endswith("est") or word not in ADJECTIVES or not alone:
        return None
    chosen = things if len(things) > 1 else scene.last_shown
    if len(chosen) < 2:
        return None
    return Question(kind="compare", text=said, things=chosen)


def of_the_shop(scene: Scene, sentence: Span) -> bool:
    """Such as "how many hats do you have" before anything else: what is asked for is wanted."""
    if scene.heard.state.beliefs.facets or scene.heard.state.beliefs.wishes:
        return False
    mentions = scene.within(sentence)
    named = any(scene.is_head(m) and not scene.spent(m.span) for m in mentions)
    return named and not {"these", "those", "them"} & set(scene.text.words(sentence))

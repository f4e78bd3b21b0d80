"""Questions: about things, between things, about the whole shop, about reasons, about oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.curious import (
    advice,
    chats,
    curiosity,
    most,
    of_the_shop,
    opines,
)
from vitrine.agent.understanding.extremes import extreme, which_number
from vitrine.agent.understanding.opening import at_opening
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.proposed import brought_up
from vitrine.agent.understanding.recalled import about_me, told_of_the_past
from vitrine.agent.understanding.relative import COMPARATIVES
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.services import SERVICE
from vitrine.agent.understanding.subjects import (
    concerns_things,
    conditions,
    facet_word,
    likes_a_thing,
    money_word,
    names_a_value,
    put_aside,
    spoken_before,
    subject_of,
)
from vitrine.agent.understanding.text import Span, table
from vitrine.core.acts import Question
from vitrine.core.refs import ThingRef

_STATING = frozenset("is are was were does did will".split())
_PICTURED = table({"pictured": ("would look like", "look like in", "look like with")})


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of one sentence. `about_things`: its values are asked about, not wished for."""

    questions: tuple[Question, ...] = ()
    about_things: bool = False
    unresolved: str | None = None


def ask(scene: Scene, sentence: Span, references: list[Reference]) -> Asked:
    """What the sentence asks."""
    text = scene.text
    said = text.said(sentence).strip()[:400]
    if (
        scene.has(phrases.PROFILE_SHOW, sentence)
        or about_me(scene, sentence)
        or told_of_the_past(scene, sentence)
    ):
        return Asked((Question(kind="profile", text=said),), about_things=True)
    inside = [r for r in references if sentence.covers(r.span.start)]
    if scene.has(_PICTURED, sentence) is not None:
        return Asked()  # "what would the first look like in green?" asks for a drawing
    if _how_to(scene, sentence):
        return Asked((Question(kind="open", text=said),), about_things=True)
    if curious := curiosity(scene, sentence, tuple(t for r in inside for t in r.things)):
        return Asked((curious,), about_things=True)
    if _asks_why(scene, sentence) or _why_not(scene, sentence):
        things = tuple(t for r in inside for t in r.things)
        facet, value = subject_of(scene, sentence, inside)
        question = Question(kind="why", text=said, facet=facet, value=value, things=things)
        return Asked((question,), about_things=True)
    if best := extreme(scene, sentence, inside, said):
        return Asked((best,))
    asking = scene.asks(sentence)
    comparing = scene.has(english.COMPARE, sentence)
    things = tuple(dict.fromkeys(t for r in inside for t in r.things))
    if (
        comparing
        and scene.shown
        and (
            asking
            or text.word(comparing.start)
            in (
                "compare",
                "comparison",
                "difference",
                "differences",
                "pros",
                "side",
                "vs",
                "versus",
            )
        )
    ):
        if relative := which_number(scene, sentence, said, things):
            return Asked((relative,), about_things=True)
        chosen = things if len(things) >= 2 else scene.last_shown
        if len(chosen) >= 2:
            facet, value = subject_of(scene, sentence, inside)
            question = Question(kind="compare", text=said, facet=facet, value=value, things=chosen)
            return Asked((question,), about_things=True)
    if any(put_aside(scene, r) for r in inside):
        return Asked()  # "can you hold the third one for me?"
    if asking and len(things) > 1 and "than" in text.words(sentence) and scene.shown:
        facet, value = subject_of(scene, sentence, inside)
        question = Question(kind="compare", text=said, facet=facet, value=value, things=things)
        return Asked((question,), about_things=True)
    if not asking:
        wishing = {"want", "like", "need", "to"} & set(text.words(sentence))
        if (
            not inside
            and wishing
            and scene.has(SERVICE, sentence)
            and not names_a_value(scene, sentence)
        ):
            return Asked((Question(kind="open", text=said),), about_things=True)
        return _bare(scene, sentence, said, things)
    if scene.opening(sentence) == "which" and scene.shown:
        if relative := which_number(scene, sentence, said, things):
            return Asked((relative,), about_things=True)
    be = text.words(Span(sentence.start + 1, sentence.start + 3))
    if text.word(sentence.start) in ("can", "could") and be in (("it", "be"), ("they", "be")):
        return Asked()  # "can it be in cotton?" asks for it
    if scene.opening(sentence) in ("can", "could") and not inside and _grades(scene, sentence):
        return Asked()  # "can the sleeves be a bit longer?"
    best = advice(scene, sentence, said, things) or most(scene, sentence, said, things)
    if scene.shown and best is not None:
        return Asked((best,), about_things=True)
    if elliptic := _elliptic(scene, sentence, references, said):
        return elliptic
    opening = scene.opening(sentence)
    if opening in ("do", "does") and not inside and _of_anything(scene, sentence):
        return _count(scene, sentence, said)  # "does anything red come in a 38?"
    if scene.shown and not inside and _seeks_more(scene, sentence):
        return Asked()  # "is that all, or have you more in the back?"
    if opening in ("what", "which") and not inside and (kinds := _of_a_kind(scene, sentence)):
        return _which_values(scene, sentence, said, kinds)
    if not inside and scene.has(SERVICE, sentence) and not names_a_value(scene, sentence):
        return Asked((Question(kind="open", text=said),), about_things=True)
    if opening in _STATING | {"would", "do"} and not inside:
        if (kind := brought_up(scene, sentence)) is not None:
            return _of_another_kind(scene, sentence, said, kind)
    if opening in ("do", "should", "must") and _of_advice(scene, sentence):
        return Asked((Question(kind="open", text=said, things=things),), about_things=True)
    if scene.shown and opening in ("do", "would") and opines(scene, sentence):
        return _of_things(scene, sentence, inside, references, said, things)
    if opening in ("did", "do") and not inside and chats(scene, sentence, opening):
        return Asked(about_things=True)
    liking = scene.has(phrases.LIKE_CUES, sentence) is not None and likes_a_thing(scene, inside)
    if not liking and concerns_things(scene, sentence, inside):
        return _of_things(scene, sentence, inside, references, said, things)
    if opening in ("did", "have", "do", "are") and chats(scene, sentence, opening):
        return Asked(about_things=True)
    idle = scene.has(english.PAIRING, sentence) is not None or (
        opening in _STATING
        and not liking
        and scene.has(phrases.REQUESTS, sentence) is None
        and scene.has(english.COUNT, sentence) is None
    )
    if idle and scene.text.is_question(sentence):
        return Asked((Question(kind="open", text=said),), about_things=True)
    if scene.has(english.COUNT, sentence) and not liking:
        return _count(scene, sentence, said)
    facet = facet_word(scene, sentence)
    if facet is not None and scene.opening(sentence) in ("what", "which", "how", "what's"):
        many = text.word(sentence.start) == "how" and text.word(sentence.start + 1) == "much"
        if many or not scene.has(phrases.REQUESTS, sentence):
            return _which_values(scene, sentence, said, facet)
    return Asked()


def _of_another_kind(scene: Scene, sentence: Span, said: str, kind: str) -> Asked:
    """Such as "would trainers be cheaper?": of the shop's other things, and no wish for them."""
    pack = scene.vocabulary.pack
    price = pack.role("price")
    cheaper = scene.has(english.COMPARE_LOW, sentence) or money_word(scene, sentence)
    facet = price.name if price is not None and cheaper else facet_word(scene, sentence)
    also = ((pack.head.name, kind),)
    named = conditions(scene, sentence)
    if facet is None and len(named) > 1:  # "do skirts come in linen?"
        (name, value), rest = named[0], named[1:]
        question = Question(kind="count", text=said, facet=name, value=value, also=rest)
    else:
        kind_asked = "open" if facet is None else "field"
        question = Question(kind=kind_asked, text=said, facet=facet, also=also)
    return Asked((question,), about_things=True)


_TREATED = frozenset(
    "wash clean iron care remove wear style tie fold measure mend repair fix stretch dry dye shrink "
    "store polish waterproof".split()
)


def _of_advice(scene: Scene, sentence: Span) -> bool:
    """Advice is asked for, nothing is wanted: "do I need a tie with that?"."""
    at = at_opening(scene, sentence)
    words = scene.text.words(Span(at, at + 4))
    needs = words[:3] == ("do", "i", "need") or words == ("do", "i", "have", "to")
    return needs or (words[1:2] == ("i",) and words[2:3] in (("wear",), ("bring",), ("match",)))


def _how_to(scene: Scene, sentence: Span) -> bool:
    """How something is treated or worn: "how do I wash silk?", "how to get wine out of a shirt"."""
    found = phrases.HOW_TO.first(scene.text, sentence)
    if found is None:
        return False
    at = found[0].end + (scene.text.word(found[0].end) == "to")
    verb, rest = scene.text.word(at), scene.text.words(Span(at, sentence.end))
    off = verb == "get" and bool(
        {("out", "of"), ("rid", "of")} & set(zip(rest, rest[1:], strict=False))
    )
    return verb in _TREATED or off


def _of_anything(scene: Scene, sentence: Span) -> bool:
    """Anything that the shop has is asked about, none of the things in sight."""
    at = at_opening(scene, sentence)
    return scene.text.word(at + 1) in ("anything", "something") and (
        scene.text.word(at + 2) not in ("of", "here", "in", "on")
    )


def _grades(scene: Scene, sentence: Span) -> bool:
    """More or less of a property is asked for: "could the sleeves be a bit longer?"."""
    words = scene.text.words(sentence)
    if "be" not in words or facet_word(scene, sentence) is None:
        return False
    graded = words[words.index("be") + 1 :]
    return any(w in COMPARATIVES or w in ("more", "less") for w in graded)


def _seeks_more(scene: Scene, sentence: Span) -> bool:
    """Others are asked for, and nothing of the shop is named."""
    named = any(m.of("value", "facet", "unit") for m in scene.within(sentence))
    return scene.has(phrases.MORE, sentence) is not None and not named


def _of_a_kind(scene: Scene, sentence: Span) -> str | None:
    """The facet that is asked about of a kind of thing at large: "what sizes do boots come in"."""
    text = scene.text
    facet = facet_word(scene, sentence)
    if facet is None or {"these", "those", "this", "that", "it", "they", "them"} & set(
        text.words(sentence)
    ):
        return None
    for mention in scene.within(sentence):
        if not scene.is_head(mention):
            continue
        last = text.word(mention.span.end - 1)
        if last.endswith("s") and text.word(mention.span.start - 1) != "the":
            return facet
    return None


def _asks_why(scene: Scene, sentence: Span) -> bool:
    found = scene.has(phrases.WHY, sentence)
    if found is None:
        return False
    following = scene.text.word(found.end)
    return following not in ("not",) and not (
        following == "do"
        and scene.text.word(found.end + 1) == "n't"
        and scene.text.word(found.end + 2) in ("you", "we")
    )


def _why_not(scene: Scene, sentence: Span) -> bool:
    """Such as "why not striped?" of what is avoided; of anything else it proposes."""
    at = at_opening(scene, sentence)
    if scene.text.words(Span(at, at + 2)) != ("why", "not"):
        return False
    avoided = {
        (b.facet, b.value) for b in scene.heard.state.beliefs.facets if b.polarity == "avoid"
    }
    return any(
        (m.facet, m.value) in avoided for said in scene.within(sentence) for m in said.of("value")
    )


def _of_things(
    scene: Scene,
    sentence: Span,
    inside: list[Reference],
    references: list[Reference],
    said: str,
    things: tuple[ThingRef, ...],
) -> Asked:
    unresolved = None
    if not things:
        focus = scene.heard.state.focus
        single = len(scene.last_shown) == 1
        open_pronouns = [r for r in inside if r.unresolved]
        spoken = spoken_before(sentence, references)
        if spoken is not None and not open_pronouns:
            things = spoken
        elif focus is not None and all(r.kind == "pronoun" for r in open_pronouns):
            things = (focus,)
        elif single and not open_pronouns:
            things = scene.last_shown
        elif open_pronouns:
            unresolved = scene.text.said(open_pronouns[0].span, 200)
        else:
            things = scene.last_shown
    if scene.has(english.REVIEWS, sentence) or scene.has(english.SERVICES, sentence):
        return Asked((Question(kind="open", text=said, things=things),), True, unresolved)
    facet, value = subject_of(scene, sentence, inside)
    size = scene.vocabulary.pack.role("size")
    if facet is None and size is not None and scene.has(english.STOCK, sentence):
        facet = size.name
    if facet is None and (mention := money_word(scene, sentence)) is not None:
        facet = mention
    kind: Literal["field", "open"] = "field" if facet is not None else "open"
    question = Question(kind=kind, text=said, facet=facet, value=value, things=things)
    return Asked((question,), about_things=True, unresolved=unresolved)


def _elliptic(scene: Scene, sentence: Span, references: list[Reference], said: str) -> Asked | None:
    """Such as "and the price?", "in terms of material?": a facet of what is under discussion."""
    text = scene.text
    words = [w for w in text.words(sentence) if w[0].isalnum()]
    if not text.is_question(sentence) or len(words) > 6 or not scene.shown:
        return None
    opening = scene.opening(sentence)
    about = words[:2] in (["what", "about"], ["how", "about"]) or words[1:3] == ["what", "about"]
    if opening in english.ASK_STARTS and not about:
        return None
    if _WISHING & set(words):
        return None  # "anything cheaper in the same style?", "without the price limit?"
    facet = facet_word(scene, sentence)
    if scene.has(english.REVIEWS, sentence):
        return None
    if facet is None or any(m.of("value") for m in scene.within(sentence)):
        return None
    focus = scene.heard.state.focus
    inside = tuple(t for r in references if sentence.covers(r.span.start) for t in r.things)
    things = inside or spoken_before(sentence, references) or ((focus,) if focus else ())
    things = things or scene.last_shown
    return Asked((Question(kind="field", text=said, facet=facet, things=things),), True)


_WISHING = frozenset(
    "anything something any some without no more less cheaper another other others".split()
)


def _bare(
    scene: Scene,
    sentence: Span,
    said: str,
    things: tuple[ThingRef, ...],
) -> Asked:
    """Requests for facts that are not worded as questions: "tell me about the second one"."""
    told = (
        "in more detail",
        "more details on",
        "more on",
        "closer look at",
        "zoom in on",
        "tell me about",
        "tell me more about",
        "more about",
        "details",
        "describe",
        "more info",
        "information on",
    )
    lowered = " ".join(scene.text.words(sentence))
    if any(phrase in lowered for phrase in told) and (things or scene.heard.state.focus):
        focus = scene.heard.state.focus
        chosen = things or ((focus,) if focus is not None else ())
        facet = facet_word(scene, sentence)
        kind: Literal["field", "open"] = "field" if facet else "open"
        return Asked((Question(kind=kind, text=said, facet=facet, things=chosen),), True)
    return Asked()


def _count(scene: Scene, sentence: Span, said: str) -> Asked:
    how_many = "how many" in " ".join(scene.text.words(sentence))
    opening = scene.opening(sentence)
    facet = facet_word(scene, sentence) if opening in english.WH and not how_many else None
    asked = conditions(scene, sentence)
    if facet is not None and opening in ("what", "which"):
        return _which_values(scene, sentence, said, facet)
    value: str | None = None
    if facet is None and asked:
        (facet, value), asked = asked[0], asked[1:]
    if facet is None:
        facet = facet_word(scene, sentence)
    if facet is None and not how_many and scene.shown and scene.has(phrases.MORE, sentence):
        return Asked()  # "what else is there?" asks to see more
    question = Question(kind="count", text=said, facet=facet, value=value, also=asked)
    return Asked((question,), about_things=how_many and not of_the_shop(scene, sentence))


def _which_values(scene: Scene, sentence: Span, said: str, facet: str) -> Asked:
    """Such as "which colours do your hats come in": the values there are, of all such things."""
    also = tuple(c for c in conditions(scene, sentence) if c[0] != facet)
    return Asked((Question(kind="field", text=said, facet=facet, also=also),))

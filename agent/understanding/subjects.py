"""What a question is about: shown things or the shop, and which facet, value or conditions."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.nouns import plain_noun
from vitrine.agent.understanding.opening import at_opening
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.refs import ThingRef

_ABOUT_STARTS = frozenset("is are does do has have was were will would can could did".split())
_ORDERS = frozenset(
    (modal, "you", verb)
    for modal in ("can", "could", "would", "will")
    for verb in ("make", "change", "turn", "do", "draw", "redo", "try", "add", "remove", "drop")
)
_WHICH = frozenset("one ones of is are has have do does would will".split())


def likes_a_thing(scene: Scene, inside: list[Reference]) -> bool:
    """Such as "like the second one" as a pattern to follow, not as a verdict."""
    for reference in inside:
        before = scene.text.word(reference.span.start - 1)
        subject = scene.text.word(reference.span.start - 2)
        if before in ("like", "to", "as", "by", "on") and subject not in (
            "i", "you", "do", "n't", "really", "would", "'d",
        ):  # fmt: skip
            return True
    return False


def concerns_things(scene: Scene, sentence: Span, inside: list[Reference]) -> bool:
    """The question is about shown things and not a request for others."""
    if not scene.shown:
        return False
    opening = scene.opening(sentence)
    request = scene.has(phrases.REQUESTS, sentence)
    if opening not in english.ASK_STARTS and _alters(scene, sentence, inside):
        return False  # "the second one is gorgeous, same but in navy?"
    about = scene.text.word(sentence.start + 1) == "about" and opening in ("what", "how")
    if about and inside and _changes(scene, sentence, inside):
        return False  # "how about the plain one in white"
    if scene.text.words(Span(sentence.start, sentence.start + 3))[:3] in _ORDERS:
        return False
    if opening == "which" and scene.text.word(sentence.start + 1) in _WHICH:
        return True
    if inside and scene.has(english.COMPARE_LOW, sentence) and opening in ("is", "are"):
        if all(scene.text.word(r.span.start - 1) == "of" for r in inside):
            return False  # "is there a cheaper version of the black one?"
    if inside:
        measures = [r for r in inside if scene.text.word(r.span.start - 1) in ("than", "as")]
        if len(measures) == len(inside):
            return False  # "what about something cheaper than the last one?"
    if inside:
        showing = request is not None and scene.text.word(request.start) in (
            "show", "find", "give", "get", "recommend", "suggest", "can", "could",
            "looking", "need", "want", "i",
            "have", "take", "look", "let",
        )  # fmt: skip
        if request is not None and any(r.span.end == request.start for r in inside):
            showing = False  # "would the second one need ironing?" says what it needs
        if _asks_stock(scene, sentence, inside):
            showing = False
        return not showing
    if scene.has(english.REVIEWS, sentence):
        return True
    if request is not None or scene.has(english.COUNT, sentence):
        # "Do you have size M?" after things were shown asks about those.
        return _only_size(scene, sentence)
    if opening in _ABOUT_STARTS and scene.text.word(at_opening(scene, sentence) + 1) not in (
        "you",
        "i",
        "there",
        "we",
    ):
        return True
    wh = opening in ("what", "how", "which", "what's", "who")
    return wh and (
        facet_word(scene, sentence) is not None
        or scene.has(english.STOCK, sentence) is not None
        or scene.has(english.REVIEWS, sentence) is not None
        or _asks_a_property(scene, sentence)
    )


def _asks_stock(scene: Scene, sentence: Span, inside: list[Reference]) -> bool:
    """Such as "have you got the third in a 38?", "can I get it in a 39?": no wish, a question."""
    at = at_opening(scene, sentence)
    if scene.text.words(Span(at, at + 3)) == ("have", "you", "got"):
        return True
    size = scene.vocabulary.pack.role("size")
    if size is None or scene.opening(sentence) not in ("can", "could"):
        return False
    named = {
        meaning.facet
        for mention in scene.within(sentence)
        if not any(r.span.overlaps(mention.span) for r in inside)
        for meaning in mention.of("value")
    }
    return named == {size.name}


_STORING = frozenset("put set keep hold save reserve lay".split())
_KEPT_FOR = frozenset({("for", "me"), ("for", "us"), ("back", "for")})


def put_aside(scene: Scene, reference: Reference) -> Span | None:
    """The words that have the thing reserved: "put the second aside", "hold it for me"."""
    text, end = scene.text, reference.span.end
    start = reference.span.start - 1
    if text.word(start) not in _STORING:
        return None
    if text.word(end) == "aside":
        return Span(start, end + 1)
    return Span(start, end + 2) if text.words(Span(end, end + 2)) in _KEPT_FOR else None


_ALTERING = frozenset("same but only except just similar".split())


def _alters(scene: Scene, sentence: Span, inside: list[Reference]) -> bool:
    """A shown thing is asked for with another value: "same but in navy?", "that, only longer?"."""
    last = max((r.span.end for r in inside), default=sentence.start)
    rest = Span(last, sentence.end)
    changing = bool(_ALTERING & set(scene.text.words(rest)))
    return changing and any(m.of("value") for m in scene.within(rest))


def _asks_a_property(scene: Scene, sentence: Span) -> bool:
    """Such as "what is the heel height?" of a thing under discussion: no facet, yet about it."""
    text = scene.text
    at = at_opening(scene, sentence)
    if text.words(Span(at, at + 3)) not in (("what", "is", "the"), ("what", "'s", "the")):
        return False
    single = scene.heard.state.focus is not None or len(scene.last_shown) == 1
    return single and at + 3 < sentence.end and plain_noun(scene, at + 3)


def _only_size(scene: Scene, sentence: Span) -> bool:
    size = scene.vocabulary.pack.role("size")
    if size is None:
        return False
    facets = {m.facet for mention in scene.within(sentence) for m in mention.of("value", "facet")}
    others = scene.text.words(sentence)
    general = {"anything", "something", "ones", "any", "one", "more"} & set(others)
    return facets == {size.name} and not general


def facet_word(scene: Scene, sentence: Span) -> str | None:
    """The first facet that the question names: "what material is the second one"."""
    for mention in scene.within(sentence):
        meanings = mention.of("facet")
        pointed = scene.text.word(mention.span.start - 1) in ("that", "this", "same", "such")
        if pointed and scene.text.word(mention.span.start - 2) == "in":
            continue  # "what shirts are there in that colour?"
        if meanings and not scene.spent(mention.span):
            facet = scene.vocabulary.pack.facet(meanings[0].facet)
            if facet is not None and facet.role != "head":
                return facet.name
    return None


def subject_of(
    scene: Scene, sentence: Span, inside: list[Reference]
) -> tuple[str | None, str | None]:
    """(facet, value) that a question is about; values within references name things instead."""
    for mention in scene.within(sentence):
        if any(r.span.overlaps(mention.span) for r in inside):
            continue
        meanings = scene.values(mention, sentence)
        if meanings and not scene.is_head(mention):
            asked = scene.text.word(mention.span.start - 1) == "how"  # "how long is it?"
            return meanings[0].facet, None if asked else meanings[0].value
    return facet_word(scene, sentence), None


def names_a_value(scene: Scene, sentence: Span) -> bool:
    """A value of the shop is named, a place or a number aside; "how long" names none."""
    return any(
        scene.values(m, sentence)
        for m in scene.within(sentence)
        if scene.text.word(m.span.start - 1) != "how"
    )


def _changes(scene: Scene, sentence: Span, inside: list[Reference]) -> bool:
    """A value is named beside the things that are pointed at."""
    return any(
        mention.of("value") and not any(r.span.overlaps(mention.span) for r in inside)
        for mention in scene.within(sentence)
    )


def spoken_before(sentence: Span, references: list[Reference]) -> tuple[ThingRef, ...] | None:
    """The things that an earlier part of the message points at."""
    before = [r for r in references if r.span.end <= sentence.start and r.things]
    return before[-1].things if before else None


def money_word(scene: Scene, sentence: Span) -> str | None:
    """A number facet that is asked about by its soft words: "is it expensive?"."""
    for mention in scene.within(sentence):
        if meanings := mention.of("low", "high", "unit"):
            return meanings[0].facet
    return None


def conditions(scene: Scene, sentence: Span) -> tuple[tuple[str, str], ...]:
    """(facet, value) of all that the sentence names, a negated one aside."""
    found: dict[tuple[str, str], None] = {}
    for mention in scene.within(sentence):
        if scene.spent(mention.span) or scene.text.word(mention.span.start - 1) in (
            "not",
            "no",
            "n't",
        ):
            continue
        for meaning in scene.values(mention, sentence)[:1]:
            found[meaning.facet, meaning.value] = None
    return tuple(found)

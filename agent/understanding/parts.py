"""Parts and properties of the wanted thing in words of its own: "with pockets", "no logos"."""

from __future__ import annotations

from dataclasses import dataclass

from vitrine.agent.understanding import english
from vitrine.agent.understanding.idioms import ADJECTIVES, VERBISH
from vitrine.agent.understanding.nouns import noun_phrase, plain_noun
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.situation import SUITED
from vitrine.agent.understanding.text import Span, Text
from vitrine.agent.understanding.unknown import is_feature

_LIKENED = frozenset("looks look something anything one ones".split())
_SKIPPED = frozenset(
    "bother showing suggesting recommending a an any anything the with in to wear have having "
    "see show me it be want need like more of my those these that wearing".split()
)


@dataclass(frozen=True, slots=True)
class WishSpan:
    """A wish in the user's words. `whole`: the shop's words inside of it belong to the wish."""

    span: Span
    text: str
    whole: bool = False


def wish_at(scene: Scene, span: Span, *, whole: bool = False) -> WishSpan:
    return WishSpan(span, scene.text.said(span, 200), whole)


def attached(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "with pockets", "without a zip", "has gold buttons": parts of the thing."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        lead, before = text.word(at), text.word(at - 1) if at > sentence.start else ""
        liked = (lead == "like" and before in _LIKENED) or (lead == "to" and before == "similar")
        suited = lead == "for" and before in SUITED and scene.mention_over(at + 1) is None
        if liked or suited:
            pass
        elif lead in ("by", "from"):
            named = noun_phrase(scene, at + 1, sentence)
            if named is not None and _named(scene, named) and named.start == at + 1:
                found.append(wish_at(scene, named))
            continue
        elif lead in ("has", "have"):
            if before not in ("that", "it", "should", "must", "to", "which", "they"):
                continue
            if text.word(at + 1) == "to":
                continue
        elif lead not in ("with", "without", "having"):
            continue
        phrase = noun_phrase(scene, at + 1, sentence, parts=True)
        if phrase is None or text.words(phrase)[-1] in ADJECTIVES | _SIZED:
            phrase = _graded_part(scene, at + 1) or phrase
        if phrase is None:
            continue
        whole = any(m.of("value") for m in scene.within(phrase))
        if whole and not plain_noun(scene, phrase.end - 1):
            continue
        inside = scene.mention_over(phrase.end - 1)
        if whole or scene.mention_over(phrase.end) is None or inside is not None:
            found.append(wish_at(scene, phrase, whole=whole))
            found += _more_parts(scene, phrase.end, sentence)
    return found


_SIZED = frozenset("big small huge tiny oversized thick thin high low".split())


def _graded_part(scene: Scene, at: int) -> Span | None:
    """A property of a part for which the shop has no value: "with big sleeves"."""
    text = scene.text
    while text.word(at) in english.DETERMINERS | {"really", "very", "nice"}:
        at += 1
    mention = scene.mention_at(at + 1)
    if scene.mention_over(at) is not None or mention is None or mention.of("value"):
        return None
    facets = [scene.vocabulary.pack.facet(m.facet) for m in mention.of("facet")]
    visible = any(f is not None and f.visible and f.role == "attribute" for f in facets)
    graded = text.word(at) in ADJECTIVES | _SIZED or text.word(at).endswith(("y", "ed"))
    return Span(at, mention.span.end) if visible and graded else None


def _more_parts(scene: Scene, at: int, sentence: Span) -> list[WishSpan]:
    """The rest of "with a zip, a long strap and two pockets"."""
    found: list[WishSpan] = []
    while scene.text.word(at) in ("and", ",", "&"):
        at += 2 if scene.text.words(Span(at, at + 2)) == (",", "and") else 1
        phrase = noun_phrase(scene, at, sentence, parts=True)
        if phrase is None or not plain_noun(scene, phrase.end - 1):
            break
        if scene.mention_over(phrase.end) is not None or scene.text.word(at) not in _LISTED_BY:
            break
        whole = any(m.of("value") for m in scene.within(phrase))
        found.append(wish_at(scene, phrase, whole=whole))
        at = phrase.end
    return found


_LISTED_BY = english.DETERMINERS | frozenset("two three four lots plenty big small long".split())


_NEEDING = frozenset(
    "need want like love wear prefer needs have sell carry stock got get buy find recommend".split()
)


def _named(scene: Scene, phrase: Span) -> bool:
    """A name, as its capital letters show."""
    raw = scene.text.raw
    return not raw.isupper() and all(
        raw[scene.text.tokens[i].start].isupper()
        and not scene.vocabulary.is_ordinary(scene.text.word(i))
        for i in range(phrase.start, phrase.end)
    )


def needed(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "I need pockets", "I only wear natural fibres": what descriptions speak of."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        if text.word(at) not in _NEEDING or scene.used[at]:
            continue
        phrase = noun_phrase(scene, at + 1, sentence)
        if phrase is None or scene.mention_over(phrase.end) is not None:
            continue
        if _named(scene, phrase):
            found.append(wish_at(scene, phrase))
            continue
        last = phrase.end - 1
        worn = text.word(at) == "wear" and plain_noun(scene, last)
        if is_feature(scene, last) or worn:
            found.append(wish_at(scene, phrase))
    return found


def named_part(scene: Scene, sentence: Span) -> list[WishSpan]:
    """A message that only names a part: "thick soles please"."""
    text = scene.text
    if scene.within(sentence) or sentence.end - sentence.start > 9:
        return []
    phrase = noun_phrase(scene, sentence.start, sentence)
    if phrase is None:
        return []
    if not is_feature(scene, phrase.end - 1) and not (
        _welcome(text, phrase.end) and plain_noun(scene, phrase.end - 1)
    ):
        return []
    rest = {w for w in text.words(Span(phrase.end, sentence.end)) if w[0].isalpha()}
    said = rest <= {"please", "pls", "thanks", "maybe", "too"} or _welcome(text, phrase.end)
    return [wish_at(scene, phrase)] if said else []


def _welcome(text: Text, at: int) -> bool:
    """Such as "would be a bonus", "are a must": the part before it is wanted."""
    for start in range(at, at + 4):
        match = english.CUES.match(text, start)
        if match is not None and {"soft", "hard"} & set(match[1]):
            return text.word(at) in english.AUXILIARIES
    return False


def denied(scene: Scene, sentence: Span) -> list[WishSpan]:
    """What a negation names and no facet covers: "no logos", "I never wear heels or boots"."""
    text = scene.text
    found: list[WishSpan] = []
    at = sentence.start
    while at < sentence.end - 1:
        match = english.CUES.match(text, at, sentence.end)
        if match is None or scene.used[at] or not {"neg", "exclude"} & set(match[1]):
            at += 1
            continue
        at += match[0]
        while text.word(at) in _SKIPPED and at < sentence.end - 1:
            at += 1
        while at < sentence.end:
            phrase = noun_phrase(scene, at, sentence)
            if phrase is not None and plain_noun(scene, phrase.end - 1):
                if scene.mention_over(phrase.end) is None:
                    found.append(wish_at(scene, phrase))
                at = phrase.end
            elif (mention := scene.mention_at(at)) is not None and mention.of("value"):
                at = mention.span.end
            else:
                break
            if text.word(at) not in ("and", "or", "nor", ",", "&"):
                break
            at += 2 if text.word(at) == "," and text.word(at + 1) in ("or", "and", "nor") else 1
            if text.word(at) in ("no", "not"):
                break
    return found


def joined(scene: Scene, sentence: Span, found: list[WishSpan]) -> list[WishSpan]:
    """What "and" or "or" joins to a wish or a value: "sustainable and fair trade"."""
    text = scene.text
    more: list[WishSpan] = []
    taken = [wish.span for wish in found]
    ends = [wish.span.end for wish in found if not wish.whole]
    ends += [
        m.span.end
        for m in scene.within(sentence)
        if m.of("value") and not scene.is_head(m) and not scene.spent(m.span)
    ]
    for at in ends:
        if text.word(at) not in ("and", "or"):
            continue
        phrase = noun_phrase(scene, at + 1, sentence)
        if phrase is None or any(phrase.overlaps(span) for span in taken):
            continue
        following = scene.mention_over(phrase.end)
        if following is not None and not scene.is_head(following):
            continue
        words = text.words(phrase)
        value = at not in {w.span.end for w in found}
        tells = any(w in ADJECTIVES or not scene.vocabulary.is_ordinary(w) for w in words)
        if words[0] in VERBISH or words[0].endswith("ly") or (value and not tells):
            continue
        if value and following is None and text.word(at + 1) in english.DETERMINERS:
            continue  # "in red and a handbag": another thing
        more.append(wish_at(scene, phrase))
    return more

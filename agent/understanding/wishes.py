"""Wishes that no facet covers, in the user's own words: they rank, they never filter."""

from __future__ import annotations

from dataclasses import dataclass

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.idioms import ADJECTIVES, VERBISH
from vitrine.agent.understanding.nouns import free, impression, noun_phrase, plain_noun
from vitrine.agent.understanding.described import describe
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.unknown import is_feature
from vitrine.agent.understanding.vocabulary import Mention

_GENERIC_LEADS = frozenset("something anything ones one stuff things piece nothing".split())
_RELATIVE = frozenset("that which who i my he she you we they to people everyone nobody".split())
_EMPTY = VERBISH | frozenset(
    "would can could will something myself really also maybe thanks nobody everybody everyone "
    "else has unique suits goes fits be do does did going order mind".split()
)
_COPULAS = frozenset("be is look looks feel feels 's look seem feeling looking being".split())
_REQUIRING = frozenset("should must has needs need have to would more".split())
_ENDS = frozenset(". ! ? , ; but \n".split()) | {"\n"}
_LONGEST_CLAUSE = 14
_GOALS = frozenset("want wanna like love wish hope hoping trying aim need".split())
_MATCHING = frozenset("go goes match matches pair pairs works".split())


@dataclass(frozen=True, slots=True)
class WishSpan:
    """A wish in the user's words. `whole`: the shop's words inside of it belong to the wish."""

    span: Span
    text: str
    whole: bool = False


def find_wishes(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Free-text wishes of the sentence, left to right, never overlapping."""
    found = _measured(scene, sentence)
    for phrase in describe(scene, sentence):
        if not any(phrase.span.overlaps(other.span) for other in found):
            found.append(_wish(scene, phrase.span, whole=phrase.whole))
    readers = (
        _concepts, _impressions, _clauses, _goals, _withs, _needed, _denied, _adjectives,
        _required, _activities,
    )  # fmt: skip
    for reader in readers:
        for wish in reader(scene, sentence):
            if not any(wish.span.overlaps(other.span) for other in found):
                found.append(wish)
    found += _joined(scene, sentence, found)
    return sorted(found, key=lambda wish: wish.span.start)


def _wish(scene: Scene, span: Span, *, whole: bool = False) -> WishSpan:
    return WishSpan(span, scene.text.said(span, 200), whole)


def _concepts(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Soft words that the domain pack names."""
    found: list[WishSpan] = []
    for mention in scene.within(sentence):
        if (
            not mention.of("concept")
            or mention.of("value", "low", "high")
            or scene.spent(mention.span)
        ):
            continue
        talk = mention.span.start == sentence.start and scene.text.word(mention.span.end) in (
            ",",
            "!",
            ".",
            "",
        )
        if talk and phrases.ACKNOWLEDGE.match(scene.text, mention.span.start) is not None:
            continue  # "cool, thanks"
        following = scene.mention_at(mention.span.end)
        word = scene.text.word(mention.span.start)
        if word in english.COLOUR_SHADES and following is not None and _colours(scene, following):
            continue
        found.append(_wish(scene, mention.span))
    return found


def _colours(scene: Scene, mention: Mention) -> bool:
    return any(m.facet == scene.vocabulary.colour_facet for m in mention.of("value"))


def _clause_end(scene: Scene, start: int, sentence: Span) -> int:
    end = start
    while (
        end < sentence.end
        and scene.text.word(end) not in _ENDS
        and end - start < _LONGEST_CLAUSE
        and english.CUES.match(scene.text, end, sentence.end) != (1, ["soft"])
    ):
        end += 1
    return end


def _tells(scene: Scene, span: Span) -> bool:
    """The words say something beyond talk, and hold no word of the shop."""
    if any(m.of("value", "low", "high", "unit", "concept") for m in scene.within(span)):
        return False
    words = scene.text.words(span)
    if set(words) & _MATCHING and "with" in words:
        return True
    return any(
        w.isalpha()
        and w not in _EMPTY
        and w not in english.NOUN_STOPPERS
        and w not in english.GENERIC_NOUNS
        and w not in english.EMPTY_ADJECTIVES
        for w in words
    )


def _clauses(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "something my grandmother would like", "a bag that fits a laptop"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        mention = scene.mention_over(at)
        noun = text.word(at) in _GENERIC_LEADS or (mention is not None and scene.is_head(mention))
        if not noun or text.word(at + 1) not in _RELATIVE:
            continue
        start = at + 2 if text.word(at + 1) in ("that", "which", "who", "to") else at + 1
        if text.word(start) in ("is", "are", "'s", "'re") and start - at == 2:
            continue  # "something that is waterproof": `_required` reads it
        span = Span(start, _clause_end(scene, start, sentence))
        if span.end > span.start and not scene.spent(span) and _tells(scene, span):
            found.append(_wish(scene, span))
    return found


def _goals(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "I want to look taller", "I want people to notice me", "different from the rest"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        word = text.word(at)
        start: int | None = None
        if word in _GOALS and not scene.used[at]:
            if text.word(at + 1) == "to" and text.word(at + 2) not in VERBISH - {"look", "feel"}:
                start = at + 2
            elif text.word(at + 1) in ("people", "everyone", "everybody", "others", "heads"):
                start = at + 1
            if start is not None and text.word(at - 1) in ("n't", "not"):
                start = None
        elif word == "different" and text.word(at + 1) in ("from", "than"):
            start = at
        if start is None or text.words(Span(start, start + 2)) in (
            ("look", "at"),
            ("look", "for"),
            ("look", "around"),
        ):
            continue
        span = Span(start, _clause_end(scene, start, sentence))
        known = any(m.of("value", "unit") for m in scene.within(span))
        if span.end - span.start >= 2 and not scene.spent(span) and not known:
            found.append(_wish(scene, span))
    return found


def _withs(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "with pockets", "without a zip", "has gold buttons": parts of the thing."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        lead, before = text.word(at), text.word(at - 1) if at > sentence.start else ""
        if lead == "like" and before in ("looks", "look", "something", "anything", "one", "ones"):
            pass
        elif lead == "to" and before == "similar":
            pass
        elif lead in ("has", "have"):
            if before not in ("that", "it", "should", "must", "to", "which", "they"):
                continue
            if text.word(at + 1) == "to":
                continue
        elif lead not in ("with", "without", "having"):
            continue
        phrase = noun_phrase(scene, at + 1, sentence, parts=True)
        if phrase is None:
            continue
        whole = any(m.of("value") for m in scene.within(phrase))
        if whole and not plain_noun(scene, phrase.end - 1):
            continue
        if whole or scene.mention_over(phrase.end) is None:
            found.append(_wish(scene, phrase, whole=whole))
    return found


def _needed(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "I need pockets", "I only wear natural fibres": what descriptions speak of."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        if text.word(at) not in ("need", "want", "like", "love", "wear", "prefer", "needs"):
            continue
        phrase = noun_phrase(scene, at + 1, sentence)
        if phrase is None or scene.mention_over(phrase.end) is not None:
            continue
        last = phrase.end - 1
        worn = text.word(at) == "wear" and plain_noun(scene, last)
        if is_feature(scene, last) or worn:
            found.append(_wish(scene, phrase))
    return found


def _impressions(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "it should feel luxurious", "must not look cheap": looks, not a price."""
    found: list[WishSpan] = []
    for mention in scene.within(sentence):
        if mention.of("low", "high") and impression(scene, mention.span.start):
            found.append(_wish(scene, mention.span))
    return found


_SKIPPED = frozenset(
    "a an any anything the with in to wear have having see show me it be want need like more of "
    "my those these that wearing".split()
)


def _denied(scene: Scene, sentence: Span) -> list[WishSpan]:
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
                    found.append(_wish(scene, phrase))
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


def _adjectives(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Words before a thing's noun or after "something", and what "too", "more" and "less" grade."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end):
        before, after = text.word(at - 1) if at > sentence.start else "", text.word(at + 1)
        sized = text.word(at) in ("big", "small") and before == "too" and not scene.used[at]
        if not free(scene, at) and not sized:
            continue
        graded = before in (
            "too",
            "more",
            "less",
            "very",
            "overly",
            "super",
            "nothing",
        ) and after not in ("of", "than")
        if (
            graded
            and before in ("more", "less")
            and (not after or after in _ENDS)
            and text.word(at).endswith("s")
            and not text.word(at).endswith("ss")
        ):
            continue
        behind = (
            before in _GENERIC_LEADS
            or (before in ("and", "or", ",", "not") and any(w.span.end == at - 1 for w in found))
            or (
                before in english.DEGREES
                and text.word(at - 2) in _GENERIC_LEADS | {"not", "nothing", "bit", "n't"}
            )
        )
        ahead = _before_noun(scene, at, sentence)
        if not (graded or behind or ahead):
            continue
        if text.word(at).endswith("ly") and text.word(at) not in ADJECTIVES:
            continue
        if not graded and text.word(at) in _EMPTY | _PARTICIPLES:
            continue
        found.append(_wish(scene, Span(at, at + 1)))
    return found


_PARTICIPLES = frozenset("called made worn happened changed wrong missing".split())


def _before_noun(scene: Scene, at: int, sentence: Span) -> bool:
    """The word stands in a noun phrase, after its determiner and before its head noun."""
    text = scene.text
    index = at + 1
    while index < sentence.end and index - at < 5:
        mention = scene.mention_at(index)
        if mention is not None and mention.of("value"):
            if scene.is_head(mention):
                break
            index = mention.span.end
            continue
        word = text.word(index)
        if word in ("one", "ones"):
            break
        if not (
            free(scene, index) or word in english.EMPTY_ADJECTIVES or word == "," or word == "and"
        ):
            return False
        index += 1
    else:
        return False
    index = at - 1
    while index >= sentence.start and at - index < 5:
        word = text.word(index)
        if word in english.DETERMINERS or word in ("me", "for", "want", "need", "us", "without"):
            return True
        mention = scene.mention_over(index)
        if mention is not None and mention.of("value", "concept"):
            index = mention.span.start - 1
            continue
        if not (
            free(scene, index)
            or word in english.EMPTY_ADJECTIVES
            or word in (",", "and")
            or word in english.DEGREES
        ):
            break
        index -= 1
    # No determiner: only words that tell something by themselves ("paisley shirt", "dark ones").
    word = text.word(at)
    if word in _EMPTY:
        return False
    return not scene.vocabulary.is_ordinary(word) or word in ADJECTIVES


def _measured(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "big enough for my laptop", "easy to iron", "warm enough to sit outside"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        word, following = text.word(at), text.word(at + 1)
        enough = following == "enough" and text.word(at + 2) in ("for", "to", "that")
        easy = word in ("easy", "easier", "hard", "simple", "quick") and following == "to"
        if not (enough or easy) or scene.used[at] or word in ("good", "not"):
            continue
        if enough and not word.isalpha():
            continue
        if easy:
            end = at + 3
        else:
            end = _clause_end(scene, at + 3, sentence)
        span = Span(at, min(end, sentence.end))
        inside = [m for m in scene.within(Span(at + 1, span.end)) if m.of("value")]
        if inside:
            continue
        found.append(_wish(scene, span, whole=True))
    return found


def _required(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "it should be waterproof", "needs to feel light", "must be machine washable"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start + 1, sentence.end):
        if not free(scene, at) and text.word(at) not in ADJECTIVES:
            continue
        if scene.used[at] or scene.mention_over(at) is not None:
            continue
        back = at - 1
        while back > sentence.start and text.word(back) in english.DEGREES | {"not", "more"}:
            back -= 1
        if text.word(back) not in _COPULAS:
            continue
        lead = {text.word(i) for i in range(max(sentence.start, back - 3), back)}
        relative = text.word(back - 1) in ("that", "which") and text.word(back) in (
            "is", "are", "look", "looks", "feel", "feels", "'s",
        )  # fmt: skip
        required = bool(lead & _REQUIRING) and not lead & {"would", "i", "used"}
        if not (required or relative) or text.word(at) in _EMPTY:
            continue
        end = at + 1
        while end < sentence.end and end - at < 3 and free(scene, end):
            end += 1
        while text.word(end) in ("against", "on", "for", "to", "in") and end - at < 5:
            rest = noun_phrase(scene, end + 1, sentence)
            if rest is None or scene.within(rest):
                break
            end = rest.end
        found.append(_wish(scene, Span(at, end)))
    return found


def _activities(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "for standing all day", "for walking the dog"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        word = text.word(at + 1)
        if text.word(at) != "for" or not word.endswith("ing") or len(word) < 6:
            continue
        if scene.mention_over(at + 1) is not None or scene.used[at] or word in _NO_ACTIVITY:
            continue
        if text.word(at - 1) in ("thanks", "you", "sorry"):
            continue
        span = Span(at + 1, _clause_end(scene, at + 1, sentence))
        if any(m.of("value", "unit") for m in scene.within(span)):
            span = Span(at + 1, at + 2)
        found.append(_wish(scene, span))
    return found


_NO_ACTIVITY = frozenset("something anything nothing everything helping showing evening".split())


def _joined(scene: Scene, sentence: Span, found: list[WishSpan]) -> list[WishSpan]:
    """What "and", "or" or a comma joins to a soft wish: "sustainable and fair trade"."""
    text = scene.text
    more: list[WishSpan] = []
    for wish in found:
        at = wish.span.end
        if text.word(at) not in ("and", "or") or wish.whole:
            continue
        phrase = noun_phrase(scene, at + 1, sentence)
        if phrase is None or scene.mention_over(phrase.end) is not None:
            continue
        if any(phrase.overlaps(other.span) for other in (*found, *more)):
            continue
        first = text.word(phrase.start)
        if first not in _EMPTY and not first.endswith("ly"):
            more.append(_wish(scene, phrase))
    return more

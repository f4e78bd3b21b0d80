"""Wishes that no facet covers, and the situation: for whom, for what, by when, where."""

from __future__ import annotations

from dataclasses import dataclass

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import AddContext

_GENERIC_LEADS = frozenset("something anything ones one stuff things piece".split())
_RELATIVE = frozenset("that which who i my he she you we they to people everyone nobody".split())
_EMPTY = frozenset(
    "wear like buy get show see have use would could can will want love look looks looking for "
    "something "
    "myself really also maybe please thanks find browse think know need going go order try put "
    "take help "
    "nobody everybody everyone else has unique suit suits goes fit fits be do does did".split()
)
_COPULAS = frozenset("be is look looks feel feels 's look seem feeling looking being".split())
_REQUIRING = frozenset("should must has needs need have to would more".split())
_ENDS = frozenset(". ! ? , ; but \n".split()) | {"\n"}
_LONGEST_CLAUSE = 14
_GIVEN_DAYS = frozenset("birthday present gift anniversary name graduation christmas".split())
_NOT_FOR = frozenset(
    "me us you it that this them these those now sure example free real under over less more "
    "about around "
    "something anything a an the my some any which what all both each ever".split()
)


@dataclass(frozen=True, slots=True)
class WishSpan:
    """A wish in the user's words; `span` is where it stands."""

    span: Span
    text: str


def find_wishes(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Free-text wishes of the sentence, left to right, never overlapping."""
    found = _concepts(scene, sentence)
    for reader in (_clauses, _withs, _adjectives, _required):
        for wish in reader(scene, sentence):
            if not any(wish.span.overlaps(other.span) for other in found):
                found.append(wish)
    return sorted(found, key=lambda wish: wish.span.start)


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
        found.append(WishSpan(mention.span, scene.text.said(mention.span, 200)))
    return found


def _colours(scene: Scene, mention: object) -> bool:
    meanings = getattr(mention, "meanings", ())
    return any(m.facet == scene.vocabulary.colour_facet for m in meanings)


def _free(scene: Scene, at: int) -> bool:
    word = scene.text.word(at)
    return (
        len(word) >= 3
        and word.isalpha()
        and not scene.used[at]
        and scene.mention_over(at) is None
        and word not in english.NOUN_STOPPERS
        and word not in english.EMPTY_ADJECTIVES
        and word not in english.GENERIC_NOUNS
        and word not in english.DEGREES
        and word not in scene.vocabulary.generic
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
        end = start
        while end < sentence.end and text.word(end) not in _ENDS and end - start < _LONGEST_CLAUSE:
            end += 1
        span = Span(start, end)
        if end - start < 1 or scene.spent(span):
            continue
        if any(m.of("value", "low", "high", "unit", "concept") for m in scene.within(span)):
            continue
        content = [
            w for w in text.words(span)
            if w.isalpha() and w not in _EMPTY and w not in english.NOUN_STOPPERS
            and w not in english.GENERIC_NOUNS
        ]  # fmt: skip
        if content:
            found.append(WishSpan(span, text.said(span, 200)))
    return found


def _withs(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "with pockets", "without a zip": a noun phrase that holds no word of the shop."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 1):
        lead = text.word(at)
        denied = lead == "no" or (lead in ("need", "want") and text.word(at - 1) in ("n't", "not"))
        liked = lead == "like" and text.word(at - 1) in (
            "looks",
            "look",
            "something",
            "anything",
            "one",
            "ones",
        )
        liked = liked or (lead == "to" and text.word(at - 1) == "similar")
        if lead not in ("with", "without", "has", "have", "having") and not denied and not liked:
            continue
        if denied and scene.vocabulary.is_ordinary(text.word(at + 1)):
            continue
        if text.word(at) in ("has", "have") and text.word(at - 1) not in (
            "that",
            "it",
            "should",
            "must",
            "to",
        ):
            continue
        if text.word(at) == "have" and text.word(at - 1) == "to":
            continue
        start = at + 1
        while text.word(start) in english.DETERMINERS:
            start += 1
        end = start
        while (
            end < sentence.end
            and end - start < 4
            and (
                _free(scene, end)
                or (end > start and text.word(end) in ("and", "or") and _free(scene, end + 1))
            )
        ):
            end += 1
        if end > start and scene.mention_over(end) is None:
            found.append(WishSpan(Span(start, end), text.said(Span(start, end), 200)))
    return found


def _adjectives(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Words before a thing's noun or after "something", and what "too", "more" and "less" grade."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end):
        sized = (
            text.word(at) in ("big", "small") and text.word(at - 1) == "too" and not scene.used[at]
        )
        if not _free(scene, at) and not sized:
            continue
        before, after = text.word(at - 1) if at > sentence.start else "", text.word(at + 1)
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
            and before == "more"
            and (not after or after in _ENDS)
            and text.word(at).endswith("s")
        ):
            continue
        behind = (
            before in _GENERIC_LEADS
            or (before in ("and", "or", ",", "not") and any(w.span.end == at - 1 for w in found))
            or (
                before in english.DEGREES
                and text.word(at - 2) in _GENERIC_LEADS | {"not", "nothing"}
            )
        )
        ahead = _before_noun(scene, at, sentence)
        if not (graded or behind or ahead):
            continue
        if text.word(at).endswith("ly"):
            continue
        if behind and not ahead and not graded and _verbish(text.word(at)):
            continue
        found.append(WishSpan(Span(at, at + 1), text.said(Span(at, at + 1))))
    return found


def _verbish(word: str) -> bool:
    return word in _EMPTY or word in (
        "called",
        "made",
        "worn",
        "happened",
        "changed",
        "wrong",
        "missing",
    )


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
            _free(scene, index) or word in english.EMPTY_ADJECTIVES or word == "," or word == "and"
        ):
            return False
        index += 1
    else:
        return False
    index = at - 1
    while index >= sentence.start and at - index < 5:
        word = text.word(index)
        if word in english.DETERMINERS or word in (
            "me",
            "for",
            "want",
            "need",
            "us",
            "without",
            "in",
        ):
            return word != "in"
        mention = scene.mention_over(index)
        if mention is not None and mention.of("value", "concept"):
            index = mention.span.start - 1
            continue
        if not (
            _free(scene, index)
            or word in english.EMPTY_ADJECTIVES
            or word in (",", "and")
            or word in english.DEGREES
        ):
            return False
        index -= 1
    # Nothing before it: only a word that everyday English does not explain ("paisley shirt").
    return not scene.vocabulary.is_ordinary(text.word(at))


def _required(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "it should be waterproof", "needs to feel light"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start + 1, sentence.end):
        if not _free(scene, at):
            continue
        back = at - 1
        while back > sentence.start and text.word(back) in english.DEGREES | {"not", "more"}:
            back -= 1
        if text.word(back) not in _COPULAS:
            continue
        lead = {text.word(i) for i in range(max(sentence.start, back - 3), back)}
        if lead & _REQUIRING and not lead & {"would", "i", "used"}:
            found.append(WishSpan(Span(at, at + 1), text.said(Span(at, at + 1))))
    return found


# --- the situation ------------------------------------------------------------------------------


def find_context(scene: Scene, sentence: Span) -> list[AddContext]:
    """Recipient, event, deadline and place, where they are said."""
    text = scene.text
    found: list[AddContext] = []
    for at in range(sentence.start, sentence.end - 1):
        word = text.word(at)
        if word == "for" and text.word(at - 1) in ("thanks", "you", "thank", "sorry"):
            continue  # "thank you for ..."
        if word == "for" or (word == "to" and text.word(at - 1) in ("gift", "give", "present")):
            found += _for(scene, at, sentence)
        elif word in english.DEADLINE_LEADS:
            found += _deadline(scene, at, sentence)
        elif word in ("next", "this", "on", "in") and text.word(at + 1) in english.DAYS:
            found.append(_fact(scene, "deadline", Span(at, at + 2), Span(at, at + 2)))
        elif word in ("in", "to") and _place_name(scene, at + 1, sentence):
            end = at + 2
            while end < sentence.end and _place_name(scene, end, sentence):
                end += 1
            found.append(_fact(scene, "place", Span(at + 1, end), Span(at, end)))
    return found


def _for(scene: Scene, at: int, sentence: Span) -> list[AddContext]:
    text = scene.text
    start = at + 1
    end = start
    kin: int | None = None
    while end < sentence.end and end - start < 6:
        word = text.word(end)
        if word in english.KIN and kin is None:
            kin = end
        if not (word[0].isalnum() or word in ("'s", "-")) or (
            word in english.PREPOSITIONS | english.CONJUNCTIONS | english.AUXILIARIES
            and word != "'s"
        ):
            break
        end += 1
    if kin is not None and text.word(kin + 1) == "'s" and text.word(kin + 2) not in _GIVEN_DAYS:
        return []  # "for my sister's wedding": she gets nothing
    if kin is not None:
        span = Span(start, kin + 1)
        return [_fact(scene, "recipient", span, Span(at, kin + 1))]
    while start < end and text.word(start) in english.DETERMINERS:
        start += 1
    span = Span(start, end)
    if start == at + 1 and text.word(start) in _NOT_FOR:
        return []
    words = text.words(span)
    if not words or len(words) > 4 or scene.spent(span) or scene.within(Span(at, end)):
        return []
    if any(w in english.GENERIC_NOUNS or w in _NOT_FOR for w in words):
        return []
    if words[len(words) - 1] in ("while", "moment", "second", "help", "time", "now"):
        return []
    return [_fact(scene, "occasion", span, Span(at, end))]


def _deadline(scene: Scene, at: int, sentence: Span) -> list[AddContext]:
    text = scene.text
    for end in range(at + 1, min(at + 5, sentence.end)):
        if text.word(end) in english.DAYS or (
            text.word(end) in ("week", "weekend", "month")
            and text.word(end - 1) in ("next", "this", "the")
        ):
            return [_fact(scene, "deadline", Span(at, end + 1), Span(at, end + 1))]
    return []


def _place_name(scene: Scene, at: int, sentence: Span) -> bool:
    if at >= sentence.end or scene.mention_over(at) is not None or scene.used[at]:
        return False
    token = scene.text.tokens[at]
    written = scene.text.raw[token.start : token.end]
    return (
        len(written) >= 3
        and written[0].isupper()
        and written[1:].islower()
        and not scene.vocabulary.is_ordinary(token.word)
        and token.word not in english.DAYS
    )


def _fact(scene: Scene, key: str, value: Span, said: Span) -> AddContext:
    return AddContext.model_validate(
        {"key": key, "value": scene.text.said(value, 120), "evidence": scene.evidence(said)}
    )

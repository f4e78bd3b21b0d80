"""Wishes that no facet covers, in the user's own words: they rank, they never filter."""

from __future__ import annotations

from vitrine.agent.understanding import aims, english, parts, phrases, situation
from vitrine.agent.understanding.aims import ENDS, MATCHING, clause_end
from vitrine.agent.understanding.described import describe
from vitrine.agent.understanding.enumerated import enumerated
from vitrine.agent.understanding.idioms import ADJECTIVES, VERBISH
from vitrine.agent.understanding.nouns import free, impression, noun_phrase
from vitrine.agent.understanding.parts import WishSpan, wish_at
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.vocabulary import Mention

_GENERIC_LEADS = frozenset("something anything ones one stuff things piece nothing".split())
_CLAUSE_LEADS = _GENERIC_LEADS | frozenset("clothes clothing outfit outfits pieces items".split())
_SAYING = frozenset("says screams shouts whispers".split())
_RELATIVE = frozenset("that which who i my he she you we they to people everyone nobody".split())
_EMPTY = VERBISH | frozenset(
    "would can could will something myself really also maybe thanks nobody everybody everyone "
    "spending paying costing anymore "
    "else close has unique suits goes fits be do does did going order mind".split()
)
_COPULAS = frozenset("be is look looks feel feels 's look seem feeling looking being".split())
_REQUIRING = frozenset("should must has needs need have to would more".split())


def find_wishes(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Free-text wishes of the sentence, left to right, never overlapping."""
    found = [*_measured(scene, sentence), *aims.abilities(scene, sentence)]
    for wish in aims.beside_own(scene, sentence):
        if not any(wish.span.overlaps(other.span) for other in found):
            found.append(wish)
    for phrase in describe(scene, sentence):
        if not any(phrase.span.overlaps(other.span) for other in found):
            found.append(wish_at(scene, phrase.span, whole=phrase.whole))
    readers = (
        _concepts,
        _impressions,
        _clauses,
        aims.goals,
        parts.attached,
        parts.needed,
        parts.named_part,
        enumerated,
        parts.denied,
        _before_nouns,
        _adjectives,
        _required,
        aims.activities,
    )
    for reader in readers:
        for wish in reader(scene, sentence):
            if not any(wish.span.overlaps(other.span) for other in found):
                found.append(wish)
    found += parts.joined(scene, sentence, found)
    cues = _cues(scene, sentence)
    found = [w for w in found if w.whole or not any(c.overlaps(w.span) for c in cues)]
    found = [w for w in found if w.span.end - w.span.start > 1 or not _denies(scene, w.span.start)]
    found = [w for w in found if not set(scene.text.words(w.span)) <= _WHEN]
    found = [w for w in found if text_of(scene, w) not in _EVALUATED]
    found = [w for w in found if scene.text.word(w.span.start) != "n't"]
    if (told := situation.weather(scene, sentence)) is not None:
        found = [w for w in found if w.span.end - w.span.start > 1 or not told.overlaps(w.span)]
    return sorted(found, key=lambda wish: wish.span.start)


_EVALUATED = frozenset("nicer better prettier worse uglier sure best well back".split())


def text_of(scene: Scene, wish: WishSpan) -> str:
    """The first word of the wish, or of the only word it has."""
    words = scene.text.words(wish.span)
    return words[0] if len(words) == 1 or words[0] == "sure" else " ".join(words)


_WHEN = english.DAYS | frozenset("to wear wearing for on today now soon asap".split())


def _cues(scene: Scene, sentence: Span) -> list[Span]:
    """Phrases of several words that say how firmly something is wanted: they are no wishes."""
    found: list[Span] = []
    at = sentence.start
    while at < sentence.end:
        match = english.CUES.match(scene.text, at, sentence.end)
        if (
            match is not None
            and (match[0] > 1 or scene.text.word(at) in ("pref", "prefs", "scrap", "scratch"))
            and {"soft", "add", "skip", "nomatter", "indiff", "notonly"} & set(match[1])
        ):
            found.append(Span(at, at + match[0]))
        at += 1
    return found


def _denies(scene: Scene, at: int) -> bool:
    """The word is the adjective of a denial: "not so keen on"."""
    for start in range(max(0, at - 2), at):
        match = english.CUES.match(scene.text, start)
        if match is not None and "neg" in match[1] and start + match[0] > at:
            return True
    return False


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
        if _only_talk(scene, sentence) or _in_cue(scene, mention, sentence):
            continue  # "ok cool", "would be cool if"
        following = scene.mention_at(mention.span.end)
        word = scene.text.word(mention.span.start)
        if word in english.COLOUR_SHADES and following is not None and _colours(scene, following):
            continue
        found.append(wish_at(scene, mention.span))
    return found


def _in_cue(scene: Scene, mention: Mention, sentence: Span) -> bool:
    """The word belongs to a phrase that says how firmly something is wanted."""
    for at in range(max(sentence.start, mention.span.start - 3), mention.span.start):
        match = english.CUES.match(scene.text, at, sentence.end)
        if match is not None and at + match[0] > mention.span.start:
            return True
    return False


def _only_talk(scene: Scene, sentence: Span) -> bool:
    at = sentence.start
    while at < sentence.end:
        match = phrases.ACKNOWLEDGE.match(scene.text, at, sentence.end)
        if match is None and scene.text.word(at)[:1].isalnum():
            return False
        at += match[0] if match is not None else 1
    return True


def _colours(scene: Scene, mention: Mention) -> bool:
    return any(m.facet == scene.vocabulary.colour_facet for m in mention.of("value"))


def _tells(scene: Scene, span: Span) -> bool:
    """The words say something beyond talk, and hold no word of the shop."""
    if any(m.of("value", "low", "high", "unit", "concept") for m in scene.within(span)):
        return False
    words = scene.text.words(span)
    if set(words) & MATCHING and "with" in words:
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
        noun = text.word(at) in _CLAUSE_LEADS or (mention is not None and scene.is_head(mention))
        if not noun or text.word(at + 1) not in _RELATIVE:
            continue
        start = at + 2 if text.word(at + 1) in ("that", "which", "who", "to") else at + 1
        if text.word(start) in ("is", "are", "'s", "'re") and start - at == 2:
            continue  # "something that is waterproof": `_required` reads it
        if text.word(start) in ("you", "we") and text.word(start + 1) in _SELLING:
            continue  # "the cheapest you've got"
        span = Span(start, clause_end(scene, start, sentence))
        said = set(text.words(span))
        goes = "with" in said and bool(said & (MATCHING | {"look", "looks"}))
        saying = (text.word(start) in _SAYING and span.end - span.start > 1) or goes
        if span.end > span.start and not scene.spent(span) and (saying or _tells(scene, span)):
            found.append(wish_at(scene, span, whole=saying))
    return found


_SELLING = frozenset("have 've got sell carry stock offer do could can showed show".split())


def _impressions(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "it should feel luxurious", "must not look cheap": looks, not a price."""
    return [
        wish_at(scene, mention.span)
        for mention in scene.within(sentence)
        if mention.of("low", "high") and impression(scene, mention.span.start)
    ]


def _adjectives(scene: Scene, sentence: Span) -> list[WishSpan]:
    """What "too", "more" and "less" grade, and words after "something"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end):
        word = text.word(at)
        before, after = text.word(at - 1) if at > sentence.start else "", text.word(at + 1)
        sized = word in ("big", "small") and before == "too" and not scene.used[at]
        if not free(scene, at) and not sized:
            continue
        graded = before in _GRADES and after not in ("of", "than")
        noun = word.endswith("s") and not word.endswith("ss")
        if graded and before in ("more", "less") and noun and (not after or after in ENDS):
            continue
        sought = before == "it" and text.word(at - 2) in _LIKING and word in ADJECTIVES
        behind = (
            before in _GENERIC_LEADS
            or sought
            or (before in ("and", "or", ",", "not") and any(w.span.end == at - 1 for w in found))
            or (
                before in english.DEGREES
                and text.word(at - 2) in _GENERIC_LEADS | {"not", "nothing", "bit", "n't"}
            )
        )
        if before in ("one", "thing", "piece") and noun:
            continue  # "the first one reminds me of ..."
        if not (graded or behind):
            continue
        if word.endswith("ly") and word not in ADJECTIVES:
            continue
        if not graded and word in _EMPTY | _PARTICIPLES:
            continue
        found.append(wish_at(scene, Span(at, at + 1)))
    return found


_LIKING = frozenset("prefer like want need love keep".split())
_GRADES = frozenset("too more less very overly super nothing".split())
_PARTICIPLES = frozenset("called made worn happened changed wrong missing".split())
_LEADS = english.DETERMINERS | frozenset("me for want need us without".split())


def _before_nouns(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Runs of free words in a noun phrase before its head: "a water resistant jacket"."""
    text = scene.text
    found: list[WishSpan] = []
    for noun in range(sentence.start + 1, sentence.end):
        mention = scene.mention_at(noun)
        head = mention is not None and scene.is_head(mention)
        feature = mention is not None and not head and _names_facet(scene, mention)
        if not head and not feature and text.word(noun) not in ("one", "ones"):
            continue
        runs, determined = _runs_before(scene, noun, sentence)
        if feature:
            runs = [r for r in runs if r.end == noun and set(text.words(r)) & ADJECTIVES]
        for run in runs:
            words = text.words(run)
            after = scene.mention_at(run.end)
            if words[-1] in english.COLOUR_SHADES and after is not None and _colours(scene, after):
                continue  # "dark green" is told beside the colour
            tells = any(w in ADJECTIVES or not scene.vocabulary.is_ordinary(w) for w in words)
            if not (determined or tells) or _EMPTY & set(words) or words[-1] in _PARTICIPLES:
                continue
            if words[-1].endswith("ly") and words[-1] not in ADJECTIVES:
                continue
            found.append(wish_at(scene, run))
    return found


def _names_facet(scene: Scene, mention: Mention) -> bool:
    """The word names a property of things ("shades"), not a number or a size."""
    facets = [scene.vocabulary.pack.facet(m.facet) for m in mention.of("facet")]
    named = any(f is not None and f.kind == "categorical" and f.role != "head" for f in facets)
    return named and not mention.of("value")


def _runs_before(scene: Scene, noun: int, sentence: Span) -> tuple[list[Span], bool]:
    """(runs of free words before the noun, a determiner opens the phrase)."""
    text = scene.text
    runs: list[Span] = []
    end: int | None = None
    at = noun - 1
    determined = False
    while at >= sentence.start and noun - at < 7:
        if free(scene, at):
            end = at + 1 if end is None else end
            at -= 1
            continue
        if end is not None:
            runs.append(Span(at + 1, end))
            end = None
        word = text.word(at)
        mention = scene.mention_over(at)
        if mention is not None and mention.of("value", "concept"):
            if scene.is_head(mention):
                break
            at = mention.span.start - 1
        elif word in english.EMPTY_ADJECTIVES | english.DEGREES or word in (",", "and"):
            at -= 1
        else:
            if word == "my":
                return [], False  # "my worn out sneakers" are not what is wanted
            determined = word in _LEADS
            break
    if end is not None:
        runs.append(Span(at + 1, end))
    return [run for run in reversed(runs) if run.end > run.start], determined


_ROOMY = frozenset("big large roomy small spacious compact".split())


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
            end = clause_end(scene, at + 3, sentence)
        span = Span(at, min(end, sentence.end))
        inside = [m for m in scene.within(Span(at + 1, span.end)) if m.of("value")]
        if inside and not (enough and word in _ROOMY):
            continue
        found.append(wish_at(scene, span, whole=True))
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
        found.append(wish_at(scene, Span(at, end)))
    return found

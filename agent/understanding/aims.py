"""What the user wants a thing to do for them: "I want to look taller", "it has to last"."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.idioms import VERBISH
from vitrine.agent.understanding.nouns import free
from vitrine.agent.understanding.parts import WishSpan, wish_at
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table

MATCHING = frozenset("go goes match matches pair pairs works".split())
ENDS = frozenset(". ! ? , ; but \n".split()) | {"\n"}
_LONGEST_CLAUSE = 14
_GOALS = frozenset("want wanna like love wish hope hoping trying aim need".split())
_TO_PLACE = frozenset("at for to in on during".split())
_NOT_ABLE = frozenset(
    "be have look looks feel cost costs come get show mean say start stop arrive match only".split()
)
_MEASURES = frozenset("inch inches cm mm kg kilo kilos litre litres ml hours days people a".split())
_NO_ACTIVITY = frozenset("something anything nothing everything helping showing evening".split())


def clause_end(scene: Scene, start: int, sentence: Span) -> int:
    end = start
    while (
        end < sentence.end
        and scene.text.word(end) not in ENDS
        and end - start < _LONGEST_CLAUSE
        and english.CUES.match(scene.text, end, sentence.end) != (1, ["soft"])
    ):
        end += 1
    return end


def goals(scene: Scene, sentence: Span) -> list[WishSpan]:
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
        elif word in ("make", "makes", "help", "helps") and text.word(at + 1) == "me":
            start = at + 2 if text.word(at + 2) in ("look", "feel", "appear", "stand") else None
        elif word == "different" and text.word(at + 1) in ("from", "than"):
            start = at
        if start is None or text.words(Span(start, start + 2)) in (
            ("look", "at"),
            ("look", "for"),
            ("look", "around"),
        ):
            continue
        span = Span(start, clause_end(scene, start, sentence))
        known = [m for m in scene.within(span) if m.of("value", "unit")]
        if known:  # "stand out at the party": up to the words that lead to the value
            leads = [i for i in range(start + 1, known[0].span.start) if text.word(i) in _TO_PLACE]
            span = Span(start, leads[-1] if leads else start)
        if span.end - span.start >= 2 and not scene.spent(span):
            found.append(wish_at(scene, span))
    return found


_BESIDE = table(
    {
        "beside": split_list(
            "match | matches | matching | go with | goes with | going with | wear with | worn with | "
            "wear over | wear under | worn over | worn under | "
            "pair with | pairs with | complement | complements | layer over | layer under | "
            "go under | go over | work with | works with | suit"
        )
    }
)
_OWNED = frozenset("my his her our their".split())


def beside_own(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "to match my beige coat": what is worn beside the wanted thing is not wanted."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 2):
        match = _BESIDE.match(text, at, sentence.end)
        if match is None or scene.used[at]:
            continue
        noun = at + match[0]
        if text.word(noun) not in _OWNED:
            continue
        heads = [m for m in scene.within(Span(noun, sentence.end)) if scene.is_head(m)]
        if heads and heads[0].span.end - noun <= 6:
            found.append(wish_at(scene, Span(at, heads[0].span.end), whole=True))
    return found


def abilities(scene: Scene, sentence: Span) -> list[WishSpan]:
    """Such as "it has to survive a toddler", "should go with my brown boots"."""
    text = scene.text
    found: list[WishSpan] = []
    for at in range(sentence.start, sentence.end - 2):
        lead = text.words(Span(at, at + 2))
        modal = text.word(at) in ("must", "should") or lead in (
            ("has", "to"), ("have", "to"), ("needs", "to"), ("need", "to"), ("ought", "to"),
        )  # fmt: skip
        start = at + 1 if text.word(at) in ("must", "should") else at + 2
        if text.word(start) in ("also", "really", "definitely"):
            start += 1
        subject = text.word(at - 1) if at > sentence.start else "it"
        if not modal or subject not in ("it", "they", "that", "which", "and", ",", "one"):
            continue
        verb = text.word(start)
        if verb in MATCHING | {"fit", "work"} or (
            free(scene, start) and verb not in _NOT_ABLE and not verb.endswith("ed")
        ):
            span = Span(start, clause_end(scene, start, sentence))
            if span.end - span.start < 2 or any(m.of("unit") for m in scene.within(span)):
                continue
            if any(
                text.word(i)[:1].isdecimal() and text.word(i + 1) not in _MEASURES
                for i in range(span.start, span.end)
            ):
                continue
            found.append(wish_at(scene, span, whole=True))
    return found


def activities(scene: Scene, sentence: Span) -> list[WishSpan]:
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
        span = Span(at + 1, clause_end(scene, at + 1, sentence))
        if any(m.of("value", "unit") for m in scene.within(span)):
            span = Span(at + 1, at + 2)
        found.append(wish_at(scene, span))
    return found

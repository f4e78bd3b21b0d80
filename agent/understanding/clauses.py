"""Pieces of a message that are read one by one: sentences, questions in them, orders after verdicts."""

from __future__ import annotations

from vitrine.agent.understanding import designs, english, judging, phrases, verdicts
from vitrine.agent.understanding.opinions import opinion
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, Text

_ASKING = frozenset("what how which where who when is does do are".split())
_WORDED = frozenset("what who how which where when is does do are".split())
_NO_QUESTION = frozenset("have has had which who when where".split())
_BEFORE_ORDERS = frozenset(
    "and but so then now also instead please just maybe rather can could would you let 's i want "
    "'d like me to ok okay , ; : - – — . !".split()
)


def pieces(scene: Scene, references: list[Reference]) -> list[Span]:
    """What is read one after the other."""
    found: list[Span] = []
    for sentence in _with_replies(scene, references):
        for part in _commands_apart(scene, sentence):
            for asked in _questions_apart(scene, part):
                found += _orders_apart(scene, asked, references)
    return found


_JOINS = frozenset("and but then also plus please , ; - – —".split())


def _commands_apart(scene: Scene, sentence: Span) -> list[Span]:
    """Cut "undo that and show linen instead", "draw it and remember that I love purple" in two."""
    text = scene.text
    undo = scene.has(phrases.UNDO, sentence)
    if undo is not None:
        for at in range(undo.end, min(undo.end + 3, sentence.end - 1)):
            rest = Span(at + 1, sentence.end)
            joins = text.word(at) in _JOINS - {"please", "also", "plus"}
            if joins and any(m.of("value", "unit", "low") for m in scene.within(rest)):
                return [Span(sentence.start, at), rest]
    kept = phrases.REMEMBER.first(text, sentence)
    if kept is None or kept[1][0] != "remember" or kept[0].start - sentence.start < 3:
        return [sentence]
    span = kept[0]
    cut = span.start
    while cut > sentence.start and text.word(cut - 1) in _JOINS:
        cut -= 1
    told = [w for w in text.words(Span(span.end, sentence.end)) if w[:1].isalpha()]
    ordered = designs.order(scene, Span(sentence.start, cut)) is not None
    if cut < span.start and len(told) > 2 and ordered:
        return [Span(sentence.start, cut), Span(cut, sentence.end)]
    return [sentence]


def _orders_apart(scene: Scene, part: Span, references: list[Reference]) -> list[Span]:
    """Cut "I'll take the second, and design me another" into the verdict and the order."""
    inside = [r for r in references if part.covers(r.span.start)]
    if not inside or inside[0].span.start - part.start > _REACH:
        return [part]
    verb = designs.order(scene, part)
    if verb is None or verb.start - part.start < 2:
        return [part]
    cut = verb.start
    while cut > part.start + 1 and scene.text.word(cut - 1) in _BEFORE_ORDERS:
        cut -= 1
    left = Span(part.start, cut)
    told = [r for r in inside if left.covers(r.span.start)]
    if cut == verb.start or not told or any(judging.is_pattern(scene, r) for r in told):
        return [part]
    used = list(scene.used)
    judged = verdicts.judge(scene, left, told)[2]
    scene.used[:] = used
    return [left, Span(cut, part.end)] if judged else [part]


_REACH = 12
"""Words before the first thing that is pointed at, where a verdict may stand."""


def _questions_apart(scene: Scene, sentence: Span) -> list[Span]:
    """Cut "I like the second one, how much is it and is it cotton?" into what is said and asked."""
    marked = scene.text.is_question(sentence)
    cuts = [sentence.start]
    for at in range(sentence.start + 1, sentence.end - 2):
        word, following = scene.text.word(at), scene.text.word(at + 1)
        if scene.text.word(cuts[-1]) in ("of", "out", "from", "among"):
            continue  # "of these, which is the warmest?"
        second = (
            word == "and"
            and following in _WORDED
            and scene.opening(Span(cuts[-1], at)) in english.ASK_STARTS
        )  # "what's it cost and who makes it"
        if not marked and not (
            second or (word in (",", "but") and following in _ASKING and scene.shown)
        ):
            continue  # "the 2nd is nice, what's it made from"
        if word in (",", "and", "but", "or") and following in english.ASK_STARTS:
            if not second and word != "," and following in _NO_QUESTION:
                continue
            if at - cuts[-1] >= 2:
                cuts.append(at + 1)
    cuts.append(sentence.end)
    if len(cuts) > 2 and scene.text.words(Span(cuts[0], cuts[0] + 2)) in (
        ("what", "about"),
        ("how", "about"),
    ):
        cuts = cuts[1:]  # "what about the green one, is it cotton?" asks one thing
    return [Span(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]


def _with_replies(scene: Scene, references: list[Reference]) -> list[Span]:
    """The sentences; a bare "Stripes?" and the "No thanks." after it are read as one.

    So are a thing and what is said of it: "the second? count me out", "Number 4... never."
    """
    text = scene.text
    found: list[Span] = []
    for sentence in text.sentences:
        last = found[-1] if found else None
        if last is not None and all(w in _MARKS for w in text.words(sentence)):
            found[-1] = Span(last.start, sentence.end)  # the rest of "??"
            continue
        if (
            last is not None
            and last.end - last.start <= 5
            and text.word(last.end - 1) == "?"
            and text.word(last.start) not in english.ASK_STARTS
            and text.word(sentence.start) in phrases.NO | phrases.YES
            and sentence.end - sentence.start <= 6
        ):
            found[-1] = Span(last.start, sentence.end)
        elif (
            last is not None
            and _names_alone(text, sentence, references)
            and not text.is_question(sentence)
            and (told := opinion(scene, last)) is not None
            and told[0] == "for"
            and not _points(last, references)
        ):
            found[-1] = Span(last.start, sentence.end)  # "Sold! Number two."
        elif last is not None and _names_alone(text, last, references):
            told = not text.is_question(sentence) and not _points(sentence, references)
            if told and text.word(last.end - 1) in ("?", "!", "."):
                found[-1] = Span(last.start, sentence.end)
            else:
                found.append(sentence)
        else:
            found.append(sentence)
    return found


_MARKS = frozenset("? ! . …".split())
_AROUND = frozenset(
    "and but so ok okay hmm well then the now ? ! . , … about what how as for ah oh alright right "
    "cool fine great please yes".split()
)


def _names_alone(text: Text, sentence: Span, references: list[Reference]) -> bool:
    """The sentence is nothing but a thing that is pointed at."""
    inside = [r for r in references if sentence.covers(r.span.start) and r.kind != "pronoun"]
    return len(inside) == 1 and all(
        inside[0].span.covers(at) or text.word(at) in _AROUND
        for at in range(sentence.start, sentence.end)
    )


def _points(sentence: Span, references: list[Reference]) -> bool:
    return any(sentence.covers(r.span.start) and r.kind != "pronoun" for r in references)

"""Sizes said without their facet's word: "boots, black, 41", "he's a big man, so XL", "boots in 50"."""

from __future__ import annotations

import re

from vitrine.agent.understanding import english
from vitrine.agent.understanding.marks import Unit
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.operations import Said
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.vocabulary import Meaning, Mention

_CUTS = frozenset("or and either . ! ? ; : , ( ) / - – — \n".split()) | {"\n"}
_LEADS = frozenset(
    "so and or but in a an size about maybe probably i think guess is it's 's for it please usually "
    "normally mostly rather ok um her his my mine need they only just women men womens mens ladies 's uk "
    "eu us actually make definitely not take wear then let say with go going growing mean meant sorry".split()
) | (english.TALK | english.PRONOUNS | english.AUXILIARIES)
_TAILS = frozenset(
    "please i think guess probably usually maybe ideally for me him her now though then".split()
)
_LETTERS = re.compile(r"\d{0,2}x{1,4}[sl]|[sml]")
_FIT_FOR = frozenset("in size need needs take takes wear wears a".split())


def fragments(scene: Scene, sentence: Span, *, beside_kinds: bool = False) -> list[Said]:
    """Sizes that stand alone between commas, or alone in the sentence.

    `beside_kinds`: only those before the kind they are for ("and M in tops").
    """
    size = scene.vocabulary.pack.role("size")
    if size is None:
        return []
    question = scene.heard.state.open_question
    alone = question is not None and question.facet != size.name and _counts(scene, sentence)
    found: list[Said] = []
    for piece in _pieces(scene, sentence):
        span = _core(scene, piece)
        kind = _of_a_kind(scene, span) if span.end - span.start > 2 else None
        kind = kind or _asked_first(scene, piece)
        if kind is None and span.end - span.start > 1:
            full = scene.vocabulary.bare_size(scene.text.words(span))
            span = span if full is not None else _closing(scene, span)
        if kind is None and scene.text.word(span.start) == "the" and _held(scene):
            span = Span(span.start + 1, span.end)  # "let's go with the 42"
        span = kind or span
        apart = span.end - span.start not in (1, 2) or scene.spent(span)
        if (alone and kind is None) or apart or (beside_kinds and kind is None):
            continue
        name = scene.vocabulary.bare_size(scene.text.words(span)) or _spelt(scene, span)
        if name is None:
            continue
        noted = piece == span and _noted(scene, span, sentence)
        if kind is None and not noted and not _written(scene, span, whole=piece == sentence):
            continue
        found.append(Said(Unit(span, size.name), (Meaning("value", size.name, name, name=True),)))
    return found


def _noted(scene: Scene, span: Span, sentence: Span) -> bool:
    """A letter between commas of a list of notes: "hoodie, m, green"."""
    text = scene.text
    bounds = (text.word(span.start - 1), text.word(span.end))
    apart = "," in bounds and all(not word[:1].isalnum() for word in bounds)
    letter = _LETTERS.fullmatch(text.word(span.start)) is not None
    return apart and letter and any(scene.is_head(m) for m in scene.within(sentence))


def _held(scene: Scene) -> bool:
    size = scene.vocabulary.pack.role("size")
    return size is not None and any(b.facet == size.name for b in scene.heard.state.beliefs.facets)


def _spelt(scene: Scene, span: Span) -> str | None:
    """The size that a number in words names: "forty-three"."""
    number = number_at(scene.text, span.start)
    if number is None or number[1] != span.end - span.start or not number[0].is_integer():
        return None
    return scene.vocabulary.bare_size((f"{number[0]:g}",))


def _counts(scene: Scene, sentence: Span) -> bool:
    """The sentence is a bare number, so it may answer what was asked."""
    words = [w for w in scene.text.words(sentence) if w[:1].isalnum()]
    return len(words) == 1 and words[0].isdecimal()


def _pieces(scene: Scene, sentence: Span) -> list[Span]:
    cuts = [sentence.start]
    for at in range(sentence.start, sentence.end):
        if scene.text.word(at) in _CUTS:
            cuts += [at, at + 1]
    cuts.append(sentence.end)
    return [Span(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if b > a]


def _asked_first(scene: Scene, piece: Span) -> Span | None:
    """A size and a "please" open the piece: "XL please in all"."""
    first = Span(piece.start, piece.start + 1)
    plea = scene.text.word(piece.start + 1) in ("please", "pls")
    named = scene.vocabulary.bare_size(scene.text.words(first)) is not None
    return first if plea and named and scene.text.said(first).isupper() else None


def _core(scene: Scene, piece: Span) -> Span:
    """The piece without the small words around what it says."""
    start, end = piece.start, piece.end
    while start < end and scene.text.word(start) in _LEADS:
        start += 1
    while end > start + 1 and (
        scene.text.word(end - 1) in _TAILS or not scene.text.word(end - 1)[:1].isalnum()
    ):
        end -= 1
    return Span(start, end)


def _of_a_kind(scene: Scene, piece: Span) -> Span | None:
    """The size before the kind it is for: "M in tops", "40 for shoes"."""
    kind = scene.mention_over(piece.start + 2)
    first = Span(piece.start, piece.start + 1)
    named = scene.text.word(piece.start + 1) in ("in", "for") and kind is not None
    return first if named and kind is not None and scene.is_head(kind) else None


def _closing(scene: Scene, piece: Span) -> Span:
    """The last word beside values alone ("sneakers red 43"), or what a verb of wearing names."""
    last = Span(piece.end - 1, piece.end)
    known = all(
        (mention := scene.mention_over(at)) is not None and bool(mention.of("value"))
        for at in range(piece.start, piece.end - 1)
        if scene.text.word(at) not in english.DETERMINERS
    )
    return last if known or scene.text.word(last.start - 1) in _STATED else piece


_STATED = frozenset(
    "as say says said take takes wear wears be it with only so then is now got going was".split()
)


_WORN_BY = frozenset("women woman men man ladie lady mens kid boy girl junior adult unisex".split())
_TOLD = frozenset("says said wears takes is now".split())


def _written(scene: Scene, span: Span, *, whole: bool) -> bool:
    """Numbers and capitals are sizes as they stand; "m" and "small" are not."""
    written = scene.text.said(span)
    lead = scene.text.words(Span(span.start - 2, span.start))
    if whole and {w.removesuffix("s") for w in lead} & _WORN_BY:
        return True  # "women's medium"
    question, size = scene.heard.state.open_question, scene.vocabulary.pack.role("size")
    if question is not None and size is not None and question.facet == size.name:
        return True
    aged = scene.text.word(span.start - 1) in ("'m", "am", "turned", "turning", "be")
    if aged and not _LETTERS.fullmatch(written.lower()):
        return False  # "I'm forty-five"
    if scene.text.word(span.start) in english.TENS:
        return _unread(scene, span)
    told = scene.text.word(span.start - 1) in _TOLD
    if (
        told
        and size is not None
        and any(b.facet == size.name for b in scene.heard.state.beliefs.facets)
    ):
        return True  # "she says medium now"
    if written[0].isdecimal():
        return (
            _unread(scene, span)
            if scene.mention_over(span.start - 1)
            else whole or _unread(scene, span)
        )
    return written.isupper() or re.fullmatch(r"\d?x{1,4}[sl]", written.lower()) is not None


def _unread(scene: Scene, span: Span) -> bool:
    """No money and no count: a number between commas that nothing else explains."""
    before, after = scene.text.word(span.start - 1), scene.text.word(span.end)
    signs = english.CURRENCY_SIGNS
    counts = after[:1].isalpha() and after not in ("and", "or", "in", "please", "for")
    return before not in signs and after not in signs and not counts


def lacking(scene: Scene, sentence: Span) -> list[Mention]:
    """A number in the place of a size that the shop does not carry: "boots in 50"."""
    size = scene.vocabulary.pack.role("size")
    names = scene.vocabulary.values.get(size.name, {}) if size is not None else {}
    carried = [int(name) for name in names if name.isascii() and name.isdecimal()]
    found: list[Mention] = []
    if size is None or not carried:
        return found
    for at in range(sentence.start + 1, sentence.end):
        word, before, after = (scene.text.word(i) for i in (at, at - 1, at + 1))
        if not (word.isascii() and word.isdecimal() and len(word) <= 2) or before not in _FIT_FOR:
            continue
        number = int(word)
        near = min(carried) / 2 <= number <= max(carried) * 1.5
        if not near or number in carried or scene.used[at] or scene.mention_over(at) is not None:
            continue
        if before == "a" and scene.text.word(at - 2) not in ("in", "take", "wear", "need", "takes"):
            continue
        counts = after[:1].isalpha() and after not in english.NOUN_STOPPERS
        if counts or after in english.CURRENCY_SIGNS or after == "%":
            continue
        value = Meaning("value", size.name, word, known=False)
        found.append(Mention(Span(at, at + 1), (value,)))
    return found

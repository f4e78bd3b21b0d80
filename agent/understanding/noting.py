"""How what is to be kept about a person is noted: which words, and under which heading."""

from __future__ import annotations

from typing import Literal

from vitrine.agent.understanding import phrases
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span

Section = Literal["I like", "I avoid", "Practicalities", "Aspirations", "For now"]

_NEGATIVE = frozenset(
    "no not n't never without hate dislike avoid detest loathe itch itches".split()
)
_LIKES = frozenset("like love prefer adore enjoy favourite favorite fan".split())
_TAILS = (
    ("for", "the", "future"), ("for", "next", "time"), ("from", "now", "on"), ("in", "future"),
    ("in", "the", "future"), ("for", "later"), ("next", "time"), ("for", "good"),
)  # fmt: skip


def without_tail(scene: Scene, rest: Span) -> Span:
    """The words without the "for the future" that says nothing more than "remember" does."""
    for tail in _TAILS:
        if scene.text.words(Span(rest.start, rest.end)) == tail:
            return Span(rest.start, rest.start)
    return rest


_IN_PASSING = frozenset("so and please also always then just can could you do i'd like to".split())


def said_before(scene: Scene, span: Span, sentence: Span) -> Span:
    """What "keep that in mind" means: the words before it, else the sentence before."""
    before = without_stop(scene, Span(sentence.start, span.start))
    while before.end > before.start and scene.text.word(before.end - 1) in _IN_PASSING:
        before = without_stop(scene, Span(before.start, before.end - 1))
    if before.end > before.start:
        return before
    earlier = [s for s in scene.text.sentences if s.end <= sentence.start]
    return without_stop(scene, earlier[-1]) if earlier else before


def noted_sentence(scene: Scene, span: Span, rest: Span, label: str) -> str:
    """The profile's sentence in the user's own words."""
    text = scene.text
    start = rest.start
    while start < rest.end and text.word(start) in (",", ":", "that", "-"):
        start += 1
    said = text.said(Span(start, rest.end), 280).strip()
    lead = text.words(span)
    if label == "from_now_on" and lead[-1:] in (("always",), ("never",)):
        said = f"{lead[-1]} {said}" if lead[0] != "never" else said
        said = f"I {said}" if lead[0] == "i" else said
    elif label == "from_now_on" and lead[0] == "never" and len(lead) > 2:
        said = f"{' '.join(lead).capitalize()} {said}"
    elif lead[-1:] == ("i",) or (label == "from_now_on" and lead[:2] == ("never", "show")):
        said = f"{'I' if text.word(span.end - 1) == 'i' else 'Never show me'} {said}".replace(
            "I '", "I'"
        )
    elif lead[-1:] == ("my",):
        said = f"My {said}"
    if not said:
        return ""
    said = said[0].upper() + said[1:]
    return said if said[-1] in ".!?" else said + "."


def section_for(scene: Scene, sentence: Span) -> Section:
    """The heading of the profile that the words belong under."""
    words = scene.text.words(sentence)
    if scene.has(phrases.ASPIRE, sentence):
        return "Aspirations"
    negative = bool(_NEGATIVE & set(words)) or "allergic" in words or "allergy" in words
    values = any(m.of("value", "concept") for m in scene.within(sentence))
    indifferent = any(w == "mind" and words[i - 1] in ("n't", "not") for i, w in enumerate(words))
    if negative and not indifferent:
        return "I avoid"
    if scene.has(phrases.PRACTICAL, sentence) or _practical_facet(scene, sentence):
        return "Practicalities"
    return "I like" if values or _LIKES & set(words) else "Practicalities"


def _practical_facet(scene: Scene, sentence: Span) -> bool:
    pack = scene.vocabulary.pack
    names = {f.name for f in (pack.role("size"), pack.role("price")) if f is not None}
    return any(
        m.facet in names
        for mention in scene.within(sentence)
        for m in mention.of("value", "unit", "facet")
    )


def without_stop(scene: Scene, span: Span) -> Span:
    """The words without what ends a sentence."""
    end = span.end
    while end > span.start and scene.text.word(end - 1) in (
        ".",
        "!",
        "?",
        ";",
        "please",
        ",",
        "\n",
    ):
        end -= 1
    return Span(span.start, end)

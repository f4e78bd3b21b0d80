# ruff: noqa: E501
"""Facets that are said not to matter: "any colour", "forget the budget", "the price is no issue"."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding import english
from vitrine.agent.understanding.marks import Mark, Unit
from vitrine.agent.understanding.naming import let_go
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, Text, split_list, table
from vitrine.core.acts import RemoveFacet, SetRange, StateOp

_ANY = frozenset("any whatever whichever no".split())
_DENIERS = frozenset("without no not n't have has".split())
_EVERY = frozenset("all every".split())
_LIFTING = frozenset(
    "without remove lift lose no cancel drop scrap kill forget ditch skip ignore delete".split()
)
_TOPICS = frozenset("thing stuff bit part business idea rule".split())
_FACET_TAILS = frozenset(
    "limit range filter cap ceiling requirement restriction really just itself".split()
)
_WEIGHT = frozenset(
    "important matter crucial relevant critical issue problem concern priority bother".split()
)
_MATTERS_NOT = table(
    {
        "release": split_list(
            "doesn't matter | does not matter | don't matter | is not important | isn't "
            "important | is up to you | "
            "is no object | is not an issue | isn't an issue | is irrelevant | is flexible | "
            "doesn't bother me | are not important | is not a problem | is no problem | "
            "is secondary | doesn't really matter | don't really matter | is negotiable | "
            "isn't the point | is not the point | isn't the issue | is not the issue | is beside the point | can be whatever | is no concern | is not a concern | isn't a concern | is no worry | isn't a worry | aren't important | is no issue | are irrelevant | is whatever | can be anything | is open"
        )
    }
)


def released(scene: Scene, sentence: Span) -> list[StateOp]:
    """Facets that are said not to matter: "any colour", "the price doesn't matter"."""
    text = scene.text
    ops: list[StateOp] = []
    for mention in scene.within(sentence):
        meanings = mention.of("facet", "unit")
        if not meanings or mention.of("value") or scene.spent(mention.span):
            continue
        before = scene.mention_over(mention.span.start - 1)
        if before is not None and before.of("facet") and not before.of("value"):
            meanings = before.of("facet")  # "sleeve length" speaks of the sleeves
        facet = scene.vocabulary.pack.facet(meanings[0].facet)
        if facet is None or (
            facet.role == "head" and not _open_kind(scene, mention.span, sentence)
        ):
            continue
        start, end = mention.span.start, mention.span.end
        lead = text.word(start - 1)
        if lead in ("the", "it") and text.word(start - 2) == "whatever":
            start -= 1  # "whatever the price", "whatever it costs"
            lead = "whatever"
        if lead == "any" and text.word(start - 2) in _DENIERS and facet.kind == "categorical":
            continue  # "without any pattern" says which
        says = lead in _ANY and (lead != "no" or facet.kind == "numeric")
        if facet.kind == "numeric" and not says:
            at = start - 1
            while text.word(at) in ("the", "my", "a", "any"):
                at -= 1
            if text.word(at) in _LIFTING:
                says, span = True, Span(at, end)
        if text.word(end) in _TOPICS and facet.kind == "categorical":
            at = start - 1 if text.word(start - 1) in ("the", "that", "whole") else start
            if text.word(at - 1) in _LIFTING:
                says, span = True, Span(at - 1, end + 1)
        says = says or (lead in _EVERY and facet.kind == "categorical")
        span = Span(start - 1, end)
        for back in range(max(sentence.start, start - 6), start):
            match = english.CUES.match(text, back, start)
            if (
                match is not None
                and "nomatter" in match[1]
                and not {"sure", "convinced"} & set(text.words(Span(back, back + match[0])))
                and match[0] > 1
                and start - back - match[0] <= 2
            ):
                says, span = True, Span(back, end)
                break
        tail = end
        while text.word(tail) in _FACET_TAILS:
            tail += 1
        until = _matters_not(text, tail, sentence)
        if until is not None:
            says, span = True, Span(start, until)
        if says:
            span = Span(span.start, max(span.end, tail))
            ops.append(RemoveFacet(facet=facet.name, evidence=scene.evidence(span)))
            scene.spend(span)
    return ops


_LIST_LEADS = frozenset(", or and / : ( like say be either & . !".split()) | {""}
_LIST_ENDS = frozenset(
    ", or and / . ! … ... any whatever all - – — ) & either anything".split()
) | {""}
_CONTRAST = frozenset("but only except must just if as though although preferably".split())


def released_examples(
    text: Text,
    sentence: Span,
    units: Sequence[Unit],
    marks: Sequence[Mark],
    freed: set[str],
) -> set[int]:
    """Values listed beside the facet that does not matter: "any colour, blue, green, whatever"."""
    if not freed or _CONTRAST & set(text.words(sentence)):
        return set()
    listed: dict[str, set[int]] = {}
    starts = {u.span.start for u in units}
    ends = {u.span.end for u in units}
    for index, (unit, mark) in enumerate(zip(units, marks, strict=True)):
        if unit.facet not in freed or (mark.polarity, mark.strength) != ("want", "hard"):
            continue
        before, after = unit.span.start, unit.span.end
        leads = before in ends or before == sentence.start
        leads = leads or text.word(before - 1) in _LIST_LEADS
        if leads and (after in starts or text.word(after) in _LIST_ENDS):
            listed.setdefault(unit.facet, set()).add(index)
    return {index for places in listed.values() if len(places) > 1 for index in places}


_GOOD = frozenset("good fine ok okay alright great nice welcome".split())


def _open_kind(scene: Scene, span: Span, sentence: Span) -> bool:
    """Such as "any kind is fine", "any kind will do": not "any kind of bag"."""
    text, at = scene.text, span.end
    if text.word(span.start - 1) != "any" or not scene.believed_heads:
        return False
    if text.words(Span(at, at + 2)) in (("will", "do"), ("would", "do")):
        return True
    return text.word(at) in ("is", "'s") and text.word(at + 1) in _GOOD


def limit_lifted(scene: Scene, sentence: Span) -> list[StateOp]:
    """Such as "never mind the limit", "forget the cap": the price may be any again."""
    price = scene.vocabulary.pack.role("price")
    if price is None or not any(r.facet == price.name for r in scene.heard.state.beliefs.ranges):
        return []
    for at in range(sentence.start + 1, sentence.end):
        word = scene.text.word(at)
        if (
            word not in ("limit", "cap", "maximum", "ceiling", "min", "minimum", "floor")
            or scene.used[at]
        ):
            continue
        if word in ("min", "minimum", "floor") and scene.text.word(at - 1) != "no":
            continue
        following = scene.text.word(at + 1)
        low = scene.text.word(at - 1) in ("lower", "bottom", "minimum") or word in (
            "min",
            "minimum",
            "floor",
        )
        tail = _matters_not(scene.text, at + 1, sentence)
        if tail is not None:
            span = Span(at - 1 if low else at, tail)
            scene.spend(span)
            return _lifted(scene, price.name, span, low=low)
        for back in range(max(sentence.start, at - 4), at):
            match = english.CUES.match(scene.text, back, at)
            lifts = match is not None and {"nomatter", "neg"} & set(match[1])
            if lifts and following not in ("to", "is", "of", "at", ":"):
                span = Span(back, at + 1)
                scene.spend(span)
                return _lifted(scene, price.name, span, low=low)
    return []


def _lifted(scene: Scene, facet: str, span: Span, *, low: bool) -> list[StateOp]:
    """The bound goes; where only the lower one goes, the upper one stays."""
    evidence = scene.evidence(span)
    gone: list[StateOp] = [RemoveFacet(facet=facet, evidence=evidence)]
    old = next((r for r in scene.heard.state.beliefs.ranges if r.facet == facet), None)
    upper = scene.text.word(span.end - 2) in ("upper", "top", "maximum", "max", "higher")
    if upper and old is not None and old.min is not None:
        gone.append(SetRange(facet=facet, min=old.min, strength=old.strength, evidence=evidence))
    if low and old is not None and old.max is not None:
        gone.append(SetRange(facet=facet, max=old.max, strength=old.strength, evidence=evidence))
    return gone


def bound_lifted(scene: Scene, sentence: Span) -> list[StateOp]:
    """Such as "I take back the 130": the bound that was said holds no more."""
    bounds = {
        number: r.facet
        for r in scene.heard.state.beliefs.ranges
        for number in (r.min, r.max, r.about)
        if number is not None
    }
    if not bounds:
        return []
    for at in range(sentence.start, sentence.end):
        number = number_at(scene.text, at)
        if number is not None and number[0] in bounds:
            after = at + number[1]
            eased = _EASED.match(scene.text, after, sentence.end)
            firm = _FIRMED.match(scene.text, after, sentence.end)
            if eased is not None or firm is not None:
                return _graded(scene, bounds[number[0]], Span(at, after), soft=firm is None)
        if number is None or number[0] not in bounds or not let_go(scene.text, at, sentence):
            continue
        start = next(
            i for i in range(max(sentence.start, at - 5), at) if _lets_go(scene.text, i, at)
        )
        span = Span(start, at + number[1])
        scene.spend(span)
        return [RemoveFacet(facet=bounds[number[0]], evidence=scene.evidence(span))]
    return []


_EASED = table(
    {
        "soft": split_list(
            "is more of a wish | is more of a preference | is more of a guideline | is just a wish | is only a wish | is a guideline | "
            "is just a guideline | is a rough figure | is only a rough idea | is just a rough idea | is a target | is just a target | "
            "is flexible | is negotiable | isn't set in stone | is not set in stone | isn't a hard limit | is not a hard limit | "
            "isn't a must | is not a must | was just a suggestion | is just a suggestion | is a soft limit | more of a wish"
        )
    }
)
_FIRMED = table(
    {
        "hard": split_list(
            "a hard limit | a strict limit | an absolute limit | a must | is a hard limit | is a strict limit | is final | is firm | "
            "is set in stone | is non negotiable | is strict"
        )
    }
)


def _graded(scene: Scene, facet: str, span: Span, *, soft: bool) -> list[StateOp]:
    """The bound that was said holds more or less firmly."""
    old = next(r for r in scene.heard.state.beliefs.ranges if r.facet == facet)
    scene.spend(span)
    return [
        SetRange(
            facet=facet,
            min=old.min,
            max=old.max if old.max is not None or soft else old.about,
            about=old.about if old.max is None and soft else None,
            strength="soft" if soft else "hard",
            evidence=scene.evidence(span),
        )
    ]


def _lets_go(text: Text, back: int, at: int) -> bool:
    match = english.CUES.match(text, back, at)
    return match is not None and "nomatter" in match[1]


_FREED = table(
    {
        "free": split_list(
            "don't care | do not care | any | whatever | no preference | doesn't matter | don't mind | anything goes | open | either | up to you"
        )
    }
)


def _matters_not(text: Text, at: int, sentence: Span) -> int | None:
    """Where "is not that important" ends, if that is what follows."""
    if text.word(at) == ":" and _FREED.match(text, at + 1, sentence.end) is not None:
        return sentence.end  # "stars: don't care"
    found = _MATTERS_NOT.match(text, at, sentence.end)
    if found is not None:
        return at + found[0]
    if text.word(at) not in ("is", "are", "'s", "does", "do"):
        return None
    at += 1
    if text.word(at) not in ("not", "n't"):
        return None
    at += 1
    while text.word(at) in (
        "that",
        "so",
        "very",
        "really",
        "all",
        "too",
        "a",
        "an",
        "the",
    ):
        at += 1
    return at + 1 if text.word(at) in _WEIGHT else None

"""What the user says of things shown: takes them, turns them down, or has them already."""

from __future__ import annotations

from typing import Literal

from vitrine.agent.understanding import phrases
from vitrine.agent.understanding.references import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import Evidence, Focus, Judge, StateOp
from vitrine.core.refs import ThingRef

Verdict = Literal["accept", "reject", "been_to"]

_PATTERN_LEADS = frozenset("like to as by on from".split())
_REMOVING = frozenset("remove drop hide skip delete exclude discard".split())
_ALL_NONE = frozenset({("neither",), ("none",), ("nope", "none")})
_STOPS = frozenset({"but", "though", "although", "however"})


def picks(scene: Scene) -> list[StateOp]:
    """Things that the user selected in the front end: a verdict of the whole group."""
    state = scene.heard.state
    things = [t for ref in scene.heard.message.picks if (t := state.thing(ref)) is not None]
    if not things:
        return []
    evidence = Evidence(turn=scene.turn, text="", source="picked")
    return [Judge(verdict="accept", things=tuple(dict.fromkeys(things)), evidence=evidence)]


def judge(
    scene: Scene, sentence: Span, references: list[Reference]
) -> tuple[list[Judge], list[str], set[Verdict]]:
    """(verdicts, unresolved references, verdicts meant) of a sentence that asks nothing."""
    inside = [r for r in references if sentence.covers(r.span.start)]
    ops: list[Judge] = []
    unresolved: list[str] = []
    meant: set[Verdict] = set()
    if not inside:
        op = _without_reference(scene, sentence)
        return ([op] if op is not None else []), unresolved, meant
    previous: Verdict | None = None
    for index, reference in enumerate(inside):
        start = inside[index - 1].span.end if index else sentence.start
        end = inside[index + 1].span.start if index + 1 < len(inside) else sentence.end
        verdict, span, reason = _verdict(scene, reference, Span(start, end), previous)
        if verdict is None:
            if reference.unresolved and reference.kind != "pronoun":
                unresolved.append(scene.text.said(reference.span, 200))
            continue
        if previous == verdict and ops and set(reference.things) <= set(ops[-1].things):
            # "... the first one, it's too bright": more about the same thing.
            ops[-1] = ops[-1].model_copy(update={"reason": ops[-1].reason or reason})
            continue
        previous = verdict
        meant.add(verdict)
        if reference.unresolved:
            unresolved.append(scene.text.said(reference.span, 200))
            continue
        ops.append(
            Judge(
                verdict=verdict,
                things=reference.things,
                reason=reason,
                evidence=scene.evidence(span),
            )
        )
        scene.spend(_unspoilt(scene, span))
    return ops, unresolved, meant


def _unspoilt(scene: Scene, span: Span) -> Span:
    """The words of the verdict without its complaint, which is read as a leaning of its own."""
    for at in range(span.start, span.end):
        if scene.text.word(at) == "too":
            return Span(span.start, at)
    return span


def _verdict(
    scene: Scene, reference: Reference, room: Span, previous: Verdict | None
) -> tuple[Verdict | None, Span, str | None]:
    """(verdict, words that say it, reason) for one reference; `room`: words of it alone."""
    text = scene.text
    at = reference.span.start
    if (
        text.word(at - 1) in _PATTERN_LEADS
        and at - 1 > room.start
        and not _subject_likes(scene, at - 1)
    ):
        return None, reference.span, None
    before = Span(room.start, at)
    after = Span(reference.span.end, _until_stop(scene, reference.span.end, room.end))
    reason = _reason(scene, after) or _reason(scene, Span(after.end, room.end))
    whole = Span(reference.span.start, after.end)
    lead = text.words(before)
    if text.word(at - 1) in _REMOVING:
        return "reject", Span(at - 1, reference.span.end), reason
    if phrases.YES & set(lead) and all(word in phrases.YES or word == "," for word in lead):
        return "accept", Span(before.start, reference.span.end), None
    for cues, verdict in (
        (phrases.OWN, "been_to"),
        (phrases.REJECT, "reject"),
        (phrases.ACCEPT, "accept"),
    ):
        for place in (before, Span(before.start, reference.span.end)):
            if (found := scene.has(cues, place)) is not None:
                return (
                    _as(verdict),
                    Span(found.start, reference.span.end),
                    reason if verdict == "reject" else None,
                )
    if text.word(at - 1) in ("not", "no", "n't") or text.words(Span(max(0, at - 2), at)) in (
        ("not", "the"),
    ):
        return "reject", Span(at - 1, reference.span.end), reason
    if reason is not None:
        return "reject", Span(reference.span.start, min(after.end, reference.span.end + 8)), reason
    for cues, verdict in (
        (phrases.OWN, "been_to"),
        (phrases.REJECT, "reject"),
        (phrases.ACCEPT, "accept"),
    ):
        if (found := scene.has(cues, after)) is not None:
            if verdict == "reject" and reason is None:
                reason = text.said(found, 200)
            return (
                _as(verdict),
                Span(whole.start, found.end),
                reason if verdict == "reject" else None,
            )
    if (found := scene.has(phrases.LIKE, before)) is not None:
        if text.word(found.start - 1) in ("n't", "not"):
            return "reject", Span(found.start - 1, reference.span.end), reason
        if _conditions(scene, reference.span.end):
            return None, reference.span, None
        return "accept", Span(found.start, reference.span.end), None
    if (found := scene.has(phrases.LIKE, after)) is not None:
        if text.word(found.start - 1) in ("n't", "not") or _negated(scene, found, after):
            return "reject", Span(whole.start, found.end), reason
        if _conditions(scene, found.end):
            return None, reference.span, None
        return "accept", Span(whole.start, found.end), None
    joined = text.word(at - 1) in ("and", "or", ",", "nor")
    if joined and previous is not None and at - room.start <= 2:
        return previous, reference.span, reason
    return None, reference.span, None


def is_pattern(scene: Scene, reference: Reference) -> bool:
    """The thing is a pattern to follow or a measure: "like the second", "cheaper than it"."""
    at = reference.span.start - 1
    return scene.text.word(at) in ("like", "to", "than", "as") and not _subject_likes(scene, at)


def _as(label: str) -> Verdict:
    return "accept" if label == "accept" else "been_to" if label == "been_to" else "reject"


def _subject_likes(scene: Scene, at: int) -> bool:
    """Such as "like" as a verb: "I like", "do like", "really like"."""
    return scene.text.word(at) == "like" and scene.text.word(at - 1) in (
        "i", "do", "really", "quite", "also", "we", "n't", "not", "rather", "'d", "would", "both",
    )  # fmt: skip


def _negated(scene: Scene, found: Span, within: Span) -> bool:
    return any(scene.text.word(i) in ("n't", "not") for i in range(within.start, found.end))


def _conditions(scene: Scene, at: int) -> bool:
    """What follows asks for a change: "I like the second one but in green"."""
    text = scene.text
    if text.word(at) in (",", "just"):
        at += 1
    # "... but not the last" judges another thing, "... but in green" asks for a change.
    judged = text.word(at + 1) in ("not", "the", "i", "n't", "hate", "dislike")
    return text.word(at) in _STOPS | {"except"} and not judged


def _until_stop(scene: Scene, start: int, end: int) -> int:
    for at in range(start, end):
        if scene.text.word(at) in _STOPS or scene.text.word(at) in (",", ";"):
            return at
    return end


def _reason(scene: Scene, span: Span) -> str | None:
    """The complaint in the words: "too bright", "not warm enough"."""
    text = scene.text
    for at in range(span.start, span.end - 1):
        if text.word(at) == "too" and text.word(at + 1)[:1].isalpha():
            end = at + 2
            return text.said(Span(at, end), 200)
        if text.word(at) in ("not", "n't") and "enough" in text.words(
            Span(at, min(at + 4, span.end))
        ):
            return text.said(Span(at, min(at + 4, span.end)), 200)
        if text.word(at) in ("because", "since") and at + 1 < span.end:
            return text.said(Span(at + 1, span.end), 200)
    return None


def _without_reference(scene: Scene, sentence: Span) -> Judge | None:
    """Verdicts such as "sold!" or "not my style" speak of what was shown last."""
    if not scene.last_shown or any(m.of("value") for m in scene.within(sentence)):
        return None
    focus = scene.heard.state.focus
    single: tuple[ThingRef, ...] = ()
    if focus is not None:
        single = (focus,)
    elif len(scene.last_shown) == 1:
        single = scene.last_shown
    if (found := scene.has(phrases.OWN, sentence)) is not None and single:
        return Judge(verdict="been_to", things=single, evidence=scene.evidence(found))
    plain = tuple(w for w in scene.text.words(sentence) if w[0].isalpha())
    if plain in _ALL_NONE:
        return Judge(verdict="reject", things=scene.last_shown, evidence=scene.evidence(sentence))
    if (found := scene.has(phrases.REJECT, sentence)) is not None:
        things = single or scene.last_shown
        reason = _reason(scene, sentence)
        return Judge(verdict="reject", things=things, reason=reason, evidence=scene.evidence(found))
    if (found := scene.has(phrases.ACCEPT, sentence)) is not None and single:
        return Judge(verdict="accept", things=single, evidence=scene.evidence(found))
    return None


def focus(scene: Scene, references: list[Reference], ops: list[StateOp]) -> Focus | None:
    """The last single thing that was pointed at, and not turned down, is under discussion."""
    refused = {
        t for op in ops if isinstance(op, Judge) and op.verdict != "accept" for t in op.things
    }
    for reference in reversed(references):
        if len(reference.things) == 1 and reference.things[0] not in refused:
            place = scene.heard.state.place(reference.things[0])
            if place is not None:
                return Focus(ref=place, evidence=scene.evidence(reference.span))
    return None

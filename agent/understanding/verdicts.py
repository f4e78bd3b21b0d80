"""What the user says of things shown: takes them, turns them down, or has them already."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.complaints import reason_in
from vitrine.agent.understanding.evaluating import evaluation
from vitrine.agent.understanding.judging import Judged, denied, verdict_on
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.opinions import idiom, opinion
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.replies import Verdict
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import AddWish, Evidence, Focus, Judge, StateOp
from vitrine.core.refs import ThingRef

_ALL_NONE = frozenset({("neither",), ("none",), ("nope", "none")})
_BARE_NO = frozenset("no nope nah ugh noo nooo yuck ew eww nay".split())
_EXCLAIMED = frozenset(
    "wow oh god haha hmm um well definitely absolutely sorry gosh er ooh and again just".split()
)
_TAKEN_BACK = phrases.NO | frozenset(
    "actually on second thought thoughts hmm not that one maybe oh wait sorry well thanks".split()
)
_JUDGING = frozenset("like love want hate dislike stand reject for of into wear see on".split())
_SHOWN_WORDS = frozenset("these those this that the any either all both at really so".split())


def picks(scene: Scene) -> list[StateOp]:
    """Things that the user selected in the front end: a verdict of the whole group."""
    state = scene.heard.state
    things = [t for ref in scene.heard.message.picks if (t := state.thing(ref)) is not None]
    if not things:
        return []
    evidence = Evidence(turn=scene.turn, text="", source="picked")
    return [Judge(verdict="accept", things=tuple(dict.fromkeys(things)), evidence=evidence)]


def judge(
    scene: Scene,
    sentence: Span,
    references: list[Reference],
    earlier: Verdict | None = None,
) -> tuple[list[Judge | AddWish], list[str], set[Verdict]]:
    """(verdicts, unresolved references, verdicts meant) of a sentence that asks nothing.

    `earlier`: the verdict of the sentence before, for "I'll pass on the first. And on the third."
    """
    inside = [r for r in references if sentence.covers(r.span.start)]
    ops: list[Judge | AddWish] = []
    unresolved: list[str] = []
    meant: set[Verdict] = set()
    if not inside:
        op = _without_reference(scene, sentence)
        return ([op] if op is not None else []), unresolved, meant
    previous: Verdict | None = None
    for reference, room, (verdict, span, reason) in _each(scene, sentence, inside):
        start, end = room.start, room.end
        if verdict is None and earlier is not None and _goes_on(scene, sentence, inside):
            verdict = earlier
        if verdict is None:
            if reference.unresolved and reference.kind != "pronoun":
                unresolved.append(scene.text.said(reference.span, 200))
            continue
        last = ops[-1] if ops else None
        if (
            previous == verdict
            and isinstance(last, Judge)
            and set(reference.things) <= set(last.things)
        ):
            # "... the first one, it's too bright": more about the same thing.
            ops[-1] = last.model_copy(update={"reason": last.reason or reason})
            continue
        others = _all_but(scene, reference, Span(start, end), verdict)
        if others is not None:
            ops.append(others)
            meant.add("accept")
        previous = verdict
        meant.add(verdict)
        things = reference.things
        if reference.unresolved and reference.kind == "pronoun" and verdict == "reject":
            things = scene.last_shown  # "not feeling it", said of all that is shown
        if not things and reference.kind == "pronoun" and _says_more(scene, sentence, reference):
            meant.discard(verdict)
            continue  # "I'd want to keep it under sixty"
        if not things:
            unresolved.append(scene.text.said(reference.span, 200))
            continue
        ops.append(
            Judge(
                verdict=verdict,
                things=things,
                reason=reason,
                evidence=scene.evidence(span),
            )
        )
        said = evaluation(scene.text, reference.span.end, end)
        if verdict == "reject" and said is not None and said.fault is not None:
            fault = scene.text.said(said.fault, 200)
            ops.append(AddWish(text=fault, polarity="avoid", evidence=scene.evidence(said.fault)))
        scene.spend(Span(start, end) if verdict == "been_to" else _unspoilt(scene, span))
    return ops, unresolved, meant


_JOINING = frozenset(
    {("and",), ("or",), (",",), ("&",), ("nor",), (",", "and"), ("as", "well", "as")}
)


def _each(
    scene: Scene, sentence: Span, inside: list[Reference]
) -> list[tuple[Reference, Span, Judged]]:
    """(thing, the words around it, how it is judged); one predicate holds for all its subjects."""
    found: list[tuple[Reference, Span, Judged]] = []
    previous: Verdict | None = None
    for index, reference in enumerate(inside):
        start = inside[index - 1].span.end if index else sentence.start
        end = inside[index + 1].span.start if index + 1 < len(inside) else sentence.end
        room = Span(start, end)
        judged = verdict_on(scene, reference, room, previous)
        previous = judged[0] or previous
        found.append((reference, room, judged))
    for index in range(len(found) - 2, -1, -1):
        (reference, room, judged), after = found[index], found[index + 1]
        between = scene.text.words(Span(reference.span.end, after[0].span.start))
        measured = _tells(scene, Span(room.start, reference.span.start))
        if judged[0] is None and between in _JOINING and not measured:
            found[index] = (reference, room, (after[2][0], reference.span, after[2][2]))
    return found


_ALSO = frozenset(
    "and also so too as well same for goes on to ditto likewise neither nor with plus or".split()
)


def _goes_on(scene: Scene, sentence: Span, inside: list[Reference]) -> bool:
    """Nothing is said but that the same holds for the things: "and on the third", "the last too"."""
    rest = [
        scene.text.word(at)
        for at in range(sentence.start, sentence.end)
        if not any(r.span.covers(at) for r in inside) and scene.text.word(at)[:1].isalnum()
    ]
    return bool(rest) and set(rest) <= _ALSO


def _tells(scene: Scene, before: Span) -> bool:
    """Words before a thing that make it no subject of what follows."""
    return scene.text.word(before.end - 1) in ("like", "to", "than", "as", "of", "with")


def _says_more(scene: Scene, sentence: Span, reference: Reference) -> bool:
    """The sentence tells a wish of its own, so that its "it" may be what is sought."""
    if scene.text.words(reference.span) != ("it",):
        return False
    told = any(m.of("value", "facet", "unit", "low", "high") for m in scene.within(sentence))
    return told or any(number_at(scene.text, i) for i in range(sentence.start, sentence.end))


def _unspoilt(scene: Scene, span: Span) -> Span:
    """The words of the verdict without its complaint, which is read as a leaning of its own."""
    for at in range(span.start, span.end):
        if scene.text.word(at) == "too":
            return Span(span.start, at)
    return span


def _all_but(scene: Scene, reference: Reference, room: Span, verdict: Verdict) -> Judge | None:
    """Such as "everything except the first one looks great": the others are liked."""
    lead = scene.text.words(Span(room.start, reference.span.start))
    if verdict != "reject" or not {"everything", "all", "them"} & set(lead):
        return None
    found = scene.has(phrases.LIKE, Span(reference.span.end, room.end))
    others = tuple(t for t in scene.last_shown if t not in reference.things)
    if found is None or denied(scene, found.start) or not others:
        return None
    return Judge(verdict="accept", things=others, evidence=scene.evidence(found))


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
    if focus is not None and phrases.NO & set(plain) and set(plain) <= _TAKEN_BACK:
        taken = {v.thing for v in scene.heard.state.verdicts if v.verdict == "accept"}
        if focus in taken:
            return Judge(verdict="reject", things=(focus,), evidence=scene.evidence(sentence))
    if plain == ("neither",) and len(scene.heard.state.spoken) == 2:
        things = scene.heard.state.spoken
        return Judge(verdict="reject", things=things, evidence=scene.evidence(sentence))
    if focus is not None and plain[:2] == ("not", "that") and set(plain) <= _TAKEN_BACK | {"then"}:
        return Judge(verdict="reject", things=(focus,), evidence=scene.evidence(sentence))
    if (
        set(plain) & _BARE_NO
        and set(plain) <= _BARE_NO | _EXCLAIMED
        and scene.heard.state.open_question is None
    ):
        return Judge(verdict="reject", things=scene.last_shown, evidence=scene.evidence(sentence))
    if plain in _ALL_NONE:
        return Judge(verdict="reject", things=scene.last_shown, evidence=scene.evidence(sentence))
    found = scene.has(phrases.REJECT, sentence)
    if found is not None and not _of_something_else(scene, found, sentence):
        things = single or scene.last_shown
        reason = reason_in(scene, sentence)
        return Judge(verdict="reject", things=things, reason=reason, evidence=scene.evidence(found))
    if (found := scene.has(phrases.ACCEPT, sentence)) is not None and single:
        return Judge(verdict="accept", things=single, evidence=scene.evidence(found))
    return _called_out(scene, sentence, single)


def _called_out(scene: Scene, sentence: Span, single: tuple[ThingRef, ...]) -> Judge | None:
    """An opinion and nothing else, such as "hideous, the lot", "nein danke", "chef's kiss!"."""
    asked = scene.heard.state.open_question
    if asked is not None and asked.kind != "ask_opinion":
        return None
    if scene.text.is_question(sentence) or scene.has(phrases.NEUTRAL, sentence) is not None:
        return None
    told = opinion(scene, sentence)
    if told is None or told[0] == "open":
        return None
    if told[0] == "against":
        things = single or scene.last_shown
        return Judge(verdict="reject", things=things, evidence=scene.evidence(told[1]))
    if single and idiom(scene, sentence) is not None:
        return Judge(verdict="accept", things=single, evidence=scene.evidence(told[1]))
    return None


def _of_something_else(scene: Scene, found: Span, sentence: Span) -> bool:
    """The verb of the verdict has an object of its own: "I don't like synthetic colours"."""
    last = scene.text.word(found.end - 1)
    following = scene.text.word(found.end)
    if last not in _JUDGING or found.end >= sentence.end or not following[:1].isalpha():
        return False
    return following not in english.PRONOUNS | _SHOWN_WORDS | english.CONJUNCTIONS


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

"""What the user says of things shown: takes them, turns them down, or has them already."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.complaints import reason_in
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.replies import Verdict, picked, replied, takes
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table
from vitrine.core.acts import Evidence, Focus, Judge, StateOp
from vitrine.core.refs import ThingRef

_PATTERN_LEADS = frozenset("like to as by on from".split())
_REMOVING = frozenset(
    "remove drop hide skip delete exclude discard forget ditch lose scrap ignore".split()
)
_ALL_NONE = frozenset({("neither",), ("none",), ("nope", "none")})
_BARE_NO = frozenset("no nope nah ugh noo nooo yuck ew eww nay".split())
_EXCLAIMED = frozenset(
    "wow oh god haha hmm um well definitely absolutely sorry gosh er ooh".split()
)
_LONG_AGO = {
    ("for", "years"),
    ("for", "ages"),
    ("for", "a"),
    ("last", "year"),
    ("years", "ago"),
    ("as", "a"),
}
_TAKEN_BACK = phrases.NO | frozenset(
    "actually on second thought thoughts hmm not that one maybe oh wait sorry well thanks".split()
)
_JUDGING = frozenset("like love want hate dislike stand reject for of into wear see on".split())
_SHOWN_WORDS = frozenset("these those this that the any either all both at really so".split())
_KEPT = table(
    {
        "kept": split_list(
            "already | at home | in my closet | in my wardrobe | in my collection | from last year | "
            "in my cupboard | in another colour already"
        )
    }
)
_DELIGHT = frozenset("perfect excellent brilliant wonderful sold lovely fantastic deal".split())
_PICKING = _DELIGHT | frozenset("oh ah ooh then ok okay so great yes yeah and just".split())
_CALLS = frozenset("ooh oh wow yes yeah ok okay hmm definitely and then just oooh aah ah".split())
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
        others = _all_but(scene, reference, Span(start, end), verdict)
        if others is not None:
            ops.append(others)
            meant.add("accept")
        previous = verdict
        meant.add(verdict)
        things = reference.things
        if reference.unresolved and reference.kind == "pronoun" and verdict == "reject":
            things = scene.last_shown  # "not feeling it", said of all that is shown
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
        scene.spend(Span(start, end) if verdict == "been_to" else _unspoilt(scene, span))
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
    before = Span(_after_stop(scene, room.start, at), at)
    plain = _plainly(scene, reference, room)
    if plain is not None:
        return plain
    if (pick := picked(scene, reference, room)) is not None:
        return "accept", pick, None
    if (
        text.word(at - 1) in _PATTERN_LEADS
        and at - 1 > room.start
        and not _subject_likes(scene, at - 1)
    ):
        return None, reference.span, None
    after = Span(reference.span.end, _until_stop(scene, reference.span.end, room.end))
    reason = reason_in(scene, after) or reason_in(scene, Span(after.end, room.end))
    whole = Span(reference.span.start, after.end)
    lead = text.words(before)
    if text.word(at - 1) in _REMOVING:
        return "reject", Span(at - 1, reference.span.end), reason
    if (took := takes(scene, before)) is not None:
        return "accept", Span(took, reference.span.end), None
    if (reply := replied(scene, reference, room)) is not None:
        return reply
    denied = text.word(at) in ("none", "neither", "no", "not")  # "okay, none of these"
    agreed = bool(phrases.YES & set(lead)) and not denied
    if agreed and all(word in phrases.YES or word == "," for word in lead):
        return "accept", Span(before.start, reference.span.end), None
    for cues, verdict in (
        (phrases.OWN, "been_to"),
        (phrases.REJECT, "reject"),
        (phrases.ACCEPT, "accept"),
    ):
        for place in (before, Span(before.start, reference.span.end)):
            found = scene.has(cues, place)
            if found is not None and not _rather(scene, found, reference):
                return (
                    _as(verdict),
                    Span(found.start, reference.span.end),
                    reason if verdict == "reject" else None,
                )
    if previous == "reject" and text.word(at - 1) == "," and _bare_reject(scene, room.start):
        return "accept", reference.span, None  # "not the blue one, the red one"
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
        if _denied(scene, found.start):
            return "reject", Span(found.start - 1, reference.span.end), reason
        if _conditions(scene, reference.span.end):
            return None, reference.span, None
        return "accept", Span(found.start, reference.span.end), None
    if (found := scene.has(phrases.LIKE, after)) is not None:
        if _denied(scene, found.start) or _negated(scene, found, after):
            return "reject", Span(whole.start, found.end), reason
        if (spoilt := _but_not(scene, after.end, room.end)) is not None:
            return "reject", Span(whole.start, spoilt.end), text.said(spoilt, 200)
        if _conditions(scene, found.end):
            return None, reference.span, None
        return "accept", Span(whole.start, found.end), None
    if _wanted(scene, reference, before):
        return "accept", Span(before.start, reference.span.end), None
    joined = text.word(at - 1) in ("and", "or", ",", "nor")
    if joined and previous is not None and at - room.start <= 2:
        return previous, reference.span, reason
    return None, reference.span, None


def _but_not(scene: Scene, start: int, end: int) -> Span | None:
    """What takes praise back: "it's nice, but not my colour"."""
    if scene.text.word(start) not in _STOPS | {","}:
        return None
    rest = Span(start + 1, end)
    found = scene.has(english.POST_NEGATIVE, rest) or scene.has(phrases.REJECT, rest)
    if found is None:
        return None
    negated = {"not", "n't", "isn't"} & set(scene.text.words(Span(rest.start, found.end)))
    return Span(rest.start, found.end) if negated else None


def _rather(scene: Scene, found: Span, reference: Reference) -> bool:
    """Such as "I'd rather have them without a print": a wish for others."""
    after = scene.text.word(reference.span.end)
    if after == "if":
        return True  # "I'd take that if it were wool"
    return scene.text.word(found.start) == "rather" and after in (
        "in",
        "with",
        "without",
        "as",
        "for",
    )


def _bare_reject(scene: Scene, at: int) -> bool:
    """The reference that ends at the place was turned down by a mere "not"."""
    start = max(0, at - 6)
    return any(
        scene.text.word(i) == "not" and (i == 0 or not scene.text.word(i - 1)[:1].isalpha())
        for i in range(start, at)
    )


def _plainly(
    scene: Scene, reference: Reference, room: Span
) -> tuple[Verdict, Span, str | None] | None:
    """Such as "no to the first", "I have one just like it", "anything but the last"."""
    text = scene.text
    at = reference.span.start
    whole = Span(room.start, reference.span.end)
    lead = text.words(Span(max(room.start, at - 2), at))
    end = reference.span.end
    for back in range(max(room.start, at - 4), at):
        match = phrases.REJECT.match(text, back, at)
        if match is not None and back + match[0] == at and text.word(at - 1) in _PATTERN_LEADS:
            return "reject", Span(back, end), None  # "I'll pass on it"
    if text.words(Span(end, end + 2)) == ("it", "is") and text.word(end + 2) in ("", ".", "!", ","):
        return "accept", Span(reference.span.start, end + 2), None
    ahead = Span(_after_stop(scene, room.start, at), at)
    praise = [w for w in text.words(ahead) if w[:1].isalpha()]
    alone = text.word(end) in ("", ".", "!") or text.words(Span(end, end + 2))[:1] == ("please",)
    if praise and set(praise) <= _PICKING and set(praise) & _DELIGHT and alone:
        if len(reference.things) == 1 and reference.kind != "pronoun":
            return "accept", whole, None  # "perfect, the first one"
    kept = scene.has(_KEPT, Span(end, room.end))
    if kept is not None and {"have", "'ve", "own", "got"} & set(text.words(ahead)):
        return "been_to", Span(ahead.start, kept.end), None
    owned = text.words(Span(end, end + 2))
    if text.word(at - 1) == "had" and owned in _LONG_AGO:
        return "been_to", Span(at - 1, end + 2), None
    thought = text.words(ahead)
    if ("n't", "think") in zip(thought, thought[1:], strict=False):
        if scene.has(phrases.LIKE, Span(end, room.end)) is not None:
            return "reject", Span(ahead.start, room.end), None
    if (
        reference.plural
        and text.word(at - 1) == ","
        and (why := reason_in(scene, ahead)) is not None
    ):
        return "reject", Span(ahead.start, end), why
    if lead[-1:] in (("take",), ("leave",), ("cross",), ("throw",)) and (
        text.word(reference.span.end) in ("out", "off", "away")
    ):
        return "reject", Span(at - 1, reference.span.end + 1), None
    if lead[-1:] == ("to",) and lead[0] in phrases.YES | phrases.NO | {"nope"}:
        said = Span(at - 2, reference.span.end)
        return ("accept" if lead[0] in phrases.YES else "reject"), said, None
    found = scene.has(phrases.OWN_LIKE, Span(room.start, at))
    if found is not None and text.word(found.start - 1) not in ("you", "also", "they"):
        return "been_to", Span(found.start, reference.span.end), None
    for back in range(max(room.start, at - 3), at):
        match = english.CUES.match(text, back, at)
        if match is None or back + match[0] != at or "exclude" not in match[1]:
            continue
        return "reject", Span(back, whole.end), None
    return None


def _all_but(scene: Scene, reference: Reference, room: Span, verdict: Verdict) -> Judge | None:
    """Such as "everything except the first one looks great": the others are liked."""
    lead = scene.text.words(Span(room.start, reference.span.start))
    if verdict != "reject" or not {"everything", "all", "them"} & set(lead):
        return None
    found = scene.has(phrases.LIKE, Span(reference.span.end, room.end))
    others = tuple(t for t in scene.last_shown if t not in reference.things)
    if found is None or _denied(scene, found.start) or not others:
        return None
    return Judge(verdict="accept", things=others, evidence=scene.evidence(found))


def _denied(scene: Scene, at: int) -> bool:
    """A negation stands before, adverbs skipped: "I'm not really crazy about"."""
    at -= 1
    while scene.text.word(at) in ("really", "so", "too", "that", "very", "all", "exactly", "'m"):
        at -= 1
    return scene.text.word(at) in ("n't", "not", "never", "hardly")


def _wanted(scene: Scene, reference: Reference, before: Span) -> bool:
    """Such as "I want the second one", said of one shown thing without a change to it."""
    text = scene.text
    if text.word(reference.span.end) == "all" and reference.plural:
        at = reference.span.start
        return english.WANTING.match(text, before.start, at) == (at - before.start, ["w"])
    chosen = [w for w in text.words(before) if w[0].isalpha()]
    if reference.kind == "ordinal" and "both" in chosen and set(chosen) <= _CALLS | {"both"}:
        return text.word(reference.span.end) in ("please", "then", "")
    if len(reference.things) != 1 or reference.kind in ("pronoun", "rest"):
        return False
    lead = [w for w in text.words(before) if w[0].isalpha()]
    if text.word(reference.span.end) in ("please", "!") and set(lead) <= _CALLS:
        return scene.heard.state.open_question is None
    if english.WANTING.match(text, before.start, before.end) != (before.end - before.start, ["w"]):
        return False
    following = text.word(reference.span.end)
    return not following or following in (".", "!", "please", ",", "then", "and")


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
    judged = text.word(at + 1) in ("not", "the", "n't", "hate", "dislike")
    judged = judged or (
        text.word(at + 1) == "i" and text.word(at + 2) in ("do", "hate", "am", "'m", "dislike")
    )
    return text.word(at) in _STOPS | {"except"} and not judged


def _until_stop(scene: Scene, start: int, end: int) -> int:
    for at in range(start, end):
        if scene.text.word(at) in _STOPS or scene.text.word(at) in (",", ";"):
            return at
    return end


def _after_stop(scene: Scene, start: int, end: int) -> int:
    """The start of the clause that ends at the place."""
    for at in range(end - 1, start - 1, -1):
        if scene.text.word(at) in _STOPS:
            return at + 1
    return start


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

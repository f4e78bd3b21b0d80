# ruff: noqa: E501
"""How one thing that is pointed at is judged by the words around it."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.complaints import reason_in
from vitrine.agent.understanding.evaluating import evaluation
from vitrine.agent.understanding.idioms import ADJECTIVES
from vitrine.agent.understanding.opinions import by_word, idiom, opinion
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.replies import Verdict, picked, replied, takes
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.subjects import put_aside
from vitrine.agent.understanding.text import Span, split_list, table

Judged = tuple[Verdict | None, Span, str | None]
"""(verdict, words that say it, reason)"""

_PATTERN_LEADS = frozenset("like to as by on from".split())
_REMOVING = frozenset(
    "remove drop hide skip delete exclude discard forget ditch lose scrap ignore".split()
)
_LONG_AGO = {
    ("for", "years"),
    ("for", "ages"),
    ("for", "a"),
    ("last", "year"),
    ("years", "ago"),
    ("as", "a"),
}
_KEPT = table(
    {
        "kept": split_list(
            "already | at home | in my closet | in my wardrobe | in my collection | from last year | "
            "in my cupboard | in another colour already"
        )
    }
)
_AT_HOME = table(
    {
        "kept": split_list(
            "been in my wardrobe | been in my closet | been in my cupboard | been in my drawer | is in my wardrobe | is in my closet | "
            "'s in my wardrobe | 's in my closet | in my wardrobe already | in my closet already | hangs in my | hanging in my | "
            "sits in my | sitting in my | lives in my | is at home already | is already at home | is already in my | 's already in my | "
            "already hangs | already in my wardrobe | already in my closet | followed me home | came home with me"
        )
    }
)
_DELIGHT = frozenset("perfect excellent brilliant wonderful sold lovely fantastic deal".split())
_PICKING = _DELIGHT | frozenset("oh ah ooh then ok okay so great yes yeah and just".split())
_CALLS = frozenset("ooh oh wow yes yeah ok okay hmm definitely and then just oooh aah ah".split())
_STOPS = frozenset({"but", "though", "although", "however"})


def verdict_on(scene: Scene, reference: Reference, room: Span, previous: Verdict | None) -> Judged:
    """(verdict, words that say it, reason) for one reference; `room`: words of it alone."""
    text = scene.text
    at = reference.span.start
    before = Span(_after_stop(scene, room.start, at), at)
    if text.word(at - 1) in ("if", "unless", "whether") and reference.kind == "pronoun":
        return None, reference.span, None  # "up to 75 if they're decent"
    if _complemented(scene, reference):
        return None, reference.span, None
    plain = _plainly(scene, reference, room)
    if plain is not None:
        return plain
    if (pick := picked(scene, reference, room)) is not None:
        return "accept", pick, None
    after = Span(reference.span.end, _until_stop(scene, reference.span.end, room.end))
    reason = reason_in(scene, after) or reason_in(scene, Span(after.end, room.end))
    of_its_part = _part_of(scene, reference, room)
    if (
        text.word(at - 1) in _PATTERN_LEADS
        and at - 1 > room.start
        and not of_its_part
        and not _subject_likes(scene, at - 1)
    ):
        return None, reference.span, None
    if of_its_part and reason is not None and reason_in(scene, after) is None:
        return None, reference.span, None
    whole = Span(reference.span.start, after.end)
    lead = text.words(before)
    if text.word(at - 1) in _REMOVING:
        if reference.kind == "pronoun" and any(
            m.of("facet", "unit", "value") for m in scene.within(Span(room.start, at))
        ):
            return None, reference.span, None  # "the stars aren't important, forget those"
        return "reject", Span(at - 1, reference.span.end), reason
    if (took := takes(scene, before)) is not None:
        return "accept", Span(took, reference.span.end), None
    if (reply := replied(scene, reference, room)) is not None:
        return reply
    supposed = text.word(at - 1) in ("if", "whether", "unless", "when", "once")
    judged = None if supposed else evaluation(text, reference.span.end, after.end)
    if judged is not None and reference.kind != "rest" and not judged.liked:
        fault = text.said(judged.fault or judged.span, 200)
        return "reject", Span(reference.span.start, judged.span.end), reason or fault
    if judged is not None and judged.liked and {"n't", "not"} & set(text.words(judged.span)):
        return None, reference.span, None  # "the second isn't bad" decides nothing
    hesitant = scene.has(phrases.NEUTRAL, Span(0, len(text))) is not None
    if judged is not None and judged.liked and not hesitant and reason is None:
        if (spoilt := _but_not(scene, after.end, room.end)) is not None:
            return "reject", Span(whole.start, spoilt.end), text.said(spoilt, 200)
        if not _conditions(scene, judged.span.end):
            return "accept", Span(whole.start, judged.span.end), None
        return None, reference.span, None
    refused = text.word(at) in ("none", "neither", "no", "not")  # "okay, none of these"
    agreed = bool(phrases.YES & set(lead)) and not refused
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
        if denied(scene, found.start):
            return "reject", Span(found.start - 1, reference.span.end), reason
        if _conditions(scene, reference.span.end):
            return None, reference.span, None
        return "accept", Span(found.start, reference.span.end), None
    if (found := scene.has(phrases.LIKE, after)) is not None:
        if denied(scene, found.start) or _negated(scene, found, after):
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
    return _opined(scene, reference, room, Span(before.start, after.end))


def _opined(scene: Scene, reference: Reference, room: Span, clause: Span) -> Judged:
    """What an idiom in the room says, or a word of praise or blame alone in the clause."""
    none = (None, reference.span, None)
    if scene.text.is_question(room) or _conditions(scene, reference.span.end):
        return none
    own = reference.span
    told = (
        idiom(scene, Span(own.end, room.end))
        or idiom(scene, Span(room.start, own.start))
        or opinion(scene, clause, own)
    )
    if told is None or told[0] == "open":
        return none
    if told[0] == "for" and _conditions(scene, clause.end):
        return none  # "these look fine but are over what I wanted to spend"
    side, span = told
    whole = Span(min(span.start, reference.span.start), max(span.end, reference.span.end))
    if side == "for":
        return "accept", whole, None
    return "reject", whole, scene.text.said(span, 200)


_LIKING = frozenset("prefer like want need love keep prefers likes wants loves".split())
_GRADED = frozenset("more less a bit rather quite very really fairly pretty as all".split())


def _complemented(scene: Scene, reference: Reference) -> bool:
    """What is sought is told beside its "it": "I prefer it quiet", "I like them long"."""
    text, at = scene.text, reference.span.end
    if text.words(reference.span) not in (("it",), ("them",)):
        return False
    if text.word(reference.span.start - 1) not in _LIKING:
        return False
    while text.word(at) in _GRADED:
        at += 1
    mention = scene.mention_at(at)
    return text.word(at) in ADJECTIVES or (
        mention is not None and bool(mention.of("value", "concept")) and not scene.is_head(mention)
    )


_PARTS = frozenset("of on in from".split())
_BEING = frozenset("is are 's 're was were look looks looked feel feels seem seems".split())


def _part_of(scene: Scene, reference: Reference, room: Span) -> bool:
    """What is told is told of a part: "the dots on the first are too big"."""
    text = scene.text
    at = reference.span.start
    led = [w for w in text.words(Span(room.start, at - 1)) if w[:1].isalpha()]
    return (
        text.word(at - 1) in _PARTS
        and led[:1] != []
        and led[0] in english.DETERMINERS
        and text.word(reference.span.end) in _BEING
    )


def _bare(scene: Scene, span: Span) -> bool:
    """An idiom, or a sign: no adjective of something else ("nice to the first")."""
    return span.end - span.start > 1 or not scene.text.word(span.start)[:1].isalpha()


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
    if text.word(at - 1) in ("on", "to", "for", "about") and at - 1 > room.start:
        told = idiom(scene, Span(room.start, at - 1)) or by_word(scene, Span(room.start, at - 1))
        if (
            told is not None
            and told[1].end == at - 1
            and told[0] != "open"
            and _bare(scene, told[1])
        ):
            side: Verdict = "accept" if told[0] == "for" else "reject"
            return side, Span(told[1].start, end), None  # "thumbs up on number 2"
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
    if (kept := scene.has(_AT_HOME, Span(end, room.end))) is not None and kept.start - end <= 4:
        return "been_to", Span(at, kept.end), None
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
    if (stored := put_aside(scene, reference)) is not None:
        return "accept", stored, None
    if lead in (("leave", "out"), ("filter", "out")) and reference.kind != "pronoun":
        return "reject", Span(at - 2, reference.span.end), None
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


def denied(scene: Scene, at: int) -> bool:
    """A negation stands before, adverbs skipped: "I'm not really crazy about"."""
    at -= 1
    while scene.text.word(at) in ("really", "so", "too", "that", "very", "all", "exactly", "'m"):
        at -= 1
    return scene.text.word(at) in ("n't", "not", "never", "hardly")


def _wanted(scene: Scene, reference: Reference, before: Span) -> bool:
    """Such as "I want the second one", said of one shown thing without a change to it."""
    text = scene.text
    before = _spoken(scene, before)
    if text.word(reference.span.end) == "all" and reference.plural:
        at = reference.span.start
        return english.WANTING.match(text, before.start, at) == (at - before.start, ["w"])
    chosen = [w for w in text.words(before) if w[0].isalpha()]
    if reference.kind == "ordinal" and "both" in chosen and set(chosen) <= _CALLS | {"both"}:
        return text.word(reference.span.end) in ("please", "then", "")
    if len(reference.things) != 1 or reference.kind in ("pronoun", "rest"):
        return False
    if _called_for(scene, reference, before):
        asked = scene.heard.state.open_question
        return asked is None or asked.kind in ("ensure_fulfillment", "ask_opinion")
    if english.WANTING.match(text, before.start, before.end) != (before.end - before.start, ["w"]):
        return False
    following = text.word(reference.span.end)
    return not following or following in _AFTER_WANTED


_AFTER_WANTED = frozenset(". ! please , then and as too instead for".split())


def _called_for(scene: Scene, reference: Reference, before: Span) -> bool:
    """The thing and a "please", nothing else: "That was easy: the first one, please."."""
    at = reference.span.end + (scene.text.word(reference.span.end) == ",")
    said = [w for w in scene.text.words(before) if w[:1].isalpha()]
    closes = scene.text.word(at) in ("please", "!")
    alone = not scene.text.word(at + 1)[:1].isalnum()
    return (closes or (scene.text.word(at) == "then" and alone)) and set(said) <= _CALLS


_STARTS = frozenset(": - – — ; . !".split())


def _spoken(scene: Scene, before: Span) -> Span:
    """The words before a thing without what was said before them: "That was easy: ", "ok, "."""
    text = scene.text
    start = before.start
    for at in range(before.start, before.end):
        if text.word(at) in _STARTS:
            start = at + 1
    while start < before.end and text.word(start) in _CALLS | {",", "please", "alright", "right"}:
        start += 1
    return Span(start, before.end)


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
    closes = text.word(at) in ("though", "however") and not text.word(at + 1)[:1].isalnum()
    return text.word(at) in _STOPS | {"except"} and not judged and not closes


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

"""Requests to make new pictures: "design me one like that", "the second but in green"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vitrine.agent.understanding import english, phrases, pointing
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table
from vitrine.core.acts import (
    AddFacet,
    AddWish,
    AvoidFacet,
    DesignWish,
    Focus,
    Judge,
    RelaxFacet,
    RemoveFacet,
    SetFacet,
    StateOp,
)
from vitrine.core.refs import ThingRef

_BEFORE_VERB = frozenset(
    "can could please you to and then let 's just now would also us me again 'll so instead , ! "
    ". ; : - maybe or ok okay well then hey alright right actually rather sure yes yeah fine hmm".split()
)
_NOT_MADE = frozenset("sure it that them this sense do up".split())
_MADE = frozenset("made drew designed sketched painted created draw design sketch make".split())
_WORDED = table(
    {
        "create": split_list(
            "new design | new designs | custom design | custom designs | own design | own "
            "designs | original design | "
            "made for me | custom made | one of a kind design | more designs | another design | "
            "something you designed | your own creation | own creation | own creations | "
            "own invention | your invention | "
            "come up with | dream up | bespoke | "
            "make up a | see a drawing of | see a picture of | see a sketch of | "
            "like a drawing of | want a drawing of | "
            "want a picture of | would look like | look like in | look like with | "
            "drawn for me | one drawn | mock up | "
            "can you design | could you design | redraw | redesign | re draw"
        )
    }
)
_SAME = (("the", "same"), ("same", "thing"), ("same", "one"), ("that", "one"))
_CAN_YOU = (("can", "you"), ("could", "you"), ("would", "you"), ("will", "you"))
_MOST = 8
_SHORT_CHANGE = 7


@dataclass(frozen=True, slots=True)
class Made:
    """A request for designs; `edits`: it changes something that exists; `span`: its words."""

    wish: DesignWish
    span: Span
    edits: bool


def find_design(scene: Scene, sentence: Span, references: list[Reference]) -> Made | None:
    """The sentence's request for new pictures, or None."""
    inside = [r for r in references if sentence.covers(r.span.start)]
    verb = order(scene, sentence) or _drawings_of(scene, sentence, inside)
    if verb is None and (more := _more_drawings(scene, sentence)) is not None:
        return more
    if verb is None:
        return _edit(scene, sentence, references)
    base = _base(inside)
    count = _count(scene, verb.end, sentence) or _count(scene, sentence.start, verb)
    scene.spend(verb)
    again = scene.text.word(verb.start) in _AGAIN and scene.drawn
    edits = again or (base is not None and _edit_cue(scene, sentence, inside))
    return Made(DesignWish(base=base, count=count), verb, edits)


def order(scene: Scene, sentence: Span) -> Span | None:
    """Where the sentence orders a drawing in words of its own."""
    text = scene.text
    worded = scene.has(_WORDED, sentence)
    if worded is not None and scene.has(phrases.WHY, sentence) is None:
        shows = scene.has(phrases.REQUESTS, sentence)
        if (
            shows is not None
            or worded.start - sentence.start <= 2
            or text.word(worded.start) in ("can", "could", "look", "would")
        ):
            return worded
    for at in range(sentence.start, sentence.end):
        word, before = text.word(at), text.word(at - 1)
        opens = at == sentence.start or before in _BEFORE_VERB
        supposed = text.words(Span(at - 2, at)) == ("if", "you")
        if supposed and word in _MADE and text.word(at + 1) in phrases.DESIGN_OBJECTS:
            return Span(at, at + 1)  # "what if you made a new one in teal"
        made_up = word in _MAKING_UP and text.word(at + 1) in ("up", "together")
        following = at + 1
        if word in phrases.DESIGN_VERBS or made_up:
            while text.word(following) in _ADVERBS:
                following += 1
        after = text.word(following)
        if not opens or not after:
            continue
        if word in phrases.DESIGN_VERBS or made_up:
            mention = scene.mention_at(following)
            if (
                after in phrases.DESIGN_OBJECTS
                or after in english.DETERMINERS
                or (mention is not None and mention.of("value", "concept"))
                or number_at(text, following) is not None
                or scene.vocabulary.colour_like(after)
            ):
                return Span(at, at + 1)
        if word in phrases.MAKE_VERBS and after not in _NOT_MADE:
            if after in (
                "me",
                "us",
                "a",
                "an",
                "one",
                "some",
                "new",
                "something",
                "another",
                "more",
            ):
                if text.word(at + 2) not in (
                    "look",
                    "feel",
                    "looks",
                    "difference",
                    "sense",
                    "list",
                    "note",
                ):
                    return Span(at, at + 1)
            number = number_at(text, at + 1)
            if number is not None:
                return Span(at, at + 1)
    return None


_AGAIN = frozenset("redraw redo redesign remake recreate restyle re".split())
_OF = frozenset("of for with showing".split())
_PAPER = (
    pointing.DESIGN
    | pointing.DESIGNS
    | frozenset(
        "draft drafts render renders rendering renderings mockup mockups concept concepts "
        "illustration illustrations visual visuals doodle doodles".split()
    )
)
_MAKING_UP = frozenset(
    "whip knock cook rustle mock dream think throw put conjure draw magic".split()
)
_ADVERBS = frozenset("just only please quickly also again maybe up together quick".split())


def _drawings_of(scene: Scene, sentence: Span, inside: list[Reference]) -> Span | None:
    """Such as "two drawings of a summer hat please": drawings of something that is not in sight."""
    text = scene.text
    if scene.asks(sentence) and scene.opening(sentence) not in ("can", "could", "may"):
        return None
    for at in range(sentence.start, sentence.end - 2):
        if text.word(at) not in _PAPER or text.word(at + 1) not in _OF:
            continue
        first = at
        while first > sentence.start and (
            text.word(first - 1) in _DRAWN_LEADS or number_at(text, first - 1) is not None
        ):
            first -= 1
        lead = text.word(first - 1) if first > sentence.start else ""
        counted = not lead[:1].isalpha() or lead in _DRAWING_FOR
        named = text.word(at + 2) in english.DETERMINERS or scene.mention_at(at + 2) is not None
        if counted and named and text.word(at + 2) not in ("the", "these", "those", "your"):
            return Span(at, at + 2)
        if (
            counted
            and any(r.span.start == at + 2 for r in inside)
            and _edit_cue(scene, sentence, inside)
        ):
            return Span(at, at + 2)  # "a picture of number three with long sleeves"
    return None


_DRAWING_FOR = english.TALK | frozenset(
    "want like need see get me us please ok yes and then do".split()
)
_DRAWN_LEADS = frozenset("a some few couple more another quick rough new only just".split())


def _count(scene: Scene, start: int, sentence: Span) -> int | None:
    for at in range(start, min(start + 4, sentence.end)):
        word, following = scene.text.word(at), scene.text.word(at + 1)
        if word in ("like", "with", "in", "for", "under", "of") or scene.used[at]:
            return None
        if word in ("one", "single") and following in _PAPER:
            return 1
        if following in ("me", "us", "my", "you"):
            continue  # "some sneakers 4 me"
        mention = scene.mention_over(at)
        number = None if mention is not None else number_at(scene.text, at)
        if number is not None and number[0].is_integer() and number[0] >= 1:
            return min(int(number[0]), _MOST)
        if scene.text.word(at) in ("couple",):
            return 2
    return None


def _base(inside: list[Reference]) -> ThingRef | None:
    """The thing that the designs should resemble."""
    for reference in inside:
        if len(reference.things) == 1 or (reference.things and reference.kind == "ordinal"):
            return reference.things[0]
    return None


def _edit_cue(scene: Scene, sentence: Span, inside: list[Reference]) -> bool:
    """Something is changed after the thing is named."""
    last = max((r.span.end for r in inside), default=sentence.start)
    rest = Span(last, sentence.end)
    return any(m.of("value", "low", "high", "concept", "facet") for m in scene.within(rest)) or any(
        w in ("but", "except", "without", "more", "less") for w in scene.text.words(rest)
    )


def _edit(scene: Scene, sentence: Span, references: list[Reference]) -> Made | None:
    """A change of a design that was shown: "make it green", "the second but in red"."""
    text = scene.text
    inside = [r for r in references if sentence.covers(r.span.start)]
    changes = _edit_cue(scene, sentence, inside) or _goes_on(scene, sentence)
    asking = text.words(Span(sentence.start, sentence.start + 2)) in _CAN_YOU
    if not changes or (scene.text.is_question(sentence) and not asking):
        return None
    base = _base(inside)
    same = text.words(Span(sentence.start, sentence.start + 2)) in _SAME or (
        text.word(sentence.start) == "same"
    )
    if base is None and same:
        earlier = [r for r in references if r.span.end <= sentence.start and r.things]
        base = _base(earlier[-1:]) or scene.heard.state.focus
    making = next(
        (
            Span(at, at + 2)
            for at in range(sentence.start, sentence.end - 1)
            if text.word(at) in ("make", "turn", "change", "redo", "try")
            and text.word(at + 1) in ("it", "that", "them", "this", "the")
        ),
        None,
    )
    if base is None and making is not None:
        focus = scene.heard.state.focus
        designs = [t for t in scene.last_shown if t.kind == "design"]
        if focus is not None and focus.kind == "design":
            base = focus
        elif len(designs) == 1:
            base = designs[0]
        elif designs and len(designs) == len(scene.last_shown):
            return Made(DesignWish(), making, True)
    if base is None and making is None and not inside and _goes_on(scene, sentence):
        focus = scene.heard.state.focus
        only = scene.last_shown[0] if len(scene.last_shown) == 1 else None
        base = focus if focus is not None and focus.kind == "design" else only
        return Made(DesignWish(base=base), sentence, True)
    if base is None or base.kind != "design":
        return None
    span = making or next((r.span for r in inside if base in r.things), sentence)
    if making is None and not same and not _modifies(scene, sentence, inside):
        return None
    return Made(DesignWish(base=base), span, True)


_COUNTING = frozenset(
    "make it that them those can could i we have see get please do rather no just let 's one of ok okay "
    "yes actually "
    "drawings drawing designs design pictures picture sketches sketch more another of instead then want "
    "'d like would give me draw a couple few again new ones fresh other round go time once".split()
)


def _more_drawings(scene: Scene, sentence: Span) -> Made | None:
    """Beside drawings only, a number says how many: "make it four", "one more drawing please"."""
    text = scene.text
    words = [w for w in text.words(sentence) if w[:1].isalnum()]
    if not scene.last_shown or any(t.kind != "design" for t in scene.last_shown):
        return None
    drawn = bool({"drawing", "drawings", "design", "designs", "sketch", "sketches"} & set(words))
    told = (
        bool({"make", "more", "another", "of", "have", "again", "new"} & set(words))
        or len(words) <= 2
    )
    for at in range(sentence.start, sentence.end):
        found = number_at(text, at)
        one = text.word(at) in ("another", "one") and ("more" in words or drawn)
        count = 1 if one else 2 if text.word(at) == "couple" else None
        if found is not None and found[0].is_integer() and not (one and found[0] == 1):
            count = int(found[0])
        if count is None or not 1 <= count <= _MOST:
            continue
        rest = [w for w in words if w not in _COUNTING and not w.isdecimal()]
        rest = [w for w in rest if w not in english.UNITS]
        if rest or not (told or drawn) or words[0] in ("number", "no", "option"):
            return None
        scene.spend(sentence)
        return Made(DesignWish(count=count), sentence, False)
    return None


def drawn_on(scene: Scene, ops: Sequence[StateOp]) -> Made | None:
    """A short change of what can be seen, beside drawings only: "hmm lose the flowers, stripes".

    The whole message names nothing else, and asks for nothing of the shop.
    """
    whole = Span(0, len(scene.text))
    changes = [op for op in ops if isinstance(op, _CHANGES)]
    if not scene.drawn or not changes or len(scene.text) > _SHORT_MESSAGE:
        return None
    if any(not isinstance(op, (*_CHANGES, Judge, Focus, AddWish)) for op in ops):
        return None
    if any(isinstance(op, Judge) and op.verdict == "accept" for op in ops):
        return None
    facets = [scene.vocabulary.pack.facet(op.facet) for op in changes]
    if not all(f is not None and f.visible and f.role == "attribute" for f in facets):
        return None
    if (
        scene.has(phrases.REQUESTS, whole) is not None
        or scene.has(english.COUNT, whole) is not None
    ):
        return None
    focus = scene.heard.state.focus
    only = scene.last_shown[0] if len(scene.last_shown) == 1 else None
    base = focus if focus is not None and focus.kind == "design" else only
    return Made(DesignWish(base=base), whole, True)


_CHANGES = (SetFacet, AddFacet, AvoidFacet, RemoveFacet, RelaxFacet)
_SHORT_MESSAGE = 14


def _goes_on(scene: Scene, sentence: Span) -> bool:
    """A short change beside drawings only: "and without the flowers", "in blue, please"."""
    text = scene.text
    if not scene.last_shown or any(t.kind != "design" for t in scene.last_shown):
        return False
    at = sentence.start
    while text.word(at) in ("and", "now", "but", "maybe", "rather", "ok", "then", "or", ","):
        at += 1
    if sentence.end - at > _SHORT_CHANGE or scene.asks(sentence):
        return False
    return text.word(at) in ("with", "without", "in", "less", "more", "as") or _visible(
        scene, at, sentence
    )


def _visible(scene: Scene, at: int, sentence: Span) -> bool:
    """The words name nothing but what a drawing can show: "plain, please", "bigger dots"."""
    named = [m for m in scene.within(Span(at, sentence.end)) if not scene.spent(m.span)]
    facets = [scene.vocabulary.pack.facet(v.facet) for m in named for v in m.of("value")]
    opens = scene.mention_at(at) is not None
    shows = bool(facets) and all(
        f is not None and f.visible and f.role == "attribute" for f in facets
    )
    return opens and shows and scene.has(phrases.REQUESTS, sentence) is None


def _modifies(scene: Scene, sentence: Span, inside: list[Reference]) -> bool:
    """Such as "the second design, but in red" or "like design 2 with dots"."""
    last = max((r.span.end for r in inside), default=sentence.start)
    return scene.text.word(last) in ("but", ",", "in", "with", "without", "except", "only")

"""Which intents (Lyu et al. 2021, and this product's own) a message has. Often several at once."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding import english, phrases, pointing
from vitrine.agent.understanding.idioms import ADJECTIVES
from vitrine.agent.understanding.judging import is_pattern
from vitrine.agent.understanding.opening import at_opening
from vitrine.agent.understanding.opinions import idiom
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.replies import Verdict
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.vocabulary import Mention
from vitrine.core.acts import (
    AddContext,
    AddFacet,
    AddWish,
    AvoidFacet,
    Forget,
    Intent,
    Judge,
    Question,
    RelaxFacet,
    Remember,
    RemoveFacet,
    Reset,
    SetFacet,
    SetRange,
    StateOp,
    Undo,
)

_PREFERENCES = (SetFacet, AddFacet, AvoidFacet, SetRange, AddWish, RelaxFacet, RemoveFacet)
_VERDICTS: dict[str, Intent] = {"accept": "accept", "reject": "reject", "been_to": "been_to"}
_SHORT = 6


def find_intents(
    scene: Scene,
    ops: Sequence[StateOp],
    questions: Sequence[Question],
    references: Sequence[Reference],
    *,
    creates: bool,
    edits: bool,
    relative: bool,
    helps: bool,
    verdicts: set[Verdict],
    answers: bool,
) -> tuple[Intent, ...]:
    """The intents, in a fixed order. `others` only where nothing else was found."""
    found: dict[Intent, None] = {}
    whole = Span(0, len(scene.text))
    prefers = any(isinstance(op, _PREFERENCES) for op in ops)
    context = any(isinstance(op, AddContext) for op in ops)
    had = _believes(scene)
    requests = scene.has(phrases.REQUESTS, whole) is not None
    reset = any(isinstance(op, Reset) for op in ops)
    wants = any(isinstance(op, (SetFacet, AddFacet, SetRange, AddWish)) for op in ops)
    profile = any(isinstance(op, (Remember, Forget)) for op in ops)
    lasting = any(
        isinstance(op, Forget) or (isinstance(op, Remember) and op.section != "For now")
        for op in ops
    )
    if (
        (not had or reset)
        and not creates
        and (not lasting or _names_goods(scene, ops))
        and (
            wants
            or context
            or (requests and not questions and not scene.shown)
            or _of_goods(scene, ops)
        )
    ):
        found["initial_query"] = None
    if prefers:
        found["provide_preference"] = None
        if had and not reset:
            found["refine_preference"] = None
    if context or _situations(scene, ops) or _activity(ops, scene) or (prefers and _wearer(scene)):
        found["provide_context"] = None
    if answers:
        found["answer"] = None
    for op in ops:
        if isinstance(op, Judge):
            found[_VERDICTS[op.verdict]] = None
    for verdict in sorted(verdicts):
        found[_VERDICTS[verdict]] = None
    if any(q.kind == "compare" and len(q.things) > 1 for q in questions):
        found["critique_compare"] = None
    if any(q.kind not in ("why", "profile") for q in questions) or _asks_for(scene):
        found["inquire"] = None
    _critiques(scene, ops, references, found, relative=relative)
    if _continues(scene, whole) and not creates:
        found["continue"] = None
    if creates:
        found["create"] = None
    if edits:
        found["edit_design"] = None
    if profile:
        found["profile_edit"] = None
    if any(q.kind == "profile" for q in questions):
        found["profile_show"] = None
    forgets = any(isinstance(op, Forget) for op in ops)
    if any(isinstance(op, Undo) for op in ops) or (forgets and scene.has(phrases.UNDO, whole)):
        found["undo"] = None
    if reset:
        found["reset"] = None
    if any(q.kind == "why" for q in questions):
        found["why"] = None
    if helps:
        found["help"] = None
    _small_talk(scene, whole, found)
    return tuple(found) or ("others",)


def _of_goods(scene: Scene, ops: Sequence[StateOp]) -> bool:
    """Only what is unwanted is told of what is sought: "a card that is not red"."""
    goods = {scene.vocabulary.pack.noun, scene.vocabulary.pack.nouns, "something", "anything"}
    return (
        not scene.shown
        and any(isinstance(op, AvoidFacet) for op in ops)
        and bool(goods & {t.word for t in scene.text.tokens})
    )


def _wearer(scene: Scene) -> bool:
    """What is wanted is told of somebody else: "she takes a 37", "lilac is her favourite"."""
    return bool(_OTHERS & {token.word for token in scene.text.tokens})


_OTHERS = frozenset("he she her him his hers".split())


def _activity(ops: Sequence[StateOp], scene: Scene) -> bool:
    """What it is to be used for, in words of its own: "for walking the dog"."""
    for op in ops:
        if isinstance(op, AddWish) and op.text.split()[0].endswith("ing") and op.polarity == "want":
            at = scene.text.raw.find(op.evidence.text)
            if scene.text.raw[:at].lower().split()[-1:] == ["for"]:
                return True
    return False


def _asks_for(scene: Scene) -> bool:
    """A sentence asks whether there is something: "and do you have something close to it"."""
    for sentence in scene.text.sentences:
        at = at_opening(scene, sentence)
        stocked = english.COUNT.match(scene.text, at, sentence.end)
        if stocked is not None and not scene.spent(Span(at, at + stocked[0])):
            return True
        if any(
            scene.text.word(i) in ("do", "does", "are", "is")
            and scene.text.word(i - 1) in ("", "but", ",", ".")
            and (kind := scene.mention_at(i + 1)) is not None
            and scene.is_head(kind)
            for i in range(sentence.start, sentence.end)
        ):
            return True  # "sorry, but do leggings come in big sizes"
        named = any(m.of("value") for m in scene.within(sentence))
        lone = scene.opening(sentence) not in english.ASK_STARTS and not scene.shown
        if named and lone and scene.text.is_question(sentence):
            return True  # "anything in velvet?"
    return False


def _names_goods(scene: Scene, ops: Sequence[StateOp]) -> bool:
    """A kind of thing is asked for beside what is to be kept for good."""
    head = scene.vocabulary.pack.head.name
    kept = " ".join(op.evidence.text for op in ops if isinstance(op, (Remember, Forget)))
    return any(
        isinstance(op, (SetFacet, AddFacet)) and op.facet == head and op.evidence.text not in kept
        for op in ops
    )


def _believes(scene: Scene) -> bool:
    """Something was asked for, rules aside that were only given for good."""
    state = scene.heard.state
    rules = [
        (line.turn, line.text.casefold())
        for line in scene.heard.profile.sentences
        if line.thread == state.thread
    ]
    return any(
        not any(
            turn == said.evidence.turn and said.evidence.text.casefold() in rule
            for turn, rule in rules
        )
        for said in (*state.beliefs.facets, *state.beliefs.ranges, *state.beliefs.wishes)
    )


def _situations(scene: Scene, ops: Sequence[StateOp]) -> bool:
    """A facet that is said with "for ..." tells the situation as well as a preference."""
    for op in ops:
        if not (isinstance(op, (SetFacet, AddFacet)) and op.evidence.text):
            continue
        facet = scene.vocabulary.pack.facet(op.facet)
        if facet is None or facet.role != "attribute" or facet.visible or not facet.asks:
            continue
        at = scene.text.raw.find(op.evidence.text)
        before = scene.text.raw[max(0, at - 24) : at].lower().split()
        if {"for", "going"} & set(before[-6:]) or before[-2:] == ["to", "a"]:
            return True
        mention = next(
            (
                m
                for m in scene.mentions
                if scene.text.tokens[m.span.end - 1].end == at + len(op.evidence.text)
            ),
            None,
        )
        if mention is not None and _event(scene, mention):
            return True
    return False


_EVENT_LEADS = frozenset(
    "a an the my our her his their this next to of at in into during doing do go going attend attending have "
    "having 's is it's got suit suits host hosting planning some".split()
)


def _event(scene: Scene, mention: Mention) -> bool:
    """The words name what happens ("a week of hiking"), they do not describe a thing ("hiking boots")."""
    word = scene.text.word(mention.span.end - 1)
    if word in ADJECTIVES or mention.of("concept"):
        return False
    following = scene.text.word(mention.span.end)
    if scene.mention_at(mention.span.end) is not None or following in english.GENERIC_NOUNS:
        return False
    at = mention.span.start - 1
    while scene.text.word(at) in _EVENT_WORDS or (
        (before := scene.mention_over(at)) is not None
        and before.of("value")
        and not scene.is_head(before)
    ):
        at -= 1
    lead = scene.text.word(at)
    return lead in _EVENT_LEADS or word.endswith("ing") or not lead[:1].isalnum()


_EVENT_WORDS = frozenset(
    "big small friend's best garden summer birthday work fancy long little".split()
)


def _critiques(
    scene: Scene,
    ops: Sequence[StateOp],
    references: Sequence[Reference],
    found: dict[Intent, None],
    *,
    relative: bool,
) -> None:
    """Changes to what was shown: other values, more conditions, or "like that, but"."""
    if not scene.shown:
        return
    state = scene.heard.state
    wanted = {b.facet for b in state.beliefs.facets if b.polarity == "want"}
    wanted |= {r.facet for r in state.beliefs.ranges}
    spoken = wanted | {b.facet for b in state.beliefs.facets}
    head = scene.vocabulary.pack.head.name
    whole = Span(0, len(scene.text))
    like = any(r.things and is_pattern(scene, r) for r in references)
    changes = [
        op for op in ops if isinstance(op, (SetFacet, AddFacet, SetRange, AddWish, AvoidFacet))
    ]
    if (
        like
        or (relative and references)
        or (changes and any(r.things for r in references) and scene.has(phrases.EDIT_CUES, whole))
    ):
        found["critique_compare"] = None
    if any(_blames_all(scene, at) for at in range(2, len(scene.text) - 1)):
        found["critique_feature"] = None
    for op in changes:
        if (
            isinstance(op, (SetFacet, AddFacet))
            and op.facet == head
            and (head in wanted or not wanted)
        ):
            continue
        old = isinstance(op, AvoidFacet) or (isinstance(op, AddWish) and op.polarity == "avoid")
        old = old or (not isinstance(op, AddWish) and op.facet in wanted)
        too = isinstance(op, SetRange) and _too_much(scene)
        words = op.evidence.text.lower().split()
        blames = "too" in words and not {"not", "nothing", "never"} & set(words)
        if old or relative or too or blames:
            found["critique_feature"] = None
            if isinstance(op, AvoidFacet) and op.facet not in spoken and not blames:
                found["critique_add"] = None  # "and no leather": a condition of its own
        else:
            found["critique_add"] = None


_SHOWN = frozenset("these those they them".split())


def _blames_all(scene: Scene, at: int) -> bool:
    """Such as "they're all so colourful", said of what is shown."""
    text, back = scene.text, at - 1
    if text.word(at) not in ("so", "too") or not text.word(at + 1)[:1].isalpha():
        return False
    back -= text.word(back) in ("all", "way", "just", "both")
    copula = text.word(back) in ("are", "'re", "look", "seem", "feel")
    return copula and text.word(back - 1) in _SHOWN and text.word(at + 1) not in _ADMIRED


_ADMIRED = frozenset(
    "nice lovely pretty beautiful cute good great cool gorgeous sweet many much".split()
)


def _too_much(scene: Scene) -> bool:
    """A number is complained about beside the bound that is given: "Too much. 80 at most"."""
    words = [t.word for t in scene.text.tokens]
    return any(one == "too" and two.isalpha() for one, two in zip(words, words[1:], strict=False))


def _continues(scene: Scene, whole: Span) -> bool:
    found = scene.has(phrases.MORE, whole)
    if found is not None and _declined(scene, found):
        return False
    if found is not None and scene.text.words(found) == ("next",):
        following = scene.text.word(found.end)
        found = None if following[:1].isalpha() and following not in _PLEAS else found
    if found is None and _further(scene):
        found = whole
    words = tuple(w for w in scene.text.words(whole) if w[:1].isalnum() and w not in _PLEAS)
    bare = words in (("more",), ("those",), ("them",)) or (
        not words and "show" in scene.text.words(whole)
    )
    return (found is not None or bare) and bool(scene.shown)


def _declined(scene: Scene, found: Span) -> bool:
    """Such as "no need to show me more", "don't show me any others"."""
    before = scene.text.words(Span(max(0, found.start - 5), found.start))
    after = scene.text.word(found.end)
    return after != "?" and (
        before[-1:] in (("n't",), ("not",))
        or any(pair in _UNWANTED for pair in zip(before, before[1:], strict=False))
    )


_UNWANTED = frozenset(
    {
        ("no", "need"),
        ("n't", "need"),
        ("n't", "want"),
        ("not", "need"),
        ("not", "want"),
        ("no", "reason"),
    }
)
_FURTHER = frozenset("more other another further different additional new".split())
_SORTS = frozenset(
    "examples suggestions ones options choices models picks results ideas kinds products".split()
)


def _further(scene: Scene) -> bool:
    """Such as "a few more examples", "other suggestions?", "another four"."""
    for at in range(len(scene.text)):
        if scene.text.word(at) not in _FURTHER:
            continue
        following = scene.text.word(at + 1)
        counted = scene.text.word(at) == "another" and following in pointing.COUNTS
        if following in _SORTS or counted:
            return True
    return False


_PLEAS = frozenset("please ok okay and some show me let see go ahead then now 's us".split())


def _small_talk(scene: Scene, whole: Span, found: dict[Intent, None]) -> None:
    """Thanks, hesitation and greetings, read only from messages that are little else."""
    short = len(scene.text) <= _SHORT
    undecided = scene.has(phrases.NEUTRAL, Span(1, whole.end)) if len(scene.text) > 1 else None
    if short and not found and undecided is None and scene.text.word(0) in phrases.YES:
        found["acknowledgement"] = None
        return
    neutral = scene.has(phrases.NEUTRAL, whole)
    if neutral is None and (told := idiom(scene, whole)) is not None and told[0] == "open":
        neutral = told[1]
    if neutral is not None and not (set(found) - {"answer", "accept"}):
        found["neutral_response"] = None
        rest = Span(neutral.end, whole.end)
        if short and scene.has(phrases.ACKNOWLEDGE, rest) is not None:
            found["acknowledgement"] = None  # "hmm, got it"
        return
    opening = phrases.ACKNOWLEDGE.match(scene.text, 0)
    greeting = phrases.GREETINGS.match(scene.text, 0)
    if opening is not None and greeting is not None and greeting[0] > opening[0]:
        opening = None  # "good morning"
    if (opening is not None and scene.mention_at(0) is None) or (
        opening is not None
        and (opening[0] == len(scene.text) or scene.text.word(opening[0]) in (",", "!", "."))
    ):
        if not ({"answer"} & set(found)) or not short:
            found["acknowledgement"] = None
    elif scene.text.word(0) in ("are", "is", "do"):
        return  # "are you sure?"
    elif greeting is None and scene.has(phrases.ACKNOWLEDGE, whole) and short and not found:
        found["acknowledgement"] = None

"""The built-in understanding: reads a message with the shop's vocabulary and English grammar alone.

The life of one message:

1. cut it into tokens and sentences (`text`);
2. find the shop's words (`vocabulary`) and what points at shown things (`references`);
3. sentence by sentence: reset and undo, profile edits, questions (`asks`), requests for designs
   (`designs`), verdicts (`verdicts`), numbers (`amounts`), facets and wishes with their polarity
   and strength (`facets`, `scope`), the situation (`wishes`);
4. name the intents (`intents`), or say why the message is declined (`outside`).

Nothing here knows any shop: all product words come from the domain pack and the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vitrine.agent.understanding import english, outside, phrases, verdicts
from vitrine.agent.understanding.alternatives import apart
from vitrine.agent.understanding.amounts import AmountReader
from vitrine.agent.understanding.asks import ask
from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.designs import find_design
from vitrine.agent.understanding.facets import FacetReader
from vitrine.agent.understanding.intents import find_intents
from vitrine.agent.understanding.listed import listed_wish
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.profiling import find_edit, lifted
from vitrine.agent.understanding.references import ReferenceReader
from vitrine.agent.understanding.scene import Scene, trimmed
from vitrine.agent.understanding.situation import find_context
from vitrine.agent.understanding.text import Span, Text, read
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.core.acts import (
    AddContext,
    AddWish,
    DesignWish,
    Forget,
    Question,
    Remember,
    Reset,
    SetFacet,
    StateOp,
    Understanding,
    Undo,
)
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ThingRef


@dataclass
class _Draft:
    """What the sentences read so far mean."""

    ops: list[StateOp] = field(default_factory=lambda: [])
    questions: list[Question] = field(default_factory=lambda: [])
    unresolved: list[str] = field(default_factory=lambda: [])
    design: DesignWish | None = None
    edits: bool = False
    relative: bool = False
    helps: bool = False
    verdicts: set[verdicts.Verdict] = field(default_factory=lambda: set())

    def silent(self) -> bool:
        """Nothing was understood so far."""
        heard = self.ops or self.questions or self.unresolved or self.verdicts
        return not (heard or self.design or self.edits or self.relative or self.helps)


class BuiltinUnderstanding:
    """Implements `Understander` without any model. The vocabulary is built once per catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.vocabulary = Vocabulary(catalogue)

    async def __call__(self, heard: Heard) -> Understanding:
        return self.understand(heard)

    def understand(self, heard: Heard) -> Understanding:
        """What the message means. Never raises for what a user may type."""
        text = self.vocabulary.apart(read(trimmed(heard.message.text)))
        scene = Scene(text, heard, self.vocabulary, self.vocabulary.mentions(text))
        picked = verdicts.picks(scene)
        declined = outside.declined(scene)
        if declined is not None and not picked:
            return Understanding(intents=("others",), out_of_scope=declined)
        references = ReferenceReader(scene).read()
        for reference in references:
            scene.spend(reference.span)
        draft = _Draft(ops=list(picked))
        amounts = AmountReader(scene, references)
        facets = FacetReader(scene, references)
        for sentence in _with_replies(text):
            for part in _questions_apart(scene, sentence):
                _read_part(scene, part, references, amounts, facets, draft)
        _answer_open_question(scene, draft)
        thanked = phrases.ACKNOWLEDGE.match(text, 0)
        if draft.silent() and not references and thanked is None:
            wish = listed_wish(scene)
            draft.ops += [wish] if wish is not None else []
        focus = verdicts.focus(scene, references, draft.ops)
        if focus is not None:
            draft.ops.append(focus)
        intents = find_intents(
            scene,
            draft.ops,
            draft.questions,
            references,
            creates=draft.design is not None,
            edits=draft.edits,
            relative=draft.relative,
            helps=draft.helps,
            verdicts=draft.verdicts,
            answers=_answers(scene, draft),
        )
        return Understanding(
            intents=intents,
            ops=_once(draft.ops),
            references=_things(references),
            unresolved=tuple(dict.fromkeys(u for u in draft.unresolved if u)),
            questions=tuple(draft.questions),
            design=draft.design,
        )


def _once(ops: list[StateOp]) -> tuple[StateOp, ...]:
    """Operations without repeats: saying a thing twice does nothing twice. First words stand."""
    seen: set[str] = set()
    kept: list[StateOp] = []
    for op in ops:
        key = op.model_dump_json(exclude={"evidence"})
        if key not in seen:
            seen.add(key)
            kept.append(op)
    return tuple(kept)


def _things(references: list[Reference]) -> tuple[ThingRef, ...]:
    return tuple(dict.fromkeys(t for r in references for t in r.things))


def _questions_apart(scene: Scene, sentence: Span) -> list[Span]:
    """Cut "I like the second one, how much is it and is it cotton?" into what is said and asked."""
    marked = scene.text.is_question(sentence)
    cuts = [sentence.start]
    for at in range(sentence.start + 1, sentence.end - 2):
        word, following = scene.text.word(at), scene.text.word(at + 1)
        if scene.text.word(cuts[-1]) in ("of", "out", "from", "among"):
            continue  # "of these, which is the warmest?"
        if not marked and not (word in (",", "but") and following in _ASKING and scene.shown):
            continue  # "the 2nd is nice, what's it made from"
        if word in (",", "and", "but", "or") and following in english.ASK_STARTS:
            if following in ("have", "has", "had", "which", "who", "when", "where") and word != ",":
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


_ASKING = frozenset("what how which where who when is does do are".split())


def _with_replies(text: Text) -> list[Span]:
    """The sentences; a bare "Stripes?" and the "No thanks." after it are read as one."""
    found: list[Span] = []
    for sentence in text.sentences:
        last = found[-1] if found else None
        if (
            last is not None
            and last.end - last.start <= 5
            and text.word(last.end - 1) == "?"
            and text.word(last.start) not in english.ASK_STARTS
            and text.word(sentence.start) in phrases.NO | phrases.YES
            and sentence.end - sentence.start <= 6
        ):
            found[-1] = Span(last.start, sentence.end)
        else:
            found.append(sentence)
    return found


def _read_part(
    scene: Scene,
    part: Span,
    references: list[Reference],
    amounts: AmountReader,
    facets: FacetReader,
    draft: _Draft,
) -> None:
    """Read one sentence, or one of the questions it holds."""
    _commands(scene, part, draft)
    if draft.ops and isinstance(draft.ops[-1], Undo) and scene.spent(part):
        return
    edit = find_edit(scene, part)
    rule = edit is not None
    if edit is not None:
        draft.ops.append(edit.op)
        if isinstance(edit.op, Forget):
            draft.ops += lifted(scene, part)
        if not edit.applies:
            scene.spend(part)
            return
    asked = ask(scene, part, references)
    draft.questions += apart(scene, part, asked.questions)
    if asked.unresolved is not None:
        draft.unresolved.append(asked.unresolved)
    if asked.about_things:
        draft.unresolved += [
            scene.text.said(r.span, 200)
            for r in references
            if part.covers(r.span.start) and r.unresolved and r.kind != "pronoun"
        ]
        scene.spend(part)
        return
    made = find_design(scene, part, references)
    if made is not None:
        draft.design = made.wish
        draft.edits = draft.edits or made.edits
        draft.unresolved += [
            scene.text.said(r.span, 200)
            for r in references
            if part.covers(r.span.start) and r.unresolved and r.kind == "ordinal"
        ]
    elif not asked.questions:
        judged, unresolved, meant = verdicts.judge(scene, part, references)
        draft.ops += judged
        draft.verdicts |= meant
        draft.unresolved += unresolved
    found = amounts.read(part)
    draft.relative = draft.relative or any(a.relative for a in found)
    ops = facets.read(part, found, rule=rule)
    draft.ops += ops
    _name_counted(asked.questions, ops, draft)
    for amount in found:
        scene.spend(amount.span)
    draft.ops += find_context(scene, part)


def _name_counted(asked: tuple[Question, ...], ops: list[StateOp], draft: _Draft) -> None:
    """Such as "Do you have swimsuits?" counts what the operations of the same sentence name."""
    if not asked or asked[-1].kind != "count" or asked[-1].facet is not None:
        return
    named = next((op for op in ops if isinstance(op, SetFacet)), None)
    if named is not None:
        draft.questions[-1] = asked[-1].model_copy(
            update={"facet": named.facet, "value": named.value}
        )


def _commands(scene: Scene, part: Span, draft: _Draft) -> None:
    """Start over, undo and help."""
    reset = scene.has(phrases.RESET, part)
    if reset is not None and scene.text.words(reset) == ("from", "scratch"):
        reset = (
            None if scene.has(phrases.UNDO, part) is None and part.end - part.start > 4 else reset
        )
    if reset is not None and scene.text.word(reset.end) in ("about", "on", "regarding"):
        reset = None  # "forget what I said about the material"
    forget = scene.has(phrases.FORGET, part)
    if reset is not None and forget is not None and forget.end > reset.end:
        reset = None  # "forget everything you know about me" speaks of the profile
    if reset is not None:
        draft.ops.append(Reset(evidence=scene.evidence(reset)))
        scene.spend(reset)
        return
    undo = scene.has(phrases.UNDO, part)
    words = [w for w in scene.text.words(part) if w[:1].isalpha()]
    if words in (["cancel"], ["cancel", "please"]):
        undo = part
    if undo is not None:
        certain = scene.text.word(undo.start) in ("undo", "revert")
        values = any(m.of("value", "unit") for m in scene.within(part))
        if certain or not values:
            draft.ops.append(Undo(evidence=scene.evidence(undo)))
            scene.spend(part)
            return
    helps = scene.has(phrases.HELP, part)
    if {"about", "me"} <= set(scene.text.words(part)):
        helps = None  # "what are you assuming about me"
    if helps is not None and (helps.end - helps.start > 1 or part.end - part.start <= 3):
        draft.helps = True
        scene.spend(helps)


def _answer_open_question(scene: Scene, draft: _Draft) -> None:
    """A bare answer to what was asked last: a size, or "yes" to the only suggestion."""
    question = scene.heard.state.open_question
    if question is None or question.facet is None or draft.ops or draft.questions:
        return
    said = scene.text.raw.strip(" .!\n").casefold()
    values = scene.vocabulary.values.get(question.facet, {})
    value = next((v for v in values if v.casefold() == said), None)
    if value is None and question.suggestions and not scene.last_shown:
        place = _suggestion(scene, len(question.suggestions))
        if place is not None:
            said = question.suggestions[place].casefold()
            value = next((v for v in values if v.casefold() == said), None)
    if value is None and said in phrases.YES and len(question.suggestions) == 1:
        value = next(
            (v for v in values if v.casefold() == question.suggestions[0].casefold()), None
        )
    lacking = value is None and _names_something(scene, question.facet)
    colour = scene.vocabulary.colour_facet
    if lacking and question.facet == colour and not scene.vocabulary.colour_like(said):
        wish = AddWish(text=said[:200], evidence=scene.evidence(Span(0, len(scene.text))))
        draft.ops.append(wish)
        return
    if lacking:
        value = said
    if value is not None:
        evidence = scene.evidence(Span(0, len(scene.text)))
        draft.ops.append(
            SetFacet(facet=question.facet, value=value, known=not lacking, evidence=evidence)
        )


def _suggestion(scene: Scene, count: int) -> int | None:
    """Which of the suggested answers "the first" names, counted from 0."""
    words = tuple(w for w in scene.text.words(Span(0, len(scene.text))) if w[0].isalnum())
    words = tuple(w for w in words if w not in ("the", "one", "please", "option", "number", "i"))
    if len(words) != 1:
        return None
    place = english.ORDINALS.get(words[0]) or english.UNITS.get(words[0])
    if words[0].isascii() and words[0].isdecimal() and len(words[0]) < 3:
        place = int(words[0])
    if words[0] in ("last", "latter"):
        place = count
    return place - 1 if place is not None and 0 < place <= count else None


def _names_something(scene: Scene, name: str) -> bool:
    """A single word that everyday English does not explain answers with a value the shop lacks."""
    facet = scene.vocabulary.pack.facet(name)
    words = [t.word for t in scene.text.tokens if t.is_word]
    return (
        facet is not None
        and facet.kind == "categorical"
        and len(words) == 1
        and len(words[0]) >= 4
        and not scene.vocabulary.is_ordinary(words[0])
        and words[0] not in phrases.YES | phrases.NO
    )


_INDIFFERENT = frozenset(
    "either any anything whichever whatever skip pass both depends not really no preference i do n't "
    "care mind you have is 's fine ok goes it all of them that this one please up to honestly choose "
    "decide opinion idea".split()
)
"""Words of an answer that leaves the choice open."""


def _answers(scene: Scene, draft: _Draft) -> bool:
    """The message answers the open question."""
    question = scene.heard.state.open_question
    if question is None or not scene.text.tokens:
        return False
    if any(isinstance(op, (Undo, Reset, Remember, Forget)) for op in draft.ops) or draft.helps:
        return False
    if question.facet is not None and any(
        getattr(op, "facet", None) == question.facet for op in draft.ops
    ):
        return True
    whole = Span(0, len(scene.text))
    said = scene.text.raw.strip(" .!\n").casefold()
    if said in {s.casefold() for s in question.suggestions}:
        return True
    first = scene.text.word(0)
    said_words = {t.word for t in scene.text.tokens if t.is_word}
    if question.facet is not None and said_words and said_words <= _INDIFFERENT:
        return not draft.ops
    short = len(scene.text) <= 5
    if question.facet is not None and len(scene.text) <= 4 and not draft.questions:
        if any(isinstance(op, (AddWish, AddContext)) for op in draft.ops):
            return True
    if "thanks" in said_words and not draft.ops:
        return False  # "ok then, thanks anyway"
    if first in phrases.YES | phrases.NO and short:
        return True
    if scene.has(phrases.NEUTRAL, whole) is not None or (
        scene.has(english.CUES, whole) and "matter" in said
    ):
        return short or question.facet is not None
    return question.facet is None and bool(draft.ops) and not draft.questions

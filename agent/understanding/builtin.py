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

from vitrine.agent.understanding import outside, phrases, verdicts
from vitrine.agent.understanding.alternatives import apart
from vitrine.agent.understanding.amounts import AmountReader
from vitrine.agent.understanding.answering import answers, bare_answer
from vitrine.agent.understanding.asks import ask
from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.clauses import pieces
from vitrine.agent.understanding.designs import drawn_on, find_design
from vitrine.agent.understanding.dials import turned_dials
from vitrine.agent.understanding.facets import FacetReader
from vitrine.agent.understanding.intents import find_intents
from vitrine.agent.understanding.limited import limited
from vitrine.agent.understanding.listed import listed_wish
from vitrine.agent.understanding.operations import Operations
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.profiling import find_edit, lifted
from vitrine.agent.understanding.proposed import adopted
from vitrine.agent.understanding.recalled import told_of_the_past
from vitrine.agent.understanding.references import ReferenceReader
from vitrine.agent.understanding.released import bound_lifted
from vitrine.agent.understanding.replies import Verdict
from vitrine.agent.understanding.scene import Scene, trimmed
from vitrine.agent.understanding.situation import find_context
from vitrine.agent.understanding.text import PhraseTable, Span, read
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.core.acts import (
    AddFacet,
    AvoidFacet,
    DesignWish,
    Forget,
    Judge,
    Question,
    Reset,
    SetFacet,
    StateOp,
    TurnDial,
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
    verdicts: set[Verdict] = field(default_factory=lambda: set())

    def verdict(self) -> Verdict | None:
        """The verdict that was given last in the message."""
        return next((op.verdict for op in reversed(self.ops) if isinstance(op, Judge)), None)

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
        for part in pieces(scene, references):
            draft.ops += turned_dials(scene, part)
            _read_part(scene, part, references, amounts, facets, draft)
        if not draft.ops and not draft.questions and (said := bare_answer(scene)) is not None:
            draft.ops.append(said)
        if draft.design is None and not draft.questions and (on := drawn_on(scene, draft.ops)):
            draft.design, draft.edits = on.wish, on.edits
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
            edits=draft.edits or any(isinstance(op, TurnDial) for op in draft.ops),
            relative=draft.relative,
            helps=draft.helps,
            verdicts=draft.verdicts,
            answers=answers(scene, draft.ops, draft.questions, helps=draft.helps),
        )
        return Understanding(
            intents=intents,
            ops=_once(_of_shown(scene, _settled(draft.ops, facets.operations))),
            references=_things(references),
            unresolved=tuple(dict.fromkeys(u for u in draft.unresolved if u)),
            questions=tuple(draft.questions),
            design=draft.design,
        )


def _settled(ops: list[StateOp], read: Operations) -> list[StateOp]:
    """What the end of the message makes of its beginning.

    What was said to come beside the others does not take their place; what was decided at last is
    all that is left of the values named before it.
    """
    kept: list[StateOp] = []
    last = {(op.facet, op.value): i for i, op in enumerate(ops) if isinstance(op, AvoidFacet)}
    for place, op in enumerate(ops):
        if isinstance(op, (SetFacet, AddFacet)) and last.get((op.facet, op.value), -1) > place:
            continue  # "the others wear teal, so not teal"
        if isinstance(op, SetFacet) and (op.facet, op.value) in read.beside:
            op = AddFacet.model_validate(op.model_dump(exclude={"op"}))
        decided = read.decided.get(op.facet) if isinstance(op, (SetFacet, AddFacet)) else None
        if isinstance(op, (SetFacet, AddFacet)) and decided and op.value not in decided:
            continue
        kept.append(op)
    return kept


def _of_shown(scene: Scene, ops: list[StateOp]) -> list[StateOp]:
    """Operations without verdicts on what was never shown: a title may name any thing of the shop."""
    shown = {thing for page in scene.shown for thing in page.things}
    kept: list[StateOp] = []
    for op in ops:
        if not isinstance(op, Judge):
            kept.append(op)
        elif things := tuple(thing for thing in op.things if thing in shown):
            kept.append(op.model_copy(update={"things": things}))
    return kept


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
    undone = bool(draft.ops) and isinstance(draft.ops[-1], (Undo, Forget))
    if undone and all(scene.used[part.start : part.end]):
        return
    edit = find_edit(scene, part)
    rule = edit is not None
    if edit is not None:
        draft.ops.append(edit.op)
        if isinstance(edit.op, Forget):
            draft.ops += lifted(scene, part)
        if edit.span is not None:
            rule = False
            scene.spend(edit.span)
        if not edit.applies:
            scene.spend(part)
            return
    asked = ask(scene, part, references)
    told = limited(asked.questions, amounts.read(part)) if asked.about_things else asked.questions
    draft.questions += apart(scene, part, told)
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
        judged, unresolved, meant = verdicts.judge(scene, part, references, draft.verdict())
        draft.ops += judged
        draft.verdicts |= meant
        draft.unresolved += unresolved
    draft.ops += adopted(scene, part)
    draft.ops += bound_lifted(scene, part)
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


def _spend_all(scene: Scene, part: Span, cues: PhraseTable[str]) -> None:
    """Spend every phrase of the table in the part."""
    at = part.start
    while at < part.end:
        match = cues.match(scene.text, at, part.end)
        if match is not None:
            scene.spend(Span(at, at + match[0]))
        at += match[0] if match is not None else 1


def _points_back(scene: Scene, undo: Span) -> bool:
    """Such as "go back to number 2", "go back to the red one": a thing, no change, is meant."""
    return any(scene.used[at] for at in range(undo.end + 1, min(undo.end + 4, len(scene.text))))


def _taken_back(scene: Scene, undo: Span) -> list[StateOp]:
    """The last change; where the last message noted something for good, that is dropped too."""
    state, evidence = scene.heard.state, scene.evidence(undo)
    noted = any(
        (line.thread, line.turn) == (state.thread, state.turn)
        for line in scene.heard.profile.sentences
    )
    changed = bool(state.undo) and state.undo[-1].turn == state.turn
    ops: list[StateOp] = [Forget(text="that", evidence=evidence)] if noted else []
    return [Undo(evidence=evidence), *ops] if changed or not noted else ops


def _commands(scene: Scene, part: Span, draft: _Draft) -> None:
    """Start over, undo and help."""
    if told_of_the_past(scene, part):
        return  # "what did you just undo?"
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
        _spend_all(scene, part, phrases.RESET)  # "wipe everything, clean slate"
        return
    undo = scene.has(phrases.UNDO, part)
    if undo is not None and scene.text.word(undo.end) == "to" and _points_back(scene, undo):
        undo = None
    words = [w for w in scene.text.words(part) if w[:1].isalpha()]
    if words in (["cancel"], ["cancel", "please"]):
        undo = part
    if undo is not None:
        certain = scene.text.word(undo.start) in ("undo", "revert")
        values = any(m.of("value", "unit") for m in scene.within(part))
        if certain or not values:
            draft.ops += _taken_back(scene, undo)
            rest = scene.within(Span(undo.end, part.end))
            more = any(m.of("value", "facet", "unit") for m in rest)
            scene.spend(Span(part.start, undo.end) if more else part)
            return
    helps = scene.has(phrases.HELP, part)
    if {"about", "me"} <= set(scene.text.words(part)):
        helps = None  # "what are you assuming about me"
    if helps is not None and (helps.end - helps.start > 1 or part.end - part.start <= 3):
        draft.helps = True
        scene.spend(helps)

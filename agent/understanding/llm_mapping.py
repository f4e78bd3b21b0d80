"""From a model's form to an `Understanding`: whatever the user's words do not bear is set aside.

The form is untrusted. A line counts only if its quote was said in this message, its facet is the
shop's, its value is one that the quote can mean, its numbers were said, and its things were shown
to this user. Every text that is kept is the user's own: quotes are cut out of the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import assert_never

from vitrine.agent.glue import FUNCTION_WORDS, NEGATIONS
from vitrine.agent.understanding.amounts import HIGH_SHARE, LOW_SHARE
from vitrine.agent.understanding.llm_answer import (
    Answer,
    Asked,
    JudgeLine,
    RangeLine,
    SaidLine,
    ValueLine,
)
from vitrine.agent.understanding.llm_intents import agreed
from vitrine.agent.understanding.numbers import number_at
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import phrase, read
from vitrine.agent.understanding.wordforms import inflections, stems
from vitrine.core.acts import (
    AddContext,
    AddFacet,
    AddWish,
    AvoidFacet,
    DesignWish,
    Evidence,
    Focus,
    Forget,
    Judge,
    Question,
    RelaxFacet,
    Remember,
    RemoveFacet,
    Reset,
    SetFacet,
    SetRange,
    StateOp,
    Strength,
    Understanding,
    Undo,
)
from vitrine.core.domain import Facet
from vitrine.core.refs import ShownRef, ThingRef
from vitrine.memory.profile import Section

_DECLINED = {
    "unsafe": "I cannot help with that.",
    "off_topic": "That is outside of what this shop can help with.",
    "nonsense": "I could not make sense of that.",
}
_SECTIONS: dict[str, Section] = {
    "like_always": "I like",
    "avoid_always": "I avoid",
    "practicalities": "Practicalities",
    "aspirations": "Aspirations",
    "for_now": "For now",
}
_CENT = 0.01
_WHOLE = 4
"""Words from which on a quote is a question of its own; a shorter one stands for its sentence."""
_APOSTROPHES = "['’ʼ`]"
_QUOTES = '["“”„«»]'


@dataclass
class _Draft:
    ops: list[StateOp] = field(default_factory=lambda: [])
    pointed: list[tuple[ShownRef, ThingRef, str]] = field(default_factory=lambda: [])
    unresolved: list[str] = field(default_factory=lambda: [])
    questions: list[Question] = field(default_factory=lambda: [])
    design: DesignWish | None = None
    meant: set[str] = field(default_factory=lambda: set())
    dropped: int = 0

    def done(self) -> set[str]:
        """What was kept, by name: operations, verdicts, and `design`."""
        names: set[str] = {op.verdict if isinstance(op, Judge) else op.op for op in self.ops}
        return names | self.meant | ({"design"} if self.design is not None else set())


class AnswerReader:
    """Reads one form against the message and the state it is about."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._pack = scene.vocabulary.pack
        self._said = scene.heard.message.text
        self._numbers = {
            found[0]
            for at in range(len(scene.text))
            if (found := number_at(scene.text, at)) is not None
        }

    def read(self, answer: Answer) -> tuple[Understanding, int]:
        """(meaning, parts set aside)."""
        draft = _Draft()
        if answer.decline is not None:
            meaning = Understanding(
                intents=("others",), out_of_scope=_DECLINED[answer.decline], source="llm"
            )
            return meaning, len(answer.ops) + len(answer.questions)
        for pointing in answer.references:
            self._point(pointing.at, pointing.quote, draft)
        for words in answer.unclear:
            quote = self.quoted(words)
            if quote is None:
                draft.dropped += 1
            elif quote not in draft.unresolved:
                draft.unresolved.append(quote)
        for line in answer.ops:
            op = self._op(line, draft)
            if op is None:
                draft.dropped += 1
            elif not any(_same(op, other) for other in draft.ops):
                draft.ops.append(op)
        for asked in answer.questions:
            self._ask(asked, draft)
        self._draw(answer, draft)
        self._focus(draft)
        meaning = Understanding(
            intents=agreed(answer.intents, draft.done(), {q.kind for q in draft.questions}),
            ops=tuple(draft.ops),
            references=tuple(dict.fromkeys(thing for _, thing, _ in draft.pointed)),
            unresolved=tuple(draft.unresolved),
            questions=tuple(draft.questions),
            design=draft.design,
            source="llm",
        )
        return meaning, draft.dropped

    # --- what was said ------------------------------------------------------------------------

    def quoted(self, words: str) -> str | None:
        """The user's own words that a quote stands for, or None if they were not said.

        Case, kinds of quotation marks and lengths of gaps may differ; nothing else.
        """
        words = words.strip()
        if not any(c.isalnum() for c in words):
            return None
        pattern = r"\s+".join(_pattern(part) for part in words.split())
        edge_before = r"(?<!\w)" if words[0].isalnum() else ""
        edge_after = r"(?!\w)" if words[-1].isalnum() else ""
        found = re.search(edge_before + pattern + edge_after, self._said, re.IGNORECASE)
        return found.group() if found is not None else None

    def _evidence(self, words: str) -> Evidence | None:
        quote = self.quoted(words)
        if quote is None:
            return None
        return Evidence(turn=self._scene.turn, text=quote[:400])

    def _grounded(self, text: str, quote: str) -> bool:
        """Every word that means something stands in the quote, in this form or another."""
        words = [w for w in phrase(text) if w[0].isalnum() and w not in FUNCTION_WORDS]
        said = {stem for word in phrase(quote) for stem in stems(word)}
        return bool(words) and all(stems(word) & said for word in words)

    # --- things -------------------------------------------------------------------------------

    def _place(self, place: str) -> tuple[ShownRef, ThingRef] | None:
        turn, _, position = place.partition(".")
        if not int(turn) or not int(position):
            return None
        ref = ShownRef(turn=int(turn), position=int(position))
        thing = self._scene.heard.state.thing(ref)
        return (ref, thing) if thing is not None else None

    def _things(self, places: tuple[str, ...], draft: _Draft) -> tuple[ThingRef, ...]:
        found = [self._place(place) for place in places]
        draft.dropped += sum(one is None for one in found)
        return tuple(dict.fromkeys(one[1] for one in found if one is not None))

    def _point(self, place: str, words: str, draft: _Draft) -> None:
        found, quote = self._place(place), self.quoted(words)
        if quote is None:
            draft.dropped += 1
        elif found is None:
            draft.dropped += 1
            draft.unresolved.append(quote)
        else:
            draft.pointed.append((*found, quote))

    def _focus(self, draft: _Draft) -> None:
        """The last single thing that was pointed at, and not turned down, is under discussion."""
        refused = {
            thing
            for op in draft.ops
            if isinstance(op, Judge) and op.verdict != "accept"
            for thing in op.things
        }
        for ref, thing, quote in reversed(draft.pointed):
            alike = sum(other == quote for _, _, other in draft.pointed)
            if alike == 1 and thing not in refused:
                evidence = Evidence(turn=self._scene.turn, text=quote[:400])
                draft.ops.append(Focus(ref=ref, evidence=evidence))
                return

    # --- operations ---------------------------------------------------------------------------

    def _op(
        self, line: ValueLine | RangeLine | JudgeLine | SaidLine, draft: _Draft
    ) -> StateOp | None:
        evidence = self._evidence(line.quote)
        if evidence is None:
            return None
        match line:
            case ValueLine():
                return self._value(line, evidence)
            case RangeLine():
                return self._range(line, evidence)
            case JudgeLine():
                things = self._things(line.things, draft)
                if not things:
                    if self._scene.shown:  # a verdict on something that has yet to be found
                        draft.meant.add(line.op)
                    return None
                reason = self.quoted(line.reason) if line.reason is not None else None
                return Judge(
                    verdict=line.op,
                    things=things,
                    reason=reason[:200] if reason is not None else None,
                    evidence=evidence,
                )
            case SaidLine():
                return _said(line, evidence)
            case _:
                assert_never(line)

    def _value(self, line: ValueLine, evidence: Evidence) -> StateOp | None:
        facet = self._pack.facet(line.facet)
        if facet is None:
            return None
        if line.op in ("relax", "remove"):
            value = None
            if line.value is not None:
                found = self._resolve(facet, line.value)
                value = found[0] if found is not None else None
            kind = RelaxFacet if line.op == "relax" else RemoveFacet
            return kind(facet=facet.name, value=value, evidence=evidence)
        if facet.kind == "numeric" or line.value is None:
            return None
        found = self._resolve(facet, line.value)
        if found is None:
            return None
        value, known = found
        if known and not self._may_mean(facet, value, evidence.text):
            return None
        if not known and (
            not self._grounded(value, evidence.text) or self._elsewhere(facet, value)
        ):
            return None
        kinds = {"set": SetFacet, "add": AddFacet, "avoid": AvoidFacet}
        return kinds[line.op](
            facet=facet.name, value=value, strength=line.strength, known=known, evidence=evidence
        )

    def _resolve(self, facet: Facet, text: str) -> tuple[str, bool] | None:
        """(value, carried): the shop's own value, or the words as they are; None for no words."""
        text = " ".join(text.split())[:60]
        if not any(c.isalnum() for c in text):
            return None
        source = facet.values_from or facet.name
        names = self._scene.vocabulary.values.get(source, {})
        own = next((name for name in names if name.casefold() == text.casefold()), None)
        if own is not None:
            return own, True
        key = phrase(text)
        for form in (key, *inflections(key)):
            meant = {
                m.value
                for m in self._scene.vocabulary.table.get(form)
                if m.kind == "value" and m.facet == source and m.known
            }
            if len(meant) == 1:
                return meant.pop(), True
        return text.casefold(), False

    def _may_mean(self, facet: Facet, value: str, quote: str) -> bool:
        """Whether the quote can stand for the value: it names it, or no word speaks against it."""
        source = facet.values_from or facet.name
        text = read(quote)
        mentions = self._scene.vocabulary.mentions(text)
        named = {m.value for one in mentions for m in one.of("value") if m.facet == source}
        if named:
            return value in named
        explained = {
            at for one in mentions if one.of("value") for at in range(one.span.start, one.span.end)
        }
        return any(
            token.word not in FUNCTION_WORDS | NEGATIONS and token.word[0].isalnum()
            for at, token in enumerate(text.tokens)
            if at not in explained
        )

    def _elsewhere(self, facet: Facet, value: str) -> bool:
        """The words are a value of another facet: they lack nothing here."""
        return any(
            m.kind == "value" and m.facet != facet.name
            for m in self._scene.vocabulary.table.get(phrase(value))
        )

    def _range(self, line: RangeLine, evidence: Evidence) -> StateOp | None:
        facet = self._pack.facet(line.facet)
        if facet is None or facet.kind != "numeric":
            return None
        given = [n for n in (line.min, line.max, line.about) if n is not None]
        if given:
            if not all(any(abs(n - said) < _CENT for said in self._numbers) for n in given):
                return None
            low, high = line.min, line.max
            if low is not None and high is not None and low > high:
                low, high = high, low
            return SetRange(
                facet=facet.name,
                min=low,
                max=high,
                about=line.about,
                strength="soft" if line.about is not None else line.strength,
                evidence=evidence,
            )
        if line.level is None:
            return None
        bound, strength = self._level(facet, line)
        if bound is None:
            return None
        return SetRange(
            facet=facet.name,
            max=bound if line.level == "low" else None,
            min=bound if line.level == "high" else None,
            strength=strength,
            evidence=evidence,
        )

    def _level(self, facet: Facet, line: RangeLine) -> tuple[float | None, Strength]:
        """The bound that "cheap" or "cheaper than that one" sets, and how strictly."""
        low = line.level == "low"
        digits = 2 if facet.role == "price" else 1
        found = self._place(line.than) if line.than is not None else None
        number = self._scene.number_of(found[1], facet.name) if found is not None else None
        if number is not None:
            step = 10.0**-digits
            return round(number - step if low else number + step, digits), line.strength
        share = LOW_SHARE if low else HIGH_SHARE
        bound = self._scene.quantile(facet.name, share, self._scene.believed_heads)
        if bound is None:
            return None, "soft"
        return float(round(bound)) if facet.role == "price" else round(bound, 1), "soft"

    # --- questions and designs ----------------------------------------------------------------

    def _ask(self, asked: Asked, draft: _Draft) -> None:
        quote = self.quoted(asked.quote)
        facet = self._pack.facet(asked.facet) if asked.facet is not None else None
        if quote is None or (asked.facet is not None and facet is None):
            draft.dropped += 1
            return
        sentence = quote[:400] if len(quote.split()) >= _WHOLE else self._sentence(quote)
        value = None
        if facet is not None and asked.value is not None:
            found = self._resolve(facet, asked.value)
            if found is not None and (found[1] or self._grounded(found[0], sentence)):
                value = found[0]
        draft.questions.append(
            Question(
                kind=asked.kind,
                text=sentence,
                facet=facet.name if facet is not None else None,
                value=value,
                direction=asked.direction if asked.kind == "extreme" else None,
                things=self._things(asked.things, draft),
            )
        )

    def _sentence(self, quote: str) -> str:
        """The sentence of the message that holds the quote."""
        at = self._said.find(quote)
        text = self._scene.text
        for span in text.sentences:
            if text.tokens[span.start].start <= at < text.tokens[span.end - 1].end:
                return text.said(span)
        return quote[:400]

    def _draw(self, answer: Answer, draft: _Draft) -> None:
        wish = answer.design
        if wish is None:
            return
        if self.quoted(wish.quote) is None:
            draft.dropped += 1
            return
        base = self._place(wish.base) if wish.base is not None else None
        draft.dropped += wish.base is not None and base is None
        draft.design = DesignWish(base=base[1] if base is not None else None, count=wish.count)


def _pattern(part: str) -> str:
    """One word of a quote as a pattern; marks that editors replace match each other."""
    out = ""
    for c in part:
        if re.match(_APOSTROPHES, c):
            out += _APOSTROPHES
        elif re.match(_QUOTES, c):
            out += _QUOTES
        else:
            out += re.escape(c)
    return out


def _said(line: SaidLine, evidence: Evidence) -> StateOp:
    text = evidence.text
    match line.op:
        case "wish" | "unwish":
            polarity = "want" if line.op == "wish" else "avoid"
            return AddWish(text=text[:200], polarity=polarity, evidence=evidence)
        case "occasion" | "recipient" | "deadline" | "place" | "other":
            return AddContext(key=line.op, value=text[:120], evidence=evidence)
        case "like_always" | "avoid_always" | "practicalities" | "aspirations" | "for_now":
            return Remember(section=_SECTIONS[line.op], sentence=text[:300], evidence=evidence)
        case "forget":
            return Forget(text=text[:200], evidence=evidence)
        case "undo":
            return Undo(evidence=evidence)
        case "reset":
            return Reset(evidence=evidence)


def _same(op: StateOp, other: StateOp) -> bool:
    """Saying a thing twice does nothing twice."""
    return op.model_dump(exclude={"evidence"}) == other.model_dump(exclude={"evidence"})

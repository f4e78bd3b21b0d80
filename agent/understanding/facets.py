"""From the shop's words in a sentence to state operations."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vitrine.agent.understanding import english, phrases, scope
from vitrine.agent.understanding.amounts import Amount
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.scope import Mark, Unit
from vitrine.agent.understanding.text import Span, split_list, table
from vitrine.agent.understanding.unknown import lacking
from vitrine.agent.understanding.vocabulary import Meaning
from vitrine.agent.understanding.wishes import WishSpan, find_wishes
from vitrine.core.acts import (
    AddFacet,
    AddWish,
    AvoidFacet,
    RelaxFacet,
    RemoveFacet,
    SetFacet,
    SetRange,
    StateOp,
)

_JOINERS = frozenset("and or nor , & /".split())
_ANY = frozenset("any whatever whichever no".split())
_MATTERS_NOT = table(
    {
        "release": split_list(
            "doesn't matter | does not matter | don't matter | is not important | isn't "
            "important | is up to you | "
            "is no object | is not an issue | isn't an issue | is irrelevant | is flexible | "
            "doesn't bother me | are not important"
        )
    }
)


@dataclass(frozen=True, slots=True)
class _Said:
    """One unit of the sentence with what it stands for."""

    unit: Unit
    meanings: tuple[Meaning, ...] = ()
    wish: str | None = None
    amount: Amount | None = None


class FacetReader:
    """Reads the operations of one message by sentences; remembers which facets were set."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.text = scene.text
        self.pack = scene.vocabulary.pack
        self.set_here: set[str] = set()
        beliefs = scene.heard.state.beliefs
        self.wanted = {(b.facet, b.value) for b in beliefs.facets if b.polarity == "want"}
        self.avoided = {(b.facet, b.value) for b in beliefs.facets if b.polarity == "avoid"}

    def read(self, sentence: Span, amounts: list[Amount]) -> list[StateOp]:
        """Operations for facets, numbers and wishes of the sentence, in their order."""
        ops = self._released(sentence)
        said = self._units(sentence, amounts)
        marks = scope.marks(self.scene, sentence, [s.unit for s in said])
        dropped = self._denied_heads(said, marks)
        for index, (one, mark) in enumerate(zip(said, marks, strict=True)):
            if index not in dropped:
                ops += self._ops(one, mark)
        return ops

    # --- units --------------------------------------------------------------------------------

    def _units(self, sentence: Span, amounts: list[Amount]) -> list[_Said]:
        said = [
            _Said(Unit(a.span, a.facet), amount=a) for a in amounts if sentence.covers(a.span.start)
        ]
        head = self.pack.head.name
        taken = [a.span for a in amounts]
        unknown = lacking(self.scene, sentence)
        for mention in [*self.scene.within(sentence), *unknown]:
            if self.scene.spent(mention.span) or any(mention.span.overlaps(t) for t in taken):
                continue
            meanings = (
                mention.meanings if mention in unknown else self.scene.values(mention, sentence)
            )
            if not meanings or self._not_a_value(mention.span, meanings, sentence):
                continue
            said.append(
                _Said(
                    Unit(mention.span, meanings[0].facet, head=meanings[0].facet == head), meanings
                )
            )
        spans = [s.unit.span for s in said]
        said += [
            _Said(Unit(wish.span, "", wish=True), wish=wish.text)
            for wish in find_wishes(self.scene, sentence)
            if not any(wish.span.overlaps(span) for span in spans) and not self._spent(wish)
        ]
        said.sort(key=lambda s: s.unit.span.start)
        return self._accented(self._compounds(said), sentence)

    def _spent(self, wish: WishSpan) -> bool:
        return self.scene.spent(wish.span)

    def _not_a_value(self, span: Span, meanings: tuple[Meaning, ...], sentence: Span) -> bool:
        """The word is a verb or talk here: "check this", "how should I dress"."""
        if span.end - span.start != 1:
            return False
        word, before, after = (
            self.text.word(span.start),
            self.text.word(span.start - 1),
            self.text.word(span.end),
        )
        if word in ("longer", "more") and before in ("no", "any"):
            return True
        verb = span.start == sentence.start or before in (
            "to",
            "should",
            "i",
            "can",
            "you",
            "we",
            "please",
            "will",
            "ll",
            "'ll",
            "'d",
            "'s",
        )
        objected = after in (
            "this", "that", "it", "the", "if", "out", "up", "whether", "them", "my", "for",
            "", ".", "?", "!", "well",
        )  # fmt: skip
        if verb and objected and word in english.VERBS and before != "'s":
            return True
        # "cool, thanks", "fun!": an answer, not a wish.
        return (
            span.start == sentence.start
            and phrases.ACKNOWLEDGE.match(self.text, span.start) is not None
            and after in (",", "!", ".", "")
        )

    def _compounds(self, said: list[_Said]) -> list[_Said]:
        """Two head words side by side name one thing, by the second."""
        kept: list[_Said] = []
        for one in said:
            if (
                kept
                and one.unit.head
                and kept[-1].unit.head
                and kept[-1].unit.span.end == one.unit.span.start
            ):
                kept.pop()
            kept.append(one)
        return kept

    def _accented(self, said: list[_Said], sentence: Span) -> list[_Said]:
        """Colours of a pattern: in "teal with white dots" white belongs to the dots."""
        result = list(said)
        for index, one in enumerate(said):
            accent = self.scene.vocabulary.accents.get(one.unit.facet)
            facet = self.pack.facet(accent) if accent is not None else None
            if facet is None or index == 0 or facet.values_from is None:
                continue
            follows = next(
                (s for s in said[index + 1 :] if s.unit.span.start == one.unit.span.end), None
            )
            if follows is not None and follows.unit.head:
                continue
            before = said[index - 1]
            touching = (
                before.unit.facet == facet.values_from
                and before.unit.span.end == one.unit.span.start
            )
            if not touching:
                continue
            if not self._is_noun(one):
                continue
            joined = (
                index >= 2
                and said[index - 2].unit.facet == facet.values_from
                and self._joined(said[index - 2], before)
            )
            if joined and any(
                s.unit.facet == facet.values_from
                for s in said
                if s not in (before, said[index - 2])
            ):
                result[index - 2] = self._as_accent(said[index - 2], facet.name)
            result[index - 1] = self._as_accent(before, facet.name)
        return result

    def _is_noun(self, one: _Said) -> bool:
        """The word names marks on the thing ("dots"), not a property of it ("dotted")."""
        last = self.text.word(one.unit.span.end - 1)
        return not last.endswith("ed")

    def _joined(self, first: _Said, second: _Said) -> bool:
        between = self.text.words(Span(first.unit.span.end, second.unit.span.start))
        return len(between) == 1 and between[0] in ("and", "&", "/", "or")

    def _as_accent(self, one: _Said, facet: str) -> _Said:
        meanings = tuple(replace(m, facet=facet) for m in one.meanings)
        return _Said(replace(one.unit, facet=facet), meanings)

    # --- operations ---------------------------------------------------------------------------

    def _released(self, sentence: Span) -> list[StateOp]:
        """Facets that are said not to matter: "any colour", "the price doesn't matter"."""
        ops: list[StateOp] = []
        for mention in self.scene.within(sentence):
            meanings = mention.of("facet")
            if not meanings or mention.of("value") or self.scene.spent(mention.span):
                continue
            facet = self.pack.facet(meanings[0].facet)
            if facet is None or facet.role == "head":
                continue
            start, end = mention.span.start, mention.span.end
            lead = self.text.word(start - 1)
            says = lead in _ANY and (lead != "no" or facet.kind == "numeric")
            span = Span(start - 1, end)
            for back in range(max(sentence.start, start - 6), start):
                match = english.CUES.match(self.text, back, start)
                if (
                    match is not None
                    and "nomatter" in match[1]
                    and match[0] > 1
                    and start - back - match[0] <= 2
                ):
                    says, span = True, Span(back, end)
                    break
            after = _MATTERS_NOT.match(self.text, end, sentence.end)
            if after is not None:
                says, span = True, Span(start, end + after[0])
            if says:
                ops.append(RemoveFacet(facet=facet.name, evidence=self.scene.evidence(span)))
                self.scene.spend(span)
        return ops

    def _denied_heads(self, said: list[_Said], marks: list[Mark]) -> set[int]:
        """In "no red dresses" it is the red that is denied, not the dresses."""
        dropped: set[int] = set()
        for index, (one, mark) in enumerate(zip(said, marks, strict=True)):
            if not one.unit.head or mark.polarity != "avoid":
                continue
            for other in (index - 1, index + 1):
                if not 0 <= other < len(said) or marks[other].polarity != "avoid":
                    continue
                beside = said[other].unit
                if beside.head:
                    continue
                low, high = sorted((one.unit.span, beside.span), key=lambda s: s.start)
                between = self.text.words(Span(low.end, high.start))
                if len(between) <= 3 and not _JOINERS & set(between):
                    dropped.add(index)
        return dropped

    def _ops(self, one: _Said, mark: Mark) -> list[StateOp]:
        start = min(mark.start, one.unit.span.start)
        said = Span(start, one.unit.span.end)
        if self.text.tokens[said.end - 1].end - self.text.tokens[start].start > 300:
            said = one.unit.span
        evidence = self.scene.evidence(said)
        if mark.degree and mark.polarity == "want":
            mark = replace(mark, polarity="avoid", strength="soft")
        if one.amount is not None:
            amount = one.amount
            if mark.polarity == "release":
                return [RemoveFacet(facet=amount.facet, evidence=evidence)]
            soft = amount.strength == "soft" or (
                mark.strength == "soft" and mark.polarity == "want"
            )
            return [
                SetRange(
                    facet=amount.facet,
                    min=amount.min,
                    max=amount.max,
                    about=amount.about,
                    strength="soft" if soft else "hard",
                    evidence=self.scene.evidence(amount.span),
                )
            ]
        if one.wish is not None:
            if mark.polarity == "want":
                return [AddWish(text=one.wish, evidence=evidence)]
            if mark.polarity == "avoid":
                return [AddWish(text=one.wish, polarity="avoid", evidence=evidence)]
            return []
        ops: list[StateOp] = []
        for meaning in one.meanings:
            ops += self._facet_ops(meaning, mark, said)
        shade = self.text.word(one.unit.span.start - 1)
        coloured = one.meanings[0].facet == self.scene.vocabulary.colour_facet
        stated = self.scene.mention_over(one.unit.span.start - 1)
        told = stated is not None and bool(stated.of("value"))
        if coloured and not told and shade in english.COLOUR_SHADES and mark.polarity == "want":
            span = Span(one.unit.span.start - 1, one.unit.span.end)
            ops.append(AddWish(text=self.text.said(span, 200), evidence=self.scene.evidence(span)))
        return ops

    def _facet_ops(self, meaning: Meaning, mark: Mark, said: Span) -> list[StateOp]:
        facet, value, known = meaning.facet, meaning.value, meaning.known
        evidence = self.scene.evidence(said)
        has_wants = any(f == facet for f, _ in self.wanted)
        if meaning.graded and mark.strength == "hard":
            mark = replace(mark, strength="soft")
        match mark.polarity:
            case "want":
                adding = facet in self.set_here or (mark.added and has_wants)
                self.set_here.add(facet)
                kind = AddFacet if adding else SetFacet
                return [
                    kind(
                        facet=facet,
                        value=value,
                        strength=mark.strength,
                        known=known,
                        evidence=evidence,
                    )
                ]
            case "avoid":
                return [
                    AvoidFacet(
                        facet=facet,
                        value=value,
                        strength=mark.strength,
                        known=known,
                        evidence=evidence,
                    )
                ]
            case "allow":
                if (facet, value) in self.avoided:
                    return [RemoveFacet(facet=facet, value=value, evidence=evidence)]
                if has_wants and (facet, value) not in self.wanted:
                    return [
                        AddFacet(
                            facet=facet,
                            value=value,
                            strength="soft",
                            known=known,
                            evidence=evidence,
                        )
                    ]
                return []
            case "relax":
                if (facet, value) in self.wanted:
                    return [RelaxFacet(facet=facet, value=value, evidence=evidence)]
                words = self.text.words(said)
                if "only" in words or "just" in words:
                    self.set_here.add(facet)
                    return [
                        AddFacet(
                            facet=facet,
                            value=value,
                            strength="soft",
                            known=known,
                            evidence=evidence,
                        )
                    ]
                return []
            case "release":
                return [RemoveFacet(facet=facet, value=value, evidence=evidence)]

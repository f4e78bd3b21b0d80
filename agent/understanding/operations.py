"""From one thing said, and how it was meant, to state operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vitrine.agent.understanding import english, predicates, relative
from vitrine.agent.understanding.figures import Amount
from vitrine.agent.understanding.marks import Mark, Unit
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.situation import GIVEN_DAYS
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.vocabulary import Meaning
from vitrine.agent.understanding.wordforms import singular, stems
from vitrine.core.acts import (
    AddFacet,
    AddWish,
    AvoidFacet,
    Evidence,
    RelaxFacet,
    RemoveFacet,
    SetFacet,
    SetRange,
    StateOp,
    Strength,
)

_LONGEST_EVIDENCE = 300
_JOINTS = frozenset("and or , & / maybe also even a an some in".split())


_CONCLUDING = frozenset("so ok okay just only then".split())
_SWAPPING = frozenset("swap replace exchange substitute trade".split())


@dataclass(frozen=True, slots=True)
class Said:
    """One unit of the sentence with what it stands for: values, a wish, or an amount."""

    unit: Unit
    meanings: tuple[Meaning, ...] = ()
    wish: str | None = None
    amount: Amount | None = None


class Operations:
    """Makes the operations of one message; remembers which facets were set in it."""

    def __init__(self, scene: Scene, references: Sequence[Reference] = ()) -> None:
        self.scene = scene
        self.references = references
        self.text = scene.text
        beliefs = scene.heard.state.beliefs
        self.wanted = {(b.facet, b.value) for b in beliefs.facets if b.polarity == "want"}
        self.avoided = {(b.facet, b.value) for b in beliefs.facets if b.polarity == "avoid"}
        self.set_here: set[str] = set()
        self.decided: dict[str, set[str]] = {}
        self.denied_at: dict[tuple[str, str], int] = {}
        self.beside: set[tuple[str, str]] = set()
        self.avoided_here: set[tuple[str, str]] = set()
        self.gone_here: set[tuple[str, str]] = set()
        self.said_here: dict[tuple[str, str], str] = {}
        self.strength_here: dict[tuple[str, str], Strength] = {}
        self.ends_here: dict[str, int] = {}

    def of(self, one: Said, mark: Mark) -> list[StateOp]:
        """The operations of one unit under its mark."""
        start = min(mark.start, one.unit.span.start)
        said = Span(start, one.unit.span.end)
        if self.text.tokens[said.end - 1].end - self.text.tokens[start].start > _LONGEST_EVIDENCE:
            said = one.unit.span
        evidence = self.scene.evidence(said)
        if mark.degree and mark.polarity == "want":
            mark = replace(mark, polarity="avoid", strength="soft")
        if one.amount is not None:
            return [] if mark.polarity == "drop" else [self._amount(one.amount, mark, evidence)]
        if one.wish is not None:
            if mark.polarity in ("want", "avoid"):
                wish = AddWish(text=one.wish, polarity=mark.polarity, evidence=evidence)
                return [wish, *self._next_shade(one, mark, evidence)]
            return []
        if mark.polarity == "want" and self._given_for(one.unit.span):
            mark = replace(mark, strength="soft")
        ops: list[StateOp] = []
        for meaning in one.meanings:
            ops += self._values(*self._stepped(one, meaning, mark), said)
        return ops + self._shade(one, mark)

    def _given_for(self, span: Span) -> bool:
        """A day that presents are given on: what is given need not be worn there."""
        word = self.text.word(span.end - 1)
        return word in GIVEN_DAYS and self.text.word(span.end) not in ("party", "dinner", "do")

    def _stepped(self, one: Said, meaning: Meaning, mark: Mark) -> tuple[Meaning, Mark]:
        """A comparative of an ordered facet wants the next value: one step from what is shown."""
        span = one.unit.span
        away = mark.polarity == "avoid" and relative.lessened(self.scene, mark.start, span.start)
        more = mark.polarity == "want" and relative.compared(self.scene, span, meaning.graded)
        if not (away or more) or mark.degree:
            return meaning, mark
        things = relative.measure(self.references, span)
        value = relative.step(self.scene, meaning.facet, meaning.value, things, away=away)
        if value is None:
            return meaning, replace(mark, strength="soft") if more else mark
        mark = replace(mark, polarity="want", strength="soft")
        return replace(meaning, value=value, graded=True), mark

    def _next_shade(self, one: Said, mark: Mark, evidence: Evidence) -> list[StateOp]:
        """A comparative of lightness alone ("darker") leans to the next such colour of the shop."""
        colour = self.scene.vocabulary.colour_facet
        lighter = relative.lightness(self.scene, one.unit.span)
        if lighter is None or colour is None or mark.polarity != "want" or colour in self.set_here:
            return []
        things = relative.measure(self.references, one.unit.span)
        value = relative.next_shade(self.scene, lighter=lighter, things=things)
        if value is None:
            return []
        self.set_here.add(colour)
        return [SetFacet(facet=colour, value=value, strength="soft", evidence=evidence)]

    def _amount(self, amount: Amount, mark: Mark, evidence: Evidence) -> StateOp:
        if mark.polarity == "release":
            return RemoveFacet(facet=amount.facet, evidence=evidence)
        soft = amount.strength == "soft" or (mark.strength == "soft" and mark.polarity == "want")
        return SetRange(
            facet=amount.facet,
            min=amount.min,
            max=amount.max,
            about=amount.about,
            strength="soft" if soft else "hard",
            evidence=self.scene.evidence(amount.span),
        )

    def _shade(self, one: Said, mark: Mark) -> list[StateOp]:
        """The shade of a colour ("light green") beside the colour itself."""
        start = one.unit.span.start
        shade = self.text.word(start - 1)
        coloured = one.meanings[0].facet == self.scene.vocabulary.colour_facet
        stated = self.scene.mention_over(start - 1)
        told = stated is not None and bool(stated.of("value"))
        if (
            not coloured
            or told
            or not stems(shade) & english.COLOUR_SHADES
            or mark.polarity != "want"
        ):
            return []
        span = Span(start - 1, one.unit.span.end)
        return [AddWish(text=self.text.said(span, 200), evidence=self.scene.evidence(span))]

    def _values(self, meaning: Meaning, mark: Mark, said: Span) -> list[StateOp]:
        facet, value, known = meaning.facet, meaning.value, meaning.known
        evidence = self.scene.evidence(said)
        has_wants = any(f == facet for f, _ in self.wanted)
        if meaning.graded and mark.strength == "hard":
            mark = replace(mark, strength="soft")
        match mark.polarity:
            case "want":
                if (facet, value) in self.avoided_here and self._tells_why(facet, value, said):
                    return []
                several = (
                    sum(f == facet for f, _ in self.wanted) > 1 and (facet, value) in self.wanted
                )
                lead = self.text.words(Span(said.start - 2, said.start))
                sole = several and bool({"just", "only"} & set(lead))
                if sole or self.text.words(Span(said.end, said.end + 2)) == ("it", "is"):
                    return [self._decided(meaning, mark, evidence)]
                before = self.strength_here.get((facet, value))
                if before is not None and self._concludes(facet, said):
                    return [self._decided(meaning, mark, evidence)]
                if before is not None and self._corrected(facet, said):
                    return [self._decided(meaning, mark, evidence)]  # "shoes... no, boots"
                if before is not None and mark.added and (facet, value) not in self.wanted:
                    self.beside.add((facet, value))  # "my husband liked me in green. Green too"
                if before is not None:
                    if before == "hard" and mark.strength == "soft" and self._eased(said):
                        return [RelaxFacet(facet=facet, value=value, evidence=evidence)]
                    if before == "hard" or mark.strength == "soft":
                        return []
                    self.strength_here[facet, value] = "hard"
                    return [self._again(meaning, evidence)]
                fine = mark.added and mark.strength == "soft"
                if fine and (facet, value) in self.avoided:
                    return [RemoveFacet(facet=facet, value=value, evidence=evidence)]
                adding = facet in self.set_here or (mark.added and has_wants)
                adding = adding and not self._rethought(said)
                if (
                    adding
                    and mark.added
                    and (facet, value) in self.wanted
                    and facet in self.set_here
                ):
                    self.beside |= {pair for pair in self.strength_here if pair[0] == facet}
                    return []  # "trousers as well as skirts" keeps the skirts as they are
                if adding and mark.added and (self._wavers(facet) or self._wavered(facet)):
                    mark = replace(mark, strength="soft")  # "maybe red? Or orange"
                if adding and not mark.added and self._restated(facet, value, said):
                    adding = False  # "yellow is for kids, so green it is"
                if facet in self.set_here and self._corrected(facet, said):
                    adding = False  # "a coat, I mean a jacket"
                adding = adding or self._swapped(facet, said)
                self.set_here.add(facet)
                self.ends_here[facet] = said.end
                self.strength_here[facet, value] = mark.strength
                self.said_here[facet, value] = singular(self.text.word(said.end - 1))
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
                shaded = self._shaded(meaning, said)
                if shaded is not None:
                    return [shaded]
                self.avoided_here.add((facet, value))
                self.denied_at[facet, value] = said.end
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
                return []
            case "relax":
                if (facet, value) in self.wanted:
                    return [RelaxFacet(facet=facet, value=value, evidence=evidence)]
                words = self.text.words(said)
                if {"only", "just", "necessarily"} & set(words):
                    self.set_here.add(facet)
                    return [self._soft_add(meaning, evidence)]
                return []
            case "drop":
                if (facet, value) in self.wanted:
                    self.gone_here.add((facet, value))
                    return [RemoveFacet(facet=facet, value=value, evidence=evidence)]
                if mark.degree and not has_wants:  # "red is too much for me"
                    return [
                        AvoidFacet(facet=facet, value=value, strength="soft", evidence=evidence)
                    ]
                return []
            case "release":
                return [RemoveFacet(facet=facet, value=value, evidence=evidence)]

    def _rethought(self, said: Span) -> bool:
        """Another value will do after all: "actually short is fine"; not "... is fine too"."""
        tail = self.text.words(Span(said.end, said.end + 4))
        plain = tail[:1] in (("is",), ("are",), ("'s",)) and not {"too", "also", "well"} & set(tail)
        return plain and "actually" in self.text.words(Span(max(0, said.start - 2), said.start))

    def _eased(self, said: Span) -> bool:
        """What was asked for plainly is no must: "a green band, green is just an idea"."""
        return predicates.EASING.match(self.text, said.end) is not None

    def _swapped(self, facet: str, said: Span) -> bool:
        """One of several wanted values makes room for another: "swap the mint for azure"."""
        lead = self.text.words(Span(0, said.start))
        if not _SWAPPING & set(lead):
            return False
        wanted = {pair for pair in self.wanted if pair[0] == facet}
        gone = wanted & (self.avoided_here | self.gone_here)
        return bool(gone) and gone < wanted

    def _tells_why(self, facet: str, value: str, said: Span) -> bool:
        """Said again after it was ruled out: "no purple, I look ill in purple" gives the reason."""
        between = Span(self.denied_at.get((facet, value), said.start), said.start)
        wanting = any(
            (m := english.CUES.match(self.text, i, said.start)) is not None and "want" in m[1]
            for i in range(max(between.start, said.start - 3), said.start)
        )
        if (
            between.end > between.start
            and not wanting
            and not english.REPAIR.first(self.text, between)
        ):
            return True
        following = self.text.word(said.end)
        opens = not self.text.word(said.start - 1)[:1].isalpha()
        return (
            opens
            and following[:1].isalpha()
            and (following.endswith("s") or following in english.AUXILIARIES)
            and self.scene.mention_over(said.end) is None
        )

    def _shaded(self, meaning: Meaning, said: Span) -> AddWish | None:
        """An avoidance narrower than the value: "not bright red", "a hat, but not a cap"."""
        words = self.text.words(said)
        coloured = meaning.facet == self.scene.vocabulary.colour_facet
        start = said.end - 1
        if coloured and len(words) > 1 and words[-2] in english.COLOUR_SHADES:
            start = said.end - 2
        else:
            word = self.said_here.get((meaning.facet, meaning.value)) or self._believed_as(meaning)
            if meaning.name or word is None or word == singular(self.text.word(said.end - 1)):
                return None
        text = self.text.said(Span(start, said.end), 200)
        return AddWish(text=text, polarity="avoid", evidence=self.scene.evidence(said))

    def _believed_as(self, meaning: Meaning) -> str | None:
        """The word by which the kind of thing was asked for earlier: trousers, not jeans."""
        if meaning.facet != self.scene.vocabulary.pack.head.name:
            return None
        for belief in self.scene.heard.state.beliefs.facets:
            if (belief.facet, belief.value, belief.polarity) == (
                meaning.facet,
                meaning.value,
                "want",
            ):
                words = belief.evidence.text.lower().split()
                return singular(words[-1].strip(".,!?")) if words else None
        return None

    def _again(self, meaning: Meaning, evidence: Evidence) -> AddFacet:
        """Said softly first and plainly after: "longer, to the knee"."""
        return AddFacet(
            facet=meaning.facet,
            value=meaning.value,
            strength="hard",
            known=meaning.known,
            evidence=evidence,
        )

    def _concludes(self, facet: str, said: Span) -> bool:
        """What is left of several in the end: "black, green or grey... ok, black or green"."""
        at = said.start - 1
        while self.text.word(at) in (",", "the", "a"):
            at -= 1
        if facet in self.decided:
            return self.text.word(at) in ("or", "and", "/", "&")
        several = sum(name == facet for name, _ in self.strength_here) > 1
        return several and self.text.word(at) in _CONCLUDING

    def _decided(self, meaning: Meaning, mark: Mark, evidence: Evidence) -> SetFacet | AddFacet:
        """Such as "so green it is": no other value of the facet any more."""
        self.set_here.add(meaning.facet)
        self.strength_here[meaning.facet, meaning.value] = mark.strength
        kind = AddFacet if self.decided.get(meaning.facet) else SetFacet
        self.decided.setdefault(meaning.facet, set()).add(meaning.value)
        return kind(
            facet=meaning.facet,
            value=meaning.value,
            strength=mark.strength,
            known=meaning.known,
            evidence=evidence,
        )

    def _restated(self, facet: str, value: str, said: Span) -> bool:
        """Only what was wanted before was named so far, and this is something else."""
        named = {v for f, v in self.strength_here if f == facet}
        old = {v for f, v in self.wanted if f == facet}
        between = self.text.words(Span(self.ends_here.get(facet, said.start), said.start))
        return bool(named) and named <= old and value not in old and not set(between) <= _JOINTS

    def _wavers(self, facet: str) -> bool:
        """All that this message said of the facet so far was said softly."""
        said = [s for (name, _), s in self.strength_here.items() if name == facet]
        return bool(said) and all(strength == "soft" for strength in said)

    def _wavered(self, facet: str) -> bool:
        """All that was believed of the facet is soft: "or black" is no firmer."""
        if facet in self.set_here:
            return False
        beliefs = self.scene.heard.state.beliefs.facets
        held = [b.strength for b in beliefs if b.facet == facet and b.polarity == "want"]
        return bool(held) and all(strength == "soft" for strength in held)

    def _corrected(self, facet: str, said: Span) -> bool:
        """The speaker takes back what was said of the facet a moment ago."""
        between = Span(self.ends_here.get(facet, said.start), said.start)
        if english.REPAIR.first(self.text, between) is not None:
            return True
        words = self.text.words(between)
        if (
            "no" in words
            and not {"or", "with"} & set(words)
            and words[-1] in ("no", ",", "a", "the", ":")
        ):
            return True  # "a purple ... no, a red coat"
        after = english.REPAIR.match(self.text, said.end)
        return after is not None and self.text.word(said.end) == "i"  # "dark I mean"

    def _soft_add(self, meaning: Meaning, evidence: Evidence) -> AddFacet:
        return AddFacet(
            facet=meaning.facet,
            value=meaning.value,
            strength="soft",
            known=meaning.known,
            evidence=evidence,
        )

"""From the shop's words in a sentence to what they stand for, and then to state operations."""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding import english, phrases, relative, scope, sizes
from vitrine.agent.understanding.accents import AccentReader
from vitrine.agent.understanding.asides import owned, praised, worn_beside
from vitrine.agent.understanding.figures import Amount
from vitrine.agent.understanding.marks import Mark, Unit, marked
from vitrine.agent.understanding.operations import Operations, Said
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.released import limit_lifted, released, released_examples
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, phrase
from vitrine.agent.understanding.unknown import lacking
from vitrine.agent.understanding.vocabulary import Meaning, Mention
from vitrine.agent.understanding.wishes import find_wishes
from vitrine.core.acts import AddContext, AvoidFacet, RemoveFacet, StateOp
from vitrine.core.domain import Facet

_JOINERS = frozenset("and or nor , & /".split())
_REACH = frozenset("have has any a an having the anything with showing want things".split())
_OPEN_LISTS = frozenset("whatever either anything something any all or etc whichever".split())
_BESIDE = frozenset("underneath under beneath below over with on".split())
_TOPICS = frozenset("thing stuff bit part business idea rule".split())
"""Behind a facet's word they speak of what was said of it: "without the sleeves thing"."""
_LACKING = frozenset("no not n't without zero avoid skip hate".split())
_OBJECTS = frozenset("this that it the if out up whether them my for here there . ? !".split()) | {
    "",
    "well",
}


class FacetReader:
    """Reads the operations of one message by sentences."""

    def __init__(self, scene: Scene, references: Sequence[Reference] = ()) -> None:
        self.scene = scene
        self.text = scene.text
        self.pack = scene.vocabulary.pack
        self.operations = Operations(scene, references)
        self.accents = AccentReader(scene)
        self.references_ending = {
            r.span.end: r
            for r in references
            if r.things and scene.text.words(r.span) != ("it",)  # "it is grey" describes
        }
        size = self.pack.role("size")
        self._size = size.name if size is not None else None

    def read(self, sentence: Span, amounts: list[Amount], *, rule: bool = False) -> list[StateOp]:
        """Operations for facets, numbers and wishes of the sentence, in their order.

        `rule`: the sentence tells what holds from now on, so it asks for no kind of thing.
        """
        ops = [*released(self.scene, sentence), *limit_lifted(self.scene, sentence)]
        for span, facet, value in relative.others(self.scene, sentence):
            evidence = self.scene.evidence(span)
            ops.append(AvoidFacet(facet=facet, value=value, evidence=evidence))
            self.scene.spend(span)
        everything = self._units(sentence, amounts)
        worn = self._worn_beside(sentence)
        said = [
            one
            for one in everything
            if one.amount
            or one.unit.facet == self._size
            or not (
                owned(self.text, one.unit.span, sentence)
                or (worn is not None and worn.covers(one.unit.span.start))
            )
        ]
        if len(said) < len(everything):
            told = worn or Span(sentence.start, everything[-1].unit.span.end)
            words = self.text.said(told, 120)
            ops.append(AddContext(key="other", value=words, evidence=self.scene.evidence(told)))
        marks = scope.marks(self.scene, sentence, [s.unit for s in said])
        marks = self._with_their_nouns(said, marks)
        dropped = self._denied_heads(said, marks)
        freed = {op.facet for op in ops if isinstance(op, RemoveFacet) and op.value is None}
        examples = released_examples(self.text, sentence, [one.unit for one in said], marks, freed)
        for index, (one, mark) in enumerate(zip(said, marks, strict=True)):
            if index in examples:
                continue
            if index not in dropped and not self._still_meant(one, mark, sentence):
                ops += self.operations.of(one, mark)
                ops += self._named_use(one, mark)
            elif not rule and not self._any_head() and not self._head_after(sentence):
                # "avoid red dresses": it is dresses that are talked about
                ops += self.operations.of(one, Mark(start=one.unit.span.start))
        return ops

    def _worn_beside(self, sentence: Span) -> Span | None:
        """Words that tell of another kind of thing, worn with the wanted one."""
        if not self._any_head():
            return None
        worn = worn_beside(self.text, sentence)
        kinds = (
            [] if worn is None else [m for m in self.scene.within(worn) if self.scene.is_head(m)]
        )
        wanted = set(self.scene.believed_heads) | {
            value for facet, value in self.operations.strength_here if facet == self.pack.head.name
        }
        named = {meaning.value for kind in kinds for meaning in kind.of("value")}
        return worn if named and not named & wanted else None

    def _with_their_nouns(self, said: list[Said], marks: list[Mark]) -> list[Mark]:
        """What is said of the marks on a thing holds for their colour: "red stripes are fine too"."""
        result = list(marks)
        for index in range(len(said) - 1):
            facet = self.pack.facet(said[index].unit.facet)
            if facet is None or facet.of is None or said[index + 1].unit.facet != facet.of:
                continue
            if marks[index + 1].polarity == "want" == marks[index].polarity:
                added = marks[index + 1].added or marks[index].added
                soft = marks[index + 1].strength if marks[index + 1].strength == "soft" else None
                result[index] = marked(marks[index], strength=soft, added=added)
        return result

    def _named_use(self, one: Said, mark: Mark) -> list[StateOp]:
        """The activity in the name of a kind, softly: "running shoes" are for running."""
        span = one.unit.span
        if not one.unit.head or mark.polarity != "want" or span.end - span.start < 2:
            return []
        if not self.text.word(span.start).endswith("ing"):
            return []  # "tennis shoes" are worn everywhere
        ops: list[StateOp] = []
        for meaning in self.scene.vocabulary.table.get((self.text.word(span.start),)):
            facet = self.pack.facet(meaning.facet)
            told = (
                facet is not None and facet.role == "attribute" and not facet.visible and facet.asks
            )
            if meaning.kind != "value" or not told or meaning.facet in self.operations.set_here:
                continue
            lead = Said(Unit(Span(span.start, span.start + 1), meaning.facet), (meaning,))
            if not any(b.facet == meaning.facet for b in self.scene.heard.state.beliefs.facets):
                ops += self.operations.of(lead, Mark(strength="soft", start=span.start))
        return ops

    def _still_meant(self, one: Said, mark: Mark, sentence: Span) -> bool:
        """In "I already have black boots, I need brown ones" boots are what is talked about."""
        rest = self.text.words(Span(one.unit.span.end, len(self.text)))
        again = {"one", "ones", "another", "pair"} & set(rest)
        return one.unit.head and mark.polarity == "drop" and bool(again) and sentence.start >= 0

    def _head_after(self, sentence: Span) -> bool:
        """A kind of thing is named in what follows the sentence."""
        rest = Span(sentence.end, len(self.text))
        return any(self.scene.is_head(m) for m in self.scene.within(rest))

    def _any_head(self) -> bool:
        """A kind of thing is believed to be wanted, or was asked for in this message."""
        return bool(self.scene.believed_heads) or self.pack.head.name in self.operations.set_here

    # --- units --------------------------------------------------------------------------------

    def _units(self, sentence: Span, amounts: list[Amount]) -> list[Said]:
        said = [
            Said(Unit(a.span, a.facet, number=True), amount=a)
            for a in amounts
            if sentence.covers(a.span.start)
        ]
        taken = [a.span for a in amounts]
        wishes = [w for w in find_wishes(self.scene, sentence) if not self.scene.spent(w.span)]
        whole = [w.span for w in wishes if w.whole]
        self.scene.set_apart(sentence, whole)
        unknown = lacking(self.scene, sentence)
        unknown += [
            m
            for m in sizes.lacking(self.scene, sentence)
            if not any(m.span.overlaps(t) for t in (*taken, *(u.span for u in unknown)))
        ]
        for mention in [*self.scene.within(sentence), *unknown]:
            span = mention.span
            if self.scene.spent(span) or any(span.overlaps(t) for t in (*taken, *whole)):
                continue
            meanings = (
                mention.meanings if mention in unknown else self.scene.values(mention, sentence)
            )
            if not meanings or self._not_a_value(mention, meanings, sentence):
                continue
            if mention not in unknown and self._strays(mention, meanings, sentence):
                beside = self.scene.mention_at(span.end)
                if beside is not None and beside.of("value") and not self.scene.is_head(beside):
                    continue  # "long flights" speaks of the flights
                said.append(Said(Unit(span, "", wish=True), wish=self.text.said(span)))
                continue
            head = meanings[0].facet == self.pack.head.name
            said.append(Said(Unit(span, meanings[0].facet, head=head), meanings))
        said += self._lacked_features(sentence)
        sized = [s.unit.span for s in said if s.meanings and s.meanings[0].facet == self._size]
        said += [
            one
            for one in sizes.fragments(self.scene, sentence, beside_kinds=bool(sized))
            if not any(one.unit.span.overlaps(t) for t in (*taken, *whole, *sized))
        ]
        spans = [s.unit.span for s in said]
        lacked = [s.unit.span for s in said if s.meanings and not s.meanings[0].known]
        for wish in wishes:
            span = _before(wish.span, lacked)
            if not wish.whole and praised(self.text, span, self.references_ending):
                continue  # "this one looks see-through"
            if not any(span.overlaps(other) for other in spans):
                said.append(Said(Unit(span, "", wish=True), wish=self.text.said(span, 200)))
        said.sort(key=lambda s: s.unit.span.start)
        return self.accents.assigned(self._compounds(said), sentence)

    def _not_a_value(self, mention: Mention, meanings: tuple[Meaning, ...], sentence: Span) -> bool:
        """The word is a verb, talk, or only names a facet: "check this", "my shoe size"."""
        span = mention.span
        following = self.scene.mention_at(span.end)
        if meanings[0].facet == self.pack.head.name and following is not None:
            named = following.of("facet")
            facet = self.pack.facet(named[0].facet) if named else None
            said = self.text.said(following.span).lower()
            if facet is not None and facet.role != "head" and said in (facet.name, facet.label):
                return True
        if self._worn_with(span) or self._part_of_it(meanings, span):
            return True
        if span.end - span.start != 1:
            return False
        word, before, after = (
            self.text.word(span.start),
            self.text.word(span.start - 1),
            self.text.word(span.end),
        )
        if word in ("longer", "more") and before in ("no", "any"):
            return True
        opening = self.text.word(sentence.start)
        asked = opening in ("how", "does", "do", "will") and before[:1].isalpha()
        has = {"have", "sell", "carry", "stock", "got"} & set(
            self.text.words(Span(sentence.start, span.start))
        )
        beside = self.scene.mention_over(span.start - 1)
        named = (beside is not None and bool(beside.of("value"))) or before in english.DETERMINERS
        verb = word in english.VERBS and before != "'s" and not named
        if asked and not has and after in _OBJECTS and verb:
            return True
        if praised(self.text, span, self.references_ending):
            return True
        # "cool, thanks", "fun!": an answer, not a wish.
        if self.scene.shown and self._reacts(span, sentence):
            return True
        return (
            span.start == sentence.start
            and phrases.ACKNOWLEDGE.match(self.text, span.start) is not None
            and after in (",", "!", ".", "")
        )

    def _part_of_it(self, meanings: tuple[Meaning, ...], span: Span) -> bool:
        """A part of the wanted thing is named as another kind is: "the skirt of the dress"."""
        if meanings[0].facet != self.pack.head.name or self.text.word(span.end) != "of":
            return False
        held = self.scene.believed_heads
        return (
            self.text.word(span.end + 1) in ("it", "the", "this", "that")
            and bool(held)
            and not {m.value for m in meanings} & set(held)
        )

    def _worn_with(self, span: Span) -> bool:
        """What is worn beside the wanted thing: "because I wear sweaters underneath"."""
        lead = set(self.text.words(Span(span.start - 5, span.start)))
        wears = {"wear", "wearing", "wears", "enough", "room", "space"} & lead
        return bool(wears) and self.text.word(span.end) in _BESIDE

    def _reacts(self, span: Span, sentence: Span) -> bool:
        """Such as "Cute!", "so elegant, how much is it?": praise of what is shown."""
        at = sentence.start
        while self.text.word(at) in ("oh", "ooh", "wow", "aww", "aw", "ah", "hey", ",", "!", "hm"):
            at += 1
        found = phrases.REACTIONS.match(self.text, at, sentence.end)
        if found is None or not at <= span.start < at + found[0]:
            return False
        end = at + found[0]
        return end >= sentence.end or self.text.word(end) in (
            ",",
            "!",
            ".",
            "...",
            "…",
            "and",
            "but",
        )

    def _strays(self, mention: Mention, meanings: tuple[Meaning, ...], sentence: Span) -> bool:
        """The things talked about have no such facet: a "mini bag", a "long coat"."""
        facet = self.pack.facet(meanings[0].facet)
        heads = self._heads_near(mention, sentence)
        question = self.scene.heard.state.open_question
        if facet is None or (question is not None and question.facet == facet.name):
            return False
        if facet.ordered and self._of_the_event(mention):
            return True
        if not heads:
            return False
        if self._apart(facet, heads):
            return True
        same = meanings[0].value.casefold()  # several facets may have a value of that very name
        others = {m.facet for m in mention.of("value") if m.value.casefold() != same}
        others -= {facet.name}
        if not others or not meanings[0].name:
            return False
        beside = facet.name in self.scene.spoken_of(mention, sentence) or any(
            m.facet == facet.name
            for at in (mention.span.end, mention.span.start - 1)
            if (near := self.scene.mention_over(at)) is not None
            for m in near.of("facet")
        )
        return not beside and any(
            self._apart(other, heads) for name in others if (other := self.pack.facet(name))
        )

    def _of_the_event(self, mention: Mention) -> bool:
        """The word grades an occasion, no thing: the long of "on long flights"."""
        following = self.scene.mention_at(mention.span.end)
        after = None if following is None else self.scene.mention_at(following.span.end)
        if following is None or (after is not None and self.scene.is_head(after)):
            return False
        facet = self.pack.facet(following.meanings[0].facet)
        return bool(following.of("value")) and facet is not None and not facet.visible

    def _heads_near(self, mention: Mention, sentence: Span) -> set[str]:
        """Head values that the words belong to: the next one, else those of the sentence."""
        for at in range(mention.span.end, min(mention.span.end + 4, sentence.end)):
            near = self.scene.mention_at(at)
            if near is not None and self.scene.is_head(near):
                return {m.value for m in near.of("value")}
            if self.text.word(at) in _JOINERS | {"but", "not"}:
                break
        return set(self.scene.heads(sentence))

    def _apart(self, facet: Facet, heads: set[str]) -> bool:
        known = heads & {value.name for value in self.pack.head.values}
        return bool(facet.applies_to) and bool(known) and not heads & set(facet.applies_to)

    def _lacked_features(self, sentence: Span) -> list[Said]:
        """A facet's word that is denied, where a value says so: "without print" is plain."""
        found: list[Said] = []
        for mention in self.scene.within(sentence):
            named = mention.of("facet")
            facet = self.pack.facet(named[0].facet) if named else None
            if facet is None or mention.of("value") or self.scene.spent(mention.span):
                continue
            at = mention.span.start - 1
            while self.text.word(at) in _REACH:
                at -= 1
            if self.text.word(at) not in _LACKING or self.text.word(mention.span.end) in _TOPICS:
                continue
            value = self._lacking_value(facet)
            if value is None:
                continue
            span = Span(at, mention.span.end)
            meaning = Meaning("value", facet.name, value)
            for index in range(at, mention.span.end):
                self.scene.used[index] = True
            found.append(Said(Unit(span, facet.name), (meaning,)))
        return found

    def _lacking_value(self, facet: Facet) -> str | None:
        """The facet's value that means having none of it, if its words say so."""
        for word in (facet.name, facet.label, *facet.words):
            for lead in ("no", "without", "without a"):
                for meaning in self.scene.vocabulary.table.get(phrase(f"{lead} {word}")):
                    if meaning.kind == "value" and meaning.facet == facet.name:
                        return meaning.value
        return None

    def _compounds(self, said: list[Said]) -> list[Said]:
        """Two head words, or two colours, side by side name one thing, by the second.

        Where kinds were read out of titles the first still tells which ("laptop bag").
        """
        kept: list[Said] = []
        colour = self.scene.vocabulary.colour_facet
        for one in said:
            before = kept[-1].unit if kept else None
            if before is not None and before.span.end == one.unit.span.start:
                heads = before.head and one.unit.head
                if not heads and self._side_by_side(kept[-1], one):
                    kept.append(one)
                    continue
                if heads or (before.facet == one.unit.facet == colour and one.meanings):
                    kept.pop()
                if heads and not self.pack.head.exact:
                    both = self.text.said(Span(before.span.start, one.unit.span.end), 200)
                    kept.append(Said(Unit(before.span, "", wish=True), wish=both))
            kept.append(one)
        return kept

    def _side_by_side(self, before: Said, one: Said) -> bool:
        """Two colours by their own names that end a phrase are two: "black navy whatever"."""
        following = self.text.word(one.unit.span.end)
        closes = not following[:1].isalpha() or following in _OPEN_LISTS
        own = all(
            said.meanings and said.meanings[0].name and said.meanings[0].listed
            for said in (before, one)
        )
        return closes and own and before.meanings[0].value != one.meanings[0].value

    # --- what is let go or denied -----------------------------------------------------------------

    def _denied_heads(self, said: list[Said], marks: list[Mark]) -> set[int]:
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
                cue = marks[other].start
                if other < index and "but" in self.text.words(Span(cue - 1, cue + 1)):
                    marks[index] = Mark(start=one.unit.span.start)  # "a warm but not bulky coat"
                    break
                low, high = sorted((one.unit.span, beside.span), key=lambda s: s.start)
                between = self.text.words(Span(low.end, high.start))
                if len(between) <= 3 and not _JOINERS & set(between):
                    dropped.add(index)
        return dropped


def _before(wish: Span, lacked: Sequence[Span]) -> Span:
    """A wish without the unknown noun that it runs into: "strappy heeled | sandal"."""
    ends = [span.start for span in lacked if wish.start < span.start < wish.end]
    return Span(wish.start, min(ends)) if ends else wish

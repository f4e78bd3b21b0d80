"""Prices, ratings and other numbers of a sentence: its figures, and words for small and large."""

from __future__ import annotations

from vitrine.agent.understanding import bounding, english, shares
from vitrine.agent.understanding.figures import NEGATIONS, Amount, FigureReader, negated
from vitrine.agent.understanding.idioms import PRICEY
from vitrine.agent.understanding.nouns import impression
from vitrine.agent.understanding.pool import Reference
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.domain import Facet

_BEFORE_DEAR = frozenset(
    "is are 's 're looks seems gets a bit just probably maybe really too so rather quite".split()
)
LOW_SHARE = 0.35
HIGH_SHARE = 0.7
_CENT = 0.01


class AmountReader:
    """Finds the amounts of one message."""

    def __init__(self, scene: Scene, references: list[Reference]) -> None:
        self.scene = scene
        self.text = scene.text
        self.references = references
        self.numeric = [f for f in scene.vocabulary.pack.facets if f.kind == "numeric"]
        self.price = scene.vocabulary.pack.role("price")
        self.figures = FigureReader(scene)

    def read(self, sentence: Span) -> list[Amount]:
        """Amounts in the sentence, left to right, with the tokens they stand on."""
        found: list[Amount] = []
        at = sentence.start
        while at < sentence.end:
            amount = None if self._blocked(at) else self.figures.at(at, sentence)
            if amount is None:
                at += 1
            else:
                found.append(amount)
                at = max(at + 1, amount.span.end)
        shared = self._shared(sentence)
        found += shared if shared is not None else self._relative(sentence, found)
        found = _without_repeats(self._corrected(found))
        found += self._shifted(sentence, found)
        found += self._idioms(sentence)
        found += self._middling(sentence, found)
        return found + self._words(sentence, found)

    def _shared(self, sentence: Span) -> list[Amount] | None:
        """Half of a known price, or a little more than the bound; None where neither is said."""
        if self.price is None:
            return None
        held = any(r.facet == self.price.name for r in self.scene.heard.state.beliefs.ranges)
        if held and shares.shifted(self.text, sentence, 1.0) is not None:
            return None  # "twice that" of the bound
        if (
            part := shares.share(self.scene, self.references, self.price.name, sentence)
        ) is not None:
            return [Amount(part[0], self.price.name, max=part[1], relative=True)]
        more = shares.loosened(self.scene, self.price.name, sentence)
        if more is None or negated(self.scene, more[0], sentence):
            return None
        span, top = more
        return [] if top is None else [Amount(span, self.price.name, max=top, strength="soft")]

    def _blocked(self, at: int) -> bool:
        mention = self.scene.mention_over(at)
        named = any(ref.span.covers(at) for ref in self.references)
        return named or self.scene.used[at] or (mention is not None and bool(mention.of("value")))

    def _corrected(self, found: list[Amount]) -> list[Amount]:
        """A figure said right after another one by mistake: "nothing over 90, no make that 110"."""
        kept: list[Amount] = []
        for amount in found:
            last = kept[-1] if kept else None
            between = Span(last.span.end, amount.span.start) if last is not None else amount.span
            if (
                last is not None
                and last.facet == amount.facet
                and amount.about is not None
                and between.end - between.start <= 5
                and english.REPAIR.first(self.text, between) is not None
            ):
                value = amount.about
                if last.max is not None and last.min is None:
                    kept[-1] = Amount(amount.span, last.facet, max=value, strength=last.strength)
                elif last.min is not None and last.max is None:
                    kept[-1] = Amount(amount.span, last.facet, min=value, strength=last.strength)
                else:
                    kept[-1] = amount
                continue
            kept.append(amount)
        return kept

    def _shifted(self, sentence: Span, taken: list[Amount]) -> list[Amount]:
        """The bound that holds, shifted: "20 more is ok", "half that", "she'll double it"."""
        old = next(
            (
                r
                for r in self.scene.heard.state.beliefs.ranges
                if self.price and r.facet == self.price.name
            ),
            None,
        )
        if old is None or self.price is None or any(a.facet == old.facet for a in taken):
            return []
        hit = shares.shifted(self.text, sentence, old.max or old.about)
        if hit is None:
            return []
        span, value = hit
        if old.max is None and old.about is not None:
            return [Amount(span, old.facet, about=value, strength="soft")]
        return [Amount(span, old.facet, max=value, strength=old.strength)]

    # --- words for small and large ------------------------------------------------------------

    def _relative(self, sentence: Span, taken: list[Amount]) -> list[Amount]:
        """Less or more than things that were shown: "cheaper", "too expensive", "better rated"."""
        found: list[Amount] = []
        for table, below in ((english.COMPARE_LOW, True), (english.COMPARE_HIGH, False)):
            hit = table.first(self.text, sentence)
            if hit is None or self._clear(hit[0], taken) is False:
                continue
            span, roles = hit
            if self.text.word(span.end - 1) == "much" and self._much_of(span.end):
                continue  # "too much fabric"
            if any(ref.span.overlaps(span) for ref in self.references):
                continue
            facet = self.scene.vocabulary.pack.role(roles[0])
            if facet is None or negated(self.scene, span, sentence):
                continue
            if self._of_a_value(span, sentence):
                continue  # "silk is too expensive, what about cotton?"
            if any(amount.facet == facet.name for amount in taken):
                continue  # "I can't afford more than 70" gives the bound itself
            if {"whichever", "whatever"} & set(self.text.words(Span(span.start - 3, span.start))):
                continue
            amount = self._against_shown(facet, span, below, sentence)
            if amount is not None:
                found.append(amount)
        return found

    def _of_a_value(self, span: Span, sentence: Span) -> bool:
        """A value of the shop is what is found too dear, no thing: "leather's a bit pricey"."""
        at = span.start - 1
        lead = self.text.words(Span(max(sentence.start, at - 2), span.end))
        if not {"too", "bit", "so", "rather", "quite"} & set(lead):
            return False
        while self.text.word(at) in _BEFORE_DEAR and at > sentence.start:
            at -= 1
        mention = self.scene.mention_over(at)
        return mention is not None and bool(mention.of("value")) and not self.scene.is_head(mention)

    def _much_of(self, at: int) -> bool:
        word = self.text.word(at)
        return word[:1].isalpha() and word not in (
            "for",
            "and",
            "but",
            "please",
            "i",
            "so",
            "money",
        )

    def _against_shown(
        self, facet: Facet, span: Span, below: bool, sentence: Span
    ) -> Amount | None:
        after = [
            r
            for r in self.references
            if r.things and r.span.start >= span.end and r.span.end <= sentence.end
        ]
        before = [
            r
            for r in self.references
            if r.things and r.span.end <= span.start and r.span.start >= sentence.start
        ]
        state = self.scene.heard.state
        things = (after or before)[0].things if after or before else ()
        if not things:
            fresh = state.focus is not None and state.focus in self.scene.last_shown
            things = (state.focus,) if fresh and state.focus else self.scene.last_shown
        numbers = [n for t in things if (n := self.scene.number_of(t, facet.name)) is not None]
        whole = Span(span.start, after[0].span.end if after else span.end)
        if not numbers:
            return self._soft(facet, span, low=below, sentence=sentence)
        step = _CENT if facet.role == "price" else 0.1
        if below:
            return Amount(whole, facet.name, max=round(min(numbers) - step, 2), relative=True)
        return Amount(whole, facet.name, min=round(max(numbers) + step, 2), relative=True)

    def _words(self, sentence: Span, taken: list[Amount]) -> list[Amount]:
        found: list[Amount] = []
        for mention in self.scene.within(sentence):
            meanings = mention.of("low", "high")
            if not meanings or not self._clear(mention.span, [*taken, *found]):
                continue
            if mention.of("value") or self.scene.spent(mention.span):
                continue
            if impression(self.scene, mention.span.start):
                continue
            if english.EXTREME_LOW.match(self.text, mention.span.start - 1) or any(
                ref.span.overlaps(mention.span) for ref in self.references
            ):
                continue
            facet = next(f for f in self.numeric if f.name == meanings[0].facet)
            if any(amount.facet == facet.name for amount in taken):
                continue
            low = meanings[0].kind == "low"
            start = mention.span.start
            while start > sentence.start and self.text.word(start - 1) in english.DEGREES:
                start -= 1
            denied = negated(self.scene, Span(start, mention.span.end), sentence)
            if not low and self._of_a_value(Span(start, mention.span.end), sentence):
                continue
            if not low and self._blamed(start, sentence):
                amount = self._against_shown(facet, Span(start, mention.span.end), True, sentence)
                found += [amount] if amount is not None and facet.role == "price" else []
                continue
            if denied and start > sentence.start and self.text.word(start - 1) in NEGATIONS:
                start -= 1
            amount = self._soft(facet, Span(start, mention.span.end), low != denied, sentence)
            if amount is not None:
                found.append(amount)
        return found

    def _blamed(self, at: int, sentence: Span) -> bool:
        """Said of what is shown: "that's pricey", "these are expensive"."""
        while self.text.word(at - 1) in (
            "a",
            "bit",
            "kind",
            "of",
            "rather",
            "quite",
            "so",
            "still",
        ):
            at -= 1
        subject = self.text.word(at - 2)
        spoken = any(r.span.end == at - 1 for r in self.references)
        return (
            bool(self.scene.shown)
            and self.text.word(at - 1)
            in ("'s", "is", "are", "'re", "look", "looks", "seems", "seem")
            and (spoken or subject in ("that", "it", "these", "those", "they", "this", "all"))
        )

    def _idioms(self, sentence: Span) -> list[Amount]:
        """Such as "cost a fortune", "on a shoestring"."""
        hit = PRICEY.first(self.text, sentence)
        if hit is None or self.price is None or self.scene.spent(hit[0]):
            return []
        span, labels = hit
        low = (labels[0] == "low") != negated(self.scene, span, sentence)
        amount = self._soft(self.price, span, low, sentence)
        return [amount] if amount is not None else []

    def _middling(self, sentence: Span, taken: list[Amount]) -> list[Amount]:
        """Neither low nor high: "mid-range", "moderately priced"."""
        hit = bounding.MIDDLING.first(self.text, sentence)
        if hit is None or not self._clear(hit[0], taken) or negated(self.scene, hit[0], sentence):
            return []
        facet = self.scene.vocabulary.pack.role(hit[1][0])
        heads = self.scene.heads(sentence)
        low = self.scene.quantile(facet.name, LOW_SHARE, heads) if facet is not None else None
        high = self.scene.quantile(facet.name, HIGH_SHARE, heads) if facet is not None else None
        if facet is None or low is None or high is None:
            return []
        bounds = float(round(low)), float(round(high))
        return [Amount(hit[0], facet.name, min=bounds[0], max=bounds[1], strength="soft")]

    def _soft(self, facet: Facet, span: Span, low: bool, sentence: Span) -> Amount | None:
        share = LOW_SHARE if low else HIGH_SHARE
        bound = self.scene.quantile(facet.name, share, self.scene.heads(sentence))
        if bound is None:
            return None
        bound = float(round(bound)) if facet.role == "price" else round(bound, 1)
        if low:
            return Amount(span, facet.name, max=bound, strength="soft")
        return Amount(span, facet.name, min=bound, strength="soft")

    def _clear(self, span: Span, taken: list[Amount]) -> bool:
        return not any(span.overlaps(amount.span) for amount in taken)


def _without_repeats(found: list[Amount]) -> list[Amount]:
    """A figure told without a bound says nothing beside a bound of the same facet."""
    bounded = {a.facet for a in found if a.max is not None or a.min is not None}
    return [a for a in found if not a.bare or a.facet not in bounded]

"""What "the second one", "the red dress", "those two" and "it" point at."""

from __future__ import annotations

from vitrine.agent.understanding import english, phrases, pointing, predicates
from vitrine.agent.understanding.naming import chosen, let_go, previous, shared_noun
from vitrine.agent.understanding.ordinals import OrdinalReader
from vitrine.agent.understanding.pool import Pool, Reference, ThingKind, Wanted
from vitrine.agent.understanding.priced import priced
from vitrine.agent.understanding.pronouns import FOR_THIS, PronounReader
from vitrine.agent.understanding.restricted import Restriction, restricted, verdict_of
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.titles import TitleReader
from vitrine.agent.understanding.wordforms import plural, singular
from vitrine.core.refs import ThingRef

_LEADS = frozenset("the that this those these your my".split())
_LEAVING_OUT = frozenset("minus without excluding exclude hide skip sans".split())
_REQUIRED = frozenset("should must needs has ought bit".split())
_LEFT_OUT = {("leave", "out"), ("leaving", "out"), ("filter", "out"), ("rule", "out")}
_TOLD_OF = frozenset(
    "is 's was looks look seems costs cost has does do comes come fits feels sounds would can in".split()
)
_OPENING = frozenset("and or but about for of what how than like ok so then now".split())


class ReferenceReader:
    """Finds the references of one message. Reads nothing where nothing was shown yet."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.text = scene.text
        self.state = scene.heard.state
        self.pool = Pool(scene)
        self.ordinals = OrdinalReader(self.pool)
        self.titles = TitleReader(scene)
        self.pronouns = PronounReader(self.pool, self.ordinals)

    def read(self) -> list[Reference]:
        """References left to right, never overlapping."""
        found: list[Reference] = []
        if not self.scene.shown:
            return found
        for sentence in self.text.sentences:
            at = sentence.start
            while at < sentence.end:
                if self.scene.used[at]:
                    at += 1  # "that was all" points at nothing
                    continue
                reference = (
                    priced(self.scene, at)
                    or verdict_of(self.scene, at, sentence)
                    or self.ordinals.read(at, sentence)
                    or self._compared(at, sentence)
                    or self._superlative(at, sentence)
                    or self.titles.read(at, sentence)
                    or previous(self.scene, at)
                    or self._described(at, sentence)
                    or self.pronouns.read(at, sentence)
                )
                if reference is None:
                    at += 1
                else:
                    found.append(reference)
                    self.pronouns.note(reference)
                    at = reference.span.end
        return self._told_after(found)

    def _told_after(self, found: list[Reference]) -> list[Reference]:
        """What "that" means is named in the next sentence: "yeah I like that. First one"."""
        result = list(found)
        for index, (one, other) in enumerate(zip(found, found[1:], strict=False)):
            unclear = one.kind == "pronoun" and not one.things and len(other.things) == 1
            alone = next(s for s in self.text.sentences if s.covers(other.span.start))
            rest = {
                self.text.word(at)
                for at in range(alone.start, alone.end)
                if not other.span.covers(at) and self.text.word(at)[:1].isalpha()
            }
            if unclear and one.span.end <= alone.start and rest <= _OPENING | {"the", "i", "mean"}:
                result[index] = Reference(one.span, "pronoun", other.things)
        return result

    # --- "the cheaper one", "the best rated of those", "the one that costs least" -----------------

    def _compared(self, at: int, sentence: Span) -> Reference | None:
        if self.text.word(at) == "whichever":
            return self._whichever(at, sentence)
        if self.text.word(at) not in ("the", "that"):
            return None
        for tables, low in (
            ((english.COMPARE_LOW, english.EXTREME_LOW), True),
            ((english.COMPARE_HIGH, english.EXTREME_HIGH), False),
        ):
            for cues in tables:
                match = cues.match(self.text, at + 1, sentence.end)
                if match is None:
                    continue
                facet = self.scene.vocabulary.pack.role(match[1][0])
                closing, pool = self._of_shown(at + 1 + match[0], sentence)
                if facet is None or closing is None:
                    return None
                extreme = cues in (english.EXTREME_LOW, english.EXTREME_HIGH)
                if pool is None and extreme:
                    return None  # "the cheapest" means the whole shop
                span = Span(at, closing)
                if pool == ():
                    return Reference(span, "compared", (), several=True)
                return self._best(span, facet.name, pool or self.scene.last_shown, low=low)
        return None

    def _whichever(self, at: int, sentence: Span) -> Reference | None:
        """Such as "whichever of those two is cheaper", "whichever one costs least"."""
        closing, pool = self._of_shown(at + 1, sentence)
        start = closing if closing is not None else at + 1
        while self.text.word(start) in ("is", "'s", "was", "has", "the", "are", "turns", "out"):
            start += 1
        for tables, low in (
            ((english.COMPARE_LOW, english.EXTREME_LOW), True),
            ((english.COMPARE_HIGH, english.EXTREME_HIGH), False),
        ):
            for cues in tables:
                match = cues.match(self.text, start, sentence.end)
                facet = match and self.scene.vocabulary.pack.role(match[1][0])
                if match is None or facet is None:
                    continue
                span = Span(at, start + match[0])
                if pool == ():
                    return Reference(span, "compared", (), several=True)
                return self._best(span, facet.name, pool or self.scene.last_shown, low=low)
        return None

    def _best(
        self, span: Span, facet: str, pool: tuple[ThingRef, ...], *, low: bool
    ) -> Reference | None:
        numbers = {t: n for t in pool if (n := self.scene.number_of(t, facet)) is not None}
        if not numbers:
            return None
        best = (min if low else max)(numbers.values())
        return Reference(span, "compared", tuple(t for t, n in numbers.items() if n == best)[:1])

    def _of_shown(self, end: int, sentence: Span) -> tuple[int | None, tuple[ThingRef, ...] | None]:
        """Where "(one) of those / of the two" ends, and what those are.

        The end is None where no shown thing is meant; the things are None for a bare "one", empty
        where it is not clear which two are meant.
        """
        one = self.text.word(end) in pointing.ONE
        index = end + 1 if one else end
        if self.text.word(index) == "of":
            ordinal = self.ordinals.read(index + 1, sentence)
            if ordinal is not None and len(ordinal.things) > 1:
                return ordinal.span.end, ordinal.things
            word = self.text.word(index + 1)
            if word in ("these", "those", "them", "the", "all"):
                index += 2
                things = self.scene.last_shown
                while index < sentence.end:
                    word = self.text.word(index)
                    if word in pointing.COUNTS:
                        things = self.pronouns.two(pointing.COUNTS[word])
                    elif word not in ("these", "those", "them", "ones"):
                        break
                    index += 1
                return index, things
        return (index, None) if one else (None, None)

    def _superlative(self, at: int, sentence: Span) -> Reference | None:
        """Such as "the one that costs least", "the one with the best reviews"."""
        if self.text.word(at) not in ("the", "whichever") or (
            self.text.word(at) == "the" and self.text.word(at + 1) not in pointing.ONE
        ):
            return None
        start = at + 2 if self.text.word(at) == "the" else at + 1
        for back in range(start, min(start + 4, sentence.end)):
            for cues, low in (
                (english.EXTREME_LOW, True),
                (english.EXTREME_HIGH, False),
            ):
                match = cues.match(self.text, back, sentence.end)
                facet = None if match is None else self.scene.vocabulary.pack.role(match[1][0])
                if match is not None and facet is not None:
                    span = Span(at, back + match[0])
                    return self._best(span, facet.name, self.scene.last_shown, low=low)
            if self.text.word(back) not in ("that", "which", "is", "'s", "with", "the", "has"):
                break
        return None

    # --- "the red one", "that dress" ------------------------------------------------------------

    def _described(self, at: int, sentence: Span) -> Reference | None:
        lead = self.text.word(at)
        if self.text.words(Span(at - 2, at + 1)) in FOR_THIS:
            return None
        bare = lead not in _LEADS and self._named_bare(at, sentence)
        if lead not in _LEADS and not bare:
            return None
        index = at if bare else at + 1
        lead = "the" if bare else lead
        wanted: Wanted = {}
        heads = 0
        while index < sentence.end and index - at < 7:
            mention = self.scene.mention_at(index)
            if mention is None or not mention.of("value"):
                break
            if heads and not self.scene.is_head(mention):
                break  # "the plain tee come in L": the size is asked about
            for meaning in self.scene.values(mention, sentence):
                wanted.setdefault(meaning.facet, set()).add(meaning.value)
            index = mention.span.end
            heads += self.scene.is_head(mention)
        last = self.text.word(index - 1) if index > at + 1 else ""
        noun = self.text.word(index)
        several = lead in ("those", "these")
        kind: ThingKind | None = None
        named = noun in pointing.NOUNS
        if not named and not heads and let_go(self.text, at, sentence):
            return None  # "forget about the suede" names what was asked for
        many = len(self.pool.fitting(self.scene.last_shown, wanted)) > 1
        minded = self.text.words(Span(max(sentence.start, at - 2), at)) == ("mind", "about")
        if heads and many and not named and minded:
            held = set(self.scene.believed_heads)
            if set(wanted) == {self.scene.vocabulary.pack.head.name} and held & set().union(
                *wanted.values()
            ):
                return None  # "I changed my mind about the dress"
        if heads and many and not named and self._of_the_kind(at, index, wanted):
            return None  # "max 35 for the tee"
        if named and lead == "my" and not wanted:
            return None  # "silk isn't my thing"
        if named:
            several = several or noun in pointing.ONES or noun in pointing.DESIGNS
            kind = "design" if noun in pointing.DESIGN | pointing.DESIGNS else None
            index += 1
        elif heads:
            several = several or (
                plural(singular(last)) == last
                and lead != "that"
                and lead != "this"
                and self._has_singular(last)
            )
        elif not (
            wanted
            and lead == "the"
            and (
                shared_noun(self.scene, index)
                or chosen(self.text, at, index)
                or self._elided(at, index, sentence, wanted)
            )
        ):
            return None
        if (named or heads) and (told := restricted(self.scene, index, sentence)) is not None:
            if several and lead == "the" and self._requested(at, sentence):
                return None
            return self._restricted(Span(at, told.end), told, wanted, several, kind, sentence)
        if (named or heads) and self.text.word(index) in ("with", "in", "without"):
            wanted, index = self._tail(wanted, index, sentence)
        if named and self.text.word(index) in ("from", "of", "among"):
            wanted, index = self._among(wanted, index, sentence)
        if not wanted and lead == "the" and kind is None:
            return None
        if heads and self._names_a_kind(wanted, lead, sentence):
            return None
        if several and lead == "the" and self._requested(at, sentence):
            return None
        ones = named and noun in pointing.ONES
        left = self.text.words(Span(at - 2, at)) in _LEFT_OUT
        if ones and wanted and lead == "the" and (left or self.text.word(at - 1) in _LEAVING_OUT):
            return None  # "minus the checked ones": all such things
        if ones and wanted and lead == "the" and predicates.banned(self.text, index, sentence):
            return None  # "the skinny ones can go" speaks of all such things
        span, pool = self.pool.of(Span(at, index), sentence, kind)
        if not wanted:
            return self.pronouns.that_one(span, several, pool, kind)
        return self._meant(span, pool, wanted, several=several, heads=heads > 0, lead=lead)

    def _of_the_kind(self, at: int, index: int, wanted: Wanted) -> bool:
        """What is sought is spoken of, none of the several shown: "the dress should be longer"."""
        head = self.scene.vocabulary.pack.head.name
        if set(wanted) != {head} or not wanted[head] <= set(self.scene.believed_heads):
            return False
        focus = self.state.focus
        if self.text.word(at) != "the" or (focus is not None and focus in self.scene.last_shown):
            return False
        return self.text.word(at - 1) == "for" or self.text.word(index) in _REQUIRED

    def _restricted(
        self,
        span: Span,
        told: Restriction,
        wanted: Wanted,
        several: bool,
        kind: ThingKind | None,
        sentence: Span,
    ) -> Reference | None:
        """The things that a clause tells apart: "the one that isn't teal", "... with no print"."""
        span, pool = self.pool.of(span, sentence, kind)
        fitting = self.pool.fitting(pool, {**wanted, **told.having})
        fitting = [t for t in fitting if not told.lacking or not self.pool.has(t, told.lacking)]
        if not fitting or len(fitting) == len(pool):
            return None
        if several or len(fitting) == 1:
            return Reference(span, "attribute", tuple(fitting), plural=several)
        focus = self.state.focus
        if focus is not None and focus in fitting:
            return Reference(span, "attribute", (focus,))
        return Reference(span, "attribute", (), several=True)

    def _elided(self, at: int, index: int, sentence: Span, wanted: Wanted) -> bool:
        """Such as "and the floral mini?", "the striped blue is lovely": no noun, one thing fits."""
        following, before = self.text.word(index), self.text.word(at - 1)
        ends = not following[:1].isalnum() or following in _TOLD_OF
        opens = at == sentence.start or before in _OPENING or not before[:1].isalpha()
        asks = self.text.is_question(sentence) or self.scene.asks(sentence)
        if not ends or not opens or (len(wanted) < 2 and not asks):
            return False
        return len(self.pool.fitting(self.scene.last_shown, wanted)) == 1

    def _names_a_kind(self, wanted: Wanted, lead: str, sentence: Span) -> bool:
        """Such as "now the bag", "scrap the shorts", where several kinds are wanted."""
        head = self.scene.vocabulary.pack.head.name
        believed = set(self.scene.believed_heads)
        if set(wanted) != {head}:
            return False
        several = len(believed) > 1 and wanted[head] <= believed
        turns = self.text.word(sentence.start) in ("now", "next") and not wanted[head] <= believed
        return (several or turns) and lead == "the" and not self.scene.asks(sentence)

    def _named_bare(self, at: int, sentence: Span) -> bool:
        """Such as "blue one it is", at the start or after a comma."""
        before = self.text.word(at - 1) if at > sentence.start else ""
        mention = self.scene.mention_at(at)
        if mention is None or not mention.of("value") or before[:1].isalpha():
            return False
        end = mention.span.end
        if self.text.word(end) != "one" or self.text.word(end + 1) in ("", "."):
            return False  # "baggy one" asks for one
        wanted: Wanted = {}
        for meaning in self.scene.values(mention, sentence):
            wanted.setdefault(meaning.facet, set()).add(meaning.value)
        return len(self.pool.fitting(self.scene.last_shown, wanted)) == 1

    def _among(self, wanted: Wanted, index: int, sentence: Span) -> tuple[Wanted, int]:
        """Such as "the blue one from the dresses": its kind of thing is named after it."""
        at = index + 1
        while self.text.word(at) in ("the", "those", "these", "your", "all"):
            at += 1
        mention = self.scene.mention_at(at)
        if mention is None or not self.scene.is_head(mention) or at == index + 1:
            return wanted, index
        grown = {name: set(values) for name, values in wanted.items()}
        for meaning in self.scene.values(mention, sentence):
            grown.setdefault(meaning.facet, set()).add(meaning.value)
        return grown, mention.span.end

    def _meant(
        self,
        span: Span,
        pool: list[ThingRef],
        wanted: Wanted,
        *,
        several: bool,
        heads: bool,
        lead: str,
    ) -> Reference | None:
        """The things of the pool that have the values, or of an earlier set."""
        fitting = self.pool.fitting(pool, wanted)
        if not fitting:
            fitting = self.pool.earlier(wanted)
        focus = self.state.focus
        if not fitting:
            if heads and lead in ("this", "that") and focus is not None:
                return Reference(span, "attribute", (focus,))
            return None
        if several or len(fitting) == 1:
            return Reference(span, "attribute", tuple(fitting), plural=several)
        if focus is not None and focus in fitting:
            return Reference(span, "attribute", (focus,))
        return Reference(span, "attribute", (), several=True)

    def _requested(self, at: int, sentence: Span) -> bool:
        """Such as "show me the red ones": more of that kind, none of the shown."""
        request = self.scene.has(phrases.REQUESTS, sentence)
        lead = self.text.word(at - 2)
        if self.text.word(at - 1) in ("only", "just") and lead not in (
            "like",
            "take",
            "want",
            "keep",
        ):
            return True  # "only the ones with long sleeves"
        if request is None or self.text.word(request.end - 1) == "about":
            return False
        if request.end == at and self.text.word(at - 1) == "to":
            return True  # "back to the boots"
        return self.text.word(at - 1) not in ("with", "like", "to", "than", "as", "about", "from")

    def _has_singular(self, word: str) -> bool:
        """The plural form is not the head value's only form (as in "trousers")."""
        return self.scene.vocabulary.knows(singular(word)) and singular(word) != word

    def _tail(self, wanted: Wanted, index: int, sentence: Span) -> tuple[Wanted, int]:
        """Values after the noun: "the one with stripes", but not "... with the green one"."""
        at = index + 1
        while self.text.word(at) in ("the", "a", "an"):
            at += 1
        grown = {name: set(values) for name, values in wanted.items()}
        end = index
        while (mention := self.scene.mention_at(at)) is not None and mention.of("value"):
            if self.scene.is_head(mention):
                return wanted, index
            for meaning in self.scene.values(mention, sentence):
                grown.setdefault(meaning.facet, set()).add(meaning.value)
            at = end = mention.span.end
        if self.text.word(at) in pointing.NOUNS or self.text.word(index) == "without":
            return wanted, index
        if end > index and (following := self.scene.mention_at(at)) is not None:
            at = end = following.span.end if following.of("facet") else at
        if self._refines(grown, wanted):
            return grown, end
        return wanted, index

    def _refines(self, grown: Wanted, wanted: Wanted) -> bool:
        """Something was shown that has all of it; else "in green" asks for a change."""
        return grown != wanted and bool(self.pool.fitting(self.scene.last_shown, grown))

"""What "it", "that one", "those", "both", "the two" and "the others" point at."""

from __future__ import annotations

from vitrine.agent.understanding import english, pointing
from vitrine.agent.understanding.ordinals import OrdinalReader
from vitrine.agent.understanding.pool import Pool, Reference, ThingKind
from vitrine.agent.understanding.proposed import pointer
from vitrine.agent.understanding.text import Span
from vitrine.core.refs import ThingRef

_BEFORE_THAT = pointing.THAT_BEFORE | english.TALK
FOR_THIS = frozenset((word, "for", "this") for word in "ok okay fine alright good allowed".split())
"""In "wool is ok for this one" what is sought now is meant, none of the shown."""


class PronounReader:
    """Reads the pronouns of one message, and remembers what its words spoke of before them."""

    def __init__(self, pool: Pool, ordinals: OrdinalReader) -> None:
        self.scene = pool.scene
        self.text = self.scene.text
        self.state = self.scene.heard.state
        self.ordinals = ordinals
        self.spoken: ThingRef | None = None
        self.spoken_of: tuple[ThingRef, ...] = ()

    def note(self, reference: Reference) -> None:
        """Remember what was spoken of, for "it" and "those two" later in the message."""
        if not reference.things:
            return
        if len(reference.things) == 1:
            self.spoken = reference.things[0]
            if reference.kind != "pronoun":
                self.spoken_of = (*self.spoken_of, *reference.things)[-4:]
        else:
            self.spoken_of = reference.things

    def two(self, count: int = 2) -> tuple[ThingRef, ...]:
        """The things that "the two" or "those three" are: spoken of now or lately, or all shown."""
        if len(self.spoken_of) == count:
            return self.spoken_of
        shown = self.scene.last_shown
        if len(shown) == count:
            return shown
        spoken = self.state.spoken
        return spoken if len(spoken) == count else ()

    def read(self, at: int, sentence: Span) -> Reference | None:
        """The pronoun that starts at the word, or None."""
        word = self.text.word(at)
        before = self.text.word(at - 1) if at > sentence.start else ""
        after = self.text.word(at + 1)
        pool = list(self.scene.last_shown)
        if not self.spoken_of and pointer(self.scene, sentence, at):
            return None  # "would trainers be cheaper? show me those"
        if word == "it":
            if after in pointing.DUMMY_IT or (before in ("do", "does", "doing") and after == "for"):
                return None
            return self.that_one(Span(at, at + 1), False, pool, None)
        if word == "this" and self.text.words(Span(at - 2, at + 1)) in FOR_THIS:
            return None
        if word in ("this", "that") and after not in pointing.NO_THING:
            asked = before in english.AUXILIARIES and after in pointing.ASKED_VERBS
            stands = not after or after in pointing.THAT_AFTER or asked
            leads = asked or not before or not before[0].isalpha() or before in _BEFORE_THAT
            if stands and leads:
                return self.that_one(Span(at, at + 1), False, pool, None)
            return None
        if word in ("those", "them", "they") and self._sought(at, sentence):
            return None
        if word in ("these", "those") and after not in pointing.NO_THING:
            return self._those(at, after)
        if word in ("them", "they", "both", "either", "neither", "none", "all", "any"):
            return self._group(at, word, after, sentence)
        if word == "the" and after in pointing.COUNTS:
            return self._the_two(at, after)
        if word == "the" and after in ("other", "others", "rest"):
            return self._rest(at, after)
        return None

    def that_one(
        self, span: Span, several: bool, pool: list[ThingRef], kind: ThingKind | None
    ) -> Reference:
        """What "it", "that" and "that one" mean: what was spoken of last, or the only thing."""
        if several:
            return Reference(span, "pronoun", tuple(pool), plural=True)
        focus = self.spoken or self.state.focus
        if focus is not None and (kind is None or focus.kind == kind):
            return Reference(span, "pronoun", (focus,))
        if len(pool) == 1:
            return Reference(span, "pronoun", (pool[0],))
        lately = self.state.spoken if self.state.spoken_turn == self.state.turn else ()
        if len(lately) == 1 and (kind is None or lately[0].kind == kind):
            return Reference(span, "pronoun", lately)  # turned down, yet still spoken of
        return Reference(span, "pronoun", (), several=True)

    def _sought(self, at: int, sentence: Span) -> bool:
        """Others were named right before: "dark blue ones too, I'd wear those as well"."""
        for place in range(sentence.start + 1, at):
            lead = self.scene.mention_over(place - 1)
            if self.text.word(place) != "ones" or lead is None or not lead.of("value"):
                continue
            start = lead.span.start
            while start > sentence.start and self.scene.mention_over(start - 1) is not None:
                start -= 1
            return self.text.word(start - 1) not in ("the", "these", "those")
        return False

    def _those(self, at: int, after: str) -> Reference | None:
        pool = self.scene.last_shown
        count = pointing.COUNTS.get(after)
        if count is not None:
            chosen = self.two(count) or pool[:count]
            noun = 3 if self.text.word(at + 2) in pointing.ONES else 2
            return Reference(Span(at, at + noun), "pronoun", chosen, plural=True)
        if (
            not after
            or not after[0].isalpha()
            or after in pointing.THAT_AFTER
            or after in english.NOUN_STOPPERS
        ):
            return Reference(Span(at, at + 1), "pronoun", pool, plural=True)
        return None

    def _the_two(self, at: int, after: str) -> Reference | None:
        """Such as "the two", where it is clear which."""
        following = self.text.word(at + 2)
        things = self.two(pointing.COUNTS[after])
        if not things or (following[:1].isalpha() and following not in pointing.AFTER_COUNT):
            return None
        end = at + 3 if following in pointing.ONES else at + 2
        return Reference(Span(at, end), "pronoun", things, plural=True)

    def _group(self, at: int, word: str, after: str, sentence: Span) -> Reference | None:
        """Such as "they", "both of them", "any of these", "all of those"."""
        pool = self.scene.last_shown
        named = after == "of" and self.text.word(at + 2) in ("them", "these", "those", "the")
        end = at + 1
        if named and self.ordinals.read(at + 2, sentence) is not None:
            return None  # "either of the first two"
        if named:
            end = at + 3
            while self.text.word(end) in pointing.COUNTS or self.text.word(end) in pointing.ONES:
                end += 1
        if word in ("none", "all", "any", "neither", "either") and not named:
            return None
        beside = self.scene.mention_at(at + 1)
        if word == "both" and beside is not None and not self.scene.is_head(beside):
            return None  # "both sizes"
        if word in ("them", "they"):
            things = self.spoken_of if len(self.spoken_of) > 1 else ()
            things = things or (self.state.spoken if self._still_spoken() else ()) or pool
        elif word in ("both", "neither", "either"):
            things = self.two() or (pool[:2] if word == "both" else pool)
        else:
            things = pool
        return Reference(Span(at, min(end, sentence.end)), "pronoun", things, plural=True)

    def _still_spoken(self) -> bool:
        """Several things were spoken of after the last set was shown."""
        shown = self.scene.shown
        return (
            len(self.state.spoken) > 1 and bool(shown) and self.state.spoken_turn > shown[-1].turn
        )

    def _rest(self, at: int, after: str) -> Reference | None:
        pool = self.scene.last_shown
        known = {self.spoken or self.state.focus, *self.spoken_of}
        rest = tuple(t for t in pool if t not in known)
        noun = self.text.word(at + 2)
        one = after == "other" and noun in pointing.ONE
        several = after != "other" or noun in pointing.ONES or noun in pointing.COUNTS
        if not one and not several and noun[:1].isalpha():
            return None
        end = at + 3 if one or (several and after == "other") else at + 2
        if one and len(rest) != 1:
            return Reference(Span(at, end), "rest", (), several=len(rest) > 1)
        return Reference(Span(at, end), "rest", rest, plural=several)

"""How each thing said is meant: wanted, avoided, allowed or let go, firmly or softly.

One walk over the words of a sentence keeps the polarity in force. A negation reaches over what
follows until a border: "but", a new clause, a preposition after it has met its object, or a comma
that does not continue a list ("no stripes, dots or checks" goes on, "not red, blue" does not).
"""

from __future__ import annotations

from collections.abc import Sequence

from vitrine.agent.understanding import english, predicates
from vitrine.agent.understanding.elision import goes_on_denying
from vitrine.agent.understanding.marks import Mark, Polarity, Unit, marked
from vitrine.agent.understanding.relative import COMPARATIVES
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, Text

_SUBJECTS = frozenset("i we you it they he she that this let 'd 'll".split())
_BORDERS = frozenset(". ! ? ; : ( ) \n".split()) | {"\n", "–", "—"}
_DASHES = frozenset({"-", "–", "—"})
_RESTARTS = frozenset("more is are has have be with no without".split())
"""What begins a statement of its own after "and"."""
_NEAR = 4
_SWAPPING = frozenset("swap swapping replace replacing exchange trade substitute".split())
_TALK = frozenset(
    "wait sorry actually just please that this let show make give keep go what how i'd the".split()
)
_AFTER_TOO = frozenset("please pls thanks then if and or but for though now".split())
_MEASURING = frozenset("so very overly super that extremely terribly".split())


_SAVING = frozenset("bar barring excepting save".split())
_TOTAL = frozenset("any every all anything everything each whatever anywhere".split())
_BEING = frozenset("'m am is are 're 's so also too just totally very kinda kind of bit a".split())


def _after_all(text: Text, at: int, sentence: Span) -> bool:
    """All of something is named right before: "every colour", "everything"."""
    lead = text.words(Span(max(sentence.start, at - 4), at))
    return text.word(at - 1) in _TOTAL or bool(_TOTAL & set(lead[:-1]))


def _had_enough(text: Text, at: int, sentence: Span, units: Sequence[Unit]) -> bool:
    """Such as "so over black": a thing that is no number follows, and somebody is "over" it."""
    follows = any(u.span.start in (at + 1, at + 2) and not u.number for u in units)
    before = text.word(at - 1)
    alone = at == sentence.start or before in ("also", "and", ",")
    return follows and (before in _BEING or alone)


class _Walk:
    """The polarity in force while walking."""

    def __init__(self) -> None:
        self.polarity: Polarity = "want"
        self.start = 0
        self.cue_end = 0
        self.excluding = False
        self.listing = False
        self.met: list[Unit] = []

    def begin(self, polarity: Polarity, start: int, end: int, *, excluding: bool = False) -> None:
        self.polarity, self.start, self.cue_end = polarity, start, end
        self.excluding = excluding
        self.listing = False
        self.met = []

    def reset(self) -> None:
        self.begin("want", 0, 0)


def marks(scene: Scene, sentence: Span, units: Sequence[Unit]) -> list[Mark]:
    """How each unit of the sentence is meant, in the order of `units` (left to right)."""
    text = scene.text
    found: dict[int, Mark] = {}
    starts = {unit.span.start: i for i, unit in enumerate(units)}
    walk = _Walk()
    if goes_on_denying(scene.text, sentence):
        walk.begin("avoid", sentence.start, sentence.start + 1)
    if text.words(Span(sentence.start, sentence.start + 1)) == ("keep",) and _kept_away(
        text, sentence
    ):
        walk.begin("avoid", sentence.start, sentence.start + 1)
    at = sentence.start
    while walk.polarity == "avoid" and text.word(at) in (".", "…", "..."):
        at += 1  # "...or checks"
    while at < sentence.end:
        index = starts.get(at)
        if index is not None:
            unit = units[index]
            start = walk.start if walk.polarity != "want" else unit.span.start
            start, degree = _degree(text, min(start, unit.span.start), unit)
            degree = degree or _complains(scene, sentence, unit)
            degree = degree or (
                walk.polarity == "avoid"
                and text.word(unit.span.start - 1) in _MEASURING
                and text.word(unit.span.start - 2) != "of"
            )
            found[index] = Mark(walk.polarity, "hard", start=start, degree=degree)
            walk.met.append(unit)
            at = unit.span.end
            continue
        if scene.used[at]:
            at += 1
            continue
        ahead = _step(text, at, sentence, walk, units)
        # A cue ends where a thing begins: "forget the | the office".
        begun = (s for s in starts if at < s < ahead and text.word(s) in english.DETERMINERS)
        at = min(begun, default=ahead)
    result = [found.get(i, Mark(start=unit.span.start)) for i, unit in enumerate(units)]
    if text.word(sentence.start) == "or":  # "or green": beside what was said before
        result = [marked(mark, added=True) for mark in result]
    result = predicates.outdone(text, units, result)
    result = predicates.afterwards(text, sentence, units, result)
    return _strengths(scene, sentence, units, result)


def _kept_away(text: Text, sentence: Span) -> bool:
    """Such as "keep synthetics away from me"."""
    words = text.words(sentence)
    return "away" in words and words.index("away") <= 5


def _complains(scene: Scene, sentence: Span, unit: Unit) -> bool:
    """Such as "these are all so short", said of shown things."""
    text, at = scene.text, unit.span.start
    if unit.wish or text.word(at - 1) not in ("so", "way", "awfully", "terribly", "rather"):
        return False
    spoken = any(scene.used[i] for i in range(sentence.start, at))
    return spoken and any(
        text.word(i) in ("is", "are", "'s", "'re", "look", "looks")
        for i in range(max(sentence.start, at - 4), at)
    )


def _step(text: Text, at: int, sentence: Span, walk: _Walk, units: Sequence[Unit]) -> int:
    """Read one cue or word; gives the next position."""
    word = text.word(at)
    if word in _SAVING and _after_all(text, at, sentence):
        walk.begin("avoid", at, at + 1, excluding=True)  # "any colour bar pink"
        return at + 1
    if word == "over" and _had_enough(text, at, sentence, units):
        walk.begin("avoid", at, at + 1)  # "I'm so over black"
        return at + 1
    if word in _SWAPPING and walk.polarity == "want" and _swaps(text, at, sentence, units):
        walk.begin("drop", at, at + 1, excluding=True)  # "swap the boots for sneakers"
        return at + 1
    match = english.CUES.match(text, at, sentence.end)
    if match is not None:
        length, kinds = match
        end = at + length
        kind = kinds[0]
        following = text.word(end)
        if "skip" in kinds:
            return end
        if word in ("less", "fewer") and length == 1 and following == "than":
            return end
        if kind == "neg":
            if length == 1 and _replies(text, at, sentence):
                return end
            if (
                walk.polarity == "avoid"
                and not walk.met
                and _one_breath(text, walk.cue_end, at)
                and not _negator_then_verb(text, walk, at)
            ):
                walk.begin("allow", walk.start, end)  # two negations: "not without", "don't hate"
            else:
                walk.begin("avoid", at, end)
            return end
        if (kind == "exclude" and word == "instead") or kind == "own":
            # "Y instead of X", "I already have X": X is not asked for, but not avoided either
            walk.begin("drop", at, end, excluding=True)
            return end
        if kind == "exclude":
            walk.begin("avoid", at, end, excluding=True)
            return end
        if kind == "indiff":
            walk.begin("allow", at, end)
            return end
        if kind == "notonly":
            walk.begin("relax", at, end)
            return end
        if kind == "nomatter" and word not in ("any", "whatever"):
            if following in (",", ".", "!", "") or (
                text.word(at) == "never" and following in _TALK
            ):
                return end  # "never mind, show me boots"
            walk.begin("release", at, end)
            return end
        if kind == "turn" or "turn" in kinds:
            # "any colour but red": what follows is left out.
            lead = text.words(Span(max(sentence.start, at - 3), at))
            if (
                word == "but"
                and text.word(at - 1) != ","
                and {"any", "every", "all", "whatever"} & set(lead[:2] if len(lead) == 3 else lead)
            ):
                walk.begin("avoid", at - len(lead), end, excluding=True)
            else:
                walk.reset()
            return end
        if kind == "want" or "want" in kinds:
            fresh = walk.met or text.word(at - 1) in _SUBJECTS
            if walk.polarity != "want" and fresh and (walk.met or at - walk.cue_end > 2):
                walk.reset()
            return end
        if "soft" in kinds and walk.met and (walk.excluding or word in ("maybe", "perhaps")):
            walk.reset()  # "instead of a coat maybe a hoodie"
        if walk.polarity == "want":
            return end
    if walk.polarity == "want":
        return at + 1
    if word == ":" and at == walk.cue_end and text.word(at - 1) not in ("no", "not", "never"):
        walk.listing = True  # "exclude: yellow, dotted, sleeveless"
        return at + 1
    if walk.listing and word in (",", "and", "&", "/"):
        return at + 1
    if (
        word in _BORDERS
        or word in _DASHES
        or (word == "so" and (walk.polarity == "drop" or text.word(at - 1) == ","))
    ):
        walk.reset()
    elif word == ",":
        apart = at - walk.cue_end >= 2 and text.word(at + 1) in _SUBJECTS | _FRESH
        if not walk.met and apart:
            walk.reset()  # "you won't believe it, my friend ..."
        if walk.met and not _list_goes_on(text, at, sentence, walk.met[-1], units):
            walk.reset()
    elif word == "and" or word == "&":
        following = text.word(at + 1)
        if walk.met and (
            following in english.PRONOUNS
            or following in english.PREPOSITIONS
            or following in _NEXT_WISH
            or following in _RESTARTS | COMPARATIVES
            or (
                _next_facet(at + 1, units) not in (None, walk.met[-1].facet)
                and not walk.met[-1].wish
                and walk.polarity != "avoid"
            )
        ):
            walk.reset()
    elif word in ("a", "an") and walk.met and walk.met[-1].head and not walk.listing:
        if text.word(at - 1) not in ("or", "nor", "and", ",", "not", "no"):
            walk.reset()  # "not a sweatshirt a jacket, denim"
    elif word in english.PREPOSITIONS and word not in ("of", "like", "as"):
        solid = [unit for unit in walk.met if not unit.head]
        if solid or (walk.met and walk.excluding):
            walk.reset()
    elif word in ("please", "so", "because", "since") and walk.met:
        reason = word in ("because", "since") and text.word(at + 1) in ("it", "they", "that")
        if not reason:  # "... because it's hard to wash" tells what is avoided
            walk.reset()
    return at + 1


def _one_breath(text: Text, start: int, end: int) -> bool:
    """Only small words stand between: "not that I hate", "never said I disliked"."""
    between = text.words(Span(start, end))
    return len(between) <= 2 or (len(between) <= 4 and set(between) <= _SMALL)


_FRESH = frozenset("my our better rather preferably ideally".split())
_NEXT_WISH = frozenset(
    "a an please maybe show give find want preferably make take use get go try keep choose pick have do let's "
    "let look add then instead".split()
)
_SMALL = english.PRONOUNS | frozenset(
    "that said say to would 'd do did be been am 'm am exactly saying".split()
)


def _swaps(text: Text, at: int, sentence: Span, units: Sequence[Unit]) -> bool:
    """Such as "swap the boots for sneakers"; not "I need to replace my sneakers"."""
    places = [i for i in range(at + 1, sentence.end) if text.word(i) in ("for", "with", "by")]
    return bool(places) and any(
        one.span.end <= places[0] and other.span.start > places[0] and one.facet == other.facet
        for one in units
        for other in units
        if one.span.start > at
    )


def _replies(text: Text, at: int, sentence: Span) -> bool:
    """Such as "no" as a reply of its own: "no, blue", "no I meant green"."""
    word, following = text.word(at), text.word(at + 1)
    if word not in ("no", "not", "never"):
        return False
    if following in (",", "", ".", "!", "thanks"):
        return True
    if word == "no" and following in (
        "not",
        "n't",
        "no",
        "never",
        "nothing",
        "without",
        "do",
        "but",
    ):
        return True  # "ok no not red"
    opens = at == sentence.start or text.word(at - 1) in (",", "oh", "well", "actually")
    return word == "no" and opens and (following in english.PRONOUNS or following in _TALK)


def _negator_then_verb(text: Text, walk: _Walk, at: int) -> bool:
    """Such as "do n't want" style cues are one negation, not two; so is "no ... no"."""
    return text.word(at) in ("no", "any") or text.word(walk.cue_end - 1) == text.word(at)


def _degree(text: Text, start: int, unit: Unit) -> tuple[int, bool]:
    """Take "too", "very" and the like before the unit into its words."""
    at = unit.span.start
    while (
        at > 0 and text.word(at - 1) in english.DEGREES and text.word(at - 1) not in ("all", "that")
    ):
        at -= 1
    words = set(text.words(Span(at, unit.span.start)))
    return min(start, at), "too" in words


def _next_facet(at: int, units: Sequence[Unit]) -> str | None:
    return next((u.facet for u in units if at <= u.span.start <= at + 2), None)


def _list_goes_on(
    text: Text, comma: int, sentence: Span, last: Unit, units: Sequence[Unit]
) -> bool:
    """The comma stands inside of a list of one facet that "or", "nor" or "and" closes."""
    at = comma + 1
    if text.word(at) in ("better", "rather", "instead"):
        return False  # "not with many colours, better one colour only"
    if text.word(at) in ("or", "nor", "and"):
        return text.word(at) != "and" or _next_facet(at, units) == last.facet
    run = 0
    while at < sentence.end:
        unit = next((u for u in units if u.span.start == at), None)
        if unit is not None:
            if unit.facet != last.facet and not (unit.wish or last.wish):
                return False
            run += 1
            at = unit.span.end
            continue
        word = text.word(at)
        if word in ("or", "nor") or (word == "and" and run):
            return run > 0
        if word == ",":
            at += 1
            continue
        return False
    return run >= 2


def _strengths(
    scene: Scene, sentence: Span, units: Sequence[Unit], given: list[Mark]
) -> list[Mark]:
    """Soft and adding cues hold within their segment: after them, or, at its end, before them."""
    result = list(given)
    for segment in _segments(scene.text, sentence, units):
        inside = [i for i, unit in enumerate(units) if segment.covers(unit.span.start)]
        if not inside:
            continue
        at = segment.start
        while at < segment.end:
            match = english.CUES.match(scene.text, at, segment.end)
            covered = any(units[i].span.covers(at) for i in inside)
            if match is None or covered or not {"soft", "add"} & set(match[1]):
                at += 1 if match is None or covered else match[0]
                continue
            length, kinds = match
            after = [i for i in inside if units[i].span.start >= at + length]
            before = [i for i in inside if units[i].span.end <= at]
            word = scene.text.word(at)
            closing = scene.text.word(at + length)
            if word == "too" and closing[:1].isalpha() and closing not in _AFTER_TOO:
                at += length
                continue
            chosen = _modifiers(units, after) or _nearest(units, before)
            for i in chosen:
                if "soft" in kinds:
                    result[i] = marked(result[i], strength="soft")
                if "add" in kinds:
                    result[i] = marked(result[i], added=True)
            at += length
    # An avoidance by degree ("not too bold") is a leaning, not a ban.
    return [
        marked(mark, strength="soft") if mark.degree and mark.polarity == "avoid" else mark
        for mark in result
    ]


def _modifiers(units: Sequence[Unit], after: list[int]) -> list[int]:
    """What follows a cue, without a kind of thing that has modifiers: "maybe a red jacket"."""
    kept = [
        i
        for i in after
        if not units[i].head
        or not any(
            j in after and not units[j].head and units[i].span.start - units[j].span.end <= 1
            for j in range(i)
        )
    ]
    return kept or after


def _nearest(units: Sequence[Unit], before: list[int]) -> list[int]:
    """The last unit before a closing cue; where that is a head, its modifiers instead of it."""
    if not before:
        return []
    last = before[-1]
    if not units[last].head:
        run = [last]
        while run[0] - 1 in before and units[run[0] - 1].span.end == units[run[0]].span.start:
            run.insert(0, run[0] - 1)  # "light red maybe"
        return run
    chosen = [i for i in before[:-1] if units[last].span.start - units[i].span.end <= _NEAR]
    return chosen or [last]


def _segments(text: Text, sentence: Span, units: Sequence[Unit]) -> list[Span]:
    """Pieces between commas, "but" and dashes. A comma before a bare closing cue does not cut."""
    cuts = [sentence.start]
    for at in range(sentence.start, sentence.end):
        if text.word(at) in (",", "but", "though", "although", "however", "-", "–", "—", ";"):
            left = any(cuts[-1] <= u.span.start < at for u in units)
            right = any(u.span.start > at for u in units)
            if left and right:
                cuts.append(at)
    cuts.append(sentence.end)
    return [Span(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]

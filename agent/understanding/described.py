"""How a wanted thing is described beside what is shown: "has a red bow and thinner straps".

In a description every word counts. What the shop has no value for becomes a wish, one for each
phrase, and a value that belongs to a part ("a red bow") stays with its part instead of becoming a
value of the whole thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vitrine.agent.understanding import elision, english, phrases
from vitrine.agent.understanding.idioms import VERBISH
from vitrine.agent.understanding.relative import COMPARATIVES
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span, split_list, table
from vitrine.agent.understanding.vocabulary import Mention
from vitrine.agent.understanding.wordforms import stems

_GENERIC_LEADS = frozenset("something anything one ones".split())
_POSSESSING = elision.HAVING | {"with", "without", "no", "w"}
_PLACING = frozenset(
    "in on of at around round down near along across to for from over under up by behind inside "
    "through throughout above below between against onto into than while like where".split()
)
_JOINING = frozenset("and & , / plus or".split())
_CUTTING = _JOINING | frozenset(
    ". ; : ! ( ) lack lacks lacking if when maybe please possibly ideally preferably but instead "
    "rather not n't never also as too that which it they its".split()
)
_UNSAID = frozenset(
    "more less fewer much very so really slightly bit little lot even way far quite almost "
    "somewhat made different same identical alike similar equal exact exactly other "
    "another overall added add extra just only all most mostly both desired product item "
    "examples suggestions ideas results models stuff pieces items clothes clothing options "
    "looks look looking seems appears version kind type sort else please thanks okay ok "
    "fine something thing things goes neither nor either anything nothing color colors "
    "colour colours colored coloured coloring colouring tone hue shade shades".split()
)
_MEASURES = frozenset("big small top single".split())
_TALKING = (english.PRONOUNS - {"it", "them", "they"}) | frozenset(
    "my our your do does did can could will would shall should may might must 'd 'll 'm what how why "
    "when".split()
)
_VERBS = table(
    {
        "verb": split_list(
            "hates | hate | likes | loves | dislikes | wants | needs | prefers | wears"
        )
    }
)
_LONGEST_FRAGMENT = 16


@dataclass(frozen=True, slots=True)
class Described:
    """A phrase of a description. `whole`: the values inside of it belong to it."""

    span: Span
    whole: bool


def describe(scene: Scene, sentence: Span) -> list[Described]:
    """Wishes of the sentence's description, left to right; nothing where there is none."""
    found: list[Described] = []
    for span, having in _descriptions(scene, sentence):
        for chunk, possessed in _chunks(scene, span, having):
            found += _read_chunk(scene, chunk, possessed)
    return found


def _descriptions(scene: Scene, sentence: Span) -> Iterator[tuple[Span, bool]]:
    """Spans that describe the wanted thing, and whether they start with what it has."""
    text = scene.text
    verb = elision.predicate(text, sentence)
    if verb is not None:
        yield Span(verb, sentence.end), text.word(verb) in elision.HAVING
        return
    for at in range(sentence.start + 1, sentence.end - 2):
        mention = scene.mention_over(at - 1)
        led = text.word(at - 1) in _GENERIC_LEADS or (
            mention is not None and scene.is_head(mention)
        )
        verb_at = at + 1 if text.word(at) in ("that", "which") else at
        if led and verb_at > at and text.word(verb_at) in elision.BEING | elision.HAVING:
            yield Span(verb_at, sentence.end), text.word(verb_at) in elision.HAVING
            return
    if _is_fragment(scene, sentence):
        yield sentence, False


_DENYING = frozenset(
    {"no", "not", "without", "less", "fewer", "minus", "w/o", "nothing", "neither"}
)


def _is_fragment(scene: Scene, sentence: Span) -> bool:
    """Words beside shown things that only describe: "longer, less fancy, with a zip"."""
    text = scene.text
    if not scene.shown or text.is_question(sentence):
        return False
    if sentence.end - sentence.start > _LONGEST_FRAGMENT:
        return False
    said = set(text.words(sentence))
    if (_TALKING | english.KIN | phrases.DESIGN_VERBS | _GENERIC_LEADS) & said:
        return False
    if text.word(sentence.start) in phrases.YES | phrases.NO - {"no"}:
        return False
    cue = english.CUES.match(text, sentence.start, sentence.end)
    thanked = phrases.ACKNOWLEDGE.match(text, sentence.start, sentence.end)
    if thanked is not None and sentence.start + thanked[0] >= sentence.end - 1:
        return False  # "noted.", "good to know"
    if cue is not None and {"nomatter", "own", "notonly", "indiff"} & set(cue[1]):
        return False
    if cue is not None and "neg" in cue[1] and text.word(sentence.start) not in _DENYING:
        return False  # "avoid wool" orders, "no straps" describes
    for cues in (
        phrases.REQUESTS, phrases.MORE, phrases.ACCEPT, phrases.REJECT, phrases.LIKE, phrases.UNDO,
        phrases.RESET, phrases.HELP, phrases.GREETINGS, phrases.NEUTRAL, phrases.OWN, phrases.WHY,
        _VERBS,
    ):  # fmt: skip
        if scene.has(cues, sentence) is not None:
            return False
    graded = (COMPARATIVES | {"more", "less"}) & said
    visible = False
    for mention in scene.within(sentence):
        if mention.typo:
            continue
        visible = visible or bool(mention.of("concept"))
        for meaning in mention.of("value"):
            facet = scene.vocabulary.pack.facet(meaning.facet)
            visible = visible or (facet is not None and facet.visible)
    return bool(graded) or visible


def _chunks(scene: Scene, span: Span, having: bool) -> Iterator[tuple[Span, bool]]:
    """Phrases between borders, and whether the thing *has* what the phrase names."""
    text = scene.text
    possessed, placed = having, False
    start: int | None = None
    at = span.start
    while at <= span.end:
        word = text.word(at) if at < span.end else "."
        mention = scene.mention_at(at) if at < span.end else None
        if mention is not None and mention.of("value", "concept"):
            start = at if start is None else start
            at = mention.span.end
            continue
        if word == "of" and text.word(at - 1) in ("more", "less"):
            at, start = at + 1, None  # "more of a boot"
            continue
        border = (
            word in _CUTTING
            or word in _PLACING
            or word in _POSSESSING
            or word in elision.BEING
            or _VERBS.match(text, at) is not None
            or not word[:1].isalnum()
            or (at < span.end and scene.used[at])
        )
        if not border:
            start = at if start is None else start
            at += 1
            continue
        if start is not None and _goes_on(scene, start, at, span, possessed):
            at += 1
            continue
        joins = word in ("and", "&", "/", ",") and start is not None and possessed and not placed
        if joins and start is not None and _coordinated(scene, Span(start, at), at + 1, span.end):
            at += 1
            continue
        if start is not None and not placed:  # "down the front" says where, not what
            yield Span(start, at), possessed
        start = None
        if word in _PLACING:
            placed = True
        elif word in _CUTTING or word in _POSSESSING or word in elision.BEING:
            placed = False
        verb = text.word(at + 1) if word in _JOINING and at + 1 < span.end else word
        if word in _POSSESSING and text.word(at + 1) != ",":  # "no, a hat" replies
            possessed = True
        elif verb in elision.BEING:
            possessed = False
        at += 1


def _goes_on(scene: Scene, start: int, at: int, span: Span, possessed: bool) -> bool:
    """The border is inside of the phrase: "tie up", "drawing of a boat", "letters in gold"."""
    text = scene.text
    word, following = text.word(at), text.word(at + 1)
    if at + 1 >= span.end or not _says_something(scene, at - 1):
        return False
    if word in ("up", "down", "on", "off"):
        return following not in english.DETERMINERS and following not in _CUTTING | _PLACING
    if word == "of":
        return possessed
    if word == "in":
        mention = scene.mention_at(at + 1)
        colours = mention is not None and any(
            m.facet == scene.vocabulary.colour_facet for m in mention.of("value")
        )
        return possessed and colours
    return False


def _coordinated(scene: Scene, before: Span, at: int, end: int) -> bool:
    """The two of "pink and green accents": a value alone, then one of its facet and a noun."""
    first, following = scene.mention_over(before.end - 1), _next_value(scene, at, end)
    if first is None or following is None or following.span.start != at:
        return False
    alone = all(
        scene.text.word(i) in english.DETERMINERS | _JOINING
        or ((inside := scene.mention_over(i)) is not None and bool(inside.of("value")))
        for i in range(before.start, before.end)
    )
    facets = {m.facet for m in first.of("value")} & {m.facet for m in following.of("value")}
    return alone and bool(facets)


def _next_value(scene: Scene, at: int, end: int) -> Mention | None:
    """The value at the token, determiners skipped."""
    while at < end and scene.text.word(at) in english.DETERMINERS:
        at += 1
    mention = scene.mention_at(at)
    return mention if mention is not None and mention.of("value") else None


def _read_chunk(scene: Scene, chunk: Span, possessed: bool) -> list[Described]:
    chunk = _trimmed(scene, chunk)
    if chunk.end <= chunk.start:
        return []
    if possessed and _names_a_part(scene, chunk):
        return _of_a_part(scene, chunk)
    graded = scene.text.word(chunk.start - 1) in ("more", "less", "fewer")
    if (possessed or graded) and (feature := _feature(scene, chunk)) is not None:
        return [Described(feature, whole=False)]
    found: list[Described] = []
    at = chunk.start
    while at < chunk.end:
        mention = scene.mention_at(at)
        if mention is not None and mention.of("value", "facet", "low", "high", "unit", "concept"):
            at = mention.span.end
            continue
        end = at
        while end < chunk.end and _says_something(scene, end):
            end += 1
        if end > at:
            end = _with_facet_word(scene, end, chunk.end)
            found.append(Described(Span(at, end), whole=False))
        at = max(end, at + 1)
    return found


def _of_a_part(scene: Scene, chunk: Span) -> list[Described]:
    """A part with its values; but "a shorter skirt" of a dress speaks of the dress's length."""
    last = scene.mention_over(chunk.end - 1)
    inside = [m for m in scene.within(chunk) if m is not last]
    if last is not None and last.of("value") and inside:
        own = all(
            any(_has_facet(scene, v.facet) and v.graded for v in m.of("value")) for m in inside
        )
        if own:
            return [Described(last.span, whole=True)]
    return [Described(chunk, whole=True)]


def _has_facet(scene: Scene, name: str) -> bool:
    """What is talked about has that facet."""
    facet = scene.vocabulary.pack.facet(name)
    heads = scene.believed_heads
    return facet is not None and (not facet.applies_to or bool(set(heads) & set(facet.applies_to)))


def _feature(scene: Scene, chunk: Span) -> Span | None:
    """A facet's own word as a feature: "more print", "no colour", "has sleeves"."""
    mention = scene.mention_at(chunk.start)
    if mention is None or mention.span != chunk or mention.of("value"):
        return None
    if scene.text.word(chunk.end) in elision.BEING:
        return None  # "... and the colour is white"
    for meaning in mention.of("facet"):
        facet = scene.vocabulary.pack.facet(meaning.facet)
        if facet is not None and facet.visible and facet.role == "attribute" and facet.of is None:
            return chunk
    return None


def _with_facet_word(scene: Scene, at: int, end: int) -> int:
    """The end of a facet's word after free words ("lighter shade", "contrast hem")."""
    mention = scene.mention_at(at) if at < end else None
    if mention is None or mention.of("value") or not mention.of("facet"):
        return at
    return mention.span.end


def _trimmed(scene: Scene, chunk: Span) -> Span:
    """The chunk without small words at its ends."""
    start, end = chunk.start, chunk.end
    while start < end and scene.mention_at(start) is None and not _says_something(scene, start):
        start += 1
    while (
        end > start and scene.mention_over(end - 1) is None and not _says_something(scene, end - 1)
    ):
        end -= 1
    return Span(start, end)


def _says_something(scene: Scene, at: int) -> bool:
    word = scene.text.word(at)
    return (
        len(word) >= 2
        and word[0].isalpha()
        and not scene.used[at]
        and scene.mention_over(at) is None
        and word not in english.DETERMINERS
        and word not in _JOINING
        and (word not in english.EMPTY_ADJECTIVES or word in _MEASURES)
        and word not in _GENERIC_LEADS
        and word not in english.PRONOUNS
        and word not in english.AUXILIARIES
        and not _shades(scene, at)
        and word not in VERBISH
        and word not in english.TALK
        and word not in _UNSAID
        and word not in scene.vocabulary.generic - english.GENERIC_NOUNS
    )


def _shades(scene: Scene, at: int) -> bool:
    """The word is the shade of a colour that follows: "darker blue" is one wish elsewhere."""
    mention = scene.mention_at(at + 1)
    colour = scene.vocabulary.colour_facet
    return (
        mention is not None
        and any(m.facet == colour for m in mention.of("value"))
        and bool(stems(scene.text.word(at)) & english.COLOUR_SHADES)
    )


def _names_a_part(scene: Scene, chunk: Span) -> bool:
    """The phrase ends in a noun of its own, so that its values describe that noun.

    "a red bow", "black sleeves" (a colour of sleeves); not "long sleeves", "a striped pattern".
    """
    last = scene.mention_over(chunk.end - 1)
    inside = [m for m in scene.within(chunk) if m.of("value")]
    if last is None:
        return _says_something(scene, chunk.end - 1)
    if last.of("value"):
        # A thing's own kind of thing is not a part; another kind of thing is.
        if scene.text.word(last.span.start - 1) == "in" and last.span.start > chunk.start + 1:
            return True
        heads = scene.is_head(last) and bool(scene.believed_heads)
        own = {m.value for m in last.of("value")} & set(scene.believed_heads)
        return heads and not own
    if last.of("concept"):
        return False
    named = {m.facet for m in last.of("facet")}
    pack = scene.vocabulary.pack
    if scene.vocabulary.colour_facet in named:
        return False
    kin = set(named)
    for name in named:
        facet = pack.facet(name)
        if facet is not None and facet.values_from is not None:
            kin.add(facet.values_from)
    stray = [m for m in inside if not {v.facet for v in m.of("value")} & kin]
    return bool(named) and bool(stray)

"""Words for values that the shop lacks.

They are kept where the grammar tells their facet, so that they can be ranked and disclosed instead
of silently dropped.
"""

from __future__ import annotations

import re

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.idioms import ABSTRACT, ADJECTIVES, VERBISH
from vitrine.agent.understanding.nouns import free
from vitrine.agent.understanding.ordinary import ORDINARY
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.agent.understanding.vocabulary import Meaning, Mention
from vitrine.agent.understanding.wordforms import singular, stems

_LONGEST = 6
_LEADS = frozenset(
    "me us any some a an the new more another your of for nice good my pair pairs".split()
)
_NAMES_OF = frozenset("is are be : of from called by named in".split())
_GETTING = frozenset("buy get see find order purchase have try".split())
_HOW_MANY = frozenset(
    "contrasting contrast matching multi multiple various several dual single two-tone tri bi".split()
)
_SELLS = frozenset("have sell carry stock got offer".split())


def lacking(scene: Scene, sentence: Span) -> list[Mention]:
    """Mentions of values that the shop lacks: a product word, or a word beside a facet's name."""
    found = [*_beside_facet_words(scene, sentence), *_bare_sizes(scene, sentence)]
    first = _lacking_head(scene, sentence) or _fragment(scene, sentence)
    listed = [first, *_listed(scene, first, sentence)] if first is not None else []
    for head in (*listed, *_beside_heads(scene, sentence)):
        if not any(head.span.overlaps(m.span) for m in found):
            found.append(head)
    return found


def _fragment(scene: Scene, sentence: Span) -> Mention | None:
    """A message that is one unknown noun: "moccasins?", "swimming trunks"."""
    text = scene.text
    words = [i for i in range(sentence.start, sentence.end) if text.word(i)[:1].isalnum()]
    while len(words) > 1 and (known := scene.mention_over(words[0])) is not None:
        if not known.of("value") or scene.is_head(known):
            return None
        words = words[1:]
    if words and text.word(words[0]) in ("no", "not", "without", "never", "nor"):
        return None  # "no logos" denies a part
    if not 1 <= len(words) <= 2 or scene.heard.state.open_question is not None:
        return None
    last = words[-1]
    word = text.word(last)
    many = singular(word) != word
    if not _strange(scene, last) or len(word) < 4 or not (many or text.is_question(sentence)):
        return None
    if not all(text.word(i).isalpha() and scene.mention_over(i) is None for i in words):
        return None
    if not (_VOWELS & set(word)) or is_feature(scene, last) or text.word(words[0]) in VERBISH:
        return None
    if len(words) == 2 and text.word(words[0]) in english.NOUN_STOPPERS | english.EMPTY_ADJECTIVES:
        words = words[1:]
    value = " ".join([*(text.word(i) for i in words[:-1]), singular(word)])
    meaning = Meaning("value", scene.vocabulary.pack.head.name, value, known=False)
    return Mention(Span(words[0], last + 1), (meaning,))


_VOWELS = frozenset("aeiouy")


def _beside_heads(scene: Scene, sentence: Span) -> list[Mention]:
    """Such as the gloves of "a hat and some gloves": named beside a thing that the shop has."""
    found: list[Mention] = []
    text = scene.text
    for mention in scene.within(sentence):
        if not scene.is_head(mention) or scene.spent(mention.span):
            continue
        before = mention.span.start - 2
        if text.word(before + 1) in ("and", "or", "&") and before >= sentence.start:
            word = text.word(before)
            if _strange(scene, before) and singular(word) != word and not is_feature(scene, before):
                value = Meaning(
                    "value", scene.vocabulary.pack.head.name, singular(word), known=False
                )
                found.append(Mention(Span(before, before + 1), (value,)))
        at = mention.span.end
        if text.word(at) not in ("and", "or", "plus") or text.word(at + 1) not in _LEADS:
            continue
        beside = _noun_after(scene, at + 1, sentence, False)
        if beside is not None:
            found.append(beside)
    return found


def _listed(scene: Scene, first: Mention, sentence: Span) -> list[Mention]:
    """More things that the shop lacks: "umbrellas or scarves"."""
    found: list[Mention] = []
    text = scene.text
    at = first.span.end
    while text.word(at) in ("and", "or", ",") and text.word(at + 1):
        beside = _noun_after(scene, at + 1, sentence, False)
        if beside is None or beside.span.start > at + 3:
            break
        found.append(beside)
        at = beside.span.end
    return found


def _strange(scene: Scene, at: int) -> bool:
    """A word that neither the shop nor everyday English explains."""
    word = scene.text.word(at)
    return (
        len(word) >= 3
        and word.isalpha()
        and not scene.used[at]
        and scene.mention_over(at) is None
        and word not in scene.vocabulary.ordinary
        and word not in scene.vocabulary.generic
        and word not in english.NOUN_STOPPERS
        and word not in english.KIN
        and word not in phrases.DESIGN_VERBS
        and not (word.endswith("er") and stems(word) & (ORDINARY | english.COLOUR_SHADES))
        and word not in _HOW_MANY
        and word not in VERBISH
        and word not in english.TALK
        and not word.endswith("ly")
    )


def _beside_facet_words(scene: Scene, sentence: Span) -> list[Mention]:
    found: list[Mention] = []
    pack = scene.vocabulary.pack
    for mention in scene.within(sentence):
        meanings = mention.of("facet")
        if not meanings or mention.of("value"):
            continue
        facet = pack.facet(meanings[0].facet)
        if facet is None or facet.role == "head" or facet.values_from:
            continue
        if facet.kind == "stock":
            found += _lacking_size(scene, mention, facet.name)
        if facet.kind != "categorical" or _is_verb(scene, mention):
            continue
        named = _named(scene, mention, sentence, facet.name)
        if named is not None:
            found.append(named)
            continue
        at = mention.span.start - 1
        if at < sentence.start or not _strange(scene, at) or len(scene.text.word(at)) < 4:
            at = mention.span.end
            while at < sentence.end and scene.text.word(at) in _NAMES_OF:
                at += 1
            if at >= sentence.end or not _strange(scene, at):
                continue
        end = at + 1
        while at > mention.span.start and end < sentence.end and _strange(scene, end):
            end += 1
        value = " ".join(scene.text.words(Span(at, end)))[:60]
        found.append(Mention(Span(at, end), (Meaning("value", facet.name, value, known=False),)))
    return found


_SIZE = re.compile(r"(?:\d{0,2}x{1,4}[sl]|\d{1,3})")


def _lacking_size(scene: Scene, mention: Mention, facet: str) -> list[Mention]:
    """A size that the shop does not carry: "size XXL"."""
    at = mention.span.end
    if scene.text.word(at) in ("is", ":", "'s"):
        at += 1
    word = scene.text.word(at)
    if (carried := scene.vocabulary.misspelt_size(word)) is not None and not scene.used[at]:
        return [Mention(Span(at, at + 1), (Meaning("value", facet, carried),), typo=True)]
    if not _SIZE.fullmatch(word) or scene.used[at] or scene.mention_over(at) is not None:
        return []
    value = word.upper()
    return [Mention(Span(at, at + 1), (Meaning("value", facet, value, known=False),))]


def _bare_sizes(scene: Scene, sentence: Span) -> list[Mention]:
    """A size that the shop does not carry and that needs no word beside it: "do you have 3XL"."""
    size = scene.vocabulary.pack.role("size")
    found: list[Mention] = []
    if size is None:
        return found
    for at in range(sentence.start, sentence.end):
        if scene.mention_over(at) is not None or scene.used[at]:
            continue
        word = scene.text.word(at)
        start = at - 1 if scene.text.word(at - 1).isdecimal() else at
        if _EXTRA.fullmatch(word) and (start < at or len(word) > 2):
            before = scene.mention_over(start - 1)
            if before is not None and before.of("facet"):
                continue  # read with the size's own word
            value = "".join(scene.text.words(Span(start, at + 1))).upper()
            meaning = Meaning("value", size.name, value, known=False)
            found.append(Mention(Span(start, at + 1), (meaning,)))
    return found


_EXTRA = re.compile(r"x{1,4}[sl]")


def _is_verb(scene: Scene, mention: Mention) -> bool:
    """Such as "look" in "I want to look taller"."""
    word, before = scene.text.word(mention.span.start), scene.text.word(mention.span.start - 1)
    verb = word in english.VERBS or word in ("feel", "cost", "rate", "label", "style")
    return verb and before in ("to", "should", "i", "you", "will", "would", "n't", "me", "it")


def _named(scene: Scene, mention: Mention, sentence: Span, facet: str) -> Mention | None:
    """Such as "dark academia" in "my style is kind of dark academia"."""
    text = scene.text
    at = mention.span.end
    if text.word(at) not in ("is", "'s", ":", "called") or text.word(mention.span.start - 1) not in (
        "my", "the", "favourite", "favorite",
    ):  # fmt: skip
        return None
    at += 1
    while text.word(at) in ("kind", "sort", "of", "a", "an", "very", "quite", "more", "bit"):
        at += 1
    end = at
    while end < sentence.end and end - at < 3 and free(scene, end):
        end += 1
    if not any(_strange(scene, i) for i in range(at, end)):
        return None
    value = " ".join(text.words(Span(at, end)))
    return Mention(Span(at, end), (Meaning("value", facet, value, known=False),))


def is_feature(scene: Scene, at: int) -> bool:
    """The shop's own descriptions speak of it ("pockets"): part of a thing, not a kind of it."""
    word = scene.text.word(at)
    known = scene.vocabulary.described
    return not scene.vocabulary.is_ordinary(word) and (word in known or singular(word) in known)


def _indefinite(scene: Scene, first: int, last: int) -> bool:
    """Such as "a tie" before "for", "in" or the end: an everyday noun that is asked for."""
    text = scene.text
    if text.word(first - 1) not in ("a", "an", "new") or last != first:
        return False
    following = text.word(last + 1)
    return not following or following in ("for", "in", "with", "to", ".", ",", "!", "?", "please")


def _lacking_head(scene: Scene, sentence: Span) -> Mention | None:
    text = scene.text
    if any(scene.is_head(m) and not scene.spent(m.span) for m in scene.within(sentence)):
        return None
    at = sentence.start
    while at < sentence.end:
        match = phrases.REQUESTS.match(text, at, sentence.end)
        if match is None:
            at += 1
            continue
        start = at + match[0]
        if text.word(at - 1) in ("n't", "not"):  # "I don't need pockets" names no kind of thing
            at = start
            continue
        if text.word(start) == "to" and text.word(start + 1) in _GETTING:
            start += 2
        sells = text.word(start - 1) in _SELLS or text.word(at) in ("got", "is", "are", "any")
        mention = _noun_after(scene, start, sentence, sells)
        if mention is not None:
            return mention
        at = start
    opens = text.word(sentence.start) in ("a", "an", "some", "any", "got", "anything")
    graded = {"more", "less", "bit", "little", "too", "lot"} & set(text.words(sentence))
    if opens and not graded and sentence.end - sentence.start <= 2 * _LONGEST:
        return _noun_after(scene, sentence.start, sentence, False)
    return None


def _noun_after(scene: Scene, start: int, sentence: Span, sells: bool) -> Mention | None:
    """The last noun of the phrase after a request, if the shop has no word for it."""
    text = scene.text
    at = start
    determined = False
    while at < sentence.end and text.word(at) in _LEADS:
        determined = determined or text.word(at) not in ("me", "us")
        at += 1
    first = at
    while at < sentence.end and at - first < _LONGEST:
        word = text.word(at)
        if not word[0].isalpha() or word in english.NOUN_STOPPERS or word in english.KIN:
            break
        if scene.used[at]:
            break
        at += 1
    if at == first:
        return None
    last = at - 1
    word = text.word(last)
    if scene.mention_over(last) is not None or word in scene.vocabulary.generic:
        return None
    if word.endswith("ing") and word not in scene.vocabulary.values:
        return None
    if word.endswith("est") and text.word(first - 1) == "the":
        return None  # "the lightest"
    if len(word) < 3 or not word.isascii():
        return None
    if is_feature(scene, last) or word in ABSTRACT or singular(word) in ABSTRACT:
        return None
    everyday = scene.vocabulary.is_ordinary(word)
    if everyday and not (
        (sells and (determined or singular(word) != word)) or _indefinite(scene, first, last)
    ):
        return None
    if everyday and (word in english.EMPTY_ADJECTIVES or word in ADJECTIVES or word in VERBISH):
        return None
    if not everyday and not (determined or sells or singular(word) != word or at - first == 1):
        return None
    named = text.raw[text.tokens[last].start].isupper() and last > sentence.start
    if named and not determined and not text.raw.isupper():
        return None  # "do you have Adidas": a name, no kind of thing
    begin = last
    while begin > first and _strange(scene, begin - 1):
        begin -= 1
    facet = scene.vocabulary.pack.head.name
    words = [*text.words(Span(begin, last)), singular(word)]
    if text.tokens[last].end - text.tokens[begin].start > 60:
        return None
    return Mention(Span(begin, last + 1), (Meaning("value", facet, " ".join(words), known=False),))

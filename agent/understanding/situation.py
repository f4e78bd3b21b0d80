"""The situation of a request: for whom, for what, by when, where."""

from __future__ import annotations

from vitrine.agent.understanding import english
from vitrine.agent.understanding.idioms import ADJECTIVES
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import AddContext

GIVEN_DAYS = frozenset("birthday present gift anniversary name graduation christmas".split())
SUITED = frozenset("good great suited suitable perfect right fit best ideal".split())
_NOT_FOR = frozenset(
    "me us you it that this them these those now sure example free real under over less more "
    "about around today once starters fun ever good long two three four five a the an my some any "
    "something anything which what all both each instance work sale details".split()
)
_ASKED_FOR = frozenset(
    "looking look search searching hunting hunt shopping market asking ask browsing wait waiting "
    "opting opt going go pay paying thanks thank you sorry care hoping hope call calls need".split()
)
_HAS_NEEDS = frozenset(
    "needs wants wanted needed would is 's turns has loves likes asked asks wears could asked hates "
    "prefers gets got graduates dreams fancies refuses collects takes".split()
)
_SPANS = frozenset("day days week weeks month months hour hours fortnight".split())
_NUMBERED = frozenset("a an two three four five six seven ten couple few".split())


def find_context(scene: Scene, sentence: Span) -> list[AddContext]:
    """Recipient, event, deadline and place, where they are said."""
    text = scene.text
    found: list[AddContext] = []
    if (told := weather(scene, sentence)) is not None:
        found.append(_fact(scene, "other", told, told))
    for at in range(sentence.start, sentence.end - 1):
        word = text.word(at)
        if word == "for" or (word == "to" and text.word(at - 1) in ("gift", "give", "present")):
            if (
                word == "to"
                or text.word(at - 1) not in _ASKED_FOR
                or _kin_after(scene, at, sentence) is not None
            ):
                found += _for(scene, at, sentence)
        elif word == "to" and {"wear", "wearing", "invited", "going", "go", "off"} & set(
            text.words(Span(max(sentence.start, at - 3), at))
        ):
            if text.word(at + 1) in ("the", "a", "an", "my") and scene.mention_over(at + 2) is None:
                found += _for(scene, at, sentence)
        elif word in ("my", "our"):
            found += _who_needs(scene, at, sentence)
            if text.word(at - 1) in ("gift", "give", "buy", "get", "treat", "surprise", "send"):
                kin = _kin_after(scene, at, sentence)
                span = Span(at, (kin or at) + 1)
                if kin is not None and not scene.spent(span):
                    found.append(_fact(scene, "recipient", span, span))
        elif word in ("i", "he", "she") and (trait := _trait(scene, at, sentence)) is not None:
            found.append(_fact(scene, "other", trait, trait))
        elif (
            word in ("i", "we", "he", "she") and (habit := _habit(scene, at, sentence)) is not None
        ):
            found.append(_fact(scene, "other", habit, habit))
        elif word in ("i", "we") and (busy := _busy(scene, at, sentence)) is not None:
            found.append(_fact(scene, "other", busy, busy))
        elif word in ("tonight", "tomorrow") and text.word(at - 1) not in ("last", "for", "by"):
            found.append(_fact(scene, "deadline", Span(at, at + 1), Span(at, at + 1)))
        elif word in english.DEADLINE_LEADS:
            found += _deadline(scene, at, sentence)
        elif (
            word in ("next", "this", "on", "in", "for") and text.word(at + 1) in english.DAYS
        ) or (word in ("next", "this") and text.word(at + 1) in ("week", "weekend", "month")):
            found.append(_fact(scene, "deadline", Span(at, at + 2), Span(at, at + 2)))
        elif word in ("within", "in") and (end := _span_of_days(scene, at + 1)) is not None:
            found.append(_fact(scene, "deadline", Span(at, end), Span(at, end)))
        elif word in ("in", "to") and _place_name(scene, at + 1, sentence):
            end = at + 2
            while end < sentence.end and _place_name(scene, end, sentence):
                end += 1
            found.append(_fact(scene, "place", Span(at + 1, end), Span(at, end)))
    return found


_BUILT = frozenset(
    "wide narrow big small long short broad flat sensitive thick thin large tiny heavy strong".split()
)
_MOODS = frozenset(
    "sure fine good ok okay happy sorry interested open done ready curious afraid glad aware back here new "
    "lost stuck tired bored sick serious flexible able unsure undecided torn keen picky fussy right wrong "
    "hopeful impressed "
    "nice great big free busy late early cold hot warm".split()
)
_RATHER = frozenset("quite very rather a bit really fairly pretty only also already".split())


def _trait(scene: Scene, at: int, sentence: Span) -> Span | None:
    """What somebody is like: "I'm 50 and curvy", "I'm quite tall", "I have wide feet"."""
    text = scene.text
    if text.word(at + 1) == "have" and text.word(at + 2) in _BUILT:
        noun = at + 3
        if scene.mention_over(at + 2) is None and scene.mention_over(noun) is None:
            return Span(at + 1, noun + 1) if text.word(noun)[:1].isalpha() else None
        return None
    if text.word(at + 1) not in ("'m", "am", "'s", "is"):
        return None
    start = at + 2
    if text.word(start) in ("a", "an"):
        if (calling := _calling(scene, start, sentence)) is not None:
            return calling
    while text.word(start) in _RATHER:
        start += 1
    if start >= sentence.end:
        return None
    word, following = text.word(start), text.word(start + 1)
    if scene.mention_over(start) is not None or scene.mention_over(at + 1) is not None:
        return None
    aged = word.isascii() and word.isdecimal() and int(word) < 100
    aged = aged and (text.word(at) != "i" or int(word) > 10)
    aged = aged and (following in ("", ".", ",", "and", "years", "so", "!") or following == "year")
    told = word in ADJECTIVES and word not in _MOODS
    if scene.used[start] or not (aged or told):
        return None
    end = start + 1
    while end < min(sentence.end, start + 5) and text.word(end)[:1].isalnum():
        if text.word(end) in english.PRONOUNS | {"so", "but"} or scene.mention_over(end):
            break
        end += 1
    return Span(start, end)


_BUSY = frozenset(
    "doing redoing decorating redecorating renovating moving hosting planning attending celebrating "
    "visiting painting building furnishing starting joining expecting flying organising organizing".split()
)


def _busy(scene: Scene, at: int, sentence: Span) -> Span | None:
    """What somebody is about: "we're doing up our kitchen", "I'm moving house"."""
    text = scene.text
    if text.word(at + 1) not in ("'m", "am", "'re", "are") or text.word(at + 2) not in _BUSY:
        return None
    end = at + 3
    while end < min(sentence.end, at + 8) and text.word(end)[:1].isalnum():
        if text.word(end) in english.CONJUNCTIONS | {"i", "we", "need", "want"}:
            break
        if scene.mention_over(end) is not None or scene.used[end]:
            return None
        end += 1
    return Span(at + 2, end) if end > at + 3 else None


_NO_CALLING = frozenset(
    "bit little lot fan huge big medium large small size mess sucker believer mind beginner".split()
)


def _calling(scene: Scene, at: int, sentence: Span) -> Span | None:
    """What somebody is: "I'm a student", "she's a primary school teacher"."""
    text, end = scene.text, at + 1
    while end < min(sentence.end, at + 5) and text.word(end)[:1].isalpha():
        if text.word(end) in english.NOUN_STOPPERS or text.word(end) in _NO_CALLING:
            break
        if scene.mention_over(end) is not None or scene.used[end]:
            return None
        end += 1
    following = text.word(end)
    closes = not following[:1].isalpha() or following in ("so", "and", "but", "with", "at", "in")
    return Span(at, end) if end > at + 1 and closes else None


_HABITS = frozenset(
    "commute commutes cycle cycles bike drive drives live lives study studies teach teaches travel travels "
    "walk walks work works volunteer perform performs ride rides swim run hike".split()
)
_TAUGHT = frozenset("teach teaches study studies".split())
_BY = frozenset("by to in at from as on near for".split())


def _habit(scene: Scene, at: int, sentence: Span) -> Span | None:
    """What somebody does day by day: "I commute by train", "she works as a nurse"."""
    text = scene.text
    verb = at + 1
    while text.word(verb) in ("often", "usually", "always", "mostly", "also", "just", "mainly"):
        verb += 1
    taught = text.word(verb) in _TAUGHT and text.word(verb + 1)[:1].isalpha()
    if not taught and text.word(verb + 1) not in _BY:
        return None
    if text.word(verb) not in _HABITS or scene.used[verb] or scene.mention_over(verb + 1):
        return None
    end = verb + 2
    while end < min(sentence.end, verb + 7) and text.word(end)[:1].isalnum():
        if text.word(end) in english.CONJUNCTIONS | english.PRONOUNS | {"need", "want"}:
            break
        end += 1
    return Span(verb, end) if end > verb + 2 or taught else None


def weather(scene: Scene, sentence: Span) -> Span | None:
    """Such as "it's going to be cold there", "it gets windy": how it will be, not what is wanted."""
    text = scene.text
    for at in range(sentence.start, sentence.end - 2):
        if text.word(at) != "it":
            continue
        for lead in _WILL_BE:
            end = at + 1 + len(lead)
            if text.words(Span(at + 1, end)) == lead and end < sentence.end:
                while end < sentence.end and text.word(end)[:1].isalpha():
                    if text.word(end) in ("so", "and", "but", "i"):
                        break
                    end += 1
                return Span(at, end)
    return None


_WILL_BE = (("'s", "going", "to", "be"), ("is", "going", "to", "be"), ("will", "be"), ("'ll", "be"),
            ("might", "be"), ("can", "get"), ("gets",), ("could", "get"))  # fmt: skip


def _span_of_days(scene: Scene, at: int) -> int | None:
    """The end of "3 days", "a couple of weeks"."""
    text = scene.text
    if not (text.word(at).isdecimal() or text.word(at) in _NUMBERED):
        return None
    for end in range(at + 1, at + 4):
        if text.word(end) in _SPANS:
            return end + 1
        if text.word(end) not in ("couple", "few", "of", "or", "two", "three"):
            return None
    return None


def _who_needs(scene: Scene, at: int, sentence: Span) -> list[AddContext]:
    """Such as "my daughter needs a coat", "my mum's turning 60"."""
    text = scene.text
    end = at + 1
    while end < min(sentence.end, at + 4) and text.word(end) not in english.KIN:
        if not text.word(end)[:1].isalpha() or text.word(end) in english.NOUN_STOPPERS:
            return []
        end += 1
    if text.word(end) not in english.KIN or text.word(end + 1) not in _HAS_NEEDS:
        return []
    if text.word(at - 1) in ("something", "anything", "what", "that", "one", "ones", "like"):
        return []
    if text.word(end + 1) == "'s" and text.word(end + 2) not in GIVEN_DAYS:
        following = text.word(end + 2)
        if not following.endswith("ing") or scene.mention_at(end + 2) is not None:
            return []
    if text.word(end + 1) == "would" and at > sentence.start:
        return []
    span = Span(at, end + 1)
    return [] if scene.spent(span) else [_fact(scene, "recipient", span, span)]


def _kin_after(scene: Scene, at: int, sentence: Span) -> int | None:
    for end in range(at + 1, min(at + 5, sentence.end)):
        if scene.text.word(end) in english.KIN:
            return end
        if scene.mention_over(end) is not None:
            return None
    return None


def _for(scene: Scene, at: int, sentence: Span) -> list[AddContext]:
    text = scene.text
    start = at + 1
    if text.word(at - 1) == "enough" or (text.word(at - 1) in SUITED and text.word(at + 1) != "my"):
        return []  # "big enough for my laptop", "good for flat feet" are wishes
    end = start
    kin: int | None = None
    while end < sentence.end and end - start < 6:
        word = text.word(end)
        if word in english.KIN and kin is None:
            kin = end
        if not (word[0].isalnum() or word in ("'s", "-")) or (
            word in english.PREPOSITIONS | english.CONJUNCTIONS | english.AUXILIARIES
            and word != "'s"
        ):
            break
        end += 1
    words = text.words(Span(start, end))
    if "year" in words[:4] and "old" in words[:5] and kin is None:
        span = Span(start, start + words.index("old") + 1)
        return [_fact(scene, "recipient", span, Span(at, span.end))]
    if kin is not None and text.word(kin + 1) == "'s" and text.word(kin + 2) not in GIVEN_DAYS:
        return []  # "for my sister's wedding": she gets nothing
    if kin is not None:
        span = Span(start, kin + 1)
        return [_fact(scene, "recipient", span, Span(at, kin + 1))]
    if text.word(start) in ("him", "her") and text.word(at - 1) in (
        "gift", "present", "something", "one", "it", "'s", "is", "this",
    ):  # fmt: skip
        return [_fact(scene, "recipient", Span(start, start + 1), Span(at, start + 1))]
    while start < end and text.word(start) in english.DETERMINERS:
        start += 1
    span = Span(start, end)
    if start == at + 1 and text.word(start) in _NOT_FOR:
        return []
    words = list(text.words(span))
    if not words or len(words) > 4 or scene.spent(span) or scene.within(Span(at, end)):
        return []
    if words[0][0].isdecimal() or words[0].endswith("ing"):
        return []
    if any(w in english.GENERIC_NOUNS or w in _NOT_FOR for w in words):
        return []
    if all(_place_name(scene, i, sentence) for i in range(span.start, span.end)):
        return [_fact(scene, "place", span, Span(at, end))]
    if words[-1] in _SPANS | {"years", "ages", "decades", "seasons"}:
        return []
    if words[0] in ("future", "later", "good", "long"):
        return []
    if words[-1] in ("while", "moment", "second", "help", "time", "now", "price", "bit"):
        return []
    return [_fact(scene, "occasion", span, Span(at, end))]


def _deadline(scene: Scene, at: int, sentence: Span) -> list[AddContext]:
    text = scene.text
    for end in range(at + 1, min(at + 6, sentence.end)):
        if text.word(end) in english.DAYS or (
            text.word(end) in ("week", "weekend", "month")
            and text.word(end - 1) in ("next", "this", "the")
        ):
            return [_fact(scene, "deadline", Span(at, end + 1), Span(at, end + 1))]
    return []


def _place_name(scene: Scene, at: int, sentence: Span) -> bool:
    if at >= sentence.end or scene.mention_over(at) is not None or scene.used[at]:
        return False
    token = scene.text.tokens[at]
    written = scene.text.raw[token.start : token.end]
    return (
        len(written) >= 3
        and written[0].isupper()
        and written[1:].islower()
        and not scene.vocabulary.is_ordinary(token.word)
        and token.word not in english.DAYS
    )


def _fact(scene: Scene, key: str, value: Span, said: Span) -> AddContext:
    return AddContext.model_validate(
        {"key": key, "value": scene.text.said(value, 120), "evidence": scene.evidence(said)}
    )

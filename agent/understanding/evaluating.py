"""How a thing is judged by what is said of it: "looks itchy", "isn't great", "3 is sick"."""

from __future__ import annotations

from dataclasses import dataclass

from vitrine.agent.understanding.text import Span, Text

POSITIVE = frozenset(
    "nice lovely great good gorgeous beautiful cute pretty perfect amazing awesome cool sweet stunning "
    "fantastic brilliant fab fabulous "
    "excellent wonderful superb adorable sick dope fire lush smashing brill ace neat "
    "chic classy decent tempting promising divine dreamy delightful charming spot-on flawless lit mint "
    "lush heavenly exquisite incredible terrific marvellous marvelous phenomenal".split()
)
UGLY = frozenset(
    "ugly awful terrible horrible hideous bad meh naff nasty gross rubbish dreadful ghastly grim boring dull "
    "bland drab tacky frumpy dated weird odd strange silly ridiculous sad depressing wrong disgusting vile "
    "atrocious horrid hopeless pants lame trash garbage off pointless revolting".split()
)
"""They say nothing but that it is not liked."""
FAULTS = frozenset(
    "itchy scratchy stiff flimsy garish gaudy shapeless clumsy bulky unflattering uncomfortable plasticky "
    "see-through baggy-looking busy fussy clunky shabby dowdy dreary mumsy grannyish childish clingy sweaty "
    "crumpled creased lumpy cheap".split()
)
"""They name what is wrong with it."""
_COPULAS = frozenset(
    "is are 's 're look looks looked seem seems feel feels sound sounds was were looking".split()
)
_MODIFIERS = frozenset(
    "really so very quite pretty kinda kind of sort a bit little tad rather just super totally absolutely way "
    "fairly definitely actually also still even the all rly proper well bloody damn dead honestly".split()
)
_DENIALS = frozenset({"not", "n't", "never", "hardly"})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`liked`: for or against; `span`: verb and adjective; `fault`: the words of what is wrong."""

    liked: bool
    span: Span
    fault: Span | None = None


def evaluation(text: Text, at: int, end: int) -> Evaluation | None:
    """How the predicate at the token judges its subject, or None."""
    verb = text.word(at)
    if verb not in _COPULAS or text.is_question(Span(at, end)):
        return None
    place, denied = at + 1, False
    while place < end and (text.word(place) in _MODIFIERS or text.word(place) in _DENIALS):
        word = text.word(place)
        if word in ("pretty", "well") and not _ends_more(text, place + 1, end):
            break  # "is pretty": the adjective itself
        denied = denied or word in _DENIALS
        place += 1
    word, following = text.word(place), text.word(place + 1)
    if place >= end or not _closes(following, place + 1 >= end):
        return None
    span = Span(at, place + 1)
    if word in POSITIVE:
        return Evaluation(not denied, span)
    if word == "cheap" and verb not in ("look", "looks", "feel", "feels", "seems"):
        return None  # "it is cheap" praises the price
    if word in UGLY | FAULTS:
        fault = Span(place, place + 1) if word in FAULTS - {"cheap"} and not denied else None
        return Evaluation(denied, span, fault)
    return None


def _ends_more(text: Text, at: int, end: int) -> bool:
    """An adjective follows, so that "pretty" only grades it."""
    return at < end and text.word(at) in POSITIVE | UGLY | FAULTS | _MODIFIERS


def _closes(word: str, last: bool) -> bool:
    return last or not word[:1].isalpha() or word in _AFTER


_AFTER = frozenset(
    "and but though tho so too to for on as enough lol tbh imo then thanks because since in if please i it "
    "honestly actually with".split()
)

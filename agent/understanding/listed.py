"""Words that only the shop's listings know: "garmin", "gaming mouse", typed like into a search box."""

from __future__ import annotations

import numpy as np

from vitrine.agent.understanding import english, phrases
from vitrine.agent.understanding.scene import Scene
from vitrine.agent.understanding.text import Span
from vitrine.core.acts import AddWish

_MOST_WORDS = 8
_SMALL = frozenset(
    "a an and any are for have i in is it me my of on or some the to with you".split()
)


def listed_wish(scene: Scene) -> AddWish | None:
    """The message as a wish, where nothing else was understood but listings have its words.

    At least one word that everyday English does not explain has to stand in a listing: "thanks a
    lot" is no search, "xbox" is one where something for it is sold.
    """
    text = scene.text
    words = [t.word for t in text.tokens if t.is_word]
    if not 0 < len(words) <= _MOST_WORDS or scene.has(phrases.GREETINGS, Span(0, len(text))):
        return None
    if scene.has(phrases.NEUTRAL, Span(0, len(text))) is not None:
        return None  # "not sure about the colour"
    catalogue = scene.heard.catalogue
    everything = np.ones(len(catalogue), dtype=np.bool_)
    telling = [
        at
        for at, token in enumerate(text.tokens)
        if token.is_word and token.word not in _SMALL and token.word not in english.NOUN_STOPPERS
    ]
    known = [
        at
        for at in telling
        if len(text.word(at)) >= 2
        and not scene.used[at]
        and text.word(at) not in english.VERBS
        and not scene.vocabulary.is_ordinary(text.word(at))
        and catalogue.words(text.word(at), everything, 1)
    ]
    if not known:
        return None
    span = Span(min(telling), max(telling) + 1)
    return AddWish(text=text.said(span, 200), evidence=scene.evidence(span))

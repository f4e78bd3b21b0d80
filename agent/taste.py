"""Whose taste: the profile as facet preferences, and the things a person liked and disliked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitrine.agent.outcome import Leaning, ProfileBound, ProfileLean
from vitrine.agent.seeking import reference
from vitrine.agent.understanding.base import Heard, Understander
from vitrine.core.acts import AddFacet, AvoidFacet, SetFacet, SetRange
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.core.turn import Message
from vitrine.memory.log import InteractionLog, LoggedThing
from vitrine.memory.profile import Profile, ProfileSentence, Section
from vitrine.memory.state import DialogueState
from vitrine.tools.references import FacetPreference, Reference, Taste
from vitrine.tools.thing_tags import HistoryThing

LIKES, AVOIDS = 0.7, -0.9
"""Weight of a profile's like and of its avoidance, beside 1 for a hard wish said now."""
EXEMPLARS = 6
"""Catalogue items that stand for a profile's sentences while little else is known of the person."""
MOST_HISTORY = 40

_AVOIDING: frozenset[Section] = frozenset({"I avoid"})


class ProfileReader:
    """Reads profile sentences through an understanding, each distinct sentence once."""

    def __init__(self, understander: Understander, catalogue: Catalogue) -> None:
        self.understander = understander
        self._catalogue = catalogue
        self._read: dict[tuple[Section, str], Leaning] = {}

    async def read(self, profile: Profile, sentences: Sequence[ProfileSentence]) -> Leaning:
        """What the sentences in force mean in facets."""
        parts = [await self._sentence(profile.user, s) for s in sentences]
        return Leaning(
            facets=tuple(lean for part in parts for lean in part.facets),
            bounds=tuple(bound for part in parts for bound in part.bounds),
            likes=tuple(text for part in parts for text in part.likes),
            avoids=tuple(text for part in parts for text in part.avoids),
        )

    async def _sentence(self, user: str, sentence: ProfileSentence) -> Leaning:
        key = (sentence.section, sentence.text)
        if key not in self._read:
            if len(self._read) > 10_000:
                self._read.clear()
            self._read[key] = await self._understand(user, sentence)
        return self._read[key]

    async def _understand(self, user: str, sentence: ProfileSentence) -> Leaning:
        blank = DialogueState(thread="profile", user=user, domain=self._catalogue.pack.name)
        heard = Heard(
            message=Message(text=sentence.text),
            state=blank,
            profile=Profile(user=user),
            catalogue=self._catalogue,
        )
        meaning = await self.understander(heard)
        avoiding = sentence.section in _AVOIDING
        facets: list[ProfileLean] = []
        bounds: list[ProfileBound] = []
        for op in meaning.ops:
            match op:
                case SetFacet() | AddFacet() | AvoidFacet():
                    weight = AVOIDS if avoiding or isinstance(op, AvoidFacet) else LIKES
                    preference = FacetPreference(facet=op.facet, value=op.value, weight=weight)
                    facets.append(ProfileLean(preference=preference, sentence=sentence.text))
                case SetRange():
                    bounds.append(
                        ProfileBound(
                            facet=op.facet,
                            min=op.min,
                            max=op.max,
                            about=op.about,
                            sentence=sentence.text,
                        )
                    )
                case _:
                    pass
        silent = not facets and not bounds
        return Leaning(
            facets=tuple(facets),
            bounds=tuple(bounds),
            likes=(sentence.text,) if silent and not avoiding else (),
            avoids=(sentence.text,) if silent and avoiding else (),
        )


@dataclass(frozen=True)
class PersonalTaste:
    """What the tools are told of a person. `history` is what was really liked, newest last."""

    references: Taste
    history: tuple[HistoryThing, ...]

    @property
    def pictured(self) -> tuple[HistoryThing, ...]:
        """What shows a taste in pictures: the history, or what stands for a profile's sentences."""
        if self.history:
            return self.history
        return tuple(
            HistoryThing(item=liked) if isinstance(liked, str) else HistoryThing(embedding=liked)
            for liked in self.references.liked
        )


def taste_of(
    state: DialogueState, leaning: Leaning, log: InteractionLog, catalogue: Catalogue
) -> PersonalTaste:
    """Liked and disliked things: profile exemplars, then the log, then this conversation.

    Newest last, since newer things weigh more. Exemplars thin out as real history grows.
    """
    logged = log.history(state.user, domain=state.domain, limit=MOST_HISTORY)
    spoken = {b.facet for b in state.beliefs.facets if b.polarity == "want"}
    liked: list[Reference] = []
    disliked: list[Reference] = []
    room = max(0, EXEMPLARS - len(logged.liked) // 2)
    likes = [
        lean.preference
        for lean in leaning.facets
        if lean.preference.weight > 0 and lean.preference.facet not in spoken
    ]
    avoids = [lean.preference for lean in leaning.facets if lean.preference.weight < 0]
    liked += exemplars(likes, avoids, catalogue, room)
    disliked += exemplars(avoids, likes, catalogue, room)
    liked += [_reference(thing) for thing in logged.liked]
    disliked += [_reference(thing) for thing in logged.disliked]
    history = [_history(thing) for thing in logged.liked]
    for verdict in state.verdicts:
        ref = reference(state, verdict.thing)
        if ref is None:
            continue
        if verdict.verdict == "accept" and ref not in liked:
            liked.append(ref)
            design = state.design(verdict.thing.id) if verdict.thing.kind == "design" else None
            history.append(
                HistoryThing(facets=design.facets, embedding=design.embedding)
                if design is not None
                else HistoryThing(item=verdict.thing.id)
            )
        elif verdict.verdict == "reject" and ref not in disliked:
            disliked.append(ref)
    return PersonalTaste(
        references=Taste(
            liked=tuple(liked[-MOST_HISTORY:]),
            disliked=tuple(disliked[-MOST_HISTORY:]),
            user_id=state.user,
        ),
        history=tuple(history),
    )


def _reference(logged: LoggedThing) -> Reference:
    return logged.embedding if logged.embedding is not None else logged.thing.id


def _history(logged: LoggedThing) -> HistoryThing:
    if logged.thing.kind == "item":
        return HistoryThing(item=logged.thing.id)
    return HistoryThing(facets=logged.facets, embedding=logged.embedding)


def exemplars(
    wanted: Sequence[FacetPreference],
    unwanted: Sequence[FacetPreference],
    catalogue: Catalogue,
    count: int,
) -> list[ItemId]:
    """Items with most of the wanted values and none of the unwanted, spread over the catalogue.

    They put a profile's sentences into the space of pictures, where the prior and the scorer live.
    """
    known = [p for p in wanted if p.value in catalogue.values(p.facet)]
    if not known or count <= 0:
        return []
    hits = np.sum([catalogue.carries(p.facet, p.value) for p in known], axis=0, dtype=np.int64)
    for preference in unwanted:
        if preference.value in catalogue.values(preference.facet):
            hits = np.where(catalogue.carries(preference.facet, preference.value), 0, hits)
    best = int(hits.max(initial=0))
    if best == 0:
        return []
    rows = np.flatnonzero(hits == best)
    chosen = rows[
        np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int))
    ]
    return [catalogue.at(int(row)).id for row in chosen]

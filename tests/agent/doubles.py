"""Doubles for whole turns: an understanding that follows a script, and models that are fakes."""

from collections.abc import Mapping
from functools import lru_cache

from vitrine.agent.toolbox import Models
from vitrine.agent.understanding.base import Heard
from vitrine.core.acts import Understanding
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer


class FakeUnderstander:
    """Knows the meaning of the messages it was given, and takes any other for small talk."""

    def __init__(self, meanings: Mapping[str, Understanding]) -> None:
        self._meanings = dict(meanings)

    async def __call__(self, heard: Heard) -> Understanding:
        return self._meanings.get(heard.message.text, Understanding(intents=("others",)))


def fake_models(encoder: FakeEncoder, *, step_s: float = 0.0) -> Models:
    """Models that are all fakes of one space."""
    return Models(
        encoder=lambda: encoder,
        prior=FakePrior,
        scorers=lru_cache(lambda: {"fake": FakeScorer(encoder)}),
        renderer=lru_cache(lambda: FakeRenderer(encoder, step_s=step_s)),
    )

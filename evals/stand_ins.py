"""A shop on fake models: language, state, policy and search are real, pictures are not.

What is measured with these says nothing about pictures or taste, and takes milliseconds a turn.
"""

from functools import lru_cache

from vitrine.agent.toolbox import Models
from vitrine.core import places
from vitrine.core.domain import load_pack
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer


@lru_cache(maxsize=8)
def fake_models(domain: str) -> Models:
    """Loaders of fakes that know the pack's own colours."""
    encoder = FakeEncoder.for_pack(load_pack(places.domain_folder(domain)))
    return Models(
        encoder=lambda: encoder,
        prior=FakePrior,
        scorers=lambda: {"fake": FakeScorer(encoder)},
        renderer=lambda: FakeRenderer(encoder),
    )

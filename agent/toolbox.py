"""The tools of a shop.

Tools are built on first use, inside a worker thread: the models of the design tools take a while to
load, and the first text answer should not wait for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from vitrine.core.ports import Artifacts, Catalogue, ChatModel, Encoder, Prior, Renderer, Scorer
from vitrine.tools.answer_question import AnswerQuestion
from vitrine.tools.compare_items import CompareItems
from vitrine.tools.merge_tags import TagMerger
from vitrine.tools.nearest_item import NearestItem
from vitrine.tools.references import Vectors
from vitrine.tools.render_images import RenderImages
from vitrine.tools.retrieve_interest import RetrieveInterest
from vitrine.tools.retrieve_items import RetrieveItems
from vitrine.tools.rewrite_interests import RewriteInterests
from vitrine.tools.sample_embeddings import SampleEmbeddings
from vitrine.tools.score_candidates import ScoreCandidates
from vitrine.tools.weigh_item import WeighItem
from vitrine.tools.what_if import WhatIf


@dataclass(frozen=True)
class Models:
    """Loaders of the models, each called at most once. `chat` None: the one of the settings."""

    encoder: Callable[[], Encoder]
    prior: Callable[[], Prior]
    scorers: Callable[[], Mapping[str, Scorer]]
    renderer: Callable[[], Renderer]
    chat: Callable[[], ChatModel] | None = None


class Toolbox:
    """One callable a tool. Each is made when first asked for."""

    def __init__(self, catalogue: Catalogue, artifacts: Artifacts, models: Models) -> None:
        self._catalogue = catalogue
        self._artifacts = artifacts
        self._models = models

    @cached_property
    def retrieve(self) -> RetrieveItems:
        """Find items."""
        return RetrieveItems(self._catalogue, self._models.encoder(), self._artifacts)

    @cached_property
    def answer(self) -> AnswerQuestion:
        """Answer questions."""
        return AnswerQuestion(self._catalogue)

    @cached_property
    def compare(self) -> CompareItems:
        """Compare items."""
        return CompareItems(self._catalogue)

    @cached_property
    def weigh(self) -> WeighItem:
        """Say what speaks for an item and against it."""
        return WeighItem(self._catalogue)

    @cached_property
    def what_if(self) -> WhatIf:
        """Count what dropping a wish would bring."""
        return WhatIf(self._catalogue)

    @cached_property
    def rewrite(self) -> RewriteInterests:
        """Find the tags of a history."""
        budget = self._models.encoder().budget
        return RewriteInterests(self._catalogue, self._merger, budget)

    @cached_property
    def interest(self) -> RetrieveInterest:
        """Find what of a history is nearest to a request."""
        return RetrieveInterest(
            self._catalogue, self._models.encoder(), self._artifacts, self._merger
        )

    @cached_property
    def _merger(self) -> TagMerger:
        return TagMerger(
            self._catalogue.pack,
            Vectors(self._catalogue, self._models.encoder(), self._artifacts),
        )

    @cached_property
    def sample(self) -> SampleEmbeddings:
        """Sample embeddings for a person."""
        return SampleEmbeddings(
            self._models.prior(), self._models.encoder(), self._catalogue, self._artifacts
        )

    @cached_property
    def nearest(self) -> NearestItem:
        """Find the nearest real items."""
        return NearestItem(self._catalogue, self._models.encoder(), self._artifacts)

    @cached_property
    def score(self) -> ScoreCandidates:
        """Score for a person."""
        return ScoreCandidates(
            self._models.scorers(), self._models.encoder(), self._catalogue, self._artifacts
        )

    @cached_property
    def render(self) -> RenderImages:
        """Draw."""
        return RenderImages(
            self._models.renderer(), self._models.encoder(), self._catalogue, self._artifacts
        )

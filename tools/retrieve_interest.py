"""Retrieve an interest (I-AM-G eq. 8, 9): the things of a history that are nearest to the rewritten request."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Artifacts, Catalogue, Encoder, Floats
from vitrine.core.prompts import write_prompt
from vitrine.core.refs import EmbeddingRef, ItemId
from vitrine.models.interest.retrieve import nearest_texts
from vitrine.tools.merge_tags import TagMerger
from vitrine.tools.references import Reference, Vectors
from vitrine.tools.thing_tags import HistoryThing, Tag, ThingTags


class InterestRefs(Frozen):
    """An interest (`core.ports.Interest`) by the names of its embeddings; texts and images in step."""

    query: EmbeddingRef
    texts: tuple[EmbeddingRef, ...] = Field(min_length=1)
    images: tuple[EmbeddingRef, ...] = Field(min_length=1)


class RetrieveInterestRequest(Frozen):
    """The rewritten request T*, and what the person liked, newest last.

    `exclude`: items that must not be found, the wanted one above all. `count` is K (the paper's 5 is of a
    pool of all items; of one person's few likes more tell taste better).
    """

    query: str = Field(min_length=1, max_length=4000)
    history: tuple[HistoryThing, ...]
    exclude: frozenset[ItemId] = frozenset()
    count: int = Field(default=16, ge=1, le=50)


class RetrieveInterestResult(Frozen):
    """`interest` None: nothing of the history has a picture. `found` are its places, nearest first."""

    interest: InterestRefs | None
    found: tuple[int, ...] = ()


class RetrieveInterest:
    """Top-K of a history by the cosine of texts.

    Differs from the paper, which searches all items, by text and by picture apart: the pool is what
    the person liked, and the pictures are those of the things whose texts were found, so that what
    is attended to is theirs. A thing's text is the prompt that its facets make, with its other tags;
    its title where it has neither.

    Args:
        catalogue: where items and their vectors are looked up.
        encoder: defines the space; encodes texts.
        artifacts: where embeddings of designs lie, and those of texts go.
        merger: knows which tags are one; None: the words of the pack alone.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        encoder: Encoder,
        artifacts: Artifacts,
        merger: TagMerger | None = None,
    ) -> None:
        self._catalogue, self._encoder, self._artifacts = catalogue, encoder, artifacts
        self._vectors = Vectors(catalogue, encoder, artifacts)
        self._read = ThingTags(catalogue, merger or TagMerger(catalogue.pack))

    def __call__(self, request: RetrieveInterestRequest) -> RetrieveInterestResult:
        """The interest; what has left shop or store, or has no picture, is passed over."""
        places, texts, pictures = self._pool(request)
        if not places:
            return RetrieveInterestResult(interest=None)
        query = self._vectors.texts([request.query])[0]
        rows = self._vectors.texts(texts)
        near: list[int] = nearest_texts(query, rows, request.count).tolist()
        space = self._encoder.space
        stored = self._artifacts.put_embeddings(np.concatenate([query[None], rows[near]]), space)
        images = self._artifacts.put_embeddings(np.stack([pictures[i] for i in near]), space)
        return RetrieveInterestResult(
            interest=InterestRefs(query=stored[0], texts=stored[1:], images=images),
            found=tuple(places[i] for i in near),
        )

    def _pool(self, request: RetrieveInterestRequest) -> tuple[list[int], list[str], list[Floats]]:
        """Places in the history, texts and raw image embeddings of what can be retrieved.

        A thing that is there twice counts once, as the newer.
        """
        found: dict[Reference, tuple[int, HistoryThing, Floats]] = {}
        for place, thing in enumerate(request.history):
            reference = thing.item if thing.item is not None else thing.embedding
            if reference is None or reference in request.exclude:
                continue
            rows = self._vectors.known([reference])
            if len(rows):
                found[reference] = (place, thing, rows[0])
        kept = sorted(found.values(), key=lambda entry: entry[0])
        texts = self.texts([thing for _, thing, _ in kept])
        return [place for place, _, _ in kept], texts, [row for _, _, row in kept]

    def texts(self, things: Sequence[HistoryThing]) -> list[str]:
        """What each thing is called where texts are compared."""
        return [
            self._text(thing, tags) for thing, tags in zip(things, self._read(things), strict=True)
        ]

    def _text(self, thing: HistoryThing, tags: Sequence[Tag]) -> str:
        facets: dict[str, str] = {}
        for facet, value in tags:
            if facet:
                facets.setdefault(facet, value)  # the main value stands first
        free = [word for facet, word in tags if not facet]
        if not facets and not free and thing.item is not None:
            return self._catalogue.item(thing.item).title
        return ", ".join([write_prompt(self._catalogue.pack, facets), *free])


def gather(artifacts: Artifacts, references: Sequence[EmbeddingRef]) -> Floats:
    """Stored embeddings as rows, (n, d).

    Raises:
        ToolError: one is gone.
    """
    return np.stack([artifacts.get_embedding(reference) for reference in references])

"""Sample user-conditioned image embeddings from the prior and keep them in the artifact store."""

import math

import numpy as np
from pydantic import Field

from vitrine.core.errors import SetupError, ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import Artifacts, Catalogue, Encoder, Prior, PriorRequest
from vitrine.core.refs import EmbeddingRef
from vitrine.tools.references import Reference, Taste, Vectors


class SampleRequest(Frozen):
    """Whose taste, what is asked, how many, which seed.

    `query` is the prompt (None: taste alone). `base` is the thing the samples should resemble;
    `base_weight` is its share among the liked things (0 ignores it; 1: it alone counts, neither
    words nor other liked things do).
    Guidance weights as in `core.ports.PriorRequest`.
    """

    taste: Taste = Taste()
    query: str | None = Field(default=None, max_length=2000)
    base: Reference | None = None
    base_weight: float = Field(default=0.5, ge=0, le=1)
    n: int = Field(default=64, ge=1, le=1024)
    seed: int = Field(ge=0)
    rating: int = Field(default=5, ge=1, le=5)
    guidance_user: float = Field(default=8.0, ge=0, le=20)
    guidance_query: float = Field(default=8.0, ge=0, le=20)


class SampleResult(Frozen):
    """`embeddings` has n references, in order of the samples."""

    embeddings: tuple[EmbeddingRef, ...]
    space: str
    seed: int


MOST_REPEATS = 24


class SampleEmbeddings:
    """Samples from the prior for a person and a request.

    The base thing joins the liked things as their newest, as often as its weight asks: the prior
    knows pictures as taste and words as request, and keeps both in their places.

    Args:
        prior: samples image embeddings; must share the encoder's space.
        encoder: encodes the query.
        catalogue: where liked items are looked up.
        artifacts: where the samples are kept.

    Raises:
        SetupError: prior and encoder are of different spaces.
    """

    def __init__(
        self, prior: Prior, encoder: Encoder, catalogue: Catalogue, artifacts: Artifacts
    ) -> None:
        if prior.space != encoder.space:
            raise SetupError(
                f"the prior samples in space {prior.space!r}, the encoder works in"
                f" {encoder.space!r}: expected weights trained together"
            )
        self._prior = prior
        self._artifacts = artifacts
        self._vectors = Vectors(catalogue, encoder, artifacts)

    def __call__(self, request: SampleRequest) -> SampleResult:
        """Stored samples, n of them. The same request gets the same samples.

        Raises:
            ToolError: the base is gone, or the prior returned what is no embedding.
        """
        taste = request.taste
        if request.base is not None and request.base_weight > 0:
            taste = _with_base(taste, request.base, request.base_weight)
            self._vectors.of(
                [request.base]
            )  # a base that is gone is an error, not a shorter history
        query = None
        if request.query is not None and request.query.strip() and request.base_weight < 1:
            query = self._vectors.texts([request.query])[0]
        samples = self._prior.sample(
            PriorRequest(
                taste=self._vectors.evidence(taste),
                query=query,
                n=request.n,
                seed=request.seed,
                rating=request.rating,
                guidance_user=request.guidance_user,
                guidance_query=request.guidance_query,
            )
        )
        if samples.shape != (request.n, self._vectors.dim) or not np.isfinite(samples).all():
            raise ToolError(
                f"the prior returned {samples.shape!r} values that are no embeddings: expected"
                f" {(request.n, self._vectors.dim)!r} finite numbers"
            )
        refs = self._artifacts.put_embeddings(samples, self._prior.space)
        return SampleResult(embeddings=refs, space=self._prior.space, seed=request.seed)


def _with_base(taste: Taste, base: Reference, weight: float) -> Taste:
    """The taste with the base as `weight` of all liked things."""
    if weight >= 1:
        return taste.model_copy(update={"liked": (base,)})
    others = tuple(thing for thing in taste.liked if thing != base)
    repeats = math.ceil(weight / (1 - weight) * max(1, len(others)))
    return taste.model_copy(update={"liked": (*others, *((base,) * min(repeats, MOST_REPEATS)))})

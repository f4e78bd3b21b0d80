"""Sample user-conditioned image embeddings from the prior and keep them in the artifact store."""

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import EmbeddingRef
from vitrine.tools.references import Reference, Taste


class SampleRequest(Frozen):
    """Whose taste, what is asked, how many, which seed.

    `query` is the prompt (None: taste alone). `base` is the thing the samples should resemble:
    `base_weight` is its share in the query direction (0 ignores it, 1 replaces the words).
    Guidance weights as in `core.ports.PriorRequest`.
    """

    taste: Taste = Taste()
    query: str | None = Field(default=None, max_length=2000)
    base: Reference | None = None
    base_weight: float = Field(default=0.5, ge=0, le=1)
    n: int = Field(default=64, ge=1, le=1024)
    seed: int = Field(ge=0)
    rating: int = Field(default=5, ge=1, le=5)
    guidance_user: float = Field(default=2.0, ge=0, le=20)
    guidance_query: float = Field(default=4.0, ge=0, le=20)


class SampleResult(Frozen):
    """`embeddings` has n references, in order of the samples."""

    embeddings: tuple[EmbeddingRef, ...]
    space: str
    seed: int

"""Render pictures from embeddings and words; each row keeps its own embedding and seed."""

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.refs import EmbeddingRef, ImageRef


class Draft(Frozen):
    """One picture to make. `embedding` None: from words alone."""

    prompt: str = Field(min_length=1, max_length=2000)
    embedding: EmbeddingRef | None = None
    seed: int = Field(ge=0, lt=2**63)
    negative: str = Field(default="", max_length=1000)


class RenderRequest(Frozen):
    """The drafts of one batch and its dials (see `core.ports.RenderDials`)."""

    drafts: tuple[Draft, ...] = Field(min_length=1, max_length=16)
    steps: int = Field(default=12, ge=1, le=100)
    guidance: float = Field(default=4.0, ge=1, le=20)
    adapter_scale: float = Field(default=0.6, ge=0, le=1)
    size: int | None = Field(
        default=None, ge=32, le=2048, description="pixels; None: the renderer's own"
    )


class RenderResult(Frozen):
    """One picture a draft, in order."""

    images: tuple[ImageRef, ...]

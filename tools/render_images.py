"""Render pictures from embeddings and words; each row keeps its own embedding and seed."""

from pydantic import Field

from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import Artifacts, OnStep, RenderDials, Renderer, RenderJob, Stopped
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


def _silent(done: int, total: int) -> None:
    del done, total


def _never() -> bool:
    return False


class RenderImages:
    """Draws a batch with the renderer and stores the pictures.

    Args:
        renderer: makes the pictures; every row keeps its own embedding and seed.
        artifacts: where embeddings lie and pictures go.
    """

    def __init__(self, renderer: Renderer, artifacts: Artifacts) -> None:
        self._renderer = renderer
        self._artifacts = artifacts

    def __call__(
        self, request: RenderRequest, *, on_step: OnStep = _silent, stopped: Stopped = _never
    ) -> RenderResult:
        """One stored picture a draft, in order.

        Args:
            request: the drafts and the dials.
            on_step: hears (done, total) after each step.
            stopped: asked between steps.

        Raises:
            ToolError: an embedding is gone or of another space, or a picture is missing.
            Cancelled: `stopped()` became true.
        """
        jobs = [self._job(draft) for draft in request.drafts]
        dials = RenderDials(
            steps=request.steps,
            guidance=request.guidance,
            adapter_scale=request.adapter_scale,
            size=request.size,
        )
        pictures = self._renderer.render(jobs, dials, on_step, stopped)
        if len(pictures) != len(jobs):
            raise ToolError(f"the renderer returned {len(pictures)} pictures, expected {len(jobs)}")
        return RenderResult(
            images=tuple(self._artifacts.put_image(picture) for picture in pictures)
        )

    def _job(self, draft: Draft) -> RenderJob:
        embedding = None
        if draft.embedding is not None:
            if draft.embedding.space != self._renderer.space:
                raise ToolError(
                    f"embedding of space {draft.embedding.space!r} cannot be drawn: the renderer"
                    f" expects {self._renderer.space!r}"
                )
            embedding = self._artifacts.get_embedding(draft.embedding)
        return RenderJob(
            prompt=draft.prompt, embedding=embedding, seed=draft.seed, negative=draft.negative
        )

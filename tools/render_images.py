"""Render pictures from embeddings and words; each row keeps its own embedding and seed."""

from pydantic import Field

from vitrine.core.dials import BRANCHED, PERSONAL, DesignDials
from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import (
    Artifacts,
    Catalogue,
    Encoder,
    Interest,
    OnStep,
    PersonalRun,
    RenderDials,
    Renderer,
    RenderJob,
    Stopped,
    UserFeatures,
)
from vitrine.core.refs import EmbeddingRef, ImageRef
from vitrine.tools.references import FacetPreference, Taste, Vectors
from vitrine.tools.retrieve_interest import InterestRefs, gather


class Draft(Frozen):
    """One picture to make. `embedding` None: from words alone. `interest` None: no third branch."""

    prompt: str = Field(min_length=1, max_length=2000)
    embedding: EmbeddingRef | None = None
    seed: int = Field(ge=0, lt=2**63)
    negative: str = Field(default="", max_length=1000)
    interest: InterestRefs | None = None


class RenderRequest(Frozen):
    """The drafts of one batch, the person they are for, and the dials (see `core.ports.RenderDials`).

    `taste` and `facets` are read by PerFusion's network, if `dials.method` uses it; `personal_run`
    says how often it runs then.
    """

    drafts: tuple[Draft, ...] = Field(min_length=1, max_length=16)
    steps: int = Field(default=12, ge=1, le=100)
    guidance: float = Field(default=4.0, ge=1, le=20)
    adapter_scale: float = Field(default=0.6, ge=0, le=1)
    size: int | None = Field(
        default=None, ge=32, le=2048, description="pixels; None: the renderer's own"
    )
    taste: Taste = Taste()
    facets: tuple[FacetPreference, ...] = ()
    dials: DesignDials = DesignDials()
    personal_run: PersonalRun = "conditional"


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
        encoder: its space is the one that taste is told in.
        catalogue: where liked and disliked items are looked up.
        artifacts: where embeddings lie and pictures go.
    """

    def __init__(
        self, renderer: Renderer, encoder: Encoder, catalogue: Catalogue, artifacts: Artifacts
    ) -> None:
        self._renderer = renderer
        self._artifacts = artifacts
        self._vectors = Vectors(catalogue, encoder, artifacts)

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
        user = self._user(request)
        jobs = [self._job(draft, user) for draft in request.drafts]
        branched = request.dials.method in BRANCHED
        dials = RenderDials(
            steps=request.steps,
            guidance=request.guidance,
            adapter_scale=request.adapter_scale,
            size=request.size,
            text_scale=request.dials.text_scale if branched else 1.0,
            interest_scale=request.dials.interest_scale if branched else 0.0,
            personal=request.personal_run if user is not None else "off",
            personal_guidance=request.dials.personal_guidance,
        )
        pictures = self._renderer.render(jobs, dials, on_step, stopped)
        if len(pictures) != len(jobs):
            raise ToolError(f"the renderer returned {len(pictures)} pictures, expected {len(jobs)}")
        return RenderResult(
            images=tuple(self._artifacts.put_image(picture) for picture in pictures)
        )

    def _user(self, request: RenderRequest) -> UserFeatures | None:
        """What PerFusion's network reads; None where it is not to run or nothing is known."""
        known = request.taste.liked or request.taste.disliked or request.facets
        if request.dials.method not in PERSONAL or not known:
            return None
        return UserFeatures(
            taste=self._vectors.evidence(request.taste),
            facets={(p.facet, p.value): p.weight for p in request.facets},
        )

    def _job(self, draft: Draft, user: UserFeatures | None) -> RenderJob:
        embedding = None
        if draft.embedding is not None:
            if draft.embedding.space != self._renderer.space:
                raise ToolError(
                    f"embedding of space {draft.embedding.space!r} cannot be drawn: the renderer"
                    f" expects {self._renderer.space!r}"
                )
            embedding = self._artifacts.get_embedding(draft.embedding)
        return RenderJob(
            prompt=draft.prompt,
            embedding=embedding,
            seed=draft.seed,
            negative=draft.negative,
            interest=self._interest(draft.interest) if draft.interest is not None else None,
            user=user,
        )

    def _interest(self, refs: InterestRefs) -> Interest:
        """The stored embeddings of an interest."""
        for ref in refs.images:
            if ref.space != self._renderer.space:
                raise ToolError(
                    f"interest of space {ref.space!r} cannot be attended to: the renderer expects"
                    f" {self._renderer.space!r}"
                )
        return Interest(
            query=self._artifacts.get_embedding(refs.query),
            texts=gather(self._artifacts, refs.texts),
            images=gather(self._artifacts, refs.images),
        )

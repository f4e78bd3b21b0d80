"""The embedded renderer: the small diffusion pipeline behind `core.ports.Renderer`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path

import numpy as np
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from torch import Tensor
from transformers.utils import logging as transformers_logging

from vitrine.core.errors import Cancelled, SetupError, ToolError
from vitrine.core.ports import OnStep, Pixels, RenderDials, RenderJob, Stopped
from vitrine.models.diffusion.pipeline import RowwisePipeline, draw_batch, load_pipeline
from vitrine.models.integrity import Seals
from vitrine.models.interest.attention import InterestAttention, load_interest, plain_mean
from vitrine.models.perfusion.guidance import PersonalDials, personal_branches
from vitrine.models.perfusion.person import Personal, load_personal


def _silence_loading() -> None:
    """No progress bars and advice of the libraries on stderr: errors still come as exceptions."""
    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


class DiffusionRenderer:
    """Pictures from words and embeddings by a local Stable Diffusion folder with an IP-Adapter."""

    def __init__(
        self,
        folder: Path,
        space: str,
        seals: Seals | None = None,
        interest: Path | None = None,
        personal: Path | None = None,
    ) -> None:
        """Remember where the weights lie; they are loaded at first use.

        Args:
            folder: a pipeline folder with `models/ip-adapter.safetensors` (`weights/sd`).
            space: embedding space that the adapter was trained on.
            interest: folder of the interest attention (`weights/interest`); None: an interest is the
                plain mean of what was retrieved.
            personal: folder of PerFusion's network (`weights/perfusion`); the CLIP that it reads people
                with lies beside the pipeline (`weights/clip`). None: there is none.
        """
        self._folder = folder
        self._space = space
        self._seals = seals if seals is not None else Seals(folder.parent)
        self._interest = interest
        self._personal = personal
        self._lock = threading.Lock()

    @property
    def space(self) -> str:
        """Embedding space that `RenderJob.embedding` must come from."""
        return self._space

    @cached_property
    def _loaded(self) -> RowwisePipeline:
        self._seals.check(self._folder)
        _silence_loading()
        return load_pipeline(self._folder)

    def _pipeline(self) -> RowwisePipeline:
        with self._lock:
            return self._loaded

    @cached_property
    def _attention(self) -> InterestAttention | None:
        if self._interest is None:
            return None
        self._seals.check(self._interest)
        return load_interest(self._interest)

    def _interests(
        self, rows: Sequence[RenderJob], dials: RenderDials
    ) -> tuple[Tensor, Tensor] | None:
        """Interest embeddings of the jobs (n, d) and which have one; None: the branch is off."""
        there = [job.interest for job in rows if job.interest is not None]
        if not there or dials.interest_scale == 0:
            return None
        with self._lock:
            attention = self._attention
        if attention is None:
            attention = plain_mean(there[0])
        return attention.rows([job.interest for job in rows])

    @cached_property
    def _network(self) -> Personal:
        folder = self._personal
        if folder is None or not folder.is_dir():
            raise SetupError(
                "personal drawing needs weights"
                + ("" if folder is None else f" in {str(folder)!r}")
                + ": restore them from the distribution, train them (`vitrine train perfusion`),"
                " or leave `personal` at 'off'"
            )
        self._seals.check(folder)
        personal = load_personal(folder, self._folder.parent / "clip")
        if personal.space != self._space:
            raise SetupError(
                f"the personal network reads embeddings of {personal.space!r}, not {self._space!r}"
            )
        personal.model.network.check_fits(self._loaded.unet)
        return personal

    def _personally(
        self, rows: Sequence[RenderJob], dials: RenderDials
    ) -> AbstractContextManager[None] | None:
        """What makes a batch personal; None: nobody is known in it, or it is not wanted."""
        if dials.personal == "off" or all(job.user is None for job in rows):
            return None
        with self._lock:
            pipeline, personal = self._loaded, self._network
        return personal_branches(
            pipeline.unet,
            personal.model.network,
            personal.people([job.user for job in rows]),
            PersonalDials(dials.personal, dials.guidance, dials.personal_guidance, dials.steps),
        )

    def render(
        self, jobs: Sequence[RenderJob], dials: RenderDials, on_step: OnStep, stopped: Stopped
    ) -> list[Pixels]:
        """One picture a job, in order. Batch equals one by one.

        Jobs with and without an embedding are drawn as two batches, since the adapter is off for
        the latter. `dials.size` resamples; the model's own size is what it draws.

        Raises:
            Cancelled: `stopped()` became true.
            SetupError: `dials.personal` is on, somebody is known, and there is no network.
            ToolError: an embedding or an interest has the wrong dimension.
        """
        if stopped():
            raise Cancelled("drawing was stopped")
        pipeline = self._pipeline()
        shown = [i for i, job in enumerate(jobs) if job.embedding is not None]
        plain = [i for i, job in enumerate(jobs) if job.embedding is None]
        groups = [group for group in (shown, plain) if group]
        pictures: dict[int, Pixels] = {}
        for number, group in enumerate(groups):
            rows = [jobs[i] for i in group]
            done = number * dials.steps
            drawn = draw_batch(
                pipeline,
                [job.prompt for job in rows],
                [job.negative for job in rows],
                _stack(pipeline, rows) if group is shown else None,
                [job.seed for job in rows],
                steps=dials.steps,
                guidance=dials.guidance,
                adapter_scale=dials.adapter_scale,
                interest=self._interests(rows, dials),
                text_scale=dials.text_scale,
                interest_scale=dials.interest_scale,
                around=self._personally(rows, dials),
                on_step=lambda step, done=done: on_step(done + step, len(groups) * dials.steps),
                stopped=stopped,
            )
            pictures.update(zip(group, drawn, strict=True))
        return [_resized(pictures[i], dials.size) for i in range(len(jobs))]


def _stack(pipeline: RowwisePipeline, rows: Sequence[RenderJob]) -> np.ndarray:
    """Embeddings of the jobs, (n, d)."""
    layer = pipeline.unet.encoder_hid_proj.image_projection_layers[0]
    width = int(layer.image_embeds.in_features)
    stacked = [np.asarray(job.embedding, np.float32).reshape(-1) for job in rows]
    for row in stacked:
        if row.shape != (width,):
            raise ToolError(f"embedding of dimension {row.shape[0]}: the renderer expects {width}")
    return np.stack(stacked)


def _resized(picture: Pixels, size: int | None) -> Pixels:
    """The picture (s, s, 3) at `size` pixels; None: as it is."""
    if size is None or picture.shape[0] == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.LANCZOS))

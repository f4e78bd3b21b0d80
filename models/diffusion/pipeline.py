"""The pipeline with rows kept apart: picture i of a batch sees embedding i and nothing else.

The stock pipeline repeats the given image embeddings once for each prompt; attention then merges
the surplus rows, so that a batch with several embeddings mixes them (diffusers issue 9813). Here an
embedding a row stays an embedding a row; a single one is repeated for every row as before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from numpy.typing import NDArray
from torch import Tensor

from vitrine.core.errors import Cancelled, SetupError
from vitrine.models.diffusion.export import ADAPTER_FILE, ADAPTER_FOLDER
from vitrine.models.interest.branches import NULL_FIRST, install


class RowwisePipeline(StableDiffusionPipeline):
    """`StableDiffusionPipeline` whose image embeddings belong to rows."""

    def prepare_ip_adapter_image_embeds(
        self,
        ip_adapter_image: object,
        ip_adapter_image_embeds: list[Tensor] | None,
        device: torch.device,
        num_images_per_prompt: int,
        do_classifier_free_guidance: bool,
    ) -> list[Tensor]:
        """Embeddings for the whole batch.

        Args:
            ip_adapter_image_embeds: one tensor an adapter, (rows, 1, d), or with guidance
                (2 rows, 1, d): negatives, then positives. Rows: 1, or a divisor of the batch.
            num_images_per_prompt: size of the whole batch (the pipeline passes it so).

        Returns:
            One tensor an adapter, (batch, 1, d) or with guidance (2 batch, 1, d).
        """
        if ip_adapter_image_embeds is None:
            return super().prepare_ip_adapter_image_embeds(
                ip_adapter_image, None, device, num_images_per_prompt, do_classifier_free_guidance
            )
        out: list[Tensor] = []
        for embeds in ip_adapter_image_embeds:
            halves = embeds.chunk(2) if do_classifier_free_guidance else (embeds,)
            rows = halves[0].shape[0]
            if num_images_per_prompt % rows:
                raise ValueError(
                    f"{rows} image embeddings for a batch of {num_images_per_prompt}: expected one,"
                    " one a prompt or one a picture"
                )
            repeats = num_images_per_prompt // rows
            out.append(
                torch.cat([half.repeat_interleave(repeats, 0) for half in halves]).to(device)
            )
        return out


def load_pipeline(folder: Path, *, dtype: torch.dtype = torch.float32) -> RowwisePipeline:
    """Pipeline with its adapter from a local folder; nothing is fetched.

    Raises:
        SetupError: a file is missing or does not fit.
    """
    try:
        pipeline = RowwisePipeline.from_pretrained(
            folder,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
            local_files_only=True,
            dtype=dtype,
        )
        pipeline.load_ip_adapter(
            str(folder),
            subfolder=ADAPTER_FOLDER,
            weight_name=ADAPTER_FILE,
            image_encoder_folder=None,
            local_files_only=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise SetupError(f"the picture model in {str(folder)!r} does not load: {first}") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


GUIDANCE_RESCALE = 0.7
"""See Lin et al. 2023, "Common Diffusion Noise Schedules", sec. 3.4: with zero terminal signal, guidance
alone over-exposes."""

_BUSY = threading.Lock()
"""The adapter's scale is state of the model: one batch at a time."""


def draw_batch(
    pipeline: RowwisePipeline,
    prompts: Sequence[str],
    negatives: Sequence[str],
    embeddings: NDArray[np.float32] | None,
    seeds: Sequence[int],
    *,
    steps: int,
    guidance: float,
    adapter_scale: float,
    guidance_rescale: float = GUIDANCE_RESCALE,
    size: int | None = None,
    interest: tuple[Tensor, Tensor] | None = None,
    text_scale: float = 1.0,
    interest_scale: float = 0.0,
    around: AbstractContextManager[None] | None = None,
    on_step: Callable[[int], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> NDArray[np.uint8]:
    """Pictures (n, s, s, 3) uint8; row i depends on the i-th arguments alone.

    Args:
        embeddings: raw image embeddings (n, d); None: words alone, the adapter is off.
        interest: raw interest embeddings (n, d) and which rows have one, (n,) bool. text_scale,
            interest_scale: lambda1 and lambda2 of `models.interest.branches`.
        around: what else holds while the batch is drawn (`perfusion.guidance.personal_branches`).
        on_step: called with the number of finished steps.

    Raises:
        Cancelled: `stopped()` became true between two steps.
    """
    # 1. Noise: one generator a row, so that a row's picture does not depend on its neighbours
    generators = [torch.Generator("cpu").manual_seed(seed % 2**63) for seed in seeds]
    # 2. Embeddings: zeros are the "nothing shown" of guidance
    width = pipeline.unet.encoder_hid_proj.image_projection_layers[0].image_embeds.in_features
    rows = torch.zeros(len(prompts), 1, width)
    if embeddings is not None:
        rows = torch.from_numpy(np.asarray(embeddings, np.float32)).reshape(len(prompts), 1, width)
    if guidance > 1:
        rows = torch.cat([torch.zeros_like(rows), rows])

    def after(
        pipe: RowwisePipeline, step: int, _: int, tensors: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        if stopped():
            pipe._interrupt = True  # pyright: ignore
        on_step(step + 1)
        return tensors

    # 3. Denoise and decode
    wanted, present = interest if interest is not None else (None, None)
    branches = install(pipeline.unet).attending(
        wanted,
        present,
        copies=NULL_FIRST if guidance > 1 else (False,),
        text_scale=text_scale,
        interest_scale=interest_scale,
    )
    with _BUSY, torch.inference_mode(), branches, around or nullcontext():
        pipeline.set_ip_adapter_scale(0.0 if embeddings is None else adapter_scale)
        result = pipeline(
            prompt=list(prompts),
            negative_prompt=list(negatives),
            num_inference_steps=steps,
            guidance_scale=guidance,
            guidance_rescale=guidance_rescale,
            generator=generators,
            ip_adapter_image_embeds=[rows.to(pipeline.unet.dtype)],
            height=size,
            width=size,
            output_type="np",
            callback_on_step_end=after,  # pyright: ignore[reportArgumentType]
        )
        interrupted = bool(pipeline.interrupt)
    if interrupted:
        raise Cancelled("drawing was stopped")
    pictures = np.asarray(result.images)  # pyright: ignore
    return (pictures * 255).round().clip(0, 255).astype(np.uint8)

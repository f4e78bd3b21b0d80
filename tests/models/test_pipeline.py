"""The picture pipeline on real classes at toy size: published layout, rows apart, dials that mean
what they say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file
from tests.models.conftest import DIM, PROMPTS

from vitrine.core.errors import Cancelled, SetupError, ToolError
from vitrine.core.ports import Interest, RenderDials, RenderJob
from vitrine.models.clip.model import CONTEXT, token_ids
from vitrine.models.diffusion.export import read_denoiser
from vitrine.models.diffusion.pipeline import RowwisePipeline, draw_batch, load_pipeline
from vitrine.models.diffusion.unet import Denoiser
from vitrine.models.renderer import DiffusionRenderer

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"  # diffusers with numpy 2
)


@pytest.fixture(scope="module")
def pipeline(toy_sd: tuple[Path, Denoiser]) -> RowwisePipeline:
    return load_pipeline(toy_sd[0])


def embeddings(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)


def draw(
    pipeline: RowwisePipeline,
    rows: list[int],
    *,
    scale: float = 1.0,
    table: np.ndarray | None = None,
) -> np.ndarray:
    table = embeddings(3) if table is None else table
    return draw_batch(
        pipeline, [PROMPTS[i] for i in rows], [""] * len(rows), table[rows], [10 + i for i in rows],
        steps=3, guidance=3.0, adapter_scale=scale,
    )  # fmt: skip


def test_the_stock_pipeline_loads_the_folder(toy_sd: tuple[Path, Denoiser]) -> None:
    folder, _ = toy_sd
    stock = StableDiffusionPipeline.from_pretrained(
        folder, safety_checker=None, feature_extractor=None, local_files_only=True
    )
    stock.load_ip_adapter(
        str(folder), subfolder="models", weight_name="ip-adapter.safetensors",
        image_encoder_folder=None,
    )  # fmt: skip
    assert stock.scheduler.config.prediction_type == "v_prediction"
    keys = set(load_file(folder / "models" / "ip-adapter.safetensors"))
    assert {"image_proj.proj.weight", "image_proj.proj.bias", "image_proj.norm.weight",
            "ip_adapter.1.to_k_ip.weight", "ip_adapter.3.to_v_ip.weight"} <= keys  # fmt: skip
    numbers = sorted({int(key.split(".")[1]) for key in keys if key.startswith("ip_adapter.")})
    assert numbers == list(range(1, 2 * len(numbers), 2))


def test_what_was_trained_is_what_is_loaded(
    toy_sd: tuple[Path, Denoiser], pipeline: RowwisePipeline
) -> None:
    _, denoiser = toy_sd
    torch.manual_seed(1)
    noisy, time = torch.randn(3, 16, 4, 4), torch.tensor([10, 500, 999])
    text, image = torch.randn(3, 7, 32), torch.randn(3, DIM)
    with torch.no_grad():
        for scale in (0.0, 0.4, 1.0):
            pipeline.set_ip_adapter_scale(scale)
            ours = denoiser(noisy, time, text, image, torch.full((3,), scale))
            theirs = pipeline.unet(
                noisy, time, text, added_cond_kwargs={"image_embeds": [image[:, None]]}
            ).sample
            assert torch.allclose(ours, theirs, atol=1e-4)
        off = denoiser(noisy, time, text, image, None)
        pipeline.set_ip_adapter_scale(0.0)
        theirs = pipeline.unet(
            noisy, time, text, added_cond_kwargs={"image_embeds": [image[:, None]]}
        ).sample
        assert torch.allclose(off, theirs, atol=1e-4)


def test_training_can_start_from_what_ships(toy_sd: tuple[Path, Denoiser]) -> None:
    folder, denoiser = toy_sd
    read = read_denoiser(folder, denoiser.unet)
    state = denoiser.state_dict()
    assert set(read) == set(state)
    assert all(torch.equal(read[name], state[name]) for name in state)


def latents(pipeline: RowwisePipeline, rows: list[int], table: np.ndarray) -> torch.Tensor:
    """Final latents of rows, drawn together."""
    ids = [PROMPTS[i] for i in rows]
    embeds = torch.from_numpy(table[rows])[:, None]
    pipeline.set_ip_adapter_scale(1.0)
    with torch.inference_mode():
        return pipeline(
            prompt=ids, num_inference_steps=3, guidance_scale=3.0, output_type="latent",
            generator=[torch.Generator().manual_seed(10 + i) for i in rows],
            ip_adapter_image_embeds=[torch.cat([torch.zeros_like(embeds), embeds])],
        ).images  # fmt: skip


def test_rows_never_mix(pipeline: RowwisePipeline) -> None:
    table = embeddings(3) * 3
    together = latents(pipeline, [0, 1, 2], table)
    for i in range(3):
        alone = latents(pipeline, [i], table)
        assert torch.allclose(together[i], alone[0], atol=1e-4)
    others = table.copy()
    others[1:] *= -5
    assert torch.allclose(latents(pipeline, [0, 1, 2], others)[0], together[0], atol=1e-4)
    assert not torch.allclose(latents(pipeline, [0, 1, 2], others)[1], together[1], atol=1e-2)


def test_one_embedding_serves_every_row_and_odd_counts_are_refused(
    pipeline: RowwisePipeline,
) -> None:
    row = torch.randn(1, 1, DIM)
    out = pipeline.prepare_ip_adapter_image_embeds(None, [row], torch.device("cpu"), 4, False)
    assert out[0].shape == (4, 1, DIM)
    assert torch.equal(out[0][3], row[0])
    pair = torch.randn(2, 1, DIM)
    out = pipeline.prepare_ip_adapter_image_embeds(None, [pair], torch.device("cpu"), 4, False)
    assert torch.equal(out[0][1], pair[0])
    assert torch.equal(out[0][2], pair[1])
    with pytest.raises(ValueError, match="3 image embeddings"):
        pipeline.prepare_ip_adapter_image_embeds(
            None, [torch.randn(3, 1, DIM)], torch.device("cpu"), 4, False
        )


def test_scale_zero_is_the_backbone(pipeline: RowwisePipeline) -> None:
    silent = draw(pipeline, [0, 1], scale=0.0)
    assert np.array_equal(silent, draw(pipeline, [0, 1], scale=0.0, table=embeddings(3, 7) * 9))
    words = draw_batch(
        pipeline, PROMPTS[:2], ["", ""], None, [10, 11], steps=3, guidance=3.0, adapter_scale=1.0
    )
    assert np.array_equal(silent, words)


def test_same_seed_same_picture(pipeline: RowwisePipeline) -> None:
    first = draw(pipeline, [0, 1, 2])
    assert np.array_equal(first, draw(pipeline, [0, 1, 2]))
    assert np.abs(first[1].astype(int) - draw(pipeline, [1])[0].astype(int)).max() <= 1


def test_the_renderer_mixes_kinds_keeps_order_and_counts_steps(
    toy_sd: tuple[Path, Denoiser],
) -> None:
    renderer = DiffusionRenderer(toy_sd[0], "toy")
    row = embeddings(1)[0]
    jobs = [
        RenderJob("moss", None, 1),
        RenderJob("a rust square", row, 2),
        RenderJob("an ink disc", None, 3, negative="moss"),
    ]
    seen: list[tuple[int, int]] = []
    dials = RenderDials(steps=2, guidance=2.0, size=64)
    pictures = renderer.render(jobs, dials, lambda *at: seen.append(at), lambda: False)
    assert [picture.shape for picture in pictures] == [(64, 64, 3)] * 3
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for i, job in enumerate(jobs):
        alone = renderer.render([job], dials, lambda *_: None, lambda: False)[0]
        assert np.abs(alone.astype(int) - pictures[i].astype(int)).max() <= 1


def test_drawing_can_be_stopped(toy_sd: tuple[Path, Denoiser]) -> None:
    renderer = DiffusionRenderer(toy_sd[0], "toy")
    job = RenderJob("moss", None, 1)
    seen: list[int] = []
    with pytest.raises(Cancelled):
        renderer.render(
            [job], RenderDials(steps=5), lambda done, _: seen.append(done), lambda: len(seen) >= 2
        )
    assert len(seen) <= 3
    assert renderer.render([job], RenderDials(steps=1), lambda *_: None, lambda: False)


def test_wrong_dimension_and_missing_folder_are_told(
    toy_sd: tuple[Path, Denoiser], tmp_path: Path
) -> None:
    renderer = DiffusionRenderer(toy_sd[0], "toy")
    with pytest.raises(ToolError, match="dimension 5"):
        renderer.render(
            [RenderJob("moss", np.zeros(5, np.float32), 1)], RenderDials(steps=1),
            lambda *_: None, lambda: False,
        )  # fmt: skip
    with pytest.raises(SetupError):
        DiffusionRenderer(tmp_path / "none", "toy").render(
            [RenderJob("moss", None, 1)], RenderDials(steps=1), lambda *_: None, lambda: False
        )


def test_prompts_reach_the_text_encoder(pipeline: RowwisePipeline) -> None:
    ids = token_ids(pipeline.tokenizer, PROMPTS)
    assert ids.shape == (3, CONTEXT)
    assert pipeline.tokenizer.model_max_length == CONTEXT


def interest(seed: int, things: int = 3) -> Interest:
    rng = np.random.default_rng(seed)
    shapes = (6, (things, 6), (things, DIM))  # texts of another dimension than pictures
    return Interest(*(rng.normal(size=shape).astype(np.float32) * 2 for shape in shapes))


def test_interests_stay_in_their_rows_and_are_off_by_default(toy_sd: tuple[Path, Denoiser]) -> None:
    renderer = DiffusionRenderer(toy_sd[0], "toy")
    table = embeddings(2)
    plain = [
        RenderJob("moss", table[0], 1),
        RenderJob("a rust square", table[1], 2),
        RenderJob("an ink disc", None, 3),
    ]
    given = [interest(1), None, interest(2)]
    jobs = [replace(job, interest=one) for job, one in zip(plain, given, strict=True)]

    def drawn(jobs: list[RenderJob], **dials: float) -> np.ndarray:
        every = RenderDials(steps=2, guidance=2.0, **dials)
        return np.stack(renderer.render(jobs, every, lambda *_: None, lambda: False)).astype(int)

    without = drawn(plain)
    assert np.array_equal(drawn(jobs), without)  # lambda2 = 0 is the IP-Adapter
    together = drawn(jobs, interest_scale=30.0)
    assert np.array_equal(together[1], without[1])
    assert (np.abs(together - without).max((1, 2, 3)) > 2).tolist() == [True, False, True]
    for i in range(3):
        assert np.abs(drawn([jobs[i]], interest_scale=30.0)[0] - together[i]).max() <= 1
    assert np.abs(drawn(plain, text_scale=30.0) - without).max() > 2
    wrong = replace(jobs[0], interest=replace(interest(1), query=np.zeros(3, np.float32)))
    with pytest.raises(ToolError, match="interest of shapes"):
        drawn([wrong], interest_scale=0.5)

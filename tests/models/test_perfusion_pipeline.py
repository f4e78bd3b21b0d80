"""The personal network inside the stock pipeline: bit for bit off, rows apart, beside adapter and branches."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.models.conftest import DIM, PROMPTS

from vitrine.core.errors import SetupError
from vitrine.core.ports import PersonalRun, RenderDials, RenderJob, TasteEvidence, UserFeatures
from vitrine.models.diffusion.pipeline import RowwisePipeline, draw_batch, load_pipeline
from vitrine.models.diffusion.unet import Denoiser
from vitrine.models.perfusion.guidance import People, PersonalDials, personal_branches
from vitrine.models.perfusion.network import AdaptiveNetwork
from vitrine.models.renderer import DiffusionRenderer

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"  # diffusers with numpy 2
)

SIZE = 6
MODES: tuple[PersonalRun, ...] = ("exact", "conditional", "key_steps")


@pytest.fixture(scope="module")
def folder(toy_sd: tuple[Path, Denoiser]) -> Path:
    return toy_sd[0]


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> RowwisePipeline:
    return load_pipeline(folder)


def network(pipeline: RowwisePipeline, *, loud: bool = True) -> AdaptiveNetwork:
    torch.manual_seed(1)
    made = AdaptiveNetwork.from_unet(pipeline.unet, user_size=SIZE, grid=2).eval()
    if loud:
        with torch.no_grad():
            for parameter in [*made.zero_parameters(), *made.map_in.parameters()]:
                parameter.normal_(std=0.2)
    return made


def people(*rows: int) -> People:
    u = torch.randn(3, SIZE, generator=torch.Generator().manual_seed(3))
    return People(u[list(rows)], torch.tensor(rows))


def draw(
    pipeline: RowwisePipeline,
    rows: list[int],
    around: AbstractContextManager[None] | None = None,
    *,
    guidance: float = 3.0,
    interest: bool = False,
    shown: bool = True,
) -> np.ndarray:
    """Pictures of rows as float (n, s, s, 3)."""
    table = np.random.default_rng(0).normal(size=(3, DIM)).astype(np.float32)
    there = torch.tensor([i != 1 for i in rows])
    return draw_batch(
        pipeline, [PROMPTS[i] for i in rows], [""] * len(rows), table[rows] if shown else None,
        [10 + i for i in rows], steps=4, guidance=guidance, adapter_scale=0.7, around=around,
        interest=(torch.from_numpy(-table[rows]), there) if interest else None,
        interest_scale=0.5 if interest else 0.0, text_scale=0.9 if interest else 1.0,
    ).astype(float)  # fmt: skip


@pytest.mark.parametrize("interest", [False, True])
def test_untrained_or_unwanted_changes_no_bit(pipeline: RowwisePipeline, interest: bool) -> None:
    before = draw(pipeline, [0, 1, 2], interest=interest)
    quiet, loud = network(pipeline, loud=False), network(pipeline)
    for mode in MODES:
        dials = PersonalDials(mode, 3.0, None, 4)
        same = [
            personal_branches(pipeline.unet, quiet, people(0, 2), dials),
            personal_branches(pipeline.unet, loud, people(), dials),
            personal_branches(pipeline.unet, loud, people(0), replace(dials, run="off")),
            personal_branches(
                pipeline.unet, loud, people(0), replace(dials, personal_guidance=0.0)
            ),
        ]
        for around in same:
            assert np.array_equal(before, draw(pipeline, [0, 1, 2], around, interest=interest))
    assert np.array_equal(before, draw(pipeline, [0, 1, 2], interest=interest))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("w_u", [None, 6.0])
def test_rows_stay_apart_beside_adapter_and_interest(
    pipeline: RowwisePipeline, mode: PersonalRun, w_u: float | None
) -> None:
    """Rows 0 and 2 have a person, row 1 none; rows 0 and 2 have an interest."""
    made, dials = network(pipeline), PersonalDials(mode, 3.0, w_u, 4)
    who = people(0, 2)
    around = personal_branches(pipeline.unet, made, who, dials)
    together = draw(pipeline, [0, 1, 2], around, interest=True)
    impersonal = draw(pipeline, [0, 1, 2], interest=True)
    assert np.abs(together[1] - impersonal[1]).max() <= 1
    for place, row in ((0, 0), (1, 2)):
        me = People(who.u[[place]], torch.tensor([0]))
        around = personal_branches(pipeline.unet, made, me, dials)
        alone = draw(pipeline, [row], around, interest=True)
        assert np.abs(together[row] - alone[0]).max() <= 1
        assert np.abs(together[row] - impersonal[row]).max() > 2


def test_it_works_without_pictures_and_without_guidance(pipeline: RowwisePipeline) -> None:
    made = network(pipeline)
    for guidance, shown in ((1.0, True), (3.0, False)):
        dials = PersonalDials("conditional", guidance, None, 4)
        around = personal_branches(pipeline.unet, made, people(0), dials)
        own = draw(pipeline, [0, 1], around, guidance=guidance, shown=shown)
        bare = draw(pipeline, [0, 1], guidance=guidance, shown=shown)
        assert np.abs(own[0] - bare[0]).max() > 2
        assert np.abs(own[1] - bare[1]).max() <= 1


def test_the_renderer_asks_for_weights_only_where_a_person_is_to_be_drawn_for(
    folder: Path, tmp_path: Path
) -> None:
    nothing = np.zeros((0, DIM), np.float32)
    job = RenderJob("moss", None, 1, user=UserFeatures(TasteEvidence(nothing, nothing)))
    personal = RenderDials(steps=1, personal="conditional")

    def render(given: RenderJob, dials: RenderDials, weights: Path | None) -> int:
        renderer = DiffusionRenderer(folder, "toy", personal=weights)
        return len(renderer.render([given], dials, lambda *_: None, lambda: False))

    assert render(job, RenderDials(steps=1), None) == 1
    assert render(replace(job, user=None), personal, None) == 1
    for where in (None, tmp_path / "none"):
        with pytest.raises(SetupError, match="vitrine train perfusion"):
            render(job, personal, where)

"""Three branches in real U-Nets: exact where they should be neutral, rows apart, shared weights."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0
from tests.models.interest_unets import SD15, SDXL, TOY, forward, with_adapter
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from vitrine.core.errors import SetupError
from vitrine.models.interest.branches import Branches, ThreeBranchProcessor, install

DIM = 12


@pytest.fixture(scope="module", params=["sd15", "sdxl"])
def pair(request: pytest.FixtureRequest) -> tuple[UNet2DConditionModel, UNet2DConditionModel]:
    """(stock, with branches): equal weights."""
    torch.manual_seed(0)
    stock = with_adapter(TOY[request.param], DIM)
    ours = copy.deepcopy(stock)
    install(ours)
    return stock, ours


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def scaled(unet: UNet2DConditionModel, scale: float) -> None:
    """What `set_ip_adapter_scale` of the pipelines does."""
    for processor in unet.attn_processors.values():
        if isinstance(processor, IPAdapterAttnProcessor2_0):
            processor.scale[:] = [scale] * len(processor.scale)


def run(unet: UNet2DConditionModel, given: dict[str, Any]) -> Tensor:
    return unet(**given).sample


def rows_of(count: int, seed: int = 9) -> Tensor:
    return torch.randn(count, DIM, generator=torch.Generator().manual_seed(seed)) * 3


@pytest.mark.parametrize("scale", [0.0, 0.4, 1.0])
def test_lambda_one_and_zero_is_the_stock_processor_bit_for_bit(
    pair: tuple[UNet2DConditionModel, UNet2DConditionModel], scale: float
) -> None:
    stock, ours = pair
    branches = install(ours)
    given = forward(stock, 4, DIM)
    for unet in pair:
        scaled(unet, scale)
    expected = run(stock, given)
    assert torch.equal(run(ours, given), expected)
    with branches.attending(rows_of(2), text_scale=1.0, interest_scale=0.0):
        assert torch.equal(run(ours, given), expected)
    with branches.attending(rows_of(2), torch.zeros(2, dtype=torch.bool), interest_scale=0.5):
        assert torch.equal(run(ours, given), expected)
    with branches.attending(rows_of(2), interest_scale=0.3):
        assert not torch.allclose(run(ours, given), expected, atol=1e-3)
    assert torch.equal(run(ours, given), expected)  # nothing stays behind


def test_a_row_without_interest_is_the_adapters_beside_one_that_has_it(
    pair: tuple[UNet2DConditionModel, UNet2DConditionModel],
) -> None:
    stock, ours = pair
    for unet in pair:
        scaled(unet, 0.7)
    given = forward(stock, 4, DIM)  # rows 0, 1: nulls of pictures 0, 1; rows 2, 3: their conditions
    expected = run(stock, given)
    with install(ours).attending(rows_of(2), torch.tensor([True, False]), interest_scale=0.3):
        seen = run(ours, given)
    assert torch.equal(seen[[1, 3]], expected[[1, 3]])
    assert not torch.allclose(seen[[0, 2]], expected[[0, 2]], atol=1e-3)


def test_batch_equals_one_by_one(
    pair: tuple[UNet2DConditionModel, UNet2DConditionModel],
) -> None:
    _, ours = pair
    branches = install(ours)
    scaled(ours, 0.6)
    rows = rows_of(3)
    given = forward(ours, 3, DIM)
    with branches.attending(rows, copies=(False,), text_scale=0.8, interest_scale=0.3):
        together = run(ours, given)
    for i in range(3):
        with branches.attending(rows[[i]], copies=(False,), text_scale=0.8, interest_scale=0.3):
            alone = run(ours, _row(given, i))
        assert torch.allclose(together[i], alone[0], atol=1e-4)
    others = rows.clone()
    others[1:] *= -7
    with branches.attending(others, copies=(False,), text_scale=0.8, interest_scale=0.3):
        moved = run(ours, given)
    assert torch.equal(moved[0], together[0])
    assert not torch.allclose(moved[1], together[1], atol=1e-3)


def _row(given: dict[str, Any], i: int) -> dict[str, Any]:
    """Row i of the arguments of a call, as a batch of one."""
    added = {
        name: [value[0][[i]]] if isinstance(value, list) else value[[i]]
        for name, value in given["added_cond_kwargs"].items()
    }
    return {
        name: added if name == "added_cond_kwargs" else value[[i]] for name, value in given.items()
    }


def test_one_layer_is_equation_13(
    pair: tuple[UNet2DConditionModel, UNet2DConditionModel],
) -> None:
    """The processor against the three attentions written out."""
    _, ours = pair
    branches = install(ours)
    name, processor = next(
        (name, p) for name, p in ours.attn_processors.items() if isinstance(p, ThreeBranchProcessor)
    )
    processor.scale[:] = [0.6]
    attn = ours.get_submodule(name.removesuffix(".processor"))
    width = ours.config["cross_attention_dim"]
    torch.manual_seed(3)
    states = torch.randn(2, 9, attn.to_q.in_features)
    text, image, row = torch.randn(2, 5, width), torch.randn(2, 1, 4, width), rows_of(1)
    layer = ours.encoder_hid_proj.image_projection_layers[0]
    tokens = layer(torch.cat([torch.zeros(1, DIM), row]))  # the null is the projection of zeros

    def branch(key: Tensor, value: Tensor) -> Tensor:
        parts = [x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in (query, key, value)]
        weights = torch.softmax(parts[0] @ parts[1].mT / parts[0].shape[-1] ** 0.5, -1)
        return (weights @ parts[2]).transpose(1, 2).flatten(2)

    query = attn.to_q(states)
    key, value = processor.to_k_ip[0], processor.to_v_ip[0]
    expected = (
        0.6 * branch(key(image[:, 0]), value(image[:, 0]))
        + 0.8 * branch(attn.to_k(text), attn.to_v(text))
        + 0.3 * branch(key(tokens), value(tokens))
    )
    expected = attn.to_out[0](expected) / attn.rescale_output_factor
    with branches.attending(row, text_scale=0.8, interest_scale=0.3):
        seen = attn(states, encoder_hidden_states=(text, [image]))
    assert torch.allclose(seen, expected, atol=1e-5)


def test_lambda1_scales_the_text_branch(
    pair: tuple[UNet2DConditionModel, UNet2DConditionModel],
) -> None:
    _, ours = pair
    branches = install(ours)
    scaled(ours, 1.0)
    given, other = forward(ours, 2, DIM), forward(ours, 2, DIM, seed=7)
    reworded = {**given, "encoder_hidden_states": other["encoder_hidden_states"]}
    apart: list[float] = []
    for scale in (0.0, 0.5, 1.0):
        with branches.attending(None, text_scale=scale):
            apart.append(float((run(ours, given) - run(ours, reworded)).abs().max()))
    assert apart[0] == 0  # without text, words change nothing
    assert 0 < apart[1] < apart[2]


def test_an_interest_equal_to_the_picture_adds_to_its_scale(
    pair: tuple[UNet2DConditionModel, UNet2DConditionModel],
) -> None:
    """Shared W'k, W'v: the picture itself as interest is an adapter of scale + lambda2."""
    _, ours = pair
    branches = install(ours)
    given = forward(ours, 2, DIM)
    own = given["added_cond_kwargs"]["image_embeds"][0][:, 0]
    scaled(ours, 0.5)
    with branches.attending(own, copies=(False,), interest_scale=0.3):
        seen = run(ours, given)
    scaled(ours, 0.8)
    assert torch.allclose(seen, run(ours, given), atol=1e-4)


def test_rows_that_do_not_fit_are_told(
    pair: tuple[UNet2DConditionModel, UNet2DConditionModel],
) -> None:
    _, ours = pair
    branches = install(ours)
    with (
        pytest.raises(ValueError, match=r"interest rows \(2, 5\)"),
        branches.attending(torch.zeros(2, 5), interest_scale=0.2),
    ):
        pass
    with (
        branches.attending(rows_of(3), interest_scale=0.2),
        pytest.raises(ValueError, match="interest of 6 rows in a batch of 4"),
    ):
        run(ours, forward(ours, 4, DIM))
    with (
        pytest.raises(ValueError, match="finite"),
        branches.attending(None, text_scale=float("nan")),
    ):
        pass


def test_installing_adds_no_weights_and_is_done_once() -> None:
    unet = with_adapter(TOY["sd15"], DIM, adapters=2)
    before = {name: value.data_ptr() for name, value in unet.state_dict().items()}
    branches = install(unet, adapter=1)
    assert isinstance(branches, Branches)
    assert branches.dim == DIM
    assert install(unet) is branches
    assert {name: value.data_ptr() for name, value in unet.state_dict().items()} == before
    own = next(p for p in unet.attn_processors.values() if isinstance(p, ThreeBranchProcessor))
    assert len(own.to_k_ip) == 2
    bare = UNet2DConditionModel(**TOY["sd15"])
    with pytest.raises(SetupError, match="load_ip_adapter"):
        install(bare)


def test_gradients_reach_the_interest() -> None:
    unet = with_adapter(TOY["sd15"], DIM).requires_grad_(False)
    rows = rows_of(2).requires_grad_()
    with torch.enable_grad(), install(unet).attending(rows, copies=(False,), interest_scale=1.0):
        run(unet, forward(unet, 2, DIM)).square().mean().backward()
    assert rows.grad is not None
    assert bool((rows.grad.abs().sum(1) > 0).all())


FULL = {
    # (config, image dimension, parameters of the U-Net, of the adapter, cross-attentions)
    "sd15": (SD15, 1024, 859_520_964, 22_319_616, 16),
    "sdxl": (SDXL, 1024, 2_567_463_684, 349_188_096, 70),
}


@pytest.mark.parametrize("size", ["sd15", pytest.param("sdxl", marks=pytest.mark.slow)])
def test_full_size_has_the_published_counts_and_costs_next_to_nothing(size: str) -> None:
    config, dim, parameters, adapter, layers = FULL[size]
    with torch.device("meta"):
        plain = sum(p.numel() for p in UNet2DConditionModel(**config).parameters())
        unet = with_adapter(config, dim)
        branches = install(unet)
        assert plain == parameters
        assert sum(p.numel() for p in unet.parameters()) - plain == adapter
        own = [p for p in unet.attn_processors.values() if isinstance(p, ThreeBranchProcessor)]
        assert len(own) == layers
        given = forward(unet, 2, dim, tokens=77)
        scaled(unet, 0.0)  # the text branch alone: plain Stable Diffusion
        base = _flops(unet, given)
        scaled(unet, 1.0)
        with branches.attending(torch.empty(1, dim), text_scale=0.9, interest_scale=0.2):
            assert 1.0 < _flops(unet, given) / base <= 1.03


def _flops(unet: UNet2DConditionModel, given: dict[str, Any]) -> int:
    with FlopCounterMode(display=False) as counter:
        unet(**given)
    return counter.get_total_flops()


def test_scores_are_scaled_by_the_width_of_a_head() -> None:
    """What the written-out attention above relies on: SDPA divides by sqrt(d / heads)."""
    query, key, value = (torch.randn(1, 2, 3, 8) for _ in range(3))
    weights = torch.softmax(query @ key.mT / 8**0.5, -1)
    assert torch.allclose(
        F.scaled_dot_product_attention(query, key, value), weights @ value, atol=1e-6
    )

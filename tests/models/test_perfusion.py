"""PerFusion's network beside real U-Nets at toy size: the exact cases, and rows that never mix."""

from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from vitrine.core.errors import SetupError
from vitrine.core.ports import PersonalRun
from vitrine.models.diffusion.unet import Denoiser, build_unet
from vitrine.models.perfusion.guidance import (
    People,
    PersonalDials,
    key_steps,
    personal_branches,
)
from vitrine.models.perfusion.network import AdaptiveNetwork

SIZE = 10


def xl() -> UNet2DConditionModel:
    """A toy of SDXL's kind: size and crop embeddings, linear projections, several transformers."""
    return UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(32, 64), layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2), attention_head_dim=(2, 4), use_linear_projection=True,
        cross_attention_dim=32, addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=64, norm_num_groups=16,
    )  # fmt: skip


def plain() -> UNet2DConditionModel:
    return build_unet(text_dim=32, grid=8, widths=(32, 48), heads=2)


def with_adapter() -> UNet2DConditionModel:
    """The training's own processors and projection of image embeddings: state the copy must not take."""
    return Denoiser(plain(), 6).unet


UNETS = {"plain": plain, "xl": xl, "adapter": with_adapter}


def arguments(name: str, rows: int, height: int = 8, width: int = 8) -> dict[str, object]:
    generator = torch.Generator().manual_seed(rows)

    def noise(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    added: dict[str, object] | None = None
    if name == "xl":
        added = {"text_embeds": noise(rows, 16), "time_ids": noise(rows, 6)}
    if name == "adapter":
        added = {"image_embeds": [noise(rows, 6)]}
    channels = 4 if name == "xl" else 16
    return {
        "sample": noise(rows, channels, height, width),
        "timestep": torch.tensor(400),
        "encoder_hidden_states": noise(rows, 5, 32),
        "added_cond_kwargs": added,
    }


def made(name: str, *, loud: bool = False) -> tuple[UNet2DConditionModel, AdaptiveNetwork]:
    torch.manual_seed(0)
    unet = UNETS[name]().eval().requires_grad_(False)
    network = AdaptiveNetwork.from_unet(unet, user_size=SIZE, grid=2)
    if loud:
        with torch.no_grad():
            for parameter in [*network.zero_parameters(), *network.map_in.parameters()]:
                parameter.normal_(std=0.2)
    return unet, network


def people(*rows: int, seed: int = 5) -> People:
    u = torch.randn(max(rows) + 1, SIZE, generator=torch.Generator().manual_seed(seed))
    return People(u[list(rows)], torch.tensor(rows))


def run(
    unet: UNet2DConditionModel, given: dict[str, object], network: AdaptiveNetwork | None = None,
    who: People | None = None, mode: PersonalRun = "conditional", w: float = 3.0, w_u: float | None = None,
) -> Tensor:  # fmt: skip
    """One call as the pipeline makes it, then the pipeline's guidance: (pictures, c, h, w)."""
    with torch.no_grad():
        if network is None or who is None:
            out = unet(**given, return_dict=False)[0]
        else:
            with personal_branches(unet, network, who, PersonalDials(mode, w, w_u, 10)):
                out = unet(**given, return_dict=False)[0]
    if w <= 1:
        return out
    null, words = out.chunk(2)
    return null + w * (words - null)


@pytest.mark.parametrize("name", UNETS)
def test_an_untrained_network_changes_no_bit(name: str) -> None:
    unet, network = made(name)
    for height, width in ((8, 8), (16, 12), (10, 6)):
        given = arguments(name, 4, height, width)
        before = run(unet, given)
        for mode in ("off", "exact", "conditional", "key_steps"):
            assert torch.equal(before, run(unet, given, network, people(0, 1), mode)), mode


@pytest.mark.parametrize("name", UNETS)
def test_two_layers_of_zeros(name: str) -> None:
    """First the output convolutions learn, then the copy and the map's convolution, then the person."""
    unet, network = made(name)
    given = arguments(name, 2)
    u = torch.randn(2, SIZE, requires_grad=True)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.5)
    moved: list[set[str]] = []
    for _ in range(3):
        optimiser.zero_grad()
        u.grad = None
        found = network(
            given["sample"], given["timestep"], given["encoder_hidden_states"], u,
            added_cond_kwargs=given["added_cond_kwargs"],
        )  # fmt: skip
        out = unet(
            **given, return_dict=False, down_block_additional_residuals=found.down,
            mid_block_additional_residual=found.mid,
        )[0]  # fmt: skip
        (out - 1).square().mean().backward()
        moved.append(
            {n for n, p in network.named_parameters() if p.grad is not None and p.grad.any()}
        )
        if len(moved) < 3:
            assert u.grad is None or not u.grad.any()
        optimiser.step()
    zero = {n for n, _ in network.named_parameters() if n.startswith(("down_out.", "mid_out."))}
    assert moved[0] == zero
    assert {"map_in.weight", "encoder.conv_in.weight"} <= moved[1]
    assert "to_map.weight" not in moved[1]
    assert "to_map.weight" in moved[2]
    assert u.grad is not None
    assert u.grad.any()
    assert all(parameter.grad is None for parameter in unet.parameters())


@pytest.mark.parametrize("name", UNETS)
@pytest.mark.parametrize("mode", ["exact", "conditional", "key_steps"])
def test_rows_never_mix(name: str, mode: PersonalRun) -> None:
    """Pictures 0 and 2 have a person, 1 has none; each is what it is alone."""
    unet, network = made(name, loud=True)
    given = arguments(name, 6)
    for w, w_u in ((3.0, None), (3.0, 5.0), (3.0, 1.0)):
        who = people(0, 2)
        together = run(unet, given, network, who, mode, w, w_u)
        for picture in range(3):
            alone = {key: _rows(value, [picture, picture + 3]) for key, value in given.items()}
            if picture == 1:
                assert torch.allclose(together[1], run(unet, alone)[0], atol=1e-4)
                continue
            me = People(who.u[who.rows == picture], torch.tensor([0]))
            single = run(unet, alone, network, me, mode, w, w_u)
            assert torch.allclose(together[picture], single[0], atol=1e-4)
            assert not torch.allclose(single[0], run(unet, alone)[0], atol=1e-2)


def _rows(value: object, rows: list[int]) -> object:
    if isinstance(value, Tensor):
        return value[rows] if value.ndim else value
    if isinstance(value, dict):
        return {key: _rows(entry, rows) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rows(entry, rows) for entry in value]
    return value


def predictions(
    unet: UNet2DConditionModel, network: AdaptiveNetwork, given: dict[str, object], u: Tensor
) -> tuple[Tensor, Tensor]:
    """Plain and personal predictions of every row."""
    with torch.no_grad():
        found = network(given["sample"], given["timestep"], given["encoder_hidden_states"], u)
        return unet(**given, return_dict=False)[0], unet(
            **given, return_dict=False, down_block_additional_residuals=found.down,
            mid_block_additional_residual=found.mid,
        )[0]  # fmt: skip


def test_dual_guidance_is_its_formula() -> None:
    unet, network = made("plain", loud=True)
    given, who = arguments("plain", 4), people(0, 1)
    bare, own = predictions(unet, network, given, who.u.repeat(2, 1))
    (e0, e_c), (e_0u, e_cu) = bare.chunk(2), own.chunk(2)
    for w_u in (0.0, 1.0, 3.0, 7.0):
        by_hand = e0 + 3 * (e_c - e0) + w_u * (e_cu - e_c)
        assert torch.allclose(
            run(unet, given, network, who, "conditional", 3, w_u), by_hand, atol=1e-4
        )
    assert torch.equal(run(unet, given, network, who, "conditional", 3, 0.0), run(unet, given))
    as_one = run(unet, given, network, who, "conditional", 3)
    assert torch.allclose(as_one, e0 + 3 * (e_cu - e0), atol=1e-4)
    exact = run(unet, given, network, who, "exact", 3)
    assert torch.allclose(exact, e_0u + 3 * (e_cu - e_0u), atol=1e-4)
    half = run(unet, given, network, who, "exact", 3, 1.5)
    assert torch.allclose(half, (run(unet, given) + exact) / 2, atol=1e-4)


def test_without_guidance_there_is_one_branch() -> None:
    unet, network = made("plain", loud=True)
    given, who = arguments("plain", 2), people(0, 1)
    e_c, e_cu = predictions(unet, network, given, who.u)
    for mode in ("exact", "conditional"):
        assert torch.allclose(run(unet, given, network, who, mode, 1.0), e_cu, atol=1e-4)
        doubled = run(unet, given, network, who, mode, 1.0, 2.0)
        assert torch.allclose(doubled, 2 * e_cu - e_c, atol=1e-4)


def test_residuals_of_another_network_are_kept() -> None:
    unet, network = made("plain", loud=True)
    given, who = arguments("plain", 4), people(0)
    with torch.no_grad():
        other = network(given["sample"], 10, given["encoder_hidden_states"], torch.ones(4, SIZE))
    given |= {
        "down_block_additional_residuals": other.down, "mid_block_additional_residual": other.mid,
    }  # fmt: skip
    both = run(unet, given, network, who)
    assert torch.allclose(both[1], run(unet, given)[1], atol=1e-4)
    assert not torch.allclose(both[0], run(unet, given)[0], atol=1e-2)


def test_key_steps_keep_features_in_between() -> None:
    assert len(key_steps(50)) == 9
    assert [sorted(key_steps(n)) for n in (1, 8, 12)] == [[0], [0], [0, 6]]
    unet, network = made("plain", loud=True)
    given, who = arguments("plain", 4), people(0, 1)
    calls: list[int] = []
    handle = network.register_forward_hook(lambda *_: calls.append(1))
    with (
        torch.no_grad(),
        personal_branches(unet, network, who, PersonalDials("key_steps", 3, None, 12)),
    ):
        for _ in range(12):
            unet(**given, return_dict=False)
    handle.remove()
    assert len(calls) == 2
    first = run(unet, given, network, who, "key_steps")
    assert torch.equal(first, run(unet, given, network, who, "conditional"))


def test_saved_and_loaded(tmp_path: Path) -> None:
    unet, network = made("plain", loud=True)
    network.save(tmp_path, dtype=None)
    loaded = AdaptiveNetwork.load(tmp_path)
    loaded.check_fits(unet)
    given, who = arguments("plain", 4), people(0, 1)
    assert torch.equal(run(unet, given, network, who), run(unet, given, loaded, who))
    with pytest.raises(SetupError, match="in_channels"):
        loaded.check_fits(xl())
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(SetupError, match="missing"):
        AdaptiveNetwork.load(tmp_path)


def flops(unet: UNet2DConditionModel, network: AdaptiveNetwork, mode: PersonalRun) -> int:
    """Of one call of the pipeline (both branches of guidance) at SD 1.5's size, without numbers."""
    sample, text = torch.empty(2, 4, 64, 64, device="meta"), torch.empty(2, 77, 768, device="meta")
    who = People(torch.empty(1, 514, device="meta"), torch.tensor([0]))
    personal = personal_branches(unet, network, who, PersonalDials(mode, 7.5, None, 50))
    with torch.no_grad(), FlopCounterMode(display=False) as counter, personal:
        unet(sample, torch.empty(1, device="meta"), text, return_dict=False)
    return counter.get_total_flops()


def test_at_full_size_what_it_costs() -> None:
    with torch.device("meta"):
        unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
    assert sum(p.numel() for p in unet.parameters()) == 859_520_964
    network = AdaptiveNetwork.from_unet(unet, user_size=514)
    assert len(network.down_out) == 12
    plain = flops(unet, network, "off")
    assert plain < flops(unet, network, "exact") <= 1.34 * plain
    key = flops(unet, network, "conditional")
    assert key <= 1.17 * plain
    # Between key steps the network does not run: nine of fifty, as the test above counts.
    assert len(key_steps(50)) == 9
    assert 9 * key + 41 * plain <= 1.06 * 50 * plain


def test_sdxl_from_its_published_shape() -> None:
    with torch.device("meta"):
        unet = UNet2DConditionModel(
            sample_size=128, block_out_channels=(320, 640, 1280), layers_per_block=2,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=2048, attention_head_dim=[5, 10, 20], use_linear_projection=True,
            addition_embed_type="text_time", addition_time_embed_dim=256,
            transformer_layers_per_block=[1, 2, 10], projection_class_embeddings_input_dim=2816,
        )  # fmt: skip
    assert sum(p.numel() for p in unet.parameters()) == 2_567_463_684
    network = AdaptiveNetwork.from_unet(unet, user_size=514)
    given = {
        "text_embeds": torch.empty(2, 1280, device="meta"),
        "time_ids": torch.empty(2, 6, device="meta"),
    }
    found = network(
        torch.empty(2, 4, 96, 128, device="meta"), torch.empty(1, device="meta"),
        torch.empty(2, 77, 2048, device="meta"), torch.empty(2, 514, device="meta"),
        added_cond_kwargs=given,
    )  # fmt: skip
    assert len(found.down) == 9
    assert found.mid.shape == (2, 1280, 24, 32)


def test_a_published_folder_gets_a_network(tmp_path: Path) -> None:
    """Tiny random weights in the published layout, at a size that was not trained."""
    xl().save_pretrained(tmp_path / "unet")
    loaded = UNet2DConditionModel.from_pretrained(tmp_path, subfolder="unet")
    network = AdaptiveNetwork.from_unet(loaded, user_size=SIZE)
    network.check_fits(loaded)
    held = {p.data_ptr() for p in loaded.parameters()}
    assert not held & {p.data_ptr() for p in network.parameters()}
    before = sum(p.numel() for p in loaded.parameters())
    given = arguments("xl", 2, 12, 20)
    assert torch.equal(run(loaded, given), run(loaded, given, network, people(0)))
    assert before == sum(p.numel() for p in loaded.parameters())

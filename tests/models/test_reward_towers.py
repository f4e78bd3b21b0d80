"""Towers of any make read with personal knowledge: exact cases on real classes at toy size."""

import threading
from collections.abc import Callable
from typing import Any

import open_clip
import pytest
import torch
from open_clip.model import CustomTextCLIP
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from vitrine.core.errors import SetupError
from vitrine.models.reward.features import Features, RewardConfig, Variant
from vitrine.models.reward.network import PersonalPlugin, picture_scores
from vitrine.models.reward.tower import Added, TextTower, Tower, VisionTower

DIM, WIDTH, LAYERS, CONTEXT, SIDE = 12, 16, 2, 8, 16
VISION = {"image_size": SIDE, "patch_size": 8, "width": WIDTH, "layers": LAYERS, "head_width": 8}
TEXT = {"context_length": CONTEXT, "vocab_size": 40, "width": WIDTH, "heads": 2, "layers": LAYERS}


def clip(**vision: Any) -> nn.Module:
    return open_clip.CLIP(DIM, {**VISION, **vision}, TEXT)  # pyright: ignore


def coca() -> nn.Module:
    text = {**TEXT, "embed_cls": True, "output_tokens": True}
    vision = {**VISION, "attentional_pool": True, "attn_pooler_heads": 2, "output_tokens": True}
    return open_clip.model.CustomTextCLIP(DIM, vision, text)  # pyright: ignore


def siglip(**vision: Any) -> CustomTextCLIP:
    """SigLIP's make: bidirectional text read at its last token, timm's transformer with map pooling."""
    text = {**TEXT, "no_causal_mask": True, "pool_type": "last", "proj_bias": True}
    model = CustomTextCLIP(DIM, VISION, text, init_logit_bias=-10)  # pyright: ignore
    model.visual = VisionTransformer(
        img_size=SIDE, patch_size=8, embed_dim=WIDTH, depth=LAYERS, num_heads=2, num_classes=DIM,
        **{"global_pool": "map", "class_token": False, **vision},
    )  # fmt: skip
    for parameter in model.visual.parameters():  # timm starts so small that nothing would show
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.2)
    return model


def old_layout() -> nn.Module:
    """Blocks that want tokens first, as older towers have them."""
    model = clip()
    for module in model.modules():
        if hasattr(module, "batch_first"):
            module.batch_first = False  # pyright: ignore
    return model


MODELS: dict[str, Callable[[], nn.Module]] = {
    "class token": clip,
    "average": lambda: clip(pool_type="avg", patch_dropout=0.5, no_ln_pre=True),
    "layer scale, norm after pooling": lambda: clip(ls_init_value=0.1, final_ln_after_pool=True),
    "blocks with more norms": lambda: clip(block_type="custom", scale_attn=True, scale_fc=True),
    "attention pooling": lambda: clip(attentional_pool=True, attn_pooler_heads=2),
    "tokens first": old_layout,
    "coca": coca,
    "siglip": siglip,
    "timm": lambda: siglip(global_pool="avg", class_token=True, init_values=0.1),
}


@pytest.fixture(params=list(MODELS), scope="module")
def model(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    return MODELS[request.param]().eval().requires_grad_(False)


def pixels(n: int) -> Tensor:
    return torch.randn(n, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(5))


def tokens(n: int) -> Tensor:
    return torch.randint(1, 39, (n, CONTEXT), generator=torch.Generator().manual_seed(6))


def knowledge(tower: Tower, rows: int, *, scale: float = 1.0) -> Added:
    generator = torch.Generator().manual_seed(7)
    shape = (2, rows, tower.layers, tower.width)
    attention, network = torch.randn(*shape, generator=generator) * scale
    return Added(attention, network)


def towers(model: nn.Module) -> list[tuple[Tower, Tensor, Callable[[Tensor], Tensor]]]:
    whole: Any = model
    return [
        (TextTower(model), tokens(3), whole.encode_text),
        (VisionTower(model), pixels(3), whole.encode_image),
    ]


def embedded(out: Any) -> Tensor:
    return out[0] if isinstance(out, tuple) else out


def test_zero_knowledge_is_the_backbone_bit_for_bit(model: nn.Module) -> None:
    for tower, inputs, backbone in towers(model):
        assert (tower.layers, tower.width) == (LAYERS, WIDTH)
        plain = embedded(backbone(inputs))
        zero = knowledge(tower, 3, scale=0.0)
        assert torch.equal(tower.encode(inputs, zero), plain)
        assert torch.equal(tower.encode(inputs), plain)
        loud = tower.encode(inputs, knowledge(tower, 3))
        assert not torch.allclose(loud, plain, atol=1e-2)
        assert torch.equal(embedded(backbone(inputs)), plain)  # nothing stays behind


def test_rows_of_a_batch_do_not_mix(model: nn.Module) -> None:
    for tower, inputs, _ in towers(model):
        added = knowledge(tower, 3)
        whole = tower.encode(inputs, added)
        for row in range(3):
            own = Added(added.attention[row : row + 1], added.network[row : row + 1])
            alone = tower.encode(inputs[row : row + 1], own)
            assert torch.allclose(alone[0], whole[row], atol=1e-5)


def test_groups_are_read_for_their_own_person(model: nn.Module) -> None:
    vision = VisionTower(model)
    shown, added = pixels(6).unflatten(0, (2, 3)), knowledge(vision, 2)
    together = vision.encode_groups(shown, added)
    assert together.shape == (2, 3, DIM)
    for person in range(2):
        own = Added(added.attention[person : person + 1], added.network[person : person + 1])
        for place in range(3):
            alone = vision.encode(shown[person, place : place + 1], own)
            assert torch.allclose(together[person, place], alone[0], atol=1e-5)


def test_knowledge_by_hand_in_a_vision_transformer() -> None:
    torch.manual_seed(0)
    visual: Any = clip().eval().visual  # pyright: ignore
    holder = nn.Module()
    holder.visual = visual
    tower, shown = VisionTower(holder), pixels(2)
    added = knowledge(tower, 2)
    patches = visual.conv1(shown).flatten(2).transpose(1, 2)  # (2, 4, w)
    h = torch.cat([visual.class_embedding.expand(2, 1, -1), patches], dim=1)
    h = visual.ln_pre(h + visual.positional_embedding)
    for layer, block in enumerate(visual.transformer.resblocks):
        inside = block.ln_1(h + added.attention[:, layer, None])
        h = h + block.attn(inside, inside, inside, need_weights=False)[0]
        h = h + block.mlp(block.ln_2(h + added.network[:, layer, None]))
    expected = visual.ln_post(h)[:, 0] @ visual.proj
    assert torch.allclose(tower.encode(shown, added), expected, atol=1e-5)


def test_knowledge_by_hand_in_timm_blocks() -> None:
    torch.manual_seed(0)
    model = siglip().eval()
    visual: Any = model.visual
    tower, shown = VisionTower(model), pixels(2)
    added = knowledge(tower, 2)
    h = visual.norm_pre(visual.patch_drop(visual._pos_embed(visual.patch_embed(shown))))
    for layer, block in enumerate(visual.blocks):
        h = h + block.attn(block.norm1(h + added.attention[:, layer, None]))
        h = h + block.mlp(block.norm2(h + added.network[:, layer, None]))
    expected = visual.forward_head(visual.norm(h))
    assert torch.allclose(tower.encode(shown, added), expected, atol=1e-5)


def test_two_threads_read_for_two_people() -> None:
    torch.manual_seed(0)
    tower, shown = VisionTower(clip().eval()), pixels(1)
    mine = [knowledge(tower, 1, scale=float(scale)) for scale in range(4)]
    expected = [tower.encode(shown, added).detach() for added in mine]
    wrong: list[int] = []

    def work(place: int) -> None:
        for _ in range(30):
            if not torch.equal(tower.encode(shown, mine[place]).detach(), expected[place]):
                wrong.append(place)

    workers = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


def test_towers_without_such_blocks_are_refused() -> None:
    resnet = open_clip.CLIP(
        DIM, {"image_size": 64, "layers": (1, 1, 1, 1), "width": 8, "patch_size": None}, TEXT  # pyright: ignore
    )  # fmt: skip
    with pytest.raises(SetupError, match=r"vision tower .ModifiedResNet. has no pre-norm"):
        VisionTower(resnet)


# --- plug-ins for both -------------------------------------------------------------------------


def plugin(variant: Variant, **fields: Any) -> PersonalPlugin:
    shape = {"tower_width": WIDTH, "tower_layers": LAYERS, "vision_width": WIDTH,
             "vision_layers": LAYERS}  # fmt: skip
    config = RewardConfig.model_validate(
        {"dim": DIM, "space": "toy", "towers": variant, "hidden": 10, "facet_rows": 20}
        | shape | fields
    )  # fmt: skip
    torch.manual_seed(1)
    return PersonalPlugin(config).eval()


def features(people: int) -> Features:
    generator = torch.Generator().manual_seed(3)
    items = torch.randn(people, 5, DIM, generator=generator)
    signs = torch.tensor([[1, 1, -1, 1, -1]]).expand(people, -1)
    values = torch.nn.functional.normalize(torch.randn(people, 2, DIM, generator=generator), dim=2)
    rows = torch.zeros(people, 2, dtype=torch.long)
    return Features(items, signs, values, torch.ones(people, 2), rows, rows, rows[:, 0])


@pytest.mark.parametrize("variant", ["both", "shared", "vision", "text"])
@torch.no_grad()
def test_every_variant_starts_as_the_backbone(model: nn.Module, variant: Variant) -> None:
    net, text, vision = plugin(variant), TextTower(model), VisionTower(model)
    added = net(features(2))
    assert (added.text is None) == (variant == "vision")
    assert (added.vision is None) == (variant == "text")
    shown = pixels(4).unflatten(0, (2, 2))
    whole: Any = model
    scores = picture_scores(text, vision, added, tokens(2), shown)
    said = torch.nn.functional.normalize(embedded(whole.encode_text(tokens(2))), dim=1)
    seen = torch.nn.functional.normalize(embedded(whole.encode_image(pixels(4))), dim=1)
    expected = torch.einsum("bd,bnd->bn", said, seen.unflatten(0, (2, 2))) * text.logit_scale
    assert torch.equal(scores, expected)


def test_networks_are_a_towers_own_or_shared() -> None:
    counts = {v: sum(p.numel() for p in plugin(v).parameters()) for v in ("both", "shared", "text")}
    assert counts["shared"] == counts["text"] < counts["both"]
    both = plugin("both")
    assert both.text is not None and both.vision is not None
    assert not {id(p) for p in both.text.parameters()} & {id(p) for p in both.vision.parameters()}
    added = plugin("shared", vision_layers=3)(features(1))
    assert added.text is not None and added.vision is not None
    assert added.text.attention.shape == (1, LAYERS, WIDTH)
    assert added.vision.attention.shape == (1, 3, WIDTH)
    with pytest.raises(SetupError, match=r"expected one width, found 16 .text. and 24 .vision."):
        plugin("shared", vision_width=24)
    with pytest.raises(SetupError, match="has no picture tower"):
        plugin("both", vision_layers=0)


def test_crossing_without_bias_stays_on_the_line_of_u0() -> None:
    net = plugin("text", crossings=3)
    assert net.text is not None
    u0 = net.fields(features(2)).first.detach()
    u = u0
    for crossing in net.text.crossings:
        u = crossing(u0, u)
    assert torch.allclose(torch.nn.functional.cosine_similarity(u, u0).abs(), torch.ones(2))
    free = plugin("text", crossings=3, crossing="matrix")
    assert free.text is not None
    v = u0
    for crossing in free.text.crossings:
        v = crossing(u0, v)
    assert bool((torch.nn.functional.cosine_similarity(v, u0).abs() < 0.9999).all())
    for net_ in (net, free):
        assert net_.text is not None
        crossed = net_.text.cross(u0)
        assert torch.allclose(crossed.mean(dim=1), torch.zeros(2), atol=1e-5)
        assert torch.allclose(crossed.std(dim=1, correction=0), torch.ones(2), atol=1e-3)


def test_gradient_reaches_only_the_last_layers_at_first() -> None:
    torch.manual_seed(0)
    model = clip().eval().requires_grad_(False)
    net = plugin("both")
    scores = picture_scores(
        TextTower(model), VisionTower(model), net(features(2)), tokens(2), pixels(4).unflatten(0, (2, 2))
    )  # fmt: skip
    (scores[:, 0] - scores[:, 1]).sum().backward()
    moved = {n for n, p in net.named_parameters() if p.grad is not None and bool(p.grad.any())}
    assert {n for n in moved if ".last." not in n} <= {"certainty"}
    for tower in ("text", "vision"):
        assert any(n.startswith(f"{tower}.attention.last") for n in moved)
        assert any(n.startswith(f"{tower}.network.last") for n in moved)

"""The attention over what was retrieved: known answers, padding, order, dimensions, files."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vitrine.core.errors import SetupError, ToolError
from vitrine.core.ports import Interest
from vitrine.models.interest.attention import (
    InterestAttention,
    InterestConfig,
    load_interest,
    save_interest,
)

D = 16


def attention(*, gate: float = 1.0, text: int = D, heads: int = 4) -> InterestAttention:
    torch.manual_seed(0)
    made = InterestAttention(
        InterestConfig(image_dim=D, text_dim=text, space="toy", heads=heads)
    ).eval()
    made.gate.data.fill_(gate)
    return made


def given(rows: int, things: int, text: int = D) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(1)
    return (
        torch.randn(rows, text, generator=generator),
        torch.randn(rows, things, text, generator=generator),
        torch.randn(rows, things, D, generator=generator) * 3,
    )


@pytest.mark.parametrize("gate", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("text", [D, 24])
def test_one_thing_with_identity_is_that_thing(gate: float, text: int) -> None:
    query, texts, images = given(3, 1, text)
    out = attention(gate=gate, text=text)(query, texts, images)
    assert torch.allclose(out, images[:, 0], atol=1e-5)


def test_a_gate_of_zero_is_the_plain_mean() -> None:
    query, texts, images = given(3, 5)
    assert torch.allclose(attention(gate=0.0)(query, texts, images), images.mean(1), atol=1e-6)


def test_identical_keys_give_their_mean() -> None:
    made = attention()
    query, texts, images = given(2, 5)
    same = texts[:, :1].expand_as(texts)
    mask = torch.ones(2, 5, dtype=torch.bool)
    assert torch.allclose(
        made._attend(query[:, None], same, images, mask)[:, 0], images.mean(1), atol=1e-5
    )
    alike = images[:, :1].expand_as(images)
    assert torch.allclose(made(query, texts, alike), images[:, 0], atol=1e-5)


def test_it_is_equations_10_and_11() -> None:
    made = attention()
    for layer in (made.to_q, made.to_k, made.to_v, made.to_out):
        torch.nn.init.normal_(layer.weight, std=0.3)
    query, texts, images = given(1, 3)

    def unit(x: torch.Tensor) -> torch.Tensor:
        return x / x.norm(dim=-1, keepdim=True) * D**0.5

    def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        out = []
        for head in range(4):
            part = slice(head * D // 4, (head + 1) * D // 4)
            a = (q @ made.to_q.weight.T)[:, part]
            b, c = (k @ made.to_k.weight.T)[:, part], (v @ made.to_v.weight.T)[:, part]
            out.append(torch.softmax(a @ b.T / (D / 4) ** 0.5, -1) @ c)
        return torch.cat(out, -1)

    found = attend(unit(query), unit(texts[0]), unit(texts[0]))
    expected = attend(unit(found), unit(images[0]), images[0]) @ made.to_out.weight.T
    assert torch.allclose(made(query, texts, images), expected, atol=1e-4)


def test_the_nearest_weighs_most_from_the_start() -> None:
    """With identity projections, what the words name is what is attended to."""
    _, texts, images = given(1, 5)
    texts = images = torch.nn.functional.normalize(images, dim=-1)
    out = attention()(texts[:, 2], texts, images)
    closest = torch.nn.functional.cosine_similarity(out[:, None], images, dim=-1)[0]
    assert int(closest.argmax()) == 2


def test_the_order_of_the_retrieved_does_not_matter() -> None:
    made = attention(gate=0.7)
    query, texts, images = given(2, 5)
    order = torch.tensor([3, 0, 4, 1, 2])
    assert torch.allclose(
        made(query, texts, images), made(query, texts[:, order], images[:, order]), atol=1e-5
    )


@pytest.mark.parametrize("gate", [0.0, 0.7])
def test_padding_is_not_seen(gate: float) -> None:
    made = attention(gate=gate)
    query, texts, images = given(2, 5)
    mask = torch.tensor([[True, True, True, False, False]] * 2)
    short = made(query, texts[:, :3], images[:, :3])
    texts[:, 3:], images[:, 3:] = 99.0, -99.0
    assert torch.allclose(made(query, texts, images, mask), short, atol=1e-5)


def test_rows_of_a_batch_never_mix_and_absent_ones_are_zeros() -> None:
    made = attention(gate=0.7)
    rng = np.random.default_rng(0)

    def interest(things: int) -> Interest:
        shapes = (D, (things, D), (things, D))
        return Interest(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))

    several = [interest(3), None, interest(1), interest(0), interest(5)]
    rows, present = made.rows(several)
    assert present.tolist() == [True, False, True, False, True]
    assert not rows[[1, 3]].any()
    for i in (0, 2, 4):
        assert torch.allclose(made.rows([several[i]])[0][0], rows[i], atol=1e-5)
    assert made.rows([None])[1].tolist() == [False]
    with pytest.raises(ToolError, match=r"expected \(16,\)"):
        made.rows([Interest(np.zeros(3, np.float32), *[np.zeros((1, 3), np.float32)] * 2)])


def test_everything_learns_once_the_gate_opens() -> None:
    made = attention(gate=0.0, text=24)
    query, texts, images = given(4, 3, 24)
    made(query, texts, images).square().sum().backward()
    assert made.gate.grad is not None and made.gate.grad != 0
    made.gate.data.fill_(0.3)
    made.zero_grad()
    made(query, texts, images).square().sum().backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in made.parameters())


def test_it_is_written_and_read(tmp_path: Path) -> None:
    made = attention(gate=0.5, text=24).half().float()
    made.text_mean += 0.5
    save_interest(tmp_path, made)
    read = load_interest(tmp_path)
    assert read.config == made.config
    inputs = given(2, 3, 24)
    assert torch.equal(read(*inputs), made(*inputs))
    with pytest.raises(SetupError, match="missing"):
        load_interest(tmp_path / "none")
    with pytest.raises(ValueError, match="3 heads"):
        attention(heads=3)

"""The picture autoencoder: a standard diffusers `AutoencoderTiny` with a start that learns fast.

Pictures of 128 px become latents of 16 channels on a 16 x 16 grid. `AutoencoderTiny` has no
normalisation layers and ReLU between its parts. Channels in pairs (+y, -y) pass a ReLU unharmed,
so with every residual branch at zero the whole network is linear, and `start_linear` solves for it:
principal components on the way down, least squares on the way up. Training starts from there.
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor, nn
from torch.nn import functional as F

LATENT_CHANNELS = 16
DOWNSCALE = 8


def build_autoencoder(
    *,
    width: int = 48,
    encoder_blocks: tuple[int, ...] = (0, 1, 2, 2),
    decoder_blocks: tuple[int, ...] = (3, 3, 3, 1),
) -> AutoencoderTiny:
    """A fresh autoencoder with residual branches at zero."""
    model = AutoencoderTiny(
        latent_channels=LATENT_CHANNELS,
        encoder_block_out_channels=(width,) * len(encoder_blocks),
        decoder_block_out_channels=(width,) * len(decoder_blocks),
        num_encoder_blocks=encoder_blocks,
        num_decoder_blocks=decoder_blocks,
        scaling_factor=1.0,
    )
    for module in model.modules():
        if isinstance(module, AutoencoderTinyBlock):
            last = module.conv[-1]
            assert isinstance(last, nn.Conv2d)
            nn.init.zeros_(last.weight)
    return model


@torch.no_grad()
def start_linear(model: AutoencoderTiny, pictures: Tensor) -> None:
    """Set the plain convolutions to the best linear code of `pictures` (n, 3, s, s) in -1..1.

    Works level by level on real activations; y is the linear signal that the pairs carry.
    """
    y = pictures.add(1).div(2)
    carried: list[Tensor] = []  # y at each resolution, finest first
    convs = [layer for layer in model.encoder.layers if isinstance(layer, nn.Conv2d)]
    first, *strided, to_latent = convs
    half = first.out_channels // 2
    _fill(first, torch.eye(3), tap=(1, 1), paired_input=False, bias=-0.5)
    y = y - 0.5
    carried.append(y)
    for number, conv in enumerate(strided):
        rows = F.pixel_unshuffle(y, 2)  # (n, 4 d, h/2, w/2), channel c * 4 + dy * 2 + dx
        basis = _components(rows, min(half, rows.shape[1]))  # (k, 4 d)
        _fill_strided(conv, basis, paired_input=number > 0)
        y = torch.einsum("kd,ndhw->nkhw", basis, rows)
        carried.append(y)
    flat = y.movedim(1, -1).reshape(-1, y.shape[1])  # (m, d)
    mean = flat.mean(0)
    basis = _components(y - mean[:, None, None], to_latent.out_channels)  # (16, d)
    basis = basis / ((flat - mean) @ basis.T).std(0)[:, None]
    _fill(to_latent, basis, tap=(1, 1), paired_input=True, pair_output=False)
    assert to_latent.bias is not None
    to_latent.bias.copy_(-basis @ mean)
    latents = torch.einsum("kd,ndhw->nkhw", basis, y - mean[:, None, None])
    signal = torch.tanh(latents / 3) * 3
    plain = [layer for layer in model.decoder.layers if isinstance(layer, nn.Conv2d)]
    from_latent, *upward, to_picture = plain
    for level, conv in enumerate([from_latent, *upward]):
        if level > 0:
            signal = F.interpolate(signal, scale_factor=2, mode="nearest")
        signal = _solve(conv, signal, carried[-1 - level], paired_input=level > 0)
    _fill(to_picture, torch.eye(3), tap=(1, 1), paired_input=True, pair_output=False)
    assert to_picture.bias is not None
    to_picture.bias.fill_(0.5)


def _components(rows: Tensor, count: int) -> Tensor:
    """The leading principal directions (count, d) of (n, d, h, w), not centred."""
    flat = rows.movedim(1, -1).reshape(-1, rows.shape[1]).double()
    _, vectors = torch.linalg.eigh(flat.T @ flat)
    return vectors.flip(1)[:, :count].T.float()


def _quiet(conv: nn.Conv2d) -> None:
    """Small random weights: spare channels that training may use."""
    nn.init.normal_(conv.weight, std=0.02 / conv.in_channels**0.5)
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)


def _put(
    conv: nn.Conv2d, tap: tuple[int, int], matrix: Tensor, paired_input: bool, pair_output: bool
) -> None:
    """Write matrix (k, d) at one tap; inputs and outputs in +/- pairs where so asked."""
    (k, d), (row, column) = matrix.shape, tap
    into, out = conv.in_channels // 2, conv.out_channels // 2
    for sign, base in ((1, 0), (-1, out)) if pair_output else ((1, 0),):
        conv.weight[base : base + k, :d, row, column] = sign * matrix
        if paired_input:
            conv.weight[base : base + k, into : into + d, row, column] = -sign * matrix


def _fill(
    conv: nn.Conv2d,
    matrix: Tensor,
    *,
    tap: tuple[int, int],
    paired_input: bool,
    pair_output: bool = True,
    bias: float | None = None,
) -> None:
    """A convolution that applies `matrix` at one tap."""
    _quiet(conv)
    k, out = matrix.shape[0], conv.out_channels // 2
    conv.weight[:k] = 0
    if pair_output:
        conv.weight[out : out + k] = 0
    _put(conv, tap, matrix, paired_input, pair_output)
    if bias is not None:
        assert conv.bias is not None
        conv.bias[:k] = bias
        if pair_output:
            conv.bias[out : out + k] = -bias


def _fill_strided(conv: nn.Conv2d, basis: Tensor, *, paired_input: bool) -> None:
    """A stride-2 convolution that applies basis (k, 4 d) to 2 x 2 blocks."""
    _quiet(conv)
    blocks = basis.reshape(len(basis), -1, 2, 2)  # (k, d, dy, dx)
    k, out = len(basis), conv.out_channels // 2
    conv.weight[:k] = 0
    conv.weight[out : out + k] = 0
    for dy in (0, 1):
        for dx in (0, 1):
            _put(conv, (1 + dy, 1 + dx), blocks[:, :, dy, dx], paired_input, True)


def _solve(conv: nn.Conv2d, signal: Tensor, goal: Tensor, *, paired_input: bool) -> Tensor:
    """Least squares from 3 x 3 windows of `signal` (n, d, h, w) to `goal` (n, k, h, w).

    Writes the convolution and returns what it gives.
    """
    d, k = signal.shape[1], goal.shape[1]
    constant = conv.bias is not None
    normal = torch.zeros(d * 9 + constant, d * 9 + constant, dtype=torch.float64)
    moment = torch.zeros(d * 9 + constant, k, dtype=torch.float64)
    for start in range(0, len(signal), 4):
        rows = F.unfold(signal[start : start + 4], 3, padding=1).transpose(1, 2).reshape(-1, d * 9)
        if constant:
            rows = F.pad(rows, (0, 1), value=1.0)
        goals = goal[start : start + 4].movedim(1, -1).reshape(-1, k)
        normal += (rows.T @ rows).double()
        moment += (rows.T @ goals).double()
    ridge = 1e-4 * normal.diagonal().mean()
    solution = torch.linalg.solve(normal + ridge * torch.eye(len(normal)), moment).float()
    weights = solution[: d * 9].T.reshape(k, d, 3, 3)
    _quiet(conv)
    out = conv.out_channels // 2
    conv.weight[:k] = 0
    conv.weight[out : out + k] = 0
    for row in range(3):
        for column in range(3):
            _put(conv, (row, column), weights[:, :, row, column], paired_input, True)
    shift = solution[-1] if constant else torch.zeros(k)
    if conv.bias is not None:
        conv.bias[:k], conv.bias[out : out + k] = shift, -shift
    return F.conv2d(signal, weights, shift, padding=1)


def encode(model: AutoencoderTiny, pictures: Tensor) -> Tensor:
    """Latents (n, 16, s/8, s/8) of pictures (n, 3, s, s) in -1..1, as the denoiser sees them."""
    return model.encode(pictures).latents * model.config.scaling_factor  # pyright: ignore


def decode(model: AutoencoderTiny, latents: Tensor) -> Tensor:
    """Pictures (n, 3, s, s) in about -1..1 of scaled latents."""
    return model.decode(latents / model.config.scaling_factor).sample  # pyright: ignore


def picture_loss(made: Tensor, goal: Tensor) -> Tensor:
    """L1 of pixels, of colour differences, and of neighbours' differences at two scales.

    Colour counts extra (red-green, blue-yellow), or the colours of small dots wash out; edges and
    texture count through the differences.
    """
    loss = F.l1_loss(made, goal) + 0.5 * F.mse_loss(made, goal)
    loss = loss + F.l1_loss(_opponents(made), _opponents(goal))
    for factor in (1, 2):
        a = F.avg_pool2d(made, factor) if factor > 1 else made
        b = F.avg_pool2d(goal, factor) if factor > 1 else goal
        loss = loss + F.l1_loss(a.diff(dim=-1), b.diff(dim=-1))
        loss = loss + F.l1_loss(a.diff(dim=-2), b.diff(dim=-2))
    return loss


def _opponents(rgb: Tensor) -> Tensor:
    """Red minus green, and blue minus yellow: (n, 3, h, w) -> (n, 2, h, w)."""
    red, green, blue = rgb.unbind(1)
    return torch.stack([red - green, blue - (red + green) / 2], dim=1)


def latent_loss(latents: Tensor) -> Tensor:
    """Keeps every channel near mean 0 and variance 1, as the denoiser's noise expects."""
    mean = latents.mean(dim=(0, 2, 3))
    variance = latents.var(dim=(0, 2, 3))
    return mean.square().mean() + (variance - 1).square().mean()


@torch.no_grad()
def psnr(model: AutoencoderTiny, pictures: Tensor) -> float:
    """Mean peak signal-to-noise ratio of the round trip, dB; pictures (n, 3, s, s) in -1..1."""
    made = decode(model, encode(model, pictures)).clamp(-1, 1)
    error = ((made - pictures) / 2).square().mean(dim=(1, 2, 3))
    return float((-10 * error.log10()).mean())

"""Three-branch decoupled cross-attention (I-AM-G eq. 13) in any U-Net that carries an IP-Adapter.

`Z' = Attn(image) + lambda1 Attn(text) + lambda2 Attn(interest)`; the interest branch uses the image
branch's W'k and W'v, so that installing it adds no weights. How a pipeline calls it::

    branches = install(unet)                       # once, after `load_ip_adapter`
    ...
    with branches.attending(                       # around the denoising loop of one batch
        rows, present, copies=NULL_FIRST if guided else (False,),
        text_scale=dials.text_scale, interest_scale=dials.interest_scale,
    ):
        pipeline(...)

`set_ip_adapter_scale` goes on weighing the image branch. Outside of `attending`, and inside it with
scales 1 and 0, the U-Net computes what the stock processor computes, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention, IPAdapterAttnProcessor2_0
from diffusers.models.embeddings import ImageProjection
from torch import Tensor, nn
from torch.nn import functional as F

from vitrine.core.errors import SetupError

NULL_FIRST = (True, False)
"""Classifier-free guidance as diffusers batches it: rows of the null, then rows of the condition."""


@dataclass(frozen=True)
class _Now:
    """What the layers of one U-Net attend to at the moment.

    tokens: (B, T, c) of the interest, or None. weight: lambda2 of each row, (B, 1, 1).
    """

    text_scale: float = 1.0
    tokens: Tensor | None = None
    weight: Tensor | None = None

    @property
    def neutral(self) -> bool:
        """Nothing differs from the IP-Adapter."""
        return self.text_scale == 1.0 and self.tokens is None

    def taken(self, rows: Tensor) -> _Now:
        """The same for a batch that consists of these rows of the present one."""
        if self.tokens is None or self.weight is None:
            return self
        rows = rows.to(self.tokens.device)
        return replace(self, tokens=self.tokens[rows], weight=self.weight[rows])


class Branches:
    """The scales and interest tokens of the batch at hand, shared by all layers of one U-Net.

    One batch at a time: the layers read the state of this object, as they read the adapter's scale.
    """

    def __init__(self, projection: nn.Module, adapter: int) -> None:
        self._project = projection
        self.adapter = adapter
        self.now = _Now()

    @property
    def dim(self) -> int:
        """Dimension d of the raw embeddings that the adapter takes."""
        return cast("ImageProjection", self._project).image_embeds.in_features

    @contextmanager
    def attending(
        self,
        rows: Tensor | None,
        present: Tensor | None = None,
        *,
        copies: Sequence[bool] = NULL_FIRST,
        text_scale: float = 1.0,
        interest_scale: float = 0.0,
    ) -> Iterator[None]:
        """Attend to interests until the block ends.

        A null copy sees the projection *of* zeros, as the IP-Adapter's own null does (eq. 15
        speaks of guidance). A row without interest has no third branch in any copy, so that its
        picture is the IP-Adapter's whatever its neighbours are.

        Args:
            rows: raw interest embeddings (n, d), one a picture; None: no interest branch.
            present: (n,) bool, rows that have an interest; None: all of them.
            copies: how often, and in which order, the U-Net's batch repeats the n pictures; True
                marks a null. `(False,)` without guidance, `NULL_FIRST` with it.
            text_scale: lambda1. interest_scale: lambda2.

        Raises:
            ValueError: rows have another dimension, or scales are not finite.
        """
        before = self.now
        self.now = self._prepared(rows, present, copies, text_scale, interest_scale)
        try:
            yield
        finally:
            self.now = before

    def take(self, rows: Tensor) -> Callable[[], None]:
        """For who repeats rows of a batch: attend as these rows of it; the result goes back."""
        before = self.now
        self.now = before.taken(rows)

        def back() -> None:
            self.now = before

        return back

    def _prepared(
        self,
        rows: Tensor | None,
        present: Tensor | None,
        copies: Sequence[bool],
        text_scale: float,
        interest_scale: float,
    ) -> _Now:
        if not (math.isfinite(text_scale) and math.isfinite(interest_scale)):
            raise ValueError(
                f"scales {text_scale!r} and {interest_scale!r}: expected finite numbers"
            )
        if rows is None or interest_scale == 0 or (present is not None and not bool(present.any())):
            return _Now(text_scale=text_scale)
        if rows.ndim != 2 or rows.shape[1] != self.dim:
            raise ValueError(f"interest rows {tuple(rows.shape)}: expected (n, {self.dim})")
        parameter = next(self._project.parameters())
        rows = rows.to(parameter.device, parameter.dtype)
        # Null and condition are projected once a batch, not once a step.
        stacked = torch.cat([torch.zeros_like(rows) if null else rows for null in copies])
        weight = torch.ones(len(rows)) if present is None else present.to(torch.float32)
        return _Now(
            text_scale=text_scale,
            tokens=self._project(stacked),
            weight=(interest_scale * weight).repeat(len(copies))[:, None, None].to(rows),
        )


class ThreeBranchProcessor(IPAdapterAttnProcessor2_0):
    """The IP-Adapter's processor with lambda1 on the text and a third branch to the interest.

    Takes over weights and scales of the stock processor that it stands in for.
    """

    def __init__(self, stock: IPAdapterAttnProcessor2_0, branches: Branches) -> None:
        with torch.device("meta"):  # the projections below are the stock processor's own
            super().__init__(stock.hidden_size, stock.cross_attention_dim, tuple(stock.num_tokens))
        self.to_k_ip = stock.to_k_ip
        self.to_v_ip = stock.to_v_ip
        self.scale = stock.scale
        self.branches = branches

    def __call__(  # diffusers passes only what this signature names
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Any = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        scale: float = 1.0,
        ip_adapter_masks: Any = None,
    ) -> Tensor:
        """See formula (13). Shapes as in `IPAdapterAttnProcessor2_0`.

        Raises:
            ValueError: masks of regions beside an interest, or a batch of another size than the
                interest's.
        """
        now = self.branches.now
        if now.neutral:
            return super().__call__(
                attn, hidden_states, encoder_hidden_states, attention_mask, temb, scale,
                ip_adapter_masks,
            )  # fmt: skip
        if ip_adapter_masks is not None or not isinstance(encoder_hidden_states, tuple):
            raise ValueError("interest branches take no masks of regions, and states as a tuple")
        text, images = cast("tuple[Tensor, list[Tensor]]", encoder_hidden_states)
        residual = hidden_states
        spatial = hidden_states.shape
        if attn.spatial_norm is not None:
            hidden_states = attn.spatial_norm(hidden_states, temb)
        if len(spatial) == 4:
            hidden_states = hidden_states.flatten(2).transpose(1, 2)  # (B, h w, c)
        if attention_mask is not None:
            attention_mask = attn.prepare_attention_mask(attention_mask, text.shape[1], len(text))
            attention_mask = attention_mask.view(len(text), attn.heads, -1, text.shape[1])
        if attn.group_norm is not None:
            hidden_states = attn.group_norm(hidden_states.transpose(1, 2)).transpose(1, 2)
        if attn.norm_cross:
            text = attn.norm_encoder_hidden_states(text)

        # Eq. 13: one query, three branches
        query = _heads(attn, cast("nn.Module", attn.to_q)(hidden_states))
        key, value = cast("nn.Module", attn.to_k), cast("nn.Module", attn.to_v)
        out = _attend(attn, query, key(text), value(text), attention_mask)
        if now.text_scale != 1.0:
            out = now.text_scale * out
        for tokens, weight, to_k, to_v in zip(
            images, self.scale, self.to_k_ip, self.to_v_ip, strict=True
        ):
            if not _weighs(weight):
                continue
            # The U-Net keeps several pictures a row apart, (B, images, T, c): a row attends to its own.
            own = tokens.flatten(1, 2)
            out = out + weight * _attend(attn, query, to_k(own), to_v(own))
        if now.tokens is not None and now.weight is not None:
            if len(now.tokens) != len(query):
                raise ValueError(
                    f"interest of {len(now.tokens)} rows in a batch of {len(query)}: `copies` of"
                    " `attending` says how the batch repeats the pictures"
                )
            shared = self.branches.adapter
            seen = _attend(
                attn, query, self.to_k_ip[shared](now.tokens), self.to_v_ip[shared](now.tokens)
            )
            out = out + now.weight * seen

        project = cast("nn.ModuleList", attn.to_out)
        out = project[1](project[0](out))
        if len(spatial) == 4:
            out = out.transpose(1, 2).reshape(spatial)
        if attn.residual_connection:
            out = out + residual
        return out / attn.rescale_output_factor


def _weighs(scale: float | list[float]) -> bool:
    """Whether an adapter of this scale (of each of its pictures) is on."""
    return any(scale) if isinstance(scale, list) else scale != 0


def _heads(attn: Attention, states: Tensor) -> Tensor:
    """(B, T, c) as (B, heads, T, c / heads)."""
    return states.unflatten(-1, (attn.heads, -1)).transpose(1, 2)


def _attend(
    attn: Attention, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> Tensor:
    """Multi-head attention, (B, L, c)."""
    out = F.scaled_dot_product_attention(
        query, _heads(attn, key), _heads(attn, value), attn_mask=mask
    )
    return out.transpose(1, 2).flatten(2).to(query.dtype)


def installed(unet: UNet2DConditionModel) -> Branches | None:
    """The branches of a U-Net that has them."""
    for there in unet.attn_processors.values():
        if isinstance(there, ThreeBranchProcessor):
            return there.branches
    return None


def install(unet: UNet2DConditionModel, *, adapter: int = 0) -> Branches:
    """Put the three branches into every cross-attention of a U-Net with a loaded IP-Adapter.

    The U-Net keeps its weights and their names; doing it twice changes nothing.

    Args:
        unet: SD 1.5, SDXL or any other `UNet2DConditionModel` after `load_ip_adapter`.
        adapter: whose W'k, W'v and projection the interest shares, if several are loaded.

    Returns:
        The object that the pipeline tells what to attend to.

    Raises:
        SetupError: no IP-Adapter is loaded, or one that does not take a single embedding.
    """
    there = installed(unet)
    if there is not None:
        return there
    processors = cast("dict[str, nn.Module]", unet.attn_processors)
    layers = getattr(unet.encoder_hid_proj, "image_projection_layers", None)
    stock = [p for p in processors.values() if isinstance(p, IPAdapterAttnProcessor2_0)]
    if layers is None or not stock:
        raise SetupError("interest branches need an IP-Adapter: call `load_ip_adapter` first")
    if not isinstance(layers[adapter], ImageProjection):
        raise SetupError(
            f"adapter {adapter} projects with {type(layers[adapter]).__name__}: the interest is one"
            " embedding, which only the plain IP-Adapter (`image_proj.proj`) takes"
        )
    branches = Branches(layers[adapter], adapter)
    unet.set_attn_processor(
        {
            name: ThreeBranchProcessor(there, branches)
            if isinstance(there, IPAdapterAttnProcessor2_0)
            else there
            for name, there in processors.items()
        }  # pyright: ignore[reportArgumentType]
    )
    return branches

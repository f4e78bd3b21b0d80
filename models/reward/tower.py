"""Frozen CLIP towers whose layers can be given personal knowledge (PerFusion Eq. 3 to 5).

One reading of Eq. 5 is fixed: `h + sublayer(LN(h + u))`, the residual taken from h, with separate u
for attention and FFN. Every pre-norm block computes `h + sublayer(LN(h))`, so that adding u to what
its LN is given is that reading exactly, whatever lies around the blocks: class token, average,
attention or map pooling, patch dropout, projections, open_clip's own transformers or timm's. The
backbone computes everything; with u = 0 it is what it computes by itself, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from open_clip import CLIP
from open_clip.transformer import (
    CustomResidualAttentionBlock,
    ResidualAttentionBlock,
    text_global_pool,
)
from open_clip.transformer import Transformer as OpenClipTransformer
from timm.models.vision_transformer import Block as TimmBlock
from torch import Tensor, nn

from vitrine.core.errors import SetupError

_ADDED: ContextVar[Mapping[int, Tensor] | None] = ContextVar("added to layers", default=None)
"""By id of a norm: what is added to its input now, in this thread or task alone."""


@dataclass(frozen=True)
class Added:
    """Knowledge for one tower: what is added before attention and FFN, (B, layers, w) each."""

    attention: Tensor
    network: Tensor

    def rows(self, person: Tensor) -> Added:
        """The knowledge of each of n inputs, given whose row it is, (n,)."""
        return Added(self.attention[person], self.network[person])


class Tower:
    """One tower of an open_clip model, of `layers` pre-norm blocks of `width`; it is not changed."""

    def __init__(self, name: str, model: nn.Module, forward: Callable[[Tensor], Any]) -> None:
        """`model`: the module that holds the blocks; `forward`: its raw embeddings of an input.

        Raises:
            SetupError: the tower has no such blocks (a convolutional or post-norm network).
        """
        self._forward = forward
        self._norms, self._rows = _norms_of(name, model)
        self.layers = len(self._norms)
        self.width: int = int(self._norms[0][0].normalized_shape[0])
        for norm in (norm for pair in self._norms for norm in pair):
            if _add not in norm._forward_pre_hooks.values():
                norm.register_forward_pre_hook(_add)

    def encode(self, inputs: Tensor, added: Added | None = None) -> Tensor:
        """Raw embeddings (B, d) of B inputs, each read with its own row of `added`."""
        with self._reading(added):
            out = self._forward(inputs)
        return out[0] if isinstance(out, tuple) else out

    @contextmanager
    def _reading(self, added: Added | None) -> Iterator[None]:
        if added is None:
            yield
            return
        places: dict[int, Tensor] = {}
        for layer, (attention, network) in enumerate(self._norms):
            places[id(attention)] = added.attention[:, layer].unsqueeze(self._rows)
            places[id(network)] = added.network[:, layer].unsqueeze(self._rows)
        token = _ADDED.set(places)
        try:
            yield
        finally:
            _ADDED.reset(token)


def _add(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The hook of every norm: nothing happens unless somebody reads with knowledge."""
    places = _ADDED.get()
    added = None if places is None else places.get(id(module))
    return None if added is None else (inputs[0] + added.to(inputs[0].dtype), *inputs[1:])


def _norms_of(name: str, model: nn.Module) -> tuple[Sequence[tuple[Any, Any]], int]:
    """(norm before attention, norm before FFN) of each block, and the axis of tokens in them."""
    for module in model.modules():
        if isinstance(module, OpenClipTransformer):
            blocks: list[Any] = list(module.resblocks)
            if all(
                isinstance(b, ResidualAttentionBlock | CustomResidualAttentionBlock) for b in blocks
            ):
                return [(b.ln_1, b.ln_2) for b in blocks], 1 if module.batch_first else 0
    blocks = [module for module in model.modules() if isinstance(module, TimmBlock)]
    if blocks:
        return [(block.norm1, block.norm2) for block in blocks], 1
    raise SetupError(
        f"the {name} tower ({type(model).__name__}) has no pre-norm transformer blocks: expected a"
        " transformer of open_clip or a vision transformer of timm"
    )


class TextTower(Tower):
    """The text tower of an open_clip model (CLIP, SigLIP, CoCa)."""

    def __init__(self, clip: nn.Module) -> None:
        """Takes an `open_clip.CLIP`, or a model with a text tower of its own as `.text`."""
        self.clip: Any = clip
        self._flat = isinstance(clip, CLIP)  # keeps the parts of its text tower beside the other
        inside: Any = self.clip.transformer if self._flat else self.clip.text
        super().__init__("text", inside, self._read if self._flat else self.clip.encode_text)

    @property
    def logit_scale(self) -> float:
        """The backbone's frozen factor of cosines."""
        return float(self.clip.logit_scale.detach().exp())

    def trim(self, tokens: Tensor) -> Tensor:
        """Cut the columns behind the last pooled position; under a causal mask they count for nothing."""
        clip = self.clip
        if not self._flat or clip.attn_mask is None:
            return tokens
        if clip.text_pool_type == "argmax":
            ends = tokens.argmax(dim=1)
        elif clip.text_pool_type == "eos":
            ends = (tokens == clip.text_eos_id).int().argmax(dim=1)
        else:
            return tokens
        return tokens[:, : int(ends.max()) + 1]

    def _read(self, tokens: Tensor) -> Tensor:
        """`CLIP.encode_text`, for texts that are cut shorter than its context as well."""
        clip, length = self.clip, tokens.shape[1]
        h: Tensor = clip.token_embedding(tokens) + clip.positional_embedding[:length]  # (B, T, w)
        mask: Tensor | None = clip.attn_mask
        h = clip.transformer(h, attn_mask=None if mask is None else mask[:length, :length])
        pooled: Tensor = text_global_pool(
            clip.ln_final(h), tokens, clip.text_pool_type, eos_token_id=clip.text_eos_id
        )
        projection: Any = clip.text_projection
        if projection is None:
            return pooled
        return projection(pooled) if isinstance(projection, nn.Linear) else pooled @ projection


class VisionTower(Tower):
    """The picture tower of an open_clip model, of open_clip's or timm's making."""

    def __init__(self, clip: nn.Module) -> None:
        visual: Any = clip.visual
        super().__init__("vision", visual, visual)

    def encode_groups(self, pixels: Tensor, added: Added | None = None) -> Tensor:
        """Raw embeddings (B, N, d) of pictures (B, N, 3, s, s), each group read for its own person."""
        people, shown = pixels.shape[:2]
        person = torch.arange(people).repeat_interleave(shown)
        rows = None if added is None else added.rows(person)
        return self.encode(pixels.flatten(0, 1), rows).unflatten(0, (people, shown))

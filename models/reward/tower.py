"""A frozen CLIP tower whose layers can be given personal knowledge (PerFusion Eq. 3 to 5)."""

from __future__ import annotations

from typing import Any

from open_clip.transformer import text_global_pool
from torch import Tensor, nn


class TextTower:
    """The text tower of an open_clip model, read layer by layer.

    One reading of Eq. 5 is fixed: `h + sublayer(LN(h + u))`, the residual taken from h, with separate
    u for attention and FFN. With u = 0 this is bit for bit what the backbone computes.
    """

    def __init__(self, clip: nn.Module) -> None:
        """Takes an `open_clip.CLIP` or a model with such a text tower as `.text`; it is not changed."""
        self.clip = clip
        tower: Any = getattr(clip, "text", clip)
        self._tower = tower
        self._blocks: list[Any] = list(tower.transformer.resblocks)
        self.width: int = int(tower.ln_final.normalized_shape[0])
        self.layers = len(self._blocks)
        self._pool: str = getattr(clip, "text_pool_type", None) or tower.pool_type
        eos = getattr(clip, "text_eos_id", None)
        self._eos: int | None = getattr(tower, "eos_id", None) if eos is None else eos

    @property
    def logit_scale(self) -> float:
        """The backbone's frozen factor of cosines."""
        scale: Any = self.clip.logit_scale
        return float(scale.detach().exp())

    def encode(self, tokens: Tensor, attention: Tensor | None, network: Tensor | None) -> Tensor:
        """Raw text embeddings, (B, d).

        Args:
            tokens: token ids (B, T), T up to the context length.
            attention: knowledge added before the attention of each layer, (B, layers, w) or None.
            network: the same before each layer's FFN.
        """
        tower = self._tower
        length = tokens.shape[1]
        h: Tensor = tower.token_embedding(tokens) + tower.positional_embedding[:length]  # (B, T, w)
        mask: Tensor | None = tower.attn_mask
        mask = None if mask is None else mask[:length, :length].to(h.dtype)
        for layer, block in enumerate(self._blocks):
            seen = h if attention is None else h + attention[:, layer].unsqueeze(1)
            h = h + block.ls_1(block.attention(block.ln_1(seen), attn_mask=mask))
            seen = h if network is None else h + network[:, layer].unsqueeze(1)
            h = h + block.ls_2(block.mlp(block.ln_2(seen)))
        pooled: Tensor = text_global_pool(
            tower.ln_final(h), tokens, self._pool, eos_token_id=self._eos
        )
        projection: Any = tower.text_projection
        if projection is None:
            return pooled
        return projection(pooled) if isinstance(projection, nn.Linear) else pooled @ projection

    def trim(self, tokens: Tensor) -> Tensor:
        """Cut the columns behind the last pooled position; under a causal mask they count for nothing."""
        if self._tower.attn_mask is None:
            return tokens
        if self._pool == "argmax":
            ends = tokens.argmax(dim=1)
        elif self._pool == "eos" and self._eos is not None:
            ends = (tokens == self._eos).int().argmax(dim=1)
        else:
            return tokens
        return tokens[:, : int(ends.max()) + 1]

"""Group preference losses of PerFusionRM (sec. 4.2)."""

from __future__ import annotations

import torch
from torch import Tensor


def group_loss(scores: Tensor, chosen: Tensor, shown: Tensor) -> Tensor:
    """Loss of each group: `-sum[p log q + (1 - p) log(1 - q)]` with p, q of Eq. 7 and 8, in fp32.

    Differs from the paper: Eq. 9 lacks the brackets (as printed it has no lower bound), and
    `log(1 - q_i)` is taken as `logsumexp over j != i - logsumexp over all`, which stays finite where
    q_i is nearly 1. The scores must already carry the backbone's logit scale (Eq. 8 names no
    temperature: bare cosines give an almost uniform q).

    Args:
        scores: (B, N) logits.
        chosen: (B, N), true where the item was chosen.
        shown: (B, N), false for padding.

    Returns:
        (B,) losses; exactly 0 for a group in which nothing was chosen (Eq. 7 would divide by zero) or
        with fewer than two items. For two items it is `2 softplus(-delta)`; a tie costs `2 log 2` at
        least.
    """
    scores, n = scores.float(), scores.shape[1]
    labels = (chosen & shown).float()
    picked = labels.sum(dim=1)
    counts = (picked > 0) & (shown.sum(dim=1) > 1)
    # Groups that do not count are replaced by harmless ones, so that no NaN enters the gradient.
    usable = shown | ~counts.unsqueeze(1)
    logits = torch.where(counts.unsqueeze(1), scores, torch.zeros_like(scores))
    logits = logits.masked_fill(~usable, float("-inf"))
    whole = logits.logsumexp(dim=1, keepdim=True)  # (B, 1)
    log_q = logits - whole
    itself = torch.eye(n, dtype=torch.bool, device=scores.device)
    others = logits.unsqueeze(1).masked_fill(itself, float("-inf")).logsumexp(dim=2)  # (B, N)
    log_rest = others - whole
    p = labels / picked.clamp(min=1).unsqueeze(1)
    terms = p * log_q.masked_fill(~usable, 0.0) + (1 - p) * log_rest.masked_fill(~usable, 0.0)
    return torch.where(counts, -terms.sum(dim=1), torch.zeros_like(picked))


def mean_group_loss(scores: Tensor, chosen: Tensor, shown: Tensor) -> Tensor:
    """Mean over the groups that count; 0 if none does."""
    losses = group_loss(scores, chosen, shown)
    counts = (chosen & shown).any(dim=1) & (shown.sum(dim=1) > 1)
    return losses.sum() / counts.sum().clamp(min=1)

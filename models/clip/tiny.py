"""A CLIP of open_clip's make that is trained in a minute: for oracle worlds, where the answers are known.

Both towers are transformers of one width; words are its tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.model import CLIP
from torch import Tensor
from torch.nn import functional as F

from vitrine.core.ports import Floats
from vitrine.models.clip.evaluate import embed_pictures
from vitrine.models.dataset import to_tensor
from vitrine.models.training import Recipe, choose_device, fit

CONTEXT, DIM, WIDTH, LAYERS, GRID = 12, 32, 64, 2, 4


class TinyClip:
    """Model and tokenizer."""

    def __init__(self, words: Sequence[str], side: int, *, seed: int) -> None:
        """`words`: all texts that it will know the words of; `side` of pictures, px."""
        known = sorted({word for text in words for word in text.lower().split()})
        self._rows = {word: row for row, word in enumerate(known, start=2)}  # 0 padding, 1 unknown
        self._end = len(known) + 2
        torch.manual_seed(seed)
        vision = {"image_size": side, "patch_size": side // GRID, "width": WIDTH,
                  "layers": LAYERS, "head_width": 32, "pool_type": "avg"}  # fmt: skip
        text = {"context_length": CONTEXT, "vocab_size": self._end + 1, "width": WIDTH,
                "heads": 2, "layers": LAYERS}  # fmt: skip
        self.model = CLIP(DIM, vision, text)  # pyright: ignore[reportArgumentType]

    def tokenize(self, texts: Sequence[str]) -> Tensor:
        """Token ids (n, CONTEXT), the end token highest; longer texts are cut."""
        rows = torch.zeros(len(texts), CONTEXT, dtype=torch.long)
        for row, text in enumerate(texts):
            words = [self._rows.get(word, 1) for word in text.lower().split()][: CONTEXT - 1]
            rows[row, : len(words) + 1] = torch.tensor([*words, self._end])
        return rows

    def embed_texts(self, texts: Sequence[str]) -> Floats:
        """Raw text embeddings, (n, d)."""
        with torch.no_grad():
            return self.model.encode_text(self.tokenize(texts)).numpy()

    def embed_pictures(self, pictures: NDArray[np.uint8]) -> Floats:
        """Raw embeddings (n, d) of pictures (n, s, s, 3)."""
        return embed_pictures(self.model, pictures)

    def learn(
        self,
        pictures: NDArray[np.uint8],
        texts: Sequence[Sequence[str]],
        *,
        folder: Path,
        steps: int,
        batch: int = 96,
        seed: int = 0,
    ) -> None:
        """Contrastive training; equal texts of a batch are positives of each other's pictures.

        Args:
            pictures: (n, s, s, 3).
            texts: those that are true of each picture; one is drawn each time.
            folder: where the checkpoint lies; what was learned there before counts.
        """

        def loss(step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
            rows: list[int] = torch.randint(len(pictures), (batch,), generator=generator).tolist()
            picks: list[float] = torch.rand(batch, generator=generator).tolist()
            told = [texts[r][int(p * len(texts[r]))] for r, p in zip(rows, picks, strict=True)]
            same = torch.tensor([[float(a == b) for b in told] for a in told])
            images = F.normalize(self.model.encode_image(to_tensor(pictures[rows])).float(), dim=1)
            said = F.normalize(self.model.encode_text(self.tokenize(told)).float(), dim=1)
            logits = self.model.logit_scale.exp().clamp(max=50.0) * said @ images.T
            goal = same / same.sum(dim=1, keepdim=True)
            value = -(goal * logits.log_softmax(1)).sum(1).mean()
            value = value - (goal * logits.T.log_softmax(1)).sum(1).mean()
            return value, {}

        recipe = Recipe(steps=steps, lr=2e-3, ema=0.99, precision="no", seed=seed)
        device = choose_device("cpu")
        fitted = fit(self.model, loss, recipe, folder=folder, device=device, resume=True)
        self.model.load_state_dict(dict(fitted.ema))
        self.model.requires_grad_(False).eval()

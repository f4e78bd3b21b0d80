"""The frozen denoiser under the conditions of I-AM-G: what its prediction misses, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import DDPMScheduler
from torch import Tensor
from torch.nn import functional as F

from vitrine.models.diffusion.pipeline import RowwisePipeline, load_pipeline
from vitrine.models.diffusion.train import MIN_SNR
from vitrine.models.interest.branches import Branches, install


@dataclass
class Painter:
    """The frozen parts: what the denoiser makes of latents under the conditions of a row."""

    pipeline: RowwisePipeline
    branches: Branches
    signal: Tensor
    device: torch.device

    @staticmethod
    def load(folder: Path, device: torch.device) -> Painter:
        """A pipeline folder with its adapter, frozen, with the three branches in it."""
        pipeline = load_pipeline(folder)
        pipeline.to(device)
        for part in (pipeline.unet, pipeline.text_encoder, pipeline.vae):
            part.requires_grad_(False).eval()
        noise = DDPMScheduler.from_config(pipeline.scheduler.config)
        signal = noise.alphas_cumprod.to(device)  # pyright: ignore
        return Painter(pipeline, install(pipeline.unet), signal, device)

    @property
    def side(self) -> int:
        """Side of the pictures that it draws, px."""
        return int(self.pipeline.unet.config["sample_size"]) * self.pipeline.vae_scale_factor

    @torch.no_grad()
    def states(self, texts: Sequence[str]) -> Tensor:
        """Text states of the pipeline's own encoder, (B, T, c)."""
        tokens = self.pipeline.tokenizer(
            list(texts),
            padding="max_length",
            truncation=True,
            max_length=self.pipeline.tokenizer.model_max_length,
            return_tensors="pt",
        )
        return self.pipeline.text_encoder(tokens.input_ids.to(self.device)).last_hidden_state

    def errors(
        self,
        latents: Tensor,
        noise: Tensor,
        time: Tensor,
        states: Tensor,
        image: Tensor,
        interest: Tensor | None,
        interest_scale: float,
    ) -> tuple[Tensor, Tensor]:
        """Squared errors of the prediction and their min-SNR weights, (B,) each.

        Args:
            latents, noise: (B, c, h, w). time: (B,). image, interest: raw embeddings (B, d), zeros
                are the null; interest None: no third branch.
        """
        kept = self.signal[time][:, None, None, None]
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        velocity = self.pipeline.scheduler.config["prediction_type"] == "v_prediction"
        goal = kept.sqrt() * noise - (1 - kept).sqrt() * latents if velocity else noise
        with self.branches.attending(interest, copies=(False,), interest_scale=interest_scale):
            guess = self.pipeline.unet(
                noisy, time, states, added_cond_kwargs={"image_embeds": [image[:, None]]},
                return_dict=False,
            )[0]  # fmt: skip
        error = F.mse_loss(guess.float(), goal, reduction="none").mean((1, 2, 3))
        ratio = kept.flatten() / (1 - kept.flatten()).clamp(min=1e-6)
        weight = ratio.clamp(max=MIN_SNR) / (ratio + 1 if velocity else ratio.clamp(min=1e-6))
        return error, weight.clamp(min=0.1)
